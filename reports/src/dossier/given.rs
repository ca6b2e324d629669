//! The questions that only words answer, and answers that do not agree among themselves.

use model::registry::{Answer, AnswerValue};

use super::answers::{Asked, answer_words, by, days, value_words};
use super::cell::{Draft, Source};
use crate::inert::Inert;
use crate::lang::{Lang, capitalised};

/// Answers held against each other; more are one person's mistake in the registry.
const MAX_HELD: usize = 8;

/// What was answered, and nothing else.
pub(super) fn words(asked: Asked<'_, '_>, draft: &mut Draft) {
    asked.given(draft);
}

/// The correspondence: an answer without a document to look it up in answers little, and is noted.
pub(super) fn correspondence(asked: Asked<'_, '_>, draft: &mut Draft) {
    for answer in asked.answers() {
        let words = answer_words(answer, asked.lang);
        if answer.reference.is_some() {
            draft.answers(by(answer), words);
        } else {
            draft.notes(by(answer), words);
        }
    }
}

/// What was cleaned up, and how long the registry says that it is kept.
pub(super) fn clean_up(asked: Asked<'_, '_>, draft: &mut Draft) {
    let lang = asked.lang;
    let kept = asked.leak.declared.and_then(|recipient| recipient.retention_days).map(u64::from);
    asked.given(draft);
    let Some(kept) = kept else { return };
    let words = days(kept, lang);
    draft.answers(
        Source::Registry,
        match lang {
            Lang::Da => format!("Modtageren opbevarer data i {words}."),
            Lang::En => format!("The recipient keeps data for {words}."),
        },
    );
    for answer in asked.answers() {
        let Some(AnswerValue::Count(told)) = answer.value.filter(|value| *value != AnswerValue::Count(kept)) else {
            continue;
        };
        let (told, words) = match lang {
            Lang::Da => (format!("slettes efter {}", days(told, lang)), format!("opbevares i {words}")),
            Lang::En => (format!("deleted after {}", days(told, lang)), format!("kept for {words}")),
        };
        draft.contradict((by(answer), &told), (Source::Registry, &words));
    }
}

/// What it is used for.
pub(super) fn purpose(asked: Asked<'_, '_>, draft: &mut Draft) {
    if let Some(purpose) = asked.leak.declared.and_then(|recipient| recipient.purpose.as_deref()) {
        let purpose = Inert::new(purpose);
        draft.answers(Source::Registry, format!("{}.", capitalised(purpose.as_str().trim_end_matches('.'))));
    }
    asked.given(draft);
}

/// Two answers to one question whose values differ.
pub(super) fn disagreeing(asked: Asked<'_, '_>, draft: &mut Draft) {
    let told: Vec<(&Answer, AnswerValue)> =
        asked.answers().filter_map(|answer| Some((answer, answer.value?))).take(MAX_HELD).collect();
    for (before, after) in told.iter().zip(told.iter().skip(1)) {
        if before.1 == after.1 {
            continue;
        }
        let says = |(answer, value): &(&Answer, AnswerValue)| {
            let words = value_words(asked.question, *value, asked.lang).to_lowercase();
            match answer.given {
                Some(day) => format!("{words} ({})", asked.lang.day(day)),
                None => words,
            }
        };
        draft.contradict((by(before.0), &says(before)), (by(after.0), &says(after)));
    }
}

#[cfg(test)]
mod tests {
    use model::registry::{GivenBy, Question};

    use super::super::answers::tests::{answer, cell, with};
    use super::super::cell::State;
    use super::*;
    use crate::sample;

    const EDGE: &str = "nordia-cdn.test";
    const METRICS: &str = "maaling.test";

    #[test]
    fn what_the_registry_and_the_answer_agree_on_is_answered() {
        let told = cell(&sample::scan(), Question::CleanUp, EDGE, Lang::Da);
        assert_eq!((told.state, told.statements.len()), (State::Answered, 2));
    }

    #[test]
    fn another_retention_than_the_registrys_is_contradicted() {
        let scan = with(answer(Question::CleanUp, AnswerValue::Count(7)));
        let told = cell(&scan, Question::CleanUp, METRICS, Lang::Da);
        assert_eq!(told.state, State::Contradicted);
        assert_eq!(
            told.against,
            ["Leverandøren svarer: slettes efter 7 dage. Registret oplyser: opbevares i 90 dage."]
        );
    }

    #[test]
    fn the_purpose_is_the_registrys() {
        let told = cell(&sample::scan(), Question::Purpose, METRICS, Lang::Da);
        assert_eq!(told.statements[0].text, "Antal besøg på hver side.");
        assert_eq!(cell(&sample::scan(), Question::Purpose, EDGE, Lang::Da).state, State::Unanswered);
    }

    #[test]
    fn correspondence_without_a_document_is_only_a_note() {
        let mut letter = answer(Question::Correspondence, AnswerValue::Count(0));
        (letter.value, letter.text) = (None, Some("Mail til Måling".to_owned()));
        assert_eq!(cell(&with(letter.clone()), Question::Correspondence, METRICS, Lang::Da).state, State::Unanswered);
        letter.reference = Some("bilag 2".to_owned());
        assert_eq!(cell(&with(letter), Question::Correspondence, METRICS, Lang::Da).state, State::Answered);
    }

    #[test]
    fn two_answers_that_differ_contradict_each_other() {
        let mut scan = with(answer(Question::Persons, AnswerValue::Count(4735)));
        let mut later = answer(Question::Persons, AnswerValue::Count(3315));
        (later.given, later.given_by) = (Some("2020-03-25".parse().unwrap()), GivenBy::Controller);
        scan.declared.as_mut().unwrap().answers.push(later);
        let told = cell(&scan, Question::Persons, EDGE, Lang::Da);
        assert_eq!(
            told.against,
            ["Leverandøren svarer: 4.735 personer. Myndigheden svarer: 3.315 personer (25. marts 2020)."]
        );
    }

    #[test]
    fn what_nobody_answers_is_unanswered() {
        let told = cell(&sample::scan(), Question::StartCause, EDGE, Lang::En);
        assert_eq!((told.state, told.statements.len()), (State::Unanswered, 0));
        assert_eq!(cell(&sample::scan(), Question::CitizensTold, EDGE, Lang::En).state, State::Answered);
    }
}
