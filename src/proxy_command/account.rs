//! The record of a session, at its end or on the way: what was judged, what testers did, and whose site it was.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::Context as _;
use console::{File, Lang, Mark};
use jiff::Timestamp;
use model::{Baseline, BlindSpotKind, DigestDepth, Redacted, Registry, Scan, ScanKind, TestPerson};

use super::desk::language;
use super::session_log::SessionLog;
use super::steps;
use crate::live::Owner;
use crate::output;
use crate::record::{Assignment, Record, Recorder};

/// What a record is made of beside what was judged.
#[derive(Clone)]
pub(crate) struct Account<'a> {
    pub(crate) owner: &'a Owner,
    pub(crate) persons: &'a [TestPerson],
    pub(crate) started: Timestamp,
    pub(crate) ended: Timestamp,
    /// Which numbers are tried on digests, and what ends that early.
    pub(crate) digests: (DigestDepth, Arc<AtomicBool>),
    /// What stood in the session that is not as in a citizen's browser.
    pub(crate) conditions: Vec<Redacted>,
    pub(crate) baseline: Option<Baseline>,
}

impl Account<'_> {
    /// The record of what `recorder` gathered, with `marks`.
    pub(crate) fn record(self, recorder: Recorder, marks: &[Mark]) -> Record {
        let redactor = recorder.redactor();
        let registry = self.owner.registry();
        let assignment = Assignment {
            kind: ScanKind::Proxy,
            targets: self.owner.targets(&redactor),
            started: self.started,
            ended: self.ended.max(self.started),
            controller: registry.and_then(Registry::controller_name),
            registry,
            vendors: registry.map(crate::scan::vendors).unwrap_or_default(),
            subjects: self.owner.subjects("cprvagt proxy", &recorder),
            test_persons: self.persons,
            canaries: &[],
            self_test: None,
            digests: self.digests,
            command: None,
            conditions: self.conditions,
            baseline: self.baseline,
        };
        let mut record = recorder.finish(assignment);
        steps::tell(&mut record.scan, marks, &record.sightings, &self.owner.parties());
        record
    }

    /// The record so far of a session that goes on, from its log; `recorder` makes one that knows nothing yet. Digests are
    /// left for the end of the session, which is said.
    pub(crate) fn so_far(self, log: &SessionLog, recorder: impl FnOnce() -> Recorder) -> anyhow::Result<Record> {
        let (recorder, marks) = log.replay(recorder)?;
        let mut conditions = self.conditions;
        conditions.push(Redacted::own_words(GOES_ON));
        let digests = (DigestDepth::Off, Arc::default());
        let mut record = Account { digests, conditions, ..self }.record(recorder, &marks);
        let put_off = |kind| kind == BlindSpotKind::DigestsNotTried;
        for spot in record.scan.blind_spots.iter_mut().filter(|spot| put_off(spot.kind) && spot.detail == not_tried()) {
            spot.detail = Redacted::own_words(PUT_OFF);
        }
        Ok(record)
    }
}

/// The report on `scan` in `lang`, to be opened without anything else; the page to begin with at the front.
pub(crate) fn pages(scan: &Scan, lang: Lang) -> anyhow::Result<Vec<File>> {
    let pages = reports::pages_alone(scan, language(lang)).context("cannot render the report so far")?;
    let file = |page: reports::ReportFile| File { name: page.name, media_type: HTML, bytes: page.bytes };
    Ok(pages.into_iter().map(file).collect())
}

/// `scan` as `scan.json`.
pub(crate) fn json(scan: &Scan) -> anyhow::Result<File> {
    Ok(File { name: "scan.json".to_owned(), media_type: "application/json", bytes: output::as_json(scan)? })
}

/// Media type of a page.
const HTML: &str = "text/html; charset=utf-8";

/// Said of a report that is made on the way.
const GOES_ON: &str = "made while the session went on: what comes after it is in the report at its end";

/// What is said of digests then.
const PUT_OFF: &str = "they are tried at the end of the session";

/// What a run without them says.
fn not_tried() -> Redacted {
    Redacted::own_words(crate::record::DIGESTS_OFF)
}

#[cfg(test)]
mod tests {
    use console::MarkKind;
    use detect::{Inspector, Parties, Setup};
    use jiff::civil::date;
    use model::{
        BlindSpotKind, Body, Exchange, Headers, Host, NoteKind, RequestRecord, ScanKind, Site, Target, TestPerson,
    };

    use super::*;
    use crate::progress::Reporter;

    const DECLARED: &str = "0101901234";

    fn site() -> Site {
        Host::parse("sag.test").unwrap().site()
    }

    fn persons() -> Vec<TestPerson> {
        vec![TestPerson { id: "da-01".to_owned(), cpr: DECLARED.parse().unwrap(), scope: Vec::new() }]
    }

    fn recorder() -> Recorder {
        let parties = Parties::first_party(vec![site()]);
        let (key, today) = ([7; 32], date(2026, 11, 22));
        let setup = Setup { test_persons: persons(), key, today, parties: parties.clone() };
        Recorder::new(Inspector::new(setup), parties).taking_notes()
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    /// A leak through its own parameter, so that each is a finding of its own.
    fn leak(index: u64, second: i64, tester: &str, value: &str) -> Exchange {
        let request = RequestRecord {
            method: "GET".to_owned(),
            target: Target::parse(&format!("https://maaling.test/c?p{index}={value}")).unwrap(),
            version: "HTTP/1.1".to_owned(),
            headers: Headers(vec![("referer".to_owned(), b"https://sag.test/side".to_vec())]),
            body: Body::default(),
        };
        let mut exchange = Exchange::begun(index, at(second), request);
        exchange.connection.tester = Some(tester.to_owned());
        exchange
    }

    fn mark(number: u64, second: i64, tester: Option<&str>, kind: MarkKind, text: &str) -> Mark {
        let (tester, text) = (tester.map(Redacted::own_words), Redacted::own_words(text));
        Mark { number, time: at(second), tester, kind, text }
    }

    fn account<'a>(owner: &'a Owner, persons: &'a [TestPerson]) -> Account<'a> {
        Account {
            owner,
            persons,
            started: at(0),
            ended: at(100),
            digests: (DigestDepth::Fast, Arc::default()),
            conditions: Vec::new(),
            baseline: None,
        }
    }

    #[test]
    fn the_session_so_far_is_told_by_step_and_says_that_it_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let (log, _) = SessionLog::open(folder.path(), &[], at(0), true, &Reporter::new()).unwrap();
        let digest = "5f4dcc3b5aa765d61d8327deb882cf99";
        let mut judged = recorder();
        let leaks =
            [(0, 5, "anna", DECLARED), (1, 15, "anna", DECLARED), (2, 16, "bo", DECLARED), (3, 17, "bo", digest)];
        for (index, second, tester, value) in leaks {
            judged.exchange("live", &leak(index, second, tester, value));
        }
        log.append(&judged.take_untold());
        let marks = [
            mark(1, 10, Some("anna"), MarkKind::Step, "change address"),
            mark(2, 12, None, MarkKind::Note, "slow"),
            mark(3, 13, None, MarkKind::Clear, ""),
        ];
        for mark in &marks {
            log.mark(mark).unwrap();
        }
        let (owner, persons) = (Owner::Sites(vec![site()]), persons());
        let record = account(&owner, &persons).so_far(&log, recorder).unwrap();
        let scan = &record.scan;
        assert_eq!((scan.kind, scan.notes.len()), (ScanKind::Proxy, 2));
        assert!(scan.conditions.iter().any(|condition| condition.as_str() == GOES_ON));
        let put_off = |kind| scan.blind_spots.iter().find(|spot| spot.kind == kind).map(|spot| spot.detail.as_str());
        assert_eq!(put_off(BlindSpotKind::DigestsNotTried), Some(PUT_OFF));
        let named: Vec<(&str, Vec<&str>)> = scan
            .findings
            .iter()
            .map(|finding| (finding.parameter.as_str(), finding.tests.iter().map(Redacted::as_str).collect()))
            .collect();
        let of =
            |parameter: &str| named.iter().find(|(name, _)| name.contains(parameter)).map(|(_, tests)| tests.clone());
        assert_eq!(of("p0"), Some(Vec::new()), "{named:?}");
        assert_eq!(of("p1"), Some(vec!["anna · step 1: change address"]), "{named:?}");
        assert_eq!(of("p2"), Some(Vec::new()), "it is not hers: {named:?}");
        let steps = steps::Steps::of(&marks);
        let live: Vec<Option<Redacted>> = record.sightings.iter().map(|sighting| steps.of_sighting(sighting)).collect();
        assert_eq!(live, [None, Some(Redacted::own_words("anna · step 1: change address")), None]);
        let step = scan.notes.iter().find(|note| note.kind == NoteKind::Step).unwrap();
        assert_eq!((step.findings.len(), step.more_findings), (1, 0));
        for lang in [Lang::Da, Lang::En] {
            let pages = pages(scan, lang).unwrap();
            assert_eq!(pages.len(), 1);
            assert!(String::from_utf8_lossy(&pages[0].bytes).contains("change address"));
        }
        let read: Scan = serde_json::from_slice(&json(scan).unwrap().bytes).unwrap();
        assert_eq!(&read.notes, &scan.notes);
    }

    #[test]
    fn the_end_of_a_session_tells_the_same_findings() {
        let folder = tempfile::tempdir().unwrap();
        let (log, _) = SessionLog::open(folder.path(), &[], at(0), true, &Reporter::new()).unwrap();
        let mut judged = recorder();
        for index in 0..3 {
            judged.exchange("live", &leak(index, 5, "anna", DECLARED));
        }
        log.append(&judged.take_untold());
        let (owner, persons) = (Owner::Sites(vec![site()]), persons());
        let so_far = account(&owner, &persons).so_far(&log, recorder).unwrap();
        let ended = account(&owner, &persons).record(judged, &[]);
        assert_eq!(so_far.scan.findings, ended.scan.findings);
        assert_eq!(so_far.scan.systems, ended.scan.systems);
        assert!(!ended.scan.findings.is_empty() && ended.scan.notes.is_empty());
    }
}
