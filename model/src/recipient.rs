//! A recipient as a report shows it: what it is to the system, who is behind it, and who says so.

use serde::{Deserialize, Serialize};

use crate::{Redacted, Standing};

/// A recipient as a report shows it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RecipientRecord {
    /// Its registrable domain; for a vendor that stands behind a host of the system's own, the vendor's.
    pub domain: Redacted,
    /// What it is to the system.
    pub standing: Standing,
    /// The legal entity behind it, when the registry says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub legal_name: Option<String>,
    /// Where that entity is, ISO 3166-1 alpha-2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Who says where it is; without it, the registry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country_source: Option<Source>,
    /// The processing agreement, when the registry names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreement: Option<String>,
    /// The company behind it, as the built-in list says. Not checked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub company: Option<String>,
    /// What of that company's it is, as the built-in list says or the request's own shape.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<String>,
    /// What such a product is for, as the built-in list says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<Category>,
}

/// Who says something of a recipient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// The authority's registry.
    Registry,
    /// The list that comes with this program, which nobody has checked for the case.
    BuiltIn,
}

/// What a third party's product is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Category {
    /// Advertising.
    Ad,
    /// Measuring and error reports.
    Analytics,
    /// Delivery of files.
    Cdn,
    /// Asking for consent.
    ConsentProvider,
    /// Content made by others.
    Content,
    /// Chat and support.
    CustomerSuccess,
    /// Machines for rent.
    Hosting,
    /// Mail and campaigns.
    Marketing,
    /// Social media.
    Social,
    /// Loading of other scripts.
    TagManager,
    /// Tools: fonts, maps, logins, monitoring.
    Utility,
    /// Video.
    Video,
    /// None of these.
    Other,
}

impl RecipientRecord {
    /// One of which nothing is known but its domain and what it is to the system.
    pub fn bare(domain: Redacted, standing: Standing) -> Self {
        Self {
            domain,
            standing,
            legal_name: None,
            country: None,
            country_source: None,
            agreement: None,
            company: None,
            product: None,
            category: None,
        }
    }

    /// Whether its country is the built-in list's word alone.
    pub fn is_country_unchecked(&self) -> bool {
        self.country_source == Some(Source::BuiltIn)
    }
}

impl Source {
    /// Stable id.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Registry => "registry",
            Self::BuiltIn => "built-in",
        }
    }
}

impl Category {
    /// Every category.
    pub const ALL: [Self; 13] = [
        Self::Ad,
        Self::Analytics,
        Self::Cdn,
        Self::ConsentProvider,
        Self::Content,
        Self::CustomerSuccess,
        Self::Hosting,
        Self::Marketing,
        Self::Social,
        Self::TagManager,
        Self::Utility,
        Self::Video,
        Self::Other,
    ];

    /// Stable id.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ad => "ad",
            Self::Analytics => "analytics",
            Self::Cdn => "cdn",
            Self::ConsentProvider => "consent-provider",
            Self::Content => "content",
            Self::CustomerSuccess => "customer-success",
            Self::Hosting => "hosting",
            Self::Marketing => "marketing",
            Self::Social => "social",
            Self::TagManager => "tag-manager",
            Self::Utility => "utility",
            Self::Video => "video",
            Self::Other => "other",
        }
    }

    /// The category of this id.
    pub fn named(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|category| category.as_str() == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_category_is_found_by_its_id() {
        for category in Category::ALL {
            assert_eq!(Category::named(category.as_str()), Some(category));
        }
        assert_eq!(Category::named("surprise"), None);
    }

    #[test]
    fn a_record_of_an_older_scan_has_the_registrys_country() {
        let old = "domain = \"a.test\"\nstanding = \"approved\"\ncountry = \"IE\"\n";
        let record: RecipientRecord = toml::from_str(old).unwrap();
        assert_eq!(record.country.as_deref(), Some("IE"));
        assert!(!record.is_country_unchecked());
    }
}
