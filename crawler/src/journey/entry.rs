//! A journey as part of a crawl: each page that it is recorded to lead to is a visit, so that a report names the page
//! which leaked and not the journey. The visit of the page where it ends goes on as any other.

use std::time::Duration;

use model::{BlindSpot, BlindSpotKind, Form, Picture, Target, VisitOutcome};
use serde_json::Value;

use super::steps::{Runner, Stop};
use super::{Action, Journey, Step as JourneyStep, StepFailed};
use crate::consent::Faced;
use crate::fields::{asks_for_cpr, record};
use crate::page::Page;
use crate::picture::{self, NoPicture};
use crate::tab::{Load, Tab};
use crate::visit::{Seen, Step, Visitor};
use crate::{BrowserError, Progress};

/// How long the wire must rest between two steps on one page: a person is no faster.
const STEP_QUIET: Duration = Duration::from_millis(200);

/// How long to wait for that rest; what is still under way then belongs to the page all the same.
const STEP_CAP: Duration = Duration::from_secs(2);

/// What was typed into the page at hand.
#[derive(Default)]
struct Typed {
    any: bool,
    number: bool,
}

impl Visitor<'_> {
    /// Makes a journey in a tab of its own and takes in the page where it ends. A step that does not work is told, and
    /// the page where it was tried is a visit like the others.
    pub(crate) fn enter(&mut self, journey: &Journey, seen: &mut Seen) -> Result<(), BrowserError> {
        let running = std::sync::Arc::clone(&self.context.running);
        let tab = Tab::open(&running, &self.context)?;
        let stop = self.stop;
        let stopped = move || stop.load(std::sync::atomic::Ordering::Relaxed);
        let deadline = self.plan.limits.page_deadline;
        let mut runner = Runner::new(tab.devtools(), (tab.target(), tab.session()), journey, deadline, &stopped);
        let (mut at, mut typed, mut is_over) = (None::<Step>, Typed::default(), false);
        let mut has_begun = false;
        for step in &journey.steps {
            // Once the tab is closed, only windows are left to the journey.
            if !runner.is_closed && (step.leads_on() || step.closes_tab()) {
                at = self.turn(&tab, journey, step, at.take(), &mut typed)?;
            }
            match runner.perform(step) {
                Ok(()) => {}
                Err(Stop::Browser(error)) => return Err(error),
                Err(Stop::Failed(_)) if self.is_seen_again(&tab) => {
                    (is_over, seen.crashed) = (true, true);
                    break;
                }
                Err(Stop::Failed(why)) => {
                    let failure = runner.failure(step, &why)?;
                    let picture = self.picture(journey, failure.number, runner.snapshot(step)?)?;
                    self.tell_failed(journey, &failure, picture, at.as_ref());
                    is_over = true;
                    break;
                }
                Err(Stop::Stopped) => {
                    is_over = true;
                    break;
                }
            }
            if let Action::Change(_, value) = &step.action {
                typed.any = true;
                typed.number |= value.holds_cpr;
            }
            match &at {
                Some(at) if step.leads_on() => self.rest(at),
                Some(_) | None => {
                    self.wire.settle(STEP_QUIET, STEP_CAP);
                }
            }
            let is_start = step.is_navigate() && !std::mem::replace(&mut has_begun, true);
            if !runner.is_closed && (is_start || matches!(step.action, Action::Consent)) {
                at = self.answer_on_the_way(&tab, journey, at.take(), &typed, is_start)?;
            }
        }
        // A journey that was stopped before it asked for anything has nothing to leave.
        let Some(at) = at else { return tab.close().map(drop) };
        if is_over {
            self.tell_passed(&tab, journey, &at, &typed, false)?;
        }
        if is_over || runner.is_closed {
            // One that closes its tab ends where it meant to.
            seen.entered = !is_over;
            return self.leave(tab, &at, seen);
        }
        // A site may ask for consent only now, behind its login.
        let Some(mut at) = self.answer_on_the_way(&tab, journey, Some(at), &typed, true)? else {
            return tab.close().map(drop);
        };
        // What it led to is what was asked for, so that the page counts as seen.
        if let Some(now) = tab.read()?.and_then(|page| Target::parse(&page.url).ok()) {
            at.asked = now;
        }
        self.session.arrive();
        self.go_on(&tab, &mut at, Load::Complete, seen)?;
        seen.entered = seen.missed.is_none();
        seen.crashed = tab.has_crashed();
        self.leave(tab, &at, seen)
    }

    /// The journey is about to leave a page: tells it as a visit, and begins the next.
    fn turn(
        &mut self,
        tab: &Tab<'_>,
        journey: &Journey,
        step: &JourneyStep,
        at: Option<Step>,
        typed: &mut Typed,
    ) -> Result<Option<Step>, BrowserError> {
        let from = at.as_ref().map(|at| at.id);
        if let Some(at) = &at {
            self.tell_passed(tab, journey, at, typed, !step.is_navigate())?;
        }
        *typed = Typed::default();
        if step.closes_tab() {
            return Ok(at);
        }
        let recorded = step.navigations.last().and_then(|navigation| navigation.url.as_deref());
        let wanted = match &step.action {
            Action::Navigate(url) => Some(url.reveal()),
            _ => recorded,
        };
        let wanted = wanted.map(|url| journey.conceal(url)).and_then(|url| Target::parse(&url).ok());
        let asked = wanted.or_else(|| at.map(|at| at.asked));
        let from = from.filter(|_| !step.is_navigate());
        Ok(asked.map(|asked| self.begin(asked, from)))
    }

    /// Answers a question for consent, as the plan wants it: where the journey begins, and where its recording says so. What
    /// the page sends then is of another visit; where the journey begins, the page is loaded anew for that.
    fn answer_on_the_way(
        &mut self,
        tab: &Tab<'_>,
        journey: &Journey,
        at: Option<Step>,
        typed: &Typed,
        loads_anew: bool,
    ) -> Result<Option<Step>, BrowserError> {
        let Some(mut at) = at else { return Ok(None) };
        // Ends, since each site is given an answer a few times at most.
        while let Some(page) = tab.read()? {
            if self.face_banner(tab, &at, &page.url, true)? == Faced::Settled {
                break;
            }
            self.tell_passed(tab, journey, &at, typed, false)?;
            at = self.begin(at.asked.clone(), None);
            if loads_anew {
                tab.load(&page.url, self.plan.limits.page_deadline, &|| self.is_stopped())?;
                self.rest(&at);
            }
        }
        Ok(Some(at))
    }

    /// Tells a page that the journey passed through, as it is when it is left.
    fn tell_passed(
        &mut self,
        tab: &Tab<'_>,
        journey: &Journey,
        at: &Step,
        typed: &Typed,
        sends: bool,
    ) -> Result<(), BrowserError> {
        let page = tab.read()?;
        let forms = page.as_ref().map(|page| forms(page, typed, sends)).unwrap_or_default();
        let page = page.map(|page| Page { url: journey.conceal(&page.url), ..page });
        let outcome = match &page {
            Some(_) => VisitOutcome::Loaded,
            None => VisitOutcome::Failed("it does not answer".to_owned()),
        };
        if let Some(page) = page.as_ref().filter(|_| typed.any) {
            self.session.pass_door(&page.url);
        }
        if page.is_some() {
            self.take_facts(tab, at)?;
            if let Some(facts) = &mut self.facts {
                facts.url = journey.conceal(&facts.url);
            }
        }
        self.tell_visit(at, page.as_ref(), outcome, forms, 0);
        Ok(())
    }

    /// The page where a step failed, drawn with nothing of its numbers, of what is in its fields and of secrets.
    fn picture(
        &self,
        journey: &Journey,
        step: usize,
        snapshot: Option<Value>,
    ) -> Result<Result<Picture, NoPicture>, BrowserError> {
        let is_secret = |text: &str| journey.conceal(text) != text;
        picture::draw(self.context.running.devtools(), step, snapshot, &is_secret)
    }

    fn tell_failed(
        &mut self,
        journey: &Journey,
        failure: &StepFailed,
        picture: Result<Picture, NoPicture>,
        at: Option<&Step>,
    ) {
        let mut line = failure.line(&journey.title);
        if let Err(why) = &picture {
            line = format!("{line}; no picture of it: {why}");
        }
        let spot = BlindSpot::new(BlindSpotKind::StepFailed, &failure.page, line).in_visit(at.map(|at| at.id));
        let spot = spot.of_system(self.plan.system.clone()).with_picture(picture.ok());
        (self.tell)(Progress::BlindSpot(spot));
    }
}

/// The forms of a page as the journey leaves it.
fn forms(page: &Page, typed: &Typed, sends: bool) -> Vec<Form> {
    let told = page.forms.iter().enumerate().map(|(index, form)| {
        let is_used = typed.number && asks_for_cpr(form);
        Form { filled: is_used, submitted: is_used && sends, ..record(form, index + 1) }
    });
    told.collect()
}
