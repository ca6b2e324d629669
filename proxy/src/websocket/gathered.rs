//! What was read and waits to be handed over, and the memory it takes.

use model::{Message, Sender};

use crate::recorder::Held;

/// What a message takes beside its bytes, so that many empty ones count as well.
const MESSAGE_OVERHEAD: usize = 64;

/// Messages of both sides in the order in which they ended, and what of them is missing.
pub(super) struct Gathered {
    messages: Vec<Message>,
    /// About what they take.
    size: usize,
    /// Of `held`, what is theirs.
    held_by_messages: usize,
    held: Held,
    /// Messages to the site of which only the beginning was kept.
    cut: Option<Cut>,
    lost: Vec<Lost>,
}

/// What of the messages cannot be read, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lost(pub(super) String);

/// What is taken out at once.
pub(super) struct Batch {
    pub(super) messages: Vec<Message>,
    pub(super) lost: Vec<Lost>,
}

/// A message while it comes.
#[derive(Default)]
pub(super) struct Open {
    bytes: Vec<u8>,
    /// How long it is so far, compression undone.
    length: u64,
    over_memory: bool,
    pub(super) is_compressed: bool,
}

struct Cut {
    count: u64,
    kept: usize,
    length: u64,
    over_memory: bool,
}

impl Gathered {
    /// Nothing yet.
    pub(super) fn new(held: Held) -> Self {
        Self { messages: Vec::new(), size: 0, held_by_messages: 0, held, cut: None, lost: Vec::new() }
    }

    /// The memory that everything here is taken from.
    pub(super) fn held(&mut self) -> &mut Held {
        &mut self.held
    }

    /// Adds `bytes` to an open message, as far as `longest` and memory allow.
    pub(super) fn extend(&mut self, open: &mut Open, bytes: &[u8], longest: usize) {
        open.length = open.length.saturating_add(bytes.len() as u64);
        // What was left out once is followed by nothing: a beginning has no holes.
        if open.over_memory {
            return;
        }
        let wanted = longest.saturating_sub(open.bytes.len()).min(bytes.len());
        let granted = self.held.take(wanted);
        open.bytes.extend_from_slice(bytes.get(..granted).unwrap_or_default());
        open.over_memory = granted < wanted;
    }

    /// A message has ended.
    pub(super) fn close(&mut self, sender: Sender, open: Open) {
        let kept = open.bytes.len();
        match sender {
            Sender::Client if (kept as u64) < open.length => {
                let cut = self.cut.get_or_insert(Cut { count: 0, kept, length: open.length, over_memory: false });
                cut.count += 1;
                cut.over_memory |= open.over_memory;
            }
            // What a site tells the citizen is not judged: its beginning is kept for those who look.
            Sender::Client | Sender::Server => {}
        }
        self.size += kept + MESSAGE_OVERHEAD;
        self.held_by_messages += kept;
        self.messages.push(Message { sender, bytes: open.bytes });
    }

    /// It is of no interest.
    pub(super) fn forget(&mut self, open: &Open) {
        self.held.give_back(open.bytes.len());
    }

    /// Says what cannot be read.
    pub(super) fn lose(&mut self, lost: Lost) {
        self.lost.push(lost);
    }

    /// About how much waits; 0 when nothing does.
    pub(super) fn size(&self) -> usize {
        let told = self.lost.len() + usize::from(self.cut.is_some());
        self.size + told * MESSAGE_OVERHEAD
    }

    /// Everything that waits. Its memory is given back: it is the queue's to count from here.
    pub(super) fn take(&mut self) -> Batch {
        self.size = 0;
        self.held.give_back(std::mem::take(&mut self.held_by_messages));
        let mut lost = std::mem::take(&mut self.lost);
        lost.extend(self.cut.take().map(Cut::words));
        Batch { messages: std::mem::take(&mut self.messages), lost }
    }
}

impl Open {
    /// One that begins.
    pub(super) fn new(is_compressed: bool) -> Self {
        Self { is_compressed, ..Self::default() }
    }

    /// How many bytes of it were kept.
    pub(super) fn kept(&self) -> usize {
        self.bytes.len()
    }

    /// Leaves out its first `count` bytes.
    pub(super) fn skip(&mut self, count: usize, gathered: &mut Gathered) {
        let count = count.min(self.bytes.len());
        self.bytes.drain(..count);
        self.length = self.length.saturating_sub(count as u64);
        gathered.held.give_back(count);
    }
}

impl Cut {
    fn words(self) -> Lost {
        let Self { count, kept, length, over_memory } = self;
        let why = if over_memory { "found no memory" } else { "were longer than is kept" };
        Lost(format!("messages to the site that {why}: {count}; of the first, {kept} of {length} bytes were read"))
    }
}
