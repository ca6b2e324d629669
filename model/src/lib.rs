//! The nouns of `cprvagt`: what the proxy records, the detector finds and the reports render.
//!
//! Plain data, parsing from text and serde; no I/O, no async. A type lives here when two crates need it.

mod baseline;
mod blind_spot;
mod clock;
mod comparison;
mod consent;
mod cpr;
mod declared;
mod exchange;
mod file_error;
mod finding;
mod inert;
mod initiator;
mod log_answer;
mod narrowed;
mod page_facts;
mod person;
mod picture;
mod recipient;
mod redacted;
pub mod registry;
mod scan;
mod scan_check;
mod session_note;
mod sighting;
mod site;
mod target;
mod trail;
mod visit;

pub use baseline::{
    Acceptance, AcceptanceState, Baseline, BaselineEntry, BaselineRecord, BaselineRemark, BaselineRemarkKind,
    MAX_ACCEPTED_DAYS,
};
pub use blind_spot::{BlindSpot, BlindSpotKind, BlindSpotRecord};
pub use clock::Clock;
pub use comparison::{
    AcceptedFinding, Comparison, DistinctPersons, EarlierScan, NewFinding, NewRecipient, NotCovered, Period,
    StillThere, Unseen, WhyUnseen,
};
pub use consent::{ConsentPass, ConsentState};
pub use cpr::{BirthDate, CprError, CprNumber, MASKED};
pub use declared::{Agreement, Declared, RecipientDeclaration, VendorDeclaration};
pub use exchange::{
    Body, BodyState, Connection, Continuation, Exchange, Failure, Headers, Logged, LoggedField, Message, RequestRecord,
    ResponseRecord, Sender,
};
pub use file_error::{FileError, TextPlace};
pub use finding::{Finding, FormOfOrigin, Remedy, Rule, Severity, SeverityReason};
pub use inert::inert;
pub use initiator::{Caller, Initiator, InitiatorKind, InitiatorRecord, Wanted, WhyUnknown};
pub use log_answer::{LogAnswer, LogFile, LogFinding, LogGap, LogShared};
pub use narrowed::ScanPart;
pub use page_facts::{PageFacts, ReferrerAttribute, StorageKind, Stored};
pub use person::TestPerson;
pub use picture::Picture;
pub use recipient::{Category, RecipientRecord, Source};
pub use redacted::{Redact, Redacted};
pub use registry::{Registry, System, SystemId, VendorId};
pub use scan::{
    AlterationKind, AlteredCanary, Coverage, DeclaredAt, DigestDepth, DigestSweep, PageCoverage, RecipientCoverage,
    RoleCoverage, Scan, ScanKind, SelfTest, SelfTestProbe, SystemResult, Tool, VendorRecord, Verdict,
};
pub use scan_check::Inconsistent;
pub use session_note::{NoteKind, SessionNote};
pub use sighting::{Channel, Evidence, Identity, Score, Sighting, SightingContext, Token, WrittenForm};
pub use site::{Host, Site, Standing};
pub use target::{Scheme, Target, TargetError};
pub use trail::{Place, Step, Trail};
pub use visit::{Field, Form, LaneId, SignIn, Visit, VisitId, VisitOutcome};
