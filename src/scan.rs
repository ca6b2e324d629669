//! `cprvagt scan`: recorded traffic through the same detector and reports as a live run.

use std::fs::File;
use std::path::Path;

use anyhow::Context as _;
use detect::Parties;
use model::{BlindSpot, BlindSpotKind, Clock, Exchange, Redact as _, Redacted, Registry, ScanKind, Site, VendorRecord};

use crate::cli::ScanArgs;
use crate::exit::ExitStatus;
use crate::fault::Fault;
use crate::inputs::{Recording, read_har};
use crate::output::Output;
use crate::progress::Reporter;
use crate::record::{Assignment, Recorder, Subject};
use crate::{persons, registry_file, setup};

pub(crate) fn run(args: &ScanArgs) -> anyhow::Result<ExitStatus> {
    let reporter = Reporter::new();
    let registry = registry_file::find(args.common.registry.as_deref())?.map(|file| file.registry);
    let persons = persons::declared(&args.common.test_persons, registry.as_ref())?;
    let key = setup::key(args.common.key_file.as_deref())?;
    let clock = setup::clock(args.common.now);
    let output = Output::prepare(&args.common)?;

    let started = clock.now();
    let recordings = read_all(args, &clock)?;
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
    for (name, recording) in recordings {
        let name = redactor.redact(&name);
        for exchange in &recording.exchanges {
            recorder.exchange(&name, exchange);
        }
        for blind_spot in recording.blind_spots {
            recorder.blind_spot(blind_spot);
        }
        targets.push(Redacted::new(&name, &redactor));
    }
    let names: Vec<String> = targets.iter().map(Redacted::to_string).collect();
    let assignment = Assignment {
        kind: ScanKind::Recording,
        targets,
        started,
        ended: clock.now(),
        controller: registry.as_ref().and_then(|registry| Some(registry.controller.as_ref()?.name.clone())),
        vendors: registry.as_ref().map(vendors).unwrap_or_default(),
        subjects: subjects(registry.as_ref(), &recorder, names.join(", ")),
        test_persons: &persons,
        self_test: None,
    };
    let (scan, sightings) = recorder.finish(assignment);
    output.publish(&scan, &sightings, &reporter)?;
    Ok(ExitStatus::of(&scan, args.common.fail_on.into()))
}

/// The vendors of a registry, as a scan shows them.
pub(crate) fn vendors(registry: &Registry) -> Vec<VendorRecord> {
    registry.vendors.iter().map(|vendor| VendorRecord { id: vendor.id.clone(), name: vendor.name.clone() }).collect()
}

/// Every file, in the order given. One that cannot be opened is a mistake; one that cannot be read to its end is a
/// blind spot.
fn read_all(args: &ScanArgs, clock: &Clock) -> anyhow::Result<Vec<(String, Recording)>> {
    let open = |path: &Path| {
        File::open(path).map_err(anyhow::Error::from).with_context(|| {
            Fault::new(
                format!("cannot open {}", path.display()),
                "give the path of a HAR file, as exported by a browser",
            )
        })
    };
    let files = args.files.iter().map(|path| Ok((path, open(path)?))).collect::<anyhow::Result<Vec<_>>>()?;
    let read = |(path, file): (&std::path::PathBuf, File)| {
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        let mut recording = read_har(&name, file, clock.now());
        number_apart(&mut recording, &name);
        (name, recording)
    };
    Ok(files.into_iter().map(read).collect())
}

/// A file that a directory or another odd thing stands for reads as broken; say so with its name.
fn number_apart(recording: &mut Recording, name: &str) {
    if recording.exchanges.is_empty() && recording.blind_spots.is_empty() {
        let detail = "it holds no request that was on the wire";
        recording.blind_spots.push(BlindSpot::new(BlindSpotKind::InputBroken, name, detail));
    }
}

/// Without a registry: the sites named by `--sut`, else the site of the first page in each file.
fn sites(args: &ScanArgs, recordings: &[(String, Recording)]) -> Vec<Site> {
    if !args.sut.is_empty() {
        return args.sut.iter().map(model::Host::site).collect();
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

fn subjects<'a>(registry: Option<&'a Registry>, recorder: &Recorder, files: String) -> Vec<Subject<'a>> {
    let seen = recorder.systems_seen();
    let declared = registry.into_iter().flat_map(|registry| &registry.systems);
    let mut subjects: Vec<Subject<'a>> =
        declared.filter(|system| seen.contains(&Some(system.id.clone()))).map(Subject::System).collect();
    if seen.contains(&None) || subjects.is_empty() {
        subjects.push(Subject::Undeclared { name: files, base_urls: Vec::new() });
    }
    subjects
}
