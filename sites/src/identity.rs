//! The stage's certificates: an authority made for this run, and one leaf that holds every host name.
//!
//! The keys live in memory only.

use std::fmt;
use std::io;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair};
use rcgen::{KeyUsagePurpose, PublicKeyData as _, date_time_ymd};
use rustls::ServerConfig;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

/// First and last year of the certificates. Fixed, since no clock is at hand here and a run lasts minutes: wide enough
/// for a machine whose clock is wrong.
const VALID_YEARS: (i32, i32) = (2020, 2070);

/// Protocols offered in the TLS handshake, the preferred one first.
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// Who the stage is to its clients.
pub(crate) struct Identity {
    root_der: CertificateDer<'static>,
    root_pem: String,
    root_public_key: Vec<u8>,
    server_config: Arc<ServerConfig>,
}

impl Identity {
    /// Makes an authority and a leaf for `hosts`.
    pub(crate) fn for_hosts(hosts: Vec<String>) -> io::Result<Self> {
        let root_key = KeyPair::generate().map_err(io::Error::other)?;
        let root_params = root_params();
        let root = root_params.self_signed(&root_key).map_err(io::Error::other)?;
        let root_public_key = root_key.subject_public_key_info();
        let issuer = Issuer::new(root_params, root_key);

        let leaf_key = KeyPair::generate().map_err(io::Error::other)?;
        let leaf = leaf_params(hosts)?.signed_by(&leaf_key, &issuer).map_err(io::Error::other)?;
        // The authority too, though clients must have it already: a browser that pins it looks for it in what is sent.
        let chain = vec![leaf.der().clone(), root.der().clone()];
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(leaf_key.serialize_der()));
        Ok(Self {
            root_der: root.der().clone(),
            root_pem: root.pem(),
            root_public_key,
            server_config: Arc::new(server_config(chain, key).map_err(io::Error::other)?),
        })
    }

    pub(crate) fn root_der(&self) -> CertificateDer<'static> {
        self.root_der.clone()
    }

    pub(crate) fn root_pem(&self) -> &str {
        &self.root_pem
    }

    pub(crate) fn root_public_key(&self) -> &[u8] {
        &self.root_public_key
    }

    pub(crate) fn server_config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.server_config)
    }
}

fn root_params() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "cprvagt made-up sites, this run only");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    set_validity(&mut params);
    params
}

fn leaf_params(hosts: Vec<String>) -> io::Result<CertificateParams> {
    let refused = |error| io::Error::new(io::ErrorKind::InvalidInput, error);
    let mut params = CertificateParams::new(hosts).map_err(refused)?;
    params.distinguished_name.push(DnType::CommonName, "cprvagt made-up sites");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    set_validity(&mut params);
    Ok(params)
}

fn set_validity(params: &mut CertificateParams) {
    let (first, last) = VALID_YEARS;
    params.not_before = date_time_ymd(first, 1, 1);
    params.not_after = date_time_ymd(last, 1, 1);
}

fn server_config(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<ServerConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = PROTOCOLS.iter().map(|protocol| protocol.to_vec()).collect();
    Ok(config)
}

impl fmt::Debug for Identity {
    /// Without the keys.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_run_has_an_authority_of_its_own() {
        let one = Identity::for_hosts(vec!["a.test".to_owned()]).unwrap();
        let other = Identity::for_hosts(vec!["a.test".to_owned()]).unwrap();
        assert_ne!(one.root_der(), other.root_der());
        assert!(one.root_pem().starts_with("-----BEGIN CERTIFICATE-----"));
    }

    #[test]
    fn what_no_certificate_can_hold_is_refused() {
        let error = Identity::for_hosts(vec!["årsopgørelse.test".to_owned()]).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    }
}
