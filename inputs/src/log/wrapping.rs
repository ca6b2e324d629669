//! What a line of a log may stand in, when something on its way has put it there.

use std::borrow::Cow;

use jiff::Timestamp;

use super::{Setting, cri, docker, syslog};

/// Every wrapping.
pub(super) const WRAPPINGS: [Wrapping; 3] = [syslog::WRAPPING, cri::WRAPPING, docker::WRAPPING];

/// A row of the table of wrappings.
pub(super) struct Wrapping {
    /// Stable, kebab-case: what `--log-format` names before the format, with a colon between.
    pub(super) id: &'static str,
    /// Takes it off; `None` where there is none.
    pub(super) unwrap: for<'a> fn(&'a [u8], &Setting) -> Option<Unwrapped<'a>>,
}

/// A line out of its wrapping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unwrapped<'a> {
    /// When it was put there.
    pub(super) time: Option<Timestamp>,
    /// The line as it was written.
    pub(super) line: Cow<'a, [u8]>,
}
