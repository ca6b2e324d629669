//! What an authority declares: its vendors, systems, approved recipients and test persons.
//!
//! Parsed from TOML into checked types; every error names the line and, where it can, what was meant. Reading the
//! file is for `src/`.

mod checker;
mod question;
mod raw;
mod recipient;
#[cfg(test)]
mod tests;

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use question::{Answer, AnswerValue, Asked, GivenBy, Origin, Question, ValueKind};
pub use recipient::{ChainLink, Country, DeclaredRecipient, Role, Transfer, TransferBasis};

use crate::file_error::nearest;
use crate::{CprNumber, FileError, Host, Site, Standing, Target};

/// A checked registry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Registry {
    /// The authority that answers for the systems.
    pub controller: Option<Controller>,
    /// Suppliers of the systems.
    pub vendors: Vec<Vendor>,
    /// What is audited.
    pub systems: Vec<System>,
    /// Who may receive what.
    pub recipients: Vec<DeclaredRecipient>,
    /// Whom the crawler may play.
    pub test_persons: Vec<DeclaredPerson>,
    /// What vendors and the authority have answered to the questions of supervision.
    pub answers: Vec<Answer>,
    /// How long what this program writes is to be kept.
    pub retention: Option<Retention>,
}

/// How long what this program writes is to be kept. `cprvagt report prune` removes scans by it; reports lie where nobody knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// Days that scans are kept.
    #[serde(default)]
    pub scan_days: Option<u32>,
    /// Days that reports are kept.
    #[serde(default)]
    pub report_days: Option<u32>,
}

/// The data controller.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Controller {
    /// Its name.
    pub name: String,
    /// Company number.
    #[serde(default)]
    pub cvr: Option<String>,
    /// Whom to write to.
    #[serde(default)]
    pub contact: Option<String>,
    /// The data protection officer's address.
    #[serde(default)]
    pub dpo: Option<String>,
}

/// Id of a vendor in the registry.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct VendorId(pub String);

/// Id of a system in the registry.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SystemId(pub String);

/// A supplier of systems, supervised as data processor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vendor {
    /// Its id.
    pub id: VendorId,
    /// Its name.
    pub name: String,
    /// Company number.
    pub cvr: Option<String>,
    /// Whom to write to.
    pub contact: Option<String>,
    /// The processing agreement with the controller.
    pub dpa_ref: Option<String>,
    /// When that agreement was made.
    pub dpa_date: Option<Date>,
    /// The last day of that agreement.
    pub dpa_expires: Option<Date>,
    /// When it is supervised next.
    pub next_supervision: Option<Date>,
    /// Line of its `[[vendor]]` in the file, from 1.
    pub line: usize,
}

/// A self-service under audit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct System {
    /// Its id.
    pub id: SystemId,
    /// Its name.
    pub name: String,
    /// Who supplies it.
    pub vendor: VendorId,
    /// Where a visit begins. At least one.
    pub base_urls: Vec<Target>,
    /// Whether forms may be sent.
    pub environment: Environment,
    /// What may be sent to it.
    pub submit: Submit,
    /// Requests that may be sent although they could change something: `METHOD /path`, `*` standing for anything.
    pub allow_write: Vec<String>,
    /// Who owns it and has agreed to the audit: then its robots.txt, which is written for others, is read for its sitemaps
    /// and not obeyed.
    pub owner: Option<String>,
    /// Recorded journeys through it.
    pub journeys: Vec<JourneyRef>,
    /// Pages on its own hosts without which the audit is incomplete.
    pub must_visit: Vec<Target>,
    /// The sensitive matters it handles, if any.
    pub context: Option<SensitiveContext>,
    /// Line of its `[[system]]` in the file, from 1: the place that code-scanning services point at.
    pub line: usize,
    /// That file, as reports name it; whoever reads the file knows, the parser does not.
    pub file: Option<String>,
}

/// A recorded journey, and as whom it is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JourneyRef {
    /// Its file, from the registry's folder.
    pub file: String,
    /// The role that it signs in to, as the report names it.
    pub role: Option<String>,
    /// Its line in the file, from 1.
    pub line: usize,
}

/// What may be sent to a system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Submit {
    /// Forms are filled in and never sent.
    Never,
    /// Forms that only ask for a page (`GET`) are sent.
    Get,
    /// All forms are sent, since nobody real is behind them.
    TestSystem,
}

/// Whether a system serves real citizens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Environment {
    /// Real citizens: forms are filled and never sent.
    #[default]
    Production,
    /// Made-up citizens only: forms may be sent.
    Test,
}

/// The categories of sensitive data (seeds-facts section 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SensitiveContext {
    /// Racial or ethnic background.
    Ethnicity,
    /// Political, religious or philosophical belief.
    Belief,
    /// Trade-union membership.
    TradeUnion,
    /// Health.
    Health,
    /// Sexual matters.
    Sexuality,
    /// Criminal offences.
    Crime,
    /// Significant social problems.
    SocialProblems,
    /// Other purely private matters.
    PrivateMatters,
    /// Income, wealth, arrears and maintenance.
    Economy,
    /// Work: absence, appraisals, discipline, dismissal.
    Employment,
    /// Schooling: marks, assessments, special teaching.
    Education,
}

/// A test person as declared: the number itself, or where to find it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeclaredPerson {
    /// Its id.
    pub id: String,
    /// Its number.
    pub number: NumberSource,
    /// The systems it may be used on; empty for all.
    pub scope: Vec<SystemId>,
    /// Line of its number in the file, from 1.
    pub line: usize,
}

/// Where a test person's number comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NumberSource {
    /// Written in the registry.
    Number(CprNumber),
    /// In the environment variable of this name (`secret_ref = "env:NAME"`).
    Environment(String),
}

impl Registry {
    /// Parses a registry and checks what it refers to.
    ///
    /// ```
    /// let error = model::Registry::parse("[controller]\nnaem = \"X\"\n").unwrap_err();
    /// assert_eq!(error.place.map(|place| (place.line, place.column)), Some((2, 1)));
    /// assert_eq!(error.help.as_deref(), Some("did you mean `name`?"));
    /// ```
    pub fn parse(text: &str) -> Result<Self, FileError> {
        let (registry, faults) = Self::examine(text);
        faults.into_iter().next().map_or(Ok(registry), Err)
    }

    /// Parses a registry as far as it goes: what is sound of it, and every fault, in the order of the file. After a fault
    /// of the TOML itself, or a field that is not known, nothing else is read.
    pub fn examine(text: &str) -> (Self, Vec<FileError>) {
        checker::examine(text)
    }

    /// The name of the authority that answers for the systems, if it is given.
    pub fn controller_name(&self) -> Option<String> {
        self.controller.as_ref().map(|controller| controller.name.clone())
    }

    /// The system of this id.
    pub fn system(&self, id: &str) -> Option<&System> {
        self.systems.iter().find(|system| system.id.0 == id)
    }

    /// The id nearest to `id`, if one is near enough to be meant.
    pub fn nearest_system(&self, id: &str) -> Option<&str> {
        nearest(id, self.systems.iter().map(|system| system.id.0.as_str()))
    }

    /// The vendor of this id.
    pub fn vendor(&self, id: &VendorId) -> Option<&Vendor> {
        self.vendors.iter().find(|vendor| vendor.id == *id)
    }

    /// The declared recipient that `host` belongs to; the longest domain wins.
    pub fn recipient(&self, host: &Host) -> Option<&DeclaredRecipient> {
        self.recipients
            .iter()
            .flat_map(|recipient| recipient.domains.iter().map(move |domain| (domain, recipient)))
            .filter(|(domain, _)| host.is_within(domain))
            .max_by_key(|(domain, _)| domain.as_str().len())
            .map(|(_, recipient)| recipient)
    }

    /// Who stands before `recipient` in the chain: the vendor of that id or name, or the recipient of that legal name.
    pub fn chain_link(&self, recipient: &DeclaredRecipient) -> Option<ChainLink<'_>> {
        let of = recipient.of.as_deref()?;
        let vendor = self.vendors.iter().find(|vendor| vendor.id.0 == of || vendor.name == of);
        vendor
            .map(ChainLink::Vendor)
            .or_else(|| self.recipients.iter().find(|recipient| recipient.legal_name == of).map(ChainLink::Recipient))
    }

    /// The answers to `question` that hold for `recipient` and `system`, in the order of the file.
    pub fn answers_to<'a>(
        &'a self,
        question: Question,
        recipient: Option<&'a DeclaredRecipient>,
        system: Option<&'a SystemId>,
    ) -> impl Iterator<Item = &'a Answer> {
        self.answers.iter().filter(move |answer| {
            answer.question == question
                && answer.system.as_ref().is_none_or(|id| system == Some(id))
                && answer.recipient.as_ref().is_none_or(|name| recipient.is_some_and(|one| one.legal_name == *name))
        })
    }

    /// What `host` is to `system`. A host on the site of any system here is the authority's own.
    pub fn standing(&self, host: &Host, system: Option<&SystemId>) -> Standing {
        let recipient = self.recipient(host);
        if recipient.is_none() && self.sites().any(|site| host.is_of(&site)) {
            return Standing::Own;
        }
        match recipient {
            None => Standing::Unknown,
            Some(recipient) if recipient.role == Role::Authority => Standing::Public,
            Some(recipient) if system.is_some_and(|id| recipient.approved_for.contains(id)) => Standing::Approved,
            Some(_) => Standing::Unlisted,
        }
    }

    fn sites(&self) -> impl Iterator<Item = Site> {
        self.systems.iter().flat_map(|system| system.base_urls.iter().map(|url| url.host.site()))
    }
}

/// Whether `text` is of the form `METHOD /path` that `allow_write` takes.
///
/// ```
/// assert!(model::registry::names_request("POST /login/*"));
/// assert!(!model::registry::names_request("/login"));
/// ```
pub fn names_request(text: &str) -> bool {
    text.split_once(' ').is_some_and(|(method, path)| {
        !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_uppercase()) && path.starts_with('/')
    })
}

impl Submit {
    /// Whether a form of `method` may be sent.
    pub fn allows(self, method: &str) -> bool {
        match self {
            Self::Never => false,
            Self::Get => method.eq_ignore_ascii_case("get"),
            Self::TestSystem => true,
        }
    }
}

impl System {
    /// Whether `host` is one of those its visits begin on.
    pub fn is_at(&self, host: &Host) -> bool {
        self.base_urls.iter().any(|url| url.host == *host)
    }
}

impl SensitiveContext {
    /// Every category, the most sensitive first.
    pub const ALL: [Self; 11] = [
        Self::Ethnicity,
        Self::Belief,
        Self::TradeUnion,
        Self::Health,
        Self::Sexuality,
        Self::Crime,
        Self::SocialProblems,
        Self::PrivateMatters,
        Self::Economy,
        Self::Employment,
        Self::Education,
    ];

    /// Stable id.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ethnicity => "ethnicity",
            Self::Belief => "belief",
            Self::TradeUnion => "trade-union",
            Self::Health => "health",
            Self::Sexuality => "sexuality",
            Self::Crime => "crime",
            Self::SocialProblems => "social-problems",
            Self::PrivateMatters => "private-matters",
            Self::Economy => "economy",
            Self::Employment => "employment",
            Self::Education => "education",
        }
    }
}

impl fmt::Display for VendorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for SystemId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
