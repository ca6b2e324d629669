//! What a scan, or the part of it that concerns one vendor or system, comes to: who got numbers, how bad, in one
//! sentence. Every total of every report is computed here.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    BlindSpotRecord, Evidence, Finding, RecipientRecord, Scan, ScanKind, Severity, Standing, SystemResult, VendorId,
};

use crate::inert::Inert;

/// The part of a scan that one page or section is about.
#[derive(Clone, Debug)]
pub(crate) struct Extract<'a> {
    pub(crate) scan: &'a Scan,
    pub(crate) systems: Vec<&'a SystemResult>,
    /// Worst first, as in the scan.
    pub(crate) findings: Vec<&'a Finding>,
    /// What was not seen. What was told and left no gap is not among it.
    pub(crate) blind_spots: Vec<&'a BlindSpotRecord>,
}

/// How many distinct persons several findings concern. They may be the same ones, so the sum would be too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Persons {
    pub(crate) count: u64,
    /// Whether there may be more.
    pub(crate) at_least: bool,
    /// Whether all are declared test persons.
    pub(crate) all_test: bool,
}

/// Whose the numbers are that were seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whose {
    /// Declared test persons' alone.
    TestPersons,
    /// Some declared test persons', some not.
    Mixed,
    /// No declared test person's.
    Others,
}

/// What is known of the instrument itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Instrument {
    /// It found every canary.
    Passed,
    /// It missed one.
    Failed,
    /// Its test was not run to its end.
    Unfinished,
    /// A recording was read, or somebody worked through the proxy: there was no browser of ours to test.
    None,
}

impl<'a> Extract<'a> {
    /// All of it.
    pub(crate) fn whole(scan: &'a Scan) -> Self {
        Self {
            scan,
            systems: scan.systems.iter().collect(),
            findings: scan.findings.iter().collect(),
            blind_spots: gaps(scan).collect(),
        }
    }

    /// One vendor's; `None` is what belongs to no vendor. What concerns the whole run concerns every vendor.
    pub(crate) fn of_vendor(scan: &'a Scan, vendor: Option<&'a VendorId>) -> Self {
        let systems: Vec<_> = scan.systems_of(vendor).collect();
        Self {
            scan,
            findings: scan.findings.iter().filter(|finding| vendor_of(scan, finding) == vendor).collect(),
            blind_spots: gaps(scan)
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
            blind_spots: gaps(scan)
                .filter(|spot| subject(scan, spot).is_some_and(|found| std::ptr::eq(found, system)))
                .collect(),
        }
    }

    /// Findings of this part that belong to none of its systems, so that none is left out.
    pub(crate) fn stray_findings(&self) -> Vec<&'a Finding> {
        self.findings.iter().copied().filter(|finding| owner(self.scan, finding).is_none()).collect()
    }

    /// Blind spots that belong to none of the scan's systems: they concern the whole run.
    pub(crate) fn run_blind_spots(&self) -> Vec<&'a BlindSpotRecord> {
        self.blind_spots.iter().copied().filter(|spot| subject(self.scan, spot).is_none()).collect()
    }

    /// Those outside the authority's own sites who got a number surer than E4, each legal entity once.
    pub(crate) fn recipients_of_numbers(&self) -> Vec<&'a RecipientRecord> {
        self.recipients_where(reached)
    }

    /// The recipients of the findings that `counts`, each legal entity once.
    pub(crate) fn recipients_where(&self, counts: impl Fn(&Finding) -> bool) -> Vec<&'a RecipientRecord> {
        distinct(self.findings.iter().copied().filter(|finding| counts(finding)).map(|finding| &finding.recipient))
    }

    /// The pages of the findings that `counts`.
    pub(crate) fn pages_where(&self, counts: impl Fn(&Finding) -> bool) -> BTreeSet<&'a str> {
        let counted = self.findings.iter().copied().filter(|finding| counts(finding));
        counted.map(|finding| finding.page.as_str()).filter(|page| !page.is_empty()).collect()
    }

    /// Whether any finding `counts`.
    pub(crate) fn has(&self, counts: impl Fn(&Finding) -> bool) -> bool {
        self.findings.iter().any(|finding| counts(finding))
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

    /// How many findings of each severity, worst first. A mere date is in none: see [`Self::possible`].
    pub(crate) fn by_severity(&self) -> Vec<(Severity, u64)> {
        let mut counts: BTreeMap<Severity, u64> = BTreeMap::new();
        for finding in self.findings.iter().filter(|finding| !is_possible(finding)) {
            *counts.entry(finding.severity).or_default() += 1;
        }
        counts.into_iter().rev().collect()
    }

    /// How many findings are of a mere date.
    pub(crate) fn possible(&self) -> u64 {
        self.findings.iter().fold(0, |sum, finding| sum + u64::from(is_possible(finding)))
    }

    /// How many findings are for information alone.
    pub(crate) fn information(&self) -> u64 {
        self.findings.iter().fold(0, |sum, finding| sum + u64::from(is_information(finding)))
    }

    /// How often a number surer than E4 reached somebody else: what the site sends itself is the cause, not the harm.
    pub(crate) fn transmissions(&self) -> u64 {
        let sum = self.findings.iter().fold(0_u64, |sum, finding| sum.saturating_add(finding.numbers_delivered()));
        sum.saturating_sub(counted_again(self.scan, &self.findings))
    }

    /// How many distinct persons those numbers were; when none reached anybody, those that stood where they must not.
    pub(crate) fn persons(&self) -> Persons {
        let any_reached = self.has(reached);
        let counts = |finding: &&&Finding| if any_reached { reached(finding) } else { is_number(finding) };
        let counted: Vec<_> = self.findings.iter().filter(counts).collect();
        let count = counted.iter().map(|finding| finding.persons).max().unwrap_or_default();
        let all_test = counted.iter().all(|finding| finding.persons == finding.test_persons);
        let all_declared = all_test && u64::try_from(self.scan.test_persons.len()).is_ok_and(|all| all == count);
        Persons { count, at_least: counted.len() > 1 && !all_declared, all_test: all_test && count > 0 }
    }

    /// Whose the numbers surer than E4 are; `None` when there are none.
    pub(crate) fn whose(&self) -> Option<Whose> {
        let mut numbers = self.findings.iter().filter(|finding| is_number(finding)).peekable();
        numbers.peek()?;
        let (mut test, mut others) = (false, false);
        for finding in numbers {
            test |= finding.test_persons > 0;
            others |= finding.persons > finding.test_persons;
        }
        Some(match (test, others) {
            (_, false) => Whose::TestPersons,
            (true, true) => Whose::Mixed,
            (false, true) => Whose::Others,
        })
    }

    /// How many times something was not seen.
    pub(crate) fn unseen(&self) -> u64 {
        self.blind_spots.iter().fold(0, |sum, spot| sum.saturating_add(spot.count))
    }
}

/// What of `scan` was not seen.
fn gaps(scan: &Scan) -> impl Iterator<Item = &BlindSpotRecord> {
    scan.blind_spots.iter().filter(|spot| spot.kind.leaves_gap())
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

/// Whether there is no doubt that it is a number.
pub(crate) fn is_sure(finding: &Finding) -> bool {
    match finding.evidence {
        Some(Evidence::E1 | Evidence::E2) => true,
        Some(Evidence::E3 | Evidence::E4) | None => false,
    }
}

/// Whether it is a mere date, perhaps a number.
pub(crate) fn is_possible(finding: &Finding) -> bool {
    finding.evidence == Some(Evidence::E4)
}

/// Whether it is only for information: no number was seen, and nothing needs mending for it.
pub(crate) fn is_information(finding: &Finding) -> bool {
    finding.severity == Severity::Info && finding.evidence.is_none()
}

/// How many of the transmissions got there.
pub(crate) fn delivered(finding: &Finding) -> u64 {
    finding.transmissions.saturating_sub(finding.undelivered)
}

/// Whether it was sent to somebody and never got there: no connection was made.
pub(crate) fn was_only_tried(finding: &Finding) -> bool {
    finding.transmissions > 0 && delivered(finding) == 0
}

/// Whether all that did not get there is what we stopped.
pub(crate) fn was_stopped(finding: &Finding) -> bool {
    finding.blocked > 0 && finding.blocked >= finding.undelivered
}

/// Whether a number surer than a mere date was sent, or tried to be sent, to somebody else than the authority.
pub(crate) fn leaks(finding: &Finding) -> bool {
    is_number(finding) && finding.recipient.standing != Standing::Own && !finding.rule.is_of_page()
}

/// Whether such a number got there.
pub(crate) fn reached(finding: &Finding) -> bool {
    leaks(finding) && !was_only_tried(finding)
}

/// What is known of the instrument that made `scan`.
pub(crate) fn instrument(scan: &Scan) -> Instrument {
    match (&scan.self_test, scan.kind) {
        (Some(test), ScanKind::Audit | ScanKind::Recording | ScanKind::Proxy | ScanKind::Run) if test.passed() => {
            Instrument::Passed
        }
        (Some(_), ScanKind::Audit | ScanKind::Recording | ScanKind::Proxy | ScanKind::Run) => Instrument::Failed,
        (None, ScanKind::Audit) => Instrument::Unfinished,
        (None, ScanKind::Recording | ScanKind::Proxy | ScanKind::Run) => Instrument::None,
    }
}

/// Whether the scan had a registry to tell recipients by.
pub(crate) fn has_registry(scan: &Scan) -> bool {
    scan.systems.iter().any(|system| system.id.is_some())
}

/// The system that a finding belongs to. A finding without system id belongs to the one bare URL or file; of
/// several, to the one its page lies below.
pub(crate) fn owner<'a>(scan: &'a Scan, finding: &Finding) -> Option<&'a SystemResult> {
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

/// The system that a blind spot concerns. What names none concerns the one bare URL or file, if that is all there is;
/// else the whole run.
fn subject<'a>(scan: &'a Scan, spot: &BlindSpotRecord) -> Option<&'a SystemResult> {
    match (&spot.system, scan.systems.as_slice()) {
        (None, [only]) if only.id.is_none() => Some(only),
        (None, _) => None,
        (Some(_), systems) => systems.iter().find(|system| system.id == spot.system),
    }
}

pub(crate) fn vendor_of<'a>(scan: &'a Scan, finding: &'a Finding) -> Option<&'a VendorId> {
    owner(scan, finding).map_or(finding.vendor.as_ref(), |system| system.vendor.as_ref())
}

/// Each legal entity once; a recipient that nobody has named is told by its domain.
fn distinct<'a>(recipients: impl Iterator<Item = &'a RecipientRecord>) -> Vec<&'a RecipientRecord> {
    let mut seen = BTreeSet::new();
    recipients.filter(|recipient| seen.insert(entity(recipient))).collect()
}

/// What a recipient is told apart by.
pub(crate) fn entity(recipient: &RecipientRecord) -> &str {
    recipient.legal_name.as_deref().unwrap_or(recipient.domain.as_str())
}

/// What a sum of the numbers that `findings` of a scan delivered is too high by: of a line of a log, several of them may tell.
pub(crate) fn counted_again(scan: &Scan, findings: &[&Finding]) -> u64 {
    let Some(logs) = scan.logs.as_deref().filter(|logs| !logs.shared.is_empty()) else { return 0 };
    let delivering = findings.iter().filter(|finding| finding.numbers_delivered() > 0);
    let delivering: BTreeSet<&str> = delivering.map(|finding| finding.fingerprint.as_str()).collect();
    logs.counted_again(|fingerprint| delivering.contains(fingerprint))
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
        assert_eq!(whole.pages_where(reached).len(), 2);
        assert_eq!(whole.persons(), Persons { count: 1, at_least: false, all_test: true });
        assert_eq!(whole.transmissions(), 41 + 12 + 12, "the nine to the site itself are not among them");
    }

    #[test]
    fn persons_of_several_findings_are_not_added_up() {
        let mut scan = sample::scan();
        scan.findings[0].persons = 3315;
        assert_eq!(Extract::whole(&scan).persons(), Persons { count: 3315, at_least: true, all_test: false });
        assert_eq!(Extract::whole(&scan).whose(), Some(Whose::Mixed));
    }

    #[test]
    fn what_never_got_there_reached_nobody() {
        let mut scan = sample::scan();
        scan.findings[0].undelivered = scan.findings[0].transmissions;
        scan.findings[1].undelivered = 2;
        let whole = Extract::whole(&scan);
        assert_eq!(whole.recipients_of_numbers().len(), 2);
        assert_eq!(whole.transmissions(), 10 + 12);
        assert_eq!(whole.recipients_where(leaks).len(), 3);
    }

    #[test]
    fn a_number_that_stayed_with_the_system_adds_no_page_and_no_person_to_those_that_went_out() {
        let mut scan = sample::scan();
        let mut own = scan.findings[3].clone();
        (own.page, own.persons) = (sample::own("https://www.tastselv.test/egen"), 9);
        scan.findings.push(own);
        let whole = Extract::whole(&scan);
        assert_eq!((whole.pages_where(reached).len(), whole.persons().count), (2, 1));
        scan.findings.retain(|finding| !leaks(finding));
        assert_eq!(Extract::whole(&scan).persons().count, 9);
    }

    #[test]
    fn a_mere_date_is_counted_as_possible_and_under_no_severity() {
        let scan = sample::scan();
        let whole = Extract::whole(&scan);
        assert_eq!(whole.possible(), 1);
        assert_eq!(whole.by_severity().iter().map(|(_, count)| count).sum::<u64>() + 1, count(&scan));
    }

    fn count(scan: &Scan) -> u64 {
        u64::try_from(scan.findings.len()).unwrap()
    }

    #[test]
    fn what_the_run_did_not_see_is_the_one_bare_subjects_and_else_the_runs() {
        let bare = sample::bare();
        assert_eq!(Extract::of_system(&bare, &bare.systems[0]).unseen(), 1);
        assert!(Extract::whole(&bare).run_blind_spots().is_empty());
        let scan = sample::scan();
        assert_eq!(Extract::whole(&scan).run_blind_spots().len(), 1);
        let of_systems: u64 = scan.systems.iter().map(|system| Extract::of_system(&scan, system).unseen()).sum();
        assert_eq!(of_systems + 3, Extract::whole(&scan).unseen());
    }

    #[test]
    fn an_audit_without_a_self_test_was_stopped_in_it() {
        let mut scan = sample::scan();
        assert_eq!(instrument(&scan), Instrument::Passed);
        scan.self_test = None;
        assert_eq!(instrument(&scan), Instrument::Unfinished);
        scan.kind = ScanKind::Recording;
        assert_eq!(instrument(&scan), Instrument::None);
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
            for spot in scan.blind_spots.iter().filter(|spot| spot.kind.leaves_gap()) {
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
