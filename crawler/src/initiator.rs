//! What made the browser send a request, read from the words of its `DevTools`.

use model::{Caller, Initiator, InitiatorKind, Wanted, WhyUnknown};
use serde_json::Value;

use crate::cut::cut;

/// Callers kept: enough to find the own code behind a library's.
const MAX_CALLERS: usize = 8;

/// Stacks looked through, each what was waited for by the one before.
const MAX_STACKS: usize = 32;

/// Longest address or name kept.
const MAX_TEXT: usize = 2_000;

/// Who sends: a page or a frame, or a worker of some kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Sender {
    #[default]
    Page,
    Worker,
    SharedWorker,
    ServiceWorker,
}

impl Sender {
    /// By a target's type.
    pub(crate) fn of(kind: &str) -> Self {
        match kind {
            "worker" => Self::Worker,
            "shared_worker" => Self::SharedWorker,
            "service_worker" => Self::ServiceWorker,
            _ => Self::Page,
        }
    }

    fn kind(self) -> Option<InitiatorKind> {
        match self {
            Self::Page => None,
            Self::Worker => Some(InitiatorKind::Worker),
            Self::SharedWorker => Some(InitiatorKind::SharedWorker),
            Self::ServiceWorker => Some(InitiatorKind::ServiceWorker),
        }
    }
}

/// Reads what `Network.requestWillBeSent`, or `Network.webSocketCreated`, says of who made the request.
pub(crate) fn initiator(sender: Sender, params: &Value) -> Initiator {
    let said = params.get("initiator");
    let how = said.and_then(|said| text(said, "type")).unwrap_or_default();
    let document = text(params, "documentURL").filter(|url| !url.is_empty()).map(|url| cut(url, MAX_TEXT));
    let wanted = text(params, "type").map(wanted);
    let callers = said.and_then(|said| said.get("stack")).map(callers).unwrap_or_default();
    let mut told = Initiator { document, wanted, ..Initiator::of(InitiatorKind::Unknown) };
    if let Some(first) = callers.first() {
        told.url = Some(first.url.clone());
        (told.line, told.column) = (Some(first.line), Some(first.column));
        told.function = Some(first.function.clone()).filter(|name| !name.is_empty());
    } else if let Some(said) = said {
        told.url = text(said, "url").filter(|url| !url.is_empty()).map(|url| cut(url, MAX_TEXT));
        told.line = number(said, "lineNumber");
        told.column = number(said, "columnNumber");
    }
    told.callers = callers.into_iter().skip(1).collect();
    let is_own = told.url.is_some() && same_file(told.url.as_deref(), told.document.as_deref());
    told.kind = match (sender.kind(), how) {
        (Some(worker), _) => worker,
        (None, "script") if is_own => InitiatorKind::InlineScript,
        (None, "script") => InitiatorKind::Script,
        (None, _) if wanted_early(params) => InitiatorKind::Preload,
        (None, "parser") if is_own || !may_be_of_style(told.wanted) => InitiatorKind::Markup,
        (None, "parser") => InitiatorKind::StyleSheet,
        (None, "preload") => InitiatorKind::Preload,
        (None, _) if told.wanted == Some(Wanted::Document) => InitiatorKind::Navigation,
        (None, _) => InitiatorKind::Unknown,
    };
    if told.kind == InitiatorKind::Unknown {
        told.why = Some(WhyUnknown::NotSaid);
    }
    told
}

/// The functions that were running, the nearest first, and behind them those that had waited for them.
fn callers(stack: &Value) -> Vec<Caller> {
    let mut callers = Vec::new();
    let mut stack = Some(stack);
    for _ in 0..MAX_STACKS {
        let Some(this) = stack else { break };
        for frame in this.get("callFrames").and_then(Value::as_array).into_iter().flatten() {
            if callers.len() >= MAX_CALLERS {
                return callers;
            }
            // Scripts without an address are the browser's own, or made of text.
            let Some(url) = text(frame, "url").filter(|url| !url.is_empty()) else { continue };
            callers.push(Caller {
                url: cut(url, MAX_TEXT),
                function: cut(text(frame, "functionName").unwrap_or_default(), MAX_TEXT),
                line: number(frame, "lineNumber").unwrap_or(1),
                column: number(frame, "columnNumber").unwrap_or(1),
            });
        }
        stack = this.get("parent");
    }
    callers
}

/// Whether a style sheet may ask for it. The document of a frame is told as its own.
fn may_be_of_style(wanted: Option<Wanted>) -> bool {
    match wanted {
        Some(Wanted::StyleSheet | Wanted::Image | Wanted::Font) => true,
        Some(
            Wanted::Document
            | Wanted::Media
            | Wanted::Script
            | Wanted::Data
            | Wanted::Prefetch
            | Wanted::Beacon
            | Wanted::Websocket
            | Wanted::Other,
        )
        | None => false,
    }
}

fn wanted_early(params: &Value) -> bool {
    text(params, "type").is_some_and(|kind| matches!(kind, "Prefetch" | "Preload"))
        || params.get("request").and_then(|request| request.get("isLinkPreload")) == Some(&Value::Bool(true))
}

fn wanted(kind: &str) -> Wanted {
    match kind {
        "Document" => Wanted::Document,
        "Stylesheet" => Wanted::StyleSheet,
        "Image" => Wanted::Image,
        "Media" => Wanted::Media,
        "Font" => Wanted::Font,
        "Script" => Wanted::Script,
        "XHR" | "Fetch" | "EventSource" => Wanted::Data,
        "Prefetch" => Wanted::Prefetch,
        "Ping" => Wanted::Beacon,
        "WebSocket" => Wanted::Websocket,
        _ => Wanted::Other,
    }
}

fn same_file(one: Option<&str>, other: Option<&str>) -> bool {
    let file = |url: &str| url.split('#').next().map(str::to_owned);
    one.and_then(file) == other.and_then(file)
}

/// A number that counts from 0, from 1.
fn number(value: &Value, key: &str) -> Option<u32> {
    // They come as floating-point numbers at times.
    let number = value.get(key)?;
    let number = number.as_u64().or_else(|| number.to_string().split('.').next()?.parse().ok())?;
    u32::try_from(number).ok()?.checked_add(1)
}

fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key)?.as_str()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn case(
        sender: Sender,
        kind: &str,
        said: &Value,
        expected: InitiatorKind,
        place: (Option<&str>, Option<u32>, Option<u32>),
    ) {
        let params =
            json!({"documentURL": "https://a.test/side?x=1#y", "type": kind, "initiator": said, "request": {}});
        let told = initiator(sender, &params);
        assert_eq!(
            (told.kind, told.url.as_deref(), told.line, told.column),
            (expected, place.0, place.1, place.2),
            "{said}"
        );
        assert_eq!(told.why.is_some(), expected == InitiatorKind::Unknown);
    }

    fn frames(url: &str) -> Value {
        json!([{"url": "", "functionName": "eval", "lineNumber": 0, "columnNumber": 0},
            {"url": url, "functionName": "send", "lineNumber": 2, "columnNumber": 11}])
    }

    #[test]
    fn a_script_is_told_by_its_nearest_function_that_has_a_file() {
        let script = json!({"type": "script", "stack": {"callFrames": frames("https://b.test/maal.js")}});
        case(
            Sender::Page,
            "Fetch",
            &script,
            InitiatorKind::Script,
            (Some("https://b.test/maal.js"), Some(3), Some(12)),
        );
        case(
            Sender::Worker,
            "Fetch",
            &script,
            InitiatorKind::Worker,
            (Some("https://b.test/maal.js"), Some(3), Some(12)),
        );
        let own = "https://a.test/side?x=1";
        let waited = json!({"type": "script", "stack": {"callFrames": [], "parent": {"callFrames": frames(own)}}});
        case(Sender::Page, "Image", &waited, InitiatorKind::InlineScript, (Some(own), Some(3), Some(12)));
    }

    #[test]
    fn markup_is_told_from_a_style_sheet() {
        let parser = |url: &str| json!({"type": "parser", "url": url, "lineNumber": 13, "columnNumber": 4.0});
        let own = "https://a.test/side?x=1";
        case(Sender::Page, "Image", &parser(own), InitiatorKind::Markup, (Some(own), Some(14), Some(5)));
        let style = "https://a.test/s.css";
        case(Sender::Page, "Font", &parser(style), InitiatorKind::StyleSheet, (Some(style), Some(14), Some(5)));
        case(Sender::Page, "Document", &parser(style), InitiatorKind::Markup, (Some(style), Some(14), Some(5)));
    }

    #[test]
    fn what_is_not_said_is_unknown() {
        case(Sender::Page, "Document", &json!({"type": "other"}), InitiatorKind::Navigation, (None, None, None));
        for odd in
            [json!({"type": "other"}), json!({}), json!(7), json!({"type": "script", "stack": {"callFrames": 1}})]
        {
            let kind = if odd.get("stack").is_some() { InitiatorKind::Script } else { InitiatorKind::Unknown };
            case(Sender::Page, "Other", &odd, kind, (None, None, None));
        }
    }

    #[test]
    fn callers_are_bounded_however_deep_the_stack() {
        let mut stack = json!({"callFrames": frames("https://a.test/x.js")});
        for _ in 0..100 {
            stack = json!({"callFrames": frames("https://a.test/x.js"), "parent": stack});
        }
        assert_eq!(callers(&stack).len(), MAX_CALLERS);
    }
}
