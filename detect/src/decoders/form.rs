//! `a=b&c=d`: queries and form bodies, also where lines stand for ampersands (as in analytics batches).
//!
//! Values are cut apart, not decoded: percent is a decoder of its own.

use model::Place;

use super::{Decoded, Decoder, Piece, RawStep};

/// Longer names are text that happens to hold an equals sign.
const MAX_NAME: usize = 256;

/// Names at least this long can hold a number themselves.
const SHORTEST_NUMBER: usize = 10;

pub(crate) struct Form;

impl Decoder for Form {
    fn id(&self) -> &'static str {
        "form"
    }

    fn decode(&self, bytes: &[u8]) -> Option<Decoded> {
        let first = bytes.split(|byte| *byte == b'=').next()?;
        // Equals signs at the very end are base64's padding; what holds no other is no form.
        let unpadded = bytes.iter().rposition(|byte| *byte != b'=').map_or(0, |last| last + 1);
        let is_form = first.len() < unpadded
            && !first.is_empty()
            && first.len() <= MAX_NAME
            && first.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_-.[]$%:~&".contains(byte));
        is_form.then(|| Decoded::parts(split(bytes, Place::Form)))
    }
}

/// The parameters of a query or form body. A name that may hold a number is a piece too.
pub(crate) fn split(bytes: &[u8], place: Place) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for pair in bytes.split(|byte| matches!(byte, b'&' | b'\n' | b'\r')).filter(|pair| !pair.is_empty()) {
        let (name, value) = match pair.iter().position(|byte| *byte == b'=') {
            Some(at) => (pair.get(..at).unwrap_or_default(), pair.get(at + 1..).unwrap_or_default()),
            None => (pair, &[][..]),
        };
        let step = RawStep::Into(place, String::from_utf8_lossy(name).into_owned());
        if name.len() >= SHORTEST_NUMBER {
            pieces.push(Piece::new(vec![step.clone()], name.to_vec()));
        }
        pieces.push(Piece::new(vec![step], value.to_vec()));
    }
    pieces
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
        Some(Form.decode(text.as_bytes())?.pieces.iter().map(|piece| (name(piece), value(piece))).collect())
    }

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn pairs_are_cut_and_not_decoded() {
        assert_eq!(pairs("a=b%20c&d=&e=f=g"), Some(vec![pair("a", "b%20c"), pair("d", ""), pair("e", "f=g")]));
        assert_eq!(pairs("en=x&ep.y=1\r\nen=z"), Some(vec![pair("en", "x"), pair("ep.y", "1"), pair("en", "z")]));
    }

    #[test]
    fn a_long_name_is_looked_into() {
        assert_eq!(pairs("0101901234=1"), Some(vec![pair("0101901234", "0101901234"), pair("0101901234", "1")]));
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
