//! What the name beside a number says of it (cpr-facts 5.1).

/// Beginnings of words that say outright that this is a personal number. `pnr` is not among them: it also means
/// `produktionsenhedsnummer`, ten digits that pass the date check every third time (cpr-facts 1.5).
const STRONG: [&str; 12] = [
    "cpr",
    "personnummer",
    "personnr",
    "personnumber",
    "personalnumber",
    "nationalid",
    "fodselsnr",
    "foedselsnr",
    "fødselsnr",
    "borgernummer",
    "1.2.208.176.1.2",
    "nemlogin.cpr",
];

/// Whole words that say the same.
const STRONG_WORDS: [&str; 2] = ["nin", "ssn"];

/// Names of random ids and counters: what stands there is a date by chance once in ten times.
const RANDOM_IDS: [&str; 33] = [
    "_ga", "_gid", "_gat", "__utma", "__utmb", "__utmc", "__utmz", "utmcc", "utmn", "utmhid", "cid", "gclid", "fbclid",
    "gjid", "jid", "auid", "_fbp", "_fbc", "fbp", "fbc", "ts", "t", "_", "cb", "ord", "rnd", "random", "z", "a", "v",
    "c", "ga_vid", "ga_hid",
];

/// Object identifier of the CPR number in health APIs, as in `urn:oid:1.2.208.176.1.2|..` (cpr-facts 1.4).
const OBJECT_ID: &[u8] = b"1.2.208.176.1.2|";

/// How far before a number the text `cpr` still names it, in bytes.
const NAMING_DISTANCE: usize = 25;

/// Whether `name` says that its value is a personal number.
pub(crate) fn is_strong(name: &str) -> bool {
    let lower = name.to_lowercase();
    let joined: String = lower.chars().filter(|c| !matches!(c, '_' | '-' | ' ')).collect();
    STRONG.iter().any(|strong| joined.contains(strong)) || words(&lower).any(|word| STRONG_WORDS.contains(&word))
}

/// Whether `name` is that of a random id.
pub(crate) fn is_random_id(name: &str) -> bool {
    let last = name.rsplit(['.', ']', '[']).find(|part| !part.is_empty()).unwrap_or(name);
    RANDOM_IDS.contains(&last.to_lowercase().as_str()) || name.starts_with("_ga_")
}

/// Whether `cpr`, or its object identifier, stands in the text just before `at`.
pub(crate) fn is_named_in_text(bytes: &[u8], at: usize) -> bool {
    let before = bytes.get(at.saturating_sub(NAMING_DISTANCE)..at).unwrap_or_default();
    let says = |name: &[u8]| before.windows(name.len()).any(|window| window.eq_ignore_ascii_case(name));
    says(b"cpr") || says(OBJECT_ID)
}

fn words(name: &str) -> impl Iterator<Item = &str> {
    name.split(|c: char| !c.is_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_personal_numbers_are_known_however_written() {
        for name in [
            "cpr",
            "CPR-nr",
            "cprNumberIdentifier",
            "borger_cpr",
            "person.personNummer",
            "user[nin]",
            "SSN",
            "national_id",
        ] {
            assert!(is_strong(name), "{name}");
        }
        for name in ["id", "pnr", "training", "lesson", "dl", "c", "running"] {
            assert!(!is_strong(name), "{name}");
        }
    }

    #[test]
    fn random_ids_are_known_at_the_end_of_a_path() {
        for name in ["_ga", "cid", "_ga_X1Y2", "events[0].cid", "Z"] {
            assert!(is_random_id(name), "{name}");
        }
        for name in ["citizen", "dl", "gadenavn"] {
            assert!(!is_random_id(name), "{name}");
        }
    }

    #[test]
    fn text_names_a_number_only_from_near_by() {
        let text = b"CPR-nummer er 0101901234";
        assert!(is_named_in_text(text, 14));
        assert!(is_named_in_text(b"urn:oid:1.2.208.176.1.2|0101901234", 24));
        assert!(!is_named_in_text(b"cpr ................................ 0101901234", 37));
    }
}
