//! The messages of one side of a WebSocket: frames put together (RFC 6455 §5.4), compression undone.

use model::Sender;

use super::Unreadable;
use super::extensions::Deflate;
use super::frames::{Frame, FrameKind, Frames, Sink};
use super::gathered::{Gathered, Lost, Open};
use super::inflater::Inflater;

/// What of a message from the site is kept. It is not judged, as the bodies of answers are not: what a site tells the
/// citizen is no leak. Its beginning shows what a message to the site answers to.
const LONGEST_FROM_SITE: usize = 64 << 10;
/// A close frame's reason stands after its code (RFC 6455 §5.5.1).
const CLOSE_CODE: usize = 2;
/// What a close, ping or pong carries is kept as a message of its own when a number could stand in it: browsers let a
/// script choose the reason of a close. Heartbeats are shorter as a rule, and are not worth a message each.
const SHORTEST_NUMBER: usize = 10;

/// One side, from its first frame.
pub(super) struct Side {
    frames: Frames,
    messages: Messages,
    /// Nothing more can be read.
    is_over: bool,
}

/// What the frames come to.
struct Messages {
    sender: Sender,
    longest: usize,
    inflater: Option<Inflater>,
    open: Option<Open>,
    /// A control frame, which may stand within a message.
    control: Option<(FrameKind, Open)>,
    is_last: bool,
}

/// The frames of a side on their way to what is gathered.
struct Hearing<'a> {
    messages: &'a mut Messages,
    gathered: &'a mut Gathered,
}

impl Side {
    /// The side of `sender`. Of its messages `longest` bytes are kept, if it is the client.
    pub(super) fn new(sender: Sender, deflate: Option<Deflate>, longest: usize) -> Self {
        let longest = match sender {
            Sender::Client => longest,
            Sender::Server => LONGEST_FROM_SITE,
        };
        let inflater = deflate.map(|deflate| Inflater::new(deflate.takes_over(sender)));
        let messages = Messages { sender, longest, inflater, open: None, control: None, is_last: false };
        Self { frames: Frames::new(sender), messages, is_over: false }
    }

    /// A piece of what this side sends.
    pub(super) fn hear(&mut self, bytes: &[u8], gathered: &mut Gathered) {
        if self.is_over {
            return;
        }
        let mut hearing = Hearing { messages: &mut self.messages, gathered: &mut *gathered };
        if let Err(why) = self.frames.feed(bytes, &mut hearing) {
            self.give_up(&why, gathered);
        }
    }

    /// This side is not to be read at all.
    pub(super) fn pass_over(&mut self) {
        self.is_over = true;
    }

    /// Nothing more comes. Returns whether that was in the middle of a message.
    pub(super) fn end(&mut self, gathered: &mut Gathered) -> bool {
        let messages = &mut self.messages;
        let is_within = !self.is_over && (self.frames.is_within() || messages.open.is_some());
        messages.close_open(gathered);
        self.is_over = true;
        is_within
    }

    /// From here on this side is not read.
    fn give_up(&mut self, why: &Unreadable, gathered: &mut Gathered) {
        self.is_over = true;
        self.messages.close_open(gathered);
        if let Some(inflater) = &mut self.messages.inflater {
            inflater.stop(gathered.held());
        }
        gathered.lose(Lost(match self.messages.sender {
            Sender::Client => format!("from here on the messages to the site were not read: {why}"),
            Sender::Server => format!("from here on the messages from the site were not read: {why}"),
        }));
    }
}

impl Messages {
    /// What came of a message that has no end, or a broken one, was sent all the same.
    fn close_open(&mut self, gathered: &mut Gathered) {
        let control = self.control.take().map(|(_, open)| open);
        for open in [self.open.take(), control].into_iter().flatten().filter(|open| open.kept() > 0) {
            gathered.close(self.sender, open);
        }
    }
}

impl Sink for Hearing<'_> {
    fn begin(&mut self, frame: Frame) -> Result<(), Unreadable> {
        let messages = &mut *self.messages;
        messages.is_last = frame.is_last;
        match (frame.kind, &messages.open) {
            (FrameKind::First, None) => {
                match &mut messages.inflater {
                    _ if !frame.is_compressed => {}
                    Some(inflater) => inflater.prepare(self.gathered.held())?,
                    None => return Err(Unreadable::ReservedBits),
                }
                messages.open = Some(Open::new(frame.is_compressed));
            }
            (FrameKind::Further, Some(_)) => {}
            (FrameKind::First, Some(_)) | (FrameKind::Further, None) => return Err(Unreadable::Fragments),
            (FrameKind::Close | FrameKind::Heartbeat, _) => {
                messages.control = Some((frame.kind, Open::new(false)));
            }
        }
        Ok(())
    }

    fn payload(&mut self, bytes: &[u8]) -> Result<(), Unreadable> {
        let Messages { longest, inflater, open, control, .. } = &mut *self.messages;
        match (control, open, inflater) {
            (Some((_, control)), _, _) => self.gathered.extend(control, bytes, *longest),
            (None, Some(open), Some(inflater)) if open.is_compressed => {
                inflater.undo(bytes, |piece| self.gathered.extend(open, piece, *longest))?;
            }
            (None, Some(open), _) => self.gathered.extend(open, bytes, *longest),
            (None, None, _) => {}
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), Unreadable> {
        let messages = &mut *self.messages;
        if let Some((kind, mut control)) = messages.control.take() {
            if kind == FrameKind::Close {
                control.skip(CLOSE_CODE, self.gathered);
            }
            if control.kept() >= SHORTEST_NUMBER {
                self.gathered.close(messages.sender, control);
            } else {
                self.gathered.forget(&control);
            }
            return Ok(());
        }
        if !messages.is_last {
            return Ok(());
        }
        if let (Some(open), Some(inflater)) = (&mut messages.open, &mut messages.inflater)
            && open.is_compressed
        {
            inflater.end(|piece| self.gathered.extend(open, piece, messages.longest))?;
            inflater.rest(self.gathered.held());
        }
        if let Some(open) = messages.open.take() {
            self.gathered.close(messages.sender, open);
        }
        Ok(())
    }
}
