//! When enough pages of one kind were seen: by how alike they were built, and by how many queries one page takes.

use std::collections::{BTreeMap, BTreeSet};

use model::Target;

use crate::address::{query_key, template_key};
use crate::skeleton::Skeleton;

/// Pages of a template built alike that are enough: one without data, one with, and one to be sure.
const ALIKE: u32 = 3;

/// How many times the plan's pages of a template may be visited where they are built differently.
const VARIED: u32 = 4;

/// Visits in a row to one page with other words in its query that may bring nothing new: filters and sort orders
/// multiply, while a page that shows others by its query is built anew each time.
const QUERIES: u32 = 10;

/// What was seen of each kind of page.
#[derive(Debug, Default)]
pub(crate) struct Templates {
    kinds: BTreeMap<String, Kind>,
    per_template: u32,
}

/// Pages of one kind that were seen.
#[derive(Debug, Default)]
struct Kind {
    pages: u32,
    /// Visits in a row that brought no new skeleton.
    stale: u32,
    skeletons: BTreeSet<Option<Skeleton>>,
    has_form: bool,
}

/// Why no more pages of a kind are visited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Closed {
    /// Enough built alike.
    Alike,
    /// Enough, though built differently.
    Varied,
    /// Enough queries of one page.
    Queries,
}

impl Templates {
    /// None seen; `per_template` is the plan's word.
    pub(crate) fn new(per_template: u32) -> Self {
        Self { kinds: BTreeMap::new(), per_template }
    }

    /// A page was visited; what it is built of, when it could be read, and whether it had a form.
    pub(crate) fn saw(&mut self, target: &Target, skeleton: Option<Skeleton>, has_form: bool) {
        for key in [Some(template_key(target)), query_key(target)].into_iter().flatten() {
            let kind = self.kinds.entry(key).or_default();
            kind.pages = kind.pages.saturating_add(1);
            let is_new = kind.skeletons.insert(skeleton);
            kind.stale = if is_new { 0 } else { kind.stale.saturating_add(1) };
            kind.has_form |= has_form;
        }
    }

    /// Why a page is not visited, if enough of its kind were.
    pub(crate) fn closed(&self, template: &str, queries: Option<&str>) -> Option<Closed> {
        if let Some(kind) = self.kinds.get(template) {
            if kind.skeletons.len() > 1 && kind.pages >= self.varied() {
                return Some(Closed::Varied);
            }
            let is_alike = kind.skeletons.len() <= 1 && kind.pages >= self.alike();
            if is_alike || kind.stale >= ALIKE {
                return Some(Closed::Alike);
            }
        }
        let queries = queries.and_then(|key| self.kinds.get(key));
        queries.is_some_and(|kind| kind.stale >= QUERIES).then_some(Closed::Queries)
    }

    /// How many pages of a template that is open may be visited at once without one too many, should all be built alike.
    pub(crate) fn room(&self, template: &str) -> u32 {
        let Some(kind) = self.kinds.get(template) else { return self.alike().max(1) };
        let until_stale = ALIKE.saturating_sub(kind.stale);
        match kind.skeletons.len() {
            0 | 1 => self.alike().saturating_sub(kind.pages).min(until_stale),
            _ => self.varied().saturating_sub(kind.pages).min(until_stale),
        }
    }

    /// The same for pages that differ in their queries.
    pub(crate) fn room_for_queries(&self, queries: &str) -> u32 {
        QUERIES.saturating_sub(self.kinds.get(queries).map_or(0, |kind| kind.stale))
    }

    /// Whether a page of this template was visited.
    pub(crate) fn is_known(&self, template: &str) -> bool {
        self.kinds.contains_key(template)
    }

    /// Whether a page of this template that was visited had a form.
    pub(crate) fn has_form(&self, template: &str) -> bool {
        self.kinds.get(template).is_some_and(|kind| kind.has_form)
    }

    /// Pages built alike that close a template.
    pub(crate) fn alike(&self) -> u32 {
        self.per_template.min(ALIKE)
    }

    /// Pages of whatever build that close a template.
    pub(crate) fn varied(&self) -> u32 {
        self.per_template.saturating_mul(VARIED)
    }

    /// Queries of one page that close it.
    pub(crate) fn queries() -> u32 {
        QUERIES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(path: &str) -> Target {
        Target::parse(&format!("https://a.test{path}")).unwrap()
    }

    fn closed_after(count: u64, path: impl Fn(u64) -> String, skeleton: impl Fn(u64) -> u64) -> Option<Closed> {
        let mut templates = Templates::new(5);
        for number in 0..count {
            templates.saw(&target(&path(number)), Some(Skeleton(skeleton(number))), false);
        }
        let next = target(&path(count));
        templates.closed(&template_key(&next), query_key(&next).as_deref())
    }

    #[test]
    fn three_alike_are_enough() {
        let case = |number: u64| format!("/sag/{number}");
        assert_eq!(closed_after(2, case, |_| 1), None);
        assert_eq!(closed_after(3, case, |_| 1), Some(Closed::Alike));
    }

    #[test]
    fn those_built_differently_go_on_to_twenty() {
        let case = |number: u64| format!("/sag/{number}");
        assert_eq!(closed_after(19, case, |number| number), None);
        assert_eq!(closed_after(20, case, |number| number), Some(Closed::Varied));
        assert_eq!(closed_after(5, case, |number| number.min(1)), Some(Closed::Alike));
    }

    #[test]
    fn sort_orders_of_one_list_end_and_pages_shown_by_a_query_do_not() {
        let word = |number: u64| (0..=number).map(|_| 'x').collect::<String>();
        let list = |number: u64| format!("/liste?vis={}", word(number));
        assert_eq!(closed_after(10, list, |_| 1), None);
        assert_eq!(closed_after(11, list, |_| 1), Some(Closed::Queries));
        assert_eq!(closed_after(40, list, |number| number), None);
    }

    #[test]
    fn a_page_that_could_not_be_read_counts() {
        let mut templates = Templates::new(2);
        for number in 0..2 {
            templates.saw(&target(&format!("/sag/{number}")), None, false);
        }
        assert_eq!(templates.closed("https://a.test/sag/{n}", None), Some(Closed::Alike));
        assert_eq!((templates.alike(), templates.varied()), (2, 8));
    }
}
