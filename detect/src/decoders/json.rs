//! JSON, one document or many: every string, number and key, each with its path. Keys that come twice are both seen.
//!
//! Read as telemetry writes it: cut off, one document behind the other, numbers with leading zeros, halves of characters.
//! How a value is spelt is for [`super::json_value`].

use model::Place;

use super::json_value::{is_literal, is_number, string};
use super::{Decoded, Decoder, Piece, RawStep, SHORTEST_NUMBER, is_worth, without_mark};
use crate::glance::{CONTROL, Glance, NUL, OPENING, QUOTE};

/// Leaves taken from one view; a page's telemetry holds some thousands.
const MAX_LEAVES: usize = 100_000;

/// Values within values. A page's elements, nested one in the other in a session replay, come to some hundred.
const MAX_NESTING: usize = 1_000;

/// Paths are cut here: deep documents would make them quadratic.
const MAX_PATH: usize = 512;

pub(crate) struct Json;

/// What stands around a value.
enum Around {
    Object,
    Array { index: usize },
}

/// Why reading ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// All is read.
    Whole,
    /// This is no JSON, or no more of it.
    Broken,
    TooDeep,
}

/// Reads documents and collects their leaves.
struct Reader<'a> {
    rest: &'a [u8],
    path: String,
    /// The values that are open, each with the length of its path.
    open: Vec<(Around, usize)>,
    pieces: Vec<Piece>,
    left_out: usize,
}

impl Decoder for Json {
    fn id(&self) -> &'static str {
        "json"
    }

    fn decode(&self, view: &Glance<'_>) -> Option<Decoded> {
        if !view.has(OPENING | QUOTE) {
            return None;
        }
        let rest = without_mark(view.bytes);
        let mut reader = Reader { rest, path: String::new(), open: Vec::new(), pieces: Vec::new(), left_out: 0 };
        let end = reader.documents()?;
        let Reader { pieces, left_out, .. } = reader;
        let problem = match end {
            End::TooDeep => Some(format!("JSON nested deeper than {MAX_NESTING}")),
            // Broken or followed by more: what came before the break is taken, and the raw text is searched too.
            End::Broken if pieces.is_empty() => return None,
            End::Whole | End::Broken if left_out > 0 => {
                Some(format!("JSON with {left_out} values more than {MAX_LEAVES}"))
            }
            End::Whole | End::Broken => None,
        };
        // Compressed bytes may begin and end with a quote.
        let is_chance = view.has(NUL | CONTROL) && without_mark(view.bytes).trim_ascii_start().starts_with(b"\"");
        Some(Decoded { pieces, is_all: problem.is_none() && end == End::Whole && !is_chance, problem })
    }
}

impl Reader<'_> {
    /// One document, or one behind the other, as telemetry sends batches. `None` if there is not even the beginning of one.
    fn documents(&mut self) -> Option<End> {
        self.skip_blanks();
        matches!(self.rest.first(), Some(b'{' | b'[' | b'"')).then_some(())?;
        let is_string = self.rest.starts_with(b"\"");
        loop {
            let end = self.document();
            if end != End::Whole {
                return Some(end);
            }
            self.skip_blanks();
            // A quoted word that a text begins with.
            (!is_string || self.rest.is_empty()).then_some(())?;
            if self.take(b',') {
                self.skip_blanks();
            }
            match self.rest.first() {
                None => return Some(End::Whole),
                Some(b'{' | b'[') => {}
                Some(_) => return Some(End::Broken),
            }
        }
    }

    /// From one value to the end of the outermost.
    fn document(&mut self) -> End {
        self.path.clear();
        self.open.clear();
        loop {
            let end = self.value();
            if end != End::Whole {
                return end;
            }
            // Behind a value: on to the next, closing what ends here.
            loop {
                self.skip_blanks();
                let Some((around, length)) = self.open.last_mut() else { return End::Whole };
                self.path.truncate(*length);
                let (closing, is_object) = match around {
                    Around::Object => (b'}', true),
                    Around::Array { index } => {
                        *index += 1;
                        (b']', false)
                    }
                };
                if self.take(b',') {
                    self.skip_blanks();
                } else if self.rest.first() != Some(&closing) {
                    return End::Broken;
                }
                if self.take(closing) {
                    self.open.pop();
                    continue;
                }
                if !self.step_into(is_object) {
                    return End::Broken;
                }
                break;
            }
        }
    }

    /// One value, or the way down to the first one in it.
    fn value(&mut self) -> End {
        loop {
            self.skip_blanks();
            let (around, closing) = match self.rest.first() {
                Some(b'{') => (Around::Object, b'}'),
                Some(b'[') => (Around::Array { index: 0 }, b']'),
                Some(b'"') => return self.string_value(),
                _ => return self.word(),
            };
            if self.open.len() >= MAX_NESTING {
                return End::TooDeep;
            }
            let is_object = matches!(around, Around::Object);
            self.skip(1);
            self.skip_blanks();
            if self.take(closing) {
                return End::Whole;
            }
            self.open.push((around, self.path.len()));
            if !self.step_into(is_object) {
                return End::Broken;
            }
        }
    }

    fn string_value(&mut self) -> End {
        let (text, rest) = string(self.rest);
        let Some(rest) = rest else {
            // Cut off. A quote that stands alone is no document.
            if !self.open.is_empty() {
                self.leaf(&text);
            }
            return End::Broken;
        };
        self.rest = rest;
        self.leaf(&text);
        End::Whole
    }

    /// A number as it is written, or a literal.
    fn word(&mut self) -> End {
        let is_of_word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.');
        let length = self.rest.iter().position(|byte| !is_of_word(byte)).unwrap_or(self.rest.len());
        let Some((word, rest)) = self.rest.split_at_checked(length) else { return End::Broken };
        if is_number(word) {
            self.leaf(word);
        } else if !is_literal(word) {
            return End::Broken;
        }
        self.rest = rest;
        End::Whole
    }

    /// The way to the next value of what is open: its key or its index.
    fn step_into(&mut self, is_object: bool) -> bool {
        if !is_object {
            if let Some((Around::Array { index }, _)) = self.open.last() {
                let step = format!("[{index}]");
                self.lengthen(&step);
            }
            return true;
        }
        if self.rest.first() != Some(&b'"') {
            return false;
        }
        let (key, Some(rest)) = string(self.rest) else { return false };
        self.rest = rest;
        let name = String::from_utf8_lossy(&key);
        self.lengthen(&if self.path.is_empty() { name.into_owned() } else { format!(".{name}") });
        if key.len() >= SHORTEST_NUMBER {
            self.leaf(&key);
        }
        self.skip_blanks();
        self.take(b':')
    }

    fn lengthen(&mut self, step: &str) {
        if self.path.len() + step.len() <= MAX_PATH {
            self.path.push_str(step);
        }
    }

    fn leaf(&mut self, bytes: &[u8]) {
        if !is_worth(bytes) {
            return;
        }
        if self.pieces.len() >= MAX_LEAVES {
            self.left_out += 1;
            return;
        }
        let steps = vec![RawStep::Undo(Json.id()), RawStep::Into(Place::Json, self.path.clone())];
        self.pieces.push(Piece::new(steps, bytes.to_vec()));
    }

    /// Blanks, and the sign that some put between documents (RFC 7464 §2).
    fn skip_blanks(&mut self) {
        let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x1e);
        let length = self.rest.iter().take_while(|byte| is_blank(byte)).count();
        self.skip(length);
    }

    fn take(&mut self, byte: u8) -> bool {
        let is_there = self.rest.first() == Some(&byte);
        if is_there {
            self.skip(1);
        }
        is_there
    }

    fn skip(&mut self, length: usize) {
        self.rest = self.rest.get(length..).unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaves(text: &str) -> Vec<(String, String)> {
        let decoded = Json.decode(&Glance::new(text.as_bytes())).unwrap();
        let path = |piece: &Piece| match &piece.steps[..] {
            [RawStep::Undo("json"), RawStep::Into(Place::Json, path)] => path.clone(),
            other => panic!("{other:?}"),
        };
        decoded.pieces.iter().map(|piece| (path(piece), String::from_utf8(piece.bytes.clone()).unwrap())).collect()
    }

    fn leaf(path: &str, value: &str) -> (String, String) {
        (path.to_owned(), value.to_owned())
    }

    fn is_all(text: &[u8]) -> bool {
        Json.decode(&Glance::new(text)).unwrap().is_all
    }

    #[test]
    fn strings_numbers_and_keys_have_their_path() {
        let text = r#" {"a":[{"url":"0101901234"},2512489996],"0101901234":null,"short":"1"}"#;
        assert_eq!(
            leaves(text),
            [leaf("a[0].url", "0101901234"), leaf("a[1]", "2512489996"), leaf("0101901234", "0101901234")]
        );
        assert_eq!(leaves("\"010190\\u002d1234\""), [leaf("", "010190-1234")]);
        assert_eq!(leaves(r#"[[],{},[{"b":{"c":[true,"0101901234"]}}]]"#), [leaf("[2][0].b.c[1]", "0101901234")]);
    }

    #[test]
    fn numbers_stay_as_they_are_written() {
        let text = r#"{"a":0101901234,"b":1.01901234e8,"c":-101901234.0}"#;
        assert_eq!(leaves(text), [leaf("a", "0101901234"), leaf("b", "1.01901234e8"), leaf("c", "-101901234.0")]);
    }

    #[test]
    fn dates_and_serials_are_kept_though_short() {
        let text = r#"{"d":"010190","e":"01/01/90","n":1234,"x":"abcdef","y":"123","z":true}"#;
        assert_eq!(leaves(text), [leaf("d", "010190"), leaf("e", "01/01/90"), leaf("n", "1234")]);
    }

    #[test]
    fn a_key_that_comes_twice_is_seen_twice() {
        assert_eq!(leaves(r#"{"x":"first value","x":"other value"}"#).len(), 2);
    }

    #[test]
    fn documents_follow_each_other() {
        for between in ["\n", "\r\n", "", ",\n", "\u{1e}"] {
            let text = format!("{{\"a\":\"first value\"}}{between}{{\"b\":\"010190\\u002d1234\"}}{between}");
            assert_eq!(leaves(&text), [leaf("a", "first value"), leaf("b", "010190-1234")]);
            assert!(is_all(text.as_bytes()));
        }
        assert!(!is_all(b"{\"a\":\"first value\"}\nx\x9c"));
        assert!(!is_all(b"\"\x0b\0\x80 and noise\""));
        assert!(is_all(b"\xef\xbb\xbf{\"a\":\"first value\"}"));
    }

    #[test]
    fn a_broken_document_gives_what_came_before() {
        for text in
            [r#"{"a":"0101901234","b":"#, r#"{"a":"0101901234"} and more"#, r#"["0101901234"#, r#"["0101901234""#]
        {
            let decoded = Json.decode(&Glance::new(text.as_bytes())).unwrap();
            assert_eq!(decoded.pieces.len(), 1);
            assert!(!decoded.is_all);
        }
    }

    #[test]
    fn text_is_no_json() {
        for text in [
            "[not json]",
            "{",
            "[2026-11-22 04:00:00] started",
            "\"quoted words\" in 0101901234",
            "\"quoted words\";\"0101901234\"",
            "{cpr}",
        ] {
            assert!(Json.decode(&Glance::new(text.as_bytes())).is_none(), "{text}");
        }
    }

    #[test]
    fn ten_thousand_brackets_are_a_problem_and_no_crash() {
        let decoded = Json.decode(&Glance::new("[".repeat(10_000).as_bytes())).unwrap();
        assert!(decoded.problem.is_some());
        assert!(!decoded.is_all);
    }

    #[test]
    fn values_beyond_the_bound_are_a_problem() {
        let text = format!("[{}\"0101901234\"]", "\"some value\",".repeat(MAX_LEAVES));
        let decoded = Json.decode(&Glance::new(text.as_bytes())).unwrap();
        assert_eq!(decoded.pieces.len(), MAX_LEAVES);
        assert!(decoded.problem.is_some() && !decoded.is_all);
    }
}
