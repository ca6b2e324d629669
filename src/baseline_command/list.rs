//! `cprvagt baseline list`: what is accepted, what has expired, and what runs out soon.

use std::fmt::Write as _;

use jiff::civil::Date;
use model::{AcceptanceState, Baseline, BaselineEntry};

use crate::baseline_command::{short, today};
use crate::cli::ListArgs;
use crate::exit::ExitStatus;
use crate::own_words::masked_baseline;
use crate::{baseline_file, output};

/// What expires within so many days is said to.
const SOON_DAYS: i32 = 30;

pub(super) fn run(args: &ListArgs) -> anyhow::Result<ExitStatus> {
    let path = &args.file.file;
    let baseline = masked_baseline(baseline_file::parse(path, &baseline_file::text(path)?)?);
    output::print(shown(&baseline, today(&args.file)).as_bytes())?;
    Ok(ExitStatus::Clean)
}

fn shown(baseline: &Baseline, today: Date) -> String {
    let mut out = String::new();
    let mut counts = [0_usize; 3];
    for entry in &baseline.entries {
        let (state, place) = match entry.state(today) {
            AcceptanceState::Accepted => (ahead(entry, today), 0),
            AcceptanceState::Expired => (format!("EXPIRED {}", entry.expires), 1),
            AcceptanceState::NotYet => (format!("from {} to {}", entry.accepted, entry.expires), 2),
        };
        if let Some(count) = counts.get_mut(place) {
            *count += 1;
        }
        let system = entry.system.as_ref().map_or("-", |id| id.0.as_str());
        // Written by people of the same house; still no byte of it steers the terminal.
        let said = format!("{}, case {}: {}", entry.accepted_by, entry.case, entry.reason);
        let said: String = said.chars().filter(|c| !c.is_control()).collect();
        let _ = writeln!(
            out,
            "{}  {}  {system}\n          {state}\n          {said}",
            short(&entry.fingerprint),
            entry.rule.as_str()
        );
    }
    let [accepted, expired, to_come] = counts;
    let mut last = format!("{accepted} accepted, {expired} expired");
    if to_come > 0 {
        let _ = write!(last, ", {to_come} to come");
    }
    if expired > 0 {
        last.push_str("; `cprvagt baseline prune` takes out what has expired");
    }
    let _ = writeln!(out, "{last}");
    out
}

fn ahead(entry: &BaselineEntry, today: Date) -> String {
    let left = today.until(entry.expires).map_or(0, |span| span.get_days());
    if left <= SOON_DAYS {
        format!("until {}: {left} days left", entry.expires)
    } else {
        format!("until {}", entry.expires)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_expired_and_what_soon_does_stands_out() {
        let entry = |digit: char, accepted: &str, expires: &str| {
            format!(
                "[[accepted]]\nfingerprint = \"{}\"\nrule = \"cpr-in-url\"\nsystem = \"s\"\naccepted_by = \"Ditte\"\n\
                 case = \"7\"\nreason = \"why\"\naccepted = \"{accepted}\"\nexpires = \"{expires}\"\n",
                String::from(digit).repeat(32)
            )
        };
        let text = entry('a', "2026-11-01", "2027-04-01")
            + &entry('b', "2026-06-01", "2026-11-21")
            + &entry('c', "2026-11-01", "2026-12-01")
            + &entry('d', "2026-12-01", "2026-12-02");
        let shown = shown(&Baseline::parse(&text).unwrap(), "2026-11-22".parse().unwrap());
        for line in [
            "aaaaaaaa  cpr-in-url  s\n          until 2027-04-01\n          Ditte, case 7: why\n",
            "          EXPIRED 2026-11-21\n",
            "          until 2026-12-01: 9 days left\n",
            "          from 2026-12-01 to 2026-12-02\n",
            "2 accepted, 1 expired, 1 to come; `cprvagt baseline prune` takes out what has expired\n",
        ] {
            assert!(shown.contains(line), "{line} is not in\n{shown}");
        }
    }
}
