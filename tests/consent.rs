//! What leaks before an answer to a question for consent, after a no and after a yes, told apart by the real program.

mod kit;

use kit::served::Served;
use kit::{no_browser, one_browser};
use serde_json::{Value, json};
use sites::{HostedSite, Received, Reply};

const SITE: &str = "selv.borger.test";
/// Nobody's: born in 2045.
const CANARY: &str = "0101455009";

/// Asks in Danish; each third party keeps to the answer as its maker pleases.
fn page(_: &Received) -> Reply {
    let send = |host: &str| format!("fetch('https://{host}/s?cpr={CANARY}', {{mode: 'no-cors'}});");
    let (always, never_after_no, after_yes) =
        (send("trods.eksempel.test"), send("lydig.prove.test"), send("efter.maal.test"));
    Reply::html(format!(
        "<!doctype html><meta charset=utf-8><link rel=icon href='data:,'><title>Selv</title><h1>Velkommen</h1>\
         <div id=cookies role=dialog style='position:fixed;bottom:0'><p>Vi bruger cookies til statistik.</p>\
         <button onclick=\"svar('ja')\">Accepter alle</button><button onclick=\"svar('nej')\">Kun nødvendige</button></div>\
         <script>const svar = (valg) => {{ document.cookie = 'valg=' + valg + ';path=/;Secure'; cookies.remove(); }};\
         const valg = /valg=(\\w+)/.exec(document.cookie)?.[1]; if (valg) document.getElementById('cookies').remove();\
         {always} if (valg !== 'nej') {{ {never_after_no} }} if (valg === 'ja') {{ {after_yes} }}</script>"
    ))
}

fn served() -> Served {
    let third_parties = ["trods.eksempel.test", "lydig.prove.test", "efter.maal.test"];
    let mut sites = vec![HostedSite::new(SITE, page)];
    sites.extend(third_parties.map(|host| HostedSite::new(host, |_: &Received| Reply::no_content())));
    let served = Served::start(sites);
    let registry = format!(
        "[[vendor]]\nid = \"v\"\nname = \"Leverandøren\"\n\n[[system]]\nid = \"selv\"\nname = \"Selvbetjening\"\n\
         vendor = \"v\"\nbase_urls = [\"https://{SITE}/\"]\nenvironment = \"test\"\n\n\
         [[test_person]]\nid = \"da-01\"\ncpr = \"{CANARY}\"\n"
    );
    served.bench.write("cprvagt.toml", &registry);
    served
}

/// The answers under which a number reached `domain`.
fn answers(scan: &Value, domain: &str) -> Value {
    let told = |finding: &Value, pointer: &str| finding.pointer(pointer).cloned().unwrap_or_default();
    let findings = scan.get("findings").and_then(Value::as_array).expect("findings");
    let mut to_domain = findings.iter().filter(|finding| told(finding, "/recipient/domain") == domain);
    let with_number = to_domain.find(|finding| told(finding, "/rule") == "cpr-in-third-party-request");
    told(with_number.expect("a finding"), "/consent")
}

#[test]
fn what_leaks_in_spite_of_a_no_is_told_apart() {
    let _alone = one_browser();
    if no_browser() {
        return;
    }
    let served = served();
    let ran = served.bench.run(&served.arguments(&["audit", "selv", "--lang", "da"]));
    ran.ends_with(1).says("Sendes også, når borgeren har sagt nej").says("Ét fund gælder også");
    let scan = served.bench.scan();
    assert_eq!(answers(&scan, "eksempel.test"), json!(["untouched", "refused", "accepted"]));
    assert_eq!(answers(&scan, "prove.test"), json!(["untouched", "accepted"]));
    assert_eq!(answers(&scan, "maal.test"), json!(["accepted"]));
    let pass = |state: &str, pages: u64, held: u64| json!({"state": state, "banner": "#cookies", "pages": pages, "pages_in_state": held});
    let passes = json!([pass("untouched", 1, 1), pass("refused", 2, 1), pass("accepted", 2, 1)]);
    assert_eq!(scan["systems"][0]["coverage"]["consent_states"], passes);
    assert!(!scan["blind_spots"].to_string().contains("consent-not-reached"), "{scan:#}");
}

#[test]
fn one_answer_alone_can_be_asked_for() {
    let _alone = one_browser();
    if no_browser() {
        return;
    }
    let served = served();
    served.bench.run(&served.arguments(&["audit", "selv", "--consent", "untouched"])).ends_with(1);
    let scan = served.bench.scan();
    let states = scan["systems"][0]["coverage"]["consent_states"].as_array().expect("passes").len();
    assert_eq!((states, scan["findings"][0].get("consent")), (1, None));
}
