//! `--browser`: a Chromium behind the proxy that needs no set-up, on a thread that lives as long as it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::Context as _;
use crawler::{BrowserError, Window, WindowSettings};
use tokio::sync::oneshot;

use crate::cli::{ProxyArgs, Shown};
use crate::fault::Fault;
use crate::interrupt;
use crate::progress::Reporter;

/// What is opened when nothing is named: Debian's build would open a search engine.
const BLANK: &str = "about:blank";

/// How soon it is noticed that the window was closed.
const LOOKS: Duration = Duration::from_millis(100);

/// A browser that is open.
pub(crate) struct Browsing {
    over: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

/// Refuses a window where there is no screen, before anything is begun.
pub(crate) fn check(args: &ProxyArgs) -> Result<(), Fault> {
    match args.browser_shown {
        Some(Shown::Window) if !has_screen() => Err(Fault::new(
            "--browser opens a window, and there is no screen here (DISPLAY is not set)",
            "run it where you see a desktop, or set another browser to use the proxy",
        )),
        Some(Shown::Window | Shown::Headless) | None => Ok(()),
    }
}

/// Whether a window can be shown to anybody.
pub(crate) fn has_screen() -> bool {
    !cfg!(target_os = "linux")
        || ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some_and(|set| !set.is_empty()))
}

/// Opens the browser, if one was asked for. When it is closed, `stop` is raised.
pub(crate) async fn open(
    args: &ProxyArgs,
    proxy: std::net::SocketAddr,
    spki: String,
    stop: &Arc<AtomicBool>,
    reporter: &Reporter,
) -> anyhow::Result<Option<Browsing>> {
    let Some(shown) = args.browser_shown else { return Ok(None) };
    let settings = WindowSettings {
        executable: args.browser.executable.clone(),
        trusted_spki: vec![spki],
        proxy,
        url: args.url.as_ref().map_or_else(|| BLANK.to_owned(), ToString::to_string),
        headless: shown == Shown::Headless,
    };
    let (opened, started) = oneshot::channel();
    let (over, stop) = (Arc::new(AtomicBool::new(false)), Arc::clone(stop));
    let asked = Arc::clone(&over);
    // The browser ends with the thread that starts it.
    let thread = std::thread::Builder::new().name("browser".to_owned()).spawn(move || {
        let mut window = match Window::open(&settings) {
            Ok(window) => window,
            Err(error) => {
                let _ = opened.send(Err(error));
                return;
            }
        };
        interrupt::remove_at_the_end(window.profile().to_owned());
        let _ = opened.send(Ok(()));
        while !asked.load(Ordering::Relaxed) {
            if window.is_closed() {
                Reporter::new().step("the browser was closed; the report of what was seen follows");
                stop.store(true, Ordering::Relaxed);
                return;
            }
            std::thread::sleep(LOOKS);
        }
    });
    let thread = thread.context("cannot start a thread for the browser")?;
    started.await.context("the browser's thread ended at once")?.map_err(|error: BrowserError| {
        let help = error.help();
        anyhow::Error::from(error).context(Fault::new("cannot use a browser", help))
    })?;
    reporter.step("a browser with a profile of its own is open; the session ends when it is closed");
    Ok(Some(Browsing { over, thread }))
}

impl Browsing {
    /// Closes the browser, if it is still open.
    pub(crate) async fn close(self) {
        self.over.store(true, Ordering::Relaxed);
        let _ = tokio::task::spawn_blocking(move || self.thread.join()).await;
    }
}
