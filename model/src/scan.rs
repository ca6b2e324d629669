//! One run's full record: the only thing that reports are made from. Versioned; safe to write.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::registry::Environment;
use crate::{
    BaselineRecord, BlindSpotRecord, Comparison, ConsentPass, Declared, Finding, LogAnswer, Picture, RecipientRecord,
    Redacted, SessionNote, SystemId, VendorId,
};

/// A run's record, as in `scan.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scan {
    /// Version of this format: [`Scan::VERSION`].
    pub version: u32,
    /// What made it.
    pub tool: Tool,
    /// Names this run: the first 16 hex digits of a SHA-256 over its start and targets.
    pub id: String,
    /// What kind of run.
    pub kind: ScanKind,
    /// What was asked for: systems, URLs or files.
    pub targets: Vec<Redacted>,
    /// When it began.
    pub started: Timestamp,
    /// When it ended.
    pub ended: Timestamp,
    /// The authority that answers for the systems, when the registry says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub controller: Option<String>,
    /// The vendors of the systems.
    pub vendors: Vec<VendorRecord>,
    /// What was audited, in the registry's order; one without id for a bare URL or file.
    pub systems: Vec<SystemResult>,
    /// Ids and numbers of the declared test persons, which may be shown.
    pub test_persons: BTreeMap<String, String>,
    /// What is broken, worst first.
    pub findings: Vec<Finding>,
    /// What testers put in by hand while it went on: steps, notes, pauses, in order of time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<SessionNote>,
    /// What was not seen, in order of kind and place; among it what was told and left no gap.
    pub blind_spots: Vec<BlindSpotRecord>,
    /// Whether the instrument worked; `None` where there was nothing to test (a file).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub self_test: Option<SelfTest>,
    /// What was done about digests; `None` when none were seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digests: Option<DigestSweep>,
    /// What stood in this run that is not as a browser does it, such as a simulated policy.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Redacted>,
    /// The command that was run behind the proxy, quoted for a shell, with what `cprvagt run` must be told to run it again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<Redacted>,
    /// What the registry declared; `None` where there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declared: Option<Box<Declared>>,
    /// What the baseline did; `None` where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<BaselineRecord>,
    /// What the logs that were read say together; `None` where there were none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logs: Option<Box<LogAnswer>>,
    /// What has changed since earlier scans; only in what `cprvagt report --since` writes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comparison: Option<Box<Comparison>>,
    /// The pictures that blind spots name, by the names of their files: files of their own, not in `scan.json`.
    #[serde(skip)]
    pub pictures: BTreeMap<String, Picture>,
}

/// Values shaped as digests, and how they were tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DigestSweep {
    /// Different values that may be a digest of an undeclared number.
    pub seen: u64,
    /// Which numbers were tried on them.
    pub depth: DigestDepth,
    /// Those that a personal number makes.
    pub undone: u64,
}

/// Which numbers are tried on digests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DigestDepth {
    /// None.
    Off,
    /// Those that pass the modulus-11 check: most numbers in use.
    Fast,
    /// All plausible ones.
    Full,
}

/// The program and version that made a scan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tool {
    /// `cprvagt`.
    pub name: String,
    /// As in the changelog.
    pub version: String,
}

/// What kind of run it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ScanKind {
    /// A browser visited the site through the proxy.
    Audit,
    /// Recorded traffic was read.
    Recording,
    /// A person, a browser or a test suite worked through the proxy.
    Proxy,
    /// A command was run behind the proxy, such as a test suite in a pipeline.
    Run,
}

/// A vendor as a report shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VendorRecord {
    /// Its id in the registry.
    pub id: VendorId,
    /// Its name.
    pub name: String,
}

/// What was found out about one system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SystemResult {
    /// Its id; `None` for a bare URL or file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<SystemId>,
    /// Its name.
    pub name: Redacted,
    /// Its vendor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vendor: Option<VendorId>,
    /// Test or production, when the registry says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<Environment>,
    /// Where it begins.
    pub base_urls: Vec<Redacted>,
    /// Where the registry declares it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declared_at: Option<DeclaredAt>,
    /// What was exercised.
    pub coverage: Coverage,
    /// What can be said of it.
    pub verdict: Verdict,
}

/// A line of the registry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeclaredAt {
    /// The file, from the root of the repository that it lies in, with `/` between folders; its name alone elsewhere.
    pub file: Redacted,
    /// The line of the `[[system]]`, from 1.
    pub line: u64,
}

/// What can be said of a system after a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Numbers leaked, or a recipient is not listed.
    Leaking,
    /// Nothing was found, and not everything was seen.
    Incomplete,
    /// Nothing of it was seen beyond its front door.
    NotCovered,
    /// Nothing was found, and all that was to be seen was seen.
    Clean,
}

/// What was exercised of a system.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// Page loads and form steps.
    pub pages: Vec<PageCoverage>,
    /// Pages that requests came from and that are not among those: frames, steps of redirects, pages of a recording.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pages_seen: Vec<Redacted>,
    /// Requests seen.
    pub requests: u64,
    /// Requests to third parties.
    pub third_party_requests: u64,
    /// Requests that the browser makes of its own accord, such as for its updates: no third-party requests of the system.
    #[serde(default)]
    pub browser_own_requests: u64,
    /// Kinds of page that loaded: those whose addresses differ in more than what varies.
    #[serde(default)]
    pub templates: u64,
    /// Forms seen, each once however often it was met.
    #[serde(default)]
    pub forms: u64,
    /// Of these, filled.
    #[serde(default)]
    pub forms_filled: u64,
    /// Of these, sent, and not held back on the way.
    #[serde(default)]
    pub forms_submitted: u64,
    /// Fields of these forms.
    #[serde(default)]
    pub fields: u64,
    /// Of these, filled.
    #[serde(default)]
    pub fields_typed: u64,
    /// Steps of journeys that did not work.
    #[serde(default)]
    pub steps_failed: u64,
    /// Forms that ask for a CPR number, each once.
    pub cpr_forms: u64,
    /// Of these, filled.
    pub cpr_forms_filled: u64,
    /// Of these, sent.
    pub cpr_forms_submitted: u64,
    /// Numbers that reached the system itself in request bodies over TLS: as they should.
    pub numbers_to_own_bodies: u64,
    /// Ten digits passed over as dates by chance: in random ids and time stamps, with nothing to speak for a number.
    pub look_alikes: u64,
    /// Links out of scope, not followed.
    pub links_out: u64,
    /// Declared test numbers that came masked, cut or with another digit: a filter at work, and no leak.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub altered: Vec<AlteredCanary>,
    /// As whom it was visited, in that order; empty where nobody signed in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<RoleCoverage>,
    /// The passes that were made, one for each answer to the question for consent; empty where only one was.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub consent_states: Vec<ConsentPass>,
    /// Everybody who was sent anything, with requests and whether a number went along, by domain.
    pub recipients: Vec<RecipientCoverage>,
}

/// What was seen in one role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleCoverage {
    /// Its name in the registry; `None` where it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Redacted>,
    /// Whether its journeys were made, or its session was taken over.
    pub signed_in: bool,
    /// Pages and form steps that were seen signed in.
    pub pages: u64,
}

/// What one recipient got.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecipientCoverage {
    /// Who.
    #[serde(flatten)]
    pub recipient: RecipientRecord,
    /// Requests to it.
    pub requests: u64,
    /// Requests that carried a number surer than E4.
    pub with_number: u64,
}

/// A declared test number that somebody changed before it was sent.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AlteredCanary {
    /// Who was sent it.
    pub domain: Redacted,
    /// The parameter it stood in.
    pub parameter: Redacted,
    /// What was done to it.
    pub kind: AlterationKind,
    /// How many times.
    pub count: u64,
}

/// What became of a number on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AlterationKind {
    /// Some of its digits are covered: `070761-****`.
    Masked,
    /// Some of its digits are missing at either end.
    Cut,
    /// One of its digits is another, so that it is nobody's.
    Changed,
}

/// One page load or form step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageCoverage {
    /// The page, without its query, variable segments named.
    pub page: Redacted,
    /// Its title.
    pub title: Redacted,
    /// Status, when it answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// `loaded`, `login-required` or `failed`.
    pub outcome: String,
    /// Whether a form was sent to get here.
    pub by_form: bool,
    /// Forms on it.
    pub forms: u64,
}

/// Whether the instrument sees what it must, tried on itself before the run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SelfTest {
    /// One for each channel.
    pub probes: Vec<SelfTestProbe>,
}

/// A canary sent through one channel of the real browser and proxy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SelfTestProbe {
    /// What was tried: `url-query`, `referer`, `beacon` ...
    pub name: String,
    /// Whether the canary was found.
    pub found: bool,
}

impl Scan {
    /// Version of the format of `scan.json`.
    pub const VERSION: u32 = 1;

    /// Whether everything that was to be seen was seen.
    pub fn is_complete(&self) -> bool {
        !self.blind_spots.iter().any(|spot| spot.kind.leaves_gap())
            && self.self_test.as_ref().is_none_or(SelfTest::passed)
    }

    /// The findings of one system.
    pub fn findings_of<'a>(&'a self, system: Option<&'a SystemId>) -> impl Iterator<Item = &'a Finding> {
        self.findings.iter().filter(move |finding| finding.system.as_ref() == system)
    }

    /// The systems of one vendor.
    pub fn systems_of<'a>(&'a self, vendor: Option<&'a VendorId>) -> impl Iterator<Item = &'a SystemResult> {
        self.systems.iter().filter(move |system| system.vendor.as_ref() == vendor)
    }
}

impl Verdict {
    /// Stable id.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Leaking => "leaking",
            Self::Incomplete => "incomplete",
            Self::NotCovered => "not-covered",
            Self::Clean => "clean",
        }
    }
}

impl SelfTest {
    /// Whether every canary was found.
    pub fn passed(&self) -> bool {
        self.probes.iter().all(|probe| probe.found)
    }
}
