//! What a crawl went through of a system, counted: kinds of pages, forms and fields, each once however often it was met.

use std::collections::{BTreeMap, BTreeSet};

use model::{BlindSpotKind, BlindSpotRecord, Coverage, PageCoverage, Redacted, SystemId, VisitId};

use super::taken::{FieldRecord, FormRecord, Judged, VisitRecord};

/// Most requests kept of those that the proxy did not send on; a crawl presses fewer buttons.
const MAX_STOPPED: usize = 10_000;

/// Requests that were answered by the proxy instead of the system: a form sent so was not sent.
#[derive(Debug, Default)]
pub(super) struct Stopped(BTreeSet<(VisitId, Redacted)>);

/// What became of the forms of one kind.
#[derive(Default)]
struct Kind {
    asks_for_cpr: bool,
    filled: bool,
    submitted: bool,
    /// By name and kind: whether something was filled in.
    fields: BTreeMap<(Redacted, String), bool>,
}

impl Stopped {
    /// Keeps `judged` if it was stopped.
    pub(super) fn take(&mut self, judged: &Judged) {
        if let (Some(visit), Some(place)) = (judged.visit, &judged.stopped_at)
            && self.0.len() < MAX_STOPPED
        {
            self.0.insert((visit, place.clone()));
        }
    }

    /// Whether what `form` sent in the step `visit` was stopped. Where a script sends, nobody knows to where.
    fn holds(&self, visit: VisitId, form: &FormRecord) -> bool {
        self.0.iter().any(|(step, place)| *step == visit && (!form.says_how || *place == form.action))
    }
}

/// Counts what `visits` went through of the system.
pub(super) fn count(coverage: &mut Coverage, visits: &[&VisitRecord], stopped: &Stopped) {
    // The form that was sent is told first.
    let forms_of: BTreeMap<VisitId, &FormRecord> =
        visits.iter().filter_map(|visit| Some((visit.id, visit.forms.first()?))).collect();
    let mut unsent = BTreeSet::new();
    for step in visits {
        if let Some(form) = step.submitted_from.and_then(|from| forms_of.get(&from))
            && stopped.holds(step.id, form)
        {
            unsent.insert(key(form));
        }
    }
    let mut kinds: BTreeMap<_, Kind> = BTreeMap::new();
    let mut templates = BTreeSet::new();
    for visit in visits {
        if visit.is_loaded() {
            templates.insert(visit.page.clone());
        }
        coverage.pages.push(page(visit));
        coverage.links_out += u64::from(visit.links_out);
        // Buttons that stand alone are no form.
        let is_form = |form: &&FormRecord| form.says_how || form.submitted || form.fields.iter().any(is_fillable);
        for form in visit.forms.iter().filter(is_form) {
            let key = key(form);
            let is_sent = form.submitted && !unsent.contains(&key);
            let kind = kinds.entry(key).or_default();
            kind.filled |= form.filled;
            kind.submitted |= is_sent;
            for field in form.fields.iter().filter(|field| is_fillable(field)) {
                kind.asks_for_cpr |= field.asks_for_cpr;
                *kind.fields.entry((field.name.clone(), field.kind.clone())).or_default() |= field.typed;
            }
        }
    }
    coverage.templates = number(templates.len());
    coverage.forms = number(kinds.len());
    for kind in kinds.values() {
        coverage.forms_filled += u64::from(kind.filled);
        coverage.forms_submitted += u64::from(kind.submitted);
        coverage.fields += number(kind.fields.len());
        coverage.fields_typed += number(kind.fields.values().filter(|typed| **typed).count());
        if kind.asks_for_cpr {
            coverage.cpr_forms += 1;
            coverage.cpr_forms_filled += u64::from(kind.filled);
            coverage.cpr_forms_submitted += u64::from(kind.submitted);
        }
    }
}

/// Steps of journeys that did not work.
pub(super) fn steps_failed(blind_spots: &[BlindSpotRecord], system: Option<&SystemId>) -> u64 {
    let is_step = |spot: &&BlindSpotRecord| spot.kind == BlindSpotKind::StepFailed && spot.system.as_ref() == system;
    blind_spots.iter().filter(is_step).map(|spot| spot.count).sum()
}

/// What makes two forms the same: where they send, how, and what a person fills in first. More may come after that, or not.
fn key(form: &FormRecord) -> (String, Redacted, Redacted) {
    let first = form.fields.iter().find(|field| is_fillable(field));
    let name = first.map(|field| field.name.clone()).unwrap_or_default();
    (form.method.clone(), form.action.clone(), name)
}

fn is_fillable(field: &FieldRecord) -> bool {
    field.kind != "hidden"
}

fn page(visit: &VisitRecord) -> PageCoverage {
    PageCoverage {
        page: visit.page.clone(),
        title: visit.title.clone(),
        status: visit.status,
        outcome: visit.outcome.clone(),
        by_form: visit.submitted_from.is_some(),
        forms: number(visit.forms.len()),
    }
}

fn number(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use model::{CprNumber, Field, Form, Visit, VisitOutcome};

    use super::*;

    fn field(name: &str, typed: bool) -> Field {
        Field {
            name: name.to_owned(),
            label: String::new(),
            kind: "text".to_owned(),
            asks_for_cpr: name == "cpr",
            typed,
            canary: None::<CprNumber>,
        }
    }

    fn form(action: &str, fields: Vec<Field>, submitted: bool) -> Form {
        let filled = fields.iter().any(|field| field.typed);
        let (action, method) = (format!("https://sag.test{action}"), "post".to_owned());
        Form { name: "form 1".to_owned(), action, method, says_how: true, fields, filled, submitted }
    }

    fn visit(id: u32, path: &str, from: Option<u32>, forms: Vec<Form>) -> Visit {
        Visit {
            role: None,
            sign_in: model::SignIn::NotTried,
            id: VisitId(id),
            system: None,
            url: format!("https://sag.test{path}"),
            submitted_from: from.map(VisitId),
            consent: model::ConsentState::default(),
            started: jiff::Timestamp::UNIX_EPOCH,
            status: Some(200),
            title: String::new(),
            outcome: VisitOutcome::Loaded,
            forms,
            links_out: 0,
            facts: None,
        }
    }

    fn counted(visits: &[Visit], stopped: &[(u32, &str)]) -> Coverage {
        let clock = model::Clock::fixed(jiff::Timestamp::UNIX_EPOCH);
        let parties = detect::Parties::first_party(Vec::new());
        let redactor = crate::setup::recorder(&[], parties, [7; 32], &clock).redactor();
        let stopped = stopped.iter().map(|(visit, url)| (VisitId(*visit), redactor.page(url)));
        let records: Vec<VisitRecord> = visits.iter().map(|visit| VisitRecord::new(visit, None, &redactor)).collect();
        let mut coverage = Coverage::default();
        count(&mut coverage, &records.iter().collect::<Vec<_>>(), &Stopped(stopped.collect()));
        coverage
    }

    #[test]
    fn what_is_met_twice_is_counted_once_and_as_it_went_best() {
        let search = || form("/soeg", vec![field("ord", false)], false);
        let ask = |typed, more: &[&str]| {
            let more = more.iter().map(|name| field(name, true));
            form("/send", [field("cpr", typed)].into_iter().chain(more).collect(), typed)
        };
        let visits = [
            visit(1, "/sag/4501987236", None, vec![ask(true, &["navn"]), search()]),
            visit(2, "/send", Some(1), vec![]),
            visit(3, "/sag/4501987237", None, vec![search(), ask(false, &[])]),
        ];
        let coverage = counted(&visits, &[]);
        assert_eq!((coverage.pages.len(), coverage.templates), (3, 2));
        assert_eq!((coverage.forms, coverage.forms_filled, coverage.forms_submitted), (2, 1, 1));
        assert_eq!((coverage.fields, coverage.fields_typed), (3, 2));
        assert_eq!((coverage.cpr_forms, coverage.cpr_forms_filled, coverage.cpr_forms_submitted), (1, 1, 1));
    }

    #[test]
    fn a_form_whose_request_was_stopped_was_not_sent() {
        let visits = [
            visit(1, "/", None, vec![form("/send", vec![field("cpr", true)], true)]),
            visit(2, "/send", Some(1), vec![]),
        ];
        let submitted = |stopped: (u32, &str)| counted(&visits, &[stopped]).forms_submitted;
        assert_eq!(submitted((2, "https://sag.test/send?x=1")), 0);
        assert_eq!(submitted((1, "https://sag.test/send")), 1);
        assert_eq!(submitted((2, "https://sag.test/maaling")), 1);
    }
}
