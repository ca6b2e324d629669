//! A scan narrowed to one system or one vendor: nothing of the others is left in it.

use std::collections::BTreeSet;

use crate::{Declared, Host, Scan, SystemId, VendorId};

/// What of a scan is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScanPart {
    /// One system.
    System(SystemId),
    /// The systems of one vendor.
    Vendor(VendorId),
}

impl Scan {
    /// The part of it that `part` names; `None` where it has no such system. What concerns the whole run stays.
    #[must_use]
    pub fn narrowed(&self, part: &ScanPart) -> Option<Self> {
        let mut scan = self.clone();
        scan.systems.retain(|system| match part {
            ScanPart::System(id) => system.id.as_ref() == Some(id),
            ScanPart::Vendor(id) => system.vendor.as_ref() == Some(id),
        });
        if scan.systems.is_empty() {
            return None;
        }
        let systems: BTreeSet<SystemId> = scan.systems.iter().filter_map(|system| system.id.clone()).collect();
        let vendors: BTreeSet<VendorId> = scan.systems.iter().filter_map(|system| system.vendor.clone()).collect();
        let is_ours = |system: Option<&SystemId>| system.is_some_and(|id| systems.contains(id));
        scan.targets = scan.systems.iter().map(|system| system.name.clone()).collect();
        scan.vendors.retain(|vendor| vendors.contains(&vendor.id));
        scan.findings.retain(|finding| is_ours(finding.system.as_ref()));
        scan.blind_spots.retain(|spot| spot.system.is_none() || is_ours(spot.system.as_ref()));
        let shown: BTreeSet<&str> = scan.blind_spots.iter().filter_map(|spot| spot.picture.as_deref()).collect();
        scan.pictures.retain(|file, _| shown.contains(file.as_str()));
        if let Some(record) = &mut scan.baseline {
            record.remarks.retain(|remark| is_ours(remark.system.as_ref()));
            record.accepted = scan.findings.iter().fold(0, |sum, finding| sum + u64::from(finding.is_accepted()));
        }
        scan.declared = self.declared.as_deref().map(|declared| Box::new(declared.narrowed(&scan)));
        scan.comparison = None;
        // How many persons these are of all is not known any more.
        scan.logs = None;
        Some(scan)
    }
}

impl Declared {
    /// What of it concerns `scan`, which has fewer systems than that it was declared for.
    fn narrowed(&self, scan: &Scan) -> Self {
        let systems: BTreeSet<&SystemId> = scan.systems.iter().filter_map(|system| system.id.as_ref()).collect();
        let contacts = scan.systems.iter().flat_map(|system| &system.coverage.recipients);
        let seen =
            contacts.map(|contact| &contact.recipient).chain(scan.findings.iter().map(|finding| &finding.recipient));
        let domains: BTreeSet<&str> = seen.map(|recipient| recipient.domain.as_str()).collect();
        let seen: BTreeSet<&str> = domains
            .into_iter()
            .filter(|domain| Host::parse(domain).is_some())
            .filter_map(|domain| Some(self.recipient(domain)?.legal_name.as_str()))
            .collect();
        let mut kept: BTreeSet<&str> = self
            .recipients
            .iter()
            .filter(|one| {
                seen.contains(one.legal_name.as_str()) || one.approved_for.iter().any(|id| systems.contains(id))
            })
            .map(|one| one.legal_name.as_str())
            .collect();
        // Each round goes one link up the chain; there are no more links than recipients.
        for _ in 0..self.recipients.len() {
            let below = self.recipients.iter().filter(|one| kept.contains(one.legal_name.as_str()));
            let above: Vec<&str> = below.filter_map(|one| one.of.as_deref()).collect();
            let before = kept.len();
            kept.extend(above);
            if kept.len() == before {
                break;
            }
        }
        let mut narrowed = self.clone();
        narrowed.vendors.retain(|vendor| scan.vendors.iter().any(|kept| kept.id == vendor.id));
        narrowed.recipients.retain(|one| kept.contains(one.legal_name.as_str()));
        for one in &mut narrowed.recipients {
            one.approved_for.retain(|id| systems.contains(id));
        }
        narrowed.answers.retain(|answer| {
            answer.system.as_ref().is_none_or(|id| systems.contains(id))
                && answer.recipient.as_ref().is_none_or(|name| kept.contains(name.as_str()))
        });
        narrowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::VendorRecord;
    use crate::comparison::sample::{finding, own, scan, system};

    fn two() -> Scan {
        let mut other = finding("other");
        other.system = Some(SystemId("skat".to_owned()));
        let mut scan = scan(1, vec![finding("ours"), other]);
        scan.systems.push(system("skat"));
        for (system, vendor) in scan.systems.iter_mut().zip(["nordia", "fjordsoft"]) {
            system.vendor = Some(VendorId(vendor.to_owned()));
            scan.vendors.push(VendorRecord { id: VendorId(vendor.to_owned()), name: vendor.to_owned() });
        }
        scan.targets = vec![own("borger"), own("skat")];
        scan
    }

    #[test]
    fn nothing_of_the_others_is_left() {
        let scan = two();
        for part in [ScanPart::System(SystemId("skat".to_owned())), ScanPart::Vendor(VendorId("fjordsoft".to_owned()))]
        {
            let narrowed = scan.narrowed(&part).unwrap();
            assert_eq!((narrowed.systems.len(), narrowed.findings.len(), narrowed.vendors.len()), (1, 1, 1));
            assert_eq!(narrowed.targets, [own("skat")]);
            assert_eq!(narrowed.check(), Ok(()));
            let text = format!("{narrowed:?}");
            assert!(!text.contains("nordia") && !text.contains("\"ours\""), "{text}");
        }
    }

    #[test]
    fn what_is_not_there_is_no_part() {
        assert_eq!(two().narrowed(&ScanPart::System(SystemId("none".to_owned()))), None);
    }
}
