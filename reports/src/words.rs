//! Words of reports for what shows a finding or a blind spot by itself, such as the live console.

use model::{BlindSpotRecord, Rule, Standing};

use crate::inert::Inert;
use crate::lang::Lang;
use crate::texts::blind_spots::blind_spot;
use crate::texts::details::detail;
use crate::texts::rules::rule;
use crate::texts::{countries, terms};

/// A blind spot in words: inert, and still to be escaped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnseenWords {
    /// What was not seen.
    pub title: &'static str,
    /// What that means.
    pub meaning: &'static str,
    /// What to do about it.
    pub action: &'static str,
    /// Where.
    pub place: String,
    /// More about the first of its kind there.
    pub detail: String,
}

impl UnseenWords {
    /// Those of `record`.
    pub fn new(record: &BlindSpotRecord, lang: Lang) -> Self {
        let text = blind_spot(record.kind);
        Self {
            title: text.title.to(lang),
            meaning: text.meaning.to(lang),
            action: text.action.to(lang),
            place: Inert::from(&record.place).to_string(),
            detail: detail(record.detail.as_str(), lang).text,
        }
    }
}

/// A rule's name: `number in the page's address`.
pub fn rule_name(of: Rule, lang: Lang) -> &'static str {
    rule(of).name.to(lang)
}

/// What a recipient is to a system, in a word or two.
pub fn standing_name(of: Standing, lang: Lang) -> &'static str {
    terms::standing_short(of).to(lang)
}

/// The name of a country, ISO 3166-1 alpha-2; the code where none is known.
pub fn country_name(code: &str, lang: Lang) -> String {
    countries::country(code, lang)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn a_blind_spot_says_what_and_where_and_what_to_do() {
        for lang in Lang::ALL {
            for record in &sample::scan().blind_spots {
                let words = UnseenWords::new(record, lang);
                assert!(!words.title.is_empty() && !words.action.is_empty(), "{words:?}");
                assert_eq!(words.place, record.place.as_str());
            }
        }
    }

    #[test]
    fn hostile_places_are_inert() {
        for record in &sample::hostile().blind_spots {
            let words = UnseenWords::new(record, Lang::En);
            assert!(words.place.chars().chain(words.detail.chars()).all(|c| !c.is_control()), "{words:?}");
        }
    }
}
