//! Frames (RFC 6455 §5.2) out of bytes that come in any pieces.

use model::Sender;

use super::Unreadable;

/// Two bytes, a length of up to eight, a mask of four.
const LONGEST_HEAD: usize = 14;
/// Most that a control frame carries (RFC 6455 §5.5).
const LONGEST_CONTROL: u64 = 125;
/// Unmasked at a time: small enough for the stack, large enough that frames of forms and telemetry take one turn.
const UNMASKED: usize = 4096;

/// Gets what frames hold, as it comes.
pub(super) trait Sink {
    /// A frame begins.
    fn begin(&mut self, frame: Frame) -> Result<(), Unreadable>;
    /// Some of what it carries, unmasked.
    fn payload(&mut self, bytes: &[u8]) -> Result<(), Unreadable>;
    /// It has ended.
    fn end(&mut self) -> Result<(), Unreadable>;
}

/// The head of a frame, as far as it concerns its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    /// What it is.
    pub(super) kind: FrameKind,
    /// Whether it is the last of its message.
    pub(super) is_last: bool,
    /// Whether it is the first of a compressed message (RFC 7692 §6).
    pub(super) is_compressed: bool,
}

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FrameKind {
    /// The first of a message, of text or bytes.
    First,
    /// A further one.
    Further,
    /// The last word of a side, with a code and its reason.
    Close,
    /// A ping or its answer.
    Heartbeat,
}

/// Reads the frames of one side.
pub(super) struct Frames {
    is_masked: bool,
    head: Vec<u8>,
    body: Option<Carrying>,
}

/// A frame whose head is known.
struct Carrying {
    left: u64,
    /// Turned so that its first byte is for the next byte.
    mask: Option<[u8; 4]>,
}

impl Frames {
    /// The frames of `sender`, from their beginning.
    pub(super) fn new(sender: Sender) -> Self {
        let is_masked = match sender {
            Sender::Client => true,
            Sender::Server => false,
        };
        Self { is_masked, head: Vec::with_capacity(LONGEST_HEAD), body: None }
    }

    /// Hands what `bytes` hold to `sink`. After an error there is no way back into step.
    pub(super) fn feed(&mut self, mut bytes: &[u8], sink: &mut impl Sink) -> Result<(), Unreadable> {
        loop {
            if let Some(body) = &mut self.body {
                bytes = body.carry(bytes, sink)?;
                if body.left > 0 {
                    return Ok(());
                }
                self.body = None;
                sink.end()?;
            }
            let Some((byte, rest)) = bytes.split_first() else { return Ok(()) };
            bytes = rest;
            self.head.push(*byte);
            if let Some((frame, body)) = read_head(&self.head, self.is_masked)? {
                self.head.clear();
                sink.begin(frame)?;
                self.body = Some(body);
            }
        }
    }

    /// Whether a frame has begun and not ended.
    pub(super) fn is_within(&self) -> bool {
        !self.head.is_empty() || self.body.is_some()
    }
}

impl Carrying {
    /// Hands on what of `bytes` belongs to this frame; returns the rest.
    fn carry<'b>(&mut self, bytes: &'b [u8], sink: &mut impl Sink) -> Result<&'b [u8], Unreadable> {
        let length = usize::try_from(self.left).map_or(bytes.len(), |left| left.min(bytes.len()));
        let (own, rest) = bytes.split_at_checked(length).unwrap_or((bytes, &[]));
        self.left -= own.len() as u64;
        let Some(mask) = &mut self.mask else {
            if !own.is_empty() {
                sink.payload(own)?;
            }
            return Ok(rest);
        };
        let mut clear = [0; UNMASKED];
        for piece in own.chunks(UNMASKED) {
            let clear = clear.get_mut(..piece.len()).unwrap_or_default();
            clear.copy_from_slice(piece);
            for four in clear.chunks_mut(mask.len()) {
                four.iter_mut().zip(&*mask).for_each(|(byte, mask)| *byte ^= mask);
            }
            let turn = piece.len() % mask.len();
            mask.rotate_left(turn);
            sink.payload(clear)?;
        }
        Ok(rest)
    }
}

/// What `head` says; `None` when it is not whole yet.
fn read_head(head: &[u8], is_masked: bool) -> Result<Option<(Frame, Carrying)>, Unreadable> {
    let (Some(first), second) = (head.first(), head.get(1)) else { return Ok(None) };
    if first & 0b0011_0000 != 0 {
        return Err(Unreadable::ReservedBits);
    }
    let kind = match first & 0x0f {
        0x0 => FrameKind::Further,
        0x1 | 0x2 => FrameKind::First,
        0x8 => FrameKind::Close,
        0x9 | 0xa => FrameKind::Heartbeat,
        _ => return Err(Unreadable::FrameKind),
    };
    let (is_last, is_compressed) = (first & 0x80 != 0, first & 0x40 != 0);
    let Some(second) = second else { return Ok(None) };
    if (second & 0x80 != 0) != is_masked {
        return Err(Unreadable::Mask);
    }
    let (length, after) = match second & 0x7f {
        126 => (big_endian(head, 2), 4),
        127 => (big_endian(head, 8), 10),
        short => (Some(u64::from(short)), 2),
    };
    let Some(length) = length else { return Ok(None) };
    if i64::try_from(length).is_err() {
        return Err(Unreadable::FrameLength);
    }
    match kind {
        FrameKind::Close | FrameKind::Heartbeat if !is_last || length > LONGEST_CONTROL => {
            return Err(Unreadable::ControlFrame);
        }
        FrameKind::Close | FrameKind::Heartbeat | FrameKind::Further if is_compressed => {
            return Err(Unreadable::ReservedBits);
        }
        FrameKind::First | FrameKind::Further | FrameKind::Close | FrameKind::Heartbeat => {}
    }
    let mask = match head.get(after..).and_then(<[u8]>::first_chunk) {
        Some(mask) => Some(*mask),
        None if is_masked => return Ok(None),
        None => None,
    };
    Ok(Some((Frame { kind, is_last, is_compressed }, Carrying { left: length, mask })))
}

/// The length in the `width` bytes after the first two; `None` when they are not all there.
fn big_endian(head: &[u8], width: usize) -> Option<u64> {
    let bytes = head.get(2..2 + width)?;
    Some(bytes.iter().fold(0, |length, byte| (length << 8) | u64::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes down what comes.
    #[derive(Default)]
    struct Notes(Vec<String>);

    impl Sink for Notes {
        fn begin(&mut self, frame: Frame) -> Result<(), Unreadable> {
            let Frame { kind, is_last, is_compressed } = frame;
            self.0.push(format!("{kind:?} {is_last} {is_compressed} "));
            Ok(())
        }

        fn payload(&mut self, bytes: &[u8]) -> Result<(), Unreadable> {
            self.0.last_mut().unwrap().push_str(&String::from_utf8_lossy(bytes));
            Ok(())
        }

        fn end(&mut self) -> Result<(), Unreadable> {
            self.0.last_mut().unwrap().push('.');
            Ok(())
        }
    }

    #[track_caller]
    fn case(sender: Sender, bytes: &[u8], expected: &Result<&[&str], Unreadable>) {
        for size in [1, 3, bytes.len()] {
            let (mut frames, mut notes) = (Frames::new(sender), Notes::default());
            let fed = bytes.chunks(size).try_for_each(|piece| frames.feed(piece, &mut notes));
            let told: Vec<&str> = notes.0.iter().map(String::as_str).collect();
            assert_eq!(&fed.map(|()| told.as_slice()), expected, "in pieces of {size}");
        }
    }

    #[test]
    fn the_examples_of_the_standard_are_read() {
        let masked = [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58];
        case(Sender::Client, &masked, &Ok(&["First true false Hello."]));
        case(Sender::Server, b"\x01\x03Hel\x80\x02lo", &Ok(&["First false false Hel.", "Further true false lo."]));
        case(Sender::Server, b"\x89\x05Hello\x88\x00", &Ok(&["Heartbeat true false Hello.", "Close true false ."]));
        case(Sender::Server, b"\xc1\x00", &Ok(&["First true true ."]));
    }

    #[test]
    fn long_lengths_are_read() {
        for (head, length) in [(b"\x82\x7e\x01\x00".as_slice(), 256), (b"\x82\x7f\0\0\0\0\0\x01\0\0", 65_536)] {
            let mut bytes = head.to_vec();
            bytes.resize(head.len() + length, b'x');
            let expected = format!("First true false {}.", "x".repeat(length));
            case(Sender::Server, &bytes, &Ok(&[&expected]));
        }
    }

    #[test]
    fn what_is_against_the_standard_is_no_frame() {
        case(Sender::Server, b"\xa1\x00", &Err(Unreadable::ReservedBits));
        case(Sender::Server, b"\xc9\x00", &Err(Unreadable::ReservedBits));
        case(Sender::Server, b"\xc0\x00", &Err(Unreadable::ReservedBits));
        case(Sender::Server, b"\x83\x00", &Err(Unreadable::FrameKind));
        case(Sender::Server, b"\x81\x80\0\0\0\0", &Err(Unreadable::Mask));
        case(Sender::Client, b"\x81\x00", &Err(Unreadable::Mask));
        case(Sender::Server, b"\x82\x7f\x80\0\0\0\0\0\0\0", &Err(Unreadable::FrameLength));
        case(Sender::Server, b"\x09\x00", &Err(Unreadable::ControlFrame));
        case(Sender::Server, b"\x89\x7e\x00\x7e", &Err(Unreadable::ControlFrame));
    }
}
