//! What a packet says of a TCP connection: its layers taken off.

use std::net::IpAddr;

use etherparse::{EtherType, LaxNetSlice, LaxSlicedPacket, TransportSlice};

/// Link types (the registry of tcpdump.org).
const NULL: u32 = 0;
const ETHERNET: u32 = 1;
const RAW: [u32; 5] = [12, 14, 101, 228, 229];
const LOOP: u32 = 108;
const COOKED: u32 = 113;
const COOKED_2: u32 = 276;

/// Ports that HTTP/3 goes to.
const QUIC: [u16; 2] = [443, 80];

/// An end of a connection.
pub(super) type End = (IpAddr, u16);

/// A segment of a connection.
#[derive(Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "those of the segment")]
pub(super) struct Segment<'a> {
    pub(super) from: End,
    pub(super) to: End,
    /// The number of its first byte.
    pub(super) sequence: u32,
    pub(super) begins: bool,
    pub(super) answers: bool,
    pub(super) ends: bool,
    pub(super) resets: bool,
    pub(super) bytes: &'a [u8],
}

/// What a packet is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Told<'a> {
    Segment(Segment<'a>),
    /// A piece of a packet that the network has cut in pieces.
    Fragment,
    /// HTTP/3, by its port.
    Quic,
    /// Nothing that can have HTTP in it.
    Other,
    /// What it begins with is not known.
    UnknownLink,
    Broken,
}

/// What `bytes`, which begin with `link`, are.
pub(super) fn told(link: u32, bytes: &[u8]) -> Told<'_> {
    let behind = |count: usize| bytes.get(count..).unwrap_or_default();
    let ether_type = |at: usize| bytes.get(at..).and_then(|bytes| bytes.first_chunk().copied()).map(u16::from_be_bytes);
    let cooked = |at: usize, length: usize| {
        ether_type(at).map(|kind| LaxSlicedPacket::from_ether_type(EtherType(kind), behind(length)))
    };
    let sliced = match link {
        ETHERNET => LaxSlicedPacket::from_ethernet(bytes).ok(),
        // Four bytes for the family; what follows tells it too.
        NULL | LOOP => LaxSlicedPacket::from_ip(behind(4)).ok(),
        COOKED => cooked(14, 16),
        COOKED_2 => cooked(0, 20),
        _ if RAW.contains(&link) => LaxSlicedPacket::from_ip(bytes).ok(),
        _ => return Told::UnknownLink,
    };
    let Some(sliced) = sliced else { return Told::Broken };
    let (from, to) = match &sliced.net {
        Some(LaxNetSlice::Ipv4(ip)) => {
            if ip.payload().fragmented {
                return Told::Fragment;
            }
            (IpAddr::V4(ip.header().source_addr()), IpAddr::V4(ip.header().destination_addr()))
        }
        Some(LaxNetSlice::Ipv6(ip)) => {
            if ip.payload().fragmented {
                return Told::Fragment;
            }
            (IpAddr::V6(ip.header().source_addr()), IpAddr::V6(ip.header().destination_addr()))
        }
        Some(LaxNetSlice::Arp(_)) => return Told::Other,
        None => return if sliced.stop_err.is_some() { Told::Broken } else { Told::Other },
    };
    match &sliced.transport {
        Some(TransportSlice::Tcp(tcp)) => Told::Segment(Segment {
            from: (from, tcp.source_port()),
            to: (to, tcp.destination_port()),
            sequence: tcp.sequence_number(),
            begins: tcp.syn(),
            answers: tcp.ack(),
            ends: tcp.fin(),
            resets: tcp.rst(),
            bytes: tcp.payload(),
        }),
        Some(TransportSlice::Udp(udp)) => {
            let is_quic = QUIC.contains(&udp.source_port()) || QUIC.contains(&udp.destination_port());
            if is_quic { Told::Quic } else { Told::Other }
        }
        Some(_) => Told::Other,
        None => {
            if sliced.stop_err.is_some() {
                Told::Broken
            } else {
                Told::Other
            }
        }
    }
}
