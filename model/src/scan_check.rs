//! What one run's record must hold together by: a file that was edited, or put together of two, does not.

use std::collections::BTreeSet;

use crate::{Scan, SystemId, VendorId};

/// Characters of a fingerprint that tell findings of one scan apart.
const SHORT_FINGERPRINT: usize = 8;

/// What does not fit together in a scan. Names of what it is about, but no text of the audited site.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Inconsistent {
    /// Time ran backwards.
    #[error("it ended before it began")]
    Ended,
    /// A system stands there twice.
    #[error("the system `{0}` is in it twice")]
    SystemTwice(String),
    /// A finding stands there twice.
    #[error("the finding {0} is in it twice")]
    FindingTwice(String),
    /// A finding or blind spot belongs to a system that is not there.
    #[error("the system `{0}` is named in it, and is not in it")]
    NoSuchSystem(SystemId),
    /// A system belongs to a vendor that is not there.
    #[error("the vendor `{0}` is named in it, and is not in it")]
    NoSuchVendor(VendorId),
    /// The figures of a finding exclude each other.
    #[error("the figures of the finding {0} cannot be right")]
    Figures(String),
}

impl Scan {
    /// Whether the record holds together. It need not be true for that; what a run wrote does.
    pub fn check(&self) -> Result<(), Inconsistent> {
        if self.ended < self.started {
            return Err(Inconsistent::Ended);
        }
        let mut systems = BTreeSet::new();
        for system in &self.systems {
            if !systems.insert(system.id.as_ref()) {
                let name = system.id.as_ref().map_or_else(|| system.name.to_string(), SystemId::to_string);
                return Err(Inconsistent::SystemTwice(name));
            }
        }
        let is_known = |id: &&SystemId| systems.contains(&Some(*id));
        let named = self.findings.iter().filter_map(|finding| finding.system.as_ref());
        let named = named.chain(self.blind_spots.iter().filter_map(|spot| spot.system.as_ref()));
        if let Some(unknown) = named.into_iter().find(|id| !is_known(id)) {
            return Err(Inconsistent::NoSuchSystem(unknown.clone()));
        }
        let mut vendors = self.systems.iter().filter_map(|system| system.vendor.as_ref());
        if let Some(unknown) = vendors.find(|id| self.vendors.iter().all(|vendor| vendor.id != **id)) {
            return Err(Inconsistent::NoSuchVendor(unknown.clone()));
        }
        let mut fingerprints = BTreeSet::new();
        for finding in &self.findings {
            let fingerprint = || finding.fingerprint.chars().take(SHORT_FINGERPRINT).collect();
            if !fingerprints.insert(finding.fingerprint.as_str()) {
                return Err(Inconsistent::FindingTwice(fingerprint()));
            }
            let is_possible = finding.undelivered <= finding.transmissions
                && finding.test_persons <= finding.persons
                && finding.first_seen <= finding.last_seen;
            if !is_possible {
                return Err(Inconsistent::Figures(fingerprint()));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comparison::sample::{finding, scan, system};

    #[track_caller]
    fn case(edit: impl Fn(&mut Scan), expected: &str) {
        let mut scan = scan(1, vec![finding("leak")]);
        assert_eq!(scan.check(), Ok(()));
        edit(&mut scan);
        assert_eq!(scan.check().unwrap_err().to_string(), expected);
    }

    #[test]
    fn what_was_edited_does_not_hold_together() {
        case(|scan| scan.ended = jiff::Timestamp::UNIX_EPOCH, "it ended before it began");
        case(|scan| scan.systems.push(system("borger")), "the system `borger` is in it twice");
        case(|scan| scan.findings.push(finding("leak")), "the finding leak is in it twice");
        case(|scan| scan.systems.clear(), "the system `borger` is named in it, and is not in it");
        case(
            |scan| scan.systems[0].vendor = Some(VendorId("nordia".to_owned())),
            "the vendor `nordia` is named in it, and is not in it",
        );
        case(|scan| scan.findings[0].undelivered = 9, "the figures of the finding leak cannot be right");
        case(|scan| scan.findings[0].test_persons = 9, "the figures of the finding leak cannot be right");
    }
}
