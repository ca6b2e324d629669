//! Base64 and base64url (RFC 4648 §4, §5), with or without padding: whole views, also broken into lines, and tokens
//! inside longer text. A guess: the text is searched as it is, too.
//!
//! Digits in base64 have a shape of their own (cpr-facts 2.1). Where it shows, they are read whatever stands around them.

use std::borrow::Cow;
use std::ops::Range;

use super::brotli::Brotli;
use super::deflate::Deflate;
use super::hex::context;
use super::runs::Alphabet;
use super::worth::{is_utf_8_text, is_worth};
use super::{Decoded, Decoder, Piece, RawStep, is_compressed};
use crate::glance::{BLANK, DASH, DIGIT, EQUALS, Glance, LETTER, PLUS, SLASH, UNDERSCORE};
use crate::opaque::is_opaque;
use crate::seek::position_of;

/// Shorter text holds no number: ten digits make fourteen characters.
const SHORTEST: usize = 14;

/// Tokens undone in one view; a page that has more is a dump of them, and what is beyond is said.
const MAX_TOKENS: usize = 10_000;

/// Places in one token from which it is tried, when it does not begin at its first character.
const MAX_STARTS: usize = 16;

/// Characters read first: when they are noise, so is the rest.
const PROBE: usize = 64;

/// Shortest line of base64 that is broken into lines: 60, 64 and 76 are in use.
const SHORTEST_LINE: usize = 60;

/// Bytes that are mostly text at this length are so by intent, binary as they may be.
const LONG_BINARY: usize = 48;

/// Digits that a stretch of text amid noise has at least: a number without its first zero.
const LEAST_DIGITS: usize = 9;

/// Beginnings within a token that are worth a try: `{"` in JSON, and gzip.
const JSON: &[u8; 3] = b"eyJ";
const GZIP: &[u8; 4] = b"H4sI";

/// Either alphabet.
const CHARACTERS: Alphabet = Alphabet::new(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_");

/// The two alphabets, as bits.
const PLAIN: u8 = 1;
const URL: u8 = 1 << 1;
const EITHER: u8 = PLAIN | URL;

/// The value of each character, and the alphabets it is in.
const VALUES: [(u8, u8); 256] = {
    let mut values = [(0, 0); 256];
    let mut byte = 0_u8;
    loop {
        #[expect(clippy::indexing_slicing, reason = "a byte is a valid index of 256")]
        {
            values[byte as usize] = value(byte);
        }
        if byte == u8::MAX {
            break;
        }
        byte += 1;
    }
    values
};

const fn value(byte: u8) -> (u8, u8) {
    match byte {
        b'A'..=b'Z' => (byte - b'A', EITHER),
        b'a'..=b'z' => (byte - b'a' + 26, EITHER),
        b'0'..=b'9' => (byte - b'0' + 52, EITHER),
        b'+' => (62, PLAIN),
        b'/' => (63, PLAIN),
        b'-' => (62, URL),
        b'_' => (63, URL),
        // In neither.
        _ => (0, 0),
    }
}

/// What three bytes out of digits, comma, dash, dot, slash, colon and semicolon become, character by character.
const SHAPE: [Alphabet; 4] = [
    Alphabet::new(b"LMNO"),
    Alphabet::new(b"CDSTijyz"),
    Alphabet::new(b"AEIMQUYcgk0"),
    Alphabet::new(b"wxyz0123456789st"),
];

pub(crate) struct Base64;

impl Decoder for Base64 {
    fn id(&self) -> &'static str {
        "base64"
    }

    fn decode(&self, view: &Glance<'_>) -> Option<Decoded> {
        if view.bytes.len() < SHORTEST || !view.has(LETTER) {
            return None;
        }
        if let Some(whole) = whole(view) {
            return Some(Decoded { pieces: vec![whole], is_all: false, problem: None });
        }
        let mut pieces = Vec::new();
        let mut problem = None;
        for run in tokens(view) {
            if pieces.len() >= MAX_TOKENS {
                problem = Some(format!("more than {MAX_TOKENS} tokens of base64 in one view"));
                break;
            }
            let text = view.bytes.get(run.clone()).unwrap_or_default();
            let unbroken: Cow<'_, [u8]> = if text.contains(&b'\n') {
                text.iter().copied().filter(|byte| CHARACTERS.has(*byte)).collect()
            } else {
                Cow::Borrowed(text)
            };
            for mut piece in token(&unbroken) {
                piece.context = context(view.bytes, run.start);
                pieces.push(piece);
            }
        }
        (!pieces.is_empty()).then_some(Decoded { pieces, is_all: false, problem })
    }
}

/// What the view says, if it is nothing but base64. Blanks stand for plus signs, as in a form, line ends for nothing.
fn whole(view: &Glance<'_>) -> Option<Piece> {
    if !view.has_only(LETTER | DIGIT | PLUS | SLASH | DASH | UNDERSCORE | EQUALS | BLANK) {
        return None;
    }
    let text = view.bytes.trim_ascii();
    let text = text.iter().rposition(|byte| *byte != b'=').and_then(|last| text.get(..=last))?.trim_ascii();
    let text: Cow<'_, [u8]> = if view.has(BLANK) {
        let written = text.iter().filter(|byte| !matches!(byte, b'\r' | b'\n' | b'\t'));
        let mut unbroken = Vec::with_capacity(text.len());
        unbroken.extend(written.map(|byte| if *byte == b' ' { b'+' } else { *byte }));
        Cow::Owned(unbroken)
    } else {
        Cow::Borrowed(text)
    };
    if text.len() < SHORTEST || text.contains(&b'=') {
        return None;
    }
    let (id, bytes) = undone(&text)?;
    let is_binary = bytes.len() >= LONG_BINARY || stretch_of_digits(&bytes).is_some();
    let is_compressed = || {
        let glance = Glance::new(&bytes);
        Deflate.decode(&glance).is_some() || Brotli.decode(&glance).is_some()
    };
    let is_likely = || is_binary && !is_opaque(&bytes) || is_compressed();
    // Which of the last two is asked first makes no difference; most say no to what is likely, and sooner.
    let worth = is_worth(&bytes) || is_likely() && part(&text).is_none();
    worth.then(|| Piece::new(vec![RawStep::Undo(id)], bytes))
}

/// Where tokens stand. Full lines of base64 with no more than a line end between them are one.
fn tokens(view: &Glance<'_>) -> impl Iterator<Item = Range<usize>> {
    let mut runs = CHARACTERS.runs(view.bytes, SHORTEST).peekable();
    std::iter::from_fn(move || {
        let mut token = runs.next()?;
        let mut line = token.len();
        while line >= SHORTEST_LINE && line.is_multiple_of(4) {
            let is_next = |next: &Range<usize>| {
                let between = view.bytes.get(token.end..next.start).unwrap_or_default();
                matches!(between, b"\n" | b"\r\n")
            };
            let Some(next) = runs.next_if(is_next) else { break };
            token.end = next.end;
            line = next.len();
        }
        // The last line may be shorter than a token.
        let rest = view.bytes.get(token.end..).unwrap_or_default();
        let line_end = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let tail = rest.iter().skip(line_end).take(SHORTEST).take_while(|byte| CHARACTERS.has(**byte)).count();
        let is_broken = line >= SHORTEST_LINE && line.is_multiple_of(4) && matches!(line_end, 1 | 2);
        if is_broken && tail < SHORTEST {
            token.end += line_end + tail;
        }
        Some(token)
    })
}

/// What a token says: most of it, or else the digits in it.
fn token(text: &[u8]) -> Vec<Piece> {
    part(text).map_or_else(|| digits(text), |part| vec![part])
}

/// What a token says from some character on, to its end or to the next slash.
fn part(text: &[u8]) -> Option<Piece> {
    starts(text).find_map(|start| {
        let text = text.get(start..)?;
        let segment = text.split(|byte| *byte == b'/').next().filter(|segment| segment.len() < text.len());
        all(text).or_else(|| segment.and_then(all))
    })
}

/// What `text` says from its first character to its last.
fn all(text: &[u8]) -> Option<Piece> {
    if text.len() < SHORTEST {
        return None;
    }
    let first = text.get(..PROBE).unwrap_or(text);
    let goes_on = first.len() < text.len();
    let mut room = [0; PROBE / 4 * 3];
    undone_into(first, &mut room)?;
    let beginning = room.get(..length_of(first))?;
    // Of a compressed beginning no more can be asked.
    if !(is_worth(beginning) || goes_on && is_compressed(beginning)) {
        return None;
    }
    let (id, bytes) = undone(text)?;
    (is_worth(&bytes) || goes_on && is_utf_8_text(beginning)).then(|| Piece::new(vec![RawStep::Undo(id)], bytes))
}

/// Where in a token the encoding may begin: a path or a name may be glued to its front.
fn starts(text: &[u8]) -> impl Iterator<Item = usize> {
    let behind_sign = text.iter().enumerate().filter(|(_, byte)| b"/-_+".contains(byte)).map(|(at, _)| at + 1);
    let json = position_of(text, JSON);
    let gzip = position_of(text, GZIP);
    std::iter::once(0)
        .chain(json)
        .chain(gzip)
        .chain(behind_sign.take(MAX_STARTS))
        .filter(|start| start + SHORTEST <= text.len())
}

/// Digits in a token that says nothing else, at each of the four places it may begin.
fn digits(text: &[u8]) -> Vec<Piece> {
    let mut begins = [false; 4];
    for at in shapes(text) {
        if let Some(begin) = begins.get_mut(at % 4) {
            *begin = true;
        }
    }
    let mut pieces = Vec::new();
    for (start, _) in begins.iter().enumerate().filter(|(_, begin)| **begin) {
        let Some((id, bytes)) = text.get(start..).and_then(undone) else { continue };
        let mut rest = bytes.as_slice();
        while let Some(stretch) = stretch_of_digits(rest) {
            let end = stretch.end;
            pieces.push(Piece::new(vec![RawStep::Undo(id)], rest.get(stretch).unwrap_or_default().to_vec()));
            rest = rest.get(end..).unwrap_or_default();
        }
    }
    pieces
}

/// Where two groups in a row have the shape of digits: a number has two such, wherever it begins.
fn shapes(text: &[u8]) -> impl Iterator<Item = usize> {
    text.windows(8)
        .enumerate()
        .filter(|(_, window)| window.iter().zip(SHAPE.iter().cycle()).all(|(byte, place)| place.has(*byte)))
        .map(|(at, _)| at)
}

/// The first stretch of printable characters in `bytes` with digits enough for a number in it.
fn stretch_of_digits(bytes: &[u8]) -> Option<Range<usize>> {
    let is_printable = |byte: &u8| matches!(byte, b' '..=b'~');
    let mut at = 0;
    while at < bytes.len() {
        let rest = bytes.get(at..)?;
        let length = rest.iter().take_while(|byte| is_printable(byte)).count();
        let digits = rest.iter().take(length).filter(|byte| byte.is_ascii_digit()).count();
        if digits >= LEAST_DIGITS {
            return Some(at..at + length);
        }
        at += length + 1;
    }
    None
}

/// The bytes that `text` stands for, and in which alphabet. Bits and characters left over at its end are forgiven.
fn undone(text: &[u8]) -> Option<(&'static str, Vec<u8>)> {
    let mut bytes = vec![0; text.len().div_ceil(4) * 3];
    let id = undone_into(text, &mut bytes)?;
    bytes.truncate(length_of(text));
    Some((id, bytes))
}

/// How many bytes `text` stands for. One character alone at the end holds none.
fn length_of(text: &[u8]) -> usize {
    text.len() * 3 / 4
}

/// The same into `bytes`, where three have room for each four characters begun. Says in which alphabet.
fn undone_into(text: &[u8], bytes: &mut [u8]) -> Option<&'static str> {
    let text = text.get(..text.len() - usize::from(text.len() % 4 == 1))?;
    let (groups, rest) = text.as_chunks::<4>();
    // What is missing at the end stands for zeros.
    let mut last = *b"AAAA";
    last.iter_mut().zip(rest).for_each(|(place, character)| *place = *character);
    let groups = groups.iter().chain((!rest.is_empty()).then_some(&last));
    let mut alphabets = EITHER;
    for (group, three) in groups.zip(bytes.as_chunks_mut::<3>().0) {
        let mut sextets = 0;
        for character in group {
            let (sextet, of) = VALUES.get(usize::from(*character)).copied().unwrap_or((0, 0));
            alphabets &= of;
            sextets = sextets << 6 | u32::from(sextet);
        }
        let [_, bytes @ ..] = sextets.to_be_bytes();
        *three = bytes;
    }
    match alphabets {
        0 => None,
        URL => Some("base64url"),
        _ => Some("base64"),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL_NOPAD};
    use flate2::Compression;
    use flate2::write::ZlibEncoder;

    use super::super::bits::noise;
    use super::*;

    #[track_caller]
    fn case(text: &str, expected: Option<(&'static str, &[u8])>) {
        let decoded = Base64.decode(&Glance::new(text.as_bytes()));
        let piece = decoded.as_ref().map(|decoded| (&decoded.pieces[0].steps, decoded.pieces[0].bytes.as_slice()));
        assert_eq!(
            piece,
            expected.map(|(id, _)| vec![RawStep::Undo(id)]).as_ref().zip(expected.map(|e| e.1)),
            "{text}"
        );
    }

    fn all(text: &[u8]) -> Vec<Vec<u8>> {
        let decoded = Base64.decode(&Glance::new(text));
        decoded.map(|decoded| decoded.pieces.into_iter().map(|piece| piece.bytes).collect()).unwrap_or_default()
    }

    #[test]
    fn both_alphabets_are_read_with_and_without_padding() {
        case("eyJjcHIiOiIwMTAxOTAxMjM0In0=", Some(("base64", b"{\"cpr\":\"0101901234\"}")));
        case("eyJjcHIiOiIwMTAxOTAxMjM0In0", Some(("base64", b"{\"cpr\":\"0101901234\"}")));
        case("w6bDuMOlPz8_MDEwMTkwMTIzNA", Some(("base64url", "æøå???0101901234".as_bytes())));
    }

    #[test]
    fn credentials_are_read() {
        case("Basic MDEwMTkwMTIzNDpwdw==", Some(("base64", b"0101901234:pw")));
        case("www.selvbetjening.test", None);
    }

    #[test]
    fn tokens_inside_longer_text_are_read() {
        assert_eq!(all(b"x(\"MDEwMTkwMTIzNA==\"); y('Y3ByPTAxMDE5MDEyMzQ=')"), [&b"0101901234"[..], b"cpr=0101901234"]);
        assert_eq!(all(b"data:application/json;base64,eyJjcHIiOiIwMTAxOTAxMjM0In0="), [b"{\"cpr\":\"0101901234\"}"]);
        assert_eq!(all(b"/borger/eyJjcHIiOiIwMTAxOTAxMjM0In0/side"), [b"{\"cpr\":\"0101901234\"}"]);
        let named = Base64.decode(&Glance::new(b"cpr: \"MDEwMTkwMTIzNA==\"")).unwrap();
        assert_eq!(named.pieces[0].context, "cpr: \"");
    }

    #[test]
    fn digits_are_read_at_any_alignment_and_amid_noise() {
        for before in ["", "x", "xy", "xyz", "v1_", "7Q-zk"] {
            let text = format!("{before}MDEwMTkwMTIzNA;");
            assert_eq!(all(text.as_bytes()), [b"0101901234"], "{text}");
        }
        for noise in [&b"\xfe"[..], b"\xfe\x01", b"\xfe\x01\x80", b"\x99\x88\x77\xee\xff\xfe"] {
            let text = BASE64.encode(&[noise, b"010190-1234", noise, noise].concat());
            assert!(all(format!("<{text}>").as_bytes()).contains(&b"010190-1234".to_vec()), "{text}");
        }
    }

    #[test]
    fn characters_are_undone_as_a_known_reader_does() {
        let mut next = noise();
        let alphabets = [&b"AZaz09+/"[..], b"AZaz09-_", b"AZaz09+/-_", b"AZaz09 "];
        for _ in 0..20_000 {
            let alphabet = alphabets[next(alphabets.len())];
            let text: Vec<u8> = (0..next(24)).map(|_| alphabet[next(alphabet.len())]).collect();
            let mut whole = text[..text.len() - usize::from(text.len() % 4 == 1)].to_vec();
            whole.resize(whole.len().next_multiple_of(4), b'A');
            let plain = BASE64_NOPAD.decode(&whole).map(|bytes| ("base64", bytes));
            let known = plain.or_else(|_| BASE64URL_NOPAD.decode(&whole).map(|bytes| ("base64url", bytes)));
            let known = known.ok().map(|(id, bytes)| (id, bytes[..text.len() * 3 / 4].to_vec()));
            assert_eq!(undone(&text), known, "{text:?}");
        }
    }

    #[test]
    fn lines_and_blanks_are_undone() {
        let body = "Borgerens nummer er 0101901234, og brevet er langt nok til to linjer: ??>>~~".repeat(2);
        let encoded = BASE64.encode(body.as_bytes());
        assert!(encoded.contains('+'));
        for (width, end) in [(64, "\r\n"), (76, "\r\n"), (76, "\n")] {
            let lines: Vec<&str> =
                encoded.as_bytes().chunks(width).map(|line| std::str::from_utf8(line).unwrap()).collect();
            let lines = lines.join(end);
            assert_eq!(all(lines.as_bytes()), [body.as_bytes()], "{width}");
            let part = format!("Content-Transfer-Encoding: base64\r\n\r\n{lines}\r\n--end");
            assert_eq!(all(part.as_bytes()), [body.as_bytes()], "{width}");
        }
        assert_eq!(all(encoded.replace('+', " ").as_bytes()), [body.as_bytes()]);
    }

    #[test]
    fn compressed_text_is_worth_reading() {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(b"cpr=0101901234").unwrap();
        let bytes = encoder.finish().unwrap();
        case(&BASE64.encode(&bytes), Some(("base64", &bytes)));
        case(&format!("z({})", BASE64.encode(&bytes)), Some(("base64", &bytes)));
        // Without its wrapper only where nothing stands around it: that is a guess.
        let deflated = &bytes[2..bytes.len() - 4];
        case(&BASE64.encode(deflated), Some(("base64", deflated)));
    }

    #[test]
    fn so_is_text_in_a_compression_without_a_sign() {
        let mut encoder = brotli::CompressorWriter::new(Vec::new(), 4096, 5, 18);
        encoder.write_all(b"{\"url\":\"https://a.test/?cpr=010190-1234\"}").unwrap();
        let bytes = encoder.into_inner();
        case(&BASE64.encode(&bytes), Some(("base64", &bytes)));
    }

    #[test]
    fn binary_with_plain_text_in_it_is_worth_reading() {
        let message = b"\x0a\x0b010190-1234\x12\x07borger1\x18\xff\x01";
        case(&BASE64.encode(message), Some(("base64", message)));
    }

    #[test]
    fn loose_last_bits_are_forgiven() {
        case("MDEwMTkwMTIzNB", Some(("base64", b"0101901234")));
    }

    #[test]
    fn what_comes_out_as_noise_was_no_base64() {
        case("4f2a9c81d03e77b6aa10", None);
        case("01019012340101901234", None);
        case("too short", None);
        case("IwAR0x1Yq2J3k4l5m6n7o8p9", None);
        case("personalIdentificationNumberOfTheCitizen", None);
        case("/selvbetjening/aarsopgoerelse/oversigt.aspx", None);
        case("Indkomst og fradrag for personer med bopael i udlandet", None);
    }

    #[test]
    fn tokens_beyond_the_bound_are_said() {
        let text = "MDEwMTkwMTIzNA;".repeat(MAX_TOKENS + 1);
        let decoded = Base64.decode(&Glance::new(text.as_bytes())).unwrap();
        assert_eq!(decoded.pieces.len(), MAX_TOKENS);
        assert!(decoded.problem.is_some());
    }
}
