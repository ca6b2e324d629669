//! What a proxy is started with.

use std::sync::Arc;

use model::Clock;
use rustls_pki_types::CertificateDer;

use crate::{Guard, Resolve};

/// How much of a request's body is recorded unless told otherwise. Telemetry and forms are kilobytes; what is longer
/// is a file being uploaded, and its first 4 MiB hold its form fields.
pub const DEFAULT_BODY_CAP: usize = 4 << 20;

/// What a proxy is started with.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Tells when requests begin, and from when the certificates made here are valid.
    pub clock: Clock,
    /// Roots that origins are trusted by, added to the system's.
    pub upstream_roots: Vec<CertificateDer<'static>>,
    /// Where hosts really are; an exact host goes before `*`, then the first that fits.
    pub resolve: Vec<Resolve>,
    /// Longest body recorded, per request, in bytes. What is over it passes, and is a blind spot.
    pub body_cap: usize,
    /// Refuse to connect to anything but this machine, and ask no name server.
    pub loopback_only: bool,
    /// Judges requests before they leave; `None` to let everything pass.
    pub guard: Option<Arc<dyn Guard>>,
    /// Give answers that set no `Referrer-Policy` the one that browsers had until 2020.
    pub legacy_referer: bool,
}

impl Settings {
    /// The defaults: the system's roots and names, [`DEFAULT_BODY_CAP`], the whole network.
    pub fn new(clock: Clock) -> Self {
        Self {
            clock,
            upstream_roots: Vec::new(),
            resolve: Vec::new(),
            body_cap: DEFAULT_BODY_CAP,
            loopback_only: false,
            guard: None,
            legacy_referer: false,
        }
    }
}
