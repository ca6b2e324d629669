//! Recorded traffic of any size through the detector: one thread reads and unpacks, one for each core judges, and this one
//! takes in what they say, in the order of the files. Memory is constant: whoever reads waits for room.

mod days;
mod files;
mod judging;
mod reading;
mod robots;
mod survey;
mod zone;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use inputs::{Assumed, Format, LogFaults};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use model::{BlindSpot, BlindSpotKind, Host, LogFile, LogGap, Redact as _, Redacted, Scheme, SystemId};

use self::days::Days;
use self::files::{Input, Named, inputs};
use self::judging::{BlockJudge, Judged};
use self::reading::{Job, Log, Outlet, Piece, Reading};
pub(crate) use self::survey::Survey;
use self::survey::{Kept, Surveyor, UNNAMED};
pub(crate) use self::zone::zone;
use crate::progress::Reporter;
use crate::record::{Recorder, Wants};

/// Blocks that wait to be judged or to be taken in, for each thread that judges.
const BLOCKS_FOR_EACH: usize = 2;

/// How often a person at a terminal is told how far it is.
const TOLD_EVERY: Duration = Duration::from_millis(250);

/// What was named, looked at.
pub(crate) struct LogScan {
    inputs: Vec<Input>,
    kept: Vec<Kept>,
    blind_spots: Vec<BlindSpot>,
    /// Files in the folder of the reports, which are not read.
    pub(crate) own_files: usize,
    pub(crate) survey: Survey,
    format: Option<Format>,
    now: Timestamp,
}

/// What lines do not say of themselves.
pub(crate) struct Assumption {
    /// Who was asked.
    pub(crate) host: Host,
    /// The system it belongs to.
    pub(crate) system: Option<SystemId>,
    /// The zone of times without one, and how it was typed.
    pub(crate) zone: TimeZone,
    pub(crate) zone_name: String,
}

/// What came of it.
pub(crate) struct Reached {
    /// The names of all that was read.
    pub(crate) targets: Vec<Redacted>,
    pub(crate) logs: Vec<LogFile>,
    /// The days between them of which none has a line.
    pub(crate) gaps: Vec<LogGap>,
}

/// What is done of a piece.
enum Done {
    Piece(Piece),
    Judged(Box<Judged>),
    /// Whoever judged it died.
    Died,
}

/// The host of lines that name none, where nobody said.
pub(crate) fn unnamed_host() -> Host {
    Host::parse(UNNAMED).expect("a constant that its own test parses")
}

impl LogScan {
    /// Looks at the beginning of every file that `named` means. Reports are written to `out`.
    pub(crate) fn look(named: &[PathBuf], out: &Path, format: Option<Format>, now: Timestamp) -> anyhow::Result<Self> {
        let Named { mut inputs, mut blind_spots, own_files } = inputs(named, out)?;
        let mut surveyor = Surveyor::default();
        let mut kept = Vec::with_capacity(inputs.len());
        for input in &mut inputs {
            kept.push(surveyor.look(input, format.as_ref(), now).unwrap_or_else(|error| {
                // It is tried again when it is its turn.
                blind_spots.push(BlindSpot::new(BlindSpotKind::InputBroken, &input.name, error.to_string()));
                Kept::default()
            }));
        }
        Ok(Self { inputs, kept, blind_spots, own_files, survey: surveyor.survey, format, now })
    }

    /// Judges all of it, until `stop` is raised.
    pub(crate) fn run(
        self,
        recorder: &mut Recorder,
        assumption: &Assumption,
        stop: &AtomicBool,
        reporter: &Reporter,
    ) -> anyhow::Result<Reached> {
        let Self { inputs, kept, blind_spots, own_files: _, survey: _, format, now } = self;
        for blind_spot in blind_spots {
            recorder.blind_spot(blind_spot);
        }
        let threads = thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let total = inputs.iter().map(|input| input.bytes).sum::<Option<u64>>();
        let read = AtomicU64::new(0);
        let (jobs, waiting) = sync_channel(threads * BLOCKS_FOR_EACH);
        let (others, done) = sync_channel(threads * BLOCKS_FOR_EACH);
        let (give_room, room) = sync_channel(threads * BLOCKS_FOR_EACH + 1);
        let (give_recording, recording) = sync_channel(1);
        for _ in 0..=threads * BLOCKS_FOR_EACH {
            let _ = give_room.send(Vec::new());
        }
        let _ = give_recording.send(());
        let reading = Reading {
            format: format.as_ref(),
            zone: assumption.zone.clone(),
            now,
            redactor: recorder.redactor(),
            stop,
            read: &read,
            room,
            spare: std::cell::Cell::default(),
            recording,
            names: std::cell::RefCell::default(),
        };
        let assumed = Assumed { host: Some(assumption.host.clone()), scheme: Scheme::Https, time: now };
        let waiting = Mutex::new(waiting);
        let wants = Mutex::new(recorder.wants());
        let judges: Vec<BlockJudge> = (0..threads)
            .map(|_| BlockJudge::new(recorder.line_judge(), recorder.suspects(), assumed.clone()))
            .collect();
        let mut taking = Taking {
            recorder,
            assumption,
            give_room,
            give_recording,
            wants: &wants,
            open: None,
            all_days: Days::default(),
            spans: Vec::new(),
            reached: Reached { targets: Vec::new(), logs: Vec::new(), gaps: Vec::new() },
            progress: Progress::new(reporter, total, &read),
        };
        thread::scope(|scope| {
            for judge in judges {
                let (waiting, others, wants) = (&waiting, others.clone(), &wants);
                scope.spawn(move || judge_all(judge, waiting, &others, wants));
            }
            let mut outlet = Outlet { next: 0, jobs, others };
            scope.spawn(move || reading.all(&inputs, kept, &mut outlet));
            let ended = taking.all(&done);
            // Whoever waits to hand something on learns that nobody wants it.
            drop(done);
            taking.ended(ended)
        })
    }
}

/// Judges blocks as long as there are any.
fn judge_all(
    mut judge: BlockJudge,
    waiting: &Mutex<Receiver<(u64, Box<Job>)>>,
    done: &SyncSender<(u64, Done)>,
    wants: &Mutex<Wants>,
) {
    loop {
        let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((number, job)) = next else { return };
        let wanted = *wants.lock().unwrap_or_else(PoisonError::into_inner);
        let judged = catch_unwind(AssertUnwindSafe(|| judge.block(*job, wanted)));
        let has_died = judged.is_err();
        let judged = judged.map_or(Done::Died, |judged| Done::Judged(Box::new(judged)));
        if done.send((number, judged)).is_err() || has_died {
            return;
        }
    }
}

/// Takes in what is done, in its order.
struct Taking<'a> {
    recorder: &'a mut Recorder,
    assumption: &'a Assumption,
    give_room: SyncSender<Vec<u8>>,
    give_recording: SyncSender<()>,
    wants: &'a Mutex<Wants>,
    open: Option<OpenLog>,
    all_days: Days,
    spans: Vec<(Timestamp, Timestamp)>,
    reached: Reached,
    progress: Progress<'a>,
}

/// A log of which not all is taken in.
#[derive(Default)]
struct OpenLog {
    lines: u64,
    judged: u64,
    bytes: u64,
    nul_bytes: u64,
    faults: LogFaults,
    days: Days,
}

impl Taking<'_> {
    /// All of it; `false` when a judge died.
    fn all(&mut self, done: &Receiver<(u64, Done)>) -> bool {
        let mut next = 0;
        let mut early: BTreeMap<u64, Done> = BTreeMap::new();
        loop {
            while let Some(ready) = early.remove(&next) {
                next += 1;
                match ready {
                    Done::Piece(piece) => self.piece(piece),
                    Done::Judged(judged) => self.judged(*judged),
                    Done::Died => return false,
                }
            }
            match done.recv_timeout(TOLD_EVERY) {
                Ok((number, done)) => {
                    early.insert(number, done);
                }
                Err(std::sync::mpsc::RecvTimeoutError::Timeout) => {}
                Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => return early.is_empty(),
            }
            self.progress.tell();
        }
    }

    fn ended(self, is_whole: bool) -> anyhow::Result<Reached> {
        let Self { recorder, all_days, spans, mut reached, progress, .. } = self;
        progress.end();
        anyhow::ensure!(is_whole, "a thread that judges lines has died: a fault of this program");
        if let Some(told) = all_days.told_beyond(&spans) {
            recorder.blind_spot(BlindSpot::new(BlindSpotKind::LogGap, "this run", told));
        }
        reached.gaps = all_days.missing_days();
        Ok(reached)
    }

    fn piece(&mut self, piece: Piece) {
        match piece {
            Piece::Recording(name, recording) => {
                let name = Redacted::new(&name, &self.recorder.redactor());
                for exchange in &recording.exchanges {
                    self.recorder.exchange(name.as_str(), exchange);
                }
                for blind_spot in recording.blind_spots {
                    self.recorder.blind_spot(blind_spot);
                }
                self.reached.targets.push(name);
                let _ = self.give_recording.try_send(());
            }
            Piece::Begin(log) => {
                self.recorder.counting_all();
                self.reached.targets.push(log.source.clone());
                self.open = Some(OpenLog::default());
            }
            // They go to those who judge.
            Piece::Lines(_) => {}
            Piece::End(log, blind_spots) => self.end(&log, blind_spots),
            Piece::Unread(blind_spot) => self.recorder.blind_spot(blind_spot),
        }
    }

    fn judged(&mut self, judged: Judged) {
        let Judged { room, bytes, lines, one_by_one, nul_bytes, faults, days, batch } = judged;
        self.progress.judged(bytes, batch.sure());
        let open = self.open.get_or_insert_default();
        open.lines += lines;
        open.judged += one_by_one;
        open.bytes += bytes;
        open.nul_bytes += nul_bytes;
        open.faults.add(&faults);
        open.days.absorb(&days);
        self.recorder.absorb(batch);
        *self.wants.lock().unwrap_or_else(PoisonError::into_inner) = self.recorder.wants();
        // Nobody reads any more at the end.
        let _ = self.give_room.try_send(room);
    }

    /// A log is read: what is to be said of it as a whole.
    fn end(&mut self, log: &Log, blind_spots: Vec<BlindSpot>) {
        let Some(open) = self.open.take() else {
            // It has no line; it is told all the same.
            self.reached.targets.push(log.source.clone());
            return self.tell(log, OpenLog::default(), blind_spots);
        };
        self.tell(log, open, blind_spots);
    }

    fn tell(&mut self, log: &Log, open: OpenLog, blind_spots: Vec<BlindSpot>) {
        let OpenLog { lines, judged, bytes, nul_bytes, faults, days } = open;
        let recorder = &mut *self.recorder;
        let nul_bytes = (nul_bytes > 0)
            .then(|| format!("{nul_bytes} NUL bytes before lines were passed over, as a log that is cut has them"));
        // Blind spots of one kind and place are told as one, with what the first says: here all is said in one.
        let (broken, others): (Vec<BlindSpot>, Vec<BlindSpot>) = faults
            .blind_spots(&log.name, log.format)
            .into_iter()
            .chain(blind_spots)
            .partition(|blind_spot| blind_spot.kind == BlindSpotKind::InputBroken);
        let broken: Vec<String> = broken.into_iter().map(|blind_spot| blind_spot.detail).chain(nul_bytes).collect();
        if !broken.is_empty() {
            recorder.blind_spot(BlindSpot::new(BlindSpotKind::InputBroken, &log.name, broken.join("; ")));
        }
        for blind_spot in others {
            recorder.blind_spot(blind_spot);
        }
        if let Some(told) = days.told() {
            recorder.blind_spot(BlindSpot::new(BlindSpotKind::LogGap, &log.name, told));
        }
        let mut assumed = Vec::new();
        if !log.names_hosts {
            assumed.push(format!("host {}", recorder.redactor().redact(&self.assumption.host.to_string())));
            recorder.cover_lines(self.assumption.system.clone(), lines.saturating_sub(judged));
        }
        if log.assumes_zone {
            assumed.push(format!("time zone {}", self.assumption.zone_name));
        }
        self.all_days.absorb(&days);
        self.spans.extend(days.span());
        self.reached.logs.push(LogFile {
            name: log.source.clone(),
            format: log.format.to_owned(),
            lines,
            judged,
            bytes,
            first: days.span().map(|(first, _)| first),
            last: days.span().map(|(_, last)| last),
            days_missing: days.missing(),
            assumed: assumed.into_iter().map(Redacted::own_words).collect(),
        });
    }
}

/// How far it is, for a person at a terminal.
struct Progress<'a> {
    reporter: &'a Reporter,
    /// Bytes of all files, packed as they are, if that is known; and those read.
    total: Option<u64>,
    read: &'a AtomicU64,
    judged: u64,
    sure: usize,
    begun: Instant,
    told: Instant,
}

impl<'a> Progress<'a> {
    fn new(reporter: &'a Reporter, total: Option<u64>, read: &'a AtomicU64) -> Self {
        let now = Instant::now();
        Self { reporter, total, read, judged: 0, sure: 0, begun: now, told: now }
    }

    fn judged(&mut self, bytes: u64, sure: usize) {
        self.judged += bytes;
        self.sure += sure;
    }

    fn tell(&mut self) {
        if self.told.elapsed() < TOLD_EVERY {
            return;
        }
        self.told = Instant::now();
        let read = self.read.load(Ordering::Relaxed);
        self.reporter.over(&line(self.judged, read, self.total, self.begun.elapsed(), self.sure));
    }

    fn end(&self) {
        self.reporter.over("");
    }
}

/// `3.2 GB, 1.9 GB/s, 12 s left, 40 sightings`.
#[expect(clippy::cast_precision_loss, reason = "for people, rounded")]
fn line(judged: u64, read: u64, total: Option<u64>, took: Duration, sure: usize) -> String {
    let seconds = took.as_secs_f64().max(0.001);
    let giga = |bytes: u64| bytes as f64 / 1e9;
    let left = total.filter(|total| read > 0 && *total >= read).map(|total| {
        let left = Duration::from_secs_f64(seconds * (total - read) as f64 / read as f64);
        format!(", {} s left", left.as_secs())
    });
    let left = left.unwrap_or_default();
    format!("  {:.1} GB, {:.2} GB/s{left}, {sure} sightings", giga(judged), giga(judged) / seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_far_it_is_fits_on_a_line() {
        let told = line(2_000_000_000, 100, Some(300), Duration::from_secs(2), 7);
        assert_eq!(told, "  2.0 GB, 1.00 GB/s, 4 s left, 7 sightings");
        assert_eq!(line(0, 0, None, Duration::ZERO, 0), "  0.0 GB, 0.00 GB/s, 0 sightings");
        assert_eq!(unnamed_host().as_str(), UNNAMED);
    }
}
