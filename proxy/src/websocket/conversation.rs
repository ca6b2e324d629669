//! A WebSocket while it lasts: both its sides, and what was said so far, handed over in batches.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use model::{BlindSpot, BlindSpotKind, Continuation, Exchange, Sender};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use super::extensions::Deflate;
use super::gathered::{Batch, Gathered, Lost};
use super::messages::Side;
use crate::recorder::{Held, Recorder};
use crate::splice::{Counts, Duplex, overhear};

/// What is gathered before it is handed over: many small messages cost one hand-over.
const BATCH_BYTES: usize = 64 << 10;
/// How long a message may wait for others. The first after a pause does not wait at all, so that a leak is told at
/// once and a page that settles has its messages judged.
const BATCH_AGE: Duration = Duration::from_millis(250);

/// A WebSocket that was opened, and the exchange that its messages continue.
pub(crate) struct Conversation {
    recorder: Arc<Recorder>,
    /// The exchange that opened it, without body and blind spots.
    head: Exchange,
    body_bytes: u64,
    begun: Instant,
    counts: Arc<Counts>,
    client: Side,
    site: Side,
    gathered: Gathered,
    handed_over: u64,
    last: Option<Instant>,
}

impl Conversation {
    /// The messages that follow on `head`, whose body was of `body_bytes`. `begun` is when its request began.
    pub(crate) fn new(recorder: &Arc<Recorder>, head: Exchange, body_bytes: u64, begun: Instant) -> Self {
        let mut gathered = Gathered::new(Held::new(Arc::clone(recorder)));
        let deflate = match head.response.as_ref().map(|response| Deflate::agreed(&response.headers)) {
            Some(Ok(deflate)) => Ok(deflate),
            Some(Err(why)) => Err(why),
            None => Ok(None),
        };
        let side = |sender| Side::new(sender, deflate.clone().unwrap_or_default(), recorder.body_cap);
        let (mut client, mut site) = (side(Sender::Client), side(Sender::Server));
        if let Err(why) = &deflate {
            gathered.lose(Lost(format!("its messages were not read: {why}")));
            client.pass_over();
            site.pass_over();
        }
        let (recorder, counts) = (Arc::clone(recorder), Arc::default());
        Self { recorder, head, body_bytes, begun, counts, client, site, gathered, handed_over: 0, last: None }
    }

    /// A piece of what passes. Returns whether something waits to be handed over.
    fn heard(&mut self, sender: Sender, bytes: &[u8]) -> bool {
        let side = match sender {
            Sender::Client => &mut self.client,
            Sender::Server => &mut self.site,
        };
        side.hear(bytes, &mut self.gathered);
        let size = self.gathered.size();
        if size > 0 && (size >= BATCH_BYTES || self.last.is_none_or(|last| last.elapsed() >= BATCH_AGE)) {
            self.hand_over();
        }
        self.gathered.size() > 0
    }

    /// Hands over what waits, if anything does.
    fn hand_over(&mut self) {
        if self.gathered.size() > 0 {
            let exchange = self.more();
            self.recorder.emit_more(exchange);
            self.last = Some(Instant::now());
        }
    }

    /// When what waits now is to be handed over.
    fn due(&self) -> Instant {
        self.last.unwrap_or_else(Instant::now) + BATCH_AGE
    }

    /// What waits, as more of the exchange.
    fn more(&mut self) -> Exchange {
        let Batch { messages, lost } = self.gathered.take();
        let mut exchange = self.head.clone();
        exchange.continues = Some(Continuation { messages: self.handed_over, body_bytes: self.body_bytes });
        self.handed_over += messages.len() as u64;
        exchange.messages = messages;
        let told = lost.into_iter().map(|Lost(detail)| self.blind_spot(BlindSpotKind::WebsocketNotRead, detail));
        exchange.blind_spots = told.collect();
        if let Some(response) = &mut exchange.response {
            (_, response.body_bytes) = self.counts.so_far();
        }
        exchange
    }

    fn blind_spot(&self, kind: BlindSpotKind, detail: String) -> BlindSpot {
        BlindSpot::new(kind, self.head.request.target.origin(), detail).in_visit(self.head.visit)
    }
}

/// Its end is told however it came: both sides closed, one broke off, or the proxy stops and drops its task.
impl Drop for Conversation {
    fn drop(&mut self) {
        let is_broken = self.client.end(&mut self.gathered);
        self.site.end(&mut self.gathered);
        let mut last = self.more();
        last.duration_ms = Some(u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX));
        if is_broken {
            let detail = "the WebSocket broke off within a message to the site".to_owned();
            last.blind_spots.push(self.blind_spot(BlindSpotKind::ConnectionBroken, detail));
        }
        self.recorder.emit_more(last);
    }
}

/// Lets a WebSocket's bytes pass until both ends have ended or one breaks, and hands over what is said.
pub(crate) async fn converse(client: impl Duplex, site: impl Duplex, conversation: Conversation) {
    let counts = Arc::clone(&conversation.counts);
    let (conversation, waiting) = (Mutex::new(conversation), Notify::new());
    let passing = overhear(client, site, counts, |sender, bytes| {
        if lock(&conversation).heard(sender, bytes) {
            waiting.notify_one();
        }
    });
    let telling = async {
        loop {
            waiting.notified().await;
            let due = lock(&conversation).due();
            sleep_until(due).await;
            lock(&conversation).hand_over();
        }
    };
    tokio::select! {
        () = passing => {}
        () = telling => {}
    }
}

fn lock(conversation: &Mutex<Conversation>) -> MutexGuard<'_, Conversation> {
    conversation.lock().unwrap_or_else(PoisonError::into_inner)
}
