//! A declared number is found under every chain of encodings that a sender may apply, and none is invented.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use detect::{Inspector, Parties};
use model::{Evidence, Identity};

use crate::encoders::{ENCODERS, Encoder, Kind, escaped};
use crate::kit::{self, CANARY, EXAMPLE, EXAMPLE_WITHOUT_CHECK_DIGIT, OWN, With as _};
use crate::random::Random;

/// Deepest chain tried: real telemetry has three, and once six of which three are percent.
const DEPTH: usize = 4;

/// Depth to which all chains are tried of a number without its dash, which takes the same ways: some ten thousand of them.
const DEPTH_WITHOUT_DASH: usize = 3;

/// Chains of [`DEPTH`] tried of that number.
const SAMPLE: usize = 20_000;

/// Depth of the chains that the cores share out, some hundred to each: what goes on from one is a core's own.
const DEPTH_SHARED: usize = 2;

/// Depth to which the usual encodings are tried of an undeclared number.
const DEPTH_OF_USUAL: usize = 3;

/// Faults that are told.
const FAULTS: usize = 200;

/// Payloads without a number given to each encoder, and how long each is.
const PAYLOADS: usize = 400;
const PAYLOAD: usize = 64;

/// What a chain made of a number, and how.
#[derive(Clone)]
struct Chain {
    names: Vec<&'static str>,
    bytes: Vec<u8>,
    kind: Kind,
}

/// Looks into what chains make, and keeps those in which the number was not found.
struct Trial {
    inspector: Inspector,
    tried: usize,
    faults: Vec<String>,
}

impl Chain {
    /// Nothing but the number, with its dash or without.
    fn new(is_dashed: bool) -> Self {
        let number = if is_dashed { CANARY.to_owned() } else { CANARY.replace('-', "") };
        Self { names: Vec::new(), bytes: number.into_bytes(), kind: Kind::Number }
    }

    /// In one encoding more; `None` if no sender makes it.
    fn then(&self, encoder: &Encoder) -> Option<Self> {
        let (bytes, kind) = encoder.encode(&self.bytes, self.kind)?;
        assert!(kind.holds(&bytes), "{} does not make {kind:?}", encoder.name);
        let names = self.names.iter().copied().chain([encoder.name]).collect();
        Some(Self { names, bytes, kind })
    }

    /// This one and all that go on from it, by up to `more` encodings.
    fn each(&self, more: usize, look: &mut impl FnMut(&Self)) {
        look(self);
        if more > 0 {
            ENCODERS.iter().filter_map(|encoder| self.then(encoder)).for_each(|chain| chain.each(more - 1, look));
        }
    }
}

impl Trial {
    fn new() -> Self {
        let inspector = kit::inspector(&[CANARY], Parties::first_party(kit::sites(&[OWN])));
        Self { inspector, tried: 0, faults: Vec::new() }
    }

    fn look(&mut self, chain: &Chain) {
        self.tried += 1;
        let exchange = kit::get("https://maaling.test/c").body(chain.bytes.as_slice());
        let found = self.inspector.inspect("property", &exchange, None).sightings;
        let is_it = found.iter().any(|sighting| {
            sighting.identity == Identity::Canary(kit::number(CANARY)) && sighting.evidence == Evidence::E1
        });
        if !is_it {
            self.faults.push(format!("{} in {} bytes", chain.names.join(" > "), chain.bytes.len()));
        }
    }

    /// What goes on from `first` up to [`DEPTH`], tried on every core.
    fn of_every(first: &Chain) -> Self {
        let mut shared = Vec::new();
        first.each(DEPTH_SHARED, &mut |chain| shared.push(chain.clone()));
        let next = AtomicUsize::new(0);
        let on_one_core = || {
            let mut trial = Self::new();
            while let Some(chain) = shared.get(next.fetch_add(1, Ordering::Relaxed)) {
                let more = if chain.names.len() == DEPTH_SHARED { DEPTH - DEPTH_SHARED } else { 0 };
                chain.each(more, &mut |chain| trial.look(chain));
            }
            trial
        };
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let trials: Vec<Self> = thread::scope(|scope| {
            let started: Vec<_> = (0..cores).map(|_| scope.spawn(on_one_core)).collect();
            started.into_iter().map(|core| core.join().unwrap()).collect()
        });
        let mut all = Self::new();
        for trial in trials {
            all.tried += trial.tried;
            all.faults.extend(trial.faults);
        }
        all.faults.sort();
        all
    }

    #[track_caller]
    fn end(&self, least: usize) {
        assert!(self.tried >= least, "{} chains", self.tried);
        let first: Vec<&str> = self.faults.iter().map(String::as_str).take(FAULTS).collect();
        assert!(first.is_empty(), "{} of {}\n{}", self.faults.len(), self.tried, first.join("\n"));
    }
}

#[test]
fn a_declared_number_is_found_under_every_chain_of_four() {
    Trial::of_every(&Chain::new(true)).end(500_000);
}

#[test]
fn and_without_its_dash_under_every_chain_of_three() {
    let mut trial = Trial::new();
    Chain::new(false).each(DEPTH_WITHOUT_DASH, &mut |chain| trial.look(chain));
    trial.end(15_000);
}

#[test]
fn and_under_many_chains_of_four() {
    let mut trial = Trial::new();
    let mut random = Random::new();
    while trial.tried < SAMPLE {
        let chain = (0..DEPTH).try_fold(Chain::new(false), |chain, _| chain.then(random.pick(ENCODERS)));
        if let Some(chain) = chain {
            trial.look(&chain);
        }
    }
    trial.end(SAMPLE);
}

#[test]
fn an_undeclared_one_is_probable_by_its_name_and_definite_with_its_check_digit() {
    let usual = ["percent", "form", "json", "gzip", "zlib", "base64", "url"];
    let mut inspector = kit::inspector(&[], Parties::first_party(kit::sites(&[OWN])));
    for (number, evidence) in [(EXAMPLE_WITHOUT_CHECK_DIGIT, Evidence::E3), (EXAMPLE, Evidence::E2)] {
        let start = Chain { bytes: number.replace('-', "").into_bytes(), ..Chain::new(false) };
        start.each(DEPTH_OF_USUAL, &mut |chain| {
            if chain.names.iter().all(|name| usual.contains(name)) {
                let parameter = String::from_utf8(escaped(&chain.bytes)).unwrap();
                let exchange = kit::get(&format!("https://maaling.test/c?cpr={parameter}"));
                let found = inspector.inspect("property", &exchange, None).sightings;
                let levels: Vec<Evidence> = found.iter().map(|sighting| sighting.evidence).collect();
                assert_eq!(levels, [evidence], "{}", chain.names.join(" > "));
            }
        });
    }
}

#[test]
fn what_holds_no_number_gives_none() {
    let mut inspector = kit::inspector(&[], Parties::first_party(kit::sites(&[OWN])));
    let mut random = Random::new();
    let mut invented = Vec::new();
    for encoder in ENCODERS {
        for kind in encoder.takes.iter().copied().cycle().take(PAYLOADS) {
            let payload = random.payload(kind, PAYLOAD);
            let Some((bytes, _)) = encoder.encode(&payload, kind) else { continue };
            let exchange = kit::get("https://maaling.test/c").body(bytes.as_slice());
            for sighting in inspector.inspect("property", &exchange, None).sightings {
                if sighting.evidence < Evidence::E4 {
                    invented.push(format!("{}: {} {:?}", encoder.name, sighting.trail, sighting.evidence));
                }
            }
        }
    }
    assert!(invented.is_empty(), "{}", invented.join("\n"));
}
