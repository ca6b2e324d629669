//! The made-up citizen that a test person is: what answers all that a form asks beside the number. The same person always
//! gives the same answers.

use model::TestPerson;

use crate::fields::Meaning;

/// First names of women and of men, common ones.
const FIRST_NAMES: [[&str; 6]; 2] =
    [["Anne", "Kirsten", "Mette", "Hanne", "Ditte", "Lone"], ["Peter", "Jens", "Lars", "Niels", "Rasmus", "Torben"]];

/// A family name that tells what it is.
const LAST_NAME: &str = "Testesen";

/// Post codes and their towns.
const TOWNS: [(&str, &str); 6] = [
    ("8000", "Aarhus C"),
    ("5000", "Odense C"),
    ("9000", "Aalborg"),
    ("7100", "Vejle"),
    ("6000", "Kolding"),
    ("4000", "Roskilde"),
];

/// Houses of the street that nobody lives in.
const HOUSES: u64 = 99;

/// Numbers that can belong to nobody have birth dates from this year on; a form is told that day a century before.
const FUTURE: u16 = 2037;

/// What a made-up citizen answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Persona {
    first_name: &'static str,
    house: u64,
    town: (&'static str, &'static str),
    phone: String,
    /// Day, month and year of birth.
    birth: (u8, u8, u16),
}

impl Persona {
    /// Whom `person` is to a form.
    pub(crate) fn of(person: &TestPerson) -> Self {
        let seed = hash(&person.id);
        // In clear for its last digit alone, which is odd for men.
        let is_man = person.cpr.reveal().ends_with(['1', '3', '5', '7', '9']);
        let [women, men] = FIRST_NAMES;
        let date = person.cpr.birth_date();
        let year = if date.year >= FUTURE { date.year.saturating_sub(100) } else { date.year };
        Self {
            first_name: pick(if is_man { &men } else { &women }, seed).unwrap_or_default(),
            house: seed / 7 % HOUSES + 1,
            town: pick(&TOWNS, seed / 11).unwrap_or_default(),
            // Danish numbers that begin with 1 are service numbers of three digits: nobody has this one.
            phone: format!("12{:06}", seed / 13 % 1_000_000),
            birth: (date.day, date.month, year),
        }
    }

    /// What is typed into a field that means `meaning`: the spellings that sites want, the likeliest first. `example` is
    /// what the field shows of it.
    pub(crate) fn spellings(&self, meaning: Meaning, example: &str) -> Vec<String> {
        let one = |text: &str| vec![text.to_owned()];
        match meaning {
            // A reserved domain (RFC 2606): a mail to it reaches nobody.
            Meaning::Mail => vec![format!("{}.{LAST_NAME}@example.com", self.first_name).to_lowercase()],
            Meaning::Phone => vec![self.phone.clone(), format!("+45{}", self.phone)],
            Meaning::PostCode => one(self.town.0),
            Meaning::Town => one(self.town.1),
            Meaning::FirstName => one(self.first_name),
            Meaning::LastName => one(LAST_NAME),
            Meaning::Name => vec![format!("{} {LAST_NAME}", self.first_name)],
            Meaning::Street => vec![format!("Testvej {}", self.house)],
            Meaning::BirthDate => dates(self.birth, example),
            Meaning::Date => dates(SOME_DAY, example),
            Meaning::Web => one("https://example.com/"),
            Meaning::Count => one("1"),
            Meaning::Anything => one("Test"),
        }
    }

    /// The day of birth, as a date field has it.
    pub(crate) fn birthday(&self) -> String {
        let (day, month, year) = self.birth;
        format!("{year:04}-{month:02}-{day:02}")
    }
}

/// A day that every form has been open on.
const SOME_DAY: (u8, u8, u16) = (1, 1, 1990);

/// A day in the ways that sites write it; first as `example` does.
fn dates((day, month, year): (u8, u8, u16), example: &str) -> Vec<String> {
    let written = |sign: &str| format!("{day:02}{sign}{month:02}{sign}{year:04}");
    let iso = format!("{year:04}-{month:02}-{day:02}");
    let mut ways = vec![written("-"), iso, written("/"), written("."), written("")];
    let example = example.to_lowercase();
    let likeliest = if example.starts_with(['å', 'y']) {
        1
    } else if example.contains('/') {
        2
    } else if example.contains('.') {
        3
    } else {
        0
    };
    ways.rotate_left(likeliest);
    ways
}

fn pick<T: Copy>(list: &[T], seed: u64) -> Option<T> {
    let count = u64::try_from(list.len()).ok().filter(|count| *count > 0)?;
    list.get(usize::try_from(seed % count).ok()?).copied()
}

/// FNV-1a: the same on every machine, which the standard library's does not promise.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use model::CprNumber;

    use super::*;

    fn persona(id: &str, cpr: &str) -> Persona {
        let cpr = CprNumber::parse(cpr).unwrap();
        Persona::of(&TestPerson { id: id.into(), cpr, scope: Vec::new() })
    }

    #[test]
    fn answers_match_each_other_and_the_number() {
        for (cpr, names) in [("010190-1234", FIRST_NAMES[0]), ("010145-5001", FIRST_NAMES[1])] {
            let persona = persona("da-01", cpr);
            let first = |meaning| persona.spellings(meaning, "").into_iter().next().unwrap();
            let name = first(Meaning::FirstName);
            assert!(names.contains(&name.as_str()));
            assert_eq!(first(Meaning::Name), format!("{name} Testesen"));
            assert_eq!(first(Meaning::Mail), format!("{}.testesen@example.com", name.to_lowercase()));
            assert!(TOWNS.contains(&(first(Meaning::PostCode).as_str(), first(Meaning::Town).as_str())));
            let phone = first(Meaning::Phone);
            assert!(phone.len() == 8 && phone.starts_with('1') && phone.bytes().all(|byte| byte.is_ascii_digit()));
        }
    }

    #[test]
    fn a_person_answers_the_same_each_time_and_another_otherwise() {
        assert_eq!(persona("da-01", "010190-1234"), persona("da-01", "010190-1234"));
        assert_ne!(persona("da-01", "010190-1234"), persona("da-02", "010190-1234"));
    }

    #[test]
    fn nobody_is_born_in_the_future() {
        assert_eq!(persona("da-01", "010145-5001").birthday(), "1945-01-01");
        assert_eq!(persona("da-01", "010190-1234").birthday(), "1990-01-01");
    }

    #[test]
    fn a_date_is_first_written_as_the_example_shows() {
        let persona = persona("da-01", "070761-4285");
        for (example, date) in [
            ("", "07-07-1961"),
            ("dd-mm-åååå", "07-07-1961"),
            ("åååå-mm-dd", "1961-07-07"),
            ("dd/mm/yyyy", "07/07/1961"),
            ("f.eks. 1.2.2000", "07.07.1961"),
        ] {
            let ways = persona.spellings(Meaning::BirthDate, example);
            assert_eq!((ways[0].as_str(), ways.len()), (date, 5), "{example}");
        }
    }
}
