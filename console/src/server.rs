//! The console's own thread: it listens, and serves what comes within bounds, so that it never takes the proxy's workers.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use crate::app::App;
use crate::desk::Desk;
use crate::routes::router;
use crate::secret::Secret;
use crate::session::Session;
use crate::settings::{
    ConsoleError, GOOD_BYE, HEAD_TIME, IDLE_CHECK, MAX_CONNECTIONS, MAX_DESK_THREADS, MAX_HEAD, MAX_HEADERS, SEND_TIME,
    Settings,
};
use crate::stalled::Stalled;

/// The live page, served. Stops when it is dropped.
#[derive(Debug)]
pub struct Console {
    address: SocketAddr,
    token: Secret,
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

impl Console {
    /// Serves the page of `session` on a thread of its own.
    pub fn start(settings: Settings, session: Session, desk: Arc<dyn Desk>) -> Result<Self, ConsoleError> {
        settings.check()?;
        let listen = |error| ConsoleError::Listen(settings.address, error);
        let listener = TcpListener::bind(settings.address).map_err(listen)?;
        listener.set_nonblocking(true).map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let app = App::new(settings, address, session, desk).ok_or(ConsoleError::NoSecret)?;
        let token = app.token.clone();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .max_blocking_threads(MAX_DESK_THREADS)
            .build()
            .map_err(ConsoleError::Thread)?;
        let stop = watch::Sender::new(false);
        let stopped = stop.subscribe();
        let serve = move || run(runtime, listener, Arc::new(app), stopped);
        let thread = std::thread::Builder::new().name("console".to_owned()).spawn(serve);
        Ok(Self { address, token, stop, thread: Some(thread.map_err(ConsoleError::Thread)?) })
    }

    /// What a tester opens: whoever has it is let in, as long as the program runs.
    pub fn url(&self) -> String {
        // It is for the terminal of whoever started the program.
        format!("http://{}/open/{}", self.address, self.token.reveal())
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends all streams and closes the port. Does not wait for calls to the desk that go on.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        self.stop.send_replace(true);
        if let Some(thread) = self.thread.take() {
            // It died of a fault of ours, and has said so.
            let _ = thread.join();
        }
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        self.end();
    }
}

fn run(runtime: Runtime, listener: TcpListener, app: Arc<App>, stopped: watch::Receiver<bool>) {
    runtime.block_on(serve(listener, app, stopped));
    runtime.shutdown_background();
}

async fn serve(listener: TcpListener, app: Arc<App>, mut stopped: watch::Receiver<bool>) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
    let connections = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let router = router(app.clone());
    tokio::spawn(forget_idle(app.clone()));
    loop {
        tokio::select! {
            accepted = accept(&listener, &connections) => match accepted {
                Some((stream, permit)) => drop(tokio::spawn(connection(stream, router.clone(), permit))),
                // Out of file handles, say: some will be given back.
                None => tokio::time::sleep(IDLE_CHECK).await,
            },
            _ = stopped.changed() => break,
        }
    }
    app.is_over.store(true, Ordering::Relaxed);
    app.logins.close_all();
    // Streams say good-bye first.
    tokio::time::sleep(GOOD_BYE).await;
}

/// The next connection; what is over the bound waits in the system's queue.
async fn accept(
    listener: &tokio::net::TcpListener,
    connections: &Arc<Semaphore>,
) -> Option<(TcpStream, OwnedSemaphorePermit)> {
    let permit = connections.clone().acquire_owned().await.ok()?;
    let (stream, _) = listener.accept().await.ok()?;
    Some((stream, permit))
}

async fn connection(stream: TcpStream, router: Router, permit: OwnedSemaphorePermit) {
    let serving = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .max_headers(MAX_HEADERS)
        .max_buf_size(MAX_HEAD)
        .serve_connection(TokioIo::new(Stalled::new(stream, SEND_TIME)), TowerToHyperService::new(router));
    // A browser that broke off is no news.
    let _ = serving.await;
    drop(permit);
}

async fn forget_idle(app: Arc<App>) {
    let mut ticks = tokio::time::interval(IDLE_CHECK);
    #[expect(clippy::infinite_loop, reason = "ends with the runtime")]
    loop {
        ticks.tick().await;
        app.logins.forget_idle(app.clock.now(), app.idle);
    }
}
