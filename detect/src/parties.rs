//! Who is who: what a host is to the system under audit.

use jiff::civil::Date;
use model::registry::DeclaredRecipient;
use model::{
    Host, RecipientRecord, Redacted, Registry, RequestRecord, Site, Source, Standing, System, SystemId, Target,
};

use crate::companies::company;
use crate::products::{Product, may_be_product, named, product};
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

/// Who gets a request.
#[derive(Clone, Debug)]
pub(crate) struct Party {
    /// The host that stands for it: the one asked, or that of the vendor behind it.
    pub(crate) host: Host,
    /// What it is to the system.
    pub(crate) standing: Standing,
    /// The product that the request's shape tells.
    pub(crate) product: Option<&'static str>,
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
            Known::FirstParty(sites) if sites.iter().any(|site| host.is_of(site)) => Standing::Own,
            Known::FirstParty(_) => Standing::Unknown,
        }
    }

    /// Who gets a request to `target`; of a redirect the request is not known yet. A vendor that nobody else stands in
    /// for is the one who gets it, though a host of the system's own takes it in: unless the registry names that host.
    pub(crate) fn party(&self, target: &Target, request: Option<&RequestRecord>, system: Option<&SystemId>) -> Party {
        let product = product(target, request);
        let standing = self.standing(&target.host, system);
        let name = product.map(|product| product.name);
        let vendor = product.and_then(Product::vendor);
        match vendor.filter(|_| standing == Standing::Own && !self.is_named(&target.host)) {
            Some(host) => Party { standing: self.standing(&host, system), host, product: name },
            None => Party { host: target.host.clone(), standing, product: name },
        }
    }

    /// `host`'s party, as a report shows it.
    pub fn recipient(&self, host: &Host, system: Option<&SystemId>, redactor: &Redactor) -> RecipientRecord {
        let party = Party { host: host.clone(), standing: self.standing(host, system), product: None };
        self.recipient_of(&party, redactor)
    }

    /// Whether what is sent to `target` may be somebody else's to get than `system`'s own, as far as the address tells:
    /// a vendor's product on a host of the system's own may be told by the body alone.
    pub fn may_be_third(&self, target: &Target, system: Option<&SystemId>) -> bool {
        self.standing(&target.host, system) != Standing::Own || may_be_product(target)
    }

    /// `party`, as a report shows it.
    pub(crate) fn recipient_of(&self, party: &Party, redactor: &Redactor) -> RecipientRecord {
        let domain = redactor.host(party.host.site().as_str());
        self.record(&redactor.host(party.host.as_str()), &domain, party.standing, party.product)
    }

    /// The party of `host`, from what is safe to show of it.
    pub(crate) fn record(
        &self,
        host: &Redacted,
        domain: &Redacted,
        standing: Standing,
        product: Option<&'static str>,
    ) -> RecipientRecord {
        let host = party_host(host, domain, product);
        let declared = host.as_ref().and_then(|host| self.declared_recipient(host));
        let behind = || named(product?)?.vendor().as_ref().and_then(company);
        let company = host.as_ref().and_then(company);
        // What the system runs itself has no company behind it that gets anything.
        let company = if standing == Standing::Own { None } else { company.or_else(behind) };
        let declared_country = declared.and_then(|recipient| Some(recipient.transfer.as_ref()?.country.as_str()));
        let country = match declared_country {
            Some(code) => Some((code, Source::Registry)),
            None => company.and_then(|company| Some((company.country?, Source::BuiltIn))),
        };
        let listed = company.map(|company| company.product);
        RecipientRecord {
            legal_name: declared.map(|recipient| recipient.legal_name.clone()),
            country: country.map(|(code, _)| code.to_owned()),
            country_source: country.map(|(_, source)| source),
            agreement: declared.and_then(|recipient| recipient.dpa_ref.clone()),
            company: company.map(|company| company.full_name().to_owned()),
            product: product.or(listed).map(str::to_owned),
            category: company.map(|company| company.category),
            ..RecipientRecord::bare(domain.clone(), standing)
        }
    }

    fn declared_recipient(&self, host: &Host) -> Option<&DeclaredRecipient> {
        match &self.known {
            Known::Declared(registry) => registry.recipient(host),
            Known::FirstParty(_) => None,
        }
    }

    /// Whether the registry says of this very host that the system begins there.
    fn is_named(&self, host: &Host) -> bool {
        self.system_of(host).is_some()
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

    /// The country outside the EEA that the party of `host` and `domain` sends data to without a declared basis. Only the
    /// registry's word counts.
    pub(crate) fn transfer_without_basis(
        &self,
        host: &Redacted,
        domain: &Redacted,
        product: Option<&str>,
    ) -> Option<String> {
        let recipient = self.declared_recipient(&party_host(host, domain, product)?)?;
        recipient.transfer_without_basis().map(str::to_owned)
    }
}

/// The host that tells a recipient: the one asked, but for a vendor behind a host of somebody else's.
fn party_host(host: &Redacted, domain: &Redacted, product: Option<&str>) -> Option<Host> {
    let (host, domain) = (Host::parse(host.as_str())?, Host::parse(domain.as_str())?);
    if host.is_within(&domain) {
        return Some(host);
    }
    let vendor = product.and_then(named).and_then(Product::vendor);
    Some(vendor.filter(|vendor| vendor.is_within(&domain)).unwrap_or(domain))
}
