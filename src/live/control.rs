//! What a person steers in a session that goes on: whether it is recorded, and whose site it is about.

use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use model::{BlindSpot, Site};
use tokio::sync::Notify;

/// Shared between the console and the session.
#[derive(Debug, Default)]
pub(crate) struct Control {
    pauses: Mutex<Vec<Pause>>,
    choice: Mutex<Choice>,
    chosen: Notify,
}

/// A time in which nothing is recorded.
#[derive(Debug)]
struct Pause {
    from: Timestamp,
    /// `None` while it lasts.
    until: Option<Timestamp>,
    /// What is said of each request in it.
    unseen: BlindSpot,
}

/// Whose site it is, as far as it may still be chosen.
#[derive(Debug, Default)]
struct Choice {
    /// Whether all that was seen is still there to be judged again.
    is_open: bool,
    wanted: Option<Site>,
}

impl Control {
    /// What is to be said of a request begun at `time`, if recording was paused then; or of more of one that goes on,
    /// which belongs to the moment it comes at.
    pub(crate) fn paused(&self, time: Timestamp, goes_on: bool) -> Option<BlindSpot> {
        let pauses = self.pauses();
        let last = pauses.last()?;
        if goes_on && last.until.is_none() {
            return Some(BlindSpot {
                place: format!("{}: what goes on of earlier requests", last.unseen.place),
                ..last.unseen.clone()
            });
        }
        let holds = |pause: &&Pause| pause.from <= time && pause.until.is_none_or(|until| time < until);
        pauses.iter().rev().find(holds).map(|pause| pause.unseen.clone())
    }

    /// Nothing that begins from `from` on is recorded: `unseen` is said of it.
    pub(crate) fn pause(&self, from: Timestamp, unseen: BlindSpot) {
        let mut pauses = self.pauses();
        if pauses.last().is_none_or(|last| last.until.is_some()) {
            pauses.push(Pause { from, until: None, unseen });
        }
    }

    /// Recording goes on with what begins at `until`.
    pub(crate) fn resume(&self, until: Timestamp) {
        if let Some(last) = self.pauses().last_mut().filter(|last| last.until.is_none()) {
            last.until = Some(until);
        }
    }

    fn pauses(&self) -> MutexGuard<'_, Vec<Pause>> {
        self.pauses.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on another site may be chosen, or not.
    pub(crate) fn open(&self, is_open: bool) {
        self.choice().is_open = is_open;
    }

    /// No other site may be chosen any more. `false` when one was just chosen, which goes before.
    pub(crate) fn close(&self) -> bool {
        let mut choice = self.choice();
        choice.is_open &= choice.wanted.is_some();
        !choice.is_open
    }

    /// Whether another site may be chosen.
    pub(crate) fn is_open(&self) -> bool {
        self.choice().is_open
    }

    /// Chooses the site that the session is about. `false` when it is too late.
    pub(crate) fn choose(&self, site: Site) -> bool {
        let mut choice = self.choice();
        if !choice.is_open {
            return false;
        }
        choice.wanted = Some(site);
        drop(choice);
        self.chosen.notify_one();
        true
    }

    /// The site chosen since the last time this was asked.
    pub(crate) fn take(&self) -> Option<Site> {
        self.choice().wanted.take()
    }

    /// Waits for a choice.
    pub(crate) async fn chosen(&self) -> Site {
        loop {
            if let Some(site) = self.take() {
                return site;
            }
            self.chosen.notified().await;
        }
    }

    fn choice(&self) -> MutexGuard<'_, Choice> {
        self.choice.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{BlindSpotKind, Host};

    #[test]
    fn a_site_is_chosen_while_it_is_time() {
        let control = Control::default();
        let site = Host::parse("sag.test").unwrap().site();
        assert!(!control.choose(site.clone()));
        assert_eq!(control.take(), None);
        control.open(true);
        assert!(control.choose(site.clone()));
        assert_eq!((control.take(), control.take()), (Some(site.clone()), None));
        control.open(false);
        assert!(!control.choose(site));
    }

    #[test]
    fn a_request_belongs_to_the_pause_it_began_in() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let unseen = |place: &str| BlindSpot::new(BlindSpotKind::RecordingPaused, place, "");
        let place = |control: &Control, second, goes_on| control.paused(at(second), goes_on).map(|spot| spot.place);
        let control = Control::default();
        assert_eq!(place(&control, 1, false), None);
        control.pause(at(10), unseen("first"));
        // Asked for twice, it is one.
        control.pause(at(12), unseen("again"));
        assert_eq!(place(&control, 9, false), None, "begun before");
        assert_eq!(place(&control, 11, false).as_deref(), Some("first"));
        assert_eq!(place(&control, 9, true).as_deref(), Some("first: what goes on of earlier requests"));
        control.resume(at(20));
        assert_eq!(place(&control, 19, false).as_deref(), Some("first"), "though its answer came later");
        assert_eq!(place(&control, 20, false), None);
        assert_eq!(place(&control, 9, true), None);
        control.pause(at(30), unseen("second"));
        assert_eq!(place(&control, 31, false).as_deref(), Some("second"));
    }

    #[test]
    fn a_choice_goes_before_closing() {
        let control = Control::default();
        let site = Host::parse("sag.test").unwrap().site();
        control.open(true);
        assert!(control.choose(site.clone()));
        assert!(!control.close());
        assert_eq!(control.take(), Some(site.clone()));
        assert!(control.close());
        assert!(!control.choose(site));
    }

    #[tokio::test]
    async fn who_waits_for_a_choice_hears_of_it() {
        let control = Control::default();
        control.open(true);
        let site = Host::parse("sag.test").unwrap().site();
        let (chosen, _) = tokio::join!(control.chosen(), async { control.choose(site.clone()) });
        assert_eq!(chosen, site);
    }
}
