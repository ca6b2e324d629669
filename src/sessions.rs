//! Sessions that the crawl does not sign in to by itself: cookies that are handed over, and a person who logs in.

use std::io::BufRead as _;
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crawler::{Attendant, BrowserSettings, Plan, SessionCookies, cookies_of_profile};
use model::Redacted;

use crate::cli::{AuditArgs, Engine, SessionArgs, Shown};
use crate::fault::Fault;
use crate::instrument::browser_fault;
use crate::progress::Reporter;
use crate::safe_mode::SafeMode;
use crate::{proxy_command, setup};

/// Longest file of cookies: all that a browser keeps is smaller.
const MAX_FILE_BYTES: u64 = 16 << 20;

/// How soon it is noticed that the window was closed, or the run stopped.
const LOOKS: Duration = Duration::from_millis(100);

/// What `--attended` does to a run.
const ATTENDED: [&str; 2] = [
    "a person logged in by hand (--attended)",
    "until they were done, hosts outside the system got everything, and might send the browser back with an answer",
];

/// Refuses a session with the engine that has none, and a window where there is no screen, before anything is begun.
pub(crate) fn check(args: &SessionArgs, engine: Engine) -> Result<(), Fault> {
    let is_asked = args.attended.is_some() || args.cookies.is_some() || args.browser_profile.is_some();
    if is_asked && engine == Engine::Static {
        let help = "leave out --engine static, or the session";
        return Err(Fault::new("the static engine takes over no session", help));
    }
    match args.attended {
        Some(Shown::Window) if !proxy_command::has_screen() => Err(Fault::new(
            "--attended opens a window, and there is no screen here (DISPLAY is not set)",
            "run it where you see a desktop, or over ssh -X; or log in elsewhere, and hand over the session with --cookies \
             FILE",
        )),
        Some(Shown::Window | Shown::Headless) | None => Ok(()),
    }
}

/// What stands in the whole run that is not as in a citizen's browser.
pub(crate) fn conditions(args: &SessionArgs) -> impl Iterator<Item = Redacted> {
    let told: &[&str] = if args.attended.is_some() { &ATTENDED } else { &[] };
    told.iter().copied().map(Redacted::own_words)
}

/// Gives each of `plans` the session that was asked for.
pub(crate) fn give(plans: &mut [Plan], args: &AuditArgs, safe: &Arc<SafeMode>) -> anyhow::Result<()> {
    let session = &args.session;
    let reporter = Reporter::new();
    if session.attended.is_some() {
        let enter = Arc::new(Mutex::new(None));
        for plan in &mut *plans {
            plan.journeys.clear();
            let whom = plan.role.as_ref().map(|role| format!(" as {role}")).unwrap_or_default();
            let place = plan.system.as_ref().map(ToString::to_string);
            let place = place.or_else(|| plan.starts.first().map(|start| start.host.to_string())).unwrap_or_default();
            let (safe, enter) = (Arc::clone(safe), Arc::clone(&enter));
            plan.attended = Some(Arc::new(Person { prompt: format!("{place}{whom}"), safe, enter }));
        }
    }
    let Some((cookies, from)) = handed_over(args)? else { return Ok(()) };
    let mut taken = 0;
    for plan in &mut *plans {
        taken = taken.max(cookies.count_of(&plan.scope));
        plan.cookies = cookies.clone();
    }
    if taken == 0 {
        let help = "log in to the system in a browser, and export the cookies of that site";
        return Err(Fault::new(format!("none of the cookies in {from} is of what is audited"), help).into());
    }
    reporter.step(&format!("a session is handed over by {taken} of the {} cookies in {from}", cookies.len()));
    Ok(())
}

/// The cookies, and where they are from.
fn handed_over(args: &AuditArgs) -> anyhow::Result<Option<(SessionCookies, String)>> {
    if let Some(path) = &args.session.cookies {
        return Ok(Some((read(path)?, path.display().to_string())));
    }
    let Some(folder) = &args.session.browser_profile else { return Ok(None) };
    let settings = BrowserSettings { executable: args.browser.executable.clone(), ..BrowserSettings::default() };
    let cookies = cookies_of_profile(&settings, folder).map_err(browser_fault)?;
    Ok(Some((cookies, folder.display().to_string())))
}

fn read(path: &Path) -> anyhow::Result<SessionCookies> {
    let name = path.display();
    let help = "export them with the browser's DevTools or an extension, as JSON or cookies.txt; then chmod 600";
    let fault = |why: &dyn std::fmt::Display| Fault::new(format!("cannot read the cookies in {name}: {why}"), help);
    let size = std::fs::metadata(path).map_err(|error| fault(&error))?.len();
    setup::refuse_if_readable_by_others(path, "the file of cookies")?;
    if size > MAX_FILE_BYTES {
        return Err(fault(&"it is longer than any file of cookies").into());
    }
    let text = std::fs::read_to_string(path).map_err(|error| fault(&error))?;
    SessionCookies::parse(&text).map_err(|error| fault(&error).into())
}

/// Lines of the terminal, once somebody waits for one.
type Enter = Mutex<Option<Receiver<()>>>;

/// The person at the terminal, who logs in in the window beside it.
#[derive(Debug)]
struct Person {
    /// Where to log in, and as whom.
    prompt: String,
    safe: Arc<SafeMode>,
    enter: Arc<Enter>,
}

impl Attendant for Person {
    fn log_in(&self, is_over: &dyn Fn() -> bool) -> bool {
        self.safe.attend(true);
        let is_done = self.wait_for_enter(is_over);
        self.safe.attend(false);
        is_done
    }
}

impl Person {
    fn wait_for_enter(&self, is_over: &dyn Fn() -> bool) -> bool {
        let reporter = Reporter::new();
        let mut lines = self.enter.lock().unwrap_or_else(PoisonError::into_inner);
        let lines = lines.get_or_insert_with(listen);
        // What was typed before was not for this.
        while lines.try_recv().is_ok() {}
        reporter.step(&format!("log in to {} in the window, then press Enter here", self.prompt));
        loop {
            match lines.recv_timeout(LOOKS) {
                Ok(()) => return true,
                Err(RecvTimeoutError::Timeout) if is_over() => return false,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    reporter.step("nobody can press Enter: standard input is closed");
                    return false;
                }
            }
        }
    }
}

/// The terminal is read by a thread of its own, which nothing but the end of the program ends.
fn listen() -> Receiver<()> {
    let (sender, lines) = channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines() {
            if line.is_err() || sender.send(()).is_err() {
                return;
            }
        }
    });
    lines
}
