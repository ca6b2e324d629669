//! Fills a form as a person does, and sends it.
//!
//! The number is typed key by key, since that is what scripts that copy fields listen to. What else the form wants
//! gets a plausible made-up answer: what it must have, and names, addresses and the like, which are clear.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::BrowserError;
use crate::canaries::Typed;
use crate::fields::{Asks, Meaning, asks};
use crate::links::is_harmful_word;
use crate::page::{Button, PageField, PageForm};
use crate::persona::Persona;
use crate::sendable::button_of;
use crate::tab::Tab;

/// Most fields filled in one form: typing takes a few milliseconds a key.
const MAX_FILLED: usize = 100;

/// What came of sending a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Sending {
    /// It was sent: its submit event was seen, or the page left.
    Sent,
    /// The button was pressed, and no form was sent by it.
    Pressed,
    /// The browser would refuse these fields.
    Refused(Vec<String>),
    /// There is no button that may be pressed.
    NoButton,
    /// The page did not answer.
    Silent,
    /// It was sent, and the page after it asks again, in these words.
    CameBack(String),
}

/// What a form is filled with.
pub(crate) struct Answers<'a> {
    /// The number for each field that asks for one.
    pub(crate) numbers: &'a [Option<Typed>],
    /// Who answers the rest; without one, only what need not be known of a person is answered.
    pub(crate) persona: &'a Persona,
    /// Whether what was answered before did not do: then everything is filled, and spelled in another way.
    pub(crate) is_retry: bool,
}

/// What was filled of a form so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Progressed {
    /// Whether a field took its number.
    pub(crate) took_number: bool,
    /// Places of fields that were looked at and filled.
    pub(crate) typed: BTreeSet<usize>,
}

/// Fills the fields of `form` that were not filled before: types each its own number where it asks for one, answers what it
/// must have, and what else it is clear about.
///
/// `number` is the form's place on the page, from 0. Whether anything was filled.
pub(crate) fn fill(
    tab: &Tab<'_>,
    form: &PageForm,
    number: usize,
    answers: &Answers<'_>,
    done: &mut Progressed,
) -> Result<bool, BrowserError> {
    let before = done.typed.len();
    let is_any_wrong = form.fields.iter().any(|field| field.invalid);
    for (index, (field, asks)) in form.fields.iter().zip(asks(form)).enumerate() {
        if done.typed.contains(&index) || done.typed.len() >= MAX_FILLED || !field.editable || !field.visible {
            continue;
        }
        // In clear, since typing it into the site under test is what it was declared for.
        let typed = answers.numbers.get(index).copied().flatten();
        let digits = typed.map(|typed| typed.number.reveal()).unwrap_or_default();
        let (date, serial) = digits.split_at_checked(6).unwrap_or_default();
        let way = Way {
            is_other: answers.is_retry && (field.invalid || !is_any_wrong),
            is_wanted: (field.required || answers.is_retry) && (!field.has_value || field.invalid),
            may_be_wanted: !field.has_value || (answers.is_retry && field.invalid),
        };
        let at = (number, index);
        let is_filled = match asks {
            Asks::Cpr | Asks::CprDate | Asks::CprSerial if digits.is_empty() => false,
            Asks::Cpr => {
                let dashed = format!("{date}-{serial}");
                let shows_dash = field.placeholder.contains('-');
                let spellings = if shows_dash == way.is_other { [&*digits, &dashed] } else { [&*dashed, &digits] };
                took(type_number(tab, at, &spellings)?, done)
            }
            Asks::CprDate => took(type_number(tab, at, &[date])?, done),
            Asks::CprSerial => took(type_number(tab, at, &[serial])?, done),
            Asks::Text(meaning) if way.is_wanted || (way.may_be_wanted && meaning.is_clear()) => {
                let mut spellings = answers.persona.spellings(meaning, &field.placeholder);
                if meaning == Meaning::Count && !field.minimum.is_empty() {
                    spellings = vec![field.minimum.clone()];
                }
                if way.is_other && spellings.len() > 1 {
                    spellings.rotate_left(1);
                }
                type_one_of(tab, at, &spellings)?.is_some()
            }
            Asks::Day { is_birth } if way.is_wanted => {
                let day = if is_birth { answers.persona.birthday() } else { "1990-01-01".to_owned() };
                let day = if field.minimum.is_empty() { day } else { field.minimum.clone() };
                tab.ask(&format!("crawled.set({number}, {index}, {})", json!(day)))?;
                true
            }
            Asks::Value(answer) if way.is_wanted => {
                let value = if field.minimum.is_empty() { answer } else { &field.minimum };
                tab.ask(&format!("crawled.set({number}, {index}, {})", json!(value)))?;
                true
            }
            Asks::Tick if is_to_tick(form, field, answers.is_retry && !is_any_wrong) => {
                tab.ask(&format!("crawled.check({number}, {index})"))?;
                true
            }
            Asks::Choice if way.is_wanted => {
                tab.ask(&format!("crawled.pick({number}, {index})"))?;
                true
            }
            Asks::Text(_)
            | Asks::Day { .. }
            | Asks::Value(_)
            | Asks::Tick
            | Asks::Choice
            | Asks::Password
            | Asks::Nothing => false,
        };
        if is_filled || asks.is_cpr() {
            done.typed.insert(index);
        }
    }
    Ok(done.typed.len() > before)
}

/// The form as it is by now: fields may have come, and buttons may have been let go, when something was filled in.
pub(crate) fn grow(tab: &Tab<'_>, form: &PageForm, number: usize) -> Result<PageForm, BrowserError> {
    let told = tab.ask(&format!("crawled.grow({number})"))?;
    let Some(grown) = told.and_then(|told| serde_json::from_value::<Grown>(told).ok()) else { return Ok(form.clone()) };
    Ok(PageForm { fields: grown.fields, buttons: grown.buttons, ..form.clone() })
}

/// Presses the form's button, or sends it as its own script would; whether the page took that in.
pub(crate) fn press(tab: &Tab<'_>, form: &PageForm, number: usize) -> Result<bool, BrowserError> {
    let button = button_of(form).map_or(Value::Null, |button| json!(button));
    Ok(tab.ask(&format!("crawled.send({number}, {button})"))?.is_some())
}

/// What came of pressing, asked in the page that was pressed.
pub(crate) fn outcome_of_press(tab: &Tab<'_>) -> Result<Sending, BrowserError> {
    let Some(told) = tab.ask("crawled.sent")? else {
        // A document that was replaced in the meantime was left by sending.
        return Ok(if tab.is_still()? { Sending::Silent } else { Sending::Sent });
    };
    let is_true = |name: &str| told.get(name).and_then(Value::as_bool).unwrap_or(false);
    Ok(match (is_true("seen"), is_true("pressed")) {
        (true, _) => Sending::Sent,
        (false, true) => Sending::Pressed,
        (false, false) => Sending::Silent,
    })
}

/// Why the form would not be sent if its button were pressed now; `None` when it would.
pub(crate) fn refusal(tab: &Tab<'_>, form: &PageForm, number: usize) -> Result<Option<Sending>, BrowserError> {
    if button_of(form).is_none() && !(form.real && form.buttons.is_empty()) {
        return Ok(Some(Sending::NoButton));
    }
    let Some(refused) = tab.ask(&format!("crawled.refused({number})"))? else { return Ok(Some(Sending::Silent)) };
    let names: Vec<String> = serde_json::from_value(refused).unwrap_or_default();
    Ok(if names.is_empty() { None } else { Some(Sending::Refused(names)) })
}

/// How a field is filled.
struct Way {
    /// In another spelling than before.
    is_other: bool,
    /// In any case.
    is_wanted: bool,
    /// If it is clear with what.
    may_be_wanted: bool,
}

#[derive(Deserialize)]
struct Grown {
    fields: Vec<PageField>,
    buttons: Vec<Button>,
}

/// Whether a box is ticked, or the first of a set of which one must be. What need not be is only where `all` is wanted.
fn is_to_tick(form: &PageForm, field: &PageField, all: bool) -> bool {
    let is_of_set = |other: &&PageField| {
        other.order == field.order || (field.kind == "radio" && other.kind == "radio" && other.name == field.name)
    };
    let set: Vec<&PageField> = form.fields.iter().filter(is_of_set).collect();
    let is_asked = all || set.iter().any(|one| one.required || one.invalid);
    let is_first = set.iter().find(|one| one.visible && one.editable).is_some_and(|one| one.order == field.order);
    is_asked && is_first && !set.iter().any(|one| one.has_value) && !is_harmful_word(&field.label)
}

fn took(is_taken: bool, done: &mut Progressed) -> bool {
    done.took_number |= is_taken;
    is_taken
}

/// Types the first of the spellings that the field takes; which, if it takes any.
fn type_one_of<'t>(
    tab: &Tab<'_>,
    (form, field): (usize, usize),
    spellings: &'t [impl AsRef<str> + Serialize],
) -> Result<Option<&'t str>, BrowserError> {
    let focused = tab.ask(&format!("crawled.focus({form}, {field}, {})", json!(spellings)))?;
    let chosen = focused.as_ref().and_then(Value::as_u64).and_then(|chosen| usize::try_from(chosen).ok());
    let Some(spelling) = chosen.and_then(|chosen| spellings.get(chosen)) else { return Ok(None) };
    let is_typed = tab.type_text(spelling.as_ref())?;
    tab.ask(&format!("crawled.leave({form}, {field})"))?;
    Ok(Some(spelling.as_ref()).filter(|_| is_typed))
}

/// Types one spelling of the number; whether its digits are in the field afterwards.
fn type_number(tab: &Tab<'_>, (form, field): (usize, usize), spellings: &[&str]) -> Result<bool, BrowserError> {
    let Some(spelling) = type_one_of(tab, (form, field), spellings)? else { return Ok(false) };
    let typed = tab.ask(&format!("crawled.digits({form}, {field})"))?;
    let digits: String = spelling.chars().filter(char::is_ascii_digit).collect();
    // A numeric field drops leading zeros.
    let held = typed.as_ref().and_then(Value::as_str).unwrap_or_default();
    Ok(!held.is_empty() && digits.trim_start_matches('0') == held.trim_start_matches('0'))
}
