//! What sees: the proxy and the browser behind it, run together and joined to a recorder.

use std::error::Error as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::Context as _;
use crawler::{Browser, BrowserError, BrowserRequest, BrowserSettings, Plan, Progress, VisitCounter, Wire, Wires};
use model::{BlindSpot, Clock, LaneId, Target, Visit, VisitId};
use proxy::{Captured, Listener, Proxy, Settings};
use serde_json::Value;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};

use crate::backlog::Backlog;
use crate::fault::Fault;
use crate::interrupt;
use crate::progress::Reporter;
use crate::record::Recorder;
use crate::resume::Pages;

/// Proxy and browser, started.
pub(crate) struct Instrument {
    proxy: Proxy,
    captured: mpsc::Receiver<Captured>,
    address: SocketAddr,
    /// The lanes' own ports, the first where the user wants it.
    listeners: Vec<Listener>,
    driver: Driver,
    clock: Clock,
    backlog: Backlog,
}

/// What the crawl tells while it goes on.
enum Told {
    VisitBegins(Box<Target>),
    Visit(Box<Visit>),
    Requests(Vec<BrowserRequest>),
    Left(LaneId, VisitId),
    BlindSpot(BlindSpot),
    Banner(String),
    PageBegins(String),
    PageDone(String, Vec<VisitId>, Option<Value>),
}

type Job = Box<dyn FnOnce(&Eyes, &VisitCounter) + Send>;

/// What visits pages.
pub(crate) enum Looking {
    /// A browser.
    Browser(BrowserSettings),
    /// The static engine.
    Static,
}

/// The same, started.
enum Eyes {
    Browser(Box<Browser>),
    /// With the authorities that it trusts.
    Static(Vec<Vec<u8>>),
}

/// The thread that owns the browser, or does its work. Chromium dies with the thread that started it, so this one lives as long.
struct Driver {
    jobs: std::sync::mpsc::Sender<Job>,
    thread: JoinHandle<()>,
}

/// The proxy as the crawler sees it: a port for each lane.
struct ProxyWires(Vec<ProxyWire>);

/// A port.
struct ProxyWire {
    listener: Listener,
    runtime: Handle,
}

impl Instrument {
    /// Starts the proxy on `port` (0 for any) and an engine that trusts it.
    pub(crate) async fn start(settings: Settings, port: u16, looking: Looking) -> anyhow::Result<Self> {
        let clock = settings.clock.clone();
        let (proxy, captured) = Proxy::start(settings).context("cannot start the proxy")?;
        let listener = proxy.listen(port).await.map_err(|error| cannot_listen(port, "--proxy-port", &error))?;
        let address = listener.address();
        let listeners = vec![listener.for_lane(LaneId::default())];
        let (driver, backlog) = match looking {
            Looking::Browser(settings) => {
                let settings = BrowserSettings { trusted_spki: vec![proxy.spki_sha256()], ..settings };
                let open = move || {
                    let browser = Browser::launch(&settings)?;
                    interrupt::remove_at_the_end(browser.profile().to_owned());
                    Ok(Eyes::Browser(Box::new(browser)))
                };
                (Driver::start(open).await?, Backlog::of_a_browser())
            }
            Looking::Static => {
                let trusted = vec![proxy.ca_der().to_vec()];
                (Driver::start(move || Ok(Eyes::Static(trusted))).await?, Backlog::default())
            }
        };
        Ok(Self { proxy, captured, address, listeners, driver, clock, backlog })
    }

    /// Counts visits on from `visit`, the last of an earlier run.
    pub(crate) fn go_on_after(&self, visit: VisitId) -> anyhow::Result<()> {
        self.driver.run(Box::new(move |_, visits| visits.go_on_after(visit)))
    }

    /// Where the proxy listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// A port for each of the lanes that `plan` is visited by.
    async fn wires(&mut self, plan: &Plan) -> anyhow::Result<ProxyWires> {
        for lane in (0..plan.tabs()).map(LaneId).skip(self.listeners.len()) {
            let listener = self.proxy.listen(0).await.map_err(|error| cannot_listen(0, "--proxy-port", &error))?;
            self.listeners.push(listener.for_lane(lane));
        }
        let runtime = Handle::current();
        let wire = |listener: &Listener| ProxyWire { listener: listener.clone(), runtime: runtime.clone() };
        Ok(ProxyWires(self.listeners.iter().map(wire).collect()))
    }

    /// Carries out `plan` in the browser, and hands all that is seen to `recorder` and each page to the journal, if there
    /// is one.
    pub(crate) async fn crawl(
        &mut self,
        plan: Plan,
        recorder: &mut Recorder,
        stop: &Arc<AtomicBool>,
        reporter: &Reporter,
        mut pages: Option<Pages<'_>>,
    ) -> anyhow::Result<()> {
        let (tell, mut told) = mpsc::unbounded_channel();
        let (done, mut ended) = oneshot::channel();
        let wires = self.wires(&plan).await?;
        let (clock, stop) = (self.clock.clone(), Arc::clone(stop));
        self.driver.run(Box::new(move |eyes, visits| {
            let forward = |progress: Progress| {
                let told = match progress {
                    Progress::VisitBegins(target) => Told::VisitBegins(Box::new(target)),
                    Progress::Visit(visit) => Told::Visit(Box::new(visit)),
                    Progress::Requests(requests) => Told::Requests(requests),
                    Progress::Left(lane, visit) => Told::Left(lane, visit),
                    Progress::BlindSpot(blind_spot) => Told::BlindSpot(blind_spot),
                    Progress::Banner(name) => Told::Banner(name),
                    Progress::PageBegins(page) => Told::PageBegins(page),
                    Progress::PageDone { page, visits, state } => Told::PageDone(page, visits, state),
                };
                // Nobody listens any more only when the run has failed already.
                let _ = tell.send(told);
            };
            let outcome = match eyes {
                Eyes::Browser(browser) => {
                    crawler::crawl(browser, &plan, &wires, &clock, &stop, visits, &forward).map_err(browser_fault)
                }
                Eyes::Static(trusted) => {
                    let wire = wires.lane(LaneId::default());
                    crawler::crawl_static(trusted, &plan, wire, &clock, &stop, visits, &forward)
                        .map_err(anyhow::Error::from)
                }
            };
            let _ = done.send(outcome);
        }))?;
        let outcome = loop {
            tokio::select! {
                Some(told) = told.recv() => self.take_told(told, recorder, reporter, pages.as_mut()),
                Some(captured) = self.captured.recv() => self.backlog.take(captured, recorder, reporter),
                outcome = &mut ended => break outcome,
            }
        };
        while let Ok(told) = told.try_recv() {
            self.take_told(told, recorder, reporter, pages.as_mut());
        }
        self.drain(recorder, reporter);
        // A visit that a fault ended is not told any more.
        self.backlog.judge_all(recorder, reporter);
        pages.map_or(Ok(()), Pages::end)?;
        match outcome {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(error),
            Err(_) => Err(anyhow::anyhow!("the browser's thread ended before the crawl did")),
        }
    }

    /// The visits so far were the self-test's.
    pub(crate) fn end_self_test(&mut self) {
        self.backlog.end_self_test();
    }

    /// Closes browser and proxy, and hands what was still under way to `recorder`.
    pub(crate) async fn close(mut self, recorder: &mut Recorder, reporter: &Reporter) {
        // The browser first: what it still holds open is then its own doing, and no blind spot.
        self.driver.end().await;
        let shutdown = tokio::spawn(self.proxy.shutdown());
        while let Some(captured) = self.captured.recv().await {
            self.backlog.take(captured, recorder, reporter);
        }
        self.backlog.judge_all(recorder, reporter);
        let _ = shutdown.await;
    }

    /// Closes browser and proxy; what was under way is of no interest.
    pub(crate) async fn end(self) {
        self.driver.end().await;
        self.proxy.shutdown().await;
    }

    fn take_told(&mut self, told: Told, recorder: &mut Recorder, reporter: &Reporter, pages: Option<&mut Pages<'_>>) {
        match told {
            Told::VisitBegins(target) => reporter.visiting(&recorder.redactor().page(&target.to_string())),
            Told::Visit(visit) => {
                self.backlog.saw(visit.id);
                self.drain(recorder, reporter);
                recorder.visit(&visit);
            }
            Told::Requests(requests) => self.backlog.hear(requests),
            Told::Left(lane, visit) => {
                self.backlog.left(lane, visit);
                self.drain(recorder, reporter);
            }
            Told::BlindSpot(blind_spot) => recorder.blind_spot(blind_spot),
            Told::Banner(name) => recorder.banner(&name),
            Told::PageBegins(page) => {
                if let Some(pages) = pages {
                    pages.begin(page, &recorder.redactor());
                }
            }
            Told::PageDone(page, visits, state) => {
                self.drain(recorder, reporter);
                if let Some(pages) = pages {
                    pages.done(page, visits, state, recorder);
                }
            }
        }
    }

    /// Judges what has ended so far.
    fn drain(&mut self, recorder: &mut Recorder, reporter: &Reporter) {
        while let Ok(captured) = self.captured.try_recv() {
            self.backlog.take(captured, recorder, reporter);
        }
        self.backlog.judge(recorder, reporter);
    }
}

impl Driver {
    async fn start(open: impl FnOnce() -> Result<Eyes, BrowserError> + Send + 'static) -> anyhow::Result<Self> {
        let (jobs, queue) = std::sync::mpsc::channel::<Job>();
        let (started, launched) = oneshot::channel();
        let thread = std::thread::Builder::new().name("browser".to_owned()).spawn(move || {
            let eyes = match open() {
                Ok(eyes) => {
                    let _ = started.send(Ok(()));
                    eyes
                }
                Err(error) => {
                    let _ = started.send(Err(error));
                    return;
                }
            };
            let visits = VisitCounter::default();
            for job in queue {
                job(&eyes, &visits);
            }
        });
        let thread = thread.context("cannot start a thread for the browser")?;
        launched.await.context("the browser's thread ended at once")?.map_err(browser_fault)?;
        Ok(Self { jobs, thread })
    }

    fn run(&self, job: Job) -> anyhow::Result<()> {
        self.jobs.send(job).map_err(|_| anyhow::anyhow!("the browser's thread has ended"))
    }

    async fn end(self) {
        drop(self.jobs);
        let _ = tokio::task::spawn_blocking(move || self.thread.join()).await;
    }
}

impl Wires for ProxyWires {
    fn lane(&self, lane: LaneId) -> &dyn Wire {
        self.0.get(usize::from(lane.0)).or(self.0.first()).expect("the instrument opens a port when it starts")
    }
}

impl Wire for ProxyWire {
    fn proxy_address(&self) -> SocketAddr {
        self.listener.address()
    }

    fn begin(&self, visit: VisitId) {
        self.listener.set_visit(Some(visit));
    }

    fn settle(&self, quiet: Duration, cap: Duration) -> bool {
        self.runtime.block_on(self.listener.settled(quiet, cap))
    }
}

/// A port that cannot be opened; `flag` chooses another.
pub(crate) fn cannot_listen(port: u16, flag: &str, error: &proxy::ProxyError) -> Fault {
    let help = if port == 0 {
        "is the loopback interface up?".to_owned()
    } else {
        format!("choose another port with {flag}, 0 for any that is free")
    };
    let cause = error.source().map(|source| format!(": {source}")).unwrap_or_default();
    Fault::new(format!("{error}{cause}"), help)
}

/// A browser's fault, with what to do about it.
pub(crate) fn browser_fault(error: BrowserError) -> anyhow::Error {
    let help = error.help();
    anyhow::Error::from(error).context(Fault::new("cannot use a browser", help))
}
