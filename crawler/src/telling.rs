//! Hands on what the browser told of requests, each time a visit is told and when a tab was left.

use model::BlindSpotKind;

use crate::Progress;
use crate::visit::Visitor;

impl Visitor<'_> {
    /// Tells what the browser told of this context's requests since the last time.
    pub(crate) fn tell_requests(&mut self) {
        let devtools = self.context.running.devtools();
        let (requests, left_out) = devtools.with_recorder(|recorder| recorder.take(&self.context.id));
        let let_go = devtools.take_let_go();
        if !requests.is_empty() {
            (self.tell)(Progress::Requests(requests));
        }
        if left_out > 0 {
            let place = self.plan.starts.first().map(model::Target::origin).unwrap_or_default();
            let detail = format!("{left_out} requests beyond those that are kept");
            self.tell(BlindSpotKind::InitiatorUnknown, &place, detail, None);
        }
        if let Some((count, first)) = let_go {
            let detail = format!("{count} pages or workers did not answer and went on unwatched");
            self.tell(BlindSpotKind::InitiatorUnknown, &first, detail, None);
        }
    }
}
