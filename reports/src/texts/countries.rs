//! Countries by ISO 3166-1 alpha-2 code: the EEA and those where recipients of Danish sites are commonly found.

use crate::inert::Inert;
use crate::lang::{Lang, Text};

/// The country's name; the code itself when it is not in the table.
pub(crate) fn country(code: &str, lang: Lang) -> String {
    name(code).map_or_else(|| Inert::new(code).to_string(), |name| name.to(lang).to_owned())
}

fn name(code: &str) -> Option<Text> {
    Some(match code {
        "AT" => Text { da: "Østrig", en: "Austria" },
        "AU" => Text { da: "Australien", en: "Australia" },
        "BE" => Text { da: "Belgien", en: "Belgium" },
        "BG" => Text { da: "Bulgarien", en: "Bulgaria" },
        "BR" => Text { da: "Brasilien", en: "Brazil" },
        "CA" => Text { da: "Canada", en: "Canada" },
        "CH" => Text { da: "Schweiz", en: "Switzerland" },
        "CN" => Text { da: "Kina", en: "China" },
        "CY" => Text { da: "Cypern", en: "Cyprus" },
        "CZ" => Text { da: "Tjekkiet", en: "Czechia" },
        "DE" => Text { da: "Tyskland", en: "Germany" },
        "DK" => Text { da: "Danmark", en: "Denmark" },
        "EE" => Text { da: "Estland", en: "Estonia" },
        "ES" => Text { da: "Spanien", en: "Spain" },
        "FI" => Text { da: "Finland", en: "Finland" },
        "FO" => Text { da: "Færøerne", en: "Faroe Islands" },
        "FR" => Text { da: "Frankrig", en: "France" },
        "GB" => Text { da: "Storbritannien", en: "United Kingdom" },
        "GL" => Text { da: "Grønland", en: "Greenland" },
        "GR" => Text { da: "Grækenland", en: "Greece" },
        "HR" => Text { da: "Kroatien", en: "Croatia" },
        "HU" => Text { da: "Ungarn", en: "Hungary" },
        "IE" => Text { da: "Irland", en: "Ireland" },
        "IL" => Text { da: "Israel", en: "Israel" },
        "IN" => Text { da: "Indien", en: "India" },
        "IS" => Text { da: "Island", en: "Iceland" },
        "IT" => Text { da: "Italien", en: "Italy" },
        "JP" => Text { da: "Japan", en: "Japan" },
        "KR" => Text { da: "Sydkorea", en: "South Korea" },
        "LI" => Text { da: "Liechtenstein", en: "Liechtenstein" },
        "LT" => Text { da: "Litauen", en: "Lithuania" },
        "LU" => Text { da: "Luxembourg", en: "Luxembourg" },
        "LV" => Text { da: "Letland", en: "Latvia" },
        "MT" => Text { da: "Malta", en: "Malta" },
        "NL" => Text { da: "Nederlandene", en: "Netherlands" },
        "NO" => Text { da: "Norge", en: "Norway" },
        "NZ" => Text { da: "New Zealand", en: "New Zealand" },
        "PL" => Text { da: "Polen", en: "Poland" },
        "PT" => Text { da: "Portugal", en: "Portugal" },
        "RO" => Text { da: "Rumænien", en: "Romania" },
        "RU" => Text { da: "Rusland", en: "Russia" },
        "SE" => Text { da: "Sverige", en: "Sweden" },
        "SG" => Text { da: "Singapore", en: "Singapore" },
        "SI" => Text { da: "Slovenien", en: "Slovenia" },
        "SK" => Text { da: "Slovakiet", en: "Slovakia" },
        "TR" => Text { da: "Tyrkiet", en: "Türkiye" },
        "UA" => Text { da: "Ukraine", en: "Ukraine" },
        "US" => Text { da: "USA", en: "USA" },
        "ZA" => Text { da: "Sydafrika", en: "South Africa" },
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_code_is_named_and_another_shown_as_it_is() {
        assert_eq!(country("DE", Lang::Da), "Tyskland");
        assert_eq!(country("GR", Lang::En), "Greece");
        assert_eq!(country("XX", Lang::Da), "XX");
        assert_eq!(country("\u{1b}", Lang::Da), "\\u{1b}");
    }
}
