//! What has changed since an earlier scan, for a page.

use super::address::Address;
use super::finding::{MAX_CARDS, SeverityMark};
use crate::comparison::Changes;
use crate::lang::Lang;
use crate::naming::count;

/// The section of a page.
#[derive(Clone, Debug)]
pub(super) struct ChangesView {
    pub(super) with: String,
    pub(super) unchanged: &'static str,
    pub(super) period: Vec<String>,
    pub(super) groups: Vec<GroupView>,
}

/// Changes of one kind.
#[derive(Clone, Debug)]
pub(super) struct GroupView {
    pub(super) title: &'static str,
    pub(super) meaning: &'static str,
    pub(super) count: String,
    pub(super) rows: Vec<RowView>,
    /// How many are not shown; empty when all are.
    pub(super) left: String,
}

/// One change.
#[derive(Clone, Debug)]
pub(super) struct RowView {
    pub(super) severity: Option<SeverityMark>,
    pub(super) title: String,
    pub(super) page: Address,
    pub(super) note: String,
}

impl ChangesView {
    pub(super) fn new(changes: Changes, lang: Lang) -> Self {
        let Changes { with, unchanged, groups, period } = changes;
        let group = |group: crate::comparison::Group| GroupView {
            title: group.title,
            meaning: group.meaning,
            count: lang.number(count(group.rows.len())),
            left: left(group.rows.len().saturating_sub(MAX_CARDS), lang),
            rows: group
                .rows
                .into_iter()
                .take(MAX_CARDS)
                .map(|row| RowView {
                    severity: row.severity.map(|severity| SeverityMark::new(severity, lang)),
                    title: row.title,
                    page: Address::of_text(&row.page),
                    note: row.note,
                })
                .collect(),
        };
        Self { with, unchanged, period, groups: groups.into_iter().map(group).collect() }
    }
}

fn left(left: usize, lang: Lang) -> String {
    let number = lang.number(count(left));
    match (left, lang) {
        (0, Lang::Da | Lang::En) => String::new(),
        (_, Lang::Da) => format!("… og {number} til, i scan.json."),
        (_, Lang::En) => format!("… and {number} more, in scan.json."),
    }
}
