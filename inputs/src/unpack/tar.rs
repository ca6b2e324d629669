//! Tar (POSIX.1-2017 pax, with what GNU adds): its regular files, in the order they stand.
//!
//! Our own, since the header is one block and a stranger's long name must not fill memory.

use std::cell::Cell;
use std::io::{BufRead, Read as _};
use std::ops::ControlFlow;
use std::rc::Rc;

use model::BlindSpotKind;

use super::{Member, Unpacker, read_up_to, skip};

/// All of a tar file is in blocks of this size.
const BLOCK: usize = 512;

/// The longest record before a header (a long name, a pax record) that is read; more of it is passed over.
const MAX_RECORD: usize = 64 * 1024;

/// Where the checksum stands in a header. It is made with spaces in its place.
const CHECKSUM: std::ops::Range<usize> = 148..156;

/// Hands each regular file of an archive on.
pub(super) fn members(
    unpacker: &mut Unpacker<'_>,
    archive: &Member,
    input: &mut dyn BufRead,
    place: &Rc<Cell<u64>>,
    depth: usize,
) -> ControlFlow<()> {
    let mut extended = Extended::default();
    loop {
        let header = read_up_to(input, BLOCK).unwrap_or_default();
        if header.is_empty() || header.len() == BLOCK && header.iter().all(|byte| *byte == 0) {
            return ControlFlow::Continue(());
        }
        // A name is a stranger's text, and the place alone says it: there it is redacted.
        let broken = |unpacker: &mut Unpacker<'_>, place_of: &Member, what: &str| {
            let detail = format!("tar broken near byte {}: {what}", place.get());
            unpacker.fault(BlindSpotKind::InputBroken, place_of, detail);
        };
        if !is_header(&header) {
            broken(unpacker, archive, "a header is cut or damaged; what comes after it was not read");
            return ControlFlow::Continue(());
        }
        let told = number(header.get(124..136).unwrap_or_default());
        let kind = header.get(156).copied().unwrap_or_default();
        let padding = |size: u64| size.next_multiple_of(BLOCK as u64) - size;
        match kind {
            // What is to come after this record: a long name (GNU), or names and sizes (pax).
            b'L' | b'x' => {
                let length = usize::try_from(told).unwrap_or(usize::MAX).min(MAX_RECORD);
                let record = read_up_to(input, length).unwrap_or_default();
                let rest = told.saturating_sub(record.len() as u64);
                if record.len() < length || !skip(input, rest.saturating_add(padding(told))) {
                    broken(unpacker, archive, "cut in the midst of a long name");
                    return ControlFlow::Continue(());
                }
                if kind == b'L' {
                    extended.name = Some(record.split(|byte| *byte == 0).next().unwrap_or_default().to_vec());
                } else {
                    extended.take(&record);
                }
            }
            b'0' | 0 | b'7' | b'S' => {
                let Extended { name, size } = std::mem::take(&mut extended);
                let name = archive.member(&name.unwrap_or_else(|| header_name(&header)));
                let size = size.unwrap_or(told);
                if kind == b'S' {
                    let detail = "a sparse file; its parts were read as if they stood next to each other";
                    unpacker.fault(BlindSpotKind::InputBroken, &name, detail);
                }
                let mut member = (&mut *input).take(size);
                unpacker.file(&name, &mut member, place, depth + 1)?;
                let left = member.limit();
                if !skip(input, left.saturating_add(padding(size))) {
                    broken(unpacker, &name, "cut in the midst of this member, or just after it");
                    return ControlFlow::Continue(());
                }
            }
            // Folders, links, devices and records for the whole archive hold nothing to read.
            _ => {
                if kind != b'g' {
                    extended = Extended::default();
                }
                if !skip(input, told.saturating_add(padding(told))) {
                    broken(unpacker, archive, "cut in the midst of an entry");
                    return ControlFlow::Continue(());
                }
            }
        }
    }
}

/// What records before a header say of the file after it.
#[derive(Default)]
struct Extended {
    name: Option<Vec<u8>>,
    size: Option<u64>,
}

impl Extended {
    /// Takes a pax record: lines of `length key=value`.
    fn take(&mut self, record: &[u8]) {
        for line in record.split(|byte| *byte == b'\n') {
            let text = line.iter().position(|byte| *byte == b' ').and_then(|at| line.get(at + 1..)).unwrap_or_default();
            if let Some(name) = text.strip_prefix(b"path=") {
                self.name = Some(name.to_vec());
            }
            if let Some(size) = text.strip_prefix(b"size=") {
                self.size = std::str::from_utf8(size).ok().and_then(|size| size.parse().ok());
            }
        }
    }
}

/// Whether a block is a header: its checksum is right, which no other text's is by chance.
pub(super) fn is_header(block: &[u8]) -> bool {
    let Some(told) = block.get(CHECKSUM).filter(|_| block.len() >= BLOCK) else { return false };
    let sum = |(at, byte): (usize, &u8)| u64::from(if CHECKSUM.contains(&at) { b' ' } else { *byte });
    let made: u64 = block.iter().take(BLOCK).enumerate().map(sum).sum();
    block.first().is_some_and(|first| *first != 0) && made == number(told)
}

/// A number in octal, or for large files in base 256 (GNU).
fn number(field: &[u8]) -> u64 {
    if let Some((first, rest)) = field.split_first()
        && first & 0x80 != 0
    {
        return rest.iter().fold(0, |number: u64, byte| number.saturating_mul(256).saturating_add(u64::from(*byte)));
    }
    let digits = field.iter().skip_while(|byte| **byte == b' ').take_while(|byte| (b'0'..=b'7').contains(byte));
    digits.fold(0, |number: u64, digit| number.saturating_mul(8).saturating_add(u64::from(digit - b'0')))
}

/// The name in a header: its folder (POSIX alone) and itself.
fn header_name(header: &[u8]) -> Vec<u8> {
    let text = |range: std::ops::Range<usize>| {
        header.get(range).unwrap_or_default().split(|byte| *byte == 0).next().unwrap_or_default()
    };
    let is_posix = header.get(257..263) == Some(b"ustar\0");
    match text(345..500) {
        folder if is_posix && !folder.is_empty() => [folder, b"/", text(0..100)].concat(),
        _ => text(0..100).to_vec(),
    }
}
