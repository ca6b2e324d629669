//! How a console is set up, what keeps it from starting, and its bounds.

use std::net::SocketAddr;
use std::time::Duration;

use model::Clock;

use crate::desk::Lang;

/// Without a tester's own doing for so long, the page is logged off.
pub const IDLE_DEFAULT: Duration = Duration::from_mins(15);

/// The longest that may be asked for: a page with citizens' errands on it is not left open at lunch.
pub const IDLE_MAX: Duration = Duration::from_mins(20);

/// Connections served at once; a browser opens six to one server, and others wait in the system's queue.
pub(crate) const MAX_CONNECTIONS: usize = 64;

/// A request's head at most, so that no stranger fills the memory with one. Browsers send 1 KiB.
pub(crate) const MAX_HEAD: usize = 16 * 1024;

/// Lines of a request's head at most; browsers send 20.
pub(crate) const MAX_HEADERS: usize = 64;

/// Time for a head to come, and for a connection to lie idle.
pub(crate) const HEAD_TIME: Duration = Duration::from_secs(10);

/// Time for a piece of an answer to be taken; who takes longer is cut off and comes again.
pub(crate) const SEND_TIME: Duration = Duration::from_mins(1);

/// A request's body at most: the longest note, each byte of it escaped, and its fields.
pub(crate) const MAX_BODY: usize = 3 * MAX_NOTE + 1024;

/// Bytes of a note: a page of text.
pub(crate) const MAX_NOTE: usize = 4 * 1024;

/// Characters of a step's name, or of a site's: it stands in a row.
pub(crate) const MAX_STEP: usize = 200;

/// Browsers logged on at once; the oldest goes. One person has two or three.
pub(crate) const MAX_LOGINS: usize = 16;

/// Streams open at once, of all browsers; whoever gets none asks every other second instead.
pub(crate) const MAX_STREAMS: usize = 16;

/// Threads for calls to the desk that take a while. The work of the proxy goes before.
pub(crate) const MAX_DESK_THREADS: usize = 4;

/// Wrong tokens within [`GUESS_TIME`] before none is looked at for the rest of it. The token has 256 bits: this only says
/// that somebody tries.
pub(crate) const MAX_GUESSES: u32 = 10;

/// How long wrong tokens are counted.
pub(crate) const GUESS_TIME: Duration = Duration::from_mins(1);

/// How often it is looked who has been idle for too long.
pub(crate) const IDLE_CHECK: Duration = Duration::from_millis(500);

/// Time for pages to be told that the program ends.
pub(crate) const GOOD_BYE: Duration = Duration::from_millis(100);

/// Events to one page are at least so far apart: five a second are all that an eye follows.
pub(crate) const EVENT_GAP: Duration = Duration::from_millis(200);

/// A stream that is silent for so long says that it lives.
pub(crate) const HEARTBEAT: Duration = Duration::from_secs(10);

/// Exports kept for one browser, the newest; each is all files of a report.
pub(crate) const MAX_EXPORTS: usize = 4;

/// Bytes of them: a report with its pictures has some 20 MB.
pub(crate) const MAX_EXPORTED: usize = 256 * 1024 * 1024;

/// How a console is set up.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where it listens; on loopback only. Port 0 is any that is free.
    pub address: SocketAddr,
    /// After how long without a tester's own doing the page is logged off, at most [`IDLE_MAX`].
    pub idle: Duration,
    /// The page's language, until another is chosen on it.
    pub lang: Lang,
    /// The time.
    pub clock: Clock,
}

/// Why a console does not start.
#[derive(Debug, thiserror::Error)]
pub enum ConsoleError {
    /// It would be seen from other machines.
    #[error("the console listens on a loopback address only, not on {0}")]
    NotLoopback(SocketAddr),
    /// Never, or longer than is allowed.
    #[error("the console logs off after at most {max} minutes, and not after {0:?}", max = IDLE_MAX.as_secs() / 60)]
    Idle(Duration),
    /// The address is taken, or may not be used.
    #[error("cannot listen on {0} for the console")]
    Listen(SocketAddr, #[source] std::io::Error),
    /// The system gives no random bytes, so there is no secret to protect the page with.
    #[error("the system gives no random bytes for the console's address")]
    NoSecret,
    /// The system gives no thread.
    #[error("cannot start the console's thread")]
    Thread(#[source] std::io::Error),
}

impl Settings {
    /// Refuses what would be less than protected.
    pub(crate) fn check(&self) -> Result<(), ConsoleError> {
        if !self.address.ip().is_loopback() {
            return Err(ConsoleError::NotLoopback(self.address));
        }
        if self.idle.is_zero() || self.idle > IDLE_MAX {
            return Err(ConsoleError::Idle(self.idle));
        }
        Ok(())
    }
}
