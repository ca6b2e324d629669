//! Which forms may be sent, by which button, and what makes two of them the same.

use model::Target;

use crate::Plan;
use crate::address::template_key;
use crate::fields::{Asks, asks, asks_for_cpr, asks_for_password, is_typed};
use crate::links::{ends_something, is_harmful_address, is_harmful_word, may_press, words};
use crate::login::presses_to_login;
use crate::page::{Button, PageForm};

/// What the field of a site's search is called.
const SEARCH_NAMES: [&str; 9] = ["q", "query", "search", "searchtext", "keyword", "sog", "soeg", "søg", "soegeord"];

/// Words on a button beside fields that are in no form, which says that it sends them.
const SENDS: [&str; 16] = [
    "send", "næste", "fortsæt", "videre", "søg", "log", "godkend", "ok", "vis", "hent", "indsend", "submit", "next",
    "continue", "search", "login",
];

/// Words on the button that leads on, where there are several, or where no form says what a button is for.
const GOES_ON: [&str; 13] = [
    "næste", "fortsæt", "videre", "send", "indsend", "godkend", "bekræft", "next", "continue", "submit", "proceed",
    "confirm", "forward",
];

/// Words on a button that leads back, or gives up.
const GOES_BACK: [&str; 15] = [
    "tilbage", "forrige", "fortryd", "afbryd", "luk", "nulstil", "ryd", "back", "previous", "prev", "cancel", "undo",
    "close", "clear", "reset",
];

/// Words of a button beside fields that are in no form, which is about consent and answers more than is asked here.
const CONSENTS: [&str; 8] = ["cookies", "cookie", "accepter", "acceptér", "tillad", "accept", "allow", "samtykke"];

/// What makes a form the same as one on another page: where it sends, how, and its fields.
pub(crate) fn fingerprint(form: &PageForm) -> String {
    let action = Target::parse(&form.action).map_or_else(|_| form.action.clone(), |action| template_key(&action));
    let mut names: Vec<&str> =
        form.fields.iter().map(|field| if field.name.is_empty() { &*field.id } else { &*field.name }).collect();
    names.sort_unstable();
    names.dedup();
    format!("{} {action} {}", form.method, names.join(","))
}

/// Whether the registry allows it. What sends fields without a form is a script, by a method that nobody knows before.
pub(crate) fn may_be_sent(plan: &Plan, form: &PageForm) -> bool {
    let own = button_of(form).and_then(|button| form.buttons.get(button)).map_or("", |button| &button.method);
    let method = match (own, form.method.as_str()) {
        ("", "") if form.real => "get",
        ("", method) | (method, _) => method,
    };
    plan.submit.allows(method)
}

/// Whether a form asks for no number, and is one that a citizen fills in and sends.
pub(crate) fn is_plain(form: &PageForm) -> bool {
    if asks_for_cpr(form) || asks_for_password(form) || is_search(form) || presses_to_login(form).is_some() {
        return false;
    }
    // A button may wait for the fields to be filled.
    let mut waited = form.clone();
    for button in &mut waited.buttons {
        button.disabled = false;
    }
    can_be_sent(&waited) && (button_of(&waited).is_some() || (form.real && form.buttons.is_empty()))
}

/// Whether a form's button says that it leads on.
pub(crate) fn leads_on(form: &PageForm) -> bool {
    button_of(form).and_then(|button| form.buttons.get(button)).is_some_and(says_it_goes_on)
}

/// The button that sends the form: that which leads on, else its first; where there is no form, one after the fields.
pub(crate) fn button_of(form: &PageForm) -> Option<usize> {
    let mut buttons = form.buttons.iter().enumerate().filter(|(_, button)| may_be_pressed(form, button));
    if form.real {
        let sends = |button: &Button| matches!(button.kind.as_str(), "submit" | "image");
        let buttons = buttons.filter(|(_, button)| sends(button));
        return buttons.min_by_key(|(_, button)| !says_it_goes_on(button)).map(|(index, _)| index);
    }
    let asked: Vec<Asks> = asks(form);
    let fields = || form.fields.iter().zip(&asked);
    if let Some((number, _)) = fields().find(|(_, asks)| asks.is_cpr()) {
        return buttons
            .find(|(_, button)| button.order > number.order && says_it_sends(button))
            .map(|(index, _)| index);
    }
    // Boxes alone may be anything, a banner's among it.
    let (first, _) = fields().find(|(_, asks)| matches!(asks, Asks::Text(_) | Asks::Day { .. } | Asks::Choice))?;
    buttons.find(|(_, button)| button.order > first.order && says_it_goes_on(button)).map(|(index, _)| index)
}

/// Whether a button of the form may be pressed: it leads neither back nor to what nobody should do.
fn may_be_pressed(form: &PageForm, button: &Button) -> bool {
    let action = if button.action.is_empty() { &form.action } else { &button.action };
    let is_harmful = Target::parse(action).is_ok_and(|action| is_harmful_address(&action))
        || form.fields.iter().map(|field| &field.command).chain([&button.command]).any(|said| is_harmful_word(said));
    may_press(button) && !goes_back(button) && !is_harmful
}

/// Whether a person who sees the form could send it, and would not thereby go back, log out or destroy.
pub(crate) fn can_be_sent(form: &PageForm) -> bool {
    let is_seen = form.fields.iter().any(|field| field.visible && field.editable);
    let mut buttons = form.buttons.iter().filter(|button| button.visible && !button.disabled).peekable();
    if !form.real {
        // Fields that belong to no form are sent by a script, which only a button's words tell.
        return buttons.any(|button| says_it_sends(button) || presses_to_login(form).is_some());
    }
    let sends = |kind: &str| matches!(kind, "submit" | "image");
    if form.buttons.iter().any(|button| sends(&button.kind)) {
        return buttons.any(|button| sends(&button.kind) && !ends_something(button) && !goes_back(button));
    }
    is_seen && form.fields.iter().any(is_typed)
}

/// Whether a button beside fields that are in no form says that it sends them.
fn says_it_sends(button: &Button) -> bool {
    says(button, &SENDS)
}

fn says_it_goes_on(button: &Button) -> bool {
    says(button, &GOES_ON) && !says(button, &CONSENTS)
}

fn goes_back(button: &Button) -> bool {
    says(button, &GOES_BACK)
}

fn says(button: &Button, said: &[&str]) -> bool {
    words(&button.text).iter().any(|word| said.contains(&word.as_str()))
}

/// Whether all that a form does is to search the site.
pub(crate) fn is_search(form: &PageForm) -> bool {
    let mut typed = form.fields.iter().filter(|field| is_typed(field));
    let (Some(only), None) = (typed.next(), typed.next()) else { return false };
    let is_named = SEARCH_NAMES.contains(&only.name.to_lowercase().as_str());
    form.search || only.kind == "search" || (form.real && form.method != "post" && is_named)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::{Button, PageField};

    fn form(action: &str, names: &[&str]) -> PageForm {
        let field = |name: &&str| PageField { name: (*name).into(), ..PageField::default() };
        PageForm { action: action.into(), fields: names.iter().map(field).collect(), ..PageForm::default() }
    }

    fn seen(kinds: &[(&str, &str)], buttons: &[(&str, &str)]) -> PageForm {
        let field = |(kind, name): &(&str, &str)| PageField {
            kind: (*kind).into(),
            name: (*name).into(),
            visible: true,
            editable: true,
            ..PageField::default()
        };
        let button = |(kind, text): &(&str, &str)| Button {
            kind: (*kind).into(),
            text: (*text).into(),
            visible: true,
            ..Button::default()
        };
        PageForm {
            real: true,
            fields: kinds.iter().map(field).collect(),
            buttons: buttons.iter().map(button).collect(),
            ..PageForm::default()
        }
    }

    #[test]
    fn a_form_is_known_by_template_and_fields() {
        let one = fingerprint(&form("https://a.test/sag/1", &["cpr", "navn"]));
        assert_eq!(one, fingerprint(&form("https://a.test/sag/2", &["navn", "cpr"])));
        assert_ne!(one, fingerprint(&form("https://a.test/sag/2", &["cpr"])));
        assert_ne!(
            one,
            fingerprint(&PageForm { method: "post".into(), ..form("https://a.test/sag/1", &["cpr", "navn"]) })
        );
    }

    #[test]
    fn a_form_can_be_sent_by_a_button_or_by_enter() {
        assert!(can_be_sent(&seen(&[("text", "navn")], &[("submit", "Send")])));
        assert!(can_be_sent(&seen(&[("text", "navn")], &[])));
        assert!(can_be_sent(&seen(&[], &[("submit", "Fortsæt")])));
        assert!(!can_be_sent(&seen(&[], &[("submit", "Log ud")])), "that is left alone, as its link is");
        assert!(!can_be_sent(&seen(&[("checkbox", "x")], &[("button", "Vis mere")])));
        let hidden =
            PageForm { fields: vec![PageField { kind: "text".into(), ..PageField::default() }], ..seen(&[], &[]) };
        assert!(!can_be_sent(&hidden));
        let loose = |text: &str| PageForm { real: false, ..seen(&[("text", "navn")], &[("button", text)]) };
        assert!(can_be_sent(&loose("Send")) && !can_be_sent(&loose("Menu")));
    }

    #[test]
    fn a_search_of_the_site_is_told_from_a_form() {
        assert!(is_search(&seen(&[("text", "q")], &[])));
        assert!(is_search(&seen(&[("search", "x")], &[])));
        assert!(is_search(&PageForm { search: true, method: "post".into(), ..seen(&[("text", "x")], &[]) }));
        assert!(!is_search(&PageForm { method: "post".into(), ..seen(&[("text", "q")], &[]) }));
        assert!(!is_search(&seen(&[("text", "q"), ("text", "by")], &[])));
        assert!(!is_search(&seen(&[("text", "sagsnummer")], &[])));
    }

    #[test]
    fn a_forms_first_harmless_submit_button_is_pressed() {
        let mut form = seen(&[], &[("button", "Hjælp"), ("submit", "Slet"), ("submit", "Send"), ("submit", "Gem")]);
        form.buttons[2].visible = false;
        assert_eq!(button_of(&form), Some(3));
        assert_eq!(button_of(&seen(&[], &[("submit", "Afmeld")])), None);
    }

    #[test]
    fn the_button_that_leads_on_is_pressed_and_one_that_leads_back_never() {
        let buttons = |texts: &[&str]| {
            let buttons: Vec<(&str, &str)> = texts.iter().map(|text| ("submit", *text)).collect();
            button_of(&seen(&[("text", "navn")], &buttons))
        };
        assert_eq!(buttons(&["Tilbage", "Gem kladde", "Næste"]), Some(2));
        assert_eq!(buttons(&["« Forrige", "Gem"]), Some(1));
        assert_eq!(buttons(&["Gå tilbage", "Fortryd", "Annuller", "Cancel"]), None);
    }

    #[test]
    fn what_sends_to_a_place_that_destroys_is_not_pressed() {
        let buttons = [("submit", "OK")];
        let form = seen(&[("text", "navn")], &buttons);
        let of_action = |action: &str| button_of(&PageForm { action: action.into(), ..form.clone() });
        assert_eq!((of_action("https://a.test/gem"), of_action("https://a.test/profil/slet")), (Some(0), None));
        let mut elsewhere = PageForm { action: "https://a.test/gem".into(), ..form.clone() };
        elsewhere.buttons[0].action = "https://a.test/konto/delete".into();
        assert_eq!(button_of(&elsewhere), None);
        let mut framework = PageForm { action: "https://a.test/sag/7".into(), ..form.clone() };
        framework.fields[0].command = "delete".into();
        assert_eq!(button_of(&framework), None);
    }

    #[test]
    fn without_a_form_a_sending_button_after_the_fields_is_pressed() {
        let loose = |names: &[(&str, &str)], buttons: &[(&str, &str, u32)]| {
            let mut form = PageForm { real: false, ..seen(names, &[]) };
            for field in &mut form.fields {
                field.order = 2;
            }
            let button = |(kind, text, order): &(&str, &str, u32)| Button {
                kind: (*kind).into(),
                text: (*text).into(),
                order: *order,
                visible: true,
                ..Button::default()
            };
            form.buttons = buttons.iter().map(button).collect();
            button_of(&form)
        };
        let buttons = [("button", "Send", 1), ("button", "Menu", 3), ("button", "OK", 4), ("button", "Næste", 5)];
        assert_eq!(loose(&[("text", "cpr")], &buttons), Some(2));
        assert_eq!(loose(&[("text", "navn")], &buttons), Some(3));
        assert_eq!(loose(&[("checkbox", "statistik")], &buttons), None);
        assert_eq!(loose(&[("text", "navn")], &[("button", "Godkend cookies", 3)]), None);
    }
}
