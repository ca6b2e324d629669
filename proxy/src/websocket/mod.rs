//! What is said on a WebSocket (RFC 6455), read from a copy of the bytes that pass.
//!
//! ```text
//! splice -> copy of each piece -> frames -> messages (compression undone) -> batch -> Exchange that continues another
//! ```
//! The splice never waits for it and passes every byte as it came. What cannot be read is told once and its side is
//! read no further: bytes that are no frames have no next frame.

mod conversation;
mod extensions;
mod frames;
mod gathered;
mod inflater;
mod messages;
#[cfg(test)]
mod tests;

use std::fmt;

pub(crate) use conversation::{Conversation, converse};

/// Why a side of a WebSocket cannot be read any further.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unreadable {
    /// Both agreed on an extension that changes frames in a way not known here.
    Extension(String),
    /// A frame has bits set that no extension was agreed on for (RFC 6455 §5.2).
    ReservedBits,
    /// A frame of a kind that does not exist.
    FrameKind,
    /// A client's frame without a mask, or a site's with one (§5.1).
    Mask,
    /// A frame says that it is longer than a length can be.
    FrameLength,
    /// A control frame in pieces or of more than 125 bytes (§5.5).
    ControlFrame,
    /// A message that begins within another, or goes on without having begun (§5.4).
    Fragments,
    /// Bytes that are no DEFLATE.
    Deflate,
    /// Messages that decompress to far more than any page sends.
    Bomb,
    /// No memory left to decompress in.
    Memory,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Extension(name) => return write!(f, "both sides agreed on `{name}`, which is not known here"),
            Self::ReservedBits => "a frame has bits set that nobody agreed on",
            Self::FrameKind => "a frame is of an unknown kind",
            Self::Mask => "a frame is masked, or is not, where it must be otherwise",
            Self::FrameLength => "a frame says that it is longer than can be",
            Self::ControlFrame => "a control frame is too long or in pieces",
            Self::Fragments => "a message begins within another, or goes on without having begun",
            Self::Deflate => "a message cannot be decompressed",
            Self::Bomb => "its messages decompress to far more than was sent",
            Self::Memory => "too many compressed WebSockets are open at once",
        })
    }
}
