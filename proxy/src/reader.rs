//! Who reads a page of ours: in which language, and whether it is a program.

use http::HeaderMap;
use http::header::{ACCEPT, ACCEPT_LANGUAGE, AsHeaderName};

/// Entries of such a header that are looked at; browsers send some ten.
const MOST_CHOICES: usize = 32;

/// A language that pages are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lang {
    /// Danish.
    Da,
    /// English.
    En,
}

/// What a client would like to be answered with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader {
    /// The language it understands best, of ours.
    pub(crate) lang: Lang,
    /// It is a program that wants data rather than a page.
    pub(crate) wants_json: bool,
}

impl Lang {
    /// As in `lang` attributes.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Da => "da",
            Self::En => "en",
        }
    }

    /// The one of the two that fits.
    pub(crate) fn choose<T>(self, en: T, da: T) -> T {
        match self {
            Self::Da => da,
            Self::En => en,
        }
    }
}

impl Reader {
    /// Whoever sent `headers`. English, and a page, unless something else is preferred.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let (mut danish, mut english) = (0, 0);
        for (language, weight) in choices(headers, ACCEPT_LANGUAGE) {
            match language.split('-').next().unwrap_or_default() {
                "da" => danish = weight.max(danish),
                "en" => english = weight.max(english),
                _ => {}
            }
        }
        let (mut json, mut page) = (0, 0);
        for (kind, weight) in choices(headers, ACCEPT) {
            if kind == "application/json" || kind.ends_with("+json") {
                json = weight.max(json);
            } else if kind == "text/html" || kind == "application/xhtml+xml" {
                page = weight.max(page);
            }
        }
        let lang = if danish > english { Lang::Da } else { Lang::En };
        Self { lang, wants_json: json > page }
    }
}

/// What a list of choices names (RFC 9110 §12.4.2), in lower case, each with its weight in thousandths.
fn choices(headers: &HeaderMap, name: impl AsHeaderName) -> Vec<(String, u32)> {
    let values = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    let entries = values.flat_map(|value| value.split(',')).take(MOST_CHOICES);
    entries
        .map(|entry| {
            let mut parts = entry.split(';').map(str::trim);
            let what = parts.next().unwrap_or_default().to_ascii_lowercase();
            let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
            (what, weight.map_or(1000, thousandths))
        })
        .collect()
}

/// `0.85` as 850; nonsense counts as not wanted.
fn thousandths(weight: &str) -> u32 {
    let (whole, part) = weight.split_once('.').unwrap_or((weight, ""));
    let digits: String = part.chars().chain("000".chars()).take(3).collect();
    match (whole, digits.parse::<u32>()) {
        ("1", Ok(_)) => 1000,
        ("0", Ok(part)) => part,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &'static str, value: &str) -> Reader {
        Reader::of(&HeaderMap::from_iter([(http::HeaderName::from_static(name), value.parse().unwrap())]))
    }

    #[track_caller]
    fn language(header: &str, lang: Lang) {
        assert_eq!(of("accept-language", header).lang, lang, "{header}");
    }

    #[test]
    fn the_language_that_is_wanted_most_is_chosen() {
        language("da-DK,da;q=0.9,en-US;q=0.8,en;q=0.7", Lang::Da);
        language("en-GB,en;q=0.9,da;q=0.8", Lang::En);
        language("de,da;q=0.5", Lang::Da);
        language("de", Lang::En);
        language("da;q=0, en;q=0.1", Lang::En);
        language("da;q=x,,;;=", Lang::En);
        assert_eq!(Reader::of(&HeaderMap::new()).lang, Lang::En);
    }

    #[track_caller]
    fn json(header: &str, wants_json: bool) {
        assert_eq!(of("accept", header).wants_json, wants_json, "{header}");
    }

    #[test]
    fn a_page_unless_data_is_preferred() {
        json("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", false);
        json("application/json, text/plain, */*", true);
        json("application/problem+json", true);
        json("application/json;q=0.5,text/html", false);
        json("*/*", false);
    }
}
