//! The table of findings, a row for each.

use model::{Channel, Evidence, Finding, Severity, Standing};

use super::{Cell, Column};
use crate::accepted::accepted;
use crate::consent::seen_under;
use crate::facts::in_tests;
use crate::lang::Text;
use crate::mending::mending;
use crate::story::finding_title;
use crate::summary::{owner, vendor_name};
use crate::texts::initiators::initiator;

/// Its columns.
pub(crate) const FINDINGS: &[Column<Finding>] = &[
    Column {
        id: "fingerprint",
        name: Text { da: "Fingeraftryk", en: "Fingerprint" },
        width: 34,
        cell: |finding, _, _| Cell::inert(&finding.fingerprint),
    },
    Column {
        id: "rule",
        name: Text { da: "Regel", en: "Rule" },
        width: 28,
        cell: |finding, _, _| Cell::text(finding.rule.as_str()),
    },
    Column {
        id: "severity",
        name: Text { da: "Alvor", en: "Severity" },
        width: 10,
        cell: |finding, _, _| Cell::text(Severity::as_str(finding.severity)),
    },
    Column {
        id: "evidence",
        name: Text { da: "Bevis", en: "Evidence" },
        width: 9,
        cell: |finding, _, _| Cell::text(finding.evidence.map(Evidence::as_str).unwrap_or_default()),
    },
    Column {
        id: "title",
        name: Text { da: "Hvad der er galt", en: "What is wrong" },
        width: 60,
        cell: |finding, _, lang| Cell::text(finding_title(finding, lang)),
    },
    Column {
        id: "system",
        name: Text { da: "System-id", en: "System id" },
        width: 18,
        cell: |finding, _, _| Cell::any(finding.system.as_ref().map(|id| id.0.as_str())),
    },
    Column {
        id: "system_name",
        name: Text { da: "System", en: "System" },
        width: 26,
        cell: |finding, scan, _| Cell::any(owner(scan, finding).map(|system| system.name.as_str())),
    },
    Column {
        id: "vendor",
        name: Text { da: "Leverandør", en: "Vendor" },
        width: 26,
        cell: |finding, scan, _| {
            let vendor = finding.vendor.as_ref();
            Cell::text(vendor.map(|vendor| vendor_name(scan, vendor).to_string()).unwrap_or_default())
        },
    },
    Column {
        id: "page",
        name: Text { da: "Side", en: "Page" },
        width: 44,
        cell: |finding, _, _| Cell::of(&finding.page),
    },
    Column {
        id: "form_page",
        name: Text { da: "Formularens side", en: "Page of the form" },
        width: 30,
        cell: |finding, _, _| Cell::any(finding.form.as_ref().map(|form| form.page.as_str())),
    },
    Column {
        id: "form",
        name: Text { da: "Formular", en: "Form" },
        width: 16,
        cell: |finding, _, _| Cell::any(finding.form.as_ref().map(|form| form.form.as_str())),
    },
    Column {
        id: "field",
        name: Text { da: "Felt", en: "Field" },
        width: 16,
        cell: |finding, _, _| Cell::any(finding.form.as_ref().map(|form| form.field.as_str())),
    },
    Column {
        id: "channel",
        name: Text { da: "Kanal", en: "Channel" },
        width: 12,
        cell: |finding, _, _| Cell::text(finding.channel.map(Channel::as_str).unwrap_or_default()),
    },
    Column {
        id: "parameter",
        name: Text { da: "Parameter", en: "Parameter" },
        width: 20,
        cell: |finding, _, _| Cell::of(&finding.parameter),
    },
    Column {
        id: "request",
        name: Text { da: "Forespørgsel", en: "Request" },
        width: 44,
        cell: |finding, _, _| Cell::of(&finding.request),
    },
    Column {
        id: "recipient",
        name: Text { da: "Modtager", en: "Recipient" },
        width: 26,
        cell: |finding, _, _| Cell::of(&finding.recipient.domain),
    },
    Column {
        id: "recipient_name",
        name: Text { da: "Modtagers navn", en: "Recipient's name" },
        width: 26,
        cell: |finding, _, _| Cell::any(finding.recipient.legal_name.as_deref()),
    },
    Column {
        id: "recipient_company",
        name: Text { da: "Virksomhed (ikke kontrolleret)", en: "Company (unchecked)" },
        width: 26,
        cell: |finding, _, _| Cell::any(finding.recipient.company.as_deref()),
    },
    Column {
        id: "country",
        name: Text { da: "Land", en: "Country" },
        width: 8,
        cell: |finding, _, _| Cell::any(finding.recipient.country.as_deref()),
    },
    Column {
        id: "standing",
        name: Text { da: "Status i registret", en: "Standing" },
        width: 12,
        cell: |finding, _, _| Cell::text(Standing::as_str(finding.recipient.standing)),
    },
    Column {
        id: "agreement",
        name: Text { da: "Databehandleraftale", en: "Agreement" },
        width: 18,
        cell: |finding, _, _| Cell::any(finding.recipient.agreement.as_deref()),
    },
    Column {
        id: "hosts",
        name: Text { da: "Værter", en: "Hosts" },
        width: 30,
        cell: |finding, _, _| Cell::names(&finding.hosts),
    },
    Column {
        id: "transmissions",
        name: Text { da: "Overførsler", en: "Transmissions" },
        width: 13,
        cell: |finding, _, _| Cell::Number(finding.transmissions),
    },
    Column {
        id: "undelivered",
        name: Text { da: "Ikke nået frem", en: "Undelivered" },
        width: 13,
        cell: |finding, _, _| Cell::Number(finding.undelivered),
    },
    Column {
        id: "blocked",
        name: Text { da: "Standset", en: "Blocked" },
        width: 10,
        cell: |finding, _, _| Cell::Number(finding.blocked),
    },
    Column {
        id: "persons",
        name: Text { da: "Personer", en: "Persons" },
        width: 10,
        cell: |finding, _, _| Cell::Number(finding.persons),
    },
    Column {
        id: "test_persons",
        name: Text { da: "Heraf testpersoner", en: "Of these test persons" },
        width: 12,
        cell: |finding, _, _| Cell::Number(finding.test_persons),
    },
    Column {
        id: "first_seen",
        name: Text { da: "Først set", en: "First seen" },
        width: 21,
        cell: |finding, _, _| Cell::time(finding.first_seen),
    },
    Column {
        id: "last_seen",
        name: Text { da: "Sidst set", en: "Last seen" },
        width: 21,
        cell: |finding, _, _| Cell::time(finding.last_seen),
    },
    Column {
        id: "cleartext",
        name: Text { da: "Ukrypteret", en: "Unencrypted" },
        width: 11,
        cell: |finding, _, lang| Cell::yes(finding.cleartext, lang),
    },
    Column {
        id: "tls",
        name: Text { da: "TLS", en: "TLS" },
        width: 9,
        cell: |finding, _, _| Cell::any(finding.tls.as_deref()),
    },
    Column {
        id: "simulated",
        name: Text { da: "Simuleret", en: "Simulated" },
        width: 10,
        cell: |finding, _, lang| Cell::yes(finding.simulated, lang),
    },
    Column {
        id: "roles",
        name: Text { da: "Roller", en: "Roles" },
        width: 16,
        cell: |finding, _, _| Cell::names(&finding.roles),
    },
    Column {
        id: "consent",
        name: Text { da: "Samtykke", en: "Consent" },
        width: 24,
        cell: |finding, _, lang| Cell::text(seen_under(finding, lang).unwrap_or_default()),
    },
    Column {
        id: "initiator",
        name: Text { da: "Sendt af", en: "Sent by" },
        width: 40,
        cell: |finding, _, lang| {
            let told = finding.initiator.as_ref().map(|told| initiator(told, lang));
            Cell::text(told.unwrap_or_default())
        },
    },
    Column {
        id: "trail",
        name: Text { da: "Spor", en: "Trail" },
        width: 40,
        cell: |finding, _, _| Cell::of(&finding.trail),
    },
    Column {
        id: "also_sent",
        name: Text { da: "Blev sendt med", en: "Also sent" },
        width: 40,
        cell: |finding, _, _| Cell::names(&finding.also_sent),
    },
    Column {
        id: "mending",
        name: Text { da: "Sådan rettes det", en: "How to mend it" },
        width: 60,
        cell: |finding, _, lang| {
            let ways: Vec<&str> = mending(finding, lang).into_iter().map(|way| way.title).collect();
            Cell::text(ways.join("; "))
        },
    },
    Column {
        id: "accepted",
        name: Text { da: "Accepteret", en: "Accepted" },
        width: 11,
        cell: |finding, _, lang| Cell::yes(finding.is_accepted(), lang),
    },
    Column {
        id: "acceptance",
        name: Text { da: "Accept", en: "Acceptance" },
        width: 50,
        cell: |finding, _, lang| Cell::text(accepted(finding, lang).map(|accepted| accepted.text).unwrap_or_default()),
    },
    Column {
        id: "tests",
        name: Text { da: "Set under test eller trin", en: "Seen in test or step" },
        width: 40,
        cell: |finding, scan, lang| Cell::text(in_tests(finding, scan.kind, lang)),
    },
];
