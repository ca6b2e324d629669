//! The rules of pages, one a file: what a page tells of itself, beside what it sends.
//!
//! A rule says where to look and what to make of it; that a number is one is said by the detector, as for what is sent.

use model::{Form, Host, PageFacts, Rule, Sighting, Target, Visit};

use crate::documents::Document;
use crate::found::Hit;
use crate::parts::Part;

mod cacheable_cpr_page;
mod cpr_in_mailto;
mod cpr_in_storage;
mod cpr_in_title;
mod form_before_login;
mod form_cleartext;
mod form_exfiltration;
mod form_get_cpr;
mod referrer_policy_exposes_url;
mod reporting_exposes_url;

pub(crate) use cpr_in_storage::{is_kept_for_long, leave_out_sent_cookies};
pub(crate) use reporting_exposes_url::{Endpoint, endpoints};

/// How a rule judges.
pub(crate) enum Judge {
    /// It names the pieces of a page that numbers are looked for in.
    Pieces(fn(&PageFacts) -> Vec<Held>),
    /// It judges a page with a number in its address or its text.
    Page(fn(&NumberedPage<'_>) -> Vec<Exposed>),
    /// It judges a form that asks for a number, with all that was visited.
    Form(fn(&FormSeen<'_>) -> bool),
    /// It tells sightings of a run from another side.
    Sent(fn(&[Sighting], &[Visit]) -> Vec<Sighting>),
}

/// A piece of a page that can hold a number.
pub(crate) struct Held {
    pub(crate) part: Part,
    /// The origin it belongs to, when that is not the page's own.
    pub(crate) origin: Option<String>,
}

/// A page with a number.
pub(crate) struct NumberedPage<'a> {
    pub(crate) facts: &'a PageFacts,
    /// The answer that brought it, when that was seen.
    pub(crate) document: Option<&'a Document>,
    /// Numbers in its address, without what follows `#`.
    pub(crate) in_address: &'a [Hit],
    /// Numbers in its titles and its text.
    pub(crate) in_text: &'a [Hit],
    /// Whether an address is another site's.
    pub(crate) is_elsewhere: &'a dyn Fn(&str) -> bool,
}

/// What is wrong with a page.
pub(crate) struct Exposed {
    /// The place to mend, as a parameter names it.
    pub(crate) parameter: String,
    /// Who would get it, where the place names somebody.
    pub(crate) to: Option<Host>,
    /// The numbers that this concerns.
    pub(crate) hits: Vec<Hit>,
}

/// A form that asks for a number, on a page of the system's own.
pub(crate) struct FormSeen<'a> {
    pub(crate) visit: &'a Visit,
    pub(crate) form: &'a Form,
    pub(crate) page: &'a Target,
    /// All visits of its system, in order.
    pub(crate) visits: &'a [&'a Visit],
    /// Whether the system's journeys are declared: it has a login, then.
    pub(crate) has_journeys: bool,
}

/// Every rule of pages.
pub(crate) const RULES: [(Rule, Judge); 10] = [
    (Rule::CprInTitle, Judge::Pieces(cpr_in_title::pieces)),
    (Rule::CprInStorage, Judge::Pieces(cpr_in_storage::pieces)),
    (Rule::CprInMailto, Judge::Pieces(cpr_in_mailto::pieces)),
    (Rule::FormGetCpr, Judge::Form(form_get_cpr::is_broken)),
    (Rule::FormCleartext, Judge::Form(form_cleartext::is_broken)),
    (Rule::FormBeforeLogin, Judge::Form(form_before_login::is_broken)),
    (Rule::FormExfiltration, Judge::Sent(form_exfiltration::told)),
    (Rule::CacheableCprPage, Judge::Page(cacheable_cpr_page::judge)),
    (Rule::ReferrerPolicyExposesUrl, Judge::Page(referrer_policy_exposes_url::judge)),
    (Rule::ReportingExposesUrl, Judge::Page(reporting_exposes_url::judge)),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_rule_has_its_file_and_its_row() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules");
        let files: BTreeSet<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().replace('_', "-"))
            .filter(|name| name != "mod")
            .collect();
        let rows: BTreeSet<String> = RULES.iter().map(|(rule, _)| rule.as_str().to_owned()).collect();
        assert_eq!(rows, files);
        let of_page = Rule::ALL.iter().filter(|rule| rule.is_of_page() || rule.is_counted_elsewhere());
        assert_eq!(of_page.count(), RULES.len());
    }
}
