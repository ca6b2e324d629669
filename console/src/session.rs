//! All that a console shows, in memory: filled by whoever judges, read by pages.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use model::{BlindSpotKind, BlindSpotRecord, Evidence, Finding, RecipientRecord, Redacted, SystemId};
use tokio::sync::watch;

use crate::exchange::ExchangeRow;
use crate::mark::Mark;

/// Exchanges listed at most; of those before, only the report tells. Each takes some 700 bytes, so 140 MB.
pub(crate) const MAX_EXCHANGES: usize = 200_000;

/// Findings shown at most: one is what one repair removes, and no site has so many.
pub(crate) const MAX_FINDINGS: usize = 5_000;

/// Recipients and blind spots shown at most, of each.
pub(crate) const MAX_OTHERS: usize = 5_000;

/// Marks kept at most: a tester makes one a minute.
pub(crate) const MAX_MARKS: usize = 10_000;

/// Testers and systems offered to choose from at most, of each: a proxy has a handful.
pub(crate) const MAX_CHOICES: usize = 100;

/// What came of judging, all at once.
#[derive(Clone, Debug, Default)]
pub struct News {
    /// In the order in which they began, as far as possible.
    pub exchanges: Vec<Arc<ExchangeRow>>,
    /// New ones, and those that have changed: whole, as they are now.
    pub findings: Vec<Finding>,
    /// Whole, as they are now.
    pub blind_spots: Vec<BlindSpotRecord>,
    /// What is not told any more, of findings and blind spots.
    pub left_out: u64,
}

/// Who got something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// Who it is.
    pub record: RecipientRecord,
    /// Requests to it.
    pub requests: u64,
    /// How many of them carried a number, more surely than a mere date.
    pub with_number: u64,
}

/// Whose site the session is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Under {
    /// The sites or systems under test; empty until the first visit.
    pub names: Vec<Redacted>,
    /// Whether nobody named it: it is the first that was visited, and another may be chosen.
    pub is_guess: bool,
}

/// What blind spots are told apart by.
pub type UnseenKey = (Option<SystemId>, BlindSpotKind, Redacted);

/// A session as it is now.
#[derive(Debug, Default)]
pub struct State {
    /// Grows with every change.
    pub revision: u64,
    /// The revision in which all was last forgotten, to be judged anew.
    pub anew: u64,
    /// The revisions in which what follows last changed.
    pub changed: Changed,
    /// Whose site it is.
    pub under: Under,
    /// Whether recording is paused.
    pub is_paused: bool,
    /// Exchanges seen so far, with those no longer listed.
    pub seen: u64,
    /// Listed, in order of arrival; the first is number `seen - exchanges.len()`.
    pub exchanges: VecDeque<Arc<ExchangeRow>>,
    /// By fingerprint, with the revision each last changed in.
    pub findings: BTreeMap<String, (u64, Arc<Finding>)>,
    /// By system, kind and place.
    pub blind_spots: BTreeMap<UnseenKey, Arc<BlindSpotRecord>>,
    /// By domain.
    pub recipients: BTreeMap<Redacted, Recipient>,
    /// In order.
    pub marks: Vec<Arc<Mark>>,
    /// How many exchanges carried a number, more surely than a mere date.
    pub with_number: u64,
    /// How many exchanges were stopped before they left.
    pub blocked: u64,
    /// Who sent something, where several work through one proxy.
    pub testers: BTreeSet<Redacted>,
    /// The systems whose pages sent something.
    pub systems: BTreeSet<SystemId>,
    /// What found no room in these lists: findings, recipients, blind spots and marks. The report has them.
    pub left_out: u64,
}

/// The revisions in which the short lists last changed: they are fetched whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Changed {
    /// Who got what.
    pub recipients: u64,
    /// What was not seen.
    pub blind_spots: u64,
    /// What testers put in.
    pub marks: u64,
}

/// Shared between the thread that judges and the console. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Session(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    state: Mutex<State>,
    revision: watch::Sender<u64>,
}

impl Default for Session {
    fn default() -> Self {
        Self(Arc::new(Inner { state: Mutex::default(), revision: watch::Sender::new(0) }))
    }
}

impl Session {
    /// Takes in what came of judging. Never waits for a reader longer than it takes to copy some rows.
    pub fn add(&self, news: News, recipients: impl IntoIterator<Item = RecipientRecord>) {
        self.change(|state| state.add(news, recipients));
    }

    /// A tester's mark.
    pub fn mark(&self, mark: Mark) {
        self.change(|state| state.mark(mark));
    }

    /// It is known whose site it is.
    pub fn know(&self, under: Under) {
        self.change(|state| state.under = under);
    }

    /// Who works through the proxy, as far as that is known before they send anything.
    pub fn expect_testers(&self, names: impl IntoIterator<Item = Redacted>) {
        self.change(|state| names.into_iter().for_each(|name| choose(&mut state.testers, Some(&name))));
    }

    /// Forgets what was judged, which is judged anew; marks stay.
    pub fn judge_anew(&self) {
        self.change(|state| {
            state.seen = 0;
            state.exchanges.clear();
            state.findings.clear();
            state.blind_spots.clear();
            state.recipients.clear();
            state.systems.clear();
            state.with_number = 0;
            state.blocked = 0;
            state.left_out = 0;
            state.anew = state.revision;
            state.changed = Changed { recipients: state.revision, blind_spots: state.revision, marks: state.revision };
        });
    }

    /// The state, to be read in moments: whoever judges waits meanwhile.
    pub fn state(&self) -> MutexGuard<'_, State> {
        // A reader that died left nothing half done.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells each revision, or the latest of several.
    pub fn revisions(&self) -> watch::Receiver<u64> {
        self.0.revision.subscribe()
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.state();
        state.revision += 1;
        change(&mut state);
        let revision = state.revision;
        drop(state);
        self.0.revision.send_replace(revision);
    }
}

impl State {
    /// The number of the first exchange that is still listed.
    pub fn first(&self) -> u64 {
        self.seen - self.exchanges.len() as u64
    }

    fn add(&mut self, news: News, recipients: impl IntoIterator<Item = RecipientRecord>) {
        let News { exchanges, findings, blind_spots, left_out } = news;
        self.left_out += left_out;
        if !exchanges.is_empty() {
            self.changed.recipients = self.revision;
        }
        if !blind_spots.is_empty() {
            self.changed.blind_spots = self.revision;
        }
        for record in recipients {
            let is_known = self.recipients.contains_key(&record.domain);
            if !is_known && self.recipients.len() >= MAX_OTHERS {
                self.left_out += 1;
                continue;
            }
            let entry = self.recipients.entry(record.domain.clone());
            let kept = entry.or_insert_with(|| Recipient { record: record.clone(), requests: 0, with_number: 0 });
            self.changed.recipients = self.revision;
            // The first request to a host need not be one that tells what runs there.
            if kept.record.product.is_none() && record.product.is_some() {
                kept.record = record;
            }
        }
        for row in exchanges {
            let has_number = row.evidence.is_some_and(|evidence| evidence < Evidence::E4);
            self.with_number += u64::from(has_number);
            self.blocked += u64::from(row.blocked);
            choose(&mut self.testers, row.tester.as_ref());
            choose(&mut self.systems, row.system.as_ref());
            if let Some(recipient) = self.recipients.get_mut(&row.recipient) {
                recipient.requests += u64::from(!row.continues);
                recipient.with_number += u64::from(has_number && !row.blocked);
            }
            if self.exchanges.len() >= MAX_EXCHANGES {
                self.exchanges.pop_front();
            }
            self.exchanges.push_back(row);
            self.seen += 1;
        }
        for finding in findings {
            if self.findings.len() >= MAX_FINDINGS && !self.findings.contains_key(&finding.fingerprint) {
                self.left_out += 1;
                continue;
            }
            self.findings.insert(finding.fingerprint.clone(), (self.revision, Arc::new(finding)));
        }
        for record in blind_spots {
            let key = (record.system.clone(), record.kind, record.place.clone());
            if self.blind_spots.len() >= MAX_OTHERS && !self.blind_spots.contains_key(&key) {
                self.left_out += 1;
                continue;
            }
            self.blind_spots.insert(key, Arc::new(record));
        }
    }

    fn mark(&mut self, mark: Mark) {
        match mark.kind {
            crate::MarkKind::Pause => self.is_paused = true,
            crate::MarkKind::Resume => self.is_paused = false,
            crate::MarkKind::Step | crate::MarkKind::Note | crate::MarkKind::Clear | crate::MarkKind::FirstParty => {}
        }
        self.changed.marks = self.revision;
        if self.marks.len() >= MAX_MARKS {
            self.left_out += 1;
            return;
        }
        self.marks.push(Arc::new(mark));
    }
}

fn choose<T: Clone + Ord>(choices: &mut BTreeSet<T>, choice: Option<&T>) {
    let Some(choice) = choice.filter(|_| choices.len() < MAX_CHOICES) else { return };
    if !choices.contains(choice) {
        choices.insert(choice.clone());
    }
}
