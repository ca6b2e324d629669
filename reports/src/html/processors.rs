//! Recipients and the processing chain, for a vendor's page: a matrix with the systems, cut so that it prints, and what is
//! declared of each.

use jiff::tz::TimeZone;
use model::registry::Country;
use model::{Agreement, Scan, VendorId};

use crate::card::standing;
use crate::inert::Inert;
use crate::lang::{Lang, capitalised};
use crate::naming::count;
use crate::operator::operator;
use crate::processors::{Before, Cell, Contact, Processor, Processors};
use crate::summary::Extract;
use crate::texts::countries::country;
use crate::texts::{phrases as p, processors as t, terms};

/// Systems beside each other: more do not fit on a sheet of A4.
const SYSTEMS_A_TABLE: usize = 4;

/// Domains of one recipient that are named; the rest are counted, and are all below their systems.
const MAX_DOMAINS: usize = 8;

/// The section of a page.
#[derive(Clone, Debug)]
pub(super) struct ProcessorsView {
    pub(super) summary: String,
    pub(super) tables: Vec<MatrixView>,
    pub(super) rows: Vec<ProcessorView>,
    pub(super) has_registry: bool,
}

/// Some systems with all recipients.
#[derive(Clone, Debug)]
pub(super) struct MatrixView {
    pub(super) caption: String,
    pub(super) systems: Vec<String>,
    pub(super) rows: Vec<MatrixRow>,
}

/// A recipient in the matrix.
#[derive(Clone, Debug)]
pub(super) struct MatrixRow {
    pub(super) name: String,
    pub(super) standing: &'static str,
    pub(super) cells: Vec<CellView>,
}

/// What one system had to do with it: a sign, words, and counts.
#[derive(Clone, Debug)]
pub(super) struct CellView {
    /// The sign before the words; none where nothing was seen.
    pub(super) sign: &'static str,
    pub(super) says: &'static str,
    pub(super) counts: String,
    /// What the recipient is to this system, where that is not what stands at the head of the row.
    pub(super) standing: &'static str,
}

/// What is declared of a recipient.
#[derive(Clone, Debug)]
pub(super) struct ProcessorView {
    pub(super) name: String,
    pub(super) domains: String,
    pub(super) standing: &'static str,
    /// Whose it is as the tool's own list says; empty when that says nothing.
    pub(super) operator: String,
    pub(super) role: String,
    pub(super) purpose: String,
    pub(super) agreement: Said,
    pub(super) place: Said,
    pub(super) retention: String,
}

/// A plain text, and before it what is wrong; either may be empty.
#[derive(Clone, Debug, Default)]
pub(super) struct Said {
    pub(super) wrong: &'static str,
    pub(super) text: String,
}

impl ProcessorsView {
    pub(super) fn new(part: &Extract<'_>, vendor: Option<&VendorId>, lang: Lang) -> Self {
        let processors = Processors::of(part);
        Self {
            summary: summary(&processors, lang),
            tables: tables(&processors, part.scan, lang),
            rows: processors.rows.iter().map(|row| processor(row, part.scan, vendor, lang)).collect(),
            has_registry: part.scan.declared.is_some(),
        }
    }
}

fn summary(processors: &Processors<'_>, lang: Lang) -> String {
    let [seen, unlisted, got, unseen] = processors.totals().map(count);
    if seen + unseen == 0 {
        return t::NOBODY.to(lang).to_owned();
    }
    let were = p::RECIPIENTS.in_words(seen, lang);
    let (unlisted, got) = (lang.word(unlisted), lang.word(got));
    let more = p::RECIPIENTS.in_words(unseen, lang);
    let first = match lang {
        Lang::Da => format!("{} blev set: {unlisted} uden for listen, {got} fik numre.", capitalised(&were)),
        Lang::En => format!("{} seen: {unlisted} on no list, {got} got numbers.", capitalised(&were)),
    };
    match (unseen, lang) {
        (0, Lang::Da | Lang::En) => first,
        (_, Lang::Da) => format!("{first} {} er oplyst og blev ikke set.", capitalised(&more)),
        (1, Lang::En) => format!("{first} {} is declared and was not seen.", capitalised(&more)),
        (_, Lang::En) => format!("{first} {} are declared and were not seen.", capitalised(&more)),
    }
}

fn tables(processors: &Processors<'_>, scan: &Scan, lang: Lang) -> Vec<MatrixView> {
    if processors.rows.is_empty() {
        return Vec::new();
    }
    let all = processors.systems.len();
    // Of about the same width each, rather than one system left for the last.
    let wide = all.div_ceil(all.div_ceil(SYSTEMS_A_TABLE).max(1)).max(1);
    let starts = (0..all).step_by(wide);
    let table = |start: usize| {
        let systems = processors.systems.iter().skip(start).take(wide);
        let systems: Vec<String> = systems.map(|system| Inert::short(system.name.as_str(), 80)).collect();
        let [first, last, of] = [start + 1, start + systems.len(), all].map(|number| lang.number(count(number)));
        let caption = t::MATRIX_CAPTION.to(lang);
        let caption = match lang {
            Lang::Da | Lang::En if all <= SYSTEMS_A_TABLE => format!("{caption}."),
            Lang::Da => format!("{caption}. System {first}–{last} af {of}."),
            Lang::En => format!("{caption}. Systems {first}–{last} of {of}."),
        };
        let rows = processors.rows.iter().map(|row| MatrixRow {
            name: Inert::short(row.name, 120),
            standing: row_standing(row, scan, lang),
            cells: row.cells.iter().skip(start).take(wide).map(|one| cell(*one, row, lang)).collect(),
        });
        MatrixView { caption, rows: rows.collect(), systems }
    };
    starts.map(table).collect()
}

fn row_standing(row: &Processor<'_>, scan: &Scan, lang: Lang) -> &'static str {
    row.standing.map_or(t::NOT_SEEN.to(lang), |known| standing(known, scan, lang))
}

fn cell(cell: Cell, row: &Processor<'_>, lang: Lang) -> CellView {
    let requests = |requests: u64| p::REQUESTS.of(requests, lang);
    let share = |with_number: u64, all: u64| match (all, lang) {
        (0, Lang::Da | Lang::En) => String::new(),
        (_, Lang::Da) => format!("{} af {}", lang.number(with_number), requests(all)),
        (_, Lang::En) => format!("{} of {}", lang.number(with_number), requests(all)),
    };
    let (sign, says, counts) = match cell.contact {
        Contact::NotExamined => ("unknown", t::NOT_EXAMINED, String::new()),
        Contact::NotContacted => ("", t::NOT_CONTACTED, String::new()),
        Contact::Contacted { requests: number } => ("", t::CONTACTED, requests(number)),
        Contact::Tried { requests, with_number } => ("warn", t::TRIED, share(with_number, requests)),
        Contact::Got { requests, with_number } => ("leak", t::GOT, share(with_number, requests)),
    };
    let other = cell.standing.filter(|standing| row.standing != Some(*standing));
    let standing = other.map_or("", |standing| terms::standing_short(standing).to(lang));
    CellView { sign, says: says.to(lang), counts, standing }
}

fn processor(row: &Processor<'_>, scan: &Scan, vendor: Option<&VendorId>, lang: Lang) -> ProcessorView {
    let not_declared = || t::NOT_DECLARED.to(lang).to_owned();
    let mut domains: Vec<String> =
        row.domains.iter().take(MAX_DOMAINS).map(|domain| Inert::short(domain, 80)).collect();
    let left = row.domains.len().saturating_sub(domains.len());
    if left > 0 {
        domains.push(format!("… ({})", lang.number(count(left))));
    }
    let named = |domain: &String| *domain != Inert::short(row.name, 120);
    if domains.is_empty() {
        let declared = row.declaration.into_iter().flat_map(|one| &one.domains).take(MAX_DOMAINS);
        domains = declared.map(|domain| Inert::short(domain, 80)).collect();
    }
    let role = row.declaration.map_or_else(not_declared, |one| {
        let mut words = vec![t::role(one.role).to(lang).to_owned()];
        words.extend(row.chain(scan, vendor).into_iter().map(|before| link(before, lang)));
        words.join(" ")
    });
    let days = row.declaration.and_then(|one| one.retention_days);
    ProcessorView {
        name: Inert::short(row.name, 120),
        domains: domains.into_iter().filter(named).collect::<Vec<_>>().join(", "),
        standing: row_standing(row, scan, lang),
        operator: row.record.and_then(|record| operator(record, lang)).unwrap_or_default(),
        role,
        purpose: row
            .declaration
            .and_then(|one| one.purpose.as_deref())
            .map(|text| Inert::short(text, 200))
            .unwrap_or_default(),
        agreement: agreement(row, scan, lang),
        place: place(row, lang),
        retention: days.map_or_else(not_declared, |days| match (days, lang) {
            (1, Lang::Da) => "1 dag".to_owned(),
            (1, Lang::En) => "1 day".to_owned(),
            (_, Lang::Da) => format!("{} dage", lang.number(days.into())),
            (_, Lang::En) => format!("{} days", lang.number(days.into())),
        }),
    }
}

fn link(before: Before<'_>, lang: Lang) -> String {
    let name = |name: &str| Inert::short(name, 120);
    match (before, lang) {
        (Before::Recipient(of), Lang::Da) => format!("for {}, der arbejder", name(of)),
        (Before::Recipient(of), Lang::En) => format!("of {}, itself one", name(of)),
        (Before::Vendor(of), Lang::Da) => format!("for leverandøren {}", name(of)),
        (Before::Vendor(of), Lang::En) => format!("of the vendor {}", name(of)),
        (Before::Undeclared(of), Lang::Da) => format!("for {}, som ikke er oplyst nærmere", name(of)),
        (Before::Undeclared(of), Lang::En) => format!("of {}, of whom nothing is declared", name(of)),
        (Before::OtherVendor, Lang::Da | Lang::En) => t::OF_OTHER_VENDOR.to(lang).to_owned(),
        (Before::Controller, Lang::Da | Lang::En) => t::OF_CONTROLLER.to(lang).to_owned(),
        (Before::NotSaid, Lang::Da | Lang::En) => t::OF_NOBODY.to(lang).to_owned(),
        (Before::Circle, Lang::Da | Lang::En) => t::OF_CIRCLE.to(lang).to_owned(),
    }
}

fn agreement(row: &Processor<'_>, scan: &Scan, lang: Lang) -> Said {
    let of_record = || {
        let dpa_ref = row.record.and_then(|record| record.agreement.clone());
        Agreement { dpa_ref, ..Agreement::default() }
    };
    let known = row.declaration.map_or_else(of_record, |one| one.agreement.clone());
    let Some(reference) = &known.dpa_ref else {
        return Said { wrong: t::NO_AGREEMENT.to(lang), text: String::new() };
    };
    let mut text = vec![Inert::short(reference, 120)];
    text.extend(known.dpa_date.map(|day| match lang {
        Lang::Da => format!("indgået {}", lang.day(day)),
        Lang::En => format!("made on {}", lang.day(day)),
    }));
    // On the day of the scan, wherever the page is read.
    let is_expired = known.is_expired(scan.ended.to_zoned(TimeZone::UTC).date());
    text.extend(known.dpa_expires.map(|day| match (is_expired, lang) {
        (true, Lang::Da) => format!("udløb {}", lang.day(day)),
        (true, Lang::En) => format!("expired on {}", lang.day(day)),
        (false, Lang::Da) => format!("udløber {}", lang.day(day)),
        (false, Lang::En) => format!("expires on {}", lang.day(day)),
    }));
    Said { wrong: if is_expired { t::EXPIRED.to(lang) } else { "" }, text: text.join(", ") }
}

fn place(row: &Processor<'_>, lang: Lang) -> Said {
    let declared = row.declaration.and_then(|one| one.country.as_deref());
    let Some(code) = declared else {
        let listed = row.record.and_then(|record| record.country.as_deref());
        let text = listed.map_or_else(
            || t::NOT_DECLARED.to(lang).to_owned(),
            |code| format!("{} – {}", country(code, lang), p::OWN_LIST.to(lang)),
        );
        return Said { wrong: "", text };
    };
    let basis = row.declaration.and_then(|one| one.basis);
    let lawful = basis.map(|basis| t::basis(basis).to(lang));
    let inside = Country::is_in_eea(code).then(|| t::INSIDE_EEA.to(lang));
    let missing = row.declaration.is_some_and(|one| one.transfer_without_basis().is_some());
    let text: Vec<String> =
        [Some(country(code, lang)), inside.or(lawful).map(str::to_owned)].into_iter().flatten().collect();
    Said { wrong: if missing { t::NO_BASIS.to(lang) } else { "" }, text: text.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn view(scan: &Scan, vendor: usize, lang: Lang) -> ProcessorsView {
        let vendor = &scan.vendors[vendor].id;
        ProcessorsView::new(&Extract::of_vendor(scan, Some(vendor)), Some(vendor), lang)
    }

    fn row<'a>(view: &'a ProcessorsView, name: &str) -> &'a ProcessorView {
        view.rows.iter().find(|row| row.name == name).unwrap()
    }

    #[test]
    fn agreements_countries_and_retention_are_told_with_what_is_wrong() {
        let mut scan = sample::scan();
        let told = view(&scan, 0, Lang::En);
        let metrics = row(&told, "Måling Europe Ltd");
        assert_eq!(metrics.agreement.text, "2018-77, made on 25 May 2018, expires on 31 December 2026");
        assert_eq!((metrics.agreement.wrong, metrics.retention.as_str()), ("", "90 days"));
        assert_eq!((metrics.place.wrong, metrics.place.text.as_str()), ("", "Ireland, inside the EEA"));
        assert_eq!(metrics.role, "processor of the controller");
        let edge = row(&told, "Nordia Edge Inc.");
        assert_eq!((edge.agreement.wrong, edge.place.wrong), ("No agreement declared", ""));
        assert_eq!(edge.role, "sub-processor of the vendor Nordia IT A/S");
        for one in &mut scan.declared.as_mut().unwrap().recipients {
            one.basis = None;
            one.agreement.dpa_expires = Some("2026-11-21".parse().unwrap());
        }
        let told = view(&scan, 0, Lang::Da);
        assert_eq!(row(&told, "Måling Europe Ltd").agreement.wrong, "Udløbet");
        assert_eq!(row(&told, "Nordia Edge Inc.").place.wrong, "Uden for EØS uden oplyst grundlag");
    }

    #[test]
    fn many_systems_make_several_tables_and_every_cell_is_in_one() {
        let mut scan = sample::scan();
        for number in 0..7 {
            let mut system = scan.systems[1].clone();
            system.id = Some(model::SystemId(format!("more-{number}")));
            scan.systems.push(system);
        }
        let told = view(&scan, 0, Lang::Da);
        assert_eq!(told.tables.iter().map(|table| table.systems.len()).collect::<Vec<_>>(), [3, 3, 3]);
        for table in &told.tables {
            assert!(table.rows.iter().all(|row| row.cells.len() == table.systems.len()));
            assert_eq!(table.rows.len(), told.rows.len());
        }
        assert!(told.tables[2].caption.ends_with("System 7–9 af 9."), "{}", told.tables[2].caption);
    }

    #[test]
    fn a_vendor_reads_nothing_of_anothers_recipients() {
        let scan = sample::scan();
        let text = format!("{:?}", view(&scan, 1, Lang::Da));
        for other in ["Nordia", "Måling", "TastSelv"] {
            assert!(!text.contains(other), "{other} in {text}");
        }
    }

    #[test]
    fn without_a_registry_the_section_says_so() {
        let scan = sample::bare();
        let part = Extract::of_vendor(&scan, None);
        let told = ProcessorsView::new(&part, None, Lang::En);
        assert!(!told.has_registry);
        assert!(told.rows.iter().all(|row| row.role == "not declared" && row.retention == "not declared"));
    }
}
