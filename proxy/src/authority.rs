//! Makes the leaf certificates for each host on the fly, signed by a certificate authority.

use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use model::Clock;
use rcgen::{
    CertificateParams, DistinguishedName, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose, PublicKeyData as _,
    SanType,
};
use rustls::ServerConfig;
use rustls::server::{NoServerSessionStorage, ProducesTickets};
use rustls::sign::{CertifiedKey, SigningKey, SingleCertAndKey};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use sha2::{Digest as _, Sha256};

use crate::ca::{BACKDATED, Ca, date, later, serial};
use crate::leaf_cache::LeafCache;
use crate::roots::crypto;
use crate::{AuthorityChoice, CaError, ProxyError};

/// With the two days before, 80 in all: browsers refuse leaves of more than 200 days, soon of more than 100.
const LEAF_LASTS: SignedDuration = SignedDuration::from_hours(78 * 24);
/// Far below [`LEAF_LASTS`], so that no expired leaf is ever served.
const LEAF_CACHED: SignedDuration = SignedDuration::from_hours(24);
/// A leaf that ends with its authority is not kept to its last minute.
const DIES_BEFORE: SignedDuration = SignedDuration::from_hours(1);

/// Makes certificates that the proxy's clients trust.
pub(crate) struct Authority {
    clock: Clock,
    ca: Ca,
    is_kept: bool,
    /// One key for every leaf: making one costs more than the rest of a connection.
    leaf_key: KeyPair,
    leaf_signer: Arc<dyn SigningKey>,
    tickets: Arc<dyn ProducesTickets>,
    serial_salt: Vec<u8>,
    serials: AtomicU64,
    cache: Mutex<LeafCache>,
}

impl Authority {
    /// Makes leaves signed by what was chosen, with a key of its own for them.
    pub(crate) fn new(clock: Clock, choice: AuthorityChoice) -> Result<Self, ProxyError> {
        let is_kept = matches!(choice, AuthorityChoice::Kept(_));
        let ca = match choice {
            AuthorityChoice::ForThisRun => Ca::for_this_run(&clock)?,
            AuthorityChoice::Kept(ca) => ca,
        };
        let leaf_key = KeyPair::generate().map_err(CaError::Make)?;
        let secret = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(leaf_key.serialize_der()));
        // A kept authority signs for many runs, each of which counts from 1; their leaf keys differ.
        let serial_salt = Sha256::new().chain_update(ca.certificate()).chain_update(leaf_key.subject_public_key_info());
        Ok(Self {
            clock,
            ca,
            is_kept,
            leaf_signer: crypto().key_provider.load_private_key(secret)?,
            leaf_key,
            tickets: rustls::crypto::aws_lc_rs::Ticketer::new()?,
            serial_salt: serial_salt.finalize().to_vec(),
            serials: AtomicU64::new(1),
            cache: Mutex::new(LeafCache::default()),
        })
    }

    /// Who signs.
    pub(crate) fn ca(&self) -> &Ca {
        &self.ca
    }

    /// Whether it outlives the run, so that trusting it is worth while.
    pub(crate) fn is_kept(&self) -> bool {
        self.is_kept
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
        let ends = self.leaf_ends(now)?;
        let chain = std::iter::once(self.leaf(name, now)?).chain(self.ca.chain().iter().cloned()).collect();
        let certified = CertifiedKey::new(chain, Arc::clone(&self.leaf_signer));
        let mut config = ServerConfig::builder_with_provider(crypto())
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(SingleCertAndKey::from(certified)));
        config.alpn_protocols = alpn.map(<[u8]>::to_vec).into_iter().collect();
        config.ticketer = Arc::clone(&self.tickets);
        config.session_storage = Arc::new(NoServerSessionStorage {});
        let config = Arc::new(config);
        cache.keep(key, Arc::clone(&config), later(now, LEAF_CACHED)?.min(later(ends, -DIES_BEFORE)?));
        Ok(config)
    }

    fn leaf(&self, name: &ServerName<'_>, now: Timestamp) -> Result<CertificateDer<'static>, CaError> {
        let mut params = CertificateParams::default();
        // No common name: it is at most 64 characters long, and nobody reads it.
        params.distinguished_name = DistinguishedName::new();
        params.subject_alt_names = vec![match name {
            ServerName::IpAddress(address) => SanType::IpAddress(IpAddr::from(*address)),
            _ => SanType::DnsName(name.to_str().as_ref().try_into().map_err(CaError::Make)?),
        }];
        // The explicit form would add an identifier of the leaf's own key, which clients on
        // Windows (SChannel) have been seen to refuse.
        params.is_ca = IsCa::NoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.not_before = date(later(now, -BACKDATED)?.max(self.ca.starts()))?;
        params.not_after = date(self.leaf_ends(now)?)?;
        let number = self.serials.fetch_add(1, Ordering::Relaxed);
        params.serial_number = Some(serial(&self.serial_salt, number));
        self.ca.sign(params, &self.leaf_key)
    }

    /// When a leaf made now ends: never after its authority.
    fn leaf_ends(&self, now: Timestamp) -> Result<Timestamp, CaError> {
        let ends = self.ca.expires();
        if ends <= now { Err(CaError::Expired(ends)) } else { Ok(later(now, LEAF_LASTS)?.min(ends)) }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use rustls::RootCertStore;
    use rustls::client::WebPkiServerVerifier;
    use rustls::client::danger::ServerCertVerifier as _;
    use rustls_pki_types::UnixTime;

    use super::*;
    use crate::ca_certificate::CaCertificate;

    fn authority() -> Authority {
        Authority::new(Clock::fixed(NOW.parse().unwrap()), AuthorityChoice::ForThisRun).unwrap()
    }

    fn name(text: &str) -> ServerName<'static> {
        ServerName::try_from(text.to_owned()).unwrap()
    }

    /// Whether a client that trusts `authority` takes its leaf for `made_for` as one for `wanted`, at `time`.
    fn accepted(authority: &Authority, made_for: &str, wanted: &str, time: &str) -> bool {
        let time: Timestamp = time.parse().unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(authority.ca().certificate().clone()).unwrap();
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), crypto()).build().unwrap();
        let leaf = authority.leaf(&name(made_for), authority.clock.now()).unwrap();
        let seconds = std::time::Duration::from_secs(time.as_second().try_into().unwrap());
        verifier.verify_server_cert(&leaf, &[], &name(wanted), &[], UnixTime::since_unix_epoch(seconds)).is_ok()
    }

    const NOW: &str = "2026-11-22T04:00:00Z";

    #[test]
    fn pitfall_3_a_leaf_is_good_for_its_host_alone_whatever_its_length() {
        let authority = authority();
        assert!(accepted(&authority, "www.skat.test", "www.skat.test", NOW));
        assert!(!accepted(&authority, "www.skat.test", "skat.test", NOW));
        let long = format!("{}.{}.test", "a".repeat(63), "b".repeat(60));
        assert!(accepted(&authority, &long, &long, NOW));
        // No wildcard, and names of other scripts as they are sent (RFC 5890).
        assert!(accepted(&authority, "xn--blbr-roah.test", "xn--blbr-roah.test", NOW));
        assert!(!accepted(&authority, "a.test", "b.a.test", NOW));
    }

    #[test]
    fn pitfall_3_an_address_has_a_leaf_too() {
        let authority = authority();
        assert!(accepted(&authority, "127.0.0.1", "127.0.0.1", NOW));
        assert!(accepted(&authority, "::1", "::1", NOW));
        assert!(!accepted(&authority, "127.0.0.1", "127.0.0.2", NOW));
    }

    #[test]
    fn pitfall_1_a_leaf_lasts_from_two_days_ago_for_at_most_ninety() {
        let authority = authority();
        assert!(accepted(&authority, "a.test", "a.test", "2026-11-20T05:00:00Z"));
        assert!(!accepted(&authority, "a.test", "a.test", "2026-11-20T03:00:00Z"));
        assert!(!accepted(&authority, "a.test", "a.test", "2027-02-19T00:00:00Z"));
    }

    /// An authority kept since long, looked at when it has `left` still to go.
    fn at_its_end(left: SignedDuration) -> Authority {
        let ca = Ca::for_installation(&Clock::fixed(NOW.parse().unwrap()), "laptop").unwrap();
        let now = ca.expires().checked_sub(left).unwrap();
        Authority::new(Clock::fixed(now), AuthorityChoice::Kept(ca)).unwrap()
    }

    #[test]
    fn pitfall_1_no_leaf_outlives_its_authority() {
        let authority = at_its_end(SignedDuration::from_hours(10 * 24));
        let leaf = CaCertificate::read(&authority.leaf(&name("a.test"), authority.clock.now()).unwrap()).unwrap();
        assert_eq!(leaf.expires, authority.ca().expires());
        assert!(leaf.starts >= authority.ca().starts());
        let over = at_its_end(SignedDuration::ZERO);
        assert!(matches!(over.server_config(&name("a.test"), None), Err(ProxyError::Ca(CaError::Expired(_)))));
    }

    #[test]
    fn pitfall_1_what_is_cached_dies_before_its_leaf() {
        for left in [SignedDuration::from_hours(3), SignedDuration::from_hours(400)] {
            let authority = at_its_end(left);
            let now = authority.clock.now();
            let leaf = CaCertificate::read(&authority.leaf(&name("a.test"), now).unwrap()).unwrap();
            authority.server_config(&name("a.test"), None).unwrap();
            let kept_at = |time: Timestamp| authority.cache.lock().unwrap().find(&("a.test".to_owned(), None), time);
            assert!(kept_at(now).is_some());
            let an_hour_before = leaf.expires.checked_sub(DIES_BEFORE).unwrap();
            assert!(kept_at(an_hour_before).is_none() && kept_at(now + LEAF_CACHED).is_none());
        }
    }

    #[test]
    fn pitfall_4_all_leaves_share_one_key_on_p_256() {
        let authority = authority();
        let key = |host: &str| {
            let leaf = authority.leaf(&name(host), authority.clock.now()).unwrap();
            CaCertificate::read(&leaf).unwrap().spki
        };
        assert_eq!(key("a.test"), key("127.0.0.1"));
        assert_eq!(authority.leaf_key.algorithm(), &rcgen::PKCS_ECDSA_P256_SHA256);
        assert_eq!(key("a.test"), authority.leaf_key.subject_public_key_info());
    }

    #[test]
    fn pitfall_5_a_burst_for_a_new_host_makes_one_config() {
        let authority = authority();
        let start = std::sync::Barrier::new(8);
        let all: Vec<Arc<ServerConfig>> = std::thread::scope(|scope| {
            let one = || {
                start.wait();
                authority.server_config(&name("a.test"), Some(b"h2")).unwrap()
            };
            let all: Vec<_> = (0..8).map(|_| scope.spawn(one)).collect();
            all.into_iter().map(|one| one.join().unwrap()).collect()
        });
        assert!(all.windows(2).all(|two| Arc::ptr_eq(&two[0], &two[1])));
        assert_eq!(authority.serials.load(Ordering::Relaxed), 2);
    }

    #[test]
    fn two_runs_of_one_authority_share_no_serial_number() {
        let ca = Ca::for_installation(&Clock::fixed(NOW.parse().unwrap()), "laptop").unwrap();
        let salt = || {
            let choice = AuthorityChoice::Kept(ca.clone());
            Authority::new(Clock::fixed(NOW.parse().unwrap()), choice).unwrap().serial_salt
        };
        assert_ne!(salt(), salt());
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
