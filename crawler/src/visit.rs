//! One visit: load, settle, read, fill, send, leave. What it could not do it tells.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use model::{BlindSpot, BlindSpotKind, Clock, Form, Host, LaneId, PageFacts, Target, Visit, VisitId, VisitOutcome};

use crate::address::canonical_key;
use crate::browser::Context;
use crate::consent::{Answers, Faced};
use crate::forms::{Filled, FormBook, Turn};
use crate::frontier::LeftOut;
use crate::login::{Door, door_beside, wall};
use crate::outward::WayOut;
use crate::pace::{BUSY, BUSY_WAIT, retry_after};
use crate::page::Page;
use crate::robots::Robots;
use crate::sending::{Sent, Told};
use crate::session::{Session, shows_exit};
use crate::skeleton::Skeleton;
use crate::tab::{Interferences, Load, Tab};
use crate::trace::News;
use crate::{BrowserError, Plan, Progress, Tell, VisitCounter, Wire};

/// How long the wire must rest after a page is left: beacons start within milliseconds.
const DRAIN_QUIET: Duration = Duration::from_secs(1);

/// How long to wait for that rest.
const DRAIN_CAP: Duration = Duration::from_secs(5);

/// Long enough for the wire to say whether anything is under way at all.
const GLANCE: Duration = Duration::from_millis(50);

/// Visits pages of one plan.
pub(crate) struct Visitor<'a> {
    pub(crate) lane: LaneId,
    pub(crate) context: Context,
    pub(crate) plan: &'a Plan,
    pub(crate) wire: &'a dyn Wire,
    pub(crate) clock: &'a Clock,
    pub(crate) stop: &'a AtomicBool,
    pub(crate) ids: &'a VisitCounter,
    pub(crate) tell: &'a Tell<'a>,
    pub(crate) forms: &'a FormBook,
    /// The last step that was told to be restless: once is enough.
    pub(crate) restless: Option<VisitId>,
    /// The step that began and was not told as a visit yet.
    pub(crate) untold: Option<Step>,
    /// Whether it is signed in.
    pub(crate) session: Session,
    /// What the page at hand told of itself so far.
    pub(crate) facts: Option<Box<PageFacts>>,
    /// What they asked about consent, and were answered.
    pub(crate) answers: Answers,
    /// What the sites ask of visitors.
    pub(crate) robots: &'a Robots,
    /// Files of sitemaps that were asked for.
    pub(crate) sitemaps_read: &'a AtomicUsize,
    /// Whether a page whose tab crashes is visited once more: then that alone is no blind spot yet.
    pub(crate) tries_again: bool,
    /// Visits to the page at hand.
    pub(crate) visits: Vec<VisitId>,
    /// The last visit to a page before it.
    pub(crate) before: Option<VisitId>,
    /// What was done and told on it.
    pub(crate) news: RefCell<News>,
}

/// What a visit leads to.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, and they come in all combinations")]
pub(crate) struct Seen {
    /// Pages that were really seen: where the address asked for, or a form, led.
    pub(crate) reached: Vec<Target>,
    /// Links in scope.
    pub(crate) links: Vec<Target>,
    /// Links that were not read: too many on one page.
    pub(crate) links_cut: u32,
    /// What was met and left aside: why, and a key that counts it once.
    pub(crate) left_out: Vec<(LeftOut, String)>,
    /// Whether to come again: a form is left to send, or a login was passed on the way.
    pub(crate) again: bool,
    /// Whether a question for consent was answered, so that nothing else was done.
    pub(crate) is_answered: bool,
    /// Whether a form stood between the address asked for and its page.
    pub(crate) sent_away: bool,
    /// Why the page was not seen, if it was not.
    pub(crate) missed: Option<String>,
    /// Pages that sitemaps name.
    pub(crate) mapped: Vec<Target>,
    /// Pauses that hosts ask for.
    pub(crate) delays: Vec<(Host, Duration)>,
    /// Whether a declared number stands in the address of a page that was seen.
    pub(crate) is_numbered: bool,
    /// Whether a page that was seen has a form.
    pub(crate) has_form: bool,
    /// What the first page is built of.
    pub(crate) skeleton: Option<Skeleton>,
    /// The link that the last page, with a number in its address, is left by.
    pub(crate) way_out: Option<WayOut>,
    /// States that pages showed without a load.
    pub(crate) states: Vec<Target>,
    /// Links that a script works and that were pressed.
    pub(crate) pressed: Vec<String>,
    /// Whether the page is asked for again when its host is busy: then that alone is no blind spot yet.
    pub(crate) comes_back: bool,
    /// How long the host wants to be left alone, if it is busy.
    pub(crate) busy: Option<Duration>,
    /// Whether its tab crashed, or the browser was lost.
    pub(crate) crashed: bool,
    /// Whether the browser was lost.
    pub(crate) lost: bool,
    /// Whether it was lost before the page was asked for: none of that page's doing, and nothing of it was seen.
    pub(crate) is_unbegun: bool,
    /// Why the page wants a login from who is signed in, and in which visit.
    pub(crate) signed_out: Option<(String, VisitId)>,
    /// Whether the last page offers to sign out.
    pub(crate) shows_exit: bool,
    /// Whether a way in led in.
    pub(crate) entered: bool,
    /// Whether it is for the lane that is signed in to see it.
    pub(crate) elsewhere: bool,
}

/// A page load or form step in progress.
#[derive(Clone)]
pub(crate) struct Step {
    pub(crate) id: VisitId,
    pub(crate) asked: Target,
    pub(crate) submitted_from: Option<VisitId>,
    started: jiff::Timestamp,
}

/// What a step found.
enum Found {
    Page(Box<Page>),
    Nothing(String),
    Stopped,
}

impl Visitor<'_> {
    /// Visits `target`, sends the CPR forms it may, and leaves. What is in `seen` holds whatever comes of it.
    pub(crate) fn visit(&mut self, target: &Target, seen: &mut Seen) -> Result<(), BrowserError> {
        let running = Arc::clone(&self.context.running);
        let tab = Tab::open(&running, &self.context)?;
        let mut step = self.begin(target.clone(), None);
        self.learn(&tab, target, seen)?;
        let load = tab.load(&target.to_string(), self.plan.limits.page_deadline, &|| self.is_stopped())?;
        self.go_on(&tab, &mut step, load, seen)?;
        if step.submitted_from.is_none() && !seen.is_answered {
            self.press_links(&tab, &step, seen)?;
        }
        seen.again |= seen.sent_away && !seen.reached.iter().any(|page| canonical_key(page) == canonical_key(target));
        seen.crashed = tab.has_crashed();
        if seen.crashed && !self.tries_again && seen.missed.is_none() {
            self.tell(BlindSpotKind::PageFailed, &target.to_string(), "the tab crashed", Some(step.id));
        }
        self.leave(tab, &step, seen)
    }

    /// Takes in the page that `step` led to, and those that its forms lead to; `step` is the last of them then.
    pub(crate) fn go_on(
        &mut self,
        tab: &Tab<'_>,
        step: &mut Step,
        load: Load,
        seen: &mut Seen,
    ) -> Result<(), BrowserError> {
        let mut found = self.arrive(tab, step, load)?;
        let mut sent = None;
        for sends_left in (0..=self.plan.limits.form_steps).rev() {
            let next = self.take_in(tab, step, found, sends_left > 0, sent.as_ref(), seen)?;
            let Some((next_step, load, sent_now)) = next else { break };
            *step = next_step;
            seen.way_out = None;
            sent = Some(sent_now);
            found = self.arrive(tab, step, load)?;
        }
        self.tell_routes(tab, step, seen);
        Ok(())
    }

    /// Closes the tab and its windows, and waits for what they still send; tells what they did in their life.
    pub(crate) fn leave(&mut self, tab: Tab<'_>, step: &Step, seen: &mut Seen) -> Result<(), BrowserError> {
        if let Some(way) = seen.way_out.take() {
            self.go_outside(&tab, &way)?;
        }
        let popups = tab.close_popups()?;
        seen.links.extend(popups.iter().filter_map(|popup| self.in_scope(popup)));
        self.learn_of_links(&tab, seen)?;
        let interferences = tab.close()?;
        if !self.wire.settle(DRAIN_QUIET, DRAIN_CAP) && !self.wire.settle(Duration::ZERO, GLANCE) {
            let seconds = DRAIN_CAP.as_secs();
            self.tell_restless(step, format!("requests were under way {seconds} s after it was left"));
        }
        self.tell_requests();
        (self.tell)(Progress::Left(self.lane, step.id));
        self.tell_interferences(step, &interferences);
        Ok(())
    }

    /// Whether the user wants no more.
    pub(crate) fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Tells a blind spot of this system: of `visit`, else of the page at hand, so that it comes and goes with it in a
    /// journal.
    pub(crate) fn tell(&mut self, kind: BlindSpotKind, place: &str, detail: impl Into<String>, visit: Option<VisitId>) {
        let visit = visit.or(self.visits.last().copied());
        let blind_spot = BlindSpot::new(kind, place, detail).in_visit(visit).of_system(self.plan.system.clone());
        (self.tell)(Progress::BlindSpot(blind_spot));
    }

    /// A step begins: from now on requests are its own.
    pub(crate) fn begin(&mut self, asked: Target, submitted_from: Option<VisitId>) -> Step {
        let id = self.ids.advance();
        (self.tell)(Progress::VisitBegins(asked.clone()));
        self.wire.begin(id);
        self.context.running.devtools().with_recorder(|recorder| recorder.begin(&self.context.id, id));
        self.visits.push(id);
        let step = Step { id, asked, submitted_from, started: self.clock.now() };
        self.untold = Some(step.clone());
        step
    }

    /// Waits until the wire rests; tells when it did not.
    pub(crate) fn rest(&mut self, step: &Step) {
        let cap = self.plan.limits.settle_cap;
        if !self.wire.settle(self.plan.limits.quiet, cap) {
            self.tell_restless(step, format!("still loading after {} s", cap.as_secs()));
        }
    }

    fn tell_restless(&mut self, step: &Step, detail: String) {
        if self.restless != Some(step.id) {
            self.restless = Some(step.id);
            self.tell(BlindSpotKind::PageRestless, &step.asked.to_string(), detail, Some(step.id));
        }
    }

    /// Waits for the page to rest, and reads it.
    fn arrive(&mut self, tab: &Tab<'_>, step: &Step, load: Load) -> Result<Found, BrowserError> {
        let place = step.asked.to_string();
        match load {
            Load::Stopped => return Ok(Found::Stopped),
            Load::Failed(_) if tab.began_download() => {
                return Ok(Found::Nothing("it is a download, not a page".to_owned()));
            }
            Load::Failed(reason) => {
                if !self.is_seen_again(tab) {
                    self.tell(BlindSpotKind::PageFailed, &place, reason.clone(), Some(step.id));
                }
                self.rest(step);
                return Ok(Found::Nothing(reason));
            }
            // Told below, and not as restless besides.
            Load::Unfinished => self.restless = Some(step.id),
            Load::Complete => {}
        }
        self.rest(step);
        let page = tab.read()?.filter(|page| Target::parse(&page.url).is_ok());
        let seconds = self.plan.limits.page_deadline.as_secs();
        match (page, load) {
            (Some(page), Load::Unfinished) => {
                let detail = format!("it had not loaded after {seconds} seconds and was read as it was");
                self.tell(BlindSpotKind::PageFailed, &place, detail, Some(step.id));
                Ok(Found::Page(Box::new(page)))
            }
            (Some(page), _) => Ok(Found::Page(Box::new(page))),
            (None, load) => {
                if self.is_seen_again(tab) {
                    return Ok(Found::Nothing("the tab crashed".to_owned()));
                }
                let reason = match load {
                    Load::Unfinished => format!("it did not load within {seconds} seconds"),
                    _ => "it does not answer".to_owned(),
                };
                self.tell(BlindSpotKind::PageFailed, &place, reason.clone(), Some(step.id));
                Ok(Found::Nothing(reason))
            }
        }
    }

    /// Whether a page that came to nothing is visited once more: its tab crashed, or the browser lost what it sends with.
    pub(crate) fn is_seen_again(&self, tab: &Tab<'_>) -> bool {
        self.tries_again && (tab.has_crashed() || self.context.running.has_lost_network())
    }

    /// Judges what a step found, works its forms, tells the visit; the next step if a form was sent.
    fn take_in(
        &mut self,
        tab: &Tab<'_>,
        step: &Step,
        found: Found,
        may_go_on: bool,
        sent: Option<&Sent>,
        seen: &mut Seen,
    ) -> Result<Option<(Step, Load, Sent)>, BrowserError> {
        let page = match found {
            Found::Page(page) => page,
            Found::Stopped => {
                seen.missed = Some("the audit was stopped".to_owned());
                self.tell_visit(step, None, VisitOutcome::Failed("stopped".to_owned()), Vec::new(), 0);
                return Ok(None);
            }
            Found::Nothing(reason) => {
                seen.missed.get_or_insert_with(|| reason.clone());
                self.tell_visit(step, None, VisitOutcome::Failed(reason), Vec::new(), 0);
                return Ok(None);
            }
        };
        if let Some(sent) = sent {
            self.hear(&page, step, sent, may_go_on);
        }
        self.forms.land(self.lane);
        let turn =
            Turn { may_go_on, is_after_form: sent.is_some(), is_next_step: sent.is_some_and(|sent| sent.lets_in) };
        let place = step.asked.to_string();
        self.take_facts(tab, step)?;
        let door = self.door(&page);
        let outside = self.outside(&page);
        let mut outcome = VisitOutcome::Loaded;
        if page.status >= 400 && tab.is_answered_by_proxy() {
            outcome = self.fail(step, "the proxy could not reach it".to_owned(), seen);
        } else if self.is_for_another(&page, step, door) {
            seen.elsewhere = true;
            self.tell_elsewhere(step, &page);
            return Ok(None);
        } else if let Some(reason) = self.signed_out(&page, step, door) {
            // Not this visit, but the session is what is to be seen to.
            seen.missed.get_or_insert_with(|| reason.clone());
            seen.signed_out = Some((reason, step.id));
            self.tell_visit(step, Some(&page), VisitOutcome::LoginRequired, Vec::new(), 0);
            return Ok(None);
        } else if let Some(reason) = wall(&page, &step.asked, &self.plan.scope, door) {
            self.tell(BlindSpotKind::LoginRequired, &place, reason.clone(), Some(step.id));
            seen.missed.get_or_insert(reason);
            outcome = VisitOutcome::LoginRequired;
        } else if let Some(host) = &outside {
            outcome = self.fail(step, self.why_outside(host), seen);
        } else if self.session.is_over() && page.status < 400 {
            let reason = "it was seen signed out";
            self.tell(BlindSpotKind::SessionLost, &place, reason, Some(step.id));
            seen.missed.get_or_insert_with(|| reason.to_owned());
            outcome = VisitOutcome::LoginRequired;
        } else if BUSY.contains(&page.status) && step.submitted_from.is_none() {
            let asked = tab.retry_after().and_then(|text| retry_after(&text, self.clock.now()));
            seen.busy = Some(asked.unwrap_or(BUSY_WAIT));
            let reason = format!("status {}", page.status);
            outcome = if seen.comes_back { VisitOutcome::Failed(reason) } else { self.fail(step, reason, seen) };
        } else if page.status >= 400 || page.status == 0 {
            let reason =
                if page.status == 0 { "nothing answered".to_owned() } else { format!("status {}", page.status) };
            outcome = self.fail(step, reason, seen);
        } else if let Some(action) = door_beside(&page)
            && self.is_news(format!("door {action}"))
        {
            let detail = format!("a form that sends to {action} wants a password; what lies behind was not seen");
            self.tell(BlindSpotKind::LoginRequired, &place, detail, Some(step.id));
        }
        let mut links_out = 0;
        if outcome == VisitOutcome::Loaded {
            seen.shows_exit = shows_exit(&page);
            links_out = self.harvest(tab, &page, step, door, seen)?;
            if step.submitted_from.is_none() {
                seen.skeleton = tab.ask(&Skeleton::expression())?.as_ref().and_then(Skeleton::from_value);
            }
            if self.face_banner(tab, step, &page.url, step.submitted_from.is_none())? == Faced::Answered {
                // What it sent was before the answer; what it does after it is seen in the next visit, and its forms are.
                (seen.again, seen.is_answered, seen.way_out) = (true, true, None);
                self.tell_visit(step, Some(&page), outcome, Vec::new(), links_out);
                return Ok(None);
            }
            self.tell_unasked(&page, step, seen);
        }
        let mut filled =
            if outside.is_none() { self.fill_forms(tab, step, &page, turn)? } else { Filled::untouched(&page) };
        // A form that waited for its turn here, and that another lane has sent by now.
        if door == Door::Open && filled.ready.is_none() && self.door(&page) != Door::Open {
            let is_elsewhere = self.forms.signed_in().is_some_and(|lane| lane != self.lane);
            seen.elsewhere |= is_elsewhere;
            seen.again |= !is_elsewhere;
            self.tell_visit(step, Some(&page), outcome, Vec::new(), links_out);
            return Ok(None);
        }
        if filled.forms.iter().flatten().any(|form| form.filled) {
            self.take_facts(tab, step)?;
        }
        let sends = !matches!(outcome, VisitOutcome::Failed(_));
        let Some(ready) = filled.ready.take_if(|_| sends) else {
            self.tell_visit(step, Some(&page), outcome, filled.into_forms(), links_out);
            return Ok(None);
        };
        self.send(tab, step, &page, Told { outcome, links_out, filled, ready }, seen)
    }

    /// Why a page is not shown to who is signed in, though it should be.
    fn signed_out(&self, page: &Page, step: &Step, door: Door) -> Option<String> {
        let is_in = self.session.is_in();
        let wall = || wall(page, &step.asked, &self.plan.scope, door).filter(|_| is_in);
        self.session.door(page, &step.asked).or_else(wall)
    }

    /// Whether another lane has sent a form that led on, and may see by that what is closed here.
    fn is_for_another(&self, page: &Page, step: &Step, door: Door) -> bool {
        if self.forms.signed_in().is_none_or(|lane| lane == self.lane) {
            return false;
        }
        let is_sent_to_door = door == Door::Passed && !same_page(page, &step.asked);
        is_sent_to_door || wall(page, &step.asked, &self.plan.scope, door).is_some()
    }

    fn tell_elsewhere(&mut self, step: &Step, page: &Page) {
        let reason = "it is visited by the tab that may be signed in".to_owned();
        self.tell_visit(step, Some(page), VisitOutcome::Failed(reason), Vec::new(), 0);
    }

    /// Tells that the page of a step was not seen.
    fn fail(&mut self, step: &Step, reason: String, seen: &mut Seen) -> VisitOutcome {
        self.tell(BlindSpotKind::PageFailed, &step.asked.to_string(), reason.clone(), Some(step.id));
        seen.missed.get_or_insert_with(|| reason.clone());
        VisitOutcome::Failed(reason)
    }

    pub(crate) fn tell_visit(
        &mut self,
        step: &Step,
        page: Option<&Page>,
        outcome: VisitOutcome,
        forms: Vec<Form>,
        links_out: u32,
    ) {
        self.untold = None;
        self.tell_requests();
        let at = page.map_or_else(|| step.asked.to_string(), |page| page.url.clone());
        let url = match (step.submitted_from, page) {
            (Some(_), Some(page)) => page.url.clone(),
            (_, _) => step.asked.to_string(),
        };
        (self.tell)(Progress::Visit(Visit {
            id: step.id,
            system: self.plan.system.clone(),
            url,
            submitted_from: step.submitted_from,
            role: self.plan.role.clone(),
            sign_in: self.session.sign_in(),
            consent: self.answers.state(self.plan.consent, &at),
            started: step.started,
            status: page.map(|page| page.status).filter(|status| *status > 0),
            title: page.map(|page| page.title.clone()).unwrap_or_default(),
            outcome,
            forms,
            links_out,
            facts: self.facts.take(),
        }));
    }

    fn tell_interferences(&mut self, step: &Step, told: &Interferences) {
        let place = step.asked.to_string();
        let mut lines = Vec::new();
        if told.dialogs.happened() {
            lines.push(format!("dialogs answered with OK: {}, the first {}", told.dialogs.count, told.dialogs.first));
        }
        if told.popups.happened() {
            lines.push(format!("windows opened and closed: {}, the first {}", told.popups.count, told.popups.first));
        }
        if told.downloads.happened() {
            lines.push(format!("downloads refused: {}, the first {}", told.downloads.count, told.downloads.first));
        }
        if told.stuck {
            lines.push("the page could not be closed, so what it sends when left is unknown".to_owned());
        }
        for line in lines {
            self.tell(BlindSpotKind::PageInterfered, &place, line, Some(step.id));
        }
    }
}

/// Whether `page` is the one asked for.
pub(crate) fn same_page(page: &Page, asked: &Target) -> bool {
    Target::parse(&page.url).is_ok_and(|reached| canonical_key(&reached) == canonical_key(asked))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_the_one_asked_for_whatever_its_fragment() {
        let page = Page { url: "https://a.test/x?b=1&a=2#top".into(), ..Page::default() };
        assert!(same_page(&page, &Target::parse("https://a.test/x?a=2&b=1").unwrap()));
        assert!(!same_page(&page, &Target::parse("https://a.test/x").unwrap()));
    }
}
