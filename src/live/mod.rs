//! Traffic judged while it passes, whoever sends it: whose site it is, the session, and what is on disk at once.
//!
//! What is told of it while it goes on, and to whom, is the command's own.

mod control;
mod journal;
mod owner;
mod session;

pub(crate) use control::Control;
pub(crate) use journal::{Journal, keep_earlier};
pub(crate) use owner::{Named, Owner};
pub(crate) use session::{Ended, Hears, run};
