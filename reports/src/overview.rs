//! Every system as its last scan has it, by vendor: of one scan, or of many.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use model::{Scan, Severity, Standing, SystemResult, VendorId, Verdict};

use crate::summary::{Extract, has_registry};

/// Vendors with their systems.
#[derive(Clone, Debug)]
pub(crate) struct Overview<'a> {
    /// The vendors that have a system, by name; last what belongs to none.
    pub(crate) vendors: Vec<VendorPart<'a>>,
}

/// One vendor's systems.
#[derive(Clone, Debug)]
pub(crate) struct VendorPart<'a> {
    /// `None` for what no vendor is declared for.
    pub(crate) name: Option<&'a str>,
    /// When it is supervised next, as the last scan of its systems has it.
    pub(crate) next_supervision: Option<Date>,
    /// Whether that day was past when that scan ended.
    pub(crate) is_overdue: bool,
    /// By name.
    pub(crate) systems: Vec<SystemPart<'a>>,
}

/// A system in its last scan.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SystemPart<'a> {
    pub(crate) scan: &'a Scan,
    pub(crate) system: &'a SystemResult,
    /// Whether nothing of it was left unseen, the run as a whole included.
    pub(crate) is_complete: bool,
    /// The worst of its findings, accepted ones among them.
    pub(crate) worst: Option<Severity>,
    /// Recipients that are on no list; `None` where there was no list, or nothing of it was seen.
    pub(crate) unlisted: Option<usize>,
}

impl<'a> Overview<'a> {
    /// Of each system the last of `scans`; of two that began together the later in the order given.
    pub(crate) fn of(scans: impl IntoIterator<Item = &'a Scan>) -> Self {
        let mut last: Vec<(&'a Scan, &'a SystemResult)> = Vec::new();
        for scan in scans {
            for system in &scan.systems {
                // What no registry declares is told apart by its name.
                let is_same = |known: &&mut (&Scan, &SystemResult)| {
                    known.1.id == system.id && (system.id.is_some() || known.1.name == system.name)
                };
                match last.iter_mut().find(is_same) {
                    Some(known) if known.0.started <= scan.started => *known = (scan, system),
                    Some(_) => {}
                    None => last.push((scan, system)),
                }
            }
        }
        let mut ids: Vec<Option<&VendorId>> = last.iter().map(|(_, system)| system.vendor.as_ref()).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut vendors: Vec<VendorPart<'a>> = ids.into_iter().map(|id| vendor(id, &last)).collect();
        vendors.sort_by_key(|vendor| (vendor.name.is_none(), vendor.name));
        Self { vendors }
    }

    /// All systems.
    pub(crate) fn systems(&self) -> impl Iterator<Item = &SystemPart<'a>> {
        self.vendors.iter().flat_map(|vendor| &vendor.systems)
    }

    /// How many systems leak, are not covered at all, and were not seen whole though something was.
    pub(crate) fn totals(&self) -> [usize; 3] {
        let leaking = self.systems().filter(|part| part.system.verdict == Verdict::Leaking).count();
        let not_covered = self.systems().filter(|part| part.system.verdict == Verdict::NotCovered).count();
        let partly = self.systems().filter(|part| part.system.verdict != Verdict::NotCovered && !part.is_complete);
        [leaking, not_covered, partly.count()]
    }
}

fn vendor<'a>(id: Option<&VendorId>, last: &[(&'a Scan, &'a SystemResult)]) -> VendorPart<'a> {
    let own: Vec<(&'a Scan, &'a SystemResult)> =
        last.iter().copied().filter(|(_, system)| system.vendor.as_ref() == id).collect();
    let newest = own.iter().map(|(scan, _)| *scan).max_by_key(|scan| scan.started);
    let record = newest.and_then(|scan| scan.vendors.iter().find(|vendor| Some(&vendor.id) == id));
    let declared = newest.and_then(|scan| scan.declared.as_deref()?.vendor(id?));
    let next_supervision = declared.and_then(|declared| declared.next_supervision);
    let ended = newest.map(|scan| scan.ended.to_zoned(TimeZone::UTC).date());
    let mut systems: Vec<SystemPart<'a>> = own.into_iter().map(|(scan, system)| part(scan, system)).collect();
    systems.sort_by_key(|part| part.system.name.as_str());
    VendorPart {
        name: record.map(|vendor| vendor.name.as_str()),
        is_overdue: next_supervision.zip(ended).is_some_and(|(next, ended)| next < ended),
        next_supervision,
        systems,
    }
}

fn part<'a>(scan: &'a Scan, system: &'a SystemResult) -> SystemPart<'a> {
    let extract = Extract::of_system(scan, system);
    let of_run = Extract::whole(scan).run_blind_spots();
    let passed = scan.self_test.as_ref().is_none_or(model::SelfTest::passed);
    let is_seen = system.verdict != Verdict::NotCovered;
    let contacts = system.coverage.recipients.iter().map(|contact| contact.recipient.standing);
    let unlisted = contacts.filter(|standing| matches!(standing, Standing::Unlisted | Standing::Unknown)).count();
    SystemPart {
        scan,
        system,
        is_complete: is_seen && passed && extract.blind_spots.is_empty() && of_run.is_empty(),
        worst: extract.by_severity().first().map(|(severity, _)| *severity),
        unlisted: (is_seen && has_registry(scan)).then_some(unlisted),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn each_system_is_told_once_by_its_last_scan() {
        let mut earlier = sample::scan();
        earlier.started = "2026-01-01T00:00:00Z".parse().unwrap();
        earlier.findings.clear();
        let now = sample::scan();
        for scans in [[&earlier, &now], [&now, &earlier]] {
            let overview = Overview::of(scans);
            assert_eq!(overview.systems().count(), 3);
            assert!(overview.systems().all(|part| part.scan.started == now.started));
        }
        let names: Vec<Option<&str>> = Overview::of([&now]).vendors.iter().map(|vendor| vendor.name).collect();
        assert_eq!(names, [Some("Fjordsoft ApS"), Some("Nordia IT A/S")]);
    }

    #[test]
    fn what_was_not_covered_is_neither_complete_nor_without_unlisted() {
        let scan = sample::scan();
        let overview = Overview::of([&scan]);
        let part = overview.systems().find(|part| part.system.verdict == Verdict::NotCovered).unwrap();
        assert_eq!((part.is_complete, part.unlisted), (false, None));
        let [leaking, not_covered, _] = overview.totals();
        assert_eq!((leaking, not_covered), (1, 1));
    }

    #[test]
    fn supervision_that_is_past_is_overdue() {
        let mut scan = sample::scan();
        let of = |scan: &Scan| {
            let overview = Overview::of([scan]);
            overview.vendors.iter().map(|vendor| (vendor.next_supervision, vendor.is_overdue)).collect::<Vec<_>>()
        };
        assert_eq!(of(&scan), [(None, false), (Some(Date::constant(2027, 1, 15)), false)]);
        scan.declared.as_mut().unwrap().vendors[0].next_supervision = Some(Date::constant(2026, 1, 15));
        assert!(of(&scan)[1].1);
    }
}
