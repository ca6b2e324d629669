//! The answers that brought a visit's pages, as far as the rules of pages ask for them.

use std::collections::BTreeMap;

use model::{Exchange, Target, VisitId};

use crate::rules::{Endpoint, endpoints};

/// Visits whose pages are remembered: those that end while another goes on.
const MAX_VISITS: usize = 64;

/// Pages of one visit that are remembered, redirects and windows among them.
const MAX_DOCUMENTS: usize = 50;

/// How the head of a page's answer guards it.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    target: Target,
    pub(crate) status: u16,
    /// Its `Cache-Control` lines, joined.
    pub(crate) cache_control: String,
    /// Its `Referrer-Policy` lines, joined.
    pub(crate) referrer_policy: String,
    /// Whom it wants reports sent to.
    pub(crate) endpoints: Vec<Endpoint>,
    pub(crate) tls: Option<String>,
}

/// Pages by visit.
#[derive(Debug, Default)]
pub(crate) struct Documents(BTreeMap<VisitId, Vec<Document>>);

impl Documents {
    /// Remembers `exchange` if it brought a page.
    pub(crate) fn note(&mut self, exchange: &Exchange) {
        let (Some(visit), Some(response)) = (exchange.visit, &exchange.response) else { return };
        if exchange.request.headers.get("sec-fetch-dest") != Some(b"document") || exchange.continues.is_some() {
            return;
        }
        let joined = |name: &str| {
            let lines: Vec<String> =
                response.headers.all(name).map(|value| String::from_utf8_lossy(value).into_owned()).collect();
            lines.join(",")
        };
        let document = Document {
            target: exchange.request.target.clone(),
            status: response.status,
            cache_control: joined("cache-control"),
            referrer_policy: joined("referrer-policy"),
            endpoints: endpoints(&response.headers, &exchange.request.target),
            tls: exchange.connection.server_tls.clone(),
        };
        if self.0.len() >= MAX_VISITS && !self.0.contains_key(&visit) {
            self.0.pop_first();
        }
        let documents = self.0.entry(visit).or_default();
        if documents.len() < MAX_DOCUMENTS {
            documents.push(document);
        }
    }

    /// The pages of a visit, which are forgotten.
    pub(crate) fn take(&mut self, visit: VisitId) -> Vec<Document> {
        self.0.remove(&visit).unwrap_or_default()
    }
}

/// The one that brought `page`: with its address or, where a script has changed that since, the last.
pub(crate) fn of_page<'a>(documents: &'a [Document], page: &Target) -> Option<&'a Document> {
    let is_it = |document: &&Document| {
        let target = &document.target;
        (&target.host, target.port, &target.path, &target.query) == (&page.host, page.port, &page.path, &page.query)
    };
    documents.iter().rev().find(is_it).or_else(|| documents.iter().rfind(|document| document.target.host == page.host))
}
