//! One file through the threads: this one reads, one for each core masks, and one writes in the order of the file. Memory is
//! constant: whoever reads waits for room.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use flate2::Compression;
use flate2::write::GzEncoder;
use inputs::{Format, detect_format};

use super::blocks::{Block, Blocks};
use super::masking::{BlockMasker, Redacted, Told};

/// Blocks on their way, for each thread that masks.
const BLOCKS_FOR_EACH: usize = 3;

/// Lines looked at to tell a format.
const SAMPLE: usize = 64;

/// What came of a file.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) told: Told,
    /// What was not read or written, and why.
    pub(super) faults: Vec<String>,
    /// Whether somebody asked to stop.
    pub(super) is_interrupted: bool,
    /// Whether a thread died: a fault of this program.
    pub(super) has_died: bool,
}

/// A block that is done; `None` where whoever masked it died.
type Done = (u64, Option<Redacted>);

/// Masks all that `input` says into `output`, packed with gzip where it `packs`. Ends where the detector still finds
/// something: that block is not written.
pub(super) fn redact(
    input: &mut dyn Read,
    output: &mut (dyn Write + Send),
    packs: bool,
    maskers: &mut [BlockMasker],
    stop: &AtomicBool,
) -> Outcome {
    let in_flight = maskers.len() * BLOCKS_FOR_EACH;
    let (jobs, waiting) = sync_channel::<(u64, Block)>(in_flight);
    let (give_done, done) = sync_channel::<Done>(in_flight);
    let (give_room, room) = sync_channel(in_flight);
    for _ in 0..in_flight {
        let _ = give_room.send(Vec::new());
    }
    let waiting = Mutex::new(waiting);
    let is_over = AtomicBool::new(false);
    let mut blocks = Blocks::new(input);
    let first = room.recv().ok().and_then(|room| blocks.next_in(room));
    let format = first.as_ref().and_then(|block| format_of(&block.bytes)).unwrap_or_else(Format::plain);
    for masker in maskers.iter_mut() {
        masker.begin(&format);
    }
    let (mut outcome, is_interrupted) = thread::scope(|scope| {
        for masker in maskers {
            let (waiting, give_done) = (&waiting, give_done.clone());
            scope.spawn(move || mask_all(masker, waiting, &give_done, packs));
        }
        drop(give_done);
        let is_over = &is_over;
        let writing = scope.spawn(move || write_all(output, &done, &give_room, packs, is_over));
        let mut next = first;
        let mut number = 0;
        let mut is_interrupted = false;
        while let Some(block) = next {
            is_interrupted = stop.load(Ordering::Relaxed);
            if is_interrupted || is_over.load(Ordering::Relaxed) || jobs.send((number, block)).is_err() {
                break;
            }
            number += 1;
            next = room.recv().ok().and_then(|room| blocks.next_in(room));
        }
        drop(jobs);
        (writing.join(), is_interrupted)
    });
    let mut outcome = match &mut outcome {
        Ok(outcome) => std::mem::take(outcome),
        Err(_) => Outcome { has_died: true, ..Outcome::default() },
    };
    if let Some(error) = blocks.fault() {
        outcome.faults.push(format!("not read beyond byte {} of its text: {error}", blocks.offset()));
    }
    if is_interrupted {
        outcome.faults.push(format!("stopped at byte {} of its text", outcome.told.bytes));
    }
    outcome.is_interrupted = is_interrupted;
    outcome
}

/// Masks blocks as long as there are any.
fn mask_all(masker: &mut BlockMasker, waiting: &Mutex<Receiver<(u64, Block)>>, done: &SyncSender<Done>, packs: bool) {
    loop {
        let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((number, block)) = next else { return };
        let redacted = catch_unwind(AssertUnwindSafe(|| {
            let redacted = masker.block(block);
            if packs { packed(redacted) } else { redacted }
        }));
        let has_died = redacted.is_err();
        if done.send((number, redacted.ok())).is_err() || has_died {
            return;
        }
    }
}

/// A block as a member of a gzip file, which may have any number of them (RFC 1952 §2.2).
fn packed(redacted: Redacted) -> Redacted {
    let Redacted { bytes, body, told } = redacted;
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 4), Compression::default());
    let is_written = encoder.write_all(bytes.get(body).unwrap_or_default());
    match is_written.and_then(|()| encoder.finish()) {
        Ok(bytes) => Redacted { body: 0..bytes.len(), bytes, told },
        // Memory takes all that is written to it.
        Err(_) => Redacted { told, ..Redacted::default() },
    }
}

/// Writes what is done, in its order.
fn write_all(
    output: &mut (dyn Write + Send),
    done: &Receiver<Done>,
    give_room: &SyncSender<Vec<u8>>,
    packs: bool,
    is_over: &AtomicBool,
) -> Outcome {
    let mut outcome = Outcome::default();
    let mut early: BTreeMap<u64, Option<Redacted>> = BTreeMap::new();
    let mut next = 0;
    while let Ok((number, redacted)) = done.recv() {
        early.insert(number, redacted);
        while let Some(ready) = early.remove(&next) {
            next += 1;
            let Some(Redacted { bytes, body, told }) = ready else {
                outcome.has_died = true;
                continue;
            };
            if !is_over.load(Ordering::Relaxed) {
                let written =
                    if told.left.is_empty() { output.write_all(bytes.get(body).unwrap_or_default()) } else { Ok(()) };
                let is_left = !told.left.is_empty();
                if let Err(error) = &written {
                    outcome.faults.push(format!("not written beyond byte {} of its text: {error}", outcome.told.bytes));
                } else {
                    outcome.told.add(told);
                }
                is_over.store(is_left || written.is_err(), Ordering::Relaxed);
            }
            // Whoever reads has gone at the end.
            let _ = give_room.try_send(bytes);
        }
        if outcome.has_died {
            is_over.store(true, Ordering::Relaxed);
            let _ = give_room.try_send(Vec::new());
        }
    }
    // A gzip file has a member at least.
    if packs && next == 0 {
        let empty = packed(Redacted::default());
        let _ = output.write_all(&empty.bytes);
    }
    if let Err(error) = output.flush() {
        outcome.faults.push(format!("not all of it was written: {error}"));
    }
    outcome
}

/// The format of a log that begins so.
fn format_of(begin: &[u8]) -> Option<Format> {
    let lines: Vec<&[u8]> = begin.split(|byte| *byte == b'\n').take(SAMPLE).collect();
    let lines: Vec<&[u8]> = lines.into_iter().map(|line| line.strip_suffix(b"\r").unwrap_or(line)).collect();
    detect_format(&lines)
}
