//! What was named on the command line as the files that are read: folders walked, each file once.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, Metadata};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use model::{BlindSpot, BlindSpotKind};

use super::earlier::Earlier;
use super::files::{Found, Input, STANDARD_INPUT, opened};
use crate::fault::Fault;
use crate::file_name::file_name;

/// Files of one run: years of logs of a hundred servers, a file for each day.
const MAX_FILES: usize = 100_000;

/// Folders within folders; deeper is a loop or a mistake.
const MAX_DEPTH: usize = 32;

/// What is not read for a reason that hides nothing.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct LeftOut {
    /// Files in the folder of this run's own reports.
    pub(crate) own_files: usize,
    /// Files of an earlier run's reports elsewhere, and the first folder with any.
    pub(crate) earlier: usize,
    pub(crate) first_earlier: Option<PathBuf>,
    /// Files that were met again, and the first of them as it was met: each is read once.
    pub(crate) again: usize,
    pub(crate) first_again: Option<PathBuf>,
}

/// All that was named.
#[derive(Debug)]
pub(super) struct Named {
    pub(super) inputs: Vec<Input>,
    pub(super) blind_spots: Vec<BlindSpot>,
    pub(super) left_out: LeftOut,
}

/// Every file that `named` means, each once, in the order given, those of a folder by their names. One that is named and cannot be
/// opened is a mistake; one found in a folder is a blind spot. `out` is where this run writes: met within a folder it is
/// left out, for what an earlier run has written there is no log.
///
/// A file of a folder is named by its way from there, with the folder's own name before it if more than one thing is named;
/// one that is named itself by the last part of that.
pub(super) fn inputs(named: &[PathBuf], out: &Path) -> anyhow::Result<Named> {
    let mut walk = Walk { out: std::fs::canonicalize(out).ok(), ..Walk::default() };
    for path in named {
        if path.as_os_str() == STANDARD_INPUT {
            let is_new = !walk.found.iter().any(|found| found.path == *path);
            walk.take(path.clone(), STANDARD_INPUT.to_owned(), is_new);
            continue;
        }
        let help = "give the path of a HAR file or a log, of a folder of them, or - for standard input";
        let fault = || Fault::new(format!("cannot open {}", path.display()), help);
        if path.is_dir() {
            let before = walk.met();
            let before_names = if named.len() > 1 { format!("{}/", own_name(path)) } else { String::new() };
            walk.folder(path, &before_names, 0).with_context(fault)?;
            if walk.met() == before {
                return Err(anyhow::anyhow!("there is no file in it").context(fault()));
            }
        } else {
            let opened = File::open(path).with_context(fault)?;
            let metadata = opened.metadata().with_context(fault)?;
            let is_new = walk.is_new(path, &metadata);
            if is_new && !metadata.is_file() {
                walk.streams.insert(path.clone(), Arc::new(opened));
            }
            walk.take(path.clone(), file_name(path), is_new);
        }
    }
    walk.links();
    let Walk { found, streams, mut blind_spots, beyond, left_out, .. } = walk;
    if beyond > 0 {
        let detail = format!("{beyond} files beyond the first {MAX_FILES}");
        blind_spots.push(BlindSpot::new(BlindSpotKind::InputBroken, "this run", detail));
    }
    Ok(Named { inputs: opened(found, streams), blind_spots, left_out })
}

/// A walk through folders.
#[derive(Default)]
struct Walk {
    found: Vec<Found>,
    /// Of these, what is no file.
    streams: BTreeMap<PathBuf, Arc<File>>,
    blind_spots: Vec<BlindSpot>,
    /// What is known to be read: files, and folders.
    known: BTreeSet<Identity>,
    /// Links that were met in folders, and their names.
    links: Vec<(PathBuf, String)>,
    /// Files beyond the bound.
    beyond: usize,
    /// Where this run writes, if that is there already.
    out: Option<PathBuf>,
    left_out: LeftOut,
}

impl Walk {
    /// How many files were met.
    fn met(&self) -> usize {
        self.found.len() + self.beyond + self.left_out.again + self.left_out.earlier + self.links.len()
    }

    /// Whether a file is met for the first time: by another name, a link or a folder it is the same.
    fn is_new(&mut self, path: &Path, metadata: &Metadata) -> bool {
        identity(path, metadata).is_none_or(|identity| self.known.insert(identity))
    }

    /// Takes a file that was met.
    fn take(&mut self, path: PathBuf, name: String, is_new: bool) {
        if !is_new {
            self.left_out.again += 1;
            self.left_out.first_again.get_or_insert(path);
        } else if self.found.len() < MAX_FILES {
            self.found.push(Found { path, name });
        } else {
            self.beyond += 1;
        }
    }

    /// Links in folders are not read, and what they lead to may be read all the same.
    fn links(&mut self) {
        for (path, name) in std::mem::take(&mut self.links) {
            let target = std::fs::metadata(&path).ok().and_then(|metadata| identity(&path, &metadata));
            if target.is_some_and(|target| self.known.contains(&target)) {
                self.take(path, name, false);
            } else {
                self.unread(name, "a link, which is not followed; name it to have it read".to_owned());
            }
        }
    }

    /// The files in a folder and those in it, whose names begin with `before`. Links are not followed: they may lead round in
    /// a circle.
    fn folder(&mut self, folder: &Path, before: &str, depth: usize) -> std::io::Result<()> {
        if let Ok(metadata) = std::fs::metadata(folder) {
            self.known.extend(identity(folder, &metadata));
        }
        let mut entries: Vec<_> = std::fs::read_dir(folder)?.collect::<Result<_, _>>()?;
        entries.sort_by_key(std::fs::DirEntry::file_name);
        let earlier = Earlier::find(folder);
        for entry in entries {
            let path = entry.path();
            let name = format!("{before}{}", entry.file_name().to_string_lossy());
            let kind = entry.file_type()?;
            if kind.is_dir() && self.out.is_some() && std::fs::canonicalize(&path).ok() == self.out {
                self.left_out.own_files += count(&path, depth + 1);
            } else if let Some(count) = earlier.as_ref().and_then(|earlier| of_earlier(earlier, folder, &entry, depth))
            {
                self.left_out.earlier += count;
                self.left_out.first_earlier.get_or_insert_with(|| folder.to_owned());
            } else if kind.is_dir() {
                let walked = if depth < MAX_DEPTH {
                    self.folder(&path, &format!("{name}/"), depth + 1).map_err(|error| error.to_string())
                } else {
                    Err(format!("more than {MAX_DEPTH} folders deep"))
                };
                if let Err(why) = walked {
                    self.unread(name, why);
                }
            } else if kind.is_symlink() {
                self.links.push((path, name));
            } else if kind.is_file() {
                // One that cannot be looked at is told when it is its turn.
                let is_new = entry.metadata().map_or(true, |metadata| self.is_new(&path, &metadata));
                self.take(path, name, is_new);
            } else {
                self.unread(name, "no file, and not read; name it to have it read".to_owned());
            }
        }
        Ok(())
    }

    fn unread(&mut self, name: String, why: String) {
        self.blind_spots.push(BlindSpot::new(BlindSpotKind::InputBroken, name, why));
    }
}

/// A folder's own name, also where it is given as `.` or `..`.
fn own_name(folder: &Path) -> String {
    let whole = || std::fs::canonicalize(folder).ok().map(|whole| file_name(&whole));
    folder.file_name().map(|_| file_name(folder)).or_else(whole).unwrap_or_else(|| file_name(folder))
}

/// How many files of an earlier run `entry` of `folder` is; `None` where it is none of them.
fn of_earlier(earlier: &Earlier, folder: &Path, entry: &std::fs::DirEntry, depth: usize) -> Option<usize> {
    let name = entry.file_name();
    let (name, kind) = (name.to_str()?, entry.file_type().ok()?);
    if kind.is_dir() {
        return Earlier::keeps(name).then(|| count(&entry.path(), depth + 1));
    }
    (kind.is_file() && earlier.has(folder, name)).then_some(1)
}

/// How many files there are in a folder and those in it, up to the bounds of a walk.
fn count(folder: &Path, depth: usize) -> usize {
    let mut files: usize = 0;
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten().take(MAX_FILES) {
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        files += if is_folder && depth < MAX_DEPTH { count(&entry.path(), depth + 1) } else { 1 };
    }
    files
}

/// What a file is known by, whatever it is called.
#[cfg(unix)]
type Identity = (u64, u64);
#[cfg(not(unix))]
type Identity = PathBuf;

/// The device and the number on it.
#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "as elsewhere")]
fn identity(_: &Path, metadata: &Metadata) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt as _;
    Some((metadata.dev(), metadata.ino()))
}

/// Where it lies, links followed.
#[cfg(not(unix))]
fn identity(path: &Path, _: &Metadata) -> Option<Identity> {
    std::fs::canonicalize(path).ok()
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn a_folder_is_walked_in_order_and_an_empty_one_is_a_mistake() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out");
        assert!(inputs(&[folder.path().to_owned()], &out).is_err());
        std::fs::create_dir(folder.path().join("b")).unwrap();
        for name in ["c.log", "a.log", "b/x.log"] {
            std::fs::write(folder.path().join(name), "x").unwrap();
        }
        let Named { inputs: files, blind_spots, left_out } = inputs(&[folder.path().to_owned()], &out).unwrap();
        let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
        assert_eq!((names, blind_spots, left_out), (vec!["a.log", "b/x.log", "c.log"], vec![], LeftOut::default()));
        assert!(files.iter().all(|file| file.bytes == Some(1) && file.written.is_some()));
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_is_read_as_it_was_opened_and_told_where_it_was_not_named() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
        assert!(made.success());
        std::fs::write(folder.path().join("a.log"), "x").unwrap();
        let out = folder.path().join("out");
        let around = inputs(&[folder.path().to_owned()], &out).unwrap();
        assert_eq!((around.inputs.len(), around.blind_spots.len()), (1, 1));
        let writer = std::thread::spawn({
            let pipe = pipe.clone();
            move || std::fs::write(pipe, "one two three").unwrap()
        });
        let mut named = inputs(&[pipe], &out).unwrap().inputs;
        let input = &mut named[0];
        assert!(input.is_read_once() && input.bytes.is_none());
        let mut head = vec![0; 4];
        input.open().unwrap().read_exact(&mut head).unwrap();
        input.head = Some(head);
        let mut all = String::new();
        input.open().unwrap().read_to_string(&mut all).unwrap();
        writer.join().unwrap();
        assert_eq!(all, "one two three");
    }

    #[test]
    fn a_file_of_a_folder_is_named_by_its_way_from_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for name in
            ["web1/2022/access.log.gz", "web1/access.log.gz", "web1/2022/01/access.log", "old/web1/access.log.gz"]
        {
            std::fs::create_dir_all(path(name).parent().unwrap()).unwrap();
            std::fs::write(path(name), name).unwrap();
        }
        let names = |named: &[&str]| {
            let named: Vec<PathBuf> = named.iter().map(|name| path(name)).collect();
            let inputs = inputs(&named, &path("out")).unwrap().inputs;
            inputs
                .into_iter()
                .map(|input| input.name.replace(&folder.path().display().to_string(), "/t"))
                .collect::<Vec<_>>()
        };
        assert_eq!(names(&["web1"]), ["2022/01/access.log", "2022/access.log.gz", "access.log.gz"]);
        assert_eq!(names(&["web1/."]), ["2022/01/access.log", "2022/access.log.gz", "access.log.gz"]);
        assert_eq!(
            names(&["web1/2022", "web1/access.log.gz"]),
            ["2022/01/access.log", "2022/access.log.gz", "access.log.gz"]
        );
        assert_eq!(
            names(&["web1/2022/01/..", "old"]),
            ["2022/01/access.log", "2022/access.log.gz", "old/web1/access.log.gz"]
        );
        // Two folders of one name are told apart by where they are.
        let both = names(&["web1", "old/web1"]);
        assert_eq!(both[2..], ["/t/web1/access.log.gz", "/t/old/web1/access.log.gz"]);
        assert_eq!(both[..2], ["web1/2022/01/access.log", "web1/2022/access.log.gz"]);
    }

    #[test]
    fn the_folder_of_the_reports_is_left_out_unless_it_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out");
        std::fs::create_dir_all(out.join("dossier")).unwrap();
        for name in ["a.log", "out/scan.json", "out/dossier/index.html"] {
            std::fs::write(folder.path().join(name), "x").unwrap();
        }
        let around = inputs(&[folder.path().to_owned()], &folder.path().join("./out")).unwrap();
        assert_eq!((around.inputs.len(), around.left_out.own_files), (1, 2));
        let itself = inputs(std::slice::from_ref(&out), &out).unwrap();
        assert_eq!((itself.inputs.len(), itself.left_out.own_files), (2, 0));
    }

    #[cfg(unix)]
    #[test]
    fn a_file_is_read_once_whatever_it_is_called() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let out = path("out");
        std::fs::create_dir(path("logs")).unwrap();
        for name in ["logs/a.log", "logs/b.log"] {
            std::fs::write(path(name), name).unwrap();
        }
        std::fs::hard_link(path("logs/a.log"), path("logs/c.log")).unwrap();
        std::os::unix::fs::symlink(path("logs/b.log"), path("logs/current")).unwrap();
        std::os::unix::fs::symlink(path("logs"), path("logs/all")).unwrap();
        let names = |named: &[&str]| {
            let named: Vec<PathBuf> =
                named.iter().map(|name| if *name == "-" { "-".into() } else { path(name) }).collect();
            let Named { inputs, blind_spots, left_out } = inputs(&named, &out).unwrap();
            let names: Vec<String> = inputs.into_iter().map(|input| input.name).collect();
            let first = left_out
                .first_again
                .map(|path| path.strip_prefix(folder.path()).unwrap_or(&path).display().to_string());
            (names.join(" "), blind_spots.len(), left_out.again, first.unwrap_or_default())
        };
        let told = |names: &str, again, first: &str| (names.to_owned(), 0, again, first.to_owned());
        assert_eq!(names(&["logs"]), told("a.log b.log", 3, "logs/c.log"));
        assert_eq!(names(&["-", "logs"]), told("- logs/a.log logs/b.log", 3, "logs/c.log"));
        assert_eq!(names(&["logs/b.log", "logs/../logs/b.log"]), told("b.log", 1, "logs/../logs/b.log"));
        assert_eq!(names(&["logs/current", "logs/b.log"]), told("current", 1, "logs/b.log"));
        assert_eq!(names(&["logs/b.log", "logs"]), told("b.log logs/a.log", 4, "logs/b.log"));
        assert_eq!(names(&["-", "-"]), told("-", 1, "-"));
        // What a link leads to is not read unless it is named.
        std::fs::write(path("other.log"), "x").unwrap();
        std::os::unix::fs::symlink(path("other.log"), path("logs/other")).unwrap();
        std::os::unix::fs::symlink(path("nowhere"), path("logs/nothing")).unwrap();
        assert_eq!(names(&["logs"]).1, 2);
        assert_eq!(names(&["logs", "other.log"]).1, 1);
    }
}
