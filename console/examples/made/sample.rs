//! A made session: findings and exchanges of a site that is not there, and a desk that has words for them. The crate's own
//! tests use it too.

use std::sync::Mutex;

use console::{
    Card, Desk, DeskError, Earlier, ExchangeRow, Export, Fact, File, Lang, Mark, MarkKind, Mending, News, Session,
    Under, Unseen,
};
use jiff::Timestamp;
use model::{
    BlindSpotKind, BlindSpotRecord, Channel, Evidence, Finding, RecipientRecord, Redacted, Remedy, Rule, Severity,
    Standing, SystemId,
};

/// Text that does all that a hostile site can think of.
pub(crate) const HOSTILE: &str = "</title><script>alert(1)</script><img src=x onerror=alert(2)>\"'`&{{7*7}}\u{202e}gpj\u{2066}\u{0}\u{1b}[2J\u{200b}javascript:alert(3)";

/// A desk of a made session.
#[derive(Debug)]
pub(crate) struct SampleDesk {
    /// Where marks go.
    pub(crate) session: Session,
    /// What is put into every text; hostile or nothing.
    pub(crate) spice: String,
    /// Marks so far.
    pub(crate) marks: Mutex<u64>,
}

/// The second of the made session.
pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_763_800_000 + second).expect("a time")
}

/// So many seconds.
pub(crate) fn seconds(number: usize) -> i64 {
    i64::try_from(number).expect("a second")
}

/// Text as if it had been through the detector.
pub(crate) fn own(text: impl Into<String>) -> Redacted {
    Redacted::own_words(text)
}

/// The `number`-th recipient.
pub(crate) fn recipient(number: usize) -> RecipientRecord {
    let standings = [Standing::Unknown, Standing::Unlisted, Standing::Approved, Standing::Own];
    let names = ["maaling.test", "reklame.test", "kort.test", "www.tastselv.test"];
    let standing = standings.get(number % 4).copied().unwrap_or(Standing::Unknown);
    let name = names.get(number % 4).copied().unwrap_or("maaling.test");
    let domain = if number < 4 { name.to_owned() } else { format!("nr{number}.{name}") };
    let mut record = RecipientRecord::bare(own(domain), standing);
    if number % 4 < 2 {
        record.company = Some("Måling Inc.".to_owned());
        record.product = Some("Måling Analytics".to_owned());
        record.country = Some("US".to_owned());
        record.country_source = Some(model::Source::BuiltIn);
    }
    record
}

/// The `number`-th finding.
pub(crate) fn finding(number: usize, spice: &str) -> Finding {
    let severity = Severity::ALL.into_iter().rev().nth(number % 5).unwrap_or(Severity::Info);
    let rules = [Rule::CprInThirdPartyRequest, Rule::CprInReferer, Rule::CprInUrl, Rule::CacheableCprPage];
    Finding {
        fingerprint: format!("{number:032x}"),
        rule: rules.get(number % 4).copied().unwrap_or(Rule::CprInUrl),
        system: Some(SystemId("tastselv".to_owned())),
        vendor: None,
        channel: Some(Channel::UrlQuery),
        recipient: recipient(number % 4),
        hosts: vec![own("collect.maaling.test")],
        page: own(format!("https://www.tastselv.test/aarsopgoerelse/{number}{spice}")),
        parameter: own(format!("dl > cpr{spice}")),
        evidence: Some(Evidence::E1),
        severity,
        reasons: Vec::new(),
        first_seen: at(seconds(number)),
        last_seen: at(seconds(number) + 5),
        transmissions: 1 + (number as u64 * 37) % 400,
        undelivered: 0,
        blocked: u64::from(number % 7 == 3) * 500,
        simulated: false,
        persons: 1,
        test_persons: 1,
        trail: own("query[dl] > percent > query[cpr]"),
        request: own("GET https://collect.maaling.test/collect"),
        tls: Some("TLSv1.3".to_owned()),
        cleartext: false,
        also_sent: vec![own("ip-address")],
        form: None,
        roles: Vec::new(),
        tests: Vec::new(),
        more_tests: 0,
        consent: Vec::new(),
        initiator: None,
        remedies: vec![Remedy::KeepNumberInSession],
        acceptance: None,
    }
}

/// The `number`-th exchange, carrying `findings`.
pub(crate) fn row(number: usize, findings: &[String]) -> ExchangeRow {
    let (status, failure) = match number % 11 {
        9 => (None, Some(own("connection refused"))),
        4 => (Some(404), None),
        _ => (Some(200), None),
    };
    let is_blocked = number % 13 == 7;
    let hosts = ["collect.maaling.test", "ads.reklame.test", "tiles.kort.test", "www.tastselv.test"];
    let host = hosts.get(number % 4).copied().unwrap_or("www.tastselv.test");
    ExchangeRow {
        index: number as u64,
        time: at(seconds(number)),
        duration_ms: Some(3 + (number as u64 * 31) % 900),
        method: own(if number.is_multiple_of(5) { "POST" } else { "GET" }),
        url: own(format!(
            "https://{host}/Ordner/{number}?dl=https%3A%2F%2Fwww.tastselv.test%2Faarsopgoerelse&cpr=0101901234"
        )),
        version: own("HTTP/2.0"),
        host: own(host),
        recipient: recipient(number % 4).domain,
        standing: recipient(number % 4).standing,
        system: Some(SystemId("tastselv".to_owned())),
        page: own("https://www.tastselv.test/aarsopgoerelse"),
        status: status.filter(|_| !is_blocked),
        media_type: own("application/json"),
        sent_bytes: 120,
        received_bytes: (number as u64 * 7_919) % 300_000,
        tester: number.is_multiple_of(3).then(|| own("mette")),
        blocked: is_blocked,
        browsers_own: number % 17 == 16,
        failure,
        evidence: (!findings.is_empty()).then_some(Evidence::E1),
        findings: findings.to_vec(),
        blind_spots: u32::from(number % 19 == 5),
    }
}

/// A mark, some seconds into the session.
pub(crate) fn mark(number: u64, second: i64, kind: MarkKind, text: &str) -> Mark {
    Mark { number, time: at(second), tester: None, kind, text: own(text) }
}

/// A session with so many findings and exchanges.
pub(crate) fn session(findings: usize, exchanges: usize) -> Session {
    spiced(findings, exchanges, "")
}

/// The same, with `spice` in every text that may come from traffic.
pub(crate) fn spiced(findings: usize, exchanges: usize, spice: &str) -> Session {
    let session = Session::default();
    session.know(Under { names: vec![own(format!("www.tastselv.test{spice}"))], is_guess: true });
    fill(&session, findings, exchanges, spice);
    session
}

/// Puts so many findings and exchanges into `session`.
pub(crate) fn fill(session: &Session, findings: usize, exchanges: usize, spice: &str) {
    let made: Vec<Finding> = (0..findings).map(|number| finding(number, spice)).collect();
    let rows = (0..exchanges).map(|number| {
        let carried = (number / 4).is_multiple_of(6);
        let carried = made
            .get((number / 24 * 4 + number % 4) % findings.max(1))
            .filter(|_| carried)
            .map(|made| made.fingerprint.clone());
        let mut row = row(number, carried.as_slice());
        if !spice.is_empty() {
            let salt = |text: &mut Redacted| *text = own(format!("{}{spice}", text.as_str()));
            [&mut row.url, &mut row.host, &mut row.method, &mut row.page, &mut row.media_type, &mut row.version]
                .into_iter()
                .for_each(salt);
            row.tester = Some(own(format!("mette{spice}")));
            row.failure = Some(own(spice));
        }
        row
    });
    let rows = rows.collect();
    let spot = |number: u64, kind, place: &str| BlindSpotRecord {
        system: None,
        kind,
        place: own(format!("{place}{spice}")),
        detail: own(format!("a websocket of {number} messages{spice}")),
        count: number,
        picture: None,
    };
    let blind_spots = vec![
        spot(3, BlindSpotKind::HostUnreachable, "fonts.skrift.test"),
        spot(1, BlindSpotKind::BodyCut, "https://www.tastselv.test/bilag"),
        spot(2, BlindSpotKind::Http3Withheld, "www.tastselv.test"),
    ];
    let blind_spots = if findings == 0 { Vec::new() } else { blind_spots };
    let recipients: Vec<RecipientRecord> = (0..if exchanges == 0 { 0 } else { 40 }).map(recipient).collect();
    session.add(News { exchanges: rows, findings: made, blind_spots }, recipients);
}

impl SampleDesk {
    /// A desk that puts marks into `session`.
    pub(crate) fn new(session: Session, spice: &str) -> Self {
        let marks = session.state().marks.len() as u64;
        Self { session, spice: spice.to_owned(), marks: Mutex::new(marks) }
    }
}

impl Desk for SampleDesk {
    fn card(&self, finding: &Finding, lang: Lang) -> Card {
        let spice = &self.spice;
        let (severity, title, story) = match lang {
            Lang::Da => (
                ["Til orientering", "Lav", "Mellem", "Høj", "Kritisk"],
                format!("CPR-numre sendes til {} i URL'en{spice}", finding.recipient.domain),
                "Adressen på siden bærer borgerens personnummer, og måleværktøjet sender hele adressen videre til en modtager, som ingen har godkendt.",
            ),
            Lang::En => (
                ["Info", "Low", "Medium", "High", "Critical"],
                format!("CPR numbers are sent to {} in the URL{spice}", finding.recipient.domain),
                "The page's address holds the citizen's personal number, and the telemetry hands the whole address to a recipient that nobody has approved.",
            ),
        };
        let fact = |label: &str, value: String, is_code| Fact { label: label.to_owned(), value, is_code };
        let level = Severity::ALL.iter().position(|level| *level == finding.severity).unwrap_or(0);
        let mend = |title: &str, example: Option<&str>| Mending {
            title: title.to_owned(),
            text: "Keep the number on the server, under the session; address pages by an id that says nothing."
                .to_owned(),
            example: example.map(|example| format!("{example}{spice}")),
        };
        Card {
            title,
            story: format!("{story}{spice}"),
            severity: severity.get(level).copied().unwrap_or("?").to_owned(),
            rule: format!("{} {}", finding.rule.as_str().replace('-', " "), spice),
            reasons: vec!["Starting point: the evidence is definite, and the recipient is unknown.".to_owned()],
            evidence: Some(format!("E1, confirmed (test number): it cannot be anything else.{spice}")),
            counts: format!("{} × · 1 test person", finding.transmissions),
            facts: vec![
                fact("Page", finding.page.to_string(), true),
                fact("Form", "login, field cpr".to_owned(), false),
                fact("Parameter", finding.parameter.to_string(), true),
                fact("Request", finding.request.to_string(), true),
                fact("Number", "0101901234 (declared test number)".to_owned(), false),
                fact("Initiator", format!("https://www.tastselv.test/assets/alloy.js:3{spice}"), true),
                fact("Went along", "IP address, cookies, user agent".to_owned(), false),
            ],
            trail: vec![
                "Take the parameter dl of the query.".to_owned(),
                "Undo percent encoding.".to_owned(),
                format!("In the query of that address, the parameter cpr holds the number.{spice}"),
            ],
            accepted: (finding.fingerprint.ends_with('6'))
                .then(|| "Accepted by Mette Madsen until 2027-01-01: being mended.".to_owned()),
            mending: vec![
                mend(
                    "Keep the number in the session",
                    Some("GET /aarsopgoerelse/8f3a12\nReferrer-Policy: no-referrer"),
                ),
                mend("Scrub what telemetry is handed", Some("alloy('configure', { onBeforeEventSend: scrub })")),
                mend("Ask the recipient to delete what it got", None),
            ],
        }
    }

    fn issue_text(&self, finding: &Finding, lang: Lang) -> String {
        format!("## {}\n\n`{}`\n", self.card(finding, lang).title, finding.request)
    }

    fn unseen(&self, record: &BlindSpotRecord, lang: Lang) -> Unseen {
        let title = match (record.kind, lang) {
            (BlindSpotKind::HostUnreachable, Lang::Da) => "Ingen forbindelse til en vært",
            (BlindSpotKind::HostUnreachable, Lang::En) => "No connection to a host",
            (_, Lang::Da) => "Noget blev ikke læst til ende",
            (_, Lang::En) => "Something was not read to its end",
        };
        Unseen {
            title: title.to_owned(),
            meaning: "What it would have been sent is not known. Try again when the host answers.".to_owned(),
            place: record.place.to_string(),
            detail: record.detail.to_string(),
            leaves_gap: record.kind.leaves_gap(),
        }
    }

    fn standing(&self, standing: Standing, lang: Lang) -> String {
        let word = match (standing, lang) {
            (Standing::Own, Lang::Da) => "myndighedens eget system",
            (Standing::Own, Lang::En) => "the authority's own system",
            (Standing::Public, _) => "public",
            (Standing::Approved, Lang::Da) => "godkendt databehandler",
            (Standing::Approved, Lang::En) => "an approved processor",
            (Standing::Unlisted, Lang::Da) => "kendt, men ikke godkendt",
            (Standing::Unlisted, Lang::En) => "known, but not approved",
            (Standing::Unknown, Lang::Da) => "ukendt",
            (Standing::Unknown, Lang::En) => "unknown",
        };
        format!("{word}{}", self.spice)
    }

    fn country(&self, code: &str, lang: Lang) -> String {
        match (code, lang) {
            ("US", Lang::En) => "the United States".to_owned(),
            _ => code.to_owned(),
        }
    }

    fn mark(&self, kind: MarkKind, tester: Option<&str>, text: &str) -> Result<(), DeskError> {
        if text == "refuse" {
            return Err(DeskError(format!("the disk is full{}", self.spice)));
        }
        let mut marks = self.marks.lock().expect("no test panics in it");
        *marks += 1;
        if kind == MarkKind::FirstParty {
            self.session.know(Under { names: vec![own(text)], is_guess: false });
        }
        let time = at(100_000 + i64::try_from(*marks).unwrap_or_default());
        self.session.mark(Mark { number: *marks, time, tester: tester.map(own), kind, text: own(text) });
        Ok(())
    }

    fn earlier(&self) -> Result<Vec<Earlier>, DeskError> {
        Ok(vec![Earlier {
            id: "s-1".to_owned(),
            started: at(-90_000),
            kind: "proxy".to_owned(),
            targets: vec![own(format!("www.tastselv.test{}", self.spice))],
            findings: 12,
        }])
    }

    fn export(&self, what: &Export) -> Result<Vec<File>, DeskError> {
        let file =
            |name: &str, media_type, text: String| File { name: name.to_owned(), media_type, bytes: text.into_bytes() };
        Ok(match what {
            Export::Json => vec![file("scan.json", "application/json", "{}".to_owned())],
            Export::Report { lang, since } => vec![
                file(
                    "index.html",
                    "text/html; charset=utf-8",
                    format!(
                        "<!doctype html><title>Report</title><a href=vendor.html>vendor</a><p>{} {since:?}<script>document.title='ran'</script>",
                        lang.as_str()
                    ),
                ),
                file("vendor.html", "text/html; charset=utf-8", "<!doctype html><title>Vendor</title>".to_owned()),
            ],
        })
    }
}
