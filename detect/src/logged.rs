//! What a line of a log holds beside its request, cut into pieces: fields of the log's own, lines of text, and ids that
//! machines have made, in which only what stands there as a number counts.

use model::{Channel, Exchange, Logged, LoggedField, Place, Standing};

use crate::candidate::{Candidate, candidates};
use crate::decoders::{Piece, RawStep};
use crate::found::{Found, Hit};
use crate::parties::{Parties, Party};
use crate::parts::{Part, SHORTEST_NUMBER};

/// Longest key before a number in a line of text, in bytes; nobody names a field at more length.
const MAX_KEY: usize = 40;

/// Digits in such a key: `cpr2` is one name, `sag48213` another for each case, and a finding each.
const MAX_KEY_DIGITS: usize = 2;

/// Numbers behind keys in one line that are named by them; a dump of more on one line is told as the line's.
const MAX_KEYED: usize = 100;

/// Bytes between a key and its number: an equals sign or a colon, quotes, a bracket and blanks.
const MAX_BETWEEN: usize = 6;

/// The pieces of what a log's line holds beside its request, without the fields that are known to hold nothing.
pub(crate) fn logged_parts(logged: &Logged, holds_nothing: impl Fn(&str, &[u8]) -> bool) -> Vec<Part> {
    let mut parts = Vec::new();
    for LoggedField { name, text, is_id } in &logged.fields {
        let part = |bytes: &[u8]| {
            let piece = Piece::new(vec![RawStep::Into(Place::Log, name.clone())], bytes.to_vec());
            Part { channel: Channel::Log, piece, leads_to: None }
        };
        if *is_id {
            parts.extend(standing_alone(text).iter().filter_map(|found| text.get(found.range.clone())).map(part));
        } else if !holds_nothing(&memory_name(name), text) {
            parts.push(part(text));
        }
        if name.len() >= SHORTEST_NUMBER {
            parts.push(part(name.as_bytes()));
        }
    }
    parts
}

/// Name and value under which a header or a field is remembered to hold nothing; `None` for other parts.
pub(crate) fn remembered_as(channel: Channel, piece: &Piece) -> Option<(String, Vec<u8>)> {
    match (channel, piece.steps.as_slice()) {
        (Channel::Header, [RawStep::Into(Place::Header, name)]) => Some((name.clone(), piece.bytes.clone())),
        (Channel::Log, [RawStep::Into(Place::Log, name)]) => Some((memory_name(name), piece.bytes.clone())),
        _ => None,
    }
}

/// The name of the field, if the part is one of the log's own; empty for a line of text.
pub(crate) fn field_of_log(channel: Channel, piece: &Piece) -> Option<String> {
    match (channel, piece.steps.as_slice()) {
        (Channel::Log, [RawStep::Into(Place::Log, name)]) => Some(name.clone()),
        _ => None,
    }
}

/// The line, if the part is one of text in a log.
pub(crate) fn line_of_text(channel: Channel, piece: &Piece) -> Option<Vec<u8>> {
    match (channel, piece.steps.as_slice()) {
        (Channel::Log, [RawStep::Into(Place::Log, name)]) if name.is_empty() => Some(piece.bytes.clone()),
        _ => None,
    }
}

/// Whether a number stands in an id as it is, and not by chance among its digits and letters.
pub fn id_holds_number(id: &[u8]) -> bool {
    !standing_alone(id).is_empty()
}

/// Who keeps the log: the system that was asked, else the one whose log it is.
pub(crate) fn holder(exchange: &Exchange, logged: &Logged, parties: &Parties) -> Party {
    let asked = &exchange.request.target.host;
    let is_asked = parties.standing(asked, parties.system_of(asked).as_ref()) == Standing::Own;
    let host = if is_asked { asked } else { &logged.holder };
    Party { host: host.clone(), standing: Standing::Own, product: None }
}

/// Names what was found in a line of text by the key before it, where there is one: `cpr=`, `"ssn": `. What stands behind a
/// key is judged anew by `search`, as the field of that name, and the surer of the two is told.
pub(crate) fn name_by_keys(found: &mut Found, text: &[u8], mut search: impl FnMut(Piece) -> Found) {
    let keyed = candidates(text).into_iter().filter_map(|candidate| {
        let key = key_before(text, candidate.range.start)?;
        Some((key, text.get(candidate.range)?.to_vec(), candidate.digits))
    });
    for (key, bytes, digits) in keyed.take(MAX_KEYED) {
        // To be held against what was found; it goes no further.
        let is_it = |hit: &Hit| hit.number.cpr().is_some_and(|number| number.reveal().as_bytes() == digits);
        let is_bare = |steps: &[RawStep]| matches!(steps, [RawStep::Into(Place::Log, name)] if name.is_empty());
        let before: Vec<Hit> = found.hits.extract_if(.., |hit| is_bare(&hit.steps) && is_it(hit)).collect();
        let passed_over = found.doubtful.extract_if(.., |hit| is_bare(&hit.steps) && is_it(hit)).count();
        found.look_alikes = found.look_alikes.saturating_sub(passed_over as u64);
        found.tens.retain(|ten| !is_bare(&ten.steps) || ten.digits != digits);
        if before.is_empty() && passed_over == 0 {
            continue;
        }
        let step = RawStep::Into(Place::Log, key);
        let Found { mut hits, doubtful, tens, look_alikes, .. } = search(Piece::new(vec![step.clone()], bytes));
        for known in before {
            match hits.iter_mut().find(|hit| hit.number == known.number) {
                Some(hit) if hit.evidence <= known.evidence => {}
                Some(hit) => (hit.evidence, hit.scores) = (known.evidence, known.scores),
                None => hits.push(Hit { steps: vec![step.clone()], ..known }),
            }
        }
        let doubtful = doubtful.into_iter().filter(|doubt| hits.iter().all(|hit| hit.number != doubt.number));
        found.doubtful.extend(doubtful);
        found.hits.extend(hits);
        found.tens.extend(tens);
        found.look_alikes += look_alikes;
    }
}

/// No header has a colon in its name.
fn memory_name(name: &str) -> String {
    format!("log:{name}")
}

/// The numbers in an id that neither letters nor digits nor what ids are made of touch.
fn standing_alone(id: &[u8]) -> Vec<Candidate> {
    let is_of_id = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || b"-_.+/".contains(byte));
    let is_alone = |candidate: &Candidate| {
        let before = candidate.range.start.checked_sub(1).and_then(|at| id.get(at));
        !candidate.needs_name && !is_of_id(before) && !is_of_id(id.get(candidate.range.end))
    };
    candidates(id).into_iter().filter(is_alone).collect()
}

/// The key that stands before the place `at`.
fn key_before(text: &[u8], at: usize) -> Option<String> {
    let before = text.get(..at)?;
    let is_between = |byte: &u8| matches!(byte, b' ' | b'\t' | b'"' | b'\'' | b'[' | b'\\' | b'=' | b':');
    let between = before.iter().rev().take_while(|byte| is_between(byte)).count();
    let (rest, sign) = before.split_at_checked(before.len() - between)?;
    if between > MAX_BETWEEN || !sign.iter().any(|byte| matches!(byte, b'=' | b':')) {
        return None;
    }
    let is_of_key = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | 0x80..);
    let length = rest.iter().rev().take_while(|byte| is_of_key(byte)).count();
    let key = rest.get(rest.len() - length..).filter(|key| key.len() <= MAX_KEY)?;
    let digits = key.iter().filter(|byte| byte.is_ascii_digit()).count();
    let key = std::str::from_utf8(key).ok()?.trim_matches(['-', '.']);
    (digits <= MAX_KEY_DIGITS && key.chars().any(char::is_alphabetic)).then(|| key.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    use jiff::Timestamp;
    use model::{Body, Headers, Host, RequestRecord, Rule, Sighting, Target};

    use crate::{Inspector, Setup};

    /// What is told of a line that asked for `url`, with `headers`, in a log of `own.test` with these fields.
    fn told(url: &str, headers: &[(&str, &str)], fields: &[(&str, &str, bool)]) -> Vec<Sighting> {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec()));
        let request = RequestRecord {
            method: "GET".to_owned(),
            target: Target::parse(url).unwrap(),
            version: String::new(),
            headers: Headers(headers.collect()),
            body: Body::default(),
        };
        let field = |(name, text, is_id): &(&str, &str, bool)| LoggedField {
            name: (*name).to_owned(),
            text: text.as_bytes().to_vec(),
            is_id: *is_id,
        };
        let holder = Host::parse("own.test").unwrap();
        let logged = Logged { holder: holder.clone(), fields: fields.iter().map(field).collect() };
        let exchange = Exchange { logged: Some(logged), ..Exchange::begun(1, Timestamp::UNIX_EPOCH, request) };
        let parties = Parties::first_party(vec![holder.site()]);
        let setup = Setup { test_persons: vec![], key: [7; 32], today: jiff::civil::date(2060, 1, 1), parties };
        Inspector::new(setup).inspect("a.log", &exchange, None).sightings
    }

    #[track_caller]
    fn case(sightings: &[Sighting], expected: &[(Rule, &str, &str)]) {
        let told = sightings.iter().map(|told| (told.rule, told.recipient.as_str(), told.trail.to_string()));
        let told: Vec<_> = told.collect();
        let told: Vec<_> = told.iter().map(|(rule, to, trail)| (*rule, *to, trail.as_str())).collect();
        assert_eq!(told, expected);
    }

    #[test]
    fn what_the_log_holds_is_its_holders_wherever_the_request_went() {
        let user = [("user", "0101455001", false)];
        for url in ["https://own.test/a", "http://own.test/a", "https://maaling.test/c"] {
            case(&told(url, &[], &user), &[(Rule::CprInLog, "own.test", "log[user]")]);
        }
        let sighting = told("https://maaling.test/c", &[], &user).remove(0);
        assert_eq!((sighting.standing, sighting.page, sighting.context.cleartext), (Standing::Own, None, false));
        assert_eq!(sighting.context.request.as_str(), "a.log");
    }

    #[test]
    fn a_header_that_the_system_should_get_should_stand_in_no_log() {
        let header = [("X-Cpr", "0101455001")];
        case(&told("https://own.test/", &header, &[]), &[(Rule::CprInLog, "own.test", "header[x-cpr]")]);
        let third = told("https://maaling.test/", &header, &[]);
        case(&third, &[(Rule::CprInThirdPartyRequest, "maaling.test", "header[x-cpr]")]);
    }

    #[test]
    fn an_address_is_told_as_such_alone() {
        case(&told("https://own.test/?cpr=0101455001", &[], &[]), &[(Rule::CprInUrl, "own.test", "query[cpr]")]);
    }

    #[test]
    fn encodings_are_undone_in_fields_and_not_in_ids() {
        let encoded = "eyJjcHIiOiIwMTAxNDU1MDAxIn0=";
        let field = told("https://own.test/", &[], &[("note", encoded, false)]);
        case(&field, &[(Rule::CprInLog, "own.test", "log[note] > base64 > json > json[cpr]")]);
        case(&told("https://own.test/", &[], &[("trace", encoded, true)]), &[]);
        case(
            &told("https://own.test/", &[], &[("trace", "Self=010145-5001", true)]),
            &[(Rule::CprInLog, "own.test", "log[trace]")],
        );
    }

    #[test]
    fn a_key_in_a_line_of_text_names_and_counts_as_a_name_does() {
        let line = |text| {
            let sightings = told("https://own.test/", &[], &[("", text, false)]);
            let told = sightings.iter().map(|told| (told.trail.to_string(), told.evidence.to_string()));
            told.collect::<Vec<_>>()
        };
        let expected = |trail: &str, evidence: &str| vec![(trail.to_owned(), evidence.to_owned())];
        assert_eq!(line("12:00 svar {\"ssn\": \"0101455001\"} ok"), expected("log[ssn]", "E3"));
        assert_eq!(line("12:00 cpr=0101455001 x=0101455001"), expected("log[cpr]", "E3"));
        assert_eq!(line("12:00 borger 010145-5001 kan ikke"), expected("log", "E3"));
        assert_eq!(line("12:00 sum: 1.234"), vec![]);
    }

    #[track_caller]
    fn key(text: &str, expected: Option<&str>) {
        let at = candidates(text.as_bytes()).first().unwrap().range.start;
        assert_eq!(key_before(text.as_bytes(), at).as_deref(), expected, "{text}");
    }

    #[test]
    fn the_key_before_a_number_names_it() {
        key("2026-11-22 INFO cpr=0101455001 ok", Some("cpr"));
        key(r#"x {"ssn": "010145-5001"}"#, Some("ssn"));
        key(r#"x {\"ssn\":\"010145-5001\"}"#, Some("ssn"));
        key("bruger.personNr: 0101455001", Some("bruger.personNr"));
        key("f\u{f8}dselsnr=[0101455001]", Some("f\u{f8}dselsnr"));
        key("WARN borger 0101455001 kan ikke", None);
        key("sag48213: 0101455001", None);
        key("12:00:01: 0101455001", None);
        key("0101455001", None);
    }

    #[test]
    fn in_an_id_counts_what_stands_there_as_a_number() {
        for id in ["0101455001", "Root=0101455001", "1-5759e988;Self=010145-5001", "[0101455001]"] {
            assert!(id_holds_number(id.as_bytes()), "{id}");
        }
        for id in [
            "Root=1-58337281-1d84f3d73c47ec4e58577259",
            "c0101455001a",
            "01014550-5001-4aaa-8aaa-010145500123",
            "x_0101455001==",
            "1012345678.123",
            "MDEwMTQ1NTAwMQ==",
        ] {
            assert!(!id_holds_number(id.as_bytes()), "{id}");
        }
    }
}
