//! What is still to visit: breadth first, each page once, few of each template, and a count of what was left out.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use model::Target;

use crate::address::{canonical_key, template_key};
use crate::plan::Limits;

/// Most addresses remembered; a site with more makes them up.
const MAX_KNOWN: usize = 100_000;

/// Pages to visit, and those visited.
#[derive(Debug)]
pub(crate) struct Frontier {
    queue: VecDeque<Waiting>,
    known: BTreeSet<String>,
    templates: BTreeMap<String, u32>,
    left_out: BTreeMap<LeftOut, BTreeSet<String>>,
    limits: Limits,
}

/// A page to visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Waiting {
    /// Its address, as the page that links to it wrote it.
    pub(crate) target: Target,
    /// Links away from a start.
    pub(crate) depth: u32,
}

/// Why a page is not visited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum LeftOut {
    /// Enough of its template were.
    Template,
    /// It lies too deep.
    Depth,
    /// Too many addresses.
    Memory,
    /// More links on one page than are read.
    Unread,
    /// The budget of pages was used up.
    Budget,
    /// It is a file, which browsers save.
    File,
    /// It pays.
    Payment,
    /// A script leads there, not an address.
    Script,
    /// Its address is malformed.
    Unreadable,
    /// A frame of another site, with fields of its own or more than are looked at.
    Frame,
    /// It comes after a search of the site.
    Search,
}

impl Frontier {
    /// An empty one.
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            queue: VecDeque::new(),
            known: BTreeSet::new(),
            templates: BTreeMap::new(),
            left_out: BTreeMap::new(),
            limits: limits.clone(),
        }
    }

    /// Adds a page that is visited whatever its template.
    pub(crate) fn demand(&mut self, target: Target) {
        if self.known.insert(canonical_key(&target)) {
            self.queue.push_back(Waiting { target, depth: 0 });
        }
    }

    /// Adds a page found by a link, unless it is known or a bound leaves it out.
    pub(crate) fn offer(&mut self, target: Target, depth: u32) {
        let key = canonical_key(&target);
        if self.known.contains(&key) {
            return;
        }
        let of_template = self.templates.get(&template_key(&target)).copied().unwrap_or_default();
        let bound = if depth > self.limits.depth {
            Some(LeftOut::Depth)
        } else if of_template >= self.limits.per_template {
            Some(LeftOut::Template)
        } else if self.known.len() >= MAX_KNOWN {
            Some(LeftOut::Memory)
        } else {
            None
        };
        if let Some(reason) = bound {
            self.leave_out(reason, key);
            return;
        }
        *self.templates.entry(template_key(&target)).or_default() += 1;
        self.known.insert(key);
        self.queue.push_back(Waiting { target, depth });
    }

    /// The next page.
    pub(crate) fn next(&mut self) -> Option<Waiting> {
        self.queue.pop_front()
    }

    /// How many wait.
    pub(crate) fn waiting(&self) -> usize {
        self.queue.len()
    }

    /// Gives up on what waits.
    pub(crate) fn give_up(&mut self) {
        while let Some(waiting) = self.queue.pop_front() {
            self.leave_out(LeftOut::Budget, canonical_key(&waiting.target));
        }
    }

    /// Counts links of `page` that were not even read.
    pub(crate) fn unread(&mut self, page: &str, links: u32) {
        for number in 0..links.min(self.limits.pages) {
            self.leave_out(LeftOut::Unread, format!("{page} {number}"));
        }
    }

    /// How many pages were left out, and why; `None` when none were.
    pub(crate) fn told(&self) -> Option<(usize, String)> {
        let parts: Vec<(usize, String)> = self
            .left_out
            .iter()
            // Left out at first and visited in the end, since the registry names it.
            .map(|(reason, keys)| {
                let is_seen = |key: &String| *reason != LeftOut::Budget && self.known.contains(key);
                (*reason, keys.iter().filter(|key| !is_seen(key)).count())
            })
            .filter(|(_, count)| *count > 0)
            .map(|(reason, count)| (count, format!("{count} {}", self.words(reason))))
            .collect();
        let total = parts.iter().map(|(count, _)| count).sum();
        let reasons: Vec<String> = parts.into_iter().map(|(_, text)| text).collect();
        (total > 0).then(|| (total, reasons.join(", ")))
    }

    /// Counts what is not visited, once for each key.
    pub(crate) fn leave_out(&mut self, reason: LeftOut, key: String) {
        let keys = self.left_out.entry(reason).or_default();
        if keys.len() < MAX_KNOWN {
            keys.insert(key);
        }
    }

    fn words(&self, reason: LeftOut) -> String {
        match reason {
            LeftOut::Template => format!("of a kind of page seen {} times", self.limits.per_template),
            LeftOut::Depth => format!("more than {} links from a start", self.limits.depth),
            LeftOut::Memory => format!("beyond {MAX_KNOWN} addresses"),
            LeftOut::Unread => "on pages with more links than are read".to_owned(),
            LeftOut::Budget => format!("beyond the budget of {} pages", self.limits.pages),
            LeftOut::File => "that are files (PDF, spreadsheets, pictures), which are not opened".to_owned(),
            LeftOut::Payment => "behind links that pay".to_owned(),
            LeftOut::Script => "behind links that run a script".to_owned(),
            LeftOut::Unreadable => "whose address cannot be read".to_owned(),
            LeftOut::Frame => "in frames of other sites, with fields that are not filled".to_owned(),
            LeftOut::Search => "behind search fields of the site, which are not tried".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frontier(per_template: u32, depth: u32) -> Frontier {
        Frontier::new(&Limits { per_template, depth, ..Limits::default() })
    }

    fn target(path: &str) -> Target {
        Target::parse(&format!("https://a.test{path}")).unwrap()
    }

    #[test]
    fn a_page_is_visited_once_and_in_order() {
        let mut frontier = frontier(5, 5);
        frontier.demand(target("/"));
        for path in ["/b", "/a", "/b#x", "/"] {
            frontier.offer(target(path), 1);
        }
        let paths: Vec<String> = std::iter::from_fn(|| frontier.next()).map(|next| next.target.path).collect();
        assert_eq!(paths, ["/", "/b", "/a"]);
        assert_eq!(frontier.told(), None);
    }

    #[test]
    fn a_calendar_ends_at_its_cap_and_says_so() {
        let mut frontier = frontier(2, 5);
        for day in 10..20 {
            frontier.offer(target(&format!("/kalender/2026-01-{day}")), 1);
            frontier.offer(target(&format!("/kalender/2026-01-{day}")), 1);
        }
        assert_eq!(frontier.waiting(), 2);
        assert_eq!(frontier.told(), Some((8, "8 of a kind of page seen 2 times".to_owned())));
    }

    #[test]
    fn a_page_too_deep_is_counted_until_a_nearer_link_leads_to_it() {
        let mut frontier = frontier(5, 1);
        frontier.offer(target("/deep"), 2);
        assert_eq!(frontier.told().map(|told| told.0), Some(1));
        frontier.offer(target("/deep"), 1);
        assert_eq!(frontier.told(), None);
    }

    #[test]
    fn what_waits_when_the_budget_ends_is_counted() {
        let mut frontier = frontier(5, 5);
        frontier.offer(target("/a"), 1);
        frontier.offer(target("/b"), 1);
        frontier.give_up();
        assert_eq!(frontier.told(), Some((2, "2 beyond the budget of 500 pages".to_owned())));
    }
}
