//! A scan to keep. Tests only.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use model::{
    Channel, Coverage, Evidence, Finding, RecipientCoverage, RecipientRecord, Redacted, Rule, Scan, ScanKind, Severity,
    SeverityReason, Standing, SystemId, SystemResult, Token, Tool, VendorId, Verdict,
};

use crate::{Counted, Kept, RunStart, Store};

pub(crate) fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(1_795_000_000 + 60 * minute).unwrap()
}

fn own(text: &str) -> Redacted {
    Redacted::own_words(text)
}

fn recipient() -> RecipientRecord {
    RecipientRecord::bare(own("maaling.test"), Standing::Unknown)
}

/// One with a leak, of `system`, that began at `minute`.
pub(crate) fn scan(system: &str, minute: i64) -> Scan {
    let finding = Finding {
        fingerprint: format!("{system}-leak"),
        rule: Rule::CprInThirdPartyRequest,
        tests: Vec::new(),
        more_tests: 0,
        acceptance: None,
        system: Some(SystemId(system.to_owned())),
        vendor: Some(VendorId("nordia".to_owned())),
        channel: Some(Channel::UrlQuery),
        recipient: recipient(),
        hosts: vec![own("www.maaling.test")],
        page: own("https://borger.test/sag"),
        parameter: own("cpr"),
        evidence: Some(Evidence::E2),
        severity: Severity::Critical,
        reasons: vec![SeverityReason::Level { evidence: Evidence::E2, standing: Standing::Unknown }],
        first_seen: at(minute),
        last_seen: at(minute),
        transmissions: 7,
        undelivered: 2,
        blocked: 0,
        simulated: false,
        persons: 3,
        test_persons: 0,
        trail: own("query[cpr]"),
        request: own("GET https://www.maaling.test/c"),
        tls: None,
        cleartext: false,
        also_sent: Vec::new(),
        form: None,
        roles: Vec::new(),
        consent: Vec::new(),
        initiator: None,
        remedies: Vec::new(),
    };
    let contact = RecipientCoverage { recipient: recipient(), requests: 9, with_number: 7 };
    Scan {
        version: Scan::VERSION,
        tool: Tool { name: "cprvagt".to_owned(), version: "0.1.0".to_owned() },
        id: format!("{:016x}", 0xfeed_0000_0000_0000_u64 + u64::try_from(minute).unwrap()),
        kind: ScanKind::Recording,
        targets: vec![own("a.har")],
        started: at(minute),
        ended: at(minute + 1),
        controller: None,
        vendors: Vec::new(),
        systems: vec![SystemResult {
            id: Some(SystemId(system.to_owned())),
            name: own(system),
            vendor: Some(VendorId("nordia".to_owned())),
            environment: None,
            base_urls: Vec::new(),
            declared_at: None,
            coverage: Coverage { recipients: vec![contact], requests: 20, ..Coverage::default() },
            verdict: Verdict::Leaking,
        }],
        test_persons: BTreeMap::new(),
        findings: vec![finding],
        notes: Vec::new(),
        blind_spots: Vec::new(),
        self_test: None,
        digests: None,
        conditions: Vec::new(),
        command: None,
        pictures: BTreeMap::default(),
        declared: None,
        baseline: None,
        logs: None,
        comparison: None,
    }
}

pub(crate) fn start(minute: i64) -> RunStart<'static> {
    RunStart { kind: ScanKind::Recording, targets: &[], tool: "0.1.0", started: at(minute) }
}

/// A store in a folder of its own.
pub(crate) fn store() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("store.db")).unwrap();
    (folder, store)
}

pub(crate) fn keep(store: &mut Store, scan: &Scan, persons: Option<&Counted>) -> i64 {
    store.import(&Kept { scan, exit_code: 1, persons }).unwrap()
}

/// Persons of `system` by made-up tokens.
pub(crate) fn counted(key: &str, system: &str, persons: std::ops::Range<u64>) -> Counted {
    let person = |person: u64| (Some(SystemId(system.to_owned())), Token::new(person.to_be_bytes()));
    Counted { key: key.to_owned(), persons: persons.map(person).collect::<BTreeSet<_>>() }
}
