//! Fills the console's session from what the recorder takes in: rows, findings as they grow, recipients, blind spots.

use std::collections::{BTreeMap, BTreeSet};

use console::{ExchangeRow, News, Session, Under, UnseenKey};
use detect::Parties;
use model::{Baseline, BlindSpotRecord, Evidence, Finding, RecipientRecord, Redacted, Standing};

use super::growing::{Growing, of_contact, of_sighting};
use crate::live::Owner;
use crate::own_words::without_numbers;
use crate::record::{Judged, Noted, Taken};

/// Findings that grow at once; the console shows fewer.
const MAX_GROWING: usize = 10_000;

/// Blind spots that are counted by kind and place; the console shows fewer.
const MAX_PLACES: usize = 10_000;

/// Keeps what was seen so far, as far as it grows.
pub(super) struct Feed {
    session: Session,
    parties: Parties,
    baseline: Baseline,
    findings: BTreeMap<String, Growing>,
    places: BTreeMap<UnseenKey, BlindSpotRecord>,
}

/// What one batch came to.
#[derive(Default)]
struct Batch {
    rows: Vec<ExchangeRow>,
    findings: BTreeSet<String>,
    places: BTreeSet<UnseenKey>,
    recipients: Vec<RecipientRecord>,
}

impl Feed {
    /// Nothing seen yet. What `baseline` accepts is shown as such.
    pub(super) fn new(session: Session, baseline: Baseline) -> Self {
        let parties = Parties::first_party(Vec::new());
        Self { session, parties, baseline, findings: BTreeMap::new(), places: BTreeMap::new() }
    }

    /// Whose site it is, from now on; nobody named it when it `is_guessed`.
    pub(super) fn know(&mut self, owner: &Owner, is_guessed: bool) {
        self.parties = owner.parties();
        // Hosts and ids as they were typed, or as somebody visited them.
        let names = owner.names().iter().map(|name| Redacted::own_words(without_numbers(name))).collect();
        self.session.know(Under { names, is_guess: is_guessed });
    }

    /// All is told anew.
    pub(super) fn forget(&mut self) {
        self.findings.clear();
        self.places.clear();
        self.session.judge_anew();
    }

    /// Tells what was taken in.
    pub(super) fn take(&mut self, taken: &[Taken]) {
        let mut batch = Batch::default();
        for taken in taken {
            match taken {
                Taken::Exchange(judged) => self.exchange(judged, &mut batch),
                Taken::BlindSpot(noted) => self.blind_spot(noted, &mut batch),
                // A session has none.
                Taken::Visit(_) | Taken::Banner(_) => {}
            }
        }
        let findings = batch.findings.iter().filter_map(|fingerprint| self.findings.get(fingerprint));
        let news = News {
            exchanges: batch.rows,
            findings: findings.map(|growing| growing.finding().clone()).collect(),
            blind_spots: batch.places.iter().filter_map(|key| self.places.get(key)).cloned().collect(),
        };
        self.session.add(news, batch.recipients);
    }

    fn exchange(&mut self, judged: &Judged, batch: &mut Batch) {
        let mut shown = BTreeSet::new();
        for sighting in judged.sightings().iter().filter(|sighting| sighting.evidence < Evidence::E4) {
            for more in of_sighting(sighting, &self.parties) {
                let parties = &self.parties;
                let grown = grown(&mut self.findings, &self.baseline, &more);
                let Some(growing) = grown else { continue };
                growing.see(sighting, &more, parties);
                shown.insert(more.fingerprint);
            }
        }
        for contact in judged.sensitive() {
            for more in of_contact(contact, &self.parties) {
                let Some(growing) = grown(&mut self.findings, &self.baseline, &more) else { continue };
                growing.see_contact(judged.index(), &more);
                shown.insert(more.fingerprint);
            }
        }
        for noted in judged.blind_spots() {
            self.blind_spot(noted, batch);
        }
        batch.findings.extend(shown.iter().cloned());
        let recipient = &judged.contact().recipient;
        if let Some(row) = judged.row() {
            if recipient.standing != Standing::Own {
                batch.recipients.push(recipient.clone());
            }
            let blind_spots = u32::try_from(judged.blind_spots().len()).unwrap_or(u32::MAX);
            batch.rows.push(ExchangeRow { findings: shown.into_iter().collect(), blind_spots, ..row.clone() });
        }
    }

    fn blind_spot(&mut self, noted: &Noted, batch: &mut Batch) {
        let record = noted.record();
        let key = (record.system.clone(), record.kind, record.place.clone());
        if self.places.len() >= MAX_PLACES && !self.places.contains_key(&key) {
            return;
        }
        let known = self.places.entry(key.clone()).or_insert(BlindSpotRecord { count: 0, ..record });
        known.count += 1;
        batch.places.insert(key);
    }
}

/// The finding that `more` is one more of; `None` when there are too many.
fn grown<'a>(
    findings: &'a mut BTreeMap<String, Growing>,
    baseline: &Baseline,
    more: &Finding,
) -> Option<&'a mut Growing> {
    if findings.len() >= MAX_GROWING && !findings.contains_key(&more.fingerprint) {
        return None;
    }
    let growing = findings.entry(more.fingerprint.clone()).or_insert_with(|| Growing::new(more.clone()));
    baseline.mark_as_of_its_last_day(growing.finding_mut());
    Some(growing)
}
