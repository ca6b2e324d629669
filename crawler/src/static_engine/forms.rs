//! What is done with the forms of a page: filled, chosen for sending, or told why not.

use encoding_rs::Encoding;
use model::BlindSpotKind;

use super::controls::Sheet;
use super::loading::{Loaded, Origin};
use super::sending::{Answered, answer, is_sendable};
use super::visiting::{Step, Visitor};
use crate::fields::{asks_for_cpr, asks_for_password};
use crate::forms::{Filled, MAX_FILLED_FORMS};
use crate::frontier::LeftOut;
use crate::login::{Door, presses_to_login};
use crate::page::{Page, PageForm};
use crate::persona::Persona;
use crate::sendable::{can_be_sent, fingerprint, is_search, may_be_sent};
use crate::visit::Seen;

/// A form that is about to be sent.
pub(super) struct Ready {
    pub(super) sheet: Sheet,
    pub(super) answered: Answered,
    pub(super) origin: Origin,
    pub(super) encoding: &'static Encoding,
    pub(super) fingerprint: String,
    /// Its place on the page.
    pub(super) index: usize,
}

impl Visitor<'_> {
    /// Fills the CPR forms, tells of those that cannot be sent, and chooses the one to send.
    pub(super) fn fill(&mut self, loaded: &Loaded, step: &Step, may_go_on: bool) -> (Filled, Option<Ready>) {
        let page = &loaded.document.page;
        let mut filled = Filled::untouched(page);
        let (mut count, mut ready) = (0, None);
        for ((index, sheet), told) in loaded.document.sheets.iter().enumerate().zip(&mut filled.forms) {
            let form = &sheet.form;
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
            let typed = self.canaries.draw(&self.plan.canaries, person.cpr, form);
            let answered = answer(sheet, &typed, &Persona::of(person));
            let print = fingerprint(form);
            if let Some(told) = told {
                told.filled = answered.took_number;
                for (field, typed) in told.fields.iter_mut().zip(typed) {
                    field.canary = typed.filter(|typed| typed.is_own && answered.took_number).map(|typed| typed.number);
                }
                told.submitted = self.sent.contains(&print);
            }
            if asks_for_password(form) {
                self.tell_form(form, step, "it wants a password as well");
            } else if self.tried.contains(&print) {
                // Sent before, or told why not: once a crawl is enough.
            } else if !answered.took_number {
                self.tell_form(form, step, "its field did not take the number");
            } else if !may_be_sent(self.plan, form) {
                self.tell_form(form, step, "the number was typed and not sent: the registry does not allow it");
            } else if !is_sendable(form) {
                self.tried.insert(print);
                let why =
                    if sheet.is_scripted { "only a script sends it" } else { "it has no button that may be pressed" };
                self.tell_form(form, step, why);
            } else if !answered.refused.is_empty() {
                let why = format!("the browser would not send it, for its fields {}", answered.refused.join(", "));
                self.tried.insert(print);
                self.tell_form(form, step, &why);
            } else if !may_go_on {
                self.tell_form(form, step, "it comes after more forms than are sent in a row");
            } else if ready.is_none() {
                self.tried.insert(print.clone());
                self.sent.insert(print.clone());
                if let Some(told) = told {
                    told.submitted = true;
                }
                let origin = Origin { page: loaded.at.clone(), policy: loaded.policy };
                ready = Some(Ready {
                    sheet: sheet.clone(),
                    answered,
                    origin,
                    encoding: loaded.encoding,
                    fingerprint: print,
                    index,
                });
            } else {
                *told = None;
            }
        }
        if page.forms_cut > 0 {
            let detail = format!("{} more forms and fields than are read", page.forms_cut);
            self.tell(BlindSpotKind::FormNotSubmitted, &step.asked.to_string(), detail, Some(step.id));
        }
        (filled, ready)
    }

    /// What the CPR forms of a page are to this crawl.
    pub(super) fn door(&self, page: &Page) -> Door {
        let doors: Vec<String> =
            page.forms.iter().filter(|form| asks_for_cpr(form) && !asks_for_password(form)).map(fingerprint).collect();
        let can_send = self.plan.usable_person().is_some()
            && page.forms.iter().any(|form| asks_for_cpr(form) && may_be_sent(self.plan, form) && is_sendable(form));
        if doors.is_empty() {
            Door::None
        } else if !can_send {
            Door::Untried
        } else if doors.iter().any(|door| !self.tried.contains(door)) {
            Door::Open
        } else if doors.iter().any(|door| self.passed.contains(door)) {
            Door::Passed
        } else {
            Door::Shut
        }
    }

    pub(super) fn has_more_to_send(&self, page: &Page) -> bool {
        let is_left = |form: &PageForm| {
            let is_asked = asks_for_cpr(form) && !asks_for_password(form) && may_be_sent(self.plan, form);
            is_asked && !self.tried.contains(&fingerprint(form))
        };
        page.forms.iter().any(is_left)
    }

    /// Tells of the forms of a page that was seen which ask for no CPR number, so that nobody sends them.
    pub(super) fn tell_unasked(&mut self, page: &Page, step: &Step, seen: &mut Seen) {
        for form in &page.forms {
            if asks_for_cpr(form) || asks_for_password(form) || !can_be_sent(form) {
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
                self.tell_form(form, step, "it asks for no CPR number; this version sends only forms that do");
            }
        }
    }

    fn tell_form(&mut self, form: &PageForm, step: &Step, why: &str) {
        if self.is_news(format!("{why} {}", fingerprint(form))) {
            let detail = format!("the form that sends to {}: {why}", form.action);
            self.tell(BlindSpotKind::FormNotSubmitted, &step.asked.to_string(), detail, Some(step.id));
        }
    }
}
