//! Where the browser is on this machine, and which it is.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::BrowserError;

/// Programs that are a Chromium, the plainest first: Debian's, then Google's.
const NAMES: [&str; 5] = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome"];

/// Where packages put them when `PATH` does not say, as under a service manager or on a Mac.
const PLACES: [&str; 6] = [
    "/usr/bin/chromium",
    "/usr/lib/chromium/chromium",
    "/opt/google/chrome/chrome",
    "/snap/bin/chromium",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/// The Chromium or Chrome of this machine: the first on `PATH`, else in a well-known folder.
pub fn find_browser() -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = env::split_paths(&path).collect();
    on_path(&folders, &NAMES).or_else(|| PLACES.iter().map(PathBuf::from).find(|place| is_program(place)))
}

/// What the browser calls itself, `Chromium 156.0.8078.79 built on ..`.
pub fn browser_version(executable: &Path) -> Result<String, BrowserError> {
    let output = Command::new(executable)
        .arg("--version")
        .stdin(Stdio::null())
        .output()
        .map_err(|source| BrowserError::NotRun { program: executable.to_owned(), source })?;
    let said = String::from_utf8_lossy(&output.stdout).lines().next().unwrap_or_default().trim().to_owned();
    if output.status.success() && said.contains("Chrom") && major_version(&said).is_some() {
        return Ok(said);
    }
    Err(BrowserError::Launch {
        program: executable.to_owned(),
        reason: "it did not tell its version".to_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
    })
}

/// `156` of `Chromium 156.0.8078.79`.
pub(crate) fn major_version(version: &str) -> Option<u32> {
    version.split_whitespace().find_map(|word| word.split_once('.')?.0.parse().ok())
}

/// The first of `names` in the first of `folders` that has one.
fn on_path(folders: &[PathBuf], names: &[&str]) -> Option<PathBuf> {
    names.iter().find_map(|name| folders.iter().map(|folder| folder.join(name)).find(|place| is_program(place)))
}

#[cfg(unix)]
fn is_program(place: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    place.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(place: &Path) -> bool {
    place.is_file()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_major_version_is_the_first_number_with_a_dot() {
        assert_eq!(major_version("Chromium 156.0.8078.79 built on Debian GNU/Linux 12 (bookworm)"), Some(156));
        assert_eq!(major_version("Google Chrome 9.1"), Some(9));
        assert_eq!(major_version("bash: no"), None);
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let error = browser_version(Path::new("/no/such/browser")).unwrap_err();
        assert!(matches!(error, BrowserError::NotRun { .. }), "{error}");
    }

    #[test]
    #[cfg(unix)]
    fn a_program_that_is_no_browser_is_refused() {
        let error = browser_version(Path::new("/bin/true")).unwrap_err();
        assert!(matches!(error, BrowserError::Launch { .. }), "{error}");
    }

    #[test]
    #[cfg(unix)]
    fn only_files_that_can_be_run_are_taken() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("chromium");
        fs::write(&place, "").unwrap();
        let folders = [folder.path().to_owned()];
        assert_eq!(on_path(&folders, &NAMES), None);
        fs::set_permissions(&place, fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!(on_path(&folders, &NAMES), Some(place));
    }
}
