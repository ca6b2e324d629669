//! How many different persons there are, exactly, in constant memory: tokens are gathered, sorted, and put into temporary
//! files when there are too many. What is written is under the scan's key, and gone with the program.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{BufReader, BufWriter, Read as _, Seek as _, SeekFrom, Write as _};

/// Tokens held in memory: 32 MB of them.
const MOST_HELD: usize = 1 << 21;

/// Files that are merged into one when there are as many: each takes some memory while it is read.
const MOST_FILES: usize = 32;

/// Bytes of a token and its place in a file.
const WIDTH: usize = 12;

/// A person's token, and the number of the place where it was seen.
type Entry = (u64, u32);

/// Persons, and where each was seen.
#[derive(Default)]
pub(super) struct Distinct {
    held: Vec<Entry>,
    most_held: Option<usize>,
    /// Each in order of its entries, none of them twice.
    files: Vec<File>,
    /// Why they could not be put away: from then on some may be forgotten.
    fault: Option<std::io::Error>,
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
        if self.held.len() <= most / 2 {
            return;
        }
        if self.files.len() >= MOST_FILES {
            let mut whole = std::mem::take(&mut self.files);
            match put_away(|file| merged(&mut whole, Vec::new(), |entry| write(file, entry))) {
                Ok(file) => self.files.push(file),
                Err(error) => {
                    self.fault.get_or_insert(error);
                }
            }
        }
        let held = std::mem::take(&mut self.held);
        match put_away(|file| held.iter().try_for_each(|entry| write(file, *entry))) {
            Ok(file) => self.files.push(file),
            Err(error) => {
                self.fault.get_or_insert(error);
            }
        }
        self.held = held;
        self.held.clear();
    }
}

/// A temporary file without a name, and in it what `fill` writes.
fn put_away(fill: impl FnOnce(&mut BufWriter<File>) -> std::io::Result<()>) -> std::io::Result<File> {
    let mut writer = BufWriter::new(tempfile::tempfile()?);
    fill(&mut writer)?;
    writer.into_inner().map_err(std::io::IntoInnerError::into_error)
}

fn write(file: &mut BufWriter<File>, (token, place): Entry) -> std::io::Result<()> {
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
    files: &mut [File],
    held: Vec<Entry>,
    mut each: impl FnMut(Entry) -> std::io::Result<()>,
) -> std::io::Result<()> {
    let mut readers = Vec::with_capacity(files.len());
    for file in files {
        file.seek(SeekFrom::Start(0))?;
        readers.push(BufReader::with_capacity(64 * 1024, file));
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

    #[test]
    fn all_are_counted_once_however_many_files_there_are() {
        for most in [4, 64, 10_000] {
            let mut distinct = Distinct::holding(most);
            let mut expected: BTreeMap<u64, BTreeSet<u32>> = BTreeMap::new();
            let mut state = 88_172_645_463_325_252_u64;
            for _ in 0..5_000 {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                let (token, place) = (state % 700, u32::try_from(state >> 40).unwrap() % 3);
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
