//! A whole crawl: from the starts outwards, then what must be visited, then what was left out.

use std::collections::BTreeSet;
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::{Duration, Instant};

use model::{BlindSpotKind, Clock, Target};

use crate::address::canonical_key;
use crate::consent::Answers;
use crate::forms::FormBook;
use crate::frontier::{Frontier, LeftOut, Waiting};
use crate::pace::Pace;
use crate::priority::Source;
use crate::robots::Robots;
use crate::visit::{Seen, Visitor};
use crate::{Browser, BrowserError, Plan, Progress, VisitCounter, Wire};

/// How often one page is visited again for its further forms: more are rows of one table.
const MAX_AGAIN: u32 = 10;

/// How often the browser is started anew in one crawl: a site that ends it more often ends it on every page.
const MAX_STARTS: u32 = 3;

/// Most pages that are counted as closed by `robots.txt`; a site with more makes them up.
const MAX_CLOSED: usize = 100_000;

/// How often it is asked, while waiting for a host, whether the crawl was stopped.
const WAKE_UP: Duration = Duration::from_millis(50);

/// Visits what `plan` names, with cookies of its own, and tells everything as it happens.
///
/// Makes the journeys, sets out from where they ended and from the starts, follows the links that promise most, and ends
/// with the pages that must be visited and were not met. Log-out and delete links are left alone, which is no blind
/// spot; everything else that was not seen is one. When `stop` is set the crawl ends after the step at hand.
///
/// What a site's `robots.txt` closes is left alone if the plan says so, but for the pages that the plan names; these are
/// visited as a person would who typed their addresses.
///
/// A browser that is lost on the way, or was before, is started anew from the calling thread; that costs the page at
/// hand and the session, and is told. An error means that this did not help; what was told until then holds.
///
/// Of the forms told with a visit, the one that was sent there comes first. A form that asks for a CPR number is sent
/// once: met again, on whatever page, it counts as submitted. One of several on a page is told with the visit in which
/// its turn comes.
pub fn crawl(
    browser: &Browser,
    plan: &Plan,
    wire: &dyn Wire,
    clock: &Clock,
    stop: &AtomicBool,
    ids: &mut VisitCounter,
    tell: &mut dyn FnMut(Progress<'_>),
) -> Result<(), BrowserError> {
    let context = browser.open_context(wire.proxy_address())?;
    let forms = FormBook::default();
    let (restless, untold) = (None, None);
    let (robots, sitemaps_read) = (Robots::default(), 0);
    let visitor = Visitor {
        browser,
        context,
        plan,
        wire,
        clock,
        stop,
        ids,
        tell,
        forms,
        restless,
        untold,
        answers: Answers::default(),
        robots,
        sitemaps_read,
    };
    Crawl {
        visitor,
        frontier: Frontier::new(&plan.limits),
        pace: Pace::new(plan.limits.pause, plan.limits.time),
        begun: Instant::now(),
        reached: BTreeSet::new(),
        closed: BTreeSet::new(),
        first_closed: None,
        came_back: BTreeSet::new(),
        pages: 0,
        starts: 0,
    }
    .run()
}

struct Crawl<'a, 't> {
    visitor: Visitor<'a, 't>,
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
    starts: u32,
}

impl Crawl<'_, '_> {
    fn run(mut self) -> Result<(), BrowserError> {
        self.make_journeys()?;
        for start in &self.visitor.plan.starts {
            self.frontier.demand(start.clone());
        }
        self.follow_links()?;
        for target in &self.visitor.plan.must_visit {
            self.insist(target)?;
        }
        self.follow_links()?;
        self.tell_left_out();
        Ok(())
    }

    /// Makes the plan's journeys; what they lead to is as near as a start. One that loses the browser is told, and the
    /// crawl goes on without it.
    fn make_journeys(&mut self) -> Result<(), BrowserError> {
        let plan = self.visitor.plan;
        for journey in &plan.journeys {
            let Some(start) = plan.starts.first() else { return Ok(()) };
            if self.visitor.is_stopped() {
                let detail = "the audit was stopped before";
                self.visitor.tell(BlindSpotKind::JourneyNotRun, journey.title(), detail, None);
                continue;
            }
            let mut seen = Seen::default();
            let ended = self.visitor.enter(journey, &mut seen);
            let lost_at = self.visitor.untold.as_ref().map_or(start, |step| &step.asked).clone();
            if self.survive(ended, &lost_at, &mut seen)? {
                let detail = "the browser was lost on it";
                self.visitor.tell(BlindSpotKind::JourneyNotRun, journey.title(), detail, None);
            }
            self.keep(&seen, &Waiting { target: start.clone(), depth: 0 });
        }
        Ok(())
    }

    /// Visits what waits, until nothing does or a bound is met.
    fn follow_links(&mut self) -> Result<(), BrowserError> {
        while !self.visitor.is_stopped() && self.pages < self.visitor.plan.limits.pages {
            let now = self.begun.elapsed();
            let (frontier, pace) = (&mut self.frontier, &self.pace);
            let Some(waiting) = frontier.next(|target| pace.wait(&target.host, now).is_zero()) else { return Ok(()) };
            if pace.is_over(now, pace.wait(&waiting.target.host, now)) {
                self.frontier.put_back(waiting);
                return Ok(());
            }
            self.visit(&waiting)?;
        }
        Ok(())
    }

    /// Whether the time is used up.
    fn is_late(&self) -> bool {
        self.pace.is_over(self.begun.elapsed(), Duration::ZERO)
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
    fn visit(&mut self, waiting: &Waiting) -> Result<Option<String>, BrowserError> {
        self.pages = self.pages.saturating_add(1);
        let mut seen = self.visit_once(&waiting.target)?;
        self.keep(&seen, waiting);
        if let Some(wait) = seen.busy {
            self.pace.is_busy(&waiting.target.host, wait, self.begun.elapsed());
            if seen.comes_back {
                self.came_back.insert(canonical_key(&waiting.target));
                self.frontier.put_back(waiting.clone());
                return Ok(seen.missed);
            }
        }
        self.frontier.visited(&waiting.target, seen.skeleton, seen.has_form);
        for _ in 0..MAX_AGAIN {
            if !seen.again || self.visitor.is_stopped() {
                break;
            }
            seen = self.visit_once(&waiting.target)?;
            self.keep(&seen, waiting);
        }
        if seen.again {
            let detail = format!("forms are left to send after {MAX_AGAIN} visits to their page");
            self.visitor.tell(BlindSpotKind::FormNotSubmitted, &waiting.target.to_string(), detail, None);
        }
        Ok(seen.missed)
    }

    /// One visit; a browser that is lost in it costs the page, not the crawl.
    fn visit_once(&mut self, target: &Target) -> Result<Seen, BrowserError> {
        self.wait_for(target);
        let comes_back = !self.came_back.contains(&canonical_key(target));
        let mut seen = Seen { comes_back, ..Seen::default() };
        let ended = self.visitor.visit(target, &mut seen);
        self.survive(ended, target, &mut seen)?;
        Ok(seen)
    }

    /// Goes on in a new browser where the one at hand was lost; whether it was.
    fn survive(
        &mut self,
        ended: Result<(), BrowserError>,
        lost_at: &Target,
        seen: &mut Seen,
    ) -> Result<bool, BrowserError> {
        match ended {
            Err(error) if error.is_loss() && self.starts < MAX_STARTS => {
                self.starts += 1;
                self.visitor.start_anew(lost_at, &error.to_string(), seen)?;
                Ok(true)
            }
            ended => ended.map(|()| false),
        }
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
        for link in &seen.pressed {
            self.frontier.pressed(link.clone());
        }
        for state in &seen.states {
            self.pages = self.pages.saturating_add(1);
            // The last one was read; the others may be visited by their address.
            if seen.reached.iter().any(|page| canonical_key(page) == canonical_key(state)) {
                self.frontier.meet(state);
            }
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
    fn insist(&mut self, target: &Target) -> Result<(), BrowserError> {
        if self.reached.contains(&canonical_key(target)) {
            return Ok(());
        }
        let missed = if self.visitor.is_stopped() {
            Some("the audit was stopped before".to_owned())
        } else {
            let waiting = Waiting { target: target.clone(), depth: 0 };
            let missed = self.visit(&waiting)?;
            // Its host was busy: there is no other time than now.
            let is_busy = self.frontier.waits(target) && !self.reached.contains(&canonical_key(target));
            if is_busy { self.visit(&waiting)? } else { missed }
        };
        if !self.reached.contains(&canonical_key(target)) {
            let why = missed.unwrap_or_else(|| "it leads to another page".to_owned());
            self.visitor.tell(BlindSpotKind::MustVisitMissed, &target.to_string(), why, None);
        }
        Ok(())
    }

    fn tell_left_out(&mut self) {
        let place = self.visitor.plan.starts.first().map(Target::origin).unwrap_or_default();
        if self.visitor.is_stopped() {
            let detail = format!("stopped with {} pages left to visit", self.frontier.waiting());
            self.visitor.tell(BlindSpotKind::Interrupted, &place, detail, None);
        } else {
            self.frontier.give_up(if self.is_late() { LeftOut::Time } else { LeftOut::Budget });
        }
        if let Some(first) = self.first_closed.take() {
            let detail = format!("{} pages that robots.txt closes, the first {first}", self.closed.len());
            self.visitor.tell(BlindSpotKind::RobotsObeyed, &place, detail, None);
        }
        if let Some((count, reasons)) = self.frontier.told() {
            self.visitor.tell(BlindSpotKind::PagesLeftOut, &place, format!("{count} pages: {reasons}"), None);
        }
    }
}
