//! How long each report of a thousand findings over 24 systems takes, and how large it is:
//! `cargo run --release --example formats`.
#![expect(clippy::print_stdout, reason = "it prints what it measured")]

#[path = "../tests/formats/made.rs"]
#[expect(dead_code, reason = "the tests use the rest")]
mod made;

use std::time::{Duration, Instant};

use model::Severity;
use reports::{Choices, Lang};

fn main() -> Result<(), reports::ReportError> {
    let scan = made::scan(24, 1_000);
    let choices = Choices { lang: Lang::Da, fail_on: Some(Severity::Medium) };
    let mut all = Duration::ZERO;
    for format in reports::FORMATS {
        let begun = Instant::now();
        let files = format.files(&scan, choices)?;
        let took = begun.elapsed();
        all += took;
        let largest = files.iter().map(|file| file.bytes.len()).max().unwrap_or_default();
        println!(
            "{:<14}{:>6} ms{:>9} KiB, the largest of {}",
            format.id(),
            took.as_millis(),
            largest / 1024,
            files.len()
        );
    }
    println!("{:<14}{:>6} ms", "all", all.as_millis());
    Ok(())
}
