//! One visit: load, settle, read, fill, send, leave. What it could not do it tells.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use model::{BlindSpot, BlindSpotKind, Clock, Form, Target, Visit, VisitId, VisitOutcome};

use crate::address::{canonical_key, template_key};
use crate::browser::{Browser, Context};
use crate::fields::{asks_for_cpr, asks_for_password, record};
use crate::filling::{Sending, fill, outcome_of_press, press, refusal};
use crate::links::{Leads, leads};
use crate::login::{Door, door_beside, wall};
use crate::page::{Link, Page, PageForm};
use crate::tab::{Interferences, Load, Tab};
use crate::{BrowserError, Plan, Progress, VisitCounter, Wire};

/// How long the wire must rest after a page is left: beacons start within milliseconds.
const DRAIN_QUIET: Duration = Duration::from_secs(1);

/// How long to wait for that rest.
const DRAIN_CAP: Duration = Duration::from_secs(5);

/// A form that leads to another page starts to load it at once.
const SEND_STARTS: Duration = Duration::from_secs(1);

/// Most CPR forms filled on one page: more are rows of one table.
const MAX_FILLED_FORMS: usize = 5;

/// Visits pages of one plan.
pub(crate) struct Visitor<'a, 't> {
    pub(crate) browser: &'a Browser,
    pub(crate) context: Context<'a>,
    pub(crate) plan: &'a Plan,
    pub(crate) wire: &'a dyn Wire,
    pub(crate) clock: &'a Clock,
    pub(crate) stop: &'a AtomicBool,
    pub(crate) ids: &'a mut VisitCounter,
    pub(crate) tell: &'t mut dyn FnMut(Progress<'_>),
    pub(crate) forms: FormBook,
}

/// What was done with the forms of a crawl, each known by its template, method and field names.
#[derive(Debug, Default)]
pub(crate) struct FormBook {
    tried: BTreeSet<String>,
    passed: BTreeSet<String>,
    told: BTreeSet<String>,
}

/// What a visit leads to.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// Pages that were really seen: where the address asked for, or a form, led.
    pub(crate) reached: Vec<Target>,
    /// Links in scope.
    pub(crate) links: Vec<Target>,
    /// Links that were not read: too many on one page.
    pub(crate) links_cut: u32,
    /// Whether to come again: a form is left to send, or a login was passed on the way.
    pub(crate) again: bool,
    /// Whether a form stood between the address asked for and its page.
    pub(crate) sent_away: bool,
    /// Why the page was not seen, if it was not.
    pub(crate) missed: Option<String>,
}

/// A page load or form step in progress.
struct Step {
    id: VisitId,
    asked: Target,
    submitted_from: Option<VisitId>,
    started: jiff::Timestamp,
}

/// What a step found.
enum Found {
    Page(Box<Page>),
    Nothing(String),
    Stopped,
}

impl Visitor<'_, '_> {
    /// Visits `target`, sends the CPR forms it may, and leaves.
    pub(crate) fn visit(&mut self, target: &Target) -> Result<Seen, BrowserError> {
        let tab = Tab::open(self.browser, &self.context)?;
        let mut step = self.begin(target.clone(), None);
        let load = tab.load(&target.to_string(), self.plan.limits.page_deadline, &|| self.is_stopped())?;
        let mut found = self.arrive(&tab, &step, load)?;
        let mut seen = Seen::default();
        let mut sent_from = None;
        for sends_left in (0..=self.plan.limits.form_steps).rev() {
            let next = self.take_in(&tab, &step, found, sends_left > 0, sent_from.as_deref(), &mut seen)?;
            let Some((next_step, load, fingerprint)) = next else { break };
            step = next_step;
            sent_from = Some(fingerprint);
            found = self.arrive(&tab, &step, load)?;
        }
        seen.again |= seen.sent_away && !seen.reached.iter().any(|page| canonical_key(page) == canonical_key(target));
        let popups = tab.close_popups()?;
        seen.links.extend(popups.iter().filter_map(|popup| self.in_scope(popup)));
        let interferences = tab.close()?;
        self.wire.settle(DRAIN_QUIET, DRAIN_CAP);
        self.tell_interferences(&step, &interferences);
        Ok(seen)
    }

    /// Whether the user wants no more.
    pub(crate) fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Tells a blind spot of this system.
    pub(crate) fn tell(&mut self, kind: BlindSpotKind, place: &str, detail: impl Into<String>, visit: Option<VisitId>) {
        let blind_spot = BlindSpot::new(kind, place, detail).in_visit(visit).of_system(self.plan.system.clone());
        (self.tell)(Progress::BlindSpot(blind_spot));
    }

    /// A step begins: from now on requests are its own.
    fn begin(&mut self, asked: Target, submitted_from: Option<VisitId>) -> Step {
        let id = self.ids.advance();
        (self.tell)(Progress::VisitBegins(&asked));
        self.wire.begin(id);
        Step { id, asked, submitted_from, started: self.clock.now() }
    }

    /// Waits for the page to rest, and reads it.
    fn arrive(&mut self, tab: &Tab<'_>, step: &Step, load: Load) -> Result<Found, BrowserError> {
        let place = step.asked.to_string();
        match load {
            Load::Stopped => return Ok(Found::Stopped),
            Load::Failed(_) if tab.began_download() => {
                return Ok(Found::Nothing("it is a download, not a page".to_owned()));
            }
            Load::Failed(reason) => {
                self.wire.settle(self.plan.limits.quiet, self.plan.limits.settle_cap);
                self.tell(BlindSpotKind::PageFailed, &place, reason.clone(), Some(step.id));
                return Ok(Found::Nothing(reason));
            }
            Load::Unfinished | Load::Complete => {}
        }
        self.wire.settle(self.plan.limits.quiet, self.plan.limits.settle_cap);
        let page = tab.read()?.filter(|page| Target::parse(&page.url).is_ok());
        let seconds = self.plan.limits.page_deadline.as_secs();
        match (page, load) {
            (Some(page), Load::Unfinished) => {
                let detail = format!("it had not loaded after {seconds} seconds and was read as it was");
                self.tell(BlindSpotKind::PageFailed, &place, detail, Some(step.id));
                Ok(Found::Page(Box::new(page)))
            }
            (Some(page), _) => Ok(Found::Page(Box::new(page))),
            (None, load) => {
                let reason = match load {
                    Load::Unfinished => format!("it did not load within {seconds} seconds"),
                    _ => "it does not answer".to_owned(),
                };
                self.tell(BlindSpotKind::PageFailed, &place, reason.clone(), Some(step.id));
                Ok(Found::Nothing(reason))
            }
        }
    }

    /// Judges what a step found, works its forms, tells the visit; the next step if a form was sent.
    fn take_in(
        &mut self,
        tab: &Tab<'_>,
        step: &Step,
        found: Found,
        may_go_on: bool,
        sent_from: Option<&str>,
        seen: &mut Seen,
    ) -> Result<Option<(Step, Load, String)>, BrowserError> {
        let page = match found {
            Found::Page(page) => page,
            Found::Stopped => {
                seen.missed = Some("the audit was stopped".to_owned());
                self.tell_visit(step, None, VisitOutcome::Failed("stopped".to_owned()), Vec::new(), 0);
                return Ok(None);
            }
            Found::Nothing(reason) => {
                seen.missed.get_or_insert_with(|| reason.clone());
                self.tell_visit(step, None, VisitOutcome::Failed(reason), Vec::new(), 0);
                return Ok(None);
            }
        };
        if let Some(sent_from) = sent_from
            && !page.forms.iter().any(|form| fingerprint(form) == sent_from)
        {
            self.forms.passed.insert(sent_from.to_owned());
        }
        let place = step.asked.to_string();
        let door = self.door(&page);
        let mut outcome = VisitOutcome::Loaded;
        if let Some(reason) = wall(&page, &step.asked, &self.plan.scope, door) {
            self.tell(BlindSpotKind::LoginRequired, &place, reason.clone(), Some(step.id));
            seen.missed.get_or_insert(reason);
            outcome = VisitOutcome::LoginRequired;
        } else if page.status >= 400 || page.status == 0 {
            let reason =
                if page.status == 0 { "nothing answered".to_owned() } else { format!("status {}", page.status) };
            self.tell(BlindSpotKind::PageFailed, &place, reason.clone(), Some(step.id));
            seen.missed.get_or_insert_with(|| reason.clone());
            outcome = VisitOutcome::Failed(reason);
        } else if let Some(action) = door_beside(&page)
            && self.forms.told.insert(format!("door {action}"))
        {
            let detail = format!("a form that sends to {action} wants a password; what lies behind was not seen");
            self.tell(BlindSpotKind::LoginRequired, &place, detail, Some(step.id));
        }
        let links_out = if outcome == VisitOutcome::Loaded { self.harvest(&page, step, door, seen) } else { 0 };
        let (mut forms, ready) = self.fill_forms(tab, step, &page, may_go_on)?;
        let sends = !matches!(outcome, VisitOutcome::Failed(_));
        let Some((index, form)) = ready.filter(|_| sends).and_then(|index| Some((index, page.forms.get(index)?)))
        else {
            self.tell_visit(step, Some(&page), outcome, forms, links_out);
            return Ok(None);
        };
        let fingerprint = fingerprint(form);
        self.forms.tried.insert(fingerprint.clone());
        if let Some(refusal) = refusal(tab, form, index)? {
            self.tell_not_sent(form, step, &refusal);
            self.tell_visit(step, Some(&page), outcome, forms, links_out);
            seen.again |= self.has_more_to_send(&page);
            return Ok(None);
        }
        let mark = tab.mark();
        let asked = Target::parse(&form.action).unwrap_or_else(|_| step.asked.clone());
        let next = self.begin(asked, Some(step.id));
        let is_pressed = press(tab, form, index)?;
        let leads_on = tab.wait_for_start(mark, SEND_STARTS)?;
        let sending = match (leads_on, is_pressed) {
            (true, _) => Sending::Sent,
            (false, true) => outcome_of_press(tab)?,
            (false, false) => Sending::Silent,
        };
        // Fields outside of a form have no event that says so; their button was pressed.
        let was_sent = sending == Sending::Sent || (!form.real && sending == Sending::Pressed);
        if let Some(form) = forms.get_mut(index) {
            form.submitted = was_sent;
        }
        if !was_sent {
            self.tell_not_sent(form, step, &sending);
        }
        self.tell_visit(step, Some(&page), outcome, forms, links_out);
        seen.again |= self.has_more_to_send(&page);
        seen.sent_away |= step.submitted_from.is_none() && !same_page(&page, &step.asked);
        let deadline = self.plan.limits.page_deadline;
        let load = if leads_on { tab.wait_for_load(mark, deadline, &|| self.is_stopped())? } else { Load::Complete };
        Ok(Some((next, load, fingerprint)))
    }

    /// Types the number into every form that asks for it; the forms as recorded, and the first that is to be sent.
    fn fill_forms(
        &mut self,
        tab: &Tab<'_>,
        step: &Step,
        page: &Page,
        may_go_on: bool,
    ) -> Result<(Vec<Form>, Option<usize>), BrowserError> {
        let mut records: Vec<Form> =
            page.forms.iter().enumerate().map(|(index, form)| record(form, index + 1)).collect();
        let mut ready = None;
        let mut filled = 0;
        for ((index, form), told) in page.forms.iter().enumerate().zip(&mut records) {
            if !asks_for_cpr(form) {
                continue;
            }
            let Some(person) = self.plan.usable_person() else {
                self.tell_form(form, step, "no test person may be used on this system");
                continue;
            };
            if filled >= MAX_FILLED_FORMS {
                self.tell_form(form, step, "more forms of its kind on one page than are filled");
                continue;
            }
            filled += 1;
            told.filled = fill(tab, form, index, person)?;
            self.wire.settle(self.plan.limits.quiet, self.plan.limits.settle_cap);
            if asks_for_password(form) {
                self.tell_form(form, step, "it wants a password as well");
            } else if !told.filled {
                self.tell_form(form, step, "its field did not take the number");
            } else if !self.plan.may_submit {
                self.tell_form(form, step, "the number was typed and not sent: not declared a test system");
            } else if self.forms.tried.contains(&fingerprint(form)) {
                // Sent before: once a crawl is enough.
            } else if !may_go_on {
                self.tell_form(form, step, "it comes after more forms than are sent in a row");
            } else if ready.is_none() {
                ready = Some(index);
            }
        }
        if page.forms_cut > 0 {
            let detail = format!("{} more forms and fields than are read", page.forms_cut);
            self.tell(BlindSpotKind::FormNotSubmitted, &step.asked.to_string(), detail, Some(step.id));
        }
        Ok((records, ready))
    }

    /// Collects the links of a page that was seen; how many lead out of scope.
    fn harvest(&mut self, page: &Page, step: &Step, door: Door, seen: &mut Seen) -> u32 {
        let Ok(reached) = Target::parse(&page.url) else { return 0 };
        let is_asked = same_page(page, &step.asked);
        seen.reached.push(reached.clone());
        if !self.plan.scope.covers(&reached.host) {
            return 1;
        }
        if step.submitted_from.is_none() && !is_asked && door == Door::None {
            // A redirect: asking for the one is seeing the other, unless a login stood between.
            seen.reached.push(step.asked.clone());
        }
        let mut links_out = 0_u32;
        for link in &page.links {
            match leads(link, &self.plan.scope) {
                Leads::In(target) => seen.links.push(target),
                Leads::Out(_) => links_out = links_out.saturating_add(1),
                Leads::Nowhere => {}
            }
        }
        // The inside of another origin's frame cannot be read from here; in scope it is a page of its own.
        seen.links.extend(page.frames.iter().filter_map(|frame| self.in_scope(frame)));
        seen.links_cut = seen.links_cut.saturating_add(page.links_cut);
        if page.nodes_cut {
            let detail = "the page has more elements than are read; forms and links after them were not seen";
            self.tell(BlindSpotKind::PagesLeftOut, &page.url, detail, Some(step.id));
        }
        links_out
    }

    /// A window's or frame's address as a page to visit.
    fn in_scope(&self, url: &str) -> Option<Target> {
        match leads(&Link { href: url.to_owned(), ..Link::default() }, &self.plan.scope) {
            Leads::In(target) => Some(target),
            Leads::Out(_) | Leads::Nowhere => None,
        }
    }

    /// What the CPR forms of a page are to this crawl.
    fn door(&self, page: &Page) -> Door {
        let doors: Vec<String> =
            page.forms.iter().filter(|form| asks_for_cpr(form) && !asks_for_password(form)).map(fingerprint).collect();
        let can_send = self.plan.may_submit && self.plan.usable_person().is_some();
        if doors.is_empty() {
            Door::None
        } else if can_send && doors.iter().any(|door| !self.forms.tried.contains(door)) {
            Door::Open
        } else if doors.iter().any(|door| self.forms.passed.contains(door)) {
            Door::Passed
        } else {
            Door::Shut
        }
    }

    fn has_more_to_send(&self, page: &Page) -> bool {
        page.forms.iter().any(|form| {
            asks_for_cpr(form) && !asks_for_password(form) && !self.forms.tried.contains(&fingerprint(form))
        })
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
            started: step.started,
            status: page.map(|page| page.status).filter(|status| *status > 0),
            title: page.map(|page| page.title.clone()).unwrap_or_default(),
            outcome,
            forms,
            links_out,
        }));
    }

    /// Tells once for each kind of form why it was not sent.
    fn tell_form(&mut self, form: &PageForm, step: &Step, why: &str) {
        if self.forms.told.insert(format!("{why} {}", fingerprint(form))) {
            let detail = format!("the form that sends to {}: {why}", form.action);
            self.tell(BlindSpotKind::FormNotSubmitted, &step.asked.to_string(), detail, Some(step.id));
        }
    }

    fn tell_not_sent(&mut self, form: &PageForm, step: &Step, sending: &Sending) {
        let why = match sending {
            Sending::Refused(fields) => format!("the browser would not send it, for its fields {}", fields.join(", ")),
            Sending::NoButton => "it has no button that may be pressed".to_owned(),
            Sending::Sent | Sending::Pressed => "its button did not send it".to_owned(),
            Sending::Silent => "the page did not answer".to_owned(),
        };
        self.tell_form(form, step, &why);
    }

    fn tell_interferences(&mut self, step: &Step, told: &Interferences) {
        let place = step.asked.to_string();
        let mut lines = Vec::new();
        if told.dialogs.happened() {
            lines.push(format!("dialogs answered with OK: {}, the first {}", told.dialogs.count, told.dialogs.first));
        }
        if told.popups.happened() {
            lines.push(format!("windows opened and closed: {}, the first {}", told.popups.count, told.popups.first));
        }
        if told.downloads.happened() {
            lines.push(format!("downloads refused: {}, the first {}", told.downloads.count, told.downloads.first));
        }
        if told.stuck {
            lines.push("the page could not be closed, so what it sends when left is unknown".to_owned());
        }
        for line in lines {
            self.tell(BlindSpotKind::PageInterfered, &place, line, Some(step.id));
        }
    }
}

/// Whether `page` is the one asked for.
fn same_page(page: &Page, asked: &Target) -> bool {
    Target::parse(&page.url).is_ok_and(|reached| canonical_key(&reached) == canonical_key(asked))
}

/// What makes a form the same as one on another page: where it sends, how, and its fields.
fn fingerprint(form: &PageForm) -> String {
    let action = Target::parse(&form.action).map_or_else(|_| form.action.clone(), |action| template_key(&action));
    let mut names: Vec<&str> =
        form.fields.iter().map(|field| if field.name.is_empty() { &*field.id } else { &*field.name }).collect();
    names.sort_unstable();
    names.dedup();
    format!("{} {action} {}", form.method, names.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::PageField;

    fn form(action: &str, names: &[&str]) -> PageForm {
        let field = |name: &&str| PageField { name: (*name).into(), ..PageField::default() };
        PageForm { action: action.into(), fields: names.iter().map(field).collect(), ..PageForm::default() }
    }

    #[test]
    fn a_form_is_known_by_template_and_fields() {
        let one = fingerprint(&form("https://a.test/sag/1", &["cpr", "navn"]));
        assert_eq!(one, fingerprint(&form("https://a.test/sag/2", &["navn", "cpr"])));
        assert_ne!(one, fingerprint(&form("https://a.test/sag/2", &["cpr"])));
        assert_ne!(
            one,
            fingerprint(&PageForm { method: "post".into(), ..form("https://a.test/sag/1", &["cpr", "navn"]) })
        );
    }

    #[test]
    fn a_page_is_the_one_asked_for_whatever_its_fragment() {
        let page = Page { url: "https://a.test/x?b=1&a=2#top".into(), ..Page::default() };
        assert!(same_page(&page, &Target::parse("https://a.test/x?a=2&b=1").unwrap()));
        assert!(!same_page(&page, &Target::parse("https://a.test/x").unwrap()));
    }
}
