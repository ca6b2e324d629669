//! Every file of `corpus/`: an exchange with the sightings expected, and one that looks like it and must stay silent.
//!
//! A file tells one encoding, place or bug. What it leaves out is as in an ordinary `GET` that found nothing to hide.

use std::path::PathBuf;

use data_encoding::BASE64;
use detect::{Inspection, Inspector, Parties, Setup};
use model::{BlindSpotKind, Body, BodyState, Evidence, Exchange, Message, Sender, Sighting};
use serde::Deserialize;

use crate::kit::{self, With as _};

/// Length on the wire of a body of which some or all was not recorded.
const WIRE_LENGTH: u64 = 100_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// What the file is about, for people.
    description: String,
    own_sites: Vec<String>,
    test_persons: Vec<String>,
    today: String,
    request: Request,
    #[serde(default)]
    response: Option<Response>,
    /// How much of the body was recorded, when not all.
    #[serde(default)]
    body_state: Option<RecordedBody>,
    /// In any order.
    expected: Vec<Expected>,
    #[serde(default)]
    blind_spots: Vec<BlindSpotKind>,
    #[serde(default)]
    own_body_numbers: u64,
    /// Digits passed over and counted.
    #[serde(default)]
    look_alikes: u64,
    lookalike: Lookalike,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lookalike {
    request: Request,
    #[serde(default)]
    response: Option<Response>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    method: String,
    url: String,
    #[serde(default)]
    headers: Vec<(String, String)>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    body_base64: Option<String>,
    #[serde(default)]
    messages: Vec<RecordedMessage>,
}

/// A message of the WebSocket that the request opens.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum RecordedMessage {
    Sent(String),
    SentBase64(String),
    Received(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Response {
    status: u16,
    headers: Vec<(String, String)>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum RecordedBody {
    Cut,
    Missing,
}

#[derive(Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(deny_unknown_fields)]
struct Expected {
    rule: String,
    channel: String,
    trail: String,
    form: String,
    evidence: String,
    recipient: String,
}

#[test]
fn every_exchange_gives_its_sightings_and_its_lookalike_none() {
    let mut faults = Vec::new();
    let cases = cases();
    assert!(cases.len() > 50, "the corpus is not where it was");
    for (name, case) in cases {
        faults.extend(case.faults().into_iter().map(|fault| format!("{name} ({}): {fault}", case.description)));
    }
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
}

/// Every file, by name.
fn cases() -> Vec<(String, Case)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut cases: Vec<(String, Case)> = files
        .map(|path| {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            let case = serde_json::from_slice(&read(&path)).unwrap_or_else(|error| panic!("{name}: {error}"));
            (name, case)
        })
        .collect();
    cases.sort_by(|(a, _), (b, _)| a.cmp(b));
    cases
}

#[expect(clippy::disallowed_methods, reason = "the detector reads no files; its tests do")]
fn read(path: &std::path::Path) -> Vec<u8> {
    std::fs::read(path).unwrap()
}

impl Case {
    /// What is not as the file says.
    fn faults(&self) -> Vec<String> {
        let mut exchange = exchange(&self.request, self.response.as_ref());
        if let Some(state) = self.body_state {
            let state = match state {
                RecordedBody::Cut => BodyState::Cut,
                RecordedBody::Missing => BodyState::Missing,
            };
            exchange.request.body = Body { wire_length: WIRE_LENGTH, state, ..exchange.request.body };
        }
        let inspection = self.inspect(&exchange);
        let mut faults = Vec::new();
        let mut found: Vec<Expected> = inspection.sightings.iter().map(Expected::from).collect();
        found.sort();
        for missed in difference(&self.expected, &found) {
            faults.push(format!("missed {missed:?}"));
        }
        for unexpected in difference(&found, &self.expected) {
            faults.push(format!("unexpected {unexpected:?}"));
        }
        let blind: Vec<BlindSpotKind> = inspection.blind_spots.iter().map(|blind_spot| blind_spot.kind).collect();
        if blind != self.blind_spots {
            faults.push(format!("blind spots {blind:?}, expected {:?}", self.blind_spots));
        }
        if inspection.own_body_numbers != self.own_body_numbers {
            faults.push(format!("{} numbers in own bodies", inspection.own_body_numbers));
        }
        if inspection.look_alikes != self.look_alikes {
            faults.push(format!("{} look-alikes counted", inspection.look_alikes));
        }
        let lookalike = &self.lookalike;
        let silent = self.inspect(&self::exchange(&lookalike.request, lookalike.response.as_ref()));
        for sighting in silent.sightings.iter().filter(|sighting| sighting.evidence < Evidence::E4) {
            faults.push(format!("the look-alike gave {:?}", Expected::from(sighting)));
        }
        faults
    }

    fn inspect(&self, exchange: &Exchange) -> Inspection {
        let numbers: Vec<&str> = self.test_persons.iter().map(String::as_str).collect();
        let own: Vec<&str> = self.own_sites.iter().map(String::as_str).collect();
        let mut inspector = Inspector::new(Setup {
            test_persons: kit::persons(&numbers),
            key: kit::KEY,
            today: self.today.parse().unwrap(),
            parties: Parties::first_party(kit::sites(&own)),
        });
        inspector.inspect("corpus", exchange, None)
    }
}

impl From<&Sighting> for Expected {
    fn from(sighting: &Sighting) -> Self {
        let form = serde_json::to_value(sighting.form).unwrap();
        Self {
            rule: sighting.rule.as_str().to_owned(),
            channel: sighting.channel.to_string(),
            trail: sighting.trail.to_string(),
            form: form.as_str().unwrap().to_owned(),
            evidence: sighting.evidence.to_string(),
            recipient: sighting.recipient.to_string(),
        }
    }
}

/// Those of `all` that `some` lacks, counting each as often as it comes.
fn difference<'a>(all: &'a [Expected], some: &[Expected]) -> Vec<&'a Expected> {
    let mut rest: Vec<&Expected> = some.iter().collect();
    let mut lacking = Vec::new();
    for one in all {
        match rest.iter().position(|other| *other == one) {
            Some(at) => drop(rest.swap_remove(at)),
            None => lacking.push(one),
        }
    }
    lacking
}

fn exchange(request: &Request, response: Option<&Response>) -> Exchange {
    let mut exchange = kit::get(&request.url);
    for (name, value) in &request.headers {
        exchange = exchange.header(name, value);
    }
    if let Some(text) = &request.body {
        exchange = exchange.body(text.as_str());
    }
    if let Some(text) = &request.body_base64 {
        exchange = exchange.body(BASE64.decode(text.as_bytes()).unwrap());
    }
    exchange.messages = request.messages.iter().map(message).collect();
    exchange.request.method.clone_from(&request.method);
    if let Some(Response { status, headers }) = response {
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        exchange = exchange.answer(*status, &headers);
    }
    exchange
}

fn message(recorded: &RecordedMessage) -> Message {
    let (sender, bytes) = match recorded {
        RecordedMessage::Sent(text) => (Sender::Client, text.as_bytes().to_vec()),
        RecordedMessage::SentBase64(text) => (Sender::Client, BASE64.decode(text.as_bytes()).unwrap()),
        RecordedMessage::Received(text) => (Sender::Server, text.as_bytes().to_vec()),
    };
    Message { sender, bytes }
}
