//! What others do: a pattern over the request as it is on the wire.

use jiff::civil::Date;
use model::{CprNumber, Exchange};
use regex::bytes::Regex;

/// Ten digits with a dash or without, between boundaries of words.
const PATTERN: &str = r"(?-u)\b\d{6}-?\d{4}\b";

/// The pattern, and what is made of what it matches.
pub(super) struct Patterns {
    regex: Regex,
}

/// What the pattern matches, as ten digits.
pub(super) struct Hits {
    /// Line by line and nothing else, as ripgrep searches: its engine is the one used here.
    pub(super) all: Vec<String>,
    /// Those that begin with a date that has been.
    pub(super) dated: Vec<String>,
    /// Those of them that pass the check digit.
    pub(super) checked: Vec<String>,
}

impl Patterns {
    pub(super) fn new() -> Self {
        Self { regex: Regex::new(PATTERN).unwrap() }
    }

    pub(super) fn hits(&self, raw: &[u8], today: Date) -> Hits {
        let lines = raw.split(|byte| *byte == b'\n');
        let matches = lines.flat_map(|line| self.regex.find_iter(line));
        let all: Vec<String> =
            matches.map(|found| String::from_utf8_lossy(found.as_bytes()).replace('-', "")).collect();
        let number = |text: &&String| text.parse::<CprNumber>().ok().filter(|number| is_born(number, today));
        let dated: Vec<String> = all.iter().filter(|text| number(text).is_some()).cloned().collect();
        let checked = dated.iter().filter(|text| number(text).is_some_and(|number| number.passes_mod11()));
        Hits { checked: checked.cloned().collect(), all, dated }
    }
}

/// A request as it is on the wire, a message of a WebSocket to a line.
pub(super) fn raw(exchange: &Exchange) -> Vec<u8> {
    let request = &exchange.request;
    let target = request.target.to_string();
    let mut raw = format!("{} {target} HTTP/1.1\r\n", request.method).into_bytes();
    for (name, value) in &request.headers.0 {
        raw.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
    }
    raw.extend(b"\r\n");
    raw.extend(&request.body.bytes);
    for message in &exchange.messages {
        raw.push(b'\n');
        raw.extend(&message.bytes);
    }
    raw
}

fn is_born(number: &CprNumber, today: Date) -> bool {
    let birth = number.birth_date();
    let date = (i32::from(birth.year), i32::from(birth.month), i32::from(birth.day));
    date <= (i32::from(today.year()), i32::from(today.month()), i32::from(today.day()))
}
