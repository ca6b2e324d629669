//! Who may receive what, in which place of the processing chain, and where the data goes.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{SystemId, Vendor};
use crate::Host;

/// A recipient that the authority knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeclaredRecipient {
    /// Its legal name.
    pub legal_name: String,
    /// Its domains; each covers what lies below it.
    pub domains: Vec<Host>,
    /// What it is in the chain.
    pub role: Role,
    /// Whose sub-processor it is, as written.
    pub of: Option<String>,
    /// What it is used for.
    pub purpose: Option<String>,
    /// Whom to write to.
    pub contact: Option<String>,
    /// The processing agreement.
    pub dpa_ref: Option<String>,
    /// When that agreement was made.
    pub dpa_date: Option<Date>,
    /// The last day of that agreement.
    pub dpa_expires: Option<Date>,
    /// The systems it is approved for.
    pub approved_for: Vec<SystemId>,
    /// Where data goes and on what basis.
    pub transfer: Option<Transfer>,
    /// How long it keeps what it gets.
    pub retention_days: Option<u32>,
    /// Line of its `[[recipient]]` in the file, from 1.
    pub line: usize,
}

/// A recipient's place in the processing chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// A processor for the controller.
    Processor,
    /// A processor's processor.
    SubProcessor,
    /// Another public authority.
    Authority,
    /// A controller of its own.
    Controller,
}

/// Who stands before a recipient in the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChainLink<'a> {
    /// A vendor, whose sub-processor it is.
    Vendor(&'a Vendor),
    /// Another recipient.
    Recipient(&'a DeclaredRecipient),
}

/// A transfer of personal data to a country.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transfer {
    /// ISO 3166-1 alpha-2.
    pub country: Country,
    /// Why it is lawful outside the EEA; none is a finding's reason.
    #[serde(default)]
    pub basis: Option<TransferBasis>,
}

/// A country by its ISO 3166-1 alpha-2 code, two capital letters.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Country(String);

/// Why data may leave the EEA (GDPR chapter V).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TransferBasis {
    /// The Commission has found the country's protection adequate (article 45).
    Adequacy,
    /// Standard contractual clauses (article 46(2)(c)).
    Scc,
    /// Binding corporate rules (article 47).
    Bcr,
    /// Another appropriate safeguard of article 46.
    Safeguard,
    /// A derogation for specific situations (article 49).
    Derogation,
}

/// Countries of the EEA, ISO 3166-1 alpha-2.
const EEA: [&str; 30] = [
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IS", "IT", "LI", "LT",
    "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
];

impl DeclaredRecipient {
    /// The country outside the EEA that data goes to without a declared basis, if so.
    pub fn transfer_without_basis(&self) -> Option<&str> {
        let transfer = self.transfer.as_ref()?;
        let outside = !Country::is_in_eea(transfer.country.as_str());
        (outside && transfer.basis.is_none()).then_some(transfer.country.as_str())
    }
}

impl Country {
    /// Whether the country of this code is in the EEA.
    pub fn is_in_eea(code: &str) -> bool {
        EEA.contains(&code)
    }

    /// The two letters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Country {
    type Error = String;

    fn try_from(code: String) -> Result<Self, String> {
        if code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return Ok(Self(code));
        }
        Err("a country is two capital letters (ISO 3166-1), as in \"DK\"".to_owned())
    }
}
