//! What goes on inside, on stderr, for whoever asks with `CPRVAGT_LOG=debug`; warnings always.
//!
//! Log lines may quote text from the wire, so numbers are masked on their way out.

use std::io::{self, Write};

use tracing_subscriber::filter::LevelFilter;

use crate::own_words::without_numbers;

/// The environment variable that sets how much is told: `error`, `warn`, `info`, `debug` or `trace`.
const VARIABLE: &str = "CPRVAGT_LOG";

/// Begins to tell.
pub(crate) fn start() {
    let level = std::env::var(VARIABLE).ok().and_then(|level| level.parse().ok()).unwrap_or(LevelFilter::WARN);
    // A second start in the same process is no fault.
    let _ =
        tracing_subscriber::fmt().with_max_level(level).with_writer(|| Masking(io::stderr())).without_time().try_init();
}

/// Passes lines on with numbers masked.
struct Masking<W>(W);

impl<W: Write> Write for Masking<W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.write_all(without_numbers(&String::from_utf8_lossy(line)).as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_keeps_its_words_and_loses_its_numbers() {
        let mut written = Vec::new();
        Masking(&mut written).write_all(b"no TLS with 0101901234.test:443 after 010190-1234 in 12 ms\n").unwrap();
        let line = String::from_utf8(written).unwrap();
        assert!(line.starts_with("no TLS with ") && line.ends_with(" in 12 ms\n"), "{line}");
        assert!(!line.contains("1234"), "{line}");
    }
}
