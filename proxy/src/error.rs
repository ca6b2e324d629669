//! Why a proxy could not be started.

use std::io;
use std::net::SocketAddr;

use crate::{CaError, CredentialsError, OriginError, ResolveError};

/// Why the proxy could not do what its owner asked. Faults of sites and clients are never errors: they are recorded.
#[derive(Debug, thiserror::Error)]
pub enum ProxyError {
    /// The port is taken or not allowed.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// Others than this machine's users would reach the port, and anybody could use it.
    #[error("listening on {0} would let everybody on the network use the proxy, and read what it records")]
    Unguarded(SocketAddr),
    /// The certificate authority cannot be used, or a certificate not be made.
    #[error(transparent)]
    Ca(#[from] CaError),
    /// Our own key or certificate was refused by the TLS library.
    #[error("cannot set up TLS")]
    Tls(#[from] rustls::Error),
    /// A file of extra roots is no PEM.
    #[error("the file is no PEM file of certificates: {0}")]
    RootsNotPem(String),
    /// A file of extra roots has no certificate in it.
    #[error("the file holds no certificate (no line `-----BEGIN CERTIFICATE-----`)")]
    RootsEmpty,
    /// A file of extra roots holds a private key, which nobody should hand out.
    #[error("the file holds a private key and no certificate; give the authority's certificate instead")]
    RootsPrivateKey,
    /// An extra root cannot be used as one.
    #[error("certificate {number} cannot be used as a root")]
    Root {
        /// Its place in the file or list, from 1.
        number: usize,
        /// Why not.
        #[source]
        source: rustls::Error,
    },
    /// A `HOST:PORT:ADDR` is malformed.
    #[error(transparent)]
    Resolve(#[from] ResolveError),
    /// A list of users is malformed.
    #[error(transparent)]
    Credentials(#[from] CredentialsError),
    /// A reverse port's site is malformed.
    #[error(transparent)]
    Origin(#[from] OriginError),
}
