//! From what is raw to what is taken: everything passes the redactor here.

use detect::{Contact, Inspection, SensitiveContact};
use model::{BlindSpot, Exchange, Field, Form, Redacted, Visit, VisitOutcome};

use super::Recorder;
use super::taken::{FieldRecord, FormRecord, Judged, Noted, VisitRecord};

/// A record of `blind_spot`, for tests of who keeps records.
#[cfg(test)]
pub(crate) fn noted_for_tests(blind_spot: BlindSpot) -> super::Taken {
    let BlindSpot { kind, place, detail, visit, system } = blind_spot;
    let (place, detail) = (Redacted::own_words(place), Redacted::own_words(detail));
    super::Taken::BlindSpot(Noted { visit, system, kind, place, detail })
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
            system,
            recipient,
            host,
            page: page.unwrap_or_default(),
            time: exchange.started,
            request,
            tls: exchange.connection.server_tls.clone(),
            cleartext: exchange.request.target.scheme.is_cleartext(),
        };
        Judged {
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
            notes,
        }
    }

    /// A blind spot as it is kept; it belongs to its visit's system.
    pub(super) fn noted(&self, blind_spot: BlindSpot) -> Noted {
        let BlindSpot { kind, place, detail, visit, system } = blind_spot;
        let system = system.or_else(|| visit.and_then(|visit| self.system_of_visit.get(&visit).cloned()).flatten());
        Noted { visit, system, kind, place: self.place(&place), detail: Redacted::new(&detail, &self.redactor) }
    }

    pub(super) fn visit_record(&self, visit: &Visit) -> VisitRecord {
        let Visit { id, system, url, submitted_from, started: _, status, title, outcome, forms, links_out } = visit;
        let outcome = match outcome {
            VisitOutcome::Loaded => "loaded",
            VisitOutcome::LoginRequired => "login-required",
            VisitOutcome::Failed(_) => "failed",
        };
        VisitRecord {
            id: *id,
            system: system.clone(),
            page: self.redactor.page(url),
            title: Redacted::new(title, &self.redactor),
            status: *status,
            outcome: outcome.to_owned(),
            submitted_from: *submitted_from,
            links_out: *links_out,
            forms: forms.iter().map(|form| self.form_record(form)).collect(),
        }
    }

    fn form_record(&self, form: &Form) -> FormRecord {
        let Form { name, action: _, method: _, fields, filled, submitted } = form;
        FormRecord {
            name: Redacted::new(name, &self.redactor),
            filled: *filled,
            submitted: *submitted,
            fields: fields.iter().map(|field| self.field_record(field)).collect(),
        }
    }

    fn field_record(&self, field: &Field) -> FieldRecord {
        let Field { name, label: _, kind: _, asks_for_cpr, canary } = field;
        FieldRecord { name: Redacted::new(name, &self.redactor), asks_for_cpr: *asks_for_cpr, canary: *canary }
    }

    /// A place as shown: a URL loses its query and the variable parts of its path.
    fn place(&self, place: &str) -> Redacted {
        if place.contains("://") { self.redactor.page(place) } else { Redacted::new(place, &self.redactor) }
    }
}
