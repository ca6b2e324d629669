//! JSON whose lone surrogate escapes are U+FFFD. JavaScript writes half a character as `\ud83d`, which is JSON by its
//! grammar (RFC 8259 §8.2), and which no parser into Unicode takes: one of them would end the reading of a file.

use std::io::Read;

/// Bytes taken from the input at once.
const CHUNK: u64 = 64 * 1024;

/// `\uXXXX`.
const ESCAPE: usize = 6;

/// The replacement character as an escape has it.
const REPLACEMENT: &[u8] = b"fffd";

/// Halves of a character outside the basic plane, the first and the second.
const HIGH: std::ops::RangeInclusive<u16> = 0xd800..=0xdbff;
const LOW: std::ops::RangeInclusive<u16> = 0xdc00..=0xdfff;

/// Passes JSON on with each lone surrogate escape replaced, and counts them. No byte is added or lost, so that places
/// in the file stay what they are.
pub(crate) struct WithoutLoneSurrogates<R> {
    input: R,
    chunk: u64,
    /// What is read and not yet given: first what is settled, then what may be half an escape.
    held: Vec<u8>,
    settled: usize,
    given: usize,
    has_ended: bool,
    /// Where the input broke; told when all before it is given.
    fault: Option<std::io::Error>,
    replaced: u64,
}

impl<R: Read> WithoutLoneSurrogates<R> {
    pub(crate) fn new(input: R) -> Self {
        Self::in_chunks(input, CHUNK)
    }

    fn in_chunks(input: R, chunk: u64) -> Self {
        Self { input, chunk, held: Vec::new(), settled: 0, given: 0, has_ended: false, fault: None, replaced: 0 }
    }

    /// How many were replaced so far.
    pub(crate) fn replaced(&self) -> u64 {
        self.replaced
    }

    /// Reads on until something is settled or the input ends. What is held back is less than two escapes.
    fn fill(&mut self) {
        self.held.drain(..self.given.min(self.held.len()));
        (self.given, self.settled) = (0, 0);
        while self.settled == 0 && !self.has_ended {
            match self.input.by_ref().take(self.chunk).read_to_end(&mut self.held) {
                Ok(read) => self.has_ended = read == 0,
                Err(error) => (self.has_ended, self.fault) = (true, Some(error)),
            }
            self.settle();
        }
    }

    /// Goes over what is held from its start, escape by escape, as far as nothing that follows can matter.
    fn settle(&mut self) {
        let mut at = 0;
        loop {
            let rest = self.held.get_mut(at..).unwrap_or_default();
            let Some(ahead) = rest.iter().position(|byte| *byte == b'\\') else {
                self.settled = self.held.len();
                return;
            };
            at += ahead;
            let rest = rest.get_mut(ahead..).unwrap_or_default();
            let passed = match step(rest, self.has_ended) {
                Step::Pass(length) => length,
                Step::Replace => {
                    let digits = rest.get_mut(2..ESCAPE).unwrap_or_default();
                    digits.iter_mut().zip(REPLACEMENT).for_each(|(digit, new)| *digit = *new);
                    self.replaced += 1;
                    ESCAPE
                }
                Step::Wait => {
                    self.settled = at;
                    return;
                }
            };
            at = at.saturating_add(passed).min(self.held.len());
        }
    }
}

impl<R: Read> Read for WithoutLoneSurrogates<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.given == self.settled {
            self.fill();
        }
        let ready = self.held.get(self.given..self.settled).unwrap_or_default();
        let length = ready.len().min(buffer.len());
        for (to, from) in buffer.iter_mut().zip(ready) {
            *to = *from;
        }
        self.given += length;
        match self.fault.take_if(|_| length == 0 && !buffer.is_empty()) {
            Some(error) => Err(error),
            None => Ok(length),
        }
    }
}

/// What to do with the escape at the start of some bytes.
enum Step {
    /// These bytes are as they should be.
    Pass(usize),
    /// It is half a character.
    Replace,
    /// What follows decides.
    Wait,
}

/// `rest` begins with a backslash. Nothing follows it when `is_last`.
fn step(rest: &[u8], is_last: bool) -> Step {
    let wait_for = |length: usize| !is_last && rest.len() < length;
    if wait_for(2) || rest.get(1) == Some(&b'u') && wait_for(ESCAPE) {
        return Step::Wait;
    }
    match unit(rest) {
        Some(unit) if LOW.contains(&unit) => Step::Replace,
        Some(unit) if HIGH.contains(&unit) => {
            let next = rest.get(ESCAPE..).unwrap_or_default();
            if unit_is_low(next) {
                return Step::Pass(2 * ESCAPE);
            }
            let may_be_low = b"\\u".starts_with(next.get(..2).unwrap_or(next));
            if may_be_low && wait_for(2 * ESCAPE) { Step::Wait } else { Step::Replace }
        }
        Some(_) => Step::Pass(ESCAPE),
        // Another escape, or none that the parser takes: it may tell.
        None => Step::Pass(2),
    }
}

fn unit_is_low(bytes: &[u8]) -> bool {
    unit(bytes).is_some_and(|unit| LOW.contains(&unit))
}

/// The UTF-16 unit of the escape at the start of `bytes`.
fn unit(bytes: &[u8]) -> Option<u16> {
    let digits = bytes.strip_prefix(b"\\u")?.get(..4)?;
    digits.iter().try_fold(0, |unit: u16, digit| {
        let digit = u16::try_from(char::from(*digit).to_digit(16)?).ok()?;
        Some(unit << 4 | digit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(json: &str, expected: &str, replaced: u64) {
        for chunk in 1..=20 {
            let mut reader = WithoutLoneSurrogates::in_chunks(json.as_bytes(), chunk);
            let mut read = String::new();
            reader.read_to_string(&mut read).unwrap();
            assert_eq!((read.as_str(), reader.replaced()), (expected, replaced), "{json} in {chunk}");
        }
    }

    #[test]
    fn a_lone_half_is_replaced() {
        case(r#""a\ud83d""#, r#""a\ufffd""#, 1);
        case(r#""\uDE00b""#, r#""\ufffdb""#, 1);
        case(r#""\ud83d\ud83d\ude00""#, r#""\ufffd\ud83d\ude00""#, 1);
        case(r#""\ud83d\n\ude00""#, r#""\ufffd\n\ufffd""#, 2);
        case(r#""\ud83d\u00e6""#, r#""\ufffd\u00e6""#, 1);
        case(r"\ud83d", r"\ufffd", 1);
    }

    #[test]
    fn all_else_is_passed_on_as_it_is() {
        for json in
            [r#""\ud83d\ude00 \u00e6""#, r#""\\ud83d\\""#, r#""\\\"\u0041""#, r"\ud8", r"\ud83", r"\", r"\u", "æ", ""]
        {
            case(json, json, 0);
        }
    }

    #[test]
    fn what_stands_before_a_break_is_given_first() {
        struct Breaks;
        impl Read for Breaks {
            fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
                Err(std::io::Error::other("gone"))
            }
        }
        let mut read = Vec::new();
        let mut reader = WithoutLoneSurrogates::new(br"x\ud83d".chain(Breaks));
        assert!(reader.read_to_end(&mut read).is_err());
        assert_eq!(read, br"x\ufffd");
    }
}
