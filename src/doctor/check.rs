//! What was looked at and how it went, as a line for people.

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Check {
    /// It is as it should be.
    Good(String),
    /// Worth knowing, and no fault.
    Note(String),
    /// Something will not work.
    Bad {
        /// What.
        what: String,
        /// What to do about it.
        help: String,
    },
}

impl Check {
    /// A fault, with its help where it has one.
    pub(super) fn bad(error: &anyhow::Error) -> Self {
        let help = crate::help_of(error).unwrap_or("see `cprvagt help`").to_owned();
        Self::Bad { what: format!("{error:#}"), help }
    }

    /// Its line, or two.
    pub(super) fn line(&self) -> String {
        match self {
            Self::Good(what) => format!("  ok    {what}"),
            Self::Note(what) => format!("  note  {what}"),
            Self::Bad { what, help } => format!("  BAD   {what}\n        do: {help}"),
        }
    }

    /// Whether something will not work.
    pub(super) fn is_bad(&self) -> bool {
        matches!(self, Self::Bad { .. })
    }
}
