//! Why a file is no journey that can be made: which step, and what to do about it.

use super::SECRETS;

/// A file that is no journey, or one that must not be run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{problem}", place(*.step))]
pub struct JourneyError {
    /// The step, from 1; `None` when it is the file as a whole.
    pub step: Option<usize>,
    /// What is wrong with it.
    pub problem: JourneyProblem,
}

/// What is wrong with a journey.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JourneyProblem {
    /// It is no JSON.
    #[error("no JSON: {0}")]
    NoJson(String),
    /// It is larger than any recording.
    #[error("more than {0} bytes")]
    TooLarge(usize),
    /// It has more steps than are made.
    #[error("more than {0} steps")]
    TooManySteps(usize),
    /// A field that must be there is not.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// A field holds something else than it may.
    #[error("`{field}` is not {wanted}")]
    Wrong {
        /// The field.
        field: &'static str,
        /// What it may be.
        wanted: &'static str,
    },
    /// No step of this name is known.
    #[error("unknown type of step `{0}`")]
    UnknownStep(String),
    /// No custom step of this name is known.
    #[error("unknown custom step `{0}`")]
    UnknownCustomStep(String),
    /// No key of this name is known.
    #[error("unknown key `{0}`")]
    UnknownKey(String),
    /// Something is done before any page was asked for.
    #[error("it acts before any page was asked for")]
    NoStart,
    /// Two opening braces that never close.
    #[error("`{0}` holds a placeholder that does not end")]
    OpenPlaceholder(&'static str),
    /// A placeholder of a kind that is not known.
    #[error("unknown placeholder `{{{{{0}}}}}`")]
    UnknownPlaceholder(String),
    /// There is nothing to fill it with.
    #[error("nothing to put in for `{{{{{0}}}}}`")]
    Unfilled(String),
    /// A CPR number stands in the file.
    #[error("a CPR number stands in `{0}`")]
    LiteralNumber(String),
    /// A password stands in the file.
    #[error("a password stands in `value`")]
    LiteralPassword,
}

impl JourneyError {
    /// What the user can do about it.
    pub fn help(&self) -> String {
        let help = match &self.problem {
            JourneyProblem::NoJson(_) | JourneyProblem::Missing("steps") => {
                "export the recording in Chrome's DevTools, Recorder, as JSON"
            }
            JourneyProblem::TooLarge(_) | JourneyProblem::TooManySteps(_) => "record it in several shorter journeys",
            JourneyProblem::Missing(_) | JourneyProblem::Wrong { .. } => {
                "export the recording again as JSON, or mend the step by hand"
            }
            JourneyProblem::UnknownStep(_) => {
                "is the browser that recorded it newer than this program? record it again without that step"
            }
            JourneyProblem::UnknownCustomStep(_) => {
                "this version knows the custom steps cprvagt.expectPage and cprvagt.consent"
            }
            JourneyProblem::UnknownKey(_) => "keys are named as browsers do: Enter, Tab, ArrowDown, a",
            JourneyProblem::NoStart => "let the recording begin with a navigate step",
            JourneyProblem::OpenPlaceholder(_) | JourneyProblem::UnknownPlaceholder(_) => {
                "placeholders are {{cpr}}, {{cpr:field}} and {{env:CPRVAGT_NAME}}"
            }
            JourneyProblem::Unfilled(name) => {
                return match name.strip_prefix("env:") {
                    Some(variable) if variable.starts_with(SECRETS) => {
                        format!("set the environment variable {variable}")
                    }
                    Some(_) => {
                        format!("journeys get variables that begin with {SECRETS}, as in {{{{env:{SECRETS}CODE}}}}")
                    }
                    None => "declare a test person that may be used on this system".to_owned(),
                };
            }
            JourneyProblem::LiteralNumber(_) => "write {{cpr}} in its place: the test person's number is filled in",
            JourneyProblem::LiteralPassword => {
                "write {{env:CPRVAGT_NAME}} in its place and set that environment variable to the password"
            }
        };
        help.to_owned()
    }
}

fn place(step: Option<usize>) -> String {
    step.map(|step| format!("step {step}: ")).unwrap_or_default()
}
