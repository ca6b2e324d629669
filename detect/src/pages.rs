//! Which page a request was sent from, by what the wire tells.

use std::collections::BTreeMap;

use model::{Exchange, LaneId, Target, VisitId};

/// Remembers each visit's current page.
#[derive(Debug, Default)]
pub(crate) struct PageTracker {
    current: BTreeMap<Place, Target>,
}

/// Visits of one lane come one after the other; those of several have their numbers mixed.
type Place = (Option<LaneId>, Option<VisitId>);

impl PageTracker {
    /// The page that `exchange` was sent from: its own URL if it is a page; else its `Referer` where that says more than
    /// a host; else what the source says; else the visit's current page.
    pub(crate) fn page_of(&mut self, exchange: &Exchange) -> Option<Target> {
        if exchange.request.headers.get("sec-fetch-dest") == Some(b"document") {
            let own = exchange.request.target.clone();
            // A slow upload's end is no new page.
            if exchange.continues.is_some() {
                return Some(own);
            }
            self.current.insert(place_of(exchange), own.clone());
            return Some(own);
        }
        let referer = referer(exchange);
        if referer.as_ref().is_some_and(tells_a_page) {
            return referer;
        }
        // Some recorders give the page's title where others give its URL.
        let told = exchange.page.as_deref().and_then(|page| Target::parse(page).ok());
        told.or_else(|| self.current(place_of(exchange)).cloned()).or(referer)
    }

    /// The visit's page; before it has one, that of the visit before in the same lane, which is just being left.
    fn current(&self, (lane, visit): Place) -> Option<&Target> {
        let before = self.current.range((lane, None)..=(lane, visit)).next_back();
        let (_, page) = before.filter(|((_, of), _)| of.is_some() == visit.is_some())?;
        Some(page)
    }
}

fn place_of(exchange: &Exchange) -> Place {
    (exchange.connection.lane, exchange.visit)
}

/// Whether a `Referer` says more than a host, and is no style sheet that asks for its fonts and images.
fn tells_a_page(referer: &Target) -> bool {
    (referer.path != "/" || referer.query.is_some()) && !referer.path.to_ascii_lowercase().ends_with(".css")
}

/// The `Referer`, if it is a URL.
pub(crate) fn referer(exchange: &Exchange) -> Option<Target> {
    Target::parse(&exchange.request.headers.text("referer")?).ok()
}
