//! What a whole scan tells of a slot: one parameter of one path of one host (cpr-facts 5.2).
//!
//! Where every value is a date and has its check digit, there stand CPR numbers, named or not: for random digits the chance
//! is 3 in 100,000 with three values and 3 in 100 million with five. Where hardly any is a date, there stand random ids.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use model::{CprNumber, Evidence, Score, Sighting, WrittenForm};

use crate::decoders::RawStep;
use crate::features::SLOT;
use crate::notes::{Marker, SlotNote};

/// Slots of one scan; a large audit has some thousands. Those beyond are judged number by number.
const MAX_SLOTS: usize = 50_000;

/// Different values remembered of one slot: more change no verdict.
const MAX_VALUES: usize = 200;

/// Sightings of mere dates kept until the slots are judged, of one slot and of all.
const MAX_KEPT_OF_ONE: usize = 1_000;
const MAX_KEPT: usize = 20_000;

/// Values from which a slot is one of numbers, probably and definitely.
const PROBABLE: usize = 3;
const DEFINITE: usize = 5;

/// Values from which a slot may be one of random ids.
const RANDOM: usize = 20;

/// What a slot's verdict weighs, for those who ask why: as much as a name.
const POINTS: i8 = 6;

/// The slots of a scan. Their names and values are held as keyed tokens.
pub(crate) struct Slots {
    marker: Marker,
    ids: BTreeMap<u64, usize>,
    all: Vec<Slot>,
    kept: usize,
}

#[derive(Default)]
struct Slot {
    values: BTreeMap<u64, Value>,
    /// Mere dates that were not told.
    doubtful: Vec<Sighting>,
}

/// What of a value tells the slot's content.
#[derive(Clone, Copy)]
struct Value {
    is_number: bool,
    has_check_digit: bool,
}

/// What stands in a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Content {
    /// CPR numbers, this surely.
    Numbers(Evidence),
    /// Random ids.
    RandomIds,
    /// Nobody knows.
    Mixed,
}

/// What became of the sightings of a scan.
#[derive(Debug, Default)]
pub struct Settled {
    /// Those that are told, surer where their slot says so.
    pub told: Vec<Sighting>,
    /// Dates by chance that are none: their slot brought them back.
    pub brought_back: Vec<Sighting>,
    /// Mere dates in slots of random ids: look-alikes after all.
    pub dismissed: Vec<Sighting>,
}

impl Slots {
    pub(crate) fn new(marker: Marker) -> Self {
        Self { marker, ids: BTreeMap::new(), all: Vec::new(), kept: 0 }
    }

    /// Counts ten digits in their slot. What there is to know of it, if it was news.
    pub(crate) fn note(&mut self, place: &str, steps: &[RawStep], digits: [u8; 10]) -> Option<SlotNote> {
        let number = CprNumber::from_digits(digits).ok();
        let note = SlotNote {
            slot: self.marker.mark("slot", key(place, steps).as_bytes()),
            value: self.marker.mark("value", &digits),
            is_number: number.is_some(),
            has_check_digit: number.is_some_and(|number| number.passes_mod11()),
        };
        self.count(&note).then_some(note)
    }

    /// Counts what was noted; whether it was news.
    pub(crate) fn count(&mut self, note: &SlotNote) -> bool {
        let id = match self.ids.get(&note.slot) {
            Some(id) => *id,
            None if self.all.len() < MAX_SLOTS => {
                self.all.push(Slot::default());
                self.ids.insert(note.slot, self.all.len() - 1);
                self.all.len() - 1
            }
            None => return false,
        };
        let Some(slot) = self.all.get_mut(id).filter(|slot| slot.values.len() < MAX_VALUES) else { return false };
        let value = Value { is_number: note.is_number, has_check_digit: note.has_check_digit };
        slot.values.insert(note.value, value).is_none()
    }

    /// The slot of a place where a token was noted.
    pub(crate) fn find(&self, place: &str, steps: &[RawStep]) -> Option<u64> {
        let slot = self.marker.mark("slot", key(place, steps).as_bytes());
        self.ids.contains_key(&slot).then_some(slot)
    }

    /// Keeps a mere date until its slot is judged.
    pub(crate) fn keep(&mut self, sighting: &Sighting) {
        let slot = sighting.context.slot.and_then(|slot| self.all.get_mut(*self.ids.get(&slot)?));
        if let Some(slot) = slot.filter(|slot| slot.doubtful.len() < MAX_KEPT_OF_ONE)
            && self.kept < MAX_KEPT
        {
            slot.doubtful.push(sighting.clone());
            self.kept += 1;
        }
    }

    /// Judges the slots, and the sightings by them.
    pub(crate) fn settle(&mut self, sightings: Vec<Sighting>) -> Settled {
        let mut settled = Settled::default();
        for mut sighting in sightings {
            match self.content(&sighting) {
                Content::Numbers(evidence) => {
                    raise(&mut sighting, evidence);
                    settled.told.push(sighting);
                }
                Content::RandomIds if is_mere_date(&sighting) => settled.dismissed.push(sighting),
                Content::RandomIds | Content::Mixed => settled.told.push(sighting),
            }
        }
        for slot in &mut self.all {
            if let Content::Numbers(evidence) = slot.content() {
                for mut sighting in std::mem::take(&mut slot.doubtful) {
                    raise(&mut sighting, evidence);
                    settled.brought_back.push(sighting);
                }
            }
        }
        settled
    }

    /// How sure a sighting in `slot` is, once the slots are judged; `None` when it is not told.
    pub(crate) fn settled(
        &self,
        slot: Option<u64>,
        evidence: Evidence,
        form: WrittenForm,
        is_told: bool,
    ) -> Option<Evidence> {
        let is_compact = form == WrittenForm::Compact;
        let slot = slot.and_then(|slot| self.all.get(*self.ids.get(&slot)?));
        match slot.map_or(Content::Mixed, Slot::content) {
            Content::Numbers(surer) if is_compact => Some(evidence.min(surer)),
            Content::Numbers(_) => Some(evidence),
            Content::RandomIds if is_compact && evidence == Evidence::E4 => None,
            Content::RandomIds | Content::Mixed => is_told.then_some(evidence),
        }
    }

    fn content(&self, sighting: &Sighting) -> Content {
        let slot = sighting.context.slot.and_then(|slot| self.all.get(*self.ids.get(&slot)?));
        slot.map_or(Content::Mixed, Slot::content)
    }
}

impl Slot {
    fn content(&self) -> Content {
        let values = self.values.len();
        let numbers = self.values.values().filter(|value| value.is_number).count();
        let with_check_digit = self.values.values().filter(|value| value.has_check_digit).count();
        if numbers == values && values >= DEFINITE && with_check_digit * 10 >= values * 9 {
            Content::Numbers(Evidence::E2)
        } else if numbers == values && values >= PROBABLE && with_check_digit == values {
            Content::Numbers(Evidence::E3)
        } else if values >= RANDOM && numbers * 5 < values {
            Content::RandomIds
        } else {
            Content::Mixed
        }
    }
}

fn raise(sighting: &mut Sighting, evidence: Evidence) {
    if evidence < sighting.evidence && sighting.form == WrittenForm::Compact {
        sighting.evidence = evidence;
        sighting.context.scores.push(Score { id: SLOT, points: POINTS });
    }
}

/// Whether nothing but its date and its check digit speaks for it.
fn is_mere_date(sighting: &Sighting) -> bool {
    sighting.evidence == Evidence::E4 && sighting.form == WrittenForm::Compact
}

/// Names a slot: where, and the names on the way without counters.
fn key(place: &str, steps: &[RawStep]) -> String {
    let mut key = template(place);
    for step in steps {
        match step {
            RawStep::Into(place, name) => {
                let _ = write!(key, "\0{}\0{}", place.as_str(), template(name));
            }
            RawStep::Undo(_) => {}
        }
    }
    key
}

/// A path or name with its runs of digits taken out.
fn template(text: &str) -> String {
    let mut template = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '0'..='9' if template.ends_with('0') => {}
            '0'..='9' => template.push('0'),
            _ => template.push(c),
        }
    }
    template
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(values: impl IntoIterator<Item = [u8; 10]>) -> Content {
        let mut slots = Slots::new(Marker::new(&[7; 32]));
        for digits in values {
            slots.note("a.test/", &[], digits);
        }
        slots.all[0].content()
    }

    /// Numbers of the first of January 1945 that nobody has, with their check digit.
    fn numbers(count: usize) -> Vec<[u8; 10]> {
        let serial = |serial: u32| format!("010145{serial:04}").into_bytes().try_into().unwrap();
        let numbers = (5000..6000).map(serial).filter(|digits| CprNumber::from_digits(*digits).unwrap().passes_mod11());
        numbers.take(count).collect()
    }

    #[test]
    fn values_that_all_pass_are_numbers() {
        assert_eq!(content(numbers(2)), Content::Mixed);
        assert_eq!(content(numbers(3)), Content::Numbers(Evidence::E3));
        assert_eq!(content(numbers(5)), Content::Numbers(Evidence::E2));
        let with_one_other = numbers(5).into_iter().chain([*b"9999999999"]);
        assert_eq!(content(with_one_other), Content::Mixed);
    }

    #[test]
    fn a_tenth_may_lack_the_check_digit_where_there_are_many() {
        let modern = numbers(20).into_iter().chain([*b"0101455000"]);
        assert_eq!(content(modern), Content::Numbers(Evidence::E2));
        assert_eq!(
            content((5000..5006).map(|n| format!("010145{n}").into_bytes().try_into().unwrap())),
            Content::Mixed
        );
    }

    #[test]
    fn values_that_are_hardly_ever_dates_are_random_ids() {
        let ids =
            (0..20).map(|n: u64| format!("{:010}", 4_212_218_985 + n * 77_777_777).into_bytes().try_into().unwrap());
        assert_eq!(content(ids), Content::RandomIds);
    }

    #[test]
    fn a_slot_has_no_counters_in_its_name() {
        let steps = |name: &str| vec![RawStep::Into(model::Place::Json, name.to_owned())];
        assert_eq!(key("a.test/x/17", &steps("events[0].id")), key("a.test/x/4711", &steps("events[12].id")));
        assert_ne!(key("a.test/x/17", &steps("id")), key("a.test/x/17", &steps("other")));
    }
}
