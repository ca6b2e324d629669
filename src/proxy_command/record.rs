//! What the console asks of a session that goes on: marks are kept, and files are made of what was seen so far.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use console::{DeskError, Earlier, Export, File, Mark, MarkKind, Session};
use detect::Redactor;
use jiff::Timestamp;
use model::{Baseline, Clock, Comparison, DigestDepth, Redacted, Scan, TestPerson};
use store::Store;

use super::account::{self, Account};
use super::session_log::SessionLog;
use crate::live::Owner;
use crate::own_words::without_numbers;
use crate::record::Recorder;

/// Earlier scans that are offered for comparison.
const MAX_EARLIER: usize = 50;

/// Steps and notes of a session; the console and its log hold some more marks, for pauses.
const MAX_TEXTS: usize = 9_000;

/// Makes a recorder that knows whose site it is.
pub(super) type MakeRecorder = Box<dyn Fn(&Owner) -> Recorder + Send + Sync>;

/// The record of a session, as all who work on it share it.
pub(super) struct SessionRecord {
    pub(super) session: Session,
    pub(super) log: SessionLog,
    pub(super) redactor: Redactor,
    pub(super) clock: Clock,
    pub(super) started: Timestamp,
    pub(super) persons: Vec<TestPerson>,
    pub(super) conditions: Vec<Redacted>,
    pub(super) baseline: Option<Baseline>,
    /// Where scans are kept; `None` when they are not.
    pub(super) store: Option<PathBuf>,
    pub(super) recorder: MakeRecorder,
    /// Whose site it is, as far as that is known.
    pub(super) owner: Mutex<Owner>,
    /// One mark at a time: they have numbers. Whether the session takes no more.
    pub(super) marking: Mutex<bool>,
}

impl SessionRecord {
    /// Whose site it is, from now on.
    pub(super) fn know(&self, owner: &Owner) {
        *self.owner.lock().unwrap_or_else(PoisonError::into_inner) = owner.clone();
    }

    /// Does what a mark says, by `apply`, and keeps it, with every number in it masked that is not declared. What was done
    /// is shown even where it cannot be written, which is then said.
    pub(super) fn mark(
        &self,
        kind: MarkKind,
        tester: Option<&str>,
        text: &str,
        apply: impl FnOnce(&Mark),
    ) -> Result<(), DeskError> {
        let is_over = self.marking.lock().unwrap_or_else(PoisonError::into_inner);
        if *is_over {
            return Err(DeskError("the session is ending: its report is being written".to_owned()));
        }
        let is_text = matches!(kind, MarkKind::Step | MarkKind::Note | MarkKind::Clear);
        if is_text && self.session.state().marks.len() >= MAX_TEXTS {
            return Err(DeskError(format!(
                "a session has no more than {MAX_TEXTS} steps and notes; end it and begin another"
            )));
        }
        let redacted = |text: &str| Redacted::new(text, &self.redactor);
        let mark = Mark {
            number: self.session.state().marks.len() as u64 + 1,
            time: self.clock.now(),
            tester: tester.map(redacted),
            kind,
            text: redacted(text),
        };
        apply(&mark);
        let written = self.log.mark(&mark);
        self.session.mark(mark);
        written.map_err(|error| {
            DeskError(format!(
                "done, but it could not be written to disk: a session that is killed forgets it ({error})"
            ))
        })
    }

    /// The marks of the session, which takes no more.
    pub(super) fn last_marks(&self) -> Vec<Mark> {
        *self.marking.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.session.state().marks.iter().map(|mark| Mark::clone(mark)).collect()
    }

    /// Earlier scans, the latest first.
    pub(super) fn earlier(&self) -> Result<Vec<Earlier>, DeskError> {
        let Some(store) = self.store()? else { return Ok(Vec::new()) };
        let earlier = |row: store::ScanRow| Earlier {
            id: row.id,
            started: row.started,
            kind: row.kind,
            // They were redacted when they were kept.
            targets: row.inputs.into_iter().map(Redacted::own_words).collect(),
            findings: row.findings,
        };
        Ok(store.scans(MAX_EARLIER).map_err(unusable)?.into_iter().map(earlier).collect())
    }

    /// Files of the session so far.
    pub(super) fn export(&self, what: &Export) -> Result<Vec<File>, DeskError> {
        let owner = self.owner.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let account = Account {
            owner: &owner,
            persons: &self.persons,
            started: self.started,
            ended: self.clock.now(),
            digests: (DigestDepth::Off, Arc::default()),
            conditions: self.conditions.clone(),
            baseline: self.baseline.clone(),
        };
        let mut scan = account.so_far(&self.log, || (self.recorder)(&owner)).map_err(|error| failed(&error))?.scan;
        match what {
            Export::Report { lang, since } => {
                if let Some(id) = since {
                    scan.comparison = Some(Box::new(Comparison::of(&[self.earlier_scan(id)?], &scan)));
                }
                account::pages(&scan, *lang).map_err(|error| failed(&error))
            }
            Export::Json => Ok(vec![account::json(&scan).map_err(|error| failed(&error))?]),
        }
    }

    fn earlier_scan(&self, id: &str) -> Result<Scan, DeskError> {
        let gone = || DeskError("that scan is not in the store any more; choose another".to_owned());
        Ok(self.store()?.ok_or_else(gone)?.find(id).map_err(|_| gone())?.scan)
    }

    fn store(&self) -> Result<Option<Store>, DeskError> {
        self.store.as_ref().map_or(Ok(None), |path| Store::open_existing(path).map_err(unusable))
    }
}

#[expect(clippy::needless_pass_by_value, reason = "as map_err hands it over")]
fn unusable(error: store::StoreError) -> DeskError {
    DeskError(without_numbers(&format!("the store cannot be used: {error}")))
}

fn failed(error: &anyhow::Error) -> DeskError {
    DeskError(without_numbers(&format!("{error:#}")))
}

#[cfg(test)]
pub(super) mod sample {
    //! A record of a session that has just begun, for tests of who fills it.

    use model::Host;

    use super::*;
    use crate::progress::Reporter;
    use crate::setup;

    /// Shown, since it is declared.
    pub(crate) const CANARY: &str = "0101901234";

    /// The first party of the session.
    pub(crate) fn owner() -> Owner {
        Owner::Sites(vec![Host::parse("sag.test").unwrap().site()])
    }

    /// A recorder that lists what it sees.
    pub(crate) fn recorder() -> Recorder {
        make(&owner()).taking_notes().listing()
    }

    /// A record, and the folder of its log.
    pub(crate) fn record() -> (tempfile::TempDir, Arc<SessionRecord>) {
        let folder = tempfile::tempdir().unwrap();
        let (log, _) = SessionLog::open(folder.path(), &[], Timestamp::UNIX_EPOCH, true, &Reporter::new()).unwrap();
        let record = SessionRecord {
            session: Session::default(),
            log,
            redactor: recorder().redactor(),
            clock: Clock::fixed(Timestamp::UNIX_EPOCH),
            started: Timestamp::UNIX_EPOCH,
            persons: vec![person()],
            conditions: Vec::new(),
            baseline: None,
            store: None,
            recorder: Box::new(make),
            owner: Mutex::new(owner()),
            marking: Mutex::default(),
        };
        (folder, Arc::new(record))
    }

    fn person() -> TestPerson {
        TestPerson { id: "da-01".to_owned(), cpr: CANARY.parse().unwrap(), scope: Vec::new() }
    }

    fn make(owner: &Owner) -> Recorder {
        setup::recorder(&[person()], owner.parties(), [7; 32], &Clock::fixed(Timestamp::UNIX_EPOCH))
    }
}
