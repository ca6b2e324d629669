//! Fills the console's session from what the recorder takes in: rows, findings as they grow, recipients, blind spots.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use console::{ExchangeRow, Mark, News, Under, UnseenKey};
use detect::Parties;
use model::{Baseline, BlindSpotRecord, Evidence, Finding, RecipientRecord, Redacted, Standing};

use super::growing::{Growing, of_contact, of_sighting};
use super::record::SessionRecord;
use super::steps::Steps;
use crate::live::Owner;
use crate::own_words::without_numbers;
use crate::record::{Judged, Noted, Taken};

/// Findings that grow at once; the console shows fewer.
const MAX_GROWING: usize = 10_000;

/// Blind spots that are counted by kind and place; the console shows fewer.
const MAX_PLACES: usize = 10_000;

/// Keeps what was seen so far, as far as it grows.
pub(super) struct Feed {
    record: Arc<SessionRecord>,
    parties: Parties,
    baseline: Baseline,
    findings: BTreeMap<String, Growing>,
    places: BTreeMap<UnseenKey, BlindSpotRecord>,
    /// Those told, and whether with what they run.
    recipients: BTreeMap<Redacted, bool>,
    /// As of so many marks.
    steps: (usize, Steps),
}

/// What one batch came to.
#[derive(Default)]
struct Batch {
    rows: Vec<Arc<ExchangeRow>>,
    findings: BTreeSet<String>,
    places: BTreeSet<UnseenKey>,
    recipients: Vec<RecipientRecord>,
    /// What found no room.
    left_out: u64,
}

impl Feed {
    /// Nothing seen yet.
    pub(super) fn new(record: Arc<SessionRecord>) -> Self {
        let parties = Parties::first_party(Vec::new());
        let baseline = record.baseline.clone().unwrap_or_default();
        let (findings, places, recipients) = Default::default();
        Self { record, parties, baseline, findings, places, recipients, steps: Default::default() }
    }

    /// What somebody accepted.
    pub(super) fn baseline(&self) -> &Baseline {
        &self.baseline
    }

    /// Whose site it is, from now on; nobody named it when it `is_guessed`.
    pub(super) fn know(&mut self, owner: &Owner, is_guessed: bool) {
        self.parties = owner.parties();
        self.record.know(owner);
        // Hosts and ids as they were typed, or as somebody visited them.
        let names: Vec<Redacted> =
            owner.names().iter().map(|name| Redacted::own_words(without_numbers(name))).collect();
        self.record.log.under(names.clone());
        self.record.session.know(Under { names, is_guess: is_guessed });
    }

    /// All is told anew.
    pub(super) fn forget(&mut self) {
        self.findings.clear();
        self.places.clear();
        self.recipients.clear();
        self.record.log.judged_anew();
        self.record.session.judge_anew();
    }

    /// Keeps what was taken in, and tells it.
    pub(super) fn take(&mut self, taken: &[Taken]) {
        self.record.log.append(taken);
        self.tell(taken);
    }

    /// Tells what was taken in, which is on disk already.
    pub(super) fn tell(&mut self, taken: &[Taken]) {
        let mut batch = Batch::default();
        for taken in taken {
            match taken {
                Taken::Exchange(judged) => self.exchange(judged, &mut batch),
                Taken::BlindSpot(noted) => self.blind_spot(noted, &mut batch),
                // A session has none.
                Taken::Visit(_) | Taken::Banner(_) => {}
            }
        }
        let findings = batch.findings.iter().filter_map(|fingerprint| self.findings.get(fingerprint));
        let news = News {
            exchanges: batch.rows,
            findings: findings.map(|growing| growing.finding().clone()).collect(),
            left_out: batch.left_out,
            blind_spots: batch.places.iter().filter_map(|key| self.places.get(key)).cloned().collect(),
        };
        self.record.session.add(news, batch.recipients);
    }

    fn exchange(&mut self, judged: &Judged, batch: &mut Batch) {
        let mut shown = BTreeSet::new();
        if !judged.sightings().is_empty() {
            self.read_marks();
        }
        for sighting in judged.sightings().iter().filter(|sighting| sighting.evidence < Evidence::E4) {
            for more in of_sighting(sighting, &self.parties) {
                let parties = &self.parties;
                let grown = grown(&mut self.findings, &self.baseline, &more);
                let Some(growing) = grown else {
                    batch.left_out += 1;
                    continue;
                };
                growing.see(sighting, &more, parties);
                growing.see_in(self.steps.1.of_sighting(sighting));
                shown.insert(more.fingerprint);
            }
        }
        let told = judged.sensitive().map(|contact| of_contact(contact, &self.parties));
        for more in told.into_iter().flatten() {
            let Some(growing) = grown(&mut self.findings, &self.baseline, &more) else {
                batch.left_out += 1;
                continue;
            };
            growing.see_contact(judged.index(), &more);
            shown.insert(more.fingerprint);
        }
        for noted in judged.blind_spots() {
            self.blind_spot(noted, batch);
        }
        batch.findings.extend(shown.iter().cloned());
        let recipient = &judged.contact().recipient;
        let Some(row) = judged.row(shown.into_iter().collect()) else { return };
        if recipient.standing != Standing::Own && self.is_new(recipient) {
            batch.recipients.push(recipient.clone());
        }
        batch.rows.push(row);
    }

    /// Learns the steps that testers began since.
    fn read_marks(&mut self) {
        let state = self.record.session.state();
        if state.marks.len() != self.steps.0 {
            let marks: Vec<Mark> = state.marks.iter().map(|mark| Mark::clone(mark)).collect();
            drop(state);
            self.steps = (marks.len(), Steps::of(&marks));
        }
    }

    /// Whether more is known of it than was told: the first request to a host need not tell what runs there.
    fn is_new(&mut self, recipient: &RecipientRecord) -> bool {
        let has_product = recipient.product.is_some();
        if self.recipients.get(&recipient.domain).is_some_and(|known| *known >= has_product) {
            return false;
        }
        self.recipients.len() < MAX_PLACES && {
            self.recipients.insert(recipient.domain.clone(), has_product);
            true
        }
    }

    fn blind_spot(&mut self, noted: &Noted, batch: &mut Batch) {
        let record = noted.record();
        let key = (record.system.clone(), record.kind, record.place.clone());
        if self.places.len() >= MAX_PLACES && !self.places.contains_key(&key) {
            batch.left_out += 1;
            return;
        }
        let known = self.places.entry(key.clone()).or_insert(BlindSpotRecord { count: 0, ..record });
        known.count += 1;
        batch.places.insert(key);
    }
}

/// The finding that `more` is one more of; `None` when there are too many.
fn grown<'a>(
    findings: &'a mut BTreeMap<String, Growing>,
    baseline: &Baseline,
    more: &Finding,
) -> Option<&'a mut Growing> {
    if findings.len() >= MAX_GROWING && !findings.contains_key(&more.fingerprint) {
        return None;
    }
    let growing = findings.entry(more.fingerprint.clone()).or_insert_with(|| Growing::new(more.clone()));
    baseline.mark_as_of_its_last_day(growing.finding_mut());
    Some(growing)
}

#[cfg(test)]
mod tests {
    use console::{MarkKind, Session};
    use jiff::Timestamp;
    use model::{BlindSpot, BlindSpotKind, Body, Exchange, Headers, RequestRecord, ResponseRecord, Target};

    use super::*;
    use crate::proxy_command::frame::frame;
    use crate::proxy_command::record::sample::{CANARY, owner, record, recorder};

    const UNDECLARED: &str = "070761-4285";

    fn exchange(index: u64, url: &str, referer: &str) -> Exchange {
        let request = RequestRecord {
            method: "GET".to_owned(),
            target: Target::parse(url).unwrap(),
            version: "HTTP/1.1".to_owned(),
            headers: Headers(vec![("referer".to_owned(), referer.as_bytes().to_vec())]),
            body: Body::default(),
        };
        let started = Timestamp::from_second(i64::try_from(index).unwrap()).unwrap();
        let headers = Headers(vec![("content-type".to_owned(), b"image/gif; q=1".to_vec())]);
        Exchange {
            duration_ms: Some(3),
            response: Some(ResponseRecord { status: 200, headers, body_bytes: 43 }),
            ..Exchange::begun(index, started, request)
        }
    }

    fn feed() -> (tempfile::TempDir, Feed, Session) {
        let (folder, record) = record();
        let session = record.session.clone();
        let mut feed = Feed::new(record);
        feed.know(&owner(), false);
        (folder, feed, session)
    }

    /// Of several persons, more and less severe, in both orders, in batches and one by one.
    #[test]
    fn what_grows_is_what_the_report_says() {
        let page = format!("https://sag.test/side?cpr={CANARY}");
        let urls = [
            format!("https://maaling.test/c?cpr={CANARY}"),
            format!("https://maaling.test/c?cpr={UNDECLARED}"),
            format!("http://maaling.test/c?cpr={CANARY}&navn=x"),
            format!("https://b.maaling.test/c?cpr={CANARY}&alder=y"),
            "https://maaling.test/c?a=b".to_owned(),
            page.clone(),
        ];
        for batch in [1, 4, 100] {
            let mut recorder = recorder();
            let (_folder, mut feed, session) = feed();
            for (index, url) in (0..).zip(urls.iter().chain(urls.iter().rev())) {
                recorder.exchange("live", &exchange(index, url, &page));
                if index % batch == 0 {
                    feed.take(&recorder.take_untold());
                }
            }
            feed.take(&recorder.take_untold());
            let reported = frame(&owner(), Timestamp::UNIX_EPOCH, recorder).findings;
            assert!(reported.len() > 2 && reported.iter().any(|finding| finding.transmissions > 2), "{reported:#?}");
            let state = session.state();
            assert_eq!(state.findings.len(), reported.len());
            for finding in reported {
                assert_eq!(*state.findings[&finding.fingerprint].1, finding);
            }
        }
    }

    #[test]
    fn rows_say_what_was_asked_and_hold_no_number() {
        let (mut recorder, (_folder, mut feed, session)) = (recorder(), feed());
        let url = format!("https://maaling.test/c?cpr={UNDECLARED}&x=y");
        recorder.exchange("live", &exchange(1, &url, "https://sag.test/"));
        feed.take(&recorder.take_untold());
        let state = session.state();
        let row = &state.exchanges[0];
        assert_eq!(row.url.as_str(), "https://maaling.test/c?cpr=xxxxxx-xxxx&x=y");
        assert_eq!((row.status, row.media_type.as_str(), row.received_bytes), (Some(200), "image/gif", 43));
        assert_eq!(row.findings.len(), 1, "{row:?}");
        assert!(state.findings.contains_key(&row.findings[0]));
        assert_eq!(state.recipients.values().map(|to| (to.requests, to.with_number)).collect::<Vec<_>>(), [(1, 1)]);
    }

    #[test]
    fn blind_spots_are_counted_by_place() {
        let (mut recorder, (_folder, mut feed, session)) = (recorder(), feed());
        for place in ["a.test:443", "b.test:443", "a.test:443"] {
            recorder.blind_spot(BlindSpot::new(BlindSpotKind::NotHttp, place, ""));
            feed.take(&recorder.take_untold());
        }
        let state = session.state();
        let counts: Vec<u64> = state.blind_spots.values().map(|record| record.count).collect();
        assert_eq!(counts, [2, 1]);
    }

    #[test]
    fn what_is_judged_anew_is_shown_anew() {
        let (mut recorder, (_folder, mut feed, session)) = (recorder(), feed());
        recorder.exchange("live", &exchange(1, &format!("https://maaling.test/?cpr={CANARY}"), ""));
        feed.take(&recorder.take_untold());
        feed.forget();
        let state = session.state();
        assert!(state.findings.is_empty() && state.exchanges.is_empty() && state.recipients.is_empty());
    }

    #[test]
    fn findings_are_told_by_step() {
        let ((folder, record), mut recorder) = (record(), recorder());
        let mut feed = Feed::new(Arc::clone(&record));
        feed.know(&owner(), false);
        for step in ["log på", "skift adresse for 070761-4285", "log på"] {
            record.mark(MarkKind::Step, None, step, |_| {}).unwrap();
            recorder.exchange("live", &exchange(1, &format!("https://maaling.test/?cpr={CANARY}"), ""));
            feed.take(&recorder.take_untold());
        }
        let state = record.session.state();
        let (_, finding) = state.findings.values().next().unwrap();
        let tests: Vec<&str> = finding.tests.iter().map(Redacted::as_str).collect();
        assert_eq!(tests, ["step 1: log på", "step 2: skift adresse for xxxxxx-xxxx", "step 3: log på"]);
        drop(state);
        let (again, marks) = record.log.replay(super::super::record::sample::recorder).unwrap();
        assert_eq!((again.sightings().len(), marks.len()), (3, 3));
        drop(folder);
    }
}
