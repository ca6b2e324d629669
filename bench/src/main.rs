//! Measures in one run, on the same bytes and in processor time: our finder against a regex and ripgrep, on log text and
//! on HAR files; then the whole detector on recorded requests.
//!
//! Usage: `bench [folder of HAR files] [folder of recordings]`. Rounds are interleaved, so that what the machine does
//! meanwhile falls on all; medians are told, and ratios mean more than speeds.

mod clock;
mod finders;
mod requests;
mod text;

use std::error::Error;
use std::path::{Path, PathBuf};

use clock::{quantile, timed};
use finders::{Finder, finders, rg};
use requests::{Measured, measure, of_hars, typical};
use text::{Text, hars, log};

/// Bytes of each text: far more than fit the processor's caches.
const LENGTH: usize = 256 << 20;

/// Times that all finders take their turn.
const ROUNDS: usize = 5;

/// Times that each request is inspected.
const REQUEST_ROUNDS: usize = 7;

/// Times that the typical request is.
const TYPICAL: usize = 2_000;

fn main() -> Result<(), Box<dyn Error>> {
    let beside = |folder: &str| Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder);
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let har_folder = arguments.next().unwrap_or_else(|| beside("tests/har-negatives"));
    let recordings = arguments.next().unwrap_or_else(|| beside("tests/recordings"));

    let text = log(LENGTH);
    compare("log text, made up", &text)?;
    with_rg(&text)?;
    drop(text);
    match hars(&har_folder, LENGTH) {
        Ok(text) => compare("HAR files, end to end", &text)?,
        Err(error) => println!("\nHAR files left out: {error}"),
    }

    println!("\nwhole requests, Inspector::inspect");
    println!(
        "{:<36}{:>9}{:>9}{:>10}{:>10}{:>10}{:>9}{:>11}",
        "", "requests", "kB each", "median us", "p90 us", "max us", "GB/s", "sightings"
    );
    for (name, folder) in [("recordings", &recordings), ("HAR files", &har_folder)] {
        match of_hars(folder) {
            Ok(exchanges) if !exchanges.is_empty() => row(name, &measure(&exchanges, REQUEST_ROUNDS)?),
            Ok(_) | Err(_) => println!("{name:<36}left out: no requests in {}", folder.display()),
        }
    }
    row("one page view of analytics", &measure(&vec![typical()?; TYPICAL], 1)?);
    Ok(())
}

/// All finders on one text, in turn.
fn compare(name: &str, text: &Text) -> Result<(), Box<dyn Error>> {
    let finders = finders()?;
    let gigabytes = text.bytes.len() as f64 / 1e9;
    let mut speeds = vec![Vec::new(); finders.len()];
    let mut found = vec![Vec::new(); finders.len()];
    for _ in 0..ROUNDS {
        for (number, Finder { passes, .. }) in finders.iter().enumerate() {
            let (seconds, ranges) =
                timed(|| (0..*passes).map(|_| finders[number].find(&text.bytes)).last().unwrap_or_default());
            speeds[number].push(*passes as f64 * gigabytes / seconds);
            found[number] = ranges;
        }
    }
    println!(
        "\n{name}: {:.0} MB, {} numbers planted, {} of them with %2D",
        gigabytes * 1e3,
        text.planted.len(),
        text.planted.iter().filter(|planted| planted.is_encoded).count()
    );
    println!("{:<36}{:>8}{:>8}{:>8}{:>12}{:>10}{:>8}", "", "GB/s", "best", "ours is", "found", "planted", "%2D");
    let ours = quantile(&mut speeds[0].clone(), 0.5);
    for ((finder, speeds), found) in finders.iter().zip(&mut speeds).zip(&found) {
        let (median, best) = (quantile(speeds, 0.5), quantile(speeds, 1.0));
        let is_found = |range: &std::ops::Range<usize>| {
            let at = found.partition_point(|hit| hit.end <= range.start);
            found.get(at).is_some_and(|hit| hit.start < range.end)
        };
        let all = text.planted.iter().filter(|planted| is_found(&planted.range)).count();
        let encoded = text.planted.iter().filter(|planted| planted.is_encoded && is_found(&planted.range)).count();
        println!(
            "{:<36}{median:>8.2}{best:>8.2}{:>7.1}x{:>12}{all:>10}{encoded:>8}",
            finder.name,
            ours / median,
            found.len()
        );
    }
    Ok(())
}

/// The `rg` program, if this machine has one: it reads a file, so its reading is in the figure.
fn with_rg(text: &Text) -> Result<(), Box<dyn Error>> {
    let file = std::env::temp_dir().join(format!("cprvagt-bench-{}.log", std::process::id()));
    std::fs::write(&file, &text.bytes)?;
    let measured = rg(&file);
    std::fs::remove_file(&file)?;
    match measured {
        Some((seconds, lines)) => {
            println!("{:<36}{:>8.2}{:>28} lines", "rg, reading a file", text.bytes.len() as f64 / 1e9 / seconds, lines);
        }
        None => println!("(no rg on this machine: its own libraries stand for it)"),
    }
    Ok(())
}

fn row(name: &str, measured: &Measured) {
    let Measured { requests, bytes, sightings, median, p90, slowest, seconds } = measured;
    let each = *bytes as f64 / 1e3 / *requests as f64;
    let speed = *bytes as f64 / 1e9 / seconds;
    println!("{name:<36}{requests:>9}{each:>9.2}{median:>10.1}{p90:>10.1}{slowest:>10.0}{speed:>9.3}{sightings:>11}");
}
