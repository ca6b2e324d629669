//! What else of a person stands beside a number: a name, an address, a mail address, a phone or an account number. Told
//! by class and never by value, from the name of a parameter or key together with what stands there, or from the shape
//! of a value alone.

use std::cell::LazyCell;
use std::collections::BTreeSet;

use crate::decoders::Piece;
use crate::glance::Glance;
use crate::tree::{Rest, Tree};
use crate::views::unescaped;

/// Longer values are texts, not somebody's particulars.
const MAX_VALUE: usize = 200;

/// Words of a name that are looked at, from its end.
const MAX_WORDS: usize = 4;

/// A class of what goes along with a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    Name,
    Address,
    Mail,
    Phone,
    Account,
}

const NAMES: [&str; 17] = [
    "navn",
    "fornavn",
    "efternavn",
    "mellemnavn",
    "fuldenavn",
    "fuldtnavn",
    "kaldenavn",
    "personnavn",
    "borgernavn",
    "firstname",
    "lastname",
    "middlename",
    "fullname",
    "givenname",
    "familyname",
    "surname",
    "forename",
];

/// What must stand before `name`, so that it is no page's, host's or event's.
const PERSONS: [&str; 18] = [
    "person",
    "user",
    "customer",
    "client",
    "contact",
    "profile",
    "applicant",
    "citizen",
    "patient",
    "owner",
    "bruger",
    "kunde",
    "borger",
    "kontakt",
    "ansoeger",
    "barn",
    "foraelder",
    "traits",
];

const STREETS: [&str; 10] = [
    "adresse",
    "address",
    "vejnavn",
    "gadenavn",
    "gade",
    "street",
    "streetname",
    "streetaddress",
    "addressline1",
    "adresse1",
];

const POST_CODES: [&str; 6] = ["postnr", "postnummer", "postcode", "postalcode", "zip", "zipcode"];

const TOWNS: [&str; 3] = ["bynavn", "postdistrikt", "city"];

/// What a sorted list is sorted by, where a town could stand.
const SORTED_BY: [&str; 10] =
    ["name", "date", "relevance", "title", "price", "navn", "dato", "relevans", "titel", "pris"];

const MAILS: [&str; 8] =
    ["mail", "email", "epost", "emailaddress", "mailaddress", "emailadresse", "mailadresse", "epostadresse"];

const PHONES: [&str; 15] = [
    "tlf",
    "tlfnr",
    "tlfnummer",
    "telefon",
    "telefonnr",
    "telefonnummer",
    "phone",
    "phonenumber",
    "telephone",
    "mobil",
    "mobilnr",
    "mobilnummer",
    "mobiltelefon",
    "mobilephone",
    "mobile",
];

const ACCOUNTS: [&str; 9] = [
    "konto",
    "kontonr",
    "kontonummer",
    "bankkonto",
    "nemkonto",
    "accountnumber",
    "accountno",
    "bankaccount",
    "bankaccountnumber",
];

const BRANCHES: [&str; 4] = ["regnr", "regnummer", "registreringsnr", "registreringsnummer"];

/// Ends of file names, which `@2x.png` makes look like mail addresses.
const FILES: [&str; 8] = ["png", "jpg", "jpeg", "gif", "svg", "webp", "js", "css"];

/// Characters of a Danish IBAN (ISO 13616).
const IBAN_LENGTH: usize = 18;

impl Class {
    /// Stable id, as it stands among what was also sent.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Name => "person:name",
            Self::Address => "person:address",
            Self::Mail => "person:mail",
            Self::Phone => "person:phone",
            Self::Account => "person:account",
        }
    }
}

/// What of a person's `text` is, standing under `name`.
pub(crate) fn class(name: &str, text: &[u8]) -> Option<Class> {
    if text.len() > MAX_VALUE {
        return None;
    }
    let text = std::str::from_utf8(text).ok()?.trim();
    if text.is_empty() {
        return None;
    }
    by_shape(text).or_else(|| by_name(name, text))
}

fn by_shape(text: &str) -> Option<Class> {
    if is_mail(text) {
        Some(Class::Mail)
    } else if is_iban(text) {
        Some(Class::Account)
    } else if is_danish_phone(text) {
        Some(Class::Phone)
    } else if is_postal_address(text) {
        Some(Class::Address)
    } else {
        None
    }
}

/// The value is asked first: most are shaped as none of these, and their names need not be spelled out.
fn by_name(name: &str, text: &str) -> Option<Class> {
    let words = LazyCell::new(|| words(name));
    let whole = LazyCell::new(|| words.concat());
    let ends = |list: &[&str]| ends_in(&words, &whole, list);
    if text.contains('@') && !text.contains("//") && ends(&MAILS) {
        return Some(Class::Mail);
    }
    if is_phone(text) && ends(&PHONES) {
        return Some(Class::Phone);
    }
    if (is_digits(text, 6..=14) && ends(&ACCOUNTS)) || (is_digits(text, 4..=4) && ends(&BRANCHES)) {
        return Some(Class::Account);
    }
    let is_town = || ends(&TOWNS) || (*whole == "by" && !SORTED_BY.contains(&text.to_lowercase().as_str()));
    let is_part_of_address = (is_digits(text.trim_start_matches("DK-"), 4..=4) && ends(&POST_CODES))
        || (is_letters(text) && is_town())
        || (is_street(text) && (ends(&STREETS) || *whole == "vej"));
    if is_part_of_address {
        return Some(Class::Address);
    }
    let is_persons = || {
        words.len() > 1
            && words.last().is_some_and(|last| last == "name")
            && words.iter().rev().nth(1).is_some_and(|before| PERSONS.contains(&before.as_str()))
    };
    (is_letters(text) && (ends(&NAMES) || is_persons())).then_some(Class::Name)
}

/// Whether the last of `words`, written together, are one of `list`: `kontaktEmailAdresse` is named by its last words.
/// `whole` is all of them written together.
fn ends_in(words: &[String], whole: &str, list: &[&str]) -> bool {
    let mut rest = whole;
    words.iter().any(|word| {
        let is_one = list.contains(&rest);
        rest = rest.strip_prefix(word.as_str()).unwrap_or_default();
        is_one
    })
}

/// The last words of a name, in small letters with `æ ø å` spelled out, in order: `user[firstName]` is `user`, `first`,
/// `name`.
fn words(name: &str) -> Vec<String> {
    let mut spelled = String::new();
    let mut was_small = false;
    for c in name.chars().take(MAX_VALUE) {
        if c.is_uppercase() && was_small {
            spelled.push(' ');
        }
        was_small = c.is_lowercase();
        match c {
            'æ' | 'Æ' => spelled.push_str("ae"),
            'ø' | 'Ø' => spelled.push_str("oe"),
            'å' | 'Å' => spelled.push_str("aa"),
            c if c.is_alphanumeric() => spelled.extend(c.to_lowercase()),
            _ => spelled.push(' '),
        }
    }
    let mut words: Vec<String> = spelled.split_whitespace().rev().take(MAX_WORDS).map(str::to_owned).collect();
    words.reverse();
    words
}

/// Words of letters, the first one with a capital.
fn is_letters(text: &str) -> bool {
    let is_plain = |c: char| c.is_alphabetic() || matches!(c, ' ' | '-' | '\'' | '’' | '.');
    text.starts_with(char::is_uppercase) && text.chars().nth(1).is_some() && text.chars().all(is_plain)
}

/// So many digits, in groups or not.
fn is_digits(text: &str, lengths: std::ops::RangeInclusive<usize>) -> bool {
    let is_separator = |c: char| matches!(c, ' ' | '-' | '.');
    text.chars().all(|c| c.is_ascii_digit() || is_separator(c))
        && lengths.contains(&text.chars().filter(char::is_ascii_digit).count())
}

fn is_phone(text: &str) -> bool {
    if !text.bytes().all(|byte| byte.is_ascii_digit() || b"+() -.".contains(&byte)) {
        return false;
    }
    let text: String = text.chars().filter(|c| !matches!(c, '(' | ')')).collect();
    match text.strip_prefix('+').or_else(|| text.strip_prefix("00")) {
        Some(abroad) => is_digits(abroad, 8..=15),
        None => is_digits(&text, 8..=8) || (text.starts_with("45") && is_digits(&text, 10..=10)),
    }
}

fn is_danish_phone(text: &str) -> bool {
    let national = text.strip_prefix("+45").or_else(|| text.strip_prefix("0045"));
    national.is_some_and(|rest| is_digits(rest, 8..=8))
}

fn is_mail(text: &str) -> bool {
    let Some((user, domain)) = text.split_once('@') else { return false };
    let is_user = |c: char| c.is_alphanumeric() || "._%+-'".contains(c);
    let is_domain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-');
    let top = domain.rsplit_once('.').map(|(_, top)| top.to_ascii_lowercase());
    !user.is_empty()
        && user.chars().all(is_user)
        && domain.chars().all(is_domain)
        && !domain.starts_with('.')
        && top
            .is_some_and(|top| top.len() >= 2 && top.chars().all(char::is_alphabetic) && !FILES.contains(&top.as_str()))
}

/// `DK`, two check digits and fourteen digits, that pass the check of ISO 7064 (modulus 97).
fn is_iban(text: &str) -> bool {
    // Blanks may stand between, so that it is longer than that, never shorter.
    if text.len() < IBAN_LENGTH || !text.starts_with(['D', 'd']) {
        return false;
    }
    let plain: String = text.chars().filter(|c| *c != ' ').collect::<String>().to_ascii_uppercase();
    let Some(digits) = plain.strip_prefix("DK").filter(|_| plain.len() == IBAN_LENGTH) else { return false };
    let Some((check, account)) = digits.split_at_checked(2) else { return false };
    // D and K are 13 and 20, and stand behind the account with the check digits.
    let moved = format!("{account}1320{check}");
    let rest = moved.chars().try_fold(0, |rest, c| Some((rest * 10 + c.to_digit(10)?) % 97));
    rest == Some(1)
}

/// `Vejnavn 12, 1234 By`, with a floor between the commas or without.
fn is_postal_address(text: &str) -> bool {
    let mut pieces = text.split(',').map(str::trim);
    let (Some(street), Some(town)) = (pieces.next(), pieces.next_back()) else { return false };
    let Some((code, town)) = town.split_once(' ') else { return false };
    is_digits(code.trim_start_matches("DK-"), 4..=4) && is_letters(town.trim()) && is_street(street)
}

/// A name and a house number: `Vejnavn 12 B`.
fn is_street(text: &str) -> bool {
    let Some(at) = text.find(|c: char| c.is_ascii_digit()) else { return false };
    let Some((name, house)) = text.split_at_checked(at) else { return false };
    let digits = house.chars().take_while(char::is_ascii_digit).count();
    let is_plain = |c: char| c.is_alphabetic() || matches!(c, ' ' | '-' | '.' | '\'');
    name.starts_with(char::is_uppercase)
        && name.ends_with(' ')
        && name.chars().all(is_plain)
        && name.trim_end().chars().count() >= 3
        && digits <= 3
}

/// What else of a person stands in `parts`.
pub(crate) fn belongings(parts: impl Iterator<Item = Piece>) -> BTreeSet<Class> {
    let mut classes = BTreeSet::new();
    let mut tree = Tree::default();
    for part in parts {
        tree.begin(part);
        while let Some((number, view)) = tree.next() {
            let glance = Glance::new(&view.piece.bytes);
            if tree.decode(number, &view, &glance, |_, _| {}) != Rest::Nothing {
                classes.extend(class(&unescaped(tree.name(number)), &view.piece.bytes));
            }
        }
    }
    classes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(name: &str, text: &str, expected: Option<Class>) {
        assert_eq!(class(name, text.as_bytes()), expected, "{name}={text}");
    }

    #[test]
    fn a_persons_name_is_told_by_the_name_of_its_field() {
        for name in ["navn", "fornavn", "borger_efternavn", "firstName", "user[last_name]", "person.name", "fuldeNavn"]
        {
            case(name, "Åse Prøve-Person", Some(Class::Name));
        }
        for name in ["name", "pageName", "hostname", "event_name", "appName", "file_name", "username", "screenName"] {
            case(name, "Min Side", None);
        }
        case("user_name", "aase77", None);
        case("navn", "7", None);
        case("fornavn", "5d41402abc4b2a76b9719d911017c592", None);
    }

    #[test]
    fn an_address_is_told_by_name_and_by_shape() {
        case("adresse", "Prøvevej 12", Some(Class::Address));
        case("shipping_address", "Prøvevej 12 B, st. tv.", Some(Class::Address));
        case("postnr", "1234", Some(Class::Address));
        case("by", "Prøveby", Some(Class::Address));
        case("q", "Prøvevej 12, 1234 Prøveby", Some(Class::Address));
        case("q", "Prøve Allé 3 A, 2. th., 1234 Prøveby K", Some(Class::Address));
        case("by", "date", None);
        case("by", "Relevance", None);
        case("sort_by", "Titel", None);
        case("order_by", "Prøveby", None);
        case("ip_address", "192.0.2.7", None);
        case("address", "https://a.test/12", None);
        case("vej", "2", None);
        case("zip", "true", None);
        case("q", "Side 12, 1234", None);
        case("q", "1234, 5678 x", None);
    }

    #[test]
    fn a_mail_address_is_told_by_shape_and_by_name() {
        case("x", "proeve@selvbetjening.test", Some(Class::Mail));
        case("kontaktEmail", "prøve@selvbetjening.test", Some(Class::Mail));
        case("email", "proeve@lokal", Some(Class::Mail));
        case("email", "true", None);
        case("src", "ikon@2x.png", None);
        case("dsn", "https://key@o1.ingest.test/7", None);
        case("orgId", "1F8B@AdobeOrg", None);
        case("package", "core@1.2.3", None);
    }

    #[test]
    fn a_phone_number_is_told_by_name_and_with_its_country() {
        case("tlf", "12 34 56 78", Some(Class::Phone));
        case("contact[phoneNumber]", "+45 12345678", Some(Class::Phone));
        case("mobile", "12345678", Some(Class::Phone));
        case("x", "+45 12 34 56 78", Some(Class::Phone));
        case("x", "004512345678", Some(Class::Phone));
        case("mobile", "true", None);
        case("is_mobile", "1", None);
        case("x", "12345678", None);
        case("phone", "0101901234", None);
    }

    #[test]
    fn an_account_is_told_by_name_and_with_its_check_digits() {
        case("kontonr", "0400 0440116243", Some(Class::Account));
        case("regnr", "0400", Some(Class::Account));
        case("x", "DK50 0040 0440 1162 43", Some(Class::Account));
        case("iban", "DK5000400440116244", None);
        case("account", "12345678", None);
        case("konto", "ny", None);
        case("regnr", "AB12345", None);
    }

    #[test]
    fn long_and_binary_values_are_nobodys() {
        case("navn", &"A".repeat(MAX_VALUE + 1), None);
        case("navn", "", None);
        assert_eq!(class("navn", b"\xff\xfe"), None);
        assert_eq!(class(&"a[".repeat(100_000), b"x"), None);
    }

    #[test]
    fn an_id_names_the_class() {
        let classes = [Class::Name, Class::Address, Class::Mail, Class::Phone, Class::Account];
        let ids = classes.map(Class::as_str);
        assert_eq!(ids, ["person:name", "person:address", "person:mail", "person:phone", "person:account"]);
    }
}
