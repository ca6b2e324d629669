//! Recorded traffic of any size through the detector: one thread reads and unpacks, one for each further core judges, and so
//! does the first where they are busy; this one takes in what they say, in the order of the files. Memory is constant:
//! whoever reads waits for room.

mod copies;
mod days;
mod earlier;
mod files;
mod journal;
mod judging;
mod outlet;
mod progress;
mod reading;
mod recorded;
mod robots;
mod state;
mod survey;
mod taking;
mod walk;
mod zone;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::Context as _;
use inputs::{Assumed, Format};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use model::{BlindSpot, BlindSpotKind, Host, LogFile, LogGap, Redacted, Scheme, SystemId};

use self::copies::Copies;
use self::days::Days;
use self::files::Input;
use self::journal::Before;
pub(crate) use self::journal::{Journal, Stopped};
use self::judging::{BlockJudge, Seat};
use self::outlet::{Job, Outlet};
use self::progress::Progress;
use self::reading::Reading;
use self::state::{GrownScan, LinesTold, Place, State};
pub(crate) use self::survey::Survey;
use self::survey::{Kept, Surveyor, UNNAMED};
use self::taking::{Done, Keeping, Taking};
pub(crate) use self::walk::LeftOut;
use self::walk::{Named, inputs};
pub(crate) use self::zone::zone;
use crate::fault::Fault;
use crate::progress::Reporter;
use crate::record::Recorder;

/// Blocks that wait to be judged, for each thread that does that.
const BLOCKS_FOR_EACH: usize = 2;

/// What they came to that waits to be taken in, likewise: enough for the time that whoever takes in rests.
const DONE_FOR_EACH: usize = 8;

/// How often a person at a terminal is told how far it is.
const TOLD_EVERY: Duration = Duration::from_millis(250);

/// What was named, looked at.
pub(crate) struct LogScan {
    inputs: Vec<Input>,
    kept: Vec<Kept>,
    blind_spots: Vec<BlindSpot>,
    pub(crate) left_out: LeftOut,
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
    /// Whether no line tells of a request or is a text.
    pub(crate) is_silent: bool,
    /// The days between them of which none has a line.
    pub(crate) gaps: Vec<LogGap>,
    /// What is to be said of logs that hold the same as another.
    pub(crate) copies: Option<String>,
}

/// What is put on disk on the way, and what an earlier run has put there.
pub(crate) struct Taken<'a> {
    pub(crate) journal: &'a mut Journal,
    pub(crate) stopped: Option<Stopped>,
    pub(crate) key: &'a [u8; 32],
}

/// The host of lines that name none, where nobody said.
pub(crate) fn unnamed_host() -> Host {
    Host::parse(UNNAMED).expect("a constant that its own test parses")
}

impl LogScan {
    /// Looks at the beginning of every file that `named` means. Reports are written to `out`.
    pub(crate) fn look(named: &[PathBuf], out: &Path, format: Option<Format>, now: Timestamp) -> anyhow::Result<Self> {
        let Named { mut inputs, mut blind_spots, left_out } = inputs(named, out)?;
        let mut surveyor = Surveyor::default();
        let mut kept = Vec::with_capacity(inputs.len());
        for input in &mut inputs {
            kept.push(surveyor.look(input, format.as_ref(), now).unwrap_or_else(|error| {
                // It is tried again when it is its turn.
                blind_spots.push(BlindSpot::new(BlindSpotKind::InputBroken, &input.name, error.to_string()));
                Kept::default()
            }));
        }
        if let Some(name) = surveyor.flows {
            let help = recorded::export(&name);
            return Err(Fault::new(format!("{name} is of mitmproxy"), help).into());
        }
        Ok(Self { inputs, kept, blind_spots, left_out, survey: surveyor.survey, format, now })
    }

    /// Whether a later run can read the same: from standard input and from pipes it cannot.
    pub(crate) fn can_be_read_again(&self) -> bool {
        self.inputs.iter().all(|input| input.bytes.is_some() && !input.is_read_once())
    }

    /// Judges all of it, until `stop` is raised. With `taken` a later run can go on, and this one may be the later.
    pub(crate) fn run(
        self,
        recorder: &mut Recorder,
        assumption: &Assumption,
        taken: Option<Taken<'_>>,
        stop: &AtomicBool,
        reporter: &Reporter,
    ) -> anyhow::Result<Reached> {
        let Self { inputs, kept, blind_spots, left_out: _, survey: _, format, now } = self;
        let mut from = From::default();
        let mut keeping = None;
        recorder.counting_all();
        if let Some(Taken { journal, stopped, key }) = taken {
            recorder.telling_growth();
            if let Some(stopped) = stopped {
                from = From::of(stopped, journal, &inputs, key, recorder)?;
            }
            let (logs, targets) = (from.reached.logs.len(), from.reached.targets.len());
            let (place, recorded, marks) = (from.place.clone(), Vec::new(), Vec::new());
            let (is_sound, is_stopping, inputs) = (true, false, inputs.as_slice());
            keeping =
                Some(Keeping { journal, inputs, key, place, is_sound, is_stopping, logs, targets, recorded, marks });
        }
        if from.is_beginning {
            for blind_spot in blind_spots {
                recorder.blind_spot(blind_spot);
            }
        }
        let inputs = inputs.as_slice();
        let threads = thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let total = inputs.iter().map(|input| input.bytes).sum::<Option<u64>>();
        let read = AtomicU64::new(0);
        // The thread that reads is one of those that judge.
        let (jobs, waiting) = sync_channel((threads - 1) * BLOCKS_FOR_EACH);
        let (others, done) = sync_channel(threads * DONE_FOR_EACH);
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
            recording,
            names: std::cell::RefCell::new(from.names()),
            from: &from.place,
            recorded: &from.recorded,
            has_stopped: std::cell::Cell::new(false),
        };
        let assumed = Assumed { host: Some(assumption.host.clone()), scheme: Scheme::Https, time: now };
        let waiting = Mutex::new(waiting);
        let wants = Mutex::new(recorder.wants());
        let seat = || {
            let judge = BlockJudge::new(recorder.line_judge(), recorder.suspects(), assumed.clone());
            Seat { judge, wants: &wants }
        };
        let seats: Vec<Seat<'_>> = (1..threads).map(|_| seat()).collect();
        let seat = seat();
        let mut taking = Taking {
            recorder,
            assumption,
            give_recording,
            wants: &wants,
            open: from.open,
            all_days: from.all_days,
            spans: from.spans,
            copies: from.copies,
            reached: from.reached,
            progress: Progress::new(reporter, total, &read, from.read),
            keeping,
            left_out: from.left_out,
            fault: None,
        };
        taking.progress.sure = from.sure;
        thread::scope(|scope| {
            for seat in seats {
                let (waiting, others, give_room) = (&waiting, others.clone(), give_room.clone());
                scope.spawn(move || judge_all(seat, waiting, &others, &give_room));
            }
            let jobs = (threads > 1).then_some(jobs);
            let mut outlet = Outlet { next: 0, jobs, others, seat, room, spare: None };
            scope.spawn(move || reading.all(inputs, kept, &mut outlet));
            let ended = taking.all(&done);
            // Whoever waits to hand something on learns that nobody wants it.
            drop(done);
            taking.ended(ended)
        })
    }
}

/// Where a run begins: at the beginning, or where an earlier one was.
struct From {
    is_beginning: bool,
    place: Place,
    /// Files before it with recordings that the detector is to be shown again.
    recorded: BTreeSet<usize>,
    /// Bytes before it.
    read: u64,
    open: Option<LinesTold>,
    all_days: Days,
    spans: Vec<(Timestamp, Timestamp)>,
    copies: Copies,
    reached: Reached,
    sure: usize,
    left_out: Option<u64>,
}

impl Default for From {
    fn default() -> Self {
        Self {
            is_beginning: true,
            place: Place::default(),
            recorded: BTreeSet::new(),
            read: 0,
            open: None,
            all_days: Days::default(),
            spans: Vec::new(),
            copies: Copies::default(),
            reached: Reached { targets: Vec::new(), logs: Vec::new(), is_silent: true, gaps: Vec::new(), copies: None },
            sure: 0,
            left_out: None,
        }
    }
}

impl From {
    /// The names of what was read to its end.
    fn names(&self) -> BTreeMap<String, u64> {
        let is_open = usize::from(self.place.log.is_some());
        let done = self.reached.targets.len().saturating_sub(is_open);
        self.reached.targets.iter().take(done).map(|name| (name.as_str().to_owned(), 1)).collect()
    }

    /// Where `stopped` was; `recorder` knows then what it knew.
    fn of(
        stopped: Stopped,
        journal: &mut Journal,
        inputs: &[Input],
        key: &[u8; 32],
        recorder: &mut Recorder,
    ) -> anyhow::Result<Self> {
        let (done, read) = (stopped.done(), stopped.read());
        // Files were marked with the first.
        let key = (!stopped.is_key_lost()).then_some(key);
        let grown = files::check(inputs, stopped.begun(), (done, read), key, &recorder.redactor())?;
        journal.is_key_lost = stopped.is_key_lost();
        let Before { folder, grown: taken, state } = journal.take_up(stopped)?;
        let mut from = Self { is_beginning: false, ..Self::default() };
        let unreadable = || Fault::new(format!("cannot read what is in {}", folder.display()), journal::ANEW);
        for GrownScan { recorder: grown, logs, targets, recorded, marks } in taken {
            recorder.regrow(grown).with_context(unreadable)?;
            from.spans.extend(logs.iter().filter_map(|log| log.first.zip(log.last)));
            from.reached.is_silent &= logs.iter().all(|log| log.lines == 0);
            for (log, mark) in logs.iter().zip(&marks) {
                from.copies.note(mark, &log.name);
            }
            from.reached.logs.extend(logs);
            from.reached.targets.extend(targets);
            from.recorded.extend(recorded);
        }
        let State { lines_end: _, is_key_lost: _, place, open, all_days, sure, counted } = state;
        from.left_out = Some(counted.digests_left_out());
        recorder.recount(counted, &folder).with_context(unreadable)?;
        for blind_spot in grown {
            recorder.blind_spot(blind_spot);
        }
        from.read = inputs.iter().take(done).filter_map(|input| input.bytes).sum();
        from.read += place.log.as_ref().filter(|log| log.is_plain).map_or(0, |_| read);
        (from.place, from.open, from.all_days, from.sure) = (place, open, all_days, sure);
        Ok(from)
    }
}

/// Judges blocks as long as there are any.
fn judge_all(
    mut seat: Seat<'_>,
    waiting: &Mutex<Receiver<(u64, Box<Job>)>>,
    done: &SyncSender<(u64, Done)>,
    give_room: &SyncSender<Vec<u8>>,
) {
    loop {
        let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((number, job)) = next else { return };
        let mut judged = seat.judge(*job);
        let has_died = matches!(judged, Done::Died);
        if let Done::Judged(judged) = &mut judged {
            // Nobody reads any more at the end.
            let _ = judged.room.take().map(|room| give_room.try_send(room));
        }
        if done.send((number, judged)).is_err() || has_died {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_of_lines_that_name_none_is_one() {
        assert_eq!(unnamed_host().as_str(), UNNAMED);
    }
}
