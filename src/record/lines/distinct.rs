//! How many different persons there are, exactly, in constant memory: tokens are gathered, sorted, and put into files when
//! there are too many. What is written is under the scan's key, and gone with the program; where a scan may have to go on
//! later it lies in a folder of its journal, and is gone with that.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::{File, OpenOptions};
use std::io::{BufReader, BufWriter, Read as _, Seek as _, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// Tokens held in memory: 32 MB of them.
const MOST_HELD: usize = 1 << 21;

/// Files that are merged into one when there are as many: each takes some memory while it is read.
const MOST_FILES: usize = 32;

/// Bytes of a token and its place in a file.
const WIDTH: usize = 12;

/// What the names of files begin with that outlive the program.
pub(crate) const PERSONS: &str = "persons-";

/// A person's token, and the number of the place where it was seen.
type Entry = (u64, u32);

/// Persons, and where each was seen.
#[derive(Default)]
pub(super) struct Distinct {
    held: Vec<Entry>,
    most_held: Option<usize>,
    /// Each in order of its entries, none of them twice.
    files: Vec<Run>,
    /// Why they could not be put away: from then on some may be forgotten.
    fault: Option<std::io::Error>,
    /// Where files have names, so that another program goes on with them; and how many were made there.
    folder: Option<PathBuf>,
    made: u64,
    /// A file that has what is held, up to a number of entries.
    noted: Option<(Run, usize)>,
}

/// Entries in a file.
struct Run {
    file: File,
    /// Its name in the folder; `None` for one that is gone with the program.
    name: Option<String>,
}

/// The files that persons are in, for who goes on with them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KeptPersons {
    runs: Vec<String>,
    /// What was held, and how many entries of it count.
    held: Option<(String, usize)>,
    made: u64,
    fault: Option<String>,
}

impl KeptPersons {
    /// The names of the files.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        let held = self.held.as_ref().map(|(name, _)| name);
        self.runs.iter().chain(held).map(String::as_str)
    }
}

impl Distinct {
    /// One that holds no more than `most_held`.
    #[cfg(test)]
    fn holding(most_held: usize) -> Self {
        Self { most_held: Some(most_held), ..Self::default() }
    }

    /// A person was seen at a place.
    pub(super) fn add(&mut self, token: u64, place: u32) {
        let most = self.most_held.unwrap_or(MOST_HELD);
        if self.held.len() >= most {
            self.make_room(most);
        }
        self.held.push((token, place));
    }

    /// Puts all that is known into files in `folder`, and says which. On disk when it returns.
    pub(super) fn keep(&mut self, folder: &Path) -> std::io::Result<KeptPersons> {
        self.folder = Some(folder.to_owned());
        for at in 0..self.files.len() {
            if self.files.get(at).is_some_and(|run| run.name.is_none()) {
                let mut new = self.new_run()?;
                if let Some(unnamed) = self.files.get_mut(at) {
                    unnamed.file.seek(SeekFrom::Start(0))?;
                    std::io::copy(&mut unnamed.file, &mut new.file)?;
                    new.file.sync_data()?;
                    *unnamed = new;
                }
            }
        }
        let (mut run, from) = match self.noted.take() {
            Some(noted) => noted,
            None => (self.new_run()?, 0),
        };
        let mut writer = BufWriter::new(&mut run.file);
        self.held.iter().skip(from).try_for_each(|entry| write(&mut writer, *entry))?;
        writer.flush()?;
        drop(writer);
        run.file.sync_data()?;
        let held = run.name.clone().map(|name| (name, self.held.len()));
        self.noted = Some((run, self.held.len()));
        let runs = self.files.iter().filter_map(|run| run.name.clone()).collect();
        Ok(KeptPersons { runs, held, made: self.made, fault: self.fault.as_ref().map(ToString::to_string) })
    }

    /// What another program has kept in `folder`.
    pub(super) fn recall(folder: &Path, kept: &KeptPersons) -> std::io::Result<Self> {
        let open = |name: &String| -> std::io::Result<Run> {
            Ok(Run { file: File::open(folder.join(name))?, name: Some(name.clone()) })
        };
        let mut files = Vec::with_capacity(kept.runs.len());
        for name in &kept.runs {
            let run = open(name)?;
            if run.file.metadata()?.len() % WIDTH as u64 != 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            files.push(run);
        }
        let mut held = Vec::new();
        if let Some((name, count)) = &kept.held {
            let mut run = open(name)?;
            let mut reader = BufReader::new(&mut run.file);
            while held.len() < *count {
                held.push(read(&mut reader)?.ok_or(std::io::ErrorKind::UnexpectedEof)?);
            }
        }
        let fault = kept.fault.clone().map(std::io::Error::other);
        let folder = Some(folder.to_owned());
        Ok(Self { held, files, fault, folder, made: kept.made, ..Self::default() })
    }

    /// Tells `each` of every person once, with the places where it was seen, in order. Why that is not all of them, if
    /// something went wrong.
    pub(super) fn each(mut self, mut each: impl FnMut(&[u32])) -> Result<(), std::io::Error> {
        self.tidy();
        let mut places = Vec::new();
        let mut last = None;
        merged(&mut self.files, std::mem::take(&mut self.held), |(token, place)| {
            if last.replace(token) != Some(token) {
                if !places.is_empty() {
                    each(&places);
                }
                places.clear();
            }
            places.push(place);
            Ok(())
        })?;
        if !places.is_empty() {
            each(&places);
        }
        self.fault.map_or(Ok(()), Err)
    }

    fn tidy(&mut self) {
        self.held.sort_unstable();
        self.held.dedup();
    }

    /// Most come again: what is sorted may be half of it. If it is not, it is put away.
    fn make_room(&mut self, most: usize) {
        self.tidy();
        // In another order now.
        self.noted = None;
        if self.held.len() <= most / 2 {
            return;
        }
        if self.files.len() >= MOST_FILES {
            let mut whole = std::mem::take(&mut self.files);
            self.put_away(|file| merged(&mut whole, Vec::new(), |entry| write(file, entry)));
        }
        let mut held = std::mem::take(&mut self.held);
        self.put_away(|file| held.iter().try_for_each(|entry| write(file, *entry)));
        held.clear();
        self.held = held;
    }

    /// A new file, and in it what `fill` writes.
    fn put_away(&mut self, fill: impl FnOnce(&mut BufWriter<&mut File>) -> std::io::Result<()>) {
        let filled = self.new_run().and_then(|mut run| {
            let mut writer = BufWriter::new(&mut run.file);
            fill(&mut writer)?;
            writer.flush()?;
            drop(writer);
            if run.name.is_some() {
                run.file.sync_data()?;
            }
            Ok(run)
        });
        match filled {
            Ok(run) => self.files.push(run),
            Err(error) => {
                self.fault.get_or_insert(error);
            }
        }
    }

    /// A file for entries; without a name where there is no folder.
    fn new_run(&mut self) -> std::io::Result<Run> {
        let Some(folder) = &self.folder else { return Ok(Run { file: tempfile::tempfile()?, name: None }) };
        self.made += 1;
        let name = format!("{PERSONS}{}", self.made);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        Ok(Run { file: options.open(folder.join(&name))?, name: Some(name) })
    }
}

fn write(file: &mut impl Write, (token, place): Entry) -> std::io::Result<()> {
    file.write_all(&token.to_be_bytes())?;
    file.write_all(&place.to_be_bytes())
}

/// What comes next of a file.
fn read(file: &mut BufReader<&mut File>) -> std::io::Result<Option<Entry>> {
    let mut bytes = [0; WIDTH];
    match file.read_exact(&mut bytes) {
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    }
    let [t0, t1, t2, t3, t4, t5, t6, t7, place @ ..] = bytes;
    Ok(Some((u64::from_be_bytes([t0, t1, t2, t3, t4, t5, t6, t7]), u32::from_be_bytes(place))))
}

/// Tells `each` of all entries of the files and of `held`, in order and none twice.
fn merged(
    files: &mut [Run],
    held: Vec<Entry>,
    mut each: impl FnMut(Entry) -> std::io::Result<()>,
) -> std::io::Result<()> {
    let mut readers = Vec::with_capacity(files.len());
    for run in files {
        run.file.seek(SeekFrom::Start(0))?;
        readers.push(BufReader::with_capacity(64 * 1024, &mut run.file));
    }
    let mut heap = BinaryHeap::new();
    for (number, reader) in readers.iter_mut().enumerate() {
        heap.extend(read(reader)?.map(|entry| Reverse((entry, number))));
    }
    let mut held = held.into_iter();
    let of_held = usize::MAX;
    heap.extend(held.next().map(|entry| Reverse((entry, of_held))));
    let mut last = None;
    while let Some(Reverse((entry, number))) = heap.pop() {
        let next = match readers.get_mut(number) {
            Some(reader) => read(reader)?,
            None => held.next(),
        };
        heap.extend(next.map(|entry| Reverse((entry, number))));
        if last.replace(entry) != Some(entry) {
            each(entry)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    /// Persons seen at places by chance, the same each time (xorshift), and the number they are made of.
    fn sights() -> impl Iterator<Item = (u64, u64, u32)> {
        let mut state = 88_172_645_463_325_252_u64;
        std::iter::repeat_with(move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state, state % 700, u32::try_from(state >> 40).unwrap() % 3)
        })
    }

    #[test]
    fn what_is_kept_now_and_then_is_all_that_another_program_needs() {
        for most in [4, 64, 10_000] {
            let folder = tempfile::tempdir().unwrap();
            let mut distinct = Distinct::holding(most);
            let mut expected: BTreeMap<u64, BTreeSet<u32>> = BTreeMap::new();
            let mut kept = KeptPersons::default();
            for (state, token, place) in sights().take(3_000) {
                distinct.add(token, place);
                expected.entry(token).or_default().insert(place);
                if state.is_multiple_of(50) {
                    kept = distinct.keep(folder.path()).unwrap();
                }
                if state.is_multiple_of(300) {
                    // Killed some entries later, which are counted again.
                    for lost in 0..state % 9 {
                        distinct.add(1_000_000 + lost, 0);
                    }
                    distinct = Distinct { most_held: Some(most), ..Distinct::recall(folder.path(), &kept).unwrap() };
                }
            }
            kept = distinct.keep(folder.path()).unwrap();
            assert!(kept.names().all(|name| name.starts_with(PERSONS) && folder.path().join(name).exists()));
            let mut told = Vec::new();
            let again = Distinct::recall(folder.path(), &kept).unwrap();
            again.each(|places| told.push(places.to_vec())).unwrap();
            let expected: Vec<Vec<u32>> = expected.into_values().map(|places| places.into_iter().collect()).collect();
            assert_eq!(told, expected, "{most}");
            // A file that was cut is no part of a count.
            let (name, count) = kept.held.clone().unwrap();
            File::options().write(true).open(folder.path().join(&name)).unwrap().set_len(5).unwrap();
            assert_eq!(Distinct::recall(folder.path(), &kept).is_err(), count > 0, "{most}");
        }
    }

    #[test]
    fn all_are_counted_once_however_many_files_there_are() {
        for most in [4, 64, 10_000] {
            let mut distinct = Distinct::holding(most);
            let mut expected: BTreeMap<u64, BTreeSet<u32>> = BTreeMap::new();
            for (_, token, place) in sights().take(5_000) {
                distinct.add(token, place);
                expected.entry(token).or_default().insert(place);
            }
            assert!(distinct.files.len() <= MOST_FILES);
            assert_eq!(distinct.files.is_empty(), most == 10_000);
            let mut told = Vec::new();
            distinct.each(|places| told.push(places.to_vec())).unwrap();
            let expected: Vec<Vec<u32>> = expected.into_values().map(|places| places.into_iter().collect()).collect();
            assert_eq!(told, expected, "{most}");
        }
    }
}
