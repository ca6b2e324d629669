//! An audit of a whole made-up self-service, signed in by a recorded journey: what is found, and what was seen.

mod kit;

use std::collections::BTreeSet;

use kit::served::Served;
use kit::{no_browser, one_browser, paths_on};
use model::Rule;
use serde_json::Value;
use sites::town::{self, Planted, When};

const JOURNEY: &str = include_str!("journeys/town-log-ind.json");

/// Every page and step, by path, with how it was met and how it ended. The fragment of a route is not part of a page's
/// name, so three are of `/rude`.
const COVERED: &str = "
    /                           address  loaded
    /adresse                    address  loaded
    /adresse/svar               form     loaded
    /ansoegning/kvittering      form     loaded
    /ansoegning/trin-1          address  loaded
    /ansoegning/trin-2          form     loaded
    /ansoegning/trin-3          form     loaded
    /ansoegning/trin-4          form     loaded
    /ansoegning/trin-5          form     loaded
    /app                        address  loaded
    /app/sag/{cpr}              address  loaded
    /app/sager                  address  loaded
    /attest                     address  loaded
    /beskeder                   address  loaded
    /bestil                     address  loaded
    /bestil                     form     loaded
    /fejl                       address  failed
    /gammel                     address  loaded
    /gammel/tak                 form     loaded
    /hent                       address  loaded
    /hent/udtraek               address  failed
    /initiativ                  address  loaded
    /kalender/2026-11           address  loaded
    /kalender/2026-12           address  loaded
    /kalender/2027-11           address  loaded
    /klage                      address  loaded
    /klage                      form     loaded
    /klage                      form     loaded
    /kontakt                    address  loaded
    /kun-i-kortet               address  loaded
    /lager                      address  loaded
    /langsom                    address  loaded
    /log-ind                    address  loaded
    /nyheder                    address  loaded
    /oversigt                   form     loaded
    /postkasse                  address  loaded
    /profil                     address  loaded
    /rammer                     address  loaded
    /rude                       address  loaded
    /rude                       address  loaded
    /rude                       address  loaded
    /tilmelding                 address  loaded
    /tilmelding                 form     loaded
    /tjeneste                   address  loaded
    /vindue                     address  loaded
    /vindue/hjaelp              address  loaded
    /ydelser/sygedagpenge       address  loaded
    https://www.nabobyen.test/  address  loaded
";

/// Everything that was not seen, and nothing else.
const NOT_SEEN: [(&str, &str, &str); 7] = [
    ("page-failed", "/fejl", "status 500"),
    (
        "form-not-submitted",
        "/klage",
        "the form that sends to /klage: it was sent and came back, with the words: Skriv journalnummeret foran.",
    ),
    ("form-not-submitted", "/profil", "the form that sends to /profil/slet: it has no button that may be pressed"),
    (
        "pages-left-out",
        "/",
        "7 pages: 3 of a kind of page seen 3 times, 2 that are files and not opened: /hent/brev.pdf /hent/liste.csv, \
         1 behind links that pay, 1 in frames of other sites, with fields that are not filled",
    ),
    ("page-interfered", "/beskeder", "dialogs answered with OK: 3, the first alert: Goddag"),
    ("page-interfered", "/hent/udtraek", "downloads refused: 1, the first /hent/udtraek"),
    ("page-interfered", "/vindue", "windows opened and closed: 1, the first /vindue/hjaelp"),
];

fn served(options: town::Options) -> Served {
    let served = Served::start(town::hosts(options));
    served.bench.write("cprvagt.toml", &town::registry());
    served.bench.write("log-ind.json", JOURNEY);
    served
}

/// Before an answer to the question for consent; what follows one has a test of its own.
const UNTOUCHED: [&str; 2] = ["--consent", "untouched"];

fn audit(served: &Served, flags: &[&str]) -> kit::Ran {
    // Every name leads to the sites, so the one step outside may be taken.
    let command = [&["audit", town::SYSTEM, "--lang", "en", "--pause", "0"], flags].concat();
    let mut arguments = served.arguments(&command);
    arguments.retain(|argument| *argument != "--loopback-only");
    let mut command = served.bench.command(&arguments);
    kit::Ran::from(command.env("CPRVAGT_TOWN_PASSWORD", town::PASSWORD).output().expect("the program runs"))
}

/// A text with the site's own addresses written as paths.
fn own(value: &Value) -> String {
    paths_on(town::SITE, value)
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value[name].as_array().map(Vec::as_slice).unwrap_or_default()
}

/// Whether `finding` tells what is planted. What the plan leaves open, the finding may fill.
fn tells(finding: &Value, planted: &Planted) -> bool {
    let is = |told: &Value, expected: &str| told.as_str().unwrap_or_default() == expected;
    let is_at = |place: &str, expected: &str| is(finding.pointer(place).unwrap_or(&Value::Null), expected);
    let may_be = |told: &Value, expected: &str| expected.is_empty() || is(told, expected);
    is(&finding["rule"], planted.rule)
        && may_be(&finding["channel"], planted.channel)
        && own(&finding["page"]) == planted.page
        && is_at("/form/form", planted.form)
        && is_at("/form/field", planted.field)
        && list(finding, "hosts") == [planted.recipient]
        && may_be(&finding["parameter"], planted.parameter)
}

#[track_caller]
fn nothing_was_destroyed(served: &Served) {
    let asked = served.received_by(town::SITE);
    let destroyed: Vec<&str> =
        asked.iter().map(sites::Received::path).filter(|path| town::destructive().contains(path)).collect();
    assert!(asked.len() > 10 && destroyed.is_empty(), "{destroyed:?} of {}", asked.len());
}

#[test]
fn all_that_is_planted_is_found_and_all_else_is_as_it_should_be() {
    let _alone = one_browser();
    if no_browser() {
        return;
    }
    let served = served(town::Options::default());
    audit(&served, &UNTOUCHED).ends_with(1);
    nothing_was_destroyed(&served);
    let scan = served.bench.scan();

    let rules: BTreeSet<&str> = Rule::ALL.into_iter().map(Rule::as_str).collect();
    let is_due = |planted: &&Planted| planted.when == When::Always && rules.contains(planted.rule);
    let due: Vec<&Planted> = town::planted().iter().filter(is_due).collect();
    let findings = list(&scan, "findings");
    let missed: Vec<_> = due.iter().filter(|planted| !findings.iter().any(|one| tells(one, planted))).collect();
    let invented: Vec<_> = findings.iter().filter(|one| !due.iter().any(|planted| tells(one, planted))).collect();
    assert!(missed.is_empty() && invented.is_empty(), "missed: {missed:#?}\ninvented: {invented:#?}");
    assert_eq!(findings.len(), due.len());

    let coverage = &scan["systems"][0]["coverage"];
    let covered = list(coverage, "pages").iter().map(|page| {
        let by = if page["by_form"] == true { "form" } else { "address" };
        format!("{} {by} {}", own(&page["page"]), page["outcome"].as_str().unwrap_or_default())
    });
    let mut covered: Vec<String> = covered.collect();
    covered.sort();
    let expected = COVERED.trim().lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    assert_eq!(covered, expected.collect::<Vec<_>>());
    let counted = |names: &[&str]| names.iter().map(|name| coverage[*name].as_u64().unwrap()).collect::<Vec<_>>();
    assert_eq!(counted(&["cpr_forms", "cpr_forms_filled", "cpr_forms_submitted"]), [9, 9, 8]);
    assert_eq!(counted(&["templates", "forms", "forms_filled", "forms_submitted"]), [40, 13, 11, 11]);
    assert_eq!(counted(&["fields", "fields_typed", "steps_failed"]), [19, 16, 0]);

    let not_seen = list(&scan, "blind_spots").iter().map(|spot| {
        assert_eq!((&spot["system"], &spot["count"]), (&town::SYSTEM.into(), &1.into()), "{spot}");
        (spot["kind"].as_str().unwrap_or_default(), own(&spot["place"]), own(&spot["detail"]))
    });
    let expected = NOT_SEEN.map(|(kind, place, detail)| (kind, place.to_owned(), detail.to_owned()));
    assert_eq!(not_seen.collect::<Vec<_>>(), expected);
}

#[test]
fn a_session_that_the_site_ended_is_got_back_and_nothing_counts_without_it() {
    let _alone = one_browser();
    if no_browser() {
        return;
    }
    let served = served(town::Options { farewell: true });
    audit(&served, &[&UNTOUCHED[..], &["--pages", "14"]].concat());
    nothing_was_destroyed(&served);
    let scan = served.bench.scan();
    let pages = list(&scan["systems"][0]["coverage"], "pages");
    let outcome = |page: &Value| (own(&page["page"]), page["outcome"].as_str().unwrap_or_default().to_owned());
    let pages: Vec<(String, String)> = pages.iter().map(outcome).collect();
    assert!(pages.iter().any(|(path, _)| path == "/paa-gensyn"), "the link was followed: {pages:#?}");
    let asked = served.received_by(town::SITE);
    let log_ins = asked.iter().filter(|received| received.method == "POST" && received.path() == "/log-ind").count();
    assert!(log_ins > 1, "{log_ins} of {pages:#?}");
    let seen: BTreeSet<&str> =
        pages.iter().filter(|(_, outcome)| outcome == "loaded").map(|(path, _)| path.as_str()).collect();
    let unseen: Vec<_> = pages
        .iter()
        .filter(|(path, outcome)| outcome == "login-required" && !seen.contains(path.as_str()))
        .filter(|(path, _)| path != "/paa-gensyn")
        .collect();
    assert!(unseen.is_empty(), "{unseen:?} of {pages:#?}");
}

#[test]
fn what_follows_an_answer_is_told_apart() {
    let _alone = one_browser();
    if no_browser() {
        return;
    }
    let served = served(town::Options::default());
    audit(&served, &["--pages", "2"]).says("Sent even after the citizen has said no");
    nothing_was_destroyed(&served);
    let scan = served.bench.scan();
    let findings = list(&scan, "findings");
    for (when, state) in [(When::Refused, "refused"), (When::Accepted, "accepted")] {
        let planted: Vec<&Planted> = town::planted().iter().filter(|planted| planted.when == when).collect();
        assert!(!planted.is_empty());
        for planted in planted {
            // The number was typed at the log-in, before the answer.
            let planted = Planted { form: "log-ind", field: "cpr", ..*planted };
            let told: Vec<&Value> = findings.iter().filter(|one| tells(one, &planted)).collect();
            let sent: Vec<_> = findings.iter().map(|one| (&one["parameter"], &one["hosts"], &one["form"])).collect();
            assert_eq!(told.len(), 1, "{planted:#?} of {sent:#?}");
            // What a button sends at once is of the page before the answer.
            assert_eq!(told[0]["consent"], serde_json::json!(["untouched", state]));
        }
    }
}
