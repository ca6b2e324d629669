//! The next of a byte, sought in blocks: in long bodies the signs of most encodings are far between.

/// Bytes looked at one by one before blocks are: in URLs and forms the next sign is near.
const NEAR: usize = 16;

/// Bytes compared together; the compiler does so with wide registers.
const BLOCK: usize = 64;

/// Where the first `byte` in `bytes` is.
pub(crate) fn position(bytes: &[u8], byte: u8) -> Option<usize> {
    let (near, far) = bytes.split_at_checked(NEAR).unwrap_or((bytes, &[]));
    let is_it = |other: &u8| *other == byte;
    if let Some(at) = near.iter().position(is_it) {
        return Some(at);
    }
    let (blocks, rest) = far.as_chunks::<BLOCK>();
    let has_it = |block: &[u8; BLOCK]| block.iter().fold(false, |has_it, other| has_it | (*other == byte));
    let passed = blocks.iter().take_while(|block| !has_it(block)).count();
    let start = near.len() + passed * BLOCK;
    let last = blocks.get(passed).map_or(rest, |block| block);
    last.iter().position(is_it).map(|at| start + at)
}

#[cfg(test)]
mod tests {
    use super::*;

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
