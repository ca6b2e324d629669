//! A system for a vendor's page: verdict, findings, coverage, who was contacted, what was not seen.

use model::{AlteredCanary, Coverage, Scan, ScanKind, SystemResult};

use super::address::{Address, origin};
use super::finding::{FindingView, MAX_CARDS, left_out};
use super::frame::Entry;
use super::mending::{MendingView, gathered};
use super::unseen::{Unseen, grouped};
use crate::card::standing;
use crate::consent;
use crate::inert::Inert;
use crate::lang::{Lang, Text};
use crate::naming::who;
use crate::operator::operator;
use crate::roles::role_told;
use crate::summary::Extract;
use crate::texts::countries::country;
use crate::texts::{page, phrases, terms};
use crate::verdict::verdict;

/// A verdict as shown: words, and a sign that needs no colour.
#[derive(Clone, Copy, Debug)]
pub(super) struct VerdictMark {
    pub(super) class: &'static str,
    pub(super) label: &'static str,
    pub(super) meaning: &'static str,
}

/// A system on a page.
#[derive(Clone, Debug)]
pub(super) struct SystemView {
    pub(super) anchor: String,
    pub(super) name: String,
    pub(super) id: String,
    pub(super) environment: &'static str,
    pub(super) base_urls: String,
    pub(super) verdict: VerdictMark,
    pub(super) findings: Vec<FindingView>,
    /// How many more there are; empty when all are shown.
    pub(super) left: String,
    pub(super) mending: Vec<MendingView>,
    /// What is said when there are none.
    pub(super) no_findings: &'static str,
    pub(super) coverage: Vec<Entry>,
    /// `None` where none could be visited: a recording was read.
    pub(super) pages: Option<Vec<PageView>>,
    pub(super) contacted: Vec<ContactView>,
    pub(super) unseen: Vec<Unseen>,
}

/// A page that was visited.
#[derive(Clone, Debug)]
pub(super) struct PageView {
    pub(super) page: Address,
    pub(super) title: String,
    pub(super) status: String,
    pub(super) outcome: String,
    pub(super) by_form: bool,
    pub(super) forms: u64,
}

/// Somebody who was contacted.
#[derive(Clone, Debug)]
pub(super) struct ContactView {
    pub(super) who: String,
    /// Who operates it as the tool's own list says; empty when that says nothing.
    pub(super) operator: String,
    pub(super) country: String,
    /// Whether only the tool's own list says the country.
    pub(super) is_country_unchecked: bool,
    pub(super) standing: &'static str,
    pub(super) requests: u64,
    pub(super) with_number: u64,
}

impl VerdictMark {
    pub(super) fn new(system: &SystemResult, part: &Extract<'_>, lang: Lang) -> Self {
        let said = verdict(system, part);
        Self { class: said.tone.class(), label: said.label.to(lang), meaning: said.meaning.to(lang) }
    }
}

impl SystemView {
    /// The view of `system`, the `number`-th on the page, its findings counted on from `first`.
    pub(super) fn new(scan: &Scan, system: &SystemResult, number: usize, first: usize, lang: Lang) -> Self {
        let part = Extract::of_system(scan, system);
        let anchor = format!("system-{number}");
        let view =
            |(finding, number): (&&model::Finding, usize)| FindingView::new(finding, scan, number, &anchor, lang);
        let room = (MAX_CARDS + 1).saturating_sub(first);
        let findings: Vec<FindingView> = part.findings.iter().take(room).zip(first..).map(view).collect();
        let base = system.base_urls.first().and_then(origin);
        let was_visited = match scan.kind {
            ScanKind::Audit => true,
            ScanKind::Recording | ScanKind::Proxy | ScanKind::Run => !system.coverage.pages.is_empty(),
        };
        let nothing_seen = system.verdict == model::Verdict::NotCovered;
        let no_findings = if nothing_seen { page::NO_FINDINGS_UNCOVERED } else { page::NO_FINDINGS };
        Self {
            mending: gathered(&findings, &anchor),
            anchor,
            name: Inert::short(system.name.as_str(), 120),
            id: system.id.as_ref().map(|id| Inert::short(&id.0, 80)).unwrap_or_default(),
            environment: system.environment.map_or("", |kind| terms::environment(kind).to(lang)),
            base_urls: system.base_urls.iter().map(|url| Inert::from(url).to_string()).collect::<Vec<_>>().join(", "),
            verdict: VerdictMark::new(system, &part, lang),
            left: left_out(part.findings.len().saturating_sub(room), lang),
            findings,
            no_findings: no_findings.to(lang),
            coverage: covered(&system.coverage, was_visited, lang),
            pages: was_visited.then(|| {
                system.coverage.pages.iter().map(|visited| page_view(visited, base.as_deref(), lang)).collect()
            }),
            contacted: system.coverage.recipients.iter().map(|contact| contact_view(contact, scan, lang)).collect(),
            unseen: grouped(&part.blind_spots, &scan.pictures, lang),
        }
    }
}

/// Places where a test number came altered that are listed: a filter shows itself in the first.
const MAX_ALTERED: usize = 20;

/// A recording has no forms to fill and no links to follow; noughts for them would read as a result.
fn covered(coverage: &Coverage, was_visited: bool, lang: Lang) -> Vec<Entry> {
    let entry = |label: Text, number: u64| Entry { label: label.to(lang), value: lang.number(number) };
    let mut entries = vec![
        entry(page::REQUESTS, coverage.requests),
        entry(page::THIRD_PARTY_REQUESTS, coverage.third_party_requests),
    ];
    if coverage.browser_own_requests > 0 {
        entries.push(entry(page::BROWSER_OWN_REQUESTS, coverage.browser_own_requests));
    }
    if was_visited {
        entries.extend([
            entry(page::TEMPLATES, coverage.templates),
            entry(page::FORMS, coverage.forms),
            entry(page::FORMS_FILLED, coverage.forms_filled),
            entry(page::FORMS_SUBMITTED, coverage.forms_submitted),
            entry(page::FIELDS, coverage.fields),
            entry(page::FIELDS_TYPED, coverage.fields_typed),
            entry(page::CPR_FORMS, coverage.cpr_forms),
            entry(page::CPR_FORMS_FILLED, coverage.cpr_forms_filled),
            entry(page::CPR_FORMS_SUBMITTED, coverage.cpr_forms_submitted),
            entry(page::LINKS_OUT, coverage.links_out),
        ]);
        if coverage.steps_failed > 0 {
            entries.push(entry(page::STEPS_FAILED, coverage.steps_failed));
        }
    }
    entries.extend([
        entry(page::TO_OWN_BODIES, coverage.numbers_to_own_bodies),
        entry(page::LOOK_ALIKES, coverage.look_alikes),
    ]);
    entries
        .extend(coverage.roles.iter().map(|role| Entry { label: page::ROLE.to(lang), value: role_told(role, lang) }));
    entries.extend(coverage.consent_states.iter().map(|pass| Entry {
        label: page::CONSENT_PASS.to(lang),
        value: format!("{}: {}", terms::consent_state(pass.state).to(lang), consent::pass(pass, lang)),
    }));
    entries.extend(coverage.altered.iter().take(MAX_ALTERED).map(|altered| altered_entry(altered, lang)));
    entries
}

/// `7 gange til maaling.test (dl > cpr): maskeret`.
fn altered_entry(altered: &AlteredCanary, lang: Lang) -> Entry {
    let times = phrases::TIMES.of(altered.count, lang);
    let (domain, parameter) = (Inert::from(&altered.domain), Inert::from(&altered.parameter));
    let (to, kind) = (page::ALTERED_TO.to(lang), terms::alteration(altered.kind).to(lang));
    Entry { label: page::ALTERED.to(lang), value: format!("{times} {to} {domain} ({parameter}): {kind}") }
}

fn page_view(visited: &model::PageCoverage, base: Option<&str>, lang: Lang) -> PageView {
    let own_word = || Inert::short(&visited.outcome, 40);
    PageView {
        page: Address::new(&visited.page, base),
        title: Inert::short(visited.title.as_str(), 120),
        status: visited.status.map_or_else(|| "–".to_owned(), |status| status.to_string()),
        outcome: terms::outcome(&visited.outcome).map_or_else(own_word, |text| text.to(lang).to_owned()),
        by_form: visited.by_form,
        forms: visited.forms,
    }
}

fn contact_view(contact: &model::RecipientCoverage, scan: &Scan, lang: Lang) -> ContactView {
    let recipient = &contact.recipient;
    ContactView {
        who: who(recipient),
        operator: operator(recipient, lang).unwrap_or_default(),
        is_country_unchecked: recipient.is_country_unchecked(),
        country: recipient.country.as_deref().map_or_else(|| "–".to_owned(), |code| country(code, lang)),
        standing: standing(recipient.standing, scan, lang),
        requests: contact.requests,
        with_number: contact.with_number,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn everybody_contacted_is_listed_also_those_who_got_nothing() {
        let scan = sample::scan();
        let view = SystemView::new(&scan, &scan.systems[0], 1, 1, Lang::En);
        assert_eq!(view.contacted.len(), 4);
        assert!(view.contacted.iter().any(|contact| contact.with_number == 0));
    }

    #[test]
    fn without_findings_it_matters_whether_the_system_was_seen() {
        let scan = sample::scan();
        let said = |at: usize| SystemView::new(&scan, &scan.systems[at], 1, 1, Lang::En).no_findings;
        assert_eq!(said(1), page::NO_FINDINGS.en);
        assert_eq!(said(2), page::NO_FINDINGS_UNCOVERED.en);
    }

    #[test]
    fn a_recording_speaks_of_no_pages_and_forms() {
        let mut scan = sample::scan();
        let all = SystemView::new(&scan, &scan.systems[0], 1, 1, Lang::En).coverage.len();
        scan.kind = ScanKind::Recording;
        scan.systems[0].coverage.pages.clear();
        let view = SystemView::new(&scan, &scan.systems[0], 1, 1, Lang::En);
        assert!(view.pages.is_none());
        assert_eq!(view.coverage.len(), all - 11);
    }

    #[test]
    fn what_a_page_has_no_room_for_is_counted() {
        let scan = sample::scan();
        let view = SystemView::new(&scan, &scan.systems[0], 1, MAX_CARDS - 1, Lang::En);
        assert_eq!(view.findings.len(), 2);
        assert_eq!(view.left, "4 more findings are not shown on this page. All of them are in scan.json.");
        let view = SystemView::new(&scan, &scan.systems[0], 1, MAX_CARDS + 1, Lang::Da);
        assert_eq!((view.findings.len(), view.left.starts_with("6 fund mere")), (0, true), "{}", view.left);
    }

    #[test]
    fn findings_are_numbered_on_from_those_before() {
        let scan = sample::scan();
        let view = SystemView::new(&scan, &scan.systems[0], 1, 5, Lang::Da);
        assert_eq!(view.findings.iter().map(|finding| finding.number).collect::<Vec<_>>(), [5, 6, 7, 8, 9, 10]);
    }
}
