//! A draft of what a breach notification says (GDPR article 33): filled with what is known, open where it is not. Whether there is
//! a breach, and when it became known, the controller decides.

use jiff::{SignedDuration, Timestamp};
use model::registry::Question;
use model::{Declared, Finding};

use super::answers::{Sheet, answer_words};
use super::cell::Source;
use crate::facts::{some_of, went_along};
use crate::inert::Inert;
use crate::lang::{Lang, Text};
use crate::naming::who;
use crate::summary::{Extract, counted_again, reached};
use crate::texts::questions::PERSONS;
use crate::texts::{dossier as d, phrases as p, terms};

/// Within this the authority is told, counted from when the controller became aware (GDPR article 33(1)).
const HOURS: i64 = 72;

/// What there is to draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Draft {
    /// No number reached anybody else.
    Nobody,
    /// Declared test numbers alone did.
    TestOnly,
    /// Others did.
    Fields(Vec<Field>),
}

/// A field of the notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) label: &'static str,
    pub(crate) lines: Vec<String>,
    /// Whether there is something left to fill in.
    pub(crate) is_open: bool,
}

impl Draft {
    /// The draft for `part`, whose answers are in `sheet`.
    pub(crate) fn new(part: &Extract<'_>, sheet: &Sheet<'_>, lang: Lang) -> Self {
        let delivered: Vec<&Finding> = part.findings.iter().copied().filter(|finding| reached(finding)).collect();
        let real: Vec<&Finding> =
            delivered.iter().copied().filter(|finding| finding.persons > finding.test_persons).collect();
        if delivered.is_empty() {
            return Self::Nobody;
        }
        if real.is_empty() {
            return Self::TestOnly;
        }
        Self::Fields(fields(part, &real, sheet, lang))
    }
}

fn fields(part: &Extract<'_>, real: &[&Finding], sheet: &Sheet<'_>, lang: Lang) -> Vec<Field> {
    let logs = part.scan.logs.as_deref();
    let dated = || real.iter().filter(|finding| !logs.is_some_and(|logs| logs.is_undated(finding)));
    let first = dated().map(|finding| finding.first_seen).min();
    let last = dated().map(|finding| finding.last_seen).max();
    let seen = first.zip(last).map(|(first, last)| format!("{}.", lang.span(first, last)));
    let has_untimed = logs.is_some_and(|logs| real.iter().any(|finding| logs.untimed(finding) > 0));
    let untimed = has_untimed.then(|| d::SOME_UNTIMED.to(lang).to_owned());
    let declared = part.scan.declared.as_deref();
    let field = |label: Text, lines: Vec<String>, is_open| Field { label: label.to(lang), lines, is_open };
    let along: Vec<_> = real.iter().flat_map(|finding| &finding.also_sent).collect();
    let number = match lang {
        Lang::Da => "Personnumre",
        Lang::En => "Personal numbers",
    };
    let records = format!("{number}; {}.", went_along(distinct(along).into_iter(), lang));
    let mut measures = told(sheet, &[Question::Corrected, Question::CleanUp], lang);
    measures.push(d::MEASURES_PROPOSED.to(lang).to_owned());
    vec![
        field(d::SEEN_AT, seen.into_iter().chain(untimed).collect(), false),
        field(d::AWARE, Vec::new(), true),
        field(d::CLOCK, vec![clock(part.scan.ended, lang)], true),
        field(d::NATURE, vec![nature(real, lang)], false),
        field(d::SUBJECTS, Vec::new(), true),
        field(d::SUBJECT_COUNT, persons(part, real, sheet, lang), true),
        field(d::RECORDS, vec![records], false),
        field(d::RECORD_COUNT, vec![transmissions(part, real, lang)], true),
        contact(declared, lang),
        field(d::CONSEQUENCES, told(sheet, &[Question::Risk], lang), true),
        field(d::MEASURES, measures, true),
        field(d::TOLD, told(sheet, &[Question::CitizensTold], lang), true),
    ]
}

/// When 72 hours end, if the scan's end was when the controller became aware.
fn clock(ended: Timestamp, lang: Lang) -> String {
    let last = ended.checked_add(SignedDuration::from_hours(HOURS)).unwrap_or(Timestamp::MAX);
    let (ended, last) = (lang.moment(ended), lang.moment(last));
    match lang {
        Lang::Da => format!(
            "De {HOURS} timer regnes fra, at den dataansvarlige bliver bekendt med bruddet. Var det ved scanningens \
             afslutning, {ended}, udløber de {last}."
        ),
        Lang::En => format!(
            "The {HOURS} hours count from when the controller becomes aware of the breach. If that was at the scan's end, \
             {ended}, they end {last}."
        ),
    }
}

/// To whom, by which channels, from which pages.
fn nature(real: &[&Finding], lang: Lang) -> String {
    let recipients = distinct(real.iter().map(|finding| who(&finding.recipient)).collect());
    let channels = real.iter().filter_map(|finding| finding.channel);
    let channels = distinct(channels.map(|channel| terms::channel(channel).to(lang).to_owned()).collect());
    let pages = distinct(real.iter().map(|finding| Inert::from(&finding.page).to_string()).collect());
    let recipients = some_of(recipients.into_iter(), lang);
    let (channels, pages) = (some_of(channels.into_iter(), lang), some_of(pages.into_iter(), lang));
    match lang {
        Lang::Da => {
            format!("Brud på fortroligheden: personnumre gik til {recipients}. Kanal: {channels}. Fra: {pages}.")
        }
        Lang::En => {
            format!(
                "Breach of confidentiality: personal numbers went to {recipients}. Channel: {channels}. From: {pages}."
            )
        }
    }
}

/// At least so many; findings may concern the same persons, so they are not added up.
fn persons(part: &Extract<'_>, real: &[&Finding], sheet: &Sheet<'_>, lang: Lang) -> Vec<String> {
    let least = real.iter().map(|finding| finding.persons.saturating_sub(finding.test_persons)).max();
    let (counted, span) = (PERSONS.of(least.unwrap_or_default(), lang), lang.span(part.scan.started, part.scan.ended));
    let mut lines = vec![match lang {
        Lang::Da => {
            format!(
                "Mindst {counted}, der ikke er oplyste testpersoner, i scanningen ({span}). Tiden før og efter er ikke talt med."
            )
        }
        Lang::En => {
            format!(
                "At least {counted} who are no declared test persons, in the scan ({span}). The time before and after is not counted."
            )
        }
    }];
    lines.extend(told(sheet, &[Question::Persons], lang));
    lines
}

fn transmissions(part: &Extract<'_>, real: &[&Finding], lang: Lang) -> String {
    let sent = real.iter().fold(0_u64, |sum, finding| sum.saturating_add(finding.numbers_delivered()));
    let sent = p::TRANSMISSIONS.of(sent.saturating_sub(counted_again(part.scan, real)), lang);
    match lang {
        Lang::Da => format!("{sent} i scanningen; testpersoners numre kan være blandt dem."),
        Lang::En => format!("{sent} in the scan; test persons' numbers may be among them."),
    }
}

fn contact(declared: Option<&Declared>, lang: Lang) -> Field {
    let (dpo, contact) =
        declared.map(|declared| (declared.dpo.as_deref(), declared.contact.as_deref())).unwrap_or_default();
    let lines: Vec<String> = dpo.into_iter().chain(contact).map(|address| Inert::short(address, 200)).collect();
    Field { label: d::DPO_CONTACT.to(lang), is_open: lines.is_empty(), lines }
}

/// What the vendor or the authority answered to `questions` about any of the leaks, each once.
fn told(sheet: &Sheet<'_>, questions: &[Question], lang: Lang) -> Vec<String> {
    let rows = sheet.rows.iter().filter(|(question, _)| questions.contains(question));
    let given = rows.flat_map(|(_, cells)| cells).flat_map(|cell| &cell.statements);
    let given = given.filter(|statement| matches!(statement.source, Source::Vendor | Source::Authority));
    let side = |statement: &super::cell::Statement| {
        format!("{}: {}", crate::texts::questions::side(statement.source).to(lang), statement.text)
    };
    let others = sheet.others.iter().filter(|answer| questions.contains(&answer.question));
    let others = others.map(|answer| {
        let side = crate::texts::questions::side(super::answers::by(answer)).to(lang);
        format!("{side}: {}", answer_words(answer, lang))
    });
    distinct(given.map(side).chain(others).collect())
}

/// Each once, in their order of coming.
fn distinct<T: PartialEq>(all: Vec<T>) -> Vec<T> {
    let mut once = Vec::new();
    for one in all {
        if !once.contains(&one) {
            once.push(one);
        }
    }
    once
}

#[cfg(test)]
mod tests {
    use model::Scan;

    use super::*;
    use crate::sample;

    fn draft(scan: &Scan, lang: Lang) -> Draft {
        let part = Extract::of_vendor(scan, Some(&scan.vendors[0].id));
        Draft::new(&part, &Sheet::new(&part, lang), lang)
    }

    #[track_caller]
    fn field(draft: &Draft, label: Text) -> Field {
        let Draft::Fields(fields) = draft else { panic!("{draft:?}") };
        fields.iter().find(|field| field.label == label.da).unwrap().clone()
    }

    #[test]
    fn test_numbers_alone_make_no_draft() {
        assert_eq!(draft(&sample::scan(), Lang::Da), Draft::TestOnly);
        let mut scan = sample::scan();
        scan.findings.retain(|finding| !reached(finding));
        assert_eq!(draft(&scan, Lang::Da), Draft::Nobody);
    }

    #[test]
    fn a_number_that_was_only_tried_makes_no_draft() {
        let mut scan = sample::scan();
        for finding in &mut scan.findings {
            (finding.test_persons, finding.undelivered) = (0, finding.transmissions);
        }
        assert_eq!(draft(&scan, Lang::Da), Draft::Nobody);
    }

    #[test]
    fn the_draft_says_what_is_known_and_leaves_the_rest_open() {
        let mut scan = sample::scan();
        (scan.findings[0].persons, scan.findings[0].test_persons) = (4, 1);
        let draft = draft(&scan, Lang::Da);
        assert_eq!(field(&draft, d::AWARE), Field { label: d::AWARE.da, lines: vec![], is_open: true });
        let clock = field(&draft, d::CLOCK);
        assert!(clock.is_open && clock.lines[0].ends_with("udløber de 25. november 2026 kl. 04.03 UTC."));
        assert!(field(&draft, d::SUBJECT_COUNT).lines[0].starts_with("Mindst 3 personer, der ikke er oplyste"));
        assert_eq!(field(&draft, d::DPO_CONTACT).lines, ["dpo@skatteborg.test", "tilsyn@skatteborg.test"]);
        assert!(field(&draft, d::RECORD_COUNT).lines[0].starts_with("41 overførsler"));
        assert!(field(&draft, d::NATURE).lines[0].contains("Nordia Edge Inc. (nordia-cdn.test)"));
        assert!(!field(&draft, d::NATURE).lines[0].contains("Hosted Libraries"));
        assert!(field(&draft, d::TOLD).lines[0].starts_with("Myndigheden svarer: Nej. Ikke hver for sig"));
        assert!(field(&draft, d::MEASURES).lines[0].contains("syv dage"));
    }

    #[test]
    fn of_lines_without_a_time_the_draft_tells_none() {
        let mut scan = sample::scan();
        (scan.findings[0].persons, scan.findings[0].test_persons) = (4, 1);
        let (fingerprint, all) = (scan.findings[0].fingerprint.clone(), scan.findings[0].transmissions);
        let dated = field(&draft(&scan, Lang::Da), d::SEEN_AT).lines;
        for (untimed, expected) in [(1, vec![dated[0].as_str(), d::SOME_UNTIMED.da]), (all, vec![d::SOME_UNTIMED.da])] {
            let told = model::LogFinding { untimed, ..model::LogFinding::default() };
            let findings = [(fingerprint.clone(), told)].into();
            scan.logs = Some(Box::new(model::LogAnswer { findings, ..model::LogAnswer::default() }));
            assert_eq!(field(&draft(&scan, Lang::Da), d::SEEN_AT).lines, expected);
        }
    }

    #[test]
    fn without_a_registry_the_contact_is_open() {
        let mut scan = sample::scan();
        (scan.findings[0].persons, scan.declared) = (4, None);
        assert!(field(&draft(&scan, Lang::Da), d::DPO_CONTACT).is_open);
    }
}
