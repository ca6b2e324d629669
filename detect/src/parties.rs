//! Who is who: what a host is to the system under audit.

use jiff::civil::Date;
use model::registry::DeclaredRecipient;
use model::{Host, RecipientRecord, Redacted, Registry, Site, Standing, System, SystemId};

use crate::redactor::Redactor;

/// The registry's word on who is who, or the sites named as first party where there is none.
#[derive(Clone, Debug)]
pub struct Parties {
    known: Known,
    /// The day on which agreements must hold; unknown until an inspector says it.
    today: Option<Date>,
}

#[derive(Clone, Debug)]
enum Known {
    Declared(Box<Registry>),
    FirstParty(Vec<Site>),
}

impl Parties {
    /// As a registry declares.
    pub fn declared(registry: Registry) -> Self {
        Self { known: Known::Declared(Box::new(registry)), today: None }
    }

    /// Without a registry: these sites are the system's own, all else is unknown.
    pub fn first_party(sites: Vec<Site>) -> Self {
        Self { known: Known::FirstParty(sites), today: None }
    }

    /// The same on the day `today`: an agreement that ended before it approves of nothing any more.
    pub(crate) fn on(self, today: Date) -> Self {
        Self { today: Some(today), ..self }
    }

    fn has_expired(&self, recipient: &DeclaredRecipient) -> bool {
        self.today.zip(recipient.dpa_expires).is_some_and(|(today, end)| end < today)
    }

    /// What `host` is to `system`.
    pub fn standing(&self, host: &Host, system: Option<&SystemId>) -> Standing {
        match &self.known {
            Known::Declared(registry) => match registry.standing(host, system) {
                Standing::Approved if registry.recipient(host).is_some_and(|known| self.has_expired(known)) => {
                    Standing::Unlisted
                }
                standing => standing,
            },
            Known::FirstParty(sites) if sites.contains(&host.site()) => Standing::Own,
            Known::FirstParty(_) => Standing::Unknown,
        }
    }

    /// `host`'s party, as a report shows it.
    pub fn recipient(&self, host: &Host, system: Option<&SystemId>, redactor: &Redactor) -> RecipientRecord {
        let domain = redactor.host(host.site().as_str());
        self.record(&redactor.host(host.as_str()), &domain, self.standing(host, system))
    }

    /// The party of `host`, from what is safe to show of it.
    pub(crate) fn record(&self, host: &Redacted, domain: &Redacted, standing: Standing) -> RecipientRecord {
        let declared = match &self.known {
            Known::Declared(registry) => Host::parse(host.as_str()).and_then(|host| registry.recipient(&host)),
            Known::FirstParty(_) => None,
        };
        RecipientRecord {
            domain: domain.clone(),
            standing,
            legal_name: declared.map(|recipient| recipient.legal_name.clone()),
            country: declared.and_then(|recipient| Some(recipient.transfer.as_ref()?.country.as_str().to_owned())),
            agreement: declared.and_then(|recipient| recipient.dpa_ref.clone()),
        }
    }

    /// The declared system that begins on `host`.
    pub fn system_of(&self, host: &Host) -> Option<SystemId> {
        match &self.known {
            Known::Declared(registry) => {
                registry.systems.iter().find(|system| system.is_at(host)).map(|s| s.id.clone())
            }
            Known::FirstParty(_) => None,
        }
    }

    pub(crate) fn system(&self, id: &SystemId) -> Option<&System> {
        match &self.known {
            Known::Declared(registry) => registry.system(&id.0),
            Known::FirstParty(_) => None,
        }
    }

    /// Whether there is a list that somebody can be missing from.
    pub(crate) fn has_list(&self) -> bool {
        matches!(self.known, Known::Declared(_))
    }

    /// The country outside the EEA that the party of `host` sends data to without a declared basis.
    pub(crate) fn transfer_without_basis(&self, host: &Redacted) -> Option<String> {
        match &self.known {
            Known::Declared(registry) => {
                let recipient = registry.recipient(&Host::parse(host.as_str())?)?;
                recipient.transfer_without_basis().map(str::to_owned)
            }
            Known::FirstParty(_) => None,
        }
    }
}
