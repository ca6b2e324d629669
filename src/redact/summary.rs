//! What is said of redacted logs at the end: for people, and for scripts.

use std::time::Duration;

use serde_json::{Value, json};

use super::masking::Told;

/// One log, and what became of it.
#[derive(Debug)]
pub(super) struct Done {
    /// Redacted names.
    pub(super) input: String,
    pub(super) output: Option<String>,
    pub(super) told: Told,
    pub(super) took: Duration,
}

impl Done {
    /// `a.log -> a.redacted.log: 12 lines, 3.4 MB; 5 numbers masked for certain, 2 more for care; 0.1 s, 340 MB/s`.
    pub(super) fn line(&self) -> String {
        let Self { input, output, told, took } = self;
        let output = output.as_deref().unwrap_or("nothing, what was written is removed");
        let (seconds, megabytes) = (took.as_secs_f64().max(0.001), megabytes(told.bytes));
        let whole = match told.whole_lines {
            0 => String::new(),
            lines => format!("; {lines} lines masked whole"),
        };
        format!(
            "{input} -> {output}: {} lines, {megabytes:.1} MB; {} masked for certain, {} for care{whole}; {seconds:.1} s, {:.0} MB/s",
            told.lines,
            told.masked.sure,
            told.masked.care,
            megabytes / seconds
        )
    }

    pub(super) fn json(&self) -> Value {
        let Self { input, output, told, took } = self;
        let left = |left: &super::masking::Left| json!({"line": left.line, "kind": left.kind});
        json!({
            "input": input,
            "output": output,
            "lines": told.lines,
            "bytes": told.bytes,
            "masked_for_certain": told.masked.sure,
            "masked_for_care": told.masked.care,
            "lines_masked_whole": told.whole_lines,
            "still_found": told.left.iter().map(left).collect::<Vec<_>>(),
            "seconds": took.as_secs_f64(),
        })
    }
}

#[expect(clippy::cast_precision_loss, reason = "for people, rounded")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

#[cfg(test)]
mod tests {
    use detect::Masked;

    use super::*;

    #[test]
    fn a_log_is_told_on_one_line() {
        let told = Told { lines: 7, bytes: 2_000_000, masked: Masked { sure: 3, care: 1 }, ..Told::default() };
        let mut done = Done { input: "a".into(), output: Some("b".into()), told, took: Duration::from_secs(2) };
        assert_eq!(done.line(), "a -> b: 7 lines, 2.0 MB; 3 masked for certain, 1 for care; 2.0 s, 1 MB/s");
        done.told.whole_lines = 2;
        assert!(done.line().contains("care; 2 lines masked whole; 2.0 s"));
        assert_eq!(done.json()["masked_for_certain"], 3);
    }
}
