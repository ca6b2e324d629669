//! What a crawl is asked to do, and what it tells.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use model::registry::Submit;
use model::{BlindSpot, ConsentState, CprNumber, Host, LaneId, Site, SystemId, Target, TestPerson, Visit, VisitId};
use serde_json::Value;

use crate::{Attendant, Before, BrowserRequest, Canaries, Journey, SessionCookies};

/// A port of the proxy for each lane of a crawl.
pub trait Wires: Sync {
    /// The lane's own; lanes are numbered from 0 to below [`Plan::tabs`].
    fn lane(&self, lane: LaneId) -> &dyn Wire;
}

/// What a lane of a crawl needs of the proxy.
pub trait Wire: Sync {
    /// Where the browser is to send its requests.
    fn proxy_address(&self) -> SocketAddr;

    /// Requests that begin from now on belong to `visit`.
    fn begin(&self, visit: VisitId);

    /// Waits until nothing has been in flight for `quiet`, at most `cap`; whether it came to rest.
    fn settle(&self, quiet: Duration, cap: Duration) -> bool;
}

/// What to visit, as whom, and how far to go.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The system visited; `None` for a bare URL or the self-test.
    pub system: Option<SystemId>,
    /// Where to begin.
    pub starts: Vec<Target>,
    /// Which links are followed.
    pub scope: Scope,
    /// Which forms may be sent: the registry's word.
    pub submit: Submit,
    /// Whom to play; without one, forms that ask for a CPR number are left empty and told.
    pub person: Option<TestPerson>,
    /// The role that its session is of, as the registry names it.
    pub role: Option<String>,
    /// A person who logs in by hand before anything else, instead of the journeys.
    pub attended: Option<Arc<dyn Attendant>>,
    /// Cookies of a session that is handed over; those that the scope's hosts get are set in each lane.
    pub cookies: SessionCookies,
    /// Journeys made before anything else, in order; the crawl goes on from where each ends, signed in.
    pub journeys: Vec<Journey>,
    /// Numbers of nobody, one for each field that asks for one, so that a number tells the field it came from. When they
    /// are used up, the person's is typed. Empty where the site knows its citizens: then it is always the person's.
    pub canaries: Vec<CprNumber>,
    /// Which field was given which of them, in this crawl and in others whose plans are clones of this one.
    pub given: Canaries,
    /// Pages that must be seen, by links or in the end by their address.
    pub must_visit: Vec<Target>,
    /// How far to go.
    pub limits: Limits,
    /// What is answered wherever a page asks for consent.
    pub consent: ConsentState,
    /// How to behave towards the sites.
    pub manners: Manners,
    /// What an earlier crawl of this plan did, that was cut short.
    pub before: Before,
}

/// How a crawl behaves towards sites.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Manners {
    /// What their `robots.txt` is to it.
    pub robots: RobotsTxt,
    /// Whether it leaves a page for another site only where that is this machine.
    pub loopback_only: bool,
}

/// What a site's `robots.txt` and sitemap are to a crawl.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RobotsTxt {
    /// Read, and obeyed: nobody who owns the site has agreed.
    #[default]
    Obeyed,
    /// Read for the pages that they name.
    Seeds,
    /// Not asked for.
    Unread,
}

/// Which links are followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Exactly these hosts.
    Hosts(Vec<Host>),
    /// Every host below this registrable domain.
    Site(Site),
}

/// Bounds of a crawl. What a bound leaves out is told as a blind spot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Pages asked for by address; form steps are not counted.
    pub pages: u32,
    /// Pages of one template, so that a calendar does not eat the budget.
    pub per_template: u32,
    /// Links away from a start.
    pub depth: u32,
    /// How long the crawl may go on; a visit that has begun is ended, and pages that must be visited are.
    pub time: Duration,
    /// How long from the beginning of one visit to a host to that of the next, at the least.
    pub pause: Duration,
    /// How long one page may take to load.
    pub page_deadline: Duration,
    /// How long the wire must rest before a page counts as settled.
    pub quiet: Duration,
    /// How long to wait for that rest.
    pub settle_cap: Duration,
    /// Forms sent one after the other in one tab.
    pub form_steps: u32,
    /// Tabs that visit at the same time, each with cookies of its own; see [`Plan::tabs`].
    pub tabs: u16,
    /// Visits after which the browser is started anew, its cookies carried over.
    pub browser_visits: u32,
}

/// Who is told how a crawl goes on, by all its lanes.
pub type Tell<'t> = dyn Fn(Progress) + Sync + 't;

/// What a crawl tells while it goes on: of each visit in order, those of several lanes mixed.
#[derive(Debug)]
pub enum Progress {
    /// A page is about to be asked for, or a form about to be sent there.
    VisitBegins(Target),
    /// A visit ended.
    Visit(Visit),
    /// What the browser told of requests, in order: those of a visit come before it is told, those that it sends when it
    /// is left come after.
    Requests(Vec<BrowserRequest>),
    /// A lane has left this visit and those before it, and their last requests were told.
    Left(LaneId, VisitId),
    /// Something was not seen.
    BlindSpot(BlindSpot),
    /// How much is left of the crawl, as far as it is known by now.
    Ahead(Ahead),
    /// A page is begun that was not before; of each page the name, which may hold numbers as its address does.
    PageBegins(String),
    /// A page is done, with these visits. With `state` among [`Before::done`] another crawl goes on from there; without one
    /// it must visit the page again.
    PageDone {
        /// Its name.
        page: String,
        /// All visits to it.
        visits: Vec<VisitId>,
        /// What the crawl knows from it; raw, as addresses are.
        state: Option<Value>,
    },
    /// The first question for consent that was met: what it is called, by its rule or by the page.
    Banner(String),
}

/// What is left of a crawl.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ahead {
    /// Pages asked for so far.
    pub visited: u32,
    /// Pages that wait, no more than the budget leaves.
    pub waiting: u32,
    /// How long it may still take: at the pace so far, and within its bound.
    pub time: Duration,
}

/// Hands out visit numbers from 1, across several crawls and their lanes.
#[derive(Debug, Default)]
pub struct VisitCounter(AtomicU32);

/// Most tabs at the same time: more only wait for each other, and for the site.
pub const MAX_TABS: u16 = 8;

/// Where a page waits most of the time for the site and for its own timers, four do not disturb each other.
const TABS: u16 = 4;

/// What the driver keeps of a tab that was closed, a thread among it, stays until the browser ends.
const BROWSER_VISITS: u32 = 100;

/// A self-service area rarely has more templates than this; 500 pages take some 20 minutes in one tab.
const PAGES: u32 = 500;

/// Enough to see a template with and without data, few enough to leave a calendar.
const PER_TEMPLATE: u32 = 5;

/// Deeper than any menu; stops chains that make a new address on each page.
const DEPTH: u32 = 8;

/// Five hundred pages take less.
const TIME: Duration = Duration::from_mins(30);

/// What a person in a hurry does; a visit takes longer, so this costs nothing with one tab.
const PAUSE: Duration = Duration::from_secs(1);

/// A page that has not loaded after a minute has been left by every citizen.
const PAGE_DEADLINE: Duration = Duration::from_mins(1);

/// Browsers' own "network idle" uses the same half second.
const QUIET: Duration = Duration::from_millis(500);

/// Pages that poll never rest; tags that start late do so within seconds.
const SETTLE_CAP: Duration = Duration::from_secs(10);

/// Longer than the wizards of public self-service.
const FORM_STEPS: u32 = 5;

impl Default for Limits {
    fn default() -> Self {
        Self {
            pages: PAGES,
            per_template: PER_TEMPLATE,
            depth: DEPTH,
            time: TIME,
            pause: PAUSE,
            page_deadline: PAGE_DEADLINE,
            quiet: QUIET,
            settle_cap: SETTLE_CAP,
            form_steps: FORM_STEPS,
            tabs: TABS,
            browser_visits: BROWSER_VISITS,
        }
    }
}

impl Plan {
    /// Whether pages that a site closes to automatic visitors are left alone, and its `Crawl-delay` kept.
    pub fn obeys_robots(&self) -> bool {
        match self.manners.robots {
            RobotsTxt::Obeyed => true,
            RobotsTxt::Seeds | RobotsTxt::Unread => false,
        }
    }

    /// Tabs that visit at the same time: one where there are journeys, or a person logs in, since a citizen has one session, and two tabs would
    /// disturb each other in it.
    pub fn tabs(&self) -> u16 {
        if self.can_sign_in() {
            return 1;
        }
        let pages = u16::try_from(self.limits.pages).unwrap_or(u16::MAX);
        self.limits.tabs.min(pages).clamp(1, MAX_TABS)
    }

    /// Whether there is a way to sign in.
    pub(crate) fn can_sign_in(&self) -> bool {
        self.attended.is_some() || !self.journeys.is_empty()
    }

    /// Whether pages are to be seen signed in.
    pub(crate) fn has_session(&self) -> bool {
        self.can_sign_in() || !self.session_cookies().is_empty()
    }

    /// The cookies handed over, as a browser takes them.
    pub(crate) fn session_cookies(&self) -> Vec<Value> {
        self.cookies.of(&self.scope)
    }

    /// The person to play, if the plan has one and it may be used on this system.
    pub(crate) fn usable_person(&self) -> Option<&TestPerson> {
        self.person.as_ref().filter(|person| person.may_visit(self.system.as_ref()))
    }
}

impl Scope {
    /// Whether links to `host` are followed.
    pub fn covers(&self, host: &Host) -> bool {
        match self {
            Self::Hosts(hosts) => hosts.contains(host),
            Self::Site(site) => host.is_of(site),
        }
    }
}

impl VisitCounter {
    /// Counts on from `visit`, the last of an earlier run, if that is later.
    pub fn go_on_after(&self, visit: VisitId) {
        self.0.fetch_max(visit.0, Ordering::Relaxed);
    }

    /// The next number.
    pub fn advance(&self) -> VisitId {
        VisitId(self.0.fetch_add(1, Ordering::Relaxed).saturating_add(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(name: &str) -> Host {
        Host::parse(name).unwrap()
    }

    #[test]
    fn visits_are_numbered_from_one() {
        let ids = VisitCounter::default();
        assert_eq!((ids.advance(), ids.advance()), (VisitId(1), VisitId(2)));
    }

    #[test]
    fn hosts_are_exact_and_a_site_is_not() {
        let hosts = Scope::Hosts(vec![host("www.skat.test")]);
        assert!(hosts.covers(&host("www.skat.test")) && !hosts.covers(&host("skat.test")));
        let site = Scope::Site(host("www.skat.test").site());
        assert!(site.covers(&host("login.skat.test")) && !site.covers(&host("notskat.test")));
    }

    #[test]
    fn a_person_out_of_scope_is_not_used() {
        let person = TestPerson {
            id: "da-01".into(),
            cpr: CprNumber::parse("010190-1234").unwrap(),
            scope: vec![SystemId("other".into())],
        };
        let plan = Plan {
            system: Some(SystemId("this".into())),
            starts: Vec::new(),
            scope: Scope::Hosts(Vec::new()),
            submit: Submit::TestSystem,
            person: Some(person),
            role: None,
            attended: None,
            cookies: SessionCookies::default(),
            journeys: Vec::new(),
            canaries: Vec::new(),
            given: Canaries::default(),
            must_visit: Vec::new(),
            limits: Limits::default(),
            consent: ConsentState::Untouched,
            manners: Manners::default(),
            before: Before::default(),
        };
        assert_eq!(plan.usable_person(), None);
        assert_eq!(plan.tabs(), 4);
        let few = |tabs, pages| Plan { limits: Limits { pages, tabs, ..Limits::default() }, ..plan.clone() }.tabs();
        assert_eq!([few(0, 9), few(99, 99), few(4, 1), few(4, 0)], [1, MAX_TABS, 1, 1]);
    }
}
