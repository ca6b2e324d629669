//! Time as the processor spent it on this program: other load on the machine does not count.

use rustix::time::{ClockId, clock_gettime};

/// Seconds of processor time that `work` took, and what it made.
pub fn timed<T>(work: impl FnOnce() -> T) -> (f64, T) {
    let before = spent();
    let made = work();
    (spent() - before, made)
}

/// The value that `part` of all are below.
pub fn quantile(values: &mut [f64], part: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let at = (values.len().saturating_sub(1)) as f64 * part;
    values.get(at.round() as usize).copied().unwrap_or(f64::NAN)
}

/// Seconds of processor time of the programs started and ended so far, in hundredths; Linux only.
pub fn of_children() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // Behind the name, which may hold anything: proc(5), fields 16 and 17.
    let (_, fields) = stat.rsplit_once(')')?;
    let ticks: Vec<f64> = fields.split_whitespace().skip(13).take(2).filter_map(|field| field.parse().ok()).collect();
    Some(ticks.iter().sum::<f64>() / 100.0)
}

fn spent() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}
