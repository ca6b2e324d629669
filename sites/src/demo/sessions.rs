//! Who is logged in to a mended site: opaque names, kept in memory.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Sessions kept; the oldest gives way. An audit opens a few.
const MAX_SESSIONS: usize = 1_000;

/// Random bytes in a session's name: too many to guess.
const NAME_BYTES: usize = 16;

/// The open sessions of one site.
#[derive(Default)]
pub(super) struct Sessions(Mutex<VecDeque<String>>);

impl Sessions {
    /// Opens a session and returns its name; `None` when the machine has no randomness to give.
    ///
    /// The name is letters only, so that it never looks like a number of anybody.
    pub(super) fn open(&self) -> Option<String> {
        let mut random = [0; NAME_BYTES];
        rustls::crypto::aws_lc_rs::default_provider().secure_random.fill(&mut random).ok()?;
        let letters = random.iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
        let name: String = letters.map(|half| char::from(b'a' + half)).collect();
        let mut open = self.names();
        if open.len() >= MAX_SESSIONS {
            open.pop_front();
        }
        open.push_back(name.clone());
        Some(name)
    }

    /// Whether a session of this name is open.
    pub(super) fn knows(&self, name: &str) -> bool {
        self.names().iter().any(|open| open == name)
    }

    /// The names, also after a panic elsewhere: a list of names cannot be half written.
    fn names(&self) -> MutexGuard<'_, VecDeque<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_known_by_its_own_name_only() {
        let sessions = Sessions::default();
        let (one, other) = (sessions.open().unwrap(), sessions.open().unwrap());
        assert_ne!(one, other);
        assert!(sessions.knows(&one) && sessions.knows(&other));
        assert!(!sessions.knows("") && !sessions.knows("aaaa"));
        assert!(one.len() == 2 * NAME_BYTES && one.bytes().all(|byte| byte.is_ascii_lowercase()), "{one}");
    }

    #[test]
    fn the_oldest_gives_way() {
        let sessions = Sessions::default();
        let first = sessions.open().unwrap();
        for _ in 0..MAX_SESSIONS {
            sessions.open().unwrap();
        }
        assert!(!sessions.knows(&first));
        assert_eq!(sessions.names().len(), MAX_SESSIONS);
    }
}
