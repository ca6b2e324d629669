//! Reads a recording. All of it is judged before any browser starts; fields that are not known are left aside, as the
//! browser's own replay leaves them.

use std::time::Duration;

use serde_json::{Map, Value};

use super::fault::{JourneyError, JourneyProblem};
use super::members::{Fields, Parsed, decimal, needed, truth, whole, words};
use super::placeholders::{Lookup, Text};
use super::{
    Action, Awaited, Button, Click, Device, Expected, Journey, Navigation, Operator, PaneName, Selectors, Step,
    Viewport,
};
use crate::keys::Key;

/// A recording of a thousand steps has some 500 kB.
const MAX_BYTES: usize = 4 << 20;

/// No person records more in one go.
const MAX_STEPS: usize = 1_000;

/// Ways to one element; the Recorder writes five.
const MAX_SELECTORS: usize = 50;

/// Shadow roots, or frames, one in the other.
const MAX_DEPTH: usize = 20;

/// Navigations of one step; a login by redirects has some five.
const MAX_NAVIGATIONS: usize = 50;

/// Longest wait that a recording may ask for, as in the Recorder's own replay.
const MAX_TIMEOUT_MS: u64 = 30_000;

/// Longest time that a button is held.
const MAX_HOLD_MS: u64 = 10_000;

/// How long a click takes when the recording does not say.
const HOLD_MS: u64 = 50;

/// Widest and tallest screen.
const MAX_PIXELS: u64 = 10_000;

/// What fields for passwords are called by those who record them.
const PASSWORDS: [&str; 7] = ["password", "passwd", "pwd", "adgangskode", "kodeord", "passphrase", "pinkode"];

/// Words of a selector that do not tell what a field is for.
const STRUCTURE: [&str; 14] =
    ["aria", "text", "xpath", "pierce", "id", "name", "type", "input", "form", "label", "div", "role", "textbox", "p"];

impl Journey {
    /// Reads a recording and fills its placeholders.
    ///
    /// An error names the step. A CPR number anywhere in the file is one, and so is a password where the recording
    /// itself tells that it is one; a password in another file is refused by the step that would type it.
    pub fn parse(text: &str, lookup: &Lookup<'_>) -> Result<Self, JourneyError> {
        let whole = |problem| JourneyError { step: None, problem };
        if text.len() > MAX_BYTES {
            return Err(whole(JourneyProblem::TooLarge(MAX_BYTES)));
        }
        let recording: Value =
            serde_json::from_str(text).map_err(|error| whole(JourneyProblem::NoJson(error.to_string())))?;
        let fields = recording
            .as_object()
            .ok_or_else(|| whole(JourneyProblem::Wrong { field: "recording", wanted: "an object" }))?;
        let title = words(fields, "title").and_then(|title| title.ok_or(JourneyProblem::Missing("title")));
        let title = title.map_err(whole)?.to_owned();
        let timeout = timeout(fields).map_err(whole)?;
        let mut outside_steps = fields.iter().filter(|(name, _)| name.as_str() != "steps");
        outside_steps.try_for_each(|(name, value)| refuse_numbers(name, value, lookup)).map_err(whole)?;
        let recorded = fields.get("steps").ok_or_else(|| whole(JourneyProblem::Missing("steps")))?;
        let recorded = recorded
            .as_array()
            .ok_or_else(|| whole(JourneyProblem::Wrong { field: "steps", wanted: "a list of steps" }))?;
        if recorded.len() > MAX_STEPS {
            return Err(whole(JourneyProblem::TooManySteps(MAX_STEPS)));
        }
        let mut secrets = Vec::new();
        let mut steps: Vec<Step> = Vec::new();
        for (at, recorded) in recorded.iter().enumerate() {
            let number = at + 1;
            let in_step = |problem| JourneyError { step: Some(number), problem };
            let step = step(number, recorded, timeout, lookup, &mut secrets).map_err(in_step)?;
            if !step.prepares() && !steps.iter().any(Step::is_navigate) && !step.is_navigate() {
                return Err(in_step(JourneyProblem::NoStart));
            }
            steps.push(step);
        }
        if !steps.iter().any(Step::is_navigate) {
            return Err(whole(JourneyProblem::NoStart));
        }
        Ok(Self { title, steps, secrets })
    }
}

impl Step {
    /// Whether it needs no page.
    fn prepares(&self) -> bool {
        matches!(self.action, Action::SetViewport(_) | Action::EmulateNetworkConditions { .. })
    }
}

fn step(
    number: usize,
    recorded: &Value,
    timeout_of_all: Option<Duration>,
    lookup: &Lookup<'_>,
    secrets: &mut Vec<(String, String)>,
) -> Parsed<Step> {
    let fields = recorded.as_object().ok_or(JourneyProblem::Wrong { field: "step", wanted: "an object" })?;
    let kind = words(fields, "type")?.ok_or(JourneyProblem::Missing("type"))?;
    fields.iter().try_for_each(|(name, value)| refuse_numbers(name, value, lookup))?;
    let target = match words(fields, "target")? {
        None | Some("main") => PaneName::Main,
        Some(url) => PaneName::Popup(Text::fill("target", url, lookup, secrets)?.reveal().to_owned()),
    };
    let action = match kind {
        "setViewport" => Action::SetViewport(viewport(fields)?),
        "navigate" => {
            let url = words(fields, "url")?.ok_or(JourneyProblem::Missing("url"))?;
            let url = Text::fill("url", url, lookup, secrets)?;
            if model::Target::parse(url.reveal()).is_err() {
                return Err(JourneyProblem::Wrong { field: "url", wanted: "an address" });
            }
            Action::Navigate(url)
        }
        "click" => Action::Click(selectors(fields)?, click(fields)?),
        "doubleClick" => Action::DoubleClick(selectors(fields)?, click(fields)?),
        "hover" => Action::Hover(selectors(fields)?),
        "change" => {
            let selectors = selectors(fields)?;
            let value = words(fields, "value")?.ok_or(JourneyProblem::Missing("value"))?;
            let value = Text::fill("value", value, lookup, secrets)?;
            if value.is_literal && !value.reveal().is_empty() && names_password(&selectors) {
                return Err(JourneyProblem::LiteralPassword);
            }
            Action::Change(selectors, value)
        }
        "keyDown" => Action::KeyDown(key(fields)?),
        "keyUp" => Action::KeyUp(key(fields)?),
        "scroll" => Action::Scroll {
            element: if fields.contains_key("selectors") { Some(selectors(fields)?) } else { None },
            x: decimal(fields, "x")?.unwrap_or_default(),
            y: decimal(fields, "y")?.unwrap_or_default(),
        },
        "close" => Action::Close,
        "emulateNetworkConditions" => Action::EmulateNetworkConditions {
            download: needed(decimal(fields, "download")?, "download")?,
            upload: needed(decimal(fields, "upload")?, "upload")?,
            latency: needed(decimal(fields, "latency")?, "latency")?,
        },
        "waitForElement" => Action::WaitForElement(selectors(fields)?, awaited(fields)?),
        "waitForExpression" => {
            Action::WaitForExpression(needed(words(fields, "expression")?, "expression")?.to_owned())
        }
        "customStep" => custom(fields, lookup, secrets)?,
        unknown => return Err(JourneyProblem::UnknownStep(unknown.to_owned())),
    };
    Ok(Step {
        number,
        kind: kind.to_owned(),
        target,
        frame: frame(fields)?,
        timeout: timeout(fields)?.or(timeout_of_all),
        navigations: navigations(fields, lookup, secrets)?,
        action,
    })
}

/// Any text of a step, wherever it stands in it.
fn refuse_numbers(name: &str, value: &Value, lookup: &Lookup<'_>) -> Parsed<()> {
    // serde_json itself refuses what is nested more than 128 deep.
    match value {
        Value::String(text) if (lookup.is_number)(text) => Err(JourneyProblem::LiteralNumber(name.to_owned())),
        Value::Array(values) => values.iter().try_for_each(|value| refuse_numbers(name, value, lookup)),
        Value::Object(fields) => fields.iter().try_for_each(|(inner, value)| {
            if (lookup.is_number)(inner) {
                return Err(JourneyProblem::LiteralNumber(name.to_owned()));
            }
            refuse_numbers(name, value, lookup)
        }),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}

/// Whether a selector says of itself that its field is for a password and for nothing else.
fn names_password(selectors: &Selectors) -> bool {
    selectors.0.iter().filter_map(|chain| chain.last()).any(|selector| {
        let lower = selector.to_lowercase();
        let mut told = lower
            .split(|character: char| !character.is_alphanumeric())
            .filter(|word| !word.is_empty() && !STRUCTURE.contains(word))
            .peekable();
        told.peek().is_some() && told.all(|word| PASSWORDS.contains(&word))
    })
}

fn selectors(fields: &Fields) -> Parsed<Selectors> {
    const WRONG: JourneyProblem =
        JourneyProblem::Wrong { field: "selectors", wanted: "a list of selectors, each a text or a list of texts" };
    let listed = needed(fields.get("selectors"), "selectors")?.as_array().ok_or(WRONG)?;
    if listed.is_empty() || listed.len() > MAX_SELECTORS {
        return Err(WRONG);
    }
    let chain = |selector: &Value| match selector {
        Value::String(text) => Ok(vec![text.clone()]),
        Value::Array(parts) if !parts.is_empty() && parts.len() <= MAX_DEPTH => {
            parts.iter().map(|part| part.as_str().map(str::to_owned).ok_or(WRONG)).collect()
        }
        Value::Array(_) | Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => Err(WRONG),
    };
    Ok(Selectors(listed.iter().map(chain).collect::<Parsed<_>>()?))
}

fn click(fields: &Fields) -> Parsed<Click> {
    let button = match words(fields, "button")? {
        None | Some("primary") => Button::Primary,
        Some("auxiliary") => Button::Auxiliary,
        Some("secondary") => Button::Secondary,
        Some("back") => Button::Back,
        Some("forward") => Button::Forward,
        Some(_) => return Err(JourneyProblem::Wrong { field: "button", wanted: "a mouse button" }),
    };
    let device = match words(fields, "deviceType")? {
        None | Some("mouse") => Device::Mouse,
        Some("pen") => Device::Pen,
        Some("touch") => Device::Touch,
        Some(_) => return Err(JourneyProblem::Wrong { field: "deviceType", wanted: "mouse, pen or touch" }),
    };
    let held = whole(fields, "duration")?.unwrap_or(HOLD_MS);
    if held > MAX_HOLD_MS {
        return Err(JourneyProblem::Wrong { field: "duration", wanted: "at most 10000 milliseconds" });
    }
    let offset = (needed(decimal(fields, "offsetX")?, "offsetX")?, needed(decimal(fields, "offsetY")?, "offsetY")?);
    Ok(Click { button, device, duration: Duration::from_millis(held), offset })
}

fn key(fields: &Fields) -> Parsed<Key> {
    let name = needed(words(fields, "key")?, "key")?;
    Key::parse(name).ok_or_else(|| JourneyProblem::UnknownKey(name.to_owned()))
}

fn viewport(fields: &Fields) -> Parsed<Viewport> {
    let side = |name| match needed(whole(fields, name)?, name)? {
        side @ 1..=MAX_PIXELS => Ok(side),
        _ => Err(JourneyProblem::Wrong { field: name, wanted: "between 1 and 10000" }),
    };
    let is = |name| needed(truth(fields, name)?, name);
    Ok(Viewport {
        width: side("width")?,
        height: side("height")?,
        scale: needed(decimal(fields, "deviceScaleFactor")?, "deviceScaleFactor")?,
        is_mobile: is("isMobile")?,
        has_touch: is("hasTouch")?,
        is_landscape: is("isLandscape")?,
    })
}

fn awaited(fields: &Fields) -> Parsed<Awaited> {
    let operator = match words(fields, "operator")? {
        None | Some(">=") => Operator::AtLeast,
        Some("==") => Operator::Exactly,
        Some("<=") => Operator::AtMost,
        Some(_) => return Err(JourneyProblem::Wrong { field: "operator", wanted: ">=, == or <=" }),
    };
    let object = |name| match fields.get(name) {
        None => Ok(Value::Object(Map::new())),
        Some(value @ Value::Object(_)) => Ok(value.clone()),
        Some(_) => Err(JourneyProblem::Wrong { field: name, wanted: "an object" }),
    };
    Ok(Awaited {
        operator,
        count: whole(fields, "count")?.unwrap_or(1),
        visible: truth(fields, "visible")?,
        attributes: object("attributes")?,
        properties: object("properties")?,
    })
}

fn custom(fields: &Fields, lookup: &Lookup<'_>, secrets: &mut Vec<(String, String)>) -> Parsed<Action> {
    let name = needed(words(fields, "name")?, "name")?;
    match name {
        "cprvagt.consent" => return Ok(Action::Consent),
        "cprvagt.expectPage" => {}
        _ => return Err(JourneyProblem::UnknownCustomStep(name.to_owned())),
    }
    let wrong = JourneyProblem::Wrong { field: "parameters", wanted: "an object with url, title or text" };
    let Value::Object(told) = needed(fields.get("parameters"), "parameters")? else { return Err(wrong) };
    let mut fill = |name| -> Parsed<Option<String>> {
        let Some(written) = words(told, name)? else { return Ok(None) };
        Ok(Some(Text::fill(name, written, lookup, secrets)?.reveal().to_owned()))
    };
    let expected = Expected { url: fill("url")?, title: fill("title")?, text: fill("text")? };
    if expected == Expected::default() { Err(wrong) } else { Ok(Action::ExpectPage(expected)) }
}

fn frame(fields: &Fields) -> Parsed<Vec<usize>> {
    const WRONG: JourneyProblem = JourneyProblem::Wrong { field: "frame", wanted: "a list of places of frames" };
    let Some(listed) = fields.get("frame") else { return Ok(Vec::new()) };
    let listed = listed.as_array().filter(|listed| listed.len() <= MAX_DEPTH).ok_or(WRONG)?;
    let place = |place: &Value| place.as_u64().and_then(|place| usize::try_from(place).ok()).ok_or(WRONG);
    listed.iter().map(place).collect()
}

fn navigations(fields: &Fields, lookup: &Lookup<'_>, secrets: &mut Vec<(String, String)>) -> Parsed<Vec<Navigation>> {
    const WRONG: JourneyProblem =
        JourneyProblem::Wrong { field: "assertedEvents", wanted: "a list of navigations, the only event there is" };
    let Some(listed) = fields.get("assertedEvents") else { return Ok(Vec::new()) };
    let listed = listed.as_array().filter(|listed| listed.len() <= MAX_NAVIGATIONS).ok_or(WRONG)?;
    let mut navigations = Vec::new();
    for event in listed {
        let event = event.as_object().ok_or(WRONG)?;
        if words(event, "type")? != Some("navigation") {
            return Err(WRONG);
        }
        let url = words(event, "url")?.filter(|url| !url.is_empty());
        let url = url.map(|url| Text::fill("assertedEvents", url, lookup, secrets)).transpose()?;
        navigations.push(Navigation { url: url.map(|url| url.reveal().to_owned()) });
    }
    Ok(navigations)
}

fn timeout(fields: &Fields) -> Parsed<Option<Duration>> {
    match whole(fields, "timeout")? {
        None => Ok(None),
        Some(time @ 1..=MAX_TIMEOUT_MS) => Ok(Some(Duration::from_millis(time))),
        Some(_) => Err(JourneyProblem::Wrong { field: "timeout", wanted: "between 1 and 30000 milliseconds" }),
    }
}

#[cfg(test)]
mod tests {
    use super::super::placeholders::Placeholder;
    use super::*;

    const START: &str = r#"{"type": "navigate", "url": "https://a.test/"}"#;

    fn parsed(steps: &str) -> Result<Journey, JourneyError> {
        let fill = |placeholder: &Placeholder| match placeholder {
            Placeholder::Cpr(_) => Some("0101455017".to_owned()),
            Placeholder::Env(name) => (name == "KODE").then(|| "hemmelig".to_owned()),
        };
        let is_number = |text: &str| text.contains("0707614285");
        let text = format!(r#"{{"title": "Log ind", "timeout": 4000, "steps": [{steps}]}}"#);
        Journey::parse(&text, &Lookup { fill: &fill, is_number: &is_number })
    }

    /// `step` as the second of a journey.
    #[track_caller]
    fn second(step: &str) -> Step {
        parsed(&format!("{START}, {step}")).unwrap().steps.swap_remove(1)
    }

    #[track_caller]
    fn refused(step: &str) -> String {
        let error = parsed(&format!("{START}, {step}")).unwrap_err();
        assert!(!error.help().is_empty());
        error.to_string()
    }

    #[test]
    fn every_step_of_the_recorder_is_known() {
        let at = r##""selectors": [["aria/Send[role=\"button\"]"], "#send", ["#vaert", ".knap"], "xpath//*[@id]"]"##;
        let cases = [
            (
                r#"{"type": "setViewport", "width": 800, "height": 600, "deviceScaleFactor": 1.5, "isMobile": false,
                "hasTouch": false, "isLandscape": true}"#
                    .to_owned(),
                "SetViewport",
            ),
            (START.to_owned(), "Navigate"),
            (format!(r#"{{"type": "click", {at}, "offsetX": 1.5, "offsetY": 2}}"#), "Click"),
            (
                format!(
                    r#"{{"type": "doubleClick", {at}, "offsetX": 1, "offsetY": 2, "button": "secondary",
                    "deviceType": "touch", "duration": 200}}"#
                ),
                "DoubleClick",
            ),
            (format!(r#"{{"type": "hover", {at}}}"#), "Hover"),
            (format!(r#"{{"type": "change", {at}, "value": "{{{{cpr}}}}"}}"#), "Change"),
            (r#"{"type": "keyDown", "key": "Enter"}"#.to_owned(), "KeyDown"),
            (r#"{"type": "keyUp", "key": "Enter"}"#.to_owned(), "KeyUp"),
            (r#"{"type": "scroll", "x": 0, "y": 100}"#.to_owned(), "Scroll"),
            (format!(r#"{{"type": "scroll", {at}, "y": 3.5}}"#), "Scroll"),
            (r#"{"type": "close", "target": "https://a.test/vindue"}"#.to_owned(), "Close"),
            (
                r#"{"type": "emulateNetworkConditions", "download": 50000, "upload": 50000, "latency": 2000}"#
                    .to_owned(),
                "EmulateNetworkConditions",
            ),
            (
                format!(
                    r#"{{"type": "waitForElement", {at}, "operator": "==", "count": 2, "visible": true,
                    "attributes": {{"a": "b"}}, "properties": {{"x": {{"y": 1}}}}}}"#
                ),
                "WaitForElement",
            ),
            (r#"{"type": "waitForExpression", "expression": "window.ready"}"#.to_owned(), "WaitForExpression"),
            (
                r#"{"type": "customStep", "name": "cprvagt.expectPage", "parameters": {"text": "Velkommen"}}"#
                    .to_owned(),
                "ExpectPage",
            ),
        ];
        for (step, action) in cases {
            let printed = format!("{:?}", second(&step).action);
            assert!(printed.starts_with(action), "{printed}");
        }
    }

    #[test]
    fn what_all_steps_may_have_is_read() {
        let step = second(
            r#"{"type": "keyDown", "key": "a", "target": "https://a.test/v", "frame": [0, 2], "timeout": 900,
            "assertedEvents": [{"type": "navigation", "url": "https://a.test/{{env:KODE}}", "title": ""},
            {"type": "navigation", "url": ""}]}"#,
        );
        assert_eq!((step.number, step.kind.as_str(), step.frame), (2, "keyDown", vec![0, 2]));
        assert_eq!(step.timeout, Some(Duration::from_millis(900)));
        assert_eq!(step.target, PaneName::Popup("https://a.test/v".into()));
        let urls: Vec<Option<&str>> = step.navigations.iter().map(|event| event.url.as_deref()).collect();
        assert_eq!(urls, [Some("https://a.test/hemmelig"), None]);
        assert_eq!(second(START).timeout, Some(Duration::from_secs(4)), "else the journey's own");
    }

    #[test]
    fn what_is_no_step_is_refused_with_its_place() {
        for (step, why) in [
            (r#"{"type": "fly"}"#, "step 2: unknown type of step `fly`"),
            (r#"{"url": "x"}"#, "step 2: `type` is missing"),
            ("7", "step 2: `step` is not an object"),
            (r#"{"type": "navigate"}"#, "step 2: `url` is missing"),
            (r#"{"type": "navigate", "url": "forside"}"#, "step 2: `url` is not an address"),
            (r##"{"type": "click", "selectors": ["#a"], "offsetX": 1}"##, "step 2: `offsetY` is missing"),
            (r#"{"type": "click", "offsetX": 1, "offsetY": 1}"#, "step 2: `selectors` is missing"),
            (r#"{"type": "hover", "selectors": []}"#, "step 2: `selectors` is not a list"),
            (r#"{"type": "hover", "selectors": [7]}"#, "step 2: `selectors` is not a list"),
            (r##"{"type": "change", "selectors": ["#a"]}"##, "step 2: `value` is missing"),
            (r#"{"type": "keyDown", "key": "Hokus"}"#, "step 2: unknown key `Hokus`"),
            (r#"{"type": "keyUp"}"#, "step 2: `key` is missing"),
            (r#"{"type": "setViewport", "width": 0}"#, "step 2: `width` is not between"),
            (r#"{"type": "emulateNetworkConditions", "download": 1}"#, "step 2: `upload` is missing"),
            (r#"{"type": "waitForExpression"}"#, "step 2: `expression` is missing"),
            (r#"{"type": "customStep", "name": "andet.x"}"#, "step 2: unknown custom step `andet.x`"),
            (r#"{"type": "close", "timeout": 90000}"#, "step 2: `timeout` is not between"),
            (r#"{"type": "close", "frame": [-1]}"#, "step 2: `frame` is not a list"),
            (r#"{"type": "close", "assertedEvents": [{"type": "x"}]}"#, "step 2: `assertedEvents` is not a list"),
            (
                r##"{"type": "change", "selectors": ["#a"], "value": "{{env:ANDEN}}"}"##,
                "step 2: nothing to put in for `{{env:ANDEN}}`",
            ),
        ] {
            let told = refused(step);
            assert!(told.starts_with(why), "{told}");
        }
    }

    #[test]
    fn a_number_or_password_in_the_file_is_refused() {
        for step in [
            r##"{"type": "change", "selectors": ["#a"], "value": "0707614285"}"##,
            r#"{"type": "navigate", "url": "https://a.test/?cpr=0707614285"}"#,
            r#"{"type": "hover", "selectors": [["text/0707614285"]]}"#,
            r#"{"type": "close", "assertedEvents": [{"type": "navigation", "title": "Sag 0707614285"}]}"#,
        ] {
            let told = refused(step);
            assert!(told.starts_with("step 2: a CPR number stands in `") && !told.contains("0707"), "{told}");
        }
        let password = r#"{"type": "change", "selectors": [["aria/Adgangskode"], ["KODE"]], "value": "hemmelig"}"#;
        assert_eq!(refused(password), "step 2: a password stands in `value`");
        second(&password.replace("hemmelig", "{{env:KODE}}"));
        second(r##"{"type": "change", "selectors": ["#glemt-password-mail"], "value": "a@example.com"}"##);
    }

    #[test]
    fn a_file_that_is_no_journey_is_refused_as_a_whole() {
        let parse = |text: &str| {
            Journey::parse(text, &Lookup { fill: &|_| None, is_number: &|text| text.contains("070761-4285") })
        };
        let told = |text: &str| parse(text).unwrap_err().to_string();
        assert!(told("{").starts_with("no JSON: "));
        assert_eq!(told("[]"), "`recording` is not an object");
        assert_eq!(told("{}"), "`title` is missing");
        assert_eq!(told(r#"{"title": "x"}"#), "`steps` is missing");
        assert_eq!(told(r#"{"title": "x", "steps": []}"#), "it acts before any page was asked for");
        assert_eq!(
            told(r#"{"title": "x", "steps": [{"type": "keyDown", "key": "a"}]}"#),
            "step 1: it acts before any page was asked for"
        );
        assert_eq!(told(r#"{"title": "070761-4285", "steps": []}"#), "a CPR number stands in `title`");
    }

    #[test]
    fn what_came_from_the_environment_is_concealed() {
        let journey = parsed(r#"{"type": "navigate", "url": "https://a.test/?token={{env:KODE}}"}"#).unwrap();
        assert_eq!(journey.conceal("https://a.test/?token=hemmelig"), "https://a.test/?token={{env:KODE}}");
        assert!(!format!("{:?}", journey.steps).contains("hemmelig"));
    }
}
