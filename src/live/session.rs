//! A session under way: what the proxy captures is judged as it comes, until somebody stops it.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use model::{BlindSpot, BlindSpotKind, Exchange, Host, Site};
use proxy::{Captured, Proxy};
use tokio::sync::mpsc::{Receiver, channel};

use crate::interrupt::raised;
use crate::judge::{Judge, News, Watcher};
use crate::live::control::Control;
use crate::live::owner::{Owner, visited};
use crate::progress::Reporter;
use crate::record::Recorder;

/// Exchanges that wait for a first visit. A browser makes some tens by itself when it starts.
const MAX_HELD: usize = 300;

/// Room between what is held and the judge: the proxy's own queue before it is what bounds, and tells what it loses.
const PASSED_ON: usize = 16;

/// Who is told of a session while it goes on.
pub(crate) trait Hears: Send + 'static {
    /// Whose site it is, from now on; nobody named it when it `is_guessed`.
    fn know(&mut self, owner: &Owner, is_guessed: bool);

    /// The session begins: the moment to hand `recorder` what an earlier run of it took in.
    fn begin(&mut self, _recorder: &mut Recorder) -> anyhow::Result<()> {
        Ok(())
    }

    /// What was told is judged again and told anew.
    fn forget(&mut self) {}

    /// What came of judging.
    fn tell(&mut self, news: &News<'_>);

    /// What to say of a session in which nothing went to the site under test.
    fn nothing_seen(&self) -> BlindSpot {
        let detail = "nothing that came through the proxy belongs to the site under test or to a declared system";
        BlindSpot::new(BlindSpotKind::NothingSeen, "this run", detail)
    }
}

/// A session that is over.
pub(crate) struct Ended<T> {
    pub(crate) owner: Owner,
    pub(crate) recorder: Recorder,
    pub(crate) told: T,
}

/// Hears what comes of judging.
struct Watch<T, R> {
    owner: Owner,
    told: T,
    /// Whether anything went to the site under test.
    saw_owner: bool,
    control: Arc<Control>,
    /// Makes a recorder that knows whose site it is.
    recorder: R,
}

/// Goes on until `stop` is raised; then until what was under way is judged. `recorder` makes one when it is known who is
/// the first party.
pub(crate) async fn run<T: Hears>(
    owner: Owner,
    proxy: Proxy,
    captured: Receiver<Captured>,
    mut told: T,
    recorder: impl Fn(&Owner) -> Recorder + Send + 'static,
    control: Arc<Control>,
    stop: &AtomicBool,
) -> anyhow::Result<Ended<T>> {
    let mut proxy = Some(proxy);
    let is_guessed = matches!(owner, Owner::FirstVisited);
    control.open(is_guessed);
    let (owner, captured) = known(owner, captured, &control, &mut proxy, stop).await;
    told.know(&owner, is_guessed);
    let mut begun = recorder(&owner);
    told.begin(&mut begun)?;
    // In an earlier run of it, perhaps.
    let saw_owner = begun.has_seen_own();
    let mut judge = Judge::start(begun, captured, Watch { owner, told, saw_owner, control, recorder })?;
    let ended = loop {
        tokio::select! {
            ended = judge.ended() => break ended,
            () = raised(stop), if proxy.is_some() => shut_down(&mut proxy),
        }
    };
    let (mut recorder, Watch { owner, mut told, saw_owner, control: _, recorder: _ }) = ended?;
    if !saw_owner {
        recorder.blind_spot(told.nothing_seen());
        let blind_spots = recorder.take_new_blind_spots();
        let taken = recorder.take_untold();
        told.tell(&News { requests: 0, sightings: &[], blind_spots: &blind_spots, taken: &taken });
    }
    Ok(Ended { owner, recorder, told })
}

/// Waits, if need be, until it is known whose site is visited; what came meanwhile comes first out of what is returned.
async fn known(
    owner: Owner,
    mut captured: Receiver<Captured>,
    control: &Control,
    proxy: &mut Option<Proxy>,
    stop: &AtomicBool,
) -> (Owner, Receiver<Captured>) {
    match owner {
        Owner::Declared { .. } | Owner::Sites(_) => return (owner, captured),
        Owner::FirstVisited => {}
    }
    let mut held: Vec<Captured> = Vec::new();
    let visited = loop {
        let one = tokio::select! {
            one = captured.recv() => one,
            site = control.chosen() => break Some(site),
            () = raised(stop), if proxy.is_some() => {
                shut_down(proxy);
                continue;
            }
        };
        // Nobody went anywhere for certain: what came first has to do.
        let Some(one) = one else { break held.iter().find_map(site_of) };
        let site = match &one {
            Captured::Exchange(exchange) => visited(exchange),
            Captured::BlindSpot(_) => None,
        };
        held.push(one);
        if site.is_some() || held.len() >= MAX_HELD {
            break site.or_else(|| held.iter().find_map(site_of));
        }
    };
    let owner = Owner::Sites(visited.into_iter().collect());
    if owner.is_known() {
        // It may be anything that somebody typed.
        let words = crate::own_words::without_numbers(&owner.words());
        Reporter::new().step(&format!("{words} (the first that was visited; name another with --sut)"));
    }
    let (sender, passed_on) = channel(PASSED_ON);
    tokio::spawn(async move {
        for one in held {
            if sender.send(one).await.is_err() {
                return;
            }
        }
        while let Some(one) = captured.recv().await {
            // Judging has died, which ends the session.
            if sender.send(one).await.is_err() {
                return;
            }
        }
    });
    (owner, passed_on)
}

fn shut_down(proxy: &mut Option<Proxy>) {
    if let Some(proxy) = proxy.take() {
        tokio::spawn(proxy.shutdown());
    }
}

fn site_of(captured: &Captured) -> Option<Site> {
    match captured {
        Captured::Exchange(exchange) => Some(exchange.request.target.host.site()),
        Captured::BlindSpot(_) => None,
    }
}

impl<T: Hears, R: Fn(&Owner) -> Recorder + Send + 'static> Watcher for Watch<T, R> {
    fn coming(&mut self, exchange: &Exchange, _: &mut Recorder) {
        let host: &Host = &exchange.request.target.host;
        self.saw_owner |= self.owner.is_at(host);
    }

    fn news(&mut self, news: &News<'_>) {
        self.told.tell(news);
    }

    fn paused(&self, exchange: &Exchange) -> Option<BlindSpot> {
        self.control.paused(exchange.started, exchange.continues.is_some())
    }

    fn may_begin_anew(&self) -> bool {
        self.control.is_open()
    }

    fn close(&mut self) -> bool {
        let is_closed = self.control.close();
        if is_closed {
            self.told.know(&self.owner, false);
        }
        is_closed
    }

    fn begin_anew(&mut self) -> Option<Recorder> {
        let site = self.control.take()?;
        self.owner = Owner::Sites(vec![site]);
        self.saw_owner = false;
        self.told.forget();
        self.told.know(&self.owner, false);
        Some((self.recorder)(&self.owner))
    }
}
