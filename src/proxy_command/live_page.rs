//! The console's start: where it listens, who is told, and the desktop's browser.

use std::io::IsTerminal as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Command, Stdio};
use std::sync::Arc;

use console::{Console, ConsoleError, Desk, Lang, Session, Settings};
use model::Clock;

use super::browser::has_screen;
use crate::cli::ConsoleArgs;
use crate::fault::Fault;
use crate::progress::Reporter;

/// Beside the proxy's own 8019.
const USUAL_PORT: u16 = 8020;

/// What opens an address in the desktop's browser.
const OPENER: &[&str] = if cfg!(target_os = "macos") {
    &["open"]
} else if cfg!(windows) {
    &["rundll32", "url.dll,FileProtocolHandler"]
} else {
    &["xdg-open"]
};

/// Starts the console, unless it is not wanted.
pub(super) fn start(
    args: &ConsoleArgs,
    lang: reports::Lang,
    clock: &Clock,
    session: &Session,
    desk: Arc<dyn Desk>,
) -> anyhow::Result<Option<Console>> {
    if args.no_console {
        return Ok(None);
    }
    let lang = match lang {
        reports::Lang::Da => Lang::Da,
        reports::Lang::En => Lang::En,
    };
    let at = |address| Settings { address, idle: args.idle, lang, clock: clock.clone() };
    let usual = SocketAddr::from((Ipv4Addr::LOCALHOST, USUAL_PORT));
    let started = Console::start(at(args.address.unwrap_or(usual)), session.clone(), Arc::clone(&desk));
    let started = match (started, args.address) {
        (Err(ConsoleError::Listen(..)), None) => {
            Console::start(at((Ipv4Addr::LOCALHOST, 0).into()), session.clone(), desk)
        }
        (started, _) => started,
    };
    let console = started.map_err(|error| {
        let help = "give --console another port of this machine, or say --no-console";
        anyhow::Error::from(error).context(Fault::new("cannot open the console", help))
    })?;
    Ok(Some(console))
}

/// Says where it is, and opens it where somebody sees a desktop.
pub(super) fn tell(console: &Console, args: &ConsoleArgs, reporter: &Reporter) {
    let url = console.url();
    reporter.step(&format!("console: {url}"));
    reporter.step("  what leaks is there the second it happens; who has the address sees it, so keep it to yourself");
    if args.no_open || !has_screen() || !std::io::stderr().is_terminal() {
        return;
    }
    let Some((program, rest)) = OPENER.split_first() else { return };
    let opened = Command::new(program)
        .args(rest)
        .arg(&url)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    match opened {
        // Reaped by nobody but the system: it ends by itself, and so do we.
        Ok(_) => {}
        Err(_) => reporter.step("  it could not be opened by itself: open the address in a browser"),
    }
}
