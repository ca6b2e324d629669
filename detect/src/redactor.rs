//! Takes numbers out of text before it is written anywhere.
//!
//! Wider than the detector on purpose: what only might be a number is masked too. Declared test numbers stay.

use std::sync::Arc;

use data_encoding::BASE64_NOPAD;
use model::{CprNumber, MASKED, Redact, Redacted, Target};

use crate::decoders::{Decoder as _, Percent, Piece};
use crate::runs::{LONG_RUN, Run, is_separator, looks_like_date, runs};
use crate::views::Searcher;

/// Longest text shown; wire text is names and addresses, and more helps nobody.
const MAX_SHOWN: usize = 1_000;

/// Longest text read for it: encoded text takes more room than what is shown in its place.
const MAX_READ: usize = 16_000;

/// Layers of percent-encoding undone before a text is given up.
const MAX_PERCENT: usize = 16;

/// Shorter text holds no number in base64.
const SHORTEST_BASE64: usize = 14;

/// How far behind a date its serial is looked for, in characters: the longest separator is ` – ` encoded three times.
const MAX_BEHIND: usize = 60;

/// Segments and labels from here on, of letters and digits mixed, are ids that nobody reads.
const OPAQUE: usize = 20;

/// Masks every number that is no declared test number. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Redactor(Arc<Searcher>);

impl Redactor {
    pub(crate) fn new(searcher: Arc<Searcher>) -> Self {
        Self(searcher)
    }

    /// A page as reports show it: `https://host/path`, without query and fragment, variable segments named `{cpr}`,
    /// `{n}`, `{date}`, `{uuid}` or `{token}`.
    pub fn page(&self, url: &str) -> Redacted {
        let Ok(target) = Target::parse(url) else { return Redacted::new(url, self) };
        let port =
            if target.port == target.scheme.default_port() { String::new() } else { format!(":{}", target.port) };
        let host = self.masked_host(&target.host.to_string());
        let path: Vec<String> = target.path.split('/').map(|segment| self.segment(segment)).collect();
        let page = format!("{}://{host}{port}{}", target.scheme.as_str(), path.join("/"));
        Redacted::new(&page, &Own(self))
    }

    /// A host with its numbers masked.
    pub fn host(&self, host: &str) -> Redacted {
        Redacted::new(&self.masked_host(host), &Own(self))
    }

    fn masked_host(&self, host: &str) -> String {
        let labels: Vec<String> = host
            .split('.')
            .map(|label| if self.holds_number(label) { "{cpr}".to_owned() } else { self.mask(label) })
            .collect();
        labels.join(".")
    }

    /// A path segment, or what kind of thing stands there.
    fn segment(&self, segment: &str) -> String {
        if self.holds_number(segment) {
            return "{cpr}".to_owned();
        }
        let of = |test: fn(&u8) -> bool| !segment.is_empty() && segment.bytes().all(|byte| test(&byte));
        let has_digit = segment.bytes().any(|byte| byte.is_ascii_digit());
        if of(u8::is_ascii_digit) {
            "{n}".to_owned()
        } else if is_date(segment) {
            "{date}".to_owned()
        } else if is_uuid(segment) {
            "{uuid}".to_owned()
        } else if segment.len() >= OPAQUE
            && has_digit
            && of(|byte| byte.is_ascii_alphanumeric() || b"-_=.%~".contains(byte))
        {
            "{token}".to_owned()
        } else {
            self.redact(segment)
        }
    }

    /// Whether what may be a number stands in `text`. Not how surely: a page must have one name whoever visits it.
    fn holds_number(&self, text: &str) -> bool {
        let found = self.0.search(Piece::new(Vec::new(), text.as_bytes().to_vec()));
        found.suspects > 0 || !found.hits.is_empty()
    }

    /// Whether anything undeclared that could be a number is left in `text`, plain or encoded.
    fn leaks(&self, text: &str) -> bool {
        if self.has_escaped_separator(text) {
            return true;
        }
        let mut layer = text.to_owned();
        for _ in 0..MAX_PERCENT {
            if self.mask(&layer) != layer || self.is_in_base64(&layer) {
                return true;
            }
            let Some(undone) = without_percent(&layer) else {
                let found = self.0.search(Piece::new(Vec::new(), text.as_bytes().to_vec()));
                return found.suspects > 0 || !found.problems.is_empty();
            };
            layer = undone;
        }
        // More layers than anybody needs: not worth showing.
        true
    }

    /// Whether a number's separator is escaped while an escape, or a stray `%`, that goes before has taken digits of its
    /// date: then no layer holds it whole.
    fn has_escaped_separator(&self, text: &str) -> bool {
        let may_end_in_date = |run: &&Run| run.end - run.raw_start >= 6 && run.end - run.start < LONG_RUN;
        runs(text).iter().filter(may_end_in_date).any(|run| {
            let mut behind: String = text.get(run.end..).unwrap_or_default().chars().take(MAX_BEHIND).collect();
            while let Some(undone) = without_percent(&behind) {
                behind = undone;
            }
            let date = text.get(run.end - 6..run.end).unwrap_or_default();
            // A letter keeps the date from being read as an escape.
            self.mask(&format!("x{date}{behind}")) != format!("x{date}{behind}")
        })
    }

    /// Whether a number stands in base64 that begins or ends anywhere in `text`, so that no decoder would try it.
    fn is_in_base64(&self, text: &str) -> bool {
        let is_base64 = |c: char| c.is_ascii_alphanumeric() || "+/-_".contains(c);
        text.split(|c| !is_base64(c)).filter(|run| run.len() >= SHORTEST_BASE64).any(|run| {
            let run: Vec<u8> = run.bytes().map(standard_alphabet).collect();
            (0..4).filter_map(|offset| decoded_base64(run.get(offset..)?)).any(|bytes| {
                let text = String::from_utf8_lossy(&bytes);
                text.bytes().filter(u8::is_ascii_digit).count() >= LONG_RUN && self.mask(&text) != text
            })
        })
    }

    /// Masks what stands plain: runs of ten digits or more, and six with four behind a separator.
    fn mask(&self, text: &str) -> String {
        let runs = runs(text);
        let mut masked = String::with_capacity(text.len());
        let mut shown_to = 0;
        let mut at = 0;
        while let Some(run) = runs.get(at) {
            let split = runs.get(at + 1).and_then(|next| self.split_number(text, *run, *next));
            let is_long = run.end - run.start >= LONG_RUN && !self.is_declared(text, run.start, run.end);
            let number = split.or_else(|| is_long.then_some((run.start, run.end)));
            if let Some((start, end)) = number {
                masked.push_str(text.get(shown_to..start).unwrap_or_default());
                masked.push_str(MASKED);
                shown_to = end;
            }
            at += 1 + usize::from(split.is_some());
        }
        masked.push_str(text.get(shown_to..).unwrap_or_default());
        masked
    }

    /// Where an undeclared number stands whose date ends the first run and whose serial begins the second, if so.
    fn split_number(&self, text: &str, first: Run, second: Run) -> Option<(usize, usize)> {
        let gap = text.get(first.end..second.start).unwrap_or_default();
        // Digits of an escape are the date's when it is too short without them: either may be meant.
        let start = if first.end - first.start < 6 { first.raw_start } else { first.start };
        let lengths = (first.end - start, second.end - second.start);
        if !(6..LONG_RUN).contains(&lengths.0) || lengths.1 < 4 || !is_separator(gap) {
            return None;
        }
        let date = text.get(first.end - 6..first.end).unwrap_or_default();
        let serial = text.get(second.start..second.start + 4).unwrap_or_default();
        let is_declared = CprNumber::parse(&format!("{date}{serial}")).is_ok_and(|number| self.0.is_canary(&number));
        (!(is_declared && lengths == (6, 4)) && looks_like_date(date)).then_some((start, second.end))
    }

    fn is_declared(&self, text: &str, start: usize, end: usize) -> bool {
        let digits = text.get(start..end).unwrap_or_default();
        CprNumber::parse(digits).is_ok_and(|number| self.0.is_canary(&number))
    }
}

impl Redact for Redactor {
    fn redact(&self, text: &str) -> String {
        // Masked before it is cut: what the cut goes through would show its first digits, or no longer decode.
        let masked = self.mask(readable(text));
        let words: String = masked
            .split_inclusive(is_delimiter)
            .map(|word| {
                let bare = word.trim_end_matches(is_delimiter);
                let end = word.get(bare.len()..).unwrap_or_default();
                if self.leaks(bare) { format!("{MASKED}{end}") } else { word.to_owned() }
            })
            .collect();
        // Something that only shows in several words together: give up all.
        if self.leaks(&words) { MASKED.to_owned() } else { cut(&words) }
    }
}

/// Lets text through that this file has built from redacted pieces and names of its own.
struct Own<'a>(&'a Redactor);

impl Redact for Own<'_> {
    fn redact(&self, text: &str) -> String {
        if self.0.leaks(text) { self.0.redact(text) } else { cut(text) }
    }
}

/// As much of `text` as is read for redacting: whole words.
fn readable(text: &str) -> &str {
    match text.char_indices().nth(MAX_READ) {
        Some((at, _)) => text.get(..at).unwrap_or_default().trim_end_matches(|c| !is_delimiter(c)),
        None => text,
    }
}

fn is_delimiter(c: char) -> bool {
    c.is_whitespace() || "&?=/;,\"'<>()[]{}#|".contains(c)
}

/// `text` with one layer of percent-encoding undone; `None` when there is none.
fn without_percent(text: &str) -> Option<String> {
    let piece = Percent.decode(text.as_bytes())?.pieces.into_iter().next()?;
    Some(String::from_utf8_lossy(&piece.bytes).into_owned())
}

fn standard_alphabet(byte: u8) -> u8 {
    match byte {
        b'-' => b'+',
        b'_' => b'/',
        other => other,
    }
}

/// What `run` says in base64, its last bits filled up.
fn decoded_base64(run: &[u8]) -> Option<Vec<u8>> {
    let mut run = run.to_vec();
    // One character alone at the end holds no byte.
    let missing = match run.len() % 4 {
        1 => {
            run.pop();
            0
        }
        rest => (4 - rest) % 4,
    };
    run.resize(run.len() + missing, b'A');
    BASE64_NOPAD.decode(&run).ok()
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(MAX_SHOWN) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    }
}

fn is_date(segment: &str) -> bool {
    let shape: String = segment.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    shape == "0000-00-00"
}

fn is_uuid(segment: &str) -> bool {
    let groups: Vec<&str> = segment.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|g| g.bytes().all(|b| b.is_ascii_hexdigit()))
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
    fn declared_numbers_and_other_text_stay() {
        case("cpr 0101901234 and 010190-1234", "cpr 0101901234 and 010190-1234");
        case("took 12.5 s, 404 Not Found on port 8443", "took 12.5 s, 404 Not Found on port 8443");
        case("Årsopgørelse 2025", "Årsopgørelse 2025");
        case("90101901234", "xxxxxx-xxxx");
    }

    #[test]
    fn long_text_is_cut() {
        assert_eq!(redactor().redact(&"æ".repeat(5_000)).chars().count(), MAX_SHOWN + 1);
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
