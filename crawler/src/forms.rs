//! What is done with the forms of a page: filled, chosen for sending, or told why not.

use std::collections::BTreeSet;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use model::{BlindSpotKind, Form, LaneId, Target};

use crate::address::template_key;
use crate::fields::{asks_for_cpr, asks_for_password, is_typed, record};
use crate::filling::{Sending, fill, says_it_sends};
use crate::frontier::LeftOut;
use crate::links::ends_something;
use crate::login::{Door, presses_to_login};
use crate::page::{Page, PageForm};
use crate::tab::Tab;
use crate::trace::News;
use crate::visit::{Seen, Step, Visitor};
use crate::{BrowserError, Plan};

/// Most CPR forms filled on one page: more are rows of one table.
pub(crate) const MAX_FILLED_FORMS: usize = 5;

/// Why a form is not sent that comes after many others.
const TOO_MANY: &str = "it comes after more forms than are sent in a row";

/// What the field of a site's search is called.
const SEARCH_NAMES: [&str; 9] = ["q", "query", "search", "searchtext", "keyword", "sog", "soeg", "søg", "soegeord"];

/// What was done with the forms of a crawl by all its lanes, each known by its template, method and field names.
#[derive(Debug, Default)]
pub(crate) struct FormBook {
    entries: Mutex<Entries>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Entries {
    /// Those whose button was pressed, or would have been.
    tried: BTreeSet<String>,
    /// Those of them that were really sent.
    sent: BTreeSet<String>,
    /// Those that led on to another page.
    passed: BTreeSet<String>,
    told: BTreeSet<String>,
    /// The lane that is sending one, until it has seen where that led.
    sending: Option<LaneId>,
    /// The lane whose form led on first: it may be signed in by it, and no other is.
    signed_in: Option<LaneId>,
}

/// Whether a form may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Claim {
    /// By whoever asked.
    Granted,
    /// It was sent before.
    Tried,
    /// By the lane that may be signed in, and by no other.
    Elsewhere,
}

/// The forms of a page as they are recorded, and which to send.
pub(crate) struct Filled {
    /// In the page's order; `None` for one whose turn comes when the page is visited again.
    pub(crate) forms: Vec<Option<Form>>,
    /// The place of the one to send.
    pub(crate) ready: Option<usize>,
}

/// Where a page stands among the forms sent one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Turn {
    /// Whether a form may still be sent here.
    pub(crate) may_go_on: bool,
    /// Whether a form that asked for a number led here: the next step of what it began may ask for anything.
    pub(crate) is_next_step: bool,
}

impl FormBook {
    /// Whether something is told for the first time.
    pub(crate) fn is_news(&self, told: String) -> bool {
        self.lock().told.insert(told)
    }

    /// The form's button is about to be pressed by `lane`: once a crawl is enough.
    pub(crate) fn try_out(&self, fingerprint: &str, lane: LaneId) -> Claim {
        let mut entries = self.rest(lane);
        if entries.signed_in.is_some_and(|signed_in| signed_in != lane) {
            return Claim::Elsewhere;
        }
        if !entries.tried.insert(fingerprint.to_owned()) {
            return Claim::Tried;
        }
        entries.sending = Some(lane);
        Claim::Granted
    }

    /// What `lane` sent led where it led, or to nothing: the others need not wait for it any more.
    pub(crate) fn land(&self, lane: LaneId) {
        self.lock().sending.take_if(|sending| *sending == lane);
        self.changed.notify_all();
    }

    /// Takes in what an earlier run did with forms and told.
    pub(crate) fn recall(&self, news: News) {
        let mut entries = self.lock();
        entries.tried.extend(news.tried);
        entries.sent.extend(news.sent);
        entries.told.extend(news.told);
    }

    /// Waits until no lane but `lane` is sending a form. A lane that sends has deadlines.
    fn rest(&self, lane: LaneId) -> MutexGuard<'_, Entries> {
        let is_busy = |entries: &mut Entries| entries.sending.is_some_and(|sending| sending != lane);
        self.changed.wait_while(self.lock(), is_busy).unwrap_or_else(PoisonError::into_inner)
    }

    /// The lane that may be signed in, if a form led on.
    pub(crate) fn signed_in(&self) -> Option<LaneId> {
        self.lock().signed_in
    }

    /// It was sent.
    pub(crate) fn send(&self, fingerprint: &str) {
        self.lock().sent.insert(fingerprint.to_owned());
    }

    /// It led `lane` on.
    pub(crate) fn pass(&self, fingerprint: &str, lane: LaneId) {
        let mut entries = self.lock();
        entries.passed.insert(fingerprint.to_owned());
        entries.signed_in.get_or_insert(lane);
    }

    /// The browser starts anew and is logged in nowhere: what let it in may be sent again.
    pub(crate) fn forget_logins(&self) {
        let mut entries = self.lock();
        let Entries { tried, passed, .. } = &mut *entries;
        tried.retain(|form| !passed.contains(form));
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Filled {
    /// The forms of a page on which none is filled.
    pub(crate) fn untouched(page: &Page) -> Self {
        Self { forms: records(page).into_iter().map(Some).collect(), ready: None }
    }

    /// The forms to tell: the one that was sent here comes first, so that it is told from those sent elsewhere.
    pub(crate) fn into_forms(mut self) -> Vec<Form> {
        if let Some(first) = self.ready.filter(|ready| *ready < self.forms.len()) {
            let sent = self.forms.remove(first);
            self.forms.insert(0, sent);
        }
        self.forms.into_iter().flatten().collect()
    }
}

impl Visitor<'_> {
    /// Whether something is told for the first time in this crawl.
    pub(crate) fn is_news(&self, told: String) -> bool {
        let is_news = self.forms.is_news(told.clone());
        if is_news {
            self.news.borrow_mut().told.insert(told);
        }
        is_news
    }

    /// Types the number into every form that asks for it, and tells of those that cannot be sent.
    pub(crate) fn fill_forms(
        &mut self,
        tab: &Tab<'_>,
        step: &Step,
        page: &Page,
        turn: Turn,
    ) -> Result<Filled, BrowserError> {
        let mut filled = Filled::untouched(page);
        let mut count = 0;
        for ((index, form), told) in page.forms.iter().enumerate().zip(&mut filled.forms) {
            if !asks_for_cpr(form) {
                continue;
            }
            let Some(person) = self.plan.usable_person() else {
                self.tell_form(form, step, "no test person may be used on this system");
                continue;
            };
            if count >= MAX_FILLED_FORMS {
                self.tell_form(form, step, "more forms of its kind on one page than are filled");
                continue;
            }
            count += 1;
            let typed = self.plan.given.draw(&self.plan.canaries, person.cpr, form);
            let took_number = fill(tab, form, index, &typed)?;
            self.rest(step);
            let fingerprint = fingerprint(form);
            if let Some(told) = told {
                told.filled = took_number;
                for (field, typed) in told.fields.iter_mut().zip(typed) {
                    field.canary = typed.filter(|typed| typed.is_own && took_number).map(|typed| typed.number);
                }
                told.submitted = self.forms.lock().sent.contains(&fingerprint);
            }
            if asks_for_password(form) {
                self.tell_form(form, step, "it wants a password as well");
            } else if self.forms.lock().tried.contains(&fingerprint) {
                // Sent before, or told why not: once a crawl is enough.
            } else if !took_number {
                self.tell_form(form, step, "its field did not take the number");
            } else if !may_be_sent(self.plan, form) {
                self.tell_form(form, step, "the number was typed and not sent: the registry does not allow it");
            } else if !turn.may_go_on {
                self.tell_form(form, step, TOO_MANY);
            } else if filled.ready.is_none() {
                filled.ready = Some(index);
            } else {
                *told = None;
            }
        }
        if let Some((index, form)) = self.next_step(page, turn) {
            if turn.may_go_on {
                fill(tab, form, index, &[])?;
                self.rest(step);
                filled.ready = Some(index);
            } else {
                self.tell_form(form, step, TOO_MANY);
            }
        }
        if page.forms_cut > 0 {
            let detail = format!("{} more forms and fields than are read", page.forms_cut);
            self.tell(BlindSpotKind::FormNotSubmitted, &step.asked.to_string(), detail, Some(step.id));
        }
        Ok(filled)
    }

    /// Tells of the forms of a page that was seen which ask for no CPR number, so that nobody sends them.
    pub(crate) fn tell_unasked(&mut self, page: &Page, step: &Step, turn: Turn, seen: &mut Seen) {
        let next_step = self.next_step(page, turn).map(|(index, _)| index);
        for (index, form) in page.forms.iter().enumerate() {
            let is_sent = next_step == Some(index) || self.forms.lock().sent.contains(&fingerprint(form));
            if is_sent || asks_for_cpr(form) || asks_for_password(form) || !can_be_sent(form) {
                continue;
            }
            if let Some(text) = presses_to_login(form) {
                if self.is_news(format!("login {} {text}", form.action)) {
                    let detail = format!("a button, {text}, leads to a login; what lies behind was not seen");
                    self.tell(BlindSpotKind::LoginRequired, &step.asked.to_string(), detail, Some(step.id));
                }
            } else if is_search(form) {
                seen.left_out.push((LeftOut::Search, fingerprint(form)));
            } else {
                self.tell_form(
                    form,
                    step,
                    "it asks for no CPR number; only forms that do are sent, and the steps after them",
                );
            }
        }
    }

    /// The form that takes what another began one step further, though it asks for no number; a page that asks for one
    /// that was not sent is no such step.
    fn next_step<'p>(&self, page: &'p Page, turn: Turn) -> Option<(usize, &'p PageForm)> {
        if !turn.is_next_step || self.has_more_to_send(page) {
            return None;
        }
        let goes_on = |form: &PageForm| {
            form.real
                && !asks_for_cpr(form)
                && !asks_for_password(form)
                && can_be_sent(form)
                && !is_search(form)
                && presses_to_login(form).is_none()
                && may_be_sent(self.plan, form)
                && !self.forms.lock().tried.contains(&fingerprint(form))
        };
        page.forms.iter().enumerate().find(|(_, form)| goes_on(form))
    }

    /// What the CPR forms of a page are to this crawl.
    pub(crate) fn door(&self, page: &Page) -> Door {
        let doors: Vec<String> =
            page.forms.iter().filter(|form| asks_for_cpr(form) && !asks_for_password(form)).map(fingerprint).collect();
        let can_send = self.plan.usable_person().is_some()
            && page.forms.iter().any(|form| asks_for_cpr(form) && may_be_sent(self.plan, form));
        if doors.is_empty() {
            return Door::None;
        }
        if !can_send {
            return Door::Untried;
        }
        // Whether one that another lane is sending leads on is known in a moment.
        let entries = self.forms.rest(self.lane);
        if doors.iter().any(|door| !entries.tried.contains(door)) {
            Door::Open
        } else if doors.iter().any(|door| entries.passed.contains(door)) {
            Door::Passed
        } else {
            Door::Shut
        }
    }

    /// Whether a form of the page waits for its turn.
    pub(crate) fn has_more_to_send(&self, page: &Page) -> bool {
        let entries = self.forms.lock();
        page.forms
            .iter()
            .any(|form| asks_for_cpr(form) && !asks_for_password(form) && !entries.tried.contains(&fingerprint(form)))
    }

    /// Tells why a form's sending came to nothing.
    pub(crate) fn tell_not_sent(&mut self, form: &PageForm, step: &Step, sending: &Sending) {
        let why = match sending {
            Sending::Refused(fields) => format!("the browser would not send it, for its fields {}", fields.join(", ")),
            Sending::NoButton => "it has no button that may be pressed".to_owned(),
            Sending::Sent | Sending::Pressed => "its button did not send it".to_owned(),
            Sending::Silent => "the page did not answer".to_owned(),
            Sending::CameBack(words) => format!("it was sent and came back, with the words: {words}"),
        };
        self.tell_form(form, step, &why);
    }

    /// Tells once for each kind of form why it was not sent.
    fn tell_form(&mut self, form: &PageForm, step: &Step, why: &str) {
        if self.is_news(format!("{why} {}", fingerprint(form))) {
            let detail = format!("the form that sends to {}: {why}", form.action);
            self.tell(BlindSpotKind::FormNotSubmitted, &step.asked.to_string(), detail, Some(step.id));
        }
    }
}

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
    let method = match form.method.as_str() {
        "" if form.real => "get",
        method => method,
    };
    plan.submit.allows(method)
}

pub(crate) fn records(page: &Page) -> Vec<Form> {
    page.forms.iter().enumerate().map(|(index, form)| record(form, index + 1)).collect()
}

/// Whether a person who sees the form could send it, and would not thereby log out or destroy.
pub(crate) fn can_be_sent(form: &PageForm) -> bool {
    let is_seen = form.fields.iter().any(|field| field.visible && field.editable);
    let mut buttons = form.buttons.iter().filter(|button| button.visible && !button.disabled).peekable();
    if !form.real {
        // Fields that belong to no form are sent by a script, which only a button's words tell.
        return buttons.any(|button| says_it_sends(button) || presses_to_login(form).is_some());
    }
    let sends = |kind: &str| matches!(kind, "submit" | "image");
    if form.buttons.iter().any(|button| sends(&button.kind)) {
        return buttons.any(|button| sends(&button.kind) && !ends_something(button));
    }
    is_seen && form.fields.iter().any(is_typed)
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
    fn the_form_sent_is_told_first_and_a_waiting_one_later() {
        let page = Page { forms: vec![form("/a", &[]), form("/b", &[]), form("/c", &[])], ..Page::default() };
        let mut filled = Filled::untouched(&page);
        filled.ready = Some(1);
        filled.forms[2] = None;
        let names: Vec<String> = filled.into_forms().into_iter().map(|form| form.name).collect();
        assert_eq!(names, ["form 2", "form 1"]);
    }
}
