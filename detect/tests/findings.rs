//! Sightings folded into findings: what belongs together, how bad it is, and in which order it is told.

use std::collections::BTreeMap;

use detect::{Contact, Inspector, Origins, Parties, PersonToken, Seen, SensitiveContact, Setup, fold};
use jiff::Timestamp;
use model::registry::SensitiveContext;
use model::{
    Evidence, Exchange, Finding, FormOfOrigin, RecipientRecord, Redacted, Remedy, Rule, Severity, SeverityReason,
    Sighting, Standing, VisitId,
};

use crate::kit::{self, CANARY, EXAMPLE, OWN, With as _, declared, get, inspector, plain_inspector, system};

/// The page that the made-up analytics are on.
const PAGE: &str = "https://www.selvbetjening.test/borger/010145-5001/side";

fn plain() -> Parties {
    Parties::first_party(kit::sites(&[OWN]))
}

fn seen(inspector: &mut Inspector, exchanges: &[Exchange]) -> Vec<Sighting> {
    exchanges.iter().flat_map(|exchange| inspector.inspect("test.har", exchange, None).sightings).collect()
}

/// A hit of analytics that carries the page's URL with `number` in it.
fn hit(index: u64, number: &str) -> Exchange {
    let mut exchange =
        get(&format!("https://maaling.test/c?dl=https%3A%2F%2Fwww.selvbetjening.test%2F%3Fcpr%3D{number}")).at(index);
    exchange.page = Some(PAGE.to_owned());
    exchange
}

fn of(sightings: &[Sighting], parties: &Parties) -> Vec<Finding> {
    fold(&Seen { sightings, ..Seen::default() }, parties)
}

fn folded(exchanges: &[Exchange]) -> Vec<Finding> {
    of(&seen(&mut plain_inspector(), exchanges), &plain())
}

/// The findings of one exchange with the registry of the kit.
fn judged(exchange: &Exchange, system_id: &str) -> Finding {
    let mut inspector = inspector(&[CANARY], declared());
    let sightings = inspector.inspect("test.har", exchange, Some(&system(system_id))).sightings;
    let mut findings = of(&sightings, &declared());
    assert_eq!(findings.len(), 1);
    findings.remove(0)
}

fn contact(host: &str, standing: Standing, at: i64) -> Contact {
    Contact {
        visit: None,
        system: Some(system("sundhed")),
        recipient: RecipientRecord::bare(Redacted::own_words(kit::host(host).site().as_str()), standing),
        host: Redacted::own_words(host),
        page: Redacted::own_words("https://www.sundhed.test/login"),
        time: Timestamp::from_second(at).unwrap(),
        request: Redacted::own_words(format!("GET https://{host}/a.js")),
        tls: Some("TLSv1.3".to_owned()),
        cleartext: false,
    }
}

fn unlisted(contacts: &[Contact], parties: &Parties) -> Vec<Finding> {
    fold(&Seen { contacts, ..Seen::default() }, parties)
}

#[test]
fn one_repair_is_one_finding_with_its_transmissions_and_its_persons() {
    let findings = folded(&[hit(0, CANARY), hit(1, EXAMPLE), hit(2, EXAMPLE), hit(3, "251248-9996")]);
    let [finding] = &findings[..] else { panic!("{} findings", findings.len()) };
    assert_eq!((finding.transmissions, finding.persons, finding.test_persons), (4, 3, 1));
    assert_eq!(finding.rule, Rule::CprInThirdPartyRequest);
    assert_eq!(finding.parameter.as_str(), "dl > cpr");
    assert_eq!(finding.page.as_str(), "https://www.selvbetjening.test/borger/{cpr}/side");
    assert_eq!(finding.request.as_str(), "GET https://maaling.test/c");
    assert_eq!(finding.evidence, Some(Evidence::E1), "the surest of them");
    assert_eq!((finding.first_seen.as_second(), finding.last_seen.as_second()), (0, 3));
    assert_eq!(finding.hosts, [Redacted::own_words("maaling.test")]);
    assert!(finding.also_sent.contains(&Redacted::own_words("query:dl")));
}

#[test]
fn a_request_that_holds_a_number_twice_in_one_parameter_is_one_transmission() {
    let findings = folded(&[get(&format!("https://maaling.test/c?id={CANARY}&id={CANARY}"))]);
    assert_eq!(findings.len(), 1);
    assert_eq!((findings[0].transmissions, findings[0].persons), (1, 1));
}

#[test]
fn other_places_are_other_findings() {
    let base = format!("https://maaling.test/c?id={CANARY}");
    let others = [
        format!("https://maaling.test/c?uid={CANARY}"),
        format!("https://andre.test/c?id={CANARY}"),
        format!("https://maaling.test/{CANARY}"),
        format!("https://www.selvbetjening.test/c?id={CANARY}"),
    ];
    for other in others {
        assert_eq!(folded(&[get(&base), get(&other).at(1)]).len(), 2, "{other}");
    }
    let on_another_page = get(&base).at(1).header("referer", "https://www.selvbetjening.test/anden");
    assert_eq!(folded(&[get(&base), on_another_page]).len(), 2);
    let by_another_host = get(&format!("https://b.maaling.test/c?id={CANARY}")).at(1);
    let findings = folded(&[get(&base), by_another_host]);
    assert_eq!(findings.len(), 1, "hosts of one recipient are one finding");
    assert_eq!(findings[0].hosts.len(), 2);
}

#[test]
fn a_place_in_a_list_is_the_same_place() {
    let events = |index, text: &str| get("https://maaling.test/c").at(index).body(text);
    let one = format!("{{\"events\":[{{\"url\":\"/?cpr={CANARY}\"}}]}}");
    let two = format!("{{\"events\":[{{}},{{\"url\":\"/?cpr={CANARY}\"}}]}}");
    let findings = folded(&[events(0, &one), events(1, &two)]);
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].parameter.as_str(), "events[].url > cpr");
}

#[test]
fn a_place_named_by_a_number_is_the_same_for_everybody() {
    // One passes the check digit and one does not, one is declared and one is written with its dash.
    let findings = folded(&["0101455001", "0707614285", "2512489996", "251248-9996"].map(|number| {
        let page = format!("https://www.selvbetjening.test/borger/{number}/side");
        get(&format!("https://maaling.test/{number}/c")).header("referer", &page).body(format!("{{\"{number}\":1}}"))
    }));
    let parameters: Vec<(&str, &str, u64)> =
        findings.iter().map(|f| (f.page.as_str(), f.parameter.as_str(), f.persons)).collect();
    let page = "https://www.selvbetjening.test/borger/{cpr}/side";
    assert_eq!(parameters, [(page, "referer > path[2]", 3), (page, "path[1]", 3), (page, "{cpr}", 3)]);
}

#[test]
fn a_fingerprint_is_stable_and_says_nothing_of_persons() {
    // SHA-256 over rule, system, channel, recipient, page and parameter, each ended by a zero byte, made by hand.
    let golden = "a480a324343b14deaf596c0a7427582a";
    assert_eq!(folded(&[hit(0, CANARY)])[0].fingerprint, golden);
    assert_eq!(folded(&[hit(7, EXAMPLE), hit(8, "251248-9996")])[0].fingerprint, golden);
    let mut another_key =
        Inspector::new(Setup { test_persons: vec![], key: [9; 32], today: kit::today(), parties: plain() });
    let sightings = seen(&mut another_key, &[hit(0, EXAMPLE)]);
    assert_ne!(sightings[0].identity, seen(&mut plain_inspector(), &[hit(0, EXAMPLE)])[0].identity);
    assert_eq!(of(&sightings, &plain())[0].fingerprint, golden);
    let findings = unlisted(&[contact("fremmed.test", Standing::Unknown, 0)], &declared());
    assert_eq!(findings[0].fingerprint, "bbc0ee1e85048b407b336a926721f6cf");
}

#[test]
fn each_circumstance_makes_it_one_step_worse() {
    let number = format!("c?id={CANARY}");
    let of = |url: &str, system_id| {
        let finding = judged(&get(url), system_id);
        (finding.severity, finding.reasons)
    };
    let level = |evidence, standing| SeverityReason::Level { evidence, standing };
    let approved = level(Evidence::E1, Standing::Approved);

    let plain = of(&format!("https://godkendt.test/{number}"), "selvbetjening");
    assert_eq!(plain, (Severity::High, vec![approved.clone()]));
    let cleartext = of(&format!("http://godkendt.test/{number}"), "selvbetjening");
    assert_eq!(cleartext, (Severity::Critical, vec![approved.clone(), SeverityReason::Cleartext]));
    let overseas = of(&format!("https://oversea.test/{number}"), "selvbetjening");
    let outside = SeverityReason::OutsideEea { country: "US".to_owned() };
    assert_eq!(overseas, (Severity::Critical, vec![approved.clone(), outside]));
    let with_basis = of(&format!("https://a.grundlag.oversea.test/{number}"), "selvbetjening");
    assert_eq!(with_basis, (Severity::High, vec![approved.clone()]));
    let health = SeverityReason::SensitiveContext { context: SensitiveContext::Health };
    let sensitive = of(&format!("https://godkendt.test/{number}"), "sundhed");
    assert_eq!(sensitive, (Severity::Critical, vec![approved, health.clone()]));

    let own = of(&format!("https://www.sundhed.test/{number}"), "sundhed");
    assert_eq!(own, (Severity::High, vec![level(Evidence::E1, Standing::Own), health]));
    assert_eq!(of(&format!("https://www.selvbetjening.test/{number}"), "selvbetjening").0, Severity::Medium);
    assert_eq!(of(&format!("https://styrelse.test/{number}"), "selvbetjening").0, Severity::High);
    assert_eq!(of(&format!("https://godkendt.test/c?id={EXAMPLE}"), "selvbetjening").0, Severity::High);
    assert_eq!(of("https://godkendt.test/c?x=0707614285", "selvbetjening").0, Severity::Medium);
    assert_eq!(of("https://godkendt.test/c?x=2512489996", "selvbetjening").0, Severity::Low);
    assert_eq!(of("https://fremmed.test/c?x=2512489996", "selvbetjening").0, Severity::Medium);
}

#[test]
fn one_clear_text_sighting_makes_the_whole_finding_clear_text() {
    let secure = get(&format!("https://maaling.test/c?id={CANARY}"));
    let clear = get(&format!("http://maaling.test/c?id={CANARY}")).at(1);
    let findings = folded(&[secure, clear]);
    assert_eq!(findings.len(), 1);
    assert!(findings[0].cleartext && findings[0].reasons.contains(&SeverityReason::Cleartext));
    assert!(findings[0].remedies.contains(&Remedy::HttpsOnly));
}

#[test]
fn a_finding_names_the_party_and_the_vendor() {
    let finding = judged(&get(&format!("https://a.godkendt.test/c?id={CANARY}")), "selvbetjening");
    assert_eq!(finding.vendor.map(|id| id.0).as_deref(), Some("nordia"));
    assert_eq!(finding.recipient.legal_name.as_deref(), Some("Godkendt ApS"));
    assert_eq!(finding.recipient.country.as_deref(), Some("DE"));
    assert_eq!(finding.recipient.agreement.as_deref(), Some("aftale-17"));
    assert!(!finding.remedies.contains(&Remedy::AgreementOrStop), "there is one");
    let finding = judged(&get(&format!("https://fremmed.test/c?id={CANARY}")), "selvbetjening");
    assert!(finding.remedies.contains(&Remedy::AgreementOrStop));
}

#[test]
fn a_recipient_that_is_not_listed_is_a_finding_only_with_a_list_and_without_a_number() {
    let contacts = [
        contact("b.fremmed.test", Standing::Unknown, 20),
        contact("a.fremmed.test", Standing::Unknown, 10),
        contact("uden.test", Standing::Unlisted, 5),
        contact("godkendt.test", Standing::Approved, 1),
        contact("styrelse.test", Standing::Public, 1),
        contact("www.sundhed.test", Standing::Own, 1),
    ];
    assert_eq!(unlisted(&contacts, &plain()), [], "nobody is missing from no list");
    let findings = unlisted(&contacts, &declared());
    let told: Vec<(&str, usize)> = findings.iter().map(|f| (f.recipient.domain.as_str(), f.hosts.len())).collect();
    assert_eq!(told, [("fremmed.test", 2), ("uden.test", 1)]);
    let first = &findings[0];
    assert_eq!((first.rule, first.evidence, first.channel), (Rule::UnlistedRecipient, None, None));
    assert_eq!((first.first_seen.as_second(), first.last_seen.as_second()), (10, 20));
    assert_eq!(first.severity, Severity::High, "medium, and the system handles health");
    assert_eq!((first.transmissions, first.persons), (0, 0));
    assert_eq!(first.request.as_str(), "GET https://a.fremmed.test/a.js", "the first of them");

    let fold_with = |number: &str| {
        let mut inspector = inspector(&[CANARY], declared());
        let exchange = get(&format!("https://c.fremmed.test/c?x={number}"));
        let sightings = inspector.inspect("test.har", &exchange, Some(&system("sundhed"))).sightings;
        let findings = fold(&Seen { sightings: &sightings, contacts: &contacts, ..Seen::default() }, &declared());
        findings.iter().filter(|f| f.recipient.domain.as_str() == "fremmed.test").map(|f| f.rule).collect::<Vec<_>>()
    };
    assert_eq!(fold_with(CANARY), [Rule::CprInThirdPartyRequest]);
    assert!(fold_with("2512489996").contains(&Rule::UnlistedRecipient), "a mere date explains nothing");
}

#[test]
fn the_worst_comes_first_and_the_order_does_not_hang_on_that_of_the_sightings() {
    let exchanges = [
        get(&format!("https://www.selvbetjening.test/b?id={CANARY}")),
        get("https://z.test/c?x=2512489996").at(1),
        get(&format!("https://b.test/c?id={CANARY}")).at(2),
        get(&format!("https://a.test/c?id={CANARY}")).at(3),
        get("https://a.test/c?x=0707614285").at(4),
    ];
    let sightings = seen(&mut plain_inspector(), &exchanges);
    let findings = of(&sightings, &plain());
    let told: Vec<(Severity, &str)> = findings.iter().map(|f| (f.severity, f.recipient.domain.as_str())).collect();
    assert_eq!(
        told,
        [
            (Severity::Critical, "a.test"),
            (Severity::Critical, "b.test"),
            (Severity::High, "a.test"),
            (Severity::Medium, "selvbetjening.test"),
            (Severity::Medium, "z.test"),
        ]
    );
    let mut turned = sightings;
    turned.reverse();
    assert_eq!(of(&turned, &plain()), findings);
}

#[test]
fn the_form_that_a_number_was_typed_into_is_told() {
    let form = FormOfOrigin {
        page: Redacted::own_words("https://www.selvbetjening.test/login"),
        form: Redacted::own_words("login"),
        field: Redacted::own_words("cpr"),
    };
    let by_visit = BTreeMap::from([(VisitId(2), form.clone())]);
    let origins = Origins { by_visit, ..Origins::default() };
    let exchange = get(&format!("https://maaling.test/c?id={CANARY}"));
    let of = |visit| {
        let sightings = seen(&mut plain_inspector(), &[exchange.clone().visit(visit)]);
        fold(&Seen { sightings: &sightings, origins: &origins, ..Seen::default() }, &plain())[0].form.clone()
    };
    assert_eq!(of(2), Some(form.clone()));
    assert_eq!(of(1), None);
}

#[test]
fn a_number_that_only_one_field_was_given_tells_that_field() {
    let form = |field| FormOfOrigin {
        page: Redacted::own_words("https://www.selvbetjening.test/trin1"),
        form: Redacted::own_words("form 1"),
        field: Redacted::own_words(field),
    };
    let by_visit = BTreeMap::from([(VisitId(2), form("cpr"))]);
    let by_number = BTreeMap::from([((None, CANARY.parse().unwrap()), form("barn_cpr"))]);
    let origins = Origins { by_number, by_visit };
    let exchange = get(&format!("https://maaling.test/c?id={CANARY}")).visit(2);
    let sightings = seen(&mut plain_inspector(), &[exchange]);
    let findings = fold(&Seen { sightings: &sightings, origins: &origins, ..Seen::default() }, &plain());
    assert_eq!(findings[0].form, Some(form("barn_cpr")));
}

/// Debug builds on busy machines have this many times what they need.
const SECONDS: u64 = 10;

#[track_caller]
fn within_seconds<T>(work: impl FnOnce() -> T) -> T {
    #[expect(clippy::disallowed_methods, reason = "the detector asks no clock; its tests do")]
    let started = std::time::Instant::now();
    let result = work();
    let taken = started.elapsed();
    println!("{taken:?}");
    assert!(taken < std::time::Duration::from_secs(SECONDS), "{taken:?}");
    result
}

#[test]
fn a_query_of_a_thousand_numbers_is_soon_judged() {
    let query: Vec<String> = (0..1_000).map(|serial| format!("p{serial}=010190-{:04}", serial + 1_000)).collect();
    let exchange = get(&format!("https://maaling.test/c?{}", query.join("&")));
    let exchange = exchange.header("referer", &format!("https://www.selvbetjening.test/?{}", query.join("&")));
    let sightings = within_seconds(|| seen(&mut plain_inspector(), &[exchange]));
    assert_eq!(sightings.len(), 2_000);
}

#[test]
fn two_hundred_thousand_sightings_are_soon_folded() {
    let one = seen(&mut plain_inspector(), &[hit(0, EXAMPLE)]).remove(0);
    let sightings: Vec<Sighting> = (0..200_000)
        .map(|index| {
            let mut sighting = one.clone();
            sighting.index = index;
            sighting.page = Some(Redacted::own_words(format!("https://www.selvbetjening.test/{}", index % 1_000)));
            sighting
        })
        .collect();
    let findings = within_seconds(|| of(&sightings, &plain()));
    assert_eq!((findings.len(), findings[0].transmissions), (1_000, 200));
}

#[test]
fn a_body_of_a_million_parameters_is_told_and_soon_read() {
    let body = format!("x=1{}&cpr=0101901234", "&a".repeat(1 << 20));
    let inspection =
        within_seconds(|| plain_inspector().inspect("test.har", &get("https://maaling.test/c").body(body), None));
    assert_eq!(inspection.sightings.len(), 1, "found in the raw text");
    assert_eq!(inspection.blind_spots.len(), 1);
}

#[test]
fn pages_that_tell_a_matter_are_one_finding_for_each_recipient_and_matter() {
    let told = |host: &str, standing, context, at| SensitiveContact { contact: contact(host, standing, at), context };
    let sensitive = [
        told("ukendt.test", Standing::Unknown, SensitiveContext::Health, 5),
        told("a.ukendt.test", Standing::Unknown, SensitiveContext::Health, 3),
        told("ukendt.test", Standing::Unknown, SensitiveContext::Crime, 4),
        told("godkendt.test", Standing::Approved, SensitiveContext::Health, 6),
        told("www.sundhed.test", Standing::Own, SensitiveContext::Health, 7),
    ];
    let findings = fold(&Seen { sensitive: &sensitive, ..Seen::default() }, &plain());
    let short: Vec<(&str, Severity)> =
        findings.iter().map(|finding| (finding.recipient.domain.as_str(), finding.severity)).collect();
    assert_eq!(
        short,
        [("ukendt.test", Severity::Medium), ("ukendt.test", Severity::Medium), ("godkendt.test", Severity::Low)]
    );
    let health = findings.iter().find(|finding| finding.hosts.len() == 2).unwrap();
    assert_eq!((health.rule, health.evidence, health.channel), (Rule::SensitiveContextToThirdParty, None, None));
    assert_eq!(health.first_seen, Timestamp::from_second(3).unwrap());
    let reason = SeverityReason::SensitivePage { context: SensitiveContext::Health, standing: Standing::Unknown };
    assert_eq!(health.reasons, [reason]);
    assert_eq!(health.remedies[0], Remedy::NeutralTitles);
    let prints: std::collections::BTreeSet<&str> =
        findings.iter().map(|finding| finding.fingerprint.as_str()).collect();
    assert_eq!(prints.len(), 3);
}

#[test]
fn a_persons_token_is_worth_knowing_and_never_more() {
    let token = |parameter: &str, requests| PersonToken {
        contact: Contact { cleartext: true, ..contact("oversea.test", Standing::Unlisted, 1) },
        parameter: Redacted::own_words(parameter),
        requests,
    };
    let tokens = [token("uid", 2), token("uid", 5), token("ud[em]", 1)];
    let findings = fold(&Seen { tokens: &tokens, ..Seen::default() }, &declared());
    assert_eq!(findings.len(), 2);
    let uid = findings.iter().find(|finding| finding.parameter.as_str() == "uid").unwrap();
    assert_eq!((uid.rule, uid.evidence, uid.transmissions), (Rule::PersonTokenToThirdParty, None, 7));
    assert_eq!((uid.severity, &uid.reasons[..]), (Severity::Info, &[SeverityReason::PersonToken][..]));
    assert_eq!(uid.remedies, [Remedy::NoDigests]);
}

#[test]
fn a_page_that_tells_a_matter_makes_its_findings_worse_once() {
    let severity = |page: &str, system_id: &str| {
        let mut exchange = get(&format!("https://maaling.test/c?id={EXAMPLE}"));
        exchange.page = Some(page.to_owned());
        exchange.request.target.query = Some("id=0707614285".to_owned());
        let mut finding = judged(&exchange, system_id);
        (finding.severity, finding.reasons.split_off(1))
    };
    let health = SeverityReason::SensitiveContext { context: SensitiveContext::Health };
    let (plain_level, none) = severity("https://www.selvbetjening.test/side", "selvbetjening");
    assert_eq!((plain_level, none), (Severity::High, vec![]));
    let told = (Severity::Critical, vec![health]);
    assert_eq!(severity("https://www.selvbetjening.test/sygedagpenge/ansoeg", "selvbetjening"), told);
    assert_eq!(severity("https://www.sundhed.test/sygedagpenge/ansoeg", "sundhed"), told, "the system counts already");
}
