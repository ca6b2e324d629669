//! Pages that a script shows without loading them: states of a visit, told as pages, each once.

use model::{Target, VisitOutcome};

use crate::address::canonical_key;
use crate::frontier::LeftOut;
use crate::tab::Tab;
use crate::visit::{Seen, Step, Visitor};

/// Most states kept of one tab: a page that makes more makes them without end.
const MAX_ROUTES: usize = 50;

/// Longest address kept; browsers and servers refuse far shorter ones.
const MAX_URL: usize = 16_000;

/// Addresses that a tab's document went through without a load.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Routes {
    /// Each once, in order.
    pub(crate) urls: Vec<String>,
    /// Navigations to others beyond the bounds.
    pub(crate) cut: u32,
    /// Navigations of all kinds, those to a known address among them.
    pub(crate) count: u32,
}

impl Routes {
    /// The document went to `url`.
    pub(crate) fn add(&mut self, url: &str) {
        self.count = self.count.saturating_add(1);
        if self.urls.iter().any(|known| known == url) {
            return;
        }
        if self.urls.len() >= MAX_ROUTES || url.len() > MAX_URL {
            self.cut = self.cut.saturating_add(1);
            return;
        }
        self.urls.push(url.to_owned());
    }
}

impl Visitor<'_> {
    /// Tells the states that a page went through. What it sends from now on is the last one's.
    pub(crate) fn tell_routes(&mut self, tab: &Tab<'_>, step: &Step, seen: &mut Seen) {
        let routes = tab.routes();
        for url in &routes.urls {
            let Ok(target) = Target::parse(url) else { continue };
            let key = canonical_key(&target);
            if !self.plan.scope.covers(&target.host)
                || key == canonical_key(&step.asked)
                || !self.is_news(format!("state {key}"))
            {
                continue;
            }
            let state = self.begin(target.clone(), None);
            self.tell_visit(&state, None, VisitOutcome::Loaded, Vec::new(), 0);
            seen.states.push(target);
        }
        for number in 0..routes.cut {
            seen.left_out.push((LeftOut::Memory, format!("{} state {number}", step.asked)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_is_kept_once_and_a_flood_of_them_counted() {
        let mut routes = Routes::default();
        for number in 0..60 {
            routes.add(&format!("https://a.test/#/{number}"));
            routes.add("https://a.test/#/0");
        }
        assert_eq!((routes.urls.len(), routes.cut), (MAX_ROUTES, 10));
        routes.add(&"x".repeat(MAX_URL + 1));
        assert_eq!(routes.cut, 11);
    }
}
