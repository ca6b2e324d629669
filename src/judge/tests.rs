use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc as std_mpsc;

use detect::Parties;
use jiff::Timestamp;
use model::{BlindSpotKind, Body, Clock, Continuation, Headers, Host, RequestRecord, Target, TestPerson};

use super::*;
use crate::setup;

const CANARY: &str = "0101901234";

/// Hands on what it hears: pages of sightings, places of blind spots, requests.
struct Hearing(std_mpsc::Sender<Heard>);

#[derive(Debug, Default, PartialEq, Eq)]
struct Heard {
    requests: u64,
    pages: Vec<String>,
    blind_spots: Vec<BlindSpotKind>,
}

impl Watcher for Hearing {
    fn coming(&mut self, exchange: &Exchange, _: &mut Recorder) {
        assert!(exchange.request.method != "PANIC", "a bug");
    }

    fn news(&mut self, news: &News<'_>) {
        let page = |sighting: &Sighting| sighting.page.as_ref().map(ToString::to_string).unwrap_or_default();
        let heard = Heard {
            requests: news.requests,
            pages: news.sightings.iter().map(page).collect(),
            blind_spots: news.blind_spots.iter().map(|record| record.kind).collect(),
        };
        self.0.send(heard).expect("somebody listens");
    }
}

fn exchange(index: u64, url: &str, dest: &str) -> Exchange {
    Exchange {
        duration_ms: Some(1),
        ..Exchange::begun(
            index,
            Timestamp::UNIX_EPOCH,
            RequestRecord {
                method: "GET".to_owned(),
                target: Target::parse(url).unwrap(),
                version: "HTTP/1.1".to_owned(),
                headers: Headers(vec![("sec-fetch-dest".to_owned(), dest.as_bytes().to_vec())]),
                body: Body::default(),
            },
        )
    }
}

fn captured(exchange: Exchange) -> Captured {
    Captured::Exchange(Box::new(exchange))
}

fn recorder() -> Recorder {
    let person = TestPerson { id: "da-01".to_owned(), cpr: CANARY.parse().unwrap(), scope: Vec::new() };
    let parties = Parties::first_party(vec![Host::parse("sag.test").unwrap().site()]);
    setup::recorder(&[person], parties, [7; 32], &Clock::fixed(Timestamp::UNIX_EPOCH))
}

fn start() -> (mpsc::Sender<Captured>, Judge<Hearing>, std_mpsc::Receiver<Heard>) {
    let (sender, receiver) = mpsc::channel(100);
    let (hear, heard) = std_mpsc::channel();
    (sender, Judge::start(recorder(), receiver, Hearing(hear)).unwrap(), heard)
}

#[tokio::test]
async fn what_ends_first_is_judged_with_the_page_that_began_first() {
    let (sender, mut judge, heard) = start();
    let leak = format!("https://maaling.test/c?cpr={CANARY}");
    sender.send(captured(exchange(2, &leak, "image"))).await.unwrap();
    sender.send(captured(exchange(1, "https://sag.test/side", "document"))).await.unwrap();
    drop(sender);
    let (recorder, _) = judge.ended().await.unwrap();
    assert_eq!(recorder.sightings().len(), 1);
    let news = Heard { requests: 2, pages: vec!["https://sag.test/side".to_owned()], blind_spots: vec![] };
    assert_eq!(heard.iter().collect::<Vec<_>>(), [news]);
}

#[tokio::test]
async fn news_come_while_the_session_goes_on() {
    let (sender, mut judge, heard) = start();
    let spot = BlindSpot::new(BlindSpotKind::NotHttp, "a.test:443", "");
    sender.send(Captured::BlindSpot(spot.clone())).await.unwrap();
    let heard = tokio::task::spawn_blocking(move || {
        assert_eq!(heard.recv().unwrap().blind_spots, [BlindSpotKind::NotHttp]);
        heard
    });
    let heard = heard.await.unwrap();
    // The same once more is counted, and no news.
    sender.send(Captured::BlindSpot(spot)).await.unwrap();
    sender.send(captured(exchange(1, "https://sag.test/", "document"))).await.unwrap();
    let next = tokio::task::spawn_blocking(move || heard.recv().unwrap()).await.unwrap();
    assert_eq!(next, Heard { requests: 1, ..Heard::default() });
    drop(sender);
    judge.ended().await.unwrap();
}

/// Pauses while its flag is up, and begins anew as often as it is asked.
struct Steered {
    heard: std_mpsc::Sender<Heard>,
    paused: Arc<AtomicBool>,
    anew: Arc<AtomicBool>,
}

impl Watcher for Steered {
    fn news(&mut self, news: &News<'_>) {
        let blind_spots = news.blind_spots.iter().map(|record| record.kind).collect();
        let pages = news.sightings.iter().map(|sighting| sighting.recipient.to_string()).collect();
        self.heard.send(Heard { requests: news.requests, pages, blind_spots }).expect("somebody listens");
    }

    fn paused(&self, _: &Exchange) -> Option<BlindSpot> {
        let is_paused = self.paused.load(Ordering::Relaxed);
        is_paused.then(|| BlindSpot::new(BlindSpotKind::RecordingPaused, "pause", ""))
    }

    fn may_begin_anew(&self) -> bool {
        true
    }

    fn begin_anew(&mut self) -> Option<Recorder> {
        self.anew.swap(false, Ordering::Relaxed).then(recorder)
    }
}

#[tokio::test]
async fn what_came_is_judged_once_more_and_what_passes_in_a_pause_is_counted() {
    let (sender, receiver) = mpsc::channel(100);
    let (heard, hear) = std_mpsc::channel();
    let [paused, anew] = [(); 2].map(|()| Arc::<AtomicBool>::default());
    let steered = Steered { heard, paused: Arc::clone(&paused), anew: Arc::clone(&anew) };
    let mut judge = Judge::start(recorder(), receiver, steered).unwrap();
    let leak = |index| captured(exchange(index, &format!("https://maaling.test/c?cpr={CANARY}"), "image"));
    let hear = tokio::task::spawn_blocking(move || (hear.recv().unwrap(), hear));
    sender.send(leak(1)).await.unwrap();
    let (first, hear) = hear.await.unwrap();
    assert_eq!((first.requests, first.pages.len()), (1, 1));
    paused.store(true, Ordering::Relaxed);
    sender.send(leak(2)).await.unwrap();
    let (second, hear) = tokio::task::spawn_blocking(move || (hear.recv().unwrap(), hear)).await.unwrap();
    assert_eq!((second.requests, second.blind_spots), (0, vec![BlindSpotKind::RecordingPaused]));
    anew.store(true, Ordering::Relaxed);
    let (again, _hear) = tokio::task::spawn_blocking(move || (hear.recv().unwrap(), hear)).await.unwrap();
    assert_eq!((again.requests, again.pages.len()), (1, 1));
    assert_eq!(again.blind_spots, [BlindSpotKind::RecordingPaused], "the pause is told of again");
    drop(sender);
    let (recorder, _) = judge.ended().await.unwrap();
    assert_eq!(recorder.sightings().len(), 1);
}

#[tokio::test]
async fn judging_that_dies_is_no_quiet_end() {
    let (sender, mut judge, _heard) = start();
    let mut odd = exchange(1, "https://sag.test/", "document");
    odd.request.method = "PANIC".to_owned();
    sender.send(captured(odd)).await.unwrap();
    assert!(judge.ended().await.is_err());
}

#[test]
fn more_of_an_exchange_follows_it() {
    let mut held = Held::default();
    let now = Instant::now();
    let more = |index| {
        let mut more = exchange(index, "https://maaling.test/", "empty");
        more.continues = Some(Continuation { messages: 0, body_bytes: 1 });
        more
    };
    held.put(Box::new(exchange(3, "https://maaling.test/", "empty")), now);
    held.put(Box::new(more(3)), now);
    held.put(Box::new(exchange(2, "https://maaling.test/", "empty")), now);
    assert_eq!(held.due(now), None);
    let due = held.due(now + HELD_BACK);
    assert_eq!(due, Some(3));
    let mut taken = std::iter::from_fn(|| held.take(3)).map(|exchange| (exchange.index, exchange.continues.is_some()));
    assert_eq!(taken.by_ref().collect::<Vec<_>>(), [(2, false), (3, false), (3, true)]);
    // Its beginning is judged: nothing to wait for.
    held.put(Box::new(more(3)), now);
    assert!(held.has_late);
    assert_eq!((held.due(now), held.has_late), (Some(3), false));
}

#[test]
fn large_bodies_are_not_held_back() {
    let mut held = Held::default();
    for index in 0..2 {
        assert!(!held.is_full());
        let mut large = exchange(index, "https://maaling.test/", "empty");
        large.request.body = Body::whole(vec![b'x'; MAX_HELD_BYTES / 2]);
        held.put(Box::new(large), Instant::now());
    }
    assert!(held.is_full());
    while held.take(u64::MAX).is_some() {}
    assert_eq!((held.bytes, held.patience(Instant::now())), (0, None));
}
