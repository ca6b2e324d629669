//! Bytes sorted one by one, on processors without wide registers, and what the other kernels are tested against.

use super::super::starts::{Classes, Classify as _, Scalar as StartsScalar};
use super::initials::{Initials, LOOKED_AT};
use super::planes::{
    BREAK, DIGIT, END, EQUALS, ESCAPE, HEX, HIGH, JOINT, LETTER, MARK, MONTH, NAME, NUL, PERCENT, Planes, SMALL, TOKEN,
    WINDOW,
};
use super::{BATCH, BLOCK, Sort};

#[derive(Clone, Copy)]
pub(super) struct Scalar;

impl Sort for Scalar {
    fn sort(self, window: &[u8; WINDOW], initials: &Initials, planes: &mut Planes) {
        let (blocks, _) = window.as_chunks::<BLOCK>();
        for (number, block) in blocks.iter().take(BATCH).enumerate() {
            put(planes, number, StartsScalar.classes(block));
            for (class, is_one) in CLASSES {
                let bit = |(at, byte): (usize, &u8)| u64::from(is_one(*byte)) << at;
                planes.put(number, class, block.iter().enumerate().map(bit).sum());
            }
            let ahead = window.get(number * BLOCK..).unwrap_or_default().array_windows::<LOOKED_AT>();
            let bit = |(at, three): (usize, &[u8; LOOKED_AT])| u64::from(initials.are(*three)) << at;
            planes.put(number, NAME, ahead.take(BLOCK).enumerate().map(bit).sum());
        }
    }
}

type IsOne = fn(u8) -> bool;

/// The classes that only signs have.
const CLASSES: [(usize, IsOne); 8] = [
    (HIGH, |byte| !byte.is_ascii()),
    (LETTER, |byte| byte.is_ascii_alphabetic()),
    (SMALL, |byte| byte.is_ascii_lowercase()),
    (TOKEN, |byte| matches!(byte, b'+' | b'-' | b'/' | b'_' | b'$')),
    (BREAK, |byte| matches!(byte, b'%' | b'\\' | b'#')),
    (EQUALS, |byte| byte == b'='),
    (END, |byte| byte == b'\n'),
    (NUL, |byte| byte == 0),
];

/// Puts those that tell where a number may begin.
#[expect(clippy::inline_always, reason = "only within the function that turns the processor's feature on is it fast")]
#[inline(always)]
pub(super) fn put(planes: &mut Planes, number: usize, classes: Classes) {
    let Classes { digit, month, joint, escape, percent, letter, mark } = classes;
    for (class, mask) in [
        (DIGIT, digit),
        (MONTH, month),
        (JOINT, joint),
        (ESCAPE, escape),
        (PERCENT, percent),
        (HEX, letter),
        (MARK, mark),
    ] {
        planes.put(number, class, mask);
    }
}
