//! `cprvagt registry check`: reads the registry as far as it goes, and tells all that is to be said of it.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context as _;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use model::{Registry, SystemId};

use crate::cli::{CheckArgs, CheckFormat};
use crate::exit::ExitStatus;
use crate::fault::Fault;
use crate::registry_command::checks::{Kind, Level, Premises, Remark, remarks};
use crate::registry_command::shown::{Checked, json, text};
use crate::{keeping, output, registry_file, setup};

/// What is said where nothing could be read but the place at which that ended.
const UNREAD: &str = "the rest of the file: mend this first, and check again";

/// When each system was last scanned.
pub(super) type LastScans = BTreeMap<SystemId, Timestamp>;

pub(super) fn run(args: &CheckArgs) -> anyhow::Result<ExitStatus> {
    let path = registry_file::path(args.file.as_deref()).ok_or_else(|| {
        let help = "name one, or begin one with `cprvagt registry init`";
        Fault::new(format!("no {} here or above", registry_file::FILE_NAME), help)
    })?;
    let written = registry_file::text(&path).context("cannot check the registry")?;
    let (registry, faults) = Registry::examine(&written);
    let today = setup::clock(args.now).now().to_zoned(TimeZone::UTC).date();
    let last_scans = last_scans();
    let mut said: Vec<Remark> = faults
        .into_iter()
        .map(|fault| Remark {
            kind: Kind::Unreadable,
            place: fault.place,
            message: fault.message,
            help: fault.help.unwrap_or_default(),
        })
        .collect();
    said.extend(remarks(&Premises {
        registry: &registry,
        text: &written,
        folder: path.parent().unwrap_or(Path::new("")),
        today,
        last_scans: last_scans.as_ref(),
        variable: &|name| std::env::var(name).ok(),
        is_whole: said.is_empty(),
    }));
    said.sort_by_key(|remark| (remark.place, remark.kind));
    let is_read = registry != Registry::default();
    let left_out = if is_read { not_checked(&registry, last_scans.as_ref()) } else { vec![UNREAD] };
    let here = std::env::current_dir().unwrap_or_default();
    let checked = Checked {
        path: path.strip_prefix(here).unwrap_or(&path),
        registry: is_read.then_some(&registry),
        remarks: &said,
        left_out,
    };
    let shown = match args.format {
        CheckFormat::Text => text(&checked, output::width()),
        CheckFormat::Json => json(&checked)?,
    };
    output::print(shown.as_bytes())?;
    let counts = |remark: &Remark| remark.kind.level() == Level::Error || args.strict;
    Ok(if said.iter().any(counts) { ExitStatus::Usage } else { ExitStatus::Clean })
}

/// When each system was last scanned; `None` where no scans are kept, or the store cannot be read: then `cprvagt report list`
/// says why.
fn last_scans() -> Option<LastScans> {
    let kept = keeping::existing(None).ok()?.overview().ok()?;
    Some(kept.into_iter().map(|row| (SystemId(row.id), row.started)).collect())
}

/// What was left out, and why.
fn not_checked(registry: &Registry, last_scans: Option<&LastScans>) -> Vec<&'static str> {
    let mut left_out = Vec::new();
    if last_scans.is_none() {
        left_out.push(
            "which systems were never scanned: no scans are kept here, or they cannot be read (cprvagt report list)",
        );
    }
    if registry.retention.is_some() {
        left_out.push(
            "whether [retention] is kept to: cprvagt report prune removes older scans, reports are yours to remove",
        );
    }
    left_out
}
