//! The next of a byte, sought in blocks: in long bodies the signs of most encodings are far between.

/// Bytes looked at one by one before blocks are: in URLs and forms the next sign is near.
const NEAR: usize = 16;

/// Bytes compared together, as many as a mask has bits. The compiler does so with wide registers.
pub(crate) const BLOCK: usize = 64;

/// Moves the lowest bit of each of eight bytes to the top byte, in order.
const GATHER: u64 = 0x0102_0408_1020_4080;

/// Where the first `byte` in `bytes` is.
pub(crate) fn position(bytes: &[u8], byte: u8) -> Option<usize> {
    let (near, far) = bytes.split_at_checked(NEAR).unwrap_or((bytes, &[]));
    let is_it = |other: &u8| *other == byte;
    if let Some(at) = near.iter().position(is_it) {
        return Some(at);
    }
    let (blocks, rest) = far.as_chunks::<BLOCK>();
    let found = blocks.iter().enumerate().find_map(|(number, block)| {
        let is_there = block.iter().fold(0, |is_there, other| is_there | u8::from(is_it(other)));
        let at = || mask(&block.map(|other| u8::from(is_it(&other)))).trailing_zeros();
        (is_there != 0).then(|| near.len() + number * BLOCK + at() as usize)
    });
    let in_rest = || rest.iter().position(is_it).map(|at| bytes.len() - rest.len() + at);
    found.or_else(in_rest)
}

/// A bit for each byte that is one, and not zero.
pub(crate) fn mask(marks: &[u8; BLOCK]) -> u64 {
    let (eights, _) = marks.as_chunks::<8>();
    eights.iter().rev().fold(0, |mask, eight| mask << 8 | u64::from_le_bytes(*eight).wrapping_mul(GATHER) >> 56)
}

/// Where the first `text` in `bytes` begins.
pub(crate) fn position_of(bytes: &[u8], text: &[u8]) -> Option<usize> {
    let first = *text.first()?;
    let mut at = 0;
    loop {
        let rest = bytes.get(at..)?;
        at += position(rest, first)?;
        if bytes.get(at..)?.starts_with(text) {
            return Some(at);
        }
        at += 1;
    }
}

/// How many of `bytes` are such. Without branches in `is_one`, many are asked at once.
pub(crate) fn count(bytes: &[u8], is_one: impl Fn(u8) -> bool) -> usize {
    // No more in a block than a byte counts.
    let of_block = |block: &[u8]| usize::from(block.iter().fold(0_u8, |count, byte| count + u8::from(is_one(*byte))));
    let (blocks, rest) = bytes.as_chunks::<BLOCK>();
    blocks.iter().map(|block| of_block(block)).sum::<usize>() + of_block(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_counts_are_right_at_every_length() {
        for length in 0..3 * BLOCK {
            let bytes: Vec<u8> = (0..length).map(|at| u8::try_from(at % 200).unwrap()).collect();
            assert_eq!(count(&bytes, |byte| byte % 3 == 0), bytes.iter().filter(|byte| *byte % 3 == 0).count());
            assert_eq!(count(&bytes, |_| true), length);
            for text in [[7, 8], [100, 101], [190, 191], [8, 7]] {
                let expected = bytes.array_windows().position(|two| *two == text);
                assert_eq!(position_of(&bytes, &text), expected, "{length}");
            }
            let behind = [bytes.as_slice(), b"\xff\xff\xfe\xfd"].concat();
            assert_eq!(position_of(&behind, b"\xff\xfe\xfd"), Some(length + 1));
        }
    }

    #[test]
    fn the_first_is_found_wherever_it_stands() {
        for length in 0..3 * BLOCK {
            let mut bytes = vec![b'.'; length];
            assert_eq!(position(&bytes, b'%'), None);
            for at in (0..length).rev() {
                bytes[at] = b'%';
                assert_eq!(position(&bytes, b'%'), Some(at), "{length}");
            }
        }
    }
}
