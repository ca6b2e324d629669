//! Who is who: with a registry, and without.

use detect::{Parties, Seen, fold};
use model::{Category, Redacted, Source, Standing};

use crate::kit::{self, CANARY, OWN, With as _, declared, get, host, inspector, plain_inspector, system};

#[track_caller]
fn standing(name: &str, in_system: &str, expected: Standing) {
    assert_eq!(declared().standing(&host(name), Some(&system(in_system))), expected, "{name} in {in_system}");
}

#[test]
fn standing_is_told_per_system() {
    standing("statisk.selvbetjening.test", "selvbetjening", Standing::Own);
    standing("www.sundhed.test", "selvbetjening", Standing::Own);
    standing("a.godkendt.test", "sundhed", Standing::Approved);
    standing("oversea.test", "selvbetjening", Standing::Approved);
    standing("oversea.test", "sundhed", Standing::Unlisted);
    standing("login.styrelse.test", "sundhed", Standing::Public);
    standing("ukendt.test", "sundhed", Standing::Unknown);
    standing("godkendt.test.ukendt.test", "sundhed", Standing::Unknown);
}

#[test]
fn without_a_registry_there_is_own_and_unknown() {
    let parties = Parties::first_party(kit::sites(&[OWN]));
    assert_eq!(parties.standing(&host("api.selvbetjening.test"), None), Standing::Own);
    assert_eq!(parties.standing(&host("godkendt.test"), None), Standing::Unknown);
    assert_eq!(parties.system_of(&host(OWN)), None);
}

#[test]
fn a_recipient_is_told_with_what_the_registry_says_of_it() {
    let redactor = plain_inspector().redactor();
    let of = |name: &str| declared().recipient(&host(name), Some(&system("selvbetjening")), &redactor);
    let known = of("a.godkendt.test");
    assert_eq!((known.domain.as_str(), known.standing), ("godkendt.test", Standing::Approved));
    assert_eq!(known.legal_name.as_deref(), Some("Godkendt ApS"));
    assert_eq!((known.country.as_deref(), known.country_source), (Some("DE"), Some(Source::Registry)));
    assert_eq!(known.agreement.as_deref(), Some("aftale-17"));
    let nearer = of("x.grundlag.oversea.test");
    assert_eq!(nearer.legal_name.as_deref(), Some("Oversea med grundlag"), "the longer domain");
    let unknown = of("ukendt.test");
    assert_eq!((unknown.legal_name, unknown.country, unknown.agreement), (None, None, None));
}

#[test]
fn a_party_is_known_though_a_number_stands_in_its_host() {
    let redactor = plain_inspector().redactor();
    let record = declared().recipient(&host("0707614285.godkendt.test"), None, &redactor);
    assert_eq!(record.legal_name.as_deref(), Some("Godkendt ApS"));
    let mut inspector = inspector(&[CANARY], declared());
    let exchange = get("https://0707614285.godkendt.test/");
    let inspection = inspector.inspect("test.har", &exchange, Some(&system("sundhed")));
    assert_eq!(inspection.host.as_str(), "{cpr}.godkendt.test");
    assert_eq!(inspection.recipient.legal_name.as_deref(), Some("Godkendt ApS"));
}

#[test]
fn the_system_is_the_one_visited_else_that_of_the_page_else_that_of_the_host() {
    let system_of = |exchange, visited: Option<&str>| {
        let visited = visited.map(system);
        inspector(&[CANARY], declared()).inspect("test.har", &exchange, visited.as_ref()).system.map(|id| id.0)
    };
    let third = get("https://godkendt.test/a.js").header("referer", "https://www.sundhed.test/side");
    assert_eq!(system_of(third.clone(), Some("selvbetjening")).as_deref(), Some("selvbetjening"));
    assert_eq!(system_of(third, None).as_deref(), Some("sundhed"));
    assert_eq!(system_of(get("https://www.selvbetjening.test/x"), None).as_deref(), Some("selvbetjening"));
    assert_eq!(system_of(get("https://godkendt.test/a.js"), None), None);
}

#[test]
fn a_sighting_has_the_standing_of_its_recipient_in_the_system() {
    let mut inspector = inspector(&[CANARY], declared());
    let mut of = |url: &str, id: &str| {
        let exchange = get(&format!("{url}?id={CANARY}"));
        inspector.inspect("test.har", &exchange, Some(&system(id))).sightings.remove(0).standing
    };
    assert_eq!(of("https://oversea.test/c", "selvbetjening"), Standing::Approved);
    assert_eq!(of("https://oversea.test/c", "sundhed"), Standing::Unlisted);
    let redirect =
        get("https://www.sundhed.test/x").answer(302, &[("Location", "https://oversea.test/?id=010145-5001")]);
    let sightings = inspector.inspect("test.har", &redirect, Some(&system("sundhed"))).sightings;
    assert_eq!((sightings[0].standing, sightings[0].recipient.as_str()), (Standing::Unlisted, "oversea.test"));
}

#[test]
fn an_agreement_that_ended_approves_of_nothing() {
    let standing_on = |ends: &str| {
        let registry = kit::registry_with(&format!("dpa_expires = \"{ends}\""));
        let mut inspector = inspector(&[CANARY], Parties::declared(registry));
        let exchange = get(&format!("https://udloeb.test/c?id={CANARY}"));
        let inspection = inspector.inspect("test.har", &exchange, Some(&system("selvbetjening")));
        assert_eq!(inspection.recipient.standing, inspection.sightings[0].standing);
        inspection.recipient.standing
    };
    assert_eq!(standing_on("2026-11-21"), Standing::Unlisted);
    assert_eq!(standing_on("2026-11-22"), Standing::Approved, "its last day is one");
}

#[test]
fn what_an_answer_sends_on_is_told_of_the_one_who_gets_it() {
    let inspect = |headers: &[(&str, &str)]| {
        let asked = get("https://www.sundhed.test/x?a=1").header("cookie", "s=1").answer(302, headers);
        let mut exchange = asked;
        exchange.connection.server_tls = Some("TLSv1.3".to_owned());
        inspector(&[CANARY], declared()).inspect("test.har", &exchange, Some(&system("sundhed"))).sightings
    };
    for (name, value) in [
        ("Location", "http://oversea.test/?id=010145-5001"),
        ("Refresh", "5; URL='http://oversea.test/?id=010145-5001'"),
        ("Link", "</a.css>; rel=next, <http://oversea.test/?id=010145-5001>; rel=\"preload\"; as=script"),
    ] {
        let sightings = inspect(&[(name, value)]);
        assert_eq!(sightings.len(), 1, "{name}");
        let sighting = &sightings[0];
        assert_eq!((sighting.recipient.as_str(), sighting.standing), ("oversea.test", Standing::Unlisted), "{name}");
        assert_eq!(sighting.trail.to_string(), format!("header[{}] > query[id]", name.to_lowercase()));
        assert!(sighting.context.cleartext, "{name}: the next request is");
        assert!(sighting.context.tls.is_none() && sighting.context.also_sent.is_empty(), "{name}: not known yet");
    }
    assert_eq!(inspect(&[("Link", "<https://www.sundhed.test/?id=010145-5001>; rel=canonical")]).len(), 0);
    let trails: Vec<String> = inspect(&[("Set-Cookie", "0101455001=x; Path=/borger/010145-5001; Secure")])
        .iter()
        .map(|sighting| sighting.trail.to_string())
        .collect();
    assert_eq!(trails, ["header[set-cookie] > cookie[0101455001]", "header[set-cookie] > cookie[0101455001; path]"]);
}

#[test]
fn the_built_in_list_tells_who_is_behind_a_host_and_says_so() {
    let redactor = plain_inspector().redactor();
    let of = |name: &str| declared().recipient(&host(name), Some(&system("selvbetjening")), &redactor);
    let google = of("region1.google-analytics.com");
    assert_eq!((google.domain.as_str(), google.standing), ("google-analytics.com", Standing::Unknown));
    assert_eq!((google.legal_name, google.agreement), (None, None), "only the registry says");
    assert_eq!((google.company.as_deref(), google.product.as_deref()), (Some("Google LLC"), Some("Google Analytics")));
    assert_eq!(google.category, Some(Category::Analytics));
    assert_eq!((google.country.as_deref(), google.country_source), (Some("US"), Some(Source::BuiltIn)));
    let unknown = of("ukendt.test");
    assert_eq!((unknown.company, unknown.product, unknown.country, unknown.country_source), (None, None, None, None));
}

#[test]
fn a_country_of_the_built_in_list_makes_nothing_worse() {
    let mut inspector = inspector(&[CANARY], declared());
    let exchange = get("https://www.google-analytics.com/x?id=0707614285");
    let sightings = inspector.inspect("test.har", &exchange, Some(&system("selvbetjening"))).sightings;
    let finding = fold(&Seen { sightings: &sightings, ..Seen::default() }, &declared()).remove(0);
    assert_eq!(finding.recipient.country.as_deref(), Some("US"));
    assert_eq!(finding.reasons.len(), 1, "{:?}", finding.reasons);
}

#[track_caller]
fn behind(url: &str, recipient: &str, standing: Standing, product: Option<&str>) {
    let mut inspector = inspector(&[CANARY], Parties::declared(registry_of_vendors()));
    let inspection = inspector.inspect("test.har", &get(url), Some(&system("selvbetjening")));
    let told = &inspection.recipient;
    assert_eq!((told.domain.as_str(), told.standing), (recipient, standing), "{url}");
    assert_eq!(told.product.as_deref(), product, "{url}");
    assert_eq!(inspection.host.as_str(), model::Target::parse(url).unwrap().host.as_str(), "the host stays: {url}");
}

/// Google is approved by a host of its own, Adobe is known and not approved, and two of the system's hosts are named.
fn registry_of_vendors() -> model::Registry {
    let more = r#"
[[system]]
id = "maaling"
vendor = "nordia"
base_urls = ["https://egen.selvbetjening.test/"]

[[recipient]]
legal_name = "Google, som det er oplyst"
domains = ["www.google-analytics.com"]
role = "processor"
dpa_ref = "aftale-19"
approved_for = ["selvbetjening"]
transfer = { country = "US", basis = "adequacy" }

[[recipient]]
legal_name = "Maaling ApS"
domains = ["container.selvbetjening.test"]
role = "processor"
approved_for = ["selvbetjening"]

[[recipient]]
legal_name = "Adobe, som det er oplyst"
domains = ["omtrdc.net"]
role = "processor"
approved_for = ["maaling"]
"#;
    kit::registry_with(more)
}

#[test]
fn a_vendor_behind_a_host_of_the_systems_own_is_the_recipient() {
    let hit = |host: &str| format!("https://{host}.selvbetjening.test/g/collect?v=2&tid=G-ABC123");
    let ga4 = Some("Google Analytics 4");
    behind(&hit("maal"), "google-analytics.com", Standing::Approved, ga4);
    behind(&hit("egen"), "selvbetjening.test", Standing::Own, ga4);
    behind(&hit("container"), "selvbetjening.test", Standing::Approved, ga4);
    let adobe = "https://maal.selvbetjening.test/b/ss/x/1/JS-2/s1";
    behind(adobe, "omtrdc.net", Standing::Unlisted, Some("Adobe Analytics"));
    let pixel = "https://maal.selvbetjening.test/tr/?id=123456789012345&ev=x";
    behind(pixel, "facebook.com", Standing::Unknown, Some("Meta Pixel"));
}

#[test]
fn what_its_users_run_stays_the_systems_own() {
    let url = "https://maal.selvbetjening.test/matomo.php?idsite=7&rec=1";
    behind(url, "selvbetjening.test", Standing::Own, Some("Matomo"));
    behind("https://maal.selvbetjening.test/side", "selvbetjening.test", Standing::Own, None);
}

#[test]
fn behind_another_host_a_product_is_told_and_the_recipient_stays() {
    let url = "https://capig.ukendt.test/tr/?id=123456789012345&ev=x";
    behind(url, "ukendt.test", Standing::Unknown, Some("Meta Pixel"));
    let mut inspector = plain_inspector();
    let told = inspector.inspect("test.har", &get(url), None).recipient;
    assert_eq!(told.company.as_deref(), Some("Meta Platforms, Inc."));
    let matomo = get("https://m.ukendt.test/matomo.php?idsite=7&rec=1");
    let told = inspector.inspect("test.har", &matomo, None).recipient;
    assert_eq!((told.company, told.country), (None, None), "anybody may run it");
}

#[test]
fn a_finding_of_a_vendor_behind_an_own_host_has_what_the_registry_says_of_the_vendor() {
    let parties = Parties::declared(registry_of_vendors());
    let mut inspector = inspector(&[CANARY], parties.clone());
    let url = format!("https://maal.selvbetjening.test/g/collect?v=2&tid=G-ABC123&uid={CANARY}");
    let sightings = inspector.inspect("test.har", &get(&url), Some(&system("selvbetjening"))).sightings;
    let finding = fold(&Seen { sightings: &sightings, ..Seen::default() }, &parties).remove(0);
    assert_eq!(finding.hosts, [Redacted::own_words("maal.selvbetjening.test")]);
    let told = finding.recipient;
    assert_eq!((told.domain.as_str(), told.standing), ("google-analytics.com", Standing::Approved));
    assert_eq!(told.legal_name.as_deref(), Some("Google, som det er oplyst"));
    assert_eq!(told.agreement.as_deref(), Some("aftale-19"));
    assert_eq!(told.product.as_deref(), Some("Google Analytics 4"));
}

#[test]
fn a_redirect_to_a_vendor_behind_an_own_host_leads_to_the_vendor() {
    let to = format!("https://maal.selvbetjening.test/b/ss/x/1/JS-2/s1?v1={CANARY}");
    let exchange = get("https://www.selvbetjening.test/x").answer(302, &[("Location", &to)]);
    let sightings = plain_inspector().inspect("test.har", &exchange, None).sightings;
    assert_eq!((sightings[0].recipient.as_str(), sightings[0].standing), ("omtrdc.net", Standing::Unknown));
}
