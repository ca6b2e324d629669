//! Reads a saved `scan.json`.

use std::path::Path;

use anyhow::Context as _;
use model::Scan;

use crate::fault::Fault;

/// What is read of a scan of any version.
#[derive(serde::Deserialize)]
struct Versioned {
    version: u32,
}

/// The scan in `path`.
pub(crate) fn read(path: &Path) -> anyhow::Result<Scan> {
    let name = path.display();
    let bytes = std::fs::read(path).with_context(|| {
        let help = "name a scan.json with --scan; an audit writes it to cprvagt-out/";
        Fault::new(format!("cannot read {name}"), help)
    })?;
    parse(&bytes).map_err(|(problem, help)| Fault::new(format!("cannot read {name}: {problem}"), help).into())
}

/// The scan, or what is wrong and what to do.
fn parse(bytes: &[u8]) -> Result<Scan, (String, &'static str)> {
    let again = "make the scan again, or name another with --scan";
    let broken = |error: serde_json::Error| {
        let what = if error.is_eof() { "it is cut off" } else { "it is no scan" };
        // The reader's own words may quote what stands there.
        (format!("{what}, at line {}, column {}", error.line(), error.column()), again)
    };
    let Versioned { version } = serde_json::from_slice(bytes).map_err(broken)?;
    if version != Scan::VERSION {
        let help = "read it with the version of cprvagt that wrote it, or make the scan again";
        return Err((format!("it has version {version}, and this program reads version {}", Scan::VERSION), help));
    }
    serde_json::from_slice(bytes).map_err(broken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(text: &str, problem: &str) {
        let (told, _) = parse(text.as_bytes()).unwrap_err();
        assert!(told.contains(problem), "{told}");
    }

    #[test]
    fn what_is_no_scan_of_ours_is_said_to_be() {
        case("", "cut off");
        case("{\"version\": 1, \"tool\"", "cut off, at line 1, column 21");
        case("{\"version\": 2}", "it has version 2");
        case("{\"version\": 1}", "no scan");
        case("{\"log\": {}}", "no scan");
        case("not json", "no scan");
    }
}
