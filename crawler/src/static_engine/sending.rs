//! A form as it is sent: its fields filled as a person would, and packed as the form says (HTML standard, "form submission").

use encoding_rs::Encoding;
use model::Target;

use super::controls::{Choice, Control, Sheet, chosen};
use crate::canaries::Typed;
use crate::fields::{Asks, Meaning, asks};
use crate::page::{PageField, PageForm};
use crate::persona::Persona;
use crate::sendable::button_of;

/// Most fields that are filled in one form, as in the other engine.
const MAX_FILLED: usize = 100;

/// What parts of a posted form are divided by. No made-up answer holds it; what the page itself put into a field would
/// have to know it.
const BOUNDARY: &str = "----cprvagtFormBoundary7MA4YWxkTrZu0gW";

/// A form with answers in it.
#[derive(Clone, Debug)]
pub(super) struct Answered {
    fields: Vec<Control>,
    /// Whether a field took a number.
    pub(super) took_number: bool,
    /// Fields that a browser would not send empty.
    pub(super) refused: Vec<String>,
}

/// A request that sends a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Submission {
    pub(super) target: Target,
    /// Type and bytes; `None` where the address holds it all.
    pub(super) body: Option<(String, Vec<u8>)>,
}

/// Fills the form: numbers into the fields that ask for them, and made-up answers where there must be one.
pub(super) fn answer(sheet: &Sheet, typed: &[Option<Typed>], persona: &Persona) -> Answered {
    let mut answered = Answered { fields: sheet.fields.clone(), took_number: false, refused: Vec::new() };
    let asked = asks(&sheet.form);
    for (index, (field, asks)) in sheet.form.fields.iter().zip(asked).enumerate().take(MAX_FILLED) {
        // In clear, since typing it into the site under test is what it was declared for.
        let digits = typed.get(index).copied().flatten().map(|typed| typed.number.reveal()).unwrap_or_default();
        let digits: String = digits.chars().filter(char::is_ascii_digit).collect();
        let (date, serial) = digits.split_at_checked(6).unwrap_or_default();
        let may_be_wanted = !field.has_value && field.editable && field.visible;
        let is_wanted = field.required && may_be_wanted;
        let is_taken =
            answered.fields.iter().any(|other| other.name == field.name && other.kind == "radio" && other.is_checked);
        let Some(control) = answered.fields.get_mut(index) else { break };
        let number = match asks {
            Asks::Cpr if shows_dash(field) => Some(format!("{date}-{serial}")),
            Asks::Cpr => Some(digits.clone()),
            Asks::CprDate => Some(date.to_owned()),
            Asks::CprSerial => Some(serial.to_owned()),
            Asks::Text(Meaning::Count) if is_wanted && !field.minimum.is_empty() => Some(field.minimum.clone()),
            Asks::Text(meaning) if is_wanted || (may_be_wanted && meaning.is_clear()) => {
                persona.spellings(meaning, &field.placeholder).into_iter().next()
            }
            Asks::Day { is_birth } if is_wanted => Some(match (is_birth, field.minimum.is_empty()) {
                (_, false) => field.minimum.clone(),
                (true, true) => persona.birthday(),
                (false, true) => "1990-01-01".to_owned(),
            }),
            Asks::Value(answer) if is_wanted => {
                Some(if field.minimum.is_empty() { answer.to_owned() } else { field.minimum.clone() })
            }
            Asks::Tick if is_wanted => {
                control.is_checked |= !is_taken;
                None
            }
            Asks::Choice if is_wanted => {
                pick(control);
                None
            }
            Asks::Text(_)
            | Asks::Day { .. }
            | Asks::Value(_)
            | Asks::Tick
            | Asks::Choice
            | Asks::Password
            | Asks::Nothing => None,
        };
        if let Some(value) = number.filter(|value| !value.is_empty()) {
            answered.took_number |= asks.is_cpr();
            control.value = value;
        }
        let is_empty = match control.kind.as_str() {
            "checkbox" => !control.is_checked,
            "radio" => false,
            "select" | "select-multiple" => chosen(control).is_none_or(|choice| choice.sent().is_empty()),
            _ => control.value.is_empty(),
        };
        if is_wanted && is_empty {
            answered.refused.push(if field.name.is_empty() { field.id.clone() } else { field.name.clone() });
        }
    }
    answered
}

/// The request that pressing the form's button makes; `None` when there is no button that may be pressed.
pub(super) fn submission(sheet: &Sheet, answered: &Answered, encoding: &'static Encoding) -> Option<Submission> {
    let form = &sheet.form;
    let button = button_of(form);
    if !form.real || (button.is_none() && !form.buttons.is_empty()) {
        return None;
    }
    let pressed = button.and_then(|at| sheet.buttons.get(at));
    let target = Target::parse(&form.action).ok()?;
    let pairs = pairs(&answered.fields, pressed);
    if form.method != "post" {
        let query = Some(urlencoded(&pairs, encoding));
        return Some(Submission { target: Target { query, fragment: None, ..target }, body: None });
    }
    let body = match sheet.packing.as_str() {
        "multipart/form-data" => (format!("multipart/form-data; boundary={BOUNDARY}"), multipart(&pairs, encoding)),
        "text/plain" => {
            let lines: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}\r\n")).collect();
            ("text/plain".to_owned(), encoding.encode(&lines.concat()).0.into_owned())
        }
        _ => ("application/x-www-form-urlencoded".to_owned(), urlencoded(&pairs, encoding).into_bytes()),
    };
    Some(Submission { target, body: Some(body) })
}

/// Whether a number is to be written with its dash.
fn shows_dash(field: &PageField) -> bool {
    let needs = field.pattern.contains('-') && !field.pattern.contains("-?") && !field.pattern.contains("[-]?");
    let fits = field.max_length.is_none_or(|length| length > 10);
    fits && (needs || (field.pattern.is_empty() && field.placeholder.contains('-')))
}

/// The first choice of a list that says something.
fn pick(list: &mut Control) {
    let is_open = |choice: &&mut Choice| !choice.is_disabled && !choice.sent().is_empty();
    if let Some(choice) = list.choices.iter_mut().find(is_open) {
        choice.is_selected = true;
    }
    let first = list.choices.iter().position(|choice| choice.is_selected && !choice.sent().is_empty());
    for (at, choice) in list.choices.iter_mut().enumerate() {
        choice.is_selected &= Some(at) == first;
    }
}

/// Names and values, in the form's order, the button last.
fn pairs(fields: &[Control], pressed: Option<&Control>) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    for field in fields.iter().filter(|field| !field.is_disabled && !field.name.is_empty()) {
        match field.kind.as_str() {
            "checkbox" | "radio" if !field.is_checked => {}
            "select" => pairs.extend(chosen(field).map(|choice| (field.name.clone(), choice.sent()))),
            "select-multiple" => {
                let marked = field.choices.iter().filter(|choice| choice.is_selected && !choice.is_disabled);
                pairs.extend(marked.map(|choice| (field.name.clone(), choice.sent())));
            }
            "file" => pairs.push((field.name.clone(), String::new())),
            _ => pairs.push((field.name.clone(), field.value.clone())),
        }
    }
    match pressed {
        Some(button) if button.kind == "image" => {
            let of =
                |axis: &str| if button.name.is_empty() { axis.to_owned() } else { format!("{}.{axis}", button.name) };
            pairs.extend([(of("x"), "1".to_owned()), (of("y"), "1".to_owned())]);
        }
        Some(button) if !button.name.is_empty() => pairs.push((button.name.clone(), button.value.clone())),
        Some(_) | None => {}
    }
    pairs
}

fn urlencoded(pairs: &[(String, String)], encoding: &'static Encoding) -> String {
    let encoded = |text: &str| {
        let mut written = String::new();
        for byte in encoding.encode(&text.replace("\r\n", "\n").replace('\n', "\r\n")).0.iter() {
            match byte {
                b' ' => written.push('+'),
                b'*' | b'-' | b'.' | b'_' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => written.push(char::from(*byte)),
                other => written.extend(format!("%{other:02X}").chars()),
            }
        }
        written
    };
    let pairs: Vec<String> =
        pairs.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
    pairs.join("&")
}

fn multipart(pairs: &[(String, String)], encoding: &'static Encoding) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in pairs {
        let name = name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A");
        let part = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend_from_slice(&encoding.encode(&part).0);
    }
    body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    body
}

/// Whether a button that may be pressed sends the form without a script.
pub(super) fn is_sendable(form: &PageForm) -> bool {
    form.real && (button_of(form).is_some() || form.buttons.is_empty())
}

#[cfg(test)]
mod tests {
    use encoding_rs::{UTF_8, WINDOWS_1252};
    use model::CprNumber;

    use super::super::document::Document;
    use super::*;

    fn persona() -> Persona {
        let cpr = "010190-1234".parse().unwrap();
        Persona::of(&model::TestPerson { id: "da-01".into(), cpr, scope: Vec::new() })
    }

    fn sheet(body: &str) -> Sheet {
        let url = Target::parse("https://a.test/sag/1").unwrap();
        Document::read(body, &url, UTF_8, &|| false).unwrap().sheets.remove(0)
    }

    fn sent(body: &str) -> Submission {
        let sheet = sheet(body);
        let number = Typed { number: CprNumber::parse("0101901234").unwrap(), is_own: false };
        let typed: Vec<Option<Typed>> = asks(&sheet.form).iter().map(|asks| asks.is_cpr().then_some(number)).collect();
        submission(&sheet, &answer(&sheet, &typed, &persona()), UTF_8).unwrap()
    }

    #[test]
    fn a_get_form_is_an_address() {
        let sent = sent(
            "<form action='/find?x=1'><input name=cpr><input type=hidden name=t value='a b'><button name=k value=v>Send</button></form>",
        );
        assert_eq!(sent.target.to_string(), "https://a.test/find?cpr=0101901234&t=a+b&k=v");
        assert_eq!(sent.body, None);
    }

    #[test]
    fn what_must_be_answered_is_and_what_is_off_is_not_sent() {
        let sent = sent(
            "<form method=post><input name=cpr placeholder='ddmmåå-xxxx'><input name=mail type=email required>
             <select name=by required><option value=''>Vælg<option value=8000>Aarhus<option>Odense</select>
             <input type=checkbox name=ja required><input type=checkbox name=nej><input name=off disabled value=1>
             <input type=radio name=r value=1 required><input type=radio name=r value=2 required>
             <textarea name=tekst>\nlinje</textarea><button>Send</button></form>",
        );
        let body = String::from_utf8(sent.body.unwrap().1).unwrap();
        assert_eq!(body, "cpr=010190-1234&mail=ditte.testesen%40example.com&by=8000&ja=on&r=1&tekst=linje");
        assert_eq!(sent.target.to_string(), "https://a.test/sag/1");
    }

    #[test]
    fn a_form_is_packed_as_it_says() {
        let sent = sent("<form method=post enctype=multipart/form-data><input name=cpr><button>Send</button></form>");
        let (kind, body) = sent.body.unwrap();
        assert!(kind.starts_with("multipart/form-data; boundary="));
        let text = String::from_utf8(body).unwrap();
        assert!(text.contains("name=\"cpr\"\r\n\r\n0101901234\r\n--") && text.ends_with("--\r\n"), "{text}");
        assert_eq!(urlencoded(&[("bø".into(), "ø".into())], WINDOWS_1252), "b%F8=%F8");
    }

    #[test]
    fn a_field_that_cannot_be_answered_is_refused() {
        let sheet = sheet("<form><input name=cpr><input type=file name=bilag required><button>Send</button></form>");
        assert_eq!(answer(&sheet, &[], &persona()).refused, ["bilag"]);
    }

    #[test]
    fn nothing_is_sent_by_a_button_that_may_not_be_pressed() {
        for body in [
            "<form><input name=cpr><button>Slet</button></form>",
            "<form><input name=cpr><button type=button>Send</button></form>",
            "<input name=cpr><button>Send</button>",
        ] {
            let sheet = sheet(body);
            assert_eq!(submission(&sheet, &answer(&sheet, &[], &persona()), UTF_8), None, "{body}");
            assert!(!is_sendable(&sheet.form));
        }
    }
}
