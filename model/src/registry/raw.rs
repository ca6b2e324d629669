//! The registry as written: one struct for each table, its fields as the file names them.

use serde::Deserialize;
use toml::Spanned;

use super::{Controller, Environment, GivenBy, Question, Retention, Role, SensitiveContext, Submit, Transfer};
use crate::file_error::RawDate;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRegistry {
    pub(super) controller: Option<Controller>,
    #[serde(default)]
    pub(super) vendor: Vec<Spanned<RawVendor>>,
    #[serde(default)]
    pub(super) system: Vec<Spanned<RawSystem>>,
    #[serde(default)]
    pub(super) recipient: Vec<Spanned<RawRecipient>>,
    #[serde(default)]
    pub(super) test_person: Vec<Spanned<RawPerson>>,
    #[serde(default)]
    pub(super) answer: Vec<Spanned<RawAnswer>>,
    pub(super) retention: Option<Retention>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawVendor {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) cvr: Option<String>,
    pub(super) contact: Option<String>,
    pub(super) dpa_ref: Option<String>,
    pub(super) dpa_date: Option<Spanned<RawDate>>,
    pub(super) dpa_expires: Option<Spanned<RawDate>>,
    pub(super) next_supervision: Option<Spanned<RawDate>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSystem {
    pub(super) id: String,
    pub(super) name: Option<String>,
    pub(super) vendor: Spanned<String>,
    pub(super) base_urls: Spanned<Vec<Spanned<String>>>,
    #[serde(default)]
    pub(super) environment: Environment,
    #[serde(default)]
    pub(super) journeys: Vec<Spanned<RawJourney>>,
    pub(super) submit: Option<Spanned<Submit>>,
    #[serde(default)]
    pub(super) allow_write: Vec<Spanned<String>>,
    pub(super) owner: Option<String>,
    #[serde(default)]
    pub(super) must_visit: Vec<Spanned<String>>,
    pub(super) context: Option<SensitiveContext>,
}

/// The file alone, or with the role.
#[derive(Deserialize)]
#[serde(untagged, expecting = "a file's name, or { file = \"...\", role = \"...\" }")]
pub(super) enum RawJourney {
    File(String),
    InRole(RoledJourney),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RoledJourney {
    pub(super) file: String,
    pub(super) role: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRecipient {
    pub(super) legal_name: String,
    pub(super) domains: Spanned<Vec<Spanned<String>>>,
    pub(super) role: Role,
    pub(super) of: Option<String>,
    pub(super) purpose: Option<String>,
    pub(super) contact: Option<String>,
    pub(super) dpa_ref: Option<String>,
    pub(super) dpa_date: Option<Spanned<RawDate>>,
    pub(super) dpa_expires: Option<Spanned<RawDate>>,
    #[serde(default)]
    pub(super) approved_for: Vec<Spanned<String>>,
    pub(super) transfer: Option<Transfer>,
    pub(super) retention_days: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPerson {
    pub(super) id: String,
    pub(super) cpr: Option<Spanned<String>>,
    pub(super) secret_ref: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) scope: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawAnswer {
    pub(super) question: Question,
    pub(super) recipient: Option<Spanned<String>>,
    pub(super) system: Option<Spanned<String>>,
    pub(super) given_by: GivenBy,
    pub(super) given: Option<Spanned<RawDate>>,
    pub(super) text: Option<String>,
    pub(super) value: Option<Spanned<RawValue>>,
    pub(super) reference: Option<String>,
}

/// What an answer comes to, of whatever kind.
#[derive(Deserialize)]
#[serde(untagged, expecting = "true or false, a date as in \"2015-02-02\", or a whole number")]
pub(super) enum RawValue {
    YesNo(bool),
    Count(u64),
    Date(RawDate),
}
