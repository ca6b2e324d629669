//! Where the browser is on this machine, and which it is.

use std::env;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

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

/// What builds without any windows are called: Google's, Chromium's own. Debian's is called by a script that stays beside
/// it, so that ending what was started would leave the browser: that one is taken from its folder.
const LIGHT_NAMES: [&str; 3] = ["chrome-headless-shell", "headless_shell", "headless-shell"];

/// Where packages put them.
const LIGHT_PLACES: [&str; 2] =
    ["/usr/lib/chromium/chromium-headless-shell", "/opt/chrome-headless-shell/chrome-headless-shell"];

/// Telling a version takes some 50 ms, some seconds on a cold disk.
const VERSION_DEADLINE: Duration = Duration::from_secs(10);

/// How often to look whether it was told.
const VERSION_POLL: Duration = Duration::from_millis(10);

/// Most read of what a program prints about itself.
const MAX_PRINTED: u64 = 4_000;

/// The Chromium or Chrome of this machine: the first on `PATH`, else in a well-known folder.
pub fn find_browser() -> Option<PathBuf> {
    find(&NAMES, &PLACES)
}

/// The light build of it on this machine, headless-shell, likewise.
pub fn find_light_browser() -> Option<PathBuf> {
    find(&LIGHT_NAMES, &LIGHT_PLACES)
}

fn find(names: &[&str], places: &[&str]) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = env::split_paths(&path).collect();
    on_path(&folders, names).or_else(|| places.iter().map(PathBuf::from).find(|place| is_program(place)))
}

/// What the browser calls itself, `Chromium 156.0.8078.79 built on ..`. One that does not say within 10 s is ended.
pub fn browser_version(executable: &Path) -> Result<String, BrowserError> {
    version_within(executable, VERSION_DEADLINE)
}

fn version_within(executable: &Path, deadline: Duration) -> Result<String, BrowserError> {
    let not_run = |source| BrowserError::NotRun { program: executable.to_owned(), source };
    let mut command = Command::new(executable);
    command.arg("--version").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    own_group(&mut command);
    let mut child = command.spawn().map_err(not_run)?;
    let begun = Instant::now();
    let (stdout, stderr) = (child.stdout.take().map(printed), child.stderr.take().map(printed));
    let status = loop {
        match child.try_wait().map_err(not_run)? {
            Some(status) => break Some(status),
            None if begun.elapsed() > deadline => break None,
            None => thread::sleep(VERSION_POLL),
        }
    };
    // What it printed has an end once everything it started is gone.
    end_group(&mut child);
    let heard = |printed: Option<Receiver<String>>| {
        printed.and_then(|printed| printed.recv_timeout(VERSION_DEADLINE).ok()).unwrap_or_default()
    };
    let said = heard(stdout).lines().next().unwrap_or_default().trim().to_owned();
    if status.as_ref().is_some_and(ExitStatus::success) && said.contains("Chrom") && major_version(&said).is_some() {
        return Ok(said);
    }
    let reason = match status {
        Some(_) => "it did not tell its version".to_owned(),
        None => format!("it did not tell its version in {} seconds", deadline.as_secs()),
    };
    Err(BrowserError::Launch { program: executable.to_owned(), reason, stderr: heard(stderr).trim().to_owned() })
}

/// Reads the beginning of what a program prints, on a thread of its own, which may be left behind.
fn printed(stream: impl Read + Send + 'static) -> Receiver<String> {
    let (answer, receiver) = mpsc::sync_channel(1);
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = stream.take(MAX_PRINTED).read_to_end(&mut bytes);
        let _ = answer.send(String::from_utf8_lossy(&bytes).into_owned());
    });
    receiver
}

fn end_group(child: &mut Child) {
    if let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        // An error says that the group is gone, which is what is wanted.
        let _ = kill_process_group(group, Signal::KILL);
    }
    let _ = child.kill();
    let _ = child.wait();
}

/// `156` of `Chromium 156.0.8078.79`.
pub(crate) fn major_version(version: &str) -> Option<u32> {
    version.split_whitespace().find_map(|word| word.split_once('.')?.0.parse().ok())
}

/// Makes a program the first of a process group, to be ended as a whole.
#[cfg(unix)]
pub(crate) fn own_group(command: &mut Command) {
    use std::os::unix::process::CommandExt as _;
    command.process_group(0);
}

#[cfg(not(unix))]
pub(crate) fn own_group(_: &mut Command) {}

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
    fn a_program_that_says_nothing_is_ended() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("chromium");
        fs::write(&program, "#!/bin/sh\necho waiting >&2; sleep 60 & sleep 60").unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        let begun = Instant::now();
        let error = version_within(&program, Duration::from_millis(200)).unwrap_err();
        assert!(matches!(&error, BrowserError::Launch { stderr, .. } if stderr == "waiting"), "{error}");
        assert!(begun.elapsed() < Duration::from_secs(5));
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
