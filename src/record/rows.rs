//! Exchanges as a list shows them, redacted.

use std::sync::Arc;

use console::ExchangeRow;
use detect::{Contact, Memo, Redactor};
use model::{Evidence, Exchange, Failure, Redacted};
use serde::{Deserialize, Serialize};

use super::taken::Judged;

/// Makes rows.
pub(super) struct Rows {
    memo: Memo,
}

/// What a list shows of an exchange beside whom it went to, which a record has anyway.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Row {
    #[serde(rename = "ms", default, skip_serializing_if = "Option::is_none")]
    duration_ms: Option<u64>,
    method: Redacted,
    /// The whole URL, with its query.
    url: Redacted,
    version: Redacted,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(default, skip_serializing_if = "is_empty")]
    media_type: Redacted,
    #[serde(default, skip_serializing_if = "is_zero")]
    sent: u64,
    #[serde(default, skip_serializing_if = "is_zero")]
    received: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tester: Option<Redacted>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    failure: Option<Redacted>,
}

impl Rows {
    pub(super) fn new(redactor: &Redactor) -> Self {
        Self { memo: redactor.memo() }
    }

    /// That of `exchange`.
    pub(super) fn row(&mut self, exchange: &Exchange) -> Row {
        let (request, response) = (&exchange.request, exchange.response.as_ref());
        let media_type = response.and_then(|response| response.headers.text("content-type")).unwrap_or_default();
        let media_type = media_type.split(';').next().unwrap_or_default().trim();
        let failure = exchange.failure.as_ref().map(|failure| match failure {
            Failure::Unreachable(why) | Failure::Tls(why) | Failure::Broken(why) | Failure::Refused(why) => why,
        });
        let tester = exchange.connection.tester.as_deref();
        Row {
            duration_ms: exchange.duration_ms,
            method: self.memo.text(&request.method),
            url: self.memo.text(&request.target.to_string()),
            version: self.memo.text(&request.version),
            status: response.map(|response| response.status),
            media_type: self.memo.text(media_type),
            sent: request.body.wire_length,
            received: response.map(|response| response.body_bytes).unwrap_or_default(),
            tester: tester.map(|tester| self.memo.text(tester)),
            failure: failure.map(|why| Redacted::new(why, self.memo.redactor())),
        }
    }
}

impl Judged {
    /// As a list shows it, where exchanges are listed; it is part of `findings`.
    pub(crate) fn row(&self, findings: Vec<String>) -> Option<Arc<ExchangeRow>> {
        let Row { duration_ms, method, url, version, status, media_type, sent, received, tester, failure } =
            self.row.as_deref()?.clone();
        let Contact { recipient, system, host, page, time, .. } = &self.contact;
        let evidence: Option<Evidence> = self.sightings.iter().map(|sighting| sighting.evidence).min();
        Some(Arc::new(ExchangeRow {
            index: self.index,
            time: *time,
            duration_ms,
            method,
            url,
            version,
            host: host.clone(),
            recipient: recipient.domain.clone(),
            standing: recipient.standing,
            system: system.clone(),
            page: page.clone(),
            status,
            media_type,
            sent_bytes: sent,
            received_bytes: received,
            tester,
            blocked: self.stopped_at.is_some(),
            browsers_own: self.is_browsers_own,
            failure,
            evidence,
            findings,
            continues: !self.is_new,
            blind_spots: u32::try_from(self.blind_spots.len()).unwrap_or(u32::MAX),
        }))
    }
}

fn is_empty(text: &Redacted) -> bool {
    text.as_str().is_empty()
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}
