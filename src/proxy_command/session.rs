//! A session: what the proxy captures is judged as it comes, until somebody stops it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use detect::Parties;
use model::{BlindSpot, BlindSpotKind, Redact as _, VisitId};
use proxy::{Captured, Listener, Proxy};
use tokio::sync::mpsc::Receiver;
use tokio::time::{MissedTickBehavior, interval};

use crate::backlog::Backlog;
use crate::progress::Reporter;
use crate::proxy_command::owner::{Owner, is_navigation};
use crate::proxy_command::told::Told;
use crate::record::Recorder;

/// How long what ended waits for others that began before it, and how soon a Ctrl-C is noticed.
const JUDGED_EVERY: Duration = Duration::from_millis(250);

/// Exchanges that wait for a first visit. A browser makes some tens by itself when it starts.
const MAX_HELD: usize = 300;

/// The one visit of a session that belongs to one system.
const VISIT: VisitId = VisitId(1);

/// A session under way.
pub(crate) struct Session<'a> {
    owner: Owner,
    told: Told,
    make: &'a dyn Fn(Parties) -> Recorder,
    reporter: &'a Reporter,
    recorder: Option<Recorder>,
    backlog: Backlog,
    /// What came before it was known whose site it is.
    held: Vec<Captured>,
    /// Whether anything went to the site under test.
    saw_owner: bool,
}

/// A session that is over.
pub(crate) struct Ended {
    pub(crate) owner: Owner,
    pub(crate) recorder: Recorder,
    pub(crate) told: Told,
}

impl<'a> Session<'a> {
    /// One that has seen nothing. `make` makes the recorder when it is known who is who.
    pub(crate) fn new(
        owner: Owner,
        listener: &Listener,
        told: Told,
        make: &'a dyn Fn(Parties) -> Recorder,
        reporter: &'a Reporter,
    ) -> Self {
        if owner.system().is_some() {
            listener.set_visit(Some(VISIT));
        }
        let mut session = Self {
            owner,
            told,
            make,
            reporter,
            recorder: None,
            backlog: Backlog::default(),
            held: Vec::new(),
            saw_owner: false,
        };
        session.begin();
        session
    }

    /// Goes on until `stop` is raised; then until the proxy has handed over everything.
    pub(crate) async fn run(&mut self, proxy: Proxy, mut captured: Receiver<Captured>, stop: &AtomicBool) {
        let mut proxy = Some(proxy);
        let mut ticks = interval(JUDGED_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                one = captured.recv() => match one {
                    Some(one) => self.take(one),
                    None => break,
                },
                _ = ticks.tick() => {
                    self.judge();
                    if stop.load(Ordering::Relaxed) && let Some(proxy) = proxy.take() {
                        tokio::spawn(proxy.shutdown());
                    }
                }
            }
        }
        self.judge();
    }

    /// Closes it.
    pub(crate) fn end(mut self) -> Ended {
        if self.recorder.is_none() {
            // Nobody went anywhere for certain: what came first has to do.
            let first = self.held.iter().find_map(host_of).map(model::Host::site);
            self.visited(first);
        }
        self.judge();
        let make = self.make;
        let mut recorder = self.recorder.unwrap_or_else(|| make(Parties::first_party(Vec::new())));
        if !self.saw_owner {
            let detail = "nothing that came through the proxy belongs to the site under test or to a declared system";
            recorder.blind_spot(BlindSpot::new(BlindSpotKind::NothingSeen, "this run", detail));
        }
        self.told.tell(&mut recorder, self.reporter);
        Ended { owner: self.owner, recorder, told: self.told }
    }

    fn take(&mut self, captured: Captured) {
        let Some(recorder) = &mut self.recorder else {
            let visited = match &captured {
                Captured::Exchange(exchange) if is_navigation(exchange) || self.held.len() >= MAX_HELD => {
                    Some(exchange.request.target.host.site())
                }
                Captured::Exchange(_) | Captured::BlindSpot(_) => None,
            };
            self.held.push(captured);
            if visited.is_some() {
                self.visited(visited);
            }
            return;
        };
        self.saw_owner |= host_of(&captured).is_some_and(|host| self.owner.is_at(host));
        self.backlog.take(captured, recorder, self.reporter);
    }

    /// The first site that somebody went to is the one under test.
    fn visited(&mut self, site: Option<model::Site>) {
        let Some(site) = site else { return };
        self.owner = Owner::Sites(vec![site]);
        self.begin();
        if let Some(recorder) = &self.recorder {
            let words = recorder.redactor().redact(&self.owner.words());
            self.reporter.step(&format!("{words} (the first that was visited; name another with --sut)"));
        }
    }

    /// Judges from now on, if it is known who is who.
    fn begin(&mut self) {
        let Some(parties) = self.owner.parties() else { return };
        let mut recorder = (self.make)(parties);
        recorder.begin_system(self.owner.system().cloned());
        self.recorder = Some(recorder);
        for captured in std::mem::take(&mut self.held) {
            self.take(captured);
        }
    }

    fn judge(&mut self) {
        let Some(recorder) = &mut self.recorder else { return };
        self.backlog.judge(recorder, self.reporter);
        self.told.tell(recorder, self.reporter);
    }
}

fn host_of(captured: &Captured) -> Option<&model::Host> {
    match captured {
        Captured::Exchange(exchange) => Some(&exchange.request.target.host),
        Captured::BlindSpot(_) => None,
    }
}
