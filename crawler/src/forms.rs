//! What is done with the forms of a page: filled, chosen for sending, or told why not.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use model::{BlindSpotKind, Form, LaneId};

use crate::BrowserError;
use crate::fields::{asks_for_cpr, asks_for_password, record};
use crate::filling::Sending;
use crate::frontier::LeftOut;
use crate::login::{Door, presses_to_login};
use crate::outward::is_step_outside;
use crate::page::{Page, PageForm};
use crate::sendable::{can_be_sent, fingerprint, is_plain, is_search, leads_on, may_be_sent};
use crate::tab::Tab;
use crate::trace::News;
use crate::visit::{Seen, Step, Visitor};

/// Most forms of a kind filled on one page: more are rows of one table.
pub(crate) const MAX_FILLED_FORMS: usize = 5;

/// Most forms that are known to wait for their turn: a site with more makes them up.
const MAX_WAITING: usize = 10_000;

/// Why a form without a number is not sent where the registry says so.
const NOT_ALLOWED: &str = "it was filled and not sent: the registry does not allow it";

/// Why a form is not sent that nobody can tell how to send.
const NO_BUTTON: &str = "it has no button that may be pressed";

/// Why a form is not sent that comes after many others.
const TOO_MANY: &str = "it comes after more forms than are sent in a row";

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
    /// Those whose answers did not do, so that they are filled in another way and sent once more.
    retried: BTreeSet<String>,
    /// Those that wait for their turn: where they send to, and where they were met.
    waiting: BTreeMap<String, (String, String)>,
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
    /// The one to send.
    pub(crate) ready: Option<Ready>,
}

/// A form that is filled and may be sent.
pub(crate) struct Ready {
    /// Its place on the page.
    pub(crate) index: usize,
    /// What it is known by: as it was before it was filled.
    pub(crate) fingerprint: String,
    /// As it is now.
    pub(crate) form: PageForm,
    /// Whether what comes after it may be seen by whoever sent it alone.
    pub(crate) lets_in: bool,
}

/// Where a page stands among the forms sent one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Turn {
    /// Whether a form may still be sent here.
    pub(crate) may_go_on: bool,
    /// Whether another form led here.
    pub(crate) is_after_form: bool,
    /// Whether one that asked for a number led here: the next step of what it began may ask for anything.
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
        entries.waiting.extend(news.waiting);
    }

    /// What was done in a visit that was cut short, and is to be done again, is not done: forms that were tried, and
    /// steps outside. What was told stays told.
    pub(crate) fn undo(&self, news: &mut News) {
        let mut entries = self.lock();
        entries.tried.retain(|form| !news.tried.contains(form));
        entries.told.retain(|told| !is_step_outside(told) || !news.told.contains(told));
        drop(entries);
        news.tried.clear();
        news.told.retain(|told| !is_step_outside(told));
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

    /// It led `lane` on, and what it `lets_in` to may be seen by that lane alone.
    pub(crate) fn pass(&self, fingerprint: &str, lane: LaneId, lets_in: bool) {
        if !lets_in {
            return;
        }
        let mut entries = self.lock();
        entries.passed.insert(fingerprint.to_owned());
        entries.signed_in.get_or_insert(lane);
    }

    /// What was answered in it did not do, and it is now as `fingerprint`. Whether another try is left.
    pub(crate) fn retry(&self, sent: &str, fingerprint: &str) -> bool {
        let mut entries = self.lock();
        if entries.retried.contains(sent) || !entries.retried.insert(fingerprint.to_owned()) {
            return false;
        }
        entries.tried.remove(fingerprint);
        true
    }

    /// It is not tried again.
    pub(crate) fn tried(&self, fingerprint: &str) {
        self.lock().tried.insert(fingerprint.to_owned());
    }

    /// Whether it was told that its answers did not do.
    pub(crate) fn is_retried(&self, fingerprint: &str) -> bool {
        self.lock().retried.contains(fingerprint)
    }

    fn wait(&self, fingerprint: String, met: (String, String)) {
        let mut entries = self.lock();
        if entries.waiting.len() < MAX_WAITING {
            entries.waiting.entry(fingerprint).or_insert(met);
        }
    }

    /// The forms whose turn never came: where they send to, and where they were met.
    pub(crate) fn left_waiting(&self) -> Vec<(String, String)> {
        let entries = self.lock();
        let is_left = |(form, _): &(&String, &(String, String))| !entries.tried.contains(*form);
        entries.waiting.iter().filter(is_left).map(|(_, met)| met.clone()).collect()
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

    /// The forms to tell where none is sent.
    pub(crate) fn into_forms(self) -> Vec<Form> {
        self.forms.into_iter().flatten().collect()
    }

    /// The forms to tell: the one that was sent here comes first, so that it is told from those sent elsewhere.
    pub(crate) fn told(mut self, first: usize) -> Vec<Form> {
        if first < self.forms.len() {
            let sent = self.forms.remove(first);
            self.forms.insert(0, sent);
        }
        self.into_forms()
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

    /// Types the number into every form that asks for it, fills the others once, and tells of those that cannot be sent.
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
            if self.plan.usable_person().is_none() {
                self.tell_form(form, step, "no test person may be used on this system");
                continue;
            }
            if count >= MAX_FILLED_FORMS {
                self.tell_form(form, step, "more forms of its kind on one page than are filled");
                continue;
            }
            count += 1;
            let fingerprint = fingerprint(form);
            let worked = self.work(tab, step, form, index, self.forms.is_retried(&fingerprint))?;
            let took_number = worked.done.took_number;
            if let Some(told) = told {
                worked.tell(told, took_number);
                told.submitted = self.forms.lock().sent.contains(&fingerprint);
            }
            if asks_for_password(form) {
                self.tell_form(form, step, "it wants a password as well");
            } else if self.forms.lock().tried.contains(&fingerprint) {
                // Sent before, or told why not: once a crawl is enough.
            } else if !took_number {
                self.tell_form(form, step, "its field did not take the number");
            } else if !may_be_sent(self.plan, &worked.form) {
                self.tell_form(form, step, "the number was typed and not sent: the registry does not allow it");
            } else if !turn.may_go_on {
                self.tell_form(form, step, TOO_MANY);
            } else if filled.ready.is_none() {
                filled.ready = Some(Ready { index, fingerprint, form: worked.form, lets_in: true });
            } else {
                self.wait_for_turn(fingerprint, form, step);
                *told = None;
            }
        }
        self.fill_plain_forms(tab, step, page, turn, &mut filled)?;
        if page.forms_cut > 0 {
            let detail = format!("{} more forms and fields than are read", page.forms_cut);
            self.tell(BlindSpotKind::FormNotSubmitted, &step.asked.to_string(), detail, Some(step.id));
        }
        Ok(filled)
    }

    /// Fills the forms that ask for no number, each once a crawl, and has one sent if no other is.
    fn fill_plain_forms(
        &mut self,
        tab: &Tab<'_>,
        step: &Step,
        page: &Page,
        turn: Turn,
        filled: &mut Filled,
    ) -> Result<(), BrowserError> {
        let next = self.next_plain(page, turn).filter(|_| filled.ready.is_none());
        let mut count = 0;
        for ((index, form), told) in page.forms.iter().enumerate().zip(&mut filled.forms) {
            if !is_plain(form) {
                continue;
            }
            let fingerprint = fingerprint(form);
            if self.forms.lock().tried.contains(&fingerprint) {
                let is_sent = self.forms.lock().sent.contains(&fingerprint);
                if let Some(told) = told {
                    told.submitted = is_sent;
                }
                continue;
            }
            if self.plan.usable_person().is_none() {
                self.tell_form(form, step, "no test person may be used on this system");
                continue;
            }
            let may_be_sent = may_be_sent(self.plan, form);
            let is_next = may_be_sent && next == Some(index);
            if may_be_sent && !is_next && turn.may_go_on {
                self.wait_for_turn(fingerprint, form, step);
                *told = None;
                continue;
            }
            if !is_next {
                let why = if may_be_sent { TOO_MANY } else { NOT_ALLOWED };
                if !self.tell_form(form, step, why) {
                    continue;
                }
            }
            if count >= MAX_FILLED_FORMS && !is_next {
                self.tell_form(form, step, "more forms of its kind on one page than are filled");
                continue;
            }
            count += 1;
            let worked = self.work(tab, step, form, index, self.forms.is_retried(&fingerprint))?;
            if let Some(told) = told {
                worked.tell(told, !worked.done.typed.is_empty());
            }
            if is_next {
                filled.ready = Some(Ready { index, fingerprint, form: worked.form, lets_in: turn.is_next_step });
            }
        }
        Ok(())
    }

    /// Tells of the forms of a page that was seen which are neither filled nor sent.
    pub(crate) fn tell_unasked(&mut self, page: &Page, step: &Step, seen: &mut Seen) {
        for form in &page.forms {
            let is_sent = self.forms.lock().sent.contains(&fingerprint(form));
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
            } else if !is_plain(form) {
                self.tell_form(form, step, NO_BUTTON);
            }
        }
    }

    /// The form that asks for no number and is sent next: after another that of the page which leads on or has most fields,
    /// since others, such as for a newsletter, stand beside it.
    fn next_plain(&self, page: &Page, turn: Turn) -> Option<usize> {
        if !turn.may_go_on {
            return None;
        }
        let waits = |form: &PageForm| {
            is_plain(form) && may_be_sent(self.plan, form) && !self.forms.lock().tried.contains(&fingerprint(form))
        };
        let mut waiting = page.forms.iter().enumerate().filter(|(_, form)| waits(form));
        if !turn.is_after_form {
            return waiting.next().map(|(index, _)| index);
        }
        let rank = |form: &PageForm| (leads_on(form), form.fields.len());
        waiting.rev().max_by_key(|(_, form)| rank(form)).map(|(index, _)| index)
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
        let has_person = self.plan.usable_person().is_some();
        let entries = self.forms.lock();
        page.forms.iter().any(|form| {
            let is_asked = asks_for_cpr(form) && !asks_for_password(form);
            let is_plain = || has_person && is_plain(form) && may_be_sent(self.plan, form);
            (is_asked || is_plain()) && !entries.tried.contains(&fingerprint(form))
        })
    }

    /// Tells why a form's sending came to nothing.
    pub(crate) fn tell_not_sent(&mut self, form: &PageForm, step: &Step, sending: &Sending) {
        let why = match sending {
            Sending::Refused(fields) => format!("the browser would not send it, for its fields {}", fields.join(", ")),
            Sending::NoButton => NO_BUTTON.to_owned(),
            Sending::Sent | Sending::Pressed => "its button did not send it".to_owned(),
            Sending::Silent => "the page did not answer".to_owned(),
            Sending::CameBack(words) => format!("it was sent and came back, with the words: {words}"),
        };
        self.tell_form(form, step, &why);
    }

    /// Tells once for each kind of form why it was not sent; whether it was news.
    fn tell_form(&mut self, form: &PageForm, step: &Step, why: &str) -> bool {
        let is_news = self.is_news(format!("{why} {}", fingerprint(form)));
        if is_news {
            let detail = format!("the form that sends to {}: {why}", form.action);
            self.tell(BlindSpotKind::FormNotSubmitted, &step.asked.to_string(), detail, Some(step.id));
        }
        is_news
    }

    /// A form waits until its page is visited again.
    fn wait_for_turn(&mut self, fingerprint: String, form: &PageForm, step: &Step) {
        let met = (form.action.clone(), step.asked.to_string());
        self.news.get_mut().waiting.insert(fingerprint.clone(), met.clone());
        self.forms.wait(fingerprint, met);
    }

    /// Tells of the forms whose turn never came.
    pub(crate) fn tell_left_waiting(&mut self) {
        for (action, place) in self.forms.left_waiting() {
            let detail = format!("the form that sends to {action}: its turn to be sent did not come");
            self.tell(BlindSpotKind::FormNotSubmitted, &place, detail, None);
        }
    }
}

pub(crate) fn records(page: &Page) -> Vec<Form> {
    page.forms.iter().enumerate().map(|(index, form)| record(form, index + 1)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(action: &str) -> PageForm {
        PageForm { action: action.into(), ..PageForm::default() }
    }

    #[test]
    fn the_form_sent_is_told_first_and_a_waiting_one_later() {
        let page = Page { forms: vec![form("/a"), form("/b"), form("/c")], ..Page::default() };
        let mut filled = Filled::untouched(&page);
        filled.forms[2] = None;
        let names: Vec<String> = filled.told(1).into_iter().map(|form| form.name).collect();
        assert_eq!(names, ["form 2", "form 1"]);
    }
}
