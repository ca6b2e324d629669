//! What a recorder takes in, one record for each exchange, visit and blind spot: all that a scan is made of. Safe to write:
//! names and texts are redacted, persons are tokens. Taken again from a journal, the records come to the same scan.

use detect::{Contact, Notes, PageFault, Redactor, SensitiveContact};
use jiff::Timestamp;
use model::{
    AlteredCanary, BlindSpotKind, BlindSpotRecord, ConsentState, CprNumber, Field, Form, PageFacts, Picture,
    Redact as _, Redacted, Sighting, SignIn, SystemId, Visit, VisitId, VisitOutcome,
};
use serde::{Deserialize, Serialize};

use super::rows::Row;

/// How a visit ended.
const LOADED: &str = "loaded";
const LOGIN_REQUIRED: &str = "login-required";
const FAILED: &str = "failed";

/// One thing taken in.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Taken {
    /// An exchange, judged.
    Exchange(Box<Judged>),
    /// A visit of the crawler, and what its page told.
    Visit(Box<Visited>),
    /// Something that was not seen.
    BlindSpot(Noted),
    /// A question for consent, the first of a pass.
    Banner(Banner),
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
    /// What was answered, for those who count.
    #[serde(skip)]
    pub(super) status: Option<u16>,
    /// Where it would have gone, if it was stopped before it left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) stopped_at: Option<Redacted>,
    /// What the detector remembers of it.
    #[serde(default, skip_serializing_if = "Notes::is_empty")]
    pub(super) notes: Notes,
    /// What a list shows of it, where exchanges are listed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) row: Option<Box<Row>>,
}

/// A blind spot, redacted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Noted {
    pub(super) visit: Option<VisitId>,
    pub(super) system: Option<SystemId>,
    pub(super) kind: BlindSpotKind,
    pub(super) place: Redacted,
    pub(super) detail: Redacted,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) picture: Option<Picture>,
}

/// What a visit came to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Visited {
    pub(super) record: VisitRecord,
    /// Numbers in what the page tells of itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "sightings")]
    pub(super) sightings: Vec<Sighting>,
    /// What is wrong with the page otherwise.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) faults: Vec<PageFault>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) blind_spots: Vec<Noted>,
}

/// A question for consent, redacted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Banner {
    pub(super) system: Option<SystemId>,
    /// What was to be answered.
    pub(super) pass: ConsentState,
    pub(super) name: Redacted,
}

/// A visit, redacted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct VisitRecord {
    pub(crate) id: VisitId,
    pub(crate) system: Option<SystemId>,
    /// The URL asked for, without its query.
    pub(crate) page: Redacted,
    /// That URL, with no number but declared ones.
    address: Redacted,
    /// The page it led to, without its query.
    led_to: Redacted,
    started: Timestamp,
    /// What was to be answered to questions for consent.
    pub(super) pass: Option<ConsentState>,
    /// What had been answered.
    pub(super) consent: ConsentState,
    /// The role of its session, as the registry names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) role: Option<String>,
    /// What came of signing in before it.
    pub(crate) sign_in: SignIn,
    pub(crate) title: Redacted,
    pub(crate) status: Option<u16>,
    /// `loaded`, `login-required` or `failed`.
    pub(crate) outcome: String,
    /// The visit whose form led here.
    pub(crate) submitted_from: Option<VisitId>,
    pub(crate) links_out: u32,
    pub(crate) forms: Vec<FormRecord>,
    /// Whether a form of the system had led on before. The visit that it led to need not be among the records: where a run
    /// was cut short, that is made again.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) is_after_form: bool,
}

/// A form, redacted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FormRecord {
    pub(crate) name: Redacted,
    /// Where it sends, without a query.
    pub(super) action: Redacted,
    pub(super) method: String,
    pub(super) says_how: bool,
    pub(crate) filled: bool,
    pub(crate) submitted: bool,
    pub(crate) fields: Vec<FieldRecord>,
}

/// A field of a form, redacted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FieldRecord {
    pub(crate) name: Redacted,
    pub(super) kind: String,
    pub(crate) asks_for_cpr: bool,
    /// Whether something was filled into it.
    #[serde(default)]
    pub(super) typed: bool,
    /// The declared number that was typed into it and into no other field.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "declared")]
    pub(crate) canary: Option<CprNumber>,
}

impl Taken {
    /// How many digests wait in it to be tried.
    pub(crate) fn digests(&self) -> usize {
        match self {
            Self::Exchange(judged) => judged.notes.digests(),
            Self::Visit(_) | Self::BlindSpot(_) | Self::Banner(_) => 0,
        }
    }
}

impl Judged {
    /// Whom it went to, from where.
    pub(crate) fn contact(&self) -> &Contact {
        &self.contact
    }

    /// Names it among the session's exchanges.
    pub(crate) fn index(&self) -> u64 {
        self.index
    }

    /// That it told a third party of a page's matter.
    pub(crate) fn sensitive(&self) -> Option<&SensitiveContact> {
        self.sensitive.as_ref()
    }

    /// The numbers in it.
    pub(crate) fn sightings(&self) -> &[Sighting] {
        &self.sightings
    }

    /// What was not seen of it.
    pub(crate) fn blind_spots(&self) -> &[Noted] {
        &self.blind_spots
    }
}

impl Noted {
    /// As reports show it, of one time.
    pub(crate) fn record(&self) -> BlindSpotRecord {
        let Self { visit: _, system, kind, place, detail, picture: _ } = self.clone();
        BlindSpotRecord { system, kind, place, detail, count: 1, picture: None }
    }
}

impl Taken {
    /// The visit it belongs to.
    pub(super) fn visit(&self) -> Option<VisitId> {
        match self {
            Self::Exchange(judged) => judged.visit,
            Self::Visit(visited) => Some(visited.record.id),
            Self::BlindSpot(noted) => noted.visit,
            Self::Banner(_) => None,
        }
    }

    /// Whether it is a question for consent.
    pub(crate) fn is_banner(&self) -> bool {
        matches!(self, Self::Banner(_))
    }
}

impl VisitRecord {
    /// `visit` with all that may not be written taken out by `redactor`.
    pub(crate) fn new(visit: &Visit, pass: Option<ConsentState>, redactor: &Redactor) -> Self {
        let Visit {
            id,
            system,
            url,
            submitted_from,
            started,
            consent,
            role,
            sign_in,
            status,
            title,
            outcome,
            forms,
            links_out,
            facts,
        } = visit;
        let outcome = match outcome {
            VisitOutcome::Loaded => LOADED,
            VisitOutcome::LoginRequired => LOGIN_REQUIRED,
            VisitOutcome::Failed(_) => FAILED,
        };
        Self {
            id: *id,
            system: system.clone(),
            page: redactor.page(url),
            address: Redacted::new(url, redactor),
            led_to: redactor.page(facts.as_ref().map_or(url, |facts| &facts.url)),
            started: *started,
            pass,
            consent: *consent,
            role: role.clone(),
            sign_in: *sign_in,
            title: Redacted::new(title, redactor),
            status: *status,
            outcome: outcome.to_owned(),
            submitted_from: *submitted_from,
            links_out: *links_out,
            forms: forms.iter().map(|form| FormRecord::new(form, redactor)).collect(),
            is_after_form: false,
        }
    }

    /// Whether its page was seen.
    pub(crate) fn is_loaded(&self) -> bool {
        self.outcome == LOADED
    }

    /// The visit as far as it may be shown, for rules that look at all visits of a run.
    pub(super) fn shown(&self) -> Visit {
        let outcome = match self.outcome.as_str() {
            LOADED => VisitOutcome::Loaded,
            LOGIN_REQUIRED => VisitOutcome::LoginRequired,
            _ => VisitOutcome::Failed(String::new()),
        };
        Visit {
            id: self.id,
            system: self.system.clone(),
            url: self.address.to_string(),
            submitted_from: self.submitted_from,
            started: self.started,
            consent: self.consent,
            role: self.role.clone(),
            sign_in: self.sign_in,
            status: self.status,
            title: self.title.to_string(),
            outcome,
            forms: self.forms.iter().map(FormRecord::shown).collect(),
            links_out: self.links_out,
            facts: Some(Box::new(PageFacts { url: self.led_to.to_string(), ..PageFacts::default() })),
        }
    }
}

impl FormRecord {
    fn new(form: &Form, redactor: &Redactor) -> Self {
        let Form { name, action, method, says_how, fields, filled, submitted } = form;
        Self {
            name: Redacted::new(name, redactor),
            action: redactor.page(action),
            method: redactor.redact(method),
            says_how: *says_how,
            filled: *filled,
            submitted: *submitted,
            fields: fields.iter().map(|field| FieldRecord::new(field, redactor)).collect(),
        }
    }

    fn shown(&self) -> Form {
        Form {
            name: self.name.to_string(),
            action: self.action.to_string(),
            method: self.method.clone(),
            says_how: self.says_how,
            fields: self.fields.iter().map(FieldRecord::shown).collect(),
            filled: self.filled,
            submitted: self.submitted,
        }
    }
}

impl FieldRecord {
    fn new(field: &Field, redactor: &Redactor) -> Self {
        let Field { name, label: _, kind, asks_for_cpr, typed, canary } = field;
        let kind = redactor.redact(kind);
        Self { name: Redacted::new(name, redactor), kind, asks_for_cpr: *asks_for_cpr, typed: *typed, canary: *canary }
    }

    fn shown(&self) -> Field {
        let (name, kind) = (self.name.to_string(), self.kind.clone());
        Field {
            name,
            label: String::new(),
            kind,
            asks_for_cpr: self.asks_for_cpr,
            typed: self.typed,
            canary: self.canary,
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
fn is_false(flag: &bool) -> bool {
    !*flag
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
