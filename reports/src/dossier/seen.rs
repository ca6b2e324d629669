//! The questions that the scan itself answers, or whose answers it can gainsay.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use model::registry::{Answer, AnswerValue};
use model::{SystemResult, Verdict};

use super::answers::{Asked, by};
use super::cell::{Draft, Source};
use crate::facts::{some_of, went_along};
use crate::inert::Inert;
use crate::lang::{Lang, capitalised};
use crate::texts::phrases as p;
use crate::texts::questions::PERSONS;
use crate::verdict::state;

/// Other systems that are named; the rest are counted.
const MAX_SYSTEMS: usize = 12;

/// A system's name is no longer than this.
const MAX_NAME: usize = 60;

/// Was anything else sent along?
pub(super) fn also_sent(asked: Asked<'_, '_>, draft: &mut Draft) {
    let lang = asked.lang;
    let along = went_along(asked.leak.also_sent().into_iter(), lang);
    if asked.leak.was_only_tried() {
        let told = match lang {
            Lang::Da => format!("Intet nåede frem. Med fulgte ellers: {along}."),
            Lang::En => format!("Nothing got there. This would have gone along: {along}."),
        };
        draft.answers(Source::Scanner, told);
        asked.given(draft);
        return;
    }
    let told = match lang {
        Lang::Da => format!("Ja: {along}."),
        Lang::En => format!("Yes: {along}."),
    };
    draft.answers(Source::Scanner, told);
    asked.given(draft);
    let nothing = match lang {
        Lang::Da => "intet andet blev sendt med",
        Lang::En => "nothing else was sent along",
    };
    for (answer, _) in asked.yes_or_no().filter(|(_, value)| !*value) {
        draft.contradict((by(answer), nothing), (Source::Scanner, &along));
    }
}

/// When did it begin? The scan knows only since when at the latest.
pub(super) fn transfer_start(asked: Asked<'_, '_>, draft: &mut Draft) {
    let lang = asked.lang;
    asked.given(draft);
    let Some(first) = asked.leak.first_seen(asked.part.scan) else { return };
    let seen = lang.date(first);
    let told = match lang {
        Lang::Da => format!("Senest {seen}, da det først blev set."),
        Lang::En => format!("By {seen} at the latest, when it was first seen."),
    };
    draft.notes(Source::Scanner, simulated(asked, told));
    if asked.leak.is_simulated() {
        return;
    }
    for (answer, day) in on_a_day(asked).filter(|(_, day)| *day > day_in_utc(first)) {
        let (said, saw) = match lang {
            Lang::Da => (format!("begyndte {}", lang.day(day)), format!("det allerede {seen}")),
            Lang::En => (format!("began on {}", lang.day(day)), format!("it already on {seen}")),
        };
        draft.contradict((by(answer), &said), (Source::Scanner, &saw));
    }
}

/// Was it encrypted?
pub(super) fn encrypted(asked: Asked<'_, '_>, draft: &mut Draft) {
    let lang = asked.lang;
    let tls: Vec<String> = asked.leak.tls().into_iter().map(|version| Inert::short(version, MAX_NAME)).collect();
    let versions = lang.list(tls.get(..tls.len().min(MAX_SYSTEMS)).unwrap_or_default());
    match (tls.is_empty(), asked.leak.has_cleartext(), lang) {
        (_, true, Lang::Da) => draft.answers(Source::Scanner, "Nej: der blev sendt ukrypteret (http).".to_owned()),
        (_, true, Lang::En) => draft.answers(Source::Scanner, "No: some of it went in clear text (http).".to_owned()),
        (false, false, Lang::Da) => draft.answers(Source::Scanner, format!("Ja: {versions}.")),
        (false, false, Lang::En) => draft.answers(Source::Scanner, format!("Yes: {versions}.")),
        (true, false, Lang::Da | Lang::En) => {
            draft.notes(Source::Scanner, capitalised(&format!("{}.", p::TLS_NOT_KNOWN.to(lang))));
        }
    }
    asked.given(draft);
    let (yes, no, clear) = match lang {
        Lang::Da => ("krypteret", "ukrypteret", "ukrypterede forespørgsler med numre"),
        Lang::En => ("encrypted", "not encrypted", "requests with numbers in clear text"),
    };
    for (answer, value) in asked.yes_or_no() {
        if value && asked.leak.has_cleartext() {
            draft.contradict((by(answer), yes), (Source::Scanner, clear));
        }
        if !value && !asked.leak.has_cleartext() && !tls.is_empty() {
            draft.contradict((by(answer), no), (Source::Scanner, &versions));
        }
    }
}

/// When was it corrected? While it is seen it is not.
pub(super) fn corrected(asked: Asked<'_, '_>, draft: &mut Draft) {
    let lang = asked.lang;
    asked.given(draft);
    let Some(last) = asked.leak.last_seen() else { return };
    let seen = lang.moment(last);
    let told = match lang {
        Lang::Da => format!("Ikke rettet: sidst set {seen}."),
        Lang::En => format!("Not corrected: last seen {seen}."),
    };
    draft.answers(Source::Scanner, simulated(asked, told));
    if asked.leak.is_simulated() {
        return;
    }
    for (answer, day) in on_a_day(asked).filter(|(_, day)| *day < day_in_utc(last)) {
        let (said, saw) = match lang {
            Lang::Da => (format!("rettet {}", lang.day(day)), format!("det igen {}", lang.date(last))),
            Lang::En => (format!("corrected on {}", lang.day(day)), format!("it after that, on {}", lang.date(last))),
        };
        draft.contradict((by(answer), &said), (Source::Scanner, &saw));
    }
}

/// How many citizens? A test person is none, so the scan often cannot say.
pub(super) fn persons(asked: Asked<'_, '_>, draft: &mut Draft) {
    let lang = asked.lang;
    let (citizens, tests) = (asked.leak.citizens(), asked.leak.test_persons());
    let (counted, tests) = (PERSONS.of(citizens, lang), p::TEST_PERSONS_COUNTED.of(tests, lang));
    if citizens == 0 {
        let told = match lang {
            Lang::Da => format!("{tests} og ingen andre. Hvor mange borgere det rammer, kan scanningen ikke vise."),
            Lang::En => format!("{tests} and nobody else. A scan cannot show how many citizens it concerns."),
        };
        draft.notes(Source::Scanner, told);
    } else {
        let told = match lang {
            Lang::Da => format!("Mindst {counted}, der ikke er testpersoner, mens scanningen varede."),
            Lang::En => format!("At least {counted} who are no test persons, while the scan lasted."),
        };
        draft.answers(Source::Scanner, told);
    }
    asked.given(draft);
    for answer in asked.answers() {
        let Some(AnswerValue::Count(told)) = answer.value else { continue };
        if told < citizens {
            let saw = match lang {
                Lang::Da => format!("mindst {counted}"),
                Lang::En => format!("at least {counted}"),
            };
            draft.contradict((by(answer), &PERSONS.of(told, lang)), (Source::Scanner, &saw));
        }
    }
}

/// Were the vendor's other systems reviewed, and is none affected?
pub(super) fn other_systems(asked: Asked<'_, '_>, draft: &mut Draft) {
    let lang = asked.lang;
    let part = asked.part;
    let this = asked.leak.system.map(std::ptr::from_ref);
    let others: Vec<(&SystemResult, Verdict)> = part
        .systems
        .iter()
        .filter(|system| Some(std::ptr::from_ref::<SystemResult>(system)) != this)
        .map(|system| (*system, state(part.scan, system)))
        .collect();
    let named = |wanted: &[Verdict]| {
        let names: Vec<String> = others
            .iter()
            .filter(|(_, verdict)| wanted.contains(verdict))
            .map(|(system, _)| Inert::short(system.name.as_str(), MAX_NAME))
            .collect();
        some_of(names.into_iter(), lang)
    };
    let (leaking, clean) = (named(&[Verdict::Leaking]), named(&[Verdict::Clean]));
    let open = named(&[Verdict::Incomplete, Verdict::NotCovered]);
    let mut pieces = Vec::new();
    for (names, (da, en)) in [
        (&leaking, ("Fund i", "Findings in")),
        (&clean, ("Ingen fund i", "No findings in")),
        (&open, ("Ikke undersøgt til bunds", "Not fully covered")),
    ] {
        if names.is_empty() {
            continue;
        }
        pieces.push(match lang {
            Lang::Da => format!("{da}: {names}."),
            Lang::En => format!("{en}: {names}."),
        });
    }
    match (others.is_empty(), open.is_empty(), lang) {
        (true, _, Lang::Da) => {
            draft.notes(Source::Scanner, "Leverandøren har ingen andre systemer i denne scanning.".to_owned());
        }
        (true, _, Lang::En) => {
            draft.notes(Source::Scanner, "The vendor has no other systems in this scan.".to_owned());
        }
        (false, true, Lang::Da | Lang::En) => draft.answers(Source::Scanner, pieces.join(" ")),
        (false, false, Lang::Da | Lang::En) => draft.notes(Source::Scanner, pieces.join(" ")),
    }
    asked.given(draft);
    if leaking.is_empty() {
        return;
    }
    let (said, saw) = match lang {
        Lang::Da => ("ingen andre systemer er berørt", format!("fund i {leaking}")),
        Lang::En => ("no other system is affected", format!("findings in {leaking}")),
    };
    for (answer, _) in asked.yes_or_no().filter(|(_, value)| *value) {
        draft.contradict((by(answer), said), (Source::Scanner, &saw));
    }
}

/// With the remark that today's browsers do otherwise, where that is so.
fn simulated(asked: Asked<'_, '_>, told: String) -> String {
    match (asked.leak.is_simulated(), asked.lang) {
        (false, Lang::Da | Lang::En) => told,
        (true, Lang::Da) => format!("{told} Kun i browsere fra før 2020, som scanningen efterligner."),
        (true, Lang::En) => format!("{told} Only in browsers from before 2020, which the scan simulates."),
    }
}

fn on_a_day<'a>(asked: Asked<'_, 'a>) -> impl Iterator<Item = (&'a Answer, Date)> {
    asked.answers().filter_map(|answer| match answer.value {
        Some(AnswerValue::Day(day)) => Some((answer, day)),
        Some(AnswerValue::YesNo(_) | AnswerValue::Count(_)) | None => None,
    })
}

fn day_in_utc(time: Timestamp) -> Date {
    time.to_zoned(TimeZone::UTC).date()
}

#[cfg(test)]
mod tests {
    use model::Scan;
    use model::registry::Question;

    use super::super::answers::tests::{answer, cell, with};
    use super::super::cell::{Cell, State};
    use super::*;
    use crate::sample;

    const EDGE: &str = "nordia-cdn.test";

    fn day(text: &str) -> AnswerValue {
        AnswerValue::Day(text.parse().unwrap())
    }

    fn of(scan: &Scan, question: Question) -> Cell {
        cell(scan, question, EDGE, Lang::Da)
    }

    #[track_caller]
    fn case(question: Question, value: AnswerValue, expected: State) -> Vec<String> {
        let told = of(&with(answer(question, value)), question);
        assert_eq!(told.state, expected, "{told:?}");
        told.against
    }

    #[test]
    fn nothing_else_is_contradicted_by_the_address_that_always_goes_along() {
        let told = of(&sample::scan(), Question::AlsoSent);
        assert_eq!(
            told.against,
            [
                "Leverandøren svarer: intet andet blev sendt med. Scanningen så: IP-adressen (følger med enhver forespørgsel); \
              browserens kendetegn (User-Agent)."
            ]
        );
        let mut scan = sample::scan();
        for finding in &mut scan.findings {
            finding.undelivered = finding.transmissions;
        }
        assert_eq!(of(&scan, Question::AlsoSent).state, State::Answered);
    }

    #[test]
    fn a_beginning_after_the_first_sighting_is_contradicted() {
        assert_eq!(of(&sample::scan(), Question::TransferStart).state, State::Unanswered);
        case(Question::TransferStart, day("2015-02-02"), State::Answered);
        case(Question::TransferStart, day("2026-11-22"), State::Answered);
        let against = case(Question::TransferStart, day("2026-11-23"), State::Contradicted);
        assert_eq!(
            against,
            ["Leverandøren svarer: begyndte 23. november 2026. Scanningen så: det allerede 22. november 2026."]
        );
    }

    #[test]
    fn a_correction_before_the_last_sighting_is_contradicted() {
        assert_eq!(of(&sample::scan(), Question::Corrected).state, State::Answered);
        case(Question::Corrected, day("2026-11-22"), State::Answered);
        let against = case(Question::Corrected, day("2026-11-20"), State::Contradicted);
        assert_eq!(
            against,
            ["Leverandøren svarer: rettet 20. november 2026. Scanningen så: det igen 22. november 2026."]
        );
    }

    #[test]
    fn what_only_old_browsers_do_gainsays_no_correction() {
        let mut scan = with(answer(Question::Corrected, day("2026-11-20")));
        for finding in &mut scan.findings {
            finding.simulated = true;
        }
        let told = of(&scan, Question::Corrected);
        assert_eq!(told.state, State::Answered);
        assert!(told.statements[1].text.contains("før 2020"));
    }

    #[test]
    fn encryption_is_told_by_what_was_seen() {
        case(Question::Encrypted, AnswerValue::YesNo(true), State::Answered);
        case(Question::Encrypted, AnswerValue::YesNo(false), State::Contradicted);
        let mut scan = with(answer(Question::Encrypted, AnswerValue::YesNo(true)));
        scan.findings[0].cleartext = true;
        let told = of(&scan, Question::Encrypted);
        assert!(told.against[0].starts_with("Leverandøren svarer: krypteret. Scanningen så: "), "{told:?}");
        (scan.findings[0].cleartext, scan.findings[0].tls) = (false, None);
        scan.declared = None;
        assert_eq!(of(&scan, Question::Encrypted).state, State::Unanswered);
    }

    #[test]
    fn more_persons_than_were_told_contradict_and_test_persons_do_not() {
        assert_eq!(of(&sample::scan(), Question::Persons).state, State::Unanswered);
        case(Question::Persons, AnswerValue::Count(0), State::Answered);
        let mut scan = with(answer(Question::Persons, AnswerValue::Count(10)));
        (scan.findings[0].persons, scan.findings[0].test_persons) = (12, 1);
        let told = of(&scan, Question::Persons);
        assert_eq!(told.against, ["Leverandøren svarer: 10 personer. Scanningen så: mindst 11 personer."]);
    }

    #[test]
    fn another_system_that_leaks_contradicts() {
        assert_eq!(of(&sample::scan(), Question::OtherSystems).state, State::Answered);
        case(Question::OtherSystems, AnswerValue::YesNo(true), State::Answered);
        let mut scan = with(answer(Question::OtherSystems, AnswerValue::YesNo(true)));
        scan.systems[1].verdict = Verdict::Leaking;
        let told = of(&scan, Question::OtherSystems);
        assert_eq!(told.state, State::Contradicted);
        scan.systems[1].verdict = Verdict::NotCovered;
        scan.declared = None;
        assert_eq!(of(&scan, Question::OtherSystems).state, State::Unanswered);
    }
}
