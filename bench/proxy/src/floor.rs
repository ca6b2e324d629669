//! What no proxy that reads can do without: decrypting what comes and encrypting what goes.

use std::io::{Read as _, Write as _};
use std::sync::Arc;

use anyhow::{Result, bail};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use rustls::{ClientConnection, Connection, ServerConnection};

use crate::process::Process;

/// How much is encrypted for one measurement.
const MIB: usize = 512;

/// CPU time of encrypting and decrypting one MiB, in microseconds, by the library that the proxies use.
pub(crate) fn encryption_us_per_mib() -> Result<f64> {
    let (mut client, mut server) = connected()?;
    let (piece, mut read) = (vec![b'x'; 1 << 20], vec![0; 1 << 20]);
    client.set_buffer_limit(None);
    let own = Process(std::process::id());
    let before = own.cpu_ms();
    for _ in 0..MIB {
        let mut sent = 0;
        while sent < piece.len() {
            sent += client.writer().write(piece.get(sent..sent + (16 << 10)).unwrap_or_default())?;
            pass(&mut client, &mut server)?;
            while server.reader().read(&mut read).is_ok_and(|length| length > 0) {}
        }
    }
    Ok((own.cpu_ms() - before) as f64 * 1000.0 / MIB as f64)
}

fn connected() -> Result<(Connection, Connection)> {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(vec!["localhost".to_owned()])?;
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(signing_key.serialize_der()));
    let config =
        rustls::ServerConfig::builder().with_no_client_auth().with_single_cert(vec![cert.der().clone()], key)?;
    let mut server = Connection::from(ServerConnection::new(Arc::new(config))?);
    let mut roots = rustls::RootCertStore::empty();
    roots.add(cert.der().clone())?;
    let config = rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    let name = ServerName::try_from("localhost")?;
    let mut client = Connection::from(ClientConnection::new(Arc::new(config), name)?);
    for _ in 0..10 {
        pass(&mut client, &mut server)?;
        pass(&mut server, &mut client)?;
        if !client.is_handshaking() && !server.is_handshaking() {
            return Ok((client, server));
        }
    }
    bail!("the handshake did not end")
}

/// Hands what `from` wants to say to `to`.
fn pass(from: &mut Connection, to: &mut Connection) -> Result<()> {
    let mut wire = Vec::new();
    while from.wants_write() {
        from.write_tls(&mut wire)?;
    }
    let mut wire = wire.as_slice();
    while !wire.is_empty() {
        to.read_tls(&mut wire)?;
        to.process_new_packets()?;
    }
    Ok(())
}
