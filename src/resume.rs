//! An audit that was killed goes on where it was: the journal read back into the recorder, and the key that goes with it.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::Path;

use crawler::{Before, Plan};
use detect::{Redactor, UnknownWord};
use jiff::Timestamp;
use model::{BlindSpot, BlindSpotKind, Redact as _, Redacted, Registry, TestPerson, VisitId};
use serde_json::Value;

use crate::journal::{Journal, RunKey, Told, Unit, folder_of_keys};
use crate::own_words::without_numbers;
use crate::record::Recorder;

/// An audit with a journal.
pub(crate) struct Resume {
    journal: Journal,
    told: Told,
    /// `None` where a key file has the key.
    key: Option<RunKey>,
}

/// The pages of one plan in the journal.
pub(crate) struct Pages<'a> {
    journal: &'a mut Journal,
    plan: usize,
    /// Visits of pages that are done: what comes of them later goes with the next page.
    done: BTreeSet<VisitId>,
    fault: Option<anyhow::Error>,
}

impl Resume {
    /// That in `folder`, or a new one. With `has_key_file` the key is the user's business.
    pub(crate) fn open(
        folder: &Path,
        arguments: &[Redacted],
        now: Timestamp,
        has_key_file: bool,
    ) -> anyhow::Result<Self> {
        let (mut journal, mut told) = Journal::open(folder, arguments, now)?;
        let open_key = || RunKey::open(folder_of_keys().as_deref(), journal.id(), journal.path());
        let key = if has_key_file { None } else { Some(open_key()?) };
        if told.started.is_some() && key.as_ref().is_some_and(|key| !key.is_kept) {
            journal.key_lost()?;
            told.is_key_lost = true;
        }
        Ok(Self { journal, told, key })
    }

    /// The run's key, unless it is in a key file.
    pub(crate) fn key(&self) -> Option<[u8; 32]> {
        self.key.as_ref().map(|key| key.bytes)
    }

    /// When the run began, if this is not its beginning.
    pub(crate) fn started(&self) -> Option<Timestamp> {
        self.told.started
    }

    /// How many plans were done before.
    pub(crate) fn plans_done(&self) -> usize {
        self.told.plans.len()
    }

    /// How many pages were done before, in plans of which more is left.
    pub(crate) fn pages_done(&self) -> usize {
        self.told.done.iter().filter(|(unit, _)| !self.told.plans.contains(&unit.plan)).count()
    }

    /// Whether a question for consent was met in the plan of this number.
    pub(crate) fn has_met(&self, plan: usize) -> bool {
        self.told.met.contains(&plan)
    }

    /// Whether the plan of this number was done before.
    pub(crate) fn is_done(&self, plan: usize) -> bool {
        self.told.plans.contains(&plan)
    }

    /// Hands `recorder` what earlier runs took in. The latest visit among it: new ones are counted from there.
    pub(crate) fn recall(&mut self, recorder: &mut Recorder) -> Result<Option<VisitId>, UnknownWord> {
        let taken = std::mem::take(&mut self.told.taken);
        let digests: usize = taken.iter().map(crate::record::Taken::digests).sum();
        for taken in taken {
            recorder.recall(&taken)?;
        }
        if self.told.is_key_lost && digests > 0 {
            recorder.recalled_blind_spot(lost_digests(digests));
        }
        Ok(recorder.last_visit())
    }

    /// What earlier runs did of the plan of this number.
    pub(crate) fn before(&self, plan: usize) -> Before {
        let done = self.told.done.iter().filter(|(unit, _)| unit.plan == plan).map(|(_, state)| state.clone());
        let begun = self.told.begun.iter().filter(|(unit, count)| unit.plan == plan && **count >= MAX_BEGUN);
        Before { done: done.collect(), given_up: begun.map(|(unit, _)| unit.page.clone()).collect() }
    }

    /// The pages of the plan of this number, as they come.
    pub(crate) fn pages(&mut self, plan: usize) -> Pages<'_> {
        Pages { journal: &mut self.journal, plan, done: BTreeSet::new(), fault: None }
    }

    /// What stands in the report of a run that lost its key on the way.
    pub(crate) fn conditions(&self) -> Vec<Redacted> {
        self.told.is_key_lost.then(|| Redacted::own_words(LOST_KEY)).into_iter().collect()
    }

    /// The plan of this number is done, with all that `recorder` took in since.
    pub(crate) fn plan_done(&mut self, plan: usize, recorder: &mut Recorder) -> anyhow::Result<()> {
        self.journal.plan_done(plan, recorder.take_untold())
    }

    /// The reports are written.
    pub(crate) fn end(self) -> anyhow::Result<()> {
        self.journal.end()?;
        if let Some(key) = self.key {
            key.end();
        }
        Ok(())
    }
}

impl Pages<'_> {
    /// A page is about to be asked for. One whose name holds a number is not written, and asked for again.
    pub(crate) fn begin(&mut self, page: String, redactor: &Redactor) {
        if redactor.redact(&page) == page {
            let written = self.journal.begin(&Unit { plan: self.plan, page });
            self.keep_fault(written);
        }
    }

    /// A page is done, with `visits`; `state` is for the crawl that goes on.
    pub(crate) fn done(&mut self, page: String, visits: Vec<VisitId>, state: Option<Value>, recorder: &mut Recorder) {
        let redactor = recorder.redactor();
        if redactor.redact(&page) != page {
            return;
        }
        let state = state.filter(|state| is_unchanged(state, &redactor));
        let taken = if state.is_some() {
            self.done.extend(visits);
            recorder.take_untold_of(&self.done)
        } else {
            Vec::new()
        };
        let written = self.journal.done(&Unit { plan: self.plan, page }, state, taken);
        self.keep_fault(written);
    }

    /// What went wrong first.
    pub(crate) fn end(self) -> anyhow::Result<()> {
        self.fault.map_or(Ok(()), Err)
    }

    fn keep_fault(&mut self, written: anyhow::Result<()>) {
        if let Err(fault) = written {
            self.fault.get_or_insert(fault);
        }
    }
}

/// Whether nothing in it must be taken out: then it may be written.
fn is_unchanged(state: &Value, redactor: &Redactor) -> bool {
    match state {
        Value::Null | Value::Bool(_) | Value::Number(_) => true,
        Value::String(text) => redactor.redact(text) == *text,
        Value::Array(items) => items.iter().all(|item| is_unchanged(item, redactor)),
        Value::Object(members) => {
            members.iter().all(|(name, value)| redactor.redact(name) == *name && is_unchanged(value, redactor))
        }
    }
}

/// What is said of digests that were seen under a key that is gone.
pub(crate) fn lost_digests(digests: usize) -> BlindSpot {
    let detail = format!("{digests} digests were seen before the machine was started anew");
    BlindSpot::new(BlindSpotKind::DigestsNotTried, "this run", detail)
}

/// How often a page is begun and not done before it is left out.
const MAX_BEGUN: u32 = 3;

/// Said of a run whose key is gone.
pub(crate) const LOST_KEY: &str =
    "the machine was started anew on the way: a person seen before and after counts as two";

/// What makes a run the same as another: what was typed, the registry and who is declared. Without other numbers.
pub(crate) fn arguments(registry: Option<&Registry>, persons: &[TestPerson], plans: &[Plan]) -> Vec<Redacted> {
    arguments_but(&[], registry, persons, plans)
}

/// The same without the flags that are `left_out`.
pub(crate) fn arguments_but(
    left_out: &[&str],
    registry: Option<&Registry>,
    persons: &[TestPerson],
    plans: &[Plan],
) -> Vec<Redacted> {
    let is_asked = |typed: &OsString| left_out.iter().all(|left_out| typed != left_out);
    let typed = std::env::args_os().skip(1).filter(is_asked).map(|typed| without_numbers(&typed.to_string_lossy()));
    // Numbers print masked there.
    let registry = registry.map(|registry| format!("{registry:#?}"));
    // Declared test numbers are shown in clear (DESIGN.md, "Numbers are people").
    let persons = persons.iter().map(|person| format!("{}={}", person.id, person.cpr.reveal()));
    // What the files of journeys say, not only their names.
    let journeys = plans.iter().map(|plan| without_numbers(&format!("{:?}", plan.journeys)));
    typed.chain(registry).chain(persons).chain(journeys).map(Redacted::own_words).collect()
}
