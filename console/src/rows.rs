//! Rows of the two long lists, as JSON: the page's script sets them as text.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::{Finding, Severity};
use serde::Serialize;

use crate::desk::{Card, Lang};
use crate::exchange::ExchangeRow;
use crate::inert::line;
use crate::mark::{Mark, MarkKind};
use crate::page::{bars, blocked};

/// A finding as the list shows it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct FindingRow {
    pub(crate) id: String,
    /// 1 to 5.
    pub(crate) bars: u8,
    pub(crate) class: &'static str,
    pub(crate) severity: String,
    pub(crate) rule: &'static str,
    pub(crate) rule_name: String,
    pub(crate) title: String,
    /// How often.
    pub(crate) count: u64,
    pub(crate) counts: String,
    pub(crate) recipient: String,
    pub(crate) page: String,
    /// Milliseconds since 1970.
    pub(crate) last: i64,
    pub(crate) step: String,
    /// That it was stopped; empty when it was not.
    pub(crate) blocked: &'static str,
    pub(crate) accepted: bool,
}

/// An exchange as the list shows it. Names are short: a window has two hundred.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ExchangeLine {
    n: u64,
    /// Milliseconds since 1970.
    t: i64,
    method: String,
    host: String,
    /// The URL without scheme and host.
    path: String,
    status: Option<u16>,
    media: String,
    size: u64,
    ms: Option<u64>,
    tester: String,
    /// How sure it is that it carried a number; empty when it carried none.
    level: &'static str,
    /// The meter and class of its worst finding.
    bars: u8,
    class: &'static str,
    blocked: bool,
    own: bool,
    unseen: bool,
}

impl FindingRow {
    pub(crate) fn new(finding: &Finding, card: &Card, steps: &[Arc<Mark>], lang: Lang) -> Self {
        Self {
            id: finding.fingerprint.clone(),
            bars: bars(finding.severity),
            class: finding.severity.as_str(),
            severity: line(&card.severity),
            rule: finding.rule.as_str(),
            rule_name: line(&card.rule),
            title: line(&card.title),
            count: finding.transmissions,
            counts: line(&card.counts),
            recipient: line(finding.recipient.domain.as_str()),
            page: line(finding.page.as_str()),
            last: finding.last_seen.as_millisecond(),
            step: step_at(steps, finding.last_seen).map(line).unwrap_or_default(),
            blocked: blocked(finding).map(|text| lang.say(text)).unwrap_or_default(),
            accepted: card.accepted.is_some(),
        }
    }
}

/// The step that was under way at `time`, of `steps` in order.
pub(crate) fn step_at(steps: &[Arc<Mark>], time: jiff::Timestamp) -> Option<&str> {
    let begun = steps.iter().rev().find(|mark| mark.kind == MarkKind::Step && mark.time <= time);
    begun.map(|mark| mark.text.as_str())
}

impl ExchangeLine {
    pub(crate) fn new(number: u64, row: &ExchangeRow, severities: &BTreeMap<String, Severity>) -> Self {
        let worst = row.findings.iter().filter_map(|finding| severities.get(finding)).max();
        Self {
            n: number,
            t: row.time.as_millisecond(),
            method: line(row.method.as_str()),
            host: line(row.host.as_str()),
            path: line(after_host(row.url.as_str())),
            status: row.status,
            media: line(row.media_type.as_str()),
            size: row.received_bytes,
            ms: row.duration_ms,
            tester: row.tester.as_ref().map(|tester| line(tester.as_str())).unwrap_or_default(),
            level: row.evidence.map(model::Evidence::as_str).unwrap_or_default(),
            bars: worst.map_or(0, |severity| bars(*severity)),
            class: worst.map(|severity| severity.as_str()).unwrap_or_default(),
            blocked: row.blocked,
            own: row.browsers_own,
            unseen: row.blind_spots > 0,
        }
    }
}

/// Path and query of a URL; all of what is none.
fn after_host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.find('/').and_then(|place| rest.get(place..)).unwrap_or(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_shows_what_follows_the_host() {
        assert_eq!(after_host("https://a.test/b?c=d://e"), "/b?c=d://e");
        assert_eq!(after_host("https://a.test"), "https://a.test");
        assert_eq!(after_host("<odd>"), "<odd>");
    }
}
