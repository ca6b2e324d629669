//! `cprvagt verify`: whether the files of a report are as they were written.

use std::path::Path;

use jiff::tz::TimeZone;
use reports::inert_line;

use crate::cli::VerifyArgs;
use crate::exit::ExitStatus;
use crate::fault::Fault;
use crate::manifest::{Differences, Manifest, ManifestError, NAME, SIGNATURE, Verifier};
use crate::output;

/// Names of each kind that are listed.
const MAX_LISTED: usize = 50;

/// Says what was changed. Exit code 1 where something was, or where a signature that was asked for is not good.
pub(crate) fn run(args: &VerifyArgs) -> anyhow::Result<ExitStatus> {
    let folder = &args.folder;
    let verifier = args.public_key.as_deref().map(Verifier::read).transpose()?;
    let (manifest, bytes) = Manifest::read(folder).map_err(|error| no_manifest(folder, error))?;
    let differences = manifest.compare(folder).map_err(|error| no_manifest(folder, error.into()))?;
    let mut lines = told(&manifest, &differences);
    let signed = signature(folder, verifier.as_ref(), &bytes);
    lines.push(signed.0);
    output::print(format!("{}\n", lines.join("\n")).as_bytes())?;
    let is_good = differences.is_none() && signed.1;
    Ok(if is_good { ExitStatus::Clean } else { ExitStatus::Findings })
}

fn told(manifest: &Manifest, differences: &Differences) -> Vec<String> {
    let Differences { changed, missing, added, unread, unchanged } = differences;
    let mut lines = Vec::new();
    let time = |time: jiff::Timestamp| time.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d %H:%M UTC").to_string();
    let by = manifest.written_by.as_deref().map(|by| format!(" by {}", inert_line(by))).unwrap_or_default();
    lines.push(format!(
        "scan {} of {}, written {}{by} with {}",
        inert_line(manifest.scan()),
        time(manifest.started),
        time(manifest.written),
        inert_line(manifest.tool())
    ));
    for (what, names) in [("changed", changed), ("missing", missing), ("not of the report", added)] {
        lines.extend(names.iter().take(MAX_LISTED).map(|name| format!("{what}: {}", inert_line(name))));
        if let Some(left) = names.len().checked_sub(MAX_LISTED).filter(|left| *left > 0) {
            lines.push(format!("{what}: {left} more"));
        }
    }
    lines.extend(unread.iter().map(|(name, error)| format!("not read: {name}: {error}")));
    lines.push(if differences.is_none() {
        format!("all {unchanged} files are as they were written")
    } else {
        format!("{unchanged} files are as they were written, the others are not")
    });
    lines
}

/// What there is to say of the signature, and whether it is as it was asked for.
fn signature(folder: &Path, verifier: Option<&Verifier>, manifest: &[u8]) -> (String, bool) {
    let signature = std::fs::read_to_string(folder.join(SIGNATURE)).ok();
    match (signature, verifier) {
        (None, None) => ("not signed: whoever changes a file can change the list too".to_owned(), true),
        (None, Some(_)) => (format!("not signed: there is no {SIGNATURE}"), false),
        (Some(_), None) => ("signed; --public-key FILE checks by whom".to_owned(), true),
        (Some(signature), Some(verifier)) => match verifier.check(manifest, &signature) {
            Ok(()) => ("the signature is good".to_owned(), true),
            Err(error) => (format!("the signature is not good: {error}"), false),
        },
    }
}

fn no_manifest(folder: &Path, error: ManifestError) -> anyhow::Error {
    let help = "name a folder that cprvagt wrote reports to, such as cprvagt-out";
    anyhow::Error::from(error).context(Fault::new(format!("cannot use {}", folder.join(NAME).display()), help))
}
