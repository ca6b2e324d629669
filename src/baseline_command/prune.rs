//! `cprvagt baseline prune`: takes out what has expired, and what was mended. What a scan did not find because it did not
//! get there is not mended, and stays.

use std::collections::BTreeSet;

use jiff::civil::Date;
use model::{AcceptanceState, Baseline, BaselineEntry, Scan, ScanKind};

use crate::baseline_command::{short, today};
use crate::cli::PruneArgs;
use crate::exit::ExitStatus;
use crate::progress::Reporter;
use crate::{baseline_file, scan_file};

/// What becomes of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Kept,
    Expired,
    Mended,
    /// The scan did not find it, and is no audit that saw everything.
    NotSeen,
    /// The scan is of other systems.
    NotInScan,
}

pub(super) fn run(args: &PruneArgs) -> anyhow::Result<ExitStatus> {
    let path = &args.file.file;
    let before = baseline_file::text(path)?;
    let baseline = baseline_file::parse(path, &before)?;
    let scan = args.scan.as_deref().map(scan_file::read).transpose()?;
    let today = today(&args.file);
    let reporter = Reporter::new();
    let mut removed = BTreeSet::new();
    for entry in &baseline.entries {
        let fate = fate(entry, scan.as_ref(), today);
        let said = match fate {
            Fate::Kept | Fate::NotInScan => continue,
            Fate::Expired => format!("taken out, expired on {}", entry.expires),
            Fate::Mended => "taken out, not found any more".to_owned(),
            Fate::NotSeen => "kept: not found, and the scan is no audit that saw everything".to_owned(),
        };
        reporter.step(&format!("{}  {}: {said}", short(&entry.fingerprint), entry.rule.as_str()));
        if fate != Fate::NotSeen {
            removed.insert(entry.line);
        }
    }
    let kept = baseline.entries.len() - removed.len();
    if !removed.is_empty() {
        baseline_file::write(path, &Baseline::without(&before, &removed), kept)?;
    }
    reporter.step(&format!("{}: {} taken out, {kept} kept", path.display(), removed.len()));
    Ok(ExitStatus::Clean)
}

fn fate(entry: &BaselineEntry, scan: Option<&Scan>, today: Date) -> Fate {
    if entry.state(today) == AcceptanceState::Expired {
        return Fate::Expired;
    }
    let Some(scan) = scan else { return Fate::Kept };
    if scan.findings.iter().any(|finding| finding.fingerprint == entry.fingerprint) {
        return Fate::Kept;
    }
    if !scan.systems.iter().any(|system| system.id == entry.system) {
        return Fate::NotInScan;
    }
    // A recording holds what somebody happened to do: what is not in it was perhaps not tried.
    let went_everywhere = match scan.kind {
        ScanKind::Audit => scan.is_complete(),
        ScanKind::Recording | ScanKind::Proxy | ScanKind::Run => false,
    };
    if went_everywhere { Fate::Mended } else { Fate::NotSeen }
}
