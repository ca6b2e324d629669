//! The leaks of a vendor: per system each recipient other than the authority that was sent a number, whether or not it got there.

use std::collections::BTreeSet;

use jiff::Timestamp;
use model::{Declared, Finding, RecipientDeclaration, RecipientRecord, Redacted, Scan, SystemId, SystemResult};

use crate::inert::Inert;
use crate::lang::Lang;
use crate::summary::{Extract, entity, leaks as is_leak, owner, was_only_tried};
use crate::texts::page;

/// A system's name in a table's head or a sentence is no longer than this.
const MAX_NAME: usize = 60;

/// One recipient of the numbers of one system.
#[derive(Clone, Debug)]
pub(crate) struct Leak<'a> {
    pub(crate) recipient: &'a RecipientRecord,
    /// What the registry says of it; `None` when it says nothing, or there is none.
    pub(crate) declared: Option<&'a RecipientDeclaration>,
    /// `None` outside the audited systems.
    pub(crate) system: Option<&'a SystemResult>,
    /// Worst first.
    pub(crate) findings: Vec<&'a Finding>,
}

/// The leaks of `part`, the one with the worst finding first.
pub(crate) fn leaks<'a>(part: &Extract<'a>) -> Vec<Leak<'a>> {
    let declared: Option<&Declared> = part.scan.declared.as_deref();
    let mut found: Vec<Leak<'a>> = Vec::new();
    for finding in part.findings.iter().copied().filter(|finding| is_leak(finding)) {
        let system = owner(part.scan, finding);
        let is_same = |leak: &&mut Leak<'_>| {
            leak.system.map(std::ptr::from_ref) == system.map(std::ptr::from_ref)
                && entity(leak.recipient) == entity(&finding.recipient)
        };
        if let Some(leak) = found.iter_mut().find(is_same) {
            leak.findings.push(finding);
            continue;
        }
        found.push(Leak {
            recipient: &finding.recipient,
            declared: declared.and_then(|declared| declared.recipient(finding.recipient.domain.as_str())),
            system,
            findings: vec![finding],
        });
    }
    found
}

impl<'a> Leak<'a> {
    pub(crate) fn system_id(&self) -> Option<&'a SystemId> {
        self.system.and_then(|system| system.id.as_ref())
    }

    /// The system's name.
    pub(crate) fn system_name(&self, lang: Lang) -> String {
        let name = self.system.map(|system| Inert::short(system.name.as_str(), MAX_NAME));
        name.unwrap_or_else(|| page::STRAY.to(lang).to_owned())
    }

    /// When the first number was seen, by this scan or those it was held against.
    pub(crate) fn first_seen(&self, scan: &Scan) -> Option<Timestamp> {
        let still = scan.comparison.iter().flat_map(|comparison| &comparison.still_there);
        let accepted = scan.comparison.iter().flat_map(|comparison| &comparison.accepted);
        let accepted = accepted.filter_map(|old| Some((&old.fingerprint, old.since?)));
        let before = still.map(|old| (&old.fingerprint, old.since)).chain(accepted);
        let before = before.filter(|(old, _)| self.findings.iter().any(|finding| finding.fingerprint == **old));
        before.map(|(_, since)| since).chain(self.findings.iter().map(|finding| finding.first_seen)).min()
    }

    /// When the last number was seen.
    pub(crate) fn last_seen(&self) -> Option<Timestamp> {
        self.findings.iter().map(|finding| finding.last_seen).max()
    }

    /// Whether none of the numbers got there.
    pub(crate) fn was_only_tried(&self) -> bool {
        self.findings.iter().all(|finding| was_only_tried(finding))
    }

    /// Whether it happens only in a browser of before 2020, which the proxy simulated.
    pub(crate) fn is_simulated(&self) -> bool {
        self.findings.iter().all(|finding| finding.simulated)
    }

    /// How many times a number was sent to it, each time once.
    pub(crate) fn transmissions(&self) -> u64 {
        let counted = self.findings.iter().filter(|finding| !finding.rule.is_counted_elsewhere());
        counted.fold(0, |sum, finding| sum.saturating_add(finding.transmissions))
    }

    /// How many different numbers at least, of which none is a declared test person's.
    pub(crate) fn citizens(&self) -> u64 {
        let of = |finding: &&Finding| finding.persons.saturating_sub(finding.test_persons);
        self.findings.iter().map(of).max().unwrap_or_default()
    }

    /// How many declared test persons at least.
    pub(crate) fn test_persons(&self) -> u64 {
        self.findings.iter().map(|finding| finding.test_persons).max().unwrap_or_default()
    }

    /// Whether any of it went in clear text.
    pub(crate) fn has_cleartext(&self) -> bool {
        self.findings.iter().any(|finding| finding.cleartext)
    }

    /// The TLS versions that were seen.
    pub(crate) fn tls(&self) -> BTreeSet<&'a str> {
        self.findings.iter().filter_map(|finding| finding.tls.as_deref()).collect()
    }

    /// The names of what went along, each once.
    pub(crate) fn also_sent(&self) -> Vec<&'a Redacted> {
        let names: BTreeSet<&'a Redacted> = self.findings.iter().flat_map(|finding| &finding.also_sent).collect();
        names.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use model::{Rule, Standing};

    use super::*;
    use crate::sample;

    fn of_nordia(scan: &Scan) -> Vec<(String, String, usize)> {
        let part = Extract::of_vendor(scan, Some(&scan.vendors[0].id));
        let named = |leak: &Leak<'_>| {
            (leak.system_name(Lang::Da), leak.recipient.domain.as_str().to_owned(), leak.findings.len())
        };
        leaks(&part).iter().map(named).collect()
    }

    #[test]
    fn each_recipient_of_a_system_is_one_leak_and_the_own_site_is_none() {
        let mut scan = sample::scan();
        let own = |domain: &str| ("TastSelv Borger".to_owned(), domain.to_owned(), 1);
        let expected = [own("nordia-cdn.test"), own("hosted-libraries.test"), own("maaling.test")];
        assert_eq!(of_nordia(&scan), expected);
        let mut again = scan.findings[0].clone();
        again.channel = Some(model::Channel::Body);
        let mut elsewhere = again.clone();
        elsewhere.system.clone_from(&scan.systems[1].id);
        scan.findings.extend([again, elsewhere]);
        let counts: Vec<usize> = of_nordia(&scan).iter().map(|(_, _, findings)| *findings).collect();
        assert_eq!(counts, [2, 1, 1, 1]);
        let other = Extract::of_vendor(&scan, Some(&scan.vendors[1].id));
        assert_eq!(leaks(&other).len(), 0);
    }

    #[test]
    fn the_numbers_of_a_leak_are_computed_and_no_transmission_counts_twice() {
        let mut scan = sample::scan();
        let mut again = scan.findings[0].clone();
        (again.persons, again.test_persons, again.cleartext) = (12, 1, true);
        let mut told = again.clone();
        told.rule = Rule::FormExfiltration;
        scan.findings.extend([again, told]);
        let part = Extract::whole(&scan);
        let leak = &leaks(&part)[0];
        assert_eq!((leak.transmissions(), leak.citizens(), leak.test_persons()), (82, 11, 1));
        assert!(leak.has_cleartext() && !leak.was_only_tried() && !leak.is_simulated());
        assert_eq!(leak.declared.unwrap().legal_name, "Nordia Edge Inc.");
        assert_ne!(leak.recipient.standing, Standing::Own);
    }

    #[test]
    fn an_earlier_scan_puts_the_beginning_back() {
        let mut scan = sample::compared();
        let since: Timestamp = "2015-02-02T08:00:00Z".parse().unwrap();
        let comparison = scan.comparison.as_mut().unwrap();
        comparison.still_there.iter_mut().for_each(|old| old.since = since);
        comparison.accepted.iter_mut().for_each(|old| old.since = Some(since));
        let part = Extract::whole(&scan);
        let leak = leaks(&part).into_iter().find(|leak| leak.recipient.domain.as_str() == "maaling.test").unwrap();
        assert_eq!(leak.first_seen(&scan), Some(since));
        assert!(leak.last_seen() > Some(since));
    }
}
