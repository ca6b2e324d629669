//! The command itself: found, started, given the signals that come, and waited for.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::ExitStatus;

use anyhow::Context as _;
use tokio::process::{Child, Command};

use super::environment::Set;
use crate::fault::Fault;

/// Shells count the end by a signal from here.
const BY_SIGNAL: i32 = 128;

/// How the command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ended {
    /// Its exit code; 128 and the signal where one ended it.
    pub(crate) code: u8,
    /// Whether we were asked to stop meanwhile.
    pub(crate) was_stopped: bool,
}

/// The program that `name` means in `path`, as a shell would find it.
pub(crate) fn find(name: &OsStr, path: &OsStr) -> Option<PathBuf> {
    let named = Path::new(name);
    if named.components().count() > 1 || named.is_absolute() {
        return is_program(named).then(|| named.to_owned());
    }
    std::env::split_paths(path).map(|folder| folder.join(name)).find(|place| is_program(place))
}

/// Refuses a command that cannot be started, before anything is begun.
pub(crate) fn check(command: &[OsString]) -> Result<(), Fault> {
    let Some(program) = command.first() else {
        return Err(Fault::new("there is no command to run", "name it after --, as in: cprvagt run -- npm test"));
    };
    if find(program, &super::environment::user_path()).is_some() {
        return Ok(());
    }
    let name = Path::new(program).display();
    if Path::new(program).is_file() {
        return Err(Fault::new(format!("cannot run {name}: it is no program"), format!("chmod +x {name}")));
    }
    let help = "write it as you would in a shell, after --; what only a shell knows (&&, |, aliases): -- sh -c '..'";
    Err(Fault::new(format!("cannot run {name}: there is no such program"), help))
}

/// Starts it with `variables` beside what is set already, and all streams as they are here.
pub(crate) fn start(command: &[OsString], variables: &[Set]) -> anyhow::Result<Child> {
    let (program, arguments) = command.split_first().context("there is no command to run")?;
    let mut starting = Command::new(program);
    starting.args(arguments).envs(variables.iter().map(|set| (set.name, &set.value)));
    starting.spawn().map_err(|error| {
        let name = Path::new(program).display();
        let help = "see whether it starts without cprvagt";
        anyhow::Error::from(error).context(Fault::new(format!("cannot run {name}"), help))
    })
}

/// Waits for its end; what asks us to stop is passed on to it.
pub(crate) async fn wait(mut child: Child, mut signals: Signals) -> anyhow::Result<Ended> {
    let mut was_stopped = false;
    loop {
        tokio::select! {
            ended = child.wait() => {
                let status = ended.context("cannot wait for the command")?;
                return Ok(Ended { code: code(status), was_stopped });
            }
            signal = signals.next() => {
                was_stopped |= signal.asks_to_stop();
                signal.pass_on(&child);
            }
        }
    }
}

fn code(status: ExitStatus) -> u8 {
    #[cfg(unix)]
    let signal = std::os::unix::process::ExitStatusExt::signal(&status);
    #[cfg(not(unix))]
    let signal = None;
    let code = status.code().or_else(|| signal.map(|signal: i32| BY_SIGNAL + signal));
    // Only Windows has codes that are no byte.
    u8::try_from(code.unwrap_or(1)).unwrap_or(1)
}

#[cfg(unix)]
fn is_program(place: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    place.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(place: &Path) -> bool {
    place.is_file() || place.with_extension("exe").is_file()
}

#[cfg(unix)]
pub(crate) use unix::Signals;

#[cfg(unix)]
mod unix {
    use rustix::process::{Pid, Signal, getpgrp, kill_process};
    use tokio::process::Child;
    use tokio::signal::unix::{Signal as Watch, SignalKind, signal};

    /// What asks a program to stop, and what a program may understand in its own way: without us watching, it ends us alone.
    pub(crate) struct Signals {
        interrupt: Watch,
        quit: Watch,
        hang_up: Watch,
        terminate: Watch,
        user_1: Watch,
        user_2: Watch,
    }

    /// One that came.
    pub(super) struct Came {
        signal: Signal,
        /// Whether a terminal sends it to everybody in the foreground.
        from_terminal: bool,
    }

    impl Signals {
        pub(crate) fn new() -> std::io::Result<Self> {
            Ok(Self {
                user_1: signal(SignalKind::user_defined1())?,
                user_2: signal(SignalKind::user_defined2())?,
                interrupt: signal(SignalKind::interrupt())?,
                quit: signal(SignalKind::quit())?,
                hang_up: signal(SignalKind::hangup())?,
                terminate: signal(SignalKind::terminate())?,
            })
        }

        pub(super) async fn next(&mut self) -> Came {
            let (signal, from_terminal) = tokio::select! {
                _ = self.interrupt.recv() => (Signal::INT, true),
                _ = self.quit.recv() => (Signal::QUIT, true),
                _ = self.hang_up.recv() => (Signal::HUP, true),
                _ = self.terminate.recv() => (Signal::TERM, false),
                _ = self.user_1.recv() => (Signal::USR1, false),
                _ = self.user_2.recv() => (Signal::USR2, false),
            };
            Came { signal, from_terminal }
        }
    }

    impl Came {
        pub(super) fn asks_to_stop(&self) -> bool {
            self.signal != Signal::USR1 && self.signal != Signal::USR2
        }

        /// Hands it to the command, unless the terminal has done so: many a suite takes a second Ctrl-C for "at once".
        pub(super) fn pass_on(&self, child: &Child) {
            if self.from_terminal && is_in_foreground() {
                return;
            }
            let pid = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
            if let Some(pid) = pid {
                // One that is gone needs no signal.
                let _ = kill_process(pid, self.signal);
            }
        }
    }

    /// Whether a terminal sends us, and with us the command, what is typed there.
    fn is_in_foreground() -> bool {
        let Ok(terminal) = std::fs::File::open("/dev/tty") else { return false };
        rustix::termios::tcgetpgrp(&terminal).is_ok_and(|group| group == getpgrp())
    }
}

#[cfg(not(unix))]
pub(crate) struct Signals;

#[cfg(not(unix))]
struct Came;

#[cfg(not(unix))]
impl Signals {
    pub(crate) fn new() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) -> Came {
        let _ = tokio::signal::ctrl_c().await;
        Came
    }
}

#[cfg(not(unix))]
impl Came {
    fn asks_to_stop(&self) -> bool {
        true
    }

    /// The console sends it to both.
    fn pass_on(&self, _: &Child) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_that_is_not_there_is_named() {
        let words = |command: &str| check(&[command.into()]).map_err(|fault| fault.to_string());
        assert_eq!(words("sh"), Ok(()));
        assert!(words("no-such-program").unwrap_err().contains("cannot run no-such-program: there is no such program"));
        assert!(words("./no/such").unwrap_err().contains("no such program"));
        assert!(words(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")).unwrap_err().contains("it is no program"));
        assert!(check(&[]).is_err());
    }

    #[test]
    #[cfg(unix)]
    fn the_end_by_a_signal_is_counted_as_shells_do() {
        use std::os::unix::process::ExitStatusExt as _;
        assert_eq!(code(ExitStatus::from_raw(15)), 143);
        assert_eq!(code(ExitStatus::from_raw(7 << 8)), 7);
    }
}
