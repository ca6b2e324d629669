//! Why a certificate authority cannot be used or kept.

use std::io;
use std::path::PathBuf;

use jiff::Timestamp;

/// Why a certificate authority cannot be read, made or kept.
#[derive(Debug, thiserror::Error)]
pub enum CaError {
    /// The file holds no certificate.
    #[error("it holds no certificate")]
    NoCertificate,
    /// The file holds no private key.
    #[error("it holds no private key")]
    NoKey,
    /// The private key needs a password, and nobody is there to ask.
    #[error("its private key is encrypted")]
    KeyEncrypted,
    /// The file is damaged.
    #[error("it is no PEM file: {0}")]
    NotPem(String),
    /// Far more certificates than lead from an authority to its root: a bundle of many, by mistake.
    #[error("it holds more certificates than an authority and those that lead from it to its root")]
    ChainTooLong,
    /// The certificate is none, or of a kind that nobody should have.
    #[error("its certificate cannot be read")]
    CertificateUnreadable,
    /// The private key is none, or of a kind we cannot sign with.
    #[error("its private key cannot be used (RSA from 2048 bits, P-256, P-384, P-521 and Ed25519 can)")]
    KeyUnusable,
    /// The key is not that of the certificate.
    #[error("its private key is not that of its certificate")]
    KeyDoesNotFit,
    /// The certificate may not make others.
    #[error("its certificate is not one of an authority (CA:TRUE, keyCertSign)")]
    NotAnAuthority,
    /// Its time is over.
    #[error("the certificate authority expired on {}", day(.0))]
    Expired(Timestamp),
    /// Its time is still to come.
    #[error("the certificate authority is not good before {}", day(.0))]
    NotYetValid(Timestamp),
    /// Others can read the key, and with it everything that whoever trusts it sends.
    #[error("the private key in {} can be read by others (mode {mode:o})", path.display())]
    ReadableByOthers {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// Others could put an authority of their own there.
    #[error("the folder {} can be written to by others (mode {mode:o})", path.display())]
    WritableByOthers {
        /// The folder.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// Longer than any certificate with its chain.
    #[error("{} is too long to be an authority's file", .0.display())]
    TooLong(PathBuf),
    /// The disk refused.
    #[error("cannot {attempt} {}", path.display())]
    File {
        /// What was attempted: `read`, `write`, ..
        attempt: &'static str,
        /// On what.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// The library could not make it.
    #[error("cannot make a certificate")]
    Make(#[source] rcgen::Error),
    /// The clock is set to a time that no certificate can be made for.
    #[error("the clock says {0}, for which no certificate can be made")]
    Clock(Timestamp),
}

fn day(time: &Timestamp) -> jiff::civil::Date {
    time.to_zoned(jiff::tz::TimeZone::UTC).date()
}
