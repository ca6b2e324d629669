//! Ctrl-C: the first ends the run properly, with a report of what was seen; the second ends it at once.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::progress::Reporter;

/// Exit code of a program ended by SIGINT, as shells count it.
const INTERRUPTED: i32 = 130;

/// Folders that the second Ctrl-C takes along, since nobody else will.
static TO_REMOVE: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// Has `folder` removed should the program be ended at once.
pub(crate) fn remove_at_the_end(folder: PathBuf) {
    TO_REMOVE.lock().unwrap_or_else(PoisonError::into_inner).push(folder);
}

/// A flag that is raised at the first Ctrl-C or SIGTERM.
pub(crate) fn watch() -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    let raised = Arc::clone(&stop);
    let mut asked = Asked::new();
    tokio::spawn(async move {
        asked.again().await;
        raised.store(true, Ordering::Relaxed);
        Reporter::new().step("stopping; the report of what was seen follows (again to end at once)");
        asked.again().await;
        for folder in TO_REMOVE.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            // The browser is ending too, and may be quicker.
            let _ = std::fs::remove_dir_all(folder);
        }
        #[expect(clippy::exit, reason = "asked for twice: nothing is to be tidied up any more")]
        std::process::exit(INTERRUPTED);
    });
    stop
}

/// How soon a raised flag is noticed: at once, as a person feels it.
const NOTICED: Duration = Duration::from_millis(50);

/// Returns when the flag of [`watch`] is raised.
pub(crate) async fn raised(stop: &AtomicBool) {
    while !stop.load(Ordering::Relaxed) {
        tokio::time::sleep(NOTICED).await;
    }
}

/// Returns when somebody asks the program to stop.
pub(crate) async fn asked_to_stop() {
    Asked::new().again().await;
}

/// Hears of Ctrl-C and SIGTERM from when it is made: what comes between two questions is not lost.
struct Asked {
    /// `None` where the system has no such signals to give.
    #[cfg(unix)]
    signals: Option<(tokio::signal::unix::Signal, tokio::signal::unix::Signal)>,
}

impl Asked {
    fn new() -> Self {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            let both = || Ok::<_, std::io::Error>((signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?));
            Self { signals: both().ok() }
        }
        #[cfg(not(unix))]
        Self {}
    }

    /// Returns when it is asked the next time.
    async fn again(&mut self) {
        #[cfg(unix)]
        if let Some((interrupt, terminate)) = &mut self.signals {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
        let _ = tokio::signal::ctrl_c().await;
    }
}
