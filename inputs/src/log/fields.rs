//! A line of fields between spaces, taken from its start: words, quoted texts, texts in brackets.

use memchr::{memchr, memmem};

use super::Text;
use super::escapes::unescaped;

/// A value, or `None` where the log says that there was none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Logged<T>(pub(super) Option<T>);

/// What of a line is not taken yet.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    pub(super) fn new(line: &'a [u8]) -> Self {
        Self(line)
    }

    /// All that is left.
    pub(super) fn rest(self) -> &'a [u8] {
        self.0
    }

    pub(super) fn is_at_end(self) -> bool {
        self.0.is_empty()
    }

    /// Whether the next field is a quoted one.
    pub(super) fn is_quoted(self) -> bool {
        self.0.first() == Some(&b'"')
    }

    /// Up to the next space. `None` at the end.
    pub(super) fn word(&mut self) -> Option<&'a [u8]> {
        if self.0.is_empty() {
            return None;
        }
        let end = memchr(b' ', self.0).unwrap_or(self.0.len());
        Some(self.take(end, 1))
    }

    /// A word that is a number, or `-` for none.
    pub(super) fn number(&mut self) -> Option<Logged<u64>> {
        let word = self.word()?;
        if word == b"-" { Some(Logged(None)) } else { number(word).map(|number| Logged(Some(number))) }
    }

    /// A quoted text, escapes undone. A quote that no space follows is taken as part of it: not all servers escape them.
    pub(super) fn quoted(&mut self) -> Option<Text<'a>> {
        let text = self.0.strip_prefix(b"\"")?;
        let end = closing_quote(text)?;
        self.0 = text;
        Some(unescaped(self.take(end, 2)))
    }

    /// A text between `[` and `]`.
    pub(super) fn bracketed(&mut self) -> Option<&'a [u8]> {
        let text = self.0.strip_prefix(b"[")?;
        let end = memchr(b']', text)?;
        self.0 = text;
        Some(self.take(end, 2))
    }

    /// Up to `end`, which is passed over.
    pub(super) fn up_to(&mut self, end: &[u8]) -> Option<&'a [u8]> {
        let at = memmem::find(self.0, end)?;
        Some(self.take(at, end.len()))
    }

    /// Passes over `text`; whether it stood there.
    pub(super) fn passes(&mut self, text: &[u8]) -> bool {
        let rest = self.0.strip_prefix(text);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    /// Up to `end`, and passes over `gap` bytes more, or over what there is.
    fn take(&mut self, end: usize, gap: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at_checked(end).unwrap_or((self.0, &[]));
        self.0 = rest.get(gap..).unwrap_or_default();
        taken
    }
}

/// Where the quote stands that ends a text: none that is escaped, and a space or the end of the line comes after it.
pub(super) fn closing_quote(text: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + memchr(b'"', text.get(from..)?)?;
        let before = text.get(..at)?;
        let escapes = before.iter().rev().take_while(|byte| **byte == b'\\').count();
        let is_last = matches!(text.get(at + 1), None | Some(b' '));
        if is_last && escapes % 2 == 0 {
            return Some(at);
        }
        from = at + 1;
    }
}

/// A whole number in digits alone.
pub(super) fn number(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || digits.len() > 18 {
        return None;
    }
    digits.iter().try_fold(0, |number, digit| digit.is_ascii_digit().then(|| number * 10 + u64::from(digit - b'0')))
}

/// A status: three digits, or `-`. 000 is what some servers write for none.
pub(super) fn status(word: &[u8]) -> Option<Logged<u16>> {
    if word == b"-" {
        return Some(Logged(None));
    }
    let status = number(word).filter(|_| word.len() == 3).and_then(|status| u16::try_from(status).ok())?;
    Some(Logged(Some(status).filter(|status| *status > 0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_taken_one_by_one() {
        let mut fields = Fields::new(b"a [b c] \"d \\\"e\" - 12 rest of it");
        assert_eq!(fields.word(), Some(&b"a"[..]));
        assert_eq!(fields.bracketed(), Some(&b"b c"[..]));
        assert_eq!(fields.quoted().as_deref(), Some(&b"d \"e"[..]));
        assert_eq!((fields.number(), fields.number()), (Some(Logged(None)), Some(Logged(Some(12)))));
        assert_eq!(fields.rest(), b"rest of it");
    }

    #[test]
    fn a_quote_that_is_not_escaped_does_not_end_a_text() {
        let mut fields = Fields::new(br#""a "b" c\\" x"#);
        assert_eq!(fields.quoted().as_deref(), Some(&br#"a "b"#[..]));
        let mut fields = Fields::new(br#""a"b"c\\" x"#);
        assert_eq!(fields.quoted().as_deref(), Some(&br#"a"b"c\"#[..]));
        assert_eq!(fields.rest(), b"x");
    }

    #[test]
    fn what_is_not_there_is_not_taken() {
        let mut fields = Fields::new(b"\"open");
        assert_eq!((fields.quoted(), fields.bracketed(), fields.number()), (None, None, None));
        assert_eq!((number(b""), number(b"1x"), number(&[b'9'; 30])), (None, None, None));
        assert_eq!(
            (status(b"200"), status(b"000"), status(b"-"), status(b"20")),
            (Some(Logged(Some(200))), Some(Logged(None)), Some(Logged(None)), None)
        );
    }
}
