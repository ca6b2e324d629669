//! One test at a time, and a census of what the process holds before and after.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Handle};

use crate::kit::PATIENCE;

static ALONE: Mutex<()> = Mutex::new(());

/// Runs `test` while no other runs.
pub(crate) fn alone(test: impl Future<Output = ()>) {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    Builder::new_current_thread().enable_all().build().unwrap().block_on(test);
}

/// What the process holds.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Census {
    descriptors: usize,
    tasks: usize,
}

impl Census {
    pub(crate) fn now() -> Self {
        let descriptors = std::fs::read_dir("/proc/self/fd").unwrap().count();
        Self { descriptors, tasks: Handle::current().metrics().num_alive_tasks() }
    }

    /// Waits until the process holds no more than this again.
    pub(crate) async fn is_back(&self, after: impl std::fmt::Debug) {
        let begun = Instant::now();
        loop {
            let now = Self::now();
            if now.descriptors <= self.descriptors && now.tasks <= self.tasks {
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "before {self:?}, after {now:?}: {after:?}");
            // Nobody tells when a descriptor is closed.
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

/// Memory in use, in KiB.
pub(crate) fn memory() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// How many of something: `few` in every run, or as many as the environment's `name` says.
pub(crate) fn how_many(name: &str, few: usize) -> usize {
    std::env::var(name).map_or(few, |many| many.parse().unwrap())
}
