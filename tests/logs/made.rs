//! Writes logs of every format with numbers planted in every encoding, the same for the same seed. The numbers are of people
//! who will be born from 2037 on: nobody's.

use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Every format, by its id.
pub(crate) const FORMATS: &[&str] = &[
    "combined",
    "common",
    "vhost-combined",
    "w3c",
    "squid",
    "haproxy",
    "aws-alb",
    "aws-cloudfront",
    "cloudflare",
    "caddy",
    "json-lines",
];

/// How a number stands in a URL.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Encoding {
    Plain,
    Dashed,
    PercentDash,
    PercentAll,
    Base64,
    Hex,
    JsonInBase64,
    UrlInPercent,
    Base32,
}

/// A log, the lines in which a number stands, and whose.
pub(crate) struct Made {
    pub(crate) text: String,
    pub(crate) lines: BTreeSet<u64>,
    pub(crate) persons: BTreeSet<String>,
}

/// The `at`th number that passes the modulus-11 check, of a person born from 2037 to 2057.
pub(crate) fn number(at: u64) -> String {
    let weights = [4, 3, 2, 7, 6, 5, 4, 3, 2];
    // Some serials have no check digit: the next is taken.
    let (day, month, year) = (1 + at % 28, 1 + at / 28 % 12, 37 + at / 336 % 21);
    let turn = at / 7056;
    for serial in (500 + turn * 4..).take(20) {
        let digits = format!("{day:02}{month:02}{year:02}{serial:03}");
        let sum: u64 = digits.bytes().map(|byte| u64::from(byte - b'0')).zip(weights).map(|(one, two)| one * two).sum();
        let check = (11 - sum % 11) % 11;
        if check < 10 {
            return format!("{digits}{check}");
        }
    }
    unreachable!("every other serial has a check digit")
}

impl Encoding {
    pub(crate) const ALL: [Self; 9] = [
        Self::Plain,
        Self::Dashed,
        Self::PercentDash,
        Self::PercentAll,
        Self::Base64,
        Self::Hex,
        Self::JsonInBase64,
        Self::UrlInPercent,
        Self::Base32,
    ];

    /// A query with `number` in it.
    fn query(self, number: &str) -> String {
        let (date, serial) = number.split_at(6);
        let base64 = |text: &str| data_encoding::BASE64URL_NOPAD.encode(text.as_bytes());
        match self {
            Self::Plain => format!("cpr={number}"),
            Self::Dashed => format!("cpr={date}-{serial}"),
            Self::PercentDash => format!("nr={date}%2D{serial}"),
            Self::PercentAll => {
                let escaped = number.bytes().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat();
                format!("cpr={escaped}")
            }
            Self::Base64 => format!("cpr={}", base64(number)),
            Self::Hex => format!("cpr={}", data_encoding::HEXLOWER.encode(number.as_bytes())),
            Self::JsonInBase64 => format!("d={}", base64(&format!("{{\"cpr\":\"{number}\"}}"))),
            Self::UrlInPercent => format!("dl=https%3A%2F%2Fown.test%2F%3Fcpr%3D{number}"),
            Self::Base32 => format!("cpr={}", data_encoding::BASE32_NOPAD.encode(number.as_bytes())),
        }
    }
}

impl Made {
    /// `count` lines of `format`, one in five with a number.
    pub(crate) fn log(format: &str, seed: u64, count: u64) -> Self {
        let mut made = Self { text: head(format).to_owned(), lines: BTreeSet::new(), persons: BTreeSet::new() };
        let begun = made.text.lines().count() as u64;
        let mut dice = Dice(seed);
        for at in 1..=count {
            let mut query = format!("x={}", dice.roll(1000));
            if at % 5 == 0 {
                let number = number(dice.roll(5000));
                let turn = usize::try_from(at / 5).expect("a small number");
                let encoding = Encoding::ALL.into_iter().cycle().nth(turn).expect("they go round");
                let _ = write!(query, "&{}", encoding.query(&number));
                made.lines.insert(begun + at);
                made.persons.insert(number);
            }
            let target = format!("/sag/{}/vis?{query}", dice.roll(90));
            let _ = writeln!(made.text, "{}", line(format, &target, "", dice.roll(60)));
        }
        made
    }
}

fn head(format: &str) -> &'static str {
    match format {
        "w3c" => "#Version: 1.0\n#Fields: date time cs-method cs-uri-stem cs-uri-query c-ip cs(User-Agent) sc-status\n",
        "aws-cloudfront" => {
            "#Version: 1.0\n#Fields: date time c-ip cs-method cs-uri-stem sc-status cs(User-Agent) cs-uri-query x-edge-request-id x-host-header cs-protocol\n"
        }
        _ => "",
    }
}

/// A line of `format` that asks for `target`.
pub(crate) fn line(format: &str, target: &str, referer: &str, second: u64) -> String {
    let agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120.0.0.0 Safari/537.36";
    let common = format!("192.0.2.7 - - [10/Oct/2024:13:55:{second:02} +0200] \"GET {target} HTTP/1.1\" 200 512");
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let iso = format!("2024-10-10T11:55:{second:02}Z");
    let epoch = 1_728_561_300 + second;
    match format {
        "common" => common,
        "combined" => format!("{common} \"{referer}\" \"{agent}\""),
        "vhost-combined" => format!("own.test:443 {common} \"{referer}\" \"{agent}\""),
        "w3c" => format!("2024-10-10 11:55:{second:02} GET {path} {query} 192.0.2.7 {} 200", agent.replace(' ', "+")),
        "squid" => format!(
            "{epoch}.123     12 192.0.2.7 TCP_MISS/200 512 GET http://own.test{target} - HIER_DIRECT/192.0.2.9 text/html"
        ),
        "haproxy" => format!(
            "192.0.2.7:4711 [10/Oct/2024:13:55:{second:02}.123] in~ b/s 0/0/1/2/3 200 512 - - ---- 1/1/1/1/0 0/0 \"GET {target} HTTP/1.1\""
        ),
        "aws-alb" => format!(
            "https {iso} app/lb/1 192.0.2.7:2817 10.0.0.1:80 0.1 0.1 0.1 200 200 0 57 \"GET https://own.test:443{target} HTTP/1.1\" \"{agent}\" X TLSv1.2 arn:x \"Root=1\" \"own.test\" \"arn:y\" 1 {iso} \"forward\" \"-\" \"-\""
        ),
        "aws-cloudfront" => format!(
            "2024-10-10\t11:55:{second:02}\t192.0.2.7\tGET\t{path}\t200\t{}\t{}\tSOX4xwn4XV6Q4rgb7XiVGOHms_BGlTAC4KyHmureZmBNrjGdRLiNIQ==\town.test\thttps",
            agent.replace(' ', "%2520"),
            query.replace('%', "%25"),
        ),
        "cloudflare" => format!(
            r#"{{"ClientIP":"192.0.2.7","ClientRequestHost":"own.test","ClientRequestMethod":"GET","ClientRequestURI":"{target}","EdgeStartTimestamp":"{iso}","EdgeResponseStatus":200,"ClientRequestUserAgent":"{agent}"}}"#
        ),
        "caddy" => format!(
            r#"{{"level":"info","ts":{epoch}.5,"request":{{"remote_ip":"192.0.2.7","method":"GET","host":"own.test","uri":"{target}","headers":{{"User-Agent":["{agent}"]}}}},"status":200,"size":512}}"#
        ),
        "json-lines" => format!(
            r#"{{"ts":"{iso}","remote_addr":"192.0.2.7","method":"GET","uri":"{target}","status":200,"http_user_agent":"{agent}"}}"#
        ),
        other => unreachable!("no line of {other}"),
    }
}

/// Gzip without compression (RFC 1951 §3.2.4, RFC 1952).
pub(crate) fn gzip(text: &str) -> Vec<u8> {
    let mut bytes = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
    let chunks: Vec<&[u8]> = text.as_bytes().chunks(60_000).collect();
    for (at, chunk) in chunks.iter().enumerate() {
        let length = u16::try_from(chunk.len()).expect("of 60,000 bytes");
        bytes.push(u8::from(at + 1 == chunks.len()));
        bytes.extend(length.to_le_bytes());
        bytes.extend((!length).to_le_bytes());
        bytes.extend(*chunk);
    }
    let mut crc = !0_u32;
    for byte in text.bytes() {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    bytes.extend((!crc).to_le_bytes());
    bytes.extend(u32::try_from(text.len()).expect("a small text").to_le_bytes());
    bytes
}

/// Numbers that look random and are the same each time (xorshift).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}
