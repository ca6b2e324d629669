//! Reads a `scan.json` that somebody names: one of another version, cut off or edited is told as what it is.

use std::io::Read as _;
use std::path::Path;

use anyhow::Context as _;
use model::Scan;
use serde::Deserialize;
use serde_json::error::Category;

use crate::fault::Fault;
use crate::record::scan_id;
use crate::verdict::verdict;

/// Bytes of a file that is read: the largest scans have some tens of millions.
const MOST_BYTES: u64 = 1 << 30;

/// What every version of the format has.
#[derive(Deserialize)]
struct Head {
    version: Option<u64>,
    tool: Option<Tool>,
}

#[derive(Deserialize)]
struct Tool {
    version: Option<String>,
}

/// The scan in the file at `path`.
pub(crate) fn read(path: &Path) -> anyhow::Result<Scan> {
    let name = path.display();
    let mut bytes = Vec::new();
    let unreadable =
        || Fault::new(format!("cannot read {name}"), "name a scan.json, or a scan of the store by its number");
    let file = std::fs::File::open(path).with_context(unreadable)?;
    file.take(MOST_BYTES).read_to_end(&mut bytes).with_context(unreadable)?;
    parse(&bytes, &name.to_string()).map_err(anyhow::Error::from)
}

fn parse(bytes: &[u8], name: &str) -> Result<Scan, Fault> {
    let head: Head = serde_json::from_slice(bytes).map_err(|error| unparsed(&error, name))?;
    match head.version {
        None => return Err(Fault::new(format!("{name} is no scan of cprvagt"), "name a scan.json that it wrote")),
        Some(version) if version == u64::from(Scan::VERSION) => {}
        Some(version) => {
            let ours = Scan::VERSION;
            let wrote = head.tool.and_then(|tool| tool.version).unwrap_or_default();
            let message =
                format!("{name} is of version {version} of the format, and this program reads version {ours}");
            return Err(Fault::new(message, format!("render it with the cprvagt that wrote it ({wrote})")));
        }
    }
    let scan: Scan = serde_json::from_slice(bytes).map_err(|error| unparsed(&error, name))?;
    let edited = |what: &str| {
        let help = "it was changed after it was written, or put together of several; use the file as the run left it, or the store";
        Fault::new(format!("{name} does not hold together: {what}"), help)
    };
    scan.check().map_err(|error| edited(&error.to_string()))?;
    if scan.id != scan_id(scan.started, &scan.targets) {
        return Err(edited("its id is not that of its start and targets"));
    }
    for system in &scan.systems {
        if system.verdict != verdict(system.id.as_ref(), &system.coverage, &scan.findings, &scan.blind_spots) {
            let said = system.verdict.as_str();
            return Err(edited(&format!(
                "it calls the system `{}` {said}, and says otherwise by what it lists",
                system.name
            )));
        }
    }
    Ok(scan)
}

/// What the text itself says stays out of the message: it may be anything.
fn unparsed(error: &serde_json::Error, name: &str) -> Fault {
    let (line, column) = (error.line(), error.column());
    let again = "write it again, or render the scan from the store (`cprvagt report list`)";
    match error.classify() {
        Category::Eof => Fault::new(format!("{name} is cut off: it ends in the middle, at line {line}"), again),
        Category::Syntax => Fault::new(format!("{name} is no JSON at line {line}, column {column}"), again),
        Category::Data => {
            Fault::new(format!("{name} is not as the format has it at line {line}, column {column}"), again)
        }
        Category::Io => Fault::new(format!("{name} cannot be read"), again),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(text: &str, expected: &str) {
        let fault = parse(text.as_bytes(), "a.json").unwrap_err();
        assert!(fault.to_string().contains(expected), "{fault}");
        assert!(!fault.help().is_empty() && !fault.to_string().contains("0707614285"), "{fault}");
    }

    #[test]
    fn what_is_no_scan_of_ours_is_told_as_what_it_is() {
        case("", "is cut off");
        case("{\"version\": 1, \"tool\"", "is cut off: it ends in the middle, at line 1");
        case("{\"log\": {}}", "is no scan of cprvagt");
        case("<html>", "is no JSON at line 1");
        case(
            "{\"version\": 2, \"tool\": {\"version\": \"9.1\"}}",
            "is of version 2 of the format, and this program reads version 1",
        );
        case("{\"version\": 1, \"kind\": \"0707614285\"}", "is not as the format has it");
        case("{\"version\": \"0707614285\"}", "is not as the format has it");
    }
}
