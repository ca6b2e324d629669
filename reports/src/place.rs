//! Where code-scanning services show a finding: the line of the registry that declares its system. They refuse addresses
//! of pages, and a page has no line in a repository.

use std::fmt::Write as _;

use model::{Finding, Scan, SystemResult};

use crate::inert::Inert;
use crate::summary::owner;

/// Without a registry: the full record that is written beside every report. It is the same in each run, whatever was
/// audited and wherever it was written to, so a finding stays the same one.
const RECORD: &str = "scan.json";

/// Longer paths are none of a repository, and would be cut where they are shown.
const MAX_PATH: usize = 400;

/// A line of a file in the repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// From the root of the repository, `/` between folders: no scheme, no `..`, not from the root of a machine.
    pub(crate) path: String,
    /// From 1.
    pub(crate) line: u64,
}

impl Place {
    /// Where `finding` is shown.
    pub(crate) fn of(finding: &Finding, scan: &Scan) -> Self {
        owner(scan, finding).and_then(Self::declared).unwrap_or_else(Self::record)
    }

    fn declared(system: &SystemResult) -> Option<Self> {
        let at = system.declared_at.as_ref()?;
        let path = at.file.as_str();
        (at.line > 0 && is_in_repository(path)).then(|| Self { path: path.to_owned(), line: at.line })
    }

    fn record() -> Self {
        Self { path: RECORD.to_owned(), line: 1 }
    }

    /// The path as a relative reference (RFC 3986 §4.2).
    pub(crate) fn uri(&self) -> String {
        let mut uri = String::with_capacity(self.path.len());
        for byte in self.path.bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                    uri.push(char::from(byte));
                }
                _ => {
                    let _ = write!(uri, "%{byte:02X}");
                }
            }
        }
        uri
    }
}

/// A scan may have been edited: what is no plain path below a root, or holds what steers the eye, is not passed on.
fn is_in_repository(path: &str) -> bool {
    let is_name = |name: &str| !name.is_empty() && name != "." && name != "..";
    path.len() <= MAX_PATH
        && !path.contains([':', '\\'])
        && Inert::new(path).as_str() == path
        && path.split('/').all(is_name)
}

#[cfg(test)]
mod tests {
    use model::DeclaredAt;

    use super::*;
    use crate::sample::{self, own};

    #[track_caller]
    fn case(file: &str, line: u64, expected: &str) {
        let mut scan = sample::scan();
        scan.systems[0].declared_at = Some(DeclaredAt { file: own(file), line });
        let place = Place::of(&scan.findings[0], &scan);
        assert_eq!(format!("{}:{}", place.uri(), place.line), expected);
    }

    #[test]
    fn a_finding_is_at_its_systems_line_in_the_registry() {
        case("drift/cprvagt.toml", 12, "drift/cprvagt.toml:12");
        case("tilsyn 2026/åben.toml", 3, "tilsyn%202026/%C3%A5ben.toml:3");
    }

    #[test]
    fn what_is_no_path_in_a_repository_is_not_passed_on() {
        for file in ["/etc/passwd", "../a.toml", "a//b", "https://a.test/", "c:\\a", "", "a/./b", "a\nb", "a\u{202e}b"]
        {
            case(file, 12, "scan.json:1");
        }
        case("cprvagt.toml", 0, "scan.json:1");
        case(&"a".repeat(2_000), 1, "scan.json:1");
    }

    #[test]
    fn without_a_registry_it_is_at_the_record() {
        let scan = sample::bare();
        assert_eq!(Place::of(&scan.findings[0], &scan), Place { path: "scan.json".to_owned(), line: 1 });
    }
}
