//! The sample scans that every format is tested on: the TastSelv case in small with made-up names, the same full of
//! hostile text, and a bare URL without a registry. Tests only.

mod findings;
mod hostile;
mod logs;

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use model::registry::{Environment, SensitiveContext};
use model::{
    Acceptance, AcceptanceState, AlterationKind, AlteredCanary, BlindSpotKind, BlindSpotRecord, Category, Channel,
    Comparison, ConsentPass, ConsentState, Coverage, CprNumber, Declared, DeclaredAt, DigestDepth, DigestSweep,
    DistinctPersons, Evidence, Finding, FormOfOrigin, Identity, InitiatorKind, InitiatorRecord, NoteKind, PageCoverage,
    Period, Picture, Place, RecipientCoverage, RecipientRecord, Redacted, Registry, Remedy, RoleCoverage, Rule, Scan,
    ScanKind, SelfTest, SelfTestProbe, SessionNote, Severity, SeverityReason, Sighting, SightingContext, Source,
    Standing, Step, SystemId, SystemResult, Tool, Trail, VendorId, VendorRecord, Verdict, Wanted, WhyUnknown,
    WrittenForm,
};

use crate::Choices;
use crate::lang::{Lang, Text};

use findings::findings;
pub(crate) use hostile::hostile;
pub(crate) use logs::logs;

pub(crate) const ALL_CHANNELS: [Channel; 13] = [
    Channel::UrlPath,
    Channel::UrlQuery,
    Channel::UrlFragment,
    Channel::Referer,
    Channel::Header,
    Channel::Cookie,
    Channel::Body,
    Channel::Websocket,
    Channel::Redirect,
    Channel::Title,
    Channel::Storage,
    Channel::Mailto,
    Channel::Log,
];
pub(crate) const ALL_EVIDENCE: [Evidence; 4] = [Evidence::E1, Evidence::E2, Evidence::E3, Evidence::E4];
pub(crate) const ALL_STANDINGS: [Standing; 5] =
    [Standing::Own, Standing::Public, Standing::Approved, Standing::Unlisted, Standing::Unknown];
pub(crate) const ALL_CONTEXTS: [SensitiveContext; 11] = [
    SensitiveContext::Ethnicity,
    SensitiveContext::Belief,
    SensitiveContext::TradeUnion,
    SensitiveContext::Health,
    SensitiveContext::Sexuality,
    SensitiveContext::Crime,
    SensitiveContext::SocialProblems,
    SensitiveContext::PrivateMatters,
    SensitiveContext::Economy,
    SensitiveContext::Employment,
    SensitiveContext::Education,
];
pub(crate) const ALL_REMEDIES: [Remedy; 21] = [
    Remedy::KeepNumberInSession,
    Remedy::PostInsteadOfGet,
    Remedy::RedirectWithoutNumber,
    Remedy::StrictReferrerPolicy,
    Remedy::SelfHostScripts,
    Remedy::ScrubTelemetry,
    Remedy::RemoveThirdParty,
    Remedy::AgreementOrStop,
    Remedy::AskRecipientToDelete,
    Remedy::HttpsOnly,
    Remedy::OpaqueCookie,
    Remedy::NoDigests,
    Remedy::NeutralTitles,
    Remedy::TitleWithoutNumber,
    Remedy::NothingInBrowser,
    Remedy::MailWithoutNumber,
    Remedy::NoStore,
    Remedy::AskBehindLogin,
    Remedy::NoScriptsOnForms,
    Remedy::OwnReports,
    Remedy::LogWithoutNumber,
];

/// Text that tries everything: markup, terminal escapes, turned text, a formula, and no end.
pub(crate) const HOSTILE: &str = "\"><script>alert(1)</script><img src=x onerror=alert(1)>'--></style>\u{1b}[2J\u{1b}]0;x\u{7}\u{9b}31m\r\n\
     =cmd|' /C calc'!A0 \u{202e}gpj.exe\u{2066}\u{200b}\u{feff}{{7*7}} </title>]]>&amp;\0";

pub(crate) const IN_ENGLISH: Choices = Choices { lang: Lang::En, fail_on: Some(Severity::Medium) };
pub(crate) const IN_DANISH: Choices = Choices { lang: Lang::Da, fail_on: Some(Severity::Medium) };

#[track_caller]
pub(crate) fn said_in_both(text: Text) {
    assert!(!text.da.trim().is_empty() && !text.en.trim().is_empty(), "{text:?}");
    assert_ne!(text.da, text.en, "not translated");
    assert!(!text.da.contains("  ") && !text.en.contains("  "), "{text:?}");
}

/// The file of the picture of the step that did not work.
const PICTURE_FILE: &str = "journey-tastselv-step-7.png";

/// One point.
const PICTURE: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";

#[track_caller]
pub(crate) fn said_sentence(text: Text) {
    said_in_both(text);
    assert!(text.da.ends_with('.') && text.en.ends_with('.'), "{text:?}");
}

pub(crate) fn own(text: impl Into<String>) -> Redacted {
    Redacted::own_words(text)
}

/// Two vendors, three systems: one leaking to three recipients, one mended, one behind a login.
pub(crate) fn scan() -> Scan {
    let mut scan = Scan {
        version: Scan::VERSION,
        tool: Tool { name: "cprvagt".to_owned(), version: "0.1.0".to_owned() },
        id: "5d41402abc4b2a76".to_owned(),
        kind: ScanKind::Audit,
        targets: vec![own("tastselv"), own("tastselv-ny"), own("aarsopgoerelse-erhverv")],
        started: at("2026-11-22T04:00:00Z"),
        ended: at("2026-11-22T04:03:41Z"),
        controller: Some("Skatteborg Styrelse".to_owned()),
        vendors: vec![vendor("nordia", "Nordia IT A/S"), vendor("fjordsoft", "Fjordsoft ApS")],
        systems: vec![leaking(), mended(), not_covered()],
        test_persons: BTreeMap::from([("karen".to_owned(), "010145-5001".to_owned())]),
        findings: findings(),
        notes: Vec::new(),
        blind_spots: blind_spots(),
        self_test: Some(SelfTest {
            probes: ["url-query", "referer", "body", "beacon", "cookie"]
                .map(|name| SelfTestProbe { name: name.to_owned(), found: true })
                .to_vec(),
        }),
        digests: Some(DigestSweep { seen: 12, depth: DigestDepth::Fast, undone: 0 }),
        command: None,
        conditions: vec![own("Referrer-Policy: no-referrer-when-downgrade, as browsers had before 2020")],
        declared: None,
        pictures: BTreeMap::from([(PICTURE_FILE.to_owned(), Picture::parse(7, PICTURE).unwrap())]),
        baseline: None,
        logs: None,
        comparison: None,
    };
    let registry = Registry::parse(include_str!("registry.toml")).unwrap();
    scan.declared = Some(Box::new(Declared::of(&registry, &scan)));
    scan
}

/// The same as a session by hand, with steps and notes.
pub(crate) fn session() -> Scan {
    let mut scan = scan();
    scan.kind = ScanKind::Proxy;
    let note = |time: &str, tester: Option<&str>, kind, number, text: &str| SessionNote {
        time: at(time),
        tester: tester.map(own),
        kind,
        number,
        text: own(text),
        findings: Vec::new(),
        more_findings: 0,
    };
    scan.notes = vec![
        note("2026-11-22T04:00:10Z", Some("anna"), NoteKind::Step, 1, "log in"),
        note("2026-11-22T04:01:00Z", Some("anna"), NoteKind::Step, 2, "change address"),
        note("2026-11-22T04:01:30Z", None, NoteKind::Note, 1, "the receipt came late"),
        note("2026-11-22T04:02:00Z", None, NoteKind::Pause, 1, ""),
        note("2026-11-22T04:02:30Z", None, NoteKind::Resume, 1, ""),
    ];
    let title = scan.notes[1].title();
    for finding in scan.findings.iter_mut().take(2) {
        finding.tests = vec![title.clone()];
        scan.notes[1].findings.push(finding.fingerprint.clone());
    }
    scan
}

/// The same scan held against one of four weeks before.
pub(crate) fn compared() -> Scan {
    let (mut earlier, mut now) = (scan(), scan());
    earlier.id = "7d793037a0760186".to_owned();
    (earlier.started, earlier.ended) = (at("2026-10-25T04:00:00Z"), at("2026-10-25T04:02:10Z"));
    // One is new; of two that are gone one was looked for, and one is behind a login.
    let mut gone = earlier.findings.remove(0);
    gone.fingerprint = "0f".repeat(16);
    let mut behind = gone.clone();
    behind.fingerprint = "1f".repeat(16);
    behind.system.clone_from(&earlier.systems[2].id);
    let (reached, page) = (&mut now.systems[0].coverage, gone.page.clone());
    reached.pages_seen.push(page);
    gone.roles.clear();
    gone.consent.clear();
    gone.simulated = false;
    gone.form = None;
    earlier.findings.extend([gone, behind]);
    earlier.systems[0].coverage.recipients.remove(0);
    now.findings[2].acceptance = Some(acceptance());
    // Elsewhere it could hide the one that is mended.
    for spot in now.blind_spots.iter_mut().filter(|spot| spot.kind == BlindSpotKind::StepFailed) {
        spot.system.clone_from(&now.systems[2].id);
    }
    let mut comparison = Comparison::of(&[earlier], &now);
    let persons = DistinctPersons::Counted { persons: 3_315 };
    comparison.period = Some(Period { scans: 2, transmissions: 4_735, persons });
    now.comparison = Some(Box::new(comparison));
    now
}

fn acceptance() -> Acceptance {
    Acceptance {
        state: AcceptanceState::Accepted,
        accepted_by: own("Ditte Hansen"),
        case: own("2026-118"),
        reason: own("mended in release 12"),
        accepted: Date::constant(2026, 10, 20),
        expires: Date::constant(2027, 1, 15),
    }
}

fn hostile_acceptance(long: &Redacted) -> Acceptance {
    Acceptance {
        state: AcceptanceState::Expired,
        accepted_by: own(HOSTILE),
        case: own(HOSTILE),
        reason: long.clone(),
        accepted: Date::MIN,
        expires: Date::MAX,
    }
}

/// A bare URL: no registry, no vendor, no system id, nothing tested beforehand.
pub(crate) fn bare() -> Scan {
    let mut scan = scan();
    scan.declared = None;
    (scan.controller, scan.self_test, scan.conditions) = (None, None, vec![]);
    scan.vendors.clear();
    scan.targets = vec![own("https://www.tastselv.test/")];
    scan.systems.truncate(1);
    let system = &mut scan.systems[0];
    (system.id, system.vendor, system.environment, system.name) = (None, None, None, own("www.tastselv.test"));
    system.declared_at = None;
    scan.findings.truncate(1);
    (scan.findings[0].system, scan.findings[0].vendor) = (None, None);
    scan.findings[0].recipient.standing = Standing::Unknown;
    scan.blind_spots.truncate(1);
    scan.blind_spots[0].system = None;
    scan
}

/// The sighting that DESIGN.md shows.
pub(crate) fn sighting() -> Sighting {
    Sighting {
        v: 1,
        source: "file.har".to_owned(),
        index: 12,
        time: at("2026-11-22T04:00:00Z"),
        rule: Rule::CprInThirdPartyRequest,
        host: own("www.google-analytics.com"),
        recipient: own("google-analytics.com"),
        standing: Standing::Unknown,
        channel: Channel::UrlQuery,
        trail: Trail(vec![
            Step::Into(Place::Query, own("dl")),
            Step::Undo("percent"),
            Step::Into(Place::Query, own("cpr")),
        ]),
        form: WrittenForm::Compact,
        evidence: Evidence::E1,
        identity: Identity::Canary(CprNumber::parse("0101904321").unwrap()),
        page: Some(own("https://www.tastselv.test/aarsopgoerelse")),
        blocked: false,
        simulated: false,
        system: None,
        context: SightingContext::default(),
    }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn vendor(id: &str, name: &str) -> VendorRecord {
    VendorRecord { id: VendorId(id.to_owned()), name: name.to_owned() }
}

fn recipient(domain: &str, standing: Standing, entity: Option<(&str, &str)>) -> RecipientRecord {
    RecipientRecord {
        legal_name: entity.map(|(name, _)| name.to_owned()),
        country: entity.map(|(_, country)| country.to_owned()),
        country_source: entity.map(|_| Source::Registry),
        ..RecipientRecord::bare(own(domain), standing)
    }
}

/// Not in the registry, and known to the built-in list.
fn fonts() -> RecipientRecord {
    RecipientRecord {
        company: Some("Skrifttyper Inc.".to_owned()),
        product: Some("Skrifttyper til nettet".to_owned()),
        category: Some(Category::Utility),
        country: Some("US".to_owned()),
        country_source: Some(Source::BuiltIn),
        ..recipient("skrifttyper.test", Standing::Unknown, None)
    }
}

fn own_site() -> RecipientRecord {
    recipient("tastselv.test", Standing::Own, None)
}

fn edge() -> RecipientRecord {
    recipient("nordia-cdn.test", Standing::Unlisted, Some(("Nordia Edge Inc.", "US")))
}

fn libraries() -> RecipientRecord {
    recipient("hosted-libraries.test", Standing::Unlisted, Some(("Hosted Libraries LLC", "US")))
}

fn metrics() -> RecipientRecord {
    let mut metrics = recipient("maaling.test", Standing::Approved, Some(("Måling Europe Ltd", "IE")));
    metrics.agreement = Some("DBA 2024-117".to_owned());
    metrics
}

fn system(id: &str, name: &str, vendor: &str, url: &str, verdict: Verdict, coverage: Coverage) -> SystemResult {
    SystemResult {
        id: Some(SystemId(id.to_owned())),
        name: own(name),
        vendor: Some(VendorId(vendor.to_owned())),
        environment: Some(Environment::Test),
        base_urls: vec![own(url)],
        declared_at: Some(DeclaredAt { file: own("cprvagt.toml"), line: 12 }),
        coverage,
        verdict,
    }
}

fn page(url: &str, title: &str, status: u16, outcome: &str, by_form: bool, forms: u64) -> PageCoverage {
    PageCoverage {
        page: own(url),
        title: own(title),
        status: Some(status),
        outcome: outcome.to_owned(),
        by_form,
        forms,
    }
}

fn leaking() -> SystemResult {
    let at = "https://www.tastselv.test";
    let got = |recipient, requests, with_number| RecipientCoverage { recipient, requests, with_number };
    let coverage = Coverage {
        pages_seen: vec![own("https://www.tastselv.test/ramme")],
        pages: vec![
            page(&format!("{at}/"), "TastSelv Borger", 200, "loaded", false, 1),
            page(&format!("{at}/aarsopgoerelse"), "Årsopgørelse 2025", 200, "loaded", true, 0),
            page(&format!("{at}/kontakt"), "Ret kontaktoplysninger", 200, "loaded", false, 1),
            page(&format!("{at}/kvittering"), "Kvittering", 200, "loaded", true, 0),
            page(&format!("{at}/hjaelp"), "Fejl", 502, "failed", false, 0),
        ],
        requests: 1284,
        third_party_requests: 231,
        browser_own_requests: 12,
        templates: 4,
        forms: 5,
        forms_filled: 3,
        forms_submitted: 2,
        fields: 14,
        fields_typed: 9,
        steps_failed: 1,
        cpr_forms: 2,
        cpr_forms_filled: 2,
        cpr_forms_submitted: 2,
        numbers_to_own_bodies: 3,
        look_alikes: 17,
        links_out: 14,
        roles: vec![
            RoleCoverage { name: Some(own("borger")), signed_in: true, pages: 4 },
            RoleCoverage { name: Some(own("partner")), signed_in: false, pages: 0 },
        ],
        consent_states: ConsentState::ALL
            .into_iter()
            .map(|state| ConsentPass { state, banner: Some(own("#cookie-boks")), pages: 5, pages_in_state: 4 })
            .collect(),
        altered: vec![AlteredCanary {
            domain: own("maaling.test"),
            parameter: own("dl > cpr"),
            kind: AlterationKind::Masked,
            count: 7,
        }],
        recipients: vec![got(edge(), 118, 41), got(libraries(), 36, 12), got(metrics(), 62, 21), got(fonts(), 15, 0)],
    };
    system("tastselv", "TastSelv Borger", "nordia", &format!("{at}/"), Verdict::Leaking, coverage)
}

fn mended() -> SystemResult {
    let at = "https://ny.tastselv.test";
    let coverage = Coverage {
        pages: vec![
            page(&format!("{at}/"), "TastSelv Borger (ny)", 200, "loaded", false, 1),
            page(&format!("{at}/aarsopgoerelse"), "Årsopgørelse 2025", 200, "loaded", true, 0),
            page(&format!("{at}/kvittering"), "Kvittering", 200, "loaded", true, 0),
        ],
        requests: 212,
        templates: 3,
        forms: 2,
        forms_filled: 2,
        forms_submitted: 2,
        fields: 6,
        fields_typed: 6,
        cpr_forms: 2,
        cpr_forms_filled: 2,
        cpr_forms_submitted: 2,
        numbers_to_own_bodies: 4,
        ..Coverage::default()
    };
    system("tastselv-ny", "TastSelv Borger (rettet)", "nordia", &format!("{at}/"), Verdict::Clean, coverage)
}

fn not_covered() -> SystemResult {
    let at = "https://erhverv.tastselv.test";
    let coverage = Coverage {
        pages: vec![page(&format!("{at}/"), "Log ind", 200, "login-required", false, 1)],
        requests: 9,
        ..Coverage::default()
    };
    let url = format!("{at}/");
    system("aarsopgoerelse-erhverv", "Årsopgørelse Erhverv", "fjordsoft", &url, Verdict::NotCovered, coverage)
}

fn blind_spots() -> Vec<BlindSpotRecord> {
    let spot = |system: Option<&str>, kind, place: &str, detail: &str, count| BlindSpotRecord {
        system: system.map(|id| SystemId(id.to_owned())),
        kind,
        place: own(place),
        detail: own(detail),
        count,
        picture: (kind == BlindSpotKind::StepFailed).then(|| PICTURE_FILE.to_owned()),
    };
    let erhverv = Some("aarsopgoerelse-erhverv");
    vec![
        spot(
            erhverv,
            BlindSpotKind::LoginRequired,
            "https://erhverv.tastselv.test/",
            "a password field and no declared login",
            1,
        ),
        spot(Some("tastselv"), BlindSpotKind::PageFailed, "https://www.tastselv.test/hjaelp", "502 Bad Gateway", 1),
        spot(
            Some("tastselv"),
            BlindSpotKind::StepFailed,
            "https://www.tastselv.test/blanket",
            "step 7 (click #videre) of the journey Blanket: no element matches within 5000 ms; on the page: title Blanket; \
             3 fields, 1 buttons, 12 links",
            1,
        ),
        spot(
            Some("tastselv"),
            BlindSpotKind::WebsocketNotRead,
            "wss://chat.tastselv.test/",
            "12 messages passed on",
            12,
        ),
        spot(None, BlindSpotKind::HostUnreachable, "stats.example.test", "connection refused", 3),
        spot(
            Some("tastselv"),
            BlindSpotKind::Http3Withheld,
            "https://cdn.nordia-cdn.test",
            "it offered HTTP/3, and the client was not told",
            41,
        ),
    ]
}
