//! A PKCS #12 file with trusted certificates and no key, as Java reads trust stores (RFC 7292).
//!
//! Certificates are public, so nothing in it is encrypted. Java wants a password nevertheless, for the check that the
//! file is whole.

use hmac::{Hmac, Mac as _};
use rustls_pki_types::CertificateDer;
use sha2::{Digest as _, Sha256};
use yasna::models::ObjectIdentifier;
use yasna::{DERWriter, Tag};

/// Opens the trust store: what Java's own opens with. It keeps nothing secret.
pub const TRUST_STORE_PASSWORD: &str = "changeit";

const DATA: &[u64] = &[1, 2, 840, 113_549, 1, 7, 1];
const CERTIFICATE_BAG: &[u64] = &[1, 2, 840, 113_549, 1, 12, 10, 1, 3];
const X509_CERTIFICATE: &[u64] = &[1, 2, 840, 113_549, 1, 9, 22, 1];
const FRIENDLY_NAME: &[u64] = &[1, 2, 840, 113_549, 1, 9, 20];
/// Java's own mark of a certificate that is trusted, and not merely there.
const TRUSTED_KEY_USAGE: &[u64] = &[2, 16, 840, 1, 113_894, 746_875, 1, 1];
const ANY_USAGE: &[u64] = &[2, 5, 29, 37, 0];
const SHA256: &[u64] = &[2, 16, 840, 1, 101, 3, 4, 2, 1];
/// What Java's own tool writes today.
const ITERATIONS: u32 = 10_000;
/// Bytes that SHA-256 takes at a time; the key's material is filled up to a multiple of it.
const BLOCK: usize = 64;
/// The key is for the check of the whole (RFC 7292 §B.3).
const FOR_MAC: u8 = 3;
const SALT_BYTES: usize = 16;

/// A trust store with each of `trusted` under its name, opened by `password`. The same input gives the same bytes.
pub(crate) fn trust_store(trusted: &[(String, &CertificateDer<'_>)], password: &str) -> Vec<u8> {
    let safe = data(&bags(trusted));
    let content = yasna::construct_der(|writer| writer.write_sequence(|writer| writer.next().write_der(&safe)));
    // The password is no secret, and neither need the salt be.
    let salt: Vec<u8> = Sha256::digest(&content).into_iter().take(SALT_BYTES).collect();
    let check = check(&content, &key(password, &salt));
    yasna::construct_der(|writer| {
        writer.write_sequence(|writer| {
            writer.next().write_u8(3);
            writer.next().write_der(&data(&content));
            writer.next().write_sequence(|writer| {
                writer.next().write_sequence(|writer| {
                    writer.next().write_sequence(|writer| {
                        id(writer.next(), SHA256);
                        writer.next().write_null();
                    });
                    writer.next().write_bytes(&check);
                });
                writer.next().write_bytes(&salt);
                writer.next().write_u32(ITERATIONS);
            });
        });
    })
}

fn bags(trusted: &[(String, &CertificateDer<'_>)]) -> Vec<u8> {
    let bag = |writer: DERWriter<'_>, certificate: &[u8]| {
        writer.write_sequence(|writer| {
            id(writer.next(), X509_CERTIFICATE);
            writer.next().write_tagged(Tag::context(0), |writer| writer.write_bytes(certificate));
        });
    };
    yasna::construct_der(|writer| {
        writer.write_sequence(|writer| {
            for (alias, certificate) in trusted {
                writer.next().write_sequence(|writer| {
                    id(writer.next(), CERTIFICATE_BAG);
                    writer.next().write_tagged(Tag::context(0), |writer| bag(writer, certificate));
                    writer.next().write_set_of(|writer| {
                        attribute(writer.next(), FRIENDLY_NAME, |writer| writer.write_bmp_string(alias));
                        attribute(writer.next(), TRUSTED_KEY_USAGE, |writer| id(writer, ANY_USAGE));
                    });
                });
            }
        });
    })
}

fn data(content: &[u8]) -> Vec<u8> {
    yasna::construct_der(|writer| {
        writer.write_sequence(|writer| {
            id(writer.next(), DATA);
            writer.next().write_tagged(Tag::context(0), |writer| writer.write_bytes(content));
        });
    })
}

fn attribute(writer: DERWriter<'_>, kind: &[u64], value: impl FnOnce(DERWriter<'_>)) {
    writer.write_sequence(|writer| {
        id(writer.next(), kind);
        writer.next().write_set_of(|writer| value(writer.next()));
    });
}

fn id(writer: DERWriter<'_>, components: &[u64]) {
    writer.write_oid(&ObjectIdentifier::from_slice(components));
}

/// The key that a password stands for (RFC 7292 §B.2); 32 bytes, so that one round is enough.
fn key(password: &str, salt: &[u8]) -> Vec<u8> {
    let text: Vec<u8> = password.encode_utf16().chain([0]).flat_map(u16::to_be_bytes).collect();
    let mut hash = Sha256::new();
    hash.update([FOR_MAC; BLOCK]);
    for material in [salt, &text] {
        let whole = material.len().div_ceil(BLOCK) * BLOCK;
        hash.update(material.iter().copied().cycle().take(whole).collect::<Vec<u8>>());
    }
    let mut key = hash.finalize();
    for _ in 1..ITERATIONS {
        key = Sha256::digest(key);
    }
    key.to_vec()
}

fn check(content: &[u8], key: &[u8]) -> Vec<u8> {
    // A key of any length is taken.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return Vec::new() };
    mac.update(content);
    mac.finalize().into_bytes().to_vec()
}
