//! Text from strangers made harmless to look at: what is invisible or turns text around becomes visible, what is endless
//! is cut and its length told. Escaping for HTML or Markdown comes on top.

/// Of a text that is cut, this much of its end is kept: the end of an address often tells most.
const KEPT_END: usize = 60;

/// More combining marks than this on one letter write over the lines around it; no language needs more.
const MAX_MARKS: u32 = 3;

/// `text`, at most some `max` characters of it; controls that `keeps` says stay, such as the ends of lines.
pub fn inert(text: &str, max: usize, keeps: impl Fn(char) -> bool) -> String {
    // Counting stops nowhere, but allocates nothing; everything after works on `max` characters.
    let length = text.chars().count();
    if length <= max {
        return visible(text.chars(), keeps);
    }
    let head = visible(text.chars().take(max.saturating_sub(KEPT_END)), &keeps);
    let tail: Vec<char> = text.chars().rev().take(KEPT_END).collect();
    let tail = visible(tail.into_iter().rev(), keeps);
    format!("{head}[… +{} …]{tail}", length - max)
}

fn visible(chars: impl Iterator<Item = char>, keeps: impl Fn(char) -> bool) -> String {
    let mut out = String::new();
    let mut marks = 0;
    for c in chars {
        marks = if is_mark(c) { marks + 1 } else { 0 };
        if !keeps(c) && (c.is_control() || is_steering(c) || marks > MAX_MARKS) {
            // Spelled as Rust and JavaScript do, `\u{202e}`: few fonts have the pictures of block 2400.
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}

/// Characters that move, hide or reorder others and are no controls: bidirectional marks, zero-width and other format
/// characters, line and paragraph separators, tags, and what is reserved for private use or is no character.
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
        assert_eq!(inert(text, 400, |_| false), expected);
    }

    #[test]
    fn plain_text_stays_as_it_is() {
        case("https://www.tastselv.test/årsopgørelse?a=b", "https://www.tastselv.test/årsopgørelse?a=b");
        case("日本 <b>", "日本 <b>");
        case("", "");
    }

    #[test]
    fn control_characters_are_spelled_out() {
        case("\u{1b}[2J\r\n\t\0\u{7f}", "\\u{1b}[2J\\u{d}\\u{a}\\u{9}\\u{0}\\u{7f}");
        case("\u{9b}31m", "\\u{9b}31m");
    }

    #[test]
    fn marks_that_turn_or_hide_text_are_spelled_out() {
        case("a\u{202e}gpj.exe", "a\\u{202e}gpj.exe");
        case("\u{2066}x\u{2069}\u{200b}\u{feff}\u{ad}", "\\u{2066}x\\u{2069}\\u{200b}\\u{feff}\\u{ad}");
        case("a\u{2028}b\u{e0041}", "a\\u{2028}b\\u{e0041}");
    }

    #[test]
    fn piled_up_marks_are_spelled_out_and_ordinary_ones_kept() {
        case("e\u{301}", "e\u{301}");
        case("e\u{301}\u{301}\u{301}\u{301}", "e\u{301}\u{301}\u{301}\\u{301}");
    }

    #[test]
    fn what_is_kept_stays() {
        assert_eq!(inert("a\nb\u{202e}", 400, |c| c == '\n'), "a\nb\\u{202e}");
    }
}
