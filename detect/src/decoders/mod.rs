//! Encodings undone, one file each. Every view is shown to every decoder whose signs it has, and what comes out
//! comes round again.

mod base32;
mod base64;
pub(crate) mod binary;
mod bits;
mod brotli;
mod brotli_start;
mod deflate;
mod digits;
mod entities;
mod envelope;
mod escapes;
mod form;
mod gzip;
mod hex;
mod inflate;
mod json;
mod json_value;
mod jsonp;
mod jwt;
mod latin1;
mod lz_string;
mod multipart;
mod percent;
mod percent_u;
mod quoted_printable;
mod runs;
mod url;
mod utf16;
mod wide;
mod worth;
mod xml;
mod xml_split;
mod xml_tag;
mod zlib;
mod zstd;

use model::Place;

use crate::glance::{
    AMPERSAND, BACKSLASH, CONTROL, DASH, DIGIT, DOT, EQUALS, Glance, HIGH, LESS, LETTER, NUL, OPENING, PERCENT, QUOTE,
    SLASH,
};

#[cfg(test)]
pub(crate) use self::bits::noise;
pub(crate) use self::percent::Percent;
pub(crate) use self::runs::{DIGITS, HEX_DIGITS};
pub(crate) use self::url::split as split_url;

/// Shorter than this, nothing can hold a number: nine digits, since a JSON number loses a leading zero.
const SHORTEST_NUMBER: usize = 9;

/// Shorter leaves are kept when they may be half a number, a date or a serial, that its neighbour makes whole.
const SHORTEST_HALF: usize = 4;

/// Bytes beyond ASCII that text with signs of an encoding in it has at most, in percent. Who escapes spares few of them,
/// and lz-string writes any character of any script, a percent sign with two digits now and then.
const MOST_HIGH: usize = 50;

/// Whether `bytes` may hold a number or one of its halves.
fn is_worth(bytes: &[u8]) -> bool {
    let is_of_date = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'-' | b'/' | b'.');
    bytes.len() >= SHORTEST_NUMBER || (bytes.len() >= SHORTEST_HALF && bytes.iter().all(is_of_date))
}

/// `bytes` without the mark that some text in UTF-8 begins with.
fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

/// Whether two or three characters of ASCII in `view` are a sign of an encoding. In binary, and in text that is nearly all
/// of other scripts, they are there by chance: what reads them must leave the view to others, too.
fn is_for_sure(view: &Glance<'_>) -> bool {
    let high = || view.bytes.iter().filter(|byte| !byte.is_ascii()).count();
    !view.has(NUL | CONTROL) && (!view.has(HIGH) || high() * 100 <= view.bytes.len() * MOST_HIGH)
}

/// Whether `bytes` begin as those of a compressor do.
pub(crate) fn is_compressed(bytes: &[u8]) -> bool {
    bytes.starts_with(&gzip::MAGIC) || bytes.starts_with(&zstd::MAGIC) || zlib::is_zlib(bytes)
}

/// Undoes one encoding.
pub(crate) trait Decoder: Sync {
    /// Stable id: the step's name in trails.
    fn id(&self) -> &'static str;

    /// What the bytes hold under this encoding; `None` if they are not in it. Called for every view with one of the
    /// kinds of bytes in its row: what a glance can tell must be enough to say no to nearly all.
    fn decode(&self, view: &Glance<'_>) -> Option<Decoded>;
}

/// Every decoder, in the order they are tried: the surest sign first, the guess last. One that covers all of a view ends
/// the row; of several that find the same number in one view, the first is told.
///
/// Before each, the kinds of bytes of which its encoding has one at least: without them it need not be asked, and most
/// views are words and numbers. And what it reads: see [`Reads`].
pub(crate) const DECODERS: &[(u32, Reads, &dyn Decoder)] = &[
    (HIGH, Reads::Bytes, &gzip::Gzip),
    (HIGH, Reads::Bytes, &zstd::Zstd),
    (NUL | CONTROL | HIGH, Reads::Bytes, &zlib::Zlib),
    (DASH, Reads::Bytes, &multipart::Multipart),
    (NUL | CONTROL | HIGH, Reads::Bytes, &envelope::Envelope),
    (NUL | HIGH, Reads::Bytes, &utf16::Utf16),
    (CONTROL | HIGH, Reads::Bytes, &latin1::Latin1),
    (OPENING | QUOTE, Reads::Bytes, &json::Json),
    (OPENING, Reads::Bytes, &jsonp::Jsonp),
    (LESS, Reads::Bytes, &xml::Xml),
    // Before what cuts at ampersands: `a=1&amp;b=2` is two parameters, not three.
    (AMPERSAND, Reads::Text, &entities::Entities),
    (EQUALS, Reads::Text, &quoted_printable::QuotedPrintable),
    (SLASH, Reads::Text, &url::UrlInValue),
    (EQUALS, Reads::Text, &form::Form),
    // Before its plainer sibling, which would leave the half of it.
    (PERCENT, Reads::Text, &percent_u::PercentU),
    (PERCENT, Reads::Text, &Percent),
    (BACKSLASH, Reads::Text, &escapes::Escapes),
    (HIGH, Reads::Text, &digits::Digits),
    (DOT, Reads::Text, &jwt::Jwt),
    (LETTER, Reads::Text, &lz_string::LzStringUri),
    (LETTER, Reads::Text, &lz_string::LzStringBase64),
    (HIGH, Reads::Bytes, &lz_string::LzStringUtf16),
    (DIGIT, Reads::Text, &hex::Hex),
    (LETTER, Reads::Text, &base32::Base32),
    (LETTER, Reads::Text, &base64::Base64),
    (NUL | CONTROL | HIGH, Reads::Bytes, &deflate::Deflate),
    (NUL | CONTROL | HIGH, Reads::Bytes, &brotli::Brotli),
    (NUL | CONTROL | HIGH, Reads::Bytes, &binary::Binary),
];

/// What an encoding is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reads {
    /// Whatever bytes there are.
    Bytes,
    /// Characters that are printed, whose meaning is the same among others: in noise it is enough to look into the texts
    /// that `binary` finds there.
    Text,
}

/// The ids of all decoders, in the order of the table.
pub fn decoder_ids() -> impl Iterator<Item = &'static str> {
    DECODERS.iter().map(|(_, _, decoder)| decoder.id())
}

/// What a decoder made of a view.
pub(crate) struct Decoded {
    /// The pieces, each with its way in.
    pub(crate) pieces: Vec<Piece>,
    /// Whether the pieces are all there is, so that the encoded bytes need no look of their own, nor another decoder's.
    pub(crate) is_all: bool,
    /// What could not be undone, for a blind spot.
    pub(crate) problem: Option<String>,
}

/// A piece of a decoded view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    /// The steps from the view to it.
    pub(crate) steps: Vec<RawStep>,
    /// What it holds.
    pub(crate) bytes: Vec<u8>,
    /// What stands just before it and may name it.
    pub(crate) context: String,
}

/// A step with the name as it was on the wire, which may hold a number: redacted before it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RawStep {
    Into(Place, String),
    Undo(&'static str),
}

impl Decoded {
    /// All of it, in one piece.
    fn whole(id: &'static str, bytes: Vec<u8>) -> Self {
        Self { pieces: vec![Piece::new(vec![RawStep::Undo(id)], bytes)], is_all: true, problem: None }
    }

    /// All of it, where the signs are no chance. In binary, whose lengths tell its strings apart, these are undone one by
    /// one, too.
    fn whole_text(id: &'static str, bytes: Vec<u8>, view: &Glance<'_>) -> Self {
        Self { is_all: is_for_sure(view), ..Self::whole(id, bytes) }
    }

    /// All of it, in pieces that are parts and no encoding.
    fn parts(pieces: Vec<Piece>) -> Self {
        Self { pieces, is_all: true, problem: None }
    }
}

impl Piece {
    pub(crate) fn new(steps: Vec<RawStep>, bytes: Vec<u8>) -> Self {
        Self { steps, bytes, context: String::new() }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ids_are_unique_and_each_names_its_file() {
        let ids: BTreeSet<&str> = DECODERS.iter().map(|(_, _, decoder)| decoder.id()).collect();
        assert_eq!(ids.len(), DECODERS.len());
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/decoders");
        for id in ids {
            // Spellings of one encoding share a file, named for the first two words: `lz-string-uri` is in `lz_string.rs`.
            let name = id.split('-').take(2).collect::<Vec<_>>().join("_");
            assert!(
                [format!("{name}.rs"), format!("{name}/mod.rs")].iter().any(|file| folder.join(file).exists()),
                "{id}"
            );
        }
    }

    #[test]
    fn signs_are_sure_in_text_alone() {
        for text in ["cpr=0101901234", "navn=Årsopgørelse æøå", "år%202026", "a=1\r\nb=2\t"] {
            assert!(is_for_sure(&Glance::new(text.as_bytes())), "{text}");
        }
        for bytes in [&b"b=\0\x808\xdb"[..], b"5N=\x0e\x820", "年末調整%f6年末調整".as_bytes(), b"a=\x90\xff\xc8\x81"]
        {
            assert!(!is_for_sure(&Glance::new(bytes)), "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn without_the_kinds_it_wants_no_decoder_makes_anything() {
        let mut next = noise();
        let signs = b"09afAZ==%%&&  \\r\n<>/+-_.?#{[(\"\"':;u$~\0\x01\x1f\x8b\xb5\xc3\xa6\xff";
        let mut made = 0;
        for _ in 0..30_000 {
            let few: Vec<u8> = (0..=next(6)).map(|_| signs[next(signs.len())]).collect();
            let bytes: Vec<u8> = (0..next(40)).map(|_| few[next(few.len())]).collect();
            let view = Glance::new(&bytes);
            for (wanted, _, decoder) in DECODERS {
                let is_made = decoder.decode(&view).is_some();
                made += usize::from(is_made);
                assert!(!is_made || view.has(*wanted), "{} {}", decoder.id(), bytes.escape_ascii());
            }
        }
        assert!(made > 2_000, "{made}");
    }

    #[test]
    fn no_decoder_minds_odd_bytes() {
        for bytes in [
            &b""[..],
            b"\0",
            b"%",
            b"{",
            b"\x1f\x8b",
            b"\x78\x9c",
            b"=",
            b"&&&",
            b"://",
            b"AAAAAAAAAAAAAAA=",
            b"\xff\xfe",
            b"\xff\xfe0",
            b"\xef\xbb\xbf",
            b"--",
            b"--x\n",
            b"{}\n\x80",
            b"[\"\\u12",
            b"f({",
            b"data:",
            b"<",
            b"<!--",
            b"<a b='",
            b"&#;",
            b"&#x;&#x110000;",
            b"%u",
            b"\\",
            b"\\u{}",
            "\u{8b}\u{8}".as_bytes(),
            "\u{661}".as_bytes(),
        ] {
            for (_, _, decoder) in DECODERS {
                let _ = decoder.decode(&Glance::new(bytes));
            }
        }
    }
}
