//! What the terminal shows of a session as it goes on: each finding once, with what makes it worse; the rest is counted.

use std::collections::BTreeMap;

use detect::{Parties, Seen, fold};
use model::{Baseline, Evidence, Finding, Severity, Sighting};

use crate::cli::Print;
use crate::judge::News;
use crate::live::{Hears, Journal, Owner};
use crate::output::{Output, print};
use crate::progress::Reporter;
use crate::record::{Record, Recorder};

use super::feed::Feed;
use super::session_log::Before;

/// Keeps what was told.
pub(crate) struct Told {
    journal: Journal,
    terminal: reports::Terminal,
    format: Print,
    /// How bad each finding was when it was last shown, by fingerprint.
    shown: BTreeMap<String, Severity>,
    requests: u64,
    parties: Parties,
    /// What somebody accepted: shown as such.
    baseline: Baseline,
    /// The disk took no more; said once.
    is_broken: bool,
    /// What the console shows.
    feed: Feed,
    /// What was there of the session before.
    before: Before,
}

impl Hears for Told {
    fn know(&mut self, owner: &Owner, is_guessed: bool) {
        self.parties = owner.parties();
        self.feed.know(owner, is_guessed);
    }

    /// What was seen before is shown again in the console, and not at the terminal.
    fn begin(&mut self, recorder: &mut Recorder) -> anyhow::Result<()> {
        let Self { feed, before, .. } = self;
        before.recall(recorder, |taken| feed.tell(taken))
    }

    /// The lines of the sightings as they were judged before are kept, in a file with their time.
    fn forget(&mut self) {
        self.shown.clear();
        self.requests = 0;
        self.feed.forget();
        if let Err(error) = self.journal.begin_anew() {
            self.tell_broken(&error);
        }
    }

    /// On disk first.
    fn tell(&mut self, news: &News<'_>) {
        self.requests += news.requests;
        let lines = self.write(news.sightings);
        self.feed.take(news.taken);
        let mut text = String::new();
        for sighting in news.sightings.iter().filter(|sighting| sighting.evidence < Evidence::E4) {
            let seen = Seen { sightings: std::slice::from_ref(sighting), ..Seen::default() };
            for mut finding in fold(&seen, &self.parties) {
                self.baseline.mark_as_of_its_last_day(&mut finding);
                if self.is_news(&finding) {
                    text.push_str(&self.terminal.live_finding(&finding));
                }
            }
        }
        for blind_spot in news.blind_spots {
            text.push_str(&self.terminal.live_blind_spot(blind_spot));
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
}

impl Told {
    /// Nothing told yet.
    pub(crate) fn new(journal: Journal, output: &Output, feed: Feed, before: Before) -> Self {
        let (terminal, format) = (output.terminal(), output.format());
        Self {
            journal,
            terminal,
            format,
            parties: Parties::first_party(Vec::new()),
            shown: BTreeMap::new(),
            requests: 0,
            baseline: feed.baseline().clone(),
            is_broken: false,
            feed,
            before,
        }
    }

    /// Tells what the end of the session brought: the whole report, or the sightings that only it could tell, such as
    /// digests that were undone.
    pub(crate) fn last(&mut self, record: &Record, output: &Output, reporter: &Reporter) -> anyhow::Result<()> {
        let lines = self.write(&record.sightings);
        match self.format {
            Print::Text => output.print(record)?,
            Print::Jsonl => print(&lines)?,
        }
        let scan = &record.scan;
        let requests = self.requests;
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

    /// What was written; nothing when the disk takes no more.
    fn write(&mut self, sightings: &[Sighting]) -> Vec<u8> {
        match self.journal.append(sightings) {
            Ok(lines) => lines,
            Err(error) => {
                self.tell_broken(&error);
                Vec::new()
            }
        }
    }

    fn tell_broken(&mut self, error: &std::io::Error) {
        if !std::mem::replace(&mut self.is_broken, true) {
            let path = self.journal.path().display();
            let what = "what is shown from now on is in memory alone, until the report";
            Reporter::new().step(&format!("cannot write {path}: {error}; {what}"));
        }
    }
}
