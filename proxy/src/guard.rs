//! Requests that are judged before they leave: held back whole, then let go or stopped.
//!
//! What the owner's [`Guard`] is concerned with does not leave unless it was judged, all of it, and let go: what is too
//! long, too slow or judged too late is stopped as well, and that is a blind spot. Whoever asks for requests to be
//! stopped asks for a promise, and a promise with holes is worse than none.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use model::{BlindSpotKind, Body, BodyState, Clock, Connection, Exchange, Redacted, RequestRecord, Rule, VisitId};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::tap::{Held, RequestTap};

/// Judges requests before they leave. Called from several threads at once.
pub trait Guard: fmt::Debug + Send + Sync {
    /// What is to become of `request`, of which only the head is known yet. Called on the spot, so it must be quick.
    fn first_look(&self, request: &RequestRecord) -> FirstLook;

    /// Judges a request. Its head and body are there; when the body is too long, the first of it, its state
    /// [`BodyState::Cut`]. May take its time: it is called where that holds up nobody else.
    fn judge(&self, exchange: &Exchange) -> Verdict;
}

/// What a [`Guard`] says of a request by its head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FirstLook {
    /// It may leave.
    Pass,
    /// It must be judged whole before it leaves.
    Judge,
    /// It might change something at a site that serves real people: it is read to its end, recorded and answered, and
    /// does not leave.
    HoldBack,
    /// Its recipient is not to get anything: the same, and answered as if it had left.
    Sink,
}

/// What a [`Guard`] says of a whole request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It may leave.
    Pass,
    /// It must not leave.
    Stop(Refusal),
}

/// Why a request must not leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What it would break.
    pub rule: Rule,
    /// Who would have got it.
    pub recipient: Redacted,
    /// Where it stands, `dl > cpr`.
    pub parameter: Redacted,
}

/// Why a request was stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stopped {
    /// The guard said so.
    Refused(Refusal),
    /// It might change something.
    HeldBack,
    /// Its recipient is not to get anything.
    Sunk,
    /// The guard could not say.
    Unjudged(Unjudged),
}

/// Why a request could not be judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unjudged {
    /// Its body is longer than what is kept.
    TooLong(usize),
    /// Its body did not end.
    Endless,
    /// The client stopped half-way.
    Broken,
    /// Nothing was said of it in time.
    Late,
}

/// How long a body may take to come. The uploads that pages make by themselves are kilobytes; what takes longer is a
/// stream without end, which would wait for an answer that never comes.
const HELD_FOR: Duration = Duration::from_secs(30);
/// How long judging may take: milliseconds are usual, and a body at the cap takes some hundred of them.
const JUDGED_WITHIN: Duration = Duration::from_secs(10);
/// Requests judged at once. More threads would only wait for a processor.
const AT_ONCE: usize = 4;

/// A guard and its post.
pub(crate) struct Gatehouse {
    guard: Arc<dyn Guard>,
    places: Arc<Semaphore>,
    clock: Clock,
    cap: usize,
}

impl Gatehouse {
    /// A post for `guard` at which bodies of up to `cap` bytes are judged.
    pub(crate) fn new(guard: Arc<dyn Guard>, clock: Clock, cap: usize) -> Self {
        Self { guard, places: Arc::new(Semaphore::new(AT_ONCE)), clock, cap }
    }

    /// What is to become of `request`, by its head.
    pub(crate) fn first_look(&self, request: &RequestRecord) -> FirstLook {
        self.guard.first_look(request)
    }

    /// Holds `tap` back until it is judged; why the request must not leave, if so. What was read of the body is kept in
    /// the tap, to go first.
    pub(crate) async fn stops(
        &self,
        mut request: RequestRecord,
        connection: Connection,
        visit: Option<VisitId>,
        tap: &mut RequestTap,
    ) -> Option<Stopped> {
        let held = timeout(HELD_FOR, tap.hold(self.cap)).await;
        let (state, unjudged) = match held {
            Ok(Held::Whole) => (BodyState::Whole, None),
            Ok(Held::TooLong) => (BodyState::Cut, Some(Unjudged::TooLong(self.cap))),
            Ok(Held::Broken) => (BodyState::Cut, Some(Unjudged::Broken)),
            Err(_) => (BodyState::Cut, Some(Unjudged::Endless)),
        };
        let (bytes, trailers) = tap.so_far();
        request.body = Body { wire_length: bytes.len() as u64, bytes, state };
        request.headers.0.extend(trailers.0);
        let exchange = Exchange { visit, connection, ..Exchange::begun(0, self.clock.now(), request) };
        match timeout(JUDGED_WITHIN, self.judge(exchange)).await {
            Ok(Some(Verdict::Stop(refusal))) => Some(Stopped::Refused(refusal)),
            Ok(Some(Verdict::Pass)) => unjudged.map(Stopped::Unjudged),
            Ok(None) | Err(_) => Some(Stopped::Unjudged(Unjudged::Late)),
        }
    }

    /// `None` when judging died.
    async fn judge(&self, exchange: Exchange) -> Option<Verdict> {
        let place = Arc::clone(&self.places).acquire_owned().await.ok()?;
        let guard = Arc::clone(&self.guard);
        let judged = tokio::task::spawn_blocking(move || {
            // Given up when it is done, which may be after nobody waits any more.
            let _place = place;
            guard.judge(&exchange)
        });
        judged.await.ok()
    }
}

impl Stopped {
    /// In words, for the record.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::HeldBack => "it might have changed something, so it was judged and not sent on".to_owned(),
            Self::Sunk => "it was judged and answered here, and not sent on".to_owned(),
            Self::Refused(refusal) => format!("stopped before it left: {}", refusal.rule.as_str()),
            Self::Unjudged(Unjudged::TooLong(cap)) => {
                format!("stopped: its body is longer than the {cap} bytes that can be judged before they leave")
            }
            Self::Unjudged(Unjudged::Endless) => {
                let seconds = HELD_FOR.as_secs();
                format!("stopped: its body did not end within {seconds} seconds, so it could not be judged")
            }
            Self::Unjudged(Unjudged::Broken) => "stopped: the client broke off before all of it was there".to_owned(),
            Self::Unjudged(Unjudged::Late) => "stopped: it could not be judged in time".to_owned(),
        }
    }

    /// What of it was not seen, if anything.
    pub(crate) fn blind_spot(&self) -> Option<BlindSpotKind> {
        match self {
            Self::Refused(_) => None,
            Self::HeldBack => Some(BlindSpotKind::HeldBack),
            Self::Sunk => Some(BlindSpotKind::Sunk),
            Self::Unjudged(_) => Some(BlindSpotKind::StoppedUnjudged),
        }
    }
}
