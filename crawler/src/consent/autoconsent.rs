//! Banners by `DuckDuckGo`'s autoconsent: the rules that know the makers of banners one by one.
//!
//! Its content script and rules are embedded as published (MPL-2.0, see `vendor/autoconsent`). It lives in a world of its
//! own, hands its messages over in a list that only that world sees, and is never believed: whether an answer was taken is
//! judged by the page and by what it stored.

use std::sync::LazyLock;
use std::thread;
use std::time::{Duration, Instant};

use model::ConsentState;
use serde_json::{Value, from_str, json};

use super::messages::{MAX_MESSAGE, MAX_MESSAGES, Message};
use super::surface::Surface;
use crate::BrowserError;

/// The content script.
const SCRIPT: &str = include_str!("../../vendor/autoconsent/autoconsent.playwright.js");

/// Rules for makers of banners, and for single sites, all with both answers: the compact ones beside them know no yes.
const RULES: &str = include_str!("../../vendor/autoconsent/rules.json");

/// What the names of rules begin with that were made by a machine for one site: nearly all know no yes.
const GENERATED: &str = "auto_";

/// How long a look may take. Pages have settled before, so nearly all answer within a tenth of a second.
const LOOK_DEADLINE: Duration = Duration::from_secs(2);

/// How long a banner may take to show once its maker is known; it is looked for twice in that time.
const SHOWS_DEADLINE: Duration = Duration::from_millis(700);

/// How long an answer may take: the longest rules wait for five seconds here and there.
const ANSWER_DEADLINE: Duration = Duration::from_secs(15);

/// How often messages are asked for; a piece of script is waited for a second.
const POLL: Duration = Duration::from_millis(40);

/// The rules as the script takes them.
static BUNDLE: LazyLock<String> = LazyLock::new(|| {
    let rules: Value = from_str(RULES).unwrap_or_default();
    let rules = rules.get("autoconsent").and_then(Value::as_array).cloned().unwrap_or_default();
    let is_made_by_hand =
        |rule: &Value| rule.get("name").and_then(Value::as_str).is_some_and(|name| !name.starts_with(GENERATED));
    let rules: Vec<Value> = rules.into_iter().filter(is_made_by_hand).collect();
    let config = json!({
        "enabled": true,
        // It waits for our word.
        "autoAction": null,
        // Hiding a banner is no answer.
        "enableCosmeticRules": false,
        "enableGeneratedRules": false,
        "enablePrehide": false,
        "enableHeuristicDetection": false,
        "heuristicMode": "off",
        "detectRetries": 0,
        "isMainWorld": false,
        "logs": {
            "lifecycle": false, "rulesteps": false, "detectionsteps": false, "evals": false, "errors": false,
            "messages": false, "waits": false,
        },
    });
    json!({"type": "initResp", "rules": {"autoconsent": rules}, "config": config}).to_string()
});

/// The banner that shows, if one does: its name, and the document that it stands in.
pub(super) fn look(surfaces: &[Surface<'_>]) -> Result<Option<(String, usize)>, BrowserError> {
    let mut asked: Vec<(usize, Stage)> = Vec::new();
    for (at, surface) in surfaces.iter().enumerate() {
        if surface.ask(&install())?.is_some_and(|done| done == true) {
            asked.push((at, Stage::Looks));
        }
    }
    let begun = Instant::now();
    let mut detected: Option<Instant> = None;
    while begun.elapsed() < LOOK_DEADLINE && asked.iter().any(|(_, stage)| *stage != Stage::Nothing) {
        if detected.is_some_and(|since| since.elapsed() > SHOWS_DEADLINE) {
            break;
        }
        for (at, stage) in &mut asked {
            let Some(surface) = surfaces.get(*at) else { continue };
            for message in take(surface)? {
                match message {
                    Message::PopupFound { cmp } => return Ok(Some((cmp, *at))),
                    Message::CmpDetected => detected = detected.or(Some(Instant::now())),
                    Message::Report { state } if state.lifecycle == "nothingDetected" => *stage = Stage::Nothing,
                    Message::Init
                    | Message::Eval { .. }
                    | Message::OptOutResult { .. }
                    | Message::OptInResult { .. }
                    | Message::Report { .. }
                    | Message::Other => {}
                }
            }
        }
        thread::sleep(POLL);
    }
    Ok(None)
}

/// Gives the answer `wanted` to the banner found in `surface`, and waits until that is over, one way or the other.
pub(super) fn answer(
    surface: &Surface<'_>,
    wanted: ConsentState,
    give_up: &dyn Fn() -> bool,
) -> Result<(), BrowserError> {
    let order = match wanted {
        ConsentState::Untouched => return Ok(()),
        ConsentState::Refused => "optOut",
        ConsentState::Accepted => "optIn",
    };
    if surface.ask(&format!("void autoconsentReceiveMessage({})", json!({"type": order})))?.is_none() {
        return Ok(());
    }
    let begun = Instant::now();
    while begun.elapsed() < ANSWER_DEADLINE && !give_up() {
        // The document is gone: an answer often loads the page anew.
        if surface.ask("1")?.is_none() {
            return Ok(());
        }
        let is_over = |message: &Message| match message {
            Message::OptOutResult { .. } | Message::OptInResult { .. } => true,
            Message::Init
            | Message::Eval { .. }
            | Message::CmpDetected
            | Message::PopupFound { .. }
            | Message::Report { .. }
            | Message::Other => false,
        };
        if take(surface)?.iter().any(is_over) {
            return Ok(());
        }
        thread::sleep(POLL);
    }
    Ok(())
}

/// How far a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Looks,
    Nothing,
}

/// The script with its list of messages before it and its rules after it.
fn install() -> String {
    format!(
        "(() => {{ globalThis.consentMessages = []; globalThis.autoconsentSendMessage = (message) => {{ \
         const text = JSON.stringify(message); \
         if (text.length <= {MAX_MESSAGE} && consentMessages.length < {MAX_MESSAGES}) consentMessages.push(text); \
         return Promise.resolve(); }}; }})();\n{SCRIPT}\n;void autoconsentReceiveMessage({}); true",
        *BUNDLE
    )
}

/// What it has told since it was last asked; scripts that it wants to be evaluated are.
fn take(surface: &Surface<'_>) -> Result<Vec<Message>, BrowserError> {
    let messages = surface.ask("globalThis.consentMessages?.splice(0) ?? []")?.unwrap_or_default();
    let messages = Message::all(&messages);
    for message in &messages {
        if let Message::Eval { id, code } = message {
            let result = surface.ask_page(code)?.unwrap_or(Value::Bool(false));
            let answer = json!({"type": "evalResp", "id": id, "result": result});
            surface.ask(&format!("void autoconsentReceiveMessage({answer})"))?;
        }
    }
    Ok(messages)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_know_both_answers_but_for_one() {
        let bundle: Value = from_str(&BUNDLE).unwrap();
        let rules = bundle["rules"]["autoconsent"].as_array().unwrap();
        assert_eq!(rules.len(), 331);
        let lacks = |answer: &str| {
            let empty = rules.iter().filter(|rule| rule[answer].as_array().is_none_or(Vec::is_empty));
            empty.map(|rule| rule["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!((lacks("optIn"), lacks("optOut")), (vec!["theguardian.com".to_owned()], Vec::new()));
    }

    #[test]
    fn the_embedded_files_are_those_that_were_published() {
        // Lengths of the files in the package 16.23.0: a change to either must go with a change of its notice.
        assert_eq!((SCRIPT.len(), RULES.len()), (136_712, 684_681));
    }
}
