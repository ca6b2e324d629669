//! What is in the store, for a terminal of 80 columns.

use std::fmt::Write as _;
use std::path::Path;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use store::{OpenRun, ScanRow, SystemRow};

/// Columns of the last field of a line; the others add up to the rest of 80.
const WHAT: usize = 15;

/// What is listed.
pub(crate) struct Listed<'a> {
    /// Where the store is.
    pub(crate) path: &'a Path,
    /// How many scans it has.
    pub(crate) count: u64,
    /// Of these, the last.
    pub(crate) scans: Vec<ScanRow>,
    /// Every system as its last scan has it.
    pub(crate) systems: Vec<SystemRow>,
    /// Runs without a scan.
    pub(crate) runs: Vec<OpenRun>,
}

impl Listed<'_> {
    /// As text.
    pub(crate) fn render(&self) -> String {
        let mut text = format!("{}: {} scans\n", self.path.display(), self.count);
        self.tell_scans(&mut text);
        self.tell_systems(&mut text);
        self.tell_runs(&mut text);
        text.push_str("\nNext: cprvagt report NUMBER, or cprvagt report --since DATE\n");
        text
    }

    fn tell_scans(&self, text: &mut String) {
        if self.scans.is_empty() {
            return;
        }
        text.push_str("\nSCANS, the last first\n");
        let head = ["number", "began, UTC", "kind", "exit", "findings", "not seen", "what"];
        line(text, &head);
        for scan in &self.scans {
            let (number, exit) = (scan.number.to_string(), scan.exit_code.to_string());
            let (findings, unseen) = (scan.findings.to_string(), scan.blind_spots.to_string());
            let what = scan.inputs.join(", ");
            line(text, &[&number, &moment(scan.started), &scan.kind, &exit, &findings, &unseen, &what]);
        }
        let left = self.count.saturating_sub(u64::try_from(self.scans.len()).unwrap_or_default());
        if left > 0 {
            // Writing to a string does not fail, here and below.
            let _ = writeln!(text, "  and {left} before those: --last N shows more");
        }
    }

    fn tell_systems(&self, text: &mut String) {
        if self.systems.is_empty() {
            return;
        }
        text.push_str("\nSYSTEMS, as their last scan has them\n");
        system_line(text, &["system", "vendor", "verdict", "worst", "unlisted", "scan", "began, UTC"]);
        for system in &self.systems {
            let name = if system.id.is_empty() { &system.name } else { &system.id };
            let worst = if system.worst.is_empty() { "-" } else { &system.worst };
            let vendor = if system.vendor.is_empty() { "-" } else { &system.vendor };
            let (unlisted, scan) = (system.unlisted.to_string(), system.scan.to_string());
            system_line(text, &[name, vendor, &system.verdict, worst, &unlisted, &scan, &day(system.started)]);
        }
    }

    fn tell_runs(&self, text: &mut String) {
        if self.runs.is_empty() {
            return;
        }
        text.push_str("\nRUNS WITHOUT A SCAN\n");
        for run in &self.runs {
            let what = if run.died { "died half-way" } else { "under way" };
            let (began, kind, of) = (moment(run.started), &run.kind, reports::inert(&run.targets.join(", "), WHAT));
            let _ = writeln!(text, "  {began}  {kind:<9}  {of}: {what}");
        }
    }
}

fn line(text: &mut String, [number, began, kind, exit, findings, unseen, what]: &[&str; 7]) {
    let what = reports::inert(what, WHAT);
    let line = format!("  {number:>6}  {began:<16}  {kind:<9}  {exit:>4}  {findings:>8}  {unseen:>8}  {what}");
    let _ = writeln!(text, "{}", line.trim_end());
}

fn system_line(text: &mut String, [system, vendor, verdict, worst, unlisted, scan, began]: &[&str; 7]) {
    let (system, vendor) = (reports::inert(system, 19), reports::inert(vendor, 12));
    let line = format!("  {system:<19} {vendor:<12} {verdict:<11} {worst:<8} {unlisted:>8} {scan:>4} {began}");
    let _ = writeln!(text, "{}", line.trim_end());
}

fn moment(time: Timestamp) -> String {
    time.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d %H:%M").to_string()
}

fn day(time: Timestamp) -> String {
    time.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(name: &str) -> Listed<'_> {
        let started = "2026-11-22T04:00:00Z".parse().expect("a time");
        let scan = ScanRow {
            number: 123_456,
            id: "feed0000deadbeef".to_owned(),
            kind: "recording".to_owned(),
            inputs: vec![name.to_owned(); 3],
            started,
            ended: started,
            tool: "0.1.0".to_owned(),
            is_complete: false,
            exit_code: 130,
            findings: 10_000,
            blind_spots: 123_456,
        };
        let system = SystemRow {
            id: String::new(),
            name: name.to_owned(),
            vendor: name.to_owned(),
            scan: 1234,
            started,
            is_complete: true,
            verdict: "not-covered".to_owned(),
            findings: 1,
            worst: "critical".to_owned(),
            unlisted: 12,
        };
        let run = OpenRun { number: 1, kind: "audit".to_owned(), targets: vec![name.to_owned()], started, died: true };
        Listed { path: Path::new("store.db"), count: 40, scans: vec![scan], systems: vec![system], runs: vec![run] }
    }

    #[test]
    fn it_fits_80_columns_and_steers_no_terminal() {
        let name = "et-meget-langt-navn-paa-en-selvbetjening \u{1b}[2J\u{202e}";
        let text = listed(name).render();
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'), "{text}");
        assert!(text.contains("and 39 before those") && text.contains("died half-way"), "{text}");
    }

    #[test]
    fn an_empty_store_says_so() {
        let empty = Listed { path: Path::new("s.db"), count: 0, scans: vec![], systems: vec![], runs: vec![] };
        assert!(empty.render().starts_with("s.db: 0 scans\n"));
    }
}
