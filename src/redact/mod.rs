//! `cprvagt redact`: logs written anew with every number masked where it stands, so that they can be handed on. All else
//! stays byte for byte, and what is written is proven as it is written.

mod blocks;
mod fields;
mod kinds;
mod known;
mod masking;
mod pipeline;
mod places;
mod summary;
mod wide;

use std::fs::File;
use std::io::Read;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Instant;

use anyhow::Context as _;
use detect::{Inspector, Parties, Setup};
use inputs::{Member, unpack};
use model::{BlindSpot, BlindSpotKind};

use self::masking::BlockMasker;
use self::pipeline::{Outcome, redact};
use self::places::{Place, Places, STANDARD};
use self::summary::Done;
use crate::cli::RedactArgs;
use crate::exit::ExitStatus;
use crate::fault::Fault;
use crate::file_name::file_name;
use crate::own_words::without_numbers;
use crate::progress::Reporter;
use crate::{interrupt, output, persons, registry_file, setup};

/// What a gzip file begins with (RFC 1952 §2.3.1).
const GZIP: &[u8] = b"\x1f\x8b";

/// What one of several files came to.
struct Run<'a> {
    places: Places<'a>,
    args: &'a RedactArgs,
    maskers: Vec<BlockMasker>,
    stop: &'a AtomicBool,
    reporter: Reporter,
    done: Vec<Done>,
    blind_spots: Vec<BlindSpot>,
}

pub(crate) fn run(args: &RedactArgs) -> anyhow::Result<ExitStatus> {
    let places = Places::new(args)?;
    for path in args.files.iter().filter(|path| path.as_os_str() != STANDARD) {
        let help = "give the path of a log, or - for standard input";
        let fault = || Fault::new(format!("cannot open {}", path.display()), help);
        let metadata = File::open(path).and_then(|file| file.metadata()).with_context(fault)?;
        if metadata.is_dir() {
            let folder = path.display();
            let help = format!("give its files, such as {folder}/*.log, and a folder for what is written: --out DIR");
            return Err(Fault::new(format!("{folder} is a folder, and redact takes files"), help).into());
        }
        kinds::refuse_file(path)?;
    }
    let file = registry_file::find(args.registry.as_deref())?;
    let test_persons = persons::declared(&args.test_persons, file.as_ref().map(|file| &file.registry))?;
    let clock = setup::clock(args.now);
    let today = clock.now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let key = setup::key(None)?;
    let inspector = Inspector::new(Setup { test_persons, key, today, parties: Parties::first_party(Vec::new()) });
    let threads = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let maskers = (0..threads).map(|_| BlockMasker::new(inspector.another().helping(), clock.now())).collect();
    let stop = interrupt::watch();
    let mut run = Run {
        places,
        args,
        maskers,
        stop: &stop,
        reporter: Reporter::new(),
        done: Vec::new(),
        blind_spots: Vec::new(),
    };
    for path in &args.files {
        run.file(path)?;
        if run.has_left() {
            break;
        }
    }
    run.end()
}

impl Run<'_> {
    fn file(&mut self, path: &Path) -> anyhow::Result<()> {
        let name = file_name(path);
        if self.stop.load(Ordering::Relaxed) {
            self.blind_spots.push(BlindSpot::new(BlindSpotKind::Interrupted, &name, "stopped before it was read"));
            return Ok(());
        }
        let mut opened: Box<dyn Read> = if path.as_os_str() == STANDARD {
            Box::new(std::io::stdin())
        } else {
            Box::new(File::open(path).with_context(|| format!("cannot open {}", path.display()))?)
        };
        let mut head = Vec::new();
        if let Err(error) = opened.by_ref().take(GZIP.len() as u64).read_to_end(&mut head) {
            self.blind_spots.push(BlindSpot::new(BlindSpotKind::InputBroken, &name, format!("not read: {error}")));
        }
        let is_gzip = head == GZIP;
        let stem = name.strip_suffix(".gz").or_else(|| name.strip_suffix(".gzip")).unwrap_or(&name).to_owned();
        let mut kept = Vec::new();
        let mut failed = None;
        let mut whole = std::io::Cursor::new(head).chain(opened);
        let faults = unpack(&name, &mut whole, &mut |member, plain| {
            let is_member = member.plain.contains('/');
            let packs = is_gzip && !is_member && member.plain == stem;
            match self.one(path, &name, member, packs, is_member, plain) {
                Ok(Some(one)) => kept.push(one),
                Ok(None) => return ControlFlow::Break(()),
                Err(error) => {
                    failed = Some(error);
                    return ControlFlow::Break(());
                }
            }
            if self.stop.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        if let Some(error) = failed {
            return Err(error);
        }
        let is_whole = faults.is_empty() && kept.iter().all(|(_, _, is_whole)| *is_whole);
        self.blind_spots.extend(faults);
        for (place, at, _) in kept {
            if self.args.in_place && !is_whole {
                // The log stays, since not all of it was read.
                if let Some(done) = self.done.get_mut(at) {
                    done.output = None;
                }
                self.reporter.step(&without_numbers(&format!("{name} is left as it was: not all of it was read")));
                continue;
            }
            place.keep()?;
        }
        Ok(())
    }

    /// One plain file, or member of an archive: where it was written, and whether it was read whole. `None` where the
    /// detector still finds something.
    fn one(
        &mut self,
        path: &Path,
        name: &str,
        member: &Member,
        packs: bool,
        is_member: bool,
        mut plain: &mut dyn Read,
    ) -> anyhow::Result<Option<(Place, usize, bool)>> {
        let is_unpacked = !packs && member.plain != name;
        if is_unpacked && self.args.in_place {
            let message = format!("{} is packed in a way that is not packed again", path.display());
            return Err(Fault::new(message, "leave out --in-place: it is written unpacked, beside it").into());
        }
        let mut head = Vec::new();
        // What breaks here is told by whoever unpacks, or breaks again below.
        let _ = Read::by_ref(&mut plain).take(kinds::HEAD as u64).read_to_end(&mut head);
        kinds::refuse(member, &head)?;
        let mut plain = std::io::Cursor::new(head).chain(plain);
        let mut place = self.places.of(path, &member.plain, packs, is_member)?;
        let output = without_numbers(&place.name());
        if is_unpacked {
            self.reporter.step(&format!("{} is written unpacked: {output}", without_numbers(&member.name)));
        }
        let begun = Instant::now();
        let outcome = redact(&mut plain, place.writer(), packs, &mut self.maskers, self.stop);
        let Outcome { told, faults, is_interrupted, has_died } = outcome;
        anyhow::ensure!(!has_died, "a thread that masks lines has died: a fault of this program");
        let is_whole = faults.is_empty();
        let kind = if is_interrupted { BlindSpotKind::Interrupted } else { BlindSpotKind::InputBroken };
        self.blind_spots.extend(faults.into_iter().map(|fault| BlindSpot::new(kind, &member.name, fault)));
        let is_left = !told.left.is_empty();
        let done = Done {
            input: without_numbers(&member.name),
            output: (!is_left).then_some(output),
            told,
            took: begun.elapsed(),
        };
        self.reporter.step(&done.line());
        self.done.push(done);
        Ok((!is_left).then_some((place, self.done.len() - 1, is_whole)))
    }

    fn has_left(&self) -> bool {
        self.done.iter().any(|done| !done.told.left.is_empty())
    }

    /// Says what is left to say.
    fn end(self) -> anyhow::Result<ExitStatus> {
        for done in &self.done {
            for left in &done.told.left {
                let text = format!("still found in {}, line {}: {}", done.input, left.line, left.kind);
                self.reporter.step(&without_numbers(&text));
            }
        }
        let told = |spot: &BlindSpot| if spot.is_own { spot.detail.clone() } else { without_numbers(&spot.detail) };
        for spot in &self.blind_spots {
            self.reporter.step(&format!("not seen: {}: {}", without_numbers(&spot.place), told(spot)));
        }
        if self.args.format.is_json() {
            let blind_spot =
                |spot: &BlindSpot| serde_json::json!({"place": without_numbers(&spot.place), "detail": told(spot)});
            let told = serde_json::json!({
                "files": self.done.iter().map(Done::json).collect::<Vec<_>>(),
                "blind_spots": self.blind_spots.iter().map(blind_spot).collect::<Vec<_>>(),
            });
            output::print(format!("{told:#}\n").as_bytes())?;
        }
        Ok(match (self.has_left(), self.blind_spots.is_empty()) {
            (true, _) => ExitStatus::Internal,
            (false, false) => ExitStatus::Incomplete,
            (false, true) => ExitStatus::Clean,
        })
    }
}
