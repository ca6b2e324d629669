//! JSON with something before it that keeps it from being JSON: a call, a guard against being run as a script, a number of
//! a socket's message, the `data:` of server-sent events.
//!
//! Only takes that away; what is inside is for the JSON decoder.

use super::{Decoded, Decoder, Piece, RawStep, SHORTEST_NUMBER, without_mark};
use crate::glance::{Glance, OPENING, OTHER};

/// What sites put before JSON so that no other site can run it as a script.
const GUARDS: [&[u8]; 7] = [b")]}',", b")]}'", b"while(1);", b"for(;;);", b"for (;;);", b"{}&&", b"throw 1;"];

/// A comment that some put before the call.
const COMMENT: &[u8] = b"/**/";

/// Longest name of a called function; jQuery's have 40 characters.
const LONGEST_NAME: usize = 128;

/// Longest number before a socket's message: packet type, attachments and acknowledgement.
const LONGEST_PACKET: usize = 8;

/// Fields of server-sent events (WHATWG HTML §9.2.6).
const FIELDS: [&[u8]; 4] = [b"data", b"event", b"id", b"retry"];

/// Events of one stream looked at one by one; the rest is searched as it is.
const MAX_EVENTS: usize = 10_000;

pub(crate) struct Jsonp;

impl Decoder for Jsonp {
    fn id(&self) -> &'static str {
        "jsonp"
    }

    fn decode(&self, view: &Glance<'_>) -> Option<Decoded> {
        if !view.has(OPENING) || !view.has(OTHER) {
            return None;
        }
        let text = without_mark(view.bytes).trim_ascii();
        if let Some((name, inside)) = guarded(text).or_else(|| called(text)).or_else(|| packet(text)) {
            let name = (name.len() >= SHORTEST_NUMBER).then(|| piece(name.to_vec()));
            return Some(Decoded::parts(name.into_iter().chain([piece(inside.to_vec())]).collect()));
        }
        events(text)
    }
}

fn piece(bytes: Vec<u8>) -> Piece {
    Piece::new(vec![RawStep::Undo(Jsonp.id())], bytes)
}

/// JSON behind a guard, which has no name.
fn guarded(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let behind = GUARDS.iter().find_map(|guard| text.strip_prefix(*guard))?.trim_ascii();
    is_json(behind).then_some((&[], behind))
}

/// Name and argument of `name({..});`.
fn called(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let text = text.strip_prefix(COMMENT).unwrap_or(text).trim_ascii_start();
    let is_of_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'.' | b'[' | b']');
    let length = text.iter().take(LONGEST_NAME + 1).take_while(|byte| is_of_name(byte)).count();
    let (name, behind) = text.split_at_checked(length).filter(|_| (1..=LONGEST_NAME).contains(&length))?;
    let behind = behind.trim_ascii_end();
    let inside = behind.strip_suffix(b";").unwrap_or(behind).trim_ascii_end();
    let inside = inside.strip_prefix(b"(")?.strip_suffix(b")")?.trim_ascii();
    is_json(inside).then_some((name, inside))
}

/// What stands behind the number of a message as Engine.IO and Socket.IO send it, `42["event",{..}]`, or behind the letter
/// of `SockJS`.
fn packet(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let digits =
        text.iter().take(LONGEST_PACKET + 1).take_while(|byte| byte.is_ascii_digit() || **byte == b'-').count();
    let letter = usize::from(digits == 0 && text.starts_with(b"a["));
    let length = digits.max(letter);
    let (packet, inside) = text.split_at_checked(length).filter(|_| (1..=LONGEST_PACKET).contains(&length))?;
    is_json(inside).then_some((packet, inside))
}

/// The data of each event, and what else the stream says.
fn events(text: &[u8]) -> Option<Decoded> {
    let lines = || text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    if !field(lines().next()?)?.0 && !lines().any(|line| field(line).is_some_and(|(is_data, _)| is_data)) {
        return None;
    }
    let mut pieces = Vec::new();
    // Data of one event may be cut into lines.
    let mut data: Vec<&[u8]> = Vec::new();
    let mut is_all = true;
    for line in lines().chain([&b""[..]]) {
        if pieces.len() >= MAX_EVENTS {
            let problem = Some(format!("a stream of more than {MAX_EVENTS} events"));
            return Some(Decoded { pieces, is_all: false, problem });
        }
        match field(line) {
            Some((true, value)) => data.push(value),
            Some((false, value)) => pieces.extend((value.len() >= SHORTEST_NUMBER).then(|| piece(value.to_vec()))),
            None if line.is_empty() => {
                pieces.extend((!data.is_empty()).then(|| piece(data.join(&b'\n'))));
                data.clear();
            }
            None => is_all = false,
        }
    }
    pieces.iter().any(|piece| is_json(&piece.bytes)).then_some(Decoded { pieces, is_all, problem: None })
}

/// The value of a line of an event, and whether it is data.
fn field(line: &[u8]) -> Option<(bool, &[u8])> {
    let (name, value) = line.split_at_checked(line.iter().position(|byte| *byte == b':')?)?;
    FIELDS.contains(&name).then(|| (name == b"data", value.get(1..).unwrap_or_default().trim_ascii()))
}

fn is_json(bytes: &[u8]) -> bool {
    matches!(bytes, [b'{', .., b'}'] | [b'[', .., b']'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(text: &str) -> Option<Vec<String>> {
        let decoded = Jsonp.decode(&Glance::new(text.as_bytes()))?;
        assert!(decoded.is_all, "{text}");
        Some(decoded.pieces.into_iter().map(|piece| String::from_utf8(piece.bytes).unwrap()).collect())
    }

    #[test]
    fn what_stands_before_json_is_taken_away() {
        for text in [
            "callback({\"cpr\":\"0101901234\"});",
            "/**/ a.b[0]({\"cpr\":\"0101901234\"})\n",
            ")]}',\n{\"cpr\":\"0101901234\"}",
            "while(1);{\"cpr\":\"0101901234\"}",
            "for(;;);{\"cpr\":\"0101901234\"}",
            "42{\"cpr\":\"0101901234\"}",
            "data: {\"cpr\":\"0101901234\"}\n\n",
            "id: 7\r\nevent: x\r\ndata:{\"cpr\":\r\ndata: \"0101901234\"}",
        ] {
            let found: String = pieces(text).unwrap().concat().split_whitespace().collect();
            assert_eq!(found, "{\"cpr\":\"0101901234\"}", "{text}");
        }
    }

    #[test]
    fn a_long_name_is_looked_into() {
        assert_eq!(pieces("jQuery0101901234([1])").unwrap(), ["jQuery0101901234", "[1]"]);
    }

    #[test]
    fn text_and_code_are_left_alone() {
        for text in [
            "f(x)",
            "(function(){return 1})()",
            "see callback({..}) for more",
            "data: yes",
            "event: {\"a\":1}",
            "20260101 {\"a\":1}",
            "{\"a\":1}",
            "0101901234{}",
        ] {
            assert_eq!(pieces(text), None, "{text}");
        }
    }

    #[test]
    fn events_without_end_are_cut_apart_up_to_the_bound() {
        let decoded = Jsonp.decode(&Glance::new("data: {}\n\n".repeat(MAX_EVENTS + 1).as_bytes())).unwrap();
        assert!(decoded.problem.is_some() && !decoded.is_all);
    }
}
