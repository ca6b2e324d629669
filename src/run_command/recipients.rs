//! `--fail-on-new-recipient`: who got something in this run and nothing in the scan before, by system.

use std::collections::BTreeSet;
use std::path::Path;

use model::{Comparison, Scan};

use crate::cli::RunArgs;
use crate::keeping::{existing, unusable};
use crate::progress::Reporter;
use crate::scan_file;

/// Recipients that are named; more are counted.
const MAX_NAMED: usize = 20;

/// What a run is held against.
pub(crate) enum Before {
    /// Nothing: that was not asked for.
    NotAsked,
    /// The scan that was named.
    Named(Box<Scan>),
    /// The last of the same systems, when it is known which these are.
    Last,
}

impl Before {
    /// As typed; a scan that is named is read before anything is begun.
    pub(crate) fn of(args: &RunArgs) -> anyhow::Result<Self> {
        if !args.fail_on_new_recipient {
            return Ok(Self::NotAsked);
        }
        let Some(name) = args.since.as_deref() else { return Ok(Self::Last) };
        let path = Path::new(name);
        if path.is_file() || path.components().count() > 1 || path.extension().is_some_and(|ending| ending == "json") {
            return Ok(Self::Named(Box::new(scan_file::read(path)?)));
        }
        let store = existing(args.common.keeping.store.as_deref())?;
        let found = store.find(name).map_err(|error| unusable(error, store.path()))?;
        Ok(Self::Named(Box::new(found.scan)))
    }

    /// The new recipients of `scan`, each once; where there is no scan before, that is said and no fault.
    pub(crate) fn new_recipients(
        &self,
        scan: &Scan,
        args: &RunArgs,
        reporter: &Reporter,
    ) -> anyhow::Result<Vec<String>> {
        let earlier = match self {
            Self::NotAsked => return Ok(Vec::new()),
            Self::Named(earlier) => vec![(**earlier).clone()],
            Self::Last => last(scan, args)?,
        };
        if earlier.is_empty() {
            reporter.step("--fail-on-new-recipient: there is no scan of this system before, so nobody is new");
            return Ok(Vec::new());
        }
        let new = Comparison::of(&earlier, scan).new_recipients;
        let new: BTreeSet<String> = new.into_iter().map(|new| new.recipient.domain.to_string()).collect();
        let left = new.len().saturating_sub(MAX_NAMED);
        let mut named: Vec<String> = new.into_iter().take(MAX_NAMED).collect();
        if left > 0 {
            named.push(format!("and {left} more"));
        }
        Ok(named)
    }
}

/// Of each system of `scan` the last one before it in the store, if there is one.
fn last(scan: &Scan, args: &RunArgs) -> anyhow::Result<Vec<Scan>> {
    if args.common.keeping.no_store {
        return Ok(Vec::new());
    }
    // Where no store can be opened, that was told when the run began.
    let Ok(store) = existing(args.common.keeping.store.as_deref()) else { return Ok(Vec::new()) };
    let mut found: Vec<store::Found> = Vec::new();
    for system in &scan.systems {
        let last = store.last_of(system, scan.started, None).map_err(|error| unusable(error, store.path()))?;
        if let Some(last) = last.filter(|last| found.iter().all(|known| known.number != last.number)) {
            found.push(last);
        }
    }
    Ok(found.into_iter().map(|found| found.scan).collect())
}
