//! A scan held against earlier ones: what is new, mended, still there, accepted, and what cannot be told because it was not looked at.
//!
//! A finding that is gone is mended only where the later scan looked where the earlier one found it: the same kind of page,
//! signed in as the same roles, under the same answers to the question for consent, with nothing in between that could hide
//! it ([`WhyUnseen`]).

mod looked;
#[cfg(test)]
pub(crate) mod sample;

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use self::looked::WhyUnseen;
use crate::{BlindSpotKind, Finding, RecipientRecord, Redacted, Scan, Standing, SystemId, SystemResult};

/// What has changed since earlier scans.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    /// The scans that this one was held against; of each system the last that has it.
    pub earlier: Vec<EarlierScan>,
    /// Findings that no earlier one of these has and nobody accepted, worst first.
    pub new: Vec<NewFinding>,
    /// Findings that are in both and nobody accepted, worst first.
    pub still_there: Vec<StillThere>,
    /// Findings that somebody accepted for a while, new or not: they are in neither of those.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accepted: Vec<AcceptedFinding>,
    /// Findings that are gone, and were looked for.
    pub mended: Vec<Finding>,
    /// Findings that are not here, where it was not looked for them: nothing can be said.
    pub not_covered: Vec<NotCovered>,
    /// Recipients that a system had not before, numbers or not.
    pub new_recipients: Vec<NewRecipient>,
    /// What all scans of the period come to; `None` where there is no store to ask.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
}

/// A scan that another is held against.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct EarlierScan {
    /// When it began.
    pub started: Timestamp,
    /// Its id.
    pub id: String,
}

/// A finding that was not there before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewFinding {
    /// Which of the scan's findings.
    pub fingerprint: String,
    /// Why it may have been there all the same; `None` where the earlier scan looked there and found nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unseen_before: Option<Unseen>,
}

/// A finding that was there before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StillThere {
    /// Which of the scan's findings.
    pub fingerprint: String,
    /// When it was first seen, as far as the two scans tell.
    pub since: Timestamp,
}

/// A finding that does not count for a while.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcceptedFinding {
    /// Which of the scan's findings.
    pub fingerprint: String,
    /// When it was first seen, as far as the two scans tell; `None` where the earlier one has it not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
}

/// A finding of an earlier scan of which this one says nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotCovered {
    /// As it was then.
    pub finding: Finding,
    /// Why nothing can be said.
    pub unseen: Unseen,
}

/// Why a scan could not have seen a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unseen {
    /// Why.
    pub why: WhyUnseen,
    /// The blind spot that could hide it, where one could.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blind_spot: Option<BlindSpotKind>,
}

/// A recipient that a system had not before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewRecipient {
    /// Whose; `None` for a bare URL or file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<SystemId>,
    /// The system's name.
    pub name: Redacted,
    /// Who.
    pub recipient: RecipientRecord,
    /// Requests to it.
    pub requests: u64,
    /// Requests that carried a number surer than E4.
    pub with_number: u64,
}

/// What all scans of the same systems come to, from the first that was held against to this one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    /// How many scans.
    pub scans: u64,
    /// How often a number surer than E4 reached somebody else.
    pub transmissions: u64,
    /// How many different persons those scans saw.
    pub persons: DistinctPersons,
}

/// How many different persons, or why that is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "known")]
pub enum DistinctPersons {
    /// Each was counted once, by tokens under one key.
    Counted {
        /// That many.
        persons: u64,
    },
    /// At least one scan was made without a key file: its tokens are like nobody's else.
    NoKey,
    /// The scans were made with different key files.
    OtherKey,
}

impl Comparison {
    /// What has changed from `earlier` to `now`. Of each system the last of `earlier` that has it counts, by start.
    pub fn of(earlier: &[Scan], now: &Scan) -> Self {
        let mut earlier: Vec<&Scan> = earlier.iter().collect();
        earlier.sort_by_key(|scan| scan.started);
        let before = |system: &SystemResult| {
            earlier.iter().rev().copied().find_map(|scan| Some((scan, looked::same(scan, system)?)))
        };
        let mut comparison = Self {
            earlier: earlier.iter().map(|scan| EarlierScan { started: scan.started, id: scan.id.clone() }).collect(),
            new: Vec::new(),
            still_there: Vec::new(),
            accepted: Vec::new(),
            mended: Vec::new(),
            not_covered: Vec::new(),
            new_recipients: Vec::new(),
            period: None,
        };
        for finding in &now.findings {
            comparison.add_present(finding, now, &earlier);
        }
        let present: BTreeSet<&str> = now.findings.iter().map(|finding| finding.fingerprint.as_str()).collect();
        let mut told = BTreeSet::new();
        for then in earlier.iter().rev() {
            for finding in &then.findings {
                // Another scan, later than this one, has the last word on its system.
                let is_last = looked::owner(then, finding).is_none_or(|system| {
                    looked::last_with(&earlier, system).is_none_or(|last| std::ptr::eq(last, *then))
                });
                if is_last && !present.contains(finding.fingerprint.as_str()) && told.insert(&finding.fingerprint) {
                    comparison.add_gone(finding, then, now);
                }
            }
        }
        comparison.mended.sort_by_key(order);
        comparison.not_covered.sort_by_key(|gone| order(&gone.finding));
        for system in &now.systems {
            if let Some((_, then)) = before(system) {
                comparison.new_recipients.extend(new_recipients(then, system));
            }
        }
        comparison
    }

    /// Whether nothing has changed that can be told.
    pub fn is_unchanged(&self) -> bool {
        self.new.is_empty() && self.mended.is_empty() && self.new_recipients.is_empty()
    }

    fn add_present(&mut self, finding: &Finding, now: &Scan, earlier: &[&Scan]) {
        let fingerprint = finding.fingerprint.clone();
        let known = |scan: &&Scan| scan.findings.iter().find(|other| other.fingerprint == fingerprint).cloned();
        let last = looked::owner(now, finding)
            .map_or_else(|| earlier.last().copied(), |system| looked::last_with(earlier, system));
        let since = last.as_ref().and_then(known).map(|then| then.first_seen.min(finding.first_seen));
        if finding.is_accepted() {
            self.accepted.push(AcceptedFinding { fingerprint, since });
            return;
        }
        if let Some(since) = since {
            self.still_there.push(StillThere { fingerprint, since });
            return;
        }
        let not_audited = Unseen { why: WhyUnseen::SystemNotAudited, blind_spot: None };
        let unseen_before = last.map_or(Some(not_audited), |then| looked::unseen(finding, now, then));
        self.new.push(NewFinding { fingerprint, unseen_before });
    }

    fn add_gone(&mut self, finding: &Finding, then: &Scan, now: &Scan) {
        match looked::unseen(finding, then, now) {
            Some(unseen) => self.not_covered.push(NotCovered { finding: finding.clone(), unseen }),
            None => self.mended.push(finding.clone()),
        }
    }
}

/// Worst first, and then the same in every run.
fn order(finding: &Finding) -> (std::cmp::Reverse<crate::Severity>, String) {
    (std::cmp::Reverse(finding.severity), finding.fingerprint.clone())
}

/// Whom `now` has that `then` had not; the system itself is no recipient.
fn new_recipients<'a>(then: &SystemResult, now: &'a SystemResult) -> impl Iterator<Item = NewRecipient> + use<'a> {
    let known: BTreeSet<String> =
        then.coverage.recipients.iter().map(|contact| contact.recipient.domain.to_string()).collect();
    let contacts = now.coverage.recipients.iter();
    let new = contacts.filter(move |contact| {
        contact.recipient.standing != Standing::Own && !known.contains(contact.recipient.domain.as_str())
    });
    new.map(|contact| NewRecipient {
        system: now.id.clone(),
        name: now.name.clone(),
        recipient: contact.recipient.clone(),
        requests: contact.requests,
        with_number: contact.with_number,
    })
}

#[cfg(test)]
mod tests;
