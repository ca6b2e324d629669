//! Text from the wire that is safe to write, told apart from text that is not by its type.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Takes personal numbers out of a text; the detector implements it, since it alone knows them.
pub trait Redact {
    /// The same text with every number that is no declared test number masked.
    fn redact(&self, text: &str) -> String;
}

/// A text that went through [`Redact`], so it may stand in a report, a log or on a terminal.
///
/// It is still text from strangers: renderers escape it. Cheap to clone: an exchange has the same few a dozen times.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Redacted(Arc<str>);

impl Redacted {
    /// Redacts `text`.
    pub fn new(text: &str, redact: &(impl Redact + ?Sized)) -> Self {
        Self(redact.redact(text).into())
    }

    /// Text that this program wrote itself and that holds nothing from the wire.
    pub fn own_words(text: impl Into<String>) -> Self {
        Self(text.into().into())
    }

    /// The safe text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Redacted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
