//! What one repair removes: the sightings of one rule, system, channel, recipient, page and parameter.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::registry::SensitiveContext;
use crate::{
    Acceptance, AcceptanceState, Channel, ConsentState, Evidence, InitiatorRecord, RecipientRecord, Redacted, Standing,
    SystemId, VendorId,
};

/// What is broken. Ids are stable; each has its text and its way of mending in the reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// The site itself puts the number in its URLs: the root cause of most leaks.
    CprInUrl,
    /// A number stands in a `Referer` header.
    CprInReferer,
    /// A third party is sent a number: in its URL, a header, a cookie or a body.
    CprInThirdPartyRequest,
    /// A number goes to the site itself in clear text.
    CprInCleartext,
    /// The site redirects to a URL with a number in it.
    CprInRedirect,
    /// The site keeps a number in a cookie.
    CprInCookie,
    /// A recipient that is not on the system's list, on a page with a form or behind a login.
    UnlistedRecipient,
    /// A third party is sent a digest of a number, made without a key: the number, for all can be tried.
    CprDigest,
    /// A third party is sent the address or title of a page that tells a sensitive matter.
    SensitiveContextToThirdParty,
    /// A third party is sent a value that stands for one person and may be a digest under a key.
    PersonTokenToThirdParty,
    /// A page's title holds a number.
    CprInTitle,
    /// A page keeps a number in the browser, or lays it out for the scripts of others.
    CprInStorage,
    /// A `mailto:` link holds a number.
    CprInMailto,
    /// A form asks for a number and sends it in the address.
    FormGetCpr,
    /// A form asks for a number on a page, or sends it to an address, without encryption.
    FormCleartext,
    /// A page that needs no login asks for a number, in a system that has one.
    FormBeforeLogin,
    /// What was typed into a form goes to another site before the form is sent.
    FormExfiltration,
    /// A page with a number in it may be kept by browsers and proxies.
    CacheableCprPage,
    /// A page with a number in its address has a policy that hands the whole address to other sites.
    ReferrerPolicyExposesUrl,
    /// A page with a number in its address wants reports, which name the whole address, sent to another site.
    ReportingExposesUrl,
    /// A log of the system's own holds a number beside its requests: in a field of its own, or in a line of text.
    CprInLog,
}

/// How bad it is, mildest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Mend it when convenient.
    Low,
    /// Mend it.
    Medium,
    /// Mend it soon.
    High,
    /// Mend it now.
    Critical,
}

/// Why a finding is as severe as it is; the first is the level it starts from, each other one step up but for the last,
/// which is one step down.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "reason")]
pub enum SeverityReason {
    /// The table of DESIGN.md: evidence against standing.
    Level {
        /// How sure.
        evidence: Evidence,
        /// To whom.
        standing: Standing,
    },
    /// No number was seen; the recipient itself is the finding.
    RecipientNotListed,
    /// No number was seen; a page's address or title told a sensitive matter.
    SensitivePage {
        /// Which.
        context: SensitiveContext,
        /// To whom.
        standing: Standing,
    },
    /// No number was seen; a value that stands for one person was.
    PersonToken,
    /// How the page is built is the finding; nobody else need have got a number by it.
    PageItself,
    /// It went in clear text.
    Cleartext,
    /// The recipient is outside the EEA and no transfer basis is declared.
    OutsideEea {
        /// ISO 3166-1 alpha-2.
        country: String,
    },
    /// The system handles sensitive matters, or the page's own address tells one.
    SensitiveContext {
        /// Which.
        context: SensitiveContext,
    },
    /// One step down: it happens in a browser of before 2020, which the proxy simulated, and in none of today.
    SimulatedReferer,
}

/// A way of mending, in the order that helps most. The reports hold its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Remedy {
    /// Keep the number on the server, under the session; address pages by an id that says nothing.
    KeepNumberInSession,
    /// Send forms that ask for a number by POST.
    PostInsteadOfGet,
    /// Redirect to a URL without the number.
    RedirectWithoutNumber,
    /// Send `Referrer-Policy: no-referrer` or `same-origin` on all pages.
    StrictReferrerPolicy,
    /// Serve scripts and styles from the own site.
    SelfHostScripts,
    /// Take the number out of what is handed to the telemetry: URL, title, ids.
    ScrubTelemetry,
    /// Remove the third party from pages behind login.
    RemoveThirdParty,
    /// Make a processing agreement or stop sending.
    AgreementOrStop,
    /// Ask the recipient to delete what it got, and have it confirmed.
    AskRecipientToDelete,
    /// Use https only, with HSTS.
    HttpsOnly,
    /// Keep an opaque session id in the cookie instead.
    OpaqueCookie,
    /// Send no digest of a number: a random id of the own, or a digest under a key that is kept.
    NoDigests,
    /// Page addresses and titles that tell nothing, and no third party on such pages.
    NeutralTitles,
    /// Titles without numbers.
    TitleWithoutNumber,
    /// Keep nothing of a person in the browser: state stays on the server, drafts too.
    NothingInBrowser,
    /// Mail links without numbers; messages go through the self-service.
    MailWithoutNumber,
    /// Serve pages with numbers with `Cache-Control: no-store`.
    NoStore,
    /// Ask for a number only behind the login.
    AskBehindLogin,
    /// Let no script of others read fields: none on pages with forms, none that records sessions.
    NoScriptsOnForms,
    /// Let reports of browsers come to a server of the system's own.
    OwnReports,
    /// Take the number out before a line is written, and out of the logs that there are.
    LogWithoutNumber,
}

/// What one repair removes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// SHA-256 over rule, system, channel, recipient, page template and parameter, first 16 bytes as hex. Never over a person.
    pub fingerprint: String,
    /// What is broken.
    pub rule: Rule,
    /// In which system, when there is a registry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<SystemId>,
    /// That system's vendor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vendor: Option<VendorId>,
    /// What carried it; `None` when no number was seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<Channel>,
    /// Who got it.
    pub recipient: RecipientRecord,
    /// The hosts of that recipient that got it, sorted.
    pub hosts: Vec<Redacted>,
    /// The page it was sent from, its variable segments named.
    pub page: Redacted,
    /// The parameter it stood in, `dl > cpr`.
    pub parameter: Redacted,
    /// The surest evidence among its sightings; `None` when no number was seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
    /// How bad.
    pub severity: Severity,
    /// Why so bad.
    pub reasons: Vec<SeverityReason>,
    /// When it was first seen.
    pub first_seen: Timestamp,
    /// When it was last seen.
    pub last_seen: Timestamp,
    /// How many times a number was sent.
    pub transmissions: u64,
    /// Of these, how many never reached the recipient: no connection to it was made.
    pub undelivered: u64,
    /// Of those, how many we stopped before they left.
    #[serde(default, skip_serializing_if = "is_none")]
    pub blocked: u64,
    /// Whether it was sent only because the proxy simulates how browsers behaved before 2020.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub simulated: bool,
    /// How many different numbers.
    pub persons: u64,
    /// How many of those numbers are declared test numbers.
    pub test_persons: u64,
    /// How to find it again, from the first sighting.
    pub trail: Redacted,
    /// The request that carried it, `GET https://host/path`, variable parts named.
    pub request: Redacted,
    /// TLS version with the recipient; `None` for clear text or when not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls: Option<String>,
    /// Whether any of it went in clear text.
    pub cleartext: bool,
    /// Names of what went along.
    pub also_sent: Vec<Redacted>,
    /// The form that the number was typed into, when known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<FormOfOrigin>,
    /// The roles in which it was seen, sorted; empty where no role is named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<Redacted>,
    /// The tests that ran when it was seen, the first of them; empty where no test was told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tests: Vec<Redacted>,
    /// How many tests more.
    #[serde(default, skip_serializing_if = "is_none")]
    pub more_tests: u64,
    /// The answers to the question for consent under which it was seen; empty where no other than the first was tried.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub consent: Vec<ConsentState>,
    /// What made the browser send it the first time that is known; `None` where no browser was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub initiator: Option<InitiatorRecord>,
    /// How to mend it, most helpful first.
    pub remedies: Vec<Remedy>,
    /// That somebody accepted it for a while, whether or not that still holds; `None` where nobody did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acceptance: Option<Acceptance>,
}

/// The form and field that a number came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormOfOrigin {
    /// The page with the form.
    pub page: Redacted,
    /// The form's name.
    pub form: Redacted,
    /// The field's name.
    pub field: Redacted,
}

/// Nothing to write.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_none(count: &u64) -> bool {
    *count == 0
}

impl Rule {
    /// Every rule.
    pub const ALL: [Self; 21] = [
        Self::CprInUrl,
        Self::CprInReferer,
        Self::CprInThirdPartyRequest,
        Self::CprInCleartext,
        Self::CprInRedirect,
        Self::CprInCookie,
        Self::UnlistedRecipient,
        Self::CprDigest,
        Self::SensitiveContextToThirdParty,
        Self::PersonTokenToThirdParty,
        Self::CprInTitle,
        Self::CprInStorage,
        Self::CprInMailto,
        Self::FormGetCpr,
        Self::FormCleartext,
        Self::FormBeforeLogin,
        Self::FormExfiltration,
        Self::CacheableCprPage,
        Self::ReferrerPolicyExposesUrl,
        Self::ReportingExposesUrl,
        Self::CprInLog,
    ];

    /// Stable id.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CprInUrl => "cpr-in-url",
            Self::CprInReferer => "cpr-in-referer",
            Self::CprInThirdPartyRequest => "cpr-in-third-party-request",
            Self::CprInCleartext => "cpr-in-cleartext",
            Self::CprInRedirect => "cpr-in-redirect",
            Self::CprInCookie => "cpr-in-cookie",
            Self::UnlistedRecipient => "unlisted-recipient",
            Self::CprDigest => "cpr-digest",
            Self::SensitiveContextToThirdParty => "sensitive-context-to-third-party",
            Self::PersonTokenToThirdParty => "person-token-to-third-party",
            Self::CprInTitle => "cpr-in-title",
            Self::CprInStorage => "cpr-in-storage",
            Self::CprInMailto => "cpr-in-mailto",
            Self::FormGetCpr => "form-get-cpr",
            Self::FormCleartext => "form-cleartext",
            Self::FormBeforeLogin => "form-before-login",
            Self::FormExfiltration => "form-exfiltration",
            Self::CacheableCprPage => "cacheable-cpr-page",
            Self::ReferrerPolicyExposesUrl => "referrer-policy-exposes-url",
            Self::ReportingExposesUrl => "reporting-exposes-url",
            Self::CprInLog => "cpr-in-log",
        }
    }

    /// Whether the page itself is the finding: it was seen there, and nothing need have been sent for it.
    pub fn is_of_page(self) -> bool {
        match self {
            Self::CprInTitle
            | Self::CprInStorage
            | Self::CprInMailto
            | Self::FormGetCpr
            | Self::FormCleartext
            | Self::FormBeforeLogin
            | Self::CacheableCprPage
            | Self::ReferrerPolicyExposesUrl
            | Self::ReportingExposesUrl => true,
            Self::CprInUrl
            | Self::CprInReferer
            | Self::CprInThirdPartyRequest
            | Self::CprInCleartext
            | Self::CprInRedirect
            | Self::CprInCookie
            | Self::UnlistedRecipient
            | Self::CprDigest
            | Self::SensitiveContextToThirdParty
            | Self::PersonTokenToThirdParty
            | Self::FormExfiltration
            | Self::CprInLog => false,
        }
    }

    /// Whether its transmissions are those of another finding told from another side, and so are counted there.
    pub fn is_counted_elsewhere(self) -> bool {
        self == Self::FormExfiltration
    }
}

impl Severity {
    /// Every level, mildest first.
    pub const ALL: [Self; 5] = [Self::Info, Self::Low, Self::Medium, Self::High, Self::Critical];

    /// Stable id.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// One step worse; critical stays.
    #[must_use]
    pub fn raised(self) -> Self {
        match self {
            Self::Info => Self::Low,
            Self::Low => Self::Medium,
            Self::Medium => Self::High,
            Self::High | Self::Critical => Self::Critical,
        }
    }

    /// One step milder; info stays.
    #[must_use]
    pub fn lowered(self) -> Self {
        match self {
            Self::Info | Self::Low => Self::Info,
            Self::Medium => Self::Low,
            Self::High => Self::Medium,
            Self::Critical => Self::High,
        }
    }
}

impl Finding {
    /// Whether it counts against `threshold`: at least as severe, surer than a mere date (E4 never breaks a build
    /// alone), and not accepted.
    pub fn breaks_at(&self, threshold: Severity) -> bool {
        self.severity >= threshold && self.evidence != Some(Evidence::E4) && !self.is_accepted()
    }

    /// Whether somebody accepted it, and that holds.
    pub fn is_accepted(&self) -> bool {
        self.acceptance.as_ref().is_some_and(|acceptance| acceptance.state == AcceptanceState::Accepted)
    }

    /// How often a number surer than E4 reached somebody else by it, and is not counted by another finding: what the site
    /// sends itself is the cause, not the harm.
    pub fn numbers_delivered(&self) -> u64 {
        let is_number = self.evidence.is_some_and(|evidence| evidence < Evidence::E4);
        let leaks = is_number && self.recipient.standing != Standing::Own && !self.rule.is_of_page();
        if leaks && !self.rule.is_counted_elsewhere() { self.transmissions.saturating_sub(self.undelivered) } else { 0 }
    }
}
