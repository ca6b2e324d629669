//! Where what was redacted is written: beside the log under a name that says so, to a file or folder that was named, in the
//! log's own place, or to standard output. A file has its name once it is whole.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use tempfile::NamedTempFile;

use crate::cli::RedactArgs;
use crate::fault::Fault;
use crate::file_name::file_name;
use crate::own_words::without_numbers;

/// The file name that stands for standard input and output.
pub(super) const STANDARD: &str = "-";

/// What a name says of what was redacted.
const MARK: &str = "redacted";

/// Endings of names that stay behind the mark: what a log is packed as.
const PACKED: [&str; 2] = ["gz", "gzip"];

/// Bytes kept before they are written.
const BUFFER: usize = 1 << 20;

/// How what is redacted is to be placed.
#[derive(Debug)]
pub(super) struct Places<'a> {
    args: &'a RedactArgs,
    /// Whether `--out` is a folder.
    is_folder: bool,
}

/// What is written to.
pub(super) enum Place {
    Standard(std::io::BufWriter<std::io::Stdout>),
    File(Box<Pending>),
}

/// A file that is not whole yet.
pub(super) struct Pending {
    file: std::io::BufWriter<NamedTempFile>,
    path: PathBuf,
    is_over_another: bool,
}

impl<'a> Places<'a> {
    /// Refuses what cannot be meant.
    pub(super) fn new(args: &'a RedactArgs) -> Result<Self, Fault> {
        let named = args.out.as_deref();
        let is_folder = named.is_some_and(|out| out.is_dir() || out.as_os_str().as_encoded_bytes().ends_with(b"/"));
        if args.files.len() > 1 && named.is_some() && !is_folder {
            return Err(Fault::new("several files do not go into one", "give a folder that exists as --out"));
        }
        let has_standard = args.files.iter().any(|file| file.as_os_str() == STANDARD);
        if args.in_place && has_standard {
            return Err(Fault::new("standard input has no place of its own", "leave out --in-place, or name a file"));
        }
        if has_standard && named.is_none() && args.format.is_json() {
            let help = "name a file with --out, or leave out --format";
            return Err(Fault::new("standard output is taken by what is redacted", help));
        }
        Ok(Self { args, is_folder })
    }

    /// The place of what `input` says, or one of its members: `name` is that, without its packing, and `packs` whether it
    /// is packed again.
    pub(super) fn of(&self, input: &Path, name: &str, packs: bool, is_member: bool) -> anyhow::Result<Place> {
        if input.as_os_str() == STANDARD && self.args.out.is_none() {
            return Ok(Place::Standard(std::io::BufWriter::with_capacity(BUFFER, std::io::stdout())));
        }
        if self.args.in_place {
            only_name(input)?;
            return Pending::begin(input.to_owned(), input, true);
        }
        // A name is a text of strangers too.
        let name = without_numbers(name);
        let name = if packs { format!("{name}.gz") } else { name };
        let path = match self.args.out.as_deref() {
            Some(folder) if self.is_folder => {
                std::fs::create_dir_all(folder).with_context(|| cannot(folder))?;
                folder.join(flat(&name))
            }
            Some(file) if is_member => file.with_file_name(flat(&format!("{}.{name}", file_name(file)))),
            Some(file) => file.to_owned(),
            None => input.with_file_name(marked(&flat(&name))),
        };
        let is_same = std::fs::canonicalize(&path)
            .is_ok_and(|path| std::fs::canonicalize(input).is_ok_and(|input| input == path));
        if is_same {
            let message = format!("{} would be written over itself", path.display());
            return Err(Fault::new(message, "say so with --in-place, or name another file with --out").into());
        }
        if !self.args.force && path.symlink_metadata().is_ok() {
            let message = format!("there is a file {} already", path.display());
            return Err(Fault::new(message, "--force has it written over; --out names another").into());
        }
        Pending::begin(path, input, self.args.force)
    }
}

impl Place {
    pub(super) fn writer(&mut self) -> &mut (dyn Write + Send) {
        match self {
            Self::Standard(out) => out,
            Self::File(pending) => &mut pending.file,
        }
    }

    /// What it is called, for people.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Standard(_) => "standard output".to_owned(),
            Self::File(pending) => pending.path.display().to_string(),
        }
    }

    /// Gives a file its name. One that is dropped before is gone.
    pub(super) fn keep(self) -> anyhow::Result<()> {
        match self {
            Self::Standard(mut out) => out.flush().context("cannot write to standard output"),
            Self::File(pending) => pending.keep(),
        }
    }
}

impl Pending {
    fn begin(path: PathBuf, input: &Path, is_over_another: bool) -> anyhow::Result<Place> {
        // A link stays one, and what it leads to is written over: else that would keep its numbers.
        let path = if is_over_another { std::fs::canonicalize(&path).unwrap_or(path) } else { path };
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let file = NamedTempFile::new_in(folder).with_context(|| cannot(&path))?;
        // As readable as the log was.
        if let Ok(metadata) = std::fs::metadata(input)
            .and_then(|metadata| if metadata.is_file() { Ok(metadata) } else { file.as_file().metadata() })
        {
            let _ = file.as_file().set_permissions(metadata.permissions());
        }
        let file = std::io::BufWriter::with_capacity(BUFFER, file);
        Ok(Place::File(Box::new(Self { file, path, is_over_another })))
    }

    fn keep(self) -> anyhow::Result<()> {
        let Self { file, path, is_over_another } = self;
        let cannot = || cannot(&path);
        // What could not be written was told when it was.
        let (file, _) = file.into_parts();
        let persisted: Result<File, _> =
            if is_over_another { file.persist(&path) } else { file.persist_noclobber(&path) };
        persisted.map(|_| ()).map_err(|error| error.error).with_context(cannot)
    }
}

/// Refuses a file with other names (hard links): under them it would stay as it was.
#[cfg(unix)]
fn only_name(path: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::MetadataExt as _;
    let names = std::fs::metadata(path).with_context(|| cannot(path))?.nlink();
    if names < 2 {
        return Ok(());
    }
    let message =
        format!("{} has {names} names (hard links), and under the others it would stay as it was", path.display());
    Err(Fault::new(message, "leave out --in-place: it is written beside it; then remove the log by each of its names")
        .into())
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "as elsewhere")]
fn only_name(_: &Path) -> anyhow::Result<()> {
    Ok(())
}

fn cannot(path: &Path) -> Fault {
    Fault::new(format!("cannot write {}", path.display()), "name a file in a folder that you may write to with --out")
}

/// A member's name, as one of a file.
fn flat(name: &str) -> String {
    name.replace(['/', '\\'], "_")
}

/// A name with the mark: `access.redacted.log`, `access.redacted.log.gz`, `access.log.redacted.1`.
fn marked(name: &str) -> String {
    let (stem, packed) = match name.rsplit_once('.') {
        Some((stem, end)) if PACKED.contains(&end) => (stem, format!(".{end}")),
        _ => (name, String::new()),
    };
    match stem.rsplit_once('.') {
        Some((begin, end)) if !begin.is_empty() => format!("{begin}.{MARK}.{end}{packed}"),
        _ => format!("{stem}.{MARK}{packed}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_that_it_is_redacted() {
        for (name, expected) in [
            ("access.log", "access.redacted.log"),
            ("access.log.gz", "access.redacted.log.gz"),
            ("access.log.1", "access.log.redacted.1"),
            ("access", "access.redacted"),
            (".hidden", ".hidden.redacted"),
        ] {
            assert_eq!(marked(name), expected);
        }
        assert_eq!(flat("logs.zip/day/a.log"), "logs.zip_day_a.log");
    }
}
