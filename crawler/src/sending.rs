//! One form is worked: filled whole, sent, and what the page after it says is heard.

use std::time::Duration;

use model::{Form, Target, VisitOutcome};

use crate::BrowserError;
use crate::canaries::Typed;
use crate::fields::record;
use crate::filling::{Answers, Progressed, Sending, fill, grow, outcome_of_press, press, refusal};
use crate::forms::{Claim, Filled, Ready};
use crate::page::{Page, PageForm};
use crate::persona::Persona;
use crate::sendable::fingerprint;
use crate::tab::{Load, Tab};
use crate::visit::{Seen, Step, Visitor, same_page};

/// A form that leads to another page starts to load it at once.
const SEND_STARTS: Duration = Duration::from_secs(1);

/// How often fields that come when others are filled are filled as well.
const MAX_GROWTH: usize = 3;

/// A form after it was filled.
pub(crate) struct Worked {
    /// As it is now.
    pub(crate) form: PageForm,
    /// What was filled.
    pub(crate) done: Progressed,
    numbers: Vec<Option<Typed>>,
}

/// What is told of a visit when its form was sent, or was not.
pub(crate) struct Told {
    pub(crate) outcome: VisitOutcome,
    pub(crate) links_out: u32,
    pub(crate) filled: Filled,
    pub(crate) ready: Ready,
}

/// A form that was sent, or whose button was pressed.
pub(crate) struct Sent {
    fingerprint: String,
    /// As its page had it.
    form: PageForm,
    sending: Sending,
    /// What its page complained of before: no answer to what was sent.
    complaint: String,
    /// Whether what comes after it may be seen by whoever sent it alone.
    pub(crate) lets_in: bool,
}

impl Visitor<'_> {
    /// Fills one form, and the fields that come when it is filled.
    pub(crate) fn work(
        &mut self,
        tab: &Tab<'_>,
        step: &Step,
        form: &PageForm,
        index: usize,
        is_retry: bool,
    ) -> Result<Worked, BrowserError> {
        let Some(person) = self.plan.usable_person() else {
            return Ok(Worked { form: form.clone(), done: Progressed::default(), numbers: Vec::new() });
        };
        let persona = Persona::of(person);
        let draw = |form: &PageForm| self.plan.given.draw(&self.plan.canaries, person.cpr, form);
        let mut worked = Worked { form: form.clone(), done: Progressed::default(), numbers: draw(form) };
        for _ in 0..=MAX_GROWTH {
            let answers = Answers { numbers: &worked.numbers, persona: &persona, is_retry };
            if !fill(tab, &worked.form, index, &answers, &mut worked.done)? {
                break;
            }
            self.rest(step);
            let grown = grow(tab, &worked.form, index)?;
            // Those that came have numbers of their own, by what they are called together.
            let came = |place: usize| worked.numbers.get(place).copied().flatten().is_none();
            let fields = grown.fields.iter().enumerate().filter(|(place, _)| came(*place));
            let (places, fields): (Vec<usize>, Vec<_>) = fields.map(|(place, field)| (place, field.clone())).unzip();
            let drawn = self.plan.given.draw(&self.plan.canaries, person.cpr, &PageForm { fields, ..grown.clone() });
            worked.numbers.resize(grown.fields.len(), None);
            for (place, number) in places.into_iter().zip(drawn).filter(|(_, number)| number.is_some()) {
                if let Some(empty) = worked.numbers.get_mut(place) {
                    *empty = number;
                }
            }
            worked.form = grown;
        }
        Ok(worked)
    }

    /// Fills a form that the browser would not send once more, in another way.
    pub(crate) fn work_again(&mut self, tab: &Tab<'_>, step: &Step, ready: &mut Ready) -> Result<(), BrowserError> {
        ready.form = grow(tab, &ready.form, ready.index)?;
        ready.form = self.work(tab, step, &ready.form, ready.index, true)?.form;
        Ok(())
    }

    /// Sends the form that is ready and tells the visit; the step that begins by that.
    pub(crate) fn send(
        &mut self,
        tab: &Tab<'_>,
        step: &Step,
        page: &Page,
        told: Told,
        seen: &mut Seen,
    ) -> Result<Option<(Step, Load, Sent)>, BrowserError> {
        let Told { outcome, links_out, mut filled, mut ready } = told;
        match self.forms.try_out(&ready.fingerprint, self.lane) {
            Claim::Granted => {
                self.news.get_mut().tried.insert(ready.fingerprint.clone());
            }
            // Its forms are told with the next visit.
            claim @ (Claim::Tried | Claim::Elsewhere) => {
                seen.elsewhere |= claim == Claim::Elsewhere;
                seen.again |= claim == Claim::Tried;
                self.tell_visit(step, Some(page), outcome, Vec::new(), links_out);
                return Ok(None);
            }
        }
        let mark = tab.mark();
        let mut refused = refusal(tab, &ready.form, ready.index)?;
        if matches!(refused, Some(Sending::Refused(_))) && self.forms.retry(&ready.fingerprint, &ready.fingerprint) {
            self.work_again(tab, step, &mut ready)?;
            refused = refusal(tab, &ready.form, ready.index)?;
            self.forms.tried(&ready.fingerprint);
        }
        if let Some(refusal) = refused {
            // That its tab crashed is known a moment after it fell silent.
            let is_cut =
                refusal == Sending::Silent && tab.wait_for_start(mark, SEND_STARTS)? && self.is_seen_again(tab);
            if !is_cut {
                self.tell_not_sent(&ready.form, step, &refusal);
            }
            self.tell_visit(step, Some(page), outcome, filled.told(ready.index), links_out);
            seen.again |= self.has_more_to_send(page);
            return Ok(None);
        }
        let mark = tab.mark();
        let asked = Target::parse(&ready.form.action).unwrap_or_else(|_| step.asked.clone());
        let next = self.begin(asked, Some(step.id));
        let is_pressed = press(tab, &ready.form, ready.index)?;
        let leads_on = tab.wait_for_start(mark, SEND_STARTS)?;
        let sending = match (leads_on, is_pressed) {
            (true, _) => Sending::Sent,
            (false, true) => outcome_of_press(tab)?,
            (false, false) => Sending::Silent,
        };
        // Fields outside of a form have no event that says so; their button was pressed.
        let was_sent = sending == Sending::Sent || (!ready.form.real && sending == Sending::Pressed);
        if let Some(Some(told)) = filled.forms.get_mut(ready.index) {
            told.submitted = was_sent;
        }
        if was_sent {
            self.forms.send(&ready.fingerprint);
            self.news.get_mut().sent.insert(ready.fingerprint.clone());
        } else if sending != Sending::Pressed {
            self.tell_not_sent(&ready.form, step, &sending);
        }
        self.tell_visit(step, Some(page), outcome, filled.told(ready.index), links_out);
        // The visit told is the one before; what began last is still to be.
        self.untold = Some(next.clone());
        seen.again |= self.has_more_to_send(page);
        seen.sent_away |= step.submitted_from.is_none() && !same_page(page, &step.asked);
        let deadline = self.plan.limits.page_deadline;
        let load = if leads_on { tab.wait_for_load(mark, deadline, &|| self.is_stopped())? } else { Load::Complete };
        let is_retry = self.forms.is_retried(&ready.fingerprint);
        let sent = Sent {
            form: page.forms.get(ready.index).unwrap_or(&ready.form).clone(),
            sending: if was_sent { Sending::Sent } else { sending },
            complaint: if is_retry { String::new() } else { page.complaint.clone() },
            lets_in: ready.lets_in,
            fingerprint: ready.fingerprint,
        };
        Ok(Some((next, load, sent)))
    }

    /// Takes in what the page after a form says of it: it led on, or asks again.
    pub(crate) fn hear(&mut self, page: &Page, step: &Step, sent: &Sent, may_go_on: bool) {
        let complains = !page.complaint.is_empty() && page.complaint != sent.complaint;
        let is_it = |form: &&PageForm| fingerprint(form) == sent.fingerprint;
        // A form that says where it was sent from may send elsewhere by now.
        let is_like_it =
            |form: &&PageForm| complains && form.method == sent.form.method && names(form) == names(&sent.form);
        let same = page.forms.iter().find(is_it).or_else(|| page.forms.iter().find(is_like_it));
        let Some(form) = same else {
            self.forms.pass(&sent.fingerprint, self.lane, sent.lets_in);
            self.news.get_mut().has_passed |= sent.lets_in;
            if sent.sending == Sending::Pressed {
                self.tell_not_sent(&sent.form, step, &sent.sending);
            }
            return;
        };
        if complains && may_go_on && self.forms.retry(&sent.fingerprint, &fingerprint(form)) {
            return;
        }
        // Without a complaint it may be what shows its answer, ready for the next question.
        if complains {
            self.tell_not_sent(form, step, &Sending::CameBack(page.complaint.clone()));
        } else if sent.sending == Sending::Pressed {
            self.tell_not_sent(form, step, &sent.sending);
        }
    }
}

impl Worked {
    /// Writes what was filled into the record of the form.
    pub(crate) fn tell(&self, told: &mut Form, is_filled: bool) {
        let place = told.name.clone();
        *told = Form { name: place, filled: is_filled, ..record(&self.form, 0) };
        for (index, field) in told.fields.iter_mut().enumerate() {
            let number = self.numbers.get(index).copied().flatten();
            field.typed = self.done.typed.contains(&index);
            field.canary = number.filter(|number| number.is_own && is_filled).map(|number| number.number);
        }
    }
}

/// What the fields of a form are called.
fn names(form: &PageForm) -> Vec<&str> {
    form.fields.iter().map(|field| field.name.as_str()).collect()
}
