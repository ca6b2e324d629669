//! What is kept of a request's body while it passes: its beginning up to the cap, whole; then pieces of what follows.
//!
//! Frames are kept as they came, by their reference counts, and put together once, when they are handed over. A piece
//! begins with the last bytes of what was handed over before it, so that a number that lies across is whole in it.

use bytes::{Bytes, BytesMut};
use model::Headers;

/// What follows a body's beginning is handed over in pieces so long: large enough that hardly anything is searched twice,
/// small enough that a piece with everything it decodes to takes little memory.
pub(crate) const PIECE: usize = 256 << 10;

/// How much of what was handed over a piece begins with: the longest way of writing a number, and the name before it. A
/// SHA-512 in hex has 128 characters, 256 bytes as UTF-16; ten digits percent-encoded three times over have 70.
pub(crate) const OVERLAP: usize = 512;

/// No cut goes between two digits when fewer than so many stand before it: the beginning of a longer number, an id,
/// might look like one of ours.
const CALM: usize = 64;

/// Shorter frames are copied together: as a reference each would keep a whole read buffer alive, 8 KiB at the least and
/// shared with other streams, and memory is counted by what is kept. A longer one fills the better part of its buffer.
const SMALL_FRAME: usize = 8 << 10;

/// A request's body on its way.
#[derive(Debug)]
pub(crate) struct Upload {
    cap: usize,
    /// Kept and not handed over, oldest first; what is in `small` comes after.
    frames: Vec<Bytes>,
    small: BytesMut,
    kept: usize,
    stage: Stage,
    /// The end of what was handed over last; empty when something was left out since.
    overlap: Vec<u8>,
    /// Bytes that were handed over or left out.
    behind: u64,
    passed: u64,
    too_fast: u64,
    over_memory: bool,
    is_held: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Within the cap so far.
    Beginning,
    /// Its beginning was handed over.
    Pieces,
    /// Nothing more of it is kept.
    Left,
}

/// Bytes of a body that are handed over.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Part {
    /// What they are, those that are repeated first.
    pub(crate) bytes: Vec<u8>,
    /// How many came before those that are new; `None` for a body's beginning.
    pub(crate) after: Option<u64>,
    /// How many are new, the last of them: the memory that is given back.
    pub(crate) new: usize,
    /// How long the body was to their end.
    pub(crate) end: u64,
}

impl Upload {
    /// A body of which nothing has passed.
    pub(crate) fn new(cap: usize) -> Self {
        Self {
            cap,
            frames: Vec::new(),
            small: BytesMut::new(),
            kept: 0,
            stage: Stage::Beginning,
            overlap: Vec::new(),
            behind: 0,
            passed: 0,
            too_fast: 0,
            over_memory: false,
            is_held: false,
        }
    }

    /// It is judged whole before it leaves, and stopped when it is longer than the cap: so it is told in one part.
    pub(crate) fn hold(&mut self) {
        self.is_held = true;
    }

    /// How much memory the next `length` bytes take.
    pub(crate) fn wants(&self, length: usize) -> usize {
        match self.stage {
            Stage::Beginning | Stage::Pieces => length,
            Stage::Left => 0,
        }
    }

    /// `data` passed, and `granted` of the bytes wanted may be kept; fewer, and nothing after them is.
    pub(crate) fn push(&mut self, data: &Bytes, granted: usize) {
        self.passed += data.len() as u64;
        if self.stage == Stage::Left {
            return;
        }
        if granted < data.len() {
            self.stage = Stage::Left;
            self.over_memory = true;
        }
        let data = data.slice(..granted.min(data.len()));
        self.kept += data.len();
        if data.len() < SMALL_FRAME {
            self.small.extend_from_slice(&data);
            return;
        }
        self.close_small();
        self.frames.push(data);
    }

    /// The next part that is long enough to be handed over while the body goes on. Of a body that is compressed, only
    /// its beginning can be read.
    pub(crate) fn full(&mut self, headers: &Headers) -> Option<Part> {
        let length = match self.stage {
            _ if self.is_held => return None,
            Stage::Beginning if self.kept > self.cap => self.cap,
            Stage::Pieces if self.kept >= PIECE => PIECE,
            Stage::Beginning | Stage::Pieces | Stage::Left => return None,
        };
        let part = self.part(length, true);
        if self.stage == Stage::Beginning {
            self.stage = Stage::Pieces;
            if compression(headers, &part.bytes).is_some() {
                (self.stage, self.kept) = (Stage::Left, 0);
                self.frames.clear();
                self.small.clear();
            }
        }
        Some(part)
    }

    /// All that is left, at the body's end.
    pub(crate) fn rest(&mut self) -> Part {
        let part = self.part(self.kept, false);
        self.stage = Stage::Left;
        part
    }

    /// The last part, with `new` bytes, found no room in the queue: the next begins a new text.
    pub(crate) fn came_too_fast(&mut self, new: usize) {
        self.too_fast += new as u64;
        self.overlap.clear();
    }

    /// Memory taken for what is kept now.
    pub(crate) fn kept(&self) -> usize {
        self.kept
    }

    /// Whether its beginning was handed over.
    pub(crate) fn is_in_parts(&self) -> bool {
        self.behind > 0
    }

    /// What of it is not read as it should be, in words, when its beginning is handed over before its end.
    pub(crate) fn not_whole(headers: &Headers, beginning: &[u8]) -> String {
        let length = beginning.len();
        match compression(headers, beginning) {
            Some(name) => format!("its first {length} bytes were read; {name} cannot be undone from the middle"),
            None => format!(
                "its first {length} bytes were read whole; the rest was read in pieces, so that encodings which span \
                 pieces (compression, base64) were not undone there"
            ),
        }
    }

    /// That memory for bodies ran out, in words.
    pub(crate) fn over_memory(&self) -> Option<String> {
        let (read, passed) = (self.behind + self.kept as u64, self.passed);
        self.over_memory.then(|| format!("{read} of {passed} bytes recorded: too many long bodies at once"))
    }

    /// That pieces of it found no room in the queue, in words.
    pub(crate) fn too_fast(&self) -> Option<String> {
        let (lost, passed) = (self.too_fast, self.passed);
        (lost > 0).then(|| format!("{lost} of {passed} bytes of a body came faster than they could be judged"))
    }

    /// The first `length` bytes kept, after those that are repeated. When the body `goes_on`, not cut between two digits.
    fn part(&mut self, length: usize, goes_on: bool) -> Part {
        let after = self.is_in_parts().then_some(self.behind);
        let mut bytes = std::mem::take(&mut self.overlap);
        if self.kept == 0 {
            bytes.clear();
        }
        let repeated = bytes.len();
        self.take(length, &mut bytes);
        let end = calm_end(&bytes);
        if goes_on && end > repeated {
            self.put_back(bytes.split_off(end));
        }
        let new = bytes.len() - repeated;
        self.behind += new as u64;
        self.overlap =
            bytes.split_at_checked(bytes.len().saturating_sub(OVERLAP)).map_or(&[][..], |(_, end)| end).to_vec();
        Part { bytes, after, new, end: self.behind }
    }

    /// Moves the first `length` bytes kept to `bytes`.
    fn take(&mut self, length: usize, bytes: &mut Vec<u8>) {
        self.close_small();
        let mut wanted = length.min(self.kept);
        self.kept -= wanted;
        bytes.reserve_exact(wanted);
        let mut left = Vec::new();
        for mut frame in std::mem::take(&mut self.frames) {
            let taken = frame.split_to(wanted.min(frame.len()));
            bytes.extend_from_slice(&taken);
            wanted -= taken.len();
            if !frame.is_empty() {
                left.push(frame);
            }
        }
        self.frames = left;
    }

    fn put_back(&mut self, bytes: Vec<u8>) {
        if !bytes.is_empty() {
            self.kept += bytes.len();
            self.frames.insert(0, bytes.into());
        }
    }

    fn close_small(&mut self) {
        if !self.small.is_empty() {
            // Taken as a whole: what it grew to is not kept for the next few bytes.
            self.frames.push(std::mem::take(&mut self.small).freeze());
        }
    }
}

/// Where to end a text that goes on: before the digits that it ends with, where there are few.
fn calm_end(bytes: &[u8]) -> usize {
    let digits = bytes.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    if digits < CALM { bytes.len() - digits } else { bytes.len() }
}

/// The compression of a body, by what its head says and how it begins: senders do not always say.
fn compression(headers: &Headers, beginning: &[u8]) -> Option<String> {
    let named = headers.text("content-encoding").map(|name| name.trim().to_ascii_lowercase());
    if let Some(name) = named.filter(|name| !name.is_empty() && name != "identity") {
        let is_known = ["gzip", "x-gzip", "deflate", "br", "zstd"].contains(&name.as_str());
        return Some(if is_known { name } else { "its encoding".to_owned() });
    }
    match beginning {
        [0x1f, 0x8b, ..] => Some("gzip".to_owned()),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Some("zstd".to_owned()),
        // RFC 1950 §2.2: deflate with a check of its own.
        [0x78, 0x01 | 0x5e | 0x9c | 0xda, ..] => Some("zlib".to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn none() -> Headers {
        Headers::default()
    }

    /// All parts of `body`, which comes in frames of `frame` bytes.
    fn parts(cap: usize, body: &[u8], frame: usize) -> Vec<Part> {
        let mut upload = Upload::new(cap);
        let mut parts = Vec::new();
        for data in body.chunks(frame) {
            upload.push(&Bytes::copy_from_slice(data), data.len());
            parts.extend(std::iter::from_fn(|| upload.full(&none())));
        }
        parts.push(upload.rest());
        assert_eq!(upload.kept(), 0);
        parts
    }

    /// Parts must make the body again, each beginning with the end of the one before.
    #[track_caller]
    fn case(cap: usize, body: &[u8], frame: usize) -> Vec<Part> {
        let parts = parts(cap, body, frame);
        let mut whole: Vec<u8> = Vec::new();
        for part in &parts {
            assert_eq!(part.after.unwrap_or_default(), whole.len() as u64);
            let (repeated, new) = part.bytes.split_at(part.bytes.len() - part.new);
            assert!(whole.ends_with(repeated));
            assert_eq!(repeated.len(), if part.new == 0 { 0 } else { OVERLAP.min(whole.len()) });
            whole.extend_from_slice(new);
            assert_eq!(part.end, whole.len() as u64);
        }
        assert!(whole == body, "{} of {} bytes", whole.len(), body.len());
        parts
    }

    #[test]
    fn parts_make_the_body_again() {
        let text: Vec<u8> = (0..3 * PIECE).map(|at| b"cpr: 0101901234, "[at % 17]).collect();
        for frame in [3, SMALL_FRAME - 1, SMALL_FRAME, 16 << 10, 3 * PIECE] {
            let parts = case(2000, &text[..if frame == 3 { PIECE + 5000 } else { text.len() }], frame);
            assert!(parts.len() > 2 && parts.iter().all(|part| part.bytes.len() <= PIECE + OVERLAP));
        }
        for body in [&b""[..], b"x", &text[..2000]] {
            assert_eq!(case(2000, body, 700).len(), 1);
        }
        assert_eq!(case(2000, &text[..2001], 700).len(), 2);
        case(5, &[b'7'; 5000], 100);
        case(1000, &[b'7'; 5000], 100);
    }

    #[test]
    fn no_part_ends_between_two_digits() {
        for cap in 100..120 {
            let parts = case(cap, "x 0101901234".repeat(20).as_bytes(), 7);
            assert!(parts[0].bytes.ends_with(b" ") || parts[0].bytes.ends_with(b"x"), "{cap}");
        }
    }

    #[test]
    fn small_frames_are_copied_and_large_ones_are_not() {
        let mut upload = Upload::new(1 << 20);
        let (small, large) = (Bytes::from(vec![1; 100]), Bytes::from(vec![2; SMALL_FRAME]));
        for data in [&small, &small, &large, &small] {
            upload.push(data, data.len());
        }
        assert_eq!(upload.frames.iter().map(Bytes::len).collect::<Vec<_>>(), [200, SMALL_FRAME]);
        assert_eq!(upload.frames[1].as_ptr(), large.as_ptr());
        assert!(small.is_unique());
        assert_eq!(upload.kept(), SMALL_FRAME + 300);
    }

    #[test]
    fn what_is_left_out_is_told_and_not_repeated() {
        let body = vec![b'x'; 3 * PIECE];
        let mut upload = Upload::new(1000);
        upload.push(&body.into(), 3 * PIECE);
        assert_eq!(upload.full(&none()).unwrap().end, 1000);
        let lost = upload.full(&none()).unwrap();
        upload.came_too_fast(lost.new);
        let next = upload.full(&none()).unwrap();
        assert_eq!((next.after, next.bytes.len()), (Some(1000 + PIECE as u64), PIECE));
        let words = upload.too_fast().unwrap();
        assert_eq!(words, "262144 of 786432 bytes of a body came faster than they could be judged");
        assert_eq!(upload.over_memory(), None);
    }

    #[test]
    fn without_memory_nothing_more_is_kept() {
        let mut upload = Upload::new(1000);
        upload.push(&Bytes::from_static(b"abcdef"), 4);
        assert_eq!(upload.wants(100), 0);
        upload.push(&Bytes::from_static(b"ghi"), 0);
        assert_eq!(upload.rest(), Part { bytes: b"abcd".to_vec(), after: None, new: 4, end: 4 });
        assert_eq!(upload.over_memory().unwrap(), "4 of 9 bytes recorded: too many long bodies at once");
    }

    #[test]
    fn of_a_compressed_body_only_the_beginning_is_handed_over() {
        let named = Headers(vec![("Content-Encoding".to_owned(), b"br".to_vec())]);
        for (headers, begins, name) in [(named, &b"text"[..], "br"), (none(), b"\x1f\x8b\x08", "gzip")] {
            let mut upload = Upload::new(1000);
            let body = [begins, &[b'x'; 5000]].concat();
            upload.push(&body.into(), 5000 + begins.len());
            let beginning = upload.full(&headers).unwrap();
            let words = Upload::not_whole(&headers, &beginning.bytes);
            assert_eq!(words, format!("its first 1000 bytes were read; {name} cannot be undone from the middle"));
            assert_eq!((upload.full(&headers), upload.wants(9), upload.kept()), (None, 0, 0));
            assert_eq!(upload.rest(), Part { bytes: Vec::new(), after: Some(1000), new: 0, end: 1000 });
        }
    }
}
