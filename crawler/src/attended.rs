//! A person logs in by hand, in the window that the crawl then goes on in: what must not be automated is not.

use std::fmt;

use model::{BlindSpotKind, Target, VisitOutcome};

use crate::BrowserError;
use crate::tab::{Load, Tab};
use crate::visit::{Seen, Visitor};

/// The person, as the crawl knows them.
pub trait Attendant: fmt::Debug + Send + Sync {
    /// The page is open: lets the person log in, and returns when they say that they are done, or soon after `is_over`
    /// says that nothing is left to do; whether they are done.
    fn log_in(&self, is_over: &dyn Fn() -> bool) -> bool;
}

impl Visitor<'_> {
    /// Opens `start` for a person to log in, and takes in the page where they say that they are done. All of it is one
    /// visit: a person goes as they like.
    pub(crate) fn attend(
        &mut self,
        person: &dyn Attendant,
        start: &Target,
        seen: &mut Seen,
    ) -> Result<(), BrowserError> {
        let running = std::sync::Arc::clone(&self.context.running);
        let tab = Tab::open(&running, &self.context)?;
        let mut step = self.begin(start.clone(), None);
        let load = tab.load(&start.to_string(), self.plan.limits.page_deadline, &|| self.is_stopped())?;
        let is_open = matches!(load, Load::Complete | Load::Unfinished);
        let is_over = || self.is_stopped() || tab.is_gone();
        let is_done = is_open && person.log_in(&is_over);
        self.rest(&step);
        let now = if is_done { tab.read()?.and_then(|page| Target::parse(&page.url).ok()) } else { None };
        let Some(now) = now else {
            let why = match load {
                Load::Failed(reason) => reason,
                Load::Complete | Load::Unfinished | Load::Stopped => "nobody logged in".to_owned(),
            };
            self.tell(BlindSpotKind::JourneyNotRun, &start.to_string(), why.clone(), Some(step.id));
            self.tell_visit(&step, None, VisitOutcome::Failed(why), Vec::new(), 0);
            return self.leave(tab, &step, seen);
        };
        step.asked = now;
        self.session.arrive();
        self.go_on(&tab, &mut step, Load::Complete, seen)?;
        seen.entered = seen.missed.is_none();
        self.leave(tab, &step, seen)
    }
}
