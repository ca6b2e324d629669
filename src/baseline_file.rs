//! Reads and writes the file of accepted findings.

use std::io::ErrorKind;
use std::path::Path;

use anyhow::Context as _;
use model::Baseline;

use crate::fault::Fault;
use crate::output::write_whole;
use crate::own_words::masked_baseline;

/// The file that `cprvagt baseline` works on unless told otherwise.
pub(crate) const FILE_NAME: &str = "cprvagt-baseline.toml";

/// What a new one begins with.
pub(crate) const HEAD: &str = "\
# Findings that somebody answers for, for a while: they stay in every report, marked, and do not make the exit code 1.
# Each expires after 180 days at most. Written by `cprvagt baseline add`, and reviewed like code.
";

/// The baseline that `--baseline` names, its numbers masked.
pub(crate) fn read_named(path: Option<&Path>) -> anyhow::Result<Option<Baseline>> {
    path.map(|path| parse(path, &text(path)?).map(masked_baseline)).transpose()
}

/// The file as written.
pub(crate) fn text(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| {
        let help = "name the file with --baseline; `cprvagt baseline add` begins one";
        Fault::new(format!("cannot read {}", path.display()), help)
    })
}

/// The file as written; nothing where there is none yet.
pub(crate) fn text_if_there(path: &Path) -> anyhow::Result<String> {
    match std::fs::metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(String::new()),
        _ => text(path),
    }
}

/// What `text`, that of `path`, holds.
pub(crate) fn parse(path: &Path, text: &str) -> anyhow::Result<Baseline> {
    Baseline::parse(text).map_err(|error| {
        let help = error.help.clone().unwrap_or_default();
        Fault::new(format!("cannot read {}: {error}", path.display()), help).into()
    })
}

/// Puts `text` in the place of what is there, all of it or nothing; `entries` is how many it must hold.
pub(crate) fn write(path: &Path, text: &str, entries: usize) -> anyhow::Result<()> {
    let name = path.display();
    let by_hand = "edit it by hand: it is written in a way that cannot be changed safely";
    let is_whole = Baseline::parse(text).is_ok_and(|baseline| baseline.entries.len() == entries);
    if !is_whole {
        return Err(Fault::new(format!("cannot change {name}: nothing was written"), by_hand).into());
    }
    write_whole(path, text.as_bytes())
        .with_context(|| Fault::new(format!("cannot write {name}"), "see that its folder is there and can be written"))
}
