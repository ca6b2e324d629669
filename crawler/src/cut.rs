//! Texts cut short without leaving half a number: half of one would no longer be known for what it is, and be shown.

/// `text`, at most `longest` characters of it. What a cut went through is left out whole, and with it all digits at
/// the end: they may be the beginning of a number that was written with spaces.
pub(crate) fn cut(text: &str, longest: usize) -> String {
    let Some((at, _)) = text.char_indices().nth(longest) else { return text.to_owned() };
    let kept = text.get(..at).unwrap_or_default();
    let is_number = |character: char| character.is_numeric() || !character.is_alphanumeric();
    let whole = kept.rfind(ends_a_word).and_then(|end| kept.get(..end)).unwrap_or(kept);
    whole.trim_end_matches(is_number).to_owned()
}

/// Whether no number goes on beyond `character`: dashes, dots and percent signs can stand in one.
fn ends_a_word(character: char) -> bool {
    character.is_whitespace() || "&?=/;,:()<>[]{}\"'".contains(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(text: &str, longest: usize, expected: &str) {
        assert_eq!(cut(text, longest), expected);
    }

    #[test]
    fn a_short_text_stays_as_it_is() {
        case("cpr 070761", 10, "cpr 070761");
        case("", 0, "");
    }

    #[test]
    fn no_half_number_is_left() {
        case("borger 0707614285", 13, "borger");
        case("borger 070761-4285 x", 17, "borger");
        case("borger 070761 4285", 16, "borger");
        case("borger 07 07 61 42 85", 19, "borger");
        case("https://a.test/?cpr=0707614285", 26, "https://a.test/?cpr");
        case("https://a.test/?cpr=070761%2D4285", 28, "https://a.test/?cpr");
        case("https://a.test/?cpr=070761%2D4285", 29, "https://a.test/?cpr");
        case("0707614285", 6, "");
    }

    #[test]
    fn a_cut_word_is_left_out_and_a_single_long_one_is_kept_in_part() {
        case("en lang titel", 9, "en lang");
        case("ååååå", 3, "ååå");
    }
}
