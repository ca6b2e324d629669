//! The members of an object in a recording, each as what it must be; one of another kind is a fault.

use serde_json::{Map, Value};

use super::fault::JourneyProblem;

/// An object's members.
pub(super) type Fields = Map<String, Value>;

/// What was read, or why it cannot be.
pub(super) type Parsed<T> = Result<T, JourneyProblem>;

/// What must be there.
pub(super) fn needed<T>(value: Option<T>, field: &'static str) -> Parsed<T> {
    value.ok_or(JourneyProblem::Missing(field))
}

/// A text.
pub(super) fn words<'a>(fields: &'a Fields, field: &'static str) -> Parsed<Option<&'a str>> {
    let Some(value) = fields.get(field) else { return Ok(None) };
    value.as_str().map(Some).ok_or(JourneyProblem::Wrong { field, wanted: "a text" })
}

/// True or false.
pub(super) fn truth(fields: &Fields, field: &'static str) -> Parsed<Option<bool>> {
    let Some(value) = fields.get(field) else { return Ok(None) };
    value.as_bool().map(Some).ok_or(JourneyProblem::Wrong { field, wanted: "true or false" })
}

/// A number.
pub(super) fn decimal(fields: &Fields, field: &'static str) -> Parsed<Option<f64>> {
    let Some(value) = fields.get(field) else { return Ok(None) };
    value.as_f64().map(Some).ok_or(JourneyProblem::Wrong { field, wanted: "a number" })
}

/// A whole number.
pub(super) fn whole(fields: &Fields, field: &'static str) -> Parsed<Option<u64>> {
    let Some(value) = fields.get(field) else { return Ok(None) };
    value.as_u64().map(Some).ok_or(JourneyProblem::Wrong { field, wanted: "a whole number" })
}
