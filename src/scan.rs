//! `cprvagt scan`: recorded traffic through the same detector and reports as a live run.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use detect::Parties;
use inputs::{Recording, read_har};
use model::{
    BlindSpot, BlindSpotKind, Clock, Exchange, Host, Redact as _, Redacted, Registry, ScanKind, Site, VendorRecord,
};

use crate::cli::ScanArgs;
use crate::exit::ExitStatus;
use crate::fault::Fault;
use crate::keeping::Keeper;
use crate::output::Output;
use crate::progress::Reporter;
use crate::record::{Assignment, Recorder, Subject};
use crate::registry_file::RegistryFile;
use crate::{baseline_file, interrupt, persons, registry_file, setup};

/// The file name that stands for standard input.
const STANDARD_INPUT: &str = "-";

pub(crate) fn run(args: &ScanArgs) -> anyhow::Result<ExitStatus> {
    let reporter = Reporter::new();
    let file = registry_file::find(args.common.registry.as_deref())?;
    let persons = persons::declared(&args.common.test_persons, file.as_ref().map(|file| &file.registry))?;
    let key = setup::key(args.common.key_file.as_deref())?;
    let baseline = baseline_file::read_named(args.common.baseline.as_deref())?;
    let clock = setup::clock(args.common.now);
    let output = Output::prepare(&args.common)?.explaining(args.explain);

    let started = clock.now();
    let files: Vec<String> = args.files.iter().map(|path| path.display().to_string()).collect();
    let keeper = Keeper::begin(&args.common, &key, ScanKind::Recording, &files, started, &reporter)?;
    let recordings = read_all(args, &clock)?;
    let registry = file.and_then(|file| fitting(file, args, &recordings, &reporter));
    let assumed = if registry.is_none() { sites(args, &recordings) } else { Vec::new() };
    let parties = match &registry {
        Some(registry) => Parties::declared(registry.clone()),
        None => Parties::first_party(assumed.clone()),
    };
    let mut recorder = setup::recorder(&persons, parties, key, &clock);
    let redactor = recorder.redactor();
    if args.sut.is_empty() && !assumed.is_empty() {
        let names = redactor.redact(&assumed.iter().map(Site::as_str).collect::<Vec<_>>().join(", "));
        reporter.step(&format!("taken as the site under test: {names} (the first page; name another with --sut)"));
    }
    let mut targets = Vec::new();
    if !about_the_subject(&recordings, registry.as_ref(), &assumed) {
        let detail = "nothing in the input belongs to the site under test or to a declared system";
        recorder.blind_spot(BlindSpot::new(BlindSpotKind::InputBroken, "this run", detail));
    }
    for (name, recording) in recordings {
        let name = Redacted::new(&name, &redactor);
        for exchange in &recording.exchanges {
            recorder.exchange(name.as_str(), exchange);
        }
        for blind_spot in recording.blind_spots {
            recorder.blind_spot(blind_spot);
        }
        targets.push(name);
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
        digests: (args.common.digests.into(), interrupt::watch()),
        conditions: Vec::new(),
        command: None,
        baseline,
    };
    let record = recorder.finish(assignment);
    let status = keeper.keep(&record, ExitStatus::of(&record.scan, args.common.fail_on.into()), &reporter);
    output.publish(&record, &reporter)?;
    Ok(status)
}

/// The registry, unless it was only found lying about and has nothing to do with the input.
fn fitting(
    file: RegistryFile,
    args: &ScanArgs,
    recordings: &[(String, Recording)],
    reporter: &Reporter,
) -> Option<Registry> {
    let RegistryFile { path, registry } = file;
    let path = path.display();
    if args.common.registry.is_none() && !about_the_subject(recordings, Some(&registry), &[]) {
        reporter.step(&format!("{path} declares no system that is in the input: read without a registry"));
        return None;
    }
    reporter.step(&format!("registry: {path}"));
    Some(registry)
}

/// Whether any request went to a declared system, or to one of `sites`.
fn about_the_subject(recordings: &[(String, Recording)], registry: Option<&Registry>, sites: &[Site]) -> bool {
    let is_of = |host: &Host| {
        let declared = registry.is_some_and(|registry| registry.systems.iter().any(|system| system.is_at(host)));
        declared || sites.contains(&host.site())
    };
    let mut exchanges = recordings.iter().flat_map(|(_, recording)| &recording.exchanges);
    let nothing = recordings.iter().all(|(_, recording)| recording.exchanges.is_empty());
    nothing || exchanges.any(|exchange| is_of(&exchange.request.target.host))
}

/// The vendors of a registry, as a scan shows them.
pub(crate) fn vendors(registry: &Registry) -> Vec<VendorRecord> {
    registry.vendors.iter().map(|vendor| VendorRecord { id: vendor.id.clone(), name: vendor.name.clone() }).collect()
}

/// Every file, in the order given. One that cannot be opened is a mistake; one that cannot be read to its end is a
/// blind spot.
fn read_all(args: &ScanArgs, clock: &Clock) -> anyhow::Result<Vec<(String, Recording)>> {
    let open = |path: &PathBuf| {
        let help = "give the path of a HAR file, as exported by a browser, or - for standard input";
        let fault = || Fault::new(format!("cannot open {}", path.display()), help);
        if path.is_dir() {
            return Err(anyhow::anyhow!("it is a folder").context(fault()));
        }
        let input: Box<dyn Read> = if path.as_os_str() == STANDARD_INPUT {
            Box::new(std::io::stdin())
        } else {
            Box::new(File::open(path).with_context(fault)?)
        };
        Ok(input)
    };
    let inputs = args.files.iter().map(open).collect::<anyhow::Result<Vec<_>>>()?;
    let read = |(name, input): (String, Box<dyn Read>)| {
        let recording = read_har(&name, input, clock.now());
        (name, recording)
    };
    Ok(names(&args.files).into_iter().zip(inputs).map(read).collect())
}

/// The files' names, as sightings name their source: the last part where that tells them apart, else the whole path, and
/// numbered where even that does not.
fn names(files: &[PathBuf]) -> Vec<String> {
    let last = |path: &PathBuf| path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    let is_shared = |path: &PathBuf| files.iter().filter(|other| last(other) == last(path)).count() > 1;
    let named: Vec<String> =
        files.iter().map(|path| if is_shared(path) { path.display().to_string() } else { last(path) }).collect();
    let numbered =
        named.iter().enumerate().map(|(at, name)| match named.iter().take(at).filter(|n| *n == name).count() {
            0 => name.clone(),
            before => format!("{name} ({})", before + 1),
        });
    numbered.collect()
}

/// Without a registry: the sites named by `--sut`, else the site of the first page in each file.
fn sites(args: &ScanArgs, recordings: &[(String, Recording)]) -> Vec<Site> {
    if !args.sut.is_empty() {
        return args.sut.iter().map(Host::site).collect();
    }
    let mut sites: Vec<Site> = recordings.iter().filter_map(|(_, recording)| first_page(recording)).collect();
    sites.sort();
    sites.dedup();
    sites
}

fn first_page(recording: &Recording) -> Option<Site> {
    let is_page = |exchange: &&Exchange| exchange.request.headers.get("sec-fetch-dest") == Some(b"document");
    let first = recording.exchanges.iter().find(is_page).or_else(|| recording.exchanges.first())?;
    let page = first.page.as_deref().and_then(|page| model::Target::parse(page).ok());
    Some(page.map_or_else(|| first.request.target.host.site(), |page| page.host.site()))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_told_apart() {
        let files = ["a/x.har", "b/x.har", "y.har", "y.har"].map(PathBuf::from);
        assert_eq!(names(&files), ["a/x.har", "b/x.har", "y.har", "y.har (2)"]);
    }
}
