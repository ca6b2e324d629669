//! Captures of the network (pcap, pcapng): connections put together, and what they say in clear-text HTTP/1 as exchanges.
//!
//! ```text
//! file -> packets -> segments -> stream (each side, in order) -> http -> Exchange
//! ```
//! Read as a stream, in bounded memory: what is held of all connections has a bound, and so has their number. What cannot
//! be read (TLS, HTTP/2, lost segments, cut packets) is counted, and told once for each capture.

mod head;
mod http;
mod packets;
mod segments;
mod side;
mod stream;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::io::Read;
use std::ops::ControlFlow;

use jiff::Timestamp;
use model::{BlindSpot, BlindSpotKind, Exchange};

use self::http::{Http, Unread};
pub(crate) use self::packets::is_capture;
use self::packets::{Packet, Packets};
use self::segments::{End, Segment, Told};
use self::stream::{Given, Stream};

/// Connections followed at once; those not heard of for longest are given up.
const MAX_FLOWS: usize = 50_000;

/// Bytes held of all of them: in the network a tenth of that is under way.
const MAX_HELD: usize = 128 * 1024 * 1024;

/// Link types told by number.
const MAX_LINKS: usize = 16;

/// Reads the capture `input`, which is named `name` and is read `now`: tells `each` of every exchange, in the order in which they are whole,
/// until it breaks off. What could not be read, together.
pub fn read(
    name: &str,
    input: impl Read,
    now: Timestamp,
    each: &mut dyn FnMut(Exchange) -> ControlFlow<()>,
) -> Vec<BlindSpot> {
    let mut packets = Packets::new(input);
    let mut capture = Capture { now, ..Capture::default() };
    let mut index = 0;
    let mut flow = ControlFlow::Continue(());
    while let Some(packet) = packets.next() {
        let mut tell = |exchange: Exchange| {
            if flow.is_continue() {
                flow = each(Exchange { index, ..exchange });
                index += 1;
            }
        };
        capture.packet(&packet, &mut tell);
        if flow.is_break() {
            return Vec::new();
        }
    }
    let mut tell = |exchange: Exchange| {
        if flow.is_continue() {
            flow = each(Exchange { index, ..exchange });
            index += 1;
        }
    };
    capture.end(&mut tell);
    let told = capture.told(packets.fault());
    let blind_spot = |detail| BlindSpot::new(BlindSpotKind::InputBroken, name, detail).in_own_words();
    (!told.is_empty()).then(|| blind_spot(told.join("; "))).into_iter().collect()
}

/// Both ends of a connection, the lower first.
type Pair = (End, End);

/// What is under way.
#[derive(Default)]
struct Capture {
    /// Stands in for times that the capture does not tell.
    now: Timestamp,
    /// That of the last packet.
    last: Option<Timestamp>,
    flows: BTreeMap<Pair, Flow>,
    /// Connections by when they were heard of last.
    heard: BTreeMap<u64, Pair>,
    turn: u64,
    held: usize,
    unread: Unread,
    cut_packets: u64,
    fragments: u64,
    quic: u64,
    broken: u64,
    given_up: u64,
    links: BTreeMap<u32, u64>,
}

/// A connection.
struct Flow {
    http: Http,
    /// The client's side and the server's.
    client: Stream,
    server: Stream,
    ended: (bool, bool),
    heard: u64,
    held: usize,
}

impl Flow {
    fn new(client: End, server: End, now: Timestamp) -> Self {
        let http = Http::new(client, server, now);
        Self { http, client: Stream::default(), server: Stream::default(), ended: (false, false), heard: 0, held: 0 }
    }

    fn give(
        &mut self,
        is_client: bool,
        given: Vec<Given>,
        time: Option<Timestamp>,
        unread: &mut Unread,
        tell: &mut http::Tell<'_>,
    ) {
        for given in given {
            match given {
                Given::Bytes(bytes) => self.http.take(is_client, &bytes, time, unread, tell),
                Given::Gap(count) => self.http.gap(is_client, count, unread, tell),
            }
        }
    }

    fn end(mut self, time: Option<Timestamp>, unread: &mut Unread, tell: &mut http::Tell<'_>) {
        let (client, server) = (self.client.end(), self.server.end());
        self.give(true, client, time, unread, tell);
        self.give(false, server, time, unread, tell);
        self.http.end(unread, tell);
    }
}

impl Capture {
    fn packet(&mut self, packet: &Packet, tell: &mut http::Tell<'_>) {
        self.last = packet.time;
        match segments::told(packet.link, &packet.bytes) {
            Told::Segment(segment) => {
                self.cut_packets += u64::from(packet.is_cut);
                self.segment(&segment, packet.time, tell);
            }
            Told::Fragment => self.fragments += 1,
            Told::Quic => self.quic += 1,
            Told::Other => {}
            Told::UnknownLink => {
                let link = if self.links.len() < MAX_LINKS { packet.link } else { u32::MAX };
                *self.links.entry(link).or_default() += 1;
            }
            Told::Broken => self.broken += 1,
        }
    }

    fn segment(&mut self, segment: &Segment<'_>, time: Option<Timestamp>, tell: &mut http::Tell<'_>) {
        let pair = (segment.from.min(segment.to), segment.from.max(segment.to));
        // The same ends again, for another connection.
        if segment.begins && !segment.answers {
            self.close(pair, time, tell);
        }
        let is_news = segment.begins || !segment.bytes.is_empty();
        if let Entry::Vacant(place) = self.flows.entry(pair) {
            if !is_news {
                return;
            }
            // Whoever begins is the client; in the midst of a connection, whoever asks.
            let is_asked = segment.bytes.starts_with(b"HTTP/");
            let is_client = if segment.begins { !segment.answers } else { !is_asked };
            let (client, server) = if is_client { (segment.from, segment.to) } else { (segment.to, segment.from) };
            place.insert(Flow::new(client, server, self.now));
        }
        self.turn += 1;
        let Some(flow) = self.flows.get_mut(&pair) else { return };
        self.heard.remove(&flow.heard);
        self.heard.insert(self.turn, pair);
        flow.heard = self.turn;
        let is_client = segment.from == flow.http.client();
        let stream = if is_client { &mut flow.client } else { &mut flow.server };
        if segment.begins {
            stream.begin(segment.sequence);
        }
        let first = segment.sequence.wrapping_add(u32::from(segment.begins));
        let given = stream.take(first, segment.bytes);
        flow.give(is_client, given, time, &mut self.unread, tell);
        let (client, server) = &mut flow.ended;
        *(if is_client { client } else { server }) |= segment.ends;
        let is_over = segment.resets || flow.ended == (true, true) && flow.client.held() + flow.server.held() == 0;
        let held = flow.client.held() + flow.server.held() + flow.http.held();
        self.held = self.held - flow.held + held;
        flow.held = held;
        if is_over {
            self.close(pair, time, tell);
        }
        while self.held > MAX_HELD || self.flows.len() > MAX_FLOWS {
            let Some((_, longest)) = self.heard.first_key_value() else { return };
            let longest = *longest;
            self.given_up += 1;
            self.close(longest, time, tell);
        }
    }

    fn close(&mut self, pair: Pair, time: Option<Timestamp>, tell: &mut http::Tell<'_>) {
        if let Some(flow) = self.flows.remove(&pair) {
            self.heard.remove(&flow.heard);
            self.held -= flow.held;
            flow.end(time, &mut self.unread, tell);
        }
    }

    fn end(&mut self, tell: &mut http::Tell<'_>) {
        // In the order in which they were heard of last: the same each time.
        while let Some((_, pair)) = self.heard.first_key_value() {
            let pair = *pair;
            self.close(pair, self.last, tell);
        }
    }

    /// What could not be read, in words.
    fn told(self, fault: Option<String>) -> Vec<String> {
        let Unread { tls, http_2, other, gaps, missing, passed_over, broken, unanswered, unasked, cut, untimed, odd } =
            self.unread;
        let links = self.links.iter().map(|(link, count)| {
            let what = if *link == u32::MAX {
                "packets of further link types, which are not read".to_owned()
            } else {
                format!("packets of link type {link}, which are not read")
            };
            (*count, what)
        });
        let counted = [
            (tls, "connections by TLS, which a capture does not show (record them in the browser, or with the proxy)"),
            (http_2, "connections by HTTP/2, which is not read in captures"),
            (other, "connections that were no HTTP"),
            (self.quic, "packets of HTTP/3, which is not read"),
            (gaps, "gaps where segments were lost"),
            (missing, "bytes missing in them"),
            (self.cut_packets, "packets captured without their ends (capture with a snap length of 0)"),
            (self.fragments, "packets in fragments, which are not put together"),
            (odd, "messages that are not as HTTP says, taken as they stand"),
            (broken, "messages that are no HTTP in what should be"),
            (passed_over, "bytes of connections passed over for that"),
            (cut, "messages under way when the capture or their connection ended"),
            (untimed, "requests without a time in it, which count as of this run"),
            (unanswered, "requests without an answer in it"),
            (unasked, "answers without a request in it"),
            (self.given_up, "connections given up, so many were under way"),
            (self.broken, "packets that are broken"),
        ];
        let told = counted.into_iter().map(|(count, what)| (count, what.to_owned())).chain(links);
        let told = told.filter(|(count, _)| *count > 0).map(|(count, what)| format!("{what}: {count}"));
        fault.into_iter().chain(told).collect()
    }
}
