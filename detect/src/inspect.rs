//! The detector's front: an exchange in, judged sightings and blind spots out.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;
use model::registry::SensitiveContext;
use model::{
    AlteredCanary, BlindSpot, BlindSpotKind, Channel, Evidence, Exchange, Host, Place, RecipientRecord, Redacted,
    Sighting, Standing, SystemId, Target, TestPerson, WrittenForm,
};

use crate::altered::tell_altered;
use crate::belongings::belongings;
use crate::browser_own::is_browsers_own;
use crate::contacts::{Contact, PersonToken};
use crate::decoders::RawStep;
use crate::digests::{Sweep, Undone};
use crate::documents::Documents;
use crate::found::Found;
use crate::headers::Empty;
use crate::logged::{field_of_log, holder, line_of_text, name_by_keys, remembered_as};
use crate::names::is_person_id;
use crate::notes::{DigestNote, Marker, Notes};
use crate::page_rules::Kept;
use crate::pages::PageTracker;
use crate::parties::{Parties, Party};
use crate::parts::{Part, body_piece, parts};
use crate::pending::Pending;
use crate::redactor::Redactor;
use crate::rules::leave_out_sent_cookies;
use crate::sensitive::{Sensitive, sensitive_in};
use crate::slots::{Settled, Slots};
use crate::suspects::Suspects;
use crate::teller::{Case, Teller};
use crate::tree::Tree;
use crate::unread::{blind_spot, unread};
use crate::views::Searcher;

/// Traffic is recorded from here on; HAR files are younger still.
const FIRST_YEAR: i16 = 2000;

/// Recipients and texts remembered of one scan: a visit has some tens and hundreds, which come again and again.
const MAX_REMEMBERED: usize = 512;

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
    pub(crate) searcher: Arc<Searcher>,
    redactor: Redactor,
    pub(crate) teller: Teller,
    pub(crate) parties: Parties,
    pages: PageTracker,
    pub(crate) documents: Documents,
    /// Stored numbers that were told.
    pub(crate) kept: BTreeSet<Kept>,
    pub(crate) slots: Slots,
    pub(crate) pending: Pending,
    empty: Empty,
    /// The views of a part, kept for their room.
    tree: Tree,
    recipients: BTreeMap<(Host, Standing, Option<&'static str>), RecipientRecord>,
    sensitive: BTreeMap<String, Option<Sensitive>>,
    /// A key of `sensitive`, kept for its room.
    key: String,
    pub(crate) today: Date,
    /// Makes the tokens of what is remembered.
    marker: Marker,
    /// Whether what is remembered is told as well.
    takes_notes: bool,
    /// Whether it judges lines for another detector, which remembers the digests.
    is_helper: bool,
    /// Whether that has room for them.
    wants_digests: bool,
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
    /// What of a page somebody else was told, of several things the most sensitive.
    pub sensitive: Option<SensitiveContext>,
    /// Whether the browser sent it of its own accord: no doing of the site's, but numbers in it are told all the same.
    pub is_browsers_own: bool,
    /// What else is remembered of it, where the inspector takes notes.
    pub notes: Notes,
}

impl Inspector {
    /// A detector that has seen nothing yet.
    pub fn new(setup: Setup) -> Self {
        let canaries = setup.test_persons.iter().map(|person| person.cpr);
        let searcher = Arc::new(Searcher::new(canaries, setup.today));
        let redactor = Redactor::new(Arc::clone(&searcher));
        let teller = Teller::new(Arc::clone(&searcher), &redactor, setup.key);
        Self::of(searcher, redactor, teller, setup.parties.on(setup.today), setup.today, Marker::new(&setup.key))
    }

    /// Another one that has seen nothing yet and knows the same. Cheaper than a new one, which works out every digest of
    /// the test numbers.
    #[must_use]
    pub fn another(&self) -> Self {
        let redactor = Redactor::new(Arc::clone(&self.searcher));
        let teller = self.teller.another(&redactor);
        Self::of(Arc::clone(&self.searcher), redactor, teller, self.parties.clone(), self.today, self.marker.clone())
    }

    fn of(
        searcher: Arc<Searcher>,
        redactor: Redactor,
        teller: Teller,
        parties: Parties,
        today: Date,
        marker: Marker,
    ) -> Self {
        Self {
            teller,
            searcher,
            redactor,
            parties,
            pages: PageTracker::default(),
            documents: Documents::default(),
            kept: BTreeSet::new(),
            slots: Slots::new(marker.clone()),
            pending: Pending::new(marker.clone()),
            empty: Empty::default(),
            tree: Tree::default(),
            recipients: BTreeMap::new(),
            sensitive: BTreeMap::new(),
            key: String::new(),
            today,
            marker,
            takes_notes: false,
            is_helper: false,
            wants_digests: true,
        }
    }

    /// The same, and each inspection tells what is remembered of it, for [`Inspector::recall`].
    #[must_use]
    pub fn taking_notes(self) -> Self {
        Self { takes_notes: true, ..self }
    }

    /// The same for requests that have nothing to do with each other, such as lines of a log, on a thread of its own. It
    /// remembers no page and no digest; the detector that is told its notes does.
    #[must_use]
    pub fn helping(self) -> Self {
        Self { is_helper: true, ..self.taking_notes() }
    }

    /// What finds the places in raw text that are worth a look.
    pub fn suspects(&self) -> Suspects {
        Suspects::new(Arc::clone(&self.searcher), self.marker.mark("suspects", &[]))
    }

    /// Whether digests are still to be told, or only counted: see [`Inspector::has_room_for_digests`].
    pub fn want_digests(&mut self, wanted: bool) {
        self.wants_digests = wanted;
    }

    /// Whether more digests can be remembered.
    pub fn has_room_for_digests(&self) -> bool {
        !self.pending.is_full()
    }

    /// What becomes of a sighting in `slot`, now that all of a scan was seen: how sure it is, or `None` when it is not
    /// told. `is_told` says whether it was told before, or passed over.
    pub fn settled(&self, slot: Option<u64>, evidence: Evidence, form: WrittenForm, is_told: bool) -> Option<Evidence> {
        self.slots.settled(slot, evidence, form, is_told)
    }

    /// What takes numbers out of text.
    pub fn redactor(&self) -> Redactor {
        self.redactor.clone()
    }

    /// A crawl begins: whatever is sent before its first page belongs to no page of the one before.
    pub fn begin_crawl(&mut self) {
        self.pages = PageTracker::default();
    }

    /// Judges `exchange` of `source` (a file's name, already redacted, or `live`). `system` is the one being visited, when
    /// known; without it, the page's host tells.
    pub fn inspect(&mut self, source: &str, exchange: &Exchange, system: Option<&SystemId>) -> Inspection {
        let target = &exchange.request.target;
        if self.is_helper {
            self.pages = PageTracker::default();
        }
        let page = self.pages.page_of(exchange);
        self.documents.note(exchange);
        let by_page = || page.as_ref().and_then(|page| self.parties.system_of(&page.host));
        let system = system.cloned().or_else(by_page).or_else(|| self.parties.system_of(&target.host));
        let party = self.parties.party(target, Some(&exchange.request), system.as_ref());
        let mut case = self.teller.case(source, exchange, &party, page.as_ref(), system);
        let mut log_case: Option<Case<'_>> = None;
        let mut inspection = Inspection {
            sightings: Vec::new(),
            blind_spots: unread(exchange),
            recipient: self.recipient(&party),
            host: case.to.host.clone(),
            system: case.system.clone(),
            page: case.page.clone(),
            request: case.request.clone(),
            own_body_numbers: 0,
            look_alikes: 0,
            passed_over: Vec::new(),
            altered: Vec::new(),
            sensitive: None,
            is_browsers_own: is_browsers_own(exchange),
            notes: Notes::default(),
        };
        let sent = exchange.started.to_zoned(jiff::tz::TimeZone::UTC).date().min(self.today);
        // Nobody recorded it then: the recording tells no time.
        let sent = if sent.year() < FIRST_YEAR { self.today } else { sent };
        let parts = parts(exchange, |name, value| self.empty.has(name, value));
        let split = parts.iter().filter(|part| part.may_be_split()).map(|part| &part.piece);
        for hit in self.searcher.joined_parts(split) {
            let channel = match hit.steps.first() {
                Some(RawStep::Into(Place::Query, _)) => Channel::UrlQuery,
                Some(RawStep::Into(Place::Path, _)) => Channel::UrlPath,
                _ => Channel::Cookie,
            };
            inspection.sightings.push(self.teller.sighting(&mut case, channel, None, &hit, None));
        }
        for Part { channel, piece, leads_to } in parts {
            let header = remembered_as(channel, &piece);
            let text = line_of_text(channel, &piece);
            let field = field_of_log(channel, &piece);
            let mut found = self.searcher.search_sent(piece, sent, &mut self.tree);
            if let Some((name, value)) = header.filter(|_| found.is_empty()) {
                self.empty.keep(&name, &value);
            }
            if found.may_repeat()
                && let Some(told) = self.told_before(exchange, channel, sent)
            {
                found.leave_out(&told);
            }
            inspection.look_alikes += found.look_alikes;
            for problem in &found.problems {
                inspection.blind_spots.push(blind_spot(exchange, BlindSpotKind::DecodeLimit, problem.clone()));
            }
            let is_own = case.is_as_it_should_be(channel);
            if let Some(logged) = exchange.logged.as_ref().filter(|_| is_own || channel == Channel::Log) {
                if found.is_empty() {
                    continue;
                }
                // Many lines have the same field: it is told once, by its name.
                if let (Some(field), Some(opaque)) = (&field, &found.opaque) {
                    let place = if field.is_empty() { source.to_owned() } else { format!("{source}: {field}") };
                    inspection.blind_spots.push(BlindSpot::new(BlindSpotKind::EncodingUnknown, place, opaque.clone()));
                }
                if let Some(text) = &text {
                    let tree = &mut self.tree;
                    name_by_keys(&mut found, text, |piece| self.searcher.search_sent(piece, sent, tree));
                }
                let log_case = log_case.get_or_insert_with(|| {
                    let holder = holder(exchange, logged, &self.parties);
                    let system = self.parties.system_of(&holder.host);
                    self.teller.log_case(source, exchange, &holder, system)
                });
                self.take(&mut inspection, log_case, Channel::Log, None, &found);
                continue;
            }
            if is_own {
                let sure = found.hits.iter().filter(|hit| hit.evidence < Evidence::E4).count();
                inspection.own_body_numbers += sure as u64;
                continue;
            }
            // Of pieces the proxy has said that they are read without what spans them.
            let opaque = found.opaque.as_ref().filter(|_| !is_piece(exchange, channel));
            if let Some(opaque) = opaque {
                inspection.blind_spots.push(blind_spot(exchange, BlindSpotKind::EncodingUnknown, opaque.clone()));
            }
            // A fragment is never sent; on somebody else's URL it has reached nobody.
            if channel != Channel::UrlFragment || case.to.standing == Standing::Own {
                self.take(&mut inspection, &mut case, channel, leads_to.as_deref(), &found);
            }
        }
        add_belongings(&mut inspection, exchange);
        inspection
    }

    /// What the repeated beginning of a piece of a body held, which was told with the piece before.
    fn told_before(&self, exchange: &Exchange, channel: Channel, sent: Date) -> Option<Found> {
        let before = exchange.continues.filter(|_| channel == Channel::Body)?;
        let body = &exchange.request.body;
        let repeated = body.bytes.get(..body.repeated(before)).filter(|repeated| !repeated.is_empty())?;
        Some(self.searcher.search_sent(body_piece(repeated), sent, &mut Tree::default()))
    }

    /// What was found in one part, told.
    fn take(
        &mut self,
        inspection: &mut Inspection,
        case: &mut Case<'_>,
        channel: Channel,
        leads_to: Option<&Target>,
        found: &Found,
    ) {
        let target = &case.exchange.request.target;
        let place = || match channel {
            // A field of a log is the same whatever was asked for.
            Channel::Log => case.to.host.to_string(),
            _ => format!("{}{}", target.host, target.path),
        };
        let is_counted = !found.tens.is_empty();
        let place = if is_counted { place() } else { String::new() };
        for ten in &found.tens {
            let note = self.slots.note(&place, &ten.steps, ten.digits);
            inspection.notes.slots.extend(note.filter(|_| self.takes_notes));
        }
        let next = leads_to.filter(|_| !found.hits.is_empty()).map(|target| {
            let party = self.parties.party(target, None, case.system.as_ref());
            self.teller.addressee(&party, target)
        });
        for hit in &found.hits {
            let slot = if is_counted { self.slots.find(&place, &hit.steps) } else { None };
            inspection.sightings.push(self.teller.sighting(case, channel, next.as_ref(), hit, slot));
        }
        for hit in &found.doubtful {
            let slot = self.slots.find(&place, &hit.steps);
            let sighting = self.teller.sighting(case, channel, next.as_ref(), hit, slot);
            self.slots.keep(&sighting);
            inspection.passed_over.push(sighting);
        }
        for (steps, alteration) in &found.altered {
            let trail = self.teller.trail(steps);
            tell_altered(&mut inspection.altered, &case.to.recipient, &trail, *alteration);
        }
        for (steps, digest) in &found.digests {
            if !self.wants_digests {
                inspection.notes.digests_left_out += 1;
            } else if self.is_helper || self.pending.has_room() {
                let sighting = self.teller.digest(case, channel, next.as_ref(), steps);
                let is_sent = channel != Channel::Log;
                let contact = (is_sent && is_of_person(steps)).then(|| Contact::of(case, &inspection.recipient));
                if self.takes_notes {
                    let (mark, contact) = (self.pending.mark(digest), contact.clone());
                    let raw = self.is_helper.then_some(*digest);
                    let sighting = (&sighting).into();
                    inspection.notes.digests.push(DigestNote { digest: mark, sighting, contact, raw, sealed: None });
                }
                if !self.is_helper {
                    self.pending.keep(*digest, sighting, contact);
                }
            }
        }
        if case.to.standing != Standing::Own {
            for (name, text) in &found.telling {
                let told = self.sensitive(name, text).map(|told| told.context);
                inspection.sensitive = inspection.sensitive.into_iter().chain(told).min();
            }
        }
    }

    /// Judges sightings by the slots they stood in, now that all of a scan was seen.
    pub fn settle(&mut self, mut sightings: Vec<Sighting>) -> Settled {
        leave_out_sent_cookies(&mut sightings);
        self.slots.settle(sightings)
    }

    /// The digests seen so far that may be of numbers, to be tried. `None` when there are none.
    pub fn sweep(&self) -> Option<Sweep> {
        let (marker, recalled) = self.pending.recalled();
        let sweep = || Sweep::new(self.pending.digests(), self.today).recalling(&marker, recalled);
        (self.pending.count() > 0).then(sweep)
    }

    /// How many different digests were seen, and how many places of digests were not kept.
    pub fn digests(&self) -> (u64, u64) {
        (self.pending.count(), self.pending.left_out())
    }

    /// The sightings of digests that a sweep has undone.
    pub fn undone(&mut self, undone: &[Undone]) -> Vec<Sighting> {
        let Self { pending, teller, .. } = self;
        undone.iter().flat_map(|undone| teller.undone(pending.take(&undone.digest), undone)).collect()
    }

    /// Values that stand for one person, came more than once, and no sweep has undone: they may be made with a key.
    pub fn person_tokens(&self) -> Vec<PersonToken> {
        self.pending.person_tokens()
    }

    fn recipient(&mut self, party: &Party) -> RecipientRecord {
        let key = (party.host.clone(), party.standing, party.product);
        if let Some(known) = self.recipients.get(&key) {
            return known.clone();
        }
        let record = self.parties.recipient_of(party, &self.redactor);
        remember(&mut self.recipients, key, record.clone());
        record
    }

    fn sensitive(&mut self, name: &str, text: &str) -> Option<Sensitive> {
        self.key.clear();
        self.key.extend([name, "\0", text]);
        if let Some(known) = self.sensitive.get(&self.key) {
            return *known;
        }
        let told = sensitive_in(name, text);
        remember(&mut self.sensitive, self.key.clone(), told);
        told
    }
}

/// What stands beside a number of the same part: a query is one part here, as is a body.
fn add_belongings(inspection: &mut Inspection, exchange: &Exchange) {
    let is_sure = |sighting: &&mut Sighting| sighting.evidence < Evidence::E4;
    let mut known: BTreeMap<Channel, Vec<Redacted>> = BTreeMap::new();
    for sighting in inspection.sightings.iter_mut().filter(is_sure) {
        let classes = known.entry(sighting.channel).or_insert_with(|| {
            // Headers are many, and mostly not asked for.
            let is_unasked = sighting.channel != Channel::Header;
            let parts = parts(exchange, |_, _| is_unasked);
            let of_channel = parts.into_iter().filter(|part| part.channel == sighting.channel);
            let classes = belongings(of_channel.map(|part| part.piece));
            classes.into_iter().map(|class| Redacted::own_words(class.as_str())).collect()
        });
        let also_sent = &mut sighting.context.also_sent;
        *also_sent = also_sent.iter().chain(&*classes).cloned().collect();
    }
}

fn is_piece(exchange: &Exchange, channel: Channel) -> bool {
    channel == Channel::Body && exchange.continues.is_some()
}

/// A full memory begins anew.
fn remember<K: Ord, V>(memory: &mut BTreeMap<K, V>, key: K, value: V) {
    if memory.len() >= MAX_REMEMBERED {
        memory.clear();
    }
    memory.insert(key, value);
}

/// Whether somebody else was sent it under a name that says it stands for a person.
fn is_of_person(steps: &[RawStep]) -> bool {
    let name = steps.iter().rev().find_map(|step| match step {
        RawStep::Into(_, name) => Some(name.as_str()),
        RawStep::Undo(_) => None,
    });
    name.is_some_and(is_person_id)
}
