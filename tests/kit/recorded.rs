//! The recordings, the truth about them, and what the detector makes of them: without the program, so that all are read
//! in one go.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use std::sync::atomic::AtomicBool;

use detect::{Inspector, Parties, Setup, SweepDepth};
use inputs::Recording;
use jiff::Timestamp;
use jiff::civil::Date;
use model::{Channel, CprNumber, Evidence, Exchange, Headers, Host, Identity, Sighting, Site, Target, TestPerson};

/// The site that every page of the recordings is on.
pub(crate) const OWN: &str = "www.tastselv.test";

/// The numbers planted in the recordings, each in a place of its own (`tests/recordings/README.md`).
pub(crate) const PLANTED: [&str; 11] = [
    "0101901234",
    "0707614285",
    "1111111118",
    "2512489996",
    "0108589995",
    "2911829996",
    "1502779995",
    "3001749995",
    "2103009996",
    "3112999995",
    "2606489994",
];

/// Key of the tokens.
const KEY: [u8; 32] = [7; 32];

/// One occurrence of a number: a row of `expected.tsv` or `expected-firstparty.tsv`.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) file: String,
    pub(crate) request: u64,
    pub(crate) recipient: String,
    pub(crate) place: String,
    pub(crate) layers: String,
    pub(crate) number: String,
}

/// A number that the detector told: the request of a file, the host that got it, and the number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Told {
    pub(crate) file: String,
    pub(crate) request: u64,
    pub(crate) recipient: String,
    pub(crate) number: String,
}

/// The detector with what it is told once.
pub(crate) struct Judge {
    inspector: Inspector,
    /// The planted number of each identity, declared or not.
    numbers: BTreeMap<Identity, String>,
}

impl Row {
    pub(crate) fn told(&self) -> Told {
        let Self { file, request, recipient, number, .. } = self.clone();
        Told { file, request, recipient: masked(&recipient, &number), number }
    }

    /// Whether the innermost name says that it is a personal number.
    pub(crate) fn is_named(&self) -> bool {
        let place = self.place.trim_end_matches(['\'', ']', '>', ')']);
        place.strip_suffix("cpr").is_some_and(|rest| !rest.ends_with(|sign: char| sign.is_ascii_alphanumeric()))
    }
}

impl Judge {
    /// One that knows the planted numbers, or none at all.
    pub(crate) fn new(own: &[Site], today: Date, declares: bool) -> Self {
        let numbers: Vec<CprNumber> = PLANTED.iter().map(|number| number.parse().expect("a number")).collect();
        let person = |cpr: &CprNumber| TestPerson { id: "planted".to_owned(), cpr: *cpr, scope: Vec::new() };
        let test_persons = if declares { numbers.iter().map(person).collect() } else { Vec::new() };
        let setup = || Setup {
            test_persons: test_persons.clone(),
            key: KEY,
            today,
            parties: Parties::first_party(own.to_vec()),
        };
        // What each number is called is asked of the detector itself: undeclared ones have a token.
        let mut asked = Inspector::new(setup());
        let numbers = PLANTED.iter().map(|number| {
            let (date, serial) = number.split_at(6);
            let url = format!("https://maaling.test/?cpr={date}-{serial}");
            let sightings = asked.inspect("", &get(&url), None).sightings;
            let sighting = sightings.first().expect("a number is found where it is plainest");
            (sighting.identity.clone(), (*number).to_owned())
        });
        Self { numbers: numbers.collect(), inspector: Inspector::new(setup()) }
    }

    /// Everything told of `recording`.
    pub(crate) fn sightings(&mut self, file: &str, recording: &Recording) -> Vec<Sighting> {
        let exchanges = recording.exchanges.iter();
        exchanges.flat_map(|exchange| self.inspector.inspect(file, exchange, None).sightings).collect()
    }

    /// What a full sweep finds under the digests seen so far.
    pub(crate) fn undone(&mut self) -> Vec<Sighting> {
        let Some(sweep) = self.inspector.sweep() else { return Vec::new() };
        let swept = sweep.run(SweepDepth::Full, 0, 1, &AtomicBool::new(false));
        self.inspector.undone(&swept.undone)
    }

    /// `sighting` as the truth would say it; `None` when it is of no planted number, or of what an answer says, while the
    /// truth tells of requests alone.
    pub(crate) fn told(&self, sighting: &Sighting) -> Option<Told> {
        if sighting.channel == Channel::Redirect {
            return None;
        }
        let number = self.numbers.get(&sighting.identity)?.clone();
        let recipient = sighting.host.to_string();
        Some(Told { file: sighting.source.clone(), request: sighting.index, recipient, number })
    }
}

/// A host's name as a sighting shows it: the label that holds the number is masked.
fn masked(host: &str, number: &str) -> String {
    let labels = host.split('.').map(|label| if label.contains(number) { "{cpr}" } else { label });
    labels.collect::<Vec<_>>().join(".")
}

/// The best evidence that each number was told with.
pub(crate) fn best(judge: &Judge, sightings: &[Sighting]) -> BTreeMap<Told, Evidence> {
    let mut best = BTreeMap::new();
    for sighting in sightings {
        if let Some(told) = judge.told(sighting) {
            let evidence = best.entry(told).or_insert(sighting.evidence);
            *evidence = sighting.evidence.min(*evidence);
        }
    }
    best
}

/// How often each number was told.
pub(crate) fn counted(judge: &Judge, sightings: &[Sighting]) -> BTreeMap<Told, usize> {
    let mut counts = BTreeMap::new();
    for told in sightings.iter().filter_map(|sighting| judge.told(sighting)) {
        *counts.entry(told).or_default() += 1;
    }
    counts
}

pub(crate) fn own() -> Vec<Site> {
    vec![Host::parse(OWN).expect("a host").site()]
}

/// The folder of the recordings.
pub(crate) fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/recordings")
}

/// Every recording of a folder, by name.
pub(crate) fn recordings(folder: &Path) -> BTreeMap<String, Recording> {
    let files = std::fs::read_dir(folder).expect("the recordings are there").map(|entry| entry.expect("a file").path());
    let recordings = files.filter(|path| path.extension().is_some_and(|extension| extension == "har")).map(|path| {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let file = std::fs::File::open(&path).expect("a recording");
        let recording = inputs::read_har(&name, file, Timestamp::UNIX_EPOCH);
        (name, recording)
    });
    recordings.collect()
}

/// The rows of a table of truth.
pub(crate) fn rows(table: &str) -> Vec<Row> {
    let text = std::fs::read_to_string(folder().join(table)).expect("the truth is there");
    let row = |line: &str| {
        let [file, request, recipient, place, layers, number] =
            line.split('\t').map(str::to_owned).collect::<Vec<_>>().try_into().expect("six columns");
        Row { file, request: request.parse().expect("an index"), recipient, place, layers, number }
    };
    text.lines().skip(1).map(row).collect()
}

fn get(url: &str) -> Exchange {
    Exchange::begun(
        0,
        Timestamp::UNIX_EPOCH,
        model::RequestRecord {
            method: "GET".to_owned(),
            target: Target::parse(url).expect("an address"),
            version: String::new(),
            headers: Headers::default(),
            body: model::Body::default(),
        },
    )
}
