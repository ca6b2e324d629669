//! The program from its start until it ends or is killed, its journal as it grows, and its browser's processes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde::Deserialize;

use crate::kit::served::Served;
use crate::site;

/// Where the journal is.
pub(crate) const JOURNAL: &str = "journal/journal.jsonl";

/// Longer than a whole audit takes on a loaded machine: who waits for it has failed.
const PATIENCE: Duration = Duration::from_mins(6);

/// How soon something is noticed.
const LOOKS: Duration = Duration::from_millis(5);

/// A page, by its plan and name.
pub(crate) type Page = (usize, String);

/// What is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Victim {
    /// The program, with all that it started.
    Program,
    /// The browser's main process, which takes the others along.
    Browser,
    /// The process of a page.
    Renderer,
    /// The process that draws.
    Gpu,
    /// The process that sends, and keeps the cookies.
    Network,
}

/// One start of the program.
pub(crate) struct Life<'a> {
    served: &'a Served,
    child: Child,
    begun: Instant,
    /// Which pages are begun and not done, how often, and how many lines say that something is.
    pub(crate) journal: Journal,
    /// Pages that the loss of the browser hit, until they are done.
    pub(crate) struck: BTreeSet<Page>,
    /// Whether the report must tell of a lost browser.
    pub(crate) must_tell: bool,
}

/// What a journal says of pages, read on as it grows.
#[derive(Default)]
pub(crate) struct Journal {
    read: u64,
    /// Beginnings of pages that are not done.
    pub(crate) begun: BTreeMap<Page, u32>,
    /// Those of them that this start of the program began.
    pub(crate) open: BTreeSet<Page>,
    /// Pages whose records are written.
    kept: BTreeSet<Page>,
    /// Pages done and plans done.
    pub(crate) done: u32,
    pub(crate) plans: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Line {
    Begun {
        unit: Unit,
    },
    Again {
        unit: Unit,
    },
    Done {
        unit: Unit,
    },
    PlanDone {
        plan: usize,
    },
    #[serde(untagged)]
    Other(serde::de::IgnoredAny),
}

#[derive(Deserialize)]
struct Unit {
    plan: usize,
    page: String,
}

impl<'a> Life<'a> {
    /// Starts the program, which goes on with `journal`.
    pub(crate) fn start(served: &'a Served, journal: Journal) -> Self {
        Self::start_with(served, journal, &[])
    }

    /// The same with `more` arguments.
    pub(crate) fn start_with(served: &'a Served, mut journal: Journal, more: &[&'a str]) -> Self {
        let mut command = served.bench.command(&[&site::arguments(served), more].concat());
        // Keys are kept there.
        command.env("XDG_RUNTIME_DIR", served.bench.folder.path());
        let log = File::options().create(true).append(true).open(served.bench.path("log")).expect("a file of ours");
        let child = command.stdout(Stdio::null()).stderr(log).spawn().expect("the program starts");
        journal.open.clear();
        Self { served, child, begun: Instant::now(), journal, struck: BTreeSet::new(), must_tell: false }
    }

    /// Waits until `is_due`, which is told the journal; whether it is then still running.
    pub(crate) fn wait(&mut self, is_due: impl Fn(&Journal, Duration) -> bool) -> bool {
        loop {
            if self.child.try_wait().expect("a child").is_some() {
                self.must_tell |= !self.struck.is_empty();
                return false;
            }
            self.journal.read_on(self.served.bench.path(JOURNAL));
            if !self.struck.is_empty() && self.struck.is_disjoint(&self.journal.open) {
                self.must_tell |= self.struck.is_subset(&self.journal.kept);
                self.struck.clear();
            }
            if is_due(&self.journal, self.begun.elapsed()) {
                return true;
            }
            assert!(self.begun.elapsed() < PATIENCE, "it does not come to its end");
            std::thread::sleep(LOOKS);
        }
    }

    /// Kills the program, unless a page would thereby be given up that nothing is wrong with; whether it did.
    pub(crate) fn kill(&mut self, most_begun: u32) -> bool {
        // Nothing is begun between the look and the kill.
        signal("STOP", self.child.id());
        self.journal.read_on(self.served.bench.path(JOURNAL));
        if self.journal.begun.values().any(|begun| *begun >= most_begun) {
            signal("CONT", self.child.id());
            return false;
        }
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it is dead");
        true
    }

    /// Kills a process of the browser, one of several by `pick`; whether there was one.
    pub(crate) fn kill_in_browser(&self, victim: Victim, pick: usize) -> bool {
        let found = processes_of(self.child.id(), victim);
        let Some(process) = found.get(pick % found.len().max(1)) else { return false };
        signal("KILL", *process);
        true
    }
}

impl Drop for Life<'_> {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Journal {
    fn read_on(&mut self, path: PathBuf) {
        let Ok(mut file) = File::open(path) else { return };
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(self.read)).expect("a file");
        file.read_to_end(&mut bytes).expect("a file");
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        self.read += whole as u64;
        bytes.truncate(whole);
        for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            match serde_json::from_slice(line).expect("a line of a journal") {
                Line::Begun { unit: Unit { plan, page } } => {
                    self.open.insert((plan, page.clone()));
                    *self.begun.entry((plan, page)).or_default() += 1;
                }
                line @ (Line::Again { .. } | Line::Done { .. }) => {
                    let is_kept = matches!(line, Line::Done { .. });
                    let (Line::Again { unit } | Line::Done { unit }) = line else { continue };
                    let Unit { plan, page } = unit;
                    if is_kept {
                        self.kept.insert((plan, page.clone()));
                    }
                    self.done += 1;
                    self.open.remove(&(plan, page.clone()));
                    self.begun.remove(&(plan, page));
                }
                Line::PlanDone { plan } => {
                    self.plans += 1;
                    self.open.retain(|(of, _)| *of != plan);
                    self.begun.retain(|(of, _), _| *of != plan);
                }
                Line::Other(_) => {}
            }
        }
    }
}

/// The processes of its browser below `program`, in the order of their numbers.
fn processes_of(program: u32, victim: Victim) -> Vec<u32> {
    let mut parents = BTreeMap::new();
    for entry in std::fs::read_dir("/proc").expect("as the tests run on").flatten() {
        let Ok(process) = entry.file_name().to_string_lossy().parse::<u32>() else { continue };
        let Ok(stat) = std::fs::read_to_string(entry.path().join("stat")) else { continue };
        // The second field is a name in brackets; state and parent follow.
        let mut fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_ascii_whitespace();
        let state = fields.next().unwrap_or_default().to_owned();
        if let Some(parent) = fields.next().and_then(|parent| parent.parse::<u32>().ok()).filter(|_| state != "Z") {
            parents.insert(process, parent);
        }
    }
    let is_below = |process: &u32| {
        let mut above = std::iter::successors(Some(*process), |process| parents.get(process).copied());
        // No tree is deeper.
        above.by_ref().skip(1).take(20).any(|above| above == program)
    };
    let mut found: Vec<u32> = parents.keys().copied().filter(is_below).collect();
    found.retain(|process| {
        let line = std::fs::read(format!("/proc/{process}/cmdline")).unwrap_or_default();
        let line = String::from_utf8_lossy(&line).replace('\0', " ");
        match victim {
            Victim::Program => false,
            Victim::Browser => line.contains("--user-data-dir=") && !line.contains("--type="),
            Victim::Renderer => line.contains("--type=renderer"),
            Victim::Gpu => line.contains("--type=gpu-process"),
            Victim::Network => line.contains("network.mojom.NetworkService"),
        }
    });
    found
}

fn signal(name: &str, process: u32) {
    let _ = Command::new("kill").args([&format!("-{name}"), &process.to_string()]).stderr(Stdio::null()).status();
}
