//! Text from strangers made harmless to look at, by the rules of the reports: what is invisible or turns text around is
//! spelled out, what is endless is cut and its length told. Escaping comes on top: the template engine's, or none where a
//! script sets text as text.

/// Longest address shown in a list, in characters.
pub(crate) const MAX_LINE: usize = 400;

/// Longest name, in characters: those of hosts have at most 253, and most of them 20.
pub(crate) const MAX_NAME: usize = 120;

/// Longest text shown of a card; a whole address of 8 KiB fits.
pub(crate) const MAX_TEXT: usize = 10_000;

/// Of a text that is cut, this much of its end is kept: the end of an address often tells most.
const KEPT_END: usize = 60;

/// More combining marks than this on one letter write over the lines around it; no language needs more.
const MAX_MARKS: u32 = 3;

/// `text` as a line of a list.
pub(crate) fn line(text: impl AsRef<str>) -> String {
    cut(text.as_ref(), MAX_LINE, |_| false)
}

/// `text` as a name among others.
pub(crate) fn short(text: impl AsRef<str>) -> String {
    cut(text.as_ref(), MAX_NAME, |_| false)
}

/// `text` where it is told in full; lines stay lines.
pub(crate) fn whole(text: impl AsRef<str>) -> String {
    cut(text.as_ref(), MAX_TEXT, |c| c == '\n')
}

fn cut(text: &str, max: usize, keep: impl Fn(char) -> bool) -> String {
    let length = text.chars().count();
    if length <= max {
        return visible(text.chars(), keep);
    }
    let head = visible(text.chars().take(max.saturating_sub(KEPT_END)), &keep);
    let tail: Vec<char> = text.chars().rev().take(KEPT_END).collect();
    let tail = visible(tail.into_iter().rev(), keep);
    format!("{head}[… +{} …]{tail}", length - max)
}

fn visible(chars: impl Iterator<Item = char>, keep: impl Fn(char) -> bool) -> String {
    let mut out = String::new();
    let mut marks = 0;
    for c in chars {
        marks = if is_mark(c) { marks + 1 } else { 0 };
        if keep(c) {
            out.push(c);
        } else if c.is_control() || is_steering(c) || marks > MAX_MARKS {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}

/// Characters that move, hide or reorder others and are no controls.
fn is_steering(c: char) -> bool {
    matches!(c,
        '\u{ad}'
        | '\u{34f}'
        | '\u{61c}'
        | '\u{115f}'..='\u{1160}'
        | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{3164}'
        | '\u{e000}'..='\u{f8ff}'
        | '\u{fdd0}'..='\u{fdef}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}'
        | '\u{fffe}'..='\u{ffff}'
        | '\u{e0000}'..='\u{10ffff}')
}

fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(text: &str, expected: &str) {
        assert_eq!(line(text), expected);
    }

    #[test]
    fn plain_text_stays_as_it_is() {
        case("https://www.tastselv.test/årsopgørelse?a=b", "https://www.tastselv.test/årsopgørelse?a=b");
        case("日本 <b>", "日本 <b>");
    }

    #[test]
    fn what_steers_or_hides_is_spelled_out() {
        case("\u{1b}[2J\r\n\t\0\u{7f}", "\\u{1b}[2J\\u{d}\\u{a}\\u{9}\\u{0}\\u{7f}");
        case("a\u{202e}gpj.exe", "a\\u{202e}gpj.exe");
        case("\u{2066}x\u{2069}\u{200b}\u{feff}\u{ad}", "\\u{2066}x\\u{2069}\\u{200b}\\u{feff}\\u{ad}");
        case("e\u{301}\u{301}\u{301}\u{301}", "e\u{301}\u{301}\u{301}\\u{301}");
    }

    #[test]
    fn a_megabyte_is_cut_and_its_length_told() {
        let shown = line(format!("START{}END", "x".repeat(1_000_000)));
        assert!(shown.starts_with("STARTxxx") && shown.ends_with("xxxEND"));
        assert!(shown.contains("[… +999608 …]"), "{shown}");
        assert!(shown.chars().count() < MAX_LINE + 20);
    }

    #[test]
    fn lines_of_a_text_stay_lines() {
        assert_eq!(whole("a\nb\u{202e}"), "a\nb\\u{202e}");
    }
}
