//! Pages judged by what they tell of themselves: by the rules of pages, with the numbers found as in all that is sent.

use model::{
    BlindSpot, BlindSpotKind, Exchange, FormOfOrigin, Headers, Identity, RequestRecord, Sighting, Standing, SystemId,
    Target, Visit,
};

use crate::decoders::{Piece, split_url};
use crate::documents::{Document, of_page};
use crate::faults::PageFault;
use crate::found::Hit;
use crate::inspect::Inspector;
use crate::rules::{Exposed, FormSeen, Held, Judge, NumberedPage, RULES, is_kept_for_long};
use crate::tree::Tree;

/// What sightings of pages name as their source; their index is the visit's number.
const SOURCE: &str = "page";

/// Stored numbers remembered, so that each is told of one page: some a page.
const MAX_KEPT: usize = 10_000;

/// What a page held.
#[derive(Clone, Debug, Default)]
pub struct PageInspection {
    /// Numbers in what the page tells of itself, safe to write.
    pub sightings: Vec<Sighting>,
    /// What is wrong with the page otherwise.
    pub faults: Vec<PageFault>,
    /// What could not be read.
    pub blind_spots: Vec<BlindSpot>,
}

impl Inspector {
    /// Judges the page of `visit`, once its exchanges are judged. Pages of other sites are theirs.
    pub fn inspect_page(&mut self, visit: &Visit) -> PageInspection {
        let mut told = PageInspection::default();
        let documents = self.documents.take(visit.id);
        let Some(facts) = &visit.facts else { return told };
        let Ok(page) = Target::parse(&facts.url) else { return told };
        let system = visit.system.as_ref();
        if self.parties.party(&page, None, system).standing != Standing::Own {
            return told;
        }
        let exchange = as_exchange(visit, &page);
        for (_, judge) in &RULES {
            let Judge::Pieces(pieces) = judge else { continue };
            for held in pieces(facts) {
                self.look_into(held, &exchange, &page, system, &mut told);
            }
        }
        let document = of_page(&documents, &page);
        let sent = Target { fragment: None, ..page.clone() };
        let in_address = self.numbers(split_url(&sent, true));
        let text =
            facts.titles.iter().chain([&facts.text]).map(|text| Piece::new(Vec::new(), text.clone().into_bytes()));
        let in_text = self.numbers(text.collect());
        if in_address.is_empty() && in_text.is_empty() {
            return told;
        }
        let parties = &self.parties;
        let is_elsewhere =
            |url: &str| Target::parse(url).is_ok_and(|url| parties.standing(&url.host, system) != Standing::Own);
        let numbered =
            NumberedPage { facts, document, in_address: &in_address, in_text: &in_text, is_elsewhere: &is_elsewhere };
        let found: Vec<_> = RULES
            .iter()
            .flat_map(|(rule, judge)| {
                let exposed = match judge {
                    Judge::Page(judge) => judge(&numbered),
                    Judge::Pieces(_) | Judge::Form(_) | Judge::Sent(_) => Vec::new(),
                };
                exposed.into_iter().map(|exposed| (*rule, exposed))
            })
            .collect();
        let redactor = self.redactor();
        for (rule, Exposed { parameter, to, hits }) in found {
            let parameter = match to {
                Some(host) => format!("{parameter} > {}", redactor.host(host.as_str())),
                None => parameter,
            };
            let numbers = hits.iter().map(|hit| (self.teller.identity(&hit.number), hit.evidence)).collect();
            let fault = PageFault { rule, parameter, numbers, ..self.fault(visit, &page, document) };
            told.faults.push(fault);
        }
        told
    }

    /// Remembers what an earlier detector with the same key has told of one page.
    pub fn recall_page(&mut self, sightings: &[Sighting]) {
        for sighting in sightings.iter().filter(|sighting| is_kept_for_long(sighting)) {
            self.is_first(sighting);
        }
    }

    /// What is wrong with the forms of all pages visited, now that it is known where they led.
    pub fn inspect_forms(&self, visits: &[Visit]) -> Vec<PageFault> {
        let mut faults = Vec::new();
        for visit in visits {
            // Where it led, when that is known: the address asked for may have been another scheme's.
            let shown = visit.facts.as_ref().map_or(&visit.url, |facts| &facts.url);
            let Ok(page) = Target::parse(shown) else { continue };
            let system = visit.system.as_ref();
            if visit.forms.is_empty() || self.parties.party(&page, None, system).standing != Standing::Own {
                continue;
            }
            let of_system: Vec<&Visit> = visits.iter().filter(|other| other.system == visit.system).collect();
            let has_journeys =
                system.and_then(|id| self.parties.system(id)).is_some_and(|system| !system.journeys.is_empty());
            for form in &visit.forms {
                let Some(field) = form.fields.iter().find(|field| field.asks_for_cpr) else { continue };
                let seen = FormSeen { visit, form, page: &page, visits: &of_system, has_journeys };
                for (rule, judge) in &RULES {
                    if !matches!(judge, Judge::Form(is_broken) if is_broken(&seen)) {
                        continue;
                    }
                    let redacted = |text: &str| model::Redacted::new(text, &self.redactor());
                    let fault = self.fault(visit, &page, None);
                    let origin = FormOfOrigin {
                        page: fault.page.clone(),
                        form: redacted(&form.name),
                        field: redacted(&field.name),
                    };
                    let parameter = format!("{} > {}", origin.form, origin.field);
                    let cleartext = *rule == model::Rule::FormCleartext;
                    faults.push(PageFault { rule: *rule, parameter, form: Some(origin), cleartext, ..fault });
                }
            }
        }
        faults
    }

    /// A fault of `page`, which says nothing yet.
    fn fault(&self, visit: &Visit, page: &Target, document: Option<&Document>) -> PageFault {
        let redactor = self.redactor();
        let party = self.parties.party(page, None, visit.system.as_ref());
        let shown = redactor.page_of(page);
        PageFault {
            rule: model::Rule::CacheableCprPage,
            system: visit.system.clone(),
            role: visit.role.clone(),
            recipient: self.parties.recipient_of(&party, &redactor),
            host: redactor.host(page.host.as_str()),
            request: model::Redacted::own_words(format!("GET {shown}")),
            page: shown,
            parameter: String::new(),
            form: None,
            time: visit.started,
            tls: document.and_then(|document| document.tls.clone()),
            cleartext: false,
            numbers: Vec::new(),
        }
    }

    fn numbers(&self, pieces: Vec<Piece>) -> Vec<Hit> {
        pieces.into_iter().flat_map(|piece| self.searcher.search(piece).hits).collect()
    }

    /// Tells the numbers in one piece of a page.
    fn look_into(
        &mut self,
        held: Held,
        exchange: &Exchange,
        page: &Target,
        system: Option<&SystemId>,
        told: &mut PageInspection,
    ) {
        let Held { part, origin } = held;
        let found = self.searcher.search_sent(part.piece, self.today, &mut Tree::default());
        for problem in &found.problems {
            let place = exchange.request.target.to_string();
            let spot = BlindSpot::new(BlindSpotKind::DecodeLimit, place, problem.clone());
            told.blind_spots.push(spot.in_visit(exchange.visit));
        }
        if found.hits.is_empty() {
            return;
        }
        let holder = origin.and_then(|origin| Target::parse(&origin).ok()).unwrap_or_else(|| page.clone());
        let party = self.parties.party(&holder, None, system);
        let mut case = self.teller.case(SOURCE, exchange, &party, Some(page), system.cloned());
        for hit in &found.hits {
            let mut sighting = self.teller.sighting(&mut case, part.channel, None, hit, None);
            // Nothing was sent for it: not in clear text, and nothing else along.
            sighting.context.cleartext = false;
            sighting.context.also_sent = std::sync::Arc::default();
            if is_kept_for_long(&sighting) && !self.is_first(&sighting) {
                continue;
            }
            told.sightings.push(sighting);
        }
    }

    /// Whether a stored number is met for the first time: it is still there on every page after.
    fn is_first(&mut self, sighting: &Sighting) -> bool {
        let key = (sighting.system.clone(), format!("{} {}", sighting.host, sighting.trail), sighting.identity.clone());
        if self.kept.len() >= MAX_KEPT {
            return !self.kept.contains(&key);
        }
        self.kept.insert(key)
    }
}

/// A stored number as it is known again: system, host and trail, whose.
pub(crate) type Kept = (Option<SystemId>, String, Identity);

/// The page's own request, for what tells a sighting of it.
fn as_exchange(visit: &Visit, page: &Target) -> Exchange {
    let request = RequestRecord {
        method: "GET".to_owned(),
        target: page.clone(),
        version: String::new(),
        headers: Headers::default(),
        body: model::Body::default(),
    };
    Exchange { visit: Some(visit.id), ..Exchange::begun(u64::from(visit.id.0), visit.started, request) }
}
