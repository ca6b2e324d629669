//! JSON, one document or many: every string, number and key, each with its path. Keys that come twice are both seen.

use std::fmt;

use model::Place;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::{Decoded, Decoder, Piece, RawStep};
use crate::glance::Glance;

/// Leaves taken from one document; a page's telemetry holds some thousands.
const MAX_LEAVES: usize = 100_000;

/// Shorter than this, nothing can hold a number: nine digits, since a JSON number loses a leading zero.
const SHORTEST_NUMBER: usize = 9;

/// Paths are cut here: deep documents would make them quadratic.
const MAX_PATH: usize = 512;

pub(crate) struct Json;

/// Collects the leaves of a document.
struct Leaves {
    pieces: Vec<Piece>,
    left_out: usize,
}

/// The value at a path.
struct At<'a> {
    leaves: &'a mut Leaves,
    path: String,
}

impl Decoder for Json {
    fn id(&self) -> &'static str {
        "json"
    }

    fn decode(&self, view: &Glance<'_>) -> Option<Decoded> {
        let bytes = view.bytes;
        let start = bytes.iter().position(|byte| !byte.is_ascii_whitespace())?;
        if !matches!(bytes.get(start), Some(b'{' | b'[' | b'"')) {
            return None;
        }
        let mut leaves = Leaves { pieces: Vec::new(), left_out: 0 };
        let mut reader = serde_json::Deserializer::from_slice(bytes);
        // One document, or one a line, as telemetry sends batches.
        let outcome = loop {
            let read = At { leaves: &mut leaves, path: String::new() }.deserialize(&mut reader);
            if read.is_err() || reader.end().is_ok() {
                break read;
            }
        };
        let problem = match outcome {
            Ok(()) if leaves.left_out == 0 => None,
            Ok(()) => Some(format!("JSON with {} values more than {MAX_LEAVES}", leaves.left_out)),
            Err(error) if error.to_string().contains("recursion limit") => Some("JSON nested too deep".to_owned()),
            Err(_) if leaves.pieces.is_empty() => return None,
            // Broken or followed by more: what came before the break is taken, and the raw text is searched too.
            Err(_) => return Some(Decoded { pieces: leaves.pieces, is_all: false, problem: None }),
        };
        Some(Decoded { pieces: leaves.pieces, is_all: problem.is_none(), problem })
    }
}

impl Leaves {
    fn take(&mut self, path: &str, bytes: &[u8]) {
        if bytes.len() < SHORTEST_NUMBER {
            return;
        }
        if self.pieces.len() >= MAX_LEAVES {
            self.left_out += 1;
            return;
        }
        let steps = vec![RawStep::Undo(Json.id()), RawStep::Into(Place::Json, path.to_owned())];
        self.pieces.push(Piece::new(steps, bytes.to_vec()));
    }
}

impl At<'_> {
    fn below(&mut self, step: &str) -> At<'_> {
        let mut path = self.path.clone();
        if path.len() + step.len() <= MAX_PATH {
            path.push_str(step);
        }
        At { leaves: self.leaves, path }
    }
}

impl<'de> DeserializeSeed<'de> for At<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for At<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            let step = if self.path.is_empty() { key.clone() } else { format!(".{key}") };
            let below = self.below(&step);
            below.leaves.take(&below.path, key.as_bytes());
            map.next_value_seed(below)?;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut values: A) -> Result<(), A::Error> {
        let mut index = 0_usize;
        while values.next_element_seed(self.below(&format!("[{index}]")))?.is_some() {
            index += 1;
        }
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.leaves.take(&self.path, text.as_bytes());
        Ok(())
    }

    fn visit_u64<E>(self, number: u64) -> Result<(), E> {
        self.leaves.take(&self.path, number.to_string().as_bytes());
        Ok(())
    }

    fn visit_i64<E>(self, number: i64) -> Result<(), E> {
        self.leaves.take(&self.path, number.to_string().as_bytes());
        Ok(())
    }

    fn visit_f64<E>(self, number: f64) -> Result<(), E> {
        self.leaves.take(&self.path, number.to_string().as_bytes());
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
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

    #[test]
    fn strings_numbers_and_keys_have_their_path() {
        let text = r#" {"a":[{"url":"0101901234"},2512489996],"0101901234":null,"short":"1"}"#;
        assert_eq!(
            leaves(text),
            [leaf("a[0].url", "0101901234"), leaf("a[1]", "2512489996"), leaf("0101901234", "0101901234")]
        );
        assert_eq!(leaves("\"010190\\u002d1234\""), [leaf("", "010190-1234")]);
    }

    #[test]
    fn a_key_that_comes_twice_is_seen_twice() {
        assert_eq!(leaves(r#"{"x":"first value","x":"other value"}"#).len(), 2);
    }

    #[test]
    fn documents_follow_each_other_line_by_line() {
        let text = "{\"a\":\"first value\"}\n{\"b\":\"010190\\u002d1234\"}\r\n";
        assert_eq!(leaves(text), [leaf("a", "first value"), leaf("b", "010190-1234")]);
        assert!(!Json.decode(&Glance::new(b"{\"a\":\"first value\"}\nx\x9c")).unwrap().is_all);
    }

    #[test]
    fn a_broken_document_gives_what_came_before() {
        let decoded = Json.decode(&Glance::new(br#"{"a":"0101901234","b":"#)).unwrap();
        assert_eq!(decoded.pieces.len(), 1);
        assert!(!decoded.is_all);
        assert!(Json.decode(&Glance::new(b"[not json]")).is_none());
        assert!(Json.decode(&Glance::new(b"{")).is_none());
    }

    #[test]
    fn ten_thousand_brackets_are_a_problem_and_no_crash() {
        let decoded = Json.decode(&Glance::new("[".repeat(10_000).as_bytes())).unwrap();
        assert!(decoded.problem.is_some());
        assert!(!decoded.is_all);
    }
}
