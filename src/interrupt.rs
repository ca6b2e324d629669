//! Ctrl-C: the first ends the run properly, with a report of what was seen; the second ends it at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::progress::Reporter;

/// Exit code of a program ended by SIGINT, as shells count it.
const INTERRUPTED: i32 = 130;

/// A flag that is raised at the first Ctrl-C or SIGTERM.
pub(crate) fn watch() -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    let raised = Arc::clone(&stop);
    tokio::spawn(async move {
        asked_to_stop().await;
        raised.store(true, Ordering::Relaxed);
        Reporter::new().step("stopping; the report of what was seen follows (again to end at once)");
        asked_to_stop().await;
        #[expect(clippy::exit, reason = "asked for twice: nothing is to be tidied up any more")]
        std::process::exit(INTERRUPTED);
    });
    stop
}

/// Returns when somebody asks the program to stop.
pub(crate) async fn asked_to_stop() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}
