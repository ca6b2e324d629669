//! One of the tabs that visit at the same time: takes a page after the other, survives its tab and the browser.

use model::{BlindSpotKind, Target};
use serde_json::Value;

use crate::address::canonical_key;
use crate::board::{Board, Turn};
use crate::frontier::Waiting;
use crate::supervisor::{Answer, Caller};
use crate::trace::{Look, Trace};
use crate::visit::{Seen, Visitor};
use crate::{BrowserError, Progress};

/// How often one page is visited again for its further forms: more are rows of one table.
pub(crate) const MAX_AGAIN: u32 = 10;

/// Memory of a browser that is worn out: `OpenWPM`, which crawls millions of pages, ends its browsers there as well.
const MAX_WEIGHT: u64 = 1_500 << 20;

/// After how many visits the browser is weighed: that takes some milliseconds for each of its processes.
const WEIGHED_EVERY: u32 = 5;

/// Why a page is not visited that an earlier run ended on too often.
const GIVEN_UP: &str = "it is left out: the audit was cut short on it again and again";

/// A lane of a crawl.
pub(crate) struct Lane<'a> {
    pub(crate) visitor: Visitor<'a>,
    pub(crate) board: &'a Board<'a>,
}

impl<'a> Lane<'a> {
    /// With a visitor of its own.
    pub(crate) fn new(visitor: Visitor<'a>, board: &'a Board<'a>) -> Self {
        Self { visitor, board }
    }

    /// Visits what waits, until nothing does or a bound is met.
    pub(crate) fn follow_links(&mut self, caller: &Caller) -> Result<(), BrowserError> {
        loop {
            match self.board.next(self.visitor.lane, self.generation()) {
                Turn::Visit(waiting, flight) => {
                    self.visit(&waiting, true, caller)?;
                    drop(flight);
                }
                Turn::Renew => self.renew(caller)?,
                Turn::Over => return Ok(()),
            }
        }
    }

    /// Visits the pages that must be seen and were not; the budget does not keep them out.
    pub(crate) fn insist(&mut self, caller: &Caller) -> Result<(), BrowserError> {
        for target in &self.visitor.plan.must_visit {
            self.insist_on(target, caller)?;
        }
        Ok(())
    }

    fn insist_on(&mut self, target: &Target, caller: &Caller) -> Result<(), BrowserError> {
        if self.board.is_reached(target) {
            return Ok(());
        }
        let missed = if self.visitor.is_stopped() {
            Some("the audit was stopped before".to_owned())
        } else if self.visitor.plan.before.given_up.contains(&canonical_key(target)) {
            Some(GIVEN_UP.to_owned())
        } else {
            let waiting = Waiting { target: target.clone(), depth: 0 };
            let missed = self.visit(&waiting, false, caller)?;
            // Its host was busy, or its tab crashed: there is no other time than now.
            let is_put_off = self.board.waits(target) && !self.board.is_reached(target);
            if is_put_off { self.visit(&waiting, false, caller)? } else { missed }
        };
        if !self.board.is_reached(target) {
            let why = missed.unwrap_or_else(|| "it leads to another page".to_owned());
            self.visitor.tell(BlindSpotKind::MustVisitMissed, &target.to_string(), why, None);
        }
        Ok(())
    }

    /// Tells of pages that are left out, since an earlier run ended on each of them too often.
    pub(crate) fn tell_given_up(&mut self) {
        for page in &self.visitor.plan.before.given_up {
            self.visitor.tell(BlindSpotKind::PageFailed, page, GIVEN_UP, None);
        }
    }

    /// Visits a page, for which the lane `has_waited` if it must, and again while it has forms to send; why it was not
    /// seen, if it was not. Tells when it is begun and done.
    fn visit(&mut self, waiting: &Waiting, has_waited: bool, caller: &Caller) -> Result<Option<String>, BrowserError> {
        let page = canonical_key(&waiting.target);
        let mut trace = Trace::default();
        if self.board.begin(waiting) {
            (self.visitor.tell)(Progress::PageBegins(page.clone()));
        }
        self.visitor.visits.clear();
        self.visitor.news.take();
        let (missed, is_over) = self.visit_all(waiting, has_waited, &mut trace, caller)?;
        self.visitor.before = self.visitor.visits.last().copied().or(self.visitor.before);
        trace.visits.append(&mut self.visitor.visits);
        trace.news = self.visitor.news.take();
        let is_done = is_over && !self.visitor.is_stopped();
        if let Some(mut trace) = self.board.add(waiting, trace, is_done) {
            trace.given = self.visitor.plan.given.told();
            let (state, visits) = (trace.state(), trace.visits);
            (self.visitor.tell)(Progress::PageDone { page, visits, state });
        }
        Ok(missed)
    }

    /// Visits a page as often as it takes; why it was not seen, and whether it is over and not put off.
    fn visit_all(
        &mut self,
        waiting: &Waiting,
        has_waited: bool,
        trace: &mut Trace,
        caller: &Caller,
    ) -> Result<(Option<String>, bool), BrowserError> {
        let target = &waiting.target;
        if !has_waited {
            self.board.count_page();
            self.board.wait_for(target);
        }
        let tries_again = self.board.tries_again(target);
        self.come_back(caller)?;
        let mut seen = self.visit_once(target, tries_again, caller)?;
        self.see_signed_in(waiting, &mut seen, caller)?;
        if seen.missed.is_none() {
            self.visitor.session.saw(waiting, seen.shows_exit);
        }
        self.keep_traced(&seen, waiting, trace);
        if let Some(wait) = seen.busy {
            self.board.is_busy(waiting, wait, seen.comes_back);
            if seen.comes_back {
                return Ok((seen.missed, false));
            }
        }
        if seen.crashed && tries_again && !seen.is_unbegun {
            self.board.try_again(waiting, seen.lost);
            return Ok((seen.missed, false));
        }
        if seen.elsewhere || seen.is_unbegun {
            self.board.put_back(waiting);
            return Ok((seen.missed, false));
        }
        self.board.visited(target, &seen);
        (trace.skeleton, trace.has_form) = (seen.skeleton.map(|skeleton| skeleton.0), seen.has_form);
        for _ in 0..MAX_AGAIN {
            if !seen.again || self.visitor.is_stopped() {
                break;
            }
            self.board.wait_for(target);
            seen = self.visit_once(target, tries_again, caller)?;
            self.see_signed_in(waiting, &mut seen, caller)?;
            self.keep_traced(&seen, waiting, trace);
            if seen.is_unbegun {
                self.board.put_back(waiting);
                return Ok((seen.missed, false));
            }
            if seen.crashed && tries_again {
                self.board.try_again(waiting, seen.lost);
                return Ok((seen.missed, false));
            }
        }
        if seen.again {
            let detail = format!("forms are left to send after {MAX_AGAIN} visits to their page");
            let visit = self.visitor.visits.last().copied();
            self.visitor.tell(BlindSpotKind::FormNotSubmitted, &target.to_string(), detail, visit);
        }
        Ok((seen.missed, true))
    }

    fn keep_traced(&self, seen: &Seen, waiting: &Waiting, trace: &mut Trace) {
        trace.looks.push(Look::of(seen, &|target| self.visitor.is_open(target)));
        self.keep(seen, waiting);
    }

    /// One visit; a browser that is lost in it costs the page, not the crawl.
    pub(crate) fn visit_once(
        &mut self,
        target: &Target,
        tries_again: bool,
        caller: &Caller,
    ) -> Result<Seen, BrowserError> {
        let mut seen = Seen { comes_back: self.board.may_come_back(target), ..Seen::default() };
        self.visitor.tries_again = tries_again;
        let (earlier, begun) = (self.visitor.news.take(), self.visitor.visits.len());
        let ended = self.unless_cut(|lane| lane.visitor.visit(target, &mut seen));
        self.survive(ended, target, &mut seen, caller)?;
        // The supervisor bounds how often that is.
        seen.is_unbegun = seen.lost && self.visitor.visits.len() == begun;
        if seen.crashed && !seen.lost {
            self.freshen(caller)?;
        }
        if seen.crashed && (tries_again || seen.is_unbegun) {
            // What the next visit is to do is not done.
            self.visitor.forms.undo(self.visitor.news.get_mut());
        }
        let news = self.visitor.news.replace(earlier);
        self.visitor.news.get_mut().add(news);
        self.wear();
        Ok(seen)
    }

    /// Does `work` in the browser at hand. One that sends by another process than before has lost its cookies and what
    /// was under way: it is as good as gone.
    pub(crate) fn unless_cut(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<(), BrowserError>,
    ) -> Result<(), BrowserError> {
        work(self)?;
        self.visitor.context.running.check_network()
    }

    pub(crate) fn keep(&self, seen: &Seen, waiting: &Waiting) {
        self.board.keep(seen, waiting, &|target| self.visitor.is_open(target));
        (self.visitor.tell)(Progress::Ahead(self.board.ahead()));
    }

    /// Goes on in a new browser where the one at hand was lost.
    pub(crate) fn survive(
        &mut self,
        ended: Result<(), BrowserError>,
        lost_at: &Target,
        seen: &mut Seen,
        caller: &Caller,
    ) -> Result<(), BrowserError> {
        let Err(mut error) = ended else { return Ok(()) };
        // What it was sending is not on its way any more.
        self.visitor.forms.land(self.visitor.lane);
        let mut is_told = true;
        let mut generation = self.generation();
        // The supervisor has a bound.
        while error.is_loss() {
            let reason = error.to_string();
            match caller.lost(generation) {
                Answer::Started { running, is_first } => {
                    is_told &= !is_first;
                    generation = running.generation();
                    match self.visitor.move_to_session(&running) {
                        Ok(()) => {
                            self.visitor.lost(lost_at, &reason, is_told, seen);
                            return Ok(());
                        }
                        Err(again) => error = again,
                    }
                }
                Answer::Enough => return Err(error),
                Answer::Failed(error) => return Err(error),
            }
        }
        Err(error)
    }

    /// Leaves the context of a tab that crashed for a new one.
    fn freshen(&mut self, caller: &Caller) -> Result<(), BrowserError> {
        let running = std::sync::Arc::clone(&self.visitor.context.running);
        let moved = self.visitor.context.cookies().and_then(|cookies| self.visitor.move_to(&running, &cookies));
        self.survive_between(moved, caller)
    }

    /// Leaves the browser for the next, when all lanes do.
    fn renew(&mut self, caller: &Caller) -> Result<(), BrowserError> {
        let carried: Result<Vec<Value>, BrowserError> = self.visitor.context.cookies();
        let moved = match carried {
            Err(error) => Err(error),
            Ok(cookies) => match caller.renew(self.generation()) {
                Answer::Started { running, .. } => self.visitor.move_to(&running, &cookies),
                Answer::Enough => Ok(()),
                Answer::Failed(error) => Err(error),
            },
        };
        if moved.is_ok() && self.has_session() {
            let place = self.visitor.plan.starts.first().map(Target::origin).unwrap_or_default();
            let detail = "the browser was started anew with its cookies; what pages had stored besides was lost";
            let before = self.visitor.before;
            self.visitor.tell(BlindSpotKind::PageInterfered, &place, detail, before);
        }
        self.survive_between(moved, caller)
    }

    /// Survives between two visits, when no page is at hand.
    fn survive_between(&mut self, ended: Result<(), BrowserError>, caller: &Caller) -> Result<(), BrowserError> {
        let Some(place) = self.visitor.plan.starts.first() else { return ended };
        self.visitor.tries_again = true;
        self.survive(ended, place, &mut Seen::default(), caller)
    }

    /// Whether it may be signed in: more than cookies may be needed for that.
    fn has_session(&self) -> bool {
        self.visitor.plan.has_session() || self.visitor.forms.signed_in().is_some()
    }

    /// Says when the browser is worn out.
    fn wear(&self) {
        let visits = self.board.count_visit();
        let is_old = visits >= self.visitor.plan.limits.browser_visits.max(1) && !self.has_session();
        let weight = || self.visitor.context.running.weight().filter(|_| visits.is_multiple_of(WEIGHED_EVERY));
        if is_old || weight().is_some_and(|weight| weight > MAX_WEIGHT) {
            self.board.wear_out();
        }
    }

    fn generation(&self) -> u32 {
        self.visitor.context.running.generation()
    }
}
