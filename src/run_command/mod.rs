//! `cprvagt run -- COMMAND`: any test suite becomes a leak test. The command runs behind the proxy without a line changed;
//! its streams, signals and exit code stay its own, and what leaked is told when it has ended.
//!
//! ```text
//! Folder: certificates, shims, hooks -> environment -> child -> proxy -> steering -> live::run -> Judge -> gate: exit code
//! ```

mod browser_own;
mod child;
mod command_line;
mod environment;
mod firefox;
mod folder;
mod gate;
mod recipients;
mod shim;
mod steering;
mod tests_running;
mod told;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context as _;
use model::{BlindSpot, BlindSpotKind, Redacted, Registry, ScanKind, VisitId};
use proxy::Proxy;

use crate::cli::{Block, RunArgs};
use crate::exit::ExitStatus;
use crate::instrument::cannot_listen;
use crate::keeping::Keeper;
use crate::live::{self, Journal, Named, Owner};
use crate::output::Output;
use crate::progress::Reporter;
use crate::record::Assignment;
use crate::{baseline_file, interrupt, network, persons, setup};

pub(crate) use environment::told as environment;

use folder::Folder;
use gate::Gate;
use recipients::Before;
use tests_running::Tests;
use told::Told;

/// The one visit of a run that belongs to one system.
const VISIT: VisitId = VisitId(1);

/// Runs the command as typed.
pub(crate) async fn run(args: &RunArgs) -> anyhow::Result<ExitStatus> {
    let reporter = Reporter::new();
    child::check(&args.command)?;
    let registry = args.common.registry.as_deref();
    let owner = Owner::of(Named { sut: &args.sut, system: args.system.as_deref(), registry }, &reporter)?;
    let persons = persons::declared(&args.common.test_persons, owner.registry())?;
    let key = setup::key(args.common.key_file.as_deref())?;
    let baseline = baseline_file::read_named(args.common.baseline.as_deref())?;
    let before = Before::of(args)?;
    let clock = setup::clock(args.common.now);
    let output = Output::prepare(&args.common)?.with_browser(args.browser.executable.clone()).on_stderr();
    let told = Told::new(Journal::create(output.folder())?);

    let started = clock.now();
    let keeper = Keeper::begin(&args.common, &key, ScanKind::Run, &owner.names(), started, &reporter)?;
    let mut settings = network::settings(&args.network, None, &clock)?;
    if let Some(Block::ThirdPartyCpr) = args.network.block {
        let detector = setup::detector(&persons, owner.parties(), key, &clock);
        settings.guard = Some(Arc::new(owner.guard(detector)?));
    }
    let (proxy, captured) = Proxy::start(settings).context("cannot start the proxy")?;
    let port = args.network.proxy_port;
    let listener = proxy.listen(port).await.map_err(|error| cannot_listen(port, "--proxy-port", &error))?;
    if owner.system().is_some() {
        listener.set_visit(Some(VISIT));
    }
    // From here on nothing ends us without the folder.
    let signals = child::Signals::new().context("cannot watch for signals")?;
    let folder = Folder::new(&proxy, listener.address().port(), args.browser.executable.as_deref(), &reporter)?;
    interrupt::remove_at_the_end(folder.path().to_owned());
    let variables = environment::set(&folder, args.network.loopback_only, |name| std::env::var_os(name));
    reporter.step(&format!("cprvagt: running behind a proxy on 127.0.0.1:{}; {}", folder.port(), owner.words()));

    let (captured, beside) = steering::left_out(captured);
    let (declared, time) = (persons.clone(), clock.clone());
    let recorder = move |owner: &Owner| {
        let mut recorder = setup::recorder(&declared, owner.parties(), key, &time);
        recorder.begin_system(owner.system().cloned());
        recorder
    };
    let over = AtomicBool::new(false);
    let running = async {
        let ended = match child::start(&args.command, &variables) {
            Ok(child) => child::wait(child, signals).await,
            Err(error) => Err(error),
        };
        over.store(true, Ordering::Relaxed);
        // What comes now is for us alone.
        interrupt::watch();
        ended
    };
    let (ended, session) =
        tokio::join!(running, live::run(owner, proxy, captured, told, recorder, Arc::default(), &over));
    let (ended, session) = (ended?, session?);
    let live::Ended { owner, mut recorder, mut told } = session;
    let tests = Tests::read(&folder.tests());
    if tests.unread() > 0 {
        // Titles go with what was seen, and nothing is missing without them.
        reporter.step(&format!("note: {} lines of CPRVAGT_TESTS_FILE name no test", tests.unread()));
    }
    for blind_spot in spots(ended) {
        recorder.blind_spot(blind_spot);
    }

    let (redactor, parties) = (recorder.redactor(), owner.parties());
    let assignment = Assignment {
        kind: ScanKind::Run,
        targets: owner.targets(&redactor),
        started,
        ended: clock.now(),
        controller: owner.registry().and_then(Registry::controller_name),
        registry: owner.registry(),
        vendors: owner.registry().map(crate::scan::vendors).unwrap_or_default(),
        subjects: owner.subjects("cprvagt run", &recorder),
        test_persons: &persons,
        canaries: &[],
        self_test: None,
        digests: (args.common.digests.into(), Arc::default()),
        command: Some(Redacted::new(&command_line::again(args), &redactor)),
        conditions: network::conditions(&args.network),
        baseline,
    };
    let mut record = recorder.finish(assignment);
    tests.name(&mut record.scan, &record.sightings, &parties, &redactor);
    told.write(&record.sightings);

    let threshold = args.common.fail_on.into();
    let new_recipients = before.new_recipients(&record.scan, args, &reporter)?;
    let gate = Gate { threshold, only: &args.only, new_recipients: &new_recipients };
    let outcome = gate.judge(&record.scan, ended);
    let status = keeper.keep(&record, outcome.status, &reporter);
    output.publish(&record, &reporter)?;
    tell(&gate, &record.scan, outcome, ended, &reporter);
    let tests = if tests.count() == 0 { String::new() } else { format!(" in {} tests", tests.count()) };
    let (requests, beside) = (told.requests(), beside.words());
    reporter.step(&format!("{requests} requests{tests}{beside}; exit code {}", status.code()));
    Ok(status)
}

/// What the command's end leaves unseen.
fn spots(ended: child::Ended) -> Vec<BlindSpot> {
    let mut spots = Vec::new();
    if ended.code != 0 {
        let detail = format!("its exit code is {}", ended.code);
        spots.push(BlindSpot::new(BlindSpotKind::CommandFailed, "the command", detail));
    }
    if ended.was_stopped {
        let detail = "asked to stop while the command ran; the signal was passed on";
        spots.push(BlindSpot::new(BlindSpotKind::Interrupted, "this run", detail));
    }
    spots
}

/// Says in a few lines what the exit code stands for.
fn tell(gate: &Gate<'_>, scan: &model::Scan, outcome: gate::Outcome, ended: child::Ended, reporter: &Reporter) {
    for gone in gate.not_seen(scan) {
        reporter.step(&format!("not seen again: {gone}"));
    }
    if outcome.others > 0 {
        reporter.step(&format!(
            "{} other findings are there still, and break nothing in this run (--only)",
            outcome.others
        ));
    }
    if outcome.breaking > 0 {
        let breaking = if outcome.breaking == 1 {
            "1 finding breaks the build".to_owned()
        } else {
            format!("{} findings break the build", outcome.breaking)
        };
        reporter.step(&breaking);
        // In one line, to be copied.
        if let Some(proof) = gate.first(scan).and_then(|finding| reports::proof(scan, finding)) {
            reporter.step(&format!("prove the topmost mended: {proof}"));
        }
    }
    for recipient in gate.new_recipients {
        reporter.step(&format!("new recipient, which breaks the build: {recipient}"));
    }
    if ended.code != 0 {
        reporter.step(&format!("the command failed; its own exit code was {}", ended.code));
    }
}
