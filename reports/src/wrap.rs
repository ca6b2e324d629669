//! Lines of a terminal: how wide a text is, and where it is broken.

use crate::inert::columns;

/// Columns that `text` takes.
pub(crate) fn width_of(text: &str) -> usize {
    text.chars().map(columns).sum()
}

/// Lines of at most `width` columns, broken at spaces, and inside a word only where it is longer than a line.
pub(crate) fn wrap(text: &str, width: usize) -> Vec<String> {
    // A wide character needs two columns, or it would fit nowhere.
    let width = width.max(2);
    let mut lines = Vec::new();
    // Leading spaces are meant: the line of an example stands in.
    let indent: String = text.chars().take_while(|c| *c == ' ').take(width / 2).collect();
    let mut line = indent.clone();
    let mut used = indent.len();
    let mut is_empty = true;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        if !is_empty && used + 1 + width_of(word) > width {
            lines.push(std::mem::take(&mut line));
            (used, is_empty) = (0, true);
        }
        if !is_empty {
            line.push(' ');
            used += 1;
        }
        for c in word.chars() {
            if used + columns(c) > width {
                lines.push(std::mem::take(&mut line));
                used = 0;
            }
            line.push(c);
            used += columns(c);
        }
        is_empty = false;
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_words_are_broken_and_nothing_is_lost() {
        let lines = wrap("ab https://a.test/0123456789 c", 10);
        assert_eq!(lines, ["ab", "https://a.", "test/01234", "56789 c"]);
        assert_eq!(wrap("", 10), [""]);
        assert_eq!(wrap("   x yy", 4), ["  x", "yy"]);
    }
}
