//! What the tests of the whole program share: running it, and looking for what must not be there.

#![expect(dead_code, reason = "each test binary uses its part")]

pub(crate) mod live;
pub(crate) mod recorded;
pub(crate) mod recording;
pub(crate) mod served;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tempfile::TempDir;

/// A time to run at, so that no date check depends on the day the tests run.
pub(crate) const NOW: &str = "2026-11-22T04:00:00Z";

/// The program run in a folder of its own.
pub(crate) struct Bench {
    pub(crate) folder: TempDir,
}

/// What a run came to.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder") }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, text).expect("the folder is writable");
        path
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cprvagt"));
        command.args(arguments).current_dir(self.folder.path()).env("NO_COLOR", "1").env_remove("RUST_BACKTRACE");
        // The authority of an installation is kept there.
        command.env("XDG_DATA_HOME", self.path("data"));
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        Ran::from(self.command(arguments).output().expect("the program starts"))
    }

    /// Every file below the folder, with its bytes.
    pub(crate) fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut files = Vec::new();
        collect(self.folder.path(), &mut files);
        files
    }

    /// The saved scan.
    pub(crate) fn scan(&self) -> serde_json::Value {
        self.scan_in("cprvagt-out")
    }

    pub(crate) fn scan_in(&self, folder: &str) -> serde_json::Value {
        let text = std::fs::read_to_string(self.path(folder).join("scan.json")).expect("scan.json was written");
        serde_json::from_str(&text).expect("scan.json is JSON")
    }
}

impl Ran {
    /// The objects of `--format jsonl`.
    pub(crate) fn sightings(&self) -> Vec<serde_json::Value> {
        self.stdout.lines().map(|line| serde_json::from_str(line).expect("a line is an object")).collect()
    }

    #[track_caller]
    pub(crate) fn ends_with(&self, code: i32) -> &Self {
        assert_eq!(self.code, Some(code), "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    #[track_caller]
    pub(crate) fn says(&self, text: &str) -> &Self {
        let all = format!("{}{}", self.stdout, self.stderr);
        assert!(all.contains(text), "`{text}` is not in:\n{all}");
        self
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// A text of a report with the addresses of `host` written as paths.
#[track_caller]
pub(crate) fn paths_on(host: &str, value: &serde_json::Value) -> String {
    value.as_str().expect("a text").replace(&format!("https://{host}"), "")
}

/// One browser at a time: two cores are enough for one.
pub(crate) fn one_browser() -> MutexGuard<'static, ()> {
    static BROWSER: Mutex<()> = Mutex::new(());
    BROWSER.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Says why a test is not run where there is no browser.
#[expect(clippy::print_stdout, reason = "for the log of the tests")]
pub(crate) fn no_browser() -> bool {
    let missing = crawler::find_browser().is_none();
    if missing {
        println!("skipped: no browser");
    }
    missing
}

/// Asserts that `digits` stand nowhere in `bytes`: plain, with a separator, percent-encoded, as base64 or as hex.
#[track_caller]
pub(crate) fn assert_absent(digits: &str, bytes: &[u8], place: &str) {
    let (date, serial) = digits.split_at(6);
    let mut spellings: Vec<String> =
        ["", "-", " ", ".", "/", "_", "+", "%2D", "%2d", "%20", "\u{2013}", "&#45;", "\\u002d"]
            .iter()
            .map(|separator| format!("{date}{separator}{serial}"))
            .collect();
    spellings.push(data_encoding::HEXLOWER.encode(digits.as_bytes()));
    for lead in ["", "x", "xx"] {
        // The three alignments; the first and last group depend on what stands around and are left out.
        let encoded = data_encoding::BASE64.encode(format!("{lead}{digits}").as_bytes());
        spellings.push(encoded.get(4..12).expect("ten digits make more").to_owned());
    }
    for spelling in spellings {
        let found = bytes.windows(spelling.len()).any(|window| window.eq_ignore_ascii_case(spelling.as_bytes()));
        assert!(!found, "an undeclared number stands in {place}");
    }
}

fn collect(folder: &Path, files: &mut Vec<(PathBuf, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        if entry.is_dir() {
            collect(&entry, files);
        } else {
            let bytes = std::fs::read(&entry).expect("a file");
            files.push((entry, bytes));
        }
    }
}
