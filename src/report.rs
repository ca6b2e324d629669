//! `cprvagt report`: a scan rendered again, from the store or a `scan.json`, and held against an earlier one.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Context as _;
use crawler::BrowserSettings;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use model::{Comparison, Scan, ScanPart, SystemId, VendorId};
use reports::ReportFile;
use store::{Store, StoreError};

use crate::cli::{FailOn, ReportAction, ReportArgs, prints_scan};
use crate::exit::ExitStatus;
use crate::fault::Fault;
use crate::keeping::{existing, unusable};
use crate::output::{self, Output};
use crate::progress::Reporter;
use crate::record::scan_id;
use crate::{pdf, registry_file, scan_file, setup};

/// A scan, and its number where it comes from the store.
struct Shown {
    scan: Scan,
    number: Option<i64>,
}

/// What a scan is held against.
enum Since {
    /// Of each system the last scan that began before then.
    Before(Timestamp),
    /// That one.
    Scan(String),
}

/// The stores that are needed are opened when they are.
struct Source<'a> {
    named: Option<&'a Path>,
    store: Option<Store>,
}

/// Does what was asked for. Having rendered is success; whether to be content with what it says is for a run itself.
pub(crate) fn run(args: &ReportArgs) -> anyhow::Result<ExitStatus> {
    let reporter = Reporter::new();
    match &args.action {
        Some(ReportAction::List { store, last }) => list(store.as_deref(), *last)?,
        Some(ReportAction::NewKey { file }) => {
            setup::new_key(file)?;
            let name = file.display();
            reporter.step(&format!("made {name}: give it to each run, --key-file {name}"));
            reporter.step("whoever has it and a store can find out whose numbers were seen: keep the two apart");
        }
        Some(ReportAction::Prune { days, registry, dry_run, store, now }) => {
            let days = days.map_or_else(|| declared_days(registry.as_deref()), Ok)?;
            let before = setup::clock(*now).now() - SignedDuration::from_hours(i64::from(days) * 24);
            prune(store.as_deref(), days, before, *dry_run, &reporter)?;
        }
        None if args.overview => overview(args, &reporter)?,
        None => render(args, &reporter)?,
    }
    Ok(ExitStatus::Clean)
}

/// How long the registry says that scans are kept.
fn declared_days(named: Option<&Path>) -> anyhow::Result<u32> {
    let days = registry_file::find(named)?.and_then(|file| file.registry.retention?.scan_days);
    days.ok_or_else(|| {
        let help = "say it with --days, or in the registry: scan_days below [retention]";
        Fault::new("nothing says how long scans are kept", help).into()
    })
}

/// Removes what began before `before`, which is `days` days ago.
fn prune(named: Option<&Path>, days: u32, before: Timestamp, is_dry: bool, reporter: &Reporter) -> anyhow::Result<()> {
    let mut store = existing(named)?;
    let place = store.path().display().to_string();
    let counted = if is_dry { store.count_before(before) } else { store.remove_before(before) };
    let count = counted.map_err(|error| unusable(error, Path::new(&place)))?;
    let (done, date) = (if is_dry { "would be removed" } else { "removed" }, before.strftime("%Y-%m-%d"));
    let scans = if count == 1 { "scan" } else { "scans" };
    reporter.step(&format!("{count} {scans} older than {days} days (before {date}) {done}: {place}"));
    reporter.step("reports that lie in folders are yours to remove");
    Ok(())
}

fn list(named: Option<&Path>, last: usize) -> anyhow::Result<()> {
    let store = existing(named)?;
    let broken = |error| unusable(error, store.path());
    let listed = reports_of(&store, last).map_err(broken)?;
    output::print(listed.as_bytes())
}

fn reports_of(store: &Store, last: usize) -> Result<String, StoreError> {
    let listed = crate::store_list::Listed {
        path: store.path(),
        count: store.count()?,
        scans: store.scans(last)?,
        systems: store.overview()?,
        runs: store.open_runs()?,
    };
    Ok(listed.render())
}

/// Each system as its last scan has it: only those scans are unpacked.
fn overview(args: &ReportArgs, reporter: &Reporter) -> anyhow::Result<()> {
    let store = existing(args.store.as_deref())?;
    let broken = |error| unusable(error, store.path());
    let systems = store.overview().map_err(broken)?;
    let numbers: BTreeSet<i64> = systems.iter().map(|system| system.scan).collect();
    let scans: Result<Vec<Scan>, StoreError> =
        numbers.iter().map(|number| Ok(store.find(&number.to_string())?.scan)).collect();
    let files = reports::overview_files(&scans.map_err(broken)?).context("cannot render the overview")?;
    if files.is_empty() {
        return Err(broken(StoreError::Empty));
    }
    std::fs::create_dir_all(&args.out).map_err(|error| output::unwritable(&args.out, error))?;
    let write = |files: &[ReportFile]| -> anyhow::Result<()> {
        for file in files {
            let path = args.out.join(&file.name);
            output::write_whole(&path, &file.bytes).map_err(|error| output::unwritable(&path, error))?;
            reporter.step(&format!("overview: {}", std::path::absolute(&path).unwrap_or(path).display()));
        }
        Ok(())
    };
    write(&files)?;
    if args.writing.pdf {
        let browser = BrowserSettings { executable: args.browser.executable.clone(), ..BrowserSettings::default() };
        write(&pdf::print(&files, &browser)?)?;
    }
    Ok(())
}

fn render(args: &ReportArgs, reporter: &Reporter) -> anyhow::Result<()> {
    let mut source = Source { named: args.store.as_deref(), store: None };
    let Shown { mut scan, number } = source.shown(args.scan.as_deref())?;
    let part = part(args);
    if let Some(part) = &part {
        scan = narrowed(&scan, part)?;
    }
    if let Some(since) = &args.since {
        let comparison = source.compared(&scan, number, since, part.as_ref(), reporter)?;
        scan.comparison = Some(Box::new(comparison));
    }
    let output = Output::at(&args.out, &args.format, args.lang, FailOn::Medium.into(), &args.writing)?;
    let output = output.with_browser(args.browser.executable.clone());
    output.write(&scan)?;
    if prints_scan(&args.format) {
        output::print(&output::as_json(&scan)?)?;
    } else {
        output::print(output.terminal().render(&scan).as_bytes())?;
    }
    output.tell_where(reporter);
    Ok(())
}

/// What of the scan is asked for; `None` is all.
fn part(args: &ReportArgs) -> Option<ScanPart> {
    let system = args.system.clone().map(|id| ScanPart::System(SystemId(id)));
    system.or_else(|| args.vendor.clone().map(|id| ScanPart::Vendor(VendorId(id))))
}

/// That part of `scan`, with an id of its own: it is not the scan itself.
fn narrowed(scan: &Scan, part: &ScanPart) -> anyhow::Result<Scan> {
    let Some(mut narrowed) = scan.narrowed(part) else {
        let listed = |ids: Vec<&str>| if ids.is_empty() { "none".to_owned() } else { ids.join(", ") };
        let (what, name, there) = match part {
            ScanPart::System(id) => (
                "system",
                id.to_string(),
                scan.systems.iter().filter_map(|one| Some(one.id.as_ref()?.0.as_str())).collect(),
            ),
            ScanPart::Vendor(id) => {
                ("vendor", id.to_string(), scan.vendors.iter().map(|one| one.id.0.as_str()).collect())
            }
        };
        let there: Vec<&str> = there;
        let help = format!("it has these, by id: {}", listed(there));
        return Err(Fault::new(format!("the scan has no {what} `{name}`"), help).into());
    };
    narrowed.id = scan_id(narrowed.started, &narrowed.targets);
    Ok(narrowed)
}

impl Source<'_> {
    fn store(&mut self) -> anyhow::Result<&Store> {
        if self.store.is_none() {
            self.store = Some(existing(self.named)?);
        }
        Ok(self.store.as_ref().expect("it was opened on the line above"))
    }

    /// The scan that `name` means: a file if there is one, else one of the store; the last without a name.
    fn shown(&mut self, name: Option<&str>) -> anyhow::Result<Shown> {
        if let Some(path) = name.map(Path::new).filter(|path| is_file(path)) {
            return Ok(Shown { scan: scan_file::read(path)?, number: None });
        }
        let store = self.store()?;
        let found = name.map_or_else(|| store.latest(), |name| store.find(name));
        let found = found.map_err(|error| unusable(error, store.path()))?;
        Ok(Shown { scan: found.scan, number: Some(found.number) })
    }

    fn compared(
        &mut self,
        scan: &Scan,
        number: Option<i64>,
        since: &str,
        part: Option<&ScanPart>,
        reporter: &Reporter,
    ) -> anyhow::Result<Comparison> {
        let (mut earlier, from) = match when(since) {
            Since::Before(time) => (self.before(scan, number, time, since)?, time),
            Since::Scan(name) => {
                let earlier = self.shown(Some(&name))?.scan;
                let from = earlier.started;
                (vec![earlier], from)
            }
        };
        if earlier.iter().any(|earlier| earlier.id == scan.id) && earlier.len() == 1 && earlier.first() == Some(scan) {
            let help = "name an earlier one with --since; `cprvagt report list` shows them";
            return Err(Fault::new("a scan cannot be compared with itself", help).into());
        }
        if earlier.iter().any(|earlier| earlier.started > scan.started) {
            let help = "the other way round: name the later one first, and the earlier one with --since";
            return Err(Fault::new("the scan to compare with is later than the scan itself", help).into());
        }
        if let Some(part) = part {
            earlier = earlier.iter().filter_map(|scan| scan.narrowed(part)).collect();
            if earlier.is_empty() {
                let help = "name an earlier scan that has it, or leave --system and --vendor out";
                return Err(Fault::new("the earlier scan has nothing of this part", help).into());
            }
        }
        let mut comparison = Comparison::of(&earlier, scan);
        // What was not kept is in no period.
        if number.is_some() {
            let first = earlier.iter().map(|scan| scan.started).min().map_or(from, |first| first.min(from));
            let store = self.store()?;
            let period = store.period(&scan.systems, first, scan.started);
            comparison.period = Some(period.map_err(|error| unusable(error, store.path()))?);
        }
        for EarlierName { id, day } in named(&earlier) {
            reporter.step(&format!("compared with scan {id} of {day}"));
        }
        Ok(comparison)
    }

    /// Of each system of `scan` the last scan before `time`, each once.
    fn before(&mut self, scan: &Scan, number: Option<i64>, time: Timestamp, typed: &str) -> anyhow::Result<Vec<Scan>> {
        let until = time.min(scan.started);
        let store = self.store()?;
        let mut found: Vec<store::Found> = Vec::new();
        for system in &scan.systems {
            let last = store.last_of(system, until, number).map_err(|error| unusable(error, store.path()))?;
            if let Some(last) = last.filter(|last| found.iter().all(|known| known.number != last.number)) {
                found.push(last);
            }
        }
        if found.is_empty() {
            let help = "`cprvagt report list` shows what there is; name a later date, or a scan";
            let message = format!("there is no scan of these systems from {typed} or before, other than this one");
            return Err(Fault::new(message, help).into());
        }
        Ok(found.into_iter().map(|found| found.scan).collect())
    }
}

/// An earlier scan, for people.
struct EarlierName<'a> {
    id: &'a str,
    day: Date,
}

fn named(scans: &[Scan]) -> impl Iterator<Item = EarlierName<'_>> {
    scans.iter().map(|scan| EarlierName { id: &scan.id, day: scan.started.to_zoned(TimeZone::UTC).date() })
}

/// Dates are those of a calendar, to the end of the day; anything else is a scan's name.
fn when(since: &str) -> Since {
    if let Ok(time) = since.parse::<Timestamp>() {
        return Since::Before(time);
    }
    let day = since.parse::<Date>().ok().filter(|_| since.contains('-'));
    let end = day.and_then(|day| day.tomorrow().ok()).and_then(|day| day.to_zoned(TimeZone::UTC).ok());
    end.map_or_else(|| Since::Scan(since.to_owned()), |end| Since::Before(end.timestamp()))
}

/// Whether it is to be read as a file: there is one, or it looks like the path of one.
fn is_file(path: &Path) -> bool {
    path.is_file() || path.components().count() > 1 || path.extension().is_some_and(|extension| extension == "json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_to_the_end_of_its_day() {
        let before = |text: &str| match when(text) {
            Since::Before(time) => Some(time.to_string()),
            Since::Scan(_) => None,
        };
        assert_eq!(before("2026-11-01").as_deref(), Some("2026-11-02T00:00:00Z"));
        assert_eq!(before("2026-11-01T12:00:00Z").as_deref(), Some("2026-11-01T12:00:00Z"));
        for scan in ["12", "20261101", "feed0000deadbeef", "2026-13-01", "old/scan.json"] {
            assert_eq!(before(scan), None, "{scan}");
        }
    }

    #[test]
    fn a_path_is_no_name_of_a_scan() {
        assert!(is_file(Path::new("old/scan.json")) && is_file(Path::new("scan.json")) && is_file(Path::new("./12")));
        assert!(!is_file(Path::new("12")) && !is_file(Path::new("feed0000deadbeef")));
    }
}
