//! The sample with everything in it that a stranger could write.

use super::*;

/// The same with every text from outside replaced by [`HOSTILE`], some of it a megabyte long.
pub(crate) fn hostile() -> Scan {
    let mut scan = scan();
    let long = own(format!("{HOSTILE}{}", "A".repeat(1_000_000)));
    scan.controller = Some(HOSTILE.to_owned());
    scan.targets = vec![long.clone()];
    scan.conditions = vec![own(HOSTILE)];
    scan.command = Some(long.clone());
    scan.test_persons = BTreeMap::from([(HOSTILE.to_owned(), HOSTILE.to_owned())]);
    scan.tool.version = HOSTILE.to_owned();
    scan.id = HOSTILE.to_owned();
    scan.vendors[0].name = HOSTILE.to_owned();
    scan.vendors[1].id = VendorId(format!("../../{HOSTILE}"));
    scan.systems[2].vendor = Some(scan.vendors[1].id.clone());
    for system in &mut scan.systems {
        system.name = own(HOSTILE);
        system.base_urls = vec![own(HOSTILE)];
        system.declared_at = Some(DeclaredAt { file: own(format!("//{HOSTILE}")), line: 0 });
        for page in &mut system.coverage.pages {
            (page.page, page.title, page.outcome) = (own(HOSTILE), long.clone(), HOSTILE.to_owned());
        }
        for recipient in &mut system.coverage.recipients {
            poison(&mut recipient.recipient);
        }
    }
    let declared = scan.declared.as_mut().unwrap();
    (declared.contact, declared.dpo) = (Some(HOSTILE.to_owned()), Some(HOSTILE.to_owned()));
    for recipient in &mut declared.recipients {
        (recipient.legal_name, recipient.of) = (HOSTILE.to_owned(), Some(HOSTILE.to_owned()));
        (recipient.purpose, recipient.agreement.dpa_ref) = (Some(HOSTILE.to_owned()), Some(HOSTILE.to_owned()));
    }
    for answer in &mut declared.answers {
        (answer.text, answer.reference) = (Some(HOSTILE.to_owned()), Some(HOSTILE.to_owned()));
    }
    scan.notes = session().notes;
    for note in &mut scan.notes {
        (note.tester, note.text) = (Some(own(HOSTILE)), long.clone());
        note.findings = vec![HOSTILE.to_owned(); 100];
    }
    for finding in &mut scan.findings {
        poison(&mut finding.recipient);
        finding.fingerprint = HOSTILE.to_owned();
        (finding.page, finding.parameter, finding.request) = (own(HOSTILE), own(HOSTILE), long.clone());
        finding.trail = own(format!("query[{HOSTILE}] > {HOSTILE} > percent"));
        finding.hosts = vec![own(HOSTILE); 100];
        finding.also_sent = vec![own(HOSTILE); 100];
        finding.tests = vec![long.clone(); 5];
        finding.tls = Some(HOSTILE.to_owned());
        finding.form = Some(FormOfOrigin { page: own(HOSTILE), form: own(HOSTILE), field: own(HOSTILE) });
        finding.initiator = Some(InitiatorRecord {
            kind: InitiatorKind::Script,
            url: Some(long.clone()),
            line: Some(u32::MAX),
            column: Some(u32::MAX),
            function: Some(own(HOSTILE)),
            wanted: None,
            why: None,
        });
        finding.reasons.push(SeverityReason::OutsideEea { country: HOSTILE.to_owned() });
        finding.acceptance = Some(hostile_acceptance(&long));
    }
    for spot in &mut scan.blind_spots {
        (spot.place, spot.detail, spot.count) = (own(HOSTILE), long.clone(), u64::MAX);
    }
    let mut earlier = scan.clone();
    earlier.started = at("2026-10-25T04:00:00Z");
    for finding in &mut earlier.findings {
        finding.fingerprint.push('x');
    }
    earlier.systems[0].coverage.recipients.clear();
    scan.comparison = Some(Box::new(Comparison::of(&[earlier], &scan)));
    scan.findings[0].system = Some(SystemId(HOSTILE.to_owned()));
    scan.findings[0].vendor = Some(VendorId(HOSTILE.to_owned()));
    scan.findings[1].transmissions = u64::MAX;
    scan.findings[2].transmissions = u64::MAX;
    scan.logs = Some(Box::new(logs::hostile_logs(HOSTILE)));
    for probe in &mut scan.self_test.as_mut().unwrap().probes {
        probe.name = HOSTILE.to_owned();
    }
    scan
}

fn poison(recipient: &mut RecipientRecord) {
    recipient.domain = own(HOSTILE);
    recipient.legal_name = Some(HOSTILE.to_owned());
    recipient.country = Some(HOSTILE.to_owned());
    recipient.agreement = Some(HOSTILE.to_owned());
    recipient.company = Some(HOSTILE.to_owned());
    recipient.product = Some(HOSTILE.to_owned());
}
