//! Bytes compared one by one, in a way that compilers make wide registers of: for processors without anything better, and
//! to test the others against.

use super::{BLOCK, Breakers, WINDOW};
use crate::seek::mask;

/// Asks of each byte by itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Portable;

impl Breakers for Portable {
    fn breakers(self, window: &[u8; WINDOW]) -> u64 {
        let [before @ .., _, _] = window;
        let [_, block @ .., _] = window;
        let [_, _, behind @ ..] = window;
        let mut marks = [0_u8; BLOCK];
        for (((mark, before), byte), behind) in marks.iter_mut().zip(before).zip(block).zip(behind) {
            *mark = u8::from(is_breaker(*before, *byte, *behind));
        }
        mask(&marks)
    }
}

/// Whether `byte` is in no text, as its neighbours tell (RFC 3629 §3).
#[expect(clippy::needless_bitwise_bool, reason = "without branches many bytes are asked at once")]
pub(super) fn is_breaker(before: u8, byte: u8, behind: u8) -> bool {
    let continues = |byte: u8| byte & 0xc0 == 0x80;
    let is_control = (byte < b' ') & (byte != b'\t') & (byte != b'\n') & (byte != b'\r') | (byte == 0x7f);
    let is_never = (byte & 0xfe == 0xc0) | (byte >= 0xf5);
    let is_stray = continues(byte) & (before < 0x80);
    let is_cut = (byte >= 0xc0) & !continues(behind);
    let is_high_control = (before == 0xc2) & (byte & 0xe0 == 0x80);
    is_control | is_never | is_stray | is_cut | is_high_control
}
