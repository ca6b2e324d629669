//! Client certificates (mTLS): given to the hosts they are for, to nobody else, when they ask.

use std::cell::Cell;
use std::fmt;
use std::future::Future;
use std::sync::Arc;

use model::Host;
use rustls::SignatureScheme;
use rustls::client::ResolvesClientCert;
use rustls::sign::CertifiedKey;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use crate::HostPattern;
use crate::roots::crypto;

/// A certificate with its key, and the hosts it is for. The key is never printed.
#[derive(Clone)]
pub struct ClientCert {
    hosts: HostPattern,
    key: Arc<CertifiedKey>,
}

/// Why a file is no client certificate.
#[derive(Debug, thiserror::Error)]
pub enum ClientCertError {
    /// The file is no PEM file.
    #[error("the file is no PEM file: {0}")]
    NotPem(String),
    /// The file is a PKCS#12 store, or another binary file.
    #[error("the file is binary, as a PKCS#12 store (.p12, .pfx) is; only PEM is read")]
    Binary,
    /// No certificate in it.
    #[error("the file holds no certificate (no line `-----BEGIN CERTIFICATE-----`)")]
    NoCertificate,
    /// No private key in it.
    #[error("the file holds no private key (no line `-----BEGIN PRIVATE KEY-----`)")]
    NoKey,
    /// The private key in it wants a passphrase.
    #[error("the private key in the file wants a passphrase")]
    KeyEncrypted,
    /// The key is of a kind that cannot be used, or is not the certificate's.
    #[error("the private key in the file cannot be used with its certificate")]
    Key(#[source] rustls::Error),
}

/// Whether a site asked for a client certificate, and whether it got one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// It did not.
    No,
    /// It did, and there is none for it.
    InVain,
    /// It did, and got the one there is.
    AndGiven,
}

/// Gives one certificate, or none, and notes that it was asked for.
#[derive(Debug)]
pub(crate) struct Wallet(Option<Arc<CertifiedKey>>);

tokio::task_local! {
    /// The library does not tell after the handshake whether a certificate was asked for. The wallet is shared
    /// between connections, so that sessions resume: whose handshake it is asked in is known by the task.
    static ASKED: Cell<Asked>;
}

impl ClientCert {
    /// For `hosts`, the certificate chain and the key in a PEM file.
    ///
    /// ```
    /// let error = proxy::ClientCert::parse("a.test".parse().unwrap(), b"0\x82").unwrap_err();
    /// assert!(error.help().starts_with("openssl pkcs12 "));
    /// ```
    pub fn parse(hosts: HostPattern, pem: &[u8]) -> Result<Self, ClientCertError> {
        // DER begins with a sequence, which no text does.
        if pem.first() == Some(&0x30) && std::str::from_utf8(pem).is_err() {
            return Err(ClientCertError::Binary);
        }
        let chain: Result<Vec<CertificateDer<'static>>, _> = CertificateDer::pem_slice_iter(pem).collect();
        let chain = chain.map_err(|error| ClientCertError::NotPem(error.to_string()))?;
        if chain.is_empty() {
            return Err(ClientCertError::NoCertificate);
        }
        let key = PrivateKeyDer::from_pem_slice(pem).map_err(|error| match error {
            _ if is_encrypted(pem) => ClientCertError::KeyEncrypted,
            rustls_pki_types::pem::Error::NoItemsFound => ClientCertError::NoKey,
            other => ClientCertError::NotPem(other.to_string()),
        })?;
        let key = CertifiedKey::from_der(chain, key, &crypto()).map_err(ClientCertError::Key)?;
        Ok(Self { hosts, key: Arc::new(key) })
    }

    /// The hosts it is for.
    pub fn hosts(&self) -> &HostPattern {
        &self.hosts
    }
}

impl ClientCertError {
    /// What to do about it.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Binary => "openssl pkcs12 -in FILE.p12 -nodes -out FILE.pem; chmod 600 FILE.pem",
            Self::KeyEncrypted => "openssl pkey -in FILE.pem -out KEY.pem, then put certificate chain and key together",
            Self::NotPem(_) | Self::NoCertificate | Self::NoKey => {
                "put the certificate, those that lead to its authority, and the private key into one PEM file"
            }
            Self::Key(_) => "the first certificate in the file must be the one that the key belongs to",
        }
    }
}

impl fmt::Debug for ClientCert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClientCert({})", self.hosts)
    }
}

impl Wallet {
    /// With nothing in it.
    pub(crate) fn empty() -> Arc<Self> {
        Arc::new(Self(None))
    }

    /// With one certificate.
    pub(crate) fn with(certificate: &ClientCert) -> Arc<Self> {
        Arc::new(Self(Some(Arc::clone(&certificate.key))))
    }
}

impl ResolvesClientCert for Wallet {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        // Outside of a handshake that is watched there is nobody to tell.
        let _ = ASKED.try_with(|asked| asked.set(if self.0.is_some() { Asked::AndGiven } else { Asked::InVain }));
        self.0.clone()
    }

    fn has_certs(&self) -> bool {
        self.0.is_some()
    }
}

/// Runs a handshake; says whether a certificate was asked for in it.
pub(crate) async fn watched<F: Future>(handshake: F) -> (F::Output, Asked) {
    ASKED.scope(Cell::new(Asked::No), async { (handshake.await, ASKED.with(Cell::get)) }).await
}

/// The certificate of `certificates` that is for `host`.
pub(crate) fn choose<'a, T>(certificates: &'a [(HostPattern, T)], host: &Host) -> Option<&'a T> {
    HostPattern::choose(certificates, |(hosts, _)| hosts, host).map(|(_, value)| value)
}

fn is_encrypted(pem: &[u8]) -> bool {
    let text = String::from_utf8_lossy(pem);
    text.contains("-----BEGIN ENCRYPTED PRIVATE KEY-----") || text.contains("Proc-Type: 4,ENCRYPTED")
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair};

    use super::*;

    fn pair() -> (String, String) {
        let key = KeyPair::generate().unwrap();
        (CertificateParams::default().self_signed(&key).unwrap().pem(), key.serialize_pem())
    }

    fn parse(pem: &str) -> Result<ClientCert, ClientCertError> {
        ClientCert::parse("a.test".parse().unwrap(), pem.as_bytes())
    }

    #[test]
    fn certificate_and_key_in_either_order_are_read_and_not_printed() {
        let (certificate, key) = pair();
        for pem in [format!("{certificate}{key}"), format!("of a.test:\n{key}\n{certificate}")] {
            assert_eq!(format!("{:?}", parse(&pem).unwrap()), "ClientCert(a.test)");
        }
    }

    #[test]
    fn what_is_wrong_with_a_file_is_named() {
        let (certificate, key) = pair();
        assert!(matches!(parse(""), Err(ClientCertError::NoCertificate)));
        assert!(matches!(parse(&key), Err(ClientCertError::NoCertificate)));
        assert!(matches!(parse(&certificate), Err(ClientCertError::NoKey)));
        assert!(matches!(parse("-----BEGIN CERTIFICATE-----\nMI"), Err(ClientCertError::NotPem(_))));
        assert!(matches!(parse(&format!("{certificate}{}", pair().1)), Err(ClientCertError::Key(_))));
        let encrypted = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIB\n-----END ENCRYPTED PRIVATE KEY-----\n";
        assert!(matches!(parse(&format!("{certificate}{encrypted}")), Err(ClientCertError::KeyEncrypted)));
        let binary = ClientCert::parse("a.test".parse().unwrap(), b"\x30\x82\xff\x00");
        assert!(matches!(binary, Err(ClientCertError::Binary)));
    }
}
