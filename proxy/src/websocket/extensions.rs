//! What both sides agreed on: the answer's `Sec-WebSocket-Extensions` (RFC 6455 §9.1, RFC 7692 §7).

use model::{Headers, Sender};

use super::Unreadable;

const HEADER: &str = "sec-websocket-extensions";
const DEFLATE: &str = "permessage-deflate";
/// Smallest and largest window of DEFLATE, as a power of two (RFC 7692 §7.1.2).
const WINDOW_BITS: std::ops::RangeInclusive<u8> = 8..=15;
/// Names are short; of a longer one the beginning says which it is.
const NAME_SHOWN: usize = 80;

/// How messages are compressed, by agreement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Deflate {
    /// Whether the client's next message may refer to its last one.
    client_takes_over: bool,
    /// The same of the site's.
    site_takes_over: bool,
}

impl Deflate {
    /// What the head of the answer says: `None` for messages as they are.
    pub(super) fn agreed(answer: &Headers) -> Result<Option<Self>, Unreadable> {
        let values: Vec<String> = answer.all(HEADER).map(|value| String::from_utf8_lossy(value).into_owned()).collect();
        let mut agreed = None;
        for extension in values.iter().flat_map(|value| value.split(',')).map(str::trim) {
            if extension.is_empty() {
                continue;
            }
            let unknown = || Unreadable::Extension(extension.chars().take(NAME_SHOWN).collect());
            if agreed.is_some() {
                return Err(unknown());
            }
            agreed = Some(Self::parse(extension).ok_or_else(unknown)?);
        }
        Ok(agreed)
    }

    /// Whether the messages of `sender` may each refer to the one before.
    pub(super) fn takes_over(self, sender: Sender) -> bool {
        match sender {
            Sender::Client => self.client_takes_over,
            Sender::Server => self.site_takes_over,
        }
    }

    /// `permessage-deflate; name=value; ..`; anything not in RFC 7692 may change what the bytes mean.
    fn parse(extension: &str) -> Option<Self> {
        let mut fields = extension.split(';').map(str::trim);
        if !fields.next()?.eq_ignore_ascii_case(DEFLATE) {
            return None;
        }
        let mut deflate = Self { client_takes_over: true, site_takes_over: true };
        for field in fields {
            let (name, value) = match field.split_once('=') {
                Some((name, value)) => (name.trim(), Some(value.trim().trim_matches('"'))),
                None => (field, None),
            };
            match (name.to_ascii_lowercase().as_str(), value) {
                ("client_no_context_takeover", None) => deflate.client_takes_over = false,
                ("server_no_context_takeover", None) => deflate.site_takes_over = false,
                // The largest window reads what was written with any smaller one.
                ("client_max_window_bits" | "server_max_window_bits", Some(bits))
                    if bits.parse().is_ok_and(|bits| WINDOW_BITS.contains(&bits)) => {}
                _ => return None,
            }
        }
        Some(deflate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agreed(values: &[&str]) -> Result<Option<Deflate>, Unreadable> {
        let line = |value: &&str| ("Sec-WebSocket-Extensions".to_owned(), value.as_bytes().to_vec());
        Deflate::agreed(&Headers(values.iter().map(line).collect()))
    }

    #[track_caller]
    fn case(value: &str, client_takes_over: bool, site_takes_over: bool) {
        assert_eq!(agreed(&[value]), Ok(Some(Deflate { client_takes_over, site_takes_over })));
    }

    #[track_caller]
    fn unknown(values: &[&str], name: &str) {
        assert_eq!(agreed(values), Err(Unreadable::Extension(name.to_owned())));
    }

    #[test]
    fn nothing_agreed_is_no_compression() {
        assert_eq!((agreed(&[]), agreed(&[""])), (Ok(None), Ok(None)));
    }

    #[test]
    fn context_is_taken_over_unless_said_otherwise() {
        case("permessage-deflate", true, true);
        case("Permessage-Deflate; client_max_window_bits=15", true, true);
        case("permessage-deflate; server_no_context_takeover", true, false);
        case("permessage-deflate;client_no_context_takeover ; server_max_window_bits=\"10\"", false, true);
        case("permessage-deflate; server_no_context_takeover; client_no_context_takeover", false, false);
    }

    #[test]
    fn what_is_not_known_is_named() {
        unknown(&["x-webkit-deflate-frame"], "x-webkit-deflate-frame");
        unknown(&["permessage-deflate, x-mux"], "x-mux");
        unknown(&["permessage-deflate", "permessage-deflate"], "permessage-deflate");
        unknown(&["permessage-deflate; server_max_window_bits=16"], "permessage-deflate; server_max_window_bits=16");
        unknown(&["permessage-deflate; server_max_window_bits"], "permessage-deflate; server_max_window_bits");
        unknown(&["permessage-deflate; level=9"], "permessage-deflate; level=9");
    }
}
