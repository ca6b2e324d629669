//! Where in bytes the redactor takes something out, so that it can be masked in place and all else stays as it is: for
//! logs that are handed on.

use std::borrow::Cow;
use std::ops::Range;

use crate::candidate::{Candidate, find};
use crate::reading::{Layer, layers};
use crate::redactor::{Hidden, Redactor};

/// Bytes read as one text. What is read of a text is bounded, and longer ones are few: bodies and tokens in lines.
const PIECE: usize = 16_000;

/// How much of a piece is read again with the next: what is encoded longer than that shows in each piece by itself.
const OVERLAP: usize = 4_000;

/// How often what was masked is read again: each time less is left, and then all of the text goes.
const MAX_ROUNDS: usize = 4;

/// What stands for a byte that is no UTF-8: nothing to anybody.
const NO_TEXT: u8 = 0x1a;

/// What stands for a letter or a digit.
const MARK: u8 = b'x';

/// The same where it stood as an escape, which stays one that can be read.
const ESCAPED_MARK: &[u8; 6] = b"\\u0078";

/// What is to be masked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// Where it stands.
    pub range: Range<usize>,
    /// Whether it is written as a personal number is, with a date that exists, plain or encoded. All else is masked for
    /// care: ids, digests, digits that stand close together.
    pub is_sure: bool,
}

/// How much was masked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Masked {
    /// Spans that are written as personal numbers are.
    pub sure: u64,
    /// All others.
    pub care: u64,
}

impl Masked {
    /// How many of each there are.
    pub fn of<'a>(spans: impl IntoIterator<Item = &'a Span>) -> Self {
        let mut masked = Self::default();
        for span in spans {
            masked.add(Self { sure: span.is_sure.into(), care: (!span.is_sure).into() });
        }
        masked
    }

    /// Whether nothing was.
    pub fn is_nothing(self) -> bool {
        self == Self::default()
    }

    /// Adds what was masked elsewhere.
    pub fn add(&mut self, other: Self) {
        self.sure += other.sure;
        self.care += other.care;
    }
}

impl Redactor {
    /// All that must be taken out of `bytes`, in order, each apart from the next. What [`model::Redact::redact`] takes out
    /// of a text lies within these; texts of any length are read.
    ///
    /// ```
    /// # use detect::{Inspector, Parties, Setup};
    /// # let parties = Parties::first_party(Vec::new());
    /// # let today = jiff::civil::date(2026, 11, 22);
    /// let redactor = Inspector::new(Setup { test_persons: vec![], key: [7; 32], today, parties }).redactor();
    /// let spans = redactor.spans(b"GET /sag?cpr=070761-4285&side=1");
    /// assert_eq!((spans[0].range.clone(), spans[0].is_sure, spans.len()), (13..24, true, 1));
    /// ```
    pub fn spans(&self, bytes: &[u8]) -> Vec<Span> {
        let text = text(bytes);
        let mut spans: Vec<Span> = Vec::new();
        for piece in pieces(&text) {
            let from = piece.start;
            let piece = text.get(piece).unwrap_or_default();
            if self.leaves(piece) {
                continue;
            }
            match self.hidden(piece) {
                Some(hidden) => spans.extend(hidden.into_iter().map(|hidden| self.span(piece, &hidden, from))),
                None => spans.push(Span { range: from..from + piece.len(), is_sure: false }),
            }
        }
        merged(spans)
    }

    /// Everything in `bytes` that is written as a personal number is, with a date that exists, and is no declared one.
    /// Narrower than [`Redactor::spans`], and fast: for blocks of lines.
    pub fn written_numbers(&self, bytes: &[u8], found: &mut dyn FnMut(Range<usize>)) {
        find(bytes, &mut |candidate| {
            if self.is_undeclared(&candidate) {
                found(candidate.range);
            }
        });
    }

    /// Masks in place what must be taken out of `text`: letters and digits, all else stays. Nothing is found of it after.
    pub fn mask(&self, text: &mut [u8]) -> Masked {
        self.mask_but(text, |_, _| false)
    }

    /// The same, but for spans that `stays` says are none: it is given the text as it is by then, and each span.
    pub fn mask_but(&self, text: &mut [u8], stays: impl Fn(&[u8], &Span) -> bool) -> Masked {
        let mut spans = self.spans(text);
        spans.retain(|span| !stays(text, span));
        let masked = Masked::of(&spans);
        self.mask_in_rounds(text, spans, stays);
        masked
    }

    /// The same where `spans` are all of it that is to be masked, as [`Self::spans`] says.
    pub fn mask_spans(&self, text: &mut [u8], spans: Vec<Span>) {
        self.mask_in_rounds(text, spans, |_, _| false);
    }

    fn mask_in_rounds(&self, text: &mut [u8], mut spans: Vec<Span>, stays: impl Fn(&[u8], &Span) -> bool) {
        for round in 0..MAX_ROUNDS {
            if spans.is_empty() {
                return;
            }
            for Span { range, is_sure: _ } in spans {
                if let Some(stretch) = text.get_mut(range) {
                    blank(stretch, round == 0);
                }
            }
            spans = self.spans(text);
            spans.retain(|span| !stays(text, span));
        }
        if !spans.is_empty() {
            blank(text, false);
        }
    }

    /// Masks all letters and digits of `text`.
    pub fn mask_all(&self, text: &mut [u8]) {
        blank(text, false);
    }

    /// Whether something in `bytes` is written as a number is, undeclared.
    pub(crate) fn is_written_as_number(&self, bytes: &[u8]) -> bool {
        let mut is_found = false;
        self.written_numbers(bytes, &mut |_| is_found = true);
        is_found
    }

    fn is_undeclared(&self, candidate: &Candidate) -> bool {
        !candidate.needs_name && !candidate.number().is_some_and(|number| self.is_declared_number(&number))
    }

    fn span(&self, piece: &str, hidden: &Hidden, from: usize) -> Span {
        let range = hidden.start..hidden.end;
        let is_written = || {
            let text = piece.get(range.clone()).unwrap_or_default();
            let read = |layer: Layer| -> String { layer.units.iter().map(|unit| unit.character).collect() };
            let layers = layers(text).unwrap_or_default();
            self.is_written_as_number(text.as_bytes())
                || layers.into_iter().any(|layer| layer.is_last && self.is_written_as_number(read(layer).as_bytes()))
        };
        let is_sure = hidden.is_sure || is_written();
        Span { range: from + range.start..from + range.end, is_sure }
    }
}

/// `bytes` as text of the same length.
fn text(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| char::from(NO_TEXT)));
    }
    Cow::Owned(text)
}

/// `text` in pieces that overlap.
fn pieces(text: &str) -> Vec<Range<usize>> {
    let mut pieces = Vec::new();
    let mut start = 0;
    loop {
        let end = text.floor_char_boundary((start + PIECE).min(text.len()));
        pieces.push(start..end);
        if end == text.len() {
            return pieces;
        }
        start = text.floor_char_boundary(end - OVERLAP);
    }
}

/// `spans` in order; what overlaps or touches is one.
fn merged(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_by_key(|span| (span.range.start, span.range.end));
    let mut merged: Vec<Span> = Vec::with_capacity(spans.len());
    for next in spans {
        match merged.last_mut() {
            Some(last) if next.range.start <= last.range.end => {
                last.range.end = last.range.end.max(next.range.end);
                last.is_sure |= next.is_sure;
            }
            _ => merged.push(next),
        }
    }
    merged
}

/// Masks the letters and digits of `stretch`. Where it `keeps_signs`, escapes that say a sign stay.
fn blank(stretch: &mut [u8], keeps_signs: bool) {
    let mut at = 0;
    while let Some(rest) = stretch.get_mut(at..).filter(|rest| !rest.is_empty()) {
        at += match sign(rest) {
            Some(length) if keeps_signs => length,
            _ => blank_first(rest, keeps_signs),
        };
    }
}

/// Masks the character that `rest` begins with; returns its length.
fn blank_first(rest: &mut [u8], keeps_signs: bool) -> usize {
    if keeps_signs && unicode(rest).is_some() {
        if let Some(escape) = rest.first_chunk_mut() {
            *escape = *ESCAPED_MARK;
        }
        return ESCAPED_MARK.len();
    }
    let longest = rest.get(..4).unwrap_or(rest);
    let character = longest.utf8_chunks().next().and_then(|chunk| chunk.valid().chars().next());
    let Some(character) = character else { return 1 };
    if character.is_alphanumeric() {
        rest.iter_mut().take(character.len_utf8()).for_each(|byte| *byte = MARK);
    }
    character.len_utf8()
}

/// The length of the escape that `rest` begins with, if it says neither letter nor digit.
fn sign(rest: &[u8]) -> Option<usize> {
    match rest {
        [b'%', high, low, ..] => {
            let value = char::from(*high).to_digit(16)? << 4 | char::from(*low).to_digit(16)?;
            (value < 0x80 && !u8::try_from(value).ok()?.is_ascii_alphanumeric()).then_some(3)
        }
        [b'\\', b'n' | b'r' | b't' | b'b' | b'f' | b'\\' | b'"' | b'/', ..] => Some(2),
        _ => unicode(rest).filter(|character| !character.is_alphanumeric()).map(|_| ESCAPED_MARK.len()),
    }
}

/// What `\u0041` says; half a pair says nothing that stays (RFC 8259 §7).
fn unicode(rest: &[u8]) -> Option<char> {
    let digits = rest.strip_prefix(b"\\u")?.first_chunk::<4>()?;
    let value = digits.iter().try_fold(0, |value, digit| Some(value << 4 | char::from(*digit).to_digit(16)?))?;
    Some(char::from_u32(value).unwrap_or('x'))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::views::Searcher;

    fn redactor() -> Redactor {
        let searcher = Searcher::new(["0101901234".parse().unwrap()], jiff::civil::date(2026, 11, 22));
        Redactor::new(Arc::new(searcher))
    }

    #[track_caller]
    fn case(text: &[u8], expected: &[u8], sure: u64, care: u64) {
        let mut masked = text.to_vec();
        assert_eq!(redactor().mask(&mut masked), Masked { sure, care });
        assert_eq!(String::from_utf8_lossy(&masked), String::from_utf8_lossy(expected));
        assert_eq!(redactor().spans(&masked), []);
    }

    #[test]
    fn letters_and_digits_are_masked_and_signs_stay() {
        case(b"cpr=070761-4285&side=1", b"cpr=xxxxxx-xxxx&side=1", 1, 0);
        case(b"cpr=070761%2D4285", b"cpr=xxxxxx%2Dxxxx", 1, 0);
        case("cpr=070761\u{2013}4285 å".as_bytes(), "cpr=xxxxxx\u{2013}xxxx å".as_bytes(), 1, 0);
        case(b"%30%37%30%37%36%31%34%32%38%35", b"%xx%xx%xx%xx%xx%xx%xx%xx%xx%xx", 1, 0);
        case(b"d=eyJjcHIiOiIwNzA3NjE0Mjg1In0=", b"d=xxxxxxxxxxxxxxxxxxxxxxxxxxx=", 1, 0);
        case(b"a 3037303736312d34323835 b", b"a xxxxxxxxxxxxxxxxxxxxxx b", 1, 0);
        case(b"id 5d41402abc4b2a76b9719d911017c592.", b"id xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.", 0, 1);
        case(b"order 99999999999", b"order xxxxxxxxxxx", 0, 1);
    }

    #[test]
    fn bytes_that_are_no_text_stay_as_they_are() {
        case(b"\xe5\xff070761-4285\xf8 \0 070761\xad4285", b"\xe5\xffxxxxxx-xxxx\xf8 \0 xxxxxx\xadxxxx", 1, 0);
        case("\u{ff10}\u{ff17}\u{ff10}\u{ff17}6\u{ff11}-4285".as_bytes(), b"xxxxxxxxxxxxxxxx-xxxx", 0, 1);
    }

    #[test]
    fn escapes_in_json_stay_escapes() {
        case(br#"{"a":"\u003070761\u002d4285\n"}"#, br#"{"a":"\u0078xxxxx\u002dxxxx\n"}"#, 1, 0);
    }

    #[test]
    fn declared_numbers_stay() {
        for text in ["cpr=010190-1234", "cpr=0101901234", "d=MDEwMTkwMTIzNA=="] {
            case(text.as_bytes(), text.as_bytes(), 0, 0);
        }
    }

    #[test]
    fn texts_of_any_length_are_read_to_their_end() {
        for at in [0, 900, PIECE - 5, PIECE + 3, 3 * PIECE - OVERLAP] {
            let text = [&b"a=b&".repeat(at / 4), &b"0707614285"[..], &b"&c=d".repeat(5_000)].concat();
            let spans = redactor().spans(&text);
            assert_eq!(spans, [Span { range: at / 4 * 4..at / 4 * 4 + 10, is_sure: true }], "{at}");
        }
    }

    #[test]
    fn what_is_escaped_without_end_goes_whole() {
        let text = format!("%{}41 b", "25".repeat(100));
        assert_eq!(redactor().spans(text.as_bytes()), [Span { range: 0..text.len(), is_sure: false }]);
    }
}
