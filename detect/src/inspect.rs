//! The detector's front: an exchange in, judged sightings and blind spots out.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::sync::Arc;

use hmac::{Hmac, Mac as _};
use jiff::civil::Date;
use model::{
    AlteredCanary, BlindSpot, BlindSpotKind, BodyState, Channel, Evidence, Exchange, Failure, Identity, Place,
    RecipientRecord, Redacted, Rule, Sighting, SightingContext, Standing, Step, SystemId, Target, TestPerson, Token,
    Trail, WrittenForm,
};
use sha2::Sha256;

use crate::altered::Alteration;
use crate::decoders::RawStep;
use crate::number::Number;
use crate::pages::{PageTracker, referer};
use crate::parties::{Parties, Party};
use crate::parts::{Part, parts};
use crate::redactor::Redactor;
use crate::slots::{Settled, Slots};
use crate::views::{Hit, Searcher};

/// Names told of what else went along; the first tell enough.
const MAX_ALSO_SENT: usize = 30;

/// Names looked at for these: names made of numbers are all one when redacted.
const MAX_NAMES_READ: usize = 100;

/// Version of the sightings' format.
const SIGHTING_VERSION: u32 = 1;

/// What the detector is told once.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Declared made-up persons: their numbers are certain, and shown.
    pub test_persons: Vec<TestPerson>,
    /// Key of the tokens that tell persons apart. Random per scan, or the supervisor's own.
    pub key: [u8; 32],
    /// The date, for telling the unborn.
    pub today: Date,
    /// Who is who.
    pub parties: Parties,
}

/// Judges exchanges, one after the other.
pub struct Inspector {
    searcher: Arc<Searcher>,
    redactor: Redactor,
    key: [u8; 32],
    parties: Parties,
    pages: PageTracker,
    slots: Slots,
}

/// What an exchange held.
#[derive(Clone, Debug)]
pub struct Inspection {
    /// Numbers that went where they should not, safe to write.
    pub sightings: Vec<Sighting>,
    /// What could not be read. Those the exchange brought with it are not among them.
    pub blind_spots: Vec<BlindSpot>,
    /// Who got the request.
    pub recipient: RecipientRecord,
    /// The host that got it.
    pub host: Redacted,
    /// The system it belongs to: the one given, else that of its page, else that of its host.
    pub system: Option<SystemId>,
    /// The page it was sent from.
    pub page: Option<Redacted>,
    /// `GET https://host/path`, variable parts named.
    pub request: Redacted,
    /// Numbers surer than E4 that reached the system itself in a body, message or header over TLS, as they should.
    pub own_body_numbers: u64,
    /// Digits passed over: dates by chance, in ids and time stamps.
    pub look_alikes: u64,
    /// Dates by chance that were passed over, with what speaks against them: for those who ask.
    pub passed_over: Vec<Sighting>,
    /// Declared numbers that came masked, cut or with another digit.
    pub altered: Vec<AlteredCanary>,
}

/// An exchange with what is the same for all its sightings.
struct Case<'a> {
    source: &'a str,
    exchange: &'a Exchange,
    system: Option<SystemId>,
    page: Option<Redacted>,
    request: Redacted,
    to: Addressee,
    /// What went along, made when the first number is told.
    also_sent: OnceCell<Vec<Redacted>>,
    /// The page that the `Referer` names, likewise.
    referer: OnceCell<Option<Redacted>>,
}

/// Who gets a number.
struct Addressee {
    host: Redacted,
    recipient: Redacted,
    standing: Standing,
    product: Option<&'static str>,
    cleartext: bool,
}

impl Inspector {
    /// A detector that has seen nothing yet.
    pub fn new(setup: Setup) -> Self {
        let canaries = setup.test_persons.iter().map(|person| person.cpr);
        let searcher = Arc::new(Searcher::new(canaries, setup.today));
        Self {
            redactor: Redactor::new(Arc::clone(&searcher)),
            searcher,
            key: setup.key,
            parties: setup.parties.on(setup.today),
            pages: PageTracker::default(),
            slots: Slots::default(),
        }
    }

    /// What takes numbers out of text.
    pub fn redactor(&self) -> Redactor {
        self.redactor.clone()
    }

    /// Judges `exchange` of `source` (a file's name, already redacted, or `live`). `system` is the one being visited, when
    /// known; without it, the page's host tells.
    pub fn inspect(&mut self, source: &str, exchange: &Exchange, system: Option<&SystemId>) -> Inspection {
        let target = &exchange.request.target;
        let page_url = self.pages.page_of(exchange);
        let by_page = || page_url.as_deref().and_then(|url| self.parties.system_of(&Target::parse(url).ok()?.host));
        let system = system.cloned().or_else(by_page).or_else(|| self.parties.system_of(&target.host));
        let party = self.parties.party(target, Some(&exchange.request), system.as_ref());
        let request = format!("{} {}", exchange.request.method, self.redactor.page(&target.to_string()));
        let case = Case {
            source,
            exchange,
            page: page_url.as_deref().map(|url| self.redactor.page(url)),
            // Both pieces are safe: a method of digits is masked, the page is redacted already.
            request: Redacted::new(&request, &self.redactor),
            to: self.addressee(&party, target),
            system,
            also_sent: OnceCell::new(),
            referer: OnceCell::new(),
        };
        let mut inspection = Inspection {
            sightings: Vec::new(),
            blind_spots: Self::unread(exchange),
            recipient: self.parties.recipient_of(&party, &self.redactor),
            host: case.to.host.clone(),
            system: case.system.clone(),
            page: case.page.clone(),
            request: case.request.clone(),
            own_body_numbers: 0,
            look_alikes: 0,
            passed_over: Vec::new(),
            altered: Vec::new(),
        };
        let parts = parts(exchange);
        let place = format!("{}{}", target.host, target.path);
        for hit in self.searcher.joined_parts(parts.iter().filter(|part| part.may_be_split()).map(|part| &part.piece)) {
            let channel = if matches!(hit.steps.first(), Some(RawStep::Into(Place::Query, _))) {
                Channel::UrlQuery
            } else {
                Channel::Cookie
            };
            inspection.sightings.push(self.sighting(&case, channel, None, &hit, None));
        }
        for Part { channel, piece, leads_to } in parts {
            let found = self.searcher.search(piece);
            inspection.look_alikes += found.look_alikes;
            for problem in found.problems {
                inspection.blind_spots.push(blind_spot(exchange, BlindSpotKind::DecodeLimit, problem));
            }
            if let Some(opaque) = found.opaque.filter(|_| !is_as_it_should_be(channel, &case)) {
                inspection.blind_spots.push(blind_spot(exchange, BlindSpotKind::EncodingUnknown, opaque));
            }
            let leads_to = leads_to.filter(|_| !found.hits.is_empty());
            let next = leads_to
                .map(|target| self.addressee(&self.parties.party(&target, None, case.system.as_ref()), &target));
            let is_proper = is_as_it_should_be(channel, &case);
            if is_proper {
                let sure = found.hits.iter().filter(|hit| hit.evidence < Evidence::E4).count();
                inspection.own_body_numbers += sure as u64;
                continue;
            }
            // A fragment is never sent; on somebody else's URL it has reached nobody.
            if channel == Channel::UrlFragment && case.to.standing != Standing::Own {
                continue;
            }
            for ten in &found.tens {
                self.slots.note(&place, &ten.steps, ten.digits);
            }
            for hit in &found.hits {
                let slot = self.slots.find(&place, &hit.steps);
                inspection.sightings.push(self.sighting(&case, channel, next.as_ref(), hit, slot));
            }
            for hit in &found.doubtful {
                let slot = self.slots.find(&place, &hit.steps);
                let sighting = self.sighting(&case, channel, next.as_ref(), hit, slot);
                self.slots.keep(&sighting);
                inspection.passed_over.push(sighting);
            }
            for (steps, alteration) in &found.altered {
                self.tell_altered(&mut inspection, &case, steps, *alteration);
            }
        }
        inspection
    }

    /// Judges sightings by the slots they stood in, now that all of a scan was seen.
    pub fn settle(&mut self, sightings: Vec<Sighting>) -> Settled {
        self.slots.settle(sightings)
    }

    fn tell_altered(&self, to: &mut Inspection, case: &Case<'_>, steps: &[RawStep], alteration: Alteration) {
        let trail = Trail(steps.iter().map(|step| self.step(step)).collect());
        let told = AlteredCanary {
            domain: case.to.recipient.clone(),
            // Made of redacted names.
            parameter: Redacted::own_words(trail.parameter()),
            kind: alteration.kind,
            count: 1,
        };
        match to.altered.iter_mut().find(|known| (&known.parameter, known.kind) == (&told.parameter, told.kind)) {
            Some(known) => known.count += 1,
            None => to.altered.push(told),
        }
    }

    /// `next` is who gets the number next, when it is not the one who was asked.
    fn sighting(
        &self,
        case: &Case<'_>,
        channel: Channel,
        next: Option<&Addressee>,
        hit: &Hit,
        slot: Option<u32>,
    ) -> Sighting {
        let exchange = case.exchange;
        let to = next.unwrap_or(&case.to);
        let page = match channel {
            Channel::Referer => {
                let told = || referer(exchange).map(|url| self.redactor.page(&url));
                case.referer.get_or_init(told).clone().or_else(|| case.page.clone())
            }
            _ => case.page.clone(),
        };
        // How the next request will be made, and with what, is not known yet.
        let (tls, also_sent) = if next.is_some() {
            (None, Vec::new())
        } else {
            let also_sent = case.also_sent.get_or_init(|| self.also_sent(exchange));
            (exchange.connection.server_tls.clone(), also_sent.clone())
        };
        Sighting {
            v: SIGHTING_VERSION,
            source: case.source.to_owned(),
            index: exchange.index,
            time: exchange.started,
            rule: rule(channel, to.standing, hit.form),
            host: to.host.clone(),
            recipient: to.recipient.clone(),
            standing: to.standing,
            channel,
            trail: Trail(hit.steps.iter().map(|step| self.step(step)).collect()),
            form: hit.form,
            evidence: hit.evidence,
            identity: self.identity(&hit.number),
            page,
            blocked: exchange.blocked,
            system: case.system.clone(),
            context: SightingContext {
                visit: exchange.visit,
                cleartext: to.cleartext,
                tls,
                request: case.request.clone(),
                undelivered: is_undelivered(exchange),
                also_sent,
                product: to.product,
                scores: hit.scores.clone(),
                slot,
            },
        }
    }

    fn addressee(&self, party: &Party, target: &Target) -> Addressee {
        Addressee {
            host: self.redactor.host(target.host.as_str()),
            recipient: self.redactor.host(party.host.site().as_str()),
            standing: party.standing,
            product: party.product,
            cleartext: target.scheme.is_cleartext(),
        }
    }

    fn step(&self, step: &RawStep) -> Step {
        match step {
            // A host's name stands in the sighting anyway, masked where it must be.
            RawStep::Into(place @ (Place::Path | Place::Message), number) => {
                Step::Into(*place, Redacted::own_words(number))
            }
            RawStep::Into(place, name) => Step::Into(*place, Redacted::new(name, &self.redactor)),
            RawStep::Undo(decoder) => Step::Undo(decoder),
        }
    }

    fn identity(&self, number: &Number) -> Identity {
        if let Some(cpr) = number.cpr().filter(|cpr| self.searcher.is_canary(cpr)) {
            return Identity::Canary(*cpr);
        }
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes keys of any length (RFC 2104 §2)");
        // Under a key, so that nobody without it can try all numbers (DESIGN.md, "Numbers are people").
        mac.update(number.reveal().as_bytes());
        let digest = mac.finalize().into_bytes();
        let mut token = [0; 8];
        for (byte, from) in token.iter_mut().zip(digest) {
            *byte = from;
        }
        Identity::Person(Token::new(token))
    }

    /// Names of what a recipient can join with the number.
    fn also_sent(&self, exchange: &Exchange) -> Vec<Redacted> {
        let request = &exchange.request;
        let mut names = vec![Redacted::own_words("ip-address")];
        if request.headers.get("user-agent").is_some() {
            names.push(Redacted::own_words("user-agent"));
        }
        let cookies = request.headers.all("cookie").flat_map(|line| line.split(|byte| *byte == b';'));
        let cookies =
            cookies.map(|pair| ("cookie", pair.split(|byte| *byte == b'=').next().unwrap_or_default().trim_ascii()));
        let query = request.target.query.as_deref().unwrap_or_default();
        let parameters = query.split('&').map(|pair| ("query", pair.split('=').next().unwrap_or_default().as_bytes()));
        let mut seen = BTreeSet::new();
        for (kind, name) in cookies.chain(parameters).filter(|(_, name)| !name.is_empty()) {
            if names.len() >= MAX_ALSO_SENT || seen.len() >= MAX_NAMES_READ {
                break;
            }
            if seen.insert((kind, name)) {
                let name = Redacted::new(&format!("{kind}:{}", String::from_utf8_lossy(name)), &self.redactor);
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        names
    }

    /// What of the exchange there is no reading.
    fn unread(exchange: &Exchange) -> Vec<BlindSpot> {
        let request = &exchange.request;
        let mut blind_spots = Vec::new();
        let body = &request.body;
        let told = |kind| exchange.blind_spots.iter().any(|blind_spot| blind_spot.kind == kind);
        match body.state {
            BodyState::Whole => {}
            BodyState::Cut if told(BlindSpotKind::BodyCut) || told(BlindSpotKind::ConnectionBroken) => {}
            BodyState::Cut => {
                let detail = format!("{} of {} bytes were recorded", body.bytes.len(), body.wire_length);
                blind_spots.push(blind_spot(exchange, BlindSpotKind::BodyCut, detail));
            }
            BodyState::Missing => {
                let detail = format!("a body of {} bytes is not in the recording", body.wire_length);
                blind_spots.push(blind_spot(exchange, BlindSpotKind::BodyMissing, detail));
            }
        }
        blind_spots
    }
}

/// A number that the system itself is sent in a body, message or header over TLS: what a self-service is for.
fn is_as_it_should_be(channel: Channel, case: &Case<'_>) -> bool {
    case.to.standing == Standing::Own
        && matches!(channel, Channel::Body | Channel::Header | Channel::Websocket)
        && !case.exchange.request.target.scheme.is_cleartext()
}

fn blind_spot(exchange: &Exchange, kind: BlindSpotKind, detail: String) -> BlindSpot {
    BlindSpot::new(kind, exchange.request.target.to_string(), detail).in_visit(exchange.visit)
}

/// Whether the request never left: no connection, a certificate refused, or a guard of ours.
fn is_undelivered(exchange: &Exchange) -> bool {
    match exchange.failure {
        Some(Failure::Unreachable(_) | Failure::Tls(_) | Failure::Refused(_)) => true,
        Some(Failure::Broken(_)) | None => exchange.blocked,
    }
}

fn rule(channel: Channel, standing: Standing, form: WrittenForm) -> Rule {
    // Whoever gets a digest without a key has the number; the system's own are told by where they stand.
    if form.is_digest() && standing != Standing::Own {
        return Rule::CprDigest;
    }
    match (channel, standing) {
        (Channel::Redirect, _) => Rule::CprInRedirect,
        (Channel::Referer, _) => Rule::CprInReferer,
        // Title, storage and mail links are the page's own, and get rules of their own once the crawler tells them.
        (
            Channel::UrlPath
            | Channel::UrlQuery
            | Channel::UrlFragment
            | Channel::Title
            | Channel::Storage
            | Channel::Mailto,
            Standing::Own,
        ) => Rule::CprInUrl,
        (Channel::Cookie, Standing::Own) => Rule::CprInCookie,
        (Channel::Header | Channel::Body | Channel::Websocket, Standing::Own) => Rule::CprInCleartext,
        (_, Standing::Public | Standing::Approved | Standing::Unlisted | Standing::Unknown) => {
            Rule::CprInThirdPartyRequest
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_a_rule_of_its_own_with_others_than_the_system() {
        for standing in [Standing::Public, Standing::Approved, Standing::Unlisted, Standing::Unknown] {
            for channel in [Channel::Body, Channel::UrlQuery, Channel::Referer, Channel::Redirect] {
                assert_eq!(rule(channel, standing, WrittenForm::Sha256), Rule::CprDigest, "{channel} {standing}");
                assert_ne!(rule(channel, standing, WrittenForm::Compact), Rule::CprDigest, "{channel} {standing}");
            }
        }
        assert_eq!(rule(Channel::UrlQuery, Standing::Own, WrittenForm::Md5), Rule::CprInUrl);
        assert_eq!(rule(Channel::Cookie, Standing::Own, WrittenForm::Sha3_512), Rule::CprInCookie);
    }
}
