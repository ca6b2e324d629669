//! Puts what was found into words that may be written: sightings, with every name redacted and every number a token.

use std::sync::Arc;

use hmac::{Hmac, Mac as _};
use model::{
    Channel, Evidence, Exchange, Failure, Identity, Initiator, InitiatorRecord, Place, Redacted, Rule, Score, Sighting,
    SightingContext, Standing, Step, SystemId, Target, Token, Trail, WrittenForm,
};
use sha2::Sha256;

use crate::along::Along;
use crate::decoders::RawStep;
use crate::digests::Undone;
use crate::features::UNDONE;
use crate::found::Hit;
use crate::memo::Memo;
use crate::number::Number;
use crate::pages::referer;
use crate::parties::Party;
use crate::redactor::Redactor;
use crate::views::Searcher;

/// Version of the sightings' format.
const SIGHTING_VERSION: u32 = 1;

/// Makes sightings.
pub(crate) struct Teller {
    searcher: Arc<Searcher>,
    memo: Memo,
    along: Along,
    /// Begun with the key, which takes half of the work.
    mac: Hmac<Sha256>,
}

/// An exchange with what is the same for all its sightings.
pub(crate) struct Case<'a> {
    source: &'a str,
    pub(crate) exchange: &'a Exchange,
    pub(crate) system: Option<SystemId>,
    pub(crate) page: Option<Redacted>,
    pub(crate) request: Redacted,
    pub(crate) to: Addressee,
    /// What went along, made when the first number is told.
    also_sent: Option<Arc<[Redacted]>>,
    /// Made with the first number as well.
    initiator: Option<Arc<InitiatorRecord>>,
    /// The page that the `Referer` names or, without one, the page; likewise.
    referer: Option<Redacted>,
}

/// Who gets a number.
pub(crate) struct Addressee {
    pub(crate) host: Redacted,
    pub(crate) recipient: Redacted,
    pub(crate) standing: Standing,
    product: Option<&'static str>,
    pub(crate) cleartext: bool,
}

impl Case<'_> {
    /// Whether `channel` is one by which the system itself is sent numbers over TLS: what a self-service is for.
    pub(crate) fn is_as_it_should_be(&self, channel: Channel) -> bool {
        self.to.standing == Standing::Own
            && matches!(channel, Channel::Body | Channel::Header | Channel::Websocket)
            && !self.exchange.request.target.scheme.is_cleartext()
    }
}

impl Teller {
    pub(crate) fn new(searcher: Arc<Searcher>, redactor: &Redactor, key: [u8; 32]) -> Self {
        let mac = Hmac::new_from_slice(&key).expect("HMAC takes keys of any length (RFC 2104 §2)");
        Self { searcher, memo: redactor.memo(), along: Along::default(), mac }
    }

    /// Another with the same key, which has told nothing yet.
    pub(crate) fn another(&self, redactor: &Redactor) -> Self {
        let (searcher, mac) = (Arc::clone(&self.searcher), self.mac.clone());
        Self { searcher, memo: redactor.memo(), along: Along::default(), mac }
    }

    pub(crate) fn case<'a>(
        &mut self,
        source: &'a str,
        exchange: &'a Exchange,
        party: &Party,
        page: Option<&Target>,
        system: Option<SystemId>,
    ) -> Case<'a> {
        let target = &exchange.request.target;
        let request = self.memo.page_of(target);
        // A method of digits is masked; the page is redacted already.
        let method = self.memo.text(&exchange.request.method);
        Case {
            source,
            exchange,
            page: page.map(|page| self.memo.page_of(page)),
            request: Redacted::own_words(format!("{method} {request}")),
            to: self.addressee(party, target),
            system,
            also_sent: None,
            initiator: None,
            referer: None,
        }
    }

    pub(crate) fn addressee(&mut self, party: &Party, target: &Target) -> Addressee {
        Addressee {
            host: self.memo.host(target.host.as_str()),
            recipient: self.memo.site(&party.host),
            standing: party.standing,
            product: party.product,
            cleartext: target.scheme.is_cleartext(),
        }
    }

    /// What is the same for all that a log's line holds beside its request. `holder` keeps the log.
    pub(crate) fn log_case<'a>(
        &mut self,
        source: &'a str,
        exchange: &'a Exchange,
        holder: &Party,
        system: Option<SystemId>,
    ) -> Case<'a> {
        let case = self.case(source, exchange, holder, None, system);
        // It stays where it is: no way that it took is in the clear.
        let to = Addressee { host: self.memo.host(holder.host.as_str()), cleartext: false, ..case.to };
        // A line need be no request; what is looked for is the log. Its name is redacted.
        Case { request: Redacted::own_words(source), to, ..case }
    }

    /// `next` is who gets the number next, when it is not the one who was asked.
    pub(crate) fn sighting(
        &mut self,
        case: &mut Case<'_>,
        channel: Channel,
        next: Option<&Addressee>,
        hit: &Hit,
        slot: Option<u64>,
    ) -> Sighting {
        let exchange = case.exchange;
        let page = match channel {
            Channel::Referer => {
                if case.referer.is_none() {
                    let named = referer(exchange).map(|url| self.memo.page_of(&url));
                    case.referer = named.or_else(|| case.page.clone());
                }
                case.referer.clone()
            }
            _ => case.page.clone(),
        };
        // How the next request will be made, and with what, is not known yet.
        let (tls, also_sent) = if next.is_some() {
            (None, Arc::default())
        } else {
            let also_sent = case.also_sent.get_or_insert_with(|| self.along.of(&exchange.request, &mut self.memo));
            (exchange.connection.server_tls.clone(), Arc::clone(also_sent))
        };
        if let (None, Some(told)) = (&case.initiator, &exchange.initiator) {
            case.initiator = Some(Arc::new(told_initiator(told, &mut self.memo)));
        }
        let to = next.unwrap_or(&case.to);
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
            trail: self.trail(&hit.steps),
            form: hit.form,
            evidence: hit.evidence,
            identity: self.identity(&hit.number),
            page,
            blocked: exchange.blocked,
            simulated: channel == Channel::Referer && exchange.connection.simulated_referer,
            system: case.system.clone(),
            context: SightingContext {
                visit: exchange.visit,
                tester: exchange.connection.tester.as_ref().map(|tester| self.memo.text(tester)),
                cleartext: to.cleartext,
                tls,
                request: case.request.clone(),
                undelivered: is_undelivered(exchange),
                also_sent,
                product: to.product,
                initiator: case.initiator.clone(),
                scores: hit.scores.clone(),
                slot,
            },
        }
    }

    /// What a digest will be told as if a number is found to make it; until then nobody's.
    pub(crate) fn digest(
        &mut self,
        case: &mut Case<'_>,
        channel: Channel,
        next: Option<&Addressee>,
        steps: &[RawStep],
    ) -> Sighting {
        let number = Number::Letters(*b"0000000000");
        let (form, evidence) = (WrittenForm::Sha256, Evidence::E3);
        let hit = Hit { steps: steps.to_vec(), number, form, evidence, scores: Vec::new() };
        self.sighting(case, channel, next, &hit, None)
    }

    /// The sightings of a digest, now that its number is known. That some number makes it is no chance; that the number is
    /// a CPR number and no other ten digits is as sure as its spelling and its check digit make it.
    pub(crate) fn undone(&self, waiting: Vec<Sighting>, undone: &Undone) -> Vec<Sighting> {
        let is_dashed = undone.spelling == WrittenForm::Dashed;
        let has_digit = undone.number.passes_mod11();
        let mut scores = vec![Score { id: UNDONE, points: 3 }];
        scores.extend(is_dashed.then_some(Score { id: "dashed", points: 3 }));
        scores.push(if has_digit { Score { id: "mod-11", points: 2 } } else { Score { id: "no-mod-11", points: -1 } });
        let evidence = if is_dashed || has_digit { Evidence::E2 } else { Evidence::E3 };
        let identity = self.identity(&undone.number.into());
        let told = |mut sighting: Sighting| {
            sighting.rule = rule(sighting.channel, sighting.standing, undone.form);
            sighting.form = undone.form;
            sighting.evidence = evidence;
            sighting.identity = identity.clone();
            sighting.trail.0.push(Step::Undo(undone.form.as_str()));
            sighting.context.scores.clone_from(&scores);
            sighting
        };
        waiting.into_iter().map(told).collect()
    }

    pub(crate) fn trail(&mut self, steps: &[RawStep]) -> Trail {
        Trail(steps.iter().map(|step| self.step(step)).collect())
    }

    fn step(&mut self, step: &RawStep) -> Step {
        match step {
            // A host's name stands in the sighting anyway, masked where it must be.
            RawStep::Into(place @ (Place::Path | Place::Message | Place::Line), number) => {
                Step::Into(*place, Redacted::own_words(number))
            }
            RawStep::Into(place, name) => Step::Into(*place, self.memo.text(name)),
            RawStep::Undo(decoder) => Step::Undo(decoder),
        }
    }

    pub(crate) fn identity(&self, number: &Number) -> Identity {
        if let Some(cpr) = number.cpr().filter(|cpr| self.searcher.is_canary(cpr)) {
            return Identity::Canary(*cpr);
        }
        let mut mac = self.mac.clone();
        // Under a key, so that nobody without it can try all numbers (DESIGN.md, "Numbers are people").
        mac.update(number.reveal().as_bytes());
        let digest = mac.finalize().into_bytes();
        let mut token = [0; 8];
        for (byte, from) in token.iter_mut().zip(digest) {
            *byte = from;
        }
        Identity::Person(Token::new(token))
    }
}

/// What made the browser send it, in words that may be written.
fn told_initiator(told: &Initiator, memo: &mut Memo) -> InitiatorRecord {
    InitiatorRecord {
        kind: told.kind,
        url: told.url.as_deref().map(|url| memo.page(url)),
        line: told.line,
        column: told.column,
        function: told.function.as_deref().map(|name| memo.text(name)),
        wanted: told.wanted,
        why: told.why,
    }
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
    if form.is_digest()
        && standing != Standing::Own
        && !matches!(channel, Channel::Title | Channel::Storage | Channel::Mailto | Channel::Log)
    {
        return Rule::CprDigest;
    }
    match (channel, standing) {
        // The page's own, wherever it stands in.
        (Channel::Title, _) => Rule::CprInTitle,
        (Channel::Storage, _) => Rule::CprInStorage,
        (Channel::Mailto, _) => Rule::CprInMailto,
        // Whoever keeps the log has it, wherever the request went.
        (Channel::Log, _) => Rule::CprInLog,
        (Channel::Redirect, _) => Rule::CprInRedirect,
        (Channel::Referer, _) => Rule::CprInReferer,
        (Channel::UrlPath | Channel::UrlQuery | Channel::UrlFragment, Standing::Own) => Rule::CprInUrl,
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
