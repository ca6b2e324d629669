//! What a recorder takes in, one record for each exchange, visit and blind spot: all that a scan is made of. Safe to write:
//! names and texts are redacted, persons are tokens. Taken again from a journal, the records come to the same scan.

use detect::{Contact, Notes, SensitiveContact};
use model::{AlteredCanary, BlindSpotKind, CprNumber, Redacted, Sighting, SystemId, VisitId};
use serde::{Deserialize, Serialize};

/// One thing taken in.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Taken {
    /// An exchange, judged.
    Exchange(Box<Judged>),
    /// A visit of the crawler.
    Visit(Box<VisitRecord>),
    /// Something that was not seen.
    BlindSpot(Noted),
}

/// What an exchange came to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Judged {
    pub(super) visit: Option<VisitId>,
    pub(super) index: u64,
    /// Whether it is no more of an exchange that was taken before.
    pub(super) is_new: bool,
    /// Who was asked, from where and how.
    pub(super) contact: Contact,
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "sightings")]
    pub(super) sightings: Vec<Sighting>,
    /// Dates by chance.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "sightings")]
    pub(super) passed_over: Vec<Sighting>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) blind_spots: Vec<Noted>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) altered: Vec<AlteredCanary>,
    pub(super) sensitive: Option<SensitiveContact>,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) own_body_numbers: u64,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) look_alikes: u64,
    pub(super) is_browsers_own: bool,
    /// What the detector remembers of it.
    #[serde(default, skip_serializing_if = "Notes::is_empty")]
    pub(super) notes: Notes,
}

/// A blind spot, redacted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Noted {
    pub(super) visit: Option<VisitId>,
    pub(super) system: Option<SystemId>,
    pub(super) kind: BlindSpotKind,
    pub(super) place: Redacted,
    pub(super) detail: Redacted,
}

/// A visit, redacted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct VisitRecord {
    pub(crate) id: VisitId,
    pub(crate) system: Option<SystemId>,
    /// The URL asked for, without its query.
    pub(crate) page: Redacted,
    pub(crate) title: Redacted,
    pub(crate) status: Option<u16>,
    /// `loaded`, `login-required` or `failed`.
    pub(crate) outcome: String,
    /// The visit whose form led here.
    pub(crate) submitted_from: Option<VisitId>,
    pub(crate) links_out: u32,
    pub(crate) forms: Vec<FormRecord>,
}

/// A form, redacted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FormRecord {
    pub(crate) name: Redacted,
    pub(crate) filled: bool,
    pub(crate) submitted: bool,
    pub(crate) fields: Vec<FieldRecord>,
}

/// A field of a form, redacted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FieldRecord {
    pub(crate) name: Redacted,
    pub(crate) asks_for_cpr: bool,
    /// The declared number that was typed into it and into no other field.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "declared")]
    pub(crate) canary: Option<CprNumber>,
}

impl Taken {
    /// How many digests wait in it to be tried.
    pub(crate) fn digests(&self) -> usize {
        match self {
            Self::Exchange(judged) => judged.notes.digests(),
            Self::Visit(_) | Self::BlindSpot(_) => 0,
        }
    }
}

impl VisitRecord {
    /// Whether a form on it asks for a number.
    pub(crate) fn cpr_forms(&self) -> impl Iterator<Item = &FormRecord> {
        self.forms.iter().filter(|form| form.fields.iter().any(|field| field.asks_for_cpr))
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// Sightings whole, to be read back.
mod sightings {
    use detect::SightingRecord;
    use model::Sighting;
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(sightings: &[Sighting], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(sightings.iter().map(SightingRecord::from))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Sighting>, D::Error> {
        let records = Vec::<SightingRecord>::deserialize(deserializer)?;
        records.into_iter().map(Sighting::try_from).collect::<Result<_, _>>().map_err(D::Error::custom)
    }
}

/// A declared number, which may be shown.
mod declared {
    use model::CprNumber;
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serializer};

    #[expect(clippy::ref_option, reason = "serde hands it over so")]
    pub(super) fn serialize<S: Serializer>(number: &Option<CprNumber>, serializer: S) -> Result<S::Ok, S::Error> {
        match number {
            // The crawler types declared numbers alone, which are shown in clear (DESIGN.md, "Numbers are people").
            Some(number) => serializer.serialize_some(&number.reveal()),
            None => serializer.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<CprNumber>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| CprNumber::parse(&text)).transpose().map_err(D::Error::custom)
    }
}
