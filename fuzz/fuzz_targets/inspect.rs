//! A whole request through the detector, and what it tells through the redactor.

#![no_main]

use cprvagt_fuzz::exchange;
use detect::{Inspector, Parties, Setup};
use libfuzzer_sys::fuzz_target;
use model::{Host, TestPerson};

fuzz_target!(|bytes: &[u8]| {
    let Some(exchange) = exchange(bytes) else { return };
    let person = TestPerson { id: "da-01".into(), cpr: "0101901234".parse().expect("a number"), scope: Vec::new() };
    let own = ["www.selvbetjening.test", "www.tastselv.test"];
    let own = own.iter().map(|host| Host::parse(host).expect("a host").site()).collect();
    let mut inspector = Inspector::new(Setup {
        test_persons: vec![person],
        key: [7; 32],
        today: jiff::civil::date(2026, 11, 22),
        parties: Parties::first_party(own),
    });
    let inspection = inspector.inspect("fuzz", &exchange, None);
    for sighting in &inspection.sightings {
        assert!(serde_json::to_string(sighting).is_ok(), "a sighting can be written");
    }
});
