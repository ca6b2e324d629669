//! A file that one run at a time writes.

use std::fs::{File, TryLockError};
use std::thread::sleep;
use std::time::Duration;

/// How long a lock is waited for. A program that this one is just starting holds what is open here until it has begun:
/// moments, and no run of its own.
const TRIES: u32 = 25;
const PAUSE: Duration = Duration::from_millis(20);

/// Locks `file` for as long as it is open; refused when another run has it.
pub(crate) fn lock(file: &File) -> Result<(), TryLockError> {
    for _ in 0..TRIES {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => sleep(PAUSE),
            ended => return ended,
        }
    }
    file.try_lock()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_run_has_it_and_the_next_when_that_ends() {
        let folder = tempfile::tempdir().unwrap();
        let open = || File::create(folder.path().join("x")).unwrap();
        let first = open();
        lock(&first).unwrap();
        let second = open();
        assert!(matches!(lock(&second), Err(TryLockError::WouldBlock)));
        let waiting = std::thread::spawn(move || lock(&second));
        drop(first);
        waiting.join().unwrap().unwrap();
    }
}
