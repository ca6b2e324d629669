//! What autoconsent tells, taken as the text of a stranger: bounded, and only what is known.

use serde::Deserialize;
use serde_json::{Value, from_str};

/// Longest message taken; its longest is a piece of script to be evaluated.
pub(super) const MAX_MESSAGE: usize = 20_000;

/// Most messages kept between two looks.
pub(super) const MAX_MESSAGES: usize = 500;

/// Longest name of a banner.
const MAX_NAME: usize = 80;

/// One message.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub(super) enum Message {
    /// It waits for its rules.
    Init,
    /// It wants a piece of script to be evaluated as the page's own.
    Eval {
        /// By which it knows the answer.
        id: String,
        /// The script.
        code: String,
    },
    /// A maker of banners is at work here; whether one shows is not said.
    CmpDetected,
    /// A banner shows.
    PopupFound {
        /// Whose.
        cmp: String,
    },
    /// It has tried to refuse.
    OptOutResult {
        /// Whether it thinks that it did.
        result: bool,
    },
    /// It has tried to accept.
    OptInResult {
        /// Whether it thinks that it did.
        result: bool,
    },
    /// How far it is.
    Report {
        /// Its state.
        state: Report,
    },
    /// Something else.
    #[serde(other)]
    Other,
}

/// The part of a report that is of use.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Report {
    /// The stage it is in.
    pub(super) lifecycle: String,
}

impl Message {
    /// Those in what a document handed over; what is none is left out.
    pub(super) fn all(value: &Value) -> Vec<Self> {
        let texts = value.as_array().into_iter().flatten().take(MAX_MESSAGES).filter_map(Value::as_str);
        texts.filter(|text| text.len() <= MAX_MESSAGE).filter_map(Self::parse).collect()
    }

    fn parse(text: &str) -> Option<Self> {
        let message = from_str(text).ok()?;
        match message {
            Self::PopupFound { cmp } => {
                let plain = |character: &char| character.is_alphanumeric() || " -_.".contains(*character);
                Some(Self::PopupFound { cmp: cmp.chars().filter(plain).take(MAX_NAME).collect() })
            }
            message => Some(message),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn case(text: &str, expected: Option<&Message>) {
        assert_eq!(Message::all(&json!([text])).pop().as_ref(), expected, "{text}");
    }

    #[test]
    fn known_messages_are_taken_and_others_passed_over() {
        case(r#"{"type":"init","url":"https://a.test/"}"#, Some(&Message::Init));
        case(
            r#"{"type":"popupFound","cmp":"Tofte\u0000 <b>","url":""}"#,
            Some(&Message::PopupFound { cmp: "Tofte b".into() }),
        );
        case(r#"{"type":"optOutResult","cmp":"x","result":true}"#, Some(&Message::OptOutResult { result: true }));
        case(
            r#"{"type":"eval","id":"7","code":"1","snippetId":"X"}"#,
            Some(&Message::Eval { id: "7".into(), code: "1".into() }),
        );
        case(r#"{"type":"selfTestResult","result":true}"#, Some(&Message::Other));
    }

    #[test]
    fn odd_text_is_no_message() {
        for text in
            ["", "null", "{", r#"{"type":1}"#, r#"{"type":"eval","id":{},"code":"1"}"#, r#"{"type":"optInResult"}"#]
        {
            case(text, None);
        }
        assert_eq!(Message::all(&json!("no list")), []);
        assert_eq!(Message::all(&json!([1, null, "x".repeat(MAX_MESSAGE + 1)])), []);
        let many = vec![r#"{"type":"init"}"#; MAX_MESSAGES + 3];
        assert_eq!(Message::all(&json!(many)).len(), MAX_MESSAGES);
    }
}
