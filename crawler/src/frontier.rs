//! What is still to visit: the most promising first, each page once, few of each kind, and a count of what was left out.

use std::collections::{BTreeMap, BTreeSet};

use model::Target;
use serde::{Deserialize, Serialize};

use crate::address::{canonical_key, query_key, template_key};
use crate::plan::Limits;
use crate::priority::{Source, rank};
use crate::skeleton::Skeleton;
use crate::templates::{Closed, Templates};

/// Most addresses remembered; a site with more makes them up.
const MAX_KNOWN: usize = 100_000;

/// Addresses of files that are told by name; of the others the count.
const MAX_NAMED: usize = 5;

/// Pages to visit, and those visited.
#[derive(Debug)]
pub(crate) struct Frontier {
    queue: BTreeMap<String, Entry>,
    known: BTreeSet<String>,
    seen: BTreeSet<String>,
    templates: Templates,
    left_out: BTreeMap<LeftOut, BTreeSet<String>>,
    /// The first files met.
    files: Vec<String>,
    /// Pages that are being visited, by what kind they are of.
    flying: BTreeMap<String, u32>,
    limits: Limits,
    offered: u64,
}

/// A page to visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Waiting {
    /// Its address, as the page that links to it wrote it.
    pub(crate) target: Target,
    /// Links away from a start.
    pub(crate) depth: u32,
}

/// A page in the queue.
#[derive(Debug)]
struct Entry {
    waiting: Waiting,
    template: String,
    queries: Option<String>,
    source: Source,
    /// Among equals the first to be met comes first.
    number: u64,
}

/// Why a page is not visited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum LeftOut {
    /// Enough of its template were, all built alike.
    Template,
    /// Enough of its template were, though built differently.
    Varied,
    /// Enough were that differ from it in the query alone.
    Queries,
    /// It lies too deep.
    Depth,
    /// Too many addresses.
    Memory,
    /// More links on one page than are read.
    Unread,
    /// The budget of pages was used up.
    Budget,
    /// The budget of time was.
    Time,
    /// A file of a sitemap that was not read, or not to its end.
    Sitemap,
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
            queue: BTreeMap::new(),
            known: BTreeSet::new(),
            seen: BTreeSet::new(),
            templates: Templates::new(limits.per_template),
            left_out: BTreeMap::new(),
            files: Vec::new(),
            flying: BTreeMap::new(),
            limits: limits.clone(),
            offered: 0,
        }
    }

    /// Adds a page that is visited whatever its template.
    pub(crate) fn demand(&mut self, target: Target) {
        let key = canonical_key(&target);
        if self.known.insert(key.clone()) {
            self.push(key, Waiting { target, depth: 0 }, Source::Plan);
        }
    }

    /// Adds a page that was found, unless it is known or a bound leaves it out.
    pub(crate) fn offer(&mut self, target: Target, depth: u32, source: Source) {
        let key = canonical_key(&target);
        if self.known.contains(&key) {
            // A page that a sitemap named is worth more once a page links to it.
            if let Some(entry) = self.queue.get_mut(&key) {
                entry.source = entry.source.max(source);
            }
            return;
        }
        let bound = if depth > self.limits.depth {
            Some(LeftOut::Depth)
        } else if self.known.len() >= MAX_KNOWN {
            Some(LeftOut::Memory)
        } else {
            None
        };
        if let Some(reason) = bound {
            self.leave_out(reason, key);
            return;
        }
        self.known.insert(key.clone());
        self.push(key, Waiting { target, depth }, source);
    }

    /// Puts a page back that was busy.
    pub(crate) fn put_back(&mut self, waiting: Waiting) {
        self.push(canonical_key(&waiting.target), waiting, Source::Plan);
    }

    /// Whether a page is in the queue.
    pub(crate) fn waits(&self, target: &Target) -> bool {
        self.queue.contains_key(&canonical_key(target))
    }

    /// The next page, of those that are `ready` before the others; until it lands it counts for its kind.
    #[cfg(test)]
    fn next(&mut self, ready: impl Fn(&Target) -> bool) -> Option<Waiting> {
        let target = self.peek(ready)?;
        let taken = self.take(&target);
        self.land(&target);
        taken
    }

    /// The address of the page that is next, of those that are `ready` before the others. One is left for later whose
    /// kind may be seen enough of by those that are being visited.
    pub(crate) fn peek(&mut self, ready: impl Fn(&Target) -> bool) -> Option<Target> {
        self.close_templates();
        let worth = |entry: &Entry| {
            let (is_known, has_form) =
                (self.templates.is_known(&entry.template), self.templates.has_form(&entry.template));
            let target = &entry.waiting.target;
            (!ready(target), rank(target, entry.source, is_known, has_form), entry.number)
        };
        let open = self.queue.values().filter(|entry| entry.source == Source::Plan || self.has_room(entry));
        open.min_by_key(|entry| worth(entry)).map(|entry| entry.waiting.target.clone())
    }

    /// Takes a page to visit it.
    pub(crate) fn take(&mut self, target: &Target) -> Option<Waiting> {
        let entry = self.queue.remove(&canonical_key(target))?;
        for kind in [Some(entry.template), entry.queries].into_iter().flatten() {
            *self.flying.entry(kind).or_default() += 1;
        }
        Some(entry.waiting)
    }

    /// A page that was taken is no longer being visited.
    pub(crate) fn land(&mut self, target: &Target) {
        for kind in [Some(template_key(target)), query_key(target)].into_iter().flatten() {
            if let Some(count) = self.flying.get_mut(&kind) {
                *count = count.saturating_sub(1);
            }
        }
    }

    /// Whether as many of a page's kind as are being visited leave it open, should all be built alike.
    fn has_room(&self, entry: &Entry) -> bool {
        let flying = |kind: Option<&str>| kind.and_then(|kind| self.flying.get(kind)).copied().unwrap_or_default();
        let queries = entry.queries.as_deref();
        flying(Some(&entry.template)) < self.templates.room(&entry.template)
            && flying(queries) < queries.map_or(1, |queries| self.templates.room_for_queries(queries))
    }

    /// A page was visited: what it is built of, if it could be read, and whether it has a form.
    pub(crate) fn visited(&mut self, target: &Target, skeleton: Option<Skeleton>, has_form: bool) {
        let key = canonical_key(target);
        self.queue.remove(&key);
        if self.seen.insert(key.clone()) {
            self.templates.saw(target, skeleton, has_form);
            self.known.insert(key);
        }
    }

    /// A page was seen on the way to another.
    pub(crate) fn meet(&mut self, target: &Target) {
        let key = canonical_key(target);
        self.queue.remove(&key);
        self.seen.insert(key.clone());
        self.known.insert(key);
    }

    /// A link that a script works was pressed: it is no longer left out.
    pub(crate) fn pressed(&mut self, key: String) {
        self.seen.insert(key);
    }

    /// How many wait.
    pub(crate) fn waiting(&mut self) -> usize {
        self.close_templates();
        self.queue.len()
    }

    /// Gives up on what waits.
    pub(crate) fn give_up(&mut self, reason: LeftOut) {
        self.close_templates();
        for key in std::mem::take(&mut self.queue).into_keys() {
            self.leave_out(reason, key);
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
            .map(|(reason, keys)| (*reason, keys.iter().filter(|key| !self.seen.contains(*key)).count()))
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
        if keys.len() < MAX_KNOWN && keys.insert(key.clone()) && reason == LeftOut::File && self.files.len() < MAX_NAMED
        {
            self.files.push(key);
        }
    }

    fn push(&mut self, key: String, waiting: Waiting, source: Source) {
        self.offered = self.offered.saturating_add(1);
        let (template, queries) = (template_key(&waiting.target), query_key(&waiting.target));
        self.queue.insert(key, Entry { waiting, template, queries, source, number: self.offered });
    }

    /// Leaves out what waits of the kinds of which enough were seen.
    fn close_templates(&mut self) {
        let templates = &self.templates;
        let mut left_out = Vec::new();
        self.queue.retain(|key, entry| {
            if entry.source == Source::Plan {
                return true;
            }
            let closed = templates.closed(&entry.template, entry.queries.as_deref());
            left_out.extend(closed.map(|closed| (closed, key.clone())));
            closed.is_none()
        });
        for (closed, key) in left_out {
            let reason = match closed {
                Closed::Alike => LeftOut::Template,
                Closed::Varied => LeftOut::Varied,
                Closed::Queries => LeftOut::Queries,
            };
            self.leave_out(reason, key);
        }
    }

    fn words(&self, reason: LeftOut) -> String {
        match reason {
            LeftOut::Template => format!("of a kind of page seen {} times", self.templates.alike()),
            LeftOut::Varied => format!("of a kind of page seen {} times", self.templates.varied()),
            LeftOut::Queries => format!("of a page seen with {} other queries", Templates::queries()),
            LeftOut::Depth => format!("more than {} links from a start", self.limits.depth),
            LeftOut::Memory => format!("beyond {MAX_KNOWN} addresses"),
            LeftOut::Unread => "on pages with more links than are read".to_owned(),
            LeftOut::Budget => format!("beyond the budget of {} pages", self.limits.pages),
            LeftOut::Time => match self.limits.time.as_secs() {
                seconds if seconds % 60 == 0 => format!("left when {} minutes were over", seconds / 60),
                seconds => format!("left when {seconds} seconds were over"),
            },
            LeftOut::Sitemap => "in files of a sitemap that were not read whole".to_owned(),
            LeftOut::File => format!("that are files and not opened: {}", self.files.join(" ")),
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

    fn offer(frontier: &mut Frontier, paths: &[&str]) {
        for path in paths {
            frontier.offer(target(path), 1, Source::Link);
        }
    }

    /// Visits all that waits; all pages are built alike.
    fn walk(frontier: &mut Frontier) -> Vec<String> {
        let mut paths = Vec::new();
        while let Some(next) = frontier.next(|_| true) {
            frontier.visited(&next.target, Some(Skeleton(1)), false);
            paths.push(next.target.path);
        }
        paths
    }

    #[test]
    fn a_page_is_visited_once_and_in_order() {
        let mut frontier = frontier(5, 5);
        frontier.demand(target("/"));
        offer(&mut frontier, &["/b", "/a", "/b#x", "/"]);
        assert_eq!(walk(&mut frontier), ["/", "/b", "/a"]);
        assert_eq!(frontier.told(), None);
    }

    #[test]
    fn what_promises_most_comes_first() {
        let mut frontier = frontier(5, 5);
        frontier.offer(target("/kort"), 1, Source::Sitemap);
        frontier.offer(target("/i-kort-og-link"), 1, Source::Sitemap);
        offer(&mut frontier, &["/sag/1", "/sag/2", "/om", "/blanket", "/i-kort-og-link"]);
        frontier.offer(target("/kvittering"), 1, Source::NumberPage);
        frontier.demand(target("/start"));
        let order = ["/start", "/blanket", "/kvittering", "/i-kort-og-link", "/sag/1", "/om", "/sag/2", "/kort"];
        assert_eq!(walk(&mut frontier), order);
    }

    #[test]
    fn more_pages_of_a_template_with_a_form_come_early() {
        let mut frontier = frontier(5, 5);
        frontier.visited(&target("/sag/1"), Some(Skeleton(7)), true);
        offer(&mut frontier, &["/om", "/sag/2"]);
        assert_eq!(walk(&mut frontier), ["/sag/2", "/om"]);
    }

    #[test]
    fn a_host_that_must_wait_lets_others_go_first() {
        let mut frontier = frontier(5, 5);
        frontier.demand(target("/"));
        frontier.offer(Target::parse("https://b.test/x").unwrap(), 1, Source::Link);
        let first = frontier.next(|target| target.host.as_str() != "a.test").unwrap();
        assert_eq!(first.target.host.as_str(), "b.test");
        assert_eq!(frontier.next(|_| false).unwrap().target, target("/"));
    }

    #[test]
    fn a_calendar_ends_at_its_cap_and_says_so() {
        let mut frontier = frontier(2, 5);
        for day in 10..20 {
            offer(&mut frontier, &[&format!("/kalender/2026-01-{day}"), &format!("/kalender/2026-01-{day}")]);
        }
        assert_eq!(walk(&mut frontier).len(), 2);
        assert_eq!(frontier.told(), Some((8, "8 of a kind of page seen 2 times".to_owned())));
    }

    #[test]
    fn an_endless_calendar_is_counted_to_the_page() {
        let mut frontier = frontier(5, 8);
        offer(&mut frontier, &["/kalender/2026-01"]);
        let mut visited = 0;
        while let Some(next) = frontier.next(|_| true) {
            frontier.visited(&next.target, Some(Skeleton(1)), false);
            visited += 1;
            let month = visited + 1;
            offer(&mut frontier, &[&format!("/kalender/2026-{month:02}"), &format!("/kalender/2027-{month:02}")]);
        }
        assert_eq!(visited, 3);
        assert_eq!(frontier.told(), Some((4, "4 of a kind of page seen 3 times".to_owned())));
    }

    #[test]
    fn a_page_left_out_and_named_by_the_registry_is_no_longer_counted() {
        let mut frontier = frontier(1, 5);
        offer(&mut frontier, &["/sag/1", "/sag/2"]);
        walk(&mut frontier);
        assert_eq!(frontier.told().map(|told| told.0), Some(1));
        frontier.visited(&target("/sag/2"), None, false);
        assert_eq!(frontier.told(), None);
    }

    #[test]
    fn a_page_too_deep_is_counted_until_a_nearer_link_leads_to_it() {
        let mut frontier = frontier(5, 1);
        frontier.offer(target("/deep"), 2, Source::Link);
        assert_eq!(frontier.told().map(|told| told.0), Some(1));
        offer(&mut frontier, &["/deep"]);
        walk(&mut frontier);
        assert_eq!(frontier.told(), None);
    }

    #[test]
    fn what_waits_when_a_budget_ends_is_counted() {
        for (reason, expected) in
            [(LeftOut::Budget, "2 beyond the budget of 500 pages"), (LeftOut::Time, "2 left when 30 minutes were over")]
        {
            let mut frontier = frontier(5, 5);
            offer(&mut frontier, &["/a", "/b"]);
            frontier.give_up(reason);
            assert_eq!(frontier.told(), Some((2, expected.to_owned())));
        }
    }

    #[test]
    fn the_first_files_are_told_by_name() {
        let mut frontier = frontier(5, 5);
        for number in 0..7 {
            frontier.leave_out(LeftOut::File, format!("https://a.test/{number}.pdf"));
        }
        let names: Vec<String> = (0..5).map(|number| format!("https://a.test/{number}.pdf")).collect();
        let expected = format!("7 that are files and not opened: {}", names.join(" "));
        assert_eq!(frontier.told(), Some((7, expected)));
    }
}
