//! What is to be said of a registry that can be read. Pure: what it needs of the world is given.

use std::path::Path;

use jiff::ToSpan as _;
use jiff::civil::Date;
use model::registry::{DeclaredPerson, DeclaredRecipient, Environment, NumberSource, Role};
use model::{CprNumber, Registry, System, TextPlace};

use crate::registry_command::chain;
use crate::registry_command::check::LastScans;
use crate::registry_command::secrets;

/// An agreement that ends within so many days is to be renewed now.
const SOON_DAYS: i64 = 90;

/// Something to be said of a registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Remark {
    pub(super) kind: Kind,
    /// `None` where it is about the whole file.
    pub(super) place: Option<TextPlace>,
    pub(super) message: String,
    /// What to do.
    pub(super) help: String,
}

/// What is told apart. Ids are stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// It is no registry, or refers to what is not there.
    Unreadable,
    SecretInClear,
    NumberInClear,
    UnsafeTestPerson,
    JourneyMissing,
    SystemIsRecipient,
    ChainUnknown,
    ChainCycle,
    ControllerMissing,
    NothingToAudit,
    VendorWithoutSystem,
    SharedHost,
    NeverScanned,
    AgreementMissing,
    AgreementExpired,
    AgreementEndsSoon,
    ChainOpen,
    TransferWithoutBasis,
    TestPersonNotSet,
    PublishedTestPerson,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    /// The file is wrong, or harms somebody.
    Error,
    /// The file may be right, and somebody should act.
    Warning,
}

/// What a check goes by.
pub(super) struct Premises<'a> {
    pub(super) registry: &'a Registry,
    pub(super) text: &'a str,
    /// The registry's, from which its files are named.
    pub(super) folder: &'a Path,
    pub(super) today: Date,
    /// `None` where no scans are kept.
    pub(super) last_scans: Option<&'a LastScans>,
    /// A variable of the environment.
    pub(super) variable: &'a dyn Fn(&str) -> Option<String>,
    /// Whether all of the file could be read: what is not there may be what could not.
    pub(super) is_whole: bool,
}

impl Kind {
    /// Stable id.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::SecretInClear => "secret-in-clear",
            Self::NumberInClear => "number-in-clear",
            Self::UnsafeTestPerson => "unsafe-test-person",
            Self::JourneyMissing => "journey-missing",
            Self::SystemIsRecipient => "system-is-recipient",
            Self::ChainUnknown => "chain-unknown",
            Self::ChainCycle => "chain-cycle",
            Self::ControllerMissing => "controller-missing",
            Self::NothingToAudit => "nothing-to-audit",
            Self::VendorWithoutSystem => "vendor-without-system",
            Self::SharedHost => "shared-host",
            Self::NeverScanned => "never-scanned",
            Self::AgreementMissing => "agreement-missing",
            Self::AgreementExpired => "agreement-expired",
            Self::AgreementEndsSoon => "agreement-ends-soon",
            Self::ChainOpen => "chain-open",
            Self::TransferWithoutBasis => "transfer-without-basis",
            Self::TestPersonNotSet => "test-person-not-set",
            Self::PublishedTestPerson => "published-test-person",
        }
    }

    pub(super) fn level(self) -> Level {
        match self {
            Self::Unreadable
            | Self::SecretInClear
            | Self::NumberInClear
            | Self::UnsafeTestPerson
            | Self::JourneyMissing
            | Self::SystemIsRecipient
            | Self::ChainUnknown
            | Self::ChainCycle => Level::Error,
            Self::ControllerMissing
            | Self::NothingToAudit
            | Self::VendorWithoutSystem
            | Self::SharedHost
            | Self::NeverScanned
            | Self::AgreementMissing
            | Self::AgreementExpired
            | Self::AgreementEndsSoon
            | Self::ChainOpen
            | Self::TransferWithoutBasis
            | Self::TestPersonNotSet
            | Self::PublishedTestPerson => Level::Warning,
        }
    }
}

impl Remark {
    pub(super) fn new(kind: Kind, line: usize, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { kind, place: Some(TextPlace { line, column: 1 }), message: message.into(), help: help.into() }
    }

    fn of_file(kind: Kind, message: &str, help: &str) -> Self {
        Self { kind, place: None, message: message.to_owned(), help: help.to_owned() }
    }
}

/// All of it, in no order.
pub(super) fn remarks(premises: &Premises<'_>) -> Vec<Remark> {
    let registry = premises.registry;
    let mut remarks = secrets::remarks(premises.text, registry);
    if premises.is_whole {
        remarks.extend(absent(registry));
        remarks.extend(chain::remarks(registry));
    }
    remarks.extend(agreements(premises));
    remarks.extend(registry.recipients.iter().flat_map(|recipient| of_recipient(recipient, registry)));
    remarks.extend(registry.systems.iter().flat_map(|system| of_system(system, premises)));
    remarks.extend(registry.test_persons.iter().filter_map(|person| of_person(person, premises)));
    remarks
}

/// What should be there.
fn absent(registry: &Registry) -> Vec<Remark> {
    let mut remarks = Vec::new();
    if registry.controller.is_none() {
        let help = "add [controller] with its name: reports say who is responsible";
        remarks.push(Remark::of_file(Kind::ControllerMissing, "no authority is named", help));
    }
    if registry.systems.is_empty() {
        let help = "declare a [[system]] with its vendor and base_urls";
        remarks.push(Remark::of_file(Kind::NothingToAudit, "no system is declared", help));
    }
    for vendor in &registry.vendors {
        if !registry.systems.iter().any(|system| system.vendor == vendor.id) {
            let message = format!("the vendor `{}` supplies no system", vendor.id);
            remarks.push(Remark::new(
                Kind::VendorWithoutSystem,
                vendor.line,
                message,
                "declare its systems, or remove it",
            ));
        }
    }
    remarks
}

/// The processing agreements of vendors and recipients, by today's date.
fn agreements(premises: &Premises<'_>) -> Vec<Remark> {
    let registry = premises.registry;
    let vendor_help = "renew it and change dpa_expires; until then it runs its systems without one";
    let of_vendors = registry.vendors.iter().map(|vendor| (vendor.dpa_expires, &vendor.name, vendor.line, vendor_help));
    let help = "renew it and change dpa_expires; until then what it receives is told as not approved";
    let of_recipients = registry
        .recipients
        .iter()
        .map(|recipient| (recipient.dpa_expires, &recipient.legal_name, recipient.line, help));
    let today = premises.today;
    let soon = today.saturating_add(SOON_DAYS.days());
    let remark = |(ends, name, line, help): (Option<Date>, &String, usize, &str)| {
        let ends = ends?;
        if ends < today {
            let message = format!("the agreement with {name} expired on {ends}");
            return Some(Remark::new(Kind::AgreementExpired, line, message, help));
        }
        (ends <= soon).then(|| {
            let message = format!("the agreement with {name} ends on {ends}");
            Remark::new(Kind::AgreementEndsSoon, line, message, "renew it and change dpa_expires")
        })
    };
    of_vendors.chain(of_recipients).filter_map(remark).collect()
}

fn of_recipient(recipient: &DeclaredRecipient, registry: &Registry) -> Vec<Remark> {
    let mut remarks = Vec::new();
    let (name, line) = (&recipient.legal_name, recipient.line);
    let own = registry.systems.iter().flat_map(|system| system.base_urls.iter().map(move |url| (system, &url.host)));
    for (system, host) in own {
        if recipient.domains.iter().any(|domain| host.is_within(domain)) {
            let message = format!("{name} has the domain of `{}`, which begins at {host}", system.id);
            let help = "give the recipient its own hosts only: what the system itself receives would be told as its";
            remarks.push(Remark::new(Kind::SystemIsRecipient, line, message, help));
        }
    }
    let is_processor = match recipient.role {
        Role::Processor | Role::SubProcessor => true,
        Role::Authority | Role::Controller => false,
    };
    if is_processor && recipient.dpa_ref.is_none() && !recipient.approved_for.is_empty() {
        let message = format!("{name} is approved and has no processing agreement");
        remarks.push(Remark::new(
            Kind::AgreementMissing,
            line,
            message,
            "name it in dpa_ref, or take the approval away",
        ));
    }
    if let Some(country) = recipient.transfer_without_basis() {
        let message = format!("{name} takes data to {country}, outside the EEA, and no basis is named");
        let help = "name it: basis = \"adequacy\", \"scc\", \"bcr\", \"safeguard\" or \"derogation\"; else findings are one step worse";
        remarks.push(Remark::new(Kind::TransferWithoutBasis, line, message, help));
    }
    remarks
}

fn of_system(system: &System, premises: &Premises<'_>) -> Vec<Remark> {
    let mut remarks = Vec::new();
    let registry = premises.registry;
    for journey in &system.journeys {
        let path = premises.folder.join(&journey.file);
        if !path.is_file() {
            let message = format!("the journey {} of `{}` is not there", path.display(), system.id);
            let help = "journeys are files beside the registry; a path there begins at the registry's folder";
            remarks.push(Remark::new(Kind::JourneyMissing, journey.line, message, help));
        }
    }
    let earlier = registry.systems.iter().take_while(|other| other.id != system.id);
    if let Some(other) = earlier.into_iter().find(|other| system.base_urls.iter().any(|url| other.is_at(&url.host))) {
        let message = format!("`{}` begins on a host of `{}`", system.id, other.id);
        let help = "in recordings and proxy sessions what is seen there is told of the first; give each its own host, or audit each by its id";
        remarks.push(Remark::new(Kind::SharedHost, system.line, message, help));
    }
    if premises.last_scans.is_some_and(|scans| !scans.contains_key(&system.id)) {
        let message = format!("`{}` was never scanned", system.id);
        remarks.push(Remark::new(Kind::NeverScanned, system.line, message, format!("cprvagt audit {}", system.id)));
    }
    remarks
}

/// Whether a number may be typed into forms and shown in clear: it can be no living person's.
pub(super) fn is_safe(number: &CprNumber) -> bool {
    number.is_unassignable() || number.is_replacement() || number.is_published_test_number()
}

fn of_person(person: &DeclaredPerson, premises: &Premises<'_>) -> Option<Remark> {
    let (id, line) = (&person.id, person.line);
    let number = match &person.number {
        NumberSource::Number(number) => *number,
        NumberSource::Environment(name) => {
            let Some(value) = (premises.variable)(name) else {
                let message = format!("the number of test_person `{id}` is in {name}, which is not set here");
                let help = format!("set {name} where audits run; unset, they do not begin");
                return Some(Remark::new(Kind::TestPersonNotSet, line, message, help));
            };
            match CprNumber::parse(value.trim()) {
                Ok(number) => number,
                Err(error) => {
                    let message = format!("{name}, the number of test_person `{id}`, holds none: {error}");
                    return Some(Remark::new(
                        Kind::UnsafeTestPerson,
                        line,
                        message,
                        format!("set {name} to a made-up number"),
                    ));
                }
            }
        }
    };
    if !is_safe(&number) {
        let message = format!("the number of test_person `{id}` could be a living person's");
        let help = "a number that can be nobody's has a seventh digit 5-8 and a year 37-57, or is one of MedCom's test numbers";
        return Some(Remark::new(Kind::UnsafeTestPerson, line, message, help));
    }
    let systems = &premises.registry.systems;
    let is_used = |system: &&System| person.scope.is_empty() || person.scope.contains(&system.id);
    let in_production = systems.iter().filter(is_used).find(|system| system.environment == Environment::Production)?;
    number.is_published_test_number().then(|| {
        let message =
            format!("test_person `{id}` has a number of MedCom's, used on `{}` in production", in_production.id);
        let help = "MedCom allows them in test systems alone: take another, or set its scope";
        Remark::new(Kind::PublishedTestPerson, line, message, help)
    })
}
