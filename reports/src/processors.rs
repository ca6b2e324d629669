//! Who was sent anything by the systems of one vendor, and what is declared of them: a row for each recipient, a cell for
//! each system. Declared ones that were not seen have their row.

use std::collections::{BTreeMap, BTreeSet};

use model::registry::Role;
use model::{Declared, RecipientDeclaration, RecipientRecord, Scan, Standing, SystemResult, VendorId, Verdict};

use crate::summary::{Extract, entity, leaks, was_only_tried};

/// The recipients of one vendor's systems, those on no list first.
#[derive(Clone, Debug)]
pub(crate) struct Processors<'a> {
    pub(crate) systems: Vec<&'a SystemResult>,
    pub(crate) rows: Vec<Processor<'a>>,
}

/// A recipient.
#[derive(Clone, Debug)]
pub(crate) struct Processor<'a> {
    /// The legal entity, or the domain where nobody names one.
    pub(crate) name: &'a str,
    /// Its domains that were seen.
    pub(crate) domains: BTreeSet<&'a str>,
    pub(crate) declaration: Option<&'a RecipientDeclaration>,
    /// As the scan has it; `None` where it was not seen.
    pub(crate) record: Option<&'a RecipientRecord>,
    /// The worst of what it is to the systems; `None` where it was not seen.
    pub(crate) standing: Option<Standing>,
    /// One for each system.
    pub(crate) cells: Vec<Cell>,
}

/// What one system had to do with one recipient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cell {
    pub(crate) contact: Contact,
    /// What it is to that system, where it was seen.
    pub(crate) standing: Option<Standing>,
}

/// What was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Contact {
    /// The system was not covered: nothing is known.
    NotExamined,
    /// It was not contacted in what was seen.
    NotContacted,
    /// It was, and got no number.
    Contacted { requests: u64 },
    /// Numbers were on their way to it, and none got there.
    Tried { requests: u64, with_number: u64 },
    /// It got numbers.
    Got { requests: u64, with_number: u64 },
}

/// Who stands before a recipient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Before<'a> {
    /// Another recipient.
    Recipient(&'a str),
    /// The vendor that the page is about.
    Vendor(&'a str),
    /// Another vendor, whose name is not for this one to read.
    OtherVendor,
    /// The controller itself: the recipient is its processor.
    Controller,
    /// It is a sub-processor, and nobody says whose.
    NotSaid,
    /// A name that nothing declared has.
    Undeclared(&'a str),
    /// The chain comes back to where it was.
    Circle,
}

/// What is summed up for one recipient and system on the way.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    requests: u64,
    with_number: u64,
    delivered: u64,
    /// Whether a finding of it says that nothing got there, and whether one says otherwise.
    tried: bool,
    reached: bool,
    standing: Option<Standing>,
}

impl<'a> Processors<'a> {
    /// Those of the systems of `part`. Findings that belong to no system are told apart from these, under their own heading.
    pub(crate) fn of(part: &Extract<'a>) -> Self {
        let scan = part.scan;
        let declared = scan.declared.as_deref();
        let mut rows: BTreeMap<&str, (Processor<'a>, Vec<Sum>)> = BTreeMap::new();
        let count = part.systems.len();
        for (at, system) in part.systems.iter().copied().enumerate() {
            for contact in &system.coverage.recipients {
                if let Some(sum) = sum_of(&mut rows, &contact.recipient, declared, at, count) {
                    sum.requests = sum.requests.saturating_add(contact.requests);
                    sum.with_number = sum.with_number.saturating_add(contact.with_number);
                }
            }
            for finding in Extract::of_system(scan, system).findings {
                if let Some(sum) = sum_of(&mut rows, &finding.recipient, declared, at, count) {
                    sum.delivered = sum.delivered.saturating_add(finding.numbers_delivered());
                    sum.tried |= leaks(finding) && was_only_tried(finding);
                    sum.reached |= leaks(finding) && !was_only_tried(finding);
                }
            }
        }
        let ids: Vec<_> = part.systems.iter().filter_map(|system| system.id.as_ref()).collect();
        let meant = declared.into_iter().flat_map(|declared| &declared.recipients);
        for declaration in meant.filter(|one| one.approved_for.iter().any(|id| ids.contains(&id))) {
            let name = declaration.legal_name.as_str();
            rows.entry(name)
                .or_insert_with(|| (Processor::named(name, Some(declaration)), vec![Sum::default(); count]));
        }
        let mut rows: Vec<Processor<'a>> = rows
            .into_values()
            .map(|(row, sums)| {
                let cells = part.systems.iter().zip(&sums).map(|(system, sum)| Cell::of(system, sum)).collect();
                let standing = sums.iter().filter_map(|sum| sum.standing).min_by_key(|standing| rank(*standing));
                Processor { standing, cells, ..row }
            })
            .collect();
        rows.sort_by_key(|row| (row.standing.map_or(u8::MAX, rank), !row.got_numbers(), row.name));
        Self { systems: part.systems.clone(), rows }
    }

    /// How many were seen, how many of those are on no list for some system, how many got numbers, and how many are
    /// declared and were not seen.
    pub(crate) fn totals(&self) -> [usize; 4] {
        let seen = self.rows.iter().filter(|row| row.was_seen()).count();
        let unlisted = self.rows.iter().filter(|row| row.is_unlisted()).count();
        let got = self.rows.iter().filter(|row| row.got_numbers()).count();
        [seen, unlisted, got, self.rows.len() - seen]
    }
}

impl<'a> Processor<'a> {
    fn named(name: &'a str, declaration: Option<&'a RecipientDeclaration>) -> Self {
        Self { name, domains: BTreeSet::new(), declaration, record: None, standing: None, cells: Vec::new() }
    }

    /// Whether any system contacted it.
    pub(crate) fn was_seen(&self) -> bool {
        self.record.is_some()
    }

    /// Whether it got a number from any system.
    pub(crate) fn got_numbers(&self) -> bool {
        self.cells.iter().any(|cell| matches!(cell.contact, Contact::Got { .. }))
    }

    /// Whether it is not on the list of a system that contacted it.
    pub(crate) fn is_unlisted(&self) -> bool {
        matches!(self.standing, Some(Standing::Unlisted | Standing::Unknown))
    }

    /// Who stands before it, link by link, up to the vendor or the controller; nothing where nothing is declared of it.
    pub(crate) fn chain(&self, scan: &'a Scan, own: Option<&VendorId>) -> Vec<Before<'a>> {
        let (Some(declared), Some(first)) = (scan.declared.as_deref(), self.declaration) else { return Vec::new() };
        let mut chain = Vec::new();
        let mut passed = vec![first.legal_name.as_str()];
        let mut link = first;
        loop {
            let Some(of) = link.of.as_deref() else {
                match link.role {
                    Role::Processor => chain.push(Before::Controller),
                    Role::SubProcessor => chain.push(Before::NotSaid),
                    Role::Authority | Role::Controller => {}
                }
                return chain;
            };
            if let Some(vendor) = scan.vendors.iter().find(|vendor| vendor.id.0 == of || vendor.name == of) {
                let is_own = own.is_some_and(|own| *own == vendor.id);
                chain.push(if is_own { Before::Vendor(&vendor.name) } else { Before::OtherVendor });
                return chain;
            }
            let Some(before) = declared.recipients.iter().find(|one| one.legal_name == of) else {
                // A vendor without a system in this scan is in no list of its vendors.
                chain.push(Before::Undeclared(of));
                return chain;
            };
            if passed.contains(&before.legal_name.as_str()) {
                chain.push(Before::Circle);
                return chain;
            }
            passed.push(&before.legal_name);
            chain.push(Before::Recipient(&before.legal_name));
            link = before;
        }
    }
}

impl Cell {
    fn of(system: &SystemResult, sum: &Sum) -> Self {
        let Sum { requests, with_number, delivered, tried, reached, standing } = *sum;
        let contact = match (standing, system.verdict) {
            (None, Verdict::NotCovered) => Contact::NotExamined,
            (None, Verdict::Leaking | Verdict::Incomplete | Verdict::Clean) => Contact::NotContacted,
            (Some(_), _) if delivered > 0 => Contact::Got { requests, with_number },
            (Some(_), _) if tried && !reached => Contact::Tried { requests, with_number },
            (Some(_), _) if with_number > 0 => Contact::Got { requests, with_number },
            (Some(_), _) => Contact::Contacted { requests },
        };
        Self { contact, standing }
    }
}

/// The sum of `recipient` for the system at `at`; the authority's own sites are no recipients.
fn sum_of<'a, 'r>(
    rows: &'r mut BTreeMap<&'a str, (Processor<'a>, Vec<Sum>)>,
    recipient: &'a RecipientRecord,
    declared: Option<&'a Declared>,
    at: usize,
    count: usize,
) -> Option<&'r mut Sum> {
    if recipient.standing == Standing::Own {
        return None;
    }
    let declaration = declared.and_then(|declared| declared.recipient(recipient.domain.as_str()));
    let name = declaration.map_or_else(|| entity(recipient), |declaration| &declaration.legal_name);
    let (row, sums) =
        rows.entry(name).or_insert_with(|| (Processor::named(name, declaration), vec![Sum::default(); count]));
    row.domains.insert(recipient.domain.as_str());
    row.record.get_or_insert(recipient);
    let sum = sums.get_mut(at)?;
    let is_worse = sum.standing.is_none_or(|known| rank(recipient.standing) < rank(known));
    if is_worse {
        sum.standing = Some(recipient.standing);
    }
    Some(sum)
}

/// Those on no list come first.
fn rank(standing: Standing) -> u8 {
    match standing {
        Standing::Unknown => 0,
        Standing::Unlisted => 1,
        Standing::Approved => 2,
        Standing::Public => 3,
        Standing::Own => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn of(scan: &Scan, vendor: usize) -> Processors<'_> {
        Processors::of(&Extract::of_vendor(scan, Some(&scan.vendors[vendor].id)))
    }

    #[test]
    fn each_recipient_has_a_row_and_each_system_a_cell() {
        let scan = sample::scan();
        let processors = of(&scan, 0);
        assert_eq!(processors.systems.len(), 2);
        assert!(processors.rows.iter().all(|row| row.cells.len() == 2));
        let names: BTreeSet<&str> = processors.rows.iter().map(|row| row.name).collect();
        assert_eq!(names.len(), processors.rows.len());
        let ranks: Vec<u8> = processors.rows.iter().filter_map(|row| row.standing.map(rank)).collect();
        assert!(ranks.is_sorted(), "{ranks:?}");
        for contact in scan.systems[..2].iter().flat_map(|system| &system.coverage.recipients) {
            let is_there = processors.rows.iter().any(|row| row.domains.contains(contact.recipient.domain.as_str()));
            assert!(is_there || contact.recipient.standing == Standing::Own, "{contact:?}");
        }
    }

    #[test]
    fn who_got_numbers_is_told_from_who_was_contacted_and_what_was_not_covered() {
        let scan = sample::scan();
        let processors = of(&scan, 0);
        let [seen, unlisted, got, unseen] = processors.totals();
        assert_eq!((got, seen + unseen), (3, processors.rows.len()));
        assert!(unlisted > 0 && seen >= got);
        let none = of(&scan, 1);
        assert!(none.rows.iter().flat_map(|row| &row.cells).all(|cell| cell.contact == Contact::NotExamined));
    }

    #[test]
    fn a_declared_one_that_was_not_seen_is_there() {
        let mut scan = sample::scan();
        for system in &mut scan.systems {
            system.coverage.recipients.clear();
        }
        scan.findings.clear();
        let processors = of(&scan, 0);
        let names: Vec<&str> = processors.rows.iter().map(|row| row.name).collect();
        assert_eq!(names, ["Måling Europe Ltd", "Nordia Edge Inc."]);
        assert_eq!(processors.totals(), [0, 0, 0, 2]);
        assert!(of(&scan, 1).rows.is_empty(), "another vendor's are none of its");
    }

    #[test]
    fn the_chain_goes_up_to_the_vendor_and_ends_in_a_circle() {
        let mut scan = sample::scan();
        let vendor = scan.vendors[0].id.clone();
        let chain = |scan: &Scan, own: &VendorId| {
            let processors = of(scan, 0);
            let row = processors.rows.iter().find(|row| row.name == "Nordia Edge Inc.").unwrap();
            format!("{:?}", row.chain(scan, Some(own)))
        };
        assert_eq!(chain(&scan, &vendor), "[Vendor(\"Nordia IT A/S\")]");
        assert_eq!(chain(&scan, &scan.vendors[1].id), "[OtherVendor]");
        let declared = scan.declared.as_mut().unwrap();
        let at =
            |name: &str, declared: &Declared| declared.recipients.iter().position(|r| r.legal_name == name).unwrap();
        let (edge, metrics) = (at("Nordia Edge Inc.", declared), at("Måling Europe Ltd", declared));
        declared.recipients[edge].of = Some("Måling Europe Ltd".to_owned());
        assert_eq!(chain(&scan, &vendor), "[Recipient(\"Måling Europe Ltd\"), Controller]");
        scan.declared.as_mut().unwrap().recipients[metrics].of = Some("Nordia Edge Inc.".to_owned());
        assert_eq!(chain(&scan, &vendor), "[Recipient(\"Måling Europe Ltd\"), Circle]");
        scan.declared.as_mut().unwrap().recipients[metrics].of = Some("Ingen ApS".to_owned());
        assert_eq!(chain(&scan, &vendor), "[Recipient(\"Måling Europe Ltd\"), Undeclared(\"Ingen ApS\")]");
    }

    #[test]
    fn what_was_only_tried_was_not_got() {
        let mut scan = sample::scan();
        for finding in &mut scan.findings {
            finding.undelivered = finding.transmissions;
        }
        assert_eq!(of(&scan, 0).totals()[2], 0);
    }
}
