//! The browser as the crawler uses it: the process, the library that drives tabs, and our own connection beside it.
//!
//! The only file that names `headless_chrome`. Its calls can block for as long as a page does, so each runs on a
//! thread of its own that may be left behind.

use std::env;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;
use std::time::Duration;

use headless_chrome::browser::ConnectionClosed;
use headless_chrome::protocol::cdp::Target::CreateTarget;
use rustix::process::Pid;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::chromium::{Chromium, Purpose, is_alive, no_folder};
use crate::cookies;
use crate::devtools::DevTools;
use crate::{BrowserError, find_browser};

/// The library ends its connection when it hears nothing for this long: longer than any crawl is silent.
const DRIVER_IDLE: Duration = Duration::from_hours(1);

/// How long a new tab may take; half a second is usual.
const TAB_DEADLINE: Duration = Duration::from_secs(8);

/// As the window of the process.
const WIDTH: u32 = 1366;

/// As the window of the process.
const HEIGHT: u32 = 900;

/// How to start the browser.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BrowserSettings {
    /// The program; `None` for the one that [`find_browser`] finds.
    pub executable: Option<PathBuf>,
    /// Certificate authorities to trust: base64 of the SHA-256 of their public keys (`SubjectPublicKeyInfo`).
    pub trusted_spki: Vec<String>,
    /// Whether its windows are shown, on the display of whoever runs this.
    pub is_shown: bool,
}

/// A Chromium. Dropping it ends it and removes its profile.
///
/// Launch it from a thread that lives as long as it shall: where the system can, it ends with that thread. One that
/// ended by itself, or whose connection did, or that was worn out, is started anew by a crawl, from that crawl's thread.
pub struct Browser {
    settings: BrowserSettings,
    program: PathBuf,
    // Before the folder: the process must end before its files can go.
    state: Mutex<State>,
    folder: TempDir,
}

/// The process of now, and how many there were.
struct State {
    running: Arc<Running>,
    starts: u32,
}

/// A process and the connections to it.
pub(crate) struct Running {
    devtools: DevTools,
    /// Connections of the library, the last in use. Those before serve the tabs that they opened.
    drivers: Mutex<Vec<headless_chrome::Browser>>,
    endpoint: String,
    /// `None` once it was ended.
    chromium: Mutex<Option<Chromium>>,
    /// The how manieth process this is.
    generation: u32,
    /// The process that sends for it, once it was looked for.
    network: OnceLock<Pid>,
}

/// A set of tabs that share cookies with each other and with nobody else, behind one proxy.
pub(crate) struct Context {
    pub(crate) running: Arc<Running>,
    pub(crate) id: String,
}

/// A tab in the library's hands.
pub(crate) struct DrivenTab {
    tab: Arc<headless_chrome::Tab>,
}

impl Browser {
    /// Starts the browser and connects to it.
    pub fn launch(settings: &BrowserSettings) -> Result<Self, BrowserError> {
        Self::launch_in(settings, &env::temp_dir())
    }

    /// The folder of its profile and of all else it writes. It goes when this is dropped; a program that must end
    /// without that, as on a second Ctrl-C, removes it.
    pub fn profile(&self) -> &Path {
        self.folder.path()
    }

    fn launch_in(settings: &BrowserSettings, temporary: &Path) -> Result<Self, BrowserError> {
        let program = match &settings.executable {
            Some(program) => program.clone(),
            None => find_browser().ok_or(BrowserError::NotFound)?,
        };
        let folder =
            TempDir::with_prefix_in("cprvagt-browser-", temporary).map_err(|error| no_folder(temporary, error))?;
        let running = Arc::new(Running::start(settings, &program, &folder.path().join("1"), 1)?);
        let state = Mutex::new(State { running, starts: 1 });
        Ok(Self { settings: settings.clone(), program, state, folder })
    }

    /// The process of now, or a new one if that is gone.
    pub(crate) fn running(&self) -> Result<Arc<Running>, BrowserError> {
        let running = Arc::clone(&self.lock().running);
        let answered = running.devtools.call(None, "Browser.getVersion", &json!({}));
        let is_gone = answered.as_ref().is_err_and(BrowserError::is_loss) || running.has_lost_network();
        if !is_gone {
            return answered.map(|_| running);
        }
        tracing::debug!("the browser is gone; starting it anew");
        let generation = running.generation;
        drop(running);
        self.start_after(generation)
    }

    /// The process after that of `generation`: a new one, unless somebody else asked for it already. The one before is
    /// ended first, with whatever is still open in it: there is one at a time.
    pub(crate) fn start_after(&self, generation: u32) -> Result<Arc<Running>, BrowserError> {
        let mut state = self.lock();
        if state.running.generation == generation {
            state.running.end();
            state.starts = state.starts.saturating_add(1);
            let profile = self.folder.path().join(state.starts.to_string());
            state.running = Arc::new(Running::start(&self.settings, &self.program, &profile, state.starts)?);
        }
        Ok(Arc::clone(&state.running))
    }

    /// The process that was started last.
    pub(crate) fn latest(&self) -> Arc<Running> {
        Arc::clone(&self.lock().running)
    }

    /// The how manieth process that is.
    pub(crate) fn generation(&self) -> u32 {
        self.lock().running.generation
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Running {
    fn start(
        settings: &BrowserSettings,
        program: &Path,
        profile: &Path,
        generation: u32,
    ) -> Result<Self, BrowserError> {
        let purpose = if settings.is_shown { Purpose::Window } else { Purpose::Crawl };
        let chromium = Chromium::start(program, &settings.trusted_spki, profile, purpose)?;
        let devtools = DevTools::connect(chromium.endpoint())?;
        let drivers = Mutex::new(vec![connect(chromium.endpoint())?]);
        let (endpoint, chromium) = (chromium.endpoint().to_owned(), Mutex::new(Some(chromium)));
        Ok(Self { devtools, drivers, endpoint, chromium, generation, network: OnceLock::new() })
    }

    /// Ends the process; every call from now on says that it is gone.
    fn end(&self) {
        drop(self.process().take());
    }

    fn process(&self) -> MutexGuard<'_, Option<Chromium>> {
        self.chromium.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The how manieth process of its browser this is.
    pub(crate) fn generation(&self) -> u32 {
        self.generation
    }

    /// Memory of all its processes in bytes; `None` where the system does not tell.
    pub(crate) fn weight(&self) -> Option<u64> {
        self.process().as_ref()?.weight()
    }

    /// Whether the process that sends for all pages is not the one that it was: with it went the cookies of every
    /// context, and what was under way. `false` where the system does not tell.
    pub(crate) fn has_lost_network(&self) -> bool {
        if let Some(network) = self.network.get() {
            return !is_alive(*network);
        }
        if let Some(network) = self.process().as_ref().and_then(Chromium::network_process) {
            // Who comes second has found the same.
            let _ = self.network.set(network);
        }
        false
    }

    /// The same as an error: such a browser is as good as gone.
    pub(crate) fn check_network(&self) -> Result<(), BrowserError> {
        if self.has_lost_network() {
            return Err(BrowserError::Gone("its network process ended".to_owned()));
        }
        Ok(())
    }

    /// Our own connection.
    pub(crate) fn devtools(&self) -> &DevTools {
        &self.devtools
    }

    /// A context whose every request goes to `proxy`.
    pub(crate) fn open_context(self: &Arc<Self>, proxy: SocketAddr) -> Result<Context, BrowserError> {
        let method = "Target.createBrowserContext";
        let made = self.devtools.call(
            None,
            method,
            &json!({"disposeOnDetach": true, "proxyServer": format!("http://{proxy}"), "proxyBypassList": "<-loopback>"}),
        )?;
        let id = made.get("browserContextId").and_then(Value::as_str).ok_or_else(|| odd_answer(method))?.to_owned();
        self.devtools.call(
            None,
            "Browser.setDownloadBehavior",
            &json!({"behavior": "deny", "browserContextId": id, "eventsEnabled": true}),
        )?;
        // Looked for while it is the first.
        self.has_lost_network();
        Ok(Context { running: Arc::clone(self), id })
    }

    /// An empty tab. The library stops noticing tabs when one closes in the moment it opens (a window that a page
    /// made); then it is connected anew, once.
    pub(crate) fn open_tab(&self, context: &Context) -> Result<DrivenTab, BrowserError> {
        if let Some(tab) = self.try_open_tab(context) {
            return Ok(tab);
        }
        tracing::debug!("the driver lost sight of the browser's tabs; connecting anew");
        if let Some(reason) = self.devtools.ended() {
            return Err(self.gone(&reason));
        }
        let driver = connect(&self.endpoint)?;
        self.drivers.lock().unwrap_or_else(PoisonError::into_inner).push(driver);
        self.try_open_tab(context).ok_or_else(|| BrowserError::Silent { method: "Target.createTarget".to_owned() })
    }

    fn try_open_tab(&self, context: &Context) -> Option<DrivenTab> {
        let driver = self.drivers.lock().unwrap_or_else(PoisonError::into_inner).last().cloned()?;
        let order = CreateTarget {
            url: "about:blank".to_owned(),
            left: None,
            top: None,
            width: Some(WIDTH),
            height: Some(HEIGHT),
            window_state: None,
            browser_context_id: Some(context.id.clone()),
            enable_begin_frame_control: None,
            new_window: None,
            background: None,
            for_tab: None,
            hidden: None,
        };
        let opening = apart(move || driver.new_tab_with_options(order));
        let tab = opening.recv_timeout(TAB_DEADLINE * 2).ok()?;
        tab.map(|tab| DrivenTab { tab }).inspect_err(|error| tracing::debug!(%error, "no tab")).ok()
    }

    /// The end of the browser, with what it printed last.
    pub(crate) fn gone(&self, reason: &str) -> BrowserError {
        let printed = self.process().as_ref().map(Chromium::stderr_tail).unwrap_or_default();
        let last = printed.lines().last().unwrap_or_default();
        BrowserError::Gone(if last.is_empty() { reason.to_owned() } else { format!("{reason} ({last})") })
    }
}

impl Context {
    /// Its cookies, as the browser tells them.
    pub(crate) fn cookies(&self) -> Result<Vec<Value>, BrowserError> {
        let method = "Storage.getCookies";
        let answer = self.running.devtools.call(None, method, &json!({"browserContextId": self.id}))?;
        let cookies = answer.get("cookies").and_then(Value::as_array).ok_or_else(|| odd_answer(method))?;
        Ok(cookies.iter().map(cookies::as_set).collect())
    }

    /// Takes over cookies that somebody wrote down; how many of them the browser refused.
    pub(crate) fn take_session(&self, cookies: &[Value]) -> Result<usize, BrowserError> {
        let mut refused = 0;
        match self.put_cookies(cookies) {
            Err(BrowserError::Protocol { .. }) => {}
            put => return put.map(|()| 0),
        }
        // One that is refused keeps out all.
        for cookie in cookies {
            match self.put_cookies(std::slice::from_ref(cookie)) {
                Err(BrowserError::Protocol { .. }) => refused += 1,
                put => put?,
            }
        }
        Ok(refused)
    }

    /// Takes over cookies of another context.
    pub(crate) fn put_cookies(&self, cookies: &[Value]) -> Result<(), BrowserError> {
        if cookies.is_empty() {
            return Ok(());
        }
        let params = json!({"browserContextId": self.id, "cookies": cookies});
        self.running.devtools.call(None, "Storage.setCookies", &params).map(drop)
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        self.running.devtools.with_recorder(|recorder| recorder.end(&self.id));
        let disposed =
            self.running.devtools.call(None, "Target.disposeBrowserContext", &json!({"browserContextId": self.id}));
        if let Err(error) = disposed {
            tracing::debug!(%error, "a context stays until the browser ends");
        }
    }
}

impl DrivenTab {
    /// The browser's name for it.
    pub(crate) fn target_id(&self) -> &str {
        self.tab.get_target_id()
    }

    /// Goes to `url`; the answer comes when the page began to arrive, or says why it will not.
    pub(crate) fn navigate(&self, url: &str) -> Receiver<Result<(), Refusal>> {
        let (tab, url) = (Arc::clone(&self.tab), url.to_owned());
        apart(move || {
            tab.navigate_to(&url).map(|_| ()).map_err(|error| {
                let reason = error.to_string();
                if error.is::<ConnectionClosed>() || error.is::<tungstenite::Error>() {
                    return Refusal::Unsent(reason);
                }
                Refusal::Page(reason.strip_prefix("Navigate failed: ").unwrap_or(&reason).to_owned())
            })
        })
    }

    /// Closes it as a person does, so that the page can send what it sends when it is left.
    pub(crate) fn close(&self) -> Receiver<bool> {
        let tab = Arc::clone(&self.tab);
        apart(move || tab.close(true).unwrap_or(false))
    }
}

/// Why a page does not arrive.
#[derive(Clone, Debug)]
pub(crate) enum Refusal {
    /// The browser tells: its name is not known, it is a download.
    Page(String),
    /// The browser was not told, since it is gone or being replaced: nothing is known of the page.
    Unsent(String),
}

/// Size of a tab: width and height.
pub(crate) fn window_size() -> (u32, u32) {
    (WIDTH, HEIGHT)
}

/// The error for an answer that is not what was asked for.
pub(crate) fn odd_answer(method: &str) -> BrowserError {
    BrowserError::Protocol { method: method.to_owned(), reason: "an answer of another shape".to_owned() }
}

fn connect(endpoint: &str) -> Result<headless_chrome::Browser, BrowserError> {
    let driver = headless_chrome::Browser::connect_with_timeout(endpoint.to_owned(), DRIVER_IDLE)
        .map_err(|error| BrowserError::Gone(error.to_string()))?;
    driver.set_default_timeout(TAB_DEADLINE);
    Ok(driver)
}

/// Runs `work` on a thread of its own, so that a page that blocks it blocks nobody else.
fn apart<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Receiver<T> {
    let (answer, receiver) = mpsc::sync_channel(1);
    thread::spawn(move || {
        // Nobody listens any more when the deadline has passed.
        let _ = answer.send(work());
    });
    receiver
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_folder_for_temporary_files_is_named() {
        let settings = BrowserSettings { executable: Some("/bin/true".into()), ..BrowserSettings::default() };
        let missing = Path::new("/no/such/folder");
        let error = Browser::launch_in(&settings, missing).map(drop).unwrap_err();
        assert!(matches!(&error, BrowserError::Profile { folder, .. } if folder == missing), "{error}");
        assert!(error.help().contains("TMPDIR"));
    }

    #[test]
    #[cfg(unix)]
    fn a_browser_without_a_sandbox_is_told_from_one_that_does_not_start() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("chromium");
        for (said, is_sandbox) in [("[1:1:FATAL:zygote.cc] No usable sandbox! If you want", true), ("Segfault", false)]
        {
            let script =
                format!("#!/bin/sh\n[ $1 = --version ] && echo Chromium 1.2 && exit\necho '{said}' >&2; exit 1\n");
            std::fs::write(&program, script).unwrap();
            std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
            let settings = BrowserSettings { executable: Some(program.clone()), ..BrowserSettings::default() };
            let error = Browser::launch_in(&settings, folder.path()).map(drop).unwrap_err();
            assert_eq!(matches!(error, BrowserError::NoSandbox { .. }), is_sandbox, "{error}");
            assert!(error.to_string().contains(said), "{error}");
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "a profile is left");
    }
}
