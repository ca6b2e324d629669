//! `cprvagt scan`: recorded traffic through the same detector and reports as a live run.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use anyhow::Context as _;
use detect::Parties;
use inputs::Format;
use model::{
    BlindSpot, BlindSpotKind, Host, Redact as _, Redacted, Registry, ScanKind, Site, TestPerson, VendorRecord,
};

use crate::cli::ScanArgs;
use crate::exit::ExitStatus;
use crate::fault::Fault;
use crate::keeping::Keeper;
use crate::log_scan::{Assumption, Journal, LeftOut, LogScan, Reached, Stopped, Survey, Taken, unnamed_host};
use crate::output::Output;
use crate::own_words::without_numbers;
use crate::progress::Reporter;
use crate::record::{Assignment, Recorder, Subject};
use crate::registry_file::RegistryFile;
use crate::resume::LOST_KEY;
use crate::{baseline_file, interrupt, journal, log_scan, persons, registry_file, resume, setup};

pub(crate) fn run(args: &ScanArgs) -> anyhow::Result<ExitStatus> {
    let reporter = Reporter::new();
    let file = registry_file::find(args.common.registry.as_deref())?;
    let persons = persons::declared(&args.common.test_persons, file.as_ref().map(|file| &file.registry))?;
    let has_key_file = args.common.key_file.is_some();
    let stopped = if args.resume { Stopped::find(&args.common.out, has_key_file)? } else { None };
    if args.resume && stopped.is_none() {
        let folder = args.common.out.display();
        reporter.step(&format!("no scan that was stopped is in {folder}: this one begins anew"));
    }
    let key = match stopped.as_ref().and_then(Stopped::key) {
        Some(key) => key,
        None => setup::key(args.common.key_file.as_deref())?,
    };
    let baseline = baseline_file::read_named(args.common.baseline.as_deref())?;
    let clock = setup::clock(args.common.now);
    let output = Output::prepare(&args.common)?.explaining(args.explain);
    let format = args.log_format.as_deref().map(Format::named).transpose().map_err(|unknown| {
        let why = unknown.why.unwrap_or_default();
        Fault::new(format!("no log format `{}` {why}", unknown.asked), "`cprvagt scan --help` lists them")
    })?;

    // A scan that goes on is of the day it was begun on.
    let started = stopped.as_ref().map_or_else(|| clock.now(), Stopped::started);
    let begun = setup::clock(Some(started));
    let files: Vec<String> = args.files.iter().map(|path| path.display().to_string()).collect();
    let keeper = Keeper::begin(&args.common, &key, ScanKind::Recording, &files, started, &reporter)?;
    let stop = interrupt::watch();
    let look = LogScan::look(&args.files, &args.common.out, format, started)?;
    tell_left_out(&look.left_out, &args.common.out, &reporter);
    if let (Some(name), true) = (&look.survey.capture, args.log_format.is_some()) {
        reporter.step(&format!("{name} is a capture of the network, read as such: --log-format is of logs alone"));
    }
    if let (Some(name), false) = (&look.survey.w3c, args.log_zone.eq_ignore_ascii_case("utc")) {
        reporter.step(&format!("{name} is of the W3C format, whose times are of UTC: --log-zone is of other logs"));
    }
    let registry = file.and_then(|file| fitting(file, args, &look.survey, &reporter));
    let assumption = assumption(args, registry.as_ref(), &look.survey)?;
    let assumed = if registry.is_none() { sites(args, &look.survey, &assumption.host) } else { Vec::new() };
    let parties = match &registry {
        Some(registry) => Parties::declared(registry.clone()),
        None => Parties::first_party(assumed.clone()),
    };
    let mut recorder = setup::recorder(&persons, parties, key, &begun);
    let redactor = recorder.redactor();
    if args.sut.is_empty() && !assumed.is_empty() {
        let names = redactor.redact(&assumed.iter().map(Site::as_str).collect::<Vec<_>>().join(", "));
        let how = if look.survey.without_host {
            "lines that do not say whom they asked are taken to have asked it; name it with --sut"
        } else {
            "the first page; name another with --sut"
        };
        reporter.step(&format!("taken as the site under test: {names} ({how})"));
    }
    if !about_the_subject(&look.survey, registry.as_ref(), &assumed, &assumption.host) {
        let detail = "nothing in the input belongs to the site under test or to a declared system";
        recorder.blind_spot(BlindSpot::new(BlindSpotKind::InputBroken, "this run", detail));
    }
    let can_be_kept = look.can_be_read_again();
    if args.resume && !can_be_kept {
        let help = "save it to a file first, or leave out --resume";
        return Err(
            Fault::new("a scan of standard input or of a pipe cannot go on: nobody can read it again", help).into()
        );
    }
    let mut journal = can_be_kept.then(|| {
        let arguments = asked(registry.as_ref(), &persons, &assumed, &assumption);
        Journal::new(&args.common.out, arguments, started, key, has_key_file).every(args.kept_every)
    });
    let mut conditions = Vec::new();
    if let Some(stopped) = &stopped {
        let begun = started.strftime("%Y-%m-%d %H:%M UTC");
        reporter.step(&format!("going on with the scan that was begun at {begun}"));
        if stopped.is_key_lost() {
            conditions.push(Redacted::own_words(LOST_KEY));
        }
    } else if let Some(journal) = journal.as_ref().filter(|journal| journal.is_in_the_way()) {
        let folder = journal.folder().display();
        reporter.step(&format!(
            "a scan that was stopped is in {folder}: --resume goes on with it; this one begins anew and takes its place"
        ));
    }
    let lost_digests = stopped.as_ref().filter(|stopped| stopped.is_key_lost()).map_or(0, Stopped::digests);
    let taken = journal.as_mut().map(|journal| Taken { journal, stopped, key: &key });
    let Reached { targets, logs, is_silent, gaps, copies } =
        look.run(&mut recorder, &assumption, taken, &stop, &reporter)?;
    if recorder.systems_seen().is_empty() && is_silent {
        let detail = "there is no request in the input, and no line of a log: nothing can be said of it";
        recorder.blind_spot(BlindSpot::new(BlindSpotKind::InputBroken, "this run", detail));
    }
    if let Some(copies) = copies {
        reporter.step(&copies);
    }
    if lost_digests > 0 {
        recorder.blind_spot(resume::lost_digests(lost_digests));
    }
    let sites: Vec<String> = assumed.iter().map(Site::to_string).collect();
    let subject = if sites.is_empty() { targets.iter().map(Redacted::to_string).collect() } else { sites };
    let assignment = Assignment {
        kind: ScanKind::Recording,
        targets,
        started,
        ended: clock.now(),
        controller: registry.as_ref().and_then(Registry::controller_name),
        registry: registry.as_ref(),
        vendors: registry.as_ref().map(vendors).unwrap_or_default(),
        subjects: subjects(registry.as_ref(), &recorder, subject.join(", ")),
        test_persons: &persons,
        canaries: &[],
        self_test: None,
        digests: (args.common.digests.into(), Arc::clone(&stop)),
        conditions,
        command: None,
        baseline,
    };
    let mut record = recorder.finish(assignment);
    if let Some(answer) = &mut record.scan.logs {
        (answer.files, answer.gaps) = (logs, gaps);
    }
    let status = keeper.keep(&record, ExitStatus::of(&record.scan, args.common.fail_on.into()), &reporter);
    output.publish(&record, &reporter)?;
    match journal {
        Some(journal) if stop.load(Ordering::Relaxed) && journal.is_kept() => {
            let folder = journal.folder().display();
            reporter.step(&format!(
                "how far it came is kept in {folder}; the same command with --resume goes on from there"
            ));
        }
        // What was stopped before can still be gone on with.
        Some(journal) if stop.load(Ordering::Relaxed) && journal.is_in_the_way() => {}
        Some(journal) => journal.end()?,
        None => {}
    }
    Ok(status)
}

/// Says what of the input is not read, or not twice.
fn tell_left_out(left_out: &LeftOut, out: &Path, reporter: &Reporter) {
    let LeftOut { own_files, earlier, first_earlier, again, first_again } = left_out;
    if *own_files > 0 {
        let out = out.display();
        reporter
            .step(&format!("not read: {own_files} files in {out}, where the reports go; name it to have them read"));
    }
    if let Some(first) = first_earlier {
        let first = first.display();
        reporter.step(&format!(
            "not read: {earlier} files that an earlier run has written, in {first} first; name a file to have it read"
        ));
    }
    if let Some(first) = first_again {
        let first = first.display();
        reporter.step(&format!("read once though named or met again: {again}; the first is {first}"));
    }
}

/// What makes a scan the same as another, as a digest: what was typed, and what is taken for said.
fn asked(registry: Option<&Registry>, persons: &[TestPerson], assumed: &[Site], assumption: &Assumption) -> String {
    let mut asked = resume::arguments_but(&["--resume"], registry, persons, &[]);
    let taken_for_said = assumed.iter().map(Site::as_str).chain([assumption.host.as_str()]);
    asked.extend(taken_for_said.map(|name| Redacted::own_words(without_numbers(name))));
    journal::digest(&asked)
}

/// The registry, unless it was only found lying about and has nothing to do with the input.
fn fitting(file: RegistryFile, args: &ScanArgs, survey: &Survey, reporter: &Reporter) -> Option<Registry> {
    let RegistryFile { path, registry } = file;
    let path = path.display();
    let is_of = |host: &Host| registry.systems.iter().any(|system| system.is_at(host));
    let is_about = !survey.has_any || survey.hosts.iter().chain(&args.sut).any(is_of);
    if args.common.registry.is_none() && !is_about {
        reporter.step(&format!("{path} declares no system that is in the input: read without a registry"));
        return None;
    }
    reporter.step(&format!("registry: {path}"));
    Some(registry)
}

/// What is taken for said where lines do not say it. With a registry of several systems, somebody has to say whose a log is.
fn assumption(args: &ScanArgs, registry: Option<&Registry>, survey: &Survey) -> anyhow::Result<Assumption> {
    let systems = registry.map(|registry| registry.systems.as_slice()).unwrap_or_default();
    let only = match systems {
        [system] => system.base_urls.first().map(|url| url.host.clone()),
        _ => None,
    };
    if args.sut.is_empty() && only.is_none() && registry.is_some() && survey.without_host {
        let help = "say whose it is with --sut HOST, one of the registry's; logs of several go in a run each";
        return Err(Fault::new("a log does not say which system it is of", help).into());
    }
    let host = args.sut.first().cloned().or(only).unwrap_or_else(unnamed_host);
    let system = systems.iter().find(|system| system.is_at(&host)).map(|system| system.id.clone());
    let zone = log_scan::zone(&args.log_zone).map_err(anyhow::Error::msg).context("--log-zone")?;
    Ok(Assumption { host, system, zone, zone_name: args.log_zone.clone() })
}

/// Whether any request went to a declared system, or to one of `sites`, as far as the files were looked at.
fn about_the_subject(survey: &Survey, registry: Option<&Registry>, sites: &[Site], assumed: &Host) -> bool {
    let is_of = |host: &Host| {
        let declared = registry.is_some_and(|registry| registry.systems.iter().any(|system| system.is_at(host)));
        declared || sites.iter().any(|site| host.is_of(site))
    };
    !survey.has_any || survey.hosts.iter().any(is_of) || (survey.without_host && is_of(assumed))
}

/// The vendors of a registry, as a scan shows them.
pub(crate) fn vendors(registry: &Registry) -> Vec<VendorRecord> {
    registry.vendors.iter().map(|vendor| VendorRecord { id: vendor.id.clone(), name: vendor.name.clone() }).collect()
}

/// Without a registry: the sites named by `--sut`, else those of the first pages, and of logs that do not say whose they are.
fn sites(args: &ScanArgs, survey: &Survey, assumed: &Host) -> Vec<Site> {
    if !args.sut.is_empty() {
        return args.sut.iter().map(Host::site).collect();
    }
    let unnamed = survey.without_host.then(|| assumed.site());
    survey.first_sites.iter().cloned().chain(unnamed).collect()
}

/// What was seen: the declared systems, and what belongs to none.
pub(crate) fn subjects<'a>(registry: Option<&'a Registry>, recorder: &Recorder, name: String) -> Vec<Subject<'a>> {
    let seen = recorder.systems_seen();
    let declared = registry.into_iter().flat_map(|registry| &registry.systems);
    let mut subjects: Vec<Subject<'a>> =
        declared.filter(|system| seen.contains(&Some(system.id.clone()))).map(Subject::System).collect();
    if seen.contains(&None) || subjects.is_empty() {
        subjects.push(Subject::Undeclared { name, base_urls: Vec::new() });
    }
    subjects
}

/// A system that the registry does not declare, with the one that may be meant.
pub(crate) fn unknown_system(id: &str, registry: &Registry, path: &Path) -> Fault {
    let ids = || registry.systems.iter().map(|system| system.id.0.as_str()).collect::<Vec<_>>().join(", ");
    let meant = registry.nearest_system(id).map(|meant| format!("did you mean `{meant}`?"));
    let help = meant.unwrap_or_else(|| format!("declared there: {}", ids()));
    Fault::new(format!("there is no system `{}` in {}", id, path.display()), help)
}
