//! A number of its own for every field that asks for one, so that a number seen on the wire names the field it came from.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use model::CprNumber;
use serde_json::Value;

use crate::fields::{Asks, asks, wants_it_again};
use crate::forms::fingerprint;
use crate::page::PageForm;

/// Which field has which number of the plan's; the same form met again has the same. Clones share what they know, so that
/// a crawl after another types the same numbers.
#[derive(Clone, Debug, Default)]
pub struct Canaries {
    /// By form and field: the place in the plan's list.
    given: Arc<Mutex<BTreeMap<String, usize>>>,
}

/// What is typed into one field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Typed {
    /// The number.
    pub(crate) number: CprNumber,
    /// Whether no other field has it, so that it tells where it came from.
    pub(crate) is_own: bool,
}

impl Canaries {
    /// What is typed into each field of `form`: a number of `pool`, each once, and `shared` when it is used up. The second
    /// half of a number in two fields is of the same one, and so is a field in which it is asked for again.
    pub(crate) fn draw(&self, pool: &[CprNumber], shared: CprNumber, form: &PageForm) -> Vec<Option<Typed>> {
        let of_form = fingerprint(form);
        let mut last = None;
        let mut drawn = Vec::with_capacity(form.fields.len());
        for (index, (field, asks)) in form.fields.iter().zip(asks(form)).enumerate() {
            let again = asks == Asks::CprSerial || wants_it_again(field);
            let typed = match last.filter(|_| again) {
                _ if !asks.is_cpr() => None,
                Some(number) => Some(Typed { number, is_own: false }),
                None => Some(self.give(pool, shared, format!("{of_form} {index} {} {}", field.name, field.id))),
            };
            last = typed.map(|typed| typed.number).or(last);
            drawn.push(typed);
        }
        drawn
    }

    /// Which field was given which number so far, by its place in the plan's list.
    pub(crate) fn told(&self) -> BTreeMap<String, usize> {
        self.given.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes in what an earlier run gave, from the state of a page that it told as done.
    pub fn recall(&self, state: &Value) {
        let Some(told) = state.get("given").and_then(Value::as_object) else { return };
        let places = told.iter().filter_map(|(field, place)| Some((field.clone(), place.as_u64()?.try_into().ok()?)));
        self.given.lock().unwrap_or_else(PoisonError::into_inner).extend(places);
    }

    fn give(&self, pool: &[CprNumber], shared: CprNumber, field: String) -> Typed {
        let mut given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        let next = given.len();
        let place = match given.get(&field) {
            Some(place) => *place,
            None if next < pool.len() => *given.entry(field).or_insert(next),
            None => next,
        };
        match pool.get(place) {
            Some(number) => Typed { number: *number, is_own: true },
            None => Typed { number: shared, is_own: false },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::PageField;

    fn number(text: &str) -> CprNumber {
        CprNumber::parse(text).unwrap()
    }

    fn field(name: &str) -> PageField {
        let (kind, name) = ("text".to_owned(), name.to_owned());
        PageField { kind, name, visible: true, editable: true, ..PageField::default() }
    }

    fn form(action: &str, fields: Vec<PageField>) -> PageForm {
        PageForm { action: action.to_owned(), fields, ..PageForm::default() }
    }

    #[test]
    fn every_field_has_its_own_and_keeps_it() {
        let (pool, shared) = ([number("0101455009"), number("0101455017")], number("0101901234"));
        let canaries = Canaries::default();
        let one = form("https://a.test/x", vec![field("cpr"), field("navn"), field("barn_cpr")]);
        let own = |number| Some(Typed { number, is_own: true });
        let drawn = canaries.draw(&pool, shared, &one);
        assert_eq!(drawn, [own(pool[0]), None, own(pool[1])]);
        assert_eq!(canaries.draw(&pool, shared, &one), drawn);
        assert_eq!(canaries.clone().draw(&pool, shared, &one), drawn);
        // Used up: what is typed then tells nothing.
        let other = form("https://a.test/y", vec![field("cpr")]);
        assert_eq!(canaries.draw(&pool, shared, &other), [Some(Typed { number: shared, is_own: false })]);
        assert_eq!(canaries.draw(&pool, shared, &one), drawn);
    }

    #[test]
    fn two_halves_and_a_number_asked_for_twice_are_one() {
        let (pool, shared) = ([number("0101455009"), number("0101455017")], number("0101901234"));
        let halves = vec![
            PageField { max_length: Some(6), label: "CPR-nummer".into(), ..field("cpr1") },
            PageField { max_length: Some(4), ..field("last") },
        ];
        let numbers = |fields| {
            let drawn = Canaries::default().draw(&pool, shared, &form("https://a.test/", fields));
            drawn.into_iter().map(|typed| typed.map(|typed| (typed.number, typed.is_own))).collect::<Vec<_>>()
        };
        assert_eq!(numbers(halves), [Some((pool[0], true)), Some((pool[0], false))]);
        let twice = vec![field("cpr"), PageField { label: "Gentag CPR-nummer".into(), ..field("cpr2") }];
        assert_eq!(numbers(twice), [Some((pool[0], true)), Some((pool[0], false))]);
    }
}
