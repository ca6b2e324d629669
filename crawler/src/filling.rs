//! Fills a form as a person does, and sends it.
//!
//! The number is typed key by key, since that is what scripts that copy fields listen to. What else the form wants
//! gets a plausible made-up answer, and only where it must have one.

use serde_json::{Value, json};

use crate::BrowserError;
use crate::canaries::Typed;
use crate::fields::{Asks, asks};
use crate::links::{may_press, words};
use crate::page::{Button, PageField, PageForm};
use crate::tab::Tab;

/// Most fields filled in one form: typing takes a few milliseconds a key.
const MAX_FILLED: usize = 100;

/// Words on a button beside fields that are in no form, which says that it sends them.
const SENDS: [&str; 16] = [
    "send", "næste", "fortsæt", "videre", "søg", "log", "godkend", "ok", "vis", "hent", "indsend", "submit", "next",
    "continue", "search", "login",
];

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

/// Types numbers into the fields of `form` that ask for them, each its own of `typed`, and fills what else it must have.
///
/// `number` is the form's place on the page, from 0. Whether the page took a number.
pub(crate) fn fill(
    tab: &Tab<'_>,
    form: &PageForm,
    number: usize,
    typed: &[Option<Typed>],
) -> Result<bool, BrowserError> {
    let mut took_number = false;
    for (index, (field, asks)) in form.fields.iter().zip(asks(form)).enumerate().take(MAX_FILLED) {
        // In clear, since typing it into the site under test is what it was declared for.
        let digits = typed.get(index).copied().flatten().map(|typed| typed.number.reveal()).unwrap_or_default();
        let (date, serial) = digits.split_at_checked(6).unwrap_or_default();
        let dashed = format!("{date}-{serial}");
        let is_wanted = field.required && !field.has_value && field.editable && field.visible;
        match asks {
            Asks::Cpr => took_number |= type_number(tab, number, index, &[&digits, &dashed], field)?,
            Asks::CprDate => took_number |= type_number(tab, number, index, &[date], field)?,
            Asks::CprSerial => took_number |= type_number(tab, number, index, &[serial], field)?,
            Asks::Text(answer) if is_wanted => {
                if tab.ask(&format!("crawled.focus({number}, {index}, [])"))?.is_some() {
                    tab.type_text(answer)?;
                    tab.ask(&format!("crawled.leave({number}, {index})"))?;
                }
            }
            Asks::Value(answer) if is_wanted => {
                let value = if field.minimum.is_empty() { answer } else { &field.minimum };
                tab.ask(&format!("crawled.set({number}, {index}, {})", json!(value)))?;
            }
            Asks::Tick if is_wanted => {
                tab.ask(&format!("crawled.check({number}, {index})"))?;
            }
            Asks::Choice if is_wanted => {
                tab.ask(&format!("crawled.pick({number}, {index})"))?;
            }
            Asks::Text(_) | Asks::Value(_) | Asks::Tick | Asks::Choice | Asks::Password | Asks::Nothing => {}
        }
    }
    Ok(took_number)
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

/// Types one spelling of the number; whether its digits are in the field afterwards.
fn type_number(
    tab: &Tab<'_>,
    form: usize,
    field: usize,
    spellings: &[&str],
    asked: &PageField,
) -> Result<bool, BrowserError> {
    let shows_dash = asked.placeholder.contains('-') && spellings.len() > 1;
    let mut ordered: Vec<&str> = spellings.to_vec();
    if shows_dash {
        ordered.reverse();
    }
    let focused = tab.ask(&format!("crawled.focus({form}, {field}, {})", json!(ordered)))?;
    let Some(chosen) = focused.as_ref().and_then(Value::as_u64) else { return Ok(false) };
    let spelling = usize::try_from(chosen).ok().and_then(|chosen| ordered.get(chosen)).copied().unwrap_or_default();
    if !tab.type_text(spelling)? {
        return Ok(false);
    }
    tab.ask(&format!("crawled.leave({form}, {field})"))?;
    let typed = tab.ask(&format!("crawled.digits({form}, {field})"))?;
    let digits: String = spelling.chars().filter(char::is_ascii_digit).collect();
    // A numeric field drops leading zeros.
    let held = typed.as_ref().and_then(Value::as_str).unwrap_or_default();
    Ok(!held.is_empty() && digits.trim_start_matches('0') == held.trim_start_matches('0'))
}

/// The button that sends the form: its first, or the first after the number where there is no form.
pub(crate) fn button_of(form: &PageForm) -> Option<usize> {
    let after = form.fields.iter().zip(asks(form)).find(|(_, asks)| asks.is_cpr()).map_or(0, |(field, _)| field.order);
    let mut buttons = form.buttons.iter().enumerate().filter(|(_, button)| may_press(button));
    if form.real {
        return buttons.find(|(_, button)| matches!(button.kind.as_str(), "submit" | "image")).map(|(index, _)| index);
    }
    buttons.find(|(_, button)| button.order > after && says_it_sends(button)).map(|(index, _)| index)
}

/// Whether a button beside fields that are in no form says that it sends them.
pub(crate) fn says_it_sends(button: &Button) -> bool {
    words(&button.text).iter().any(|word| SENDS.contains(&word.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn button(kind: &str, text: &str, order: u32) -> Button {
        Button { kind: kind.into(), text: text.into(), order, visible: true, disabled: false }
    }

    #[test]
    fn a_forms_first_harmless_submit_button_is_pressed() {
        let buttons = vec![
            button("button", "Hjælp", 1),
            button("submit", "Slet", 2),
            Button { visible: false, ..button("submit", "Send", 3) },
            button("submit", "Send", 4),
        ];
        let form = PageForm { real: true, buttons, ..PageForm::default() };
        assert_eq!(button_of(&form), Some(3));
    }

    #[test]
    fn without_a_form_the_first_sending_button_after_the_number_is_pressed() {
        let cpr = PageField {
            kind: "text".into(),
            name: "cpr".into(),
            order: 2,
            visible: true,
            editable: true,
            ..PageField::default()
        };
        let buttons = vec![button("button", "Send", 1), button("button", "Menu", 3), button("button", "Næste", 4)];
        let form = PageForm { fields: vec![cpr], buttons, ..PageForm::default() };
        assert_eq!(button_of(&form), Some(2));
    }

    #[test]
    fn a_destructive_form_has_no_button() {
        let form = PageForm { real: true, buttons: vec![button("submit", "Afmeld", 1)], ..PageForm::default() };
        assert_eq!(button_of(&form), None);
    }
}
