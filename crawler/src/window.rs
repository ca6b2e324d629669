//! A browser for a person: a window with a private profile behind a proxy, and no set-up.
//!
//! It is nobody's to drive: no port for `DevTools` is opened, and what is typed in it nobody reads but the proxy.

use std::env;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Pid;
use tempfile::TempDir;

use crate::chromium::{QUIET_FLAGS, dying_with_us, end, no_folder, prepare, stderr_file, temporary_folder};
use crate::locate::{browser_version, own_group};
use crate::{BrowserError, find_browser};

/// What the flags that keep a browser quiet leave: its updates, and its question who is signed in. They end at a dead
/// port of this machine, around the proxy; all else on this machine goes through it. What a page asks of the same hosts
/// goes where the page says.
const OWN_TRAFFIC_FLAGS: [&str; 3] = [
    "--component-updater=url-source=data:,",
    "--gaia-url=http://127.0.0.1:9/",
    "--proxy-bypass-list=127.0.0.1:9;<-loopback>",
];

/// A browser that ends so soon was never there for anybody.
const STARTED: Duration = Duration::from_millis(500);

/// How often to look.
const POLL: Duration = Duration::from_millis(20);

/// How to open the window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WindowSettings {
    /// The program; `None` for the one that [`find_browser`] finds.
    pub executable: Option<PathBuf>,
    /// Certificate authorities to trust: base64 of the SHA-256 of their public keys (`SubjectPublicKeyInfo`).
    pub trusted_spki: Vec<String>,
    /// The proxy that everything goes through.
    pub proxy: SocketAddr,
    /// What to show first.
    pub url: String,
    /// Without a window, as for tests.
    pub headless: bool,
}

/// An open window. Dropping it closes it and removes its profile.
///
/// Open it from a thread that lives as long as it shall: where the system can, it ends with that thread.
pub struct Window {
    child: Child,
    group: Option<Pid>,
    folder: TempDir,
}

impl Window {
    /// Opens it.
    pub fn open(settings: &WindowSettings) -> Result<Self, BrowserError> {
        let program = match &settings.executable {
            Some(program) => program.clone(),
            None => find_browser().ok_or(BrowserError::NotFound)?,
        };
        browser_version(&program)?;
        let temporary = env::temp_dir();
        let folder =
            TempDir::with_prefix_in("cprvagt-browser-", &temporary).map_err(|error| no_folder(&temporary, error))?;
        let profile = folder.path().join("1");
        let stderr = prepare(&profile).map_err(|error| no_folder(&profile, error))?;
        let mut command = dying_with_us(&program);
        command
            .args(QUIET_FLAGS)
            .args(OWN_TRAFFIC_FLAGS)
            .arg(format!("--proxy-server=http://{}", settings.proxy))
            .arg(format!("--user-data-dir={}", profile.display()));
        if !settings.trusted_spki.is_empty() {
            command.arg(format!("--ignore-certificate-errors-spki-list={}", settings.trusted_spki.join(",")));
        }
        if settings.headless {
            // Without a port it would show the page and end.
            command.args(["--headless", "--disable-gpu", "--remote-debugging-port=0"]);
        }
        if rustix::process::geteuid().is_root() {
            command.arg("--no-sandbox");
        }
        command
            .arg(&settings.url)
            // It leaves folders of its own there when it is killed.
            .env("TMPDIR", temporary_folder(&profile))
            .env_remove("CHROMIUM_FLAGS")
            .env_remove("CHROMIUM_USER_FLAGS")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(stderr);
        own_group(&mut command);
        let child = command.spawn().map_err(|source| BrowserError::NotRun { program: program.clone(), source })?;
        let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        let mut window = Self { child, group, folder };
        let begun = Instant::now();
        while begun.elapsed() < STARTED {
            if let Ok(Some(status)) = window.child.try_wait() {
                let stderr = fs::read_to_string(stderr_file(&profile)).unwrap_or_default();
                let stderr = stderr.lines().take(MOST_LINES).collect::<Vec<_>>().join("\n");
                return Err(BrowserError::Launch { program, reason: format!("it ended with {status}"), stderr });
            }
            thread::sleep(POLL);
        }
        Ok(window)
    }

    /// Whether it was closed.
    pub fn is_closed(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// The folder of its profile and of all else it writes. It goes when this is dropped; a program that must end
    /// without that removes it.
    pub fn profile(&self) -> &Path {
        self.folder.path()
    }
}

/// Lines shown of what a browser printed that did not start.
const MOST_LINES: usize = 20;

impl Drop for Window {
    fn drop(&mut self) {
        end(&mut self.child, self.group, self.folder.path());
    }
}
