//! A finding's card and an exchange's.

use askama::Template;
use jiff::Timestamp;
use model::Finding;

use super::bars;
use crate::desk::{Card, Desk, Fact, Lang, Mending};
use crate::exchange::ExchangeRow;
use crate::inert::{line, whole};
use crate::words as w;

/// A finding, told in full.
#[derive(Template)]
#[template(path = "card.html")]
pub(crate) struct CardPart {
    lang: Lang,
    id: String,
    rule: &'static str,
    bars: u8,
    class: &'static str,
    card: Card,
    /// That it was stopped, wholly or in part.
    blocked: Option<&'static str>,
    steps: Vec<String>,
    last_seen: Timestamp,
    exchanges: Vec<Carrier>,
    /// How many more there are than are listed.
    more: u64,
}

/// An exchange that carried a finding.
pub(crate) struct Carrier {
    number: u64,
    time: Timestamp,
    method: String,
    url: String,
    blocked: bool,
}

/// An exchange, told in full.
#[derive(Template)]
#[template(path = "exchange.html")]
pub(crate) struct ExchangePart {
    lang: Lang,
    title: String,
    time: Timestamp,
    facts: Vec<Fact>,
    blocked: bool,
    browsers_own: bool,
    unseen: bool,
    findings: Vec<Issue>,
}

/// A finding as an exchange names it.
pub(crate) struct Issue {
    id: String,
    bars: u8,
    class: &'static str,
    severity: String,
    title: String,
}

/// What a card needs besides the finding.
pub(crate) struct IssueParts {
    pub(crate) steps: Vec<String>,
    pub(crate) exchanges: Vec<(u64, std::sync::Arc<ExchangeRow>)>,
    pub(crate) total: u64,
}

impl CardPart {
    pub(crate) fn new(finding: &Finding, card: &Card, parts: IssueParts, lang: Lang) -> Self {
        let IssueParts { steps, exchanges, total } = parts;
        let more = total.saturating_sub(exchanges.len() as u64);
        let exchanges = exchanges.into_iter().rev().map(|(number, row)| Carrier {
            number,
            time: row.time,
            method: line(row.method.as_str()),
            url: line(row.url.as_str()),
            blocked: row.blocked,
        });
        Self {
            lang,
            id: finding.fingerprint.clone(),
            rule: finding.rule.as_str(),
            bars: bars(finding.severity),
            class: finding.severity.as_str(),
            card: inert(card),
            blocked: blocked(finding).map(|text| lang.say(text)),
            steps: steps.iter().map(line).collect(),
            last_seen: finding.last_seen,
            exchanges: exchanges.collect(),
            more,
        }
    }
}

impl ExchangePart {
    pub(crate) fn new(row: &ExchangeRow, findings: Vec<Issue>, desk: &dyn Desk, lang: Lang) -> Self {
        let fact = |label: w::Text, value: String, is_code| Fact { label: lang.say(label).to_owned(), value, is_code };
        let standing = desk.standing(row.standing, lang);
        let mut facts = vec![
            fact(w::URL, whole(row.url.as_str()), true),
            fact(w::RECIPIENT, format!("{} ({})", line(row.recipient.as_str()), line(standing)), false),
        ];
        if !row.page.as_str().is_empty() {
            facts.push(fact(w::PAGE, whole(row.page.as_str()), true));
        }
        let answer = match (row.blocked, row.status, &row.failure) {
            (true, _, _) => lang.say(w::BLOCKED).to_owned(),
            (false, Some(status), _) => status.to_string(),
            (false, None, Some(failure)) => format!("{}: {}", lang.say(w::ABORTED), line(failure.as_str())),
            (false, None, None) => lang.say(w::ABORTED).to_owned(),
        };
        facts.push(fact(w::ANSWER, answer, false));
        facts.extend(row.evidence.map(|evidence| fact(w::EVIDENCE, lang.say(w::evidence(evidence)).to_owned(), false)));
        facts.extend(row.system.as_ref().map(|system| fact(w::SYSTEM, line(&system.0), false)));
        facts.extend(row.tester.as_ref().map(|tester| fact(w::TESTER, line(tester.as_str()), false)));
        facts.push(fact(w::SENT, lang.bytes(row.sent_bytes), false));
        let received = lang.bytes(row.received_bytes);
        let media = line(row.media_type.as_str());
        facts.push(fact(w::RECEIVED, if media.is_empty() { received } else { format!("{received}, {media}") }, false));
        facts.extend(row.duration_ms.map(|ms| fact(w::DURATION, format!("{} ms", lang.number(ms)), false)));
        facts.push(fact(w::VERSION, line(row.version.as_str()), false));
        Self {
            lang,
            title: format!("{} {}", line(row.method.as_str()), line(row.host.as_str())),
            time: row.time,
            facts,
            blocked: row.blocked,
            browsers_own: row.browsers_own,
            unseen: row.blind_spots > 0,
            findings,
        }
    }
}

impl Issue {
    pub(crate) fn new(finding: &Finding, card: &Card) -> Self {
        Self {
            id: finding.fingerprint.clone(),
            bars: bars(finding.severity),
            class: finding.severity.as_str(),
            severity: line(&card.severity),
            title: line(&card.title),
        }
    }
}

/// That a finding's requests were stopped, if they were.
pub(crate) fn blocked(finding: &Finding) -> Option<w::Text> {
    match finding.blocked {
        0 => None,
        blocked if blocked >= finding.transmissions => Some(w::BLOCKED),
        _ => Some(w::BLOCKED_PARTLY),
    }
}

/// The desk's words are safe by contract; a page that is shown beside them does not rely on it.
fn inert(card: &Card) -> Card {
    let lines = |texts: &[String]| texts.iter().map(whole).collect();
    Card {
        title: whole(&card.title),
        story: whole(&card.story),
        severity: line(&card.severity),
        rule: line(&card.rule),
        reasons: lines(&card.reasons),
        evidence: card.evidence.as_ref().map(whole),
        counts: whole(&card.counts),
        facts: card
            .facts
            .iter()
            .map(|fact| Fact { label: line(&fact.label), value: whole(&fact.value), is_code: fact.is_code })
            .collect(),
        trail: lines(&card.trail),
        accepted: card.accepted.as_ref().map(whole),
        mending: card
            .mending
            .iter()
            .map(|way| Mending {
                title: whole(&way.title),
                text: whole(&way.text),
                example: way.example.as_ref().map(whole),
            })
            .collect(),
    }
}
