//! How to mend the findings of a system: each way once, with the findings it concerns.

use model::Remedy;

use super::finding::FindingView;
use super::runs::{Run, runs};
use crate::mending::anchor;
use crate::texts::remedies::remedy as remedy_text;

/// Lines to copy shown for one way; findings of one cause repeat them.
const MAX_EXAMPLES: usize = 6;

/// A way of mending.
#[derive(Clone, Debug)]
pub(super) struct MendingView {
    pub(super) anchor: String,
    pub(super) title: &'static str,
    pub(super) how: &'static str,
    pub(super) examples: Vec<String>,
    /// The numbers of the findings it concerns.
    pub(super) findings: Vec<Run>,
}

/// The ways of mending `findings`, in the order in which the findings, worst first, name them.
pub(super) fn gathered(findings: &[FindingView], section: &str) -> Vec<MendingView> {
    let mut ways: Vec<(Remedy, MendingView, Vec<u64>)> = Vec::new();
    for finding in findings {
        for way in &finding.card.mending {
            let at = ways.iter().position(|(remedy, ..)| *remedy == way.remedy).unwrap_or(ways.len());
            if at == ways.len() {
                let view = MendingView {
                    anchor: format!("{section}-{}", anchor(way.remedy)),
                    title: way.title,
                    how: way.how,
                    examples: Vec::new(),
                    findings: Vec::new(),
                };
                ways.push((way.remedy, view, Vec::new()));
            }
            let Some((_, view, numbers)) = ways.get_mut(at) else { continue };
            numbers.push(finding.number);
            let own = way.own_example.as_ref().filter(|example| !view.examples.contains(*example));
            view.examples.extend(own.filter(|_| view.examples.len() < MAX_EXAMPLES).cloned());
        }
    }
    for (remedy, view, numbers) in &mut ways {
        view.findings = runs(numbers);
        // One of the findings' own says more than one for everybody.
        if view.examples.is_empty() {
            view.examples.extend(remedy_text(*remedy).example.map(str::to_owned));
        }
    }
    ways.into_iter().map(|(_, view, _)| view).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::Lang;
    use crate::sample;

    #[test]
    fn each_way_stands_once_and_names_its_findings() {
        let scan = sample::scan();
        let views: Vec<FindingView> = scan
            .findings
            .iter()
            .zip(1..)
            .map(|(finding, number)| FindingView::new(finding, &scan, number, "system-1", Lang::Da))
            .collect();
        let ways = gathered(&views, "system-1");
        let mut anchors: Vec<&str> = ways.iter().map(|way| way.anchor.as_str()).collect();
        assert_eq!(anchors[0], "system-1-keep-number-in-session");
        assert_eq!(ways[0].findings, [Run { first: 1, last: 4 }]);
        assert_eq!(
            ways[0].examples,
            ["/aarsopgoerelse?cpr=…   →   /aarsopgoerelse", "/kvittering?cpr=…   →   /kvittering"]
        );
        anchors.sort_unstable();
        anchors.dedup();
        assert_eq!(anchors.len(), ways.len());
        for line in views.iter().flat_map(|view| &view.mending) {
            assert!(ways.iter().any(|way| line.href == format!("#{}", way.anchor)));
        }
    }
}
