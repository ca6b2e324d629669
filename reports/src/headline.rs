//! The sentences that sum up: the headline of a report, what stands below it, and the verdict on a system.

use model::{RecipientRecord, Standing, SystemResult, Verdict};

use crate::inert::Inert;
use crate::lang::{Lang, Text, capitalised};
use crate::summary::{Extract, is_number, leaks};
use crate::texts::phrases as p;

/// More systems than this are counted, not named.
const MAX_NAMED: usize = 3;

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
/// to others from one that stayed and from a recipient that is merely not listed.
pub(crate) fn verdict(system: &SystemResult, findings: &Extract<'_>) -> VerdictText {
    match system.verdict {
        Verdict::Leaking if findings.findings.iter().any(|finding| leaks(finding)) => VerdictText {
            tone: Tone::Leak,
            label: Text { da: "Læk af personnumre", en: "Leaks personal numbers" },
            meaning: Text {
                da: "Personnumre forlader systemet til modtagere uden for det.",
                en: "Personal numbers leave the system for recipients outside it.",
            },
        },
        Verdict::Leaking if findings.findings.iter().any(|finding| is_number(finding)) => VerdictText {
            tone: Tone::Leak,
            label: Text { da: "Eksponerer personnumre", en: "Exposes personal numbers" },
            meaning: Text {
                da: "Personnumre står, hvor de ikke må stå, men andre modtagere er ikke set.",
                en: "Personal numbers stand where they must not, but no outside recipient was seen.",
            },
        },
        Verdict::Leaking => VerdictText {
            tone: Tone::Warn,
            label: Text { da: "Fund at tage stilling til", en: "Findings to consider" },
            meaning: Text {
                da: "Der er fund, men intet sikkert personnummer er set forlade systemet.",
                en: "There are findings, but no certain personal number was seen leaving the system.",
            },
        },
        Verdict::Incomplete => VerdictText {
            tone: Tone::Warn,
            label: Text { da: "Ufuldstændigt undersøgt", en: "Incompletely seen" },
            meaning: Text {
                da: "Intet blev fundet, men ikke alt blev set. Det er ikke en frikendelse.",
                en: "Nothing was found, but not everything was seen. This does not clear the system.",
            },
        },
        Verdict::NotCovered => VerdictText {
            tone: Tone::Unknown,
            label: Text { da: "Ikke undersøgt", en: "Not covered" },
            meaning: Text {
                da: "Undersøgelsen kom ikke længere end til hoveddøren. Der kan intet siges om systemet.",
                en: "The audit came no further than the front door. Nothing can be said about the system.",
            },
        },
        Verdict::Clean => VerdictText {
            tone: Tone::Clean,
            label: Text { da: "Ingen fund", en: "No findings" },
            meaning: Text {
                da: "Intet blev fundet, og alt, der skulle ses, blev set.",
                en: "Nothing was found, and all that was to be seen was seen.",
            },
        },
    }
}

/// The one sentence that a director reads.
pub(crate) fn headline(part: &Extract<'_>, lang: Lang) -> String {
    if part.systems.is_empty() && part.findings.is_empty() {
        return p::NOTHING_AUDITED.to(lang).to_owned();
    }
    let recipients = part.recipients_of_numbers();
    if !recipients.is_empty() {
        let who = recipients_in_words(&recipients, lang);
        let pages = part.pages_with_numbers().len();
        let from = names(&part.systems_where(leaks), lang);
        let pages = if pages == 0 { String::new() } else { p::PAGES.in_words(count(pages), lang) };
        return match (lang, pages.is_empty()) {
            (Lang::Da, true) => format!("{who} fik personnumre fra {from}."),
            (Lang::Da, false) => format!("{who} fik personnumre fra {from}, fra {pages}."),
            (Lang::En, true) => format!("{who} received personal numbers from {from}."),
            (Lang::En, false) => format!("{who} received personal numbers from {from}, from {pages}."),
        };
    }
    if part.findings.iter().any(|finding| is_number(finding)) {
        let from = capitalised(&names(&part.systems_where(is_number), lang));
        return match lang {
            Lang::Da => format!("{from} eksponerer personnumre; andre modtagere er ikke set."),
            Lang::En => format!("Personal numbers are exposed by {}; no outside recipient was seen.", uncapital(&from)),
        };
    }
    if part.findings.iter().any(|finding| finding.evidence.is_some()) {
        return p::ONLY_POSSIBLE.to(lang).to_owned();
    }
    let unlisted = part.unlisted_recipients();
    if !unlisted.is_empty() {
        let who = capitalised(&p::RECIPIENTS.in_words(count(unlisted.len()), lang));
        return match (lang, unlisted.len()) {
            (Lang::Da, _) => format!("{who} uden for listen blev kontaktet; intet personnummer er set sendt dertil."),
            (Lang::En, 1) => format!("{who} not on the list was contacted; no personal number was seen sent there."),
            (Lang::En, _) => format!("{who} not on the list were contacted; no personal number was seen sent there."),
        };
    }
    nothing_found(part, lang)
}

/// What a reader must know beside the headline, a sentence or two each.
pub(crate) fn lede(part: &Extract<'_>, lang: Lang) -> Vec<String> {
    let mut sentences = Vec::new();
    if !part.recipients_of_numbers().is_empty() {
        sentences.push(named_recipients(part, lang));
    }
    if part.findings.iter().any(|finding| is_number(finding)) {
        let whose = if part.only_test_persons() { p::ONLY_TEST_PERSONS } else { p::OTHER_PERSONS };
        sentences.push(whose.to(lang).to_owned());
    }
    let with = |verdict: Verdict| -> Vec<&SystemResult> {
        part.systems.iter().copied().filter(|system| system.verdict == verdict).collect()
    };
    // A single system's own verdict is the headline already.
    if part.systems.len() > 1 {
        for verdict in [Verdict::Incomplete, Verdict::NotCovered, Verdict::Clean] {
            let systems = with(verdict);
            if !systems.is_empty() {
                sentences.push(of_systems(verdict, &names(&systems, lang), lang));
            }
        }
    }
    sentences
}

/// `Adobe Inc. (adobe.test)`, or the domain alone.
pub(crate) fn who(recipient: &RecipientRecord) -> String {
    let domain = Inert::from(&recipient.domain);
    match recipient.legal_name.as_deref() {
        Some(name) => format!("{} ({domain})", Inert::new(name)),
        None => domain.to_string(),
    }
}

/// `TastSelv, e-Moms og LetLøn`, or how many.
pub(crate) fn names(systems: &[&SystemResult], lang: Lang) -> String {
    if systems.is_empty() {
        return p::THE_TRAFFIC.to(lang).to_owned();
    }
    if systems.len() > MAX_NAMED {
        return p::SYSTEMS.in_words(count(systems.len()), lang);
    }
    lang.list(&systems.iter().map(|system| Inert::short(system.name.as_str(), 60)).collect::<Vec<_>>())
}

/// A length as the reports count.
pub(crate) fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// `Tre virksomheder` when all are named companies, else `Tre modtagere`.
fn recipients_in_words(recipients: &[&RecipientRecord], lang: Lang) -> String {
    let is_company = |r: &&RecipientRecord| r.legal_name.is_some() && r.standing != Standing::Public;
    let noun = if recipients.iter().all(is_company) { p::COMPANIES } else { p::RECIPIENTS };
    capitalised(&noun.in_words(count(recipients.len()), lang))
}

fn named_recipients(part: &Extract<'_>, lang: Lang) -> String {
    let recipients = part.recipients_of_numbers();
    let shown: Vec<String> = recipients.iter().take(6).map(|recipient| who(recipient)).collect();
    let left = recipients.len() - shown.len();
    let list = if left == 0 { lang.list(&shown) } else { shown.join(", ") };
    match (lang, left) {
        (Lang::Da, 0) => format!("Numrene gik til {list}."),
        (Lang::Da, _) => format!("Numrene gik til {list} og {left} andre."),
        (Lang::En, 0) => format!("The numbers went to {list}."),
        (Lang::En, _) => format!("The numbers went to {list} and {left} others."),
    }
}

fn of_systems(verdict: Verdict, names: &str, lang: Lang) -> String {
    match (verdict, lang) {
        (Verdict::Leaking, Lang::Da) => format!("{names}: der er fund."),
        (Verdict::Leaking, Lang::En) => format!("{names}: there are findings."),
        (Verdict::Incomplete, Lang::Da) => format!("{names}: intet fundet, men ikke alt blev set."),
        (Verdict::Incomplete, Lang::En) => format!("{names}: nothing found, but not everything was seen."),
        (Verdict::NotCovered, Lang::Da) => format!("{names}: ikke undersøgt, så der kan intet siges herom."),
        (Verdict::NotCovered, Lang::En) => format!("{names}: not covered, so nothing can be said about it."),
        (Verdict::Clean, Lang::Da) => format!("{names}: intet fundet, og alt, der skulle ses, blev set."),
        (Verdict::Clean, Lang::En) => format!("{names}: nothing found, and all that was to be seen was seen."),
    }
}

fn nothing_found(part: &Extract<'_>, lang: Lang) -> String {
    let names = names(&part.systems, lang);
    let self_test_failed = part.scan.self_test.as_ref().is_some_and(|test| !test.passed());
    let all = |verdict: Verdict| part.systems.iter().all(|system| system.verdict == verdict);
    if self_test_failed {
        return p::VOID.to(lang).to_owned();
    }
    if all(Verdict::NotCovered) {
        return match lang {
            Lang::Da => format!("{} er ikke undersøgt: der kan intet siges herom.", capitalised(&names)),
            Lang::En => format!("Not covered: nothing can be said about {names}."),
        };
    }
    if all(Verdict::Clean) && part.blind_spots.is_empty() {
        return match lang {
            Lang::Da => format!("Der er ikke set personnumre forlade {names}, og alt, der skulle ses, blev set."),
            Lang::En => {
                format!("No personal number was seen leaving {names}, and all that was to be seen was seen.")
            }
        };
    }
    match lang {
        Lang::Da => format!("Der er ikke set personnumre forlade {names}, men ikke alt blev set."),
        Lang::En => format!("No personal number was seen leaving {names}, but not everything was seen."),
    }
}

/// `two systems` in the middle of a sentence; a name keeps its capital.
fn uncapital(text: &str) -> String {
    let words = p::SYSTEMS.many.en;
    if text.ends_with(words) { text.to_lowercase() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[track_caller]
    fn case(scan: &model::Scan, da: &str, en: &str) {
        let whole = Extract::whole(scan);
        assert_eq!(headline(&whole, Lang::Da), da);
        assert_eq!(headline(&whole, Lang::En), en);
    }

    #[test]
    fn the_headline_names_system_recipients_and_pages() {
        case(
            &sample::scan(),
            "Tre virksomheder fik personnumre fra TastSelv Borger, fra to sider.",
            "Three companies received personal numbers from TastSelv Borger, from two pages.",
        );
    }

    #[test]
    fn a_recipient_nobody_has_named_is_no_company() {
        let mut scan = sample::scan();
        for finding in &mut scan.findings {
            finding.recipient.legal_name = None;
        }
        assert!(headline(&Extract::whole(&scan), Lang::En).starts_with("Three recipients received"));
    }

    #[test]
    fn numbers_in_own_addresses_only_are_said_to_be_exposed() {
        let mut scan = sample::scan();
        scan.findings.retain(|finding| finding.recipient.standing == Standing::Own);
        case(
            &scan,
            "TastSelv Borger eksponerer personnumre; andre modtagere er ikke set.",
            "Personal numbers are exposed by TastSelv Borger; no outside recipient was seen.",
        );
    }

    #[test]
    fn a_system_not_covered_is_never_said_to_be_clean() {
        let mut scan = sample::scan();
        scan.findings.clear();
        scan.systems.retain(|system| system.verdict == Verdict::NotCovered);
        case(
            &scan,
            "Årsopgørelse Erhverv er ikke undersøgt: der kan intet siges herom.",
            "Not covered: nothing can be said about Årsopgørelse Erhverv.",
        );
    }

    #[test]
    fn clean_is_said_only_without_blind_spots_and_with_a_passed_self_test() {
        let mut scan = sample::scan();
        scan.findings.clear();
        scan.systems.retain(|system| system.verdict == Verdict::Clean);
        assert!(headline(&Extract::whole(&scan), Lang::En).ends_with("but not everything was seen."));
        scan.blind_spots.clear();
        assert!(headline(&Extract::whole(&scan), Lang::En).ends_with("all that was to be seen was seen."));
        scan.self_test.as_mut().unwrap().probes[0].found = false;
        assert_eq!(headline(&Extract::whole(&scan), Lang::En), p::VOID.en);
    }

    #[test]
    fn a_possible_number_and_an_unlisted_recipient_are_told_from_a_leak() {
        let mut scan = sample::scan();
        scan.findings.retain(|finding| !is_number(finding));
        assert_eq!(headline(&Extract::whole(&scan), Lang::Da), p::ONLY_POSSIBLE.da);
        scan.findings.retain(|finding| finding.evidence.is_none());
        assert!(headline(&Extract::whole(&scan), Lang::En).starts_with("One recipient not on the list"));
    }

    #[test]
    fn numbers_that_are_no_test_persons_call_for_a_decision() {
        let mut scan = sample::scan();
        assert!(lede(&Extract::whole(&scan), Lang::Da).contains(&p::ONLY_TEST_PERSONS.da.to_owned()));
        scan.findings[0].persons = 7;
        assert!(lede(&Extract::whole(&scan), Lang::Da).contains(&p::OTHER_PERSONS.da.to_owned()));
    }
}
