//! The page of all rules (`docs/rules.md`), in the very words that findings have in the reports.

use std::fmt::Write as _;

use model::{Remedy, Rule};

use crate::lang::Lang;
use crate::mending::anchor;
use crate::texts::remedies::remedy;
use crate::texts::rules::rule;

/// What stands before the first rule.
const HEAD: &str = "\
# Rules

Every finding breaks one of these rules. The ids never change: baselines, SARIF and JUnit name them.
Written by `UPDATE_DOCS=1 cargo test --test docs rules`, from the reports' own texts; do not edit.

How sure a number is: **E1** a declared test number, **E2** definite, **E3** probable, **E4** a date only, which never fails a build.
How severe a finding is depends on that and on who got it; the report says why for each. A sure number (E1, E2) is `critical` with a third party that nobody
declared or approved, `high` with an approved processor or another authority, and `medium` where only the system itself has it.

Each rule lists what mends it, what helps most first. A finding lists the same, and adds what its own recipient calls for: an
agreement or a stop where nobody declared it, and deletion where it got a number. The ways of mending stand [below](#how-to-mend).

";

/// The page, in English. `remedies` says what mends a rule, what helps most first: the detector knows.
pub fn rules_page(remedies: impl Fn(Rule) -> Vec<Remedy>) -> String {
    let mut page = HEAD.to_owned();
    let mut named: Vec<Remedy> = Vec::new();
    for of in Rule::ALL {
        let text = rule(of);
        let _ = writeln!(page, "## {}\n\n**{}.** {}\n", of.as_str(), text.name.to(Lang::En), text.why.to(Lang::En));
        for way in remedies(of) {
            let _ = writeln!(page, "- [{}](#{})", remedy(way).title.to(Lang::En), anchor(way));
            named.push(way);
        }
        page.push('\n');
    }
    // Not of a rule: they come with who got it.
    named.extend([Remedy::AgreementOrStop, Remedy::AskRecipientToDelete, Remedy::HttpsOnly]);
    named.sort_unstable();
    named.dedup();
    page.push_str("## How to mend\n");
    for way in named {
        let text = remedy(way);
        let (title, how) = (text.title.to(Lang::En), text.how.to(Lang::En));
        let _ = write!(page, "\n<a id=\"{}\"></a>\n### {title}\n\n{how}\n", anchor(way));
        if let Some(example) = text.example {
            let _ = write!(page, "\n```text\n{example}\n```\n");
        }
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_has_its_section_and_each_way_is_told_once() {
        let page = rules_page(|_| vec![Remedy::KeepNumberInSession, Remedy::NoStore]);
        for rule in Rule::ALL {
            assert!(page.contains(&format!("\n## {}\n", rule.as_str())), "{}", rule.as_str());
        }
        assert_eq!(page.matches("<a id=\"no-store\"></a>").count(), 1);
        assert_eq!(page.matches("](#no-store)").count(), Rule::ALL.len());
    }
}
