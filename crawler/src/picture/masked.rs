//! Texts with nothing left of the numbers in them, letter for letter.
//!
//! Wider than any search for numbers, since nobody looks over what is drawn: every sign that Unicode calls a number goes, and words
//! in which a number may be packed go whole.

/// What stands for a sign.
pub(super) const MASK: char = '•';

/// Words from here on in which letters and digits mix are codes: a number packed in them may show few digits, or none.
const CODE: usize = 6;

/// Words from here on of capitals alone are codes.
const CAPITALS: usize = 12;

/// `text` as it may be drawn, with as many UTF-16 units.
pub(super) fn masked(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for piece in text.split_inclusive(char::is_whitespace) {
        let hides_all = is_code(piece.trim_end());
        for sign in piece.chars() {
            let is_hidden = sign.is_numeric() || (hides_all && sign.is_alphanumeric());
            put(sign, is_hidden, &mut shown);
        }
    }
    shown
}

/// `text` with every sign hidden: what stands in a field is a person's.
pub(super) fn hidden(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for sign in text.chars() {
        put(sign, !sign.is_whitespace(), &mut shown);
    }
    shown
}

fn put(sign: char, is_hidden: bool, shown: &mut String) {
    if is_hidden {
        shown.extend(std::iter::repeat_n(MASK, sign.len_utf16()));
    } else {
        shown.push(sign);
    }
}

/// Whether `word` is nothing that people write: base64, hexadecimal, an id.
fn is_code(word: &str) -> bool {
    let signs = || word.chars().filter(|sign| sign.is_alphanumeric());
    let length = signs().count();
    if length < CODE {
        return false;
    }
    let has_digit = signs().any(char::is_numeric);
    let has_letter = signs().any(char::is_alphabetic);
    let mut small_before = false;
    let mut capital_inside = false;
    for sign in signs() {
        capital_inside |= small_before && sign.is_uppercase();
        small_before = sign.is_lowercase();
    }
    let is_all_capitals = length >= CAPITALS && signs().all(|sign| sign.is_uppercase() || sign.is_numeric());
    (has_digit && has_letter) || capital_inside || is_all_capitals
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(text: &str, expected: &str) {
        let shown = masked(text);
        assert_eq!(shown, expected);
        assert_eq!(shown.encode_utf16().count(), text.encode_utf16().count(), "{text}");
    }

    #[test]
    fn no_digit_of_any_script_is_left() {
        case("CPR 010145-5001, trin 3", "CPR ••••••-••••, trin •");
        case("٠١٠١٤٥ ０１０１ ①② ¼ Ⅳ", "•••••• •••• •• • •");
        case("\u{1d7d8}\u{1d7d9} klar", "•••• klar");
    }

    #[test]
    fn words_in_which_a_number_may_be_packed_go_whole() {
        case("kode MDEwMTkwMTIzNA== her", "kode ••••••••••••••== her");
        case("GAYTAMJZGAYTEMZU", "••••••••••••••••");
        case("a3f9c1 b2", "•••••• b•");
    }

    #[test]
    fn what_people_write_stays() {
        case("Log ind med MitID\n og NemID på BORGER.DK", "Log ind med MitID\n og NemID på BORGER.DK");
    }

    #[test]
    fn a_field_shows_how_much_is_in_it_and_no_more() {
        assert_eq!(hidden("Bo 0101 \u{1d7d8}"), "•• •••• ••");
    }
}
