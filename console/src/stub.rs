//! stub
#![allow(missing_docs)]
use crate::{Desk, Lang, Session};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
pub struct Settings {
    pub address: SocketAddr,
    pub idle: Duration,
    pub lang: Lang,
    pub clock: model::Clock,
}

#[derive(Debug, thiserror::Error)]
pub enum ConsoleError {
    #[error("x {0}")]
    Listen(SocketAddr, #[source] std::io::Error),
}
pub struct Console(SocketAddr);
impl Console {
    pub fn start(s: Settings, _: Session, _: Arc<dyn Desk>) -> Result<Self, ConsoleError> {
        Ok(Self(s.address))
    }
    pub fn url(&self) -> String {
        format!("http://{}/open/x", self.0)
    }
    pub fn address(&self) -> SocketAddr {
        self.0
    }
    pub fn stop(self) {}
}
