//! What the console asks of a session that goes on: marks are kept, and files are made of what was seen so far.

use std::path::PathBuf;

use console::{DeskError, Earlier, Export, File, Mark, MarkKind, Session};
use detect::Redactor;
use model::{Clock, Redacted};
use store::Store;

/// Earlier scans that are offered for comparison.
const MAX_EARLIER: usize = 50;

/// The record of a session, as the console's threads use it.
pub(super) struct SessionRecord {
    session: Session,
    redactor: Redactor,
    clock: Clock,
    /// Where scans are kept; `None` when they are not.
    store: Option<PathBuf>,
}

impl SessionRecord {
    pub(super) fn new(session: Session, redactor: Redactor, clock: Clock, store: Option<PathBuf>) -> Self {
        Self { session, redactor, clock, store }
    }

    /// Keeps a mark, with every number in it masked that is not declared.
    pub(super) fn mark(&self, kind: MarkKind, tester: Option<&str>, text: &str) -> Result<(), DeskError> {
        let number = self.session.state().marks.len() as u64 + 1;
        let redacted = |text: &str| Redacted::new(text, &self.redactor);
        let (tester, text) = (tester.map(redacted), redacted(text));
        self.session.mark(Mark { number, time: self.clock.now(), tester, kind, text });
        Ok(())
    }

    /// Earlier scans, the latest first.
    pub(super) fn earlier(&self) -> Result<Vec<Earlier>, DeskError> {
        let Some(path) = &self.store else { return Ok(Vec::new()) };
        let unusable = |error| DeskError(format!("the store cannot be used: {error}"));
        let Some(store) = Store::open_existing(path).map_err(unusable)? else { return Ok(Vec::new()) };
        let rows = store.scans(MAX_EARLIER).map_err(unusable)?;
        let earlier = |row: store::ScanRow| Earlier {
            id: row.id,
            started: row.started,
            kind: row.kind,
            // They were redacted when they were kept.
            targets: row.inputs.into_iter().map(Redacted::own_words).collect(),
            findings: row.findings,
        };
        Ok(rows.into_iter().map(earlier).collect())
    }

    /// Files of the session so far.
    pub(super) fn export(&self, _: &Export) -> Result<Vec<File>, DeskError> {
        Err(DeskError("not yet".to_owned()))
    }
}
