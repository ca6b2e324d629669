//! Lines of JSON with compressed or other binary bytes behind them, as session replays send them: a recording's head is
//! text, the recording is not.

use model::Place;

use super::{Decoded, Decoder, Piece, RawStep, is_compressed};
use crate::glance::{CONTROL, Glance, HIGH, NUL, OPENING};
use crate::opaque::is_opaque;

/// Lines and blobs of one envelope; the most seen is six.
const MAX_ITEMS: usize = 1_000;

/// The member of a blob's head that says how long it is.
const LENGTH: &[u8] = b"\"length\":";

pub(crate) struct Envelope;

impl Decoder for Envelope {
    fn id(&self) -> &'static str {
        "envelope"
    }

    fn decode(&self, view: &Glance<'_>) -> Option<Decoded> {
        if !view.has(HIGH | CONTROL | NUL) || !view.has(OPENING) || !matches!(view.bytes.first(), Some(b'{' | b'[')) {
            return None;
        }
        if !view.has(CONTROL | NUL) && view.text().is_some() {
            return None;
        }
        let mut items: Vec<&[u8]> = Vec::new();
        let mut has_blob = false;
        let mut rest = view.bytes;
        while let Some(item) = next(rest, items.last().copied()) {
            if items.len() >= MAX_ITEMS {
                let problem = Some(format!("an envelope of more than {MAX_ITEMS} items"));
                return has_blob.then(|| Decoded { pieces: pieces(&items), is_all: false, problem });
            }
            has_blob |= !is_line(item.bytes);
            items.push(item.bytes);
            rest = item.rest;
        }
        // Text behind the lines is another decoder's, and so are lines alone.
        (has_blob && rest.is_empty()).then(|| Decoded::parts(pieces(&items)))
    }
}

struct Item<'a> {
    bytes: &'a [u8],
    rest: &'a [u8],
}

/// The line or blob that `rest` begins with; `None` if it is neither or nothing. A blob as long as `head` says may be
/// followed by more.
fn next<'a>(rest: &'a [u8], head: Option<&[u8]>) -> Option<Item<'a>> {
    let rest = rest.strip_prefix(b"\n").unwrap_or(rest);
    let mut lines = rest.splitn(2, |byte| *byte == b'\n');
    let (line, behind) = (lines.next()?, lines.next().unwrap_or_default());
    if line.is_empty() {
        return None;
    }
    if is_line(line) {
        return Some(Item { bytes: line, rest: behind });
    }
    // Even the first item has a line before it.
    let head = head?;
    let (bytes, rest) = length(head)
        .and_then(|length| rest.split_at_checked(length))
        .filter(|(_, behind)| behind.is_empty() || behind.starts_with(b"\n"))
        .unwrap_or((rest, &[]));
    let is_blob = is_compressed(bytes) || is_opaque(bytes) || std::str::from_utf8(bytes).is_err();
    is_blob.then_some(Item { bytes, rest })
}

/// Whether `line` is a document in itself: text between brackets.
fn is_line(line: &[u8]) -> bool {
    matches!(line.trim_ascii(), [b'{', .., b'}'] | [b'[', .., b']']) && !is_opaque(line)
}

fn length(head: &[u8]) -> Option<usize> {
    let at = head.windows(LENGTH.len()).rposition(|window| window == LENGTH)?;
    let behind = head.get(at + LENGTH.len()..)?.trim_ascii_start();
    let digits = behind.iter().take_while(|byte| byte.is_ascii_digit()).count();
    std::str::from_utf8(behind.get(..digits)?).ok()?.parse().ok()
}

fn pieces(items: &[&[u8]]) -> Vec<Piece> {
    let step = |at: usize| vec![RawStep::Into(Place::Line, (at + 1).to_string())];
    items.iter().enumerate().map(|(at, bytes)| Piece::new(step(at), bytes.to_vec())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLOB: &[u8] = b"\x78\x9c\xcbH\xcd\xc9\n\xc9W(\xcf/\xcaI\x01\x00\x1a\x0b\x04\x5d";

    fn items(bytes: &[u8]) -> Option<Vec<(Vec<RawStep>, Vec<u8>)>> {
        let decoded = Envelope.decode(&Glance::new(bytes))?;
        assert!(decoded.is_all);
        Some(decoded.pieces.into_iter().map(|piece| (piece.steps, piece.bytes)).collect())
    }

    fn line(number: &str, bytes: &[u8]) -> (Vec<RawStep>, Vec<u8>) {
        (vec![RawStep::Into(Place::Line, number.to_owned())], bytes.to_vec())
    }

    #[test]
    fn lines_and_the_blob_behind_them_are_items() {
        let text = [b"{\"cpr\":\"0101901234\"}\n{\"b\":2}\n", BLOB].concat();
        let expected = [line("1", b"{\"cpr\":\"0101901234\"}"), line("2", b"{\"b\":2}"), line("3", BLOB)];
        assert_eq!(items(&text).unwrap(), expected);
    }

    #[test]
    fn more_may_follow_a_blob_of_known_length() {
        let head = format!("{{\"type\":\"x\",\"length\":{}}}", BLOB.len());
        let text = [head.as_bytes(), b"\n", BLOB, b"\n{\"cpr\":\"0101901234\"}\n"].concat();
        let expected = [line("1", head.as_bytes()), line("2", BLOB), line("3", b"{\"cpr\":\"0101901234\"}")];
        assert_eq!(items(&text).unwrap(), expected);
    }

    #[test]
    fn text_is_no_envelope() {
        for text in ["{\"a\":1}\n{\"b\":\"på\"}\n", "{\"a\":1}\nsmørrebrød 0101901234", "{\"a\":\n\"ø\"}"] {
            assert!(items(text.as_bytes()).is_none(), "{text}");
        }
        assert!(items(BLOB).is_none());
        assert!(items(&[b"{\n", BLOB].concat()).is_none());
    }

    #[test]
    fn items_without_end_are_a_problem() {
        let text = ["{\"length\":1}\n\u{1}\n".repeat(MAX_ITEMS)].concat();
        let decoded = Envelope.decode(&Glance::new(text.as_bytes())).unwrap();
        assert!(decoded.problem.is_some() && !decoded.is_all);
    }
}
