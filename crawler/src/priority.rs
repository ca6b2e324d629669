//! Which page comes first: what promises most, so that a budget that ends early ends with what matters least.

use model::Target;

use crate::links::words;

/// How a page was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Source {
    /// Only a sitemap names it.
    Sitemap,
    /// A page links to it.
    Link,
    /// A page links to it that has a declared number in its address, so that this one may get it as referrer.
    NumberPage,
    /// The plan names it.
    Plan,
}

/// What a page is worth, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rank {
    /// A start, or a page that must be visited.
    Named,
    /// Pages of its template have forms, or its address promises one.
    Form,
    /// It is linked from a page with a number in its address.
    AfterNumber,
    /// No page of its template was seen; all pages of a new host are such.
    NewTemplate,
    /// The rest.
    Rest,
    /// Only a sitemap names it.
    Sitemap,
}

/// Words in addresses of pages where something is filled in.
const FORM_WORDS: [&str; 21] = [
    "ansoeg",
    "ansog",
    "ansøg",
    "ansoegning",
    "ansøgning",
    "anmeld",
    "anmeldelse",
    "blanket",
    "formular",
    "skema",
    "selvbetjening",
    "indberet",
    "indberetning",
    "tilmeld",
    "tilmelding",
    "bestil",
    "kontakt",
    "form",
    "apply",
    "register",
    "contact",
];

/// What a page is worth.
pub(crate) fn rank(target: &Target, source: Source, is_known: bool, has_form: bool) -> Rank {
    match source {
        Source::Plan => Rank::Named,
        Source::Sitemap => Rank::Sitemap,
        Source::Link | Source::NumberPage if has_form || (!is_known && promises_form(target)) => Rank::Form,
        Source::NumberPage => Rank::AfterNumber,
        Source::Link if is_known => Rank::Rest,
        Source::Link => Rank::NewTemplate,
    }
}

/// Whether the address says that something is filled in there.
fn promises_form(target: &Target) -> bool {
    let route = target.fragment.as_deref().unwrap_or_default();
    words(&target.path).into_iter().chain(words(route)).any(|word| FORM_WORDS.contains(&word.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(path: &str, source: Source, is_known: bool, has_form: bool, expected: Rank) {
        let target = Target::parse(&format!("https://a.test{path}")).unwrap();
        assert_eq!(rank(&target, source, is_known, has_form), expected, "{path}");
    }

    #[test]
    fn pages_are_ranked_by_what_they_promise() {
        case("/x", Source::Plan, true, false, Rank::Named);
        case("/sag/1", Source::Link, true, true, Rank::Form);
        case("/blanket/opret", Source::Link, false, false, Rank::Form);
        case("/#/ansoegning", Source::Link, false, false, Rank::Form);
        case("/blanket/opret", Source::Link, true, false, Rank::Rest);
        case("/x", Source::NumberPage, true, false, Rank::AfterNumber);
        case("/x", Source::Link, false, false, Rank::NewTemplate);
        case("/x", Source::Link, true, false, Rank::Rest);
        case("/blanket", Source::Sitemap, false, true, Rank::Sitemap);
    }

    #[test]
    fn ranks_are_in_order() {
        let ranks = [Rank::Named, Rank::Form, Rank::AfterNumber, Rank::NewTemplate, Rank::Rest, Rank::Sitemap];
        assert!(ranks.is_sorted());
    }
}
