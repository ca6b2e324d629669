//! The live page of a running proxy: what leaks, the second it happens; what was sent; who got what; what was not seen.
//!
//! ```text
//! judge --News--> Session (all that is shown, in memory) --revision--> pages that are open: each asks for what is new to it
//!                    ^                                                       |
//!                    +------ Desk: words, notes, exports (`src/`) <----------+
//! ```
//! It judges nothing and keeps no file: a [`Session`] is filled by whoever judges, and everything in it is safe to show.
//! Who reads slowly, or not at all, holds nobody up: a page is told a revision and fetches what it has not got.
//!
//! [`Console`] serves it on a thread of its own: `routes.rs` lists the addresses, `gate.rs` says who is let in.

// The sample names this crate as the example does that shares it.
#[cfg(test)]
extern crate self as console;

mod answers;
mod app;
mod desk;
mod doings;
mod events;
mod exchange;
mod exports;
mod filter;
mod gate;
mod har;
mod index;
mod inert;
mod logins;
#[cfg(test)]
#[path = "../examples/made/sample.rs"]
mod made;
mod mark;
mod page;
mod routes;
mod rows;
mod secret;
mod server;
mod session;
mod settings;
#[cfg(test)]
mod socket_tests;
mod stalled;
mod words;

pub use desk::{Card, Desk, DeskError, Earlier, Export, Fact, File, Lang, Mending, Unseen};
pub use exchange::ExchangeRow;
pub use mark::{Mark, MarkKind};
pub use server::Console;
pub use session::{Changed, News, Recipient, Session, State, Under, UnseenKey};
pub use settings::{ConsoleError, IDLE_DEFAULT, IDLE_MAX, Settings};
