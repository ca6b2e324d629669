//! CPU time and memory of a process, from `/proc` (Linux).

use std::fs;

/// Milliseconds in a tick of `/proc/PID/stat`; Linux has counted in hundredths of a second there ever since.
const TICK_MS: u64 = 10;

/// A process that is looked at from outside.
#[derive(Clone, Copy)]
pub(crate) struct Process(pub(crate) u32);

impl Process {
    /// CPU time it has taken so far, its own and the system's for it, in milliseconds.
    pub(crate) fn cpu_ms(self) -> u64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.0)).unwrap_or_default();
        let fields = stat.rsplit(") ").next().unwrap_or_default().split(' ');
        fields.skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum::<u64>() * TICK_MS
    }

    /// Memory resident now, in KiB.
    pub(crate) fn resident_kib(self) -> u64 {
        self.status("VmRSS:")
    }

    /// The most memory that was resident since [`Self::forget_peak`], in KiB.
    pub(crate) fn peak_kib(self) -> u64 {
        self.status("VmHWM:")
    }

    /// Begins a new peak. Where that is not allowed the peak is that of the process's whole life.
    pub(crate) fn forget_peak(self) {
        let _ = fs::write(format!("/proc/{}/clear_refs", self.0), "5");
    }

    fn status(self, key: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0)).unwrap_or_default();
        let line = status.lines().find(|line| line.starts_with(key)).unwrap_or_default();
        line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).unwrap_or_default()
    }
}
