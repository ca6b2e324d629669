//! Who operates a recipient, as the tool's own list says: told beside what the registry says, never instead of it, and
//! always with the remark that nobody has checked it.

use model::RecipientRecord;

use crate::inert::Inert;
use crate::lang::{Lang, Text};
use crate::texts::countries::country;
use crate::texts::{phrases as p, terms};

/// `Google LLC: Google Analytics (analytics)`: the company, unless the registry names the legal entity, and the product.
pub(crate) fn operator(recipient: &RecipientRecord, lang: Lang) -> Option<String> {
    let company = recipient.company.as_deref().filter(|_| recipient.legal_name.is_none()).map(Inert::new);
    let product = recipient.product.as_deref().map(|product| {
        let category = recipient.category.map(|category| format!(" ({})", terms::category(category).to(lang)));
        format!("{}{}", Inert::new(product), category.unwrap_or_default())
    });
    match (company, product) {
        (Some(company), Some(product)) => Some(format!("{company}: {product}")),
        (Some(company), None) => Some(company.to_string()),
        (None, product) => product,
    }
}

/// The fact that tells it, with the country when only the list says it.
pub(crate) fn operator_fact(recipient: &RecipientRecord, lang: Lang) -> Option<(Text, String)> {
    let label = if recipient.legal_name.is_none() && recipient.company.is_some() { p::COMPANY } else { p::PRODUCT };
    let place = recipient.country.as_deref().filter(|_| recipient.is_country_unchecked());
    let place = place.map(|code| format!(", {}", country(code, lang))).unwrap_or_default();
    let operator = operator(recipient, lang)?;
    Some((label, format!("{operator}{place} – {}", p::OWN_LIST.to(lang))))
}

/// The country by the registry's word, after a comma.
pub(crate) fn declared_place(recipient: &RecipientRecord, lang: Lang) -> String {
    let declared = recipient.country.as_deref().filter(|_| !recipient.is_country_unchecked());
    declared.map(|code| format!(", {}", country(code, lang))).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use model::{Category, Source, Standing};

    use super::*;
    use crate::sample;

    fn listed() -> RecipientRecord {
        RecipientRecord {
            company: Some("Måling Inc.".to_owned()),
            product: Some("Måling Analytics".to_owned()),
            category: Some(Category::Analytics),
            country: Some("US".to_owned()),
            country_source: Some(Source::BuiltIn),
            ..RecipientRecord::bare(sample::own("maaling.test"), Standing::Unknown)
        }
    }

    #[track_caller]
    fn case(recipient: &RecipientRecord, da: Option<&str>, en: Option<&str>) {
        let told = |lang| operator_fact(recipient, lang).map(|(label, text)| format!("{}: {text}", label.to(lang)));
        assert_eq!(told(Lang::Da).as_deref(), da);
        assert_eq!(told(Lang::En).as_deref(), en);
    }

    #[test]
    fn what_only_the_list_says_is_said_to_be_unchecked() {
        case(
            &listed(),
            Some(
                "Virksomhed: Måling Inc.: Måling Analytics (måling og statistik), USA – ifølge værktøjets egen liste, \
                 ikke efterprøvet",
            ),
            Some(
                "Company: Måling Inc.: Måling Analytics (analytics), USA – according to the tool's own list, not checked",
            ),
        );
        assert_eq!(declared_place(&listed(), Lang::Da), "");
    }

    #[test]
    fn the_registrys_word_goes_before() {
        let declared = RecipientRecord {
            legal_name: Some("Måling Europe Ltd".to_owned()),
            country: Some("IE".to_owned()),
            country_source: Some(Source::Registry),
            ..listed()
        };
        case(
            &declared,
            Some("Produkt: Måling Analytics (måling og statistik) – ifølge værktøjets egen liste, ikke efterprøvet"),
            Some("Product: Måling Analytics (analytics) – according to the tool's own list, not checked"),
        );
        assert_eq!(declared_place(&declared, Lang::Da), ", Irland");
    }

    #[test]
    fn of_whom_nothing_is_known_nothing_is_said() {
        case(&RecipientRecord::bare(sample::own("ukendt.test"), Standing::Unknown), None, None);
    }
}
