//! The record of a session, at its end or on the way: what was judged, what testers did, and whose site it was.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::Context as _;
use console::{File, Lang, Mark};
use jiff::Timestamp;
use model::{Baseline, BlindSpotKind, DigestDepth, Redacted, Registry, Scan, ScanKind, TestPerson};

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
    let lang = match lang {
        Lang::Da => reports::Lang::Da,
        Lang::En => reports::Lang::En,
    };
    let pages = reports::pages_alone(scan, lang).context("cannot render the report so far")?;
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
