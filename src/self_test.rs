//! Before an audit: does the instrument see? A canary is sent through every channel of the real browser and proxy, by a page
//! of this program's own, and each must be found. One missed makes the run void.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::Context as _;
use crawler::{Before, Canaries, Limits, Manners, Plan, RobotsTxt, Scope};
use detect::Parties;
use model::registry::Submit;
use model::{Clock, ConsentState, CprNumber, Host, SelfTest, SelfTestProbe, Sighting, Target, TestPerson};
use rustls_pki_types::CertificateDer;
use sites::self_test::{self as site, Probe};

use crate::cli::Engine;
use crate::instrument::Instrument;
use crate::progress::Reporter;
use crate::setup;

/// The number sent: a mod-11-valid one of a person born in 2045, so nobody's (cpr-facts 1.1, 1.2).
const CANARY: &str = "0101455009";

/// The page's and that of the third party that it calls.
const HOSTS: [&str; 2] = [site::HOST, site::COLLECTOR_HOST];

/// The page's site, served on loopback for as long as this lives.
pub(crate) struct Stage(sites::Stage);

impl Stage {
    pub(crate) async fn start() -> anyhow::Result<Self> {
        sites::Stage::start(site::hosts(CANARY)).await.map(Self).context("cannot serve the self-test's page")
    }

    /// The way to it: these names mean nothing outside this process.
    pub(crate) fn resolve(&self) -> anyhow::Result<Vec<proxy::Resolve>> {
        let addresses = [(443, self.0.https()), (80, self.0.http())];
        let hosts = HOSTS;
        let all = hosts.into_iter().flat_map(|host| addresses.map(|(port, to)| proxy::Resolve::new(host, port, to)));
        all.collect::<Result<_, _>>().context("the self-test's hosts cannot be resolved")
    }

    /// The certificate that its own hosts, and nobody else's, can be checked with: its key never leaves this process.
    pub(crate) fn root(&self) -> CertificateDer<'static> {
        self.0.root_der()
    }
}

/// The names of the stage's hosts.
pub(crate) fn hosts() -> Vec<Host> {
    HOSTS.iter().filter_map(|host| Host::parse(host)).collect()
}

/// The ways that are tried with an engine: without scripts those that need none.
fn probes(engine: Engine) -> Vec<&'static Probe> {
    match engine {
        Engine::Browser => site::probes().iter().collect(),
        Engine::Static => site::plain_probes().collect(),
    }
}

/// What was not tried with an engine, as it is told; `None` where everything is.
pub(crate) fn untried(engine: Engine) -> Option<String> {
    let (tried, all) = (probes(engine).len(), site::probes().len());
    (tried < all).then(|| format!("the self-test tried {tried} of {all} ways; the others take a script"))
}

/// Visits the page and tells which of its probes were found.
pub(crate) async fn run(
    instrument: &mut Instrument,
    clock: &Clock,
    engine: Engine,
    stop: &Arc<AtomicBool>,
    reporter: &Reporter,
) -> anyhow::Result<SelfTest> {
    let cpr = CprNumber::parse(CANARY).expect("the constant above is a number");
    let person = TestPerson { id: "self-test".to_owned(), cpr, scope: Vec::new() };
    let start = match engine {
        Engine::Browser => site::start_url(),
        Engine::Static => site::plain_url(),
    };
    let start = Target::parse(&start).context("the self-test's address is none")?;
    let parties = Parties::first_party(vec![start.host.site()]);
    let mut recorder = setup::recorder(&[person], parties, setup::key(None)?, clock);
    let plan = Plan {
        system: None,
        scope: Scope::Hosts(Host::parse(site::HOST).into_iter().collect()),
        starts: vec![start],
        submit: Submit::Never,
        person: None,
        role: None,
        attended: None,
        cookies: crawler::SessionCookies::default(),
        journeys: Vec::new(),
        canaries: Vec::new(),
        given: Canaries::default(),
        consent: ConsentState::Untouched,
        before: Before::default(),
        must_visit: Vec::new(),
        limits: Limits { pages: 1, ..Limits::default() },
        manners: Manners { robots: RobotsTxt::Unread, loopback_only: true },
    };
    instrument.crawl(plan, &mut recorder, stop, reporter, None).await.context("the self-test could not be visited")?;
    instrument.end_self_test();
    let found = |probe: &Probe| recorder.sightings().iter().any(|sighting| is_of(probe, sighting));
    let probes =
        probes(engine).into_iter().map(|probe| SelfTestProbe { name: probe.name.to_owned(), found: found(probe) });
    Ok(SelfTest { probes: probes.collect() })
}

/// Whether `sighting` is the canary of `probe`: in its channel, in a request to its place or in its place in the page.
fn is_of(probe: &Probe, sighting: &Sighting) -> bool {
    let request = sighting.context.request.as_str().split_once(' ').map_or("", |(_, url)| url);
    let is_there =
        Target::parse(request).is_ok_and(|url| url.host.as_str() == probe.host && url.path.starts_with(probe.path));
    let is_there = if probe.is_in_page { sighting.trail.parameter().contains(probe.path) } else { is_there };
    is_there && sighting.channel.as_str() == probe.channel
}
