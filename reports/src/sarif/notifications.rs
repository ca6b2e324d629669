//! What was not seen, as notifications of the run (§3.20.21): a result that is missing means nothing without them.

use ::model::{BlindSpotKind, BlindSpotRecord, Scan};
use serde_json::{Value, json};

use super::model::{
    Configuration, Descriptor, DescriptorReference, Help, Invocation, Level, Notification, Properties, Text,
};
use super::{MAX_COUNT, plain, rules::pascal_case};
use crate::inert::Inert;
use crate::lang::Lang;
use crate::naming::count;
use crate::texts::blind_spots::blind_spot;
use crate::texts::details::detail;

/// More are counted, not listed: `scan.json` has them all.
const MAX_NOTIFICATIONS: usize = 1_000;

/// The kinds that were met, described, and the run with each place.
pub(super) fn told(scan: &Scan, results_left_out: usize, lang: Lang) -> (Vec<Descriptor>, Invocation) {
    let is_met = |kind: &BlindSpotKind| scan.blind_spots.iter().any(|spot| spot.kind == *kind);
    let kinds: Vec<BlindSpotKind> = BlindSpotKind::ALL.into_iter().filter(is_met).collect();
    let index = |kind| kinds.iter().position(|met| *met == kind).unwrap_or_default();
    let listed = scan.blind_spots.iter().take(MAX_NOTIFICATIONS);
    let mut notifications: Vec<Notification> = listed.map(|spot| notification(spot, index(spot.kind), lang)).collect();
    let not_listed = scan.blind_spots.len().saturating_sub(MAX_NOTIFICATIONS);
    let left = [(not_listed, Left::Notifications), (results_left_out, Left::Results)].into_iter();
    notifications.extend(left.filter(|(left, _)| *left > 0).map(|(left, what)| left_out(count(left), what, lang)));
    let has_worked =
        scan.self_test.as_ref().is_none_or(::model::SelfTest::passed) && !kinds.iter().any(|kind| is_fatal(*kind));
    let invocation = Invocation {
        execution_successful: has_worked,
        start_time_utc: utc(scan.started),
        end_time_utc: utc(scan.ended),
        tool_execution_notifications: notifications,
    };
    (kinds.into_iter().map(|kind| descriptor(kind, lang)).collect(), invocation)
}

/// What is not listed.
#[derive(Clone, Copy)]
enum Left {
    Notifications,
    Results,
}

/// Whether the run itself failed, and did not merely see less.
fn is_fatal(kind: BlindSpotKind) -> bool {
    matches!(kind, BlindSpotKind::SelfTestMissed | BlindSpotKind::Interrupted)
}

fn level(kind: BlindSpotKind) -> Level {
    match (is_fatal(kind), kind.leaves_gap()) {
        (true, _) => Level::Error,
        (false, true) => Level::Warning,
        (false, false) => Level::Note,
    }
}

fn descriptor(kind: BlindSpotKind, lang: Lang) -> Descriptor {
    let words = blind_spot(kind);
    let (title, meaning, action) = (words.title.to(lang), words.meaning.to(lang), words.action.to(lang));
    Descriptor {
        id: kind.as_str().to_owned(),
        name: pascal_case(kind.as_str()),
        short_description: Text { text: title.to_owned() },
        full_description: Text { text: meaning.to_owned() },
        help: Help { text: format!("{meaning} {action}"), markdown: format!("{meaning}\n\n{action}") },
        default_configuration: Configuration { level: level(kind) },
        properties: Properties::new(),
    }
}

fn notification(spot: &BlindSpotRecord, index: usize, lang: Lang) -> Notification {
    let (place, more) = (Inert::from(&spot.place).to_string(), detail(spot.detail.as_str(), lang).text);
    let title = blind_spot(spot.kind).title.to(lang);
    let tail = if more.is_empty() { String::new() } else { format!(" ({more})") };
    let mut properties = Properties::new();
    properties.insert("place".to_owned(), Value::String(place.clone()));
    properties.insert("count".to_owned(), json!(spot.count.min(MAX_COUNT)));
    properties.insert("leavesGap".to_owned(), Value::Bool(spot.kind.leaves_gap()));
    if let Some(system) = &spot.system {
        properties.insert("system".to_owned(), Value::String(Inert::new(&system.0).to_string()));
    }
    Notification {
        descriptor: Some(DescriptorReference { id: spot.kind.as_str(), index }),
        level: level(spot.kind),
        message: Text { text: plain(&format!("{title}: {} × {place}{tail}", lang.number(spot.count))) },
        properties,
    }
}

fn left_out(left: u64, what: Left, lang: Lang) -> Notification {
    let left = lang.number(left);
    let text = match (what, lang) {
        (Left::Notifications, Lang::Da) => format!("Yderligere {left} steder, der ikke blev set, står i scan.json."),
        (Left::Notifications, Lang::En) => format!("{left} more places that were not seen are in scan.json."),
        (Left::Results, Lang::Da) => format!("Yderligere {left} fund, de mildeste, står i scan.json."),
        (Left::Results, Lang::En) => format!("{left} more findings, the mildest, are in scan.json."),
    };
    Notification { descriptor: None, level: Level::Warning, message: Text { text }, properties: Properties::new() }
}

/// §3.9: in UTC, to the millisecond at most.
fn utc(time: jiff::Timestamp) -> String {
    let time = time.round(jiff::Unit::Millisecond).unwrap_or(time);
    time.to_string()
}
