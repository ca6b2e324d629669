//! Zip (PKWARE's APPNOTE 6.3) from its start to its end: the list at its end, which wants a file to seek in, is not needed.
//!
//! Our own, since libraries that stream cannot read members whose size stands behind them, as macOS and most servers
//! write them. Deflate says itself where it ends.

use std::cell::Cell;
use std::io::{BufRead, Read};
use std::ops::ControlFlow;
use std::rc::Rc;

use flate2::Crc;
use flate2::bufread::DeflateDecoder;
use model::BlindSpotKind;

use super::{Member, Told, Unpacker, read_up_to, skip};

/// What stands before a member, before the list of members, and between a member and what is told of it afterwards.
const LOCAL: [u8; 4] = *b"PK\x03\x04";
const SPLIT: [u8; 4] = *b"PK\x07\x08";

/// Bytes of a member's header after its mark (APPNOTE §4.3.7).
const HEADER: usize = 26;

/// What stands behind a member, and the mark of what comes next, at most: mark, checksum, two sizes of 8 bytes.
const MAX_BEHIND: usize = 24 + 4;

/// Flags (APPNOTE §4.4.4): encrypted, and sizes stand behind the member.
const ENCRYPTED: u64 = 1;
const SIZES_BEHIND: u64 = 1 << 3;

/// A size that stands in the extra field instead (APPNOTE §4.5.3), and that field's id.
const ELSEWHERE: u64 = 0xffff_ffff;
const ZIP64: u64 = 1;

/// Ways of compression (APPNOTE §4.4.5). Those of `OWN_MARK` are told by what they begin with, as in a file of their own.
const STORED: u64 = 0;
const DEFLATE: u64 = 8;
const OWN_MARK: [u64; 3] = [12, 93, 95];

/// A member's header.
struct Header {
    flags: u64,
    method: u64,
    checksum: u64,
    size: u64,
    name: Vec<u8>,
}

/// Hands each member of an archive on.
pub(super) fn members(
    unpacker: &mut Unpacker<'_>,
    archive: &Member,
    input: &mut dyn BufRead,
    place: &Rc<Cell<u64>>,
    depth: usize,
) -> ControlFlow<()> {
    let mut mark = read_up_to(input, LOCAL.len()).unwrap_or_default();
    if mark == SPLIT {
        mark = read_up_to(input, LOCAL.len()).unwrap_or_default();
    }
    loop {
        // A name is a stranger's text, and the place alone says it: there it is redacted.
        let broken = |unpacker: &mut Unpacker<'_>, place_of: &Member, what: &str| {
            let detail = format!("zip broken near byte {}: {what}", place.get());
            unpacker.fault(BlindSpotKind::InputBroken, place_of, detail);
        };
        if mark != LOCAL {
            // The list of members begins with the same two letters.
            if !mark.starts_with(b"PK") {
                broken(unpacker, archive, "no member begins where one should; what comes after it was not read");
            }
            return ControlFlow::Continue(());
        }
        let Some(header) = header(input) else {
            broken(unpacker, archive, "cut in the midst of a header");
            return ControlFlow::Continue(());
        };
        let name = archive.member(&header.name);
        let has_size = header.flags & SIZES_BEHIND == 0;
        let is_readable = header.flags & ENCRYPTED == 0
            && (header.method == DEFLATE || has_size && (header.method == STORED || OWN_MARK.contains(&header.method)));
        if !is_readable {
            let why = if header.flags & ENCRYPTED == 0 { "compressed in an unknown way" } else { "encrypted" };
            unpacker.fault(BlindSpotKind::EncodingUnknown, &name, format!("{why}; unpack it first"));
            if !has_size {
                broken(unpacker, &name, "the end of this member is not told; what comes after it was not read");
                return ControlFlow::Continue(());
            }
            if !skip(input, header.size) {
                broken(unpacker, &name, "cut in the midst of this member");
                return ControlFlow::Continue(());
            }
        } else if has_size {
            let mut packed = (&mut *input).take(header.size);
            member(unpacker, &header, &name, &mut packed, place, depth)?;
            let left = packed.limit();
            if !skip(input, left) {
                broken(unpacker, &name, "cut in the midst of this member");
                return ControlFlow::Continue(());
            }
        } else {
            member(unpacker, &header, &name, input, place, depth)?;
        }
        mark = if has_size { read_up_to(input, LOCAL.len()).unwrap_or_default() } else { mark_behind(input) };
    }
}

/// One member, whose packed bytes `packed` begins with. They are read to their end.
fn member(
    unpacker: &mut Unpacker<'_>,
    header: &Header,
    name: &Member,
    packed: &mut dyn BufRead,
    place: &Rc<Cell<u64>>,
    depth: usize,
) -> ControlFlow<()> {
    let plain: &mut dyn Read = if header.method == DEFLATE { &mut DeflateDecoder::new(packed) } else { packed };
    let mut summed = Summed { input: Told::new(plain), sum: Crc::new() };
    unpacker.file(name, &mut summed, place, depth + 1)?;
    // Whoever took it may have left some.
    let _ = std::io::copy(&mut summed, &mut std::io::sink());
    let Summed { input: Told { fault, read, .. }, sum } = summed;
    if let Some(error) = fault {
        let at = place.get();
        let detail = format!("zip broken near byte {at}: {error}; {read} bytes before were read");
        unpacker.fault(BlindSpotKind::InputBroken, name, detail);
        return ControlFlow::Continue(());
    }
    // What stands behind it is passed over, and what has a mark of its own is summed up by its own format.
    let is_told = header.flags & SIZES_BEHIND == 0 && !OWN_MARK.contains(&header.method);
    if is_told && u64::from(sum.sum()) != header.checksum {
        let detail = format!("its checksum is wrong; the {read} bytes it held were read");
        unpacker.fault(BlindSpotKind::InputBroken, name, detail);
    }
    ControlFlow::Continue(())
}

fn header(input: &mut dyn BufRead) -> Option<Header> {
    let fixed = read_up_to(input, HEADER).ok().filter(|fixed| fixed.len() == HEADER)?;
    let at = |at: usize, width: usize| fixed.get(at..at + width).map_or(0, number);
    let length = |at_: usize| usize::try_from(at(at_, 2)).unwrap_or(0);
    let name = read_up_to(input, length(22)).ok().filter(|name| name.len() == length(22))?;
    let extra = read_up_to(input, length(24)).ok().filter(|extra| extra.len() == length(24))?;
    let size = match at(14, 4) {
        ELSEWHERE => zip64_size(&extra, at(18, 4) == ELSEWHERE).unwrap_or(ELSEWHERE),
        size => size,
    };
    Some(Header { flags: at(2, 2), method: at(4, 2), checksum: at(10, 4), size, name })
}

/// The size of the packed bytes in the extra field; that of the plain ones stands before it where both are there.
fn zip64_size(extra: &[u8], is_second: bool) -> Option<u64> {
    let mut rest = extra;
    while rest.len() >= 4 {
        let id = number(rest.get(..2)?);
        let length = usize::try_from(number(rest.get(2..4)?)).ok()?;
        let field = rest.get(4..4 + length)?;
        if id == ZIP64 {
            let from = if is_second { 8 } else { 0 };
            return field.get(from..from + 8).map(number);
        }
        rest = rest.get(4 + length..)?;
    }
    None
}

fn number(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// Passes over what stands behind a member, which comes with a mark or without and in two widths, to the next mark.
fn mark_behind(input: &mut dyn BufRead) -> Vec<u8> {
    let mut seen = Vec::new();
    while seen.len() < MAX_BEHIND {
        let Some(byte) = read_up_to(input, 1).ok().and_then(|read| read.first().copied()) else { break };
        seen.push(byte);
        let end = seen.get(seen.len().saturating_sub(4)..).unwrap_or_default();
        if end == LOCAL || end == b"PK\x01\x02" || end == b"PK\x06\x06" {
            return end.to_vec();
        }
    }
    Vec::new()
}

/// Sums up what is read.
struct Summed<R> {
    input: Told<R>,
    sum: Crc,
}

impl<R: Read> Read for Summed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.input.read(buffer)?;
        self.sum.update(buffer.get(..read).unwrap_or_default());
        Ok(read)
    }
}
