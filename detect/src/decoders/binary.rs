//! Text inside bytes that are none: protocol buffers, `MessagePack`, memory images and the like. Each run of printable
//! characters is a piece; the bytes are searched as they are, too.

use std::ops::{ControlFlow, Range};

use super::wide::wide_runs;
use super::{Decoded, Decoder, Piece, RawStep, SHORTEST_NUMBER};
use crate::glance::{CONTROL, Glance, HIGH, NUL};
use crate::opaque::is_opaque_as;
use crate::simd::stretches;
use crate::suspects::Sieve;

/// Runs of one view; a replay's protocol buffer has some thousand.
const MAX_RUNS: usize = 20_000;

/// Bytes between a run and the one before, which may be its name: a type and a length.
const MAX_GAP: usize = 4;

/// Longest run that is a name.
const LONGEST_NAME: usize = 40;

/// What `MessagePack` adds to the length of a short string.
const FIXSTR: usize = 0xa0;

/// Bytes between the end of a string and the next: a tag, and a length that is a character by chance.
const MAX_GLUED: usize = 2;

/// Stretches of noise that are sifted together: those of 64 KiB or so.
const SIFTED_AT_ONCE: usize = 32;

/// Shorter views are read by all decoders: protocol buffers and the like, in which strings tell of each other.
const SHORTEST_NOISE: usize = 4096;

pub(crate) struct Binary;

/// Whether `view` is as films, pictures and archives are. Signs of encodings are everywhere in it, by chance, and each would
/// make a view of the same size; what is text in it is found here, to be decoded by itself.
pub(crate) fn is_noise(view: &Glance<'_>) -> bool {
    let is_one = |view: &Glance<'_>| {
        view.bytes.len() >= SHORTEST_NOISE
            && !view.is_plain()
            && is_binary(view)
            && is_opaque_as(view.bytes, view.text())
    };
    view.is_noise(is_one)
}

impl Decoder for Binary {
    fn id(&self) -> &'static str {
        "binary"
    }

    fn decode(&self, view: &Glance<'_>) -> Option<Decoded> {
        if view.is_plain() || !is_binary(view) {
            return None;
        }
        let mut pieces = texts(view.bytes, is_noise(view));
        let is_cut = pieces.len() > MAX_RUNS;
        if view.has(NUL) {
            let left = (MAX_RUNS + 1).saturating_sub(pieces.len());
            pieces.extend(wide_runs(view.bytes).take(left).filter_map(|text| piece(&text, b"")));
        }
        let problem =
            (is_cut || pieces.len() > MAX_RUNS).then(|| format!("binary with more than {MAX_RUNS} texts in it"));
        pieces.truncate(MAX_RUNS);
        (!pieces.is_empty()).then_some(Decoded { pieces, is_all: false, problem })
    }
}

/// Printable characters in a row, and where they stand.
struct Run<'a> {
    start: usize,
    text: &'a [u8],
}

impl Run<'_> {
    fn end(&self) -> usize {
        self.start + self.text.len()
    }
}

/// A piece of each string in `bytes` that is long enough for a number, with the run before it as its name. One more than
/// may be, where there are too many. Of noise, of those that may hold a number: in all of it strings stand by chance.
fn texts(bytes: &[u8], is_noise: bool) -> Vec<Piece> {
    let mut texts = Texts { bytes, pieces: Vec::new(), before: None, passed: 0, held_back: None };
    if !is_noise {
        // Shorter runs hold no number: most of noise is not looked into, only for a name where one is wanted.
        stretches(bytes, SHORTEST_NUMBER, |stretch| texts.take(&stretch));
        return texts.pieces;
    }
    let mut sieve = Sieve::default();
    let mut waiting = Vec::new();
    stretches(bytes, SHORTEST_NUMBER, |stretch| {
        let lead = stretch.start.saturating_sub(LONGEST_NAME + MAX_GAP)..stretch.start;
        sieve.add(bytes.get(lead).unwrap_or_default(), bytes.get(stretch.clone()).unwrap_or_default());
        waiting.push(stretch);
        if waiting.len() < SIFTED_AT_ONCE { ControlFlow::Continue(()) } else { texts.sift(&mut sieve, &mut waiting) }
    });
    // What is left when there are too many is told.
    let _ = texts.sift(&mut sieve, &mut waiting);
    texts.pieces
}

/// The strings in some bytes, taken stretch by stretch.
struct Texts<'a> {
    bytes: &'a [u8],
    pieces: Vec<Piece>,
    before: Option<Run<'a>>,
    /// Where the last stretch ended.
    passed: usize,
    /// The last stretch, if it was not looked into.
    held_back: Option<Range<usize>>,
}

impl Texts<'_> {
    /// Takes those stretches that may hold a number.
    fn sift(&mut self, sieve: &mut Sieve, waiting: &mut Vec<Range<usize>>) -> ControlFlow<()> {
        for (stretch, is_suspect) in waiting.drain(..).zip(sieve.sift()) {
            if is_suspect {
                self.take(&stretch)?;
            } else {
                self.passed = stretch.end;
                self.held_back = Some(stretch);
            }
        }
        ControlFlow::Continue(())
    }

    fn take(&mut self, stretch: &Range<usize>) -> ControlFlow<()> {
        let bytes = self.bytes;
        if let Some(held_back) = self.held_back.take() {
            self.before = runs(bytes, held_back).last();
        }
        let start = stretch.start;
        for run in runs(bytes, stretch.clone()) {
            if run.text.len() >= SHORTEST_NUMBER {
                let last = if run.start < start + MAX_GAP { last_before(bytes, self.passed, start) } else { None };
                let name = name(&run, [self.before.as_ref(), last.as_ref()]);
                let before_run = bytes.get(..run.start).unwrap_or_default();
                let texts = cut(run.text, before_run).into_iter().chain(tens(run.text));
                self.pieces.extend(texts.filter_map(|text| piece(text, name)));
            }
            self.before = Some(run);
            if self.pieces.len() > MAX_RUNS {
                return ControlFlow::Break(());
            }
        }
        self.passed = stretch.end;
        ControlFlow::Continue(())
    }
}

/// The last run between two stretches that ended at `passed` and begin at `start`, unless it is too far from there to be a
/// name. It is shorter than a stretch.
fn last_before(bytes: &[u8], passed: usize, start: usize) -> Option<Run<'_>> {
    let from = start.saturating_sub(SHORTEST_NUMBER + MAX_GAP).max(passed);
    runs(bytes, from..start).last()
}

/// What names a run: the last of those before it, where that is near and short.
fn name<'a>(run: &Run<'_>, before: [Option<&Run<'a>>; 2]) -> &'a [u8] {
    let last = before.into_iter().flatten().max_by_key(|before| before.start);
    let is_name = |last: &&Run<'_>| run.start - last.end() <= MAX_GAP && last.text.len() <= LONGEST_NAME;
    last.filter(is_name).map(|last| last.text).unwrap_or_default()
}

fn piece(text: &[u8], name: &[u8]) -> Option<Piece> {
    let context = || String::from_utf8_lossy(name).into_owned();
    let piece = || Piece { context: context(), ..Piece::new(vec![RawStep::Undo(Binary.id())], text.to_vec()) };
    (text.len() >= SHORTEST_NUMBER).then(piece)
}

/// Whether there is what no text has, in UTF-8 or Windows-1252: most control characters, and signs that nobody writes.
fn is_binary(view: &Glance<'_>) -> bool {
    // Terminals, printers and JSON sequences put these into text.
    let is_control = |byte: &u8| matches!(byte, 0..=8 | 0x0b | 0x0e..=0x1a | 0x1c | 0x1d | 0x1f | 0x7f);
    if view.has(NUL | CONTROL) && view.bytes.iter().any(is_control) {
        return true;
    }
    let is_of_windows = |byte: &u8| {
        byte.is_ascii()
            || matches!(byte, 0x80 | 0x85 | 0x91..=0x97 | 0xa0 | 0xa7 | 0xab | 0xb0 | 0xb2 | 0xb3 | 0xb7 | 0xbb..=0xff)
    };
    view.has(HIGH) && view.text().is_none() && !view.bytes.iter().all(is_of_windows)
}

/// Every run in a range of `bytes`, without the blanks around it.
fn runs(bytes: &[u8], range: Range<usize>) -> impl Iterator<Item = Run<'_>> {
    let mut at = range.start;
    bytes.get(range).unwrap_or_default().utf8_chunks().flat_map(move |chunk| {
        let start = at;
        at += chunk.valid().len() + chunk.invalid().len();
        let is_end = |c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r');
        let mut at = start;
        chunk.valid().split_inclusive(is_end).filter_map(move |text| {
            let start = at;
            at += text.len();
            let text = text.trim_end_matches(is_end);
            let trimmed = text.trim_start();
            let start = start + text.len() - trimmed.len();
            let text = trimmed.trim_end().as_bytes();
            (!text.is_empty()).then_some(Run { start, text })
        })
    })
}

/// The string in a run, as a length before it or its own first character tells, and what is glued to it: a tag or two.
///
/// What is before a run may also be no length, but a tag. Where no length fits, the run stays whole; it is also cut where
/// one says that its digits are two strings'.
fn cut<'a>(run: &'a [u8], before: &[u8]) -> Vec<&'a [u8]> {
    let lengths = lengths(before);
    if lengths.contains(&run.len()) {
        return vec![run];
    }
    let (first, behind) = run.split_first().map_or((0, run), |(first, behind)| (usize::from(*first), behind));
    let fits = |text: &[u8], length: usize| text.len().checked_sub(length).is_some_and(|glued| glued <= MAX_GLUED);
    let before_run = lengths.iter().find(|length| fits(run, **length)).and_then(|length| run.split_at_checked(*length));
    let within = || behind.split_at_checked(first).filter(|_| first >= SHORTEST_NUMBER && fits(behind, first));
    if let Some((string, glued)) = before_run.or_else(within) {
        return vec![string, glued];
    }
    let parts_digits = |text: &'a [u8], length: usize| {
        let (string, rest) = text.split_at_checked(length)?;
        let is_digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
        (is_digit(string.last()) && is_digit(rest.first()) && length >= SHORTEST_NUMBER).then_some(string)
    };
    let strings = lengths.iter().filter_map(|length| parts_digits(run, *length));
    [run].into_iter().chain(strings).chain(parts_digits(behind, first)).collect()
}

/// What the bytes before a run may say of its length.
fn lengths(before: &[u8]) -> Vec<usize> {
    let last = before.last().copied().map(usize::from);
    let pair = before.last_chunk::<2>().map(|pair| pair.map(usize::from));
    // As protocol buffers write longer ones, seven bits in each byte, and as others do, the high byte first.
    let of_sevens = pair.filter(|[low, _]| *low >= 0x80).map(|[low, high]| low & 0x7f | high << 7);
    let of_eights = pair.map(|[high, low]| high << 8 | low);
    let lengths = [last, last.and_then(|last| last.checked_sub(FIXSTR)), of_sevens, of_eights];
    lengths.into_iter().flatten().filter(|length| *length >= SHORTEST_NUMBER).collect()
}

/// Strings of ten digits whose length is the line break before them, and whose next byte is a digit by chance.
fn tens(run: &[u8]) -> impl Iterator<Item = &[u8]> {
    let digits = |line: &[u8]| line.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let lines = run.split(|byte| *byte == b'\n').skip(1);
    lines.filter(move |line| digits(line) == 11).filter_map(|line| line.get(..10))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decoders::bits::noise;

    #[track_caller]
    fn case(bytes: &[u8], expected: &[(&str, &str)]) {
        let decoded = Binary.decode(&Glance::new(bytes));
        let pieces = decoded.as_ref().map(|decoded| decoded.pieces.as_slice()).unwrap_or_default();
        let text = |piece: &Piece| (String::from_utf8(piece.bytes.clone()).unwrap(), piece.context.clone());
        let found: Vec<(String, String)> = pieces.iter().map(text).collect();
        let expected: Vec<_> = expected.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        assert_eq!(found, expected, "{bytes:?}");
        assert!(decoded.is_none_or(|decoded| !decoded.is_all));
    }

    #[test]
    fn strings_are_found_with_what_names_them() {
        case(b"\x81\xa3cpr\xaa0101901234", &[("0101901234", "cpr")]);
        case(b"\x0a\x0b010190-1234\x12\x07borger1\x18\xff\x01", &[("010190-1234", "")]);
        case(b"\x00\x01J\xc3\xb8rgen \xe2\x80\x93 cpr\x00\x00\x00\x00\x00", &[("Jørgen – cpr", "")]);
    }

    #[test]
    fn what_follows_a_string_of_known_length_is_not_glued_to_it() {
        // A fifth field and a sixth: the tag is the character 2.
        case(b"\x2a\x0a01019012342\x05abcde\x01", &[("*\n01019012342", ""), ("0101901234", "")]);
        case(b"\x02\x0a01019012342\x05abcde\x01", &[("0101901234", "")]);
        case(b"\x81\xaa01019012347", &[("0101901234", "")]);
        let long = format!("0101901234{}", "x".repeat(40));
        case(format!("\u{1}2{long}\u{2}").as_bytes(), &[(&long, "")]);
        // A hundred and sixty bytes, and the tag behind them is a character.
        let long = format!("å{}01019012", "0101901234".repeat(15));
        case(&[b"\x1a\xa0\x01", long.as_bytes(), b"(\xff\x03"].concat(), &[(&long, "")]);
        case(&[b"\xda\x00\xa0", long.as_bytes(), b"(\xff\x03"].concat(), &[(&long, "")]);
        // A tag that could be a length, and a length that is a character.
        let cut = format!("Mit personnummer er 010190-1234, og {}", "x".repeat(43));
        case(format!("\u{1}\u{1a}O{cut}\"\u{1}").as_bytes(), &[(&cut, "")]);
        let text = "010190-1234, og mere tekst";
        case(&[b"\x01\x12\x1a", text.as_bytes(), b"\x01"].concat(), &[(text, "")]);
        case(
            &[b"\x01\x0a ", "010190-1234, og meget mere tekst".as_bytes(), b"\x01"].concat(),
            &[("010190-1234, og meget mere tekst", "")],
        );
    }

    #[test]
    fn wide_characters_are_found_in_either_order() {
        let little: Vec<u8> = "cpr=0101901234".bytes().flat_map(|byte| [byte, 0]).collect();
        case(&[b"\x03\x00\x00\x07", little.as_slice(), b"\x01\x02"].concat(), &[("cpr=0101901234", "")]);
        let big: Vec<u8> = "cpr=0101901234".bytes().flat_map(|byte| [0, byte]).collect();
        case(&[b"\x03\x01\x07", big.as_slice(), b"\x01\x02"].concat(), &[("cpr=0101901234", "")]);
    }

    #[test]
    fn what_was_found_is_not_found_again() {
        for piece in Binary.decode(&Glance::new(b"\x00r\x0be27aus4bokQ\x0csome text\xc2\x85")).unwrap().pieces {
            assert!(Binary.decode(&Glance::new(&piece.bytes)).is_none());
        }
    }

    #[test]
    fn text_of_any_charset_is_no_binary() {
        for text in
            [&b"\xc5rsopg\xf8relse \x96 0101901234"[..], "på dansk".as_bytes(), b"\x1b[31mred\x1b[0m", b"a\x0cb"]
        {
            case(text, &[]);
        }
    }

    /// The same as [`texts`], run by run.
    fn slowly(bytes: &[u8]) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let mut before = None;
        for run in runs(bytes, 0..bytes.len()) {
            let name = name(&run, [before.as_ref(), None]);
            let texts = cut(run.text, &bytes[..run.start]).into_iter().chain(tens(run.text));
            pieces.extend(texts.filter_map(|text| piece(text, name)));
            before = Some(run);
        }
        pieces
    }

    #[test]
    fn what_is_not_looked_into_holds_nothing() {
        let signs = ["abc", "0101901234", "\n", "    ", "J\u{f8}", "\u{2013}", "\u{85}", "\u{1f600}", "cpr", "\u{a0}"];
        let odd: [&[u8]; 8] =
            [b"\0", b"\x01\x02", b"\x0c", b"\xc3", b"\xe2\x80", b"\xed\xa0\x80", b"\xf0\x9f", b"\xe0\x80\xff"];
        let mut next = noise();
        let mut found = 0;
        for round in 0..60_000 {
            let mut bytes = Vec::new();
            let length = next(200);
            // All noise, half of it, and text in which there is some.
            let share = [100, 50, 12, 3][round % 4];
            while bytes.len() < length {
                match next(100) {
                    at if at >= share => bytes.extend(signs[next(signs.len())].as_bytes()),
                    at if at % 3 == 0 => bytes.extend(odd[next(odd.len())]),
                    _ => bytes.push(next(256).try_into().unwrap()),
                }
            }
            let expected = slowly(&bytes);
            found += expected.iter().filter(|piece| !piece.context.is_empty()).count();
            assert_eq!(texts(&bytes, false), expected, "{}", bytes.escape_ascii());
        }
        assert!(found > 5_000, "{found}");
        let bytes: Vec<u8> = (0..2 << 20).map(|_| next(256).try_into().unwrap()).collect();
        assert_eq!(texts(&bytes, false), slowly(&bytes));
    }

    #[test]
    fn of_noise_the_strings_that_may_hold_a_number_are_left_with_their_names() {
        let mut next = noise();
        let (mut left, mut all) = (0, 0);
        for round in 0..40 {
            let mut bytes: Vec<u8> = Vec::new();
            let mut planted = 0;
            while bytes.len() < 32 << 10 {
                bytes.extend((0..next(3_000)).map(|_| u8::try_from(next(256)).unwrap()));
                if round % 2 == 0 {
                    // A short name and a long one, and what counts by its name alone.
                    let name = ["\u{3}cpr\u{1}", "\u{b}personnummer\u{1}"][next(2)];
                    bytes.extend([&b"\x00"[..], name.as_bytes(), b"070-76 14 285\x00\x01\xff"].concat());
                    planted += 1;
                }
            }
            let whole = texts(&bytes, false);
            let sifted = texts(&bytes, true);
            let mut rest = whole.iter();
            assert!(sifted.iter().all(|piece| rest.any(|other| other == piece)), "they are of all, in their order");
            let is_planted = |piece: &&Piece| ["cpr", "personnummer"].contains(&piece.context.as_str());
            assert_eq!(sifted.iter().filter(is_planted).count(), planted);
            (left, all) = (left + sifted.len() - planted, all + whole.len() - planted);
        }
        assert!(left * 3 < all, "{left} of {all}");
    }

    #[test]
    fn texts_without_end_are_a_problem() {
        let decoded = Binary.decode(&Glance::new(&b"some text\x00".repeat(MAX_RUNS + 1))).unwrap();
        assert_eq!(decoded.pieces.len(), MAX_RUNS);
        assert!(decoded.problem.is_some());
    }
}
