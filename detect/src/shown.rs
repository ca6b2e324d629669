//! What is shown of a text, once it is known what must be taken out of it.

use model::MASKED;

use crate::harmless::MAX_PROVEN;
use crate::redactor::{Hidden, TOKEN};

/// Longest text shown; wire text is names and addresses, and more helps nobody.
pub(crate) const MAX_SHOWN: usize = MAX_PROVEN;

/// Longest text read for it: encoded text takes more room than what is shown in its place.
const MAX_READ: usize = 16_000;

/// `text` with everything `hidden` replaced; what overlaps or touches is one. A token that holds a number is a token.
pub(crate) fn shown(text: &str, mut hidden: Vec<Hidden>) -> String {
    hidden.sort_unstable();
    let mut merged: Vec<Hidden> = Vec::new();
    for next in hidden {
        match merged.last_mut() {
            Some(last) if next.start <= last.end => {
                let is_within = next.end <= last.end && next.start >= last.start;
                let is_around = next.start == last.start && next.end >= last.end;
                last.shown = match (last.shown, next.shown) {
                    (TOKEN, _) if is_within => TOKEN,
                    (_, TOKEN) if is_around => TOKEN,
                    (TOKEN, TOKEN) => TOKEN,
                    _ => MASKED,
                };
                last.end = last.end.max(next.end);
            }
            _ => merged.push(next),
        }
    }
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for Hidden { start, end, shown, is_sure: _ } in merged {
        out.push_str(text.get(from..start).unwrap_or_default());
        out.push_str(shown);
        from = end;
    }
    out.push_str(text.get(from..).unwrap_or_default());
    out
}

/// As much of `text` as is read for redacting: whole words.
pub(crate) fn readable(text: &str) -> &str {
    match text.char_indices().nth(MAX_READ) {
        Some((at, _)) => text.get(..at).unwrap_or_default().trim_end_matches(|c| !is_delimiter(c)),
        None => text,
    }
}

fn is_delimiter(c: char) -> bool {
    c.is_whitespace() || "&?=/;,\"'<>()[]{}#|".contains(c)
}

/// As much of `text` as is shown.
pub(crate) fn cut(text: &str) -> String {
    match text.char_indices().nth(MAX_SHOWN) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    }
}
