//! The packets of a capture: pcap, with times in microseconds or nanoseconds, and pcapng, in either order of bytes.

use std::io::Read;

use jiff::Timestamp;

/// Bytes of one packet, or of another block: what a network card puts together is 256 KiB at the most.
const MAX_PACKET: usize = 16 * 1024 * 1024;

/// Interfaces of one section that are told apart; captures have some ten.
const MAX_INTERFACES: usize = 4_096;

/// The first bytes of a pcapng (its section header block, draft-ietf-opsawg-pcapng §4.1).
const SECTION: [u8; 4] = [0x0a, 0x0d, 0x0d, 0x0a];

/// The first bytes of a pcap (draft-ietf-opsawg-pcap §4) as its writer has them, and the parts of a second it counts in.
const MAGICS: [(u32, u32); 2] = [(0xa1b2_c3d4, 1_000_000), (0xa1b2_3c4d, 1_000_000_000)];

/// Says how numbers of a section are written (draft-ietf-opsawg-pcapng §4.1).
const ORDER: u32 = 0x1a2b_3c4d;

/// Kinds of blocks (draft-ietf-opsawg-pcapng §11.1).
const INTERFACE: u32 = 1;
const OLD_PACKET: u32 = 2;
const SIMPLE_PACKET: u32 = 3;
const ENHANCED_PACKET: u32 = 6;

/// Options of an interface: the resolution of its times, and what is added to them.
const RESOLUTION: u16 = 9;
const OFFSET: u16 = 14;

/// A packet as it was captured.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Packet {
    /// When, where that is said.
    pub(super) time: Option<Timestamp>,
    /// What it begins with (the registry of link types).
    pub(super) link: u32,
    pub(super) bytes: Vec<u8>,
    /// Whether its end was not captured.
    pub(super) is_cut: bool,
}

/// Whether a file that begins with `head` is a capture.
pub(crate) fn is_capture(head: &[u8]) -> bool {
    head.starts_with(&SECTION) || magic(head).is_some()
}

/// The packets of a file.
pub(super) struct Packets<R> {
    input: R,
    /// Bytes read.
    offset: u64,
    format: Option<Format>,
    fault: Option<String>,
}

#[derive(Clone)]
enum Format {
    Pcap { order: Order, parts: u32, link: u32 },
    PcapNg { order: Order, interfaces: Vec<Interface> },
}

/// A block of a pcapng.
enum Block {
    Packet(Packet),
    Other,
}

#[derive(Clone, Copy)]
enum Order {
    Little,
    Big,
}

#[derive(Clone, Copy)]
struct Interface {
    link: u32,
    snap_length: u32,
    /// Units of a second.
    units: u64,
    /// Seconds to be added.
    offset: i64,
}

impl Order {
    fn u16(self, bytes: &[u8], at: usize) -> Option<u16> {
        let bytes = bytes.get(at..)?.first_chunk().copied()?;
        Some(match self {
            Self::Little => u16::from_le_bytes(bytes),
            Self::Big => u16::from_be_bytes(bytes),
        })
    }

    fn u32(self, bytes: &[u8], at: usize) -> Option<u32> {
        let bytes = bytes.get(at..)?.first_chunk().copied()?;
        Some(match self {
            Self::Little => u32::from_le_bytes(bytes),
            Self::Big => u32::from_be_bytes(bytes),
        })
    }

    fn i64(self, bytes: &[u8], at: usize) -> Option<i64> {
        let bytes = bytes.get(at..)?.first_chunk().copied()?;
        Some(match self {
            Self::Little => i64::from_le_bytes(bytes),
            Self::Big => i64::from_be_bytes(bytes),
        })
    }
}

impl<R: Read> Packets<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input, offset: 0, format: None, fault: None }
    }

    /// Why it was not read to its end.
    pub(super) fn fault(self) -> Option<String> {
        self.fault
    }

    /// The next packet; `None` at the end, or where the file is broken.
    pub(super) fn next(&mut self) -> Option<Packet> {
        loop {
            match self.format.clone() {
                None => self.begin()?,
                Some(Format::Pcap { order, parts, link }) => return self.record(order, parts, link),
                Some(Format::PcapNg { order, .. }) => {
                    if let Block::Packet(packet) = self.block(order)? {
                        return Some(packet);
                    }
                }
            }
        }
    }

    fn begin(&mut self) -> Option<()> {
        let first = self.take(4, true)?;
        if first == SECTION {
            return self.section();
        }
        let Some((order, parts)) = magic(&first) else { return self.broken("it does not begin as a capture") };
        let rest = self.take(20, false)?;
        // The upper bits say something else, such as how many bytes a checksum behind each packet has.
        let link = order.u32(&rest, 16)? & 0xffff;
        self.format = Some(Format::Pcap { order, parts, link });
        Some(())
    }

    fn record(&mut self, order: Order, parts: u32, link: u32) -> Option<Packet> {
        let head = self.take(16, true)?;
        let number = |at| order.u32(&head, at);
        let (seconds, part, kept, length) = (number(0)?, number(4)?, number(8)?, number(12)?);
        let Some(kept) = usize::try_from(kept).ok().filter(|kept| *kept <= MAX_PACKET) else {
            return self.broken("a packet is longer than any");
        };
        let bytes = self.take(kept, false)?;
        let time = time(i64::from(seconds), u64::from(part), u64::from(parts));
        Some(Packet { time, link, is_cut: (bytes.len() as u64) < u64::from(length), bytes })
    }

    /// The rest of a section header, whose kind was read.
    fn section(&mut self) -> Option<()> {
        let head = self.take(8, false)?;
        let order = [Order::Little, Order::Big].into_iter().find(|order| order.u32(&head, 4) == Some(ORDER));
        let Some(order) = order else { return self.broken("a section does not say how it is written") };
        let length = self.length(order.u32(&head, 0)?, 12)?;
        self.take(length, false)?;
        self.format = Some(Format::PcapNg { order, interfaces: Vec::new() });
        Some(())
    }

    /// How much of a block is left, of which `read` bytes were read.
    fn length(&mut self, length: u32, read: usize) -> Option<usize> {
        let length = usize::try_from(length).ok().filter(|length| length % 4 == 0 && *length <= MAX_PACKET);
        match length.and_then(|length| length.checked_sub(read)) {
            Some(left) => Some(left),
            None => self.broken("a block has a length that none has"),
        }
    }

    /// The next block.
    fn block(&mut self, order: Order) -> Option<Block> {
        let kind = self.take(4, true)?;
        if kind == SECTION {
            self.section()?;
            return Some(Block::Other);
        }
        let kind = order.u32(&kind, 0)?;
        let length = self.take(4, false)?;
        let left = self.length(order.u32(&length, 0)?, 8)?;
        let body = self.take(left, false)?;
        let Some(Format::PcapNg { interfaces, .. }) = &mut self.format else { return None };
        let number = |at| order.u32(&body, at);
        // The length stands behind it once more.
        let end = body.len().saturating_sub(4);
        let told = match kind {
            INTERFACE => {
                if let Some(interface) = interface(order, &body).filter(|_| interfaces.len() < MAX_INTERFACES) {
                    interfaces.push(interface);
                }
                return Some(Block::Other);
            }
            ENHANCED_PACKET => {
                number(0).zip(number(12)).zip(number(16)).map(|((at, kept), length)| (at, kept, length, 20))
            }
            OLD_PACKET => order
                .u16(&body, 0)
                .zip(number(12))
                .zip(number(16))
                .map(|((at, kept), length)| (u32::from(at), kept, length, 20)),
            SIMPLE_PACKET => {
                let longest = interfaces.first().map_or(0, |first| first.snap_length);
                number(0).map(|length| (0, if longest == 0 { length } else { length.min(longest) }, length, 4))
            }
            _ => return Some(Block::Other),
        };
        let interface = told.and_then(|(at, ..)| interfaces.get(usize::try_from(at).ok()?).copied());
        let (Some((_, kept, length, from)), Some(interface)) = (told, interface) else {
            return self.broken("a packet is of no interface");
        };
        let bytes = usize::try_from(kept).ok().and_then(|kept| body.get(from..end)?.get(..kept)).map(<[u8]>::to_vec);
        let Some(bytes) = bytes else { return self.broken("a packet is longer than its block") };
        let ticks = (kind != SIMPLE_PACKET)
            .then(|| number(4).zip(number(8)).map(|(high, low)| u64::from(high) << 32 | u64::from(low)));
        let time = ticks.flatten().and_then(|ticks| {
            let seconds = i64::try_from(ticks / interface.units).unwrap_or_default().saturating_add(interface.offset);
            time(seconds, ticks % interface.units, interface.units)
        });
        Some(Block::Packet(Packet { time, link: interface.link, is_cut: kept < length, bytes }))
    }

    /// So many bytes; `None` at the end, which is a fault unless `may_end`.
    fn take(&mut self, count: usize, may_end: bool) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        let read = self.input.by_ref().take(count as u64).read_to_end(&mut bytes);
        self.offset += bytes.len() as u64;
        match read {
            Err(error) => self.broken(&error.to_string()),
            Ok(_) if bytes.len() == count => Some(bytes),
            Ok(0) if may_end => None,
            Ok(_) => self.broken("it ends in the midst of a packet"),
        }
    }

    fn broken<T>(&mut self, why: &str) -> Option<T> {
        self.fault.get_or_insert_with(|| format!("not read beyond byte {}: {why}", self.offset));
        None
    }
}

fn magic(head: &[u8]) -> Option<(Order, u32)> {
    let told = |order: Order| {
        let magic = order.u32(head, 0)?;
        MAGICS.iter().find(|(known, _)| *known == magic).map(|(_, parts)| (order, *parts))
    };
    told(Order::Little).or_else(|| told(Order::Big))
}

fn interface(order: Order, body: &[u8]) -> Option<Interface> {
    let mut interface = Interface {
        link: u32::from(order.u16(body, 0)?),
        snap_length: order.u32(body, 4)?,
        units: 1_000_000,
        offset: 0,
    };
    let mut at = 8;
    while let (Some(code), Some(length)) = (order.u16(body, at), order.u16(body, at + 2)) {
        let value = body.get(at + 4..).unwrap_or_default();
        match (code, length) {
            (0, _) => break,
            (RESOLUTION, 1) => {
                let told = value.first().copied().unwrap_or(6);
                let power = u32::from(told & 0x7f);
                let units = if told & 0x80 == 0 { 10_u64.checked_pow(power) } else { 2_u64.checked_pow(power) };
                interface.units = units.unwrap_or(1_000_000);
            }
            (OFFSET, 8) => interface.offset = order.i64(value, 0).unwrap_or_default(),
            _ => {}
        }
        at += 4 + usize::from(length).next_multiple_of(4);
    }
    Some(interface)
}

/// A time in seconds and parts of one, of which it has `parts`; `None` beyond the year 9999.
fn time(seconds: i64, part: u64, parts: u64) -> Option<Timestamp> {
    let nanoseconds = u128::from(part) * 1_000_000_000 / u128::from(parts.max(1));
    let nanoseconds = i32::try_from(nanoseconds.min(999_999_999)).unwrap_or_default();
    Timestamp::new(seconds, nanoseconds).ok()
}
