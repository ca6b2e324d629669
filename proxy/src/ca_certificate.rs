//! What is read of an authority's certificate, and a leaf that carries its name exactly as it stands there.
//!
//! The library that makes certificates keeps a name as a map and so loses the second `DC` or `OU` of an organisation's
//! authority; clients compare names byte for byte.

#![expect(clippy::redundant_closure_for_method_calls, reason = "the methods alone are not general enough in lifetimes")]

use jiff::Timestamp;
use rcgen::{KeyPair, SigningKey as _};
use rustls_pki_types::CertificateDer;
use yasna::tags::{TAG_BMPSTRING, TAG_UTCTIME};
use yasna::{ASN1Error, ASN1ErrorKind, ASN1Result, BERReader, BERReaderSeq, Tag};

use crate::CaError;

const COMMON_NAME: &[u64] = &[2, 5, 4, 3];
const SUBJECT_KEY_IDENTIFIER: &[u64] = &[2, 5, 29, 14];
const KEY_USAGE: &[u64] = &[2, 5, 29, 15];
const BASIC_CONSTRAINTS: &[u64] = &[2, 5, 29, 19];
/// Bit 5, counted from the left (RFC 5280 §4.2.1.3).
const KEY_CERT_SIGN: u8 = 0b0000_0100;
/// Where the issuer stands in what is signed: after version, serial number and algorithm (RFC 5280 §4.1).
const ISSUER: usize = 3;

/// What an authority's certificate says.
pub(crate) struct CaCertificate {
    /// Its subject, which its leaves name as their issuer; DER.
    pub(crate) subject: Vec<u8>,
    /// The same for people: its common name, or all that is in it.
    pub(crate) name: String,
    /// By which its leaves refer to its key, if it says.
    pub(crate) key_identifier: Option<Vec<u8>>,
    /// Its public key with its algorithm; DER.
    pub(crate) spki: Vec<u8>,
    /// The public key alone.
    pub(crate) public_key: Vec<u8>,
    /// From when it is good.
    pub(crate) starts: Timestamp,
    /// Until when.
    pub(crate) expires: Timestamp,
    /// Whether it may make certificates at all.
    pub(crate) may_sign: bool,
}

struct Extension {
    id: Vec<u64>,
    value: Vec<u8>,
}

impl CaCertificate {
    /// Reads a certificate.
    pub(crate) fn read(certificate: &CertificateDer<'_>) -> Result<Self, CaError> {
        yasna::parse_der(certificate, |reader| {
            reader.read_sequence(|certificate| {
                let signed = certificate.next().read_sequence(signed)?;
                certificate.next().read_der()?;
                certificate.next().read_der()?;
                Ok(signed)
            })
        })
        .map_err(|_| CaError::CertificateUnreadable)
    }
}

/// `leaf` with `subject` as its issuer, signed again by `key`, unless it names it already.
pub(crate) fn issued_by(
    subject: &[u8],
    key: &KeyPair,
    leaf: CertificateDer<'static>,
) -> Result<CertificateDer<'static>, CaError> {
    let (mut signed, algorithm) = yasna::parse_der(&leaf, |reader| {
        reader.read_sequence(|certificate| {
            let signed = certificate.next().collect_sequence_of(|field| field.read_der())?;
            let algorithm = certificate.next().read_der()?;
            certificate.next().read_der()?;
            Ok((signed, algorithm))
        })
    })
    .map_err(|_| CaError::CertificateUnreadable)?;
    match signed.get_mut(ISSUER) {
        Some(issuer) if issuer == subject => return Ok(leaf),
        Some(issuer) => *issuer = subject.to_vec(),
        None => return Err(CaError::CertificateUnreadable),
    }
    let signed = yasna::construct_der(|writer| {
        writer.write_sequence(|writer| signed.iter().for_each(|field| writer.next().write_der(field)));
    });
    let signature = key.sign(&signed).map_err(CaError::Make)?;
    let whole = yasna::construct_der(|writer| {
        writer.write_sequence(|writer| {
            writer.next().write_der(&signed);
            writer.next().write_der(&algorithm);
            writer.next().write_bitvec_bytes(&signature, signature.len() * 8);
        });
    });
    Ok(CertificateDer::from(whole))
}

/// What of a certificate is signed: all that it says.
fn signed(fields: &mut BERReaderSeq<'_, '_>) -> ASN1Result<CaCertificate> {
    fields.read_optional(|version| version.read_tagged(Tag::context(0), |field| field.read_u8()))?;
    for _before_validity in ["serial number", "algorithm", "issuer"] {
        fields.next().read_der()?;
    }
    let (starts, expires) =
        fields.next().read_sequence(|validity| Ok((time(validity.next())?, time(validity.next())?)))?;
    let subject = fields.next().read_der()?;
    let spki = fields.next().read_der()?;
    for identifier in [1, 2] {
        fields.read_optional(|old| {
            old.read_tagged_implicit(Tag::context(identifier), |field| field.read_bitvec_bytes())
        })?;
    }
    let extensions = fields.read_optional(|extensions| {
        extensions.read_tagged(Tag::context(3), |extensions| extensions.collect_sequence_of(extension))
    })?;
    let extensions = extensions.unwrap_or_default();
    let find = |id: &[u64]| extensions.iter().find(|extension| extension.id == id).map(|found| found.value.as_slice());
    let key_identifier =
        find(SUBJECT_KEY_IDENTIFIER).map(|value| yasna::parse_der(value, |field| field.read_bytes())).transpose()?;
    let is_authority = find(BASIC_CONSTRAINTS).map(is_authority).transpose()?.unwrap_or(false);
    let usage = find(KEY_USAGE).map(|value| yasna::parse_der(value, |field| field.read_bitvec_bytes())).transpose()?;
    // Without the extension the key may be used for everything.
    let key_may = usage.is_none_or(|(bits, _)| bits.first().is_some_and(|bits| bits & KEY_CERT_SIGN != 0));
    let public_key = yasna::parse_der(&spki, |reader| {
        reader.read_sequence(|spki| {
            spki.next().read_der()?;
            Ok(spki.next().read_bitvec_bytes()?.0)
        })
    })?;
    Ok(CaCertificate {
        name: name(&subject)?,
        subject,
        key_identifier,
        spki,
        public_key,
        starts,
        expires,
        may_sign: is_authority && key_may,
    })
}

fn extension(reader: BERReader<'_, '_>) -> ASN1Result<Extension> {
    reader.read_sequence(|extension| {
        let id = extension.next().read_oid()?.into_components();
        extension.read_default(false, |field| field.read_bool())?;
        Ok(Extension { id, value: extension.next().read_bytes()? })
    })
}

fn is_authority(value: &[u8]) -> ASN1Result<bool> {
    yasna::parse_der(value, |reader| {
        reader.read_sequence(|constraints| {
            let is_authority = constraints.read_default(false, |field| field.read_bool())?;
            constraints.read_optional(|field| field.read_u64())?;
            Ok(is_authority)
        })
    })
}

fn time(reader: BERReader<'_, '_>) -> ASN1Result<Timestamp> {
    let seconds = if reader.lookahead_tag()? == TAG_UTCTIME {
        reader.read_utctime()?.datetime().unix_timestamp()
    } else {
        reader.read_generalized_time()?.datetime().unix_timestamp()
    };
    Timestamp::from_second(seconds).map_err(|_| ASN1Error::new(ASN1ErrorKind::Invalid))
}

/// A name for people: the common name, or everything that is in it.
fn name(subject: &[u8]) -> ASN1Result<String> {
    let attributes = yasna::parse_der(subject, |name| {
        name.collect_sequence_of(|set| {
            set.collect_set_of(|attribute| {
                attribute.read_sequence(|attribute| {
                    Ok((attribute.next().read_oid()?.into_components(), attribute.next().read_tagged_der()?))
                })
            })
        })
    })?;
    let texts: Vec<(Vec<u64>, String)> =
        attributes.into_iter().flatten().map(|(kind, value)| (kind, text(value.tag(), value.value()))).collect();
    let common = texts.iter().rev().find(|(kind, _)| kind == COMMON_NAME).map(|(_, text)| text.clone());
    Ok(common.unwrap_or_else(|| texts.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>().join(", ")))
}

fn text(tag: Tag, bytes: &[u8]) -> String {
    let text = if tag == TAG_BMPSTRING {
        let (pairs, _) = bytes.as_chunks::<2>();
        String::from_utf16_lossy(&pairs.iter().map(|pair| u16::from_be_bytes(*pair)).collect::<Vec<_>>())
    } else {
        String::from_utf8_lossy(bytes).into_owned()
    };
    // It is shown on terminals.
    text.chars().filter(|character| !character.is_control()).collect()
}
