//! By which roots origins are trusted: the system's, and those its owner adds.

use std::sync::Arc;

use rustls::RootCertStore;
use rustls::crypto::CryptoProvider;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::{self, PemObject as _, SectionKind};

use crate::ProxyError;

/// The certificates of a PEM file of roots, as given to `--upstream-ca`. Each is checked to be usable as one.
pub fn parse_roots(text: &[u8]) -> Result<Vec<CertificateDer<'static>>, ProxyError> {
    let mut roots = Vec::new();
    for certificate in CertificateDer::pem_slice_iter(text) {
        roots.push(certificate.map_err(|error| ProxyError::RootsNotPem(error.to_string()))?);
    }
    if roots.is_empty() {
        return Err(if holds_private_key(text) { ProxyError::RootsPrivateKey } else { ProxyError::RootsEmpty });
    }
    add_roots(&mut RootCertStore::empty(), &roots)?;
    Ok(roots)
}

/// The roots that this system's programs trust; empty where there are none to be found.
pub fn system_roots() -> Vec<CertificateDer<'static>> {
    rustls_native_certs::load_native_certs().certs
}

/// The system's roots and `extra`.
///
/// A system without roots, or with one that cannot be read, is no error: sites that need it are refused, each with its
/// reason, and the owner sees which.
pub(crate) fn root_store(extra: &[CertificateDer<'static>]) -> Result<RootCertStore, ProxyError> {
    let mut store = RootCertStore::empty();
    let native = rustls_native_certs::load_native_certs();
    for error in &native.errors {
        tracing::warn!(%error, "some of the system's roots cannot be read");
    }
    let (added, ignored) = store.add_parsable_certificates(native.certs);
    tracing::debug!(added, ignored, extra = extra.len(), "roots");
    add_roots(&mut store, extra)?;
    Ok(store)
}

/// The one crypto library, named so that a second one among the dependencies changes nothing.
pub(crate) fn crypto() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}

fn add_roots(store: &mut RootCertStore, roots: &[CertificateDer<'static>]) -> Result<(), ProxyError> {
    for (at, root) in roots.iter().enumerate() {
        store.add(root.clone()).map_err(|source| ProxyError::Root { number: at + 1, source })?;
    }
    Ok(())
}

fn holds_private_key(text: &[u8]) -> bool {
    let mut rest = text;
    while let Ok(Some((kind, _))) = pem::from_buf(&mut rest) {
        if matches!(kind, SectionKind::PrivateKey | SectionKind::RsaPrivateKey | SectionKind::EcPrivateKey) {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};

    use super::*;

    fn root() -> (String, KeyPair) {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        (params.self_signed(&key).unwrap().pem(), key)
    }

    #[test]
    fn several_roots_and_text_between_them_are_read() {
        let text = format!("our roots:\n{}\nand\n{}", root().0, root().0);
        assert_eq!(parse_roots(text.as_bytes()).unwrap().len(), 2);
    }

    #[test]
    fn what_is_wrong_with_a_file_is_named() {
        assert!(matches!(parse_roots(b""), Err(ProxyError::RootsEmpty)));
        assert!(matches!(parse_roots(b"\x30\x82\xff\x00"), Err(ProxyError::RootsEmpty)));
        let key = root().1.serialize_pem();
        assert!(matches!(parse_roots(key.as_bytes()), Err(ProxyError::RootsPrivateKey)));
        let cut = "-----BEGIN CERTIFICATE-----\nMIIB";
        assert!(matches!(parse_roots(cut.as_bytes()), Err(ProxyError::RootsNotPem(_))));
        let no_certificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        let error = parse_roots(format!("{}{no_certificate}", root().0).as_bytes()).unwrap_err();
        assert!(matches!(error, ProxyError::Root { number: 2, .. }), "{error}");
    }

    #[test]
    fn extra_roots_add_to_those_of_the_system() {
        let system = root_store(&[]).unwrap().len();
        let extra = parse_roots(root().0.as_bytes()).unwrap();
        assert_eq!(root_store(&extra).unwrap().len(), system + 1);
    }
}
