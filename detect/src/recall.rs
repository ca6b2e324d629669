//! A detector told again what another one remembers: one of an earlier run, or one that judged on another thread.

use model::Sighting;

use crate::inspect::Inspector;
use crate::notes::{DigestNote, Notes, SlotNote, UnknownWord};

impl Inspector {
    /// Remembers what an earlier detector with the same key has told of one exchange.
    pub fn recall(&mut self, notes: &Notes, passed_over: &[Sighting]) -> Result<(), UnknownWord> {
        self.learn(notes, |_| {}, |_| {})?;
        for sighting in passed_over {
            self.slots.keep(sighting);
        }
        Ok(())
    }

    /// Remembers the notes of another detector with the same key. What of them was news, digests sealed: whoever keeps
    /// that for a later detector keeps all that it needs, and no more than fits into one.
    pub fn recall_news(&mut self, notes: &Notes) -> Result<Notes, UnknownWord> {
        let mut news = Notes::default();
        let Notes { slots, digests, digests_left_out: _ } = &mut news;
        let marker = self.pending.marker();
        let seal = |note: &DigestNote| DigestNote { sealed: note.raw.map(|raw| marker.seal(&raw)), ..note.clone() };
        self.learn(notes, |note| slots.push(note.clone()), |note| digests.push(seal(note)))?;
        Ok(news)
    }

    fn learn(
        &mut self,
        notes: &Notes,
        mut new_slot: impl FnMut(&SlotNote),
        mut new_digest: impl FnMut(&DigestNote),
    ) -> Result<(), UnknownWord> {
        for note in &notes.slots {
            if self.slots.count(note) {
                new_slot(note);
            }
        }
        for note in &notes.digests {
            if !self.pending.has_room() {
                continue;
            }
            let (sighting, contact) = (note.sighting.clone().try_into()?, note.contact.clone());
            let unsealed = || self.pending.marker().unseal(note.sealed.as_deref()?, note.digest);
            match note.raw.or_else(unsealed) {
                Some(digest) => self.pending.keep(digest, sighting, contact),
                None => self.pending.recall(note.digest, sighting, contact),
            }
            new_digest(note);
        }
        self.pending.leave_out(notes.digests_left_out);
        Ok(())
    }

    /// As many places of digests were not kept as an earlier detector has counted.
    pub fn recall_left_out(&mut self, count: u64) {
        self.pending.recall_left_out(count);
    }
}
