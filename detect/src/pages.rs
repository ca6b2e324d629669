//! Which page a request was sent from, by what the wire tells.

use std::collections::BTreeMap;

use model::{Exchange, Target, VisitId};

/// Remembers each visit's current page.
#[derive(Debug, Default)]
pub(crate) struct PageTracker {
    current: BTreeMap<Option<VisitId>, String>,
}

impl PageTracker {
    /// The URL of the page that `exchange` was sent from: its own if it is a page; else its `Referer` where that says
    /// more than a host; else what the source says; else the visit's current page.
    pub(crate) fn page_of(&mut self, exchange: &Exchange) -> Option<String> {
        let own = exchange.request.target.to_string();
        if exchange.request.headers.get("sec-fetch-dest") == Some(b"document") {
            self.current.insert(exchange.visit, own.clone());
            return Some(own);
        }
        let referer = referer(exchange);
        let telling =
            referer.clone().filter(|url| Target::parse(url).is_ok_and(|t| t.path != "/" || t.query.is_some()));
        let current = || self.current.get(&exchange.visit).or_else(|| self.current.values().next_back()).cloned();
        telling.or_else(|| exchange.page.clone()).or_else(current).or(referer)
    }
}

/// The `Referer`, as a URL.
pub(crate) fn referer(exchange: &Exchange) -> Option<String> {
    exchange.request.headers.text("referer").filter(|url| Target::parse(url).is_ok())
}
