//! The registry read and misread.

use super::*;

const REGISTRY: &str = r#"
[controller]
name = "Skattestyrelsen (opdigtet)"

[[vendor]]
id = "nordia"
name = "Nordia A/S"

[[system]]
id = "tastselv"
vendor = "nordia"
base_urls = ["https://www.tastselv.test/"]
environment = "test"

[[system]]
id = "borger"
vendor = "nordia"
base_urls = ["https://borger.tastselv.test/"]

[[recipient]]
legal_name = "Maaling ApS"
domains = ["maaling.test"]
role = "processor"
approved_for = ["tastselv"]
transfer = { country = "US" }

[[recipient]]
legal_name = "Digitaliseringsstyrelsen"
domains = ["login.offentlig.test"]
role = "authority"

[[test_person]]
id = "da-01"
cpr = "010145-5001"
"#;

#[track_caller]
fn refused(change: (&str, &str), line: usize, message: &str, help: &str) {
    let text = REGISTRY.replace(change.0, change.1);
    assert_ne!(text, REGISTRY, "the change changes nothing");
    let error = Registry::parse(&text).unwrap_err();
    assert_eq!(error.place.map(|place| place.line), Some(line), "{error}");
    assert!(error.message.contains(message), "{error}");
    assert!(error.help.as_deref().unwrap_or_default().contains(help), "{:?}", error.help);
}

fn standing(host: &str, system: &str) -> Standing {
    let registry = Registry::parse(REGISTRY).unwrap();
    registry.standing(&Host::parse(host).unwrap(), Some(&SystemId(system.to_owned())))
}

#[test]
fn standing_is_told_per_system() {
    assert_eq!(standing("static.tastselv.test", "tastselv"), Standing::Own);
    assert_eq!(standing("a.maaling.test", "tastselv"), Standing::Approved);
    assert_eq!(standing("a.maaling.test", "borger"), Standing::Unlisted);
    assert_eq!(standing("login.offentlig.test", "borger"), Standing::Public);
    assert_eq!(standing("other.test", "borger"), Standing::Unknown);
}

#[test]
fn a_system_knows_its_line_and_a_recipient_its_transfer() {
    let registry = Registry::parse(REGISTRY).unwrap();
    assert_eq!(registry.system("borger").unwrap().line, 15);
    assert_eq!(registry.recipients[0].transfer_without_basis(), Some("US"));
    assert_eq!(registry.nearest_system("tastselw"), Some("tastselv"));
}

#[test]
fn faults_name_the_line_and_what_was_meant() {
    refused(("environment = ", "enviroment = "), 13, "unknown field `enviroment`", "did you mean `environment`?");
    refused(("\"test\"\n", "\"tset\"\n"), 13, "unknown variant `tset`", "did you mean `test`?");
    refused(("vendor = \"nordia\"", "vendor = \"nordai\""), 11, "no vendor `nordai`", "did you mean `nordia`?");
    refused(("[\"tastselv\"]", "[\"tastslev\"]"), 24, "no system `tastslev`", "did you mean `tastselv`?");
    refused(("https://borger", "htps://borger"), 18, "no web address", "https://host/path");
    refused(("id = \"borger\"", "id = \"tastselv\""), 15, "declared twice", "its own id");
    refused(("id = \"borger\"", "id = \"../x\""), 15, "other characters", "a-z");
    refused(("cpr = \"010145-5001\"", ""), 32, "needs `cpr` or `secret_ref`", "env:NAME");
    refused(("domains = [\"maaling.test\"]", "domains = []"), 22, "no domains", "example.com");
}

#[test]
fn what_may_be_sent_follows_the_environment_unless_it_is_said() {
    let submit = |line: &str| {
        let text = REGISTRY.replace("environment = \"test\"", line);
        Registry::parse(&text).unwrap().system("tastselv").unwrap().submit
    };
    assert_eq!(submit("environment = \"test\""), Submit::TestSystem);
    assert_eq!(submit("environment = \"test\"\nsubmit = \"never\""), Submit::Never);
    assert_eq!(submit(""), Submit::Never);
    assert_eq!(submit("submit = \"get\""), Submit::Get);
    assert!(Submit::Get.allows("GET") && !Submit::Get.allows("post") && !Submit::Never.allows("get"));
    let test = "environment = \"test\"";
    refused((test, "submit = \"test-system\""), 13, "no test system", "environment = \"test\"");
    refused((test, "allow_write = [\"/login\"]"), 13, "names no request", "POST /login");
}

#[test]
fn a_journey_is_a_file_with_or_without_a_role() {
    let line = "environment = \"test\"\njourneys = [\"a.json\", { file = \"b.json\", role = \"borger\" }]";
    let registry = Registry::parse(&REGISTRY.replace("environment = \"test\"", line)).unwrap();
    let journeys = &registry.system("tastselv").unwrap().journeys;
    let plain: Vec<_> = journeys.iter().map(|journey| (journey.file.as_str(), journey.role.as_deref())).collect();
    assert_eq!(plain, [("a.json", None), ("b.json", Some("borger"))]);
    refused(("environment = \"test\"", "journeys = [7]"), 13, "a file's name, or", "");
    refused(("environment = \"test\"", "journeys = [\" \"]"), 13, "a journey without a file", "exported");
}

#[test]
fn a_wrong_number_is_not_repeated() {
    let error = Registry::parse(&REGISTRY.replace("010145-5001", "991399-1234")).unwrap_err();
    assert!(!error.to_string().contains("991399"), "{error}");
}

#[test]
fn every_fault_is_told_at_once_in_the_order_of_the_file() {
    let text = REGISTRY
        .replace("vendor = \"nordia\"\nbase_urls = [\"https://www", "vendor = \"nordai\"\nbase_urls = [\"https://www")
        .replace("approved_for = [\"tastselv\"]", "approved_for = [\"tastslev\", \"tastselv\"]")
        .replace("transfer = { country = \"US\" }", "dpa_expires = \"2026-13-01\"");
    let (registry, faults) = Registry::examine(&text);
    let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "line 11, column 10: there is no vendor `nordai`",
            "line 24, column 17: there is no system `tastslev`",
            "line 25, column 15: `2026-13-01` is no date",
        ]
    );
    assert_eq!((registry.systems.len(), registry.recipients.len()), (1, 1), "what is sound is read");
    assert_eq!(Registry::parse(&text).unwrap_err(), faults[0]);
}

#[test]
fn an_address_or_domain_is_declared_once() {
    refused(
        ("https://borger.tastselv.test/", "https://www.tastselv.test/"),
        18,
        "two systems begin at",
        "each the URL",
    );
    refused(("login.offentlig.test", "maaling.test"), 29, "belongs to two recipients", "one of them");
}

#[test]
fn what_a_toml_reader_refuses_has_a_place_and_something_to_do() {
    for (change, line, said) in [
        (("name = \"Nordia A/S\"\n", ""), 5, "missing field `name`"),
        (("name = \"Nordia A/S\"", "name = 7"), 7, "invalid type"),
        (("name = \"Nordia A/S\"", "name = \"Nordia"), 7, ""),
        (("role = \"processor\"", "role = \"procesor\""), 23, "unknown variant"),
    ] {
        let text = REGISTRY.replace(change.0, change.1);
        let error = Registry::parse(&text).unwrap_err();
        assert_eq!(error.place.map(|place| place.line), Some(line), "{error}");
        assert!(error.message.contains(said) && error.help.is_some(), "{error:?}");
    }
}

#[test]
fn a_secret_is_no_slip_of_another_field() {
    refused(("environment = \"test\"", "password = \"x\""), 13, "unknown field `password`", "environment variable");
    refused(("https://borger", "https://me:hemmelig@borger"), 18, "a user or password stands in a URL", "log");
    let error = Registry::parse(&REGISTRY.replace("https://borger", "https://me:hemmelig@borger")).unwrap_err();
    assert!(!error.to_string().contains("hemmelig"), "{error}");
}

#[test]
fn agreements_have_dates_in_or_out_of_quotes() {
    let with = |lines: &str| {
        let text = REGISTRY.replace("transfer = { country = \"US\" }", lines);
        Registry::parse(&text).map(|registry| (registry.recipients[0].dpa_date, registry.recipients[0].dpa_expires))
    };
    let days = Ok(("2024-02-29".parse().ok(), "2026-12-31".parse().ok()));
    assert_eq!(with("dpa_date = \"2024-02-29\"\ndpa_expires = \"2026-12-31\""), days);
    assert_eq!(with("dpa_date = 2024-02-29\ndpa_expires = 2026-12-31"), days);
    let error = with("dpa_date = 2027-01-01\ndpa_expires = 2026-12-31").unwrap_err();
    assert!(error.message.contains("before it begins"), "{error}");
    assert!(with("dpa_date = 7").unwrap_err().message.contains("a date, as in"));
}

#[test]
fn an_answer_holds_for_whom_it_names() {
    let answers = r#"
[[answer]]
question = "transfer-start"
recipient = "Maaling ApS"
system = "tastselv"
given_by = "vendor"
given = "2026-03-25"
value = "2015-02-02"
reference = "F2 2026-118"

[[answer]]
question = "encrypted"
given_by = "controller"
value = true
"#;
    let registry = Registry::parse(&format!("{REGISTRY}{answers}")).unwrap();
    let (tastselv, borger) = (SystemId("tastselv".into()), SystemId("borger".into()));
    let count = |question, recipient: usize, system| {
        registry.answers_to(question, registry.recipients.get(recipient), Some(system)).count()
    };
    assert_eq!(count(Question::TransferStart, 0, &tastselv), 1);
    assert_eq!((count(Question::TransferStart, 0, &borger), count(Question::TransferStart, 1, &tastselv)), (0, 0));
    assert_eq!((count(Question::Encrypted, 0, &tastselv), count(Question::Encrypted, 1, &borger)), (1, 1));
    let value = registry.answers[0].value;
    assert_eq!(value, Some(AnswerValue::Day("2015-02-02".parse().unwrap())));

    let refused = |from: &str, to: &str, said: &str, help: &str| {
        let changed = answers.replacen(from, to, 1);
        assert_ne!(changed, answers);
        let error = Registry::parse(&format!("{REGISTRY}{changed}")).unwrap_err();
        assert!(error.message.contains(said) && error.help.as_deref().unwrap().contains(help), "{error:?}");
    };
    refused("transfer-start", "transfer-strat", "unknown variant", "did you mean `transfer-start`?");
    refused("Maaling ApS", "Maling ApS", "there is no recipient", "did you mean `Maaling ApS`?");
    refused("value = \"2015-02-02\"", "value = true", "of another kind", "2015-02-02");
    refused("\"transfer-start\"", "\"risk\"", "has no value", "text or reference");
    refused("value = true", "", "says nothing", "text, value or reference");
}

#[test]
fn a_chain_names_a_vendor_or_a_recipient() {
    let of = |of: &str| {
        let text = REGISTRY.replace("role = \"processor\"", &format!("role = \"sub-processor\"\nof = \"{of}\""));
        let registry = Registry::parse(&text).unwrap();
        match registry.chain_link(&registry.recipients[0]) {
            Some(ChainLink::Vendor(vendor)) => vendor.name.clone(),
            Some(ChainLink::Recipient(recipient)) => recipient.legal_name.clone(),
            None => String::new(),
        }
    };
    assert_eq!((of("nordia"), of("Nordia A/S")), ("Nordia A/S".to_owned(), "Nordia A/S".to_owned()));
    assert_eq!((of("Digitaliseringsstyrelsen"), of("nobody")), ("Digitaliseringsstyrelsen".to_owned(), String::new()));
}

#[test]
fn retention_and_the_rest_of_the_tables_are_read() {
    let text = format!("{REGISTRY}\n[retention]\nscan_days = 1825\n")
        .replace(
            "name = \"Nordia A/S\"",
            "name = \"Nordia A/S\"\ncvr = \"00000000\"\nnext_supervision = \"2027-03-01\"",
        )
        .replace("role = \"processor\"", "role = \"processor\"\npurpose = \"Besøgstal\"\ncontact = \"x@maaling.test\"");
    let registry = Registry::parse(&text).unwrap();
    assert_eq!(registry.retention, Some(Retention { scan_days: Some(1825), report_days: None }));
    assert_eq!(registry.vendors[0].next_supervision, "2027-03-01".parse().ok());
    assert_eq!(registry.recipients[0].purpose.as_deref(), Some("Besøgstal"));
    assert_eq!((registry.vendors[0].line, registry.recipients[0].line, registry.test_persons[0].line), (5, 22, 38));
}
