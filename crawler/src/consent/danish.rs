//! Banners by our own list: what their buttons say, in Danish and English, where no rule knows their maker.
//!
//! Only buttons in something that looks like a question for consent are judged, and only those whose every word is known:
//! "Godkend" in one accepts, "Godkend ansøgning" does not, and outside of one neither is ever pressed.

use std::time::Duration;

use model::ConsentState;
use serde::Deserialize;
use serde_json::{from_value, json};

use super::surface::Surface;
use crate::BrowserError;
use crate::cut::cut;

/// The script that finds the boxes.
const SCRIPT: &str = include_str!("../script/consent.js");

/// Longest text of a banner; longer ones are pages.
const MAX_TEXT: usize = 8_000;

/// Longest label of a button, or name of a banner.
const MAX_LABEL: usize = 80;

/// Most words of a label that is judged.
const MAX_WORDS: usize = 10;

/// Most buttons looked at.
const MAX_BUTTONS: usize = 500;

/// Most banners told; a page has one.
const MAX_BANNERS: usize = 5;

/// Most switches turned off.
const MAX_SWITCHES: usize = 200;

/// Most elements above a button.
const MAX_DEPTH: usize = 25;

/// Most elements looked at for shadow roots.
const MAX_NODES: usize = 20_000;

/// How long a second layer may take to show.
pub(super) const SHOWS: Duration = Duration::from_millis(500);

/// Words that say no. One is enough, with any of the others beside it.
const NO: [&str; 27] = [
    "nej",
    "ikke",
    "afvis",
    "afvise",
    "afviser",
    "nødvendige",
    "nødvendig",
    "påkrævede",
    "uden",
    "fravælg",
    "no",
    "not",
    "reject",
    "decline",
    "declined",
    "deny",
    "refuse",
    "necessary",
    "essential",
    "essentials",
    "required",
    "without",
    "disagree",
    "dont",
    "optout",
    "minimum",
    "tekniske",
];

/// Words that keep what was chosen.
const KEEP: [&str; 14] = [
    "gem",
    "bekræft",
    "valgte",
    "udvalgte",
    "markerede",
    "opdater",
    "save",
    "confirm",
    "selected",
    "selection",
    "update",
    "gemme",
    "bekræfter",
    "choices",
];

/// Words that lead to the choices.
const CHOOSE: [&str; 24] = [
    "indstillinger",
    "indstilling",
    "cookieindstillinger",
    "samtykkeindstillinger",
    "tilpas",
    "tilpasse",
    "administrer",
    "administrere",
    "vælg",
    "vælge",
    "valgmuligheder",
    "præferencer",
    "detaljer",
    "rediger",
    "settings",
    "customize",
    "customise",
    "manage",
    "preferences",
    "options",
    "choose",
    "details",
    "adjust",
    "configure",
];

/// Words that say yes.
const YES: [&str; 24] = [
    "accepter",
    "accepterer",
    "acceptere",
    "acceptér",
    "tillad",
    "tillader",
    "tillade",
    "godkend",
    "godkender",
    "godkende",
    "ok",
    "okay",
    "ja",
    "enig",
    "indforstået",
    "forstået",
    "forstår",
    "samtykker",
    "accept",
    "allow",
    "agree",
    "understood",
    "understand",
    "yes",
];

/// Words that change nothing.
const BESIDE: [&str; 49] = [
    "alle", "alt", "cookie", "cookies", "og", "luk", "fortsæt", "jeg", "tak", "det", "er", "fint", "mine", "min",
    "mit", "valg", "de", "den", "kun", "brug", "at", "med", "til", "din", "dine", "i", "all", "the", "and", "close",
    "continue", "to", "my", "only", "use", "thanks", "thank", "you", "got", "it", "that", "is", "im", "vis", "flere",
    "show", "more", "strengt", "strictly",
];

/// What a button means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Yes to all.
    Accept,
    /// No to all that can be refused.
    Refuse,
    /// Shows the choices.
    Choose,
    /// Keeps what was chosen.
    Keep,
}

/// A banner that shows.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Banner {
    /// Its id, class or heading.
    pub(super) name: String,
    buttons: Vec<String>,
    switches: usize,
}

/// What is to be done to give an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Move {
    /// Press the button at this place.
    Press(usize),
    /// Switch all off and press this one.
    AllOff(usize),
    /// Press this one, and look again.
    Open(usize),
}

/// The banners that show in a document and have a button whose meaning is known; their places for pressing.
pub(super) fn look(surface: &Surface<'_>) -> Result<Vec<(usize, Banner)>, BrowserError> {
    let limits = json!({
        "text": MAX_TEXT, "label": MAX_LABEL, "buttons": MAX_BUTTONS, "banners": MAX_BANNERS, "switches": MAX_SWITCHES,
        "depth": MAX_DEPTH, "nodes": MAX_NODES,
    });
    let found = surface.ask(&format!("({})({limits})", SCRIPT.trim_end()))?;
    let banners: Vec<Banner> = found.and_then(|found| from_value(found).ok()).unwrap_or_default();
    let known = banners.into_iter().take(MAX_BANNERS).enumerate().filter(|(_, banner)| banner.is_known());
    Ok(known.map(|(at, banner)| (at, Banner { name: cut(&banner.name, MAX_LABEL), ..banner })).collect())
}

/// Makes a move in the banner at `at`; whether it could be made.
pub(super) fn make(surface: &Surface<'_>, at: usize, step: Move) -> Result<bool, BrowserError> {
    let is_done = |expression: String| -> Result<bool, BrowserError> {
        Ok(surface.ask(&expression)?.is_some_and(|done| done == true))
    };
    match step {
        Move::Press(button) | Move::Open(button) => is_done(format!("consentPress({at}, {button})")),
        Move::AllOff(button) => {
            Ok(is_done(format!("consentAllOff({at})"))? && is_done(format!("consentPress({at}, {button})"))?)
        }
    }
}

impl Banner {
    /// How to give the answer `wanted`; `None` when it offers no way.
    pub(super) fn way(&self, wanted: ConsentState, may_open: bool) -> Option<Move> {
        let means = |wanted: Meaning| move |label: &&String| meaning(label) == Some(wanted);
        let place = |wanted| self.buttons.iter().position(|label| means(wanted)(&label));
        let open = || place(Meaning::Choose).filter(|_| may_open).map(Move::Open);
        match wanted {
            ConsentState::Untouched => None,
            ConsentState::Accepted => {
                let all = self.buttons.iter().position(|label| means(Meaning::Accept)(&label) && says_all(label));
                all.or_else(|| place(Meaning::Accept)).map(Move::Press)
            }
            ConsentState::Refused => {
                let keeps = || place(Meaning::Keep).filter(|_| self.switches > 0).map(Move::AllOff);
                place(Meaning::Refuse).map(Move::Press).or_else(keeps).or_else(open)
            }
        }
    }

    /// Whether any button answers or leads to an answer: else it is a notice, and nobody is asked.
    fn is_known(&self) -> bool {
        self.buttons.iter().any(|label| meaning(label).is_some())
    }
}

/// What a button with this label means; `None` for any other button.
pub(super) fn meaning(label: &str) -> Option<Meaning> {
    let words = words(label);
    if words.is_empty() || words.len() > MAX_WORDS {
        return None;
    }
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    let is_known =
        |word: &String| [&NO[..], &KEEP, &CHOOSE, &YES, &BESIDE].iter().any(|list| list.contains(&word.as_str()));
    if !words.iter().all(is_known) {
        return None;
    }
    if has(&NO) {
        Some(Meaning::Refuse)
    } else if has(&KEEP) {
        Some(Meaning::Keep)
    } else if has(&CHOOSE) {
        Some(Meaning::Choose)
    } else if has(&YES) || has(&["got"]) {
        Some(Meaning::Accept)
    } else {
        None
    }
}

fn says_all(label: &str) -> bool {
    words(label).iter().any(|word| ["alle", "alt", "all"].contains(&word.as_str()))
}

/// The words of a label, in lower case; an apostrophe parts none.
fn words(label: &str) -> Vec<String> {
    let label = label.to_lowercase().replace(['\'', '’'], "");
    label
        .split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_button_means_what_all_its_words_say() {
        #[track_caller]
        fn case(label: &str, expected: Option<Meaning>) {
            assert_eq!(meaning(label), expected, "{label}");
        }
        for label in [
            "Accepter alle",
            "ACCEPTÉR ALLE COOKIES",
            "Tillad alle",
            "Godkend",
            "OK",
            "Ja tak",
            "Okay, det er fint",
            "Accept all",
            "I agree",
            "Got it!",
            "Ja, jeg accepterer",
            "Tillad alle cookies og luk",
        ] {
            case(label, Some(Meaning::Accept));
        }
        for label in [
            "Kun nødvendige",
            "Afvis alle",
            "Nej tak",
            "Afvis",
            "Accepter kun nødvendige cookies",
            "Tillad ikke",
            "Fortsæt uden at acceptere",
            "Only necessary",
            "Reject all",
            "I don’t accept",
            "Strictly necessary only",
        ] {
            case(label, Some(Meaning::Refuse));
        }
        for label in
            ["Indstillinger", "Tilpas", "Vælg cookies", "Vis detaljer", "Manage preferences", "Cookieindstillinger"]
        {
            case(label, Some(Meaning::Choose));
        }
        for label in ["Gem valg", "Gem indstillinger", "Tillad valgte", "Bekræft mine valg", "Save my choices"] {
            case(label, Some(Meaning::Keep));
        }
        for label in [
            "",
            "Godkend ansøgning",
            "Ja, send ansøgningen",
            "Læs mere om cookies",
            "Luk",
            "Slet alle cookies",
            "Fortsæt",
            "Betal og godkend",
            "Afvis sagen",
            "Alle",
        ] {
            case(label, None);
        }
    }

    #[test]
    fn a_way_is_found_in_the_first_layer_before_the_second() {
        #[track_caller]
        fn case(buttons: &[&str], switches: usize, wanted: ConsentState, expected: Option<Move>) {
            let buttons = buttons.iter().map(|label| (*label).to_owned()).collect();
            let banner = Banner { name: "x".into(), buttons, switches };
            assert_eq!(banner.way(wanted, true), expected, "{banner:?}");
        }
        let (no, yes) = (ConsentState::Refused, ConsentState::Accepted);
        case(&["OK", "Accepter alle", "Afvis"], 0, yes, Some(Move::Press(1)));
        case(&["OK", "Indstillinger"], 0, yes, Some(Move::Press(0)));
        case(&["Accepter alle", "Tilpas", "Kun nødvendige"], 0, no, Some(Move::Press(2)));
        case(&["Accepter alle", "Tillad valgte"], 4, no, Some(Move::AllOff(1)));
        case(&["Accepter alle", "Tillad valgte"], 0, no, None);
        case(&["Accepter alle", "Tilpas"], 0, no, Some(Move::Open(1)));
        case(&["OK"], 0, no, None);
        case(&["Afvis"], 0, yes, None);
        case(&["OK", "Afvis"], 0, ConsentState::Untouched, None);
    }
}
