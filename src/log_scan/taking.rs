//! Takes in what was read and judged, in the order of the files; and, now and then, puts on disk how far that is.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use jiff::Timestamp;
use model::{BlindSpot, BlindSpotKind, LogFile, Redact as _, Redacted};

use super::copies::{Copies, token};
use super::days::Days;
use super::files::Input;
use super::journal::Journal;
use super::judging::Judged;
use super::outlet::{Log, Piece};
use super::progress::Progress;
use super::state::{GrownScan, LinesTold, Place, StateNow};
use super::{Assumption, Reached, TOLD_EVERY};
use crate::fault::Fault;
use crate::record::{Recorder, Wants};

/// How long whoever takes in rests when there is nothing: it is woken for a few blocks at once instead of for each, which takes as
/// long as reading some of it.
const LULL: Duration = Duration::from_micros(500);

/// What is done of a piece.
pub(super) enum Done {
    Piece(Piece),
    Judged(Box<Judged>),
    /// Whoever judged it died.
    Died,
}

/// Takes in what is done, in its order.
pub(super) struct Taking<'a> {
    pub(super) recorder: &'a mut Recorder,
    pub(super) assumption: &'a Assumption,
    pub(super) give_recording: SyncSender<()>,
    pub(super) wants: &'a Mutex<Wants>,
    pub(super) open: Option<LinesTold>,
    pub(super) all_days: Days,
    pub(super) spans: Vec<(Timestamp, Timestamp)>,
    /// The logs read so far, by what they are compared by.
    pub(super) copies: Copies,
    pub(super) reached: Reached,
    pub(super) progress: Progress<'a>,
    pub(super) keeping: Option<Keeping<'a>>,
    /// Places of digests that an earlier run did not keep, until all that it saw is known again.
    pub(super) left_out: Option<u64>,
    /// What ends it.
    pub(super) fault: Option<Fault>,
}

/// What goes into the journal.
pub(super) struct Keeping<'a> {
    pub(super) journal: &'a mut Journal,
    pub(super) inputs: &'a [Input],
    pub(super) key: &'a [u8; 32],
    pub(super) place: Place,
    /// Whether what was taken in ends at the place, and may be written.
    pub(super) is_sound: bool,
    /// Whether somebody wants to stop: what comes then is of this run alone.
    pub(super) is_stopping: bool,
    /// Logs and names told so far, and files with recordings not yet.
    pub(super) logs: usize,
    pub(super) targets: usize,
    pub(super) recorded: Vec<usize>,
    /// What the logs are compared by that are not told so far.
    pub(super) marks: Vec<String>,
}

impl Taking<'_> {
    /// All of it; `false` when a judge died.
    pub(super) fn all(&mut self, done: &Receiver<(u64, Done)>) -> bool {
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
                if self.fault.is_some() {
                    return false;
                }
                if self.keeping.as_ref().is_some_and(|keeping| keeping.journal.is_due()) {
                    self.keep();
                }
            }
            if early.is_empty() {
                thread::sleep(LULL);
            }
            match done.recv_timeout(TOLD_EVERY) {
                Ok(first) => early.extend(std::iter::once(first).chain(done.try_iter())),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    self.all_is_read();
                    return early.is_empty();
                }
            }
            self.progress.tell();
        }
    }

    pub(super) fn ended(self, is_whole: bool) -> anyhow::Result<Reached> {
        let Self { recorder, all_days, spans, copies, mut reached, progress, fault, .. } = self;
        progress.end();
        if let Some(fault) = fault {
            return Err(fault.into());
        }
        anyhow::ensure!(is_whole, "a thread that judges lines has died: a fault of this program");
        if let Some(told) = all_days.told_beyond(&spans) {
            recorder.blind_spot(BlindSpot::new(BlindSpotKind::LogGap, "this run", told).in_own_words());
        }
        reached.gaps = all_days.missing_days();
        reached.copies = copies.told();
        Ok(reached)
    }

    fn piece(&mut self, piece: Piece) {
        if let (Some(left_out), false) = (self.left_out, matches!(piece, Piece::Again(..))) {
            self.known_again(left_out);
        }
        match piece {
            Piece::Again(name, recording) => {
                let name = Redacted::new(&name, &self.recorder.redactor());
                for exchange in &recording.exchanges {
                    self.recorder.remember(name.as_str(), exchange);
                }
                let _ = self.give_recording.try_send(());
            }
            Piece::Recording(name, recording, is_last) => {
                let name = Redacted::new(&name, &self.recorder.redactor());
                for exchange in &recording.exchanges {
                    self.recorder.exchange(name.as_str(), exchange);
                }
                for blind_spot in recording.blind_spots {
                    self.recorder.blind_spot(blind_spot);
                }
                let _ = self.give_recording.try_send(());
                if !is_last {
                    if let Some(keeping) = &mut self.keeping {
                        keeping.is_sound = false;
                    }
                    return;
                }
                self.reached.targets.push(name);
                self.at(|keeping| {
                    let file = keeping.place.files;
                    keeping.recorded.extend((keeping.recorded.last() != Some(&file)).then_some(file));
                    keeping.place.members += 1;
                });
            }
            Piece::Begin(log) => {
                self.recorder.begin_lines();
                self.reached.targets.push(log.source.clone());
                self.open = Some(LinesTold::default());
                // Until its first lines are taken in.
                if let Some(keeping) = &mut self.keeping {
                    keeping.is_sound = false;
                }
            }
            Piece::End(log, blind_spots, digest) => {
                let mark = token(digest, self.keeping.as_ref().map(|keeping| keeping.key));
                let same = self.copies.note(&mark, &log.source);
                self.end(&log, blind_spots);
                if let (Some(same), Some(told)) = (same, self.reached.logs.last_mut()) {
                    told.assumed.push(Redacted::own_words(format!("its lines count, though {same} holds the same")));
                }
                self.at(|keeping| {
                    keeping.marks.push(mark);
                    keeping.place.members += 1;
                    keeping.place.log = None;
                });
            }
            Piece::Done(blind_spots) => {
                for blind_spot in blind_spots {
                    self.recorder.blind_spot(blind_spot);
                }
                self.at(|keeping| keeping.place = Place { files: keeping.place.files + 1, ..Place::default() });
            }
            Piece::Stopping => {
                self.keep();
                if let Some(keeping) = &mut self.keeping {
                    keeping.is_stopping = true;
                }
            }
            Piece::Unread(blind_spot) => self.recorder.blind_spot(blind_spot),
            Piece::Changed(fault) => self.fault = Some(fault),
        }
    }

    /// All that an earlier run saw is known again.
    fn known_again(&mut self, left_out: u64) {
        self.left_out = None;
        self.recorder.remembered(left_out);
    }

    /// Trying numbers on digests may take longer than reading.
    fn all_is_read(&mut self) {
        if let Some(left_out) = self.left_out {
            self.known_again(left_out);
        }
        if self.keeping.as_ref().is_some_and(|keeping| keeping.journal.is_kept()) {
            self.keep();
        }
    }

    /// What was taken in ends at another place.
    fn at(&mut self, at: impl FnOnce(&mut Keeping<'_>)) {
        if let Some(keeping) = &mut self.keeping {
            at(keeping);
            keeping.is_sound = true;
        }
    }

    /// Puts on disk how far it is.
    pub(super) fn keep(&mut self) {
        // Nothing new was taken in before everything is known again.
        let Some(keeping) = self.keeping.as_mut().filter(|_| self.left_out.is_none()) else { return };
        if !keeping.is_sound || keeping.is_stopping {
            return;
        }
        let Keeping { journal, inputs, key, place, logs, targets, recorded, marks, .. } = keeping;
        let recorder = &mut *self.recorder;
        journal.of_files(|| {
            let redactor = recorder.redactor();
            inputs.iter().map(|input| input.known(key, &redactor)).collect()
        });
        let grown = GrownScan {
            recorder: recorder.grown(),
            logs: self.reached.logs.iter().skip(*logs).cloned().collect(),
            targets: self.reached.targets.iter().skip(*targets).cloned().collect(),
            recorded: std::mem::take(recorded),
            marks: std::mem::take(marks),
        };
        (*logs, *targets) = (self.reached.logs.len(), self.reached.targets.len());
        let (place, open, all_days, sure) = (&*place, self.open.as_ref(), &self.all_days, self.progress.sure);
        journal.keep(grown, |folder, lines_end, is_key_lost| {
            let counted = recorder.counted_now(folder)?;
            Ok(StateNow { lines_end, is_key_lost, place, open, all_days, sure, counted })
        });
    }

    fn judged(&mut self, judged: Judged) {
        if let Some(left_out) = self.left_out {
            self.known_again(left_out);
        }
        let Judged { room: _, line_ends: _, told, batch, is_piece, goes_on, place } = judged;
        self.progress.judged(told.bytes, batch.sure());
        self.open.get_or_insert_default().absorb(&told);
        if is_piece {
            self.recorder.absorb_piece(batch);
            if !goes_on {
                self.recorder.end_line();
            }
        } else {
            self.recorder.absorb(batch);
        }
        *self.wants.lock().unwrap_or_else(PoisonError::into_inner) = self.recorder.wants();
        if let Some(keeping) = &mut self.keeping {
            keeping.is_sound = place.is_some();
            keeping.place.log = place;
        }
    }

    /// A log is read: what is to be said of it as a whole.
    fn end(&mut self, log: &Log, blind_spots: Vec<BlindSpot>) {
        // One that was cut, or in which somebody stopped.
        self.recorder.end_line();
        let Some(open) = self.open.take() else {
            // It has no line; it is told all the same.
            self.reached.targets.push(log.source.clone());
            return self.tell(log, LinesTold::default(), blind_spots);
        };
        self.tell(log, open, blind_spots);
    }

    fn tell(&mut self, log: &Log, open: LinesTold, blind_spots: Vec<BlindSpot>) {
        let LinesTold { lines, judged, silent, bytes, nul_bytes, faults, days } = open;
        let recorder = &mut *self.recorder;
        let nul_bytes = (nul_bytes > 0)
            .then(|| format!("NUL bytes before lines, passed over, as a log that is cut has them: {nul_bytes}"));
        // Of one log all is said in one: it is one thing that was not seen.
        let (broken, others): (Vec<BlindSpot>, Vec<BlindSpot>) = faults
            .blind_spots(&log.name, log.format)
            .into_iter()
            .chain(blind_spots)
            .partition(|blind_spot| blind_spot.kind == BlindSpotKind::InputBroken);
        let are_own = broken.iter().all(|blind_spot| blind_spot.is_own);
        let broken: Vec<String> = broken.into_iter().map(|blind_spot| blind_spot.detail).chain(nul_bytes).collect();
        if !broken.is_empty() {
            let told = BlindSpot::new(BlindSpotKind::InputBroken, &log.name, broken.join("; "));
            recorder.blind_spot(BlindSpot { is_own: are_own, ..told });
        }
        for blind_spot in others {
            recorder.blind_spot(blind_spot);
        }
        if let Some(told) = days.told() {
            recorder.blind_spot(BlindSpot::new(BlindSpotKind::LogGap, &log.name, told).in_own_words());
        }
        let mut assumed = Vec::new();
        if !log.names_hosts {
            assumed.push(format!("host {}", recorder.redactor().redact(&self.assumption.host.to_string())));
            recorder.cover_lines(self.assumption.system.clone(), lines.saturating_sub(judged).saturating_sub(silent));
        }
        if log.guessed.zone {
            assumed.push(format!("time zone {}", self.assumption.zone_name));
        }
        if log.guessed.year {
            assumed.push("year by the file's date".to_owned());
        }
        self.reached.is_silent &= lines == silent;
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
