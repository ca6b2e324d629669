//! Exchanges and detectors for tests. Made-up persons and made-up hosts only.

use detect::{Inspector, Parties, Setup};
use jiff::Timestamp;
use jiff::civil::Date;
use model::{
    Body, CprNumber, Exchange, Headers, Host, LaneId, Registry, RequestRecord, ResponseRecord, Site, SystemId, Target,
    TestPerson, VisitId,
};

/// A declared number: born in 2045, so nobody's.
pub(crate) const CANARY: &str = "010145-5001";

/// A published example that passes the check digit; undeclared in these tests.
pub(crate) const EXAMPLE: &str = "070761-4285";

/// A published test number that does not pass it; undeclared in these tests.
pub(crate) const EXAMPLE_WITHOUT_CHECK_DIGIT: &str = "251248-9996";

/// A site under audit; all else is somebody else's.
pub(crate) const OWN: &str = "www.selvbetjening.test";

/// Key of the tokens.
pub(crate) const KEY: [u8; 32] = [7; 32];

pub(crate) fn today() -> Date {
    jiff::civil::date(2026, 11, 22)
}

pub(crate) fn number(text: &str) -> CprNumber {
    text.parse().unwrap()
}

pub(crate) fn host(text: &str) -> Host {
    Host::parse(text).unwrap()
}

pub(crate) fn sites(hosts: &[&str]) -> Vec<Site> {
    hosts.iter().map(|text| host(text).site()).collect()
}

pub(crate) fn persons(numbers: &[&str]) -> Vec<TestPerson> {
    let person =
        |(at, text): (usize, &&str)| TestPerson { id: format!("da-{at:02}"), cpr: number(text), scope: vec![] };
    numbers.iter().enumerate().map(person).collect()
}

pub(crate) fn inspector(numbers: &[&str], parties: Parties) -> Inspector {
    Inspector::new(Setup { test_persons: persons(numbers), key: KEY, today: today(), parties })
}

/// Without a registry: [`OWN`] is the system, and [`CANARY`] is declared.
pub(crate) fn plain_inspector() -> Inspector {
    inspector(&[CANARY], Parties::first_party(sites(&[OWN])))
}

/// How every registry here begins: one vendor and its system.
const ONE_SYSTEM: &str = r#"
[controller]
name = "Opdigtet Styrelse"

[[vendor]]
id = "nordia"
name = "Nordia A/S"

[[system]]
id = "selvbetjening"
vendor = "nordia"
base_urls = ["https://www.selvbetjening.test/"]
"#;

/// Two systems of one vendor, and recipients of every standing.
pub(crate) fn registry() -> Registry {
    parse_more(
        r#"
[[system]]
id = "sundhed"
vendor = "nordia"
base_urls = ["https://www.sundhed.test/"]
context = "health"

[[recipient]]
legal_name = "Godkendt ApS"
domains = ["godkendt.test"]
role = "processor"
dpa_ref = "aftale-17"
approved_for = ["selvbetjening", "sundhed"]
transfer = { country = "DE" }

[[recipient]]
legal_name = "Oversea Inc."
domains = ["oversea.test"]
role = "processor"
approved_for = ["selvbetjening"]
transfer = { country = "US" }

[[recipient]]
legal_name = "Oversea med grundlag"
domains = ["grundlag.oversea.test"]
role = "sub-processor"
approved_for = ["selvbetjening"]
transfer = { country = "US", basis = "scc" }

[[recipient]]
legal_name = "Anden Styrelse"
domains = ["styrelse.test"]
role = "authority"
"#,
    )
}

/// A registry with one approved processor, `udloeb.test`, of which `line` says more.
pub(crate) fn registry_with(line: &str) -> Registry {
    parse_more(&format!(
        r#"
[[recipient]]
legal_name = "Udløb ApS"
domains = ["udloeb.test"]
role = "processor"
dpa_ref = "aftale-18"
approved_for = ["selvbetjening"]
{line}
"#
    ))
}

fn parse_more(text: &str) -> Registry {
    Registry::parse(&format!("{ONE_SYSTEM}{text}")).unwrap()
}

pub(crate) fn declared() -> Parties {
    Parties::declared(registry())
}

pub(crate) fn system(id: &str) -> SystemId {
    SystemId(id.to_owned())
}

/// A `GET` of `url` with nothing else to it.
pub(crate) fn get(url: &str) -> Exchange {
    Exchange::begun(
        0,
        Timestamp::UNIX_EPOCH,
        RequestRecord {
            method: "GET".to_owned(),
            target: Target::parse(url).unwrap(),
            version: "HTTP/1.1".to_owned(),
            headers: Headers::default(),
            body: Body::default(),
        },
    )
}

/// What tests set on an exchange, one after the other.
pub(crate) trait With {
    fn at(self, index: u64) -> Self;
    fn header(self, name: &str, value: &str) -> Self;
    fn body(self, bytes: impl Into<Vec<u8>>) -> Self;
    fn answer(self, status: u16, headers: &[(&str, &str)]) -> Self;
    fn lane(self, lane: u16) -> Self;
    fn visit(self, visit: u32) -> Self;
}

impl With for Exchange {
    /// The exchange of this number, a second after the one before.
    fn at(mut self, index: u64) -> Self {
        self.index = index;
        self.started = Timestamp::from_second(i64::try_from(index).unwrap()).unwrap();
        self
    }

    fn header(mut self, name: &str, value: &str) -> Self {
        self.request.headers.0.push((name.to_owned(), value.as_bytes().to_vec()));
        self
    }

    fn body(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.request.method = "POST".to_owned();
        self.request.body = Body::whole(bytes);
        self
    }

    fn answer(mut self, status: u16, headers: &[(&str, &str)]) -> Self {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec())).collect();
        self.response = Some(ResponseRecord { status, headers: Headers(headers), body_bytes: 0 });
        self
    }

    fn lane(mut self, lane: u16) -> Self {
        self.connection.lane = Some(LaneId(lane));
        self
    }

    fn visit(mut self, visit: u32) -> Self {
        self.visit = Some(VisitId(visit));
        self
    }
}
