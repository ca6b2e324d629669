//! Made-up sites on loopback, for `cprvagt demo`, for the self-test before each audit, and for tests.
//!
//! [`Stage`] serves any number of host names over TLS and in clear text and records what arrives. [`demo`] is a small
//! self-service that leaks as in the `TastSelv` case, beside a mended one; [`self_test`] is a page that sends a canary by
//! every channel a browser has; [`town`] is a self-service with everything a crawler must cope with. Nothing here judges anything, and nothing here knows the other crates.
//!
//! ```
//! use sites::{HostedSite, Reply, Stage};
//!
//! # tokio::runtime::Runtime::new().unwrap().block_on(async {
//! let site = HostedSite::new("www.eksempel.test", |_received| Reply::html("<h1>Goddag</h1>"));
//! let stage = Stage::start(vec![site]).await?;
//! assert!(stage.https().ip().is_loopback());
//! assert!(stage.received().is_empty());
//! # stage.shutdown().await;
//! # std::io::Result::Ok(()) }).unwrap();
//! ```

mod delivery;
pub mod demo;
mod identity;
mod received;
mod reply;
pub mod self_test;
mod serving;
mod stage;
pub mod town;
mod websocket;

pub use delivery::Delivery;
pub use received::Received;
pub use reply::Reply;
pub use stage::{Handler, HostedSite, Stage};
