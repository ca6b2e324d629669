//! Writes the reports of a scan and prints it.

use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use model::{Scan, Sighting};

use crate::cli::{CommonArgs, Lang, Print};
use crate::fault::Fault;
use crate::progress::Reporter;

/// Columns of a terminal that does not say how wide it is, and of a pipe.
const WIDTH: usize = 80;

/// Where a run's reports go, known to be writable before the run begins.
pub(crate) struct Output {
    folder: PathBuf,
    print: Print,
    lang: Lang,
}

impl Output {
    pub(crate) fn prepare(args: &CommonArgs) -> anyhow::Result<Self> {
        let folder = args.out.clone();
        std::fs::create_dir_all(&folder)
            .and_then(|()| tempfile_in(&folder))
            .map_err(anyhow::Error::from)
            .with_context(|| {
                Fault::new(format!("cannot write to {}", folder.display()), "choose another folder with --out")
            })?;
        Ok(Self { folder, print: args.format, lang: args.lang })
    }

    /// Writes every report, then prints what was asked for. Standard output is data; the rest goes to `reporter`.
    pub(crate) fn publish(&self, scan: &Scan, sightings: &[Sighting], reporter: &Reporter) -> anyhow::Result<()> {
        let mut first_page = None;
        for format in reports::FORMATS {
            let files = format.files(scan).with_context(|| format!("cannot render the report as {}", format.id()))?;
            for file in files {
                let path = self.folder.join(&file.name);
                write_whole(&path, &file.bytes).with_context(|| format!("cannot write {}", path.display()))?;
                if file.name == format!("index.{}.html", reports::Lang::from(self.lang).as_str()) {
                    first_page = Some(path);
                }
            }
        }
        let printed = match self.print {
            Print::Jsonl => {
                let mut bytes = Vec::new();
                reports::jsonl(sightings, &mut bytes).context("cannot render the sightings")?;
                bytes
            }
            Print::Text => {
                let color = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
                let terminal = reports::Terminal { lang: self.lang.into(), color, width: WIDTH };
                terminal.render(scan).into_bytes()
            }
        };
        print(&printed)?;
        if let Some(page) = first_page {
            let page = std::path::absolute(&page).unwrap_or(page);
            reporter.step(&format!("report: {}", page.display()));
        }
        Ok(())
    }
}

/// Prints to standard output; a reader that has gone away is no fault.
fn print(bytes: &[u8]) -> anyhow::Result<()> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error).context("cannot print the findings"),
        _ => Ok(()),
    }
}

/// All of it or nothing: a reader never sees half a report.
fn write_whole(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    let part = path.with_file_name(name);
    std::fs::write(&part, bytes)?;
    std::fs::rename(&part, path)
}

fn tempfile_in(folder: &Path) -> std::io::Result<()> {
    let probe = folder.join(".cprvagt-probe");
    std::fs::write(&probe, b"")?;
    std::fs::remove_file(probe)
}
