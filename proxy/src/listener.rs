//! A port of the proxy: where it is, in which visit, and what is under way.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use model::VisitId;
use tokio::net::TcpListener;

use crate::flight::Flights;

/// A port of the proxy, on the loopback address. Cheap to clone; clones are the same port.
#[derive(Clone)]
pub struct Listener {
    port: Arc<Port>,
}

/// What belongs to a port.
pub(crate) struct Port {
    /// What is under way.
    pub(crate) flights: Arc<Flights>,
    address: SocketAddr,
    visit: Mutex<Option<VisitId>>,
}

impl Listener {
    pub(crate) fn new(port: Arc<Port>) -> Self {
        Self { port }
    }

    /// Where clients reach it.
    pub fn address(&self) -> SocketAddr {
        self.port.address
    }

    /// Requests that begin from now on belong to `visit`.
    pub fn set_visit(&self, visit: Option<VisitId>) {
        *self.port.visit.lock().unwrap_or_else(PoisonError::into_inner) = visit;
    }

    /// Requests without a finished answer, and tunnels being set up for one.
    ///
    /// What never finishes is left out as far as can be told: WebSockets, event streams, and what a script has asked
    /// for and not got within seconds (a long poll).
    pub fn in_flight(&self) -> usize {
        self.port.flights.count()
    }

    /// Waits until no request was in flight for `quiet`, counted from this call at the earliest; `false` when `cap`
    /// passed first. By then every exchange that has ended is in the receiver.
    pub async fn settled(&self, quiet: Duration, cap: Duration) -> bool {
        self.port.flights.settled(quiet, cap).await
    }
}

impl Port {
    /// Binds to `port` of the loopback address, 0 for any.
    pub(crate) async fn bind(port: u16) -> std::io::Result<(Arc<Self>, TcpListener)> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let address = listener.local_addr()?;
        Ok((Arc::new(Self { flights: Arc::default(), address, visit: Mutex::new(None) }), listener))
    }

    /// Where it is.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The visit that requests belong to now.
    pub(crate) fn visit(&self) -> Option<VisitId> {
        *self.visit.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
