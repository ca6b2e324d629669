//! A number whose digits stand in several elements of one line, as `<b>010190</b>-<b>1234</b>`.

/// Longest such number, in bytes: ten digits and a sign or blank between any two.
const LONGEST: usize = 20;

/// Digits of a number.
const DIGITS: usize = 10;

/// Digits and signs of texts with nothing but tags between them.
#[derive(Default)]
pub(super) struct Split {
    bytes: Vec<u8>,
    digits: usize,
    /// How many texts with digits there were.
    texts: usize,
}

impl Split {
    /// Takes the next text; returns the number that ends in it, if it and those before it make one.
    pub(super) fn text(&mut self, text: &[u8]) -> Option<Vec<u8>> {
        let is_of_number = |byte: &&u8| byte.is_ascii_digit() || matches!(**byte, b'-' | b'/' | b'.' | b' ');
        let head = text.iter().take(LONGEST + 1).take_while(is_of_number).count();
        self.add(text.get(..head).unwrap_or_default());
        if head == text.len() {
            return None;
        }
        let number = self.end();
        let tail = text.iter().rev().take(LONGEST + 1).take_while(is_of_number).count();
        self.add(text.get(text.len() - tail..).unwrap_or_default());
        number
    }

    /// Begins anew; returns the number that was there. One that is whole in one text is none of these.
    pub(super) fn end(&mut self) -> Option<Vec<u8>> {
        let Self { bytes, digits, texts } = std::mem::take(self);
        let first = bytes.iter().position(u8::is_ascii_digit)?;
        let last = bytes.iter().rposition(u8::is_ascii_digit)?;
        let number = bytes.get(first..=last).filter(|_| bytes.len() <= LONGEST)?;
        (texts > 1 && digits == DIGITS).then(|| number.to_vec())
    }

    fn add(&mut self, bytes: &[u8]) {
        let digits = bytes.iter().filter(|byte| byte.is_ascii_digit()).count();
        self.digits += digits;
        self.texts += usize::from(digits > 0);
        // Beyond the bound it is no number any more.
        if self.bytes.len() <= LONGEST {
            self.bytes.extend_from_slice(bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(texts: &[&str], expected: Option<&str>) {
        let mut split = Split::default();
        let found = texts.iter().find_map(|text| split.text(text.as_bytes()));
        assert_eq!(found.or_else(|| split.end()).as_deref(), expected.map(str::as_bytes), "{texts:?}");
    }

    #[test]
    fn ten_digits_in_several_texts_are_a_number() {
        case(&["nr. 010190", "-", "1234"], Some("010190-1234"));
        case(&["0101", "", "90", "1234 til"], Some("0101901234"));
        case(&["x", "010190", " 1234", "y"], Some("010190 1234"));
    }

    #[test]
    fn one_in_a_single_text_or_with_more_digits_is_none() {
        case(&["0101901234"], None);
        case(&["0101901234", "-"], None);
        case(&["010190", "12345"], None);
        case(&["010190", "x", "1234"], None);
        case(&["1                  ", "                     ", "010190123"], None);
    }
}
