//! What traffic says stays text, in every part of the page.

use serde_json::Value;

use super::Client;
use crate::made::{self, HOSTILE};
use crate::{MarkKind, News};

/// Tags and what a browser would run, had they come through.
const SIGNS: [&str; 6] = ["<script>alert", "<img", "</title><", "onerror=alert(2)>", "\u{202e}", "\u{1b}"];

fn client(spice: &str) -> Client {
    let session = made::spiced(5, if spice.len() > 1_000 { 30 } else { 200 }, spice);
    session.mark(made::mark(1, 2, MarkKind::Step, &format!("step{spice}")));
    session.mark(made::mark(2, 3, MarkKind::Note, &format!("note{spice}")));
    Client::spiced(session, spice)
}

#[track_caller]
fn is_tame(path: &str, body: &str) {
    for sign in SIGNS {
        assert!(!body.contains(sign), "{sign} in {path}: {body}");
    }
    let is_odd = |c: char| {
        c.is_control() && c != '\n'
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    assert!(!body.contains(is_odd), "a control in {path}");
}

fn texts(value: &Value, all: &mut Vec<String>) {
    match value {
        Value::String(text) => all.push(text.clone()),
        Value::Array(values) => values.iter().for_each(|value| texts(value, all)),
        Value::Object(fields) => fields.values().for_each(|value| texts(value, all)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[test]
fn no_part_carries_markup_or_controls() {
    let client = client(HOSTILE);
    let finding = format!("finding?id={:032x}", 1);
    for path in ["", &finding, "exchange?number=3", "recipients", "not-seen", "timeline", "earlier"] {
        let answer = client.get(path);
        assert_eq!(answer.status, 200, "{path}");
        is_tame(path, &answer.body);
        // It is there, as text.
        assert!(path.is_empty() || answer.body.contains("alert(1)"), "{path}: {}", answer.body);
    }
    for path in ["changes", "exchanges?count=50"] {
        let mut all = Vec::new();
        texts(&client.json(path), &mut all);
        assert!(all.iter().any(|text| text.contains("alert(1)")));
        // A script sets these as text; controls are spelled out all the same.
        for text in all {
            assert!(!text.contains(|c: char| c.is_control() || c == '\u{202e}'), "{text:?}");
        }
    }
}

#[test]
fn a_fault_that_the_desk_tells_is_no_page() {
    let client = client(HOSTILE);
    let answer = client.post("mark", "kind=note&text=refuse");
    assert_eq!((answer.status, answer.header("content-type")), (409, Some("text/plain; charset=utf-8")));
    let issue = client.get(&format!("issue?id={:032x}", 1));
    assert_eq!(issue.header("content-type"), Some("text/plain; charset=utf-8"));
}

#[test]
fn a_megabyte_is_cut_everywhere() {
    let client = client(&"x".repeat(1_000_000));
    let finding = format!("finding?id={:032x}", 1);
    for path in [
        "",
        &finding,
        "exchange?number=3",
        "recipients",
        "not-seen",
        "timeline",
        "earlier",
        "changes",
        "exchanges?count=50",
    ] {
        let answer = client.get(path);
        assert_eq!(answer.status, 200);
        assert!(answer.body.len() < 400_000, "{path}: {}", answer.body.len());
    }
}

#[test]
fn what_is_asked_for_and_is_not_there_is_not_found() {
    let client = client("");
    for path in ["finding?id=%3Cscript%3E", "finding?id=", "issue?id=x", "exchange?number=5000", "nothing"] {
        let answer = client.get(path);
        assert_eq!(answer.status, 404, "{path}");
        assert!(!answer.body.contains("<script>"));
    }
    for path in ["finding", "exchange?number=x", "exchange"] {
        assert_eq!(client.get(path).status, 400, "{path}");
    }
}

#[test]
fn a_card_tells_all_and_says_what_was_stopped() {
    let client = client("");
    let card = client.get(&format!("finding?id={:032x}", 3)).body;
    for text in [
        "Stopped by cprvagt before it left",
        "0101901234 (declared test number)",
        "Undo percent encoding",
        "How to mend it",
        "data-copy-issue",
        "data-exchange",
    ] {
        assert!(card.contains(text), "{text}: {card}");
    }
    let exchange = client.get("exchange?number=7").body;
    assert!(exchange.contains("Stopped by cprvagt before it left"), "{exchange}");
    let recipients = client.get("recipients").body;
    assert!(recipients.find("maaling.test").unwrap() < recipients.find("nr4.maaling.test").unwrap());
    assert!(recipients.contains("Måling Inc.") && recipients.contains("the United States (by a built-in list)"));
    client.session.add(News { exchanges: vec![made::row(1, &[])], ..News::default() }, [made::recipient(1)]);
    assert_eq!(client.json("changes")["parts"][2], "recipients");
}
