//! Intercepting proxy: bytes on the wire to [`Exchange`](model::Exchange)s.
//!
//! ```text
//! accept -> CONNECT or plain http -> first bytes: TLS, HTTP or other -> dial the origin with the client's offer
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
mod dial;
mod emitter;
mod error;
mod fault;
mod first_bytes;
mod flight;
mod forward;
mod headers;
mod leaf_cache;
mod line;
mod listener;
mod page;
mod phase;
mod plain;
mod proxy;
mod recorder;
mod recording;
mod resolve;
mod roots;
mod serve;
mod session;
mod settings;
mod splice;
mod tap;
mod tunnel;

pub use emitter::Captured;
pub use error::ProxyError;
pub use listener::Listener;
pub use proxy::Proxy;
pub use resolve::{Resolve, ResolveError};
pub use roots::parse_roots;
pub use settings::{DEFAULT_BODY_CAP, Settings};
