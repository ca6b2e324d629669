//! A file fetched by the browser beside any page: through its context's proxy port, without cookies and referrer.

use std::time::{Duration, Instant};

use data_encoding::BASE64;
use serde_json::{Value, json};

use crate::BrowserError;
use crate::tab::Tab;

/// How much is taken at a time: a message of our session stays small.
const PIECE: usize = 256 << 10;

/// What was fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fetched {
    /// The answer's status.
    pub(crate) status: u16,
    /// Its body, as far as it is taken.
    pub(crate) bytes: Vec<u8>,
    /// Whether it goes on.
    pub(crate) is_cut: bool,
}

impl Tab<'_> {
    /// Fetches `url`, at most `longest` bytes of it; `None` when nothing answers in time.
    pub(crate) fn fetch(&self, url: &str, longest: usize, deadline: Duration) -> Result<Option<Fetched>, BrowserError> {
        let begun = Instant::now();
        let options = json!({"disableCache": true, "includeCredentials": false});
        let question = json!({"frameId": self.frame(), "url": url, "options": options});
        let Some(answer) = self.command("Network.loadNetworkResource", &question, deadline)? else { return Ok(None) };
        let resource = answer.get("resource");
        let status = resource.and_then(|resource| resource.get("httpStatusCode")?.as_u64());
        let Some(status) = status.and_then(|status| u16::try_from(status).ok()) else { return Ok(None) };
        let mut fetched = Fetched { status, bytes: Vec::new(), is_cut: false };
        let Some(stream) = resource.and_then(|resource| resource.get("stream")?.as_str()) else {
            return Ok(Some(fetched));
        };
        loop {
            let question = json!({"handle": stream, "size": PIECE});
            let left = deadline.saturating_sub(begun.elapsed());
            let piece = self.command("IO.read", &question, left)?;
            let Some(piece) = piece.as_ref().and_then(Piece::of) else {
                fetched.is_cut = true;
                break;
            };
            fetched.bytes.extend(piece.bytes);
            if piece.is_last {
                break;
            }
            if fetched.bytes.len() >= longest {
                fetched.is_cut = true;
                break;
            }
        }
        fetched.bytes.truncate(longest);
        self.command("IO.close", &json!({"handle": stream}), deadline)?;
        Ok(Some(fetched))
    }
}

/// What was read of a stream.
#[derive(Debug, PartialEq, Eq)]
struct Piece {
    bytes: Vec<u8>,
    is_last: bool,
}

impl Piece {
    fn of(answer: &Value) -> Option<Self> {
        let data = answer.get("data")?.as_str()?;
        let bytes = match answer.get("base64Encoded").and_then(Value::as_bool) {
            Some(true) => BASE64.decode(data.as_bytes()).ok()?,
            Some(false) | None => data.as_bytes().to_vec(),
        };
        let is_last = answer.get("eof")?.as_bool()? || bytes.is_empty();
        Some(Self { bytes, is_last })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_is_text_or_base64() {
        let piece = |answer: Value| Piece::of(&answer).map(|piece| (piece.bytes, piece.is_last));
        assert_eq!(piece(json!({"data": "æ", "base64Encoded": false, "eof": false})), Some(("æ".into(), false)));
        assert_eq!(
            piece(json!({"data": "H4s=", "base64Encoded": true, "eof": false})),
            Some((vec![0x1f, 0x8b], false))
        );
        assert_eq!(
            piece(json!({"data": "", "eof": false})),
            Some((Vec::new(), true)),
            "a stream that gives nothing ends"
        );
        assert_eq!(piece(json!({"data": "?", "base64Encoded": true, "eof": true})), None);
        assert_eq!(piece(json!({"eof": true})), None);
    }
}
