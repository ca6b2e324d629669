//! Whether a scan looked where another found something: if not, that it found nothing there says nothing.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Unseen;
use crate::{
    BlindSpotKind, BlindSpotRecord, Channel, ConsentState, Coverage, Finding, Redacted, Rule, Scan, ScanKind, SelfTest,
    Standing, SystemResult, Verdict,
};

/// Why a scan could not have seen a finding of another. Ids are stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WhyUnseen {
    /// The system is not in the scan.
    SystemNotAudited,
    /// The self-test failed: what was not found is no evidence.
    RunVoid,
    /// Nothing of the system was seen beyond its front door.
    SystemNotReached,
    /// The page was not reached, or answered with an error.
    PageNotReached,
    /// Nobody was signed in as the role that it was seen in.
    RoleNotReached,
    /// The answer to the question for consent under which it was seen was not given, or did not hold.
    ConsentNotReached,
    /// No number was typed into any form, and it came from one.
    NothingTyped,
    /// It can only be seen by another kind of run: in a browser, in logs, or with the same things simulated.
    OtherMeans,
    /// Something was not seen that could hide it.
    Hidden,
}

/// What a blind spot can hide.
enum Hides {
    /// Nothing: what it says is seen by where the scan came, or it leaves no gap.
    Nothing,
    /// Whatever there is.
    Everything,
    /// What is found at the page that it names.
    Page,
    /// What goes to the host that it names.
    Host,
    /// That, in bodies alone.
    Body,
    /// That, in WebSockets alone.
    Websocket,
    /// What goes to somebody else.
    ThirdParties,
    /// What a page tells of itself.
    PageFacts,
    /// Digests.
    Digests,
    /// What comes after an answer to the question for consent.
    Consent,
}

impl WhyUnseen {
    /// Every reason.
    pub const ALL: [Self; 9] = [
        Self::SystemNotAudited,
        Self::RunVoid,
        Self::SystemNotReached,
        Self::PageNotReached,
        Self::RoleNotReached,
        Self::ConsentNotReached,
        Self::NothingTyped,
        Self::OtherMeans,
        Self::Hidden,
    ];

    /// Stable id.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SystemNotAudited => "system-not-audited",
            Self::RunVoid => "run-void",
            Self::SystemNotReached => "system-not-reached",
            Self::PageNotReached => "page-not-reached",
            Self::RoleNotReached => "role-not-reached",
            Self::ConsentNotReached => "consent-not-reached",
            Self::NothingTyped => "nothing-typed",
            Self::OtherMeans => "other-means",
            Self::Hidden => "hidden",
        }
    }
}

/// Why `there` could not have seen `finding`, which `here` saw; `None` where it looked and would have.
pub(super) fn unseen(finding: &Finding, here: &Scan, there: &Scan) -> Option<Unseen> {
    let because = |why| Some(Unseen { why, blind_spot: None });
    let owner = owner(here, finding);
    let system = match owner {
        Some(system) => same(there, system),
        // What belongs to no system that the scan lists.
        None => there.systems.iter().find(|system| system.id == finding.system),
    };
    let Some(system) = system else { return because(WhyUnseen::SystemNotAudited) };
    if there.self_test.as_ref().is_some_and(|test| !SelfTest::passed(test)) {
        return because(WhyUnseen::RunVoid);
    }
    if system.verdict == Verdict::NotCovered {
        return because(WhyUnseen::SystemNotReached);
    }
    if needs_other_means(finding, here, there) {
        return because(WhyUnseen::OtherMeans);
    }
    let coverage = &system.coverage;
    if !has_reached(coverage, &finding.page) {
        return because(WhyUnseen::PageNotReached);
    }
    let in_role = |role: &Redacted| {
        coverage
            .roles
            .iter()
            .any(|covered| covered.signed_in && covered.name.as_ref() == Some(role) && covered.pages > 0)
    };
    if !finding.roles.iter().all(in_role) {
        return because(WhyUnseen::RoleNotReached);
    }
    if !finding.consent.iter().all(|state| has_answered(coverage, *state)) {
        return because(WhyUnseen::ConsentNotReached);
    }
    let typed = owner.is_some_and(|system| system.coverage.cpr_forms_filled > 0);
    if finding
        .form
        .as_ref()
        .is_some_and(|form| typed && (coverage.cpr_forms_filled == 0 || !has_reached(coverage, &form.page)))
    {
        return because(WhyUnseen::NothingTyped);
    }
    let known: BTreeSet<(BlindSpotKind, &str)> =
        here.blind_spots.iter().map(|spot| (spot.kind, spot.place.as_str())).collect();
    let hiding = there.blind_spots.iter().find(|spot| {
        let concerns = spot.system.is_none() || spot.system == finding.system;
        // What was not seen then either did not hide it then.
        let is_old = !ends_a_run(spot.kind) && known.contains(&(spot.kind, spot.place.as_str()));
        concerns && !is_old && hides(spot, finding)
    });
    hiding.map(|spot| Unseen { why: WhyUnseen::Hidden, blind_spot: Some(spot.kind) })
}

/// The system that `finding` belongs to.
pub(super) fn owner<'a>(scan: &'a Scan, finding: &Finding) -> Option<&'a SystemResult> {
    scan.systems.iter().find(|system| system.id == finding.system)
}

/// The same system in another scan: by its id. What no registry declares is what else belongs to none there.
pub(super) fn same<'a>(scan: &'a Scan, system: &SystemResult) -> Option<&'a SystemResult> {
    scan.systems.iter().find(|other| other.id == system.id)
}

/// The last of `scans` that has the system.
pub(super) fn last_with<'a>(scans: &[&'a Scan], system: &SystemResult) -> Option<&'a Scan> {
    scans.iter().rev().copied().find(|scan| same(scan, system).is_some())
}

/// Whether the finding is of a kind that only the means of `here` can see.
fn needs_other_means(finding: &Finding, here: &Scan, there: &Scan) -> bool {
    let is_browser = |scan: &Scan| match scan.kind {
        ScanKind::Audit => true,
        ScanKind::Recording | ScanKind::Proxy | ScanKind::Run => false,
    };
    let simulated = |scan: &Scan| here.conditions.iter().all(|condition| scan.conditions.contains(condition));
    (is_browser(here) && !is_browser(there) && (finding.rule.is_of_page() || finding.rule == Rule::FormExfiltration))
        || (finding.simulated && !simulated(there))
        || (finding.rule == Rule::CprInLog && there.logs.is_none())
}

/// Whether the page was reached, and was no error. What belongs to no page was seen wherever it came by.
fn has_reached(coverage: &Coverage, page: &Redacted) -> bool {
    if page.as_str().is_empty() {
        return true;
    }
    let mut visits = coverage.pages.iter().filter(|visited| visited.page == *page).peekable();
    if visits.peek().is_none() {
        // A frame, a step of a redirect, or a page of a recording.
        return coverage.pages_seen.contains(page);
    }
    visits.any(|visited| visited.outcome == "loaded" && visited.status.is_none_or(|status| status < 400))
}

/// Whether the system was gone through with this answer. Where it lists no passes there was one, without any.
fn has_answered(coverage: &Coverage, state: ConsentState) -> bool {
    if coverage.consent_states.is_empty() {
        return state == ConsentState::Untouched;
    }
    coverage.consent_states.iter().any(|pass| pass.state == state && pass.pages_in_state > 0)
}

/// Whether it says that a run, or part of it, did not come to its end: how much is missing differs each time.
fn ends_a_run(kind: BlindSpotKind) -> bool {
    match hides_what(kind) {
        Hides::Everything => kind != BlindSpotKind::StaticEngine,
        Hides::Nothing
        | Hides::Page
        | Hides::Host
        | Hides::Body
        | Hides::Websocket
        | Hides::ThirdParties
        | Hides::PageFacts
        | Hides::Digests
        | Hides::Consent => false,
    }
}

fn hides(spot: &BlindSpotRecord, finding: &Finding) -> bool {
    match hides_what(spot.kind) {
        Hides::Nothing => false,
        Hides::Everything => true,
        Hides::Page => names_page(&spot.place, finding),
        Hides::Host => names_host(&spot.place, finding),
        Hides::Body => finding.channel == Some(Channel::Body) && names_host(&spot.place, finding),
        Hides::Websocket => finding.channel == Some(Channel::Websocket) && names_host(&spot.place, finding),
        Hides::ThirdParties => finding.recipient.standing != Standing::Own,
        Hides::PageFacts => finding.rule.is_of_page() && names_page(&spot.place, finding),
        Hides::Digests => finding.rule == Rule::CprDigest,
        Hides::Consent => finding.consent.iter().any(|state| *state != ConsentState::Untouched),
    }
}

fn hides_what(kind: BlindSpotKind) -> Hides {
    match kind {
        BlindSpotKind::SelfTestMissed
        | BlindSpotKind::NothingSeen
        | BlindSpotKind::NothingThroughProxy
        | BlindSpotKind::CommandFailed
        | BlindSpotKind::JourneyNotRun
        | BlindSpotKind::StepFailed
        | BlindSpotKind::SessionLost
        | BlindSpotKind::StaticEngine
        | BlindSpotKind::Interrupted
        | BlindSpotKind::RecordingPaused
        | BlindSpotKind::SessionNotKept
        | BlindSpotKind::QueueOverflow
        | BlindSpotKind::InputBroken
        | BlindSpotKind::LogGap
        | BlindSpotKind::SightingsNotListed => Hides::Everything,
        BlindSpotKind::LoginRequired
        | BlindSpotKind::PageFailed
        | BlindSpotKind::FormNotSubmitted
        | BlindSpotKind::HeldBack
        | BlindSpotKind::PageRestless
        | BlindSpotKind::PageInterfered => Hides::Page,
        BlindSpotKind::HostUnreachable
        | BlindSpotKind::UpstreamRefused
        | BlindSpotKind::ClientRefused
        | BlindSpotKind::Passthrough
        | BlindSpotKind::NotHttp
        | BlindSpotKind::ConnectionBroken
        | BlindSpotKind::StoppedUnjudged
        | BlindSpotKind::DecodeLimit
        | BlindSpotKind::EncodingUnknown => Hides::Host,
        BlindSpotKind::BodyCut | BlindSpotKind::BodyMissing => Hides::Body,
        BlindSpotKind::WebsocketNotRead => Hides::Websocket,
        BlindSpotKind::OthersUnseen => Hides::ThirdParties,
        BlindSpotKind::PageFactsLeftOut => Hides::PageFacts,
        BlindSpotKind::DigestsNotTried => Hides::Digests,
        BlindSpotKind::ConsentNotReached => Hides::Consent,
        // Whether the page was reached is asked of the pages themselves.
        BlindSpotKind::MustVisitMissed
        | BlindSpotKind::RobotsObeyed
        | BlindSpotKind::PagesLeftOut
        | BlindSpotKind::InitiatorUnknown
        | BlindSpotKind::Sunk
        | BlindSpotKind::SightingsCounted
        | BlindSpotKind::Http3Withheld => Hides::Nothing,
    }
}

/// Whether `place` is the finding's page, or that of the form it came from, or no page at all but a whole system or run.
fn names_page(place: &Redacted, finding: &Finding) -> bool {
    let form = finding.form.as_ref().map(|form| &form.page);
    let mut pages = [Some(&finding.page), form].into_iter().flatten();
    !place.as_str().contains("://") || pages.any(|page| without_query(page.as_str()) == without_query(place.as_str()))
}

/// Whether `place` names a host of the finding, or none at all.
fn names_host(place: &Redacted, finding: &Finding) -> bool {
    let place = place.as_str();
    !place.contains('.')
        || finding.hosts.iter().any(|host| place.contains(host.as_str()))
        || place.contains(finding.recipient.domain.as_str())
}

fn without_query(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or(url)
}
