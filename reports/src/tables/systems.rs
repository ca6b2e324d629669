//! The table of systems: what can be said of each, and what was exercised.

use model::SystemResult;

use super::{Cell, Column};
use crate::lang::Text;
use crate::summary::{Extract, vendor_name};
use crate::texts::terms;
use crate::verdict::verdict;

/// Its columns.
pub(crate) const SYSTEMS: &[Column<SystemResult>] = &[
    Column {
        id: "system",
        name: Text { da: "System-id", en: "System id" },
        width: 18,
        cell: |system, _, _| Cell::any(system.id.as_ref().map(|id| id.0.as_str())),
    },
    Column {
        id: "system_name",
        name: Text { da: "System", en: "System" },
        width: 30,
        cell: |system, _, _| Cell::of(&system.name),
    },
    Column {
        id: "vendor",
        name: Text { da: "Leverandør", en: "Vendor" },
        width: 26,
        cell: |system, scan, _| {
            let vendor = system.vendor.as_ref();
            Cell::text(vendor.map(|vendor| vendor_name(scan, vendor).to_string()).unwrap_or_default())
        },
    },
    Column {
        id: "environment",
        name: Text { da: "Miljø", en: "Environment" },
        width: 12,
        cell: |system, _, lang| {
            Cell::text(system.environment.map(|kind| terms::environment(kind).to(lang)).unwrap_or_default())
        },
    },
    Column {
        id: "verdict",
        name: Text { da: "Resultat", en: "Verdict" },
        width: 26,
        cell: |system, scan, lang| Cell::text(verdict(system, &Extract::of_system(scan, system)).label.to(lang)),
    },
    Column {
        id: "findings",
        name: Text { da: "Fund", en: "Findings" },
        width: 9,
        cell: |system, scan, _| Cell::count(Extract::of_system(scan, system).findings.len()),
    },
    Column {
        id: "unseen",
        name: Text { da: "Ikke set", en: "Not seen" },
        width: 9,
        cell: |system, scan, _| Cell::Number(Extract::of_system(scan, system).unseen()),
    },
    Column {
        id: "base_urls",
        name: Text { da: "Adresser", en: "Addresses" },
        width: 40,
        cell: |system, _, _| Cell::names(&system.base_urls),
    },
    Column {
        id: "pages",
        name: Text { da: "Sider", en: "Pages" },
        width: 9,
        cell: |system, _, _| Cell::count(system.coverage.pages.len()),
    },
    Column {
        id: "templates",
        name: Text { da: "Slags sider", en: "Kinds of page" },
        width: 11,
        cell: |system, _, _| Cell::Number(system.coverage.templates),
    },
    Column {
        id: "requests",
        name: Text { da: "Forespørgsler", en: "Requests" },
        width: 12,
        cell: |system, _, _| Cell::Number(system.coverage.requests),
    },
    Column {
        id: "third_party_requests",
        name: Text { da: "Heraf til tredjeparter", en: "Of these to third parties" },
        width: 12,
        cell: |system, _, _| Cell::Number(system.coverage.third_party_requests),
    },
    Column {
        id: "forms",
        name: Text { da: "Formularer", en: "Forms" },
        width: 11,
        cell: |system, _, _| Cell::Number(system.coverage.forms),
    },
    Column {
        id: "forms_filled",
        name: Text { da: "Heraf udfyldt", en: "Of these filled" },
        width: 11,
        cell: |system, _, _| Cell::Number(system.coverage.forms_filled),
    },
    Column {
        id: "forms_submitted",
        name: Text { da: "Heraf sendt", en: "Of these sent" },
        width: 11,
        cell: |system, _, _| Cell::Number(system.coverage.forms_submitted),
    },
    Column {
        id: "cpr_forms",
        name: Text { da: "Formularer med personnummer", en: "Forms that ask for a number" },
        width: 14,
        cell: |system, _, _| Cell::Number(system.coverage.cpr_forms),
    },
    Column {
        id: "recipients",
        name: Text { da: "Modtagere", en: "Recipients" },
        width: 11,
        cell: |system, _, _| Cell::count(system.coverage.recipients.len()),
    },
];
