//! How fast a sweep is here: each kernel beside the usual crates, then whole sweeps over 3,003 digests.
//!
//! Prints millions of digests per second and seconds, of processor time. No number is printed.

#![expect(clippy::print_stdout, reason = "it is there to print")]
#![expect(clippy::disallowed_methods, reason = "unlike the detector, it measures")]

use std::hint::black_box;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use detect::{Digest, Kernel, Sweep, SweepDepth, SweepResult};
use jiff::civil::{Date, date};
use sha2::Digest as _;

const TODAY: Date = date(2026, 11, 22);

/// Random tokens by length and count: of 3,000 in real recordings most are as long as MD5 (cpr-facts 3).
const TOKENS: [(usize, usize); 3] = [(16, 2_660), (20, 260), (32, 80)];

/// Messages that each crate hashes: half a second of them.
const BY_CRATES: u32 = 5_000_000;

fn main() {
    println!("{:<10} {:>8} {:>8} {:>8}   million digests per second", "", "MD5", "SHA-1", "SHA-256");
    let [md5, sha1, sha256] = [by_crate::<md5::Md5>(), by_crate::<sha1::Sha1>(), by_crate::<sha2::Sha256>()];
    println!("{:<10} {md5:>8.1} {sha1:>8.1} {sha256:>8.1}", "crates");
    for kernel in Kernel::available() {
        let [md5, sha1, sha256] = TOKENS.map(|(length, count)| {
            let (seconds, result) = timed(&Sweep::new(noise(length, count), TODAY).with(kernel), SweepDepth::Fast);
            millions(result.tried, seconds)
        });
        println!("{:<10} {md5:>8.1} {sha1:>8.1} {sha256:>8.1}", kernel.name());
    }
    // Made-up numbers, of which the first two pass the check.
    let planted = [
        Digest::new(&md5::Md5::digest("070761-4285")),
        Digest::new(&sha1::Sha1::digest("1111111118")),
        Digest::new(&sha2::Sha256::digest("0101901234")),
    ];
    let digests: Vec<Digest> = TOKENS
        .into_iter()
        .flat_map(|(length, count)| noise(length, count))
        .chain(planted.into_iter().flatten())
        .collect();
    for kernel in Kernel::available().into_iter().filter(|kernel| kernel.name() != "portable") {
        let sweep = Sweep::new(digests.clone(), TODAY).with(kernel);
        for (name, depth) in [("fast", SweepDepth::Fast), ("full", SweepDepth::Full)] {
            let (seconds, result) = timed(&sweep, depth);
            let (found, tried) = (result.undone.len(), result.tried);
            println!("{name} {}: {seconds:.1} s for {tried} digests, {found} numbers found", kernel.name());
        }
    }
}

fn timed(sweep: &Sweep, depth: SweepDepth) -> (f64, SweepResult) {
    let from = processor_seconds();
    let result = sweep.run(depth, 0, 1, &AtomicBool::new(false));
    (processor_seconds() - from, result)
}

fn by_crate<D: sha2::Digest>() -> f64 {
    let from = processor_seconds();
    for at in 0..BY_CRATES {
        let mut message = *b"0000000000";
        message[..4].copy_from_slice(&at.to_be_bytes());
        black_box(D::digest(message));
    }
    millions(BY_CRATES.into(), processor_seconds() - from)
}

#[expect(clippy::cast_precision_loss, reason = "a figure to read")]
fn millions(count: u64, seconds: f64) -> f64 {
    count as f64 / seconds / 1e6
}

/// Digests of a counter, which are as good as random.
fn noise(length: usize, count: usize) -> Vec<Digest> {
    let digests = (0..count).map(|at| sha2::Sha512::digest(at.to_be_bytes()));
    digests.filter_map(|digest| Digest::new(digest.get(..length)?)).collect()
}

/// Time that the processor gave to this thread, where Linux tells it, and else by the clock.
fn processor_seconds() -> f64 {
    thread_local!(static START: Instant = Instant::now());
    let told = std::fs::read_to_string("/proc/self/schedstat").ok();
    let nanoseconds = told.and_then(|text| text.split(' ').next()?.parse::<f64>().ok());
    nanoseconds.map_or_else(|| START.with(|start| start.elapsed().as_secs_f64()), |nanoseconds| nanoseconds / 1e9)
}
