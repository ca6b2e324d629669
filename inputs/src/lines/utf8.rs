//! A file as UTF-8: without the mark that some programs write first, and out of UTF-16 where the mark says so.

use std::io::Read;

/// Bytes of UTF-16 taken from the input at once.
const CHUNK: usize = 16 * 1024;

/// The marks, and what they say of the file.
const MARKS: [(&[u8], Encoding); 3] =
    [(b"\xef\xbb\xbf", Encoding::Utf8), (b"\xff\xfe", Encoding::Utf16Le), (b"\xfe\xff", Encoding::Utf16Be)];

/// The longest of them.
const LONGEST_MARK: usize = 3;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Utf8,
    Utf16Le,
    Utf16Be,
}

/// Passes a file on as UTF-8. One without a mark is passed on as it is.
pub(super) struct Utf8<R> {
    input: R,
    /// Known once the file was begun.
    encoding: Option<Encoding>,
    mark_length: u64,
    /// What is ready and not yet given, from `given` on.
    ready: Vec<u8>,
    given: usize,
    /// Half a unit, and the first half of a character outside the basic plane.
    half_unit: Option<u8>,
    half_character: Option<u16>,
    replaced: u64,
}

impl<R: Read> Utf8<R> {
    pub(super) fn new(input: R) -> Self {
        Self {
            input,
            encoding: None,
            mark_length: 0,
            ready: Vec::new(),
            given: 0,
            half_unit: None,
            half_character: None,
            replaced: 0,
        }
    }

    /// The same, of a file in UTF-8 of which the mark and some more was read already.
    pub(super) fn going_on(self) -> Self {
        Self { encoding: Some(Encoding::Utf8), ..self }
    }

    /// Bytes of the file before its text.
    pub(super) fn mark_length(&self) -> u64 {
        self.mark_length
    }

    /// Bytes of the file for an ASCII character.
    pub(super) fn width(&self) -> u64 {
        if self.is_utf16() { 2 } else { 1 }
    }

    /// How many bytes of the file a text that was given stood for.
    pub(super) fn length_in_file(&self, text: &[u8]) -> u64 {
        if !self.is_utf16() {
            return text.len() as u64;
        }
        let is_begin = |byte: &&u8| **byte & 0xc0 != 0x80;
        let is_long = |byte: &&u8| **byte >= 0xf0;
        2 * (text.iter().filter(is_begin).count() + text.iter().filter(is_long).count()) as u64
    }

    /// How many broken characters were read as U+FFFD.
    pub(super) fn replaced(&self) -> u64 {
        self.replaced
    }

    fn is_utf16(&self) -> bool {
        matches!(self.encoding, Some(Encoding::Utf16Le | Encoding::Utf16Be))
    }

    /// Reads the file's first bytes, and passes on those that are no mark.
    fn begin(&mut self) -> std::io::Result<Encoding> {
        while self.ready.len() < LONGEST_MARK {
            let missing = LONGEST_MARK - self.ready.len();
            if self.input.by_ref().take(missing as u64).read_to_end(&mut self.ready)? == 0 {
                break;
            }
        }
        let marked = MARKS.iter().find(|(mark, _)| self.ready.starts_with(mark));
        let (length, encoding) = marked.map_or((0, Encoding::Utf8), |(mark, encoding)| (mark.len(), *encoding));
        self.mark_length = length as u64;
        self.ready.drain(..length);
        self.encoding = Some(encoding);
        if encoding != Encoding::Utf8 {
            let begun = std::mem::take(&mut self.ready);
            self.decode(&begun);
        }
        Ok(encoding)
    }

    fn decode(&mut self, bytes: &[u8]) {
        let units: Vec<u16> = self
            .half_unit
            .take()
            .into_iter()
            .chain(bytes.iter().copied())
            .collect::<Vec<u8>>()
            .chunks(2)
            .filter_map(|unit| match *unit {
                [first, second] if self.encoding == Some(Encoding::Utf16Be) => {
                    Some(u16::from_be_bytes([first, second]))
                }
                [first, second] => Some(u16::from_le_bytes([first, second])),
                [half] => {
                    self.half_unit = Some(half);
                    None
                }
                _ => None,
            })
            .collect();
        let mut units: Vec<u16> = self.half_character.take().into_iter().chain(units).collect();
        if units.last().is_some_and(|unit| (0xd800..0xdc00).contains(unit)) {
            self.half_character = units.pop();
        }
        for character in char::decode_utf16(units) {
            self.push(character.ok());
        }
    }

    /// What is left when the file ends in the midst of a character.
    fn end(&mut self) {
        let has_half = self.half_character.take().is_some();
        if has_half | self.half_unit.take().is_some() {
            self.push(None);
        }
    }

    fn push(&mut self, character: Option<char>) {
        self.replaced += u64::from(character.is_none());
        let mut bytes = [0; 4];
        let text = character.unwrap_or(char::REPLACEMENT_CHARACTER).encode_utf8(&mut bytes);
        self.ready.extend_from_slice(text.as_bytes());
    }
}

impl<R: Read> Read for Utf8<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let encoding = match self.encoding {
            Some(encoding) => encoding,
            None => self.begin()?,
        };
        if encoding != Encoding::Utf8 && self.given == self.ready.len() {
            self.ready.clear();
            self.given = 0;
            let mut raw = vec![0; CHUNK];
            // Half a character alone gives nothing yet, and nothing would be the end.
            while self.ready.is_empty() {
                let read = self.input.read(&mut raw)?;
                if read == 0 {
                    self.end();
                    break;
                }
                self.decode(raw.get(..read).unwrap_or_default());
            }
        }
        let ready = self.ready.get(self.given..).unwrap_or_default();
        if ready.is_empty() && encoding == Encoding::Utf8 {
            return self.input.read(buffer);
        }
        let count = ready.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..count), ready.get(..count)) {
            to.copy_from_slice(from);
        }
        self.given += count;
        Ok(count)
    }
}
