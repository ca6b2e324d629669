//! What goes on inside, on stderr, for whoever asks with `CPRVAGT_LOG=debug`; warnings always.
//!
//! Log lines may quote text from the wire and pass no redactor, so every run of digits long enough for a birth date is
//! masked on its way out.

use std::io::{self, Write};

use tracing_subscriber::filter::LevelFilter;

/// The environment variable that sets how much is told: `error`, `warn`, `info`, `debug` or `trace`.
const VARIABLE: &str = "CPRVAGT_LOG";

/// Runs of digits from here on are masked: a date of birth has six.
const MASKED_FROM: usize = 6;

/// Begins to tell.
pub(crate) fn start() {
    let level = std::env::var(VARIABLE).ok().and_then(|level| level.parse().ok()).unwrap_or(LevelFilter::WARN);
    // A second start in the same process is no fault.
    let _ =
        tracing_subscriber::fmt().with_max_level(level).with_writer(|| Masking(io::stderr())).without_time().try_init();
}

/// Passes lines on with long runs of digits masked.
struct Masking<W>(W);

impl<W: Write> Write for Masking<W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.write_all(&masked(line))?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

fn masked(line: &[u8]) -> Vec<u8> {
    let runs = line.chunk_by(|a, b| a.is_ascii_digit() == b.is_ascii_digit());
    let mask = |run: &[u8]| match run.first() {
        Some(first) if first.is_ascii_digit() && run.len() >= MASKED_FROM => vec![b'x'; run.len()],
        _ => run.to_vec(),
    };
    runs.flat_map(mask).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_keeps_its_words_and_loses_its_numbers() {
        let line = "no TLS with 0101901234.test:443 after 010190-1234 in 12 ms";
        assert_eq!(masked(line.as_bytes()), b"no TLS with xxxxxxxxxx.test:443 after xxxxxx-1234 in 12 ms");
    }
}
