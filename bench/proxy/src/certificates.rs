//! Certificates for one run: an authority and a leaf for the origin, and an authority for the peers to make leaves with.

use std::fs;
use std::path::Path;

use anyhow::Result;
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose, date_time_ymd,
};

/// Writes `origin-ca.pem`, `origin.pem`, `origin-key.pem`, `peer-ca.pem` and `peer-ca-key.pem` into `folder`.
pub(crate) fn write(folder: &Path) -> Result<()> {
    let (key, params) = authority("origin")?;
    save(folder, "origin-ca", &params.self_signed(&key)?, None)?;
    let leaf_key = KeyPair::generate()?;
    let leaf = CertificateParams::new(vec!["localhost".to_owned(), "127.0.0.1".to_owned()])?;
    save(folder, "origin", &leaf.signed_by(&leaf_key, &Issuer::new(params, key))?, Some(&leaf_key))?;
    let (key, params) = authority("peer")?;
    save(folder, "peer-ca", &params.self_signed(&key)?, Some(&key))
}

fn authority(name: &str) -> Result<(KeyPair, CertificateParams)> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.distinguished_name.push(DnType::CommonName, format!("bench-proxy {name}"));
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params.not_after = date_time_ymd(2040, 1, 1);
    Ok((KeyPair::generate()?, params))
}

fn save(folder: &Path, name: &str, certificate: &Certificate, key: Option<&KeyPair>) -> Result<()> {
    fs::write(folder.join(format!("{name}.pem")), certificate.pem())?;
    if let Some(key) = key {
        fs::write(folder.join(format!("{name}-key.pem")), key.serialize_pem())?;
    }
    Ok(())
}
