//! The short lists, each made whole: recipients, what was not seen, the timeline, earlier scans, files.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use jiff::Timestamp;
use model::{BlindSpotRecord, Finding, Redacted, Severity};

use super::bars;
use crate::desk::{Card, Desk, Earlier, File, Lang};
use crate::inert::{line, whole};
use crate::logins::Kept;
use crate::mark::{Mark, MarkKind};
use crate::session::Recipient;
use crate::words as w;

/// Recipients shown until more are asked for: a screen.
const FEW_RECIPIENTS: usize = 12;

/// Places of one kind of blind spot shown until more are asked for.
const FEW_PLACES: usize = 4;

/// Of either, when more are asked for: what a browser lays out without a pause.
const MANY: usize = 300;

/// Entries of the timeline, the newest.
const MAX_ENTRIES: usize = 100;

/// Earlier scans to choose from, the newest.
const MAX_EARLIER: usize = 50;

/// Who got what.
#[derive(Template)]
#[template(path = "recipients.html")]
pub(crate) struct RecipientsPart {
    lang: Lang,
    rows: Vec<RecipientView>,
    left: u64,
    is_whole: bool,
    /// Whether fewer could be shown.
    is_long: bool,
}

struct RecipientView {
    domain: String,
    name: String,
    country: String,
    is_unchecked: bool,
    standing: String,
    is_stranger: bool,
    requests: u64,
    with_number: u64,
    worst: Option<Worst>,
    findings: u64,
}

struct Worst {
    bars: u8,
    class: &'static str,
    name: &'static str,
}

/// What was not seen.
#[derive(Template)]
#[template(path = "not_seen.html")]
pub(crate) struct NotSeenPart {
    lang: Lang,
    groups: Vec<Group>,
    is_long: bool,
    is_whole: bool,
}

struct Group {
    id: &'static str,
    title: String,
    meaning: String,
    leaves_gap: bool,
    count: u64,
    places: Vec<Place>,
    left: u64,
}

struct Place {
    what: String,
    detail: String,
    count: u64,
}

/// Marks and findings, the newest on top.
#[derive(Template)]
#[template(path = "timeline.html")]
pub(crate) struct TimelinePart {
    lang: Lang,
    step: Option<String>,
    entries: Vec<Entry>,
    left: u64,
}

struct Entry {
    time: Timestamp,
    /// Of a mark its kind, of a finding `finding`.
    class: &'static str,
    label: String,
    text: String,
    tester: String,
    finding: Option<Found>,
}

struct Found {
    id: String,
    bars: u8,
    class: &'static str,
}

/// Earlier scans to choose from.
#[derive(Template)]
#[template(path = "earlier.html")]
pub(crate) struct EarlierPart {
    lang: Lang,
    scans: Vec<Scan>,
    left: u64,
}

struct Scan {
    id: String,
    started: Timestamp,
    text: String,
}

/// Files that were made.
#[derive(Template)]
#[template(path = "files.html")]
pub(crate) struct FilesPart {
    lang: Lang,
    id: String,
    files: Vec<FileView>,
}

struct FileView {
    name: String,
    size: String,
    is_page: bool,
}

impl RecipientsPart {
    pub(crate) fn new(
        mut recipients: Vec<Recipient>,
        findings: &[Arc<Finding>],
        desk: &dyn Desk,
        is_whole: bool,
        lang: Lang,
    ) -> Self {
        let mut of: BTreeMap<&Redacted, (Severity, u64)> = BTreeMap::new();
        for finding in findings {
            let (worst, count) = of.entry(&finding.recipient.domain).or_insert((finding.severity, 0));
            *worst = (*worst).max(finding.severity);
            *count += 1;
        }
        recipients.sort_by_key(|recipient| {
            let worst = of.get(&recipient.record.domain).map(|(worst, _)| *worst);
            std::cmp::Reverse((worst, recipient.with_number, recipient.record.standing, recipient.requests))
        });
        let (all, most) = (recipients.len(), if is_whole { MANY } else { FEW_RECIPIENTS });
        let row = |recipient: &Recipient| {
            let record = &recipient.record;
            let found = of.get(&record.domain);
            let name = record.legal_name.as_ref().or(record.company.as_ref()).into_iter().chain(&record.product);
            let name: Vec<String> = name.map(line).collect();
            RecipientView {
                domain: line(record.domain.as_str()),
                name: name.join(", "),
                country: record.country.as_ref().map(|code| line(desk.country(code, lang))).unwrap_or_default(),
                is_unchecked: record.is_country_unchecked(),
                standing: line(desk.standing(record.standing, lang)),
                is_stranger: matches!(record.standing, model::Standing::Unlisted | model::Standing::Unknown),
                requests: recipient.requests,
                with_number: recipient.with_number,
                worst: found.map(|(worst, _)| Worst {
                    bars: bars(*worst),
                    class: worst.as_str(),
                    name: lang.say(w::severity(*worst)),
                }),
                findings: found.map_or(0, |(_, count)| *count),
            }
        };
        let rows: Vec<RecipientView> = recipients.iter().take(most).map(row).collect();
        Self { lang, left: (all - rows.len()) as u64, rows, is_whole, is_long: all > FEW_RECIPIENTS }
    }
}

impl NotSeenPart {
    pub(crate) fn new(records: &[Arc<BlindSpotRecord>], desk: &dyn Desk, is_whole: bool, lang: Lang) -> Self {
        let most = if is_whole { MANY } else { FEW_PLACES };
        let mut groups: BTreeMap<_, Vec<&Arc<BlindSpotRecord>>> = BTreeMap::new();
        for record in records {
            let place = model::BlindSpotKind::ALL.iter().position(|kind| *kind == record.kind);
            groups.entry((!record.kind.leaves_gap(), place)).or_default().push(record);
        }
        let mut is_long = false;
        let group = |mut records: Vec<&Arc<BlindSpotRecord>>| {
            records.sort_by_key(|record| std::cmp::Reverse(record.count));
            let first = records.first()?;
            let told = desk.unseen(first, lang);
            let places = records.iter().take(most).map(|record| {
                let told = desk.unseen(record, lang);
                Place { what: whole(told.place), detail: whole(told.detail), count: record.count }
            });
            let places: Vec<Place> = places.collect();
            is_long |= records.len() > FEW_PLACES;
            Some(Group {
                id: first.kind.as_str(),
                title: whole(told.title),
                meaning: whole(told.meaning),
                leaves_gap: told.leaves_gap,
                count: records.iter().map(|record| record.count).sum(),
                left: (records.len() - places.len()) as u64,
                places,
            })
        };
        let groups = groups.into_values().filter_map(group).collect();
        Self { lang, groups, is_long, is_whole }
    }
}

impl TimelinePart {
    pub(crate) fn new(marks: &[Arc<Mark>], findings: Vec<(Arc<Finding>, Arc<Card>)>, lang: Lang) -> Self {
        let step = marks.iter().rev().find(|mark| mark.kind == MarkKind::Step);
        let step = step.map(|mark| line(mark.text.as_str()));
        let of_mark = |mark: &Arc<Mark>| Entry {
            time: mark.time,
            class: mark.kind.as_str(),
            label: lang.say(w::mark(mark.kind)).to_owned(),
            text: whole(mark.text.as_str()),
            tester: mark.tester.as_ref().map(|tester| line(tester.as_str())).unwrap_or_default(),
            finding: None,
        };
        let of_finding = |(finding, card): (Arc<Finding>, Arc<Card>)| Entry {
            time: finding.first_seen,
            class: "finding",
            label: line(&card.severity),
            text: line(&card.title),
            tester: String::new(),
            finding: Some(Found {
                id: finding.fingerprint.clone(),
                bars: bars(finding.severity),
                class: finding.severity.as_str(),
            }),
        };
        let mut entries: Vec<Entry> = marks.iter().map(of_mark).chain(findings.into_iter().map(of_finding)).collect();
        entries.sort_by_key(|entry| std::cmp::Reverse(entry.time));
        let left = entries.len().saturating_sub(MAX_ENTRIES) as u64;
        entries.truncate(MAX_ENTRIES);
        Self { lang, step, entries, left }
    }
}

impl EarlierPart {
    pub(crate) fn new(scans: &[Earlier], lang: Lang) -> Self {
        let shown = scans.iter().take(MAX_EARLIER).map(|scan| {
            let targets: Vec<String> = scan.targets.iter().take(3).map(|target| line(target.as_str())).collect();
            let findings = lang.number(scan.findings);
            let text = format!("{} · {} · {findings} {}", line(&scan.kind), targets.join(", "), lang.say(w::FINDINGS));
            Scan { id: scan.id.clone(), started: scan.started, text }
        });
        let left = scans.len().saturating_sub(MAX_EARLIER) as u64;
        Self { lang, scans: shown.collect(), left }
    }
}

impl FilesPart {
    pub(crate) fn new(kept: &Kept, lang: Lang) -> Self {
        let view = |file: &File| FileView {
            name: file.name.clone(),
            size: lang.bytes(file.bytes.len() as u64),
            is_page: file.media_type.starts_with("text/html"),
        };
        Self { lang, id: kept.id.clone(), files: kept.files.iter().map(view).collect() }
    }
}
