//! Exchanges as a list shows them, redacted.

use console::ExchangeRow;
use detect::{Contact, Memo, Redactor};
use model::{Exchange, Failure, Redacted, Sighting};

/// Makes rows.
pub(super) struct Rows {
    memo: Memo,
}

impl Rows {
    pub(super) fn new(redactor: &Redactor) -> Self {
        Self { memo: redactor.memo() }
    }

    /// That of `exchange`, which went to `contact` and carried `sightings`.
    pub(super) fn row(
        &mut self,
        exchange: &Exchange,
        contact: &Contact,
        sightings: &[Sighting],
        browsers_own: bool,
    ) -> ExchangeRow {
        let (request, response) = (&exchange.request, exchange.response.as_ref());
        let media_type = response.and_then(|response| response.headers.text("content-type")).unwrap_or_default();
        let media_type = media_type.split(';').next().unwrap_or_default().trim();
        let failure = exchange.failure.as_ref().map(|failure| match failure {
            Failure::Unreachable(why) | Failure::Tls(why) | Failure::Broken(why) | Failure::Refused(why) => why,
        });
        let tester = exchange.connection.tester.as_deref();
        ExchangeRow {
            index: exchange.index,
            time: exchange.started,
            duration_ms: exchange.duration_ms,
            method: self.memo.text(&request.method),
            url: self.memo.text(&request.target.to_string()),
            version: self.memo.text(&request.version),
            host: contact.host.clone(),
            recipient: contact.recipient.domain.clone(),
            standing: contact.recipient.standing,
            system: contact.system.clone(),
            page: contact.page.clone(),
            status: response.map(|response| response.status),
            media_type: self.memo.text(media_type),
            sent_bytes: request.body.wire_length,
            received_bytes: response.map(|response| response.body_bytes).unwrap_or_default(),
            tester: tester.map(|tester| self.memo.text(tester)),
            blocked: exchange.blocked,
            browsers_own,
            failure: failure.map(|why| Redacted::new(why, self.memo.redactor())),
            evidence: sightings.iter().map(|sighting| sighting.evidence).min(),
            findings: Vec::new(),
            blind_spots: 0,
        }
    }
}
