//! The messages of a WebSocket in an entry's `_webSocketMessages`: Chrome's own way, which mitmproxy, Proxyman, HTTP
//! Toolkit and Playwright have taken over. Firefox, Safari and Charles export none.

use data_encoding::BASE64;
use model::{BlindSpot, BlindSpotKind, Message, Scheme, Sender, Target};
use serde_json::Value;

use super::entry::text;

/// Opcodes (RFC 6455 §5.2): text is written as it is, the others as base64.
const TEXT: u64 = 1;
const OTHERS: [u64; 5] = [0, 2, 8, 9, 10];

/// The answer that opens a WebSocket (RFC 6455 §4.2.2).
const SWITCHING_PROTOCOLS: u64 = 101;

/// What an entry's browser and site told each other, in order; none of it is left out. What is not as it should be is
/// taken as it stands, and told once an entry.
pub(super) fn messages(entry: &Value, target: &Target, blind_spots: &mut Vec<BlindSpot>) -> Vec<Message> {
    let recorded = match entry.get("_webSocketMessages") {
        None | Some(Value::Null) => {
            if is_websocket(entry, target) {
                let detail = "the messages of its WebSocket are not in the recording";
                blind_spots.push(BlindSpot::new(BlindSpotKind::WebsocketNotRead, target.origin(), detail));
            }
            &[]
        }
        Some(Value::Array(recorded)) => recorded.as_slice(),
        // No list: one message, and mostly an odd one.
        Some(other) => std::slice::from_ref(other),
    };
    let mut told = |is_odd: bool, detail: &str| {
        if is_odd && !blind_spots.iter().any(|blind_spot| blind_spot.detail == detail) {
            blind_spots.push(BlindSpot::new(BlindSpotKind::InputBroken, target.origin(), detail));
        }
    };
    let read = |message: &Value| {
        let data = text(message, "data");
        let sender = sender(message);
        let opcode = message.get("opcode").and_then(Value::as_u64);
        let is_encoded = opcode.is_some_and(|opcode| OTHERS.contains(&opcode));
        let decoded = if is_encoded { data.and_then(|data| BASE64.decode(data.as_bytes()).ok()) } else { None };
        let is_known = sender.is_some() && (is_encoded || opcode == Some(TEXT));
        told(data.is_none(), "a message of its WebSocket is not in the recording");
        told(
            data.is_some() && !is_known && !is_error(message),
            "a message of its WebSocket is of an unknown kind and was read as it stands",
        );
        told(
            data.is_some() && is_encoded && decoded.is_none(),
            "a message of its WebSocket should be base64 and is not; it was read as it stands",
        );
        Message {
            // A sender who is not named may be the browser.
            sender: sender.unwrap_or(if is_error(message) { Sender::Server } else { Sender::Client }),
            bytes: decoded.unwrap_or_else(|| data.unwrap_or_default().as_bytes().to_vec()),
        }
    };
    recorded.iter().map(read).collect()
}

/// Whether the entry opened a WebSocket. Over HTTP/2 the answer is a plain 200 (RFC 8441 §5); one that is refused says
/// nothing more.
fn is_websocket(entry: &Value, target: &Target) -> bool {
    let status = entry.get("response").and_then(|response| response.get("status")).and_then(Value::as_u64);
    let is_refused = status.is_some_and(|status| status >= 300);
    let is_named_so = matches!(target.scheme, Scheme::Ws | Scheme::Wss);
    status == Some(SWITCHING_PROTOCOLS) || is_named_so && !is_refused
}

fn sender(message: &Value) -> Option<Sender> {
    match text(message, "type")? {
        "send" => Some(Sender::Client),
        "receive" => Some(Sender::Server),
        _ => None,
    }
}

/// Whether it is what Chrome notes of a connection that failed: nobody sent it.
fn is_error(message: &Value) -> bool {
    text(message, "type") == Some("error")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(message: &str, sender: Sender, bytes: &[u8], details: &[&str]) {
        let entry = format!("{{\"_webSocketMessages\":[{message}]}}");
        let entry: Value = serde_json::from_str(&entry).unwrap();
        let mut blind_spots = Vec::new();
        let target = Target::parse("wss://a.test/socket?x=1").unwrap();
        let read = messages(&entry, &target, &mut blind_spots);
        assert_eq!(read, [Message { sender, bytes: bytes.to_vec() }], "{message}");
        assert_eq!(blind_spots.len(), details.len(), "{message}: {blind_spots:?}");
        for (blind_spot, detail) in blind_spots.iter().zip(details) {
            assert!(blind_spot.detail.contains(detail), "{message}: {blind_spot:?}");
            assert_eq!((blind_spot.kind, blind_spot.place.as_str()), (BlindSpotKind::InputBroken, "wss://a.test"));
        }
    }

    #[test]
    fn text_is_taken_as_it_is_and_bytes_are_undone() {
        case(r#"{"type":"send","time":1.5,"opcode":1,"data":"hej"}"#, Sender::Client, b"hej", &[]);
        case(r#"{"type":"receive","opcode":1,"data":"aGVq"}"#, Sender::Server, b"aGVq", &[]);
        case(r#"{"type":"send","opcode":2,"data":"aGX/"}"#, Sender::Client, b"he\xff", &[]);
        case(r#"{"type":"send","opcode":9,"data":""}"#, Sender::Client, b"", &[]);
    }

    #[test]
    fn what_is_odd_is_read_as_it_stands_and_told() {
        case(r#"{"type":"send","opcode":2,"data":"hej!"}"#, Sender::Client, b"hej!", &["should be base64"]);
        case(r#"{"type":"send","opcode":7,"data":"aGVq"}"#, Sender::Client, b"aGVq", &["unknown kind"]);
        case(r#"{"type":"send","opcode":1.5,"data":"x"}"#, Sender::Client, b"x", &["unknown kind"]);
        case(r#"{"type":"post","opcode":1,"data":"x"}"#, Sender::Client, b"x", &["unknown kind"]);
        case(r#"{"opcode":2,"data":"-"}"#, Sender::Client, b"-", &["unknown kind", "should be base64"]);
        case(r#"{"type":"send","opcode":1}"#, Sender::Client, b"", &["not in the recording"]);
        case("7", Sender::Client, b"", &["not in the recording"]);
    }

    #[test]
    fn a_browsers_note_of_an_error_was_sent_by_nobody() {
        case(r#"{"type":"error","opcode":-1,"data":"closed"}"#, Sender::Server, b"closed", &[]);
    }

    #[test]
    fn what_is_no_list_is_told() {
        let entry = serde_json::from_str(r#"{"_webSocketMessages":"x"}"#).unwrap();
        let mut blind_spots = Vec::new();
        messages(&entry, &Target::parse("wss://a.test/").unwrap(), &mut blind_spots);
        assert_eq!(blind_spots.len(), 1);
    }

    #[test]
    fn a_websocket_without_its_messages_is_told() {
        #[track_caller]
        fn case(url: &str, entry: &str, is_told: bool) {
            let mut blind_spots = Vec::new();
            let target = Target::parse(url).unwrap();
            assert_eq!(messages(&serde_json::from_str(entry).unwrap(), &target, &mut blind_spots), []);
            let kinds: Vec<BlindSpotKind> = blind_spots.iter().map(|blind_spot| blind_spot.kind).collect();
            let expected = if is_told { vec![BlindSpotKind::WebsocketNotRead] } else { Vec::new() };
            assert_eq!(kinds, expected, "{url} {entry}");
        }
        case("wss://a.test/", "{}", true);
        case("ws://a.test/", r#"{"_webSocketMessages":null}"#, true);
        case("https://a.test/", r#"{"response":{"status":101}}"#, true);
        case("wss://a.test/", r#"{"response":{"status":200}}"#, true);
        case("wss://a.test/", r#"{"response":{"status":403}}"#, false);
        case("wss://a.test/", r#"{"response":{"status":101},"_webSocketMessages":[]}"#, false);
        case("https://a.test/", r#"{"response":{"status":200}}"#, false);
    }

    #[test]
    fn what_is_odd_is_told_once_an_entry() {
        let entry = r#"{"_webSocketMessages":[{"type":"send","data":"a"},{"type":"send","data":"b"}]}"#;
        let entry: Value = serde_json::from_str(entry).unwrap();
        let mut blind_spots = Vec::new();
        let read = messages(&entry, &Target::parse("wss://a.test/").unwrap(), &mut blind_spots);
        assert_eq!((read.len(), blind_spots.len()), (2, 1));
    }
}
