//! One number seen once: where, through which encodings, how sure, and whose.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use jiff::Timestamp;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{CprError, CprNumber, InitiatorRecord, Redacted, Rule, Standing, SystemId, Trail, VisitId};

/// The class of the place that carried a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Channel {
    /// The path of the request's URL, or its host or user part.
    UrlPath,
    /// The query of the request's URL.
    UrlQuery,
    /// The fragment of a URL.
    UrlFragment,
    /// The `Referer` header.
    Referer,
    /// Another header.
    Header,
    /// A cookie, sent or set.
    Cookie,
    /// The request's body.
    Body,
    /// A WebSocket message.
    Websocket,
    /// The `Location` of a redirect.
    Redirect,
    /// The page's title.
    Title,
    /// Storage in the browser.
    Storage,
    /// A `mailto:` link.
    Mailto,
    /// What a log holds beside its requests: a field of its own, such as the user's name, or a line of text.
    Log,
}

/// How sure it is that this is a CPR number (DESIGN.md, "Evidence levels").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Evidence {
    /// A declared test number: certain.
    E1,
    /// A date, the check digit, and named or written as a CPR number: definite.
    E2,
    /// A date, and the check digit, the name or the dash: probable.
    E3,
    /// A date only: possible. Never breaks a build alone.
    E4,
}

/// How a number was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WrittenForm {
    /// `0101901234`
    Compact,
    /// `010190-1234`, with any kind of dash.
    Dashed,
    /// `010190 1234`, or another separator.
    Spaced,
    /// `01011990-1234`, with the century written out, or day, month and year apart as in `01.01.1990-1234`.
    LongYear,
    /// Date and serial in two places that belong together, such as two parameters.
    Split,
    /// Letters in the serial, as in the health service's replacement numbers (cpr-facts 1.4).
    Letters,
    /// Under MD5 (RFC 1321).
    Md5,
    /// Under SHA-1 (FIPS 180-4, as the next four).
    Sha1,
    /// Under SHA-224.
    Sha224,
    /// Under SHA-256.
    Sha256,
    /// Under SHA-384.
    Sha384,
    /// Under SHA-512.
    Sha512,
    /// Under SHA3-224 (FIPS 202, as the next three).
    #[serde(rename = "sha3-224")]
    Sha3_224,
    /// Under SHA3-256.
    #[serde(rename = "sha3-256")]
    Sha3_256,
    /// Under SHA3-384.
    #[serde(rename = "sha3-384")]
    Sha3_384,
    /// Under SHA3-512.
    #[serde(rename = "sha3-512")]
    Sha3_512,
}

/// One thing that spoke for or against a number, with its weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Score {
    /// Stable id of the feature.
    pub id: &'static str,
    /// Positive when it speaks for a CPR number.
    pub points: i8,
}

/// Whose number it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Identity {
    /// A declared test number, which may be shown.
    Canary(CprNumber),
    /// Somebody: told apart from others by a keyed token.
    Person(Token),
}

/// HMAC-SHA-256 of a number under the scan's key, first 8 bytes as hex. Tells persons apart; says nothing else.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Token([u8; 8]);

/// One number seen once, with all that was known at that moment. Safe to write.
///
/// Serialises as one line of `--format jsonl` (DESIGN.md, "Formats").
#[derive(Clone, Debug, Serialize)]
pub struct Sighting {
    /// Version of this format: 1.
    pub v: u32,
    /// File name of the input, or `live`.
    pub source: String,
    /// Entry of a HAR from 0, or number of the exchange.
    pub index: u64,
    /// When the request began.
    pub time: Timestamp,
    /// The rule it breaks.
    pub rule: Rule,
    /// The host that got it.
    pub host: Redacted,
    /// That host's registrable domain.
    pub recipient: Redacted,
    /// What the recipient is to the system.
    pub standing: Standing,
    /// What carried it.
    pub channel: Channel,
    /// How to find it again.
    pub trail: Trail,
    /// How it was written.
    pub form: WrittenForm,
    /// How sure.
    pub evidence: Evidence,
    /// Whose.
    pub identity: Identity,
    /// The page it was sent from, when known, without its query.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<Redacted>,
    /// Whether the request was stopped before it left.
    pub blocked: bool,
    /// Whether it was sent only because the proxy simulates how browsers behaved before 2020.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub simulated: bool,
    /// The system it belongs to, when there is a registry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system: Option<SystemId>,
    /// What else is known of the exchange, for folding; not printed.
    #[serde(skip)]
    pub context: SightingContext,
}

/// What of the exchange a finding tells beside the number.
#[derive(Clone, Debug, Default)]
pub struct SightingContext {
    /// The visit it happened in.
    pub visit: Option<VisitId>,
    /// Whose test it was seen in, where several work through one proxy.
    pub tester: Option<Redacted>,
    /// Whether it went in clear text.
    pub cleartext: bool,
    /// Whether no connection was made, so that the recipient got nothing.
    pub undelivered: bool,
    /// TLS version with the recipient.
    pub tls: Option<String>,
    /// The request's path with its variable segments named, `/collect/{n}`.
    pub request: Redacted,
    /// Names of what went along: query parameters, cookies, telling headers. All sightings of a request share them.
    pub also_sent: Arc<[Redacted]>,
    /// The product that the request's own shape tells, `Matomo`.
    pub product: Option<&'static str>,
    /// What made the browser send it, where the browser was asked.
    pub initiator: Option<Arc<InitiatorRecord>>,
    /// What spoke for and against the number; empty when nothing needed to, as for a declared one.
    pub scores: Vec<Score>,
    /// The slot it stood in: a keyed token of its name.
    pub slot: Option<u64>,
}

impl Channel {
    /// Stable id.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UrlPath => "url-path",
            Self::UrlQuery => "url-query",
            Self::UrlFragment => "url-fragment",
            Self::Referer => "referer",
            Self::Header => "header",
            Self::Cookie => "cookie",
            Self::Body => "body",
            Self::Websocket => "websocket",
            Self::Redirect => "redirect",
            Self::Title => "title",
            Self::Storage => "storage",
            Self::Mailto => "mailto",
            Self::Log => "log",
        }
    }
}

impl Evidence {
    /// Stable id.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::E1 => "E1",
            Self::E2 => "E2",
            Self::E3 => "E3",
            Self::E4 => "E4",
        }
    }
}

impl WrittenForm {
    /// Stable id.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Compact => "compact",
            Self::Dashed => "dashed",
            Self::Spaced => "spaced",
            Self::LongYear => "long-year",
            Self::Split => "split",
            Self::Letters => "letters",
            Self::Md5 => "md5",
            Self::Sha1 => "sha1",
            Self::Sha224 => "sha224",
            Self::Sha256 => "sha256",
            Self::Sha384 => "sha384",
            Self::Sha512 => "sha512",
            Self::Sha3_224 => "sha3-224",
            Self::Sha3_256 => "sha3-256",
            Self::Sha3_384 => "sha3-384",
            Self::Sha3_512 => "sha3-512",
        }
    }

    /// Whether it is a digest of the number and not the number itself.
    pub fn is_digest(self) -> bool {
        match self {
            Self::Compact | Self::Dashed | Self::Spaced | Self::LongYear | Self::Split | Self::Letters => false,
            Self::Md5
            | Self::Sha1
            | Self::Sha224
            | Self::Sha256
            | Self::Sha384
            | Self::Sha512
            | Self::Sha3_224
            | Self::Sha3_256
            | Self::Sha3_384
            | Self::Sha3_512 => true,
        }
    }
}

impl Token {
    /// Takes the first 8 bytes of a keyed digest.
    pub fn new(digest: [u8; 8]) -> Self {
        Self(digest)
    }

    /// The bytes it was made of.
    pub fn bytes(&self) -> [u8; 8] {
        self.0
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // A declared test number is shown in clear (DESIGN.md, "Numbers are people").
            Self::Canary(number) => write!(f, "canary:{}", number.reveal()),
            Self::Person(Token(token)) => write!(f, "person:{:016x}", u64::from_be_bytes(*token)),
        }
    }
}

impl Serialize for Identity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// As an [`Identity`] prints.
impl FromStr for Identity {
    type Err = CprError;

    fn from_str(text: &str) -> Result<Self, CprError> {
        match text.split_once(':') {
            Some(("canary", number)) => number.parse().map(Self::Canary),
            Some(("person", token)) if token.len() == 16 => {
                let token = u64::from_str_radix(token, 16).map_err(|_| CprError::Shape)?;
                Ok(Self::Person(Token(token.to_be_bytes())))
            }
            _ => Err(CprError::Shape),
        }
    }
}

impl<'de> Deserialize<'de> for Identity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_is_read_as_it_prints() {
        let known =
            [Identity::Canary("0707614285".parse().unwrap()), Identity::Person(Token::new([0, 1, 2, 3, 4, 5, 6, 255]))];
        for identity in known {
            assert_eq!(identity.to_string().parse(), Ok(identity));
        }
        for text in ["", "person:", "person:12", "canary:1", "0707614285", "person:+123456789abcdef0"] {
            assert!(text.parse::<Identity>().is_err(), "{text}");
        }
    }
}
