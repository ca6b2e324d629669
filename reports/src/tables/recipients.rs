//! The table of recipients: a row for each that a system sent anything.

use model::{Category, RecipientCoverage, Source, Standing, SystemResult};

use super::{Cell, Column};
use crate::lang::Text;

/// A recipient of a system.
pub(crate) struct Received<'a> {
    pub(crate) system: &'a SystemResult,
    pub(crate) got: &'a RecipientCoverage,
}

impl<'a> Received<'a> {
    /// Its columns.
    pub(crate) const COLUMNS: &'a [Column<Self>] = &[
        Column {
            id: "system",
            name: Text { da: "System-id", en: "System id" },
            width: 18,
            cell: |row, _, _| Cell::any(row.system.id.as_ref().map(|id| id.0.as_str())),
        },
        Column {
            id: "system_name",
            name: Text { da: "System", en: "System" },
            width: 26,
            cell: |row, _, _| Cell::of(&row.system.name),
        },
        Column {
            id: "recipient",
            name: Text { da: "Modtager", en: "Recipient" },
            width: 26,
            cell: |row, _, _| Cell::of(&row.got.recipient.domain),
        },
        Column {
            id: "recipient_name",
            name: Text { da: "Modtagers navn", en: "Recipient's name" },
            width: 26,
            cell: |row, _, _| Cell::any(row.got.recipient.legal_name.as_deref()),
        },
        Column {
            id: "recipient_company",
            name: Text { da: "Virksomhed (ikke kontrolleret)", en: "Company (unchecked)" },
            width: 26,
            cell: |row, _, _| Cell::any(row.got.recipient.company.as_deref()),
        },
        Column {
            id: "product",
            name: Text { da: "Produkt", en: "Product" },
            width: 22,
            cell: |row, _, _| Cell::any(row.got.recipient.product.as_deref()),
        },
        Column {
            id: "category",
            name: Text { da: "Formål", en: "Category" },
            width: 14,
            cell: |row, _, _| Cell::text(row.got.recipient.category.map(Category::as_str).unwrap_or_default()),
        },
        Column {
            id: "standing",
            name: Text { da: "Status i registret", en: "Standing" },
            width: 12,
            cell: |row, _, _| Cell::text(Standing::as_str(row.got.recipient.standing)),
        },
        Column {
            id: "country",
            name: Text { da: "Land", en: "Country" },
            width: 8,
            cell: |row, _, _| Cell::any(row.got.recipient.country.as_deref()),
        },
        Column {
            id: "country_source",
            name: Text { da: "Kilde til land", en: "Source of country" },
            width: 12,
            cell: |row, _, _| Cell::text(row.got.recipient.country_source.map(Source::as_str).unwrap_or_default()),
        },
        Column {
            id: "agreement",
            name: Text { da: "Databehandleraftale", en: "Agreement" },
            width: 18,
            cell: |row, _, _| Cell::any(row.got.recipient.agreement.as_deref()),
        },
        Column {
            id: "requests",
            name: Text { da: "Forespørgsler", en: "Requests" },
            width: 13,
            cell: |row, _, _| Cell::Number(row.got.requests),
        },
        Column {
            id: "with_number",
            name: Text { da: "Heraf med personnummer", en: "Of these with a number" },
            width: 13,
            cell: |row, _, _| Cell::Number(row.got.with_number),
        },
    ];
}
