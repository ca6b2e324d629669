//! A whole crawl without a browser: from the starts outwards, then what must be visited, then what was left out.

use std::collections::BTreeSet;
use std::thread;
use std::time::{Duration, Instant};

use model::{BlindSpotKind, Target};

use super::visiting::{Seen, Visitor};
use crate::address::canonical_key;
use crate::frontier::{Frontier, LeftOut, Waiting};
use crate::pace::Pace;
use crate::priority::Source;

/// How often one page is visited again for its further forms, as in the other engine.
const MAX_AGAIN: u32 = 10;

/// Most pages that are counted as closed by `robots.txt`; a site with more makes them up.
const MAX_CLOSED: usize = 100_000;

/// How often it is asked, while waiting for a host, whether the crawl was stopped.
const WAKE_UP: Duration = Duration::from_millis(50);

/// A crawl.
pub(super) struct Walk<'a> {
    visitor: Visitor<'a>,
    frontier: Frontier,
    pace: Pace,
    begun: Instant,
    reached: BTreeSet<String>,
    /// Pages that `robots.txt` closes.
    closed: BTreeSet<String>,
    first_closed: Option<Target>,
    /// Pages that were asked for again, since their host was busy.
    came_back: BTreeSet<String>,
    pages: u32,
}

impl<'a> Walk<'a> {
    /// A crawl that begins.
    pub(super) fn new(visitor: Visitor<'a>) -> Self {
        let limits = &visitor.plan.limits;
        Self {
            frontier: Frontier::new(limits),
            pace: Pace::new(limits.pause, limits.time),
            visitor,
            begun: Instant::now(),
            reached: BTreeSet::new(),
            closed: BTreeSet::new(),
            first_closed: None,
            came_back: BTreeSet::new(),
            pages: 0,
        }
    }

    /// Visits all that the plan names.
    pub(super) fn run(mut self) {
        let plan = self.visitor.plan;
        for journey in &plan.journeys {
            let detail = "the static engine makes none: it takes a browser";
            self.visitor.tell(BlindSpotKind::JourneyNotRun, journey.title(), detail, None);
        }
        for start in &plan.starts {
            self.frontier.demand(start.clone());
        }
        self.follow_links();
        for target in &plan.must_visit {
            self.insist(target);
        }
        self.follow_links();
        self.tell_left_out();
    }

    fn follow_links(&mut self) {
        while !self.visitor.is_stopped() && self.pages < self.visitor.plan.limits.pages {
            let now = self.begun.elapsed();
            let (frontier, pace) = (&mut self.frontier, &self.pace);
            let next = frontier.peek(|target| pace.wait(&target.host, now).is_zero());
            let Some(waiting) = next.and_then(|target| frontier.take(&target)) else { return };
            // Nothing else is under way meanwhile.
            frontier.land(&waiting.target);
            if pace.is_over(now, pace.wait(&waiting.target.host, now)) {
                self.frontier.put_back(waiting);
                return;
            }
            self.visit(&waiting);
        }
    }

    /// Waits until a host may be visited, or the crawl is stopped.
    fn wait_for(&mut self, target: &Target) {
        while !self.visitor.is_stopped() {
            let wait = self.pace.wait(&target.host, self.begun.elapsed());
            if wait.is_zero() {
                break;
            }
            thread::sleep(wait.min(WAKE_UP));
        }
        self.pace.begins(&target.host, self.begun.elapsed());
    }

    /// Visits a page, and again while it has forms to send; why it was not seen, if it was not.
    fn visit(&mut self, waiting: &Waiting) -> Option<String> {
        self.pages = self.pages.saturating_add(1);
        let mut seen = self.visit_once(&waiting.target);
        self.keep(&seen, waiting);
        if let Some(wait) = seen.busy {
            self.pace.is_busy(&waiting.target.host, wait, self.begun.elapsed());
            if seen.comes_back {
                self.came_back.insert(canonical_key(&waiting.target));
                self.frontier.put_back(waiting.clone());
                return seen.missed;
            }
        }
        self.frontier.visited(&waiting.target, seen.skeleton, seen.has_form);
        for _ in 0..MAX_AGAIN {
            if !seen.again || self.visitor.is_stopped() {
                break;
            }
            seen = self.visit_once(&waiting.target);
            self.keep(&seen, waiting);
        }
        if seen.again {
            let detail = format!("forms are left to send after {MAX_AGAIN} visits to their page");
            self.visitor.tell(BlindSpotKind::FormNotSubmitted, &waiting.target.to_string(), detail, None);
        }
        seen.missed
    }

    fn visit_once(&mut self, target: &Target) -> Seen {
        self.wait_for(target);
        let comes_back = !self.came_back.contains(&canonical_key(target));
        let mut seen = Seen { comes_back, ..Seen::default() };
        self.visitor.visit(target, &mut seen);
        seen
    }

    fn keep(&mut self, seen: &Seen, waiting: &Waiting) {
        for target in &seen.reached {
            // A page named by its path alone is met with any query.
            let path = Target { query: None, ..target.clone() };
            self.reached.extend([canonical_key(target), canonical_key(&path)]);
        }
        for (host, delay) in &seen.delays {
            self.pace.slow_down(host, *delay);
        }
        let source = if seen.is_numbered { Source::NumberPage } else { Source::Link };
        for link in &seen.links {
            self.offer(link, waiting.depth.saturating_add(1), source);
        }
        for page in &seen.mapped {
            self.offer(page, 1, Source::Sitemap);
        }
        for (reason, key) in &seen.left_out {
            self.frontier.leave_out(*reason, key.clone());
        }
        self.frontier.unread(&waiting.target.to_string(), seen.links_cut);
    }

    fn offer(&mut self, target: &Target, depth: u32, source: Source) {
        let is_named = |named: &Target| {
            let path = Target { query: None, ..target.clone() };
            [canonical_key(target), canonical_key(&path)].contains(&canonical_key(named))
        };
        if self.visitor.plan.must_visit.iter().any(is_named) {
            self.frontier.offer(target.clone(), depth, Source::Plan);
        } else if self.visitor.is_open(target) {
            self.frontier.offer(target.clone(), depth, source);
        } else if self.closed.len() < MAX_CLOSED && self.closed.insert(canonical_key(target)) {
            self.first_closed.get_or_insert_with(|| target.clone());
        }
    }

    /// Visits a page that must be seen, if it was not; the budget does not keep it out.
    fn insist(&mut self, target: &Target) {
        if self.reached.contains(&canonical_key(target)) {
            return;
        }
        let missed = if self.visitor.is_stopped() {
            Some("the audit was stopped before".to_owned())
        } else {
            let waiting = Waiting { target: target.clone(), depth: 0 };
            let missed = self.visit(&waiting);
            // Its host was busy: there is no other time than now.
            let is_busy = self.frontier.waits(target) && !self.reached.contains(&canonical_key(target));
            if is_busy { self.visit(&waiting) } else { missed }
        };
        if !self.reached.contains(&canonical_key(target)) {
            let why = missed.unwrap_or_else(|| "it leads to another page".to_owned());
            self.visitor.tell(BlindSpotKind::MustVisitMissed, &target.to_string(), why, None);
        }
    }

    fn tell_left_out(&mut self) {
        let place = self.visitor.plan.starts.first().map(Target::origin).unwrap_or_default();
        if self.visitor.is_stopped() {
            let detail = format!("stopped with {} pages left to visit", self.frontier.waiting());
            self.visitor.tell(BlindSpotKind::Interrupted, &place, detail, None);
        } else {
            let is_late = self.pace.is_over(self.begun.elapsed(), Duration::ZERO);
            self.frontier.give_up(if is_late { LeftOut::Time } else { LeftOut::Budget });
        }
        let Visitor { pages_read, scripted_pages, scripted_forms, .. } = &self.visitor;
        let forms = scripted_forms.len();
        let detail =
            format!("no script was run: {scripted_pages} of {pages_read} pages have some, and {forms} forms need one");
        self.visitor.tell(BlindSpotKind::StaticEngine, &place, detail, None);
        if let Some(first) = self.first_closed.take() {
            let detail = format!("{} pages that robots.txt closes, the first {first}", self.closed.len());
            self.visitor.tell(BlindSpotKind::RobotsObeyed, &place, detail, None);
        }
        if let Some((count, reasons)) = self.frontier.told() {
            self.visitor.tell(BlindSpotKind::PagesLeftOut, &place, format!("{count} pages: {reasons}"), None);
        }
    }
}
