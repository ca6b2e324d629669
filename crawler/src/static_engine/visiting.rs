//! One visit without a browser: load, read, fill, send. What it could not do it tells.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use model::{BlindSpot, BlindSpotKind, Clock, ConsentState, Form, Host, Target, Visit, VisitId, VisitOutcome};

use super::client::Http;
use super::cookies::Jar;
use super::forms::Ready;
use super::loading::{Load, Loaded, Origin};
use super::sending::submission;
use crate::address::{canonical_key, is_same_place, template_key};
use crate::canaries::Canaries;
use crate::forms::Filled;
use crate::frontier::LeftOut;
use crate::harvest::key_of;
use crate::links::{Leads, is_harmless, leads};
use crate::login::{Door, door_beside, leads_to_login, wall};
use crate::outward::bears;
use crate::pace::{BUSY, BUSY_WAIT, retry_after};
use crate::page::{Link, Page};
use crate::plan::Scope;
use crate::robots::Robots;
use crate::sendable::fingerprint;
use crate::visit::Seen;
use crate::{Plan, Progress, Tell, VisitCounter, Wire};

/// Nothing is asked for by itself here: when nothing is under way, everything is recorded.
const QUIET: Duration = Duration::ZERO;

/// How long to wait for what is under way.
const QUIET_CAP: Duration = Duration::from_secs(2);

/// `<meta http-equiv=refresh>` one after the other; a page that refreshes itself does so for ever.
const MAX_REFRESHES: u32 = 3;

/// Most things that are remembered to be told once.
const MAX_TOLD: usize = 100_000;

/// Visits pages of one plan.
pub(super) struct Visitor<'a> {
    pub(super) http: Http,
    pub(super) plan: &'a Plan,
    pub(super) clock: &'a Clock,
    pub(super) jar: Jar,
    /// What the sites ask of visitors.
    pub(super) robots: Arc<Robots>,
    /// Files of sitemaps that were asked for.
    pub(super) sitemaps_read: usize,
    /// Pages that were read, and those of them that have scripts.
    pub(super) pages_read: u32,
    pub(super) scripted_pages: u32,
    /// Forms that only a script sends.
    pub(super) scripted_forms: BTreeSet<String>,
    wire: &'a dyn Wire,
    stop: &'a AtomicBool,
    ids: &'a VisitCounter,
    tell: &'a Tell<'a>,
    pub(super) canaries: Canaries,
    /// Forms that were sent, or would have been, by what they are.
    pub(super) tried: BTreeSet<String>,
    pub(super) sent: BTreeSet<String>,
    /// Those of them that led on to another page.
    pub(super) passed: BTreeSet<String>,
    told: BTreeSet<String>,
    restless: Option<VisitId>,
    /// The link that the last page, with a number in its address, is left by, and the kind of page.
    way_out: Option<(Target, Origin, String)>,
}

/// A page load or form step in progress.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) id: VisitId,
    pub(super) asked: Target,
    submitted_from: Option<VisitId>,
    started: jiff::Timestamp,
}

impl<'a> Visitor<'a> {
    /// One that has seen nothing yet.
    pub(super) fn new(
        http: Http,
        plan: &'a Plan,
        wire: &'a dyn Wire,
        clock: &'a Clock,
        stop: &'a AtomicBool,
        ids: &'a VisitCounter,
        tell: &'a Tell<'a>,
    ) -> Self {
        Self {
            http,
            plan,
            clock,
            jar: Jar::default(),
            robots: Arc::default(),
            sitemaps_read: 0,
            pages_read: 0,
            scripted_pages: 0,
            scripted_forms: BTreeSet::new(),
            wire,
            stop,
            ids,
            tell,
            canaries: Canaries::default(),
            tried: BTreeSet::new(),
            sent: BTreeSet::new(),
            passed: BTreeSet::new(),
            told: BTreeSet::new(),
            restless: None,
            way_out: None,
        }
    }

    /// Visits `target`, and sends the CPR forms it may. What is in `seen` holds whatever comes of it.
    pub(super) fn visit(&mut self, target: &Target, seen: &mut Seen) {
        let mut step = self.begin(target.clone(), None);
        self.learn(target, seen);
        let mut load = self.load(&step, target, None, None);
        let mut sent_from: Option<String> = None;
        for sends_left in (0..=self.plan.limits.form_steps).rev() {
            let ready = self.take_in(&step, load, sends_left > 0, sent_from.as_deref(), seen);
            self.rest();
            let Some(ready) = ready else { break };
            let Some(submission) = submission(&ready.sheet, &ready.answered, ready.encoding) else { break };
            step = self.begin(submission.target.clone(), Some(step.id));
            load = self.load(&step, &submission.target, Some(&ready.origin), submission.body.as_ref());
            sent_from = Some(ready.fingerprint);
        }
        if let Some((target, origin, template)) = self.way_out.take() {
            self.go_outside(&target, &origin, &template);
        }
        self.learn_of_links(seen);
        self.rest();
        seen.again |= seen.sent_away && !seen.reached.iter().any(|page| canonical_key(page) == canonical_key(target));
    }

    /// Whether the user wants no more.
    pub(super) fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Whether a page may be visited; those that the plan names may.
    pub(super) fn is_open(&self, target: &Target) -> bool {
        !self.plan.obeys_robots() || self.robots.allows(target)
    }

    /// Whether something is told for the first time.
    pub(super) fn is_news(&mut self, told: String) -> bool {
        self.told.len() < MAX_TOLD && self.told.insert(told)
    }

    /// Tells a blind spot of this system.
    pub(super) fn tell(&mut self, kind: BlindSpotKind, place: &str, detail: impl Into<String>, visit: Option<VisitId>) {
        let blind_spot = BlindSpot::new(kind, place, detail).in_visit(visit).of_system(self.plan.system.clone());
        (self.tell)(Progress::BlindSpot(blind_spot));
    }

    /// Tells once a visit that not all of it came.
    pub(super) fn tell_restless(&mut self, step: &Step, detail: String) {
        if self.restless != Some(step.id) {
            self.restless = Some(step.id);
            self.tell(BlindSpotKind::PageRestless, &step.asked.to_string(), detail, Some(step.id));
        }
    }

    fn rest(&self) {
        self.wire.settle(QUIET, QUIET_CAP);
    }

    fn begin(&mut self, asked: Target, submitted_from: Option<VisitId>) -> Step {
        let id = self.ids.advance();
        (self.tell)(Progress::VisitBegins(asked.clone()));
        self.wire.begin(id);
        Step { id, asked, submitted_from, started: self.clock.now() }
    }

    /// Judges what a step found, works its forms, tells the visit; the form to send next, if there is one.
    fn take_in(
        &mut self,
        step: &Step,
        load: Load,
        may_go_on: bool,
        sent_from: Option<&str>,
        seen: &mut Seen,
    ) -> Option<Ready> {
        let loaded = self.arrive(step, load, seen)?;
        let page = &loaded.document.page;
        if let Some(sent_from) = sent_from
            && !page.forms.iter().any(|form| fingerprint(form) == sent_from)
        {
            self.passed.insert(sent_from.to_owned());
        }
        let place = step.asked.to_string();
        let door = self.door(page);
        let outside = Some(&loaded.at.host).filter(|host| !self.plan.scope.covers(host));
        let mut outcome = VisitOutcome::Loaded;
        if page.status >= 400 && loaded.is_by_proxy {
            outcome = self.fail(step, "the proxy could not reach it".to_owned(), seen);
        } else if let Some(reason) = wall(page, &step.asked, &self.plan.scope, door) {
            self.tell(BlindSpotKind::LoginRequired, &place, reason.clone(), Some(step.id));
            seen.missed.get_or_insert(reason);
            outcome = VisitOutcome::LoginRequired;
        } else if let Some(host) = outside {
            outcome = self.fail(step, self.why_outside(host), seen);
        } else if BUSY.contains(&page.status) && step.submitted_from.is_none() {
            let asked = loaded.retry_after.as_ref().and_then(|text| retry_after(text, self.clock.now()));
            seen.busy = Some(asked.unwrap_or(BUSY_WAIT));
            let reason = format!("status {}", page.status);
            outcome = if seen.comes_back { VisitOutcome::Failed(reason) } else { self.fail(step, reason, seen) };
        } else if page.status >= 400 {
            outcome = self.fail(step, format!("status {}", page.status), seen);
        } else if let Some(action) = door_beside(page)
            && self.is_news(format!("door {action}"))
        {
            let detail = format!("a form that sends to {action} wants a password; what lies behind was not seen");
            self.tell(BlindSpotKind::LoginRequired, &place, detail, Some(step.id));
        }
        let mut links_out = 0;
        if outcome == VisitOutcome::Loaded {
            links_out = self.harvest(&loaded, step, door, seen);
            if step.submitted_from.is_none() {
                seen.skeleton = loaded.document.skeleton;
            }
            self.tell_unasked(page, step, seen);
        }
        let (filled, ready) =
            if outside.is_none() { self.fill(&loaded, step, may_go_on) } else { (Filled::untouched(page), None) };
        let ready = ready.filter(|_| !matches!(outcome, VisitOutcome::Failed(_)));
        if ready.is_some() {
            seen.sent_away |= step.submitted_from.is_none() && !is_same_place(&loaded.at, &step.asked);
        }
        seen.again |= self.has_more_to_send(page) && ready.is_some();
        let forms = match &ready {
            Some(ready) => filled.told(ready.index),
            None => filled.into_forms(),
        };
        self.tell_visit(step, Some(page), outcome, forms, links_out);
        ready
    }

    /// The page that a step led to, with all that it names; the rest is told.
    fn arrive(&mut self, step: &Step, load: Load, seen: &mut Seen) -> Option<Loaded> {
        let mut load = load;
        for refreshes in 0..=MAX_REFRESHES {
            let reason = match load {
                Load::Page(loaded) => {
                    self.pages_read = self.pages_read.saturating_add(1);
                    self.scripted_pages = self.scripted_pages.saturating_add(u32::from(loaded.document.has_scripts));
                    let scripted = loaded.document.sheets.iter().filter(|sheet| sheet.is_scripted);
                    self.scripted_forms.extend(scripted.map(|sheet| fingerprint(&sheet.form)));
                    for frame in self.load_parts(step, &loaded) {
                        if leads_to_login("", &frame) {
                            self.tell_login_outside(&frame.host, step);
                        } else if !self.plan.scope.covers(&frame.host) {
                            seen.left_out.push((LeftOut::Frame, canonical_key(&frame)));
                        }
                    }
                    let next = loaded.document.refresh.clone().filter(|_| loaded.document.page.status < 400);
                    let Some(next) = next.filter(|next| *next != loaded.at && refreshes < MAX_REFRESHES) else {
                        return Some(*loaded);
                    };
                    let origin = Origin { page: loaded.at, policy: loaded.policy };
                    load = self.load(step, &next, Some(&origin), None);
                    continue;
                }
                Load::Stopped => {
                    seen.missed = Some("the audit was stopped".to_owned());
                    self.tell_visit(step, None, VisitOutcome::Failed("stopped".to_owned()), Vec::new(), 0);
                    return None;
                }
                Load::Download(target) => {
                    let detail = format!("downloads refused: 1, the first {target}");
                    self.tell(BlindSpotKind::PageInterfered, &step.asked.to_string(), detail, Some(step.id));
                    "it is a download, not a page".to_owned()
                }
                Load::Failed(reason) => {
                    self.tell(BlindSpotKind::PageFailed, &step.asked.to_string(), reason.clone(), Some(step.id));
                    reason
                }
            };
            seen.missed.get_or_insert_with(|| reason.clone());
            self.tell_visit(step, None, VisitOutcome::Failed(reason), Vec::new(), 0);
            return None;
        }
        None
    }

    /// Collects the links of a page that was seen; how many lead out of scope.
    fn harvest(&mut self, loaded: &Loaded, step: &Step, door: Door, seen: &mut Seen) -> u32 {
        let page = &loaded.document.page;
        if step.submitted_from.is_none() && door == Door::None {
            if is_same_place(&loaded.at, &step.asked) {
                seen.reached.push(step.asked.clone());
            } else {
                seen.missed.get_or_insert_with(|| format!("it leads to another page, {}", loaded.at));
            }
        }
        seen.reached.push(loaded.at.clone());
        let bears_number = self.bears_number(&page.url);
        seen.is_numbered |= bears_number;
        seen.has_form |= page.forms.iter().any(|form| !form.search && form.fields.iter().any(|field| field.visible));
        self.way_out = None;
        let mut links_out = 0_u32;
        for link in &page.links {
            match leads(link, &self.plan.scope) {
                Leads::In(target) => seen.links.push(target),
                Leads::Out(target) => {
                    links_out = links_out.saturating_add(1);
                    if leads_to_login(&link.text, &target) {
                        self.tell_login_outside(&target.host, step);
                    } else if bears_number && self.way_out.is_none() && self.may_go_outside(link, &target) {
                        let policy = loaded.document.link_policies.get(&link.href).copied().unwrap_or(loaded.policy);
                        let origin = Origin { page: loaded.at.clone(), policy };
                        self.way_out = Some((target, origin, template_key(&loaded.at)));
                    }
                }
                Leads::Aside(reason) => seen.left_out.push((reason, key_of(link))),
                Leads::Nowhere => {}
            }
        }
        for frame in &page.frames {
            let link = Link { href: frame.clone(), ..Link::default() };
            if let Leads::In(target) = leads(&link, &self.plan.scope) {
                seen.links.push(target);
            }
        }
        for number in 0..page.frames_cut {
            seen.left_out.push((LeftOut::Frame, format!("{} {number}", page.url)));
        }
        seen.links_cut = seen.links_cut.saturating_add(page.links_cut);
        if page.nodes_cut {
            let detail = "the page has more elements than are read; forms and links after them were not seen";
            self.tell(BlindSpotKind::PagesLeftOut, &page.url, detail, Some(step.id));
        }
        links_out
    }

    /// Follows a link to another site, as a visit of its own: what that one gets as referrer shows only there.
    fn go_outside(&mut self, target: &Target, origin: &Origin, template: &str) {
        if self.is_stopped() || !self.is_news(format!("outward {template}")) {
            return;
        }
        let step = self.begin(target.clone(), None);
        let outcome = match self.load(&step, target, Some(origin), None) {
            Load::Page(_) | Load::Download(_) => VisitOutcome::Loaded,
            Load::Failed(reason) => VisitOutcome::Failed(reason),
            Load::Stopped => VisitOutcome::Failed("stopped".to_owned()),
        };
        self.rest();
        self.tell_visit(&step, None, outcome, Vec::new(), 0);
    }

    fn may_go_outside(&self, link: &Link, target: &Target) -> bool {
        (!self.plan.manners.loopback_only || target.host.is_loopback()) && is_harmless(link, target)
    }

    fn bears_number(&self, url: &str) -> bool {
        let person = self.plan.person.iter().map(|person| person.cpr);
        person.chain(self.plan.canaries.iter().copied()).any(|number| bears(url, number))
    }

    fn why_outside(&self, host: &Host) -> String {
        match &self.plan.scope {
            Scope::Hosts(_) => {
                format!("it leads to {host}, which is not among the system's hosts: add it to base_urls")
            }
            Scope::Site(_) => format!("it leads to {host}, which is another site: audit that by an address of its own"),
        }
    }

    fn tell_login_outside(&mut self, host: &Host, step: &Step) {
        if self.is_news(format!("login {host}")) {
            let detail = format!("a link leads to {host} to log in; what lies behind was not seen");
            self.tell(BlindSpotKind::LoginRequired, &step.asked.to_string(), detail, Some(step.id));
        }
    }

    fn fail(&mut self, step: &Step, reason: String, seen: &mut Seen) -> VisitOutcome {
        self.tell(BlindSpotKind::PageFailed, &step.asked.to_string(), reason.clone(), Some(step.id));
        seen.missed.get_or_insert_with(|| reason.clone());
        VisitOutcome::Failed(reason)
    }

    fn tell_visit(
        &mut self,
        step: &Step,
        page: Option<&Page>,
        outcome: VisitOutcome,
        forms: Vec<Form>,
        links_out: u32,
    ) {
        let url = match (step.submitted_from, page) {
            (Some(_), Some(page)) => page.url.clone(),
            (_, _) => step.asked.to_string(),
        };
        (self.tell)(Progress::Visit(Visit {
            id: step.id,
            system: self.plan.system.clone(),
            url,
            submitted_from: step.submitted_from,
            role: self.plan.role.clone(),
            sign_in: model::SignIn::NotTried,
            started: step.started,
            status: page.map(|page| page.status).filter(|status| *status > 0),
            title: page.map(|page| page.title.clone()).unwrap_or_default(),
            outcome,
            forms,
            links_out,
            facts: None,
            // Without a script nothing answers a banner, and most do not even show.
            consent: ConsentState::Untouched,
        }));
    }
}
