//! The sentences that sum up: the headline of a report and what stands below it.

use model::{RecipientRecord, Rule, SystemResult, Verdict};

use crate::consent::{in_spite, is_in_spite};
use crate::lang::{Lang, capitalised};
use crate::naming::{count, is_certain_leak, names, recipients_in_words, recipients_named};
use crate::summary::{
    Extract, Instrument, Whose, instrument, is_information, is_number, is_possible, is_sure, leaks, reached,
    was_stopped,
};
use crate::texts::phrases as p;
use crate::verdict::state;

/// What was seen of a system that does not leak.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Seen {
    Possible,
    Information,
    Nothing,
}

impl Seen {
    fn of(part: &Extract<'_>) -> Self {
        match (part.has(is_possible), part.has(is_information)) {
            (true, _) => Self::Possible,
            (false, true) => Self::Information,
            (false, false) => Self::Nothing,
        }
    }
}

/// The one sentence that a director reads.
pub(crate) fn headline(part: &Extract<'_>, lang: Lang) -> String {
    if part.systems.is_empty() && part.findings.is_empty() {
        return p::NOTHING_AUDITED.to(lang).to_owned();
    }
    if part.has(reached) {
        return who_got_numbers(part, lang);
    }
    if part.has(leaks) {
        return who_was_tried(part, lang);
    }
    if part.has(is_number) {
        return exposed(part, lang);
    }
    if part.has(is_possible) {
        return p::ONLY_POSSIBLE.to(lang).to_owned();
    }
    if let Some(told) = told_without_number(part, lang) {
        return told;
    }
    let unlisted = part.recipients_where(|finding| finding.rule == Rule::UnlistedRecipient);
    if !unlisted.is_empty() {
        let who = capitalised(&p::RECIPIENTS.in_words(count(unlisted.len()), lang));
        return match (lang, unlisted.len()) {
            (Lang::Da, 1) => {
                format!("{who}, der ikke står i registret, blev kontaktet; intet personnummer er set sendt dertil.")
            }
            (Lang::Da, _) => {
                format!("{who}, der ikke står i registret, blev kontaktet; ingen personnumre er set sendt dertil.")
            }
            (Lang::En, 1) => format!("{who} not on the list was contacted; no personal number was seen sent there."),
            (Lang::En, _) => format!("{who} not on the list were contacted; no personal number was seen sent there."),
        };
    }
    nothing_found(part, lang)
}

/// Who learned of sensitive pages; when there is nothing worse than values that may stand for a person, who got those.
fn told_without_number(part: &Extract<'_>, lang: Lang) -> Option<String> {
    let of = |rule: Rule| part.recipients_where(|finding| finding.rule == rule);
    let in_words = |some: &[&RecipientRecord]| capitalised(&p::RECIPIENTS.in_words(count(some.len()), lang));
    let sensitive = of(Rule::SensitiveContextToThirdParty);
    if !sensitive.is_empty() {
        let who = in_words(&sensitive);
        return Some(match lang {
            Lang::Da => {
                format!("{who} fik adresse eller titel på sider om følsomme forhold; intet personnummer er set.")
            }
            Lang::En => {
                format!("{who} got the address or title of pages on sensitive matters; no personal number was seen.")
            }
        });
    }
    if part.has(|finding| finding.rule.is_of_page()) && of(Rule::UnlistedRecipient).is_empty() {
        let from = capitalised(&names(&part.systems_where(|finding| finding.rule.is_of_page()), lang));
        return Some(match lang {
            Lang::Da => format!("{from} har sider, hvor personnumre kan slippe ud; ingen er set sendt til andre."),
            Lang::En => format!("{from}: pages let personal numbers get out; none was seen sent to others."),
        });
    }
    let tokens = of(Rule::PersonTokenToThirdParty);
    if tokens.is_empty() || !of(Rule::UnlistedRecipient).is_empty() {
        return None;
    }
    let who = in_words(&tokens);
    Some(match lang {
        Lang::Da => format!("{who} fik værdier, der kan stå for én bestemt person; intet personnummer er set."),
        Lang::En => format!("{who} got values that may stand for one person; no personal number was seen."),
    })
}

/// What a reader must know beside the headline, a sentence or two each.
pub(crate) fn lede(part: &Extract<'_>, lang: Lang) -> Vec<String> {
    let mut sentences = recipients_named(part, lang);
    if let Some(whose) = part.whose() {
        let said = match whose {
            Whose::TestPersons => p::ONLY_TEST_PERSONS,
            Whose::Mixed => p::SOME_OTHER_PERSONS,
            Whose::Others => p::OTHER_PERSONS,
        };
        sentences.push(said.to(lang).to_owned());
    }
    let defied = part.findings.iter().filter(|finding| is_in_spite(finding)).count();
    sentences.extend(in_spite(count(defied), lang));
    let in_state = |verdict: Verdict, seen: Seen| -> Vec<&SystemResult> {
        let is = |system: &&SystemResult| {
            let own = Extract::of_system(part.scan, system);
            state(part.scan, system) == verdict && Seen::of(&own) == seen
        };
        part.systems.iter().copied().filter(is).collect()
    };
    // The headline has told of a single system already, unless it tells of findings.
    if part.systems.len() > 1 || !part.findings.is_empty() {
        for verdict in [Verdict::Incomplete, Verdict::NotCovered, Verdict::Clean] {
            for seen in [Seen::Possible, Seen::Information, Seen::Nothing] {
                let systems = in_state(verdict, seen);
                if !systems.is_empty() {
                    sentences.push(of_systems(verdict, seen, &systems, lang));
                }
            }
        }
    }
    sentences
}

/// Counts those of whom it is certain, if there are any; the others are told of below.
fn who_got_numbers(part: &Extract<'_>, lang: Lang) -> String {
    let is_certain = part.has(is_certain_leak);
    let counts = if is_certain { is_certain_leak } else { reached };
    let who = recipients_in_words(&part.recipients_where(counts), lang);
    let from = names(&part.systems_where(counts), lang);
    let pages = part.pages_where(counts).len();
    let from = match (lang, pages) {
        (Lang::Da | Lang::En, 0) => from,
        (Lang::Da, _) => format!("{} i {from}", p::PAGES.in_words(count(pages), lang)),
        (Lang::En, _) => format!("{} of {from}", p::PAGES.in_words(count(pages), lang)),
    };
    match (lang, is_certain) {
        (Lang::Da, true) => format!("{who} fik personnumre fra {from}."),
        (Lang::Da, false) => format!("{who} fik sandsynligvis personnumre fra {from}."),
        (Lang::En, true) => format!("{who} received personal numbers from {from}."),
        (Lang::En, false) => format!("{who} probably received personal numbers from {from}."),
    }
}

fn who_was_tried(part: &Extract<'_>, lang: Lang) -> String {
    let from = capitalised(&names(&part.systems_where(leaks), lang));
    let recipients = p::RECIPIENTS.in_words(count(part.recipients_where(leaks).len()), lang);
    let numbers = if part.has(|finding| leaks(finding) && is_sure(finding)) { p::NUMBERS } else { p::LIKELY_NUMBERS };
    let numbers = numbers.to(lang);
    let stopped = !part.has(|finding| leaks(finding) && !was_stopped(finding));
    match (lang, stopped) {
        (Lang::Da, false) => {
            format!("{from} forsøgte at sende {numbers} til {recipients}; der blev ikke oprettet forbindelse.")
        }
        (Lang::En, false) => format!("{from} tried to send {numbers} to {recipients}; no connection was made."),
        (Lang::Da, true) => {
            format!("{from} forsøgte at sende {numbers} til {recipients}; cprvagt standsede dem, før de blev sendt.")
        }
        (Lang::En, true) => {
            format!("{from} tried to send {numbers} to {recipients}; cprvagt stopped them before they left.")
        }
    }
}

fn exposed(part: &Extract<'_>, lang: Lang) -> String {
    let systems = part.systems_where(is_number);
    let numbers = if part.has(is_sure) { p::NUMBERS } else { p::LIKELY_NUMBERS }.to(lang);
    let from = names(&systems, lang);
    match (lang, systems.len()) {
        (Lang::Da, 0 | 1) => {
            format!("{} eksponerer {numbers}; der er ikke set modtagere uden for systemet.", capitalised(&from))
        }
        (Lang::Da, _) => {
            format!("{} eksponerer {numbers}; der er ikke set modtagere uden for systemerne.", capitalised(&from))
        }
        (Lang::En, _) => {
            format!("{} are exposed by {from}; no outside recipient was seen.", capitalised(numbers))
        }
    }
}

fn of_systems(verdict: Verdict, seen: Seen, systems: &[&SystemResult], lang: Lang) -> String {
    let name = capitalised(&names(systems, lang));
    let found = match (seen, lang) {
        (Seen::Possible, Lang::Da) => "kun mulige personnumre er fundet, som en person bør se på",
        (Seen::Possible, Lang::En) => "only possible numbers were found, which a person should look at",
        (Seen::Information, Lang::Da) => "kun fund til orientering",
        (Seen::Information, Lang::En) => "findings for information only",
        (Seen::Nothing, Lang::Da) => "intet fundet",
        (Seen::Nothing, Lang::En) => "nothing found",
    };
    match (verdict, lang, systems.len()) {
        (Verdict::Leaking, Lang::Da, _) => format!("{name}: der er fund."),
        (Verdict::Leaking, Lang::En, _) => format!("{name}: there are findings."),
        (Verdict::Incomplete, Lang::Da, _) => format!("{name}: {found}, men undersøgelsen er ikke fuldstændig."),
        (Verdict::Incomplete, Lang::En, _) => format!("{name}: {found}, but not everything was seen."),
        (Verdict::NotCovered, Lang::Da, 1) => {
            format!("{name} er ikke undersøgt, så rapporten siger intet om systemet.")
        }
        (Verdict::NotCovered, Lang::Da, _) => {
            format!("{name} er ikke undersøgt, så rapporten siger intet om systemerne.")
        }
        (Verdict::NotCovered, Lang::En, 1) => format!("{name} was not covered, so nothing can be said about it."),
        (Verdict::NotCovered, Lang::En, _) => format!("{name} were not covered, so nothing can be said about them."),
        (Verdict::Clean, Lang::Da, _) => format!("{name}: {found}, og alt planlagt blev undersøgt."),
        (Verdict::Clean, Lang::En, _) => format!("{name}: {found}, and all that was to be seen was seen."),
    }
}

/// Speaks of the systems that were covered, and says which were not.
fn nothing_found(part: &Extract<'_>, lang: Lang) -> String {
    match instrument(part.scan) {
        Instrument::Failed => return p::VOID.to(lang).to_owned(),
        Instrument::Unfinished => return p::UNTESTED.to(lang).to_owned(),
        Instrument::Passed | Instrument::None => {}
    }
    let (covered, uncovered): (Vec<&SystemResult>, Vec<&SystemResult>) =
        part.systems.iter().partition(|system| system.verdict != Verdict::NotCovered);
    let missed = names(&uncovered, lang);
    if covered.is_empty() {
        return match (lang, uncovered.len()) {
            (Lang::Da, 1) => format!("{missed} er ikke undersøgt: rapporten siger intet om systemet."),
            (Lang::Da, _) => format!("{} er ikke undersøgt: rapporten siger intet om dem.", capitalised(&missed)),
            (Lang::En, _) => format!("Not covered: nothing can be said about {missed}."),
        };
    }
    let name = names(&covered, lang);
    // What was not seen of a system that was not covered at all is told by its name.
    let all_seen = covered.iter().all(|system| system.verdict == Verdict::Clean) && part.run_blind_spots().is_empty();
    let seen = match (lang, all_seen) {
        (Lang::Da, true) => format!("Der er ikke set personnumre sendt fra {name}, og alt planlagt blev undersøgt"),
        (Lang::Da, false) => {
            format!("Der er ikke set personnumre sendt fra {name}, men undersøgelsen er ikke fuldstændig")
        }
        (Lang::En, true) => {
            format!("No personal number was seen leaving {name}, and all that was to be seen of it was seen")
        }
        (Lang::En, false) => format!("No personal number was seen leaving {name}, but not everything was seen"),
    };
    match (lang, uncovered.len()) {
        (Lang::Da | Lang::En, 0) => format!("{seen}."),
        (Lang::Da, _) => format!("{seen}. {} er ikke undersøgt.", capitalised(&missed)),
        (Lang::En, 1) => format!("{seen}. {} was not covered.", capitalised(&missed)),
        (Lang::En, _) => format!("{seen}. {} were not covered.", capitalised(&missed)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use model::{Evidence, Scan, Standing};

    #[track_caller]
    fn case(scan: &Scan, da: &str, en: &str) {
        let whole = Extract::whole(scan);
        assert_eq!(headline(&whole, Lang::Da), da);
        assert_eq!(headline(&whole, Lang::En), en);
    }

    fn all_at(evidence: Evidence) -> Scan {
        let mut scan = sample::scan();
        scan.findings.retain(|finding| finding.evidence.is_some());
        for finding in &mut scan.findings {
            finding.evidence = Some(evidence);
        }
        scan
    }

    #[test]
    fn the_headline_names_system_recipients_and_pages() {
        case(
            &sample::scan(),
            "Tre virksomheder fik personnumre fra to sider i TastSelv Borger.",
            "Three companies received personal numbers from two pages of TastSelv Borger.",
        );
    }

    #[test]
    fn the_systems_own_pages_are_not_among_those_that_leaked() {
        let mut scan = sample::scan();
        let mut own = scan.findings[3].clone();
        own.page = sample::own("https://www.tastselv.test/egen");
        scan.findings.push(own);
        case(
            &scan,
            "Tre virksomheder fik personnumre fra to sider i TastSelv Borger.",
            "Three companies received personal numbers from two pages of TastSelv Borger.",
        );
    }

    #[test]
    fn what_is_only_probable_is_said_to_be_so() {
        case(
            &all_at(Evidence::E3),
            "Tre virksomheder fik sandsynligvis personnumre fra to sider i TastSelv Borger.",
            "Three companies probably received personal numbers from two pages of TastSelv Borger.",
        );
        let mut scan = sample::scan();
        scan.findings[2].evidence = Some(Evidence::E3);
        case(
            &scan,
            "To virksomheder fik personnumre fra to sider i TastSelv Borger.",
            "Two companies received personal numbers from two pages of TastSelv Borger.",
        );
        assert!(lede(&Extract::whole(&scan), Lang::En)[1].starts_with("Personal numbers probably also went to"));
    }

    #[test]
    fn what_was_stopped_is_said_to_have_been() {
        let mut scan = sample::scan();
        for finding in &mut scan.findings {
            (finding.undelivered, finding.blocked) = (finding.transmissions, finding.transmissions);
        }
        case(
            &scan,
            "TastSelv Borger forsøgte at sende personnumre til tre modtagere; cprvagt standsede dem, før de blev sendt.",
            "TastSelv Borger tried to send personal numbers to three recipients; cprvagt stopped them before they left.",
        );
        let whole = Extract::whole(&scan);
        let verdict = crate::verdict::verdict(whole.systems[0], &Extract::of_system(&scan, whole.systems[0]));
        assert!(verdict.meaning.en.contains("cprvagt stopped them"), "{}", verdict.meaning.en);
        (scan.findings[0].undelivered, scan.findings[0].blocked) = (0, 0);
        assert!(lede(&Extract::whole(&scan), Lang::Da)[1].ends_with("men cprvagt standsede dem."));
    }

    #[test]
    fn who_was_never_reached_got_nothing() {
        let mut scan = sample::scan();
        for finding in &mut scan.findings {
            finding.undelivered = finding.transmissions;
        }
        case(
            &scan,
            "TastSelv Borger forsøgte at sende personnumre til tre modtagere; der blev ikke oprettet forbindelse.",
            "TastSelv Borger tried to send personal numbers to three recipients; no connection was made.",
        );
        scan.findings[0].undelivered = 0;
        case(
            &scan,
            "Én virksomhed fik personnumre fra én side i TastSelv Borger.",
            "One company received personal numbers from one page of TastSelv Borger.",
        );
        assert!(lede(&Extract::whole(&scan), Lang::En)[1].starts_with("It was also tried"));
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
            "TastSelv Borger eksponerer personnumre; der er ikke set modtagere uden for systemet.",
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
            "Årsopgørelse Erhverv er ikke undersøgt: rapporten siger intet om systemet.",
            "Not covered: nothing can be said about Årsopgørelse Erhverv.",
        );
    }

    #[test]
    fn nothing_is_said_to_have_left_a_system_that_was_not_covered() {
        let mut scan = sample::scan();
        scan.findings.clear();
        scan.systems.remove(0);
        scan.blind_spots.retain(|spot| spot.kind == model::BlindSpotKind::LoginRequired);
        case(
            &scan,
            "Der er ikke set personnumre sendt fra TastSelv Borger (rettet), og alt planlagt blev undersøgt. \
             Årsopgørelse Erhverv er ikke undersøgt.",
            "No personal number was seen leaving TastSelv Borger (rettet), and all that was to be seen of it was seen. \
             Årsopgørelse Erhverv was not covered.",
        );
        let mut twin = scan.systems[1].clone();
        twin.name = sample::own("Arkiv");
        scan.systems.push(twin);
        let told = lede(&Extract::whole(&scan), Lang::En);
        assert!(told[0].ends_with("and Arkiv were not covered, so nothing can be said about them."), "{told:?}");
    }

    #[test]
    fn clean_is_said_only_without_blind_spots_and_with_a_passed_self_test() {
        let mut scan = sample::scan();
        scan.findings.clear();
        scan.systems.retain(|system| system.verdict == Verdict::Clean);
        assert!(headline(&Extract::whole(&scan), Lang::En).ends_with("but not everything was seen."));
        scan.blind_spots.clear();
        assert!(headline(&Extract::whole(&scan), Lang::En).ends_with("all that was to be seen of it was seen."));
        scan.self_test.as_mut().unwrap().probes[0].found = false;
        assert_eq!(headline(&Extract::whole(&scan), Lang::En), p::VOID.en);
        scan.self_test = None;
        assert_eq!(headline(&Extract::whole(&scan), Lang::Da), p::UNTESTED.da);
    }

    #[test]
    fn with_mere_dates_alone_nothing_is_never_said_to_be_found() {
        for (verdict, covered) in [(Verdict::Clean, "og alt"), (Verdict::Incomplete, "men undersøgelsen")] {
            let mut scan = all_at(Evidence::E4);
            scan.systems.truncate(1);
            scan.systems[0].verdict = verdict;
            let whole = Extract::whole(&scan);
            assert_eq!(headline(&whole, Lang::Da), p::ONLY_POSSIBLE.da);
            let told = lede(&whole, Lang::Da).join(" ");
            assert!(told.contains("kun mulige personnumre er fundet") && told.contains(covered), "{told}");
            assert!(!told.contains("intet fundet"));
        }
    }

    #[test]
    fn an_unlisted_recipient_is_told_from_a_leak() {
        let mut scan = sample::scan();
        scan.findings.retain(|finding| finding.evidence.is_none());
        assert!(headline(&Extract::whole(&scan), Lang::En).starts_with("One recipient not on the list"));
    }

    #[test]
    fn what_was_told_without_a_number_is_said_as_it_is() {
        let mut scan = sample::scan();
        scan.findings.retain(|finding| finding.evidence.is_none());
        scan.findings[0].rule = Rule::PersonTokenToThirdParty;
        case(
            &scan,
            "Én modtager fik værdier, der kan stå for én bestemt person; intet personnummer er set.",
            "One recipient got values that may stand for one person; no personal number was seen.",
        );
        scan.findings[0].rule = Rule::SensitiveContextToThirdParty;
        case(
            &scan,
            "Én modtager fik adresse eller titel på sider om følsomme forhold; intet personnummer er set.",
            "One recipient got the address or title of pages on sensitive matters; no personal number was seen.",
        );
    }

    #[test]
    fn whose_the_numbers_are_is_said_as_it_is() {
        let mut scan = sample::scan();
        assert!(lede(&Extract::whole(&scan), Lang::Da).contains(&p::ONLY_TEST_PERSONS.da.to_owned()));
        scan.findings[0].persons = 7;
        assert!(lede(&Extract::whole(&scan), Lang::Da).contains(&p::SOME_OTHER_PERSONS.da.to_owned()));
        for finding in &mut scan.findings {
            finding.test_persons = 0;
        }
        assert!(lede(&Extract::whole(&scan), Lang::Da).contains(&p::OTHER_PERSONS.da.to_owned()));
    }
}
