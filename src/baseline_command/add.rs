//! `cprvagt baseline add`: findings of a scan, by their fingerprints, with who answers for them.

use std::collections::BTreeSet;

use jiff::civil::Date;
use model::{Baseline, BaselineEntry, Finding, MAX_ACCEPTED_DAYS, Scan};

use crate::baseline_command::{short, today};
use crate::cli::AddArgs;
use crate::exit::ExitStatus;
use crate::fault::Fault;
use crate::own_words::without_numbers;
use crate::progress::Reporter;
use crate::{baseline_file, scan_file};

/// Findings that are named when a fingerprint could be several.
const MAX_NAMED: usize = 5;

/// Fewer digits than this are a slip: they fit any number of findings to come.
const SHORTEST: usize = 4;

pub(super) fn run(args: &AddArgs) -> anyhow::Result<ExitStatus> {
    let path = &args.file.file;
    let accepted = today(&args.file);
    let expires = last_day(args.expires, accepted)?;
    let scan = scan_file::read(&args.scan)?;
    let before = baseline_file::text_if_there(path)?;
    let baseline = baseline_file::parse(path, &before)?;
    let mut entries = Vec::new();
    for typed in &args.fingerprints {
        let finding = find(typed, &scan)?;
        entries.push(BaselineEntry {
            fingerprint: finding.fingerprint.clone(),
            rule: finding.rule,
            system: finding.system.clone(),
            accepted_by: said("--accepted-by", &args.accepted_by)?,
            case: said("--case", &args.case)?,
            reason: said("--reason", &args.reason)?,
            accepted,
            expires,
            line: 0,
        });
    }
    // As in the scan: the same findings make the same file, in whatever order they were typed.
    entries.sort_by(|a, b| (&a.system, a.rule, &a.fingerprint).cmp(&(&b.system, b.rule, &b.fingerprint)));
    entries.dedup_by(|a, b| a.fingerprint == b.fingerprint);
    let replaced = replaced(&baseline, &entries, args.renew)?;

    let mut text = Baseline::without(&before, &replaced);
    if text.is_empty() {
        text.push_str(baseline_file::HEAD);
    }
    for entry in &entries {
        text.push('\n');
        text.push_str(&entry.written());
    }
    baseline_file::write(path, &text, baseline.entries.len() - replaced.len() + entries.len())?;
    let reporter = Reporter::new();
    for entry in &entries {
        let system = entry.system.as_ref().map(|id| format!(" in {id}")).unwrap_or_default();
        let fingerprint = short(&entry.fingerprint);
        reporter.step(&format!("accepted until {expires}: {fingerprint} {}{system}", entry.rule.as_str()));
    }
    let name = path.display();
    reporter.step(&format!("written: {name}; next: have it reviewed, and run with --baseline {name}"));
    Ok(ExitStatus::Clean)
}

/// The lines of what is accepted already and accepted again.
fn replaced(baseline: &Baseline, entries: &[BaselineEntry], renew: bool) -> Result<BTreeSet<usize>, Fault> {
    let is_again = |old: &&BaselineEntry| entries.iter().any(|entry| entry.fingerprint == old.fingerprint);
    let again: Vec<&BaselineEntry> = baseline.entries.iter().filter(is_again).collect();
    match again.first() {
        Some(old) if !renew => {
            let (fingerprint, expires, line) = (short(&old.fingerprint), old.expires, old.line);
            let message = format!("{fingerprint} is accepted until {expires} already, in line {line}");
            Err(Fault::new(message, "put this in its place with --renew, or leave it out"))
        }
        _ => Ok(again.iter().map(|old| old.line).collect()),
    }
}

fn last_day(typed: Option<Date>, accepted: Date) -> Result<Date, Fault> {
    let latest = BaselineEntry::latest(accepted);
    let Some(expires) = typed else { return Ok(latest) };
    if expires < accepted {
        return Err(Fault::new(format!("--expires {expires} is over"), format!("name a day until {latest}")));
    }
    if expires > latest {
        let message = format!("--expires {expires} is more than {MAX_ACCEPTED_DAYS} days ahead");
        return Err(Fault::new(message, format!("name a day until {latest}, and look again then")));
    }
    Ok(expires)
}

/// What somebody says, on one line and without numbers of people.
fn said(flag: &str, text: &str) -> Result<String, Fault> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.is_empty() {
        return Err(Fault::new(format!("{flag} says nothing"), "say who answers for it, in which case, and why"));
    }
    if without_numbers(&text) != text {
        let help = "leave it out: the file is read by others";
        return Err(Fault::new(format!("{flag} holds what may be a CPR number"), help));
    }
    Ok(text)
}

/// The one finding that is meant.
fn find<'a>(typed: &str, scan: &'a Scan) -> Result<&'a Finding, Fault> {
    let prefix = typed.to_ascii_lowercase();
    if prefix.len() < SHORTEST || !prefix.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        let help = "give the digits that stand beside the finding in the report, eight as a rule";
        return Err(Fault::new(format!("`{typed}` is no fingerprint"), help));
    }
    let fitting: Vec<&Finding> =
        scan.findings.iter().filter(|finding| finding.fingerprint.starts_with(&prefix)).collect();
    match fitting.as_slice() {
        [one] => Ok(one),
        [] => {
            let help = format!("the scan has {} findings; name another with --scan", scan.findings.len());
            Err(Fault::new(format!("no finding has the fingerprint {typed}"), help))
        }
        several => {
            let named: Vec<&str> = several.iter().take(MAX_NAMED).map(|one| one.fingerprint.as_str()).collect();
            let message = format!("{typed} may be {} findings: {}", several.len(), named.join(", "));
            Err(Fault::new(message, "give more digits"))
        }
    }
}
