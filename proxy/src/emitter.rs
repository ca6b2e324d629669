//! Hands over what was captured, without ever holding up traffic: what the owner cannot take is counted and said.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use model::{BlindSpot, BlindSpotKind, Exchange};
use tokio::sync::mpsc;

/// Room for a busy page's requests while the owner judges an earlier one.
const QUEUE_LENGTH: usize = 4096;
/// What may wait in the queue, so that large bodies cannot fill memory while the owner is slow.
const QUEUE_BYTES: usize = 256 << 20;
/// What may wait of the pieces of bodies over the cap. They come as fast as the wire, one body has thousands, and what
/// waits is searched later just as slowly: room for a burst, within the few MiB that the whole program takes.
const PIECES_BYTES: usize = 4 << 20;
/// How long a stopping proxy waits for its owner to take the last word.
const LAST_WORD: Duration = Duration::from_secs(5);

/// What the proxy hands over.
#[derive(Debug)]
pub enum Captured {
    /// A request and its answer, or more of one that was handed over while it went on (`continues`).
    Exchange(Box<Exchange>),
    /// Something that belongs to no exchange and was not seen.
    BlindSpot(BlindSpot),
}

/// The sending end of the queue.
pub(crate) struct Emitter(Mutex<Queue>);

struct Queue {
    /// `None` once closed.
    sender: Option<mpsc::Sender<Captured>>,
    /// Sizes of what waits in the queue, oldest first, and their sum.
    sizes: VecDeque<Size>,
    bytes: usize,
    piece_bytes: usize,
    lost: u64,
    first_lost: String,
}

/// What something takes in the queue.
#[derive(Clone, Copy)]
struct Size {
    bytes: usize,
    is_piece: bool,
}

impl Emitter {
    /// A queue and its receiving end.
    pub(crate) fn new() -> (Self, mpsc::Receiver<Captured>) {
        Self::with_length(QUEUE_LENGTH)
    }

    fn with_length(length: usize) -> (Self, mpsc::Receiver<Captured>) {
        let (sender, receiver) = mpsc::channel(length);
        let queue = Queue {
            sender: Some(sender),
            sizes: VecDeque::new(),
            bytes: 0,
            piece_bytes: 0,
            lost: 0,
            first_lost: String::new(),
        };
        (Self(Mutex::new(queue)), receiver)
    }

    /// Hands over `captured`, or counts it as lost when there is no room.
    pub(crate) fn emit(&self, captured: Captured) {
        let mut queue = self.queue();
        queue.report_lost();
        if let Err(captured) = queue.put(captured, false) {
            queue.lose(&captured);
        }
    }

    /// Hands over a piece of a body that goes on, or says that there is no room: then the caller tells it.
    pub(crate) fn offer(&self, piece: Exchange) -> bool {
        self.queue().put(Captured::Exchange(Box::new(piece)), true).is_ok()
    }

    /// Says what was lost, if there is room for that now.
    pub(crate) fn report_lost(&self) {
        self.queue().report_lost();
    }

    /// Says what was lost, and ends the receiving end.
    pub(crate) async fn close(&self) {
        let (sender, lost) = {
            let mut queue = self.queue();
            (queue.sender.take(), queue.take_lost())
        };
        if let (Some(sender), Some(lost)) = (sender, lost) {
            // The owner gave up the receiving end or never reads: nobody is left to tell.
            let _ = tokio::time::timeout(LAST_WORD, sender.send(Captured::BlindSpot(lost))).await;
        }
    }

    /// Ends the receiving end at once.
    pub(crate) fn abandon(&self) {
        self.queue().sender = None;
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    /// Puts `captured` last; gives it back when there is no room.
    fn put(&mut self, captured: Captured, is_piece: bool) -> Result<(), Captured> {
        self.forget_taken();
        let size = Size { bytes: captured.size(), is_piece };
        let is_over = !self.sizes.is_empty() && self.bytes.saturating_add(size.bytes) > QUEUE_BYTES;
        if is_over || (is_piece && self.piece_bytes.saturating_add(size.bytes) > PIECES_BYTES) {
            return Err(captured);
        }
        let Some(sender) = &self.sender else { return Ok(()) };
        match sender.try_send(captured) {
            Ok(()) => {
                self.sizes.push_back(size);
                self.bytes += size.bytes;
                self.piece_bytes += if is_piece { size.bytes } else { 0 };
            }
            Err(mpsc::error::TrySendError::Full(captured)) => return Err(captured),
            // The owner wants no more.
            Err(mpsc::error::TrySendError::Closed(_)) => self.sender = None,
        }
        Ok(())
    }

    fn report_lost(&mut self) {
        if self.lost == 0 {
            return;
        }
        let has_room = self.sender.as_ref().is_some_and(|sender| sender.capacity() > 0);
        let (lost, place) = (self.lost, self.first_lost.clone());
        if has_room
            && let Some(told) = self.take_lost()
            && self.put(Captured::BlindSpot(told), false).is_err()
        {
            // Large bodies fill the queue: told later.
            (self.lost, self.first_lost) = (lost, place);
        }
    }

    fn take_lost(&mut self) -> Option<BlindSpot> {
        let (lost, place) = (std::mem::take(&mut self.lost), std::mem::take(&mut self.first_lost));
        let detail = || format!("{lost} came faster than they could be judged and were dropped, this one first");
        (lost > 0).then(|| BlindSpot::new(BlindSpotKind::QueueOverflow, place, detail()))
    }

    fn lose(&mut self, captured: &Captured) {
        if self.lost == 0 {
            self.first_lost = match captured {
                Captured::Exchange(exchange) => exchange.request.target.origin(),
                Captured::BlindSpot(blind_spot) => blind_spot.place.clone(),
            };
        }
        self.lost += 1;
    }

    /// The owner takes from the front: as many as are missing there are gone.
    fn forget_taken(&mut self) {
        let waiting = self.sender.as_ref().map_or(0, |sender| sender.max_capacity() - sender.capacity());
        while self.sizes.len() > waiting
            && let Some(Size { bytes, is_piece }) = self.sizes.pop_front()
        {
            self.bytes -= bytes;
            self.piece_bytes -= if is_piece { bytes } else { 0 };
        }
    }
}

impl Captured {
    /// About how much memory it takes beyond a few hundred bytes.
    fn size(&self) -> usize {
        match self {
            Self::Exchange(exchange) => {
                let request = &exchange.request;
                let url = request.target.path.len() + request.target.query.as_ref().map_or(0, String::len);
                let headers =
                    |headers: &model::Headers| headers.0.iter().map(|(k, v)| k.len() + v.len()).sum::<usize>();
                let answer = exchange.response.as_ref().map_or(0, |response| headers(&response.headers));
                let message = |message: &model::Message| message.bytes.len() + size_of::<model::Message>();
                let messages = exchange.messages.iter().map(message).sum::<usize>();
                url + request.body.bytes.len() + headers(&request.headers) + answer + messages
            }
            Self::BlindSpot(blind_spot) => blind_spot.place.len() + blind_spot.detail.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_of_bodies_take_little_of_the_queue() {
        let (emitter, mut receiver) = Emitter::with_length(100);
        let piece = || {
            let target = model::Target::parse("https://a.test/").unwrap();
            let body = model::Body::whole(vec![b'x'; PIECES_BYTES / 4]);
            let headers = model::Headers::default();
            let (method, version) = ("POST".to_owned(), "HTTP/1.1".to_owned());
            let request = model::RequestRecord { method, target, version, headers, body };
            Exchange::begun(0, jiff::Timestamp::UNIX_EPOCH, request)
        };
        assert_eq!((0..6).filter(|_| emitter.offer(piece())).count(), 3);
        // Everything else has the room that it always had, and what was refused is not told here.
        emitter.emit(Captured::Exchange(Box::new(piece())));
        emitter.emit(spot("a"));
        assert_eq!(std::iter::from_fn(|| receiver.try_recv().ok()).count(), 5);
        assert!(emitter.offer(piece()));
    }

    fn spot(place: &str) -> Captured {
        Captured::BlindSpot(BlindSpot::new(BlindSpotKind::NotHttp, place, ""))
    }

    fn place(captured: Option<Captured>) -> (BlindSpotKind, String, String) {
        match captured {
            Some(Captured::BlindSpot(spot)) => (spot.kind, spot.place, spot.detail),
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn what_finds_no_room_is_counted_and_said() {
        let (emitter, mut receiver) = Emitter::with_length(1);
        for host in ["a", "b", "c"] {
            emitter.emit(spot(host));
        }
        assert_eq!(place(receiver.recv().await).1, "a");
        emitter.report_lost();
        let (kind, first, detail) = place(receiver.recv().await);
        assert_eq!((kind, first.as_str()), (BlindSpotKind::QueueOverflow, "b"));
        assert!(detail.starts_with("2 came"), "{detail}");
        emitter.emit(spot("d"));
        assert_eq!(place(receiver.recv().await).1, "d");
    }

    #[tokio::test]
    async fn the_last_word_waits_for_the_owner() {
        let (emitter, mut receiver) = Emitter::with_length(1);
        emitter.emit(spot("a"));
        emitter.emit(spot("b"));
        let closing = tokio::spawn(async move { emitter.close().await });
        assert_eq!(place(receiver.recv().await).1, "a");
        assert_eq!(place(receiver.recv().await).0, BlindSpotKind::QueueOverflow);
        assert!(receiver.recv().await.is_none());
        closing.await.unwrap();
    }

    #[tokio::test]
    async fn an_owner_that_is_gone_is_no_trouble() {
        let (emitter, receiver) = Emitter::with_length(1);
        drop(receiver);
        emitter.emit(spot("a"));
        emitter.close().await;
    }

    #[test]
    fn memory_in_the_queue_is_bounded() {
        let (emitter, mut receiver) = Emitter::with_length(100);
        let large = "x".repeat(QUEUE_BYTES / 4);
        for _ in 0..6 {
            emitter.emit(spot(&large));
        }
        assert!(std::iter::from_fn(|| receiver.try_recv().ok()).count() < 5);
        emitter.emit(spot("small"));
        assert_eq!(place(receiver.try_recv().ok()).0, BlindSpotKind::QueueOverflow);
        assert_eq!(place(receiver.try_recv().ok()).1, "small");
    }
}
