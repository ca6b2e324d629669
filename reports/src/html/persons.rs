//! Transmissions and persons side by side, for a vendor's page.

use crate::inert::Inert;
use crate::lang::Lang;
use crate::persons::Share;
use crate::summary::Extract;
use crate::texts::{page, persons as t};

/// The section of a page: its rows, the last of them in all.
#[derive(Clone, Debug)]
pub(super) struct PersonsView {
    pub(super) rows: Vec<ShareView>,
}

/// What one system comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ShareView {
    pub(super) name: String,
    pub(super) transmissions: String,
    pub(super) persons: String,
    pub(super) test: String,
    pub(super) is_total: bool,
}

impl PersonsView {
    pub(super) fn new(part: &Extract<'_>, lang: Lang) -> Self {
        let named = |name: &str, share: Share| ShareView::new(name.to_owned(), share, lang);
        let mut rows: Vec<ShareView> = part
            .systems
            .iter()
            .map(|system| {
                let share = Share::of(&Extract::of_system(part.scan, system));
                named(&Inert::short(system.name.as_str(), 120), share)
            })
            .collect();
        rows.extend(Share::of_stray(part).map(|share| named(t::ELSEWHERE.to(lang), share)));
        rows.push(ShareView { is_total: true, ..named(t::IN_ALL.to(lang), Share::of(part)) });
        Self { rows }
    }
}

impl ShareView {
    fn new(name: String, share: Share, lang: Lang) -> Self {
        if !share.is_covered {
            // A nought would read as a result.
            let none = || page::NOT_EXAMINED.to(lang).to_owned();
            return Self { name, transmissions: none(), persons: none(), test: none(), is_total: false };
        }
        let bound = |number: u64, at_least: bool| {
            let number = lang.number(number);
            if at_least { format!("{} {number}", page::AT_LEAST.to(lang)) } else { number }
        };
        Self {
            name,
            transmissions: lang.number(share.transmissions),
            persons: bound(share.persons.count, share.persons.at_least),
            test: bound(share.test, share.test_at_least),
            is_total: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn figures_stand_side_by_side_for_each_system_and_in_all() {
        let mut scan = sample::scan();
        let vendor = scan.vendors[0].id.clone();
        let first = scan.findings.iter_mut().find(|finding| crate::summary::reached(finding)).unwrap();
        (first.persons, first.test_persons, first.transmissions, first.undelivered) = (3_315, 0, 4_735, 0);
        let rows = PersonsView::new(&Extract::of_vendor(&scan, Some(&vendor)), Lang::Da).rows;
        assert_eq!(rows.len(), 3);
        assert_eq!((rows[2].name.as_str(), rows[2].is_total), ("I alt", true));
        assert_eq!(rows[2].persons, "mindst 3.315");
        assert_eq!(rows[1].transmissions, "0");
        let other = PersonsView::new(&Extract::of_vendor(&scan, Some(&scan.vendors[1].id)), Lang::En).rows;
        assert!(other.iter().all(|row| row.persons == "not covered"), "{other:?}");
    }
}
