//! `--format`: what is printed, and which reports are written beside those that always are. The names are those of
//! `reports::FORMATS`; a new format is known here by itself.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

/// The reports that are written whatever was asked for: the full record, the pages for people, and the pictures that both name.
const ALWAYS: [&str; 3] = ["json", "html", "pictures"];

/// Every report.
const ALL: &str = "all";

/// What is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Print {
    /// Cards for people.
    #[default]
    Text,
    /// One JSON object per sighting.
    Jsonl,
}

/// One name of `--format`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Chosen {
    /// Printed.
    Print(Print),
    /// Written, by its id.
    Write(String),
    /// Every format written.
    All,
}

/// Knows the names. A scan that was kept has no sightings to print.
pub(crate) fn parser(has_sightings: bool) -> impl TypedValueParser<Value = Chosen> {
    let text = PossibleValue::new("text").help("print cards for people, as without the flag");
    let lines = PossibleValue::new("jsonl").help("print one JSON object per sighting");
    let printed = [Some(text), has_sightings.then_some(lines)].into_iter().flatten();
    let written = reports::FORMATS.iter().map(|format| PossibleValue::new(format.id()).help(format.about()));
    let all = PossibleValue::new(ALL).help("write every report");
    PossibleValuesParser::new(printed.chain(written).chain([all])).map(|name| match name.as_str() {
        "text" => Chosen::Print(Print::Text),
        "jsonl" => Chosen::Print(Print::Jsonl),
        ALL => Chosen::All,
        _ => Chosen::Write(name),
    })
}

/// What is printed: the last that was named.
pub(crate) fn printed(chosen: &[Chosen]) -> Print {
    let mut prints = chosen.iter().filter_map(|chosen| match chosen {
        Chosen::Print(print) => Some(*print),
        Chosen::Write(_) | Chosen::All => None,
    });
    prints.next_back().unwrap_or_default()
}

/// Whether the whole scan is printed, where a kept one is rendered again.
pub(crate) fn prints_scan(chosen: &[Chosen]) -> bool {
    chosen.iter().any(|chosen| match chosen {
        Chosen::Print(_) | Chosen::All => false,
        Chosen::Write(name) => name == "json",
    })
}

/// What is written, in the order of the table.
pub(crate) fn written(chosen: &[Chosen]) -> Vec<&'static dyn reports::Format> {
    let is_asked_for = |id: &str| {
        chosen.iter().any(|chosen| match chosen {
            Chosen::Print(_) => false,
            Chosen::Write(name) => name == id,
            Chosen::All => true,
        })
    };
    let formats = reports::FORMATS.iter().copied();
    formats.filter(|format| ALWAYS.contains(&format.id()) || is_asked_for(format.id())).collect()
}

#[cfg(test)]
mod tests {
    use clap::{Arg, Command};

    use super::*;

    fn chosen(typed: &str) -> Option<Vec<Chosen>> {
        let arg = Arg::new("format").long("format").value_delimiter(',').value_parser(parser(true));
        let matches = Command::new("x").arg(arg).try_get_matches_from(["x", "--format", typed]).ok()?;
        Some(matches.get_many::<Chosen>("format")?.cloned().collect())
    }

    #[track_caller]
    fn case(typed: &str, prints: Print, writes: &[&str]) {
        let chosen = chosen(typed).unwrap();
        let ids: Vec<&str> = written(&chosen).iter().map(|format| format.id()).collect();
        assert_eq!((printed(&chosen), ids.as_slice()), (prints, writes));
    }

    #[test]
    fn the_record_and_the_pages_are_always_written() {
        case("text", Print::Text, &["json", "html"]);
        case("jsonl", Print::Jsonl, &["json", "html"]);
        case("sarif", Print::Text, &["json", "html", "sarif"]);
        case("junit,jsonl,sarif", Print::Jsonl, &["json", "html", "sarif", "junit"]);
    }

    #[test]
    fn all_is_every_one() {
        assert_eq!(written(&[Chosen::All]).len(), reports::FORMATS.len());
    }

    #[test]
    fn what_is_no_format_is_refused() {
        assert_eq!(chosen("pdf"), None);
        assert_eq!(chosen("sarif,"), None);
    }
}
