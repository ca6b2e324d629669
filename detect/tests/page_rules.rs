//! The rules of pages: each with what it tells and a look-alike that it is silent on.

use detect::{Origins, Parties, Seen, fold};
use jiff::Timestamp;
use model::{
    Evidence, Exchange, Field, Finding, Form, PageFacts, ReferrerAttribute, Rule, Severity, SeverityReason, SignIn,
    StorageKind, Stored, Visit, VisitId, VisitOutcome,
};

use crate::kit::{self, CANARY, OWN, With as _, get, number, plain_inspector};

const DIGITS: &str = "0101455001";
const ORIGIN: &str = "https://www.selvbetjening.test";
const PAGE: &str = "https://www.selvbetjening.test/sag";
const NUMBERED: &str = "https://www.selvbetjening.test/sag?cpr=0101455001";

fn facts(url: &str) -> PageFacts {
    PageFacts { url: url.to_owned(), ..PageFacts::default() }
}

fn visit(id: u32, facts: PageFacts) -> Visit {
    Visit {
        consent: model::ConsentState::Untouched,
        id: VisitId(id),
        system: None,
        url: facts.url.clone(),
        submitted_from: None,
        role: None,
        sign_in: SignIn::NotTried,
        started: Timestamp::from_second(i64::from(id)).unwrap(),
        status: Some(200),
        title: String::new(),
        outcome: VisitOutcome::Loaded,
        forms: Vec::new(),
        links_out: 0,
        facts: Some(Box::new(facts)),
    }
}

fn form(name: &str, fields: &[&str]) -> Form {
    let field = |name: &&str| Field {
        name: (*name).to_owned(),
        label: String::new(),
        kind: if *name == "kode" { "password" } else { "text" }.to_owned(),
        asks_for_cpr: *name == "cpr",
        typed: false,
        canary: None,
    };
    Form {
        name: name.to_owned(),
        action: format!("{ORIGIN}/send"),
        method: "post".to_owned(),
        says_how: true,
        fields: fields.iter().map(field).collect(),
        filled: false,
        submitted: false,
    }
}

/// A page with one form.
fn with_form(id: u32, form: Form) -> Visit {
    Visit { forms: vec![form], ..visit(id, facts(PAGE)) }
}

fn judged(exchanges: &[Exchange], visits: &[Visit]) -> Vec<Finding> {
    let mut inspector = plain_inspector();
    let mut sightings = Vec::new();
    let mut faults = Vec::new();
    for exchange in exchanges {
        sightings.extend(inspector.inspect("live", exchange, None).sightings);
    }
    for visit in visits {
        let told = inspector.inspect_page(visit);
        sightings.extend(told.sightings);
        faults.extend(told.faults);
    }
    faults.extend(inspector.inspect_forms(visits));
    let mut sightings = inspector.settle(sightings).told;
    sightings.sort_by_key(|sighting| sighting.index);
    let origins = Origins::default();
    let seen = Seen { sightings: &sightings, origins: &origins, faults: &faults, visits, ..Seen::default() };
    fold(&seen, &Parties::first_party(kit::sites(&[OWN])))
}

/// What is told of pages; what is told of requests besides is left out.
#[track_caller]
fn case(exchanges: &[Exchange], visits: &[Visit], expected: &[(Rule, &str)]) -> Vec<Finding> {
    let mut findings = judged(exchanges, visits);
    findings.retain(|finding| finding.rule.is_of_page() || finding.rule == Rule::FormExfiltration);
    let told: Vec<(Rule, &str)> = findings.iter().map(|finding| (finding.rule, finding.parameter.as_str())).collect();
    assert_eq!(told, expected);
    findings
}

fn page(facts: PageFacts, expected: &[(Rule, &str)]) -> Vec<Finding> {
    case(&[], &[visit(1, facts)], expected)
}

fn stored(kind: StorageKind, origin: &str, key: &str, value: &str) -> Stored {
    Stored { kind, origin: origin.to_owned(), key: key.to_owned(), value: value.to_owned() }
}

fn document(url: &str, headers: &[(&str, &str)]) -> Exchange {
    get(url).visit(1).header("sec-fetch-dest", "document").answer(200, headers)
}

#[test]
fn a_number_in_a_title_is_told_and_a_case_number_is_not() {
    let titled = |title: &str| PageFacts { titles: vec![title.to_owned()], ..facts(PAGE) };
    let findings = page(titled("Sag for 010145-5001"), &[(Rule::CprInTitle, "title")]);
    let [finding] = &findings[..] else { panic!("{findings:?}") };
    assert_eq!((finding.severity, finding.evidence), (Severity::Medium, Some(Evidence::E1)));
    assert_eq!((finding.transmissions, finding.persons, finding.page.as_str()), (1, 1, PAGE));
    page(titled("Sag 9945012345"), &[]);
}

#[test]
fn what_is_kept_is_found_in_its_encodings_and_told_of_one_page() {
    let keep = |entry: Stored| PageFacts { stored: vec![entry], ..facts(PAGE) };
    let value = format!("{{\"borger\":{{\"cpr\":\"{DIGITS}\"}}}}");
    let local = stored(StorageKind::Local, ORIGIN, "kladde", &value);
    page(keep(local.clone()), &[(Rule::CprInStorage, "kladde > borger.cpr")]);
    page(keep(stored(StorageKind::Session, ORIGIN, "b", "MDEwMTQ1LTUwMDE=")), &[(Rule::CprInStorage, "b")]);
    page(
        keep(stored(StorageKind::DataLayer, ORIGIN, "dataLayer", &value)),
        &[(Rule::CprInStorage, "dataLayer > borger.cpr")],
    );
    page(keep(stored(StorageKind::Local, ORIGIN, "sidst", "1763784000123")), &[]);
    let other = PageFacts { stored: vec![local.clone()], ..facts("https://www.selvbetjening.test/anden") };
    let findings = case(&[], &[visit(1, keep(local)), visit(2, other)], &[(Rule::CprInStorage, "kladde > borger.cpr")]);
    assert_eq!(findings[0].page.as_str(), PAGE, "the first that has it");
}

#[test]
fn a_cookie_that_was_sent_is_told_by_that_and_one_that_was_not_by_the_browser() {
    let keep = || PageFacts { stored: vec![stored(StorageKind::Cookie, ORIGIN, "borger", DIGITS)], ..facts(PAGE) };
    page(keep(), &[(Rule::CprInStorage, "borger")]);
    let sent = get(PAGE).visit(1).header("cookie", &format!("borger={DIGITS}"));
    case(&[sent], &[visit(1, keep())], &[]);
}

#[test]
fn what_another_site_keeps_is_told_as_its_own() {
    let entry = stored(StorageKind::Local, "https://maaling.test", "uid", CANARY);
    let findings = page(PageFacts { stored: vec![entry], ..facts(PAGE) }, &[(Rule::CprInStorage, "uid")]);
    assert_eq!(findings[0].recipient.domain.as_str(), "maaling.test");
}

#[test]
fn a_number_in_a_mail_link_is_told_wherever_it_stands() {
    let linked = |link: &str| PageFacts { mail_links: vec![link.to_owned()], ..facts(PAGE) };
    page(linked("mailto:post@a.test?subject=Sag%20010145-5001"), &[(Rule::CprInMailto, "subject")]);
    page(linked("mailto:0101455001@a.test"), &[(Rule::CprInMailto, "to")]);
    page(linked("mailto:post@a.test?body=CPR:%0A010145%2D5001"), &[(Rule::CprInMailto, "body")]);
    page(linked("mailto:post@a.test?subject=Sag%202026-123456"), &[]);
}

#[test]
fn a_form_by_get_is_told_and_one_by_post_or_by_a_script_is_not() {
    let get = |says_how| Form { method: "get".to_owned(), says_how, ..form("f", &["cpr"]) };
    let findings = case(&[], &[with_form(1, get(true))], &[(Rule::FormGetCpr, "f > cpr")]);
    let [finding] = &findings[..] else { panic!("{findings:?}") };
    assert_eq!((finding.severity, finding.evidence, finding.transmissions), (Severity::Medium, None, 0));
    assert_eq!(finding.reasons, [SeverityReason::PageItself]);
    assert_eq!(finding.form.as_ref().map(|form| form.field.as_str()), Some("cpr"));
    case(&[], &[with_form(1, form("f", &["cpr"]))], &[]);
    case(&[], &[with_form(1, get(false))], &[]);
    case(&[], &[with_form(1, Form { fields: form("f", &["q"]).fields, ..get(true) })], &[]);
    // What a script sends is told when the number is in the address that it led to.
    let mut sent = get(false);
    (sent.submitted, sent.fields[0].canary) = (true, Some(number(CANARY)));
    let next = Visit { submitted_from: Some(VisitId(1)), ..visit(2, facts(NUMBERED)) };
    case(&[], &[with_form(1, sent), next], &[(Rule::FormGetCpr, "f > cpr")]);
}

#[test]
fn a_form_in_clear_text_is_told_by_its_action_or_its_page() {
    let to = |action: &str| Form { action: action.to_owned(), ..form("f", &["cpr"]) };
    let findings =
        case(&[], &[with_form(1, to("http://www.selvbetjening.test/x"))], &[(Rule::FormCleartext, "f > cpr")]);
    assert_eq!((findings[0].severity, findings[0].reasons.len()), (Severity::High, 2));
    let clear = Visit { forms: vec![to("https://a.test/")], ..visit(1, facts("http://www.selvbetjening.test/sag")) };
    case(&[], std::slice::from_ref(&clear), &[(Rule::FormCleartext, "f > cpr")]);
    // Asked for without encryption, and led to where there is some.
    let led = Visit { url: clear.url, ..with_form(1, to("https://www.selvbetjening.test/x")) };
    case(&[], &[led], &[]);
}

#[test]
fn a_number_asked_for_before_a_login_is_told_where_there_is_one() {
    let asks = |id| with_form(id, form("book", &["cpr"]));
    let login = |id, submitted| with_form(id, Form { submitted, ..form("f", &["cpr", "kode"]) });
    let findings = case(&[], &[asks(1), login(2, false)], &[(Rule::FormBeforeLogin, "book > cpr")]);
    assert_eq!(findings[0].severity, Severity::Low);
    case(&[], &[asks(1)], &[]);
    case(&[], &[login(1, true), asks(2)], &[]);
    // The first half of a login is one.
    let second = Visit { submitted_from: Some(VisitId(1)), ..with_form(2, form("f", &["kode"])) };
    case(&[], &[asks(1), second], &[]);
    case(&[], &[with_form(1, form("login", &["cpr"])), login(2, false)], &[]);
    let closed = Visit { outcome: VisitOutcome::LoginRequired, ..visit(2, facts(PAGE)) };
    case(&[], &[asks(1), closed], &[(Rule::FormBeforeLogin, "book > cpr")]);
}

#[test]
fn what_is_typed_and_goes_elsewhere_before_it_is_sent_is_told_beside_the_request() {
    let typed = |id, submitted| {
        let mut form = Form { filled: true, submitted, ..form("f", &["cpr"]) };
        form.fields[0].canary = Some(number(CANARY));
        with_form(id, form)
    };
    let beacon = |host: &str, visit| {
        get(&format!("https://{host}/c")).visit(visit).body(format!("felt={DIGITS}")).header("referer", PAGE)
    };
    let told = &[(Rule::FormExfiltration, "felt")][..];
    let findings = case(&[beacon("maaling.test", 1)], &[typed(1, false)], told);
    assert_eq!((findings[0].severity, findings[0].evidence), (Severity::Critical, Some(Evidence::E1)));
    let all = judged(&[beacon("maaling.test", 1)], &[typed(1, false)]);
    assert!(all.iter().any(|finding| finding.rule == Rule::CprInThirdPartyRequest), "it stays told as that");
    case(&[beacon("maaling.test", 1)], &[typed(1, true)], told);
    // What comes after it was sent may come from the page that shows it.
    case(&[beacon("maaling.test", 2)], &[typed(1, true), visit(2, facts(PAGE))], &[]);
    case(&[beacon(OWN, 1)], &[typed(1, false)], &[]);
    let undeclared = get("https://maaling.test/c").visit(1).body(format!("felt={}", kit::EXAMPLE));
    case(&[undeclared], &[typed(1, false)], &[]);
}

#[test]
fn a_page_with_a_number_wants_no_store() {
    let shows = || PageFacts { text: "CPR-nummer 010145-5001".to_owned(), ..facts(PAGE) };
    let told = &[(Rule::CacheableCprPage, "cache-control")][..];
    let findings = case(&[document(PAGE, &[("Cache-Control", "private, no-cache")])], &[visit(1, shows())], told);
    assert_eq!((findings[0].severity, findings[0].evidence), (Severity::Low, Some(Evidence::E1)));
    case(&[document(NUMBERED, &[])], &[visit(1, facts(NUMBERED))], told);
    case(&[document(PAGE, &[("Cache-Control", "private"), ("cache-control", "No-Store")])], &[visit(1, shows())], &[]);
    case(&[document(PAGE, &[])], &[visit(1, facts(PAGE))], &[]);
    // What brought the page was not seen: nothing is said of it.
    case(&[], &[visit(1, shows())], &[]);
}

#[test]
fn the_policy_in_effect_is_the_elements_the_metas_the_headers_or_the_browsers() {
    let no_store = ("Cache-Control", "no-store");
    let by_header = |policy: &str, facts: PageFacts, expected: &[(Rule, &str)]| {
        let answer = document(NUMBERED, &[no_store, ("Referrer-Policy", policy)]);
        case(&[answer], &[visit(1, facts)], expected);
    };
    let rule = Rule::ReferrerPolicyExposesUrl;
    by_header("unsafe-url", facts(NUMBERED), &[(rule, "referrer-policy")]);
    by_header("no-referrer, no-referrer-when-downgrade", facts(NUMBERED), &[(rule, "referrer-policy")]);
    by_header("unsafe-url, same-origin", facts(NUMBERED), &[]);
    by_header("unsafe-url, new-word", facts(NUMBERED), &[(rule, "referrer-policy")]);
    by_header("", facts(NUMBERED), &[]);
    by_header("unsafe-url", facts(PAGE), &[]);
    let meta = |policy: &str| PageFacts { meta_referrer: Some(policy.to_owned()), ..facts(NUMBERED) };
    by_header("no-referrer", meta("always"), &[(rule, "meta referrer")]);
    by_header("unsafe-url", meta("no-referrer"), &[]);
    let asked = |url: &str| PageFacts {
        referrer_attributes: vec![ReferrerAttribute { policy: "unsafe-url".to_owned(), url: url.to_owned() }],
        ..facts(NUMBERED)
    };
    by_header("no-referrer", asked("https://maaling.test/a.gif"), &[(rule, "referrerpolicy")]);
    by_header("no-referrer", asked("https://www.selvbetjening.test/a.gif"), &[]);
    // What follows # is no part of what is handed on.
    let fragment = "https://www.selvbetjening.test/sag#0101455001";
    let answer = document("https://www.selvbetjening.test/sag", &[no_store, ("Referrer-Policy", "unsafe-url")]);
    case(&[answer], &[visit(1, facts(fragment))], &[]);
}

#[test]
fn a_page_with_a_number_in_its_address_lets_nobody_else_have_reports() {
    let no_store = ("Cache-Control", "no-store");
    let answered = |headers: &[(&str, &str)], page: &str, expected: &[(Rule, &str)]| {
        let headers: Vec<(&str, &str)> = headers.iter().copied().chain([no_store]).collect();
        case(&[document(page, &headers)], &[visit(1, facts(page))], expected)
    };
    let rule = Rule::ReportingExposesUrl;
    let csp = ("Content-Security-Policy", "img-src 'self'; report-uri https://rapport.test/csp");
    let findings = answered(&[csp], NUMBERED, &[(rule, "content-security-policy > rapport.test")]);
    assert_eq!((findings[0].severity, findings[0].evidence), (Severity::Medium, Some(Evidence::E1)));
    assert_eq!((findings[0].recipient.domain.as_str(), findings[0].persons), ("selvbetjening.test", 1));
    let endpoints = ("Reporting-Endpoints", "default=\"https://a.rapport.test/\", ubrugt=\"https://andre.test/\"");
    let groups = ("Report-To", r#"{"group":"nel","max_age":60,"endpoints":[{"url":"https://nel.rapport.test/"}]}"#);
    let nel = ("NEL", r#"{"report_to":"nel","max_age":60}"#);
    let expected = [(rule, "report-to > nel.rapport.test"), (rule, "reporting-endpoints > a.rapport.test")];
    answered(&[endpoints, groups, nel], NUMBERED, &expected);
    // Nothing in the address, or nobody else: nothing is handed on.
    answered(&[csp], PAGE, &[]);
    answered(&[("Content-Security-Policy", "report-uri /csp https://www.selvbetjening.test/csp")], NUMBERED, &[]);
    answered(&[groups], NUMBERED, &[]);
    // A host can be a number's place as well.
    let hidden = ("Content-Security-Policy", "report-uri https://nr-0707614285.rapport.test/");
    answered(&[hidden], NUMBERED, &[(rule, "content-security-policy > {cpr}.rapport.test")]);
}

#[test]
fn pages_of_other_sites_are_theirs() {
    let elsewhere = PageFacts { titles: vec![CANARY.to_owned()], ..facts("https://login.andre.test/") };
    page(elsewhere, &[]);
}
