//! The run's own certificate authority, and the leaf certificates it makes for each host on the fly.
//!
//! Its key is made at start, lives in memory only and dies with the process: nobody can be asked to trust it for
//! longer than the run.

use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use data_encoding::BASE64;
use jiff::{SignedDuration, Timestamp};
use model::Clock;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PublicKeyData as _, SanType, SerialNumber,
};
use rustls::ServerConfig;
use rustls::server::{NoServerSessionStorage, ProducesTickets};
use rustls::sign::{CertifiedKey, SigningKey, SingleCertAndKey};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;

use crate::ProxyError;
use crate::leaf_cache::LeafCache;
use crate::roots::crypto;

/// Clocks differ: a client two days behind still accepts what we make. It counts towards the leaf's lifetime.
const BACKDATED: SignedDuration = SignedDuration::from_hours(2 * 24);
/// With the two days before, 80 in all: browsers refuse leaves of more than 200 days, soon of more than 100.
const LEAF_LASTS: SignedDuration = SignedDuration::from_hours(78 * 24);
/// Longer than any run, so that every leaf lies within it.
const CA_LASTS: SignedDuration = SignedDuration::from_hours(366 * 24);
/// Far below [`LEAF_LASTS`], so that no expired leaf is ever served.
const LEAF_CACHED: SignedDuration = SignedDuration::from_hours(24);

/// Makes certificates that the run's clients trust.
pub(crate) struct Authority {
    clock: Clock,
    certificate: CertificateDer<'static>,
    pem: String,
    spki_sha256: String,
    issuer: Issuer<'static, KeyPair>,
    expires: Timestamp,
    /// One key for every leaf: making one costs more than the rest of a connection.
    leaf_key: KeyPair,
    leaf_signer: Arc<dyn SigningKey>,
    tickets: Arc<dyn ProducesTickets>,
    serials: AtomicU64,
    cache: Mutex<LeafCache>,
}

impl Authority {
    /// A new authority with a key of its own.
    pub(crate) fn new(clock: Clock) -> Result<Self, ProxyError> {
        let key = KeyPair::generate().map_err(ProxyError::Authority)?;
        let spki = Sha256::digest(key.subject_public_key_info());
        let now = clock.now();
        let expires = later(now, CA_LASTS)?;

        let mut params = CertificateParams::default();
        // The name is unlike that of any other run's: clients keep issuers apart by name and serial number.
        let name = format!("cprvagt {}", data_encoding::HEXLOWER.encode(spki.get(..6).unwrap_or_default()));
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.not_before = date(later(now, -BACKDATED)?)?;
        params.not_after = date(expires)?;
        params.serial_number = Some(serial(&spki, 0));
        let certificate = params.self_signed(&key).map_err(ProxyError::Authority)?;

        let leaf_key = KeyPair::generate().map_err(ProxyError::Authority)?;
        let secret = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(leaf_key.serialize_der()));
        Ok(Self {
            clock,
            pem: certificate.pem(),
            certificate: certificate.der().clone(),
            spki_sha256: BASE64.encode(&spki),
            issuer: Issuer::new(params, key),
            expires,
            leaf_signer: crypto().key_provider.load_private_key(secret)?,
            leaf_key,
            tickets: rustls::crypto::aws_lc_rs::Ticketer::new()?,
            serials: AtomicU64::new(1),
            cache: Mutex::new(LeafCache::default()),
        })
    }

    /// The authority's certificate.
    pub(crate) fn certificate(&self) -> &CertificateDer<'static> {
        &self.certificate
    }

    /// The same as PEM.
    pub(crate) fn pem(&self) -> &str {
        &self.pem
    }

    /// Base64 of the SHA-256 of its public key, as `--ignore-certificate-errors-spki-list` takes it.
    pub(crate) fn spki_sha256(&self) -> &str {
        &self.spki_sha256
    }

    /// How to answer a client that wants `name`, speaking `alpn`. Shared between connections, so that sessions resume.
    pub(crate) fn server_config(
        &self,
        name: &ServerName<'_>,
        alpn: Option<&[u8]>,
    ) -> Result<Arc<ServerConfig>, ProxyError> {
        let now = self.clock.now();
        // Held while the leaf is made (some 50 us), so that a burst of connections to a new host makes one.
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (name.to_str().to_lowercase(), alpn.map(<[u8]>::to_vec));
        if let Some(config) = cache.find(&key, now) {
            return Ok(config);
        }
        let chain = vec![self.leaf(name, now)?, self.certificate.clone()];
        let certified = CertifiedKey::new(chain, Arc::clone(&self.leaf_signer));
        let mut config = ServerConfig::builder_with_provider(crypto())
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(SingleCertAndKey::from(certified)));
        config.alpn_protocols = alpn.map(<[u8]>::to_vec).into_iter().collect();
        config.ticketer = Arc::clone(&self.tickets);
        config.session_storage = Arc::new(NoServerSessionStorage {});
        let config = Arc::new(config);
        cache.keep(key, Arc::clone(&config), later(now, LEAF_CACHED)?);
        Ok(config)
    }

    fn leaf(&self, name: &ServerName<'_>, now: Timestamp) -> Result<CertificateDer<'static>, ProxyError> {
        let mut params = CertificateParams::default();
        // No common name: it is at most 64 characters long, and nobody reads it.
        params.distinguished_name = DistinguishedName::new();
        params.subject_alt_names = vec![match name {
            ServerName::IpAddress(address) => SanType::IpAddress(IpAddr::from(*address)),
            _ => SanType::DnsName(name.to_str().as_ref().try_into().map_err(ProxyError::Authority)?),
        }];
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        params.not_before = date(later(now, -BACKDATED)?)?;
        params.not_after = date(later(now, LEAF_LASTS)?.min(self.expires))?;
        let number = self.serials.fetch_add(1, Ordering::Relaxed);
        params.serial_number = Some(serial(&Sha256::digest(&self.certificate), number));
        let leaf = params.signed_by(&self.leaf_key, &self.issuer).map_err(ProxyError::Authority)?;
        Ok(leaf.der().clone())
    }
}

/// A positive number of 16 bytes, another one for each `number`. All leaves share one key, and the library's default
/// derives the serial number from the key: Firefox refuses a second certificate with the same one.
fn serial(salt: &[u8], number: u64) -> SerialNumber {
    let mut digest = Sha256::new();
    digest.update(salt);
    digest.update(number.to_be_bytes());
    let mut bytes: Vec<u8> = digest.finalize().into_iter().take(16).collect();
    if let Some(first) = bytes.first_mut() {
        *first = (*first & 0x3f) | 0x40;
    }
    SerialNumber::from(bytes)
}

fn later(time: Timestamp, by: SignedDuration) -> Result<Timestamp, ProxyError> {
    time.checked_add(by).map_err(|_| ProxyError::Clock(time))
}

fn date(time: Timestamp) -> Result<OffsetDateTime, ProxyError> {
    OffsetDateTime::from_unix_timestamp(time.as_second()).map_err(|_| ProxyError::Clock(time))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use rustls::RootCertStore;
    use rustls::client::WebPkiServerVerifier;
    use rustls::client::danger::ServerCertVerifier as _;
    use rustls_pki_types::UnixTime;

    use super::*;

    fn authority() -> Authority {
        Authority::new(Clock::fixed("2026-11-22T04:00:00Z".parse().unwrap())).unwrap()
    }

    fn name(text: &str) -> ServerName<'static> {
        ServerName::try_from(text.to_owned()).unwrap()
    }

    /// Whether a client that trusts `authority` takes its leaf for `made_for` as one for `wanted`, at `time`.
    fn accepted(authority: &Authority, made_for: &str, wanted: &str, time: &str) -> bool {
        let time: Timestamp = time.parse().unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(authority.certificate().clone()).unwrap();
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), crypto()).build().unwrap();
        let leaf = authority.leaf(&name(made_for), authority.clock.now()).unwrap();
        let seconds = std::time::Duration::from_secs(time.as_second().try_into().unwrap());
        verifier.verify_server_cert(&leaf, &[], &name(wanted), &[], UnixTime::since_unix_epoch(seconds)).is_ok()
    }

    const NOW: &str = "2026-11-22T04:00:00Z";

    #[test]
    fn a_leaf_is_good_for_its_host_alone() {
        let authority = authority();
        assert!(accepted(&authority, "www.skat.test", "www.skat.test", NOW));
        assert!(!accepted(&authority, "www.skat.test", "skat.test", NOW));
        let long = format!("{}.{}.test", "a".repeat(63), "b".repeat(60));
        assert!(accepted(&authority, &long, &long, NOW));
    }

    #[test]
    fn an_address_has_a_leaf_too() {
        let authority = authority();
        assert!(accepted(&authority, "127.0.0.1", "127.0.0.1", NOW));
        assert!(accepted(&authority, "::1", "::1", NOW));
        assert!(!accepted(&authority, "127.0.0.1", "127.0.0.2", NOW));
    }

    #[test]
    fn a_leaf_lasts_from_two_days_ago_for_at_most_ninety() {
        let authority = authority();
        assert!(accepted(&authority, "a.test", "a.test", "2026-11-20T05:00:00Z"));
        assert!(!accepted(&authority, "a.test", "a.test", "2026-11-20T03:00:00Z"));
        assert!(!accepted(&authority, "a.test", "a.test", "2027-02-19T00:00:00Z"));
    }

    #[test]
    fn no_two_serial_numbers_are_the_same() {
        let serials: BTreeSet<Vec<u8>> = (0..1000).map(|number| serial(b"salt", number).to_bytes()).collect();
        assert_eq!(serials.len(), 1000);
        assert!(serials.iter().all(|serial| serial.len() == 16 && serial[0] < 0x80));
    }

    #[test]
    fn a_host_and_protocol_share_one_config() {
        let authority = authority();
        let first = authority.server_config(&name("a.test"), Some(b"h2")).unwrap();
        assert!(Arc::ptr_eq(&first, &authority.server_config(&name("A.test"), Some(b"h2")).unwrap()));
        assert!(!Arc::ptr_eq(&first, &authority.server_config(&name("a.test"), None).unwrap()));
        assert_eq!(first.alpn_protocols, vec![b"h2".to_vec()]);
    }
}
