//! The proxy as its owner sees it: start, listen, stop.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustls_pki_types::CertificateDer;
use tokio::sync::{Semaphore, mpsc};
use tokio::time::timeout;

use crate::accept::accept;
use crate::authority::Authority;
use crate::dial::Dialer;
use crate::emitter::Emitter;
use crate::guard::Gatehouse;
use crate::legacy::LegacyReferer;
use crate::listener::{Port, Purpose};
use crate::phase::Phase;
use crate::recorder::Recorder;
use crate::session::Client;
use crate::{Ca, Captured, Credentials, Listener, Origin, ProxyError, Settings};

/// Seen through the proxy, the name of its own pages: its certificate, and how to trust it.
pub const OWN_HOST: &str = crate::own_site::HOST;

/// More than any browser or test suite opens; it bounds memory and descriptors.
const MOST_CONNECTIONS: usize = 16_384;
/// How long requests under way may take to finish when the proxy stops.
const GRACE: Duration = Duration::from_secs(3);
/// With nothing under way for so long, the rest are event streams and long polls, which do not finish.
const QUIET: Duration = Duration::from_millis(100);
/// How long tasks that were cut may take to notice.
const CUT_TIMEOUT: Duration = Duration::from_secs(1);

/// An intercepting proxy with its own certificate authority.
///
/// Dropped without [`Proxy::shutdown`] it ends at once, and what was under way is not handed over.
pub struct Proxy {
    recorder: Arc<Recorder>,
    dialer: Arc<Dialer>,
    authority: Arc<Authority>,
    credentials: Option<Arc<Credentials>>,
    gatehouse: Option<Arc<Gatehouse>>,
    legacy: Option<Arc<LegacyReferer>>,
    places: Arc<Semaphore>,
    ports: Mutex<Vec<Arc<Port>>>,
    is_swept: AtomicBool,
}

impl Proxy {
    /// A proxy that listens nowhere yet, and where what it captures arrives.
    ///
    /// An exchange arrives when its request is known to the end and its answer has ended; when the answer goes on for
    /// two seconds more (event streams, large downloads), without its end: no `duration_ms`, and the bytes so far.
    /// One whose body is over the cap arrives when the cap is reached, and again for each piece of what follows
    /// (`continues`); its answer comes with the last. One that opens a WebSocket arrives at once, and what is said on it
    /// as it is said: exchanges that continue it, the last one with its duration. Traffic never waits for the receiver:
    /// what it cannot take is counted in a `QueueOverflow`.
    pub fn start(settings: Settings) -> Result<(Self, mpsc::Receiver<Captured>), ProxyError> {
        let dialer = Dialer::new(&settings)?;
        let authority = Authority::new(settings.clock.clone(), settings.authority)?;
        let (emitter, receiver) = Emitter::new();
        let post = |guard| Arc::new(Gatehouse::new(guard, settings.clock.clone(), settings.body_cap));
        let gatehouse = settings.guard.clone().map(post);
        let proxy = Self {
            recorder: Arc::new(Recorder::new(settings.clock, settings.body_cap, emitter)),
            dialer: Arc::new(dialer),
            authority: Arc::new(authority),
            credentials: settings.auth.map(Arc::new),
            gatehouse,
            legacy: settings.legacy_referer.then(Arc::default),
            places: Arc::new(Semaphore::new(MOST_CONNECTIONS)),
            ports: Mutex::default(),
            is_swept: AtomicBool::new(false),
        };
        Ok((proxy, receiver))
    }

    /// Opens `port` of 127.0.0.1, 0 for any that is free. There may be several, one for each browser context.
    pub async fn listen(&self, port: u16) -> Result<Listener, ProxyError> {
        self.listen_at((Ipv4Addr::LOCALHOST, port).into()).await
    }

    /// Opens `address`, its port 0 for any that is free: HTTP and SOCKS5, both also within TLS.
    ///
    /// An address that others than this machine reach needs [`Settings::auth`].
    pub async fn listen_at(&self, address: SocketAddr) -> Result<Listener, ProxyError> {
        self.open(address, Purpose::Proxy, self.credentials.clone()).await
    }

    /// Lets nobody reach `address`, a port of this machine, through the proxy.
    pub fn keep_off(&self, address: SocketAddr) {
        self.dialer.off_limits().add(address);
    }

    /// Opens `address`, its port 0 for any that is free, as a stand-in for `origin`: clients open it as a site.
    ///
    /// An address that others than this machine reach needs [`Settings::auth`], and clients log in there; on a loopback
    /// address they need not.
    pub async fn listen_reverse(&self, address: SocketAddr, origin: Origin) -> Result<Listener, ProxyError> {
        let credentials = self.credentials.clone().filter(|_| !is_loopback(address));
        self.open(address, Purpose::Reverse(origin), credentials).await
    }

    async fn open(
        &self,
        address: SocketAddr,
        purpose: Purpose,
        credentials: Option<Arc<Credentials>>,
    ) -> Result<Listener, ProxyError> {
        if credentials.is_none() && !is_loopback(address) {
            return Err(ProxyError::Unguarded(address));
        }
        let bound = Port::bind(address, purpose, credentials).await;
        let (port, listener) = bound.map_err(|source| ProxyError::Listen { address, source })?;
        self.dialer.own_ports().add(port.address());
        self.ports.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&port));
        if !self.is_swept.swap(true, Ordering::Relaxed) {
            tokio::spawn(Recorder::sweep(Arc::downgrade(&self.recorder)));
        }
        let tasks = self.recorder.switch.tasks();
        let (recorder, dialer) = (Arc::clone(&self.recorder), Arc::clone(&self.dialer));
        let (authority, own, for_clients) = (Arc::clone(&self.authority), Arc::clone(&port), tasks.clone());
        let (gatehouse, legacy) = (self.gatehouse.clone(), self.legacy.clone());
        let client = move |address, place| Client {
            recorder: Arc::clone(&recorder),
            dialer: Arc::clone(&dialer),
            authority: Arc::clone(&authority),
            gatehouse: gatehouse.clone(),
            legacy: legacy.clone(),
            port: Arc::clone(&own),
            tasks: for_clients.clone(),
            address,
            user: None,
            permit: Arc::new(place),
        };
        let (places, watch) = (Arc::clone(&self.places), tasks.clone());
        tasks.start(async move { accept(listener, places, watch.draining(), client).await });
        Ok(Listener::new(port))
    }

    /// Who signs the certificates that clients are shown. Its own certificate is sent along with each, so clients need
    /// to know no more than its key.
    pub fn ca(&self) -> &Ca {
        self.authority.ca()
    }

    /// The authority's certificate as PEM, for clients to trust.
    pub fn ca_pem(&self) -> &str {
        self.ca().pem()
    }

    /// The authority's certificate.
    pub fn ca_der(&self) -> &CertificateDer<'static> {
        self.ca().certificate()
    }

    /// [`Ca::spki_sha256`] of it.
    pub fn spki_sha256(&self) -> String {
        self.ca().spki_sha256()
    }

    /// Stops: no new connections, some seconds for what is under way, then everything is cut. Every exchange still
    /// open is handed over as it is, with a `ConnectionBroken`; then the receiver ends.
    pub async fn shutdown(self) {
        let switch = &self.recorder.switch;
        switch.turn(Phase::Draining);
        let finished = async {
            tokio::select! {
                () = switch.all_ended() => {}
                () = self.quiet() => {}
            }
        };
        // Past the deadline the rest is cut.
        let _ = timeout(GRACE, finished).await;
        switch.turn(Phase::Cut);
        let _ = timeout(CUT_TIMEOUT, switch.all_ended()).await;
        self.recorder.close().await;
    }

    async fn quiet(&self) {
        let ports = self.ports.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for port in ports {
            port.flights.settled(QUIET, GRACE).await;
        }
    }
}

/// Whether only this machine reaches `address`.
fn is_loopback(address: SocketAddr) -> bool {
    address.ip().to_canonical().is_loopback()
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.recorder.abandon();
    }
}
