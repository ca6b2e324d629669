//! Writes the reports of a scan and prints it.

use std::io::{ErrorKind, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use crawler::BrowserSettings;
use jiff::Timestamp;
use model::{Clock, Scan, Sighting};

use crate::cli::{Chosen, CommonArgs, Explained, Lang, Print, WritingArgs, printed, written};
use crate::exit::Threshold;
use crate::fault::Fault;
use crate::manifest::{self, Manifest, Origin, Signer};
use crate::own_words::without_numbers;
use crate::pdf;
use crate::progress::Reporter;
use crate::record::Record;
use crate::registry_file;
use crate::setup;

/// Columns of a pipe, and of a terminal that does not say how wide it is.
const WIDTH: usize = 80;

/// What the names of vendors' pages, as HTML and on paper, and of pictures begin with, have in them and end with, in
/// every run.
const NAMED: [(&str, &str, &str); 3] =
    [("vendor-", "", ".html"), ("vendor-", "", pdf::ENDING), ("journey-", "-step-", ".png")];

/// Where a run's reports go, known to be writable before the run begins.
pub(crate) struct Output {
    folder: PathBuf,
    print: Print,
    formats: Vec<&'static dyn reports::Format>,
    choices: reports::Choices,
    explained: Option<Explained>,
    lang: Lang,
    /// The browser that prints PDF, where that is wanted.
    printer: Option<BrowserSettings>,
    origin: Origin,
    signer: Option<Signer>,
    clock: Clock,
    /// Whether standard output is somebody else's.
    is_on_stderr: bool,
}

impl Output {
    pub(crate) fn prepare(args: &CommonArgs) -> anyhow::Result<Self> {
        let registry = registry_file::path(args.registry.as_deref());
        let output = Self::at(&args.out, &args.format, args.lang, args.fail_on.into(), &args.writing)?;
        Ok(output.of_registry(registry.as_deref()).timed(args.now))
    }

    /// That in `folder`.
    pub(crate) fn at(
        folder: &Path,
        format: &[Chosen],
        lang: Lang,
        fail_on: Threshold,
        args: &WritingArgs,
    ) -> anyhow::Result<Self> {
        std::fs::create_dir_all(folder)
            .and_then(|()| try_writing(folder))
            .map_err(|error| unwritable(folder, error))?;
        let fail_on = match fail_on {
            Threshold::At(severity) => Some(severity),
            Threshold::Never => None,
        };
        let user =
            || ["USER", "LOGNAME"].iter().find_map(|name| std::env::var(name).ok()).filter(|name| !name.is_empty());
        let written_by = args.written_by.clone().or_else(user).map(|name| without_numbers(&name));
        Ok(Self {
            folder: folder.to_owned(),
            print: printed(format),
            formats: written(format),
            choices: reports::Choices { lang: lang.into(), fail_on },
            explained: None,
            lang,
            printer: args.pdf.then(BrowserSettings::default),
            origin: Origin { written_by, registry_sha256: None },
            signer: args.sign_key.as_deref().map(Signer::read).transpose()?,
            clock: setup::clock(None),
            is_on_stderr: false,
        })
    }

    /// The same, by the registry at `path`.
    fn of_registry(mut self, path: Option<&Path>) -> Self {
        self.origin.registry_sha256 = path.and_then(|path| manifest::sha256_of(path).ok()).map(|(_, digest)| digest);
        self
    }

    /// The same, written at `now`.
    fn timed(self, now: Option<Timestamp>) -> Self {
        Self { clock: setup::clock(now), ..self }
    }

    /// The same, with this program as the browser that prints.
    pub(crate) fn with_browser(self, executable: Option<PathBuf>) -> Self {
        Self { printer: self.printer.map(|printer| BrowserSettings { executable, ..printer }), ..self }
    }

    /// The same, printing on standard error: standard output is somebody else's.
    pub(crate) fn on_stderr(self) -> Self {
        Self { is_on_stderr: true, ..self }
    }

    /// The same, printing why each number was told or passed over instead of what was found.
    pub(crate) fn explaining(self, explained: Option<Explained>) -> Self {
        Self { explained, ..self }
    }

    /// Writes every report, then prints what was asked for. Standard output is data; the rest goes to `reporter`.
    pub(crate) fn publish(&self, record: &Record, reporter: &Reporter) -> anyhow::Result<()> {
        self.write(&record.scan)?;
        self.print(record)?;
        self.tell_where(reporter);
        Ok(())
    }

    /// Writes every report.
    pub(crate) fn write(&self, scan: &Scan) -> anyhow::Result<()> {
        let mut files = Vec::new();
        for format in &self.formats {
            let rendered = format.files(scan, self.choices);
            files.extend(rendered.with_context(|| format!("cannot render the report as {}", format.id()))?);
        }
        for file in &files {
            let path = self.folder.join(&file.name);
            write_whole(&path, &file.bytes).map_err(|error| unwritable(&path, error))?;
        }
        // The rest is written whatever comes of this.
        let printed = match &self.printer {
            Some(browser) => pdf::print(&files, browser)?,
            None => Vec::new(),
        };
        for file in &printed {
            let path = self.folder.join(&file.name);
            write_whole(&path, &file.bytes).map_err(|error| unwritable(&path, error))?;
        }
        files.extend(printed);
        self.remove_old(&files);
        self.write_manifest(&files, scan)
    }

    /// Writes what the other files were when they were written, last of all.
    fn write_manifest(&self, files: &[reports::ReportFile], scan: &Scan) -> anyhow::Result<()> {
        let manifest = Manifest::of(files, scan, &self.origin, self.clock.now());
        let bytes = manifest.to_bytes().context("cannot write the manifest as JSON")?;
        let mut written = vec![(manifest::NAME, bytes.clone())];
        // One of an earlier run would be of another list.
        let signature = self.folder.join(manifest::SIGNATURE);
        match &self.signer {
            Some(signer) => written.push((manifest::SIGNATURE, signer.sign(&bytes, &manifest.comment())?)),
            None => match std::fs::remove_file(&signature) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(unwritable(&signature, error)),
                _ => {}
            },
        }
        for (name, bytes) in written {
            let path = self.folder.join(name);
            write_whole(&path, &bytes).map_err(|error| unwritable(&path, error))?;
        }
        Ok(())
    }

    /// Prints what was asked for.
    pub(crate) fn print(&self, record: &Record) -> anyhow::Result<()> {
        let Record { scan, sightings, .. } = record;
        let printed = match self.print {
            _ if self.explained.is_some() => self.explanation(record).into_bytes(),
            Print::Jsonl => {
                let mut bytes = Vec::new();
                reports::jsonl(sightings, &mut bytes).context("cannot render the sightings")?;
                bytes
            }
            Print::Text => self.terminal().render(scan).into_bytes(),
        };
        if self.is_on_stderr {
            // A closed stderr is no reason to stop.
            let _ = std::io::stderr().lock().write_all(&printed);
            return Ok(());
        }
        print(&printed)
    }

    /// Says where the reports are.
    pub(crate) fn tell_where(&self, reporter: &Reporter) {
        let page = self.folder.join(format!("index.{}.html", reports::Lang::from(self.lang).as_str()));
        reporter.step(&format!("report: {}", std::path::absolute(&page).unwrap_or(page).display()));
        let others: Vec<&str> = self.formats.iter().flat_map(|format| format.names()).copied().collect();
        if !others.is_empty() {
            reporter.step(&format!("beside it: {}", others.join(", ")));
        }
    }

    /// The folder of the reports.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// What is to be printed.
    pub(crate) fn format(&self) -> Print {
        self.print
    }

    /// The terminal that standard output is.
    pub(crate) fn terminal(&self) -> reports::Terminal {
        let (is_terminal, size) = if self.is_on_stderr {
            (std::io::stderr().is_terminal(), terminal_size::terminal_size_of(std::io::stderr()))
        } else {
            (std::io::stdout().is_terminal(), terminal_size::terminal_size_of(std::io::stdout()))
        };
        let width = size.map_or(WIDTH, |(terminal_size::Width(columns), _)| columns.into());
        reports::Terminal { lang: self.lang.into(), color: is_terminal && wants_color(), width }
    }

    fn explanation(&self, record: &Record) -> String {
        let is_asked_for = |sighting: &&Sighting| match self.explained {
            Some(Explained::Entry(entry)) => sighting.index == entry,
            Some(Explained::All) | None => true,
        };
        let chosen = |sightings: &[Sighting]| sightings.iter().filter(is_asked_for).cloned().collect::<Vec<_>>();
        let (told, passed_over) = (chosen(&record.sightings), chosen(&record.passed_over));
        let lang = self.lang.into();
        let entry = match self.explained {
            Some(Explained::Entry(entry)) => Some(entry),
            Some(Explained::All) | None => None,
        };
        reports::Explanation { told: &told, passed_over: &passed_over, lang, entry, width: width() }.render()
    }

    /// A vendor's page or a picture of an earlier run beside the overview of this one would be taken for part of it; so
    /// would a report in a format that was asked for then and is not now.
    fn remove_old(&self, written: &[reports::ReportFile]) {
        for entry in std::fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if is_report(&name) && written.iter().all(|file| file.name != name) {
                // One that cannot be removed was not writable either, and that is told already.
                let _ = std::fs::remove_file(entry.path());
            }
        }
    }
}

/// Whether a file of this name in a folder of reports is one of them.
pub(crate) fn is_report(name: &str) -> bool {
    let fits = |(begin, within, end): &(&str, &str, &str)| {
        name.starts_with(begin) && name.contains(within) && name.ends_with(end)
    };
    reports::FORMATS.iter().any(|format| format.names().contains(&name)) || NAMED.iter().any(fits)
}

fn wants_color() -> bool {
    let is_dumb = std::env::var_os("TERM").is_some_and(|terminal| terminal == "dumb");
    std::env::var_os("NO_COLOR").is_none() && !is_dumb
}

/// Columns of standard output.
pub(crate) fn width() -> usize {
    let terminal = terminal_size::terminal_size_of(std::io::stdout());
    terminal.map_or(WIDTH, |(terminal_size::Width(columns), _)| columns.into())
}

/// A place that cannot be written, with what to do about it.
pub(crate) fn unwritable(path: &Path, error: std::io::Error) -> anyhow::Error {
    let help = match error.kind() {
        ErrorKind::StorageFull => "make room on the disk, or choose another folder with --out",
        _ => "choose another folder with --out",
    };
    anyhow::Error::from(error).context(Fault::new(format!("cannot write to {}", path.display()), help))
}

/// `scan.json`.
pub(crate) fn as_json(scan: &Scan) -> anyhow::Result<Vec<u8>> {
    let choices = reports::Choices { lang: reports::Lang::En, fail_on: None };
    let files = reports::Format::files(&reports::Json, scan, choices).context("cannot render the scan as JSON")?;
    Ok(files.into_iter().flat_map(|file| file.bytes).collect())
}

/// Prints to standard output; a reader that has gone away is no fault.
pub(crate) fn print(bytes: &[u8]) -> anyhow::Result<()> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error).context("cannot print"),
        _ => Ok(()),
    }
}

/// All of it or nothing: a reader never sees half a report.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.part", std::process::id()));
    let part = path.with_file_name(name);
    let written = std::fs::write(&part, bytes).and_then(|()| std::fs::rename(&part, path));
    if written.is_err() {
        // The error is told; half a file is no use to anyone.
        let _ = std::fs::remove_file(&part);
    }
    written
}

fn try_writing(folder: &Path) -> std::io::Result<()> {
    let probe = folder.join(format!(".cprvagt-{}", std::process::id()));
    std::fs::write(&probe, b"")?;
    std::fs::remove_file(probe)
}
