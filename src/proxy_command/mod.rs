//! `cprvagt proxy`: a person, a browser or a test suite works through the proxy, and what leaks is told as it happens.
//!
//! ```text
//! proxy -> Captured -> session: whose site is it? -> Judge, on its own thread -> Journal: on disk -> Told: at the terminal
//! ```
//! It ends with the first Ctrl-C or SIGTERM: what is under way may finish, the rest is judged, and the same reports as
//! an audit's are written.

mod account;
mod browser;
mod desk;
mod feed;
mod frame;
mod growing;
mod live_page;
mod record;
mod session_log;
mod steps;
mod told;

pub(crate) use browser::has_screen;

use std::sync::{Arc, Mutex};

use anyhow::Context as _;
use console::{MarkKind, Session};
use model::{Redacted, ScanKind, VisitId};
use proxy::{AuthorityChoice, OWN_HOST, Proxy};

use crate::cli::{Block, NetworkArgs, ProxyArgs};
use crate::entrances::Entrances;
use crate::exit::ExitStatus;
use crate::fault::Fault;
use crate::keeping::{self, Keeper};
use crate::live::{self, Control, Journal, Named, Owner};
use crate::output::{Output, unwritable};
use crate::progress::Reporter;
use crate::{baseline_file, ca, entrances, interrupt, network, persons, resume, setup};

use account::Account;
use desk::SessionDesk;
use feed::Feed;
use frame::frame;
use record::SessionRecord;
use session_log::{Before, SessionLog};
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

    let folder = output.folder();
    let arguments = resume::arguments(owner.registry(), &persons, &[]);
    let (log, before) = SessionLog::open(folder, &arguments, clock.now(), args.common.key_file.is_some(), &reporter)?;
    let key = before.key.unwrap_or(key);
    let started = before.started().unwrap_or_else(|| clock.now());
    let owner = owner.taken_up(before.under());
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
    let ca = folder.join(CA_FILE);
    std::fs::write(&ca, proxy.ca_pem()).map_err(|error| unwritable(&ca, error))?;

    let (declared, time) = (persons.clone(), clock.clone());
    let make = move |owner: &Owner| {
        let mut recorder = setup::recorder(&declared, owner.parties(), key, &time);
        recorder.begin_system(owner.system().cloned());
        recorder
    };
    let blank = make(&owner);
    let mut conditions = network::conditions(&args.network);
    conditions.extend(before.conditions());
    let record = Arc::new(SessionRecord {
        session: Session::default(),
        log,
        redactor: blank.redactor(),
        clock: clock.clone(),
        started,
        persons: persons.clone(),
        conditions,
        baseline,
        store: if args.common.keeping.no_store {
            None
        } else {
            keeping::path(args.common.keeping.store.as_deref()).ok()
        },
        recorder: Box::new(make.clone()),
        owner: Mutex::new(owner.clone()),
        marking: Mutex::default(),
    });
    let redacted = |name| Redacted::new(name, &record.redactor);
    let names = users.iter().flat_map(proxy::Credentials::users).chain(ways_in.testers());
    record.session.expect_testers(names.map(redacted));
    let control = Arc::<Control>::default();
    take_up(&before, &record, &control, &reporter);
    let desk = SessionDesk::new(frame(&owner, started, blank), Arc::clone(&record), Arc::clone(&control));
    let console = live_page::start(&args.console, args.common.lang.into(), &clock, &record.session, Arc::new(desk))?;
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
    let browsing = browser::open(args, ways_in.proxy.address(), spki, &stop, &reporter).await?;
    let told = Told::new(journal, &output, Feed::new(Arc::clone(&record)), before);
    let recorder = move |owner: &Owner| make(owner).taking_notes().listing();
    let ended = live::run(owner, proxy, captured, told, recorder, control, &stop).await;
    if let Some(browsing) = browsing {
        browsing.close().await;
    }
    let live::Ended { owner, recorder, mut told } = ended?;

    let mut conditions = record.conditions.clone();
    conditions.extend(record.log.conditions());
    let account = Account {
        owner: &owner,
        persons: &persons,
        started,
        ended: clock.now(),
        // The Ctrl-C that ends a session is its ordinary end; the next ends the program at once.
        digests: (args.common.digests.into(), Arc::default()),
        conditions,
        baseline: record.baseline.clone(),
    };
    let written = account.record(recorder, &record.last_marks());
    let status = keeper.keep(&written, ExitStatus::of(&written.scan, args.common.fail_on.into()), &reporter);
    output.write(&written.scan)?;
    told.last(&written, &output, &reporter)?;
    output.tell_where(&reporter);
    if let Some(console) = console {
        console.stop();
    }
    record.log.clone().end()?;
    Ok(status)
}

/// Takes up what an earlier session left that was cut off.
fn take_up(before: &Before, record: &SessionRecord, control: &Control, reporter: &Reporter) {
    let Some(started) = before.started() else { return };
    for mark in before.marks() {
        record.session.mark(mark.clone());
    }
    let pauses = before.marks().iter().rev();
    let last = pauses.clone().find(|mark| matches!(mark.kind, MarkKind::Pause | MarkKind::Resume));
    if let Some(pause) = last.filter(|mark| mark.kind == MarkKind::Pause) {
        control.pause(pause.time, steps::not_recorded(pause));
        reporter.step("recording is paused, as it was; the console resumes it");
    }
    let (time, taken) = (started.strftime("%Y-%m-%d %H:%M UTC"), before.taken());
    reporter.step(&format!("the session that began {time} was cut off and goes on: {taken} things were seen before"));
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
