//! Takes numbers out of text before it is written anywhere.
//!
//! Wider than the detector on purpose: what only might be a number is masked too. Declared test numbers stay.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use model::{CprNumber, MASKED, Redact, Redacted, Target, WrittenForm};

use crate::apart::apart;
use crate::decoders::{Piece, is_compressed};
use crate::harmless::{FEWEST_DIGITS, holds_no_number, is_harmless, is_of_plain_words};
use crate::letters::places_with_letters;
use crate::lone::lone;
use crate::memo::Memo;
use crate::reading::{Layer, Unit, is_numeric, layers, without_tags};
use crate::shown::{cut, readable, shown};
use crate::tokens::{is_uuid, joined, opaque, readings, readings_in_base64, says_digits_in_small, words};
use crate::views::Searcher;
use crate::windows::{Window, cleared, suspicious};

/// Bytes decoded while looking into the words of one text: several times what honest text comes to.
const MAX_DECODED: usize = 1 << 20;

/// Encodings within encodings looked into; each makes text a third longer.
const MAX_DEPTH: usize = 16;

/// Segments and labels from here on, of letters and digits mixed, are ids that nobody reads.
const OPAQUE: usize = 20;

/// What a page has beside host and path: scheme and port.
const ROOM_IN_PAGE: usize = 14;

/// What stands for an id or a digest.
pub(crate) const TOKEN: &str = "{token}";

/// Masks every number that is no declared test number. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Redactor {
    searcher: Arc<Searcher>,
    /// Whether what is proven harmless is read no further. Makes no difference but in time: tests compare.
    is_quick: bool,
}

/// Leaves what is proven harmless.
struct Proven;

/// What is taken out of a text, and what is shown instead.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Hidden {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) shown: &'static str,
    /// Whether it is an encoding of what is written as a number is.
    pub(crate) is_sure: bool,
}

/// How much may still be decoded, and what came of it.
struct Budget {
    bytes: usize,
    depth: usize,
    /// Whether something decoded was written as a number is.
    is_sure: bool,
}

impl Redactor {
    pub(crate) fn new(searcher: Arc<Searcher>) -> Self {
        Self { searcher, is_quick: true }
    }

    /// One that proves nothing and reads all, to compare with.
    #[cfg(test)]
    pub(crate) fn thorough(self) -> Self {
        Self { is_quick: false, ..self }
    }

    /// One that remembers what it made of the last pages, hosts and texts.
    pub fn memo(&self) -> Memo {
        Memo::new(self.clone())
    }

    /// A page as reports show it: `https://host/path`, without query and fragment, variable segments named `{cpr}`,
    /// `{n}`, `{date}`, `{uuid}` or `{token}`.
    pub fn page(&self, url: &str) -> Redacted {
        match Target::parse(url) {
            Ok(target) => self.page_of(&target),
            Err(_) => Redacted::new(url, self),
        }
    }

    /// The same for a URL that is taken apart already.
    pub fn page_of(&self, target: &Target) -> Redacted {
        let host = target.host.to_string();
        let is_plain = |segment: &str| is_of_plain_words(segment) && shape(segment).is_none();
        if self.is_quick && is_of_plain_words(&host) && target.path.split('/').all(is_plain) {
            let page = page(target, &host, target.path.split('/').map(Cow::Borrowed));
            if is_harmless(&page) {
                return Redacted::new(&page, &Proven);
            }
        }
        let segments = target.path.split('/').map(|segment| self.segment(segment));
        Redacted::new(&page(target, &self.masked_host(&host), segments), self)
    }

    /// A host with its numbers masked.
    pub fn host(&self, host: &str) -> Redacted {
        if self.is_quick && is_of_plain_words(host) && is_harmless(host) {
            return Redacted::new(host, &Proven);
        }
        Redacted::new(&self.masked_host(host), self)
    }

    fn masked_host<'a>(&self, host: &'a str) -> Cow<'a, str> {
        if !host.split('.').any(|label| self.holds_number(label)) {
            return Cow::Borrowed(host);
        }
        let labels: Vec<&str> =
            host.split('.').map(|label| if self.holds_number(label) { "{cpr}" } else { label }).collect();
        Cow::Owned(labels.join("."))
    }

    /// A path segment, or what kind of thing stands there.
    fn segment<'a>(&self, segment: &'a str) -> Cow<'a, str> {
        if self.holds_number(segment) {
            return Cow::Borrowed("{cpr}");
        }
        match shape(segment) {
            Some(shape) => Cow::Borrowed(shape),
            None => self.masked(segment),
        }
    }

    /// Whether what may be a number stands in `text`. Not how surely: a page must have one name whoever visits it. A
    /// declared number's digest is no number to a reader, but a token.
    fn holds_number(&self, text: &str) -> bool {
        if text.len() < FEWEST_DIGITS || (self.is_quick && holds_no_number(text)) {
            return false;
        }
        let found = self.searcher.search(Piece::new(Vec::new(), text.as_bytes().to_vec()));
        let is_found = found.suspects > 0 || found.hits.iter().any(|hit| is_in_digits(hit.form));
        // Without a name that says so the search finds none with letters.
        is_found || layers(text).is_some_and(|layers| layers.iter().any(|layer| !lettered(&layer.units).is_empty()))
    }

    fn masked<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if self.is_quick && is_harmless(text) {
            return Cow::Borrowed(text);
        }
        // Masked before it is cut: what the cut goes through would show its first digits, or no longer decode.
        let text = readable(text);
        Cow::Owned(match self.hidden(text) {
            Some(hidden) => cut(&shown(text, hidden)),
            None => MASKED.to_owned(),
        })
    }

    /// All that must be taken out of `text`; `None` when it cannot be read.
    pub(crate) fn hidden(&self, text: &str) -> Option<Vec<Hidden>> {
        let budget = &mut Budget { bytes: MAX_DECODED, depth: MAX_DEPTH, is_sure: false };
        let layers = layers(text)?;
        let mut hidden = self.numbers(text, &layers);
        for Layer { units, .. } in &layers {
            hidden.extend(opaque(units).into_iter().filter_map(|range| taken_out(units, &range, TOKEN)));
            let characters: Vec<char> = units.iter().map(|unit| unit.character).collect();
            hidden.extend(lone(&characters).and_then(|range| taken_out(units, &range, MASKED)));
            for word in words(units) {
                if says_digits_in_small(&word.text) || self.is_encoded(readings(&word.text), budget) {
                    hidden.extend(encoded(units, &word.range, budget));
                }
            }
            for word in joined(units) {
                if says_digits_in_small(&word.text) || self.is_encoded(readings_in_base64(&word.text), budget) {
                    hidden.extend(encoded(units, &word.range, budget));
                }
            }
        }
        Some(hidden)
    }

    /// The numbers that stand in one of the `layers` of `text`.
    fn numbers(&self, text: &str, layers: &[Layer]) -> Vec<Hidden> {
        let mut hidden: Vec<Hidden> = Vec::new();
        if !has_enough_digits(text) {
            return hidden;
        }
        let (last, others): (Vec<&Layer>, Vec<&Layer>) = layers.iter().partition(|layer| layer.is_last);
        // Digits of an escape that says something else are none, if all else about them is.
        let escapes = last.iter().flat_map(|layer| &layer.units).filter(|unit| unit.is_escape && !unit.is_digit());
        let mut known: Vec<(usize, usize)> = escapes.map(|unit| (unit.start, unit.end)).collect();
        for layer in last.into_iter().chain(others) {
            let bare = without_tags(&layer.units);
            for units in [Some(&layer.units), bare.as_ref()].into_iter().flatten() {
                let cleared = cleared(units, |digits| self.is_declared(digits));
                let windows = [suspicious(units, &cleared), apart(units, &cleared), lettered(units)].concat();
                let found = windows.iter().filter(|window| layer.is_last || !is_known(units, window, &known));
                let found: Vec<Hidden> = found
                    .filter_map(|window| taken_out(units, &(*window.first()?..window.last()? + 1), MASKED))
                    .collect();
                if layer.is_last {
                    known.extend(
                        cleared.iter().filter_map(|range| taken_out(units, range, "")).map(|h| (h.start, h.end)),
                    );
                    known.extend(found.iter().map(|hidden| (hidden.start, hidden.end)));
                    known.sort_unstable();
                }
                hidden.extend(found);
            }
        }
        hidden
    }

    fn is_declared(&self, digits: &str) -> bool {
        CprNumber::parse(digits).is_ok_and(|number| self.is_declared_number(&number))
    }

    pub(crate) fn is_declared_number(&self, number: &CprNumber) -> bool {
        self.searcher.is_canary(number)
    }

    /// Whether `text` is proven to hold nothing.
    pub(crate) fn leaves(&self, text: &str) -> bool {
        self.is_quick && is_harmless(text)
    }

    /// Whether one of the `readings` of a word is a number, or more than can be looked into.
    fn is_encoded(&self, word: Vec<Vec<u8>>, budget: &mut Budget) -> bool {
        word.into_iter().any(|bytes| {
            let Some(left) = budget.bytes.checked_sub(bytes.len()) else { return true };
            budget.bytes = left;
            if is_compressed(&bytes) {
                let found = self.searcher.search(Piece::new(Vec::new(), bytes));
                budget.is_sure |= !found.hits.is_empty();
                return found.suspects > 0 || !found.problems.is_empty();
            }
            let text = String::from_utf8_lossy(&bytes);
            // Only text is looked into further: noise has words by chance alone.
            let is_text = bytes.iter().filter(|byte| byte.is_ascii_graphic()).count() * 2 > bytes.len();
            if !is_text && !has_enough_digits(&text) {
                return false;
            }
            let Some(layers) = layers(&text) else { return true };
            if !self.numbers(&text, &layers).is_empty() {
                budget.is_sure |= self.is_written_as_number(&bytes);
                return true;
            }
            if !is_text || budget.depth == 0 {
                return is_text && budget.depth == 0;
            }
            budget.depth -= 1;
            let is_hidden = layers.iter().any(|Layer { units, .. }| {
                words(units).iter().any(|word| self.is_encoded(readings(&word.text), budget))
                    || joined(units).iter().any(|word| self.is_encoded(readings_in_base64(&word.text), budget))
            });
            budget.depth += 1;
            is_hidden
        })
    }
}

impl Redact for Redactor {
    fn redact(&self, text: &str) -> String {
        self.masked(text).into_owned()
    }
}

impl Redact for Proven {
    fn redact(&self, text: &str) -> String {
        text.to_owned()
    }
}

/// Whether there are digits enough for a number, however they are escaped: an escape of one has one at least.
fn has_enough_digits(text: &str) -> bool {
    text.chars().filter(|c| is_numeric(*c)).take(FEWEST_DIGITS).count() == FEWEST_DIGITS
}

/// The bytes that the units in `range` come from.
fn taken_out(units: &[Unit], range: &Range<usize>, shown: &'static str) -> Option<Hidden> {
    let units = units.get(range.clone())?;
    Some(Hidden { start: units.first()?.start, end: units.last()?.end, shown, is_sure: false })
}

/// The same of a word that was found to be an encoding.
fn encoded(units: &[Unit], range: &Range<usize>, budget: &mut Budget) -> Option<Hidden> {
    let is_sure = std::mem::take(&mut budget.is_sure);
    taken_out(units, range, MASKED).map(|hidden| Hidden { is_sure, ..hidden })
}

/// Numbers with letters, as their digits.
fn lettered(units: &[Unit]) -> Vec<Window> {
    let bytes: Vec<u8> = units
        .iter()
        .map(|unit| match unit.character {
            '\u{ad}' | '\u{2010}'..='\u{2015}' | '\u{2212}' => b'-',
            character => u8::try_from(character).unwrap_or(u8::MAX),
        })
        .collect();
    let digits = |range: Range<usize>| range.filter(|at| units.get(*at).is_some_and(|unit| unit.is_digit())).collect();
    places_with_letters(&bytes).map(|(range, _)| digits(range)).collect()
}

/// Whether every digit of `window` is one that a surer reading has dealt with.
fn is_known(units: &[Unit], window: &[usize], known: &[(usize, usize)]) -> bool {
    let is_covered = |unit: &Unit| known.iter().any(|(start, end)| (*start..*end).contains(&unit.start));
    window.iter().filter_map(|at| units.get(*at)).all(is_covered)
}

/// A page's name from its parts.
fn page<'a>(target: &Target, host: &str, segments: impl Iterator<Item = Cow<'a, str>>) -> String {
    let mut page = String::with_capacity(target.path.len() + host.len() + ROOM_IN_PAGE);
    page.push_str(target.scheme.as_str());
    page.push_str("://");
    page.push_str(host);
    if target.port != target.scheme.default_port() {
        page.push(':');
        page.push_str(&target.port.to_string());
    }
    for (at, segment) in segments.enumerate() {
        page.push_str(if at == 0 { "" } else { "/" });
        page.push_str(&segment);
    }
    page
}

/// What kind of thing a path segment is, by its shape alone; `None` for a name.
fn shape(segment: &str) -> Option<&'static str> {
    let of = |test: fn(&u8) -> bool| !segment.is_empty() && segment.bytes().all(|byte| test(&byte));
    let is_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_=.%~".contains(byte);
    let has_digit = segment.bytes().any(|byte| byte.is_ascii_digit());
    if of(u8::is_ascii_digit) {
        Some("{n}")
    } else if is_date(segment) {
        Some("{date}")
    } else if is_uuid(segment) {
        Some("{uuid}")
    } else if segment.len() >= OPAQUE && has_digit && of(is_token) {
        Some(TOKEN)
    } else {
        None
    }
}

fn is_date(segment: &str) -> bool {
    let shape = segment.bytes().map(|byte| if byte.is_ascii_digit() { b'0' } else { byte });
    shape.eq(*b"0000-00-00")
}

fn is_in_digits(form: WrittenForm) -> bool {
    match form {
        WrittenForm::Compact
        | WrittenForm::Dashed
        | WrittenForm::Spaced
        | WrittenForm::LongYear
        | WrittenForm::Split
        | WrittenForm::Letters => true,
        WrittenForm::Md5
        | WrittenForm::Sha1
        | WrittenForm::Sha224
        | WrittenForm::Sha256
        | WrittenForm::Sha384
        | WrittenForm::Sha512
        | WrittenForm::Sha3_224
        | WrittenForm::Sha3_256
        | WrittenForm::Sha3_384
        | WrittenForm::Sha3_512 => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redactor() -> Redactor {
        let searcher = Searcher::new(["0101901234".parse().unwrap()], jiff::civil::date(2026, 11, 22));
        Redactor::new(Arc::new(searcher))
    }

    #[track_caller]
    fn case(text: &str, expected: &str) {
        assert_eq!(redactor().redact(text), expected);
    }

    #[track_caller]
    fn page(url: &str, expected: &str) {
        assert_eq!(redactor().page(url).as_str(), expected);
    }

    #[test]
    fn undeclared_numbers_are_masked_in_every_spelling() {
        case("cpr 0707614285!", "cpr xxxxxx-xxxx!");
        case("070761-4285 and 070761 4285", "xxxxxx-xxxx and xxxxxx-xxxx");
        case("070761%2D4285", "xxxxxx-xxxx");
        case("070761%E2%80%934285", "xxxxxx-xxxx");
        case("070761\\u20134285", "xxxxxx-xxxx");
        case("%200707614285", "%20xxxxxx-xxxx");
        case("670761-4285", "xxxxxx-xxxx");
        case("id 17000000001234", "id xxxxxx-xxxx");
    }

    #[test]
    fn encoded_numbers_take_their_word_with_them() {
        case("x=MDcwNzYxLTQyODU= y", "x=xxxxxx-xxxx= y");
        case("%30%37%30%37%36%31%34%32%38%35", "xxxxxx-xxxx");
    }

    #[test]
    fn blanks_and_line_ends_break_up_no_encoding() {
        case("x=MDcwNzYx LTQyODU= y", "x=xxxxxx-xxxx= y");
        case("x: MDcw\r\n  NzYx\r\n  LTQyODU=", "x: xxxxxx-xxxx=");
        case("{\"a\":\"MDcwNzYx\\nLTQyODU=\"}", "{\"a\":\"xxxxxx-xxxx=\"}");
        case("cpr MDcwNzYx%0D%0ALTQyODU=", "xxxxxx-xxxx=");
        case("MDEwMTkw MTIzNA==", "MDEwMTkw MTIzNA==");
        case("Alt om Danmark og resten af verden, dag for dag", "Alt om Danmark og resten af verden, dag for dag");
    }

    #[test]
    fn digests_of_declared_numbers_are_tokens() {
        let digest = data_encoding::HEXLOWER.encode(&<sha2::Sha256 as sha2::Digest>::digest(b"0101901234"));
        page(&format!("https://a.test/{digest}/x"), "https://a.test/{token}/x");
        case(&format!("uid={digest}"), "uid={token}");
    }

    #[test]
    fn declared_numbers_and_other_text_stay() {
        case("cpr 0101901234 and 010190-1234", "cpr 0101901234 and 010190-1234");
        case("took 12.5 s, 404 Not Found on port 8443", "took 12.5 s, 404 Not Found on port 8443");
        case("Årsopgørelse 2025", "Årsopgørelse 2025");
        case("90101901234", "xxxxxx-xxxx");
    }

    #[test]
    fn long_text_is_cut() {
        assert_eq!(redactor().redact(&"æ".repeat(5_000)).chars().count(), crate::shown::MAX_SHOWN + 1);
    }

    #[test]
    fn a_page_has_its_variable_parts_named() {
        page("https://a.test/x?cpr=0707614285#y", "https://a.test/x");
        page("https://a.test/borger/070761-4285/sag", "https://a.test/borger/{cpr}/sag");
        page("https://a.test/0101901234", "https://a.test/{cpr}");
        page("https://a.test/sag/17/2026-11-22", "https://a.test/sag/{n}/{date}");
        page("https://a.test/1f8b2c3d-0000-4000-8000-1234567890ab", "https://a.test/{uuid}");
        page("https://a.test/eyJjcHIiOiIwNzA3NjE0Mjg1In0", "https://a.test/{cpr}");
        page(
            "https://a.test/b/ss/skatprod/1/JS-2.20.0/s95512345678901",
            "https://a.test/b/ss/skatprod/{n}/JS-2.20.0/sxxxxxx-xxxx",
        );
        page("https://0707614285.a.test:444/", "https://{cpr}.a.test:444/");
        page("https://u0707614285.a.test/", "https://{cpr}.a.test/");
        page("not a url 0707614285", "not a url xxxxxx-xxxx");
    }
}
