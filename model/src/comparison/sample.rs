//! Scans of one made-up system. Tests only.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::{
    Channel, Coverage, Evidence, Finding, PageCoverage, RecipientRecord, Redacted, Rule, Scan, ScanKind, SelfTest,
    SelfTestProbe, Severity, Standing, SystemId, SystemResult, Tool, Verdict,
};

pub(crate) const PAGE: &str = "https://borger.test/sag/{n}";
pub(crate) const SYSTEM: &str = "borger";

pub(crate) fn own(text: &str) -> Redacted {
    Redacted::own_words(text)
}

pub(crate) fn page(url: &str, outcome: &str, status: u16) -> PageCoverage {
    let (title, outcome, status) = (Redacted::default(), outcome.to_owned(), Some(status));
    PageCoverage { page: own(url), title, status, outcome, by_form: false, forms: 0 }
}

pub(crate) fn recipient(domain: &str, standing: Standing) -> RecipientRecord {
    RecipientRecord::bare(own(domain), standing)
}

pub(crate) fn finding(name: &str) -> Finding {
    Finding {
        fingerprint: name.to_owned(),
        rule: Rule::CprInThirdPartyRequest,
        tests: Vec::new(),
        more_tests: 0,
        acceptance: None,
        system: Some(SystemId(SYSTEM.to_owned())),
        vendor: None,
        channel: Some(Channel::UrlQuery),
        recipient: recipient("maaling.test", Standing::Unknown),
        hosts: vec![own("www.maaling.test")],
        page: own(PAGE),
        parameter: own("cpr"),
        evidence: Some(Evidence::E1),
        severity: Severity::Critical,
        reasons: Vec::new(),
        first_seen: Timestamp::UNIX_EPOCH,
        last_seen: Timestamp::UNIX_EPOCH,
        transmissions: 1,
        undelivered: 0,
        blocked: 0,
        simulated: false,
        persons: 1,
        test_persons: 1,
        trail: Redacted::default(),
        request: Redacted::default(),
        tls: None,
        cleartext: false,
        also_sent: Vec::new(),
        form: None,
        roles: Vec::new(),
        consent: Vec::new(),
        initiator: None,
        remedies: Vec::new(),
    }
}

pub(crate) fn system(id: &str) -> SystemResult {
    SystemResult {
        id: Some(SystemId(id.to_owned())),
        name: own(id),
        vendor: None,
        environment: None,
        base_urls: Vec::new(),
        declared_at: None,
        coverage: Coverage { pages: vec![page(PAGE, "loaded", 200)], cpr_forms_filled: 1, ..Coverage::default() },
        verdict: Verdict::Clean,
    }
}

/// A complete audit of the day `day`.
pub(crate) fn scan(day: i64, findings: Vec<Finding>) -> Scan {
    let started = Timestamp::from_second(1_790_000_000 + 86_400 * day).unwrap();
    Scan {
        version: Scan::VERSION,
        tool: Tool { name: "cprvagt".to_owned(), version: "0.1.0".to_owned() },
        id: format!("{day:016}"),
        kind: ScanKind::Audit,
        targets: Vec::new(),
        started,
        ended: started,
        controller: None,
        vendors: Vec::new(),
        systems: vec![system(SYSTEM)],
        test_persons: BTreeMap::new(),
        findings,
        notes: Vec::new(),
        blind_spots: Vec::new(),
        self_test: Some(SelfTest { probes: vec![SelfTestProbe { name: "url-query".to_owned(), found: true }] }),
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
