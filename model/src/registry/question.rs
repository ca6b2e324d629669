//! What a data protection authority asks after a leak, and who can answer it: the scanner, the registry or the vendor.
//!
//! The first nine are those that Datatilsynet asked on 17 February 2020 in the TastSelv case (seeds-facts 1, with its
//! numbers). The other five nobody had to ask, since the account itself told them.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::SystemId;

/// A question of supervision. Ids are stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Question {
    /// Is there a processing agreement with the recipient?
    Agreement,
    /// The correspondence with the recipient on the matter.
    Correspondence,
    /// Was other information sent along that could link number and citizen, such as the IP address?
    AlsoSent,
    /// When did the transfers begin?
    TransferStart,
    /// What happened then?
    StartCause,
    /// Were the transfers encrypted?
    Encrypted,
    /// What was cleaned up at the recipient?
    CleanUp,
    /// Is there a processing agreement with the sub-processor?
    SubProcessorAgreement,
    /// Were the affected citizens told?
    CitizensTold,
    /// When was it corrected?
    Corrected,
    /// How many citizens were affected?
    Persons,
    /// What is the recipient used for?
    Purpose,
    /// What is the risk to the affected citizens?
    Risk,
    /// Were all other systems reviewed, and is none of them affected?
    OtherSystems,
}

/// Where a question comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// The authority asked it, under this number.
    ByAuthority(u8),
    /// The account told it unasked.
    ToldInAccount,
}

/// Who can answer a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// What was seen on the wire.
    Scanner,
    /// What the authority declares.
    Registry,
    /// What the vendor, or the authority itself, has answered in an `[[answer]]`.
    Vendor,
}

/// What kind of value an answer may carry, so that a scan can contradict it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueKind {
    /// None: words alone.
    Words,
    /// `true` or `false`.
    YesNo,
    /// A day.
    Day,
    /// A number of days or persons.
    Count,
}

/// Who gave an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GivenBy {
    /// The vendor of the system.
    Vendor,
    /// The authority itself.
    Controller,
}

/// An answer that was given to a question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// To which.
    pub question: Question,
    /// Legal name of the recipient it concerns; `None` for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipient: Option<String>,
    /// The system it concerns; `None` for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<SystemId>,
    /// By whom.
    pub given_by: GivenBy,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given: Option<Date>,
    /// In words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// What it comes to, of the kind that the question takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<AnswerValue>,
    /// The document it stands in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Line of its `[[answer]]` in the file, from 1.
    pub line: usize,
}

/// What an answer comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum AnswerValue {
    /// Yes or no.
    YesNo(bool),
    /// A day.
    Day(Date),
    /// A number of days or persons.
    Count(u64),
}

impl Question {
    /// Every question, in the order of a dossier.
    pub const ALL: [Self; 14] = [
        Self::Agreement,
        Self::Correspondence,
        Self::AlsoSent,
        Self::TransferStart,
        Self::StartCause,
        Self::Encrypted,
        Self::CleanUp,
        Self::SubProcessorAgreement,
        Self::CitizensTold,
        Self::Corrected,
        Self::Persons,
        Self::Purpose,
        Self::Risk,
        Self::OtherSystems,
    ];

    /// Stable id.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Agreement => "agreement",
            Self::Correspondence => "correspondence",
            Self::AlsoSent => "also-sent",
            Self::TransferStart => "transfer-start",
            Self::StartCause => "start-cause",
            Self::Encrypted => "encrypted",
            Self::CleanUp => "clean-up",
            Self::SubProcessorAgreement => "sub-processor-agreement",
            Self::CitizensTold => "citizens-told",
            Self::Corrected => "corrected",
            Self::Persons => "persons",
            Self::Purpose => "purpose",
            Self::Risk => "risk",
            Self::OtherSystems => "other-systems",
        }
    }

    /// Where it comes from.
    pub fn asked(self) -> Asked {
        match self {
            Self::Agreement => Asked::ByAuthority(1),
            Self::Correspondence => Asked::ByAuthority(2),
            Self::AlsoSent => Asked::ByAuthority(3),
            Self::TransferStart => Asked::ByAuthority(4),
            Self::StartCause => Asked::ByAuthority(5),
            Self::Encrypted => Asked::ByAuthority(6),
            Self::CleanUp => Asked::ByAuthority(7),
            Self::SubProcessorAgreement => Asked::ByAuthority(8),
            Self::CitizensTold => Asked::ByAuthority(9),
            Self::Corrected | Self::Persons | Self::Purpose | Self::Risk | Self::OtherSystems => Asked::ToldInAccount,
        }
    }

    /// The fields that answer it and whose they are, the first to be asked first. `scan.` is a field of `scan.json`, the
    /// rest are tables of the registry.
    pub fn answered_by(self) -> &'static [(Origin, &'static str)] {
        match self {
            Self::Agreement => &[
                (Origin::Registry, "recipient.dpa_ref"),
                (Origin::Registry, "recipient.dpa_date"),
                (Origin::Registry, "recipient.dpa_expires"),
                (Origin::Vendor, "answer.value"),
            ],
            Self::Correspondence => &[(Origin::Vendor, "answer.reference")],
            Self::AlsoSent => &[(Origin::Scanner, "scan.findings.also_sent"), (Origin::Vendor, "answer.value")],
            Self::TransferStart => &[(Origin::Vendor, "answer.value"), (Origin::Scanner, "scan.findings.first_seen")],
            Self::StartCause | Self::Risk => &[(Origin::Vendor, "answer.text")],
            Self::Encrypted => &[
                (Origin::Scanner, "scan.findings.cleartext"),
                (Origin::Scanner, "scan.findings.tls"),
                (Origin::Vendor, "answer.value"),
            ],
            Self::CleanUp => &[(Origin::Vendor, "answer.value"), (Origin::Registry, "recipient.retention_days")],
            Self::SubProcessorAgreement => &[
                (Origin::Registry, "recipient.of"),
                (Origin::Registry, "recipient.dpa_ref"),
                (Origin::Vendor, "answer.value"),
            ],
            Self::CitizensTold => &[(Origin::Vendor, "answer.value")],
            Self::Corrected => &[(Origin::Vendor, "answer.value"), (Origin::Scanner, "scan.findings.last_seen")],
            Self::Persons => &[(Origin::Scanner, "scan.findings.persons"), (Origin::Vendor, "answer.value")],
            Self::Purpose => &[(Origin::Registry, "recipient.purpose"), (Origin::Vendor, "answer.text")],
            Self::OtherSystems => &[(Origin::Scanner, "scan.systems.verdict"), (Origin::Vendor, "answer.value")],
        }
    }

    /// The kind of value that an answer to it may carry.
    pub fn takes(self) -> ValueKind {
        match self {
            Self::Agreement
            | Self::AlsoSent
            | Self::Encrypted
            | Self::SubProcessorAgreement
            | Self::CitizensTold
            | Self::OtherSystems => ValueKind::YesNo,
            Self::TransferStart | Self::Corrected => ValueKind::Day,
            Self::CleanUp | Self::Persons => ValueKind::Count,
            Self::Correspondence | Self::StartCause | Self::Purpose | Self::Risk => ValueKind::Words,
        }
    }
}

impl ValueKind {
    /// How a value of this kind is written; empty for none.
    pub fn example(self) -> &'static str {
        match self {
            Self::Words => "",
            Self::YesNo => "true or false",
            Self::Day => "a date, as in \"2015-02-02\"",
            Self::Count => "a whole number, as in 7",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_authority_asked_nine_in_its_own_order() {
        let asked: Vec<u8> = Question::ALL
            .iter()
            .filter_map(|question| match question.asked() {
                Asked::ByAuthority(number) => Some(number),
                Asked::ToldInAccount => None,
            })
            .collect();
        assert_eq!(asked, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    }

    #[test]
    fn each_question_has_somebody_to_answer_it_and_a_value_where_one_is_named() {
        for question in Question::ALL {
            let fields = question.answered_by();
            assert!(!fields.is_empty(), "{}", question.as_str());
            let has_value = fields.iter().any(|(_, field)| *field == "answer.value");
            assert_eq!(has_value, question.takes() != ValueKind::Words, "{}", question.as_str());
        }
    }

    #[test]
    fn an_id_is_what_is_written() {
        for question in Question::ALL {
            let written =
                format!("[[answer]]\nquestion = \"{}\"\ngiven_by = \"vendor\"\ntext = \"x\"\n", question.as_str());
            assert_eq!(crate::Registry::parse(&written).unwrap().answers[0].question, question);
        }
    }
}
