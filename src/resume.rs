//! An audit that was killed goes on where it was: the journal read back into the recorder, and the key that goes with it.

use std::path::Path;

use detect::UnknownWord;
use jiff::Timestamp;
use model::{BlindSpot, BlindSpotKind, Redacted, Registry, TestPerson, VisitId};

use crate::journal::{Journal, RunKey, Told, key_folder};
use crate::own_words::without_numbers;
use crate::record::Recorder;

/// An audit with a journal.
pub(crate) struct Resume {
    journal: Journal,
    told: Told,
    /// `None` where a key file has the key.
    key: Option<RunKey>,
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
        let open_key = || RunKey::open(key_folder(|name| std::env::var_os(name)).as_deref(), journal.id());
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
            recorder.recall(taken)?;
        }
        if self.told.is_key_lost && digests > 0 {
            let detail = format!("{digests} digests were seen before the machine was started anew");
            recorder.recalled_blind_spot(BlindSpot::new(BlindSpotKind::DigestsNotTried, "this run", detail));
        }
        Ok(recorder.last_visit())
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

/// Said of a run whose key is gone.
const LOST_KEY: &str = "the machine was started anew on the way: a person seen before and after counts as two";

/// What makes a run the same as another: what was typed, the registry and who is declared. Without other numbers.
pub(crate) fn arguments(registry: Option<&Registry>, persons: &[TestPerson]) -> Vec<Redacted> {
    let typed = std::env::args_os().skip(1).map(|typed| without_numbers(&typed.to_string_lossy()));
    // Numbers print masked there.
    let registry = registry.map(|registry| format!("{registry:#?}"));
    // Declared test numbers are shown in clear (DESIGN.md, "Numbers are people").
    let persons = persons.iter().map(|person| format!("{}={}", person.id, person.cpr.reveal()));
    typed.chain(registry).chain(persons).map(Redacted::own_words).collect()
}
