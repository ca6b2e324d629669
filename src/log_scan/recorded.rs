//! What is no log: HARs, and captures of the network a part at a time.

use std::io::Read;
use std::ops::ControlFlow;

use inputs::{Kind, Recording, read_capture};
use model::{BlindSpot, BlindSpotKind};

use super::outlet::{Outlet, Piece};
use super::reading::Reading;
use super::survey::har;

/// Bytes of a capture's requests that are judged together, and what one has beside its body.
const PART: usize = 8 * 1024 * 1024;
const EXCHANGE: usize = 4 * 1024;

impl Reading<'_> {
    /// What is no log, for an earlier run or for this one.
    pub(super) fn recorded(
        &self,
        kind: Kind,
        name: &str,
        input: impl Read,
        is_again: bool,
        outlet: &mut Outlet<'_>,
    ) -> ControlFlow<()> {
        let told = if is_again { name.to_owned() } else { self.told_apart(name) };
        let send = |recording: Recording, is_last: bool, outlet: &mut Outlet<'_>| {
            let recording = Box::new(recording);
            outlet.send(if is_again {
                Piece::Again(told.as_str().into(), recording)
            } else {
                Piece::Recording(told.clone(), recording, is_last)
            })
        };
        let room = || if self.recording.recv().is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) };
        room()?;
        match kind {
            Kind::Har | Kind::Log => return send(har(name, input, self.now), true, outlet),
            Kind::Flows => {
                let blind_spot = BlindSpot::new(BlindSpotKind::EncodingUnknown, name, export(name));
                return send(Recording { blind_spots: vec![blind_spot], ..Recording::default() }, true, outlet);
            }
            Kind::Capture => {}
        }
        let (mut part, mut size, mut flow) = (Recording::default(), 0, ControlFlow::Continue(()));
        let mut is_cut = false;
        let blind_spots = read_capture(name, input, self.now, &mut |exchange| {
            size += exchange.request.body.bytes.len() + EXCHANGE;
            part.exchanges.push(exchange);
            is_cut = self.is_stopped();
            if size >= PART && !is_cut {
                size = 0;
                flow = send(std::mem::take(&mut part), false, outlet);
                flow = if flow.is_continue() { room() } else { flow };
            }
            if is_cut { ControlFlow::Break(()) } else { flow }
        });
        flow?;
        part.blind_spots = blind_spots;
        if is_cut {
            self.tell_stopping(outlet)?;
            let detail = "stopped in the midst of this capture".to_owned();
            part.blind_spots.push(BlindSpot::new(BlindSpotKind::Interrupted, name, detail));
        }
        send(part, true, outlet)
    }
}

/// What to do with flows that mitmproxy has saved in the file `name`.
pub(super) fn export(name: &str) -> String {
    format!(
        "flows that mitmproxy has saved are not read; export them first: mitmdump -nr {name} --set hardump={name}.har"
    )
}
