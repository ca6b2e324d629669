//! A file without the byte-order mark that some exporters write first.

use std::io::{BufRead as _, BufReader, Read};

/// The mark in UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// Passes a file on without its mark.
pub(crate) struct WithoutBom<R> {
    inner: BufReader<R>,
    begun: bool,
}

impl<R: Read> WithoutBom<R> {
    pub(crate) fn new(inner: R) -> Self {
        Self { inner: BufReader::new(inner), begun: false }
    }
}

impl<R: Read> Read for WithoutBom<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if !self.begun {
            self.begun = true;
            if self.inner.fill_buf()?.starts_with(MARK) {
                self.inner.consume(MARK.len());
            }
        }
        self.inner.read(buffer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(file: &[u8], expected: &[u8]) {
        let mut read = Vec::new();
        WithoutBom::new(file).read_to_end(&mut read).unwrap();
        assert_eq!(read, expected);
    }

    #[test]
    fn the_mark_is_passed_over_once_and_at_the_start_alone() {
        case(b"\xef\xbb\xbf{}", b"{}");
        case(b"{}\xef\xbb\xbf", b"{}\xef\xbb\xbf");
        case(b"\xef\xbb\xbf\xef\xbb\xbf", b"\xef\xbb\xbf");
        case(b"\xef", b"\xef");
        case(b"", b"");
    }
}
