//! What a registry declares of the systems in a scan, as far as reports need it. A scan that is read again years later says
//! what was declared then.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::registry::{Answer, Country, DeclaredRecipient, Question, Registry, Role, TransferBasis, Vendor};
use crate::{Host, Scan, SystemId, VendorId};

/// What was declared when a scan was made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Declared {
    /// Whom to write to at the authority.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
    /// The authority's data protection officer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dpo: Option<String>,
    /// The vendors of the scan's systems.
    pub vendors: Vec<VendorDeclaration>,
    /// Recipients that were seen, that are approved for a system of the scan, or that stand before such a one in the chain.
    pub recipients: Vec<RecipientDeclaration>,
    /// What was answered about these systems, or about all.
    pub answers: Vec<Answer>,
}

/// A vendor and the agreement with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VendorDeclaration {
    /// Its id; its name is in [`Scan::vendors`].
    pub id: VendorId,
    /// Company number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cvr: Option<String>,
    /// Whom to write to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
    /// The processing agreement.
    #[serde(flatten)]
    pub agreement: Agreement,
    /// When it is supervised next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_supervision: Option<Date>,
}

/// A processing agreement.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agreement {
    /// The authority's reference; without one there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dpa_ref: Option<String>,
    /// When it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dpa_date: Option<Date>,
    /// Its last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dpa_expires: Option<Date>,
}

/// Who may receive what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecipientDeclaration {
    /// Its legal name.
    pub legal_name: String,
    /// Its domains; each covers what lies below it.
    pub domains: Vec<String>,
    /// What it is in the chain.
    pub role: Role,
    /// Whose sub-processor it is: a vendor or another recipient by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
    /// What it is used for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// The processing agreement.
    #[serde(flatten)]
    pub agreement: Agreement,
    /// The systems it is approved for.
    pub approved_for: Vec<SystemId>,
    /// Where data goes: ISO 3166-1 alpha-2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Why it is lawful outside the EEA.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<TransferBasis>,
    /// How long it keeps what it gets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention_days: Option<u32>,
}

impl Agreement {
    /// Whether its last day was before `day`.
    pub fn is_expired(&self, day: Date) -> bool {
        self.dpa_expires.is_some_and(|last| last < day)
    }
}

impl RecipientDeclaration {
    /// The country outside the EEA that data goes to without a declared basis, if so.
    pub fn transfer_without_basis(&self) -> Option<&str> {
        self.country.as_deref().filter(|code| self.basis.is_none() && !Country::is_in_eea(code))
    }
}

impl Declared {
    /// What `registry` declares of the systems, vendors and recipients of `scan`.
    pub fn of(registry: &Registry, scan: &Scan) -> Self {
        let systems: Vec<&SystemId> = scan.systems.iter().filter_map(|system| system.id.as_ref()).collect();
        let seen: Vec<Host> = scan
            .systems
            .iter()
            .flat_map(|system| &system.coverage.recipients)
            .map(|contact| &contact.recipient)
            .chain(scan.findings.iter().map(|finding| &finding.recipient))
            .filter_map(|recipient| Host::parse(recipient.domain.as_str()))
            .collect();
        let is_of_scan = |recipient: &&DeclaredRecipient| {
            recipient.approved_for.iter().any(|id| systems.contains(&id))
                || seen.iter().any(|host| registry.recipient(host) == Some(recipient))
        };
        let mut recipients: Vec<&DeclaredRecipient> = registry.recipients.iter().filter(is_of_scan).collect();
        // Each round goes one link up; there are no more links than recipients.
        for _ in 0..registry.recipients.len() {
            let before = |name: &str| registry.recipients.iter().find(|recipient| recipient.legal_name == name);
            let above = recipients.iter().filter_map(|recipient| before(recipient.of.as_deref()?));
            let Some(missing) = above.filter(|above| !recipients.contains(above)).collect::<Vec<_>>().pop() else {
                break;
            };
            recipients.push(missing);
        }
        recipients.sort_by_key(|recipient| recipient.line);
        let vendors = scan.vendors.iter().filter_map(|vendor| registry.vendor(&vendor.id));
        let concerns = |answer: &&Answer| answer.system.as_ref().is_none_or(|id| systems.contains(&id));
        Self {
            contact: registry.controller.as_ref().and_then(|controller| controller.contact.clone()),
            dpo: registry.controller.as_ref().and_then(|controller| controller.dpo.clone()),
            vendors: vendors.map(VendorDeclaration::from).collect(),
            recipients: recipients.into_iter().map(RecipientDeclaration::from).collect(),
            answers: registry.answers.iter().filter(concerns).cloned().collect(),
        }
    }

    /// The declaration of the vendor of this id.
    pub fn vendor(&self, id: &VendorId) -> Option<&VendorDeclaration> {
        self.vendors.iter().find(|vendor| vendor.id == *id)
    }

    /// The declaration that a recipient's domain belongs to; the longest wins.
    pub fn recipient(&self, domain: &str) -> Option<&RecipientDeclaration> {
        let host = Host::parse(domain)?;
        let named =
            self.recipients.iter().flat_map(|recipient| recipient.domains.iter().map(move |one| (one, recipient)));
        let covering = named.filter(|(one, _)| Host::parse(one).is_some_and(|one| host.is_within(&one)));
        covering.max_by_key(|(one, _)| one.len()).map(|(_, recipient)| recipient)
    }

    /// The answers to `question` that hold for `recipient` and `system`, in the order of the registry.
    pub fn answers_to<'a>(
        &'a self,
        question: Question,
        recipient: Option<&'a RecipientDeclaration>,
        system: Option<&'a SystemId>,
    ) -> impl Iterator<Item = &'a Answer> {
        self.answers.iter().filter(move |answer| {
            answer.question == question
                && answer.system.as_ref().is_none_or(|id| system == Some(id))
                && answer.recipient.as_ref().is_none_or(|name| recipient.is_some_and(|one| one.legal_name == *name))
        })
    }
}

impl From<&Vendor> for VendorDeclaration {
    fn from(vendor: &Vendor) -> Self {
        let (dpa_ref, dpa_date, dpa_expires) = (vendor.dpa_ref.clone(), vendor.dpa_date, vendor.dpa_expires);
        Self {
            id: vendor.id.clone(),
            cvr: vendor.cvr.clone(),
            contact: vendor.contact.clone(),
            agreement: Agreement { dpa_ref, dpa_date, dpa_expires },
            next_supervision: vendor.next_supervision,
        }
    }
}

impl From<&DeclaredRecipient> for RecipientDeclaration {
    fn from(recipient: &DeclaredRecipient) -> Self {
        let (dpa_ref, dpa_date, dpa_expires) = (recipient.dpa_ref.clone(), recipient.dpa_date, recipient.dpa_expires);
        Self {
            legal_name: recipient.legal_name.clone(),
            domains: recipient.domains.iter().map(|domain| domain.as_str().to_owned()).collect(),
            role: recipient.role,
            of: recipient.of.clone(),
            purpose: recipient.purpose.clone(),
            agreement: Agreement { dpa_ref, dpa_date, dpa_expires },
            approved_for: recipient.approved_for.clone(),
            country: recipient.transfer.as_ref().map(|transfer| transfer.country.as_str().to_owned()),
            basis: recipient.transfer.as_ref().and_then(|transfer| transfer.basis),
            retention_days: recipient.retention_days,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REGISTRY: &str = r#"
[controller]
name = "Styrelsen"
dpo = "dpo@styrelsen.test"

[[vendor]]
id = "nordia"
name = "Nordia A/S"
dpa_ref = "2026-1"

[[system]]
id = "bolig"
vendor = "nordia"
base_urls = ["https://bolig.test/"]

[[system]]
id = "skat"
vendor = "nordia"
base_urls = ["https://skat.test/"]

[[recipient]]
legal_name = "Maaling ApS"
domains = ["maaling.test"]
role = "processor"
dpa_ref = "2026-2"
approved_for = ["skat"]
transfer = { country = "US", basis = "scc" }
retention_days = 7

[[recipient]]
legal_name = "Kort ApS"
domains = ["kort.test"]
role = "sub-processor"
of = "Maaling ApS"
approved_for = ["bolig"]

[[recipient]]
legal_name = "Andre ApS"
domains = ["andre.test"]
role = "processor"
approved_for = ["skat"]

[[answer]]
question = "clean-up"
recipient = "Maaling ApS"
given_by = "vendor"
given = "2026-10-01"
value = 7

[[answer]]
question = "purpose"
system = "skat"
given_by = "vendor"
text = "måling"
"#;

    fn declared() -> Declared {
        let mut scan = crate::comparison::sample::scan(1, Vec::new());
        scan.systems = vec![crate::comparison::sample::system("bolig")];
        Declared::of(&Registry::parse(REGISTRY).unwrap(), &scan)
    }

    #[test]
    fn what_concerns_the_scan_is_taken_along_with_the_chain_before_it() {
        let declared = declared();
        let names: Vec<&str> = declared.recipients.iter().map(|recipient| recipient.legal_name.as_str()).collect();
        assert_eq!(names, ["Maaling ApS", "Kort ApS"]);
        assert_eq!(declared.recipients[0].retention_days, Some(7));
        assert_eq!(declared.answers.len(), 1);
        assert_eq!(declared.dpo.as_deref(), Some("dpo@styrelsen.test"));
    }

    #[test]
    fn a_recipient_is_found_by_its_domain_and_answers_by_question() {
        let declared = declared();
        let recipient = declared.recipient("www.maaling.test").unwrap();
        assert_eq!(recipient.country.as_deref(), Some("US"));
        assert_eq!(declared.answers_to(Question::CleanUp, Some(recipient), None).count(), 1);
        assert_eq!(declared.answers_to(Question::CleanUp, declared.recipient("kort.test"), None).count(), 0);
        assert_eq!(declared.recipient("elsewhere.test"), None);
    }
}
