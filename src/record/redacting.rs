//! From what is raw to what is taken: everything passes the redactor here.

use detect::{Contact, Inspection, PageInspection, SensitiveContact};
use model::{BlindSpot, Exchange, Redacted, Visit};

use super::Recorder;
use super::taken::{Judged, Noted, VisitRecord, Visited};

/// A record of `blind_spot`, for tests of who keeps records.
#[cfg(test)]
pub(crate) fn noted_for_tests(blind_spot: BlindSpot) -> super::Taken {
    let BlindSpot { kind, place, detail, is_own: _, visit, system, picture } = blind_spot;
    let (place, detail) = (Redacted::own_words(place), Redacted::own_words(detail));
    super::Taken::BlindSpot(Noted { visit, system, kind, place, detail, picture })
}

impl Recorder {
    /// What `exchange` came to, with `inspection` of it.
    pub(super) fn judged(&mut self, exchange: &Exchange, inspection: Inspection) -> Judged {
        let Inspection {
            sightings,
            blind_spots,
            recipient,
            host,
            system,
            page,
            request,
            own_body_numbers,
            look_alikes,
            passed_over,
            altered,
            sensitive,
            is_browsers_own,
            notes,
        } = inspection;
        let blind_spots = exchange.blind_spots.iter().chain(&blind_spots).map(|blind_spot| {
            let of = blind_spot.system.clone().or_else(|| system.clone());
            self.noted(blind_spot.clone().of_system(of))
        });
        let blind_spots = blind_spots.collect();
        let contact = Contact {
            role: self.role.clone(),
            system,
            recipient,
            host,
            visit: exchange.visit,
            page: page.unwrap_or_default(),
            time: exchange.started,
            request,
            tls: exchange.connection.server_tls.clone(),
            cleartext: exchange.request.target.scheme.is_cleartext(),
        };
        // More of an exchange is a line of its own where something came of it: it has its own time.
        let is_line = exchange.continues.is_none() || !sightings.is_empty();
        let rows = self.rows.as_mut().filter(|_| is_line);
        let row = rows.map(|rows| Box::new(rows.row(exchange)));
        Judged {
            row,
            stopped_at: exchange.blocked.then(|| self.redactor.page(&exchange.request.target.to_string())),
            visit: exchange.visit,
            index: exchange.index,
            is_new: exchange.continues.is_none(),
            sensitive: sensitive.map(|context| SensitiveContact { contact: contact.clone(), context }),
            contact,
            sightings,
            passed_over,
            blind_spots,
            altered,
            own_body_numbers,
            look_alikes,
            is_browsers_own,
            status: exchange.response.as_ref().map(|response| response.status),
            notes,
        }
    }

    /// A blind spot as it is kept; it belongs to its visit's system.
    pub(super) fn noted(&self, blind_spot: BlindSpot) -> Noted {
        let BlindSpot { kind, place, detail, is_own, visit, system, picture } = blind_spot;
        let system = system.or_else(|| visit.and_then(|visit| self.system_of_visit.get(&visit).cloned()).flatten());
        let detail = if is_own { Redacted::own_words(detail) } else { Redacted::new(&detail, &self.redactor) };
        Noted { visit, system, kind, place: self.place(&place), detail, picture }
    }

    /// What `visit` came to, with `inspection` of its page.
    pub(super) fn visited(&self, visit: &Visit, inspection: PageInspection) -> Visited {
        let PageInspection { sightings, faults, blind_spots } = inspection;
        let blind_spots =
            blind_spots.into_iter().map(|spot| self.noted(spot.of_system(visit.system.clone()))).collect();
        let mut record = VisitRecord::new(visit, self.passes.current(), &self.redactor);
        record.is_after_form = self.led_on.contains(&visit.system);
        Visited { record, sightings, faults, blind_spots }
    }

    /// A place as shown: a URL loses its query and the variable parts of its path.
    fn place(&self, place: &str) -> Redacted {
        if place.contains("://") { self.redactor.page(place) } else { Redacted::new(place, &self.redactor) }
    }
}
