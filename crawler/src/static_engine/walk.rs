//! A whole crawl without a browser: from the starts outwards, then what must be visited, then what was left out.

use model::{BlindSpotKind, LaneId, Target};

use super::visiting::Visitor;
use crate::board::{Board, Turn};
use crate::frontier::Waiting;
use crate::lane::MAX_AGAIN;
use crate::visit::Seen;

/// The generation of the browser, of which there is none.
const NO_BROWSER: u32 = 0;

/// A crawl in one lane.
pub(super) struct Walk<'a> {
    visitor: Visitor<'a>,
    board: &'a Board<'a>,
}

impl<'a> Walk<'a> {
    /// A crawl that begins, with an empty `board`.
    pub(super) fn new(visitor: Visitor<'a>, board: &'a Board<'a>) -> Self {
        Self { visitor, board }
    }

    /// Visits all that the plan names.
    pub(super) fn run(mut self) {
        let plan = self.visitor.plan;
        for journey in &plan.journeys {
            let detail = "the static engine makes none: it takes a browser";
            self.visitor.tell(BlindSpotKind::JourneyNotRun, journey.title(), detail, None);
        }
        self.board.set_out();
        self.follow_links();
        for target in &plan.must_visit {
            self.insist(target);
        }
        self.follow_links();
        self.tell_unseen();
    }

    fn follow_links(&mut self) {
        while let Turn::Visit(waiting, flight) = self.board.next(LaneId::default(), NO_BROWSER) {
            self.visit(&waiting);
            drop(flight);
        }
    }

    /// Visits a page whose host may be visited now, and again while it has forms to send; why it was not seen, if it was
    /// not.
    fn visit(&mut self, waiting: &Waiting) -> Option<String> {
        let target = &waiting.target;
        let mut seen = self.visit_once(waiting);
        if let Some(wait) = seen.busy {
            self.board.is_busy(waiting, wait, seen.comes_back);
            if seen.comes_back {
                return seen.missed;
            }
        }
        self.board.visited(target, &seen);
        for _ in 0..MAX_AGAIN {
            if !seen.again || self.visitor.is_stopped() {
                break;
            }
            self.board.wait_for(target);
            seen = self.visit_once(waiting);
        }
        if seen.again {
            let detail = format!("forms are left to send after {MAX_AGAIN} visits to their page");
            self.visitor.tell(BlindSpotKind::FormNotSubmitted, &target.to_string(), detail, None);
        }
        seen.missed
    }

    fn visit_once(&mut self, waiting: &Waiting) -> Seen {
        let mut seen = Seen { comes_back: self.board.may_come_back(&waiting.target), ..Seen::default() };
        self.visitor.visit(&waiting.target, &mut seen);
        self.board.keep(&seen, waiting, &|target| self.visitor.is_open(target));
        seen
    }

    /// Visits a page that must be seen, if it was not; the budget does not keep it out.
    fn insist(&mut self, target: &Target) {
        if self.board.is_reached(target) {
            return;
        }
        let missed = if self.visitor.is_stopped() {
            Some("the audit was stopped before".to_owned())
        } else {
            let missed = self.visit_now(target);
            // Its host was busy: there is no other time than now.
            let is_busy = self.board.waits(target) && !self.board.is_reached(target);
            if is_busy { self.visit_now(target) } else { missed }
        };
        if !self.board.is_reached(target) {
            let why = missed.unwrap_or_else(|| "it leads to another page".to_owned());
            self.visitor.tell(BlindSpotKind::MustVisitMissed, &target.to_string(), why, None);
        }
    }

    fn visit_now(&mut self, target: &Target) -> Option<String> {
        self.board.count_page();
        self.board.wait_for(target);
        self.visit(&Waiting { target: target.clone(), depth: 0 })
    }

    fn tell_unseen(&mut self) {
        let place = self.visitor.plan.starts.first().map(Target::origin).unwrap_or_default();
        let Visitor { pages_read, scripted_pages, scripted_forms, .. } = &self.visitor;
        let forms = scripted_forms.len();
        let detail =
            format!("no script was run: {scripted_pages} of {pages_read} pages have some, and {forms} forms need one");
        self.visitor.tell(BlindSpotKind::StaticEngine, &place, detail, None);
        for (kind, detail) in self.board.unseen() {
            self.visitor.tell(kind, &place, detail, None);
        }
    }
}
