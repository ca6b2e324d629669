//! hudsucker as a proxy that does nothing but pass: the crate that other Rust tools build theirs on.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Result;
use hudsucker::Proxy;
use hudsucker::certificate_authority::RcgenAuthority;
use hudsucker::rcgen::{Issuer, KeyPair};
use hudsucker::rustls::crypto::aws_lc_rs;
use hyper_util::client::legacy::connect::HttpConnector;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

/// Leaves kept; there is one host.
const LEAVES: u64 = 100;

/// Serves until the process ends.
pub(crate) async fn serve(port: u16, folder: &str) -> Result<()> {
    let key = KeyPair::from_pem(&std::fs::read_to_string(format!("{folder}/peer-ca-key.pem"))?)?;
    let issuer = Issuer::from_ca_cert_pem(&std::fs::read_to_string(format!("{folder}/peer-ca.pem"))?, key)?;
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(format!("{folder}/origin-ca.pem"))?)?;
    let provider = Arc::new(aws_lc_rs::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let mut http = HttpConnector::new();
    http.enforce_http(false);
    let connector = hyper_rustls::HttpsConnectorBuilder::new()
        .with_tls_config(tls)
        .https_or_http()
        .enable_http1()
        .enable_http2()
        .wrap_connector(http);
    let proxy = Proxy::builder()
        .with_addr(SocketAddr::from(([127, 0, 0, 1], port)))
        .with_ca(RcgenAuthority::new(issuer, LEAVES, (*provider).clone()))
        .with_http_connector(connector)
        .build()?;
    proxy.start().await?;
    Ok(())
}
