//! What the name beside a number says of it (cpr-facts 1.4, 1.6, 5.1).

/// What a name says that stands at the beginning or the end of one of its words.
const AFFIXES: [&str; 1] = ["cpr"];

/// What a name says anywhere in it, its words written together. `pnr` is not among them: it also means
/// `produktionsenhedsnummer`, ten digits that pass the date check every third time (cpr-facts 1.5).
const STRONG: [&str; 16] = [
    "civilregistrationnumber",
    "socialsecuritynumber",
    "personalidentificationnumber",
    "personidentifier",
    "persnr",
    "cprn",
    "personnummer",
    "personnr",
    "personnumber",
    "personalnumber",
    "nationalid",
    "fodselsnummer",
    "fodselsnr",
    "foedselsnr",
    "fødselsnr",
    "borgernummer",
];

/// The code system of CPR numbers, which names their field in messages of the health service.
const CODE_SYSTEM: &str = "1.2.208.176.1.2";

/// Last words of a name that is about a number and holds none: `cprValidatedAt`.
const ABOUT: [&str; 12] =
    ["at", "ts", "time", "timestamp", "hash", "help", "version", "validated", "status", "error", "length", "expires"];

/// Words of names that hold other numbers.
const OTHER_NUMBERS: [&str; 24] = [
    "konto",
    "kontonr",
    "kontonummer",
    "account",
    "pnummer",
    "produktionsenhed",
    "virksomhed",
    "cvr",
    "cvrnr",
    "isbn",
    "ean",
    "gtin",
    "sku",
    "faktura",
    "fakturanr",
    "invoice",
    "ordre",
    "ordrenr",
    "order",
    "ordernumber",
    "ordrenummer",
    "varenr",
    "varenummer",
    "journalnr",
];

/// Whole words that say the same.
const STRONG_WORDS: [&str; 3] = ["nin", "ssn", "ecpr"];

/// Words that a person's number may well stand under, and other things too.
const WEAK_WORDS: [&str; 25] = [
    "id", "uid", "user", "userid", "login", "hint", "patient", "borger", "kunde", "customer", "person", "citizen", "q",
    "query", "search", "soeg", "sog", "dl", "url", "redirect", "path", "title", "pnr", "sub", "username",
];

/// Names of an id that stands for one person wherever it is sent.
const PERSON_IDS: [&str; 22] = [
    "uid",
    "userid",
    "externalid",
    "customerid",
    "personid",
    "borgerid",
    "citizenid",
    "patientid",
    "kundeid",
    "brugerid",
    "memberid",
    "subjectid",
    "loginid",
    "accountid",
    "contactid",
    "em",
    "ph",
    "hashedid",
    "hasheduserid",
    "sub",
    "idhash",
    "userhash",
];

/// Names of random ids and counters: what stands there is a date by chance once in ten times.
const RANDOM_IDS: [&str; 33] = [
    "_ga", "_gid", "_gat", "__utma", "__utmb", "__utmc", "__utmz", "utmcc", "utmn", "utmhid", "cid", "gclid", "fbclid",
    "gjid", "jid", "auid", "_fbp", "_fbc", "fbp", "fbc", "ts", "t", "_", "cb", "ord", "rnd", "random", "z", "a", "v",
    "c", "ga_vid", "ga_hid",
];

/// Names of a date of birth, where date and serial stand apart.
const BIRTH_DATES: [&str; 14] = [
    "foedselsdato",
    "fodselsdato",
    "fødselsdato",
    "foedselsdag",
    "fodselsdag",
    "fødselsdag",
    "fdato",
    "foedt",
    "birthdate",
    "birthday",
    "dateofbirth",
    "dob",
    "cprdato",
    "bday",
];

/// Names of a serial, likewise.
const SERIALS: [&str; 22] = [
    "sidste4cifre",
    "sidstefirecifre",
    "desidste4",
    "desidstefire",
    "desidstefirecifre",
    "loebenr",
    "loebenummer",
    "lobenr",
    "lobenummer",
    "løbenr",
    "løbenummer",
    "lbnr",
    "sidste4",
    "sidstefire",
    "last4",
    "lastfour",
    "cprlast4",
    "cprsidste4",
    "kontrol",
    "kontrolciffer",
    "kontrolcifre",
    "serial",
];

/// How far before a number a text still names it, in bytes.
const NAMING_DISTANCE: usize = 40;

/// Longer words are not told from their parts: no name has them.
const MAX_NAME: usize = 512;

/// What a text says that names the number just behind it.
const NAMES_IN_TEXT: [&[u8]; 5] = [b"cpr", b"personnummer", b"personnr", b"1.2.208.176.1.2|", b"1.2.208.176.1.6.1."];

/// Whether `name` says that its value is a personal number.
pub(crate) fn is_strong(name: &str) -> bool {
    let bytes = name.as_bytes();
    if bytes.len() < 3 || bytes.len() > MAX_NAME {
        return false;
    }
    let words = words(name);
    if words.last().is_some_and(|last| ABOUT.contains(&last.as_str())) {
        return false;
    }
    if words.iter().any(|word| AFFIXES.iter().any(|affix| word.starts_with(affix) || word.ends_with(affix))) {
        return true;
    }
    let joined = words.concat();
    STRONG.iter().any(|strong| joined.contains(strong))
        || name.contains(CODE_SYSTEM)
        || words.iter().any(|word| STRONG_WORDS.contains(&word.as_str()))
}

/// Whether a person's number may well stand under `name`.
pub(crate) fn is_weak(name: &str) -> bool {
    name.len() <= MAX_NAME && words(last(name)).iter().any(|word| WEAK_WORDS.contains(&word.as_str()))
}

/// Whether what stands under `name` is another kind of number.
pub(crate) fn is_other_number(name: &str) -> bool {
    if name.len() > MAX_NAME {
        return false;
    }
    let words = words(last(name));
    let joined = words.concat();
    words.iter().any(|word| OTHER_NUMBERS.contains(&word.as_str())) || OTHER_NUMBERS.contains(&joined.as_str())
}

/// Whether `name` is that of a random id.
pub(crate) fn is_random_id(name: &str) -> bool {
    // An element of a list named `a` is nothing that is itself named `a`.
    let is_element = name
        .strip_suffix(']')
        .and_then(|path| path.rsplit_once('['))
        .is_some_and(|(_, index)| !index.is_empty() && index.bytes().all(|byte| byte.is_ascii_digit()));
    (!is_element && RANDOM_IDS.contains(&last(name).to_lowercase().as_str())) || name.starts_with("_ga_")
}

/// Whether what stands under `name` stands for one person.
pub(crate) fn is_person_id(name: &str) -> bool {
    is_strong(name) || is_one_of(name, &PERSON_IDS)
}

/// Whether `name` is that of a date of birth.
pub(crate) fn is_birth_date(name: &str) -> bool {
    is_one_of(name, &BIRTH_DATES)
}

/// Whether `name` is that of a CPR number's last four digits.
pub(crate) fn is_serial(name: &str) -> bool {
    is_one_of(name, &SERIALS)
}

/// Whether the last four digits of other things have that name too, such as those of a payment card.
pub(crate) fn is_weak_serial(name: &str) -> bool {
    is_one_of(name, &["last4", "lastfour", "serial", "kontrol"]) && !is_strong(name)
}

/// Whether the text around `at` names the number there.
pub(crate) fn is_named_in_text(bytes: &[u8], at: usize) -> bool {
    let before = bytes.get(at.saturating_sub(NAMING_DISTANCE)..at).unwrap_or_default();
    NAMES_IN_TEXT.iter().any(|name| before.windows(name.len()).any(|window| window.eq_ignore_ascii_case(name)))
}

/// The end of a path: `events[0].cid` and `order/hit@cid` are `cid`.
pub(crate) fn last(name: &str) -> &str {
    name.rsplit(['.', ']', '[', '/', '@'])
        .find(|part| !part.is_empty() && !part.bytes().all(|b| b.is_ascii_digit()))
        .unwrap_or(name)
}

fn is_one_of(name: &str, names: &[&str]) -> bool {
    if name.len() > MAX_NAME {
        return false;
    }
    let joined = words(last(name)).concat();
    names.iter().any(|known| joined == *known || joined.strip_prefix("cpr").is_some_and(|rest| rest == *known))
}

/// The words of a name, in small letters: `cprNumberIdentifier`, `borger_cpr`, `user[nin]`.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut before = ' ';
    for c in name.chars() {
        let begins = !before.is_alphanumeric() || (before.is_lowercase() && c.is_uppercase());
        if c.is_alphanumeric() {
            if begins || words.is_empty() {
                words.push(String::new());
            }
            // Letters of ASCII have one small one each, and are nearly all there are.
            match words.last_mut() {
                Some(word) if c.is_ascii() => word.push(c.to_ascii_lowercase()),
                Some(word) => word.extend(c.to_lowercase()),
                None => {}
            }
        }
        before = c;
    }
    words
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
            "borgercpr",
            "nemlogin.cpr",
            "person.personNummer",
            "user[nin]",
            "SSN",
            "national_id",
            "borgerCprNr",
            "kundecprnummer",
            "urn:oid:1.2.208.176.1.2",
            "fødselsnr",
        ] {
            assert!(is_strong(name), "{name}");
        }
        for name in [
            "id",
            "pnr",
            "training",
            "lesson",
            "dl",
            "c",
            "running",
            "recprice",
            "acpreset",
            "cprValidatedAt",
            "ssn_help",
        ] {
            assert!(!is_strong(name), "{name}");
        }
    }

    #[test]
    fn names_that_may_be_a_persons_are_weak() {
        for name in ["id", "user_id", "events[0].user.id", "login_hint", "q", "ids[3]", "borgerId"] {
            assert_eq!(is_weak(name), name != "ids[3]", "{name}");
        }
    }

    #[test]
    fn random_ids_are_known_at_the_end_of_a_path() {
        for name in ["_ga", "cid", "_ga_X1Y2", "events[0].cid", "Z", "order/hit@cid"] {
            assert!(is_random_id(name), "{name}");
        }
        for name in ["citizen", "dl", "gadenavn", "a[7][2]", "cid[2]"] {
            assert!(!is_random_id(name), "{name}");
        }
    }

    #[test]
    fn dates_and_serials_that_stand_apart_have_their_names() {
        for name in ["foedselsdato", "Fødselsdato", "person.dateOfBirth", "dob", "cpr_fdato"] {
            assert!(is_birth_date(name), "{name}");
        }
        for name in ["lbnr", "cpr-last4", "cprLast4", "person.loebenummer", "sidste4"] {
            assert!(is_serial(name), "{name}");
        }
        assert!(!is_birth_date("date") && !is_serial("id") && !is_serial("last4digitsOfCard"));
    }

    #[test]
    fn text_names_a_number_only_from_near_by() {
        let text = b"CPR-nummer er 0101901234";
        assert!(is_named_in_text(text, 14));
        assert!(is_named_in_text(b"urn:oid:1.2.208.176.1.2|0101901234", 24));
        assert!(!is_named_in_text(b"cpr .................................................. 0101901234", 55));
    }
}
