//! A look at the beginning of each file, before anything is judged: what kind it is, and whose traffic it tells of. That
//! says which registry fits, and what the site under test is where nobody named it.

use std::collections::BTreeSet;
use std::io::{Cursor, Read};
use std::ops::ControlFlow;

use inputs::{
    Assumed, Format, Kind, Parsed, Recording, Setting, detect_format, kind_of, read_capture, read_har, unpack,
    with_feeds,
};
use jiff::Timestamp;
use model::{BlindSpot, BlindSpotKind, Exchange, Host, Site, Target};

use super::files::Input;

/// Bytes looked at to tell a kind and a format.
const HEAD: usize = 256 * 1024;

/// Lines looked at.
const SAMPLE: usize = 64;

/// HARs are kept from here to the judging as long as they have no more bytes together than this; a larger one is read twice.
const MAX_KEPT: u64 = 256 * 1024 * 1024;

/// Bytes of one HAR that are read: one JSON text, whose requests are all held at once.
pub(super) const MAX_HAR: u64 = 2 * 1024 * 1024 * 1024;

/// Stands in for the host of a log that names none (RFC 2606 §2).
pub(super) const UNNAMED: &str = "own-server.invalid";

/// What is known of all files before any is judged.
#[derive(Debug, Default)]
pub(crate) struct Survey {
    /// The hosts that were asked, as far as the files were looked at.
    pub(crate) hosts: BTreeSet<Host>,
    /// The site of the first page of each file, or of its first request.
    pub(crate) first_sites: BTreeSet<Site>,
    /// Whether there is any request, or text, that is to be judged.
    pub(crate) has_any: bool,
    /// A capture of the network, the first.
    pub(crate) capture: Option<String>,
    /// A log of the W3C format, the first, whose times are of UTC.
    pub(crate) w3c: Option<String>,
    /// Logs whose lines do not say who was asked.
    pub(crate) without_host: bool,
}

/// What is kept of a file from the survey to the judging.
#[derive(Debug, Default)]
pub(super) struct Kept {
    /// What it held, if it held HARs only and few bytes.
    pub(super) recordings: Option<Vec<(String, Recording)>>,
    pub(super) blind_spots: Vec<BlindSpot>,
}

/// A reader of a file's beginnings.
#[derive(Default)]
pub(super) struct Surveyor {
    pub(super) survey: Survey,
    /// A file that begins with what is not read.
    pub(super) flows: Option<String>,
    kept_bytes: u64,
}

impl Surveyor {
    /// Looks at `input`. `format` is what its lines are, if somebody says so.
    pub(super) fn look(&mut self, input: &mut Input, format: Option<&Format>, now: Timestamp) -> std::io::Result<Kept> {
        let mut opened = input.open()?;
        let mut head = Vec::new();
        opened.by_ref().take(HEAD as u64).read_to_end(&mut head)?;
        let mut kind = None;
        // A packed file that is cut in the middle is told when it is read.
        unpack(&input.name, &mut head.as_slice(), &mut |member, plain| {
            let mut begin = Vec::new();
            let _ = plain.take(HEAD as u64).read_to_end(&mut begin);
            let told = fitting(kind_of(&member.plain, &begin), format);
            match told {
                Kind::Log => {
                    with_feeds(&mut begin);
                    self.sample(&member.name, &begin, format, now);
                }
                Kind::Capture => self.capture(&member.name, &begin, now),
                Kind::Flows => self.flows = Some(member.name.clone()),
                Kind::Har => {}
            }
            kind = Some(told);
            ControlFlow::Break(())
        });
        if kind != Some(Kind::Har) {
            if input.is_read_once() {
                input.head = Some(head);
            }
            return Ok(Kept::default());
        }
        let kept = self.recordings(input, Cursor::new(head).chain(opened), now);
        Ok(kept)
    }

    /// Reads the HARs in a file, and keeps them if there is room.
    fn recordings(&mut self, input: &Input, mut opened: impl Read, now: Timestamp) -> Kept {
        let mut recordings = Vec::new();
        let mut is_mixed = false;
        let blind_spots = unpack(&input.name, &mut opened, &mut |member, plain| {
            let mut begin = Vec::new();
            let _ = plain.take(HEAD as u64).read_to_end(&mut begin);
            if kind_of(&member.plain, &begin) != Kind::Har {
                is_mixed = true;
                return ControlFlow::Break(());
            }
            let recording = har(&member.name, Cursor::new(begin).chain(plain), now);
            self.note(&recording);
            recordings.push((member.name.clone(), recording));
            ControlFlow::Continue(())
        });
        let bytes = input.bytes.unwrap_or_default();
        // Standard input is read once.
        if !input.is_read_once() && (is_mixed || self.kept_bytes + bytes > MAX_KEPT) {
            return Kept::default();
        }
        self.kept_bytes += bytes;
        Kept { recordings: Some(recordings), blind_spots }
    }

    /// Whom the first packets of a capture ask.
    fn capture(&mut self, name: &str, begin: &[u8], now: Timestamp) {
        self.survey.capture.get_or_insert_with(|| name.to_owned());
        let mut exchanges = Vec::new();
        // What cannot be read is told when it is read whole.
        let _ = read_capture(name, begin, now, &mut |exchange| {
            exchanges.push(exchange);
            ControlFlow::Continue(())
        });
        self.note(&Recording { exchanges, ..Recording::default() });
    }

    fn note(&mut self, recording: &Recording) {
        self.survey.has_any |= !recording.exchanges.is_empty();
        let hosts = recording.exchanges.iter().map(|exchange| &exchange.request.target.host);
        for host in hosts {
            if !self.survey.hosts.contains(host) {
                self.survey.hosts.insert(host.clone());
            }
        }
        self.survey.first_sites.extend(first_page(recording));
    }

    /// Whom the first lines of a log name.
    fn sample(&mut self, name: &str, head: &[u8], format: Option<&Format>, now: Timestamp) {
        let lines: Vec<&[u8]> = head.split(|byte| *byte == b'\n').take(SAMPLE).collect();
        let lines: Vec<&[u8]> = lines.iter().map(|line| line.strip_suffix(b"\r").unwrap_or(line)).collect();
        let told = format.cloned().or_else(|| detect_format(&lines)).unwrap_or_else(Format::plain);
        if told.id() == "w3c" {
            self.survey.w3c.get_or_insert_with(|| name.to_owned());
        }
        let mut parser = told.parser(Setting { latest: now, ..Setting::default() });
        let unnamed = Host::parse(UNNAMED);
        let assumed = Assumed { host: unnamed.clone(), ..Assumed::nothing(now) };
        let mut first = None;
        for line in lines {
            let (Parsed::Line(read) | Parsed::Other(read) | Parsed::Unfit(read)) = parser.parse(line) else { continue };
            let Some(exchange) = read.exchange(1, &assumed) else { continue };
            self.survey.has_any = true;
            let host = exchange.request.target.host;
            if Some(&host) == unnamed.as_ref() {
                self.survey.without_host = true;
            } else {
                first.get_or_insert_with(|| host.site());
                self.survey.hosts.insert(host);
            }
        }
        self.survey.first_sites.extend(first);
    }
}

/// What a file is that looks like `kind`, where somebody says the `format` of all logs: what is a capture by its first bytes is no log
/// of any format.
pub(super) fn fitting(kind: Kind, format: Option<&Format>) -> Kind {
    match kind {
        Kind::Log | Kind::Har if format.is_some() => Kind::Log,
        Kind::Log | Kind::Har | Kind::Capture | Kind::Flows => kind,
    }
}

/// The HAR that `input` is, up to the bound.
pub(super) fn har(name: &str, input: impl Read, now: Timestamp) -> Recording {
    let mut bounded = input.take(MAX_HAR);
    let mut recording = read_har(name, bounded.by_ref(), now);
    if bounded.limit() == 0 {
        let detail = format!("not read beyond {} GiB; export it in parts", MAX_HAR >> 30);
        recording.blind_spots.push(BlindSpot::new(BlindSpotKind::InputBroken, name, detail));
    }
    recording
}

fn first_page(recording: &Recording) -> Option<Site> {
    let is_page = |exchange: &&Exchange| exchange.request.headers.get("sec-fetch-dest") == Some(b"document");
    let first = recording.exchanges.iter().find(is_page).or_else(|| recording.exchanges.first())?;
    let page = first.page.as_deref().and_then(|page| Target::parse(page).ok());
    Some(page.map_or_else(|| first.request.target.host.site(), |page| page.host.site()))
}
