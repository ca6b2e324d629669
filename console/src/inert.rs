//! How much of a text from strangers is shown where, made harmless to look at. Escaping comes on top: the template engine's,
//! or none where a script sets text as text.

use model::inert;

/// Longest address shown in a list, in characters.
pub(crate) const MAX_LINE: usize = 400;

/// Longest name, in characters: those of hosts have at most 253, and most of them 20.
pub(crate) const MAX_NAME: usize = 120;

/// Longest text shown of a card; a whole address of 8 KiB fits.
pub(crate) const MAX_TEXT: usize = 10_000;

/// `text` as a line of a list.
pub(crate) fn line(text: impl AsRef<str>) -> String {
    inert(text.as_ref(), MAX_LINE, |_| false)
}

/// `text` as a name among others.
pub(crate) fn short(text: impl AsRef<str>) -> String {
    inert(text.as_ref(), MAX_NAME, |_| false)
}

/// `text` where it is told in full; lines stay lines.
pub(crate) fn whole(text: impl AsRef<str>) -> String {
    inert(text.as_ref(), MAX_TEXT, |c| c == '\n')
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
