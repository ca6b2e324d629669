//! The proxy as its owner sees it: start, listen, stop.

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
use crate::listener::Port;
use crate::phase::Phase;
use crate::recorder::Recorder;
use crate::session::Client;
use crate::{Captured, Listener, ProxyError, Settings};

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
    /// two seconds more (event streams, large downloads, WebSockets), without its end: no `duration_ms`, and the
    /// bytes so far. Traffic never waits for the receiver: what it cannot take is counted in a `QueueOverflow`.
    pub fn start(settings: Settings) -> Result<(Self, mpsc::Receiver<Captured>), ProxyError> {
        let dialer = Dialer::new(&settings)?;
        let authority = Authority::new(settings.clock.clone())?;
        let (emitter, receiver) = Emitter::new();
        let post = |guard| Arc::new(Gatehouse::new(guard, settings.clock.clone(), settings.body_cap));
        let gatehouse = settings.guard.clone().map(post);
        let proxy = Self {
            recorder: Arc::new(Recorder::new(settings.clock, settings.body_cap, emitter)),
            dialer: Arc::new(dialer),
            authority: Arc::new(authority),
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
        let (port, listener) = Port::bind(port).await.map_err(|source| ProxyError::Listen { port, source })?;
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
            permit: Arc::new(place),
        };
        let (places, watch) = (Arc::clone(&self.places), tasks.clone());
        tasks.start(async move { accept(listener, places, watch.draining(), client).await });
        Ok(Listener::new(port))
    }

    /// The authority's certificate as PEM, for clients to trust.
    pub fn ca_pem(&self) -> &str {
        self.authority.pem()
    }

    /// The authority's certificate.
    pub fn ca_der(&self) -> &CertificateDer<'static> {
        self.authority.certificate()
    }

    /// Base64 of the SHA-256 of the authority's public key: what Chromium's `--ignore-certificate-errors-spki-list`
    /// takes. The authority's certificate is sent along with each leaf, so its key is enough.
    pub fn spki_sha256(&self) -> String {
        self.authority.spki_sha256().to_owned()
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

impl Drop for Proxy {
    fn drop(&mut self) {
        self.recorder.abandon();
    }
}
