//! What could not be read, and why. Nothing is left out without one.

use serde::{Deserialize, Serialize};

use crate::{Picture, Redacted, SystemId, VisitId};

/// Why something was not seen. Ids are stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BlindSpotKind {
    /// The self-test's canary was not found: the run is void.
    SelfTestMissed,
    /// A page wants a login that the crawler does not have.
    LoginRequired,
    /// A page that the registry says must be visited was not.
    MustVisitMissed,
    /// Nothing of the site under test came through the proxy.
    NothingSeen,
    /// The command that was run sent nothing at all through the proxy.
    NothingThroughProxy,
    /// The command that was run failed, so it may not have done all it would have.
    CommandFailed,
    /// A page did not load.
    PageFailed,
    /// A form was not sent, so the pages after it were not seen.
    FormNotSubmitted,
    /// A declared journey was not run.
    JourneyNotRun,
    /// A step of a journey did not work, so what comes after it was not seen.
    StepFailed,
    /// The site signed the citizen out, so what comes after it was not seen, or as a stranger sees it.
    SessionLost,
    /// A question for consent stood in the way, and the answer that was to be given could not be.
    ConsentNotReached,
    /// A request that could change something at the system was not sent on, to be on the safe side.
    HeldBack,
    /// The audit was made without a browser, so that nothing that scripts do was seen.
    StaticEngine,
    /// Pages were left alone because the site's robots.txt asks for that.
    RobotsObeyed,
    /// Links were left unvisited: a budget or a loop guard.
    PagesLeftOut,
    /// A page was left while it was still working, so what it sends later was not seen.
    PageRestless,
    /// More of what a page tells of itself than is read: text, storage, frames.
    PageFactsLeftOut,
    /// The page asked something (an alert, a download, a new window) that the crawler answered or refused.
    PageInterfered,
    /// The audit was stopped before its end.
    Interrupted,
    /// A tester paused the recording; what passed meanwhile was not judged.
    RecordingPaused,
    /// Part of the session was not on disk when it was read back from there.
    SessionNotKept,
    /// Pages were opened at a reverse port, where what they send to other sites does not pass.
    OthersUnseen,
    /// No connection to a host, so what it would have been sent is unknown.
    HostUnreachable,
    /// A host's certificate or protocol was refused.
    UpstreamRefused,
    /// The client would not accept our certificate, so nothing it said was read.
    ClientRefused,
    /// A host's tunnels were passed through unread, as asked.
    Passthrough,
    /// Something other than HTTP or TLS went through.
    NotHttp,
    /// Messages of a WebSocket were passed on without reading them: all, those of one side, or the end of a long one.
    WebsocketNotRead,
    /// A connection broke off half-way.
    ConnectionBroken,
    /// A request to somebody else was stopped because it could not be judged in whole before it left.
    StoppedUnjudged,
    /// A body was longer than the recorder's cap.
    BodyCut,
    /// A body was sent and is not in the recording.
    BodyMissing,
    /// An encoding was not undone: too deep, too large, or broken.
    DecodeLimit,
    /// A body in an encoding that this version does not undo.
    EncodingUnknown,
    /// Exchanges came faster than they could be judged.
    QueueOverflow,
    /// An input file, or an entry in it, could not be read.
    InputBroken,
    /// A log has no line of some days, so what happened on them is not known.
    LogGap,
    /// More sightings than can be kept; those beyond are in no finding.
    SightingsNotListed,
    /// Values shaped as digests were seen and not all tried: too many, or stopped before the end.
    DigestsNotTried,
    /// It is not known what sent some requests: there were too many, or a page did not answer the browser. No gap.
    InitiatorUnknown,
    /// Requests to third parties were judged and answered by the proxy instead of being sent, as asked. No gap.
    Sunk,
    /// More sightings than are listed one by one; all are counted in their findings. No gap.
    SightingsCounted,
    /// A site's offer of HTTP/3 was taken out of its answer, so that the client goes on where it is read. No gap.
    Http3Withheld,
}

/// Something that was not seen, with what it concerns. Raw: `place` may hold numbers, and so may `detail` unless it is own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlindSpot {
    /// Why.
    pub kind: BlindSpotKind,
    /// What it concerns: a URL, a host, a file.
    pub place: String,
    /// More about it: an error's text, a size.
    pub detail: String,
    /// Whether `detail` is this program's alone, and nothing of it from the wire: its dates, places and counts are no numbers.
    pub is_own: bool,
    /// The visit it happened in, when known.
    pub visit: Option<VisitId>,
    /// The system it concerns, when known.
    pub system: Option<SystemId>,
    /// The page as it was then, no digit of it legible.
    pub picture: Option<Picture>,
}

/// Blind spots of one kind at one place, as reports show them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct BlindSpotRecord {
    /// The system it concerns; `None` for the whole run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<SystemId>,
    /// Why.
    pub kind: BlindSpotKind,
    /// What it concerns.
    pub place: Redacted,
    /// More about the first of them.
    pub detail: Redacted,
    /// How many times.
    pub count: u64,
    /// The file beside the report that shows the page of the first, no digit of it legible.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<String>,
}

impl BlindSpot {
    /// One that belongs to no visit or system yet.
    pub fn new(kind: BlindSpotKind, place: impl Into<String>, detail: impl Into<String>) -> Self {
        let (place, detail) = (place.into(), detail.into());
        Self { kind, place, detail, is_own: false, visit: None, system: None, picture: None }
    }

    /// The same, with a detail in which nothing is from the wire that was not redacted.
    #[must_use]
    pub fn in_own_words(mut self) -> Self {
        self.is_own = true;
        self
    }

    /// The same, in `visit`.
    #[must_use]
    pub fn in_visit(mut self, visit: Option<VisitId>) -> Self {
        self.visit = visit;
        self
    }

    /// The same, with a picture.
    #[must_use]
    pub fn with_picture(mut self, picture: Option<Picture>) -> Self {
        self.picture = picture;
        self
    }

    /// The same, concerning `system`.
    #[must_use]
    pub fn of_system(mut self, system: Option<SystemId>) -> Self {
        self.system = system;
        self
    }
}

impl BlindSpotKind {
    /// Every kind, the worst first.
    pub const ALL: [Self; 44] = [
        Self::SelfTestMissed,
        Self::LoginRequired,
        Self::MustVisitMissed,
        Self::NothingSeen,
        Self::NothingThroughProxy,
        Self::CommandFailed,
        Self::PageFailed,
        Self::FormNotSubmitted,
        Self::JourneyNotRun,
        Self::StepFailed,
        Self::SessionLost,
        Self::ConsentNotReached,
        Self::HeldBack,
        Self::StaticEngine,
        Self::RobotsObeyed,
        Self::PagesLeftOut,
        Self::PageRestless,
        Self::PageFactsLeftOut,
        Self::PageInterfered,
        Self::Interrupted,
        Self::RecordingPaused,
        Self::SessionNotKept,
        Self::OthersUnseen,
        Self::HostUnreachable,
        Self::UpstreamRefused,
        Self::ClientRefused,
        Self::Passthrough,
        Self::NotHttp,
        Self::WebsocketNotRead,
        Self::ConnectionBroken,
        Self::StoppedUnjudged,
        Self::BodyCut,
        Self::BodyMissing,
        Self::DecodeLimit,
        Self::EncodingUnknown,
        Self::QueueOverflow,
        Self::InputBroken,
        Self::LogGap,
        Self::SightingsNotListed,
        Self::DigestsNotTried,
        Self::InitiatorUnknown,
        Self::Sunk,
        Self::SightingsCounted,
        Self::Http3Withheld,
    ];

    /// Whether something was not seen for it. If not it is told, and what was seen is complete all the same.
    pub fn leaves_gap(self) -> bool {
        match self {
            Self::SelfTestMissed
            | Self::NothingSeen
            | Self::NothingThroughProxy
            | Self::CommandFailed
            | Self::RecordingPaused
            | Self::SessionNotKept
            | Self::OthersUnseen
            | Self::LoginRequired
            | Self::MustVisitMissed
            | Self::PageFailed
            | Self::FormNotSubmitted
            | Self::JourneyNotRun
            | Self::StepFailed
            | Self::SessionLost
            | Self::ConsentNotReached
            | Self::HeldBack
            | Self::StaticEngine
            | Self::RobotsObeyed
            | Self::PagesLeftOut
            | Self::PageRestless
            | Self::PageFactsLeftOut
            | Self::PageInterfered
            | Self::Interrupted
            | Self::HostUnreachable
            | Self::UpstreamRefused
            | Self::ClientRefused
            | Self::Passthrough
            | Self::NotHttp
            | Self::WebsocketNotRead
            | Self::ConnectionBroken
            | Self::StoppedUnjudged
            | Self::BodyCut
            | Self::BodyMissing
            | Self::DecodeLimit
            | Self::EncodingUnknown
            | Self::QueueOverflow
            | Self::InputBroken
            | Self::LogGap
            | Self::SightingsNotListed
            | Self::DigestsNotTried => true,
            Self::InitiatorUnknown | Self::Sunk | Self::SightingsCounted | Self::Http3Withheld => false,
        }
    }

    /// Stable id.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SelfTestMissed => "self-test-missed",
            Self::LoginRequired => "login-required",
            Self::MustVisitMissed => "must-visit-missed",
            Self::NothingSeen => "nothing-seen",
            Self::NothingThroughProxy => "nothing-through-proxy",
            Self::CommandFailed => "command-failed",
            Self::PageFailed => "page-failed",
            Self::FormNotSubmitted => "form-not-submitted",
            Self::JourneyNotRun => "journey-not-run",
            Self::StepFailed => "step-failed",
            Self::SessionLost => "session-lost",
            Self::ConsentNotReached => "consent-not-reached",
            Self::HeldBack => "held-back",
            Self::StaticEngine => "static-engine",
            Self::RobotsObeyed => "robots-obeyed",
            Self::PagesLeftOut => "pages-left-out",
            Self::PageRestless => "page-restless",
            Self::PageFactsLeftOut => "page-facts-left-out",
            Self::PageInterfered => "page-interfered",
            Self::Interrupted => "interrupted",
            Self::RecordingPaused => "recording-paused",
            Self::SessionNotKept => "session-not-kept",
            Self::OthersUnseen => "others-unseen",
            Self::HostUnreachable => "host-unreachable",
            Self::UpstreamRefused => "upstream-refused",
            Self::ClientRefused => "client-refused",
            Self::Passthrough => "passthrough",
            Self::NotHttp => "not-http",
            Self::WebsocketNotRead => "websocket-not-read",
            Self::ConnectionBroken => "connection-broken",
            Self::StoppedUnjudged => "stopped-unjudged",
            Self::BodyCut => "body-cut",
            Self::BodyMissing => "body-missing",
            Self::DecodeLimit => "decode-limit",
            Self::EncodingUnknown => "encoding-unknown",
            Self::QueueOverflow => "queue-overflow",
            Self::InputBroken => "input-broken",
            Self::LogGap => "log-gap",
            Self::SightingsNotListed => "sightings-not-listed",
            Self::DigestsNotTried => "digests-not-tried",
            Self::InitiatorUnknown => "initiator-unknown",
            Self::Sunk => "sunk",
            Self::SightingsCounted => "sightings-counted",
            Self::Http3Withheld => "http3-withheld",
        }
    }
}
