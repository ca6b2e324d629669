//! A certificate authority: its certificate and the key that goes with it.
//!
//! There are three sorts: one made for a run, which dies with it; one kept for an installation (see
//! [`CaStore`](crate::CaStore)); one that an organisation brings along. They sign in the same way.

use std::fmt;
use std::sync::Arc;

use data_encoding::{BASE64, HEXLOWER, HEXUPPER};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use model::Clock;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyIdMethod, KeyPair,
    KeyUsagePurpose, PublicKeyData as _, SerialNumber,
};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;

use crate::ca_certificate::{CaCertificate, issued_by};
use crate::{CaError, p12};

/// Clocks differ: a client two days behind still accepts what we make. It counts towards a certificate's lifetime.
pub(crate) const BACKDATED: SignedDuration = SignedDuration::from_hours(2 * 24);
/// Longer than any run, so that every leaf lies within it.
const RUN_LASTS: SignedDuration = SignedDuration::from_hours(366 * 24);
/// Two years and a quarter. Browsers set authorities no bound; but one that was trusted for a test and forgotten should
/// end by itself, and one that must be trusted anew each year is soon trusted by habit.
const INSTALLATION_LASTS: SignedDuration = SignedDuration::from_hours(825 * 24);
/// Time enough to have it trusted anew everywhere.
const EXPIRES_SOON: SignedDuration = SignedDuration::from_hours(30 * 24);
/// A common name has 64 characters at most (RFC 5280, ub-common-name): what is ours takes 39 of them.
const LONGEST_HOST: usize = 24;
/// Certificates that an organisation's authority is sent along with; chains are two or three long.
const LONGEST_CHAIN: usize = 8;

/// A certificate authority with its key. Cheap to clone; prints without the key.
#[derive(Clone)]
pub struct Ca(Arc<Inner>);

struct Inner {
    certificate: CertificateDer<'static>,
    /// The same, then those that lead from it to a root.
    chain: Vec<CertificateDer<'static>>,
    pem: String,
    says: CaCertificate,
    issuer: Issuer<'static, KeyPair>,
}

impl Ca {
    /// A new one for the installation on this machine, called `host`; good for 825 days.
    pub fn for_installation(clock: &Clock, host: &str) -> Result<Self, CaError> {
        let safe = |character: &char| character.is_ascii_alphanumeric() || ".-_".contains(*character);
        let host: String = host.chars().filter(safe).take(LONGEST_HOST).collect();
        let host = if host.is_empty() { "unnamed".to_owned() } else { host };
        let day = clock.now().to_zoned(TimeZone::UTC).date();
        Self::generate(clock, INSTALLATION_LASTS, |mark| format!("cprvagt CA ({host}, {day}, {mark})"))
    }

    /// A new one for this run.
    pub(crate) fn for_this_run(clock: &Clock) -> Result<Self, CaError> {
        Self::generate(clock, RUN_LASTS, |mark| format!("cprvagt {mark}"))
    }

    /// Reads an authority as `openssl` or we write it: its certificate and key as PEM, perhaps with its chain.
    ///
    /// Refuses what could sign no leaf that a client takes at `now`.
    pub fn parse(pem: &[u8], now: Timestamp) -> Result<Self, CaError> {
        let mut chain = Vec::new();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            chain.push(certificate.map_err(|error| CaError::NotPem(error.to_string()))?);
            if chain.len() > LONGEST_CHAIN {
                return Err(CaError::ChainTooLong);
            }
        }
        let certificate = chain.first().ok_or(CaError::NoCertificate)?.clone();
        let says = CaCertificate::read(&certificate)?;
        let key = key(pem)?;
        if key.public_key_raw() != says.public_key {
            return Err(CaError::KeyDoesNotFit);
        }
        if !says.may_sign {
            return Err(CaError::NotAnAuthority);
        }
        if says.expires <= now {
            return Err(CaError::Expired(says.expires));
        }
        if now < says.starts {
            return Err(CaError::NotYetValid(says.starts));
        }
        let mut params = CertificateParams::default();
        // As our own are named. Leaves of others are given their issuer's name in a second step.
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, says.name.as_str());
        // Byte for byte as it stands there: some authorities derive theirs in ways of their own.
        if let Some(identifier) = &says.key_identifier {
            params.key_identifier_method = KeyIdMethod::PreSpecified(identifier.clone());
        }
        let (pem, issuer) = (pem_of(&chain), Issuer::new(params, key));
        Ok(Self(Arc::new(Inner { certificate, chain, pem, says, issuer })))
    }

    /// `name` is given a mark made from the key, so that no two authorities are of one name: clients keep them apart
    /// by it.
    fn generate(clock: &Clock, lasts: SignedDuration, name: impl FnOnce(&str) -> String) -> Result<Self, CaError> {
        let key = KeyPair::generate().map_err(CaError::Make)?;
        let spki = Sha256::digest(key.subject_public_key_info());
        let now = clock.now();
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        let mark = HEXLOWER.encode(spki.get(..6).unwrap_or_default());
        params.distinguished_name.push(DnType::CommonName, name(&mark));
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.not_before = date(later(now, -BACKDATED)?)?;
        params.not_after = date(later(now, lasts)?)?;
        params.serial_number = Some(serial(&spki, 0));
        let certificate = params.self_signed(&key).map_err(CaError::Make)?.der().clone();
        let says = CaCertificate::read(&certificate)?;
        let chain = vec![certificate.clone()];
        let (pem, issuer) = (pem_of(&chain), Issuer::new(params, key));
        Ok(Self(Arc::new(Inner { certificate, chain, pem, says, issuer })))
    }

    /// Its name, for people.
    pub fn name(&self) -> &str {
        &self.0.says.name
    }

    /// From when it is good.
    pub fn starts(&self) -> Timestamp {
        self.0.says.starts
    }

    /// Until when it is good.
    pub fn expires(&self) -> Timestamp {
        self.0.says.expires
    }

    /// Whether it ends within thirty days of `now`, so that somebody should be told.
    pub fn expires_soon(&self, now: Timestamp) -> bool {
        self.expires().duration_since(now) < EXPIRES_SOON
    }

    /// Its certificate.
    pub fn certificate(&self) -> &CertificateDer<'static> {
        &self.0.certificate
    }

    /// Its certificate as PEM, without the key; with its chain, if it has one.
    pub fn pem(&self) -> &str {
        &self.0.pem
    }

    /// Its certificate as a trust store for Java (PKCS #12), without the key; opened by
    /// [`TRUST_STORE_PASSWORD`](crate::TRUST_STORE_PASSWORD).
    pub fn trust_store(&self) -> Vec<u8> {
        self.trust_store_with(&[])
    }

    /// The same with the certificates of `others` in it, for a store that stands in the place of the usual one.
    pub fn trust_store_with(&self, others: &[CertificateDer<'static>]) -> Vec<u8> {
        let own = ("cprvagt".to_owned(), self.certificate());
        // Java keeps one certificate under a name.
        let others = others.iter().enumerate().map(|(at, other)| (format!("root {}", at + 1), other));
        let trusted: Vec<_> = std::iter::once(own).chain(others).collect();
        p12::trust_store(&trusted, p12::TRUST_STORE_PASSWORD)
    }

    /// Its certificate and those of `others` as PEM, for a file that stands in the place of the usual one.
    pub fn pem_with(&self, others: &[CertificateDer<'static>]) -> String {
        format!("{}{}", self.pem(), pem_of(others))
    }

    /// SHA-256 of its certificate as `AB:CD:..`: what systems show when they ask whether to trust it.
    pub fn fingerprint(&self) -> String {
        let digest = HEXUPPER.encode(&Sha256::digest(self.certificate()));
        let pairs: Vec<&str> = digest.as_bytes().chunks(2).filter_map(|pair| std::str::from_utf8(pair).ok()).collect();
        pairs.join(":")
    }

    /// Base64 of the SHA-256 of its public key, as Chromium's `--ignore-certificate-errors-spki-list` takes it.
    pub fn spki_sha256(&self) -> String {
        BASE64.encode(&Sha256::digest(&self.0.says.spki))
    }

    /// Certificate and key, to be kept where nobody else can read them.
    pub(crate) fn pem_with_key(&self) -> String {
        format!("{}{}", self.pem(), self.0.issuer.key().serialize_pem())
    }

    /// What its leaves are sent along with.
    pub(crate) fn chain(&self) -> &[CertificateDer<'static>] {
        &self.0.chain
    }

    /// A certificate as `leaf` says, signed by this authority, for whoever has `key`.
    pub(crate) fn sign(&self, mut leaf: CertificateParams, key: &KeyPair) -> Result<CertificateDer<'static>, CaError> {
        // One that does not say how its key is called cannot be referred to by it.
        leaf.use_authority_key_identifier_extension = self.0.says.key_identifier.is_some();
        let made = leaf.signed_by(key, &self.0.issuer).map_err(CaError::Make)?;
        issued_by(&self.0.says.subject, self.0.issuer.key(), made.der().clone())
    }
}

impl fmt::Debug for Ca {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Ca").field(&self.name()).finish()
    }
}

/// A positive number of 16 bytes, another one for each `number`. All leaves share one key, and the library's default
/// derives the serial number from the key: Firefox refuses a second certificate with the same one.
pub(crate) fn serial(salt: &[u8], number: u64) -> SerialNumber {
    let mut digest = Sha256::new();
    digest.update(salt);
    digest.update(number.to_be_bytes());
    let mut bytes: Vec<u8> = digest.finalize().into_iter().take(16).collect();
    if let Some(first) = bytes.first_mut() {
        *first = (*first & 0x3f) | 0x40;
    }
    SerialNumber::from(bytes)
}

pub(crate) fn later(time: Timestamp, by: SignedDuration) -> Result<Timestamp, CaError> {
    time.checked_add(by).map_err(|_| CaError::Clock(time))
}

pub(crate) fn date(time: Timestamp) -> Result<OffsetDateTime, CaError> {
    OffsetDateTime::from_unix_timestamp(time.as_second()).map_err(|_| CaError::Clock(time))
}

fn key(pem: &[u8]) -> Result<KeyPair, CaError> {
    let text = String::from_utf8_lossy(pem);
    // The second is OpenSSL's old way: the kind of key in clear text, its bytes encrypted.
    if ["BEGIN ENCRYPTED PRIVATE KEY", "Proc-Type: 4,ENCRYPTED"].iter().any(|mark| text.contains(mark)) {
        return Err(CaError::KeyEncrypted);
    }
    let secret = PrivateKeyDer::from_pem_slice(pem).map_err(|_| CaError::NoKey)?;
    KeyPair::try_from(&secret).map_err(|_| CaError::KeyUnusable)
}

fn pem_of(chain: &[CertificateDer<'_>]) -> String {
    let mut pem = String::new();
    for certificate in chain {
        pem.push_str("-----BEGIN CERTIFICATE-----\n");
        let base64 = BASE64.encode(certificate);
        for line in base64.as_bytes().chunks(64) {
            pem.push_str(&String::from_utf8_lossy(line));
            pem.push('\n');
        }
        pem.push_str("-----END CERTIFICATE-----\n");
    }
    pem
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-11-22T04:00:00Z";

    fn clock() -> Clock {
        Clock::fixed(NOW.parse().unwrap())
    }

    fn own() -> Ca {
        Ca::for_installation(&clock(), "laptop").unwrap()
    }

    #[track_caller]
    fn refused(pem: &str) -> CaError {
        Ca::parse(pem.as_bytes(), NOW.parse().unwrap()).unwrap_err()
    }

    #[test]
    fn what_is_written_is_read_again() {
        let ca = own();
        let read = Ca::parse(ca.pem_with_key().as_bytes(), NOW.parse().unwrap()).unwrap();
        assert_eq!(ca.certificate(), read.certificate());
        assert_eq!((ca.name(), ca.pem(), ca.fingerprint()), (read.name(), read.pem(), read.fingerprint()));
        assert_eq!((ca.fingerprint().len(), ca.fingerprint().split(':').count()), (95, 32));
        assert!(!format!("{ca:?}{}", ca.pem()).contains("KEY"));
    }

    #[test]
    fn no_two_are_of_one_name() {
        assert_ne!(own().name(), own().name());
        let odd = Ca::for_installation(&clock(), &format!("a b\u{1b}[31m\u{e6}{}", "x".repeat(80))).unwrap();
        assert!(odd.name().starts_with("cprvagt CA (ab31mxxx") && odd.name().len() <= 64, "{}", odd.name());
        assert!(Ca::for_installation(&clock(), "\u{e6}").unwrap().name().contains("(unnamed, "));
    }

    #[test]
    fn it_lasts_for_825_days_and_says_when_it_ends_soon() {
        let ca = own();
        let days = |from: Timestamp, to: Timestamp| to.duration_since(from).as_hours() / 24;
        assert_eq!((days(ca.starts(), clock().now()), days(clock().now(), ca.expires())), (2, 825));
        let before = |days: i64| ca.expires().checked_sub(SignedDuration::from_hours(24 * days)).unwrap();
        assert!(!ca.expires_soon(before(31)) && ca.expires_soon(before(29)));
    }

    #[test]
    fn what_cannot_sign_is_refused_with_its_reason() {
        let whole = own().pem_with_key();
        let (certificate, key) = whole.split_at(whole.find("-----BEGIN PRIVATE").unwrap());
        assert!(matches!(refused(""), CaError::NoCertificate));
        assert!(matches!(refused(key), CaError::NoCertificate));
        assert!(matches!(refused(certificate), CaError::NoKey));
        let encrypted = key.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
        assert!(matches!(refused(&format!("{certificate}{encrypted}")), CaError::KeyEncrypted));
        assert!(matches!(
            refused(&format!("{certificate}{}", KeyPair::generate().unwrap().serialize_pem())),
            CaError::KeyDoesNotFit
        ));
        let bundle = certificate.repeat(LONGEST_CHAIN + 1);
        assert!(matches!(refused(&bundle), CaError::ChainTooLong));
        let leaf_key = KeyPair::generate().unwrap();
        let leaf = own().sign(CertificateParams::default(), &leaf_key).unwrap();
        let leaf = pem_of(&[leaf]) + &leaf_key.serialize_pem();
        assert!(matches!(refused(&leaf), CaError::NotAnAuthority));
        let late: Timestamp = "2029-02-25T04:00:00Z".parse().unwrap();
        assert!(matches!(Ca::parse(whole.as_bytes(), late), Err(CaError::Expired(_))));
        assert!(matches!(Ca::parse(whole.as_bytes(), Timestamp::UNIX_EPOCH), Err(CaError::NotYetValid(_))));
    }

    #[test]
    fn any_bytes_for_a_certificate_are_refused_without_a_panic() {
        let certificate = own().certificate().to_vec();
        for at in 0..certificate.len() {
            let mut changed = certificate.clone();
            changed[at] ^= 0xff;
            // Some changes leave it readable; none may do worse.
            let _ = CaCertificate::read(&CertificateDer::from(changed));
            assert!(CaCertificate::read(&CertificateDer::from(certificate[..at].to_vec())).is_err());
        }
    }
}
