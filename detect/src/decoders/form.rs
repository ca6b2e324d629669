//! `a=b&c=d`: queries and form bodies, also where lines stand for ampersands (as in analytics batches).
//!
//! Values are cut apart, not decoded: percent is a decoder of its own.

use model::Place;

use super::{Decoded, Decoder, Piece, RawStep, is_for_sure};
use crate::glance::{EQUALS, Glance};

/// Longer names are text that happens to hold an equals sign.
const MAX_NAME: usize = 256;

/// Parameters of one form; the most seen in telemetry are some hundreds.
const MAX_PARAMETERS: usize = 20_000;

/// Names at least this long can hold a number themselves.
const SHORTEST_NUMBER: usize = 10;

pub(crate) struct Form;

impl Decoder for Form {
    fn id(&self) -> &'static str {
        "form"
    }

    fn decode(&self, view: &Glance<'_>) -> Option<Decoded> {
        let bytes = view.bytes;
        // Without one, the first name would be all of it.
        if !view.has(EQUALS) {
            return None;
        }
        let first = bytes.split(|byte| *byte == b'=').next()?;
        // Equals signs at the very end are base64's padding; what holds no other is no form.
        let unpadded = bytes.iter().rposition(|byte| *byte != b'=').map_or(0, |last| last + 1);
        let is_form = first.len() < unpadded
            && !first.is_empty()
            && first.len() <= MAX_NAME
            && first.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_-.[]$%:~&".contains(byte));
        if !is_form {
            return None;
        }
        let mut pieces = Vec::new();
        let rest = cut_apart(bytes, Place::Form, &mut pieces);
        let problem = rest.map(|_| format!("a form of more than {MAX_PARAMETERS} parameters"));
        // Beyond the bound the text is searched as it is. One equals sign is no sure sign in what may be compressed.
        Some(Decoded { pieces, is_all: problem.is_none() && is_for_sure(view), problem })
    }
}

/// Adds the parameters of a query. Those beyond the bound are one piece.
pub(crate) fn split(bytes: &[u8], place: Place, pieces: &mut Vec<Piece>) {
    let rest = cut_apart(bytes, place, pieces);
    pieces.extend(rest.map(|rest| Piece::new(vec![RawStep::Into(place, String::new())], rest.to_vec())));
}

/// Adds the parameters of a query or form body, and returns what is left of it beyond the bound. A name that may hold a
/// number is a piece too.
fn cut_apart<'a>(bytes: &'a [u8], place: Place, pieces: &mut Vec<Piece>) -> Option<&'a [u8]> {
    let mut pairs = bytes.splitn(MAX_PARAMETERS + 1, |byte| matches!(byte, b'&' | b'\n' | b'\r'));
    for pair in pairs.by_ref().take(MAX_PARAMETERS).filter(|pair| !pair.is_empty()) {
        let (name, value) = match pair.iter().position(|byte| *byte == b'=') {
            Some(at) => (pair.get(..at).unwrap_or_default(), pair.get(at + 1..).unwrap_or_default()),
            None => (pair, &[][..]),
        };
        let step = RawStep::Into(place, String::from_utf8_lossy(name).into_owned());
        if name.len() >= SHORTEST_NUMBER {
            pieces.push(Piece::new(vec![step.clone()], name.to_vec()));
        }
        if !value.is_empty() {
            pieces.push(Piece::new(vec![step], value.to_vec()));
        }
    }
    pairs.next()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(text: &str) -> Option<Vec<(String, String)>> {
        let name = |piece: &Piece| match &piece.steps[..] {
            [RawStep::Into(Place::Form, name)] => name.clone(),
            other => panic!("{other:?}"),
        };
        let value = |piece: &Piece| String::from_utf8(piece.bytes.clone()).unwrap();
        Some(
            Form.decode(&Glance::new(text.as_bytes()))?
                .pieces
                .iter()
                .map(|piece| (name(piece), value(piece)))
                .collect(),
        )
    }

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn pairs_are_cut_and_not_decoded() {
        assert_eq!(pairs("a=b%20c&d=&e=f=g"), Some(vec![pair("a", "b%20c"), pair("e", "f=g")]));
        assert_eq!(pairs("en=x&ep.y=1\r\nen=z"), Some(vec![pair("en", "x"), pair("ep.y", "1"), pair("en", "z")]));
    }

    #[test]
    fn a_long_name_is_looked_into() {
        assert_eq!(pairs("0101901234=1"), Some(vec![pair("0101901234", "0101901234"), pair("0101901234", "1")]));
    }

    #[test]
    fn parameters_without_end_are_cut_apart_up_to_the_bound() {
        let text = ["x=1", &"&a=1".repeat(MAX_PARAMETERS), "&cpr=0101901234"].concat();
        let decoded = Form.decode(&Glance::new(text.as_bytes())).unwrap();
        assert_eq!(decoded.pieces.len(), MAX_PARAMETERS);
        assert!(decoded.problem.is_some() && !decoded.is_all);
        let mut query = Vec::new();
        split(text.as_bytes(), Place::Query, &mut query);
        assert_eq!(query.last().unwrap().bytes, b"a=1&cpr=0101901234");
    }

    #[test]
    fn compressed_bytes_that_begin_as_a_form_are_left_to_others() {
        for (bytes, expected) in [
            (&b"a=1&cpr=0101901234"[..], true),
            ("navn=Søren Ærø&cpr=0101901234".as_bytes(), true),
            (b"b=\0\x808\xdb\x8au\x83\r\xfc\xd4-\xde\xab!\xfb\xe6\xac\x0e", false),
            (b"5N=\x0e\x820\x18\xbd\xca\x17\x06'\x04Y\xb5\x96\xd5\x98\xb8", false),
            (b"Q=\x90\xc6\xf2\xd4-\xde\xab!\xfb\xe6\xac\xbd", false),
        ] {
            let decoded = Form.decode(&Glance::new(bytes)).unwrap();
            assert!(!decoded.pieces.is_empty());
            assert_eq!(decoded.is_all, expected, "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn other_text_is_no_form() {
        assert_eq!(pairs("no equals sign"), None);
        assert_eq!(pairs("some words = more words"), None);
        assert_eq!(pairs("=x"), None);
        assert_eq!(pairs("MDEwMTkwMTIzNA=="), None);
        assert_eq!(pairs("<a href=\"x\">"), None);
    }
}
