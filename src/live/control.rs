//! What a person steers in a session that goes on: whether it is recorded, and whose site it is about.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use model::{BlindSpot, Site};
use tokio::sync::Notify;

/// Shared between the console and the session.
#[derive(Debug, Default)]
pub(crate) struct Control {
    is_paused: AtomicBool,
    /// What is said of each request that passes in a pause.
    unseen: Mutex<Option<BlindSpot>>,
    choice: Mutex<Choice>,
    chosen: Notify,
}

/// Whose site it is, as far as it may still be chosen.
#[derive(Debug, Default)]
struct Choice {
    /// Whether all that was seen is still there to be judged again.
    is_open: bool,
    wanted: Option<Site>,
}

impl Control {
    /// What is to be said of a request that passes now, if recording is paused.
    pub(crate) fn paused(&self) -> Option<BlindSpot> {
        if !self.is_paused.load(Ordering::Relaxed) {
            return None;
        }
        self.unseen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Records no more: `unseen` is said of each request that passes. Without it, recording goes on.
    pub(crate) fn pause(&self, unseen: Option<BlindSpot>) {
        self.is_paused.store(unseen.is_some(), Ordering::Relaxed);
        *self.unseen.lock().unwrap_or_else(PoisonError::into_inner) = unseen;
    }

    /// From now on another site may be chosen, or no more.
    pub(crate) fn open(&self, is_open: bool) {
        self.choice().is_open = is_open;
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
    fn a_pause_lasts_until_recording_goes_on() {
        let control = Control::default();
        assert!(control.paused().is_none());
        control.pause(Some(BlindSpot::new(BlindSpotKind::RecordingPaused, "pause", "")));
        assert_eq!(control.paused().map(|spot| spot.place), Some("pause".to_owned()));
        control.pause(None);
        assert!(control.paused().is_none());
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
