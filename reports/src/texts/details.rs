//! What the program itself says about a blind spot, in Danish, by the rows of `sentences`. What is in no row, an error of
//! the system's or a text from the wire, is quoted as it is.

use super::sentences::SENTENCES;
use super::sentences_of_files::OF_FILES;
use crate::inert::Inert;
use crate::lang::Lang;

/// Longer details are no sentence of ours.
const MAX_DETAIL: usize = 2_000;

/// Sentences about one file: a capture has the most.
const MAX_SENTENCES: usize = 30;

/// What stands between two sentences about one file.
const BETWEEN: &str = "; ";

/// A sentence in a sentence in a list is the most there is.
const MAX_DEPTH: u32 = 3;

/// A detail as shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Detail {
    pub(crate) text: String,
    /// Whether it is shown as it came, in English or whatever it is.
    pub(crate) is_quoted: bool,
}

/// `detail` in `lang`, as far as it is the program's own words.
pub(crate) fn detail(detail: &str, lang: Lang) -> Detail {
    let danish = if detail.chars().nth(MAX_DETAIL).is_some() { None } else { several(detail) };
    let (is_quoted, text) = match (lang, danish) {
        (Lang::Da, Some(danish)) => (false, danish),
        (Lang::En, Some(_)) => (false, Inert::new(detail).to_string()),
        (Lang::Da | Lang::En, None) => (true, Inert::new(detail).to_string()),
    };
    Detail { text, is_quoted }
}

/// Sentences with `; ` between, as what is said of one file is: each in Danish, or none. A semicolon may be of a sentence
/// itself, so that the first way to cut them all is taken, the shortest first.
fn several(text: &str) -> Option<String> {
    let begins = std::iter::once(0).chain(text.match_indices(BETWEEN).map(|(at, _)| at + BETWEEN.len()));
    let begins: Vec<usize> = begins.take(MAX_SENTENCES + 1).collect();
    if begins.len() > MAX_SENTENCES {
        return None;
    }
    // From each begin on, what the rest is in Danish; the last first.
    let mut told: Vec<Option<String>> = Vec::new();
    for (at, begin) in begins.iter().enumerate().rev() {
        let ends = begins.iter().skip(at + 1).map(|next| next - BETWEEN.len()).chain([text.len()]);
        let cut = ends.enumerate().find_map(|(further, end)| {
            // What begins behind this end was told so many turns ago.
            let behind = match told.len().checked_sub(further + 1) {
                Some(turn) => Some(told.get(turn)?.as_deref()?),
                None => None,
            };
            let first = counted(text.get(*begin..end)?)?;
            Some(behind.map_or_else(|| first.clone(), |behind| format!("{first}{BETWEEN}{behind}")))
        });
        told.push(cut);
    }
    told.pop().flatten()
}

/// A sentence, or what is counted and its count: `packets that are broken: 3`.
fn counted(text: &str) -> Option<String> {
    sentence(text, MAX_DEPTH).or_else(|| {
        let (what, count) = text.rsplit_once(": ")?;
        let is_count = !count.is_empty() && count.bytes().all(|byte| byte.is_ascii_digit());
        is_count.then(|| sentence(what, MAX_DEPTH)).flatten().map(|what| format!("{what}: {count}"))
    })
}

/// `text` in Danish; `None` when it is no sentence of the program's.
fn sentence(text: &str, depth: u32) -> Option<String> {
    let depth = depth.checked_sub(1)?;
    SENTENCES.iter().chain(&OF_FILES).find_map(|(english, danish)| {
        let held = holes(text, english)?;
        let mut filled = String::new();
        let mut held = held.into_iter();
        for (at, piece) in danish.split("{}").enumerate() {
            if at > 0 {
                filled.push_str(&hole(held.next()?, depth));
            }
            filled.push_str(piece);
        }
        Some(filled)
    })
}

/// What fills a hole: a sentence of its own, a list of such, or whatever it is.
fn hole(text: &str, depth: u32) -> String {
    let counted = |item: &str| {
        let digits = item.chars().take_while(char::is_ascii_digit).count();
        let (number, rest) = item.split_at_checked(digits)?;
        let rest = sentence(rest.trim_start(), depth)?;
        Some(if number.is_empty() { rest } else { format!("{number} {rest}") })
    };
    let all: Option<Vec<String>> =
        counted(text).map(|whole| vec![whole]).or_else(|| text.split(", ").map(counted).collect());
    all.map_or_else(|| Inert::new(text).to_string(), |items| items.join(", "))
}

/// What stands in the holes of `pattern` when `text` fits it.
fn holes<'a>(text: &'a str, pattern: &str) -> Option<Vec<&'a str>> {
    let mut pieces = pieces(pattern).into_iter();
    let mut rest = text.strip_prefix(pieces.next()?)?;
    let mut holes = Vec::new();
    let mut pieces = pieces.peekable();
    while let Some(piece) = pieces.next() {
        let (hole, after) =
            if pieces.peek().is_none() { (rest.strip_suffix(piece)?, "") } else { rest.split_once(piece)? };
        holes.push(hole);
        rest = after;
    }
    rest.is_empty().then_some(holes)
}

/// The fixed pieces of a pattern, one more than its holes.
fn pieces(pattern: &str) -> Vec<&str> {
    pattern.split('{').enumerate().map(|(at, piece)| if at == 0 { piece } else { after_hole(piece) }).collect()
}

fn after_hole(piece: &str) -> &str {
    piece.split_once('}').map_or(piece, |(_, fixed)| fixed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::path::Path;

    #[track_caller]
    fn case(english: &str, danish: &str) {
        let shown = detail(english, Lang::Da);
        assert_eq!((shown.text.as_str(), shown.is_quoted), (danish, false));
        assert_eq!(detail(english, Lang::En), Detail { text: english.to_owned(), is_quoted: false });
    }

    #[test]
    fn the_programs_own_words_are_danish() {
        case("its login form wants a password", "dens loginformular kræver adgangskode");
        case("12 of 90 bytes were recorded", "12 af 90 byte blev optaget");
        case(
            "it cannot be reached (no connection in time)",
            "serveren kan ikke nås (ingen forbindelse inden for fristen)",
        );
    }

    #[test]
    fn a_sentence_in_a_sentence_and_a_list_of_such_are_danish_too() {
        case(
            "the form that sends to https://a.test/x: it wants a password as well",
            "formularen, der sender til https://a.test/x: den kræver også adgangskode",
        );
        case(
            "10 pages: 8 of a kind of page seen 2 times, 2 beyond the budget of 500 pages",
            "10 sider: 8 af en slags, der er set 2 gange, 2 ud over grænsen på 500 sider",
        );
    }

    #[test]
    fn a_step_that_failed_is_told_in_danish() {
        case(
            "step 7 (click #send) of the journey Log ind: no element matches within 5000 ms; on the page: title Fejl; \
             headings Vent, Fejl; 1 fields, 2 buttons, 3 links",
            "trin 7 (click #send) i brugerforløbet Log ind: intet element passer inden for 5000 ms; på siden stod: titel \
             Fejl; overskrifter Vent, Fejl; 1 felter, 2 knapper, 3 links",
        );
    }

    #[test]
    fn faults_on_the_way_out_are_danish_too() {
        case(
            "the upstream proxy http://p.test:3128 cannot be used: nothing listens at that address (connection refused); \
             check --upstream-proxy",
            "den foranstillede proxy http://p.test:3128 kan ikke bruges: intet svarer på adressen (forbindelse afvist); se \
             efter i --upstream-proxy",
        );
        case(
            "no secure connection: it refused with the TLS alert HandshakeFailure: it and the proxy have no cipher in \
             common; its own may be unsafe ones (RSA key exchange, CBC)",
            "ingen sikker forbindelse: den afviste med TLS-beskeden HandshakeFailure: serveren og proxyen har ingen \
             kryptering til fælles; serverens kan være usikker (RSA-nøgleudveksling, CBC)",
        );
    }

    #[test]
    fn what_is_said_of_a_file_is_danish_sentence_by_sentence() {
        case(
            "lines that do not fit the format common, searched as plain text: 2, the first is line 3 at byte 90; lines without \
             a time that can be read, which count as of no day: 1, the first is line 3 at byte 90; NUL bytes before lines, \
             passed over, as a log that is cut has them: 7",
            "linjer, der ikke passer til formatet common, gennemsøgt som ren tekst: 2, den første er linje 3 ved byte 90; \
             linjer uden et tidspunkt, der kan læses; de regnes ikke til nogen dag: 1, den første er linje 3 \
             ved byte 90; NUL-bytes før linjer, sprunget over; sådan ser en log ud, der er blevet afkortet: 7",
        );
        case(
            "not read beyond byte 7: it ends in the midst of a packet; packets that are broken: 1; packets of link type 147, \
             which are not read: 2",
            "ikke læst ud over byte 7: den slutter midt i en pakke; pakker, der er beskadigede: 1; pakker af linktypen \
             147, som ikke læses: 2",
        );
        case(
            "no line of 4 days: 2026-11-22 – 2026-11-24, 2026-11-26",
            "ingen linje fra 4 dage: 2026-11-22 – 2026-11-24, 2026-11-26",
        );
        assert!(detail("packets that are broken: 1; something else", Lang::Da).is_quoted);
        assert!(detail(&"; ".repeat(900), Lang::Da).is_quoted);
    }

    #[test]
    fn what_is_not_ours_is_quoted_as_it_is() {
        for text in ["net::ERR_FAILED", "502 Bad Gateway", "its login form wants a password!", &"x".repeat(5_000)] {
            let shown = detail(text, Lang::Da);
            assert!(shown.is_quoted, "{text}");
            assert_eq!(shown.text, Inert::new(text).as_str());
        }
    }

    #[test]
    fn what_fills_a_hole_stays_inert() {
        assert!(!detail("the site answered \u{1b}[2J", Lang::Da).text.contains('\u{1b}'));
        assert_eq!(
            detail("the form that sends to x: {}: {why}", Lang::Da).text,
            "formularen, der sender til x: {}: {why}"
        );
        let deep = "the form that sends to x: ".repeat(30);
        assert!(detail(&deep, Lang::Da).text.len() < 1_000);
    }

    #[test]
    fn both_languages_have_the_same_holes() {
        for (english, danish) in SENTENCES.iter().chain(&OF_FILES) {
            assert_eq!(pieces(english).len(), danish.split("{}").count(), "{english}");
        }
    }

    /// The sentences live where they are said; this table must change with them.
    #[test]
    fn every_sentence_is_one_that_the_program_writes() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let mut source = String::new();
        for folder in ["crawler/src", "proxy/src", "detect/src", "inputs/src", "src"] {
            gather(&root.join(folder), &mut source);
        }
        let missing: Vec<&str> = SENTENCES
            .iter()
            .chain(&OF_FILES)
            .map(|(english, _)| *english)
            .filter(|english| !source.contains(english))
            .collect();
        assert!(missing.is_empty(), "no longer written: {missing:#?}");
    }

    fn gather(folder: &Path, source: &mut String) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                gather(&path, source);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                source.push_str(&fs::read_to_string(path).unwrap());
            }
        }
    }
}
