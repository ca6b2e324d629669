//! `cprvagt audit`: what was typed becomes a plan, the plan a run, the run a scan and its reports.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crawler::{Before, Canaries, Limits, Manners, Plan, RobotsTxt, Scope, SessionCookies};
use detect::Parties;
use model::registry::Submit;
use model::{
    BlindSpot, BlindSpotKind, ConsentState, CprNumber, Redact as _, Redacted, Registry, Scan, ScanKind, Scheme, System,
    SystemId, Target, TestPerson,
};
use proxy::Guard;

use crate::cli::{AuditArgs, Block, CrawlArgs, ThirdParty};
use crate::exit::ExitStatus;
use crate::fault::Fault;
use crate::guard::ThirdPartyCpr;
use crate::instrument::{Instrument, Looking};
use crate::keeping::Keeper;
use crate::output::Output;
use crate::progress::Reporter;
use crate::record::{Assignment, Recorder, Subject};
use crate::registry_file::{self, RegistryFile};
use crate::resume::{Pages, Resume};
use crate::safe_mode::{Guards, Rules, SafeMode};
use crate::self_test::{self, Stage};
use crate::{baseline_file, build, interrupt, journeys, network, persons, resume, scan, sessions, setup};

/// What is to be audited: systems of one registry, or URLs without any.
enum Goal {
    /// `folder` is the registry's, where the files that it names lie.
    Declared {
        registry: Box<Registry>,
        folder: PathBuf,
        systems: Vec<(System, Vec<Target>)>,
    },
    Undeclared(Vec<Target>),
}

/// Runs an audit as typed; returns the scan beside the exit status, for the demo to look at.
pub(crate) async fn run(args: &AuditArgs) -> anyhow::Result<(ExitStatus, Scan)> {
    let reporter = Reporter::new();
    let goal = goal(args, &reporter)?;
    let registry = goal.registry();
    let mut persons = persons::declared(&args.common.test_persons, registry)?;
    // A site that knows its citizens takes no others: then each field gets the number of the one declared.
    let mut pool = Vec::new();
    if persons.is_empty() {
        persons.push(persons::built_in());
        pool = persons::pool();
    }
    let mut plans = goal.plans(args, &persons, &pool)?;
    sessions::check(&args.session, args.crawl.engine)?;
    let chosen = build::choose(args)?;
    let known: Vec<TestPerson> = persons.iter().chain(&pool).cloned().collect();
    let baseline = baseline_file::read_named(args.common.baseline.as_deref())?;
    let clock = setup::clock(args.common.now);
    let open = |folder: &PathBuf| {
        let (arguments, has_key_file) = (resume::arguments(registry, &known, &plans), args.common.key_file.is_some());
        Resume::open(folder, &arguments, clock.now(), has_key_file)
    };
    let mut resume = args.resuming.resume.as_ref().map(open).transpose()?;
    let key = match resume.as_ref().and_then(Resume::key) {
        Some(key) => key,
        None => setup::key(args.common.key_file.as_deref())?,
    };
    let output = Output::prepare(&args.common)?.with_browser(args.browser.executable.clone());
    let stop = interrupt::watch();

    let started = resume.as_ref().and_then(Resume::started).unwrap_or_else(|| clock.now());
    let keeper = Keeper::begin(&args.common, &key, ScanKind::Audit, &goal.targets(), started, &reporter)?;
    let parties = goal.parties();
    let detector = setup::detector(&known, parties.clone(), key, &clock);
    let mut recorder = setup::recorder(&known, parties, key, &clock);
    let mut last_visit = None;
    if let Some(resume) = &mut resume {
        recorder = recorder.taking_notes();
        last_visit = resume.recall(&mut recorder)?;
        if resume.started().is_some() {
            let (done, pages) = (resume.plans_done(), resume.pages_done());
            reporter.step(&format!("going on with a run that was cut short: {done} crawls and {pages} pages are done"));
        }
    }
    let stage = Stage::start().await?;
    let mut settings = network::settings(&args.network, Some(&stage), &clock)?;
    let sinks = args.sending.third_party == ThirdParty::Sink;
    let safe = Arc::new(SafeMode::new(goal.parties(), sinks, self_test::hosts()));
    sessions::give(&mut plans, args, &safe)?;
    let mut guards: Vec<Arc<dyn Guard>> = vec![Arc::clone(&safe) as _];
    match args.network.block {
        Some(Block::ThirdPartyCpr) => guards.push(Arc::new(ThirdPartyCpr::new(detector, None, self_test::hosts()))),
        None => {}
    }
    settings.guard = Some(Arc::new(Guards(guards)));
    let engine = args.crawl.engine;
    let condition = chosen.as_ref().map(|chosen| chosen.condition.clone());
    let looking = chosen.map_or(Looking::Static, |chosen| Looking::Browser(chosen.settings));
    let mut instrument = Instrument::start(settings, args.network.proxy_port, looking).await?;
    if let Some(visit) = last_visit {
        instrument.go_on_after(visit)?;
    }
    reporter.step(&format!("proxy on {}; self-test ...", instrument.address()));
    let self_test = self_test::run(&mut instrument, &clock, engine, &stop, &reporter).await?;
    // Stopped on the way, it says nothing of the instrument; that the run was stopped is told below.
    let self_test = Some(self_test).filter(|_| !stop.load(Ordering::Relaxed));
    match &self_test {
        Some(test) if test.passed() => reporter.step(&format!("self-test passed: all {} ways seen", test.probes.len())),
        Some(_) => reporter.step("self-test FAILED: what follows is no evidence"),
        None => {}
    }
    if let Some(untried) = self_test::untried(engine) {
        reporter.step(&untried);
        recorder.recalled_blind_spot(BlindSpot::new(BlindSpotKind::StaticEngine, "this run", untried));
    }
    let passes = args.crawl.consent.passes();
    let mut are_whole = true;
    for (at, plan) in plans.into_iter().enumerate() {
        safe.begin(goal.rules(plan.system.as_ref(), &args.sending.allow_write));
        for (nth, state) in passes.iter().enumerate() {
            let (number, mut plan) = (at * passes.len() + nth, Plan { consent: *state, ..plan.clone() });
            if let Some(resume) = &resume {
                plan.before = resume.before(number);
                plan.before.done.iter().for_each(|state| plan.given.recall(state));
            }
            let has_met = resume.as_ref().is_some_and(|resume| resume.has_met(number));
            recorder.begin_pass(plan.system.clone(), *state, has_met);
            if resume.as_ref().is_none_or(|resume| !resume.is_done(number)) {
                let pages = resume.as_mut().map(|resume| resume.pages(number));
                let is_whole = visit(plan, &mut instrument, &mut recorder, &stop, &reporter, pages).await;
                match &mut resume {
                    Some(resume) if is_whole => resume.plan_done(number, &mut recorder)?,
                    // Begun anew when the run goes on: what came of it then takes the place of this.
                    Some(_) => {
                        are_whole = false;
                        drop(recorder.take_untold());
                    }
                    None => {}
                }
            }
            // Where nobody asks, there is nothing to answer.
            if stop.load(Ordering::Relaxed) || (*state == ConsentState::Untouched && !recorder.has_met_banner()) {
                break;
            }
        }
    }
    instrument.close(&mut recorder, &reporter).await;
    drop(stage);

    let redactor = recorder.redactor();
    let lost = resume.as_ref().map(Resume::conditions).unwrap_or_default();
    let assignment = Assignment {
        kind: ScanKind::Audit,
        targets: goal.targets().iter().map(|target| Redacted::new(target, &redactor)).collect(),
        started,
        ended: clock.now(),
        controller: goal.registry().and_then(Registry::controller_name),
        registry: goal.registry(),
        vendors: goal.vendors(),
        subjects: goal.subjects(),
        test_persons: &persons,
        canaries: &pool,
        self_test,
        digests: (args.common.digests.into(), Arc::clone(&stop)),
        command: None,
        conditions: network::conditions(&args.network)
            .into_iter()
            .chain(sessions::conditions(&args.session))
            .chain(lost)
            .chain(condition)
            .collect(),
        baseline,
    };
    let record = recorder.finish(assignment);
    let status = keeper.keep(&record, ExitStatus::of(&record.scan, args.common.fail_on.into()), &reporter);
    output.publish(&record, &reporter)?;
    match resume {
        Some(resume) if are_whole && !stop.load(Ordering::Relaxed) => resume.end()?,
        // Stopped by the user, or left by its browser, it may go on another time.
        Some(_) => reporter.step("not all of it was done: started again with the same arguments, it goes on"),
        None => {}
    }
    Ok((status, record.scan))
}

/// One system or site; whether it came to its end. A browser that dies ends this one; what was seen stays.
async fn visit(
    plan: Plan,
    instrument: &mut Instrument,
    recorder: &mut Recorder,
    stop: &Arc<AtomicBool>,
    reporter: &Reporter,
    pages: Option<Pages<'_>>,
) -> bool {
    let system = plan.system.clone();
    let name = match &system {
        Some(id) => id.to_string(),
        None => plan.starts.first().map(|url| recorder.redactor().redact(url.host.as_str())).unwrap_or_default(),
    };
    let state = plan.consent;
    recorder.begin_system(system.clone());
    recorder.begin_role(plan.role.clone());
    if stop.load(Ordering::Relaxed) {
        let spot = BlindSpot::new(BlindSpotKind::Interrupted, name, "stopped before this system was visited");
        recorder.blind_spot(spot.of_system(system));
        return false;
    }
    let whom = match &plan.role {
        Some(role) => format!("{name} as {role}"),
        None => name.clone(),
    };
    reporter.step(&match state {
        ConsentState::Untouched => format!("auditing {whom}"),
        ConsentState::Refused => format!("auditing {whom}, after a no to its question for consent"),
        ConsentState::Accepted => format!("auditing {whom}, after a yes to its question for consent"),
    });
    recorder.begin_crawl();
    if let Err(error) = instrument.crawl(plan, recorder, stop, reporter, pages).await {
        let spot = BlindSpot::new(BlindSpotKind::Interrupted, name, format!("{error:#}"));
        recorder.blind_spot(spot.of_system(system));
        return false;
    }
    if state != ConsentState::Untouched && !recorder.has_met_banner() && !stop.load(Ordering::Relaxed) {
        let detail = "no page asked for consent, so nothing was answered";
        recorder.blind_spot(BlindSpot::new(BlindSpotKind::ConsentNotReached, name, detail).of_system(system));
    }
    !stop.load(Ordering::Relaxed)
}

/// Tells what was asked for apart: ids of systems, URLs of systems, other URLs.
fn goal(args: &AuditArgs, reporter: &Reporter) -> anyhow::Result<Goal> {
    let file = registry_file::find(args.common.registry.as_deref())?;
    let Some(RegistryFile { path, registry }) = file else {
        if args.targets.is_empty() {
            let help = "name a URL, as in `cprvagt audit https://...`, or a registry with --registry FILE";
            return Err(Fault::new("nothing to audit: no target, and no cprvagt.toml here or above", help).into());
        }
        let named = args.targets.iter().map(|target| url(target)).collect::<Result<_, _>>()?;
        return Ok(Goal::Undeclared(named));
    };
    let name = path.display();
    let folder = path.parent().map(Path::to_owned).unwrap_or_default();
    if args.targets.is_empty() {
        if registry.systems.is_empty() {
            return Err(Fault::new(format!("{name} declares no [[system]]"), "declare one, or name a URL").into());
        }
        let systems = registry.systems.iter().map(|system| (system.clone(), system.base_urls.clone())).collect();
        return Ok(Goal::Declared { systems, folder, registry: Box::new(registry) });
    }
    let mut starts: BTreeMap<SystemId, Vec<Target>> = BTreeMap::new();
    let mut undeclared = Vec::new();
    for target in &args.targets {
        if target.contains("://") {
            let url = url(target)?;
            match registry.systems.iter().find(|system| system.is_at(&url.host)) {
                Some(system) => starts.entry(system.id.clone()).or_default().push(url),
                None => undeclared.push(url),
            }
        } else {
            let system = registry.system(target).ok_or_else(|| scan::unknown_system(target, &registry, &path))?;
            starts.entry(system.id.clone()).or_default().extend(system.base_urls.iter().cloned());
        }
    }
    let systems: Vec<(System, Vec<Target>)> =
        registry.systems.iter().filter_map(|system| Some((system.clone(), starts.remove(&system.id)?))).collect();
    match (systems.is_empty(), undeclared.is_empty()) {
        (false, true) => Ok(Goal::Declared { registry: Box::new(registry), folder, systems }),
        (false, false) => {
            let help = "audit them in runs of their own, or declare the URL's system in the registry";
            Err(Fault::new(format!("some targets are declared in {name} and some are not"), help).into())
        }
        (true, _) => {
            reporter.step(&format!("not declared in {name}: audited without a registry, and no form is sent"));
            Ok(Goal::Undeclared(undeclared))
        }
    }
}

fn url(target: &str) -> Result<Target, Fault> {
    if !target.contains("://") {
        let help = format!("for a site write https://{target}; ids of systems need a registry (--registry FILE)");
        return Err(Fault::new(format!("`{target}` is no URL, and there is no registry to look it up in"), help));
    }
    let url = Target::parse(target).map_err(|error| {
        Fault::new(format!("cannot audit `{target}`: {error}"), "a URL is written https://host/path")
    })?;
    match url.scheme {
        Scheme::Http | Scheme::Https => Ok(url),
        Scheme::Ws | Scheme::Wss => Err(Fault::new(
            format!("cannot audit `{target}`: a WebSocket is no page"),
            "give the page's https:// address",
        )),
    }
}

impl Goal {
    fn registry(&self) -> Option<&Registry> {
        match self {
            Self::Declared { registry, .. } => Some(registry),
            Self::Undeclared(_) => None,
        }
    }

    fn parties(&self) -> Parties {
        match self {
            Self::Declared { registry, .. } => Parties::declared(registry.as_ref().clone()),
            Self::Undeclared(urls) => Parties::first_party(urls.iter().map(|url| url.host.site()).collect()),
        }
    }

    /// What may be sent to `system`; `allowed` on top of what its declaration allows.
    fn rules(&self, system: Option<&SystemId>, allowed: &[String]) -> Rules {
        let declared = system.and_then(|id| self.registry()?.system(&id.0));
        let mut rules = declared.map_or_else(Rules::undeclared, Rules::of);
        rules.allow_write.extend_from_slice(allowed);
        rules
    }

    fn targets(&self) -> Vec<String> {
        match self {
            Self::Declared { systems, .. } => systems.iter().map(|(system, _)| system.id.to_string()).collect(),
            Self::Undeclared(urls) => urls.iter().map(Target::to_string).collect(),
        }
    }

    fn vendors(&self) -> Vec<model::VendorRecord> {
        let Self::Declared { registry, systems, .. } = self else { return Vec::new() };
        let is_audited = |id: &model::VendorId| systems.iter().any(|(system, _)| system.vendor == *id);
        scan::vendors(registry).into_iter().filter(|vendor| is_audited(&vendor.id)).collect()
    }

    fn subjects(&self) -> Vec<Subject<'_>> {
        match self {
            Self::Declared { systems, .. } => systems.iter().map(|(system, _)| Subject::System(system)).collect(),
            Self::Undeclared(urls) => {
                let names: Vec<&str> = urls.iter().map(|url| url.host.as_str()).collect();
                vec![Subject::Undeclared { name: names.join(", "), base_urls: self.targets() }]
            }
        }
    }

    /// One plan for each role of each system, and for each address. A page that must be visited is asked for in the first.
    fn plans(&self, args: &AuditArgs, persons: &[TestPerson], pool: &[TestPerson]) -> Result<Vec<Plan>, Fault> {
        let canaries: Vec<CprNumber> = pool.iter().map(|person| person.cpr).collect();
        let CrawlArgs { engine: _, pages, time, page_time, tabs, pause, consent: _ } = args.crawl;
        let limits = Limits { pages, time, page_deadline: page_time, tabs, pause, ..Limits::default() };
        let manners = |robots| Manners { robots, loopback_only: args.network.loopback_only };
        let person = |system: Option<&SystemId>| persons.iter().find(|person| person.may_visit(system)).cloned();
        let mut plans = Vec::new();
        match self {
            Self::Declared { systems, folder, .. } => {
                for (system, starts) in systems {
                    let person = person(Some(&system.id));
                    let roles = journeys::read(system, folder, person.as_ref())?;
                    let mut plan = Plan {
                        system: Some(system.id.clone()),
                        starts: starts.clone(),
                        scope: Scope::Hosts(system.base_urls.iter().map(|url| url.host.clone()).collect()),
                        submit: system.submit,
                        person,
                        canaries: canaries.clone(),
                        role: None,
                        attended: None,
                        cookies: SessionCookies::default(),
                        given: Canaries::default(),
                        consent: ConsentState::Untouched,
                        journeys: Vec::new(),
                        must_visit: system.must_visit.clone(),
                        limits: limits.clone(),
                        manners: manners(if system.owner.is_some() { RobotsTxt::Seeds } else { RobotsTxt::Obeyed }),
                        before: Before::default(),
                    };
                    if roles.is_empty() {
                        plans.push(plan);
                        continue;
                    }
                    // A number tells the field it came from, so no two roles have one in common.
                    let share = canaries.len() / roles.len();
                    for (at, (role, journeys)) in roles.into_iter().enumerate() {
                        let canaries = canaries.iter().skip(at * share).take(share).copied().collect();
                        plans.push(Plan { role, journeys, canaries, given: Canaries::default(), ..plan.clone() });
                        plan.must_visit.clear();
                    }
                }
            }
            Self::Undeclared(urls) => plans.extend(urls.iter().map(|url| Plan {
                system: None,
                starts: vec![url.clone()],
                scope: Scope::Site(url.host.site()),
                submit: Submit::Never,
                person: person(None),
                canaries: canaries.clone(),
                role: None,
                attended: None,
                cookies: SessionCookies::default(),
                given: Canaries::default(),
                consent: ConsentState::Untouched,
                journeys: Vec::new(),
                must_visit: Vec::new(),
                limits: limits.clone(),
                manners: manners(RobotsTxt::Obeyed),
                before: Before::default(),
            })),
        }
        Ok(plans)
    }
}
