//! Files as they are kept: compressed, in archives, or both, told by what they begin with and read as a stream.
//!
//! A bomb costs time and no memory: what comes out is handed on as it comes, and what an unpacker holds is bounded by its
//! format or by us. So no ratio is a reason to stop. What stands before a fault is read; the fault is told with its place.

mod gzip;
mod tar;
mod zip;
mod zstd;

use std::cell::Cell;
use std::io::{BufRead, BufReader, Cursor, Read};
use std::ops::ControlFlow;
use std::rc::Rc;

use model::{BlindSpot, BlindSpotKind};

use crate::capture::is_capture;

/// How deep compressions and archives are undone: `logs.zip` of `day.tar` of `access.log.gz` is three.
const MAX_DEPTH: usize = 3;

/// Faults told one by one; an archive of a million broken members has those beyond in one number.
const MAX_FAULTS: usize = 100;

/// What is looked at to tell a format: up to the end of tar's mark.
const HEAD: usize = 512;

/// Bytes read ahead of each unpacker.
const READ_AHEAD: usize = 64 * 1024;

/// What an xz decoder may hold, in KiB: 64 MiB is what the largest preset (`xz -9`) needs, and some for itself.
const MAX_XZ_KIB: u32 = 80 * 1024;

/// The longest name of a member that is kept.
const MAX_NAME: usize = 1024;

/// How a file is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Packing {
    Gzip,
    Zstd,
    Bzip2,
    Xz,
    Brotli,
    Zip,
    Tar,
    /// One that is known and not undone, by its name.
    Other(&'static str),
}

/// What the packings begin with. Brotli has no mark, and tar's stands further in.
const MARKS: [(&[u8], Packing); 11] = [
    (b"\x1f\x8b\x08", Packing::Gzip),
    (b"\x28\xb5\x2f\xfd", Packing::Zstd),
    (b"\xfd7zXZ\0", Packing::Xz),
    (b"PK\x03\x04", Packing::Zip),
    (b"PK\x05\x06", Packing::Zip),
    (b"PK\x07\x08PK\x03\x04", Packing::Zip),
    (b"\x1f\x9d", Packing::Other("compress")),
    (b"7z\xbc\xaf\x27\x1c", Packing::Other("7z")),
    (b"Rar!\x1a\x07", Packing::Other("rar")),
    (b"\x04\x22\x4d\x18", Packing::Other("lz4")),
    (b"LZIP", Packing::Other("lzip")),
];

/// Takes a plain file: what it is called, and what it says. `Break` stops the reading.
type Take<'a> = dyn FnMut(&Member, &mut dyn Read) -> ControlFlow<()> + 'a;

/// What a plain file is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// As it is found again: that of the file, and of a member of an archive its own behind that, with a `/` between.
    pub name: String,
    /// The same without the endings of what was undone: `a.log` of `a.log.gz`.
    pub plain: String,
    /// Whether anything was undone to come to it.
    pub is_unpacked: bool,
}

impl Member {
    fn file(name: &str) -> Self {
        Self { name: name.to_owned(), plain: name.to_owned(), is_unpacked: false }
    }

    /// What a compressed file holds.
    fn undone(&self) -> Self {
        Self { name: self.name.clone(), plain: stem(&self.plain).to_owned(), is_unpacked: true }
    }

    /// What an archive holds under this name.
    fn member(&self, name: &[u8]) -> Self {
        let name = String::from_utf8_lossy(name);
        let kept: String = name.trim_start_matches("./").chars().take(MAX_NAME).collect();
        let Self { name, plain, is_unpacked: _ } = self;
        Self { name: format!("{name}/{kept}"), plain: format!("{plain}/{kept}"), is_unpacked: true }
    }
}

/// Hands each plain file in `input`, which is named `name`, to `take`, and returns what could not be read. `take` need not read
/// to the end.
///
/// ```
/// use std::ops::ControlFlow;
///
/// let blind_spots = inputs::unpack("a.log", &mut &b"plain"[..], &mut |member, input| {
///     assert_eq!((member.name.as_str(), std::io::read_to_string(input).unwrap().as_str()), ("a.log", "plain"));
///     ControlFlow::Continue(())
/// });
/// assert!(blind_spots.is_empty());
/// ```
pub fn unpack(
    name: &str,
    input: &mut dyn Read,
    take: &mut dyn FnMut(&Member, &mut dyn Read) -> ControlFlow<()>,
) -> Vec<BlindSpot> {
    let mut unpacker = Unpacker { take, faults: Vec::new(), beyond: 0 };
    let read = Rc::new(Cell::new(0));
    // Whether it was stopped is known to whoever stopped it.
    let _ = unpacker.file(&Member::file(name), &mut Counted { input, read: Rc::clone(&read) }, &read, 0);
    let Unpacker { mut faults, beyond, .. } = unpacker;
    if beyond > 0 {
        faults.push(BlindSpot::new(BlindSpotKind::InputBroken, name, format!("{beyond} more faults in it")));
    }
    faults
}

/// Whether the file named `name`, which begins with `head`, is more than its plain text, or is named as if it were.
pub fn is_packed(name: &str, head: &[u8]) -> bool {
    packing(name, head).is_some() || misnamed(name, head).is_some()
}

/// A reading that goes on.
struct Unpacker<'a> {
    take: &'a mut Take<'a>,
    faults: Vec<BlindSpot>,
    beyond: u64,
}

impl Unpacker<'_> {
    /// One file, packed or plain. `place` is how many bytes of the outermost file were read.
    fn file(&mut self, name: &Member, input: &mut dyn Read, place: &Rc<Cell<u64>>, depth: usize) -> ControlFlow<()> {
        let mut head = Vec::new();
        let mut input = Told::new(input);
        // What breaks here is kept by `input`.
        let _ = input.by_ref().take(HEAD as u64).read_to_end(&mut head);
        let packing = packing(&name.plain, &head);
        let misnamed = misnamed(&name.plain, &head);
        let mut whole = BufReader::with_capacity(READ_AHEAD, Cursor::new(head).chain(&mut input));
        let flow = match packing {
            Some(packing) if depth < MAX_DEPTH => self.packed(packing, name, &mut whole, place, depth),
            Some(Packing::Other(_)) => self.plain(name, &mut whole),
            None => {
                if let Some(ending) = misnamed {
                    let detail = format!(
                        "its name ends with .{ending}, its bytes say otherwise; it was read as what they say, or as plain text"
                    );
                    self.fault(BlindSpotKind::InputBroken, name, detail);
                }
                self.plain(name, &mut whole)
            }
            Some(_) => {
                let detail = format!("packed more than {MAX_DEPTH} times over; not unpacked further");
                self.fault(BlindSpotKind::DecodeLimit, name, detail);
                self.plain(name, &mut whole)
            }
        };
        drop(whole);
        if let Some(error) = input.fault {
            self.fault(BlindSpotKind::InputBroken, name, format!("not read beyond byte {}: {error}", place.get()));
        }
        flow
    }

    fn packed(
        &mut self,
        packing: Packing,
        name: &Member,
        input: &mut dyn BufRead,
        place: &Rc<Cell<u64>>,
        depth: usize,
    ) -> ControlFlow<()> {
        match packing {
            Packing::Gzip => self.stream(name, "gzip", gzip::Members::new(input), place, depth),
            Packing::Zstd => self.stream(name, "zstd", zstd::Frames::new(input), place, depth),
            Packing::Bzip2 => self.stream(name, "bzip2", bzip2::bufread::MultiBzDecoder::new(input), place, depth),
            Packing::Xz => {
                let decoder = lzma_rust2::XzReader::new_mem_limit(input, true, MAX_XZ_KIB);
                self.stream(name, "xz", decoder, place, depth)
            }
            Packing::Brotli => {
                let decoder = brotli_decompressor::Decompressor::new(input, READ_AHEAD);
                self.stream(name, "brotli", decoder, place, depth)
            }
            Packing::Zip => zip::members(self, name, input, place, depth),
            Packing::Tar => tar::members(self, name, input, place, depth),
            Packing::Other(format) => {
                self.fault(BlindSpotKind::EncodingUnknown, name, format!("packed as {format}; unpack it first"));
                ControlFlow::Continue(())
            }
        }
    }

    /// What a compressed file says, as far as it can be undone.
    fn stream(
        &mut self,
        name: &Member,
        format: &str,
        decoder: impl Read,
        place: &Rc<Cell<u64>>,
        depth: usize,
    ) -> ControlFlow<()> {
        let mut undone = Told::new(decoder);
        let flow = self.file(&name.undone(), &mut undone, place, depth + 1);
        let Told { read, fault, .. } = undone;
        if let Some(error) = fault {
            let at = place.get();
            let detail = format!("{format} broken near byte {at}: {error}; {read} bytes before were read");
            self.fault(BlindSpotKind::InputBroken, name, detail);
        }
        flow
    }

    fn plain(&mut self, name: &Member, input: &mut dyn Read) -> ControlFlow<()> {
        (self.take)(name, input)
    }

    /// `detail` says nothing of what was read but where and how it broke.
    fn fault(&mut self, kind: BlindSpotKind, name: &Member, detail: impl Into<String>) {
        if self.faults.len() < MAX_FAULTS {
            self.faults.push(BlindSpot::new(kind, &name.name, detail).in_own_words());
        } else {
            self.beyond += 1;
        }
    }
}

/// How a file is kept, if it is not plain.
fn packing(name: &str, head: &[u8]) -> Option<Packing> {
    let marked = MARKS.iter().find(|(mark, _)| head.starts_with(mark)).map(|(_, packing)| *packing);
    let is_brotli = || name.rsplit('.').next().is_some_and(|end| end.eq_ignore_ascii_case("br"));
    marked
        .or_else(|| bzip2_mark(head).then_some(Packing::Bzip2))
        .or_else(|| zstd::is_skippable(head).then_some(Packing::Zstd))
        .or_else(|| tar::is_header(head).then_some(Packing::Tar))
        .or_else(|| is_brotli().then_some(Packing::Brotli))
}

/// The ending of a name that says of a file what it is not: packed, or a capture of the network.
fn misnamed<'a>(name: &'a str, head: &[u8]) -> Option<&'a str> {
    const PACKED: [&str; 12] = ["gz", "gzip", "tgz", "zst", "bz2", "tbz2", "xz", "txz", "zip", "tar", "7z", "rar"];
    const CAPTURES: [&str; 3] = ["pcap", "pcapng", "cap"];
    let (_, ending) = name.rsplit_once('.')?;
    let is_one_of = |endings: &[&str]| endings.iter().any(|known| ending.eq_ignore_ascii_case(known));
    let is_other = is_one_of(&PACKED) && packing(name, head).is_none() || is_one_of(&CAPTURES) && !is_capture(head);
    (is_other && !head.is_empty()).then_some(ending)
}

/// `BZh`, the size of blocks, and the mark of the first block or, where there is none, of the end.
fn bzip2_mark(head: &[u8]) -> bool {
    let block: [&[u8]; 2] = [b"\x31\x41\x59\x26\x53\x59", b"\x17\x72\x45\x38\x50\x90"];
    let sized = head.strip_prefix(b"BZh").and_then(<[u8]>::split_first);
    sized.is_some_and(|(size, rest)| (b'1'..=b'9').contains(size) && block.iter().any(|mark| rest.starts_with(mark)))
}

/// A compressed file's name without the ending that says so: what is in it has no such ending either.
fn stem(name: &str) -> &str {
    const ENDINGS: [&str; 6] = ["gz", "zst", "bz2", "xz", "br", "gzip"];
    match name.rsplit_once('.') {
        Some((stem, end)) if !stem.is_empty() && ENDINGS.iter().any(|known| end.eq_ignore_ascii_case(known)) => stem,
        _ => name,
    }
}

/// Counts what is read of the outermost file.
struct Counted<'a> {
    input: &'a mut dyn Read,
    read: Rc<Cell<u64>>,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.input.read(buffer)?;
        self.read.set(self.read.get() + read as u64);
        Ok(read)
    }
}

/// Ends where its input breaks, and keeps why.
struct Told<R> {
    input: R,
    read: u64,
    fault: Option<std::io::Error>,
}

impl<R> Told<R> {
    fn new(input: R) -> Self {
        Self { input, read: 0, fault: None }
    }
}

impl<R: Read> Read for Told<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.fault.is_some() {
            return Ok(0);
        }
        match self.input.read(buffer) {
            Ok(read) => {
                self.read += read as u64;
                Ok(read)
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => Err(error),
            Err(error) => {
                self.fault = Some(error);
                Ok(0)
            }
        }
    }
}

/// Reads up to `count` bytes, fewer at the end of the input.
fn read_up_to(input: &mut dyn Read, count: usize) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    input.take(count as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Passes over `count` bytes; whether they were all there.
fn skip(input: &mut dyn Read, count: u64) -> bool {
    std::io::copy(&mut input.take(count), &mut std::io::sink()).is_ok_and(|skipped| skipped == count)
}

#[cfg(test)]
mod tests;
