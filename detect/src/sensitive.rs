//! Whether the address or title of a page tells a sensitive matter, by the words of `data/sensitive.tsv`. Words are
//! Danish: sites of Danish authorities are what is audited, and `health` in a path is mostly a machine's.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use model::Target;
use model::registry::SensitiveContext;

const WORDS: &str = include_str!("../data/sensitive.tsv");

/// Instead of a category: the word is harmless, though a shorter stem fits it.
const HARMLESS: &str = "none";

/// Ends a stem that is a whole word.
const WHOLE: char = '$';

/// More words than this are no address and no title.
const MAX_WORDS: usize = 200;

/// Characters of an address or title that are read; titles are shorter, and so are addresses that people see.
const MAX_CHARACTERS: usize = 2_000;

/// Names of what holds a page's title.
const TITLES: [&str; 13] = [
    "dt",
    "title",
    "action_name",
    "page_title",
    "pagetitle",
    "pagename",
    "page_name",
    "current_page_title",
    "document_title",
    "documenttitle",
    "tiba",
    "gtm.title",
    "tw_document_title",
];

/// Names of what holds a page's path without its host.
const PATHS: [&str; 9] =
    ["dp", "page", "path", "pathname", "page_path", "pagepath", "url_path", "current_path", "location_path"];

/// What these names begin with: most other names are told apart by that.
const INITIALS: u32 = initials(&TITLES) | initials(&PATHS);

const fn initials(mut names: &[&str]) -> u32 {
    let mut initials = 0;
    while let [name, rest @ ..] = names {
        if let [first, ..] = name.as_bytes() {
            initials |= initial(*first);
        }
        names = rest;
    }
    initials
}

/// A word that tells a sensitive matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sensitive {
    /// The matter.
    pub(crate) context: SensitiveContext,
    /// The stem that the word begins with.
    pub(crate) word_stem: &'static str,
}

/// What a stem says of a word.
#[derive(Clone, Copy, Debug)]
struct Stem {
    /// `None` for a harmless word.
    context: Option<SensitiveContext>,
    is_whole: bool,
}

/// What the page at `path`, with `title`, tells; of several matters the most sensitive.
pub(crate) fn of_page(path: &str, title: &str) -> Option<Sensitive> {
    let path = unescaped(path);
    words(&path).chain(words(title)).take(MAX_WORDS).filter_map(|word| of_word(&word)).min_by_key(|told| told.context)
}

/// What a value of the name `name` tells that was sent to somebody: the path of a URL, wherever it stands, and a title
/// under the name of one. The name of a host is no page.
pub(crate) fn sensitive_in(name: &str, text: &str) -> Option<Sensitive> {
    let name = name.rsplit(['.', ']', '[']).find(|part| !part.is_empty()).unwrap_or(name).to_lowercase();
    if let Ok(target) = Target::parse(text) {
        let routed = target.fragment.as_deref().unwrap_or_default();
        return of_page(&format!("{}/{routed}", target.path), "");
    }
    let text = unescaped(text);
    if PATHS.contains(&name.as_str()) && text.starts_with('/') {
        let path = text.split('?').next().unwrap_or_default();
        return of_page(path, "");
    }
    if TITLES.contains(&name.as_str()) { of_page("", &text) } else { None }
}

/// Whether a page's title or path stands under `name`.
pub(crate) fn is_title(name: &str) -> bool {
    // Byte by byte: no other character has a byte of these signs in it.
    let name = name.as_bytes();
    let last = name.rsplit(|byte| matches!(byte, b'.' | b']' | b'[')).find(|part| !part.is_empty()).unwrap_or(name);
    let may_be = last.first().is_some_and(|first| INITIALS & initial(*first) != 0);
    may_be && TITLES.iter().chain(&PATHS).any(|known| known.as_bytes().eq_ignore_ascii_case(last))
}

/// A bit for each letter, small or not. Other signs share these, so that it tells what is no such letter for certain.
const fn initial(byte: u8) -> u32 {
    1 << (byte & 0x1f)
}

/// The longest stem counts, so that a harmless word can be told from a shorter stem.
fn of_word(word: &str) -> Option<Sensitive> {
    let stems = stems();
    let ends = word.char_indices().map(|(at, c)| at + c.len_utf8()).rev();
    let fitting = |end: usize| {
        let (stem, said) = stems.get_key_value(word.get(..end)?)?;
        (!said.is_whole || end == word.len()).then_some((*stem, *said))
    };
    let (word_stem, said) = ends.into_iter().find_map(fitting)?;
    Some(Sensitive { context: said.context?, word_stem })
}

/// The words of `text` in small letters, `æ ø å` spelled out. A capital within a word begins the next one.
fn words(text: &str) -> impl Iterator<Item = String> {
    let mut spelled = String::new();
    let mut was_small = false;
    for c in text.chars().take(MAX_CHARACTERS) {
        if c.is_uppercase() && was_small {
            spelled.push(' ');
        }
        was_small = c.is_lowercase();
        for small in c.to_lowercase() {
            match small {
                'æ' | 'ä' => spelled.push_str("ae"),
                'ø' | 'ö' => spelled.push_str("oe"),
                'å' => spelled.push_str("aa"),
                letter if letter.is_alphanumeric() => spelled.push(letter),
                _ => spelled.push(' '),
            }
        }
    }
    let words: Vec<String> = spelled.split_whitespace().map(str::to_owned).collect();
    words.into_iter()
}

/// One layer of percent-encoding undone, and `+` for a space.
fn unescaped(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len().min(MAX_CHARACTERS));
    let mut rest = text.as_bytes();
    while let (Some((first, tail)), true) = (rest.split_first(), bytes.len() < MAX_CHARACTERS) {
        let digit = |at: usize| tail.get(at).and_then(|byte| char::from(*byte).to_digit(16));
        if let (b'%', Some(high), Some(low)) = (first, digit(0), digit(1)) {
            bytes.push(u8::try_from(high << 4 | low).unwrap_or(b' '));
            rest = tail.get(2..).unwrap_or_default();
        } else {
            bytes.push(if *first == b'+' { b' ' } else { *first });
            rest = tail;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn stems() -> &'static BTreeMap<&'static str, Stem> {
    static STEMS: OnceLock<BTreeMap<&'static str, Stem>> = OnceLock::new();
    STEMS.get_or_init(|| WORDS.lines().skip(1).filter_map(row).collect())
}

/// `category, stem, note`.
fn row(row: &'static str) -> Option<(&'static str, Stem)> {
    let mut fields = row.split('\t');
    let (category, stem) = (fields.next()?, fields.next()?);
    let context = match category {
        HARMLESS => None,
        id => Some(SensitiveContext::ALL.into_iter().find(|context| context.as_str() == id)?),
    };
    let is_whole = stem.ends_with(WHOLE);
    Some((stem.trim_end_matches(WHOLE), Stem { context, is_whole }))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[track_caller]
    fn page(path: &str, title: &str, expected: Option<SensitiveContext>) {
        assert_eq!(of_page(path, title).map(|told| told.context), expected, "{path} {title}");
    }

    #[track_caller]
    fn value(name: &str, text: &str, expected: Option<&str>) {
        assert_eq!(sensitive_in(name, text).map(|told| told.word_stem), expected, "{name} {text}");
    }

    #[test]
    fn every_name_of_a_title_is_one_however_written() {
        for name in TITLES.iter().chain(&PATHS).filter(|name| !name.contains('.')) {
            assert!(is_title(name) && is_title(&name.to_uppercase()) && is_title(&format!("x[{name}]")), "{name}");
            assert!(!is_title(&format!("{name}x")) && !is_title(&format!("x{name}")), "{name}");
        }
    }

    #[test]
    fn a_page_tells_its_matter_by_address_or_title() {
        page("/borger/sygedagpenge/ansoeg", "", Some(SensitiveContext::Health));
        page("/st%C3%B8tte/Kontanthj%C3%A6lp", "", Some(SensitiveContext::SocialProblems));
        page("/side/7", "Restancer og rykkere – Min side", Some(SensitiveContext::Economy));
        page("/minSkilsmisse", "", Some(SensitiveContext::PrivateMatters));
        page("/medlem/FAGFORENING", "", Some(SensitiveContext::TradeUnion));
        page("/attester/straffeattest", "", Some(SensitiveContext::Crime));
        page("/asylansøgning", "", Some(SensitiveContext::Ethnicity));
        page("/udmeldelse-af-folkekirken", "", Some(SensitiveContext::Belief));
        page("/prostitution", "", Some(SensitiveContext::Sexuality));
        page("/elev/karakterer", "", Some(SensitiveContext::Education));
        page("/ansat/afskedigelse", "", Some(SensitiveContext::Employment));
    }

    #[test]
    fn a_harmless_word_beside_a_stem_leaves_the_stem() {
        page("/kræftens-bekæmpelse", "", Some(SensitiveContext::Health));
        page("/psykologisk-hjælp", "", Some(SensitiveContext::Health));
        page("/hjemmesygepleje-sygeplejeydelser", "", Some(SensitiveContext::Health));
        page("/asylansøger", "", Some(SensitiveContext::Ethnicity));
        page("/adoptionssag", "", Some(SensitiveContext::PrivateMatters));
    }

    #[test]
    fn of_several_matters_the_most_sensitive_counts() {
        page("/restancer/sygehus", "Straffesag", Some(SensitiveContext::Health));
    }

    #[test]
    fn harmless_words_are_silent() {
        for path in [
            "/sygesikring/nyt-kort",
            "/gaeldende-regler",
            "/det-gælder",
            "/trolley",
            "/tro",
            "/fag/dansk",
            "/by",
            "/boern/institution",
            "/børnepasning",
            "/journal",
            "/health",
            "/medicinsk-udstyr",
            "/psykologi",
            "/psykologistudiet",
            "/job/sygeplejerske",
            "/brug-dine-kræfter",
            "/formueforvaltning",
            "/asylgade-12",
            "/oplev/faengselsmuseet",
            "/adoptionsrate",
            "/medicinstudiet",
            "/invalidEmail",
            "/invalidemail",
            "/aarsopgoerelse",
            "/kontakt/reception",
            "/uafhjaelpelig",
            "/formular",
            "/",
        ] {
            page(path, "", None);
        }
        page("", "Hvad gælder? Kræver login. Kraftvarmeværk", None);
    }

    #[test]
    fn what_was_sent_is_a_pages_address_or_title() {
        value("dl", "https://www.selvbetjening.test/sygedagpenge?x=1", Some("sygedagpenge"));
        value("events[0].url", "https://www.selvbetjening.test/#/sag/kontanthj%C3%A6lp", Some("kontanthjaelp"));
        value("dt", "Ansøg om fleksjob", Some("fleksjob"));
        value("page.pageName", "fleksjob", Some("fleksjob"));
        value("dp", "/fleksjob?x=1", Some("fleksjob"));
        value("q", "fleksjob", None);
        value("ref", "https://www.sundhed.dk/", None);
        value("ref", "https://fleksjob.test/", None);
        value("dl", "https://www.selvbetjening.test/?q=fleksjob", None);
        value("title", "Velkommen", None);
    }

    #[test]
    fn long_text_is_read_to_the_bound() {
        value("title", &"fleksjo ".repeat(100_000), None);
        value("url", &format!("https://a.test/{}", "%41".repeat(100_000)), None);
    }

    #[test]
    fn every_row_is_read_and_every_harmless_word_lies_below_a_stem() {
        let mut seen = BTreeSet::new();
        for line in WORDS.lines().skip(1) {
            assert_eq!(line.split('\t').count(), 3, "{line}");
            let (stem, said) = row(line).unwrap_or_else(|| panic!("{line}"));
            assert!(seen.insert(stem), "twice: {line}");
            assert_eq!(words(stem).collect::<Vec<_>>(), [stem], "one word as it is compared: {line}");
            let is_below = |other: &str, shorter: &Stem| {
                shorter.context.is_some() && !shorter.is_whole && stem.len() > other.len() && stem.starts_with(other)
            };
            assert!(
                said.context.is_some() || stems().iter().any(|(other, shorter)| is_below(other, shorter)),
                "{line}"
            );
        }
        let categories: BTreeSet<SensitiveContext> = stems().values().filter_map(|stem| stem.context).collect();
        assert_eq!(categories.into_iter().collect::<Vec<_>>(), SensitiveContext::ALL);
    }
}
