//! The verdict on a system in words, and how it is marked.

use model::{Coverage, Scan, SystemResult, Verdict};

use crate::lang::Text;
use crate::summary::{
    Extract, Instrument, instrument, is_information, is_number, is_possible, is_sure, leaks, reached, was_stopped,
};

/// How a verdict is shown beside its words; never by colour alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Tone {
    /// Numbers went out.
    Leak,
    /// Something is to be looked into.
    Warn,
    /// Nothing can be said.
    Unknown,
    /// Nothing found, and all seen.
    Clean,
}

/// What is said of a system.
#[derive(Clone, Copy, Debug)]
pub(crate) struct VerdictText {
    pub(crate) tone: Tone,
    /// Two or three words.
    pub(crate) label: Text,
    /// A sentence.
    pub(crate) meaning: Text,
}

impl Tone {
    /// Its name in the style sheet.
    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::Leak => "leak",
            Self::Warn => "warn",
            Self::Unknown => "unknown",
            Self::Clean => "clean",
        }
    }
}

/// The verdict on `system` in words. "Leaking" in the scan covers all findings; the words tell a number that went
/// to others from one that stayed, from one that never got there, and from a recipient that is merely not listed. A
/// mere date is no leak in the scan, and still never "nothing found".
pub(crate) fn verdict(system: &SystemResult, findings: &Extract<'_>) -> VerdictText {
    let possible = findings.has(is_possible);
    match state(findings.scan, system) {
        Verdict::Leaking => of_findings(findings),
        Verdict::Clean if possible => POSSIBLE,
        Verdict::Incomplete | Verdict::NotCovered if possible => POSSIBLE_INCOMPLETE,
        Verdict::Clean if findings.has(is_information) => INFORMATION,
        Verdict::Incomplete | Verdict::NotCovered if findings.has(is_information) => INFORMATION_INCOMPLETE,
        Verdict::NotCovered => VerdictText {
            tone: Tone::Unknown,
            label: Text { da: "Ikke undersøgt", en: "Not covered" },
            meaning: not_covered(&system.coverage),
        },
        Verdict::Clean => VerdictText {
            tone: Tone::Clean,
            label: Text { da: "Ingen fund", en: "No findings" },
            meaning: Text {
                da: "Intet blev fundet, og alt planlagt blev undersøgt.",
                en: "Nothing was found, and all that was to be seen was seen.",
            },
        },
        Verdict::Incomplete => VerdictText {
            tone: Tone::Warn,
            label: Text { da: "Ufuldstændigt undersøgt", en: "Incompletely seen" },
            meaning: Text {
                da: "Intet blev fundet, men undersøgelsen er ikke fuldstændig. Det er ikke en frikendelse.",
                en: "Nothing was found, but not everything was seen. This does not clear the system.",
            },
        },
    }
}

/// The verdict of `scan` on `system`; what an untested or blind instrument calls clean is incomplete.
pub(crate) fn state(scan: &Scan, system: &SystemResult) -> Verdict {
    match (system.verdict, instrument(scan)) {
        (Verdict::Clean, Instrument::Failed | Instrument::Unfinished) => Verdict::Incomplete,
        (verdict, _) => verdict,
    }
}

const POSSIBLE: VerdictText = VerdictText {
    tone: Tone::Warn,
    label: Text { da: "Kun mulige personnumre", en: "Possible numbers only" },
    meaning: Text {
        da: "Der er kun set mulige personnumre: ti cifre, der begynder med en dato. En person bør se på dem.",
        en: "Only possible numbers were seen: ten digits that begin with a date. A person should look at them.",
    },
};

const POSSIBLE_INCOMPLETE: VerdictText = VerdictText {
    meaning: Text {
        da: "Der er kun set mulige personnumre: ti cifre, der begynder med en dato. En person bør se på dem. \
             Undersøgelsen er ikke fuldstændig.",
        en: "Only possible numbers were seen: ten digits that begin with a date. A person should look at them. Not \
             everything was seen.",
    },
    ..POSSIBLE
};

const INFORMATION: VerdictText = VerdictText {
    tone: Tone::Warn,
    label: Text { da: "Kun fund til orientering", en: "Findings for information only" },
    meaning: Text {
        da: "Der er ikke set personnumre, men værdier, der kan stå for én bestemt person.",
        en: "No personal number was seen, but values that may stand for one person.",
    },
};

const INFORMATION_INCOMPLETE: VerdictText = VerdictText {
    meaning: Text {
        da: "Der er ikke set personnumre, men værdier, der kan stå for én bestemt person. Undersøgelsen er ikke \
             fuldstændig.",
        en: "No personal number was seen, but values that may stand for one person. Not everything was seen.",
    },
    ..INFORMATION
};

fn of_findings(findings: &Extract<'_>) -> VerdictText {
    if findings.has(|finding| reached(finding) && is_sure(finding)) {
        return VerdictText {
            tone: Tone::Leak,
            label: Text { da: "Læk af personnumre", en: "Leaks personal numbers" },
            meaning: Text {
                da: "Personnumre sendes fra systemet til modtagere uden for det.",
                en: "Personal numbers leave the system for recipients outside it.",
            },
        };
    }
    if findings.has(reached) {
        return VerdictText {
            tone: Tone::Leak,
            label: Text { da: "Sandsynlig læk af personnumre", en: "Probably leaks personal numbers" },
            meaning: Text {
                da: "Det, der sandsynligvis er personnumre, sendes fra systemet til modtagere uden for det.",
                en: "What are probably personal numbers leave the system for recipients outside it.",
            },
        };
    }
    if findings.has(leaks) && !findings.has(|finding| leaks(finding) && !was_stopped(finding)) {
        return VerdictText {
            tone: Tone::Leak,
            label: Text { da: "Forsøger at sende personnumre", en: "Tries to send personal numbers" },
            meaning: Text {
                da: "Systemet forsøgte at sende personnumre til modtagere uden for det. cprvagt standsede dem, før de \
                     blev sendt.",
                en: "The system tried to send personal numbers to recipients outside it. cprvagt stopped them before \
                     they left.",
            },
        };
    }
    if findings.has(leaks) {
        return VerdictText {
            tone: Tone::Leak,
            label: Text { da: "Forsøger at sende personnumre", en: "Tries to send personal numbers" },
            meaning: Text {
                da: "Systemet forsøgte at sende personnumre til modtagere uden for det. Der blev ikke oprettet \
                     forbindelse i denne kørsel.",
                en: "The system tried to send personal numbers to recipients outside it. No connection was made in \
                     this run.",
            },
        };
    }
    if findings.has(is_number) {
        return VerdictText {
            tone: Tone::Leak,
            label: Text { da: "Eksponerer personnumre", en: "Exposes personal numbers" },
            meaning: Text {
                da: "Personnumre står, hvor de ikke må stå, men der er ikke set modtagere uden for systemet.",
                en: "Personal numbers stand where they must not, but no outside recipient was seen.",
            },
        };
    }
    VerdictText {
        tone: Tone::Warn,
        label: Text { da: "Fund at tage stilling til", en: "Findings to consider" },
        meaning: Text {
            da: "Der er fund, men der er ikke set sikre personnumre sendt fra systemet.",
            en: "There are findings, but no certain personal number was seen leaving the system.",
        },
    }
}

/// How far it came: a login page is told from one that failed and from a system that was never begun.
fn not_covered(coverage: &Coverage) -> Text {
    if coverage.pages.iter().any(|page| page.outcome == "login-required") {
        return Text {
            da: "Undersøgelsen kom ikke videre end til login-siden. Rapporten siger intet om systemet.",
            en: "The audit came no further than the login page. Nothing can be said about the system.",
        };
    }
    if coverage.pages.is_empty() && coverage.requests == 0 {
        return Text {
            da: "Systemet blev ikke besøgt. Rapporten siger intet om det.",
            en: "The system was not visited. Nothing can be said about it.",
        };
    }
    Text {
        da: "Ingen af systemets sider kunne indlæses. Rapporten siger intet om systemet.",
        en: "None of the system's pages loaded. Nothing can be said about the system.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::Lang;
    use crate::sample;
    use model::Evidence;

    fn said(scan: &Scan, at: usize) -> VerdictText {
        verdict(&scan.systems[at], &Extract::of_system(scan, &scan.systems[at]))
    }

    #[test]
    fn mere_dates_are_a_matter_for_a_person_whatever_the_scan_says() {
        for (verdict, also) in [(Verdict::Clean, false), (Verdict::Incomplete, true), (Verdict::NotCovered, true)] {
            let mut scan = sample::scan();
            scan.findings.retain(is_possible);
            scan.systems[0].verdict = verdict;
            let said = said(&scan, 0);
            assert_eq!((said.tone, said.label), (Tone::Warn, POSSIBLE.label));
            assert_eq!(said.meaning.en.contains("Not everything was seen"), also);
            assert!(!said.meaning.en.contains("othing was found"));
        }
    }

    #[test]
    fn a_finding_for_information_is_never_said_to_be_nothing() {
        for (verdict, also) in [(Verdict::Clean, false), (Verdict::Incomplete, true), (Verdict::NotCovered, true)] {
            let mut scan = sample::scan();
            scan.findings.retain(|finding| finding.evidence.is_none());
            scan.findings[0].rule = model::Rule::PersonTokenToThirdParty;
            scan.findings[0].severity = model::Severity::Info;
            scan.systems[0].verdict = verdict;
            let said = said(&scan, 0);
            assert_eq!((said.tone, said.label), (Tone::Warn, INFORMATION.label));
            assert_eq!(said.meaning.en.contains("Not everything was seen"), also);
            let part = Extract::of_system(&scan, &scan.systems[0]);
            let counted = crate::closing::covered(&scan.systems[0], &part, Lang::En);
            assert!(counted.starts_with("0 findings, 1 for information; "), "{counted}");
        }
    }

    #[test]
    fn what_only_looks_like_a_number_and_what_never_got_there_are_not_said_to_leak() {
        let mut scan = sample::scan();
        assert_eq!(said(&scan, 0).label.en, "Leaks personal numbers");
        for finding in scan.findings.iter_mut().filter(|finding| is_number(finding)) {
            finding.evidence = Some(Evidence::E3);
        }
        assert_eq!(said(&scan, 0).label.en, "Probably leaks personal numbers");
        for finding in &mut scan.findings {
            finding.undelivered = finding.transmissions;
        }
        assert_eq!(said(&scan, 0).label.en, "Tries to send personal numbers");
    }

    #[test]
    fn how_far_it_came_is_said_as_it_is() {
        let mut scan = sample::scan();
        assert!(said(&scan, 2).meaning.to(Lang::Da).contains("login-siden"));
        scan.systems[2].coverage.pages[0].outcome = "failed".to_owned();
        assert!(said(&scan, 2).meaning.to(Lang::En).starts_with("None of the system's pages"));
        scan.systems[2].coverage = Coverage::default();
        assert!(said(&scan, 2).meaning.to(Lang::En).starts_with("The system was not visited"));
    }

    #[test]
    fn without_a_whole_self_test_no_system_is_clean() {
        let mut scan = sample::scan();
        assert_eq!(said(&scan, 1).tone, Tone::Clean);
        scan.self_test = None;
        assert_eq!(said(&scan, 1).tone, Tone::Warn);
    }
}
