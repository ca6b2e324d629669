//! Intercepting proxy: bytes on the wire to [`Exchange`](model::Exchange)s.
//!
//! ```text
//! accept -> CONNECT, SOCKS5 or plain http; or a reverse port -> first bytes: TLS, HTTP or other -> dial the origin with the client's offer
//!        -> answer the client with what the origin chose -> forward each request, recording it on the way -> Captured
//! ```
//! The origin is dialled before the client is answered, so both sides speak the same protocol and nothing is
//! translated. One connection to the origin belongs to one connection of the client. TLS with the origin is always
//! verified; what fails is answered with a page that says why, and recorded. What could not be read is a
//! [`BlindSpot`](model::BlindSpot). The proxy judges nothing and masks nothing: that is the detector's work.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), proxy::ProxyError> {
//! let clock = model::Clock::fixed(jiff::Timestamp::UNIX_EPOCH);
//! let (proxy, mut captured) = proxy::Proxy::start(proxy::Settings::new(clock))?;
//! let listener = proxy.listen(0).await?;
//! listener.set_visit(Some(model::VisitId(1)));
//! assert!(listener.address().ip().is_loopback());
//! proxy.shutdown().await;
//! assert!(captured.recv().await.is_none());
//! # Ok(()) }
//! ```

mod accept;
mod ambiguity;
mod authority;
mod bulk;
mod ca;
mod ca_certificate;
mod ca_error;
mod ca_store;
mod carrier;
mod chain;
mod client_cert;
mod credentials;
mod dial;
mod emitter;
mod entrance;
mod error;
mod fault;
mod fault_words;
mod first_bytes;
mod flight;
mod forward;
mod guard;
mod guide;
mod headers;
mod host_pattern;
mod http_tunnel;
mod last_word;
mod leaf_cache;
mod legacy;
mod line;
mod listener;
mod login;
mod no_proxy;
mod origin;
mod own_ports;
mod own_site;
mod p12;
mod page;
mod passthrough;
mod patience;
mod phase;
mod plain;
mod proxy;
mod proxy_fault;
mod reader;
mod recorder;
mod recording;
mod relay;
mod resolve;
mod reverse;
mod rewrite;
mod roots;
mod serve;
mod session;
mod settings;
mod socks;
mod socks_tunnel;
mod splice;
mod stopped;
mod sunk;
mod tap;
mod tunnel;
mod unless;
mod upgrade;
mod upload;
mod upstream_proxy;
mod websocket;

pub use ca::Ca;
pub use ca_error::CaError;
pub use ca_store::{CaStore, read_ca};
pub use chain::{Chain, ChainError};
pub use client_cert::{ClientCert, ClientCertError};
pub use credentials::{Credentials, CredentialsError};
pub use emitter::Captured;
pub use error::ProxyError;
pub use guard::{FirstLook, Guard, Refusal, Verdict};
pub use guide::{GUIDES, Guide, Step, Subject};
pub use host_pattern::{HostPattern, HostPatternError};
pub use listener::Listener;
pub use no_proxy::NoProxy;
pub use origin::{Origin, OriginError};
pub use p12::TRUST_STORE_PASSWORD;
pub use proxy::{OWN_HOST, Proxy};
pub use reader::Lang;
pub use resolve::{Resolve, ResolveError};
pub use roots::{parse_roots, system_roots};
pub use settings::{AuthorityChoice, DEFAULT_BODY_CAP, Settings};
pub use upstream_proxy::{UpstreamProxy, UpstreamProxyError};
