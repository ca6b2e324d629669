//! What came of one page, so that a crawl that was cut short goes on without asking for it again.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use model::{Host, Target, VisitId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::address::canonical_key;
use crate::frontier::{LeftOut, Waiting};
use crate::skeleton::Skeleton;
use crate::visit::Seen;

/// What an earlier crawl of the same plan did.
#[derive(Clone, Debug, Default)]
pub struct Before {
    /// The states of the pages that it told as done, in their order.
    pub done: Vec<Value>,
    /// Pages that are left out, by the names by which they were told to begin: it ended on each of them too often.
    pub given_up: Vec<String>,
}

/// What came of one page, over all visits to it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Trace {
    pub(crate) target: String,
    pub(crate) depth: u32,
    pub(crate) looks: Vec<Look>,
    pub(crate) skeleton: Option<u64>,
    pub(crate) has_form: bool,
    pub(crate) news: News,
    /// Which field has which number of the plan's, on all pages.
    pub(crate) given: BTreeMap<String, usize>,
    /// Its visits so far; their numbers are not for another run.
    #[serde(skip)]
    pub(crate) visits: Vec<VisitId>,
}

/// What was done with forms, and what was told once.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct News {
    pub(crate) tried: BTreeSet<String>,
    pub(crate) sent: BTreeSet<String>,
    pub(crate) told: BTreeSet<String>,
    /// A form led on, and may have signed in: another run must send it again.
    #[serde(skip)]
    pub(crate) has_passed: bool,
}

/// What one visit led to, as far as the board keeps it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Look {
    reached: Vec<String>,
    links: Vec<String>,
    mapped: Vec<String>,
    /// Of these, those that `robots.txt` closes.
    closed: BTreeSet<String>,
    links_cut: u32,
    left_out: Vec<(LeftOut, String)>,
    /// Pauses that hosts ask for, in milliseconds.
    delays: Vec<(String, u64)>,
    is_numbered: bool,
    pressed: Vec<String>,
    states: Vec<String>,
}

impl Look {
    /// What `seen` told; `is_open` says what `robots.txt` leaves open.
    pub(crate) fn of(seen: &Seen, is_open: &dyn Fn(&Target) -> bool) -> Self {
        let written = |targets: &[Target]| targets.iter().map(Target::to_string).collect();
        let offered = seen.links.iter().chain(&seen.mapped);
        let millis = |delay: &Duration| u64::try_from(delay.as_millis()).unwrap_or(u64::MAX);
        Self {
            reached: written(&seen.reached),
            links: written(&seen.links),
            mapped: written(&seen.mapped),
            closed: offered.filter(|target| !is_open(target)).map(canonical_key).collect(),
            links_cut: seen.links_cut,
            left_out: seen.left_out.clone(),
            delays: seen.delays.iter().map(|(host, delay)| (host.to_string(), millis(delay))).collect(),
            is_numbered: seen.is_numbered,
            pressed: seen.pressed.clone(),
            states: written(&seen.states),
        }
    }

    /// The same as when it was seen.
    pub(crate) fn seen(&self) -> Seen {
        let read = |targets: &[String]| targets.iter().filter_map(|target| Target::parse(target).ok()).collect();
        let delay = |(host, millis): &(String, u64)| Some((Host::parse(host)?, Duration::from_millis(*millis)));
        Seen {
            reached: read(&self.reached),
            links: read(&self.links),
            mapped: read(&self.mapped),
            links_cut: self.links_cut,
            left_out: self.left_out.clone(),
            delays: self.delays.iter().filter_map(delay).collect(),
            is_numbered: self.is_numbered,
            pressed: self.pressed.clone(),
            states: read(&self.states),
            ..Seen::default()
        }
    }

    pub(crate) fn is_open(&self, target: &Target) -> bool {
        !self.closed.contains(&canonical_key(target))
    }
}

impl Trace {
    /// One of a page that is about to be visited.
    pub(crate) fn of(waiting: &Waiting) -> Self {
        Self { target: waiting.target.to_string(), depth: waiting.depth, ..Self::default() }
    }

    /// The page it is of.
    pub(crate) fn waiting(&self) -> Option<Waiting> {
        Some(Waiting { target: Target::parse(&self.target).ok()?, depth: self.depth })
    }

    /// What the page is built of.
    pub(crate) fn skeleton(&self) -> Option<Skeleton> {
        self.skeleton.map(Skeleton)
    }

    /// Takes in what a later visit told.
    pub(crate) fn add(&mut self, later: Self) {
        self.looks.extend(later.looks);
        (self.skeleton, self.has_form) = (later.skeleton, later.has_form);
        self.news.add(later.news);
        self.visits.extend(later.visits);
    }

    /// For another run; `None` if that must visit the page again.
    pub(crate) fn state(&self) -> Option<Value> {
        if self.news.has_passed { None } else { serde_json::to_value(self).ok() }
    }
}

impl News {
    /// Takes in what later visits to the same page told.
    pub(crate) fn add(&mut self, later: Self) {
        self.tried.extend(later.tried);
        self.sent.extend(later.sent);
        self.told.extend(later.told);
        self.has_passed |= later.has_passed;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(path: &str) -> Target {
        Target::parse(&format!("https://a.test{path}")).unwrap()
    }

    #[test]
    fn a_page_comes_back_as_it_was_seen() {
        let seen = Seen {
            reached: vec![target("/")],
            links: vec![target("/a?b=1"), target("/lukket")],
            left_out: vec![(LeftOut::File, "https://a.test/x.pdf".to_owned())],
            delays: vec![(Host::parse("a.test").unwrap(), Duration::from_secs(2))],
            is_numbered: true,
            ..Seen::default()
        };
        let waiting = Waiting { target: target("/"), depth: 2 };
        let mut trace = Trace { skeleton: Some(u64::MAX), has_form: true, ..Trace::of(&waiting) };
        trace.looks.push(Look::of(&seen, &|target| target.path != "/lukket"));
        trace.news.tried.insert("post https://a.test/ cpr".to_owned());
        let read: Trace = serde_json::from_value(trace.state().unwrap()).unwrap();
        assert_eq!(read.waiting(), Some(waiting));
        assert_eq!((read.skeleton(), read.has_form), (Some(Skeleton(u64::MAX)), true));
        assert_eq!(read.news.tried, trace.news.tried);
        let look = read.looks.first().unwrap();
        let again = look.seen();
        assert_eq!((again.reached, again.links), (seen.reached, seen.links));
        assert_eq!((again.left_out, again.delays, again.is_numbered), (seen.left_out, seen.delays, true));
        assert!(look.is_open(&target("/a?b=1")) && !look.is_open(&target("/lukket")));
    }

    #[test]
    fn a_page_whose_form_led_on_is_visited_again() {
        let mut trace = Trace::default();
        trace.news.add(News { has_passed: true, ..News::default() });
        assert_eq!(trace.state(), None);
    }
}
