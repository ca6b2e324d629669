//! One side of a TCP connection put together: bytes in order, and how many are missing between them.

use std::collections::BTreeMap;

/// Bytes ahead of a gap that are kept for what fills it: a window of a fast connection. Then the gap is one.
const MAX_AHEAD: usize = 1024 * 1024;

/// The bytes of one side.
#[derive(Debug, Default)]
pub(super) struct Stream {
    /// The number of the byte that comes next, once that is known.
    next: Option<u32>,
    /// How many bytes came before it.
    passed: u64,
    /// What is ahead, by its place.
    ahead: BTreeMap<u64, Vec<u8>>,
    held: usize,
}

/// What a stream gives.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Given {
    Bytes(Vec<u8>),
    /// So many bytes are missing.
    Gap(u64),
}

impl Stream {
    /// The first byte will have the number behind `sequence`.
    pub(super) fn begin(&mut self, sequence: u32) {
        *self = Self { next: Some(sequence.wrapping_add(1)), ..Self::default() };
    }

    /// Bytes that are held.
    pub(super) fn held(&self) -> usize {
        self.held
    }

    /// Takes what came; gives what is in order.
    pub(super) fn take(&mut self, sequence: u32, bytes: &[u8]) -> Vec<Given> {
        let next = *self.next.get_or_insert(sequence);
        // Numbers go round; a half of them is ahead (RFC 9293 §3.4).
        let ahead = i64::from(sequence.wrapping_sub(next).cast_signed());
        let mut given = Vec::new();
        if let Ok(ahead) = u64::try_from(ahead)
            && ahead > 0
        {
            let place = self.passed + ahead;
            let is_longer = self.ahead.get(&place).is_none_or(|known| known.len() < bytes.len());
            if is_longer && !bytes.is_empty() {
                self.held += bytes.len();
                self.held -= self.ahead.insert(place, bytes.to_vec()).map_or(0, |known| known.len());
            }
            if self.held > MAX_AHEAD {
                self.jump(&mut given);
            }
            return given;
        }
        // What was there is sent again.
        let known = usize::try_from(ahead.unsigned_abs()).unwrap_or(usize::MAX);
        if let Some(new) = bytes.get(known..).filter(|new| !new.is_empty()) {
            self.give(new.to_vec(), &mut given);
            self.follow(&mut given);
        }
        given
    }

    /// Nothing more comes: gives what is held.
    pub(super) fn end(&mut self) -> Vec<Given> {
        let mut given = Vec::new();
        while !self.ahead.is_empty() {
            self.jump(&mut given);
        }
        given
    }

    fn give(&mut self, bytes: Vec<u8>, given: &mut Vec<Given>) {
        self.passed += bytes.len() as u64;
        // A segment is shorter than numbers go round.
        let length = u32::try_from(bytes.len()).unwrap_or_default();
        self.next = self.next.map(|next| next.wrapping_add(length));
        given.push(Given::Bytes(bytes));
    }

    /// What was ahead and is next now.
    fn follow(&mut self, given: &mut Vec<Given>) {
        while let Some(first) = self.ahead.first_entry() {
            if *first.key() > self.passed {
                return;
            }
            let (place, bytes) = first.remove_entry();
            self.held -= bytes.len();
            let known = usize::try_from(self.passed - place).unwrap_or(usize::MAX);
            if let Some(new) = bytes.get(known..).filter(|new| !new.is_empty()) {
                self.give(new.to_vec(), given);
            }
        }
    }

    /// Nothing fills the gap any more.
    fn jump(&mut self, given: &mut Vec<Given>) {
        let Some(place) = self.ahead.keys().next().copied() else { return };
        let missing = place.saturating_sub(self.passed);
        given.push(Given::Gap(missing));
        self.passed += missing;
        let step = u32::try_from(missing & u64::from(u32::MAX)).unwrap_or_default();
        self.next = self.next.map(|next| next.wrapping_add(step));
        self.follow(given);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(given: &[Given]) -> String {
        let told = given.iter().map(|given| match given {
            Given::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            Given::Gap(count) => format!("<{count}>"),
        });
        told.collect()
    }

    #[test]
    fn segments_come_in_order_however_they_came() {
        let whole: Vec<u8> = (b'a'..=b'z').collect();
        for begin in [0, 7, u32::MAX - 5] {
            let mut stream = Stream::default();
            stream.begin(begin.wrapping_sub(1));
            let mut given = Vec::new();
            // Ahead, again, overlapping on both sides.
            for (from, to) in [(0, 4), (10, 14), (2, 6), (4, 9), (12, 20), (0, 4), (8, 12), (20, 26), (25, 26)] {
                let sequence = begin.wrapping_add(u32::try_from(from).unwrap());
                given.extend(stream.take(sequence, &whole[from..to]));
            }
            assert_eq!((text(&given).as_str(), stream.held()), ("abcdefghijklmnopqrstuvwxyz", 0), "{begin}");
        }
    }

    #[test]
    fn what_never_comes_is_a_gap() {
        let mut stream = Stream::default();
        let mut given = stream.take(100, b"abc");
        given.extend(stream.take(105, b"f"));
        given.extend(stream.take(110, b"k"));
        assert_eq!(text(&given), "abc");
        given.extend(stream.end());
        assert_eq!(text(&given), "abc<2>f<4>k");
        let big = vec![b'x'; MAX_AHEAD / 2];
        let mut stream = Stream::default();
        stream.begin(0);
        let length = u32::try_from(big.len()).unwrap();
        assert_eq!(stream.take(11, &big), []);
        assert_eq!(stream.take(11 + length, &big), []);
        let given = stream.take(11 + 2 * length, b"y");
        assert_eq!((given.first(), given.len(), stream.held()), (Some(&Given::Gap(10)), 4, 0));
    }
}
