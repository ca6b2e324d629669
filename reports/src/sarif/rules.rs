//! The rules of a run, each at each severity at which it was broken: a service takes the severity from the rule, and the
//! same rule is broken mildly at one recipient and badly at another. `cpr-in-referer/critical` is a rule of its own below
//! `cpr-in-referer` (§3.27.5).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use ::model::{Finding, Remedy, Rule, Severity};
use serde_json::json;

use super::model::{Configuration, Descriptor, Help, Level, Properties, Text};
use crate::lang::Lang;
use crate::mending::anchor;
use crate::summary::is_possible;
use crate::texts::phrases as p;
use crate::texts::remedies::remedy;
use crate::texts::rules::rule;

/// How heavy a result is, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Weight {
    Critical,
    High,
    Medium,
    Low,
    Info,
    /// A mere date: never breaks a build, whatever its severity would be.
    Possible,
}

/// The rules that a run's findings break, in order.
#[derive(Debug)]
pub(super) struct Rules(Vec<(Rule, Weight, BTreeSet<Remedy>)>);

impl Weight {
    pub(super) fn of(finding: &Finding) -> Self {
        if is_possible(finding) {
            return Self::Possible;
        }
        match finding.severity {
            Severity::Critical => Self::Critical,
            Severity::High => Self::High,
            Severity::Medium => Self::Medium,
            Severity::Low => Self::Low,
            Severity::Info => Self::Info,
        }
    }

    pub(super) fn level(self) -> Level {
        match self {
            Self::Critical | Self::High => Level::Error,
            Self::Medium => Level::Warning,
            Self::Low | Self::Info | Self::Possible => Level::Note,
        }
    }

    pub(super) fn rank(self) -> f32 {
        match self {
            Self::Critical => 95.0,
            Self::High => 80.0,
            Self::Medium => 55.0,
            Self::Low => 20.0,
            Self::Info | Self::Possible => 1.0,
        }
    }

    /// In the middle of GitHub's bands: critical above 9.0, high from 7.0, medium from 4.0, low above 0. Without one an
    /// alert is no matter of security.
    fn security_severity(self) -> Option<&'static str> {
        match self {
            Self::Critical => Some("9.5"),
            Self::High => Some("8.0"),
            Self::Medium => Some("5.5"),
            Self::Low => Some("2.0"),
            Self::Info | Self::Possible => None,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
            Self::Info => "info",
            Self::Possible => "possible",
        }
    }

    /// How often such a result is right.
    fn precision(self) -> &'static str {
        match self {
            Self::Critical | Self::High | Self::Medium | Self::Low | Self::Info => "high",
            Self::Possible => "low",
        }
    }

    fn problem_severity(self) -> &'static str {
        match self.level() {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Note => "recommendation",
        }
    }
}

impl Rules {
    pub(super) fn of(findings: &[&Finding]) -> Self {
        let mut met: BTreeMap<(Rule, Weight), BTreeSet<Remedy>> = BTreeMap::new();
        for finding in findings {
            met.entry((finding.rule, Weight::of(finding))).or_default().extend(&finding.remedies);
        }
        Self(met.into_iter().map(|((rule, weight), remedies)| (rule, weight, remedies)).collect())
    }

    /// The id and the place of the rule that `finding`, one of those it was made of, breaks.
    pub(super) fn reference(&self, finding: &Finding) -> (String, usize) {
        let key = (finding.rule, Weight::of(finding));
        let index = self.0.partition_point(|(rule, weight, _)| (*rule, *weight) < key);
        (id(key.0, key.1), index)
    }

    pub(super) fn descriptors(&self, lang: Lang) -> Vec<Descriptor> {
        self.0.iter().map(|(rule, weight, remedies)| descriptor(*rule, *weight, remedies, lang)).collect()
    }
}

fn id(rule: Rule, weight: Weight) -> String {
    format!("{}/{}", rule.as_str(), weight.as_str())
}

fn descriptor(broken: Rule, weight: Weight, remedies: &BTreeSet<Remedy>, lang: Lang) -> Descriptor {
    let text = rule(broken);
    let why = if weight == Weight::Possible { p::WHY_POSSIBLE } else { text.why };
    let mut properties = Properties::new();
    properties.insert("tags".to_owned(), json!(["gdpr", "personal-data", "privacy", "security"]));
    properties.insert("precision".to_owned(), json!(weight.precision()));
    properties.insert("problem.severity".to_owned(), json!(weight.problem_severity()));
    if let Some(severity) = weight.security_severity() {
        properties.insert("security-severity".to_owned(), json!(severity));
    }
    Descriptor {
        id: id(broken, weight),
        name: pascal_case(broken.as_str()),
        short_description: Text { text: text.name.to(lang).to_owned() },
        full_description: Text { text: why.to(lang).to_owned() },
        help: help(text.name.to(lang), why.to(lang), remedies, lang),
        default_configuration: Configuration { level: weight.level() },
        properties,
    }
}

/// How to mend what breaks a rule. All of it is our own words: nothing from a site is in it.
fn help(name: &str, why: &str, remedies: &BTreeSet<Remedy>, lang: Lang) -> Help {
    let mut text = format!("{name}. {why}\n");
    let mut markdown = format!("**{name}.** {why}\n");
    for way in remedies {
        let words = remedy(*way);
        let (title, how) = (words.title.to(lang), words.how.to(lang));
        let _ = writeln!(text, "\n- {title}. {how}");
        let _ = writeln!(markdown, "\n- **{title}.** {how} (`{}`)", anchor(*way));
        if let Some(example) = words.example {
            let _ = writeln!(text, "  {}", example.replace('\n', "\n  "));
            let _ = writeln!(markdown, "\n  ```\n  {}\n  ```", example.replace('\n', "\n  "));
        }
    }
    Help { text, markdown }
}

/// `CprInReferer`.
pub(super) fn pascal_case(id: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect::<String>()
    };
    id.split('-').map(word).collect()
}
