//! What is filled in before a journey is made: the test person's number, secrets of the environment.

use std::fmt;

use super::fault::JourneyProblem;

/// What the environment variables are called that a journey may name. It may come from the supplier who is audited, and
/// what it types goes there: other secrets of this machine are none of its business.
pub const SECRETS: &str = "CPRVAGT_";

/// Shorter texts from the environment are words such as a language, and would blank out half of every sentence.
const SHORTEST_SECRET: usize = 4;

/// What is filled in: `{{cpr}}`, `{{cpr:field}}` or `{{env:NAME}}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Placeholder {
    /// The test person's number; with a name, the one planted in that field.
    Cpr(Option<String>),
    /// A variable of the environment.
    Env(String),
}

/// What is known of the world outside while a journey is read.
pub struct Lookup<'a> {
    /// What to fill in for a placeholder; `None` when there is nothing.
    pub fill: &'a dyn Fn(&Placeholder) -> Option<String>,
    /// Whether a text holds a CPR number.
    pub is_number: &'a dyn Fn(&str) -> bool,
}

/// A text of a journey with its placeholders filled in. It may be a secret, and is not shown.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Text {
    filled: String,
    /// Whether a number was filled in.
    pub(super) holds_cpr: bool,
    /// Whether all of it stood in the file.
    pub(super) is_literal: bool,
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Text(..)")
    }
}

impl Placeholder {
    /// What stands between the braces.
    fn parse(name: &str) -> Option<Self> {
        match name.trim().split_once(':') {
            None if name.trim() == "cpr" => Some(Self::Cpr(None)),
            Some(("cpr", field)) if !field.is_empty() => Some(Self::Cpr(Some(field.to_owned()))),
            Some(("env", variable)) if !variable.is_empty() => Some(Self::Env(variable.to_owned())),
            None | Some(_) => None,
        }
    }
}

impl Text {
    /// Fills `written`; secrets are kept in `secrets` with what to say in their place.
    pub(super) fn fill(
        field: &'static str,
        written: &str,
        lookup: &Lookup<'_>,
        secrets: &mut Vec<(String, String)>,
    ) -> Result<Self, JourneyProblem> {
        let mut text = Self { filled: String::new(), holds_cpr: false, is_literal: true };
        let mut left = written;
        while let Some((before, rest)) = left.split_once("{{") {
            let (name, after) = rest.split_once("}}").ok_or(JourneyProblem::OpenPlaceholder(field))?;
            let placeholder =
                Placeholder::parse(name).ok_or_else(|| JourneyProblem::UnknownPlaceholder(name.to_owned()))?;
            let value = (lookup.fill)(&placeholder).ok_or_else(|| JourneyProblem::Unfilled(name.trim().to_owned()))?;
            text.filled.push_str(before);
            text.filled.push_str(&value);
            text.is_literal = false;
            match placeholder {
                Placeholder::Cpr(_) => text.holds_cpr = true,
                Placeholder::Env(variable) => keep_secret(secrets, value, &variable),
            }
            left = after;
        }
        text.filled.push_str(left);
        Ok(text)
    }

    /// What to type, in clear.
    pub(super) fn reveal(&self) -> &str {
        &self.filled
    }
}

fn keep_secret(secrets: &mut Vec<(String, String)>, value: String, variable: &str) {
    let is_new = secrets.iter().all(|(known, _)| *known != value);
    if is_new && value.len() >= SHORTEST_SECRET {
        secrets.push((value, format!("{{{{env:{variable}}}}}")));
        // One secret may stand in another.
        secrets.sort_by_key(|(secret, _)| std::cmp::Reverse(secret.len()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn filled(written: &str) -> Result<(String, bool, bool), JourneyProblem> {
        let fill = |placeholder: &Placeholder| match placeholder {
            Placeholder::Cpr(None) => Some("0101455017".to_owned()),
            Placeholder::Cpr(Some(_)) => None,
            Placeholder::Env(name) => (name == "KODE").then(|| "hemmelig".to_owned()),
        };
        let lookup = Lookup { fill: &fill, is_number: &|_| false };
        let text = Text::fill("value", written, &lookup, &mut Vec::new())?;
        Ok((text.reveal().to_owned(), text.holds_cpr, text.is_literal))
    }

    #[test]
    fn placeholders_are_filled_wherever_they_stand() {
        assert_eq!(filled("Hej"), Ok(("Hej".into(), false, true)));
        assert_eq!(filled("{{cpr}}"), Ok(("0101455017".into(), true, false)));
        assert_eq!(
            filled("https://a.test/{{ env:KODE }}?c={{cpr}}&x"),
            Ok(("https://a.test/hemmelig?c=0101455017&x".into(), true, false))
        );
        assert_eq!(filled("{\"a\": {}}"), Ok(("{\"a\": {}}".into(), false, true)));
    }

    #[test]
    fn what_cannot_be_filled_is_named() {
        assert_eq!(filled("{{env:ANDEN}}"), Err(JourneyProblem::Unfilled("env:ANDEN".into())));
        assert_eq!(filled("{{cpr:felt}}"), Err(JourneyProblem::Unfilled("cpr:felt".into())));
        assert_eq!(filled("{{navn}}"), Err(JourneyProblem::UnknownPlaceholder("navn".into())));
        assert_eq!(filled("{{cpr"), Err(JourneyProblem::OpenPlaceholder("value")));
    }

    #[test]
    fn a_filled_text_is_not_printed() {
        let lookup = Lookup { fill: &|_| Some("hemmelig".to_owned()), is_number: &|_| false };
        let mut secrets = Vec::new();
        let text = Text::fill("value", "{{env:KODE}}", &lookup, &mut secrets).unwrap();
        assert_eq!(format!("{text:?}"), "Text(..)");
        assert_eq!(secrets, [("hemmelig".to_owned(), "{{env:KODE}}".to_owned())]);
    }
}
