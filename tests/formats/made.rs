//! Scans made up for the formats: one as large as is asked for, and one in which every text is hostile.

use std::collections::BTreeMap;

use model::{
    Acceptance, AcceptanceState, BlindSpotKind, BlindSpotRecord, Channel, Coverage, DeclaredAt, Evidence, Finding,
    FormOfOrigin, InitiatorKind, InitiatorRecord, PageCoverage, RecipientCoverage, RecipientRecord, Redacted, Remedy,
    Rule, Scan, ScanKind, SelfTest, SelfTestProbe, Severity, SeverityReason, Standing, SystemId, SystemResult, Tool,
    VendorId, VendorRecord, Verdict, Wanted,
};
use serde_json::Value;

const VENDORS: usize = 6;
const RECIPIENTS: usize = 40;
const PAGES: usize = 25;

const CHANNELS: [Channel; 5] = [Channel::Referer, Channel::UrlQuery, Channel::UrlPath, Channel::Cookie, Channel::Body];
const STANDINGS: [Standing; 5] =
    [Standing::Own, Standing::Public, Standing::Approved, Standing::Unlisted, Standing::Unknown];
const EVIDENCE: [Evidence; 4] = [Evidence::E1, Evidence::E2, Evidence::E3, Evidence::E4];
const REMEDIES: [Remedy; 4] =
    [Remedy::KeepNumberInSession, Remedy::StrictReferrerPolicy, Remedy::SelfHostScripts, Remedy::AgreementOrStop];

/// What the texts of an audited site may hold; each of it is put everywhere.
pub(crate) const HOSTILE: [&str; 22] = [
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "\"><svg/onload=alert(1)>'--></style></title>",
    "\u{1b}[2J\u{1b}]0;x\u{7}\u{9b}31m\r\n\u{8}",
    "=cmd|' /C calc'!A0",
    "+45;=HYPERLINK(\"https://ond.test\")",
    "-2+3\",\"=1+1",
    "@SUM(A1:A9)",
    "\t=1+1",
    "\r\n=1+1",
    "＝1+1",
    "a\u{202e}gpj.exe\u{2066}\u{2069}\u{200b}\u{feff}\u{ad}",
    "\0\u{b}\u{c}\u{fffe}\u{ffff}\u{85}\u{2028}",
    "]]><![CDATA[x]]>&amp;&#x3c;&lt;!ENTITY",
    "{0} {{7*7}} ${x} %s [1](2)",
    "[klik](https://ond.test/) ![x](https://ond.test/x.png) <https://ond.test/>",
    "www.ond.test https://ond.test/ ftp://ond.test mailto:a@ond.test @alle #1",
    "`` ` ``` ~~~ | a | b |\\",
    "\n\n## h\n\n- [x] a\n\n---\n<!-- -->",
    "_x000D_ _x005F_x0041_ _x",
    "../../etc/passwd",
    "\\\\server\\share C:\\x file:///etc/passwd",
    "::error file=a::b ##vso[task.complete] %0A",
];

/// Names of the texts in a scan that come from outside, in any object.
const TEXTS: [&str; 34] = [
    "name",
    "page",
    "title",
    "outcome",
    "domain",
    "legal_name",
    "company",
    "product",
    "country",
    "agreement",
    "parameter",
    "request",
    "trail",
    "tls",
    "place",
    "detail",
    "hosts",
    "also_sent",
    "roles",
    "targets",
    "conditions",
    "controller",
    "id",
    "system",
    "vendor",
    "form",
    "field",
    "function",
    "url",
    "file",
    "base_urls",
    "version",
    "accepted_by",
    "case",
];

/// A scan of `findings` findings over `systems` systems of six vendors.
pub(crate) fn scan(systems: usize, findings: usize) -> Scan {
    let verdict = |at: usize| if at % 8 == 7 { Verdict::NotCovered } else { Verdict::Leaking };
    let mut scan = Scan {
        version: Scan::VERSION,
        tool: Tool { name: "cprvagt".to_owned(), version: "0.1.0".to_owned() },
        id: "5d41402abc4b2a76".to_owned(),
        kind: ScanKind::Audit,
        targets: (0..systems).map(|at| own(format!("system-{at}"))).collect(),
        started: "2026-11-22T04:00:00Z".parse().expect("a time"),
        ended: "2026-11-22T08:00:00Z".parse().expect("a time"),
        controller: Some("Eksempelstyrelsen".to_owned()),
        vendors: (0..VENDORS).map(vendor).collect(),
        systems: (0..systems).map(|at| system(at, verdict(at))).collect(),
        test_persons: BTreeMap::from([("karen".to_owned(), "010145-5001".to_owned())]),
        findings: (0..findings).map(|at| finding(at, systems)).collect(),
        notes: Vec::new(),
        blind_spots: (0..systems).flat_map(blind_spots).collect(),
        self_test: Some(SelfTest { probes: vec![SelfTestProbe { name: "referer".to_owned(), found: true }] }),
        digests: None,
        conditions: vec![],
        command: None,
        pictures: BTreeMap::new(),
        declared: None,
        baseline: None,
        logs: None,
        comparison: None,
    };
    scan.findings.sort_by(|a, b| (b.severity, &a.fingerprint).cmp(&(a.severity, &b.fingerprint)));
    scan.blind_spots.sort_by(|a, b| (a.kind, &a.system, &a.place).cmp(&(b.kind, &b.system, &b.place)));
    scan
}

/// A small scan in which each text from outside is `text`.
pub(crate) fn hostile(text: &str) -> Scan {
    let mut value = serde_json::to_value(scan(3, 40)).expect("a scan is JSON");
    spoil(&mut value, text);
    serde_json::from_value(value).expect("it is a scan still")
}

fn spoil(value: &mut Value, text: &str) {
    match value {
        Value::Object(object) => {
            for (name, inner) in object {
                let is_text = TEXTS.contains(&name.as_str());
                match inner {
                    Value::String(old) if is_text => text.clone_into(old),
                    Value::Array(items) if is_text => {
                        for item in items {
                            if item.is_string() {
                                *item = Value::String(text.to_owned());
                            } else {
                                spoil(item, text);
                            }
                        }
                    }
                    other => spoil(other, text),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| spoil(item, text)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn finding(at: usize, systems: usize) -> Finding {
    let system = at % systems.max(1);
    let page = own(format!("https://system-{system}.test/sag/{}/{{n}}", at % PAGES));
    let (evidence, standing) = (pick(&EVIDENCE, at / 3), pick(&STANDINGS, at));
    let rule = pick(&Rule::ALL, at / 2);
    let number = u64::try_from(at).expect("a small number");
    Finding {
        fingerprint: format!("{:08x}{:024x}", at.wrapping_mul(0x9e37_79b1) & 0xffff_ffff, at),
        rule,
        system: Some(SystemId(format!("system-{system}"))),
        vendor: Some(VendorId(format!("vendor-{}", system % VENDORS))),
        channel: Some(pick(&CHANNELS, at)),
        recipient: recipient(at % RECIPIENTS, standing),
        hosts: vec![own(format!("cdn.recipient-{}.test", at % RECIPIENTS))],
        page: page.clone(),
        parameter: own(format!("dl > cpr{}", at % 7)),
        evidence: Some(evidence),
        severity: pick(&Severity::ALL, at / 5),
        reasons: vec![SeverityReason::Level { evidence, standing }],
        first_seen: "2026-11-22T04:00:31Z".parse().expect("a time"),
        last_seen: "2026-11-22T05:02:10Z".parse().expect("a time"),
        transmissions: 1 + number,
        undelivered: number % 2,
        blocked: 0,
        simulated: at.is_multiple_of(50),
        persons: 1 + number % 9,
        test_persons: 1,
        trail: own("query[dl] > percent > query[cpr]"),
        request: own(format!("GET https://cdn.recipient-{}.test/collect/{{hex}}", at % RECIPIENTS)),
        tls: Some("TLSv1.3".to_owned()),
        cleartext: at.is_multiple_of(40),
        also_sent: ["ip-address", "user-agent", "query:cid", "cookie:_mid"].map(own).to_vec(),
        form: Some(FormOfOrigin { page: page.clone(), form: own("login"), field: own("cpr") }),
        roles: vec![own("borger")],
        consent: Vec::new(),
        initiator: Some(InitiatorRecord {
            kind: InitiatorKind::Script,
            url: Some(own(format!("https://system-{system}.test/assets/{{hex}}.js"))),
            line: Some(3),
            column: Some(12),
            function: Some(own("send")),
            wanted: Some(Wanted::Script),
            why: None,
        }),
        remedies: REMEDIES.to_vec(),
        tests: vec![],
        more_tests: 0,
        acceptance: at.is_multiple_of(30).then(|| Acceptance {
            state: AcceptanceState::Accepted,
            accepted_by: own("Ditte Hansen"),
            case: own("2026-118"),
            reason: own("mended in release 12"),
            accepted: "2026-10-01".parse().expect("a date"),
            expires: "2027-01-01".parse().expect("a date"),
        }),
    }
}

fn blind_spots(system: usize) -> Vec<BlindSpotRecord> {
    let spot = |(kind, at): (BlindSpotKind, usize)| BlindSpotRecord {
        system: Some(SystemId(format!("system-{system}"))),
        kind,
        place: own(format!("https://system-{system}.test/lukket/{at}")),
        detail: own("connection refused"),
        count: 3,
        picture: None,
    };
    [BlindSpotKind::PageFailed, BlindSpotKind::HostUnreachable, BlindSpotKind::LoginRequired]
        .into_iter()
        .zip(0..)
        .map(spot)
        .collect()
}

fn system(at: usize, verdict: Verdict) -> SystemResult {
    let url = format!("https://system-{at}.test/");
    let page = |page: usize| PageCoverage {
        page: own(format!("{url}sag/{page}")),
        title: own("Min sag"),
        status: Some(200),
        outcome: "loaded".to_owned(),
        by_form: false,
        forms: 1,
    };
    let got = |recipient_at: usize| RecipientCoverage {
        recipient: recipient(recipient_at, pick(&STANDINGS, recipient_at)),
        requests: 100,
        with_number: 3,
    };
    SystemResult {
        id: Some(SystemId(format!("system-{at}"))),
        name: own(format!("Selvbetjening {at}")),
        vendor: Some(VendorId(format!("vendor-{}", at % VENDORS))),
        environment: None,
        base_urls: vec![own(url.clone())],
        declared_at: Some(DeclaredAt {
            file: own("drift/cprvagt.toml"),
            line: 12 + 9 * u64::try_from(at).expect("small"),
        }),
        coverage: Coverage {
            pages: (0..PAGES).map(page).collect(),
            requests: 1_000,
            recipients: (0..10).map(|each| got((at + each) % RECIPIENTS)).collect(),
            ..Coverage::default()
        },
        verdict,
    }
}

fn recipient(at: usize, standing: Standing) -> RecipientRecord {
    RecipientRecord {
        legal_name: Some(format!("Modtager {at} ApS")),
        country: Some("US".to_owned()),
        agreement: Some(format!("DBA 2026-{at}")),
        company: Some("Recipient Inc.".to_owned()),
        product: Some("Measuring".to_owned()),
        ..RecipientRecord::bare(own(format!("recipient-{at}.test")), standing)
    }
}

fn vendor(at: usize) -> VendorRecord {
    VendorRecord { id: VendorId(format!("vendor-{at}")), name: format!("Leverandør {at} A/S") }
}

fn pick<T: Copy>(items: &[T], at: usize) -> T {
    *items.get(at % items.len()).expect("it is below the length")
}

fn own(text: impl Into<String>) -> Redacted {
    Redacted::own_words(text)
}
