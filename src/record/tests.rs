//! A scan of records taken from a journal is the scan of an undisturbed run, wherever it was cut.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use detect::{Inspector, Parties, Setup};
use jiff::Timestamp;
use jiff::civil::date;
use md5::{Digest as _, Md5};
use model::{
    BlindSpot, BlindSpotKind, ConsentState, DigestDepth, Exchange, Field, Form, Host, Identity, PageFacts,
    RequestRecord, ScanKind, StorageKind, Stored, Target, TestPerson, Visit, VisitId, VisitOutcome,
};

use super::{Assignment, Recorder, Subject, Taken};

const STARTED: Timestamp = Timestamp::UNIX_EPOCH;

/// Its number is declared.
const DECLARED: &str = "0101901234";

/// Nobody has declared them.
const UNDECLARED: [&str; 2] = ["0707614285", "070761-4285"];

/// Recordings with numbers in many encodings, of telemetry that tells pages, and of ids that look like numbers.
const RECORDINGS: [&str; 4] = ["gtag-ga4.query", "matomo.leak", "sentry.hard", "snowplow.leak"];

/// What comes in, in order.
#[derive(Clone)]
enum Step {
    Exchange(Box<Exchange>),
    Visit(Visit),
    BlindSpot(BlindSpot),
}

fn parties() -> Parties {
    Parties::first_party(vec![Host::parse("selvbetjening.test").unwrap().site()])
}

fn inspector() -> Inspector {
    let person = TestPerson { id: "da-01".to_owned(), cpr: DECLARED.parse().unwrap(), scope: Vec::new() };
    let (key, today) = ([7; 32], date(2026, 11, 22));
    Inspector::new(Setup { test_persons: vec![person], key, today, parties: parties() })
}

fn request(url: &str) -> Box<Exchange> {
    let request = RequestRecord {
        method: "GET".to_owned(),
        target: Target::parse(url).unwrap(),
        version: "HTTP/1.1".to_owned(),
        headers: model::Headers::default(),
        body: model::Body::default(),
    };
    Box::new(Exchange::begun(0, STARTED, request))
}

/// A crawl with an undeclared number in clear, in base64, in a slot, in an address, a title, a form and a blind spot, and
/// under a digest that no key protects.
fn crawl() -> Vec<Step> {
    let digest = data_encoding::HEXLOWER.encode(&Md5::digest(UNDECLARED[0]));
    let base64 = data_encoding::BASE64URL.encode(format!("cpr={}", UNDECLARED[0]).as_bytes());
    let mut urls = vec![
        format!("https://maaling.test/c?cpr={}", UNDECLARED[1]),
        format!("https://maaling.test/c?d={base64}"),
        format!("https://maaling.test/c?uid={digest}"),
        format!("https://maaling.test/d?user_id={digest}"),
        format!("https://selvbetjening.test/sag/{}", UNDECLARED[0]),
        format!("https://maaling.test/c?cpr={DECLARED}"),
    ];
    // Dates with their check digit, as nobody has them: their slot makes them numbers.
    let passes = |number: &str| number.parse::<model::CprNumber>().is_ok_and(|number| number.passes_mod11());
    let numbers = (5000..5300).map(|serial| format!("010145{serial}")).filter(|number| passes(number));
    urls.extend(numbers.take(6).map(|number| format!("https://maaling.test/e?x9={number}")));
    let mut steps = Vec::new();
    for (at, url) in urls.iter().enumerate() {
        let id = VisitId(u32::try_from(at).unwrap() / 2 + 1);
        let mut exchange = request(url);
        exchange.visit = Some(id);
        steps.push(Step::Exchange(exchange));
        if at % 2 == 1 {
            steps.push(Step::Visit(visit(id)));
            let place = format!("https://selvbetjening.test/{}", UNDECLARED[0]);
            let spot = BlindSpot::new(BlindSpotKind::PageFailed, place, format!("no page for {}", UNDECLARED[1]));
            let picture = model::Picture::parse(at, "iVBORw0KGgo=");
            steps.push(Step::BlindSpot(spot.in_visit(Some(id)).with_picture(picture)));
        }
    }
    steps
}

fn visit(id: VisitId) -> Visit {
    let field = |name: &str| Field {
        name: name.to_owned(),
        label: String::new(),
        kind: "text".to_owned(),
        asks_for_cpr: true,
        typed: true,
        canary: Some(DECLARED.parse().unwrap()),
    };
    let form = Form {
        name: format!("ansøg {}", UNDECLARED[1]),
        action: format!("https://selvbetjening.test/sag/{}?x=1", UNDECLARED[0]),
        method: "get".to_owned(),
        says_how: true,
        fields: vec![field("cpr"), field(UNDECLARED[0])],
        filled: true,
        submitted: true,
    };
    let stored = |key: &str| Stored {
        kind: StorageKind::Local,
        origin: "https://selvbetjening.test".to_owned(),
        key: key.to_owned(),
        value: format!("{{\"cpr\":\"{}\"}}", UNDECLARED[1]),
    };
    let facts = PageFacts {
        url: format!("https://selvbetjening.test/sag/{}/vis", UNDECLARED[0]),
        titles: vec![format!("Sag for {}", UNDECLARED[1])],
        text: format!("Cpr-nummer\n{}", UNDECLARED[1]),
        stored: vec![stored("bruger"), stored(UNDECLARED[0])],
        ..PageFacts::default()
    };
    Visit {
        id,
        system: None,
        url: format!("https://selvbetjening.test/sag/{}?cpr={}", UNDECLARED[0], UNDECLARED[1]),
        submitted_from: id.0.checked_sub(1).filter(|before| *before > 0).map(VisitId),
        started: STARTED,
        consent: ConsentState::Untouched,
        role: None,
        sign_in: model::SignIn::NotTried,
        status: Some(200),
        title: format!("Sag for {}", UNDECLARED[1]),
        outcome: VisitOutcome::Loaded,
        forms: vec![form],
        links_out: 1,
        facts: Some(Box::new(facts)),
    }
}

fn recording(name: &str) -> Vec<Step> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/recordings/{name}.har"));
    let recording = inputs::read_har(name, File::open(path).unwrap(), STARTED);
    recording.exchanges.into_iter().map(|exchange| Step::Exchange(Box::new(exchange))).collect()
}

/// Takes `steps` in as they come from a proxy that has just been started.
fn take(recorder: &mut Recorder, steps: &[Step]) -> Vec<Vec<Taken>> {
    let mut taken = Vec::new();
    let mut index = 0;
    for step in steps {
        match step {
            Step::Exchange(exchange) => {
                let exchange = Exchange { index, ..(**exchange).clone() };
                recorder.exchange("live", &exchange);
                index += 1;
            }
            Step::Visit(visit) => recorder.visit(visit),
            Step::BlindSpot(blind_spot) => recorder.blind_spot(blind_spot.clone()),
        }
        taken.push(recorder.take_untold());
    }
    taken
}

/// The scan as a report tells it, and every sighting.
fn finish(recorder: Recorder) -> (String, Vec<String>) {
    let subject = || Subject::Undeclared { name: "selvbetjening.test".to_owned(), base_urls: Vec::new() };
    let assignment = Assignment {
        kind: ScanKind::Audit,
        targets: Vec::new(),
        started: STARTED,
        ended: STARTED,
        controller: None,
        registry: None,
        vendors: Vec::new(),
        subjects: vec![subject()],
        test_persons: &[],
        canaries: &[],
        self_test: None,
        digests: (DigestDepth::Off, Arc::new(AtomicBool::new(false))),
        conditions: Vec::new(),
        command: None,
        baseline: None,
    };
    let record = recorder.finish(assignment);
    let mut lines = Vec::new();
    reports::jsonl(&record.sightings, &mut lines).unwrap();
    let lines = String::from_utf8(lines).unwrap().lines().map(str::to_owned).collect();
    // Pictures are files of their own.
    let named = record.scan.pictures.iter().map(|(name, picture)| format!("\n{name} {}", picture.as_base64()));
    let pictures: String = named.collect();
    (serde_json::to_string_pretty(&record.scan).unwrap() + &pictures, lines)
}

/// One that begins with what a journal holds.
fn recalled(inspector: &Inspector, journal: &[Vec<String>]) -> Recorder {
    let mut recorder = Recorder::new(inspector.another(), parties()).taking_notes();
    for line in journal.iter().flatten() {
        recorder.recall(&serde_json::from_str(line).unwrap()).unwrap();
    }
    recorder
}

fn journal(inspector: &Inspector, steps: &[Step]) -> (Recorder, Vec<Vec<String>>) {
    let mut whole = Recorder::new(inspector.another(), parties()).taking_notes();
    let taken = take(&mut whole, steps);
    let lines = |taken: Vec<Taken>| taken.iter().map(|taken| serde_json::to_string(taken).unwrap()).collect();
    (whole, taken.into_iter().map(lines).collect())
}

#[track_caller]
fn every_prefix_comes_to_the_same(steps: &[Step]) {
    let inspector = inspector();
    let (whole, journal) = journal(&inspector, steps);
    let whole = finish(whole);
    for cut in 0..=steps.len() {
        let mut recorder = recalled(&inspector, &journal[..cut]);
        take(&mut recorder, &steps[cut..]);
        assert_eq!(finish(recorder), whole, "cut after {cut} of {}", steps.len());
    }
}

#[test]
fn a_crawl_that_was_cut_anywhere_comes_to_the_same_scan() {
    every_prefix_comes_to_the_same(&crawl());
}

#[test]
fn a_page_after_a_form_stays_one_where_the_form_is_sent_again() {
    let inspector = inspector();
    let plain = |id: u32, from: Option<u32>| Visit {
        submitted_from: from.map(VisitId),
        forms: Vec::new(),
        facts: None,
        ..visit(VisitId(id))
    };
    let asked = |id: u32| {
        let mut exchange = request("https://maaling.test/c");
        exchange.visit = Some(VisitId(id));
        Step::Exchange(exchange)
    };
    let login = |id: u32| [Step::Visit(plain(id, None)), Step::Visit(plain(id + 1, Some(id)))];
    let page = [asked(3), Step::Visit(plain(3, None))];
    let (whole, journal) = journal(&inspector, &[&login(1)[..], &page].concat());
    assert_eq!(whole.telling_contacts().len(), 1);
    // What came of the login was not done when the run was cut short.
    let mut recorder = recalled(&inspector, &journal[2..]);
    take(&mut recorder, &login(4));
    assert_eq!(recorder.telling_contacts().len(), 1);
    let mut without = recalled(&inspector, &[]);
    take(&mut without, &page);
    assert_eq!(without.telling_contacts().len(), 0, "it has no form itself");
}

#[test]
fn recorded_traffic_that_was_cut_between_its_recordings_comes_to_the_same_scan() {
    let inspector = inspector();
    let parts = RECORDINGS.map(recording);
    let steps = parts.concat();
    let (whole, journal) = journal(&inspector, &steps);
    let whole = finish(whole);
    let mut cut = 0;
    for part in &parts {
        cut += part.len();
        let mut recorder = recalled(&inspector, &journal[..cut]);
        take(&mut recorder, &steps[cut..]);
        assert_eq!(finish(recorder), whole, "cut after {cut}");
    }
}

#[test]
fn every_recording_is_read_back() {
    let inspector = inspector();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings");
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    for name in names.filter_map(|name| Some(name.strip_suffix(".har")?.to_owned())) {
        let steps = recording(&name);
        let (whole, journal) = journal(&inspector, &steps);
        let recalled = recalled(&inspector, &journal);
        assert_eq!(finish(recalled), finish(whole), "{name}");
    }
}

#[test]
fn no_undeclared_number_is_in_what_is_written() {
    let inspector = inspector();
    let (whole, journal) = journal(&inspector, &crawl());
    let (_, sightings) = finish(whole);
    assert!(sightings.iter().any(|line| line.contains("person:")), "there was one to be written");
    assert!(sightings.iter().any(|line| line.contains("\"source\":\"page\"")), "pages told some");
    let written: Vec<String> = journal.into_iter().flatten().collect();
    let digest = data_encoding::HEXLOWER.encode(&Md5::digest(UNDECLARED[0]));
    let base64 = data_encoding::BASE64.encode(UNDECLARED[0].as_bytes());
    for line in &written {
        for secret in UNDECLARED.iter().copied().chain([&*digest, base64.trim_end_matches('=')]) {
            assert!(!line.contains(secret), "{line}");
        }
    }
    // And as the detector sees it: the line as the body of a request to somebody.
    let mut detector = inspector.another();
    for line in &written {
        let mut exchange = request("https://maaling.test/journal");
        exchange.request.body.bytes = line.clone().into_bytes();
        exchange.request.body.wire_length = line.len() as u64;
        let found = detector.inspect("journal", &exchange, None).sightings;
        let undeclared = found.iter().filter(|sighting| matches!(sighting.identity, Identity::Person(_)));
        let told: Vec<String> =
            undeclared.map(|sighting| format!("{} {}", sighting.trail, sighting.evidence)).collect();
        assert_eq!(told, [""; 0], "{line}");
    }
}
