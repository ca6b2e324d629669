//! What a proxy is started with.

use std::sync::Arc;

use model::Clock;
use rustls_pki_types::CertificateDer;

use crate::{Ca, Chain, ClientCert, Credentials, Guard, HostPattern, Resolve};

/// How much of a request's body is read whole unless told otherwise. Telemetry and forms are kilobytes; what is longer
/// is a file being uploaded, and its first 4 MiB hold its form fields.
pub const DEFAULT_BODY_CAP: usize = 4 << 20;

/// What a proxy is started with.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Tells when requests begin, and from when the certificates made here are valid.
    pub clock: Clock,
    /// Who signs the certificates made here.
    pub authority: AuthorityChoice,
    /// Roots that origins are trusted by, added to the system's.
    pub upstream_roots: Vec<CertificateDer<'static>>,
    /// Where hosts really are; an exact host goes before `*`, then the first that fits.
    pub resolve: Vec<Resolve>,
    /// Longest body read whole, in bytes. What is over it is handed over in pieces while it passes, with a blind spot that
    /// says so: encodings that span pieces are not undone.
    pub body_cap: usize,
    /// Refuse to connect to anything but this machine, and ask no name server.
    pub loopback_only: bool,
    /// The upstream proxies that sites are reached by; none, whatever the environment says, unless given here.
    pub chain: Chain,
    /// Certificates for sites that want one of their clients.
    pub client_certs: Vec<ClientCert>,
    /// Hosts whose tunnels are passed through unread, each with a `Passthrough` blind spot.
    pub passthrough: Vec<HostPattern>,
    /// Who may use the proxy; `None` for everybody, and then it listens on loopback addresses only.
    pub auth: Option<Credentials>,
    /// Judges requests before they leave; `None` to let everything pass.
    pub guard: Option<Arc<dyn Guard>>,
    /// Give answers that set no `Referrer-Policy` the one that browsers had until 2020.
    pub legacy_referer: bool,
}

/// Who signs the certificates that clients are shown.
#[derive(Clone, Debug)]
pub enum AuthorityChoice {
    /// One made at start, which dies with the proxy: for clients that are started for this run and told to trust it.
    ForThisRun,
    /// One that clients have been made to trust before.
    Kept(Ca),
}

impl Settings {
    /// The defaults: an authority for this run, the system's roots and names, [`DEFAULT_BODY_CAP`], the whole network.
    pub fn new(clock: Clock) -> Self {
        Self {
            clock,
            authority: AuthorityChoice::ForThisRun,
            upstream_roots: Vec::new(),
            resolve: Vec::new(),
            body_cap: DEFAULT_BODY_CAP,
            loopback_only: false,
            chain: Chain::default(),
            client_certs: Vec::new(),
            passthrough: Vec::new(),
            auth: None,
            guard: None,
            legacy_referer: false,
        }
    }
}
