//! What the lanes of a crawl have in common: which pages wait, who may go on, and what was met by any of them.
//!
//! Locked for moments only, never while the browser is asked for something.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use model::{BlindSpotKind, LaneId, Target};

use crate::address::canonical_key;
use crate::forms::FormBook;
use crate::frontier::{Frontier, LeftOut, Waiting};
use crate::pace::Pace;
use crate::priority::Source;
use crate::trace::{Before, Trace};
use crate::visit::Seen;
use crate::{Ahead, Plan};

/// Most pages that are counted as closed by `robots.txt`; a site with more makes them up.
const MAX_CLOSED: usize = 100_000;

/// How often who waits looks up by itself: whether the crawl was stopped, or a host may be visited.
const WAKE_UP: Duration = Duration::from_millis(50);

/// Shared by the lanes of one crawl.
pub(crate) struct Board<'a> {
    plan: &'a Plan,
    stop: &'a AtomicBool,
    forms: &'a FormBook,
    begun: Instant,
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    frontier: Frontier,
    pace: Pace,
    reached: BTreeSet<String>,
    /// Pages that `robots.txt` closes.
    closed: BTreeSet<String>,
    first_closed: Option<Target>,
    /// Pages that were asked for again, since their host was busy.
    came_back: BTreeSet<String>,
    /// Pages on which a tab crashed or the browser was lost; they are visited once more.
    crashed: BTreeSet<String>,
    /// Those of them that may have taken the whole browser along: visited while no other is.
    suspects: BTreeSet<String>,
    /// What came so far of pages that were begun.
    traces: BTreeMap<String, Trace>,
    pages: u32,
    /// Pages being visited.
    in_flight: u32,
    is_alone: bool,
    /// The browser of now, and visits since it was started.
    generation: u32,
    visits: u32,
    /// The browser is worn: it is started anew when every lane has come to the end of its visit.
    wants_new: bool,
    is_given_up: bool,
}

/// What a lane does next.
pub(crate) enum Turn<'a> {
    /// Visit a page.
    Visit(Box<Waiting>, Flight<'a>),
    /// Go over to a new browser.
    Renew,
    /// Nothing is left for it.
    Over,
}

/// A page being visited. Dropping it lets the others know that it is no longer.
pub(crate) struct Flight<'a> {
    board: &'a Board<'a>,
    lane: LaneId,
    target: Target,
}

impl<'a> Board<'a> {
    /// With nothing to visit yet.
    pub(crate) fn new(plan: &'a Plan, stop: &'a AtomicBool, forms: &'a FormBook, generation: u32) -> Self {
        let state = State {
            frontier: Frontier::new(&plan.limits),
            pace: Pace::new(plan.limits.pause, plan.limits.time),
            reached: BTreeSet::new(),
            closed: BTreeSet::new(),
            first_closed: None,
            came_back: BTreeSet::new(),
            crashed: BTreeSet::new(),
            suspects: BTreeSet::new(),
            traces: BTreeMap::new(),
            pages: 0,
            in_flight: 0,
            is_alone: false,
            generation,
            visits: 0,
            wants_new: false,
            is_given_up: false,
        };
        let (state, changed) = (Mutex::new(state), Condvar::new());
        Self { plan, stop, forms, begun: Instant::now(), state, changed }
    }

    /// Adds the starts of the plan.
    pub(crate) fn set_out(&self) {
        let mut state = self.lock();
        for start in &self.plan.starts {
            state.frontier.demand(start.clone());
        }
    }

    /// Takes in what an earlier crawl of the plan did: what it visited counts as visited.
    pub(crate) fn recall(&self, before: &Before) {
        let traces = before.done.iter().filter_map(|state| serde_json::from_value::<Trace>(state.clone()).ok());
        for trace in traces {
            let Some(waiting) = trace.waiting() else { continue };
            for look in &trace.looks {
                self.keep(&look.seen(), &waiting, &|target| look.is_open(target));
            }
            let mut state = self.lock();
            state.pages = state.pages.saturating_add(1);
            state.frontier.visited(&waiting.target, trace.skeleton(), trace.has_form);
            drop(state);
            self.forms.recall(trace.news);
        }
        for page in before.given_up.iter().filter_map(|page| Target::parse(page).ok()) {
            self.lock().frontier.meet(&page);
        }
    }

    /// A page is about to be visited; whether it was not before.
    pub(crate) fn begin(&self, waiting: &Waiting) -> bool {
        let mut state = self.lock();
        let is_new = !state.traces.contains_key(&canonical_key(&waiting.target));
        state.traces.entry(canonical_key(&waiting.target)).or_insert_with(|| Trace::of(waiting));
        is_new
    }

    /// More came of a page; all of it if that was all.
    pub(crate) fn add(&self, waiting: &Waiting, more: Trace, is_all: bool) -> Option<Trace> {
        let mut state = self.lock();
        let key = canonical_key(&waiting.target);
        let trace = state.traces.entry(key.clone()).or_insert_with(|| Trace::of(waiting));
        trace.add(more);
        if is_all { state.traces.remove(&key) } else { None }
    }

    /// What `lane`, whose tabs are in the browser of `generation`, does next; waits while others may still find something.
    pub(crate) fn next(&'a self, lane: LaneId, generation: u32) -> Turn<'a> {
        let mut state = self.lock();
        loop {
            let is_out = self.forms.signed_in().is_some_and(|signed_in| signed_in != lane);
            if self.is_stopped() || state.is_given_up || is_out || state.pages >= self.plan.limits.pages {
                return Turn::Over;
            }
            if state.wants_new || state.generation != generation {
                return Turn::Renew;
            }
            let now = self.begun.elapsed();
            let State { frontier, pace, .. } = &mut *state;
            let next = frontier.peek(|target| pace.wait(&target.host, now).is_zero());
            match next {
                None if state.in_flight == 0 => return Turn::Over,
                None => {}
                Some(target) => {
                    let wait = state.pace.wait(&target.host, now);
                    if state.pace.is_over(now, wait) {
                        return Turn::Over;
                    }
                    let is_suspect = state.suspects.contains(&canonical_key(&target));
                    let must_wait = state.is_alone || (is_suspect && state.in_flight > 0);
                    if let Some(waiting) = Some(target)
                        .filter(|_| !must_wait && wait.is_zero())
                        .and_then(|target| state.frontier.take(&target))
                    {
                        state.pace.begins(&waiting.target.host, now);
                        state.is_alone = is_suspect;
                        state.in_flight += 1;
                        state.pages = state.pages.saturating_add(1);
                        let target = waiting.target.clone();
                        return Turn::Visit(Box::new(waiting), Flight { board: self, lane, target });
                    }
                }
            }
            state = self.changed.wait_timeout(state, WAKE_UP).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Waits until a host may be visited, or the crawl is stopped, and counts that as a visit to it.
    pub(crate) fn wait_for(&self, target: &Target) {
        let mut state = self.lock();
        loop {
            let now = self.begun.elapsed();
            let wait = state.pace.wait(&target.host, now);
            if wait.is_zero() || self.is_stopped() {
                state.pace.begins(&target.host, now);
                return;
            }
            state = self.changed.wait_timeout(state, wait.min(WAKE_UP)).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// A page of the budget is used.
    pub(crate) fn count_page(&self) {
        let mut state = self.lock();
        state.pages = state.pages.saturating_add(1);
    }

    /// A visit ended; how many the browser has had.
    pub(crate) fn count_visit(&self) -> u32 {
        let mut state = self.lock();
        state.visits = state.visits.saturating_add(1);
        state.visits
    }

    /// The browser is worn out.
    pub(crate) fn wear_out(&self) {
        self.lock().wants_new = true;
        self.changed.notify_all();
    }

    /// The browser is that of `generation` from now on.
    pub(crate) fn renewed(&self, generation: u32) {
        let mut state = self.lock();
        if state.generation != generation {
            (state.generation, state.visits, state.wants_new) = (generation, 0, false);
        }
        self.changed.notify_all();
    }

    /// There is no browser any more.
    pub(crate) fn give_up(&self) {
        self.lock().is_given_up = true;
        self.changed.notify_all();
    }

    /// Whether a page is asked for again should its host be busy.
    pub(crate) fn may_come_back(&self, target: &Target) -> bool {
        !self.lock().came_back.contains(&canonical_key(target))
    }

    /// Whether a page is visited once more should its tab crash.
    pub(crate) fn tries_again(&self, target: &Target) -> bool {
        !self.lock().crashed.contains(&canonical_key(target))
    }

    /// The host of a page is busy for `wait`; whether the page `comes_back`.
    pub(crate) fn is_busy(&self, waiting: &Waiting, wait: Duration, comes_back: bool) {
        let mut state = self.lock();
        state.pace.is_busy(&waiting.target.host, wait, self.begun.elapsed());
        if comes_back {
            state.came_back.insert(canonical_key(&waiting.target));
            state.frontier.put_back(waiting.clone());
        }
    }

    /// A page is visited once more, since its tab crashed, or the whole browser `was_lost`.
    pub(crate) fn try_again(&self, waiting: &Waiting, was_lost: bool) {
        let mut state = self.lock();
        let key = canonical_key(&waiting.target);
        if was_lost {
            state.suspects.insert(key.clone());
        }
        state.crashed.insert(key);
        state.frontier.put_back(waiting.clone());
    }

    /// A page is for another lane.
    pub(crate) fn put_back(&self, waiting: &Waiting) {
        self.lock().frontier.put_back(waiting.clone());
    }

    /// A page was visited.
    pub(crate) fn visited(&self, target: &Target, seen: &Seen) {
        self.lock().frontier.visited(target, seen.skeleton, seen.has_form);
    }

    /// Takes in what a visit led to; `is_open` says what `robots.txt` leaves open.
    pub(crate) fn keep(&self, seen: &Seen, waiting: &Waiting, is_open: &dyn Fn(&Target) -> bool) {
        let mut state = self.lock();
        for target in &seen.reached {
            // A page named by its path alone is met with any query.
            let path = Target { query: None, ..target.clone() };
            state.reached.extend([canonical_key(target), canonical_key(&path)]);
        }
        for (host, delay) in &seen.delays {
            state.pace.slow_down(host, *delay);
        }
        let source = if seen.is_numbered { Source::NumberPage } else { Source::Link };
        for link in &seen.links {
            self.offer(&mut state, link, waiting.depth.saturating_add(1), source, is_open);
        }
        for page in &seen.mapped {
            self.offer(&mut state, page, 1, Source::Sitemap, is_open);
        }
        for link in &seen.pressed {
            state.frontier.pressed(link.clone());
        }
        for shown in &seen.states {
            state.pages = state.pages.saturating_add(1);
            // The last one was read; the others may be visited by their address.
            if seen.reached.iter().any(|page| canonical_key(page) == canonical_key(shown)) {
                state.frontier.meet(shown);
            }
        }
        for (reason, key) in &seen.left_out {
            state.frontier.leave_out(*reason, key.clone());
        }
        state.frontier.unread(&waiting.target.to_string(), seen.links_cut);
        drop(state);
        self.changed.notify_all();
    }

    fn offer(&self, state: &mut State, target: &Target, depth: u32, source: Source, is_open: &dyn Fn(&Target) -> bool) {
        let is_named = |named: &Target| {
            let path = Target { query: None, ..target.clone() };
            [canonical_key(target), canonical_key(&path)].contains(&canonical_key(named))
        };
        if self.plan.must_visit.iter().any(is_named) {
            state.frontier.offer(target.clone(), depth, Source::Plan);
        } else if is_open(target) {
            state.frontier.offer(target.clone(), depth, source);
        } else if state.closed.len() < MAX_CLOSED && state.closed.insert(canonical_key(target)) {
            state.first_closed.get_or_insert_with(|| target.clone());
        }
    }

    /// Whether a page was seen.
    pub(crate) fn is_reached(&self, target: &Target) -> bool {
        self.lock().reached.contains(&canonical_key(target))
    }

    /// Whether a page waits.
    pub(crate) fn waits(&self, target: &Target) -> bool {
        self.lock().frontier.waits(target)
    }

    /// What is left to do, judged by how long it took so far.
    pub(crate) fn ahead(&self) -> Ahead {
        let mut state = self.lock();
        let visited = state.pages;
        let waiting = u32::try_from(state.frontier.waiting()).unwrap_or(u32::MAX);
        let waiting = waiting.min(self.plan.limits.pages.saturating_sub(visited));
        let begun = self.begun.elapsed();
        let each = begun.checked_div(visited.max(1)).unwrap_or_default();
        let time = each.saturating_mul(waiting).min(self.plan.limits.time.saturating_sub(begun));
        Ahead { visited, waiting, time }
    }

    /// What is to be told at the end: pages that wait, that `robots.txt` closes, that were left out.
    pub(crate) fn unseen(&self) -> Vec<(BlindSpotKind, String)> {
        let mut state = self.lock();
        let mut unseen = Vec::new();
        if self.is_stopped() {
            let detail = format!("stopped with {} pages left to visit", state.frontier.waiting());
            unseen.push((BlindSpotKind::Interrupted, detail));
        } else {
            let is_late = state.pace.is_over(self.begun.elapsed(), Duration::ZERO);
            state.frontier.give_up(if is_late { LeftOut::Time } else { LeftOut::Budget });
        }
        if let Some(first) = &state.first_closed {
            let detail = format!("{} pages that robots.txt closes, the first {first}", state.closed.len());
            unseen.push((BlindSpotKind::RobotsObeyed, detail));
        }
        if let Some((count, reasons)) = state.frontier.told() {
            unseen.push((BlindSpotKind::PagesLeftOut, format!("{count} pages: {reasons}")));
        }
        unseen
    }

    fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        self.board.forms.land(self.lane);
        let mut state = self.board.lock();
        state.in_flight = state.in_flight.saturating_sub(1);
        state.is_alone = false;
        state.frontier.land(&self.target);
        drop(state);
        self.board.changed.notify_all();
    }
}
