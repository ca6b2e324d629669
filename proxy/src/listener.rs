//! A port of the proxy: where it is, in which visit, and what is under way.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use model::{LaneId, VisitId};
use tokio::net::TcpListener;

use crate::Origin;
use crate::credentials::Credentials;
use crate::flight::Flights;

/// A port of the proxy. Cheap to clone; clones are the same port.
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
    lane: OnceLock<LaneId>,
    tester: OnceLock<String>,
    purpose: Purpose,
    credentials: Option<Arc<Credentials>>,
    has_shown_pages: AtomicBool,
}

/// What a port is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// A proxy: requests say where they go.
    Proxy,
    /// A stand-in for this site.
    Reverse(Origin),
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

    /// Requests come from the tabs of `lane`. Said once, before the first request.
    #[must_use]
    pub fn for_lane(self, lane: LaneId) -> Self {
        // What was said first holds: it is on exchanges already.
        let _ = self.port.lane.set(lane);
        self
    }

    /// Requests are those of `tester`. Said once, before the first request.
    #[must_use]
    pub fn for_tester(self, tester: &str) -> Self {
        // What was said first holds: it is on exchanges already.
        let _ = self.port.tester.set(tester.to_owned());
        self
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
    /// Binds to `address`, its port 0 for any. Clients must show one of `credentials`, if there are any.
    pub(crate) async fn bind(
        address: SocketAddr,
        purpose: Purpose,
        credentials: Option<Arc<Credentials>>,
    ) -> std::io::Result<(Arc<Self>, TcpListener)> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let port = Self {
            flights: Arc::default(),
            address,
            visit: Mutex::new(None),
            lane: OnceLock::new(),
            tester: OnceLock::new(),
            purpose,
            credentials,
            has_shown_pages: AtomicBool::new(false),
        };
        Ok((Arc::new(port), listener))
    }

    /// Where it is.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it is for.
    pub(crate) fn purpose(&self) -> &Purpose {
        &self.purpose
    }

    /// Who may use it; `None` for everybody who reaches it.
    pub(crate) fn credentials(&self) -> Option<&Credentials> {
        self.credentials.as_deref()
    }

    /// Whether this is the first page that is opened at a reverse port.
    pub(crate) fn shows_first_page(&self) -> bool {
        !self.has_shown_pages.swap(true, Ordering::Relaxed)
    }

    /// The visit that requests belong to now.
    pub(crate) fn visit(&self) -> Option<VisitId> {
        *self.visit.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whose tabs send requests to it, where it is one lane's.
    pub(crate) fn lane(&self) -> Option<LaneId> {
        self.lane.get().copied()
    }

    /// Whose requests come to it, where it is one tester's.
    pub(crate) fn tester(&self) -> Option<&str> {
        self.tester.get().map(String::as_str)
    }
}
