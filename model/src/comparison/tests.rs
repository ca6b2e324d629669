//! Two scans of one made-up system, and what is said of the second.

use super::sample::{PAGE, finding, own, page, recipient, scan, system};
use super::*;
use crate::{
    BlindSpotRecord, ConsentPass, ConsentState, Coverage, FormOfOrigin, RecipientCoverage, RoleCoverage, Rule,
    ScanKind, Verdict,
};

fn spot(kind: BlindSpotKind, place: &str) -> BlindSpotRecord {
    BlindSpotRecord { system: None, kind, place: own(place), detail: Redacted::default(), count: 1, picture: None }
}

/// What is said of a finding that is gone in the second scan: nothing when it is mended.
#[track_caller]
fn gone(then: impl Fn(&mut Scan), now: impl Fn(&mut Scan)) -> Option<WhyUnseen> {
    let (mut first, mut second) = (scan(1, vec![finding("leak")]), scan(2, Vec::new()));
    then(&mut first);
    now(&mut second);
    let comparison = Comparison::of(&[first], &second);
    assert_eq!(comparison.mended.len() + comparison.not_covered.len(), 1, "{comparison:?}");
    comparison.not_covered.first().map(|gone| gone.unseen.why)
}

fn nothing(_: &mut Scan) {}

fn coverage(scan: &mut Scan) -> &mut Coverage {
    &mut scan.systems[0].coverage
}

#[test]
fn what_is_gone_where_it_was_looked_for_is_mended() {
    assert_eq!(gone(nothing, nothing), None);
}

#[test]
fn what_is_in_both_is_still_there_and_what_is_in_one_is_new() {
    let (first, second) = (scan(1, vec![finding("a"), finding("b")]), scan(2, vec![finding("b"), finding("c")]));
    let comparison = Comparison::of(&[first], &second);
    assert_eq!(comparison.still_there.iter().map(|still| still.fingerprint.as_str()).collect::<Vec<_>>(), ["b"]);
    assert_eq!(comparison.mended.iter().map(|mended| mended.fingerprint.as_str()).collect::<Vec<_>>(), ["a"]);
    let new = NewFinding { fingerprint: "c".to_owned(), unseen_before: None };
    assert_eq!((comparison.new, comparison.not_covered), (vec![new], Vec::new()));
    assert_eq!(comparison.earlier[0].id, "0000000000000001");
}

#[test]
fn the_same_scan_twice_has_not_changed() {
    let comparison = Comparison::of(&[scan(1, vec![finding("a")])], &scan(2, vec![finding("a")]));
    assert!(comparison.is_unchanged() && comparison.not_covered.is_empty());
}

#[test]
fn a_page_that_was_not_reached_mends_nothing() {
    let not_reached = Some(WhyUnseen::PageNotReached);
    assert_eq!(gone(nothing, |scan| coverage(scan).pages.clear()), not_reached);
    assert_eq!(gone(nothing, |scan| coverage(scan).pages = vec![page(PAGE, "failed", 200)]), not_reached);
    assert_eq!(gone(nothing, |scan| coverage(scan).pages = vec![page(PAGE, "loaded", 404)]), not_reached);
    let again = |scan: &mut Scan| coverage(scan).pages = vec![page(PAGE, "failed", 500), page(PAGE, "loaded", 200)];
    assert_eq!(gone(nothing, again), None);
}

#[test]
fn a_frame_or_a_recordings_page_is_reached_when_requests_came_from_it() {
    let seen = |scan: &mut Scan| {
        coverage(scan).pages.clear();
        coverage(scan).pages_seen.push(own(PAGE));
    };
    assert_eq!(gone(nothing, seen), None);
}

#[test]
fn a_finding_of_no_page_is_looked_for_wherever_the_system_is() {
    let of_no_page = |scan: &mut Scan| scan.findings[0].page = Redacted::default();
    assert_eq!(gone(of_no_page, |scan| coverage(scan).pages.clear()), None);
}

#[test]
fn a_system_that_is_not_in_the_scan_or_not_reached_mends_nothing() {
    assert_eq!(gone(nothing, |scan| scan.systems.clear()), Some(WhyUnseen::SystemNotAudited));
    let at_the_door = |scan: &mut Scan| scan.systems[0].verdict = Verdict::NotCovered;
    assert_eq!(gone(nothing, at_the_door), Some(WhyUnseen::SystemNotReached));
}

#[test]
fn a_void_run_mends_nothing() {
    let void = |scan: &mut Scan| scan.self_test.as_mut().unwrap().probes[0].found = false;
    assert_eq!(gone(nothing, void), Some(WhyUnseen::RunVoid));
}

#[test]
fn every_role_that_saw_it_must_have_been_there() {
    let role = |name: &str, signed_in: bool| RoleCoverage { name: Some(own(name)), signed_in, pages: 3 };
    let in_roles = |scan: &mut Scan| scan.findings[0].roles = vec![own("borger"), own("rådgiver")];
    let both = |scan: &mut Scan| coverage(scan).roles = vec![role("borger", true), role("rådgiver", true)];
    let one = |scan: &mut Scan| coverage(scan).roles = vec![role("borger", true), role("rådgiver", false)];
    assert_eq!(gone(in_roles, both), None);
    assert_eq!(gone(in_roles, one), Some(WhyUnseen::RoleNotReached));
    assert_eq!(gone(in_roles, nothing), Some(WhyUnseen::RoleNotReached));
}

#[test]
fn every_answer_under_which_it_was_seen_must_have_held() {
    let pass = |state, held| ConsentPass { state, banner: None, pages: 2, pages_in_state: held };
    let accepted = |scan: &mut Scan| scan.findings[0].consent = vec![ConsentState::Accepted];
    let went = |held| {
        move |scan: &mut Scan| {
            coverage(scan).consent_states = vec![pass(ConsentState::Untouched, 2), pass(ConsentState::Accepted, held)];
        }
    };
    assert_eq!(gone(accepted, went(1)), None);
    assert_eq!(gone(accepted, went(0)), Some(WhyUnseen::ConsentNotReached));
    assert_eq!(gone(accepted, nothing), Some(WhyUnseen::ConsentNotReached));
    let untouched = |scan: &mut Scan| scan.findings[0].consent = vec![ConsentState::Untouched];
    assert_eq!(gone(untouched, nothing), None);
}

#[test]
fn a_number_that_was_typed_nowhere_leaks_nowhere() {
    let of_form = |scan: &mut Scan| {
        scan.findings[0].form = Some(FormOfOrigin { page: own(PAGE), form: own("f"), field: own("cpr") });
    };
    assert_eq!(gone(of_form, nothing), None);
    assert_eq!(gone(of_form, |scan| coverage(scan).cpr_forms_filled = 0), Some(WhyUnseen::NothingTyped));
    let elsewhere = |scan: &mut Scan| {
        scan.findings[0].form =
            Some(FormOfOrigin { page: own("https://borger.test/log"), form: own("f"), field: own("c") });
    };
    assert_eq!(gone(elsewhere, nothing), Some(WhyUnseen::NothingTyped));
}

#[test]
fn what_a_browser_or_a_log_alone_can_tell_is_not_mended_by_a_recording() {
    let recording = |scan: &mut Scan| scan.kind = ScanKind::Recording;
    assert_eq!(gone(nothing, recording), None);
    let of_page = |scan: &mut Scan| scan.findings[0].rule = Rule::CprInTitle;
    assert_eq!(gone(of_page, recording), Some(WhyUnseen::OtherMeans));
    let of_log = |scan: &mut Scan| scan.findings[0].rule = Rule::CprInLog;
    assert_eq!(gone(of_log, recording), Some(WhyUnseen::OtherMeans));
    assert_eq!(gone(of_log, |scan| scan.logs = Some(Box::default())), None);
    let simulated = |scan: &mut Scan| {
        scan.findings[0].simulated = true;
        scan.conditions.push(own("as before 2020"));
    };
    assert_eq!(gone(simulated, nothing), Some(WhyUnseen::OtherMeans));
    assert_eq!(gone(simulated, |scan| scan.conditions.push(own("as before 2020"))), None);
}

#[test]
fn a_blind_spot_hides_what_it_concerns() {
    let hidden = Some(WhyUnseen::Hidden);
    let case = |kind, place: &'static str, expected| {
        assert_eq!(gone(nothing, |scan| scan.blind_spots.push(spot(kind, place))), expected, "{kind:?} {place}");
    };
    case(BlindSpotKind::Interrupted, "this run", hidden);
    case(BlindSpotKind::SessionLost, "https://borger.test/andet", hidden);
    case(BlindSpotKind::PageRestless, "https://borger.test/sag/{n}?x=1", hidden);
    case(BlindSpotKind::PageRestless, "https://borger.test/andet", None);
    case(BlindSpotKind::HostUnreachable, "www.maaling.test:443", hidden);
    case(BlindSpotKind::HostUnreachable, "andre.test:443", None);
    case(BlindSpotKind::BodyCut, "https://www.maaling.test/c", None);
    case(BlindSpotKind::DigestsNotTried, "this run", None);
    case(BlindSpotKind::PagesLeftOut, "borger", None);
    case(BlindSpotKind::Sunk, "maaling.test", None);
    case(BlindSpotKind::OthersUnseen, "this run", hidden);
}

#[test]
fn a_blind_spot_of_another_system_hides_nothing() {
    let of_other = |scan: &mut Scan| {
        let system = Some(SystemId("andet".to_owned()));
        scan.blind_spots.push(BlindSpotRecord { system, ..spot(BlindSpotKind::Interrupted, "andet") });
    };
    assert_eq!(gone(nothing, of_other), None);
}

#[test]
fn what_was_not_seen_then_either_hid_nothing_then() {
    let restless = |scan: &mut Scan| scan.blind_spots.push(spot(BlindSpotKind::PageRestless, PAGE));
    assert_eq!(gone(restless, restless), None);
    let cut_short = |scan: &mut Scan| scan.blind_spots.push(spot(BlindSpotKind::Interrupted, "this run"));
    assert_eq!(gone(cut_short, cut_short), Some(WhyUnseen::Hidden), "it stops at another place each time");
    let static_engine = |scan: &mut Scan| scan.blind_spots.push(spot(BlindSpotKind::StaticEngine, "this run"));
    assert_eq!(gone(static_engine, static_engine), None);
    assert_eq!(gone(nothing, static_engine), Some(WhyUnseen::Hidden));
}

#[test]
fn the_blind_spot_is_named() {
    let mut second = scan(2, Vec::new());
    second.blind_spots.push(spot(BlindSpotKind::QueueOverflow, "this run"));
    let comparison = Comparison::of(&[scan(1, vec![finding("leak")])], &second);
    assert_eq!(comparison.not_covered[0].unseen.blind_spot, Some(BlindSpotKind::QueueOverflow));
}

#[test]
fn a_new_finding_where_nobody_looked_before_may_be_old() {
    let mut first = scan(1, Vec::new());
    coverage(&mut first).pages.clear();
    let comparison = Comparison::of(&[first], &scan(2, vec![finding("leak")]));
    assert_eq!(comparison.new[0].unseen_before.as_ref().map(|unseen| unseen.why), Some(WhyUnseen::PageNotReached));
    let comparison = Comparison::of(&[], &scan(2, vec![finding("leak")]));
    assert_eq!(comparison.new[0].unseen_before.as_ref().map(|unseen| unseen.why), Some(WhyUnseen::SystemNotAudited));
}

#[test]
fn a_new_recipient_is_told_whether_it_got_a_number_or_not() {
    let contact = |domain: &str, standing, with_number| RecipientCoverage {
        recipient: recipient(domain, standing),
        requests: 4,
        with_number,
    };
    let (mut first, mut second) = (scan(1, Vec::new()), scan(2, Vec::new()));
    coverage(&mut first).recipients = vec![contact("a.test", Standing::Unknown, 0)];
    coverage(&mut second).recipients = vec![
        contact("a.test", Standing::Unknown, 2),
        contact("b.test", Standing::Approved, 0),
        contact("borger.test", Standing::Own, 0),
    ];
    let comparison = Comparison::of(&[first], &second);
    let told: Vec<(&str, u64)> =
        comparison.new_recipients.iter().map(|new| (new.recipient.domain.as_str(), new.requests)).collect();
    assert_eq!(told, [("b.test", 4)]);
    assert!(!comparison.is_unchanged());
    assert!(Comparison::of(&[], &second).new_recipients.is_empty(), "nobody knows whom it had before");
}

#[test]
fn of_each_system_the_last_scan_counts() {
    let other = |name: &str| Finding { system: Some(SystemId("virksomhed".to_owned())), ..finding(name) };
    let mut oldest = scan(1, vec![finding("old"), other("kept")]);
    oldest.systems.push(system("virksomhed"));
    let newer = scan(2, vec![finding("leak")]);
    let mut now = scan(3, vec![other("kept")]);
    now.systems.push(system("virksomhed"));
    let comparison = Comparison::of(&[newer, oldest], &now);
    // `old` was gone before, and is no news.
    assert_eq!(comparison.mended.iter().map(|mended| mended.fingerprint.as_str()).collect::<Vec<_>>(), ["leak"]);
    assert_eq!(comparison.still_there.len(), 1);
    assert_eq!(comparison.earlier.len(), 2);
}

#[test]
fn every_reason_has_an_id_of_its_own() {
    let ids: BTreeSet<&str> = WhyUnseen::ALL.into_iter().map(WhyUnseen::as_str).collect();
    assert_eq!(ids.len(), WhyUnseen::ALL.len());
}

#[test]
fn what_is_accepted_is_neither_new_nor_still_there() {
    let accepted = |name: &str| {
        let mut finding = finding(name);
        finding.acceptance = Some(crate::Acceptance {
            state: crate::AcceptanceState::Accepted,
            accepted_by: own("Ditte Hansen"),
            case: own("2026-118"),
            reason: own("release 12"),
            accepted: "2026-10-01".parse().unwrap(),
            expires: "2027-01-01".parse().unwrap(),
        });
        finding
    };
    let earlier = scan(1, vec![finding("a"), finding("b"), finding("gone")]);
    let now = scan(2, vec![finding("a"), accepted("b"), accepted("c"), finding("d")]);
    let told = Comparison::of(&[earlier], &now);
    let names = |all: Vec<&String>| all.into_iter().cloned().collect::<Vec<_>>().join(" ");
    assert_eq!(names(told.still_there.iter().map(|one| &one.fingerprint).collect()), "a");
    assert_eq!(names(told.new.iter().map(|one| &one.fingerprint).collect()), "d");
    assert_eq!(names(told.mended.iter().map(|one| &one.fingerprint).collect()), "gone");
    let accepted: Vec<(&str, bool)> =
        told.accepted.iter().map(|one| (one.fingerprint.as_str(), one.since.is_some())).collect();
    assert_eq!(accepted, [("b", true), ("c", false)]);
}
