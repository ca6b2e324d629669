//! A lane signs in, and signs in again where the site has ended the session.

use std::sync::Arc;

use model::{BlindSpotKind, SignIn, Target};

use crate::BrowserError;
use crate::frontier::Waiting;
use crate::lane::Lane;
use crate::supervisor::Caller;
use crate::visit::Seen;

/// What came of a way in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// It led in.
    In,
    /// It did not.
    Shut,
    /// The browser or the tab was lost on it.
    Cut,
}

impl Lane<'_> {
    /// Makes the plan's journeys, or has a person log in; what that leads to is as near as a start. What does not work is
    /// told, and the crawl goes on without it. Should the browser or a tab be lost on the way, all of it is made once more.
    pub(crate) fn sign_in(&mut self, caller: &Caller) -> Result<(), BrowserError> {
        let Some(start) = self.visitor.plan.starts.first() else { return Ok(()) };
        let mut way = self.take_ways(start, true, caller)?;
        if way == Way::Cut && !self.visitor.is_stopped() {
            way = self.take_ways(start, false, caller)?;
        }
        self.visitor.session.end_way(way == Way::In);
        Ok(())
    }

    /// All ways in, which are made once more if that `tries_again`.
    fn take_ways(&mut self, start: &Target, tries_again: bool, caller: &Caller) -> Result<Way, BrowserError> {
        let plan = self.visitor.plan;
        self.visitor.session.set_out();
        self.visitor.tries_again = tries_again;
        if let Some(person) = &plan.attended {
            let person = Arc::clone(person);
            return self
                .take_way(&start.to_string(), start, caller, |lane, seen| lane.visitor.attend(&*person, start, seen));
        }
        let mut all = Way::In;
        for journey in &plan.journeys {
            let way = self.take_way(journey.title(), start, caller, |lane, seen| lane.visitor.enter(journey, seen))?;
            if tries_again && way == Way::Cut {
                return Ok(way);
            }
            all = if all == Way::In { way } else { all };
        }
        Ok(all)
    }

    /// One way in. A browser that is lost on it is told.
    fn take_way(
        &mut self,
        name: &str,
        start: &Target,
        caller: &Caller,
        way: impl FnOnce(&mut Self, &mut Seen) -> Result<(), BrowserError>,
    ) -> Result<Way, BrowserError> {
        if self.visitor.is_stopped() {
            let detail = "the audit was stopped before";
            self.visitor.tell(BlindSpotKind::JourneyNotRun, name, detail, None);
            return Ok(Way::Shut);
        }
        let mut seen = Seen::default();
        let ended = self.unless_cut(|lane| way(lane, &mut seen));
        let lost_at = self.visitor.untold.as_ref().map_or(start, |step| &step.asked).clone();
        self.survive(ended, &lost_at, &mut seen, caller)?;
        if seen.lost && !self.visitor.tries_again {
            self.visitor.tell(BlindSpotKind::JourneyNotRun, name, "the browser was lost on it", None);
        }
        let home = seen.reached.last().cloned().filter(|_| seen.entered);
        if let Some(home) = home {
            self.visitor.session.settle_at(home, seen.shows_exit);
        }
        self.keep(&seen, &Waiting { target: start.clone(), depth: 0 });
        let is_cut = seen.lost || seen.crashed;
        Ok(if is_cut {
            Way::Cut
        } else if seen.entered {
            Way::In
        } else {
            Way::Shut
        })
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
        *seen = self.visit_once(&waiting.target, self.board.tries_again(&waiting.target), caller)?;
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
