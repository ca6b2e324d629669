//! Browsers that opened the console's address: who they are, when they last did something, and when they are forgotten.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;

use crate::desk::{File, Lang};
use crate::secret::{Secret, random_name};
use crate::settings::{MAX_EXPORTED, MAX_EXPORTS, MAX_LOGINS};

/// Everybody who is logged on.
#[derive(Debug, Default)]
pub(crate) struct Logins(Mutex<VecDeque<Login>>);

/// A browser that is let in, for the time of one request.
#[derive(Clone, Debug)]
pub(crate) struct Guest {
    /// The folder of its session, which its cookie holds for.
    pub(crate) folder: String,
    pub(crate) lang: Lang,
    /// Turns true when it is logged off.
    pub(crate) ended: watch::Receiver<bool>,
}

/// Files that were made for a browser.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) id: String,
    pub(crate) files: Arc<Vec<File>>,
}

#[derive(Debug)]
struct Login {
    folder: String,
    cookie: Secret,
    lang: Lang,
    active: Timestamp,
    ended: watch::Sender<bool>,
    exports: VecDeque<Kept>,
}

impl Logins {
    /// Lets one more in: its folder and its cookie. `None` when the system gives no random bytes.
    pub(crate) fn open(&self, lang: Lang, now: Timestamp) -> Option<(String, Secret)> {
        let (folder, cookie) = (random_name()?, Secret::new()?);
        let (kept, ended) = (cookie.clone(), watch::Sender::new(false));
        let mut logins = self.lock();
        if logins.len() >= MAX_LOGINS {
            // Dropping it ends its streams too.
            logins.pop_front();
        }
        logins.push_back(Login {
            folder: folder.clone(),
            cookie: kept,
            lang,
            active: now,
            ended,
            exports: VecDeque::new(),
        });
        Some((folder, cookie))
    }

    /// Who shows one of `cookies` in `folder`, if that is somebody and was not idle for too long.
    pub(crate) fn guest<'a>(
        &self,
        folder: &str,
        mut cookies: impl Iterator<Item = &'a str>,
        now: Timestamp,
        idle: Duration,
    ) -> Option<Guest> {
        self.forget_idle(now, idle);
        let logins = self.lock();
        let login = logins.iter().find(|login| login.folder == folder)?;
        cookies.find(|cookie| login.cookie.is(cookie))?;
        Some(Guest { folder: login.folder.clone(), lang: login.lang, ended: login.ended.subscribe() })
    }

    /// The tester did something.
    pub(crate) fn alive(&self, folder: &str, now: Timestamp) {
        self.with(folder, |login| login.active = now);
    }

    /// The page is read in another language from here on.
    pub(crate) fn speak(&self, folder: &str, lang: Lang) {
        self.with(folder, |login| login.lang = lang);
    }

    /// Forgets one.
    pub(crate) fn close(&self, folder: &str) {
        self.lock().retain(|login| login.folder != folder);
    }

    /// Forgets all.
    pub(crate) fn close_all(&self) {
        self.lock().clear();
    }

    /// Forgets those that did nothing for too long.
    pub(crate) fn forget_idle(&self, now: Timestamp, idle: Duration) {
        self.lock().retain(|login| now.duration_since(login.active).unsigned_abs() < idle || now < login.active);
    }

    /// Keeps files for one, and forgets its oldest where there is no room. What is too large by itself is not kept.
    pub(crate) fn keep(&self, folder: &str, files: Vec<File>) -> Option<Kept> {
        if size(&files) > MAX_EXPORTED {
            return None;
        }
        let kept = Kept { id: random_name()?, files: Arc::new(files) };
        self.with(folder, |login| {
            login.exports.push_back(kept.clone());
            while login.exports.len() > MAX_EXPORTS
                || login.exports.iter().map(|kept| size(&kept.files)).sum::<usize>() > MAX_EXPORTED
            {
                login.exports.pop_front();
            }
        });
        Some(kept)
    }

    /// Files that were kept for one.
    pub(crate) fn kept(&self, folder: &str, id: &str) -> Option<Kept> {
        let logins = self.lock();
        let login = logins.iter().find(|login| login.folder == folder)?;
        login.exports.iter().find(|kept| kept.id == id).cloned()
    }

    fn with(&self, folder: &str, change: impl FnOnce(&mut Login)) {
        if let Some(login) = self.lock().iter_mut().find(|login| login.folder == folder) {
            change(login);
        }
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Login>> {
        // Nothing is left half done by a thread that died.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Login {
    fn drop(&mut self) {
        self.ended.send_replace(true);
    }
}

fn size(files: &[File]) -> usize {
    files.iter().map(|file| file.bytes.len()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDLE: Duration = Duration::from_mins(1);

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_cookie_holds_in_its_own_folder_alone() {
        let logins = Logins::default();
        let (mine, cookie) = logins.open(Lang::Da, at(0)).unwrap();
        let (other, _) = logins.open(Lang::Da, at(0)).unwrap();
        assert!(logins.guest(&mine, ["x", cookie.reveal()].into_iter(), at(1), IDLE).is_some());
        assert!(logins.guest(&other, [cookie.reveal()].into_iter(), at(1), IDLE).is_none());
        assert!(logins.guest(&mine, [].into_iter(), at(1), IDLE).is_none());
    }

    #[test]
    fn who_is_idle_is_forgotten_and_told() {
        let logins = Logins::default();
        let (mine, cookie) = logins.open(Lang::Da, at(0)).unwrap();
        let cookies = || [cookie.reveal()].into_iter();
        let guest = logins.guest(&mine, cookies(), at(59), IDLE).unwrap();
        logins.alive(&mine, at(59));
        assert!(logins.guest(&mine, cookies(), at(118), IDLE).is_some(), "asking is no doing, but it was alive at 59");
        assert!(!*guest.ended.borrow());
        assert!(logins.guest(&mine, cookies(), at(119), IDLE).is_none());
        assert!(*guest.ended.borrow());
    }

    #[test]
    fn the_oldest_goes_when_there_are_too_many() {
        let logins = Logins::default();
        let (first, cookie) = logins.open(Lang::Da, at(0)).unwrap();
        for _ in 0..MAX_LOGINS {
            logins.open(Lang::Da, at(0)).unwrap();
        }
        assert!(logins.guest(&first, [cookie.reveal()].into_iter(), at(1), IDLE).is_none());
        assert_eq!(logins.lock().len(), MAX_LOGINS);
    }

    #[test]
    fn the_oldest_files_go_first() {
        let logins = Logins::default();
        let (mine, _) = logins.open(Lang::Da, at(0)).unwrap();
        let file = || File { name: "a.html".to_owned(), media_type: "text/html", bytes: vec![0; 8] };
        let ids: Vec<String> = (0..=MAX_EXPORTS).map(|_| logins.keep(&mine, vec![file()]).unwrap().id).collect();
        assert!(logins.kept(&mine, &ids[0]).is_none());
        assert!(logins.kept(&mine, &ids[1]).is_some());
        assert!(logins.kept("another", &ids[1]).is_none());
    }
}
