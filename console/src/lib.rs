//! The live page of a running proxy: what leaks, the second it happens; what was sent; who got what; what was not seen.
//!
//! ```text
//! judge --News--> Session (all that is shown, in memory) --revision--> pages that are open: each asks for what is new to it
//!                    ^                                                       |
//!                    +------ Desk: words, notes, exports (`src/`) <----------+
//! ```
//! It judges nothing and keeps no file: a [`Session`] is filled by whoever judges, and everything in it is safe to show.
//! Who reads slowly, or not at all, holds nobody up: a page is told a revision and fetches what it has not got.

mod desk;
mod exchange;
mod mark;
mod session;
mod stub;
pub use stub::*;

pub use desk::{Card, Desk, DeskError, Earlier, Export, Fact, File, Lang, Mending, Unseen};
pub use exchange::ExchangeRow;
pub use mark::{Mark, MarkKind};
pub use session::{News, Recipient, Session, State, Under, UnseenKey};
