//! The authority's questions, each answered for each leak, and how many are answered, contradicted and unanswered.

use std::collections::BTreeMap;

use model::registry::{Answer, AnswerValue, GivenBy, Question};
use model::{Declared, VendorId};

use super::cell::{Cell, Draft, Source, State};
use super::leaks::{Leak, leaks};
use super::{agreements, given, seen};
use crate::inert::Inert;
use crate::lang::Lang;
use crate::naming::count;
use crate::summary::Extract;
use crate::texts::questions::PERSONS;

/// Leaks with a column of their own; more than this nobody compares, and the rest is told.
const MAX_LEAKS: usize = 60;

/// Answers outside the leaks that are shown.
const MAX_OTHERS: usize = 100;

/// A reference to a document is no longer than this.
const MAX_REFERENCE: usize = 120;

/// All answers of a dossier.
#[derive(Clone, Debug)]
pub(crate) struct Sheet<'a> {
    pub(crate) leaks: Vec<Leak<'a>>,
    /// How many leaks have no column.
    pub(crate) left: u64,
    /// Every question in its order, with a cell for each leak.
    pub(crate) rows: Vec<(Question, Vec<Cell>)>,
    pub(crate) counts: BTreeMap<State, u64>,
    /// Answers that were given and concern none of the leaks.
    pub(crate) others: Vec<&'a Answer>,
    /// How many answers of vendors name neither a system nor a recipient by which to tell whose they are.
    pub(crate) unattributed: u64,
    pub(crate) has_registry: bool,
}

/// A question that is put about a leak.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'c, 'a> {
    pub(super) question: Question,
    pub(super) leak: &'c Leak<'a>,
    pub(super) part: &'c Extract<'a>,
    pub(super) declared: Option<&'a Declared>,
    pub(super) lang: Lang,
}

/// Whose an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Belonging {
    /// This dossier's.
    Own,
    /// Another vendor's; this one is not shown it.
    Others,
    /// Nobody can tell.
    Unknown,
}

impl<'a> Sheet<'a> {
    /// The answers for the leaks of `part`, a vendor's.
    pub(crate) fn new(part: &Extract<'a>, lang: Lang) -> Self {
        let declared = part.scan.declared.as_deref();
        let all = leaks(part);
        let left = count(all.len().saturating_sub(MAX_LEAKS));
        let leaks: Vec<Leak<'a>> = all.into_iter().take(MAX_LEAKS).collect();
        let mut counts: BTreeMap<State, u64> = State::ALL.into_iter().map(|state| (state, 0)).collect();
        let mut rows = Vec::new();
        for question in Question::ALL {
            let cells: Vec<Cell> =
                leaks.iter().map(|leak| Asked { question, leak, part, declared, lang }.cell()).collect();
            for cell in &cells {
                *counts.entry(cell.state).or_default() += 1;
            }
            rows.push((question, cells));
        }
        let given = declared.map(|declared| declared.answers.as_slice()).unwrap_or_default();
        let is_used = |answer: &&Answer| {
            let fits = |leak: &Leak<'a>| {
                let question = answer.question;
                Asked { question, leak, part, declared, lang }.answers().any(|used| std::ptr::eq(used, *answer))
            };
            leaks.iter().any(fits)
        };
        let own = given.iter().filter(|answer| belonging(part, answer) == Belonging::Own);
        let unattributed = given.iter().filter(|answer| belonging(part, answer) == Belonging::Unknown).count();
        Self {
            left,
            rows,
            counts,
            others: own.filter(|answer| !is_used(answer)).take(MAX_OTHERS).collect(),
            unattributed: count(unattributed),
            has_registry: declared.is_some(),
            leaks,
        }
    }
}

impl<'a> Asked<'_, 'a> {
    fn cell(self) -> Cell {
        let mut draft = Draft::new(self.lang);
        match self.question {
            Question::Agreement => agreements::agreement(self, &mut draft),
            Question::SubProcessorAgreement => agreements::sub_processor(self, &mut draft),
            Question::AlsoSent => seen::also_sent(self, &mut draft),
            Question::TransferStart => seen::transfer_start(self, &mut draft),
            Question::Encrypted => seen::encrypted(self, &mut draft),
            Question::Corrected => seen::corrected(self, &mut draft),
            Question::Persons => seen::persons(self, &mut draft),
            Question::OtherSystems => seen::other_systems(self, &mut draft),
            Question::Correspondence => given::correspondence(self, &mut draft),
            Question::CleanUp => given::clean_up(self, &mut draft),
            Question::Purpose => given::purpose(self, &mut draft),
            Question::StartCause | Question::CitizensTold | Question::Risk => given::words(self, &mut draft),
        }
        given::disagreeing(self, &mut draft);
        draft.done()
    }

    /// The answers that were given to it, of this vendor and the authority alone.
    pub(super) fn answers(self) -> impl Iterator<Item = &'a Answer> {
        let (question, recipient, system) = (self.question, self.leak.declared, self.leak.system_id());
        let answers = self.declared.map(|declared| declared.answers.as_slice()).unwrap_or_default();
        let part = self.part;
        answers.iter().filter(move |answer| {
            answer.question == question
                && answer.system.as_ref().is_none_or(|id| system == Some(id))
                && answer.recipient.as_ref().is_none_or(|name| recipient.is_some_and(|one| one.legal_name == *name))
                && belonging(part, answer) == Belonging::Own
        })
    }

    /// Those among them that say yes or no.
    pub(super) fn yes_or_no(self) -> impl Iterator<Item = (&'a Answer, bool)> {
        self.answers().filter_map(|answer| match answer.value {
            Some(AnswerValue::YesNo(value)) => Some((answer, value)),
            Some(AnswerValue::Day(_) | AnswerValue::Count(_)) | None => None,
        })
    }

    /// Each answer that was given, in words.
    pub(super) fn given(self, draft: &mut Draft) {
        for answer in self.answers() {
            draft.answers(by(answer), answer_words(answer, self.lang));
        }
    }
}

/// Whom an answer is from.
pub(crate) fn by(answer: &Answer) -> Source {
    match answer.given_by {
        GivenBy::Vendor => Source::Vendor,
        GivenBy::Controller => Source::Authority,
    }
}

/// `Nej. Slettes efter syv dage (3. november 2026, sag 2026-311).`
pub(crate) fn answer_words(answer: &Answer, lang: Lang) -> String {
    let text = answer.text.as_deref().map(|text| Inert::new(text).as_str().trim_end_matches('.').to_owned());
    let value = answer.value.map(|value| value_words(answer.question, value, lang));
    let said: Vec<String> = value.into_iter().chain(text).filter(|piece| !piece.is_empty()).collect();
    let given = answer.given.map(|day| lang.day(day));
    let reference = answer.reference.as_deref().map(|reference| Inert::short(reference, MAX_REFERENCE));
    let from: Vec<String> = given.into_iter().chain(reference).collect();
    let said = said.join(". ");
    match (said.is_empty(), from.is_empty()) {
        (_, true) => format!("{said}."),
        (true, false) => format!("{}.", from.join(", ")),
        (false, false) => format!("{said} ({}).", from.join(", ")),
    }
}

/// `Ja`, `2. februar 2015`, `7 dage`, `3.315 personer`.
pub(super) fn value_words(question: Question, value: AnswerValue, lang: Lang) -> String {
    match (value, lang) {
        (AnswerValue::YesNo(true), Lang::Da) => "Ja".to_owned(),
        (AnswerValue::YesNo(false), Lang::Da) => "Nej".to_owned(),
        (AnswerValue::YesNo(true), Lang::En) => "Yes".to_owned(),
        (AnswerValue::YesNo(false), Lang::En) => "No".to_owned(),
        (AnswerValue::Day(day), Lang::Da | Lang::En) => lang.day(day),
        (AnswerValue::Count(number), Lang::Da | Lang::En) if question == Question::CleanUp => days(number, lang),
        (AnswerValue::Count(number), Lang::Da | Lang::En) => PERSONS.of(number, lang),
    }
}

/// `7 dage`.
pub(super) fn days(number: u64, lang: Lang) -> String {
    let noun = match (number, lang) {
        (1, Lang::Da) => "dag",
        (_, Lang::Da) => "dage",
        (1, Lang::En) => "day",
        (_, Lang::En) => "days",
    };
    format!("{} {noun}", lang.number(number))
}

/// Whose an answer is. One of a vendor that names no system is told by the recipient it names: by whose system that one
/// is approved for, and whose sub-processor it is.
fn belonging(part: &Extract<'_>, answer: &Answer) -> Belonging {
    let is_own = |id| part.systems.iter().any(|system| system.id.as_ref() == Some(id));
    if let Some(id) = &answer.system {
        return if is_own(id) { Belonging::Own } else { Belonging::Others };
    }
    if answer.given_by == GivenBy::Controller || part.scan.vendors.len() <= 1 {
        return Belonging::Own;
    }
    let declared = part.scan.declared.as_deref();
    let named = declared.into_iter().flat_map(|declared| &declared.recipients);
    let Some(recipient) = named.into_iter().find(|one| Some(&one.legal_name) == answer.recipient.as_ref()) else {
        return Belonging::Unknown;
    };
    let vendor_of = |id| part.scan.systems.iter().find(|system| system.id.as_ref() == Some(id))?.vendor.as_ref();
    let mut vendors: Vec<Option<&VendorId>> = recipient.approved_for.iter().map(vendor_of).collect();
    let chain = part.scan.vendors.iter().find(|vendor| recipient.of.as_ref() == Some(&vendor.name));
    vendors.extend(chain.map(|vendor| Some(&vendor.id)));
    let own: Vec<Option<&VendorId>> = part.systems.iter().map(|system| system.vendor.as_ref()).collect();
    if vendors.is_empty() {
        return Belonging::Unknown;
    }
    match (vendors.iter().all(|one| own.contains(one)), vendors.iter().any(|one| own.contains(one))) {
        (true, _) => Belonging::Own,
        (false, true) => Belonging::Unknown,
        (false, false) => Belonging::Others,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use model::{Scan, SystemId};

    use super::*;
    use crate::sample;

    /// The answers about the leak to `domain` in the first vendor's dossier.
    #[track_caller]
    pub(in crate::dossier) fn cell(scan: &Scan, question: Question, domain: &str, lang: Lang) -> Cell {
        let part = Extract::of_vendor(scan, scan.vendors.first().map(|vendor| &vendor.id));
        let sheet = Sheet::new(&part, lang);
        let column = sheet.leaks.iter().position(|leak| leak.recipient.domain.as_str() == domain).unwrap();
        sheet.rows.iter().find(|(asked, _)| *asked == question).unwrap().1[column].clone()
    }

    /// An answer of the vendor, to be added to a scan.
    pub(in crate::dossier) fn answer(question: Question, value: AnswerValue) -> Answer {
        Answer {
            question,
            recipient: None,
            system: Some(SystemId("tastselv".to_owned())),
            given_by: GivenBy::Vendor,
            given: None,
            text: None,
            value: Some(value),
            reference: None,
            line: 1,
        }
    }

    /// The sample with one more answer.
    pub(in crate::dossier) fn with(answer: Answer) -> Scan {
        let mut scan = sample::scan();
        scan.declared.as_mut().unwrap().answers.push(answer);
        scan
    }

    #[test]
    fn every_question_is_put_about_every_leak_and_counted() {
        for scan in [sample::scan(), sample::bare(), sample::hostile(), sample::compared()] {
            let part = Extract::whole(&scan);
            let sheet = Sheet::new(&part, Lang::Da);
            assert_eq!(sheet.rows.len(), Question::ALL.len());
            assert!(sheet.rows.iter().all(|(_, cells)| cells.len() == sheet.leaks.len()));
            let all: u64 = sheet.counts.values().sum();
            assert_eq!(all, count(sheet.leaks.len() * Question::ALL.len()));
        }
    }

    #[test]
    fn without_a_registry_only_the_scan_answers() {
        let mut scan = sample::scan();
        scan.declared = None;
        let sheet = Sheet::new(&Extract::whole(&scan), Lang::Da);
        let statements = sheet.rows.iter().flat_map(|(_, cells)| cells).flat_map(|cell| &cell.statements);
        assert!(statements.clone().all(|statement| statement.source == Source::Scanner));
        assert!(!sheet.has_registry && sheet.counts[&State::Contradicted] == 0);
        assert!(sheet.counts[&State::Unanswered] > sheet.counts[&State::Answered]);
    }

    #[test]
    fn an_answer_is_shown_to_the_vendor_it_is_of_and_to_no_other() {
        let mut other = answer(Question::Risk, AnswerValue::YesNo(true));
        (other.system, other.text) = (Some(SystemId("aarsopgoerelse-erhverv".to_owned())), Some("HEMMELIG".to_owned()));
        let mut nobodys = other.clone();
        nobodys.system = None;
        let mut scan = with(other);
        scan.declared.as_mut().unwrap().answers.push(nobodys);
        let told = |vendor: usize| {
            let part = Extract::of_vendor(&scan, Some(&scan.vendors[vendor].id));
            let sheet = Sheet::new(&part, Lang::Da);
            (format!("{:?} {:?}", sheet.rows, sheet.others), sheet.unattributed)
        };
        let ((first, of_nobody), (second, _)) = (told(0), told(1));
        assert!(!first.contains("HEMMELIG") && second.contains("HEMMELIG"));
        assert!(first.contains("syv dage") && !second.contains("syv dage"));
        assert!(first.contains("pressemeddelelse") && second.contains("pressemeddelelse"));
        assert_eq!(of_nobody, 1);
    }

    #[test]
    fn an_answer_is_its_value_its_words_and_where_it_stands() {
        let scan = sample::scan();
        let answers = &scan.declared.as_ref().unwrap().answers;
        assert_eq!(
            answer_words(&answers[0], Lang::Da),
            "7 dage. Slettes efter syv dage, som er fast praksis (3. november 2026, sag 2026-311, bilag 4)."
        );
        assert_eq!(answer_words(&answers[1], Lang::En), "No (3 November 2026).");
    }

    #[test]
    fn more_leaks_than_fit_are_told() {
        let mut scan = sample::scan();
        let first = scan.findings[0].clone();
        scan.findings = (0..100)
            .map(|n| {
                let mut finding = first.clone();
                finding.recipient.legal_name = Some(format!("R{n}"));
                finding
            })
            .collect();
        let sheet = Sheet::new(&Extract::whole(&scan), Lang::Da);
        assert_eq!((sheet.leaks.len(), sheet.left), (MAX_LEAKS, 40));
    }
}
