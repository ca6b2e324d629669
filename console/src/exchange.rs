//! An exchange as the list shows it.

use jiff::Timestamp;
use model::{Evidence, Redacted, Standing, SystemId};
use serde::{Deserialize, Serialize};

/// One request and what came of it. Safe to write and to show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExchangeRow {
    /// The exchange's index in the session, as sightings name it.
    pub index: u64,
    /// When the request was sent.
    pub time: Timestamp,
    /// Until the response was whole, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
    /// `GET`.
    pub method: Redacted,
    /// The whole URL, with its query.
    pub url: Redacted,
    /// `HTTP/1.1`, `HTTP/2.0`.
    pub version: Redacted,
    /// The host asked.
    pub host: Redacted,
    /// Its registrable domain, or that of the vendor who stands behind it: the key of [`crate::Recipient`].
    pub recipient: Redacted,
    /// What the recipient is to the system.
    pub standing: Standing,
    /// The system of the page it came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<SystemId>,
    /// The page it came from; empty when nothing tells.
    pub page: Redacted,
    /// The response's status; `None` when there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The response's media type, without parameters.
    pub media_type: Redacted,
    /// Bytes of the request's body on the wire.
    pub sent_bytes: u64,
    /// Bytes of the response's body on the wire.
    pub received_bytes: u64,
    /// Who sent it, where several work through one proxy: the proxy's user, or the name of the listener.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tester: Option<Redacted>,
    /// Whether it was stopped before it left.
    pub blocked: bool,
    /// Whether the browser sent it of its own accord, for no page.
    pub browsers_own: bool,
    /// Why there is no response, in English: `connection refused`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Redacted>,
    /// How surely it carried a number to where none belongs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
    /// Fingerprints of the findings it is part of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<String>,
    /// Whether it is more of one that is listed already, such as a message on a WebSocket.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub continues: bool,
    /// How much of it was not seen: each is a blind spot.
    pub blind_spots: u32,
}
