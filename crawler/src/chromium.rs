//! The browser's process: its flags, its private profile, and its certain end.
//!
//! We start it ourselves, since no library ends it for certain: it runs in a process group of its own that is killed
//! as a whole, and where `setpriv` exists the kernel kills it when our thread ends, however that happens.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};

use crate::BrowserError;
use crate::locate::{browser_version, major_version, own_group};

/// A loaded machine takes seconds; a browser that needs longer hangs.
const START_DEADLINE: Duration = Duration::from_secs(30);

/// How often to look for the file that says where the browser listens: it takes some 200 ms to come.
const START_POLL: Duration = Duration::from_millis(20);

/// How long killed processes may take to let go of the profile.
const END_DEADLINE: Duration = Duration::from_secs(3);

/// Room that a starting browser needs at the least, tried before: one that has none hangs without a word.
const ROOM: usize = 8 << 20;

/// What it prints when the system lets it build no sandbox.
const NO_SANDBOX: &str = "No usable sandbox";

/// Enough of what a failing browser prints to see why.
const STDERR_TAIL: usize = 2_000;

/// As a person's laptop; also given to each page, since contexts open windows of their own.
const WINDOW: &str = "--window-size=1366,900";

/// A form that an `https` page sends in clear text is sent: a person would press "send anyway", and what goes out then is
/// what the audit is for.
const PREFERENCES: &str = r#"{"profile": {"mixed_forms_warnings": false}}"#;

/// Flags for a browser that looks like a person's and is driven.
const FLAGS: [&str; 8] = [
    "--remote-debugging-port=0",
    // A dead port: the browser's own traffic ends there. Pages get the real proxy with their context.
    "--proxy-server=http://127.0.0.1:9",
    "--proxy-bypass-list=<-loopback>",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--disable-blink-features=AutomationControlled",
    WINDOW,
];

/// Flags for a browser without a window.
const HIDDEN_FLAGS: [&str; 2] = ["--headless", "--disable-gpu"];

/// Keeps its secrets in its own profile, and asks no keyring of the desktop.
const OWN_STORE: &str = "--password-store=basic";

/// Cookies that end with the browser are kept in a profile, and taken up again with this.
const RESTORE: &str = "--restore-last-session";

/// What a browser is started for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Visiting, unseen.
    #[default]
    Crawl,
    /// Visiting, and a person logs in.
    Window,
    /// Telling the cookies of a profile, which may be locked with the person's keyring.
    Cookies,
}

impl Purpose {
    fn flags(self) -> Vec<&'static str> {
        match self {
            Self::Crawl => HIDDEN_FLAGS.into_iter().chain([OWN_STORE]).collect(),
            Self::Window => vec![OWN_STORE],
            Self::Cookies => HIDDEN_FLAGS.into_iter().chain([RESTORE]).collect(),
        }
    }
}

/// Flags for a browser that talks to nobody by itself, and to nobody around its proxy.
pub(crate) const QUIET_FLAGS: [&str; 14] = [
    "--no-first-run",
    "--no-default-browser-check",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    // Each build reads only one of these two spellings.
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-breakpad",
    "--disable-domain-reliability",
    "--disable-client-side-phishing-detection",
    "--metrics-recording-only",
    // One list: a second such flag replaces the first.
    "--disable-features=AutofillServerCommunication,OptimizationHints,OptimizationGuideModelDownloading,MediaRouter,\
     DialMediaRouteProvider,NetworkTimeServiceQuerying,Translate,HttpsUpgrades",
];

/// Language and clock of a citizen.
const LANGUAGE_FLAGS: [&str; 2] = ["--lang=da-DK", "--accept-lang=da-DK,da,en-US,en"];

/// Where Danish citizens are.
const TIME_ZONE: &str = "Europe/Copenhagen";

/// What stands in the command line of the process that sends.
const NETWORK: &[u8] = b"network.mojom.NetworkService";

/// A running browser. Dropping it ends every process of it and removes its profile.
pub(crate) struct Chromium {
    child: Child,
    group: Option<Pid>,
    endpoint: String,
    program: PathBuf,
    profile: PathBuf,
}

impl Chromium {
    /// Starts `program`, trusting certificate authorities whose public keys hash to `trusted_spki`. All that it writes
    /// goes to the new folder `profile`.
    pub(crate) fn start(
        program: &Path,
        trusted_spki: &[String],
        profile: &Path,
        purpose: Purpose,
    ) -> Result<Self, BrowserError> {
        let version = browser_version(program)?;
        let stderr = prepare(profile).map_err(|error| no_folder(profile, error))?;
        set_preferences(profile).map_err(|error| no_folder(profile, error))?;
        let mut command = dying_with_us(program);
        command
            .args(purpose.flags())
            .args(FLAGS)
            .args(QUIET_FLAGS)
            .args(LANGUAGE_FLAGS)
            .arg(format!("--user-agent={}", user_agent(major_version(&version).unwrap_or_default())))
            .arg(format!("--user-data-dir={}", profile.display()));
        if !trusted_spki.is_empty() {
            command.arg(format!("--ignore-certificate-errors-spki-list={}", trusted_spki.join(",")));
        }
        if rustix::process::geteuid().is_root() {
            command.arg("--no-sandbox");
        }
        command
            // Without it Debian's build opens its start page, a search engine.
            .arg("about:blank")
            .env("TZ", TIME_ZONE)
            // It leaves folders of its own there when it is killed.
            .env("TMPDIR", temporary_folder(profile))
            .env_remove("CHROMIUM_FLAGS")
            .env_remove("CHROMIUM_USER_FLAGS")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(stderr);
        own_group(&mut command);
        let child = command.spawn().map_err(|source| BrowserError::NotRun { program: program.to_owned(), source })?;
        let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        let mut started =
            Self { child, group, endpoint: String::new(), program: program.to_owned(), profile: profile.to_owned() };
        started.endpoint = started.wait_for_endpoint()?;
        Ok(started)
    }

    /// Where its `DevTools` listen: `ws://127.0.0.1:port/devtools/browser/..`.
    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// What it printed last.
    pub(crate) fn stderr_tail(&self) -> String {
        let printed = fs::read(stderr_file(&self.profile)).unwrap_or_default();
        let printed = String::from_utf8_lossy(&printed);
        // Whole lines: half a number would not be known for one.
        let mut room = STDERR_TAIL;
        let mut lines: Vec<&str> = printed
            .lines()
            .rev()
            .take_while(|line| {
                let fits = line.len() < room;
                room = room.saturating_sub(line.len() + 1);
                fits
            })
            .collect();
        lines.reverse();
        lines.join("\n").trim().to_owned()
    }

    /// Memory of the whole process group in bytes, shared pages divided (PSS); `None` where nothing tells it.
    pub(crate) fn weight(&self) -> Option<u64> {
        weight_of(self.group?)
    }

    /// The process that sends for all its pages; `None` where nothing tells it.
    pub(crate) fn network_process(&self) -> Option<Pid> {
        processes_of(self.group?)
            .find(|(_, path)| {
                let line = fs::read(path.join("cmdline")).unwrap_or_default();
                line.windows(NETWORK.len()).any(|window| window == NETWORK)
            })
            .map(|(process, _)| process)
    }

    fn wait_for_endpoint(&mut self) -> Result<String, BrowserError> {
        let begun = Instant::now();
        loop {
            if let Some(endpoint) = read_endpoint(&self.profile) {
                return Ok(endpoint);
            }
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(self.not_started(format!("it ended with {status}")));
            }
            if begun.elapsed() > START_DEADLINE {
                return Err(self.not_started(format!("nothing heard of it in {} seconds", START_DEADLINE.as_secs())));
            }
            thread::sleep(START_POLL);
        }
    }

    fn not_started(&self, reason: String) -> BrowserError {
        let (program, stderr) = (self.program.clone(), self.stderr_tail());
        if stderr.contains(NO_SANDBOX) {
            return BrowserError::NoSandbox { program, stderr };
        }
        BrowserError::Launch { program, reason, stderr }
    }
}

/// Ends every process of a browser, and removes all that it wrote to `folder`.
pub(crate) fn end(child: &mut Child, group: Option<Pid>, folder: &Path) {
    if let Some(group) = group {
        // An error says that the group is gone, which is what is wanted.
        let _ = kill_process_group(group, Signal::KILL);
    }
    let _ = child.kill();
    let _ = child.wait();
    let begun = Instant::now();
    while fs::remove_dir_all(folder).is_err() && folder.exists() && begun.elapsed() < END_DEADLINE {
        thread::sleep(START_POLL);
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        end(&mut self.child, self.group, &self.profile);
        if let Some(group) = self.group
            && test_kill_process_group(group).is_ok()
        {
            // In a container whose first process reaps nobody, the dead stay listed.
            tracing::debug!("processes of the browser are still listed");
        }
    }
}

/// Proportional memory of all processes of `group`, in bytes (proc(5)).
fn weight_of(group: Pid) -> Option<u64> {
    let mut sum: Option<u64> = None;
    for (_, path) in processes_of(group) {
        let rollup = fs::read_to_string(path.join("smaps_rollup")).unwrap_or_default();
        let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"));
        let kilobytes = line.and_then(|line| line.split_ascii_whitespace().next()?.parse::<u64>().ok());
        sum = kilobytes.map(|kilobytes| sum.unwrap_or_default().saturating_add(kilobytes.saturating_mul(1024))).or(sum);
    }
    sum
}

/// All processes of `group`, with where the system tells of them; none where it does not.
fn processes_of(group: Pid) -> impl Iterator<Item = (Pid, PathBuf)> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(move |entry| {
        let process = Pid::from_raw(entry.file_name().to_str()?.parse().ok()?)?;
        let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
        (Pid::from_raw(stat_field(&stat, 2)?.parse().ok()?)? == group).then(|| (process, entry.path()))
    })
}

/// Whether a process that was found by [`Chromium::network_process`] has not ended.
pub(crate) fn is_alive(process: Pid) -> bool {
    let stat = fs::read_to_string(format!("/proc/{}/stat", process.as_raw_nonzero())).unwrap_or_default();
    stat_field(&stat, 0).is_some_and(|state| !matches!(state, "Z" | "X"))
}

/// A field of a process's line, counted from its state; parent and group follow (proc(5)).
fn stat_field(stat: &str, place: usize) -> Option<&str> {
    // Before it is a name in brackets, with whatever in it.
    stat.rsplit_once(')')?.1.split_ascii_whitespace().nth(place)
}

/// What a Chromium that is not headless says of itself, its minor versions reduced to zeros.
fn user_agent(major: u32) -> String {
    format!("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{major}.0.0.0 Safari/537.36")
}

/// The first line is the port, the second the path.
fn read_endpoint(profile: &Path) -> Option<String> {
    let said = fs::read_to_string(profile.join("DevToolsActivePort")).ok()?;
    let (port, path) = said.trim().split_once('\n')?;
    let port: u16 = port.trim().parse().ok()?;
    path.starts_with('/').then(|| format!("ws://127.0.0.1:{port}{path}"))
}

/// Makes the profile's folder, with room in it; the file for what the browser prints.
pub(crate) fn prepare(profile: &Path) -> io::Result<File> {
    fs::create_dir_all(temporary_folder(profile))?;
    let trial = profile.join("room");
    File::create(&trial)?.write_all(&vec![0; ROOM])?;
    fs::remove_file(trial)?;
    File::create(stderr_file(profile))
}

/// Writes what no flag says.
fn set_preferences(profile: &Path) -> io::Result<()> {
    let folder = profile.join("Default");
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("Preferences"), PREFERENCES)
}

/// Why there is no folder to write to.
pub(crate) fn no_folder(folder: &Path, source: io::Error) -> BrowserError {
    let folder = folder.to_owned();
    match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => BrowserError::NoRoom(folder),
        _ => BrowserError::Profile { folder, source },
    }
}

pub(crate) fn temporary_folder(profile: &Path) -> PathBuf {
    profile.join("tmp")
}

pub(crate) fn stderr_file(profile: &Path) -> PathBuf {
    profile.join("stderr.log")
}

/// `program`, to be ended by the kernel with the thread that starts it, where it can be asked to.
pub(crate) fn dying_with_us(program: &Path) -> Command {
    if !has_setpriv() {
        tracing::debug!("no setpriv: if this program is killed, the browser stays");
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL", "--"]).arg(program);
    command
}

/// Whether the kernel can be asked, through util-linux's `setpriv`, to end the browser with us.
fn has_setpriv() -> bool {
    Command::new("setpriv")
        .args(["--pdeathsig", "KILL", "--", "true"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_endpoint_is_read_when_both_lines_are_there() {
        let profile = tempfile::tempdir().unwrap();
        let file = profile.path().join("DevToolsActivePort");
        assert_eq!(read_endpoint(profile.path()), None);
        fs::write(&file, "4711").unwrap();
        assert_eq!(read_endpoint(profile.path()), None);
        fs::write(&file, "4711\n/devtools/browser/x").unwrap();
        assert_eq!(read_endpoint(profile.path()).as_deref(), Some("ws://127.0.0.1:4711/devtools/browser/x"));
    }

    #[test]
    fn a_full_disk_is_told_from_a_folder_that_cannot_be_written() {
        let error = |kind: io::ErrorKind| no_folder(Path::new("/tmp"), kind.into());
        assert!(matches!(error(io::ErrorKind::StorageFull), BrowserError::NoRoom(_)));
        assert!(matches!(error(io::ErrorKind::PermissionDenied), BrowserError::Profile { .. }));
    }

    #[test]
    fn features_are_switched_off_in_one_list() {
        let all = || FLAGS.iter().chain(&QUIET_FLAGS);
        assert_eq!(all().filter(|flag| flag.starts_with("--disable-features")).count(), 1);
        assert!(all().all(|flag| !flag.contains(", D") && flag.starts_with("--")));
    }

    #[test]
    fn the_user_agent_hides_that_no_screen_is_there() {
        assert!(!user_agent(156).contains("Headless") && user_agent(156).contains("Chrome/156.0.0.0"));
    }
}
