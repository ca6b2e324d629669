//! What the detector remembers of an exchange until the end of a scan, in a form that may be written: names redacted, values
//! as keyed tokens. Told again to another detector with the same key, it goes on where the first was.

use std::fmt::{self, Write as _};
use std::sync::Arc;

use hmac::{Hmac, Mac as _};
use jiff::Timestamp;
use model::{
    Channel, Evidence, Identity, InitiatorRecord, Place, Redacted, Rule, Score, Sighting, SightingContext, Standing,
    Step, SystemId, Trail, VisitId, WrittenForm,
};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::contacts::Contact;
use crate::decoders::decoder_ids;
use crate::digests::Digest;
use crate::digests::canaries::ALGORITHMS;
use crate::features::feature_ids;
use crate::products::product_names;

/// A decoder's second alphabet, which is no decoder of its own.
const OTHER_STEPS: [&str; 1] = ["base64url"];

/// Words of scores that are no feature's.
const OTHER_SCORES: [&str; 4] = ["named", "dashed", "mod-11", "no-mod-11"];

/// Makes keyed tokens of what may not be written.
#[derive(Clone)]
pub(crate) struct Marker {
    /// Begun with the key, which takes half of the work.
    mac: Hmac<Sha256>,
}

/// What an exchange adds to the detector's memory.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Notes {
    /// Values that were new in their slots.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) slots: Vec<SlotNote>,
    /// Digests that may be of numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) digests: Vec<DigestNote>,
    /// Places of digests that nobody wanted any more.
    #[serde(skip)]
    pub(crate) digests_left_out: u64,
}

/// Ten digits that stood in a slot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SlotNote {
    /// Token of the slot's name.
    pub(crate) slot: u64,
    /// Token of the digits.
    pub(crate) value: u64,
    pub(crate) is_number: bool,
    pub(crate) has_check_digit: bool,
}

/// A digest that waits to be tried.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct DigestNote {
    pub(crate) digest: DigestMark,
    pub(crate) sighting: SightingRecord,
    pub(crate) contact: Option<Contact>,
    /// The digest itself, for another detector of the same run. Never written: without a key it is the number.
    #[serde(skip)]
    pub(crate) raw: Option<Digest>,
    /// The digest itself under the key, in hex: whoever goes on tries it as fast as any. Where there is none, its token is
    /// tried, which takes some hundred times as long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) sealed: Option<String>,
}

/// A digest as a keyed token: it can be compared, and tried by whoever has the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct DigestMark {
    /// Bytes of the digest.
    pub(crate) length: usize,
    pub(crate) token: u64,
}

/// A [`Sighting`] whole, to be read back. Its trail is in steps, so that a name that looks like one is none.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "those of the sighting")]
pub struct SightingRecord {
    v: u32,
    source: String,
    index: u64,
    time: Timestamp,
    rule: Rule,
    host: Redacted,
    recipient: Redacted,
    standing: Standing,
    channel: Channel,
    trail: Vec<StepRecord>,
    form: WrittenForm,
    evidence: Evidence,
    identity: Identity,
    page: Option<Redacted>,
    blocked: bool,
    simulated: bool,
    system: Option<SystemId>,
    visit: Option<VisitId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tester: Option<Redacted>,
    cleartext: bool,
    undelivered: bool,
    tls: Option<String>,
    request: Redacted,
    also_sent: Vec<Redacted>,
    product: Option<String>,
    scores: Vec<(String, i8)>,
    slot: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    initiator: Option<InitiatorRecord>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum StepRecord {
    Into(Place, Redacted),
    Undo(String),
}

/// A word of this program's own that this version does not have: the record is another version's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownWord(String);

impl Marker {
    pub(crate) fn new(key: &[u8; 32]) -> Self {
        Self { mac: Hmac::new_from_slice(key).expect("HMAC takes keys of any length (RFC 2104 §2)") }
    }

    /// The token of `value`; `what` keeps tokens of different things apart.
    pub(crate) fn mark(&self, what: &str, value: &[u8]) -> u64 {
        let mut mac = self.mac.clone();
        mac.update(what.as_bytes());
        mac.update(&[0]);
        mac.update(value);
        mac.finalize().into_bytes().first_chunk().copied().map_or(0, u64::from_be_bytes)
    }

    /// `digest` in hex, hidden by what only the key and its own token make: who has the key could try its token as well.
    pub(crate) fn seal(&self, digest: &Digest) -> String {
        let hidden = self.hidden(digest.as_bytes(), self.digest(digest));
        hidden.iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    /// The digest that was sealed under this key, and whose token is `mark`.
    pub(crate) fn unseal(&self, sealed: &str, mark: DigestMark) -> Option<Digest> {
        let pairs = sealed.as_bytes().chunks(2).map(|pair| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok());
        let hidden: Vec<u8> = pairs.collect::<Option<_>>()?;
        let digest = Digest::new(&self.hidden(&hidden, mark))?;
        (self.digest(&digest) == mark).then_some(digest)
    }

    /// Hides `bytes`, or shows them again.
    fn hidden(&self, bytes: &[u8], mark: DigestMark) -> Vec<u8> {
        let stream = (0_u8..).flat_map(|turn| {
            let token = mark.token.to_be_bytes();
            let value: Vec<u8> = token.into_iter().chain([turn]).collect();
            self.mark("seal", &value).to_be_bytes()
        });
        bytes.iter().zip(stream).map(|(byte, hiding)| byte ^ hiding).collect()
    }

    pub(crate) fn digest(&self, digest: &Digest) -> DigestMark {
        let bytes = digest.as_bytes();
        DigestMark { length: bytes.len(), token: self.mark("digest", bytes) }
    }
}

impl fmt::Debug for Marker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Marker(..)")
    }
}

impl Notes {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty() && self.digests.is_empty() && self.digests_left_out == 0
    }

    /// How many digests wait to be tried.
    pub fn digests(&self) -> usize {
        self.digests.len()
    }
}

impl From<&Sighting> for SightingRecord {
    fn from(sighting: &Sighting) -> Self {
        let Sighting {
            v,
            source,
            index,
            time,
            rule,
            host,
            recipient,
            standing,
            channel,
            trail,
            form,
            evidence,
            identity,
            page,
            blocked,
            simulated,
            system,
            context,
        } = sighting.clone();
        let SightingContext {
            visit,
            tester,
            cleartext,
            undelivered,
            tls,
            request,
            also_sent,
            product,
            scores,
            slot,
            initiator,
        } = context;
        let step = |step| match step {
            Step::Into(place, name) => StepRecord::Into(place, name),
            Step::Undo(decoder) => StepRecord::Undo(decoder.to_owned()),
        };
        Self {
            v,
            source,
            index,
            time,
            rule,
            host,
            recipient,
            standing,
            channel,
            trail: trail.0.into_iter().map(step).collect(),
            form,
            evidence,
            identity,
            page,
            blocked,
            simulated,
            system,
            visit,
            tester,
            cleartext,
            undelivered,
            tls,
            request,
            also_sent: also_sent.to_vec(),
            product: product.map(str::to_owned),
            scores: scores.into_iter().map(|score| (score.id.to_owned(), score.points)).collect(),
            slot,
            initiator: initiator.map(|initiator| (*initiator).clone()),
        }
    }
}

impl TryFrom<SightingRecord> for Sighting {
    type Error = UnknownWord;

    fn try_from(record: SightingRecord) -> Result<Self, UnknownWord> {
        let SightingRecord {
            v,
            source,
            index,
            time,
            rule,
            host,
            recipient,
            standing,
            channel,
            trail,
            form,
            evidence,
            identity,
            page,
            blocked,
            simulated,
            system,
            visit,
            tester,
            cleartext,
            undelivered,
            tls,
            request,
            also_sent,
            product,
            scores,
            slot,
            initiator,
        } = record;
        let step = |step| match step {
            StepRecord::Into(place, name) => Ok(Step::Into(place, name)),
            StepRecord::Undo(word) => {
                known(&word, decoder_ids().chain(OTHER_STEPS).chain(digest_ids())).map(Step::Undo)
            }
        };
        let score = |(word, points): (String, i8)| {
            known(&word, feature_ids().chain(OTHER_SCORES)).map(|id| Score { id, points })
        };
        let context = SightingContext {
            visit,
            tester,
            cleartext,
            undelivered,
            tls,
            request,
            also_sent: also_sent.into(),
            product: product.map(|name| known(&name, product_names())).transpose()?,
            scores: scores.into_iter().map(score).collect::<Result<_, _>>()?,
            slot,
            initiator: initiator.map(Arc::new),
        };
        Ok(Self {
            v,
            source,
            index,
            time,
            rule,
            host,
            recipient,
            standing,
            channel,
            trail: Trail(trail.into_iter().map(step).collect::<Result<_, _>>()?),
            form,
            evidence,
            identity,
            page,
            blocked,
            simulated,
            system,
            context,
        })
    }
}

impl fmt::Display for UnknownWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "this version knows no `{}`", self.0)
    }
}

impl std::error::Error for UnknownWord {}

/// The word of ours that `word` is.
fn known(word: &str, mut ours: impl Iterator<Item = &'static str>) -> Result<&'static str, UnknownWord> {
    ours.find(|our| *our == word).ok_or_else(|| UnknownWord(word.to_owned()))
}

/// How the layers of a digest are named in a trail.
fn digest_ids() -> impl Iterator<Item = &'static str> {
    ALGORITHMS.into_iter().map(WrittenForm::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_depends_on_key_kind_and_value() {
        let [one, other] = [Marker::new(&[1; 32]), Marker::new(&[2; 32])];
        assert_eq!(one.mark("slot", b"x"), one.clone().mark("slot", b"x"));
        assert_ne!(one.mark("slot", b"x"), other.mark("slot", b"x"));
        assert_ne!(one.mark("slot", b"x"), one.mark("value", b"x"));
        assert_ne!(one.mark("slot", b"x"), one.mark("slot", b"y"));
        assert_eq!(format!("{one:?}"), "Marker(..)");
    }

    #[test]
    fn a_sealed_digest_is_shown_by_its_key_alone() {
        let [one, other] = [Marker::new(&[1; 32]), Marker::new(&[2; 32])];
        for length in [16, 32, 64] {
            let digest = Digest::new(&vec![0xab; length]).unwrap();
            let (sealed, mark) = (one.seal(&digest), one.digest(&digest));
            assert!(sealed.len() == 2 * length && !sealed.contains("abab"), "{sealed}");
            assert_eq!(one.unseal(&sealed, mark), Some(digest));
            assert_eq!(other.unseal(&sealed, mark), None);
            assert_eq!(one.unseal("zz", mark), None);
        }
    }

    #[test]
    fn a_word_of_another_version_is_refused() {
        assert_eq!(known("percent", decoder_ids()), Ok("percent"));
        assert_eq!(known("rot13", decoder_ids()), Err(UnknownWord("rot13".to_owned())));
    }
}
