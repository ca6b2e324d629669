//! Recorded traffic of every format, as exchanges. One module a format.
//!
//! What strangers wrote is read as far as it goes: a fault is a blind spot with its place, never an error. Opening files
//! is for `src/`, judging what they hold for the detector.
//!
//! ```
//! let file = br#"{"log":{"entries":[{"startedDateTime":"2026-11-22T04:00:00Z","request":{"url":"https://a.test/x"}}]}}"#;
//! let recording = inputs::read_har("x.har", &file[..], jiff::Timestamp::UNIX_EPOCH);
//! assert_eq!(recording.exchanges[0].request.target.to_string(), "https://a.test/x");
//! assert!(recording.blind_spots.is_empty());
//! ```

mod bom;
mod capture;
mod har;
mod kind;
mod lines;
mod log;
mod recording;
mod surrogates;
mod unpack;

pub use capture::read as read_capture;
pub use har::read as read_har;
pub use kind::{Kind, kind_of};
pub use lines::{BLOCK, Block, Blocks, BlocksPlace, Filled, Line, Lines, MAX_LINE, OVERLAP, fill, with_feeds};
pub use log::{
    Assumed, Format, Guessed, LogFaults, LogLine, LogSummary, Parsed, Parser, ReadLine, Setting, Text, UnknownFormat,
    detect_format, read_log,
};
pub use recording::Recording;
pub use unpack::{Member, is_packed, unpack};
