//! What a field asks for: a CPR number, a name, a date. By name, label, placeholder, autocomplete and pattern.

use model::{Field, Form};

use crate::links::words;
use crate::page::{PageField, PageForm};

/// Names of the number, as whole words or run together with `nr`, `nummer` ...
const CPR_WORDS: [&str; 14] = [
    "personnummer",
    "personnr",
    "personnumre",
    "fødselsnummer",
    "fodselsnummer",
    "foedselsnummer",
    "fødselsnr",
    "fodselsnr",
    "foedselsnr",
    "ssn",
    "nin",
    "nationalid",
    "socialsecuritynumber",
    "civilregistrationnumber",
];

/// The same in several words.
const CPR_PHRASES: [&str; 6] = [
    "civil registration",
    "social security n",
    "national identification n",
    "national identity n",
    "national id",
    "personal identification n",
];

/// Kinds of field that text can be typed into.
const TYPED_KINDS: [&str; 7] = ["text", "tel", "search", "number", "password", "textarea", "email"];

/// What a field wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asks {
    /// A whole CPR number.
    Cpr,
    /// Its first six digits.
    CprDate,
    /// Its last four digits.
    CprSerial,
    /// A secret that the crawler does not have.
    Password,
    /// Something a made-up citizen can say.
    Text(Meaning),
    /// A day of a calendar; whether it is that of birth.
    Day { is_birth: bool },
    /// A value that is set, not typed.
    Value(&'static str),
    /// A tick.
    Tick,
    /// One of a list.
    Choice,
    /// A file, a button, something hidden: left alone.
    Nothing,
}

/// What a text stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    Mail,
    Phone,
    PostCode,
    Town,
    FirstName,
    LastName,
    Name,
    Street,
    BirthDate,
    Date,
    Web,
    /// A number of something.
    Count,
    /// Nobody knows what.
    Anything,
}

/// What each field of `form` asks for, in order.
pub(crate) fn asks(form: &PageForm) -> Vec<Asks> {
    let mut asks: Vec<Asks> = Vec::with_capacity(form.fields.len());
    let mut half_asked = false;
    for field in &form.fields {
        let mut one = asks_of(field);
        // Six digits in one field and the last four in the next, which is often without a name of its own.
        if half_asked && field.max_length == Some(4) && is_typed(field) && one != Asks::CprSerial {
            one = Asks::CprSerial;
        }
        half_asked = one == Asks::CprDate;
        asks.push(one);
    }
    asks
}

/// Whether `form` asks for a CPR number in a field that a person sees.
pub(crate) fn asks_for_cpr(form: &PageForm) -> bool {
    asks(form).into_iter().any(Asks::is_cpr)
}

/// Whether a field asks for what another has asked for, to be sure.
pub(crate) fn wants_it_again(field: &PageField) -> bool {
    let said = said_of(field);
    ["gentag", "bekræft", "igen", "repeat", "confirm", "again"].iter().any(|word| said.split(' ').any(|w| w == *word))
}

/// Whether `form` asks for a password in a field that a person sees.
pub(crate) fn asks_for_password(form: &PageForm) -> bool {
    asks(form).contains(&Asks::Password)
}

/// The form as it is recorded; `number` is its place on the page, from 1.
pub(crate) fn record(form: &PageForm, number: usize) -> Form {
    let fields = form.fields.iter().zip(asks(form)).map(|(field, asks)| Field {
        name: if field.name.is_empty() { field.id.clone() } else { field.name.clone() },
        label: field.label.clone(),
        kind: field.kind.clone(),
        asks_for_cpr: asks.is_cpr(),
        typed: false,
        canary: None,
    });
    Form {
        name: if form.name.is_empty() { format!("form {number}") } else { form.name.clone() },
        action: form.action.clone(),
        method: if form.method == "post" { "post" } else { "get" }.to_owned(),
        // What it says may still be to do nothing: `dialog` sends nothing anywhere.
        says_how: form.real && form.says_how && form.method != "dialog",
        fields: fields.collect(),
        filled: false,
        submitted: false,
    }
}

impl Asks {
    /// Whether it is a CPR number or a part of one.
    pub(crate) fn is_cpr(self) -> bool {
        match self {
            Self::Cpr | Self::CprDate | Self::CprSerial => true,
            Self::Password
            | Self::Text(_)
            | Self::Day { .. }
            | Self::Value(_)
            | Self::Tick
            | Self::Choice
            | Self::Nothing => false,
        }
    }
}

fn asks_of(field: &PageField) -> Asks {
    if !field.visible || !field.editable {
        return Asks::Nothing;
    }
    if is_typed(field) && names_cpr(field) {
        return match field.max_length {
            Some(6) => Asks::CprDate,
            Some(4) => Asks::CprSerial,
            Some(_) | None => Asks::Cpr,
        };
    }
    match field.kind.as_str() {
        "password" => Asks::Password,
        "checkbox" | "radio" => Asks::Tick,
        "select" => Asks::Choice,
        "date" => Asks::Day { is_birth: meaning(field) == Meaning::BirthDate },
        "month" => Asks::Value("1990-01"),
        "week" => Asks::Value("1990-W01"),
        "time" => Asks::Value("12:00"),
        "datetime-local" => Asks::Value("1990-01-01T12:00"),
        "email" => Asks::Text(Meaning::Mail),
        "url" => Asks::Text(Meaning::Web),
        "tel" => Asks::Text(Meaning::Phone),
        "number" => Asks::Text(Meaning::Count),
        "text" | "search" | "textarea" => Asks::Text(meaning(field)),
        _ => Asks::Nothing,
    }
}

impl Meaning {
    /// Whether it is filled in where it need not be: nobody knows what else would be a right answer.
    pub(crate) fn is_clear(self) -> bool {
        match self {
            Self::Mail
            | Self::Phone
            | Self::PostCode
            | Self::Town
            | Self::FirstName
            | Self::LastName
            | Self::Name
            | Self::Street
            | Self::BirthDate
            | Self::Date => true,
            Self::Web | Self::Count | Self::Anything => false,
        }
    }
}

/// What a field stands for, by what it is called; `autocomplete` says it in the standard's own words.
fn meaning(field: &PageField) -> Meaning {
    let said = said_of(field);
    let says = |needles: &[&str]| needles.iter().any(|needle| said.contains(needle));
    let is_said = |words: &[&str]| said.split(' ').any(|word| words.contains(&word));
    if says(&["mail"]) {
        Meaning::Mail
    } else if says(&["telefon", "phone", "mobil", "tlf"]) || is_said(&["tel"]) {
        Meaning::Phone
    } else if says(&["postnr", "postnummer", "zip", "postal", "postcode"]) {
        Meaning::PostCode
    } else if says(&["fornavn", "first name", "firstname", "given name"]) {
        Meaning::FirstName
    } else if says(&["efternavn", "last name", "lastname", "surname", "family name"]) {
        Meaning::LastName
    } else if says(&["fødselsda", "fodselsda", "foedselsda", "birthda", "birth da", "bday", "date of birth"]) {
        Meaning::BirthDate
    } else if says(&["dato", "date"]) {
        Meaning::Date
    } else if says(&["adresse", "address", "street", "gade"]) || said.split(' ').any(|word| word.ends_with("vej")) {
        Meaning::Street
    } else if says(&["bynavn", "city"]) || is_said(&["by", "town"]) {
        Meaning::Town
    } else if says(&["navn", "name"]) {
        Meaning::Name
    } else if says(&["antal", "beløb", "amount", "number", "nummer"]) {
        Meaning::Count
    } else {
        Meaning::Anything
    }
}

/// Whether a person can type into it.
pub(crate) fn is_typed(field: &PageField) -> bool {
    field.visible && field.editable && TYPED_KINDS.contains(&field.kind.as_str())
}

/// Whether any of what is said of the field names the number or shows its shape.
fn names_cpr(field: &PageField) -> bool {
    let said = said_of(field);
    said.split(' ').any(is_cpr_word)
        || CPR_PHRASES.iter().any(|phrase| said.contains(phrase))
        || shows_shape(&field.placeholder)
        || is_cpr_pattern(&field.pattern)
}

/// Everything said of the field, in lower-case words.
fn said_of(field: &PageField) -> String {
    [&field.name, &field.id, &field.label, &field.placeholder, &field.autocomplete]
        .into_iter()
        .flat_map(|text| words(text))
        .collect::<Vec<_>>()
        .join(" ")
}

/// `cpr`, `cprnr`, `txtcpr`, `personnummer` ...
fn is_cpr_word(word: &str) -> bool {
    let word = word.trim_end_matches(|character: char| character.is_ascii_digit());
    word.starts_with("cpr") || word.ends_with("cpr") || CPR_WORDS.contains(&word)
}

/// `ddmmåå-xxxx`, `DDMMYYXXXX`, `xxxxxx-xxxx`: six and four places of digits or of letters that stand for them.
fn shows_shape(placeholder: &str) -> bool {
    let lower = placeholder.to_lowercase();
    lower.split_whitespace().any(|word| {
        let stands: Vec<char> = word.chars().filter(|character| !matches!(character, '-' | '–')).collect();
        let is_place = |character: &char| character.is_ascii_digit() || "dmyåxn_#*•".contains(*character);
        let is_split = word.chars().nth(6).is_some_and(|character| matches!(character, '-' | '–'));
        let is_dated = word.starts_with("ddmm");
        stands.len() == 10 && stands.iter().all(is_place) && (is_split || is_dated)
    })
}

/// Six digits, perhaps a dash, four digits.
fn is_cpr_pattern(pattern: &str) -> bool {
    let digits = pattern.replace("[0-9]", r"\d").replace([' ', '^', '$', '(', ')', '?', '-', ':', '\u{2013}'], "");
    let digits = digits.replace(r"[\]", "").replace("[]", "");
    digits == r"\d{6}\d{4}" || digits.replace(r"\d", "d") == "d".repeat(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(name: &str, label: &str) -> PageField {
        PageField {
            kind: "text".into(),
            name: name.into(),
            label: label.into(),
            visible: true,
            editable: true,
            ..PageField::default()
        }
    }

    #[track_caller]
    fn asked(field: &PageField) {
        assert!(asks_of(field).is_cpr(), "{field:?}");
    }

    #[track_caller]
    fn not_asked(field: &PageField) {
        assert!(!asks_of(field).is_cpr(), "{field:?}");
    }

    #[test]
    fn names_and_labels_tell() {
        for name in
            ["cpr", "CPRNR", "cprNummer", "borgerCpr", "txtCpr1", "cpr_nr", "ctl00$txtCPR", "ssn", "personnummer"]
        {
            asked(&field(name, ""));
        }
        for label in [
            "CPR-nummer",
            "Dit cpr.nr.",
            "Fødselsnummer",
            "Personnummer (10 cifre)",
            "Danish civil registration number",
        ] {
            asked(&field("f1", label));
        }
    }

    #[test]
    fn others_do_not() {
        for name in ["cvr", "p-nummer", "telefon", "business_number", "soegning", "kpr", "session"] {
            not_asked(&field(name, ""));
        }
        not_asked(&field("f", "Kundenummer"));
        not_asked(&PageField { visible: false, ..field("cpr", "") });
        not_asked(&PageField { kind: "hidden".into(), ..field("cpr", "") });
        not_asked(&PageField { kind: "checkbox".into(), ..field("cpr", "Jeg har ikke et CPR-nummer") });
    }

    #[test]
    fn a_placeholder_or_pattern_shows_the_shape() {
        for placeholder in ["ddmmåå-xxxx", "DDMMYYXXXX", "xxxxxx-xxxx", "fx 010190-1234", "______-____"] {
            asked(&PageField { placeholder: placeholder.into(), ..field("f", "") });
        }
        for placeholder in ["dd-mm-åååå", "12345678", "0123456789", "Søg"] {
            not_asked(&PageField { placeholder: placeholder.into(), ..field("f", "") });
        }
        for pattern in [r"\d{6}-?\d{4}", "[0-9]{6}[-]?[0-9]{4}", r"^(\d{6})-(\d{4})$"] {
            asked(&PageField { pattern: pattern.into(), ..field("f", "") });
        }
        not_asked(&PageField { pattern: r"\d{8}".into(), ..field("f", "") });
    }

    #[test]
    fn a_number_in_two_fields_is_typed_in_two() {
        let first = PageField { max_length: Some(6), ..field("cpr1", "CPR-nummer") };
        let second = PageField { max_length: Some(4), ..field("last", "") };
        let form = PageForm { fields: vec![first, second.clone()], ..PageForm::default() };
        assert_eq!(asks(&form), [Asks::CprDate, Asks::CprSerial]);
        let alone = PageForm { fields: vec![second], ..PageForm::default() };
        assert!(!asks_for_cpr(&alone));
    }

    #[test]
    fn a_masked_cpr_field_is_no_password() {
        let masked = PageField { kind: "password".into(), ..field("cpr", "CPR-nummer") };
        assert_eq!(asks_of(&masked), Asks::Cpr);
        let secret = PageField { kind: "password".into(), ..field("kode", "Adgangskode") };
        assert!(asks_for_password(&PageForm { fields: vec![secret], ..PageForm::default() }));
    }

    #[test]
    fn other_answers_fit_their_field() {
        for (name, label, meaning) in [
            ("email", "E-mail", Meaning::Mail),
            ("f", "Mobilnummer", Meaning::Phone),
            ("tel", "Kontakt", Meaning::Phone),
            ("f", "Postnummer", Meaning::PostCode),
            ("f", "Postnummer og by", Meaning::PostCode),
            ("f", "By", Meaning::Town),
            ("f", "Byggesag", Meaning::Anything),
            ("f", "Fornavn", Meaning::FirstName),
            ("f", "Family name", Meaning::LastName),
            ("f", "Fulde navn", Meaning::Name),
            ("f", "Vej og husnummer", Meaning::Street),
            ("f", "Street address", Meaning::Street),
            ("f", "Fødselsdato", Meaning::BirthDate),
            ("dateOfBirth", "", Meaning::BirthDate),
            ("f", "Dato for flytning", Meaning::Date),
            ("f", "Antal børn", Meaning::Count),
            ("f", "Vejledning læst af", Meaning::Anything),
        ] {
            assert_eq!(asks_of(&field(name, label)), Asks::Text(meaning), "{label}");
        }
    }

    #[test]
    fn a_form_without_a_name_is_told_by_its_place() {
        let form = PageForm { fields: vec![field("cpr", "")], ..PageForm::default() };
        let told = record(&form, 2);
        assert_eq!((told.name.as_str(), told.method.as_str(), told.fields[0].asks_for_cpr), ("form 2", "get", true));
    }
}
