//! What a scan, or the part of it that concerns one vendor or system, comes to: who got numbers, how bad, in one
//! sentence. Every total of every report is computed here.

use std::collections::{BTreeMap, BTreeSet};

use model::{BlindSpotRecord, Evidence, Finding, RecipientRecord, Scan, Severity, Standing, SystemResult, VendorId};

use crate::inert::Inert;

/// The part of a scan that one page or section is about.
#[derive(Clone, Debug)]
pub(crate) struct Extract<'a> {
    pub(crate) scan: &'a Scan,
    pub(crate) systems: Vec<&'a SystemResult>,
    /// Worst first, as in the scan.
    pub(crate) findings: Vec<&'a Finding>,
    pub(crate) blind_spots: Vec<&'a BlindSpotRecord>,
}

/// How many distinct persons several findings concern. They may be the same ones, so the sum would be too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Persons {
    pub(crate) count: u64,
    /// Whether there may be more.
    pub(crate) at_least: bool,
}

impl<'a> Extract<'a> {
    /// All of it.
    pub(crate) fn whole(scan: &'a Scan) -> Self {
        Self {
            scan,
            systems: scan.systems.iter().collect(),
            findings: scan.findings.iter().collect(),
            blind_spots: scan.blind_spots.iter().collect(),
        }
    }

    /// One vendor's; `None` is what belongs to no vendor. What concerns the whole run concerns every vendor.
    pub(crate) fn of_vendor(scan: &'a Scan, vendor: Option<&'a VendorId>) -> Self {
        let systems: Vec<_> = scan.systems_of(vendor).collect();
        Self {
            scan,
            findings: scan.findings.iter().filter(|finding| vendor_of(scan, finding) == vendor).collect(),
            blind_spots: scan
                .blind_spots
                .iter()
                .filter(|spot| {
                    let owner =
                        spot.system.as_ref().and_then(|id| scan.systems.iter().find(|s| s.id.as_ref() == Some(id)));
                    owner.is_none_or(|system| system.vendor.as_ref() == vendor)
                })
                .collect(),
            systems,
        }
    }

    /// One system's.
    pub(crate) fn of_system(scan: &'a Scan, system: &'a SystemResult) -> Self {
        let is_own = |finding: &&Finding| owner(scan, finding).is_some_and(|found| std::ptr::eq(found, system));
        Self {
            scan,
            systems: vec![system],
            findings: scan.findings.iter().filter(is_own).collect(),
            blind_spots: scan
                .blind_spots
                .iter()
                .filter(|spot| spot.system.is_some() && spot.system == system.id)
                .collect(),
        }
    }

    /// Findings of this part that belong to none of its systems, so that none is left out.
    pub(crate) fn stray_findings(&self) -> Vec<&'a Finding> {
        self.findings.iter().copied().filter(|finding| owner(self.scan, finding).is_none()).collect()
    }

    /// Blind spots that belong to none of the scan's systems: they concern the whole run.
    pub(crate) fn run_blind_spots(&self) -> Vec<&'a BlindSpotRecord> {
        let known =
            |spot: &BlindSpotRecord| spot.system.is_some() && self.scan.systems.iter().any(|s| s.id == spot.system);
        self.blind_spots.iter().copied().filter(|spot| !known(spot)).collect()
    }

    /// Those outside the authority's own sites who got a number surer than E4, each legal entity once.
    pub(crate) fn recipients_of_numbers(&self) -> Vec<&'a RecipientRecord> {
        distinct(self.findings.iter().copied().filter(|finding| leaks(finding)).map(|finding| &finding.recipient))
    }

    /// Those in findings where no number was seen.
    pub(crate) fn unlisted_recipients(&self) -> Vec<&'a RecipientRecord> {
        distinct(self.findings.iter().copied().filter(|finding| finding.evidence.is_none()).map(|f| &f.recipient))
    }

    /// The pages that numbers surer than E4 were sent from.
    pub(crate) fn pages_with_numbers(&self) -> BTreeSet<&'a str> {
        let sure = self.findings.iter().copied().filter(|finding| is_number(finding));
        sure.map(|finding| finding.page.as_str()).filter(|page| !page.is_empty()).collect()
    }

    /// The systems with a finding that `counts`.
    pub(crate) fn systems_where(&self, counts: impl Fn(&Finding) -> bool) -> Vec<&'a SystemResult> {
        let has = |system: &SystemResult| {
            self.findings
                .iter()
                .any(|finding| counts(finding) && owner(self.scan, finding).is_some_and(|s| std::ptr::eq(s, system)))
        };
        self.systems.iter().copied().filter(|system| has(system)).collect()
    }

    /// How many findings of each severity, worst first, none left out for being zero.
    pub(crate) fn by_severity(&self) -> Vec<(Severity, u64)> {
        let mut counts: BTreeMap<Severity, u64> = Severity::ALL.into_iter().map(|severity| (severity, 0)).collect();
        for finding in &self.findings {
            *counts.entry(finding.severity).or_default() += 1;
        }
        counts.into_iter().rev().collect()
    }

    /// How often a number surer than E4 was sent to somebody else: what the site sends itself is the cause, not the harm.
    pub(crate) fn transmissions(&self) -> u64 {
        let sent = self.findings.iter().filter(|finding| leaks(finding));
        sent.fold(0, |sum, finding| sum.saturating_add(finding.transmissions))
    }

    /// How many distinct persons those numbers were.
    pub(crate) fn persons(&self) -> Persons {
        let sure: Vec<_> = self.findings.iter().filter(|finding| is_number(finding)).collect();
        let count = sure.iter().map(|finding| finding.persons).max().unwrap_or_default();
        let only_test = sure.iter().all(|finding| finding.persons == finding.test_persons);
        let all_declared = only_test && u64::try_from(self.scan.test_persons.len()).is_ok_and(|all| all == count);
        Persons { count, at_least: sure.len() > 1 && !all_declared }
    }

    /// Whether every number surer than E4 is a declared test person's.
    pub(crate) fn only_test_persons(&self) -> bool {
        self.findings.iter().filter(|finding| is_number(finding)).all(|f| f.persons == f.test_persons)
    }

    /// How many times something was not seen.
    pub(crate) fn unseen(&self) -> u64 {
        self.blind_spots.iter().fold(0, |sum, spot| sum.saturating_add(spot.count))
    }
}

/// The vendors that get a page: the declared ones, then any that only a system or finding names, and last `None`
/// when something belongs to no vendor.
pub(crate) fn vendors(scan: &Scan) -> Vec<Option<&VendorId>> {
    let mut vendors: Vec<Option<&VendorId>> = Vec::new();
    let declared = scan.vendors.iter().map(|vendor| Some(&vendor.id));
    let of_systems = scan.systems.iter().map(|system| system.vendor.as_ref());
    let of_findings = scan.findings.iter().map(|finding| vendor_of(scan, finding));
    for vendor in declared.chain(of_systems).chain(of_findings) {
        if !vendors.contains(&vendor) {
            vendors.push(vendor);
        }
    }
    vendors.sort_by_key(Option::is_none);
    if vendors.is_empty() { vec![None] } else { vendors }
}

/// The vendor's name; `None` without a vendor.
pub(crate) fn vendor_name(scan: &Scan, vendor: &VendorId) -> Inert {
    let declared = scan.vendors.iter().find(|record| record.id == *vendor);
    Inert::new(declared.map_or(&vendor.0, |record| &record.name))
}

/// Whether a number surer than a mere date was seen.
pub(crate) fn is_number(finding: &Finding) -> bool {
    match finding.evidence {
        Some(Evidence::E1 | Evidence::E2 | Evidence::E3) => true,
        Some(Evidence::E4) | None => false,
    }
}

/// Whether such a number went to somebody else than the authority.
pub(crate) fn leaks(finding: &Finding) -> bool {
    is_number(finding) && finding.recipient.standing != Standing::Own
}

/// Whether the scan had a registry to tell recipients by.
pub(crate) fn has_registry(scan: &Scan) -> bool {
    scan.systems.iter().any(|system| system.id.is_some())
}

/// The system that a finding belongs to. A finding without system id belongs to the one bare URL or file; of
/// several, to the one its page lies below.
fn owner<'a>(scan: &'a Scan, finding: &Finding) -> Option<&'a SystemResult> {
    if finding.system.is_some() {
        return scan.systems.iter().find(|system| system.id == finding.system);
    }
    let mut bare = scan.systems.iter().filter(|system| system.id.is_none());
    let first = bare.next()?;
    if bare.next().is_none() {
        return Some(first);
    }
    let is_below = |system: &&SystemResult| {
        system.base_urls.iter().any(|url| !url.as_str().is_empty() && finding.page.as_str().starts_with(url.as_str()))
    };
    scan.systems.iter().filter(|system| system.id.is_none()).find(is_below)
}

fn vendor_of<'a>(scan: &'a Scan, finding: &'a Finding) -> Option<&'a VendorId> {
    owner(scan, finding).map_or(finding.vendor.as_ref(), |system| system.vendor.as_ref())
}

/// Each legal entity once; a recipient that nobody has named is told by its domain.
fn distinct<'a>(recipients: impl Iterator<Item = &'a RecipientRecord>) -> Vec<&'a RecipientRecord> {
    let mut seen = BTreeSet::new();
    recipients
        .filter(|recipient| seen.insert(recipient.legal_name.as_deref().unwrap_or(recipient.domain.as_str())))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn a_legal_entity_with_two_domains_is_one_recipient() {
        let mut scan = sample::scan();
        let count = Extract::whole(&scan).recipients_of_numbers().len();
        let mut twin = scan.findings[0].clone();
        twin.recipient.domain = model::Redacted::own_words("other-domain.test");
        scan.findings.push(twin);
        assert!(scan.findings[0].recipient.legal_name.is_some());
        assert_eq!(Extract::whole(&scan).recipients_of_numbers().len(), count);
    }

    #[test]
    fn the_sample_has_three_recipients_on_two_pages() {
        let scan = sample::scan();
        let whole = Extract::whole(&scan);
        assert_eq!(whole.recipients_of_numbers().len(), 3);
        assert_eq!(whole.pages_with_numbers().len(), 2);
        assert_eq!(whole.persons(), Persons { count: 1, at_least: false });
        assert_eq!(whole.transmissions(), 41 + 12 + 12, "the nine to the site itself are not among them");
    }

    #[test]
    fn persons_of_several_findings_are_not_added_up() {
        let mut scan = sample::scan();
        scan.findings[0].persons = 3315;
        assert_eq!(Extract::whole(&scan).persons(), Persons { count: 3315, at_least: true });
        assert!(!Extract::whole(&scan).only_test_persons());
    }

    #[test]
    fn every_finding_and_blind_spot_is_on_some_vendors_page() {
        for scan in [sample::scan(), sample::hostile(), sample::bare()] {
            let pages: Vec<_> = vendors(&scan).into_iter().map(|v| Extract::of_vendor(&scan, v)).collect();
            assert_eq!(pages.iter().map(|page| page.findings.len()).sum::<usize>(), scan.findings.len());
            for page in &pages {
                let listed: usize =
                    page.systems.iter().map(|system| Extract::of_system(&scan, system).findings.len()).sum();
                assert_eq!(listed + page.stray_findings().len(), page.findings.len());
            }
            for spot in &scan.blind_spots {
                assert!(pages.iter().any(|page| page.blind_spots.contains(&spot)), "{spot:?}");
            }
        }
    }

    #[test]
    fn findings_of_several_bare_urls_are_told_apart_by_their_page() {
        let mut scan = sample::bare();
        let mut other = scan.systems[0].clone();
        other.base_urls = vec![model::Redacted::own_words("https://other.test/")];
        scan.systems.push(other);
        assert_eq!(Extract::of_system(&scan, &scan.systems[0]).findings.len(), 1);
        assert_eq!(Extract::of_system(&scan, &scan.systems[1]).findings.len(), 0);
    }
}
