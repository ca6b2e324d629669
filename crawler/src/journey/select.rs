//! Finds the element of a step: each way that the recording gives, in order, until one leads to something seen.

use serde_json::{Value, json};

use super::Selectors;
use super::pane::{Handle, Place};
use crate::BrowserError;

/// Elements taken along on the way: more than this match nothing a person meant.
const MAX_FOUND: usize = 200;

/// Elements that an accessible name is asked below of: each is a question to the browser.
const MAX_SCOPES: usize = 20;

/// What looking for an element came to.
pub(super) enum Sought {
    /// It is there.
    Found(Handle),
    /// It is not; how many match by the way that came closest.
    Missing(Tally),
}

/// How close a way came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Tally {
    /// Elements that a person sees.
    pub(super) seen: u64,
    /// Elements there are.
    pub(super) found: u64,
}

/// What an `aria/` selector asks for.
#[derive(Debug, PartialEq, Eq)]
struct Aria {
    name: Option<String>,
    role: Option<String>,
}

impl Place<'_> {
    /// The first element that a person sees, and can use where `wants_enabled`.
    pub(super) fn find(&self, selectors: &Selectors, wants_enabled: bool) -> Result<Sought, BrowserError> {
        let mut best = Tally::default();
        for chain in &selectors.0 {
            let Some(elements) = self.follow(chain)? else { continue };
            let judged = self.tell("judge", &[elements.argument(), json!({"value": wants_enabled})])?;
            let Some(judged) = judged else { continue };
            let count = |name: &str| judged.get(name).and_then(Value::as_u64).unwrap_or_default();
            best = best.max(Tally { seen: count("seen"), found: count("found") });
            let Some(chosen) = judged.get("chosen").filter(|chosen| chosen.is_u64()) else { continue };
            if let Some(element) = self.nth(&elements, chosen)? {
                return Ok(Sought::Found(element));
            }
        }
        Ok(Sought::Missing(best))
    }

    /// All that the first way that leads anywhere leads to.
    pub(super) fn find_all(&self, selectors: &Selectors) -> Result<Option<Handle>, BrowserError> {
        let mut last = None;
        for chain in &selectors.0 {
            let Some(elements) = self.follow(chain)? else { continue };
            if self.length(&elements)? > 0 {
                return Ok(Some(elements));
            }
            last = Some(elements);
        }
        Ok(last)
    }

    /// The list of elements at the end of a chain; `None` for a selector that the browser does not take.
    fn follow(&self, chain: &[String]) -> Result<Option<Handle>, BrowserError> {
        let Some(document) = self.document()? else { return Ok(None) };
        let Some(mut list) = self.list(&[document])? else { return Ok(None) };
        for part in chain {
            let next = match part.strip_prefix("aria/") {
                Some(aria) => self.seek_accessible(&list, &Aria::parse(aria))?,
                None => self.hold("seek", &[list.argument(), json!({"value": part}), json!({"value": MAX_FOUND})])?,
            };
            let Some(next) = next else { return Ok(None) };
            list = next;
        }
        Ok(Some(list))
    }

    fn seek_accessible(&self, scopes: &Handle, aria: &Aria) -> Result<Option<Handle>, BrowserError> {
        let mut found = Vec::new();
        for index in 0..self.length(scopes)?.min(MAX_SCOPES) {
            let Some(scope) = self.nth(scopes, &json!(index))? else { continue };
            let most = MAX_FOUND.saturating_sub(found.len());
            found.extend(self.accessible(&scope, aria.name.as_deref(), aria.role.as_deref(), most)?);
        }
        self.list(&found)
    }

    fn list(&self, elements: &[Handle]) -> Result<Option<Handle>, BrowserError> {
        let arguments: Vec<Value> = elements.iter().map(Handle::argument).collect();
        let Some(document) = self.document()? else { return Ok(None) };
        let made = self.call_function(&document.0, "function (...given) { return given }", &arguments, false)?;
        Ok(made.and_then(|made| Some(Handle(made.get("objectId")?.as_str()?.to_owned()))))
    }

    fn nth(&self, list: &Handle, index: &Value) -> Result<Option<Handle>, BrowserError> {
        let arguments = [json!({"value": index})];
        let element = self.call_function(&list.0, "function (index) { return this[index] }", &arguments, false)?;
        Ok(element.and_then(|element| Some(Handle(element.get("objectId")?.as_str()?.to_owned()))))
    }

    fn length(&self, list: &Handle) -> Result<usize, BrowserError> {
        let length = self.call_function(&list.0, "function () { return this.length }", &[], true)?;
        let length = length.and_then(|length| length.get("value")?.as_u64()).unwrap_or_default();
        Ok(usize::try_from(length).unwrap_or(usize::MAX))
    }
}

impl Aria {
    /// `Name[role="button"]`, either half alone, in either order.
    fn parse(written: &str) -> Self {
        let mut aria = Self { name: None, role: None };
        let mut left = written;
        let mut words = String::new();
        while let Some((before, rest)) = left.split_once('[') {
            words.push_str(before);
            let Some((attribute, after)) = attribute(rest) else {
                words.push('[');
                left = rest;
                continue;
            };
            match attribute {
                ("role", value) => aria.role = Some(value.to_owned()),
                (_, value) => aria.name = Some(value.to_owned()),
            }
            left = after;
        }
        words.push_str(left);
        let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
        if !words.is_empty() {
            aria.name = Some(words);
        }
        aria
    }
}

/// `role="button"]` or the same of `name`: what it says, and what comes after it.
fn attribute(text: &str) -> Option<((&'static str, &str), &str)> {
    let (name, rest) = text.split_once('=')?;
    let name = ["role", "name"].into_iter().find(|known| *known == name.trim())?;
    let rest = rest.trim_start();
    let quote = rest.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    let (value, after) = rest.get(1..)?.split_once(quote)?;
    Some(((name, value), after.trim_start().strip_prefix(']')?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(written: &str, name: Option<&str>, role: Option<&str>) {
        assert_eq!(Aria::parse(written), Aria { name: name.map(str::to_owned), role: role.map(str::to_owned) });
    }

    #[test]
    fn an_accessible_name_may_have_a_role() {
        case("Log ind", Some("Log ind"), None);
        case("Log  ind[role=\"button\"]", Some("Log ind"), Some("button"));
        case("[role='link']", None, Some("link"));
        case("[name=\"CPR-nummer\"][role=\"textbox\"]", Some("CPR-nummer"), Some("textbox"));
        case("Beløb [kr.]", Some("Beløb [kr.]"), None);
        case("x[role=\"a", Some("x[role=\"a"), None);
    }
}
