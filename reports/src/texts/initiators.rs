//! What made the browser send something, in words.

use model::{InitiatorKind, InitiatorRecord, Wanted, WhyUnknown};

use crate::inert::Inert;
use crate::lang::{Lang, Text};

/// What sent it, and where in its file: one line.
pub(crate) fn initiator(told: &InitiatorRecord, lang: Lang) -> String {
    let mut text = what(told).to(lang).to_owned();
    let url = told.url.as_ref().map(Inert::from).filter(|url| !url.is_empty());
    if names_its_file(told.kind)
        && let Some(url) = &url
    {
        text = format!("{text} {url}");
    }
    let place = place(told, lang);
    if !place.is_empty() {
        text = format!("{text}, {place}");
    }
    match url {
        Some(url) if !names_its_file(told.kind) => format!("{text} ({url})"),
        Some(_) | None => text,
    }
}

/// Line, column and function.
fn place(told: &InitiatorRecord, lang: Lang) -> String {
    let mut place = Vec::new();
    if let Some(line) = told.line {
        place.push(match lang {
            Lang::Da => format!("linje {line}"),
            Lang::En => format!("line {line}"),
        });
    }
    if let Some(column) = told.column {
        place.push(match lang {
            Lang::Da => format!("kolonne {column}"),
            Lang::En => format!("column {column}"),
        });
    }
    if let Some(function) = &told.function {
        place.push(match lang {
            Lang::Da => format!("funktionen »{}«", Inert::from(function)),
            Lang::En => format!("the function “{}”", Inert::from(function)),
        });
    }
    place.join(", ")
}

/// Whether what sent it is a file of its own, and so is named by it; else it is a part of the page.
fn names_its_file(kind: InitiatorKind) -> bool {
    match kind {
        InitiatorKind::Script
        | InitiatorKind::StyleSheet
        | InitiatorKind::Worker
        | InitiatorKind::SharedWorker
        | InitiatorKind::ServiceWorker => true,
        InitiatorKind::InlineScript
        | InitiatorKind::Markup
        | InitiatorKind::Preload
        | InitiatorKind::Navigation
        | InitiatorKind::Unknown => false,
    }
}

fn what(told: &InitiatorRecord) -> Text {
    match told.kind {
        InitiatorKind::Script => Text { da: "scriptet", en: "the script" },
        InitiatorKind::InlineScript => Text { da: "et script i selve siden", en: "a script in the page itself" },
        InitiatorKind::Markup => part(told.wanted),
        InitiatorKind::StyleSheet => Text { da: "stilarket", en: "the style sheet" },
        InitiatorKind::Preload => Text {
            da: "siden selv, der beder browseren hente det på forhånd",
            en: "the page itself, which asks the browser to have it early",
        },
        InitiatorKind::Worker => Text { da: "workeren", en: "the worker" },
        InitiatorKind::SharedWorker => Text { da: "den delte worker", en: "the shared worker" },
        InitiatorKind::ServiceWorker => Text { da: "service workeren", en: "the service worker" },
        InitiatorKind::Navigation => Text {
            da: "selve sideskiftet: en adresse, et link eller en formular",
            en: "the change of page itself: an address, a link or a form",
        },
        InitiatorKind::Unknown => unknown(told.why),
    }
}

/// A part of the page's markup.
fn part(wanted: Option<Wanted>) -> Text {
    match wanted {
        Some(Wanted::Document) => Text { da: "en ramme på siden", en: "a frame in the page" },
        Some(Wanted::StyleSheet) => {
            Text { da: "et stilark, som siden henter", en: "a style sheet that the page loads" }
        }
        Some(Wanted::Image) => Text { da: "et billede på siden", en: "an image in the page" },
        Some(Wanted::Media) => Text { da: "lyd eller video på siden", en: "sound or video in the page" },
        Some(Wanted::Script) => Text { da: "et script, som siden henter", en: "a script that the page loads" },
        Some(Wanted::Font | Wanted::Data | Wanted::Prefetch | Wanted::Beacon | Wanted::Websocket | Wanted::Other)
        | None => Text { da: "siden selv", en: "the page itself" },
    }
}

fn unknown(why: Option<WhyUnknown>) -> Text {
    match why {
        Some(WhyUnknown::NotTold) => Text {
            da: "vides ikke: browseren fortalte ikke om det, som når noget sendes, mens siden forlades",
            en: "not known: the browser did not tell of it, as of what is sent while a page is being left",
        },
        Some(WhyUnknown::TooMany) => Text {
            da: "vides ikke: der var flere forespørgsler, end der huskes",
            en: "not known: there were more requests than are remembered",
        },
        Some(WhyUnknown::NotSaid) | None => {
            Text { da: "vides ikke: browseren siger det ikke", en: "not known: the browser does not say" }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::own;

    fn of(kind: InitiatorKind) -> InitiatorRecord {
        let (url, line, column) = (Some(own("https://maal.test/maal.js")), Some(3), Some(12));
        InitiatorRecord { kind, url, line, column, function: None, wanted: Some(Wanted::Image), why: None }
    }

    #[track_caller]
    fn case(told: &InitiatorRecord, da: &str, en: &str) {
        assert_eq!((initiator(told, Lang::Da).as_str(), initiator(told, Lang::En).as_str()), (da, en));
    }

    #[test]
    fn a_script_is_told_by_its_file_line_and_column() {
        case(
            &InitiatorRecord { function: Some(own("send")), ..of(InitiatorKind::Script) },
            "scriptet https://maal.test/maal.js, linje 3, kolonne 12, funktionen »send«",
            "the script https://maal.test/maal.js, line 3, column 12, the function “send”",
        );
        case(
            &of(InitiatorKind::ServiceWorker),
            "service workeren https://maal.test/maal.js, linje 3, kolonne 12",
            "the service worker https://maal.test/maal.js, line 3, column 12",
        );
    }

    #[test]
    fn a_part_of_the_page_is_told_by_its_line() {
        case(
            &InitiatorRecord { url: Some(own("https://a.test/")), column: None, ..of(InitiatorKind::Markup) },
            "et billede på siden, linje 3 (https://a.test/)",
            "an image in the page, line 3 (https://a.test/)",
        );
        case(
            &InitiatorRecord { url: None, column: None, ..of(InitiatorKind::InlineScript) },
            "et script i selve siden, linje 3",
            "a script in the page itself, line 3",
        );
    }

    #[test]
    fn what_is_not_known_says_why() {
        let unknown =
            |why| InitiatorRecord { url: None, line: None, column: None, why: Some(why), ..of(InitiatorKind::Unknown) };
        for why in [WhyUnknown::NotTold, WhyUnknown::NotSaid, WhyUnknown::TooMany] {
            assert!(initiator(&unknown(why), Lang::Da).starts_with("vides ikke: "));
            assert!(initiator(&unknown(why), Lang::En).starts_with("not known: "));
        }
    }
}
