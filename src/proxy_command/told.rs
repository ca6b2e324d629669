//! What the terminal shows of a session as it goes on: each finding once, with what makes it worse; the rest is counted.

use std::collections::BTreeMap;

use model::{Evidence, Finding, Severity};

use crate::cli::Print;
use crate::output::{Output, print};
use crate::progress::Reporter;
use crate::proxy_command::journal::Journal;
use crate::record::{Record, Recorder};

/// Keeps what was told.
pub(crate) struct Told {
    journal: Journal,
    terminal: reports::Terminal,
    format: Print,
    /// How bad each finding was when it was last shown, by fingerprint.
    shown: BTreeMap<String, Severity>,
    /// How many of the recorder's sightings were told.
    sightings: usize,
    /// The disk took no more; said once.
    is_broken: bool,
}

impl Told {
    /// Nothing told yet.
    pub(crate) fn new(journal: Journal, output: &Output) -> Self {
        let (terminal, format) = (output.terminal(), output.format());
        Self { journal, terminal, format, shown: BTreeMap::new(), sightings: 0, is_broken: false }
    }

    /// Tells what `recorder` has found since the last call: on disk first.
    pub(crate) fn tell(&mut self, recorder: &mut Recorder, reporter: &Reporter) {
        let all = recorder.sightings();
        let new = all.get(self.sightings..).unwrap_or_default();
        self.sightings = all.len();
        let lines = match self.journal.append(new) {
            Ok(lines) => lines,
            Err(error) => {
                self.tell_broken(&error, reporter);
                Vec::new()
            }
        };
        let mut text = String::new();
        let sure = new.iter().filter(|sighting| sighting.evidence < Evidence::E4);
        for finding in sure.filter_map(|sighting| recorder.finding_of(sighting)) {
            if self.is_news(&finding) {
                text.push_str(&self.terminal.live_finding(&finding));
            }
        }
        for blind_spot in recorder.new_blind_spots() {
            text.push_str(&self.terminal.live_blind_spot(&blind_spot));
        }
        let shown = match self.format {
            Print::Text => text.into_bytes(),
            Print::Jsonl => lines,
        };
        if !shown.is_empty() {
            // Nobody reads any more: the files are still written.
            let _ = print(&shown);
        }
    }

    /// Tells what the end of the session brought: the whole report, or the sightings that only it could tell, such as
    /// digests that were undone.
    pub(crate) fn last(&mut self, record: &Record, output: &Output, reporter: &Reporter) -> anyhow::Result<()> {
        let lines = match self.journal.append(&record.sightings) {
            Ok(lines) => lines,
            Err(error) => {
                self.tell_broken(&error, reporter);
                Vec::new()
            }
        };
        match self.format {
            Print::Text => output.print(record)?,
            Print::Jsonl => print(&lines)?,
        }
        let scan = &record.scan;
        let requests: u64 = scan.systems.iter().map(|system| system.coverage.requests).sum();
        let unseen: u64 = scan.blind_spots.iter().map(|spot| spot.count).sum();
        let (findings, sightings) = (scan.findings.len(), record.sightings.len());
        reporter.step(&format!(
            "{requests} requests, {findings} findings (numbers seen {sightings} times), {unseen} things not seen"
        ));
        reporter.step(&format!("each sighting: {}", self.journal.path().display()));
        Ok(())
    }

    /// Whether `finding` is new, or worse than when it was shown.
    fn is_news(&mut self, finding: &Finding) -> bool {
        let shown = self.shown.get(&finding.fingerprint);
        let is_news = shown.is_none_or(|severity| finding.severity > *severity);
        if is_news {
            self.shown.insert(finding.fingerprint.clone(), finding.severity);
        }
        is_news
    }

    fn tell_broken(&mut self, error: &std::io::Error, reporter: &Reporter) {
        if !std::mem::replace(&mut self.is_broken, true) {
            let path = self.journal.path().display();
            reporter.step(&format!("cannot write {path}: {error}; what is shown from now on is in memory alone"));
        }
    }
}
