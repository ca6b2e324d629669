//! The thread that owns the browser, while the lanes visit on threads of their own: all starts happen on it, since
//! Chromium is told to die with the thread that started it.

use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender, SyncSender};
use std::thread;

use crate::board::Board;
use crate::browser::Running;
use crate::lane::Lane;
use crate::{Browser, BrowserError};

/// How often the browser is started anew in one crawl since it was lost: a site that ends it more often ends it on every
/// page.
const MAX_STARTS: u32 = 3;

/// Owns the starts of one crawl.
pub(crate) struct Supervisor<'a> {
    browser: &'a Browser,
    board: &'a Board<'a>,
    starts: u32,
}

/// A lane's way to the supervisor. Dropping it says that the lane has ended.
pub(crate) struct Caller(Sender<Order>);

/// What became of a browser that was asked for.
pub(crate) enum Answer {
    /// It runs.
    Started {
        /// The process.
        running: Arc<Running>,
        /// Whether it was started for whoever asked, and not for another lane before.
        is_first: bool,
    },
    /// It was lost too often.
    Enough,
    /// It does not start.
    Failed(BrowserError),
}

enum Order {
    /// The browser of this generation is gone.
    Lost(u32, SyncSender<Answer>),
    /// The browser is worn out, and the lane has left its last page there.
    Renew(u32, SyncSender<Answer>),
    /// The lane has ended.
    Over,
}

impl<'a> Supervisor<'a> {
    /// For one crawl.
    pub(crate) fn new(browser: &'a Browser, board: &'a Board<'a>) -> Self {
        Self { browser, board, starts: 0 }
    }

    /// Lets each of `lanes` do its `work` on a thread of its own, and serves them until all have ended.
    pub(crate) fn run<'l>(
        &mut self,
        lanes: &mut [Lane<'l>],
        work: impl Fn(&mut Lane<'l>, &Caller) -> Result<(), BrowserError> + Sync,
    ) -> Result<(), BrowserError> {
        let (sender, orders) = mpsc::channel();
        let (board, count) = (self.board, lanes.len());
        thread::scope(|scope| {
            let work = &work;
            let workers: Vec<_> = lanes
                .iter_mut()
                .map(|lane| {
                    let caller = Caller(sender.clone());
                    scope.spawn(move || work(lane, &caller).inspect_err(|_| board.give_up()))
                })
                .collect();
            drop(sender);
            self.serve(&orders, count);
            let ended = workers.into_iter().map(|worker| worker.join().unwrap_or_else(|panic| resume_unwind(panic)));
            ended.fold(Ok(()), Result::and)
        })
    }

    fn serve(&mut self, orders: &Receiver<Order>, mut alive: usize) {
        let mut parked: Vec<SyncSender<Answer>> = Vec::new();
        let mut worn = 0;
        for order in orders {
            match order {
                Order::Lost(generation, answer) => {
                    reply(&answer, self.start_lost(generation));
                    // The new one is new for those as well who wait for one.
                    self.release(&mut parked);
                }
                Order::Renew(generation, answer) => {
                    worn = generation;
                    parked.push(answer);
                    if self.browser.generation() != generation {
                        self.release(&mut parked);
                    }
                }
                Order::Over => alive = alive.saturating_sub(1),
            }
            if !parked.is_empty() && parked.len() >= alive {
                if let Err(error) = self.browser.start_after(worn) {
                    tracing::debug!(%error, "the worn browser stays");
                }
                self.release(&mut parked);
            }
        }
    }

    fn start_lost(&mut self, generation: u32) -> Answer {
        let is_first = self.browser.generation() == generation;
        loop {
            if is_first && self.starts >= MAX_STARTS {
                return Answer::Enough;
            }
            self.starts += u32::from(is_first);
            match self.browser.start_after(generation) {
                Ok(running) => {
                    self.board.renewed(running.generation());
                    return Answer::Started { running, is_first };
                }
                // It may be lost while it starts, like at any other time.
                Err(error) if error.ended_at_start() && self.starts < MAX_STARTS => {
                    tracing::debug!(%error, "the browser ended while it started; starting it once more");
                }
                Err(error) => return Answer::Failed(error),
            }
        }
    }

    /// Lets those go on who wait for a new browser, in that of now.
    fn release(&self, parked: &mut Vec<SyncSender<Answer>>) {
        let running = self.browser.latest();
        self.board.renewed(running.generation());
        for answer in parked.drain(..) {
            reply(&answer, Answer::Started { running: Arc::clone(&running), is_first: false });
        }
    }
}

impl Caller {
    /// A browser in place of the lost one of `generation`.
    pub(crate) fn lost(&self, generation: u32) -> Answer {
        self.ask(|answer| Order::Lost(generation, answer))
    }

    /// A browser in place of the worn one of `generation`, when no lane has a page there any more.
    pub(crate) fn renew(&self, generation: u32) -> Answer {
        self.ask(|answer| Order::Renew(generation, answer))
    }

    fn ask(&self, order: impl FnOnce(SyncSender<Answer>) -> Order) -> Answer {
        let (answer, answered) = mpsc::sync_channel(1);
        // The supervisor ends after the lanes.
        let _ = self.0.send(order(answer));
        answered.recv().unwrap_or(Answer::Enough)
    }
}

impl Drop for Caller {
    fn drop(&mut self) {
        let _ = self.0.send(Order::Over);
    }
}

fn reply(to: &SyncSender<Answer>, answer: Answer) {
    // Who asked waits for it.
    let _ = to.send(answer);
}
