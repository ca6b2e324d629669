//! `cprvagt proxy`: a person, a browser or a test suite works through the proxy, and what leaks is told as it happens.
//!
//! ```text
//! proxy -> Captured -> session: whose site is it? -> Judge, on its own thread -> Journal: on disk -> Told: at the terminal
//! ```
//! It ends with the first Ctrl-C or SIGTERM: what is under way may finish, the rest is judged, and the same reports as
//! an audit's are written.

#[cfg_attr(not(test), expect(dead_code, reason = "the console calls it"))]
mod account;
mod browser;
mod desk;
mod feed;
mod frame;
mod growing;
mod live_page;
mod record;
#[cfg_attr(not(test), expect(dead_code, reason = "the session calls it"))]
mod session_log;
#[cfg_attr(not(test), expect(dead_code, reason = "the account calls it"))]
mod steps;
mod told;

pub(crate) use browser::has_screen;

use std::sync::Arc;

use anyhow::Context as _;
use model::{Registry, ScanKind, VisitId};
use proxy::{AuthorityChoice, OWN_HOST, Proxy};

use crate::cli::{Block, NetworkArgs, ProxyArgs};
use crate::entrances::Entrances;
use crate::exit::ExitStatus;
use crate::fault::Fault;
use crate::keeping::{self, Keeper};
use crate::live::{self, Control, Journal, Named, Owner};
use crate::output::{Output, unwritable};
use crate::progress::Reporter;
use crate::record::Assignment;
use crate::{baseline_file, ca, entrances, interrupt, network, persons, setup};

use console::Session;
use desk::SessionDesk;
use feed::Feed;
use frame::frame;
use record::SessionRecord;
use told::Told;

/// The authority's certificate, in the folder of the reports.
const CA_FILE: &str = "ca.pem";

/// The one visit of a session that belongs to one system.
const VISIT: VisitId = VisitId(1);

/// Runs a session as typed.
pub(crate) async fn run(args: &ProxyArgs) -> anyhow::Result<ExitStatus> {
    let reporter = Reporter::new();
    browser::check(args)?;
    let registry = args.common.registry.as_deref();
    let named = Named { sut: &args.sut, system: args.system.as_deref(), registry };
    let owner = Owner::of(named, &reporter)?;
    let persons = persons::declared(&args.common.test_persons, owner.registry())?;
    let key = setup::key(args.common.key_file.as_deref())?;
    let baseline = baseline_file::read_named(args.common.baseline.as_deref())?;
    let clock = setup::clock(args.common.now);
    let output = Output::prepare(&args.common)?.with_browser(args.browser.executable.clone());
    let journal = Journal::create(output.folder())?;
    let stop = interrupt::watch();

    let started = clock.now();
    let keeper = Keeper::begin(&args.common, &key, ScanKind::Proxy, &owner.names(), started, &reporter)?;
    let mut settings = network::settings(&args.network, None, &clock)?;
    let users = entrances::users(&args.entrances)?;
    if users.is_some() && args.browser_shown.is_some() {
        let help = "run it without users for the browser, or set the proxy in a browser of your own";
        return Err(Fault::new("the browser of --browser cannot log in to the proxy", help).into());
    }
    settings.auth.clone_from(&users);
    settings.authority = AuthorityChoice::Kept(ca::open(&args.authority, &clock, &reporter)?);
    if let Some(Block::ThirdPartyCpr) = args.network.block {
        let detector = setup::detector(&persons, owner.parties(), key, &clock);
        settings.guard = Some(Arc::new(owner.guard(detector)?));
    }
    let (proxy, captured) = Proxy::start(settings).context("cannot start the proxy")?;
    let ways_in = Entrances::open(&proxy, &args.entrances, args.network.proxy_port).await?;
    let spki = proxy.spki_sha256();
    let ca = output.folder().join(CA_FILE);
    std::fs::write(&ca, proxy.ca_pem()).map_err(|error| unwritable(&ca, error))?;
    let (session, control) = (Session::default(), Arc::<Control>::default());
    let blank = setup::recorder(&persons, owner.parties(), key, &clock);
    let redactor = blank.redactor();
    let kept_in =
        if args.common.keeping.no_store { None } else { keeping::path(args.common.keeping.store.as_deref()).ok() };
    let record = SessionRecord::new(session.clone(), redactor, clock.clone(), kept_in);
    let desk = SessionDesk::new(frame(&owner, started, blank), Arc::new(record), Arc::clone(&control));
    let console = live_page::start(&args.console, args.common.lang.into(), &clock, session.clone(), Arc::new(desk))?;
    if let Some(console) = &console {
        proxy.keep_off(console.address());
    }
    tell_how_to_use(&ways_in.proxy, &ca, &owner, &args.network, &reporter);
    ways_in.tell(users.as_ref(), &reporter);

    if let Some(console) = &console {
        live_page::tell(console, &args.console, &reporter);
    }

    if owner.system().is_some() {
        ways_in.set_visit(VISIT);
    }
    let (declared, time) = (persons.clone(), clock.clone());
    let recorder = move |owner: &Owner| {
        let mut recorder = setup::recorder(&declared, owner.parties(), key, &time).taking_notes().listing();
        recorder.begin_system(owner.system().cloned());
        recorder
    };
    let browsing = browser::open(args, ways_in.proxy.address(), spki, &stop, &reporter).await?;
    let accepted = baseline.clone().unwrap_or_default();
    let feed = Feed::new(session, accepted.clone());
    let told = Told::new(journal, &output, accepted, feed);
    let ended = live::run(owner, proxy, captured, told, recorder, control, &stop).await;
    if let Some(browsing) = browsing {
        browsing.close().await;
    }
    let ended = ended?;

    let redactor = ended.recorder.redactor();
    let assignment = Assignment {
        kind: ScanKind::Proxy,
        targets: ended.owner.targets(&redactor),
        started,
        ended: clock.now(),
        controller: ended.owner.registry().and_then(Registry::controller_name),
        registry: ended.owner.registry(),
        vendors: ended.owner.registry().map(crate::scan::vendors).unwrap_or_default(),
        subjects: ended.owner.subjects("cprvagt proxy", &ended.recorder),
        test_persons: &persons,
        canaries: &[],
        self_test: None,
        // The Ctrl-C that ends a session is its ordinary end; the next ends the program at once.
        digests: (args.common.digests.into(), Arc::default()),
        command: None,
        conditions: network::conditions(&args.network),
        baseline,
    };
    let record = ended.recorder.finish(assignment);
    let mut told = ended.told;
    let status = keeper.keep(&record, ExitStatus::of(&record.scan, args.common.fail_on.into()), &reporter);
    output.write(&record.scan)?;
    told.last(&record, &output, &reporter)?;
    output.tell_where(&reporter);
    Ok(status)
}

fn tell_how_to_use(
    listener: &proxy::Listener,
    ca: &std::path::Path,
    owner: &Owner,
    network: &NetworkArgs,
    reporter: &Reporter,
) {
    let (address, ca) = (listener.address(), ca.display());
    reporter.step(&format!("proxy on http://{address}; Ctrl-C ends the session and writes the report"));
    reporter.step(&format!("  try it:  curl --proxy http://{address} --cacert {ca} https://www.example.dk/"));
    reporter.step(&format!(
        "  a browser or test suite: set {address} as its proxy for http and https, and have it trust {ca}:\n  \
         `cprvagt ca` says how, and so does http://{OWN_HOST}/ when opened through the proxy"
    ));
    reporter.step(&owner.words());
    for condition in network::conditions(network) {
        reporter.step(&format!("note: {condition}"));
    }
}
