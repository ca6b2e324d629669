//! `cacheable-cpr-page`: without `no-store` (RFC 9111 §5.2.2.5) a page with a number stays on the machine it was read on,
//! and on those in between.

use model::Evidence;

use super::{Exposed, NumberedPage};

/// The parameter that is told: what to mend.
const HEADER: &str = "cache-control";

pub(crate) fn judge(page: &NumberedPage<'_>) -> Vec<Exposed> {
    let Some(document) = page.document.filter(|document| (200..300).contains(&document.status)) else {
        return Vec::new();
    };
    let says = |directive: &str| directive.trim().eq_ignore_ascii_case("no-store");
    if document.cache_control.split(',').any(says) {
        return Vec::new();
    }
    let hits = page.in_address.iter().chain(page.in_text).filter(|hit| hit.evidence < Evidence::E4);
    let hits: Vec<_> = hits.cloned().collect();
    if hits.is_empty() {
        return Vec::new();
    }
    vec![Exposed { parameter: HEADER.to_owned(), to: None, hits }]
}
