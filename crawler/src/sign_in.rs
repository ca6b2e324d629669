//! A lane signs in, and signs in again where the site has ended the session.

use std::sync::Arc;

use model::{BlindSpotKind, SignIn, Target};

use crate::BrowserError;
use crate::frontier::Waiting;
use crate::lane::Lane;
use crate::supervisor::Caller;
use crate::visit::Seen;

impl Lane<'_> {
    /// Makes the plan's journeys, or has a person log in; what that leads to is as near as a start. What does not work is
    /// told, and the crawl goes on without it.
    pub(crate) fn sign_in(&mut self, caller: &Caller) -> Result<(), BrowserError> {
        let plan = self.visitor.plan;
        let Some(start) = plan.starts.first() else { return Ok(()) };
        self.visitor.session.set_out();
        let mut is_in = true;
        if let Some(person) = &plan.attended {
            let person = Arc::clone(person);
            is_in = self
                .take_way(&start.to_string(), start, caller, |lane, seen| lane.visitor.attend(&*person, start, seen))?;
        } else {
            for journey in &plan.journeys {
                is_in &=
                    self.take_way(journey.title(), start, caller, |lane, seen| lane.visitor.enter(journey, seen))?;
            }
        }
        self.visitor.session.end_way(is_in);
        Ok(())
    }

    /// One way in; whether it led in. A browser that is lost on it is told.
    fn take_way(
        &mut self,
        name: &str,
        start: &Target,
        caller: &Caller,
        way: impl FnOnce(&mut Self, &mut Seen) -> Result<(), BrowserError>,
    ) -> Result<bool, BrowserError> {
        if self.visitor.is_stopped() {
            let detail = "the audit was stopped before";
            self.visitor.tell(BlindSpotKind::JourneyNotRun, name, detail, None);
            return Ok(false);
        }
        let mut seen = Seen::default();
        self.visitor.tries_again = false;
        let ended = way(self, &mut seen);
        let lost_at = self.visitor.untold.as_ref().map_or(start, |step| &step.asked).clone();
        self.survive(ended, &lost_at, &mut seen, caller)?;
        if seen.lost {
            self.visitor.tell(BlindSpotKind::JourneyNotRun, name, "the browser was lost on it", None);
        }
        let home = seen.reached.last().cloned().filter(|_| seen.entered);
        if let Some(home) = home {
            self.visitor.session.settle_at(home, seen.shows_exit);
        }
        self.keep(&seen, &Waiting { target: start.clone(), depth: 0 });
        Ok(seen.entered)
    }

    /// The session is gone before a page is asked for: gets it back, if that can be.
    pub(crate) fn come_back(&mut self, caller: &Caller) -> Result<(), BrowserError> {
        if self.visitor.session.is_gone() && !self.visitor.is_stopped() {
            self.sign_in_again(caller)?;
        }
        Ok(())
    }

    /// A page wanted a login from who is signed in. Where the session has ended it is got back, and the page visited
    /// again; else the page is closed to this citizen, and that is told.
    pub(crate) fn see_signed_in(
        &mut self,
        waiting: &Waiting,
        seen: &mut Seen,
        caller: &Caller,
    ) -> Result<(), BrowserError> {
        let Some((reason, visit)) = seen.signed_out.take() else { return Ok(()) };
        let place = waiting.target.to_string();
        if self.is_still_in(&waiting.target, caller)? {
            self.visitor.session.is_sure();
            self.visitor.tell(BlindSpotKind::LoginRequired, &place, reason, Some(visit));
            return Ok(());
        }
        self.visitor.session.go();
        let unsure = self.visitor.session.take_unsure();
        if !self.sign_in_again(caller)? {
            self.visitor.tell(BlindSpotKind::SessionLost, &place, reason, Some(visit));
            for page in unsure {
                let detail = "it may have been seen signed out";
                self.visitor.tell(BlindSpotKind::SessionLost, &page.target.to_string(), detail, None);
            }
            return Ok(());
        }
        for page in unsure {
            self.board.put_back(&page);
        }
        self.board.wait_for(&waiting.target);
        *seen = self.visit_once(&waiting.target, false, caller)?;
        if let Some((reason, visit)) = seen.signed_out.take() {
            let detail = format!("signed in again, and signed out again: {reason}");
            self.visitor.tell(BlindSpotKind::SessionLost, &place, detail, Some(visit));
            self.visitor.session.go();
        }
        Ok(())
    }

    /// Whether the page that was seen signed in is still shown so. Without one, nothing speaks against it.
    fn is_still_in(&mut self, wanted: &Target, caller: &Caller) -> Result<bool, BrowserError> {
        let Some(home) = self.visitor.session.home().cloned() else { return Ok(true) };
        if home.target == *wanted || self.visitor.is_stopped() {
            return Ok(self.visitor.is_stopped());
        }
        self.board.wait_for(&home.target);
        let seen = self.visit_once(&home.target, false, caller)?;
        Ok(seen.missed.is_none() && seen.signed_out.is_none() && (seen.shows_exit || !home.shows_exit))
    }

    fn sign_in_again(&mut self, caller: &Caller) -> Result<bool, BrowserError> {
        let can_sign_in = self.visitor.plan.can_sign_in() && !self.visitor.is_stopped();
        if !self.visitor.session.may_return(can_sign_in) {
            return Ok(false);
        }
        self.sign_in(caller)?;
        let is_in = self.visitor.session.sign_in() == SignIn::Done;
        if !is_in {
            self.visitor.session.fail();
        }
        Ok(is_in)
    }
}
