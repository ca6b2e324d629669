//! Whether there is a processing agreement, with a recipient or with a sub-processor, and whether it holds.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use model::registry::Role;
use model::{Agreement, RecipientDeclaration, Scan};

use super::answers::{Asked, by};
use super::cell::{Draft, Source};
use crate::inert::Inert;
use crate::lang::Lang;
use crate::summary::Extract;

/// A reference or a name is no longer than this.
const MAX_NAME: usize = 120;

/// The day on which `scan` ended.
pub(crate) fn day_of(scan: &Scan) -> Date {
    scan.ended.to_zoned(TimeZone::UTC).date()
}

/// `2018-77 af 25. maj 2018, gælder til og med 31. december 2026`; `None` without a reference.
pub(crate) fn agreement_words(agreement: &Agreement, lang: Lang) -> Option<String> {
    let mut words = Inert::short(agreement.dpa_ref.as_deref()?, MAX_NAME);
    if let Some(day) = agreement.dpa_date {
        let of = match lang {
            Lang::Da => "af",
            Lang::En => "of",
        };
        words = format!("{words} {of} {}", lang.day(day));
    }
    if let Some(day) = agreement.dpa_expires {
        let until = match lang {
            Lang::Da => "gælder til og med",
            Lang::En => "valid until",
        };
        words = format!("{words}, {until} {}", lang.day(day));
    }
    Some(words)
}

/// Whether its last day was before `day`.
pub(crate) fn has_expired(agreement: &Agreement, day: Date) -> bool {
    agreement.dpa_expires.is_some_and(|last| last < day)
}

/// Is there one with the recipient?
pub(super) fn agreement(asked: Asked<'_, '_>, draft: &mut Draft) {
    let Some(recipient) = registered(asked, draft) else {
        asked.given(draft);
        return;
    };
    match (recipient.role, asked.lang) {
        (Role::Processor, _) => holds(asked, recipient, draft),
        (Role::SubProcessor, lang) => {
            let before = chain_name(asked.part, recipient, lang);
            let told = match lang {
                Lang::Da => format!("Ikke med myndigheden selv: modtageren er underdatabehandler for {before}."),
                Lang::En => format!("Not with the authority itself: the recipient is a sub-processor of {before}."),
            };
            draft.answers(Source::Registry, told);
        }
        (Role::Authority, Lang::Da) => {
            draft.answers(Source::Registry, "Modtageren er en anden myndighed, ikke databehandler.".to_owned());
        }
        (Role::Authority, Lang::En) => {
            draft.answers(Source::Registry, "The recipient is another authority, no processor.".to_owned());
        }
        (Role::Controller, Lang::Da) => {
            draft.answers(Source::Registry, "Modtageren er selv dataansvarlig, ikke databehandler.".to_owned());
        }
        (Role::Controller, Lang::En) => {
            draft.answers(Source::Registry, "The recipient is a controller itself, no processor.".to_owned());
        }
    }
    asked.given(draft);
}

/// Is there one with the sub-processor?
pub(super) fn sub_processor(asked: Asked<'_, '_>, draft: &mut Draft) {
    let lang = asked.lang;
    if let Some(recipient) = registered(asked, draft) {
        match recipient.role {
            Role::SubProcessor => {
                let before = chain_name(asked.part, recipient, lang);
                draft.notes(
                    Source::Registry,
                    match lang {
                        Lang::Da => format!("Underdatabehandler for {before}."),
                        Lang::En => format!("A sub-processor of {before}."),
                    },
                );
                holds(asked, recipient, draft);
            }
            Role::Processor | Role::Authority | Role::Controller => {
                let told = match lang {
                    Lang::Da => "Modtageren er ikke registreret som underdatabehandler.",
                    Lang::En => "The recipient is not registered as a sub-processor.",
                };
                draft.answers(Source::Registry, told.to_owned());
            }
        }
    }
    asked.given(draft);
}

/// What the registry says of the recipient; that it says nothing is noted.
fn registered<'a>(asked: Asked<'_, 'a>, draft: &mut Draft) -> Option<&'a RecipientDeclaration> {
    if asked.leak.declared.is_none() && asked.declared.is_some() {
        let told = match asked.lang {
            Lang::Da => "Modtageren står ikke i registret.",
            Lang::En => "The recipient is not in the registry.",
        };
        draft.notes(Source::Registry, told.to_owned());
    }
    asked.leak.declared
}

/// Whether the registry's agreement is there, runs still, and covers the system; what was answered is held against it.
fn holds(asked: Asked<'_, '_>, recipient: &RecipientDeclaration, draft: &mut Draft) {
    let lang = asked.lang;
    let (yes, no) = match lang {
        Lang::Da => ("ja, der er en aftale", "nej, der er ingen aftale"),
        Lang::En => ("yes, there is an agreement", "no, there is no agreement"),
    };
    let Some(words) = agreement_words(&recipient.agreement, lang) else {
        draft.answers(
            Source::Registry,
            match lang {
                Lang::Da => "Nej. Registret har ingen aftale.".to_owned(),
                Lang::En => "No. The registry has no agreement.".to_owned(),
            },
        );
        let none = match lang {
            Lang::Da => "ingen aftale",
            Lang::En => "no agreement",
        };
        for (answer, _) in asked.yes_or_no().filter(|(_, value)| *value) {
            draft.contradict((by(answer), yes), (Source::Registry, none));
        }
        return;
    };
    draft.answers(
        Source::Registry,
        match lang {
            Lang::Da => format!("Ja: {words}."),
            Lang::En => format!("Yes: {words}."),
        },
    );
    for (answer, _) in asked.yes_or_no().filter(|(_, value)| !*value) {
        draft.contradict((by(answer), no), (Source::Registry, &words));
    }
    let day = day_of(asked.part.scan);
    if has_expired(&recipient.agreement, day) {
        let seen = match lang {
            Lang::Da => format!("numre på vej til modtageren den {}, da aftalen var udløbet", lang.day(day)),
            Lang::En => format!("numbers on their way to the recipient on {}, when it had expired", lang.day(day)),
        };
        draft.contradict((Source::Registry, &words), (Source::Scanner, &seen));
    }
    let covers = asked.leak.system_id().is_some_and(|id| recipient.approved_for.contains(id));
    if !covers {
        let name = asked.leak.system_name(lang);
        let (said, seen) = match lang {
            Lang::Da => (format!("modtageren er ikke godkendt til {name}"), format!("numre på vej til den fra {name}")),
            Lang::En => {
                (format!("the recipient is not approved for {name}"), format!("numbers on their way to it from {name}"))
            }
        };
        draft.contradict((Source::Registry, &said), (Source::Scanner, &seen));
    }
}

/// Whose sub-processor it is; another vendor is not named in this one's dossier.
fn chain_name(part: &Extract<'_>, recipient: &RecipientDeclaration, lang: Lang) -> String {
    let (unnamed, other) = match lang {
        Lang::Da => ("en ikke oplyst databehandler", "en anden leverandør"),
        Lang::En => ("a processor that is not declared", "another vendor"),
    };
    let Some(of) = recipient.of.as_deref() else { return unnamed.to_owned() };
    let vendor = part.scan.vendors.iter().find(|vendor| vendor.name == of);
    let is_own = |system: &&model::SystemResult| vendor.is_some_and(|one| system.vendor.as_ref() == Some(&one.id));
    if vendor.is_some() && !part.systems.iter().any(is_own) {
        return other.to_owned();
    }
    let before = part.scan.declared.iter().flat_map(|declared| &declared.recipients);
    let before = before.into_iter().find(|one| one.legal_name == of && !one.approved_for.is_empty());
    let is_ours = |id| part.systems.iter().any(|system| system.id.as_ref() == Some(id));
    if before.is_some_and(|one| !one.approved_for.iter().any(is_ours)) {
        return unnamed.to_owned();
    }
    Inert::short(of, MAX_NAME)
}

#[cfg(test)]
mod tests {
    use model::registry::{AnswerValue, Question};

    use super::super::answers::tests::{answer, cell, with};
    use super::super::cell::State;
    use super::*;
    use crate::sample;

    const METRICS: &str = "maaling.test";
    const EDGE: &str = "nordia-cdn.test";

    #[test]
    fn an_agreement_that_holds_is_an_answer() {
        let told = cell(&sample::scan(), Question::Agreement, METRICS, Lang::Da);
        assert_eq!(told.state, State::Answered);
        assert_eq!(told.statements[0].text, "Ja: 2018-77 af 25. maj 2018, gælder til og med 31. december 2026.");
        let told = cell(&sample::scan(), Question::SubProcessorAgreement, METRICS, Lang::Da);
        assert_eq!(told.state, State::Answered);
    }

    #[test]
    fn an_agreement_that_had_expired_is_contradicted_by_the_scan() {
        let mut scan = sample::scan();
        for recipient in &mut scan.declared.as_mut().unwrap().recipients {
            recipient.agreement.dpa_expires = Some("2026-11-21".parse().unwrap());
        }
        let told = cell(&scan, Question::Agreement, METRICS, Lang::En);
        assert_eq!(told.state, State::Contradicted);
        assert_eq!(
            told.against,
            [
                "The registry says: 2018-77 of 25 May 2018, valid until 21 November 2026. The scan saw: numbers on their \
              way to the recipient on 22 November 2026, when it had expired."
            ]
        );
        for recipient in &mut scan.declared.as_mut().unwrap().recipients {
            recipient.agreement.dpa_expires = Some("2026-11-22".parse().unwrap());
        }
        assert_eq!(cell(&scan, Question::Agreement, METRICS, Lang::En).state, State::Answered);
    }

    #[test]
    fn an_agreement_for_other_systems_is_contradicted_by_what_was_sent() {
        let mut scan = sample::scan();
        for recipient in &mut scan.declared.as_mut().unwrap().recipients {
            recipient.approved_for = vec![scan.systems[1].id.clone().unwrap()];
        }
        let told = cell(&scan, Question::Agreement, METRICS, Lang::Da);
        assert!(told.against[0].contains("ikke godkendt til TastSelv Borger"), "{:?}", told.against);
    }

    #[test]
    fn a_sub_processor_without_agreement_is_said_to_have_none() {
        let scan = sample::scan();
        let first = cell(&scan, Question::Agreement, EDGE, Lang::En);
        assert_eq!(
            first.statements[0].text,
            "Not with the authority itself: the recipient is a sub-processor of Nordia IT A/S."
        );
        let told = cell(&scan, Question::SubProcessorAgreement, EDGE, Lang::En);
        assert_eq!(told.statements[1].text, "No. The registry has no agreement.");
        assert_eq!(told.state, State::Answered);
        let scan = with(answer(Question::SubProcessorAgreement, AnswerValue::YesNo(true)));
        let told = cell(&scan, Question::SubProcessorAgreement, EDGE, Lang::En);
        assert_eq!(told.against, ["The vendor answers: yes, there is an agreement. The registry says: no agreement."]);
    }

    #[test]
    fn a_denied_agreement_is_held_against_the_registry() {
        let scan = with(answer(Question::Agreement, AnswerValue::YesNo(false)));
        let told = cell(&scan, Question::Agreement, METRICS, Lang::Da);
        assert!(
            told.against[0].starts_with(
                "Leverandøren svarer: nej, der er ingen aftale. Registret oplyser: 2018-77 af 25. maj 2018"
            )
        );
    }

    #[test]
    fn a_recipient_that_nobody_declared_leaves_the_question_open() {
        let told = cell(&sample::scan(), Question::Agreement, "hosted-libraries.test", Lang::Da);
        assert_eq!(
            (told.state, told.statements[0].text.as_str()),
            (State::Unanswered, "Modtageren står ikke i registret.")
        );
    }

    #[test]
    fn another_vendor_in_the_chain_is_not_named() {
        let mut scan = sample::scan();
        for recipient in &mut scan.declared.as_mut().unwrap().recipients {
            recipient.of = Some("Fjordsoft ApS".to_owned());
        }
        let told = cell(&scan, Question::Agreement, EDGE, Lang::Da);
        assert!(told.statements[0].text.ends_with("underdatabehandler for en anden leverandør."));
    }
}
