//! The other engine: pages as they are written, without a browser. No script runs, and it says so.
//!
//! It goes the way that the browser goes (frontier, templates, `robots.txt`, pace), sends what a browser without scripts
//! sends, through the same wire, and fills the same forms. What scripts do is not seen, which leaves a gap in every
//! audit made with it.

mod charset;
mod client;
mod controls;
mod cookies;
mod document;
mod errands;
mod forms;
mod loading;
mod named;
mod nearby;
mod parse;
mod referrer;
mod sending;
mod sheets;
mod skeleton;
mod visiting;
mod walk;

use std::sync::atomic::AtomicBool;

use model::Clock;

use crate::board::Board;
use crate::forms::FormBook;
use crate::{Plan, Tell, VisitCounter, Wire};

/// Why the engine cannot be used at all. What goes wrong on a page is no error but a [`model::BlindSpot`].
#[derive(Debug, thiserror::Error)]
pub enum StaticEngineError {
    /// It could not be set up.
    #[error("cannot set up the static engine: {0}")]
    Unusable(String),
}

/// Visits what `plan` names as [`crate::crawl()`] does, without a browser, and tells everything as it happens. `trusted`
/// are the authorities (DER) that sign what the wire shows. Journeys are told as not made.
///
/// Call it on a thread of its own: it waits for answers.
pub fn crawl_static(
    trusted: &[Vec<u8>],
    plan: &Plan,
    wire: &dyn Wire,
    clock: &Clock,
    stop: &AtomicBool,
    ids: &VisitCounter,
    tell: &Tell<'_>,
) -> Result<(), StaticEngineError> {
    let http = client::Http::new(wire.proxy_address(), trusted)?;
    // What is known of forms stays with the visitor: one lane keeps no other waiting.
    let forms = FormBook::default();
    let board = Board::new(plan, stop, &forms, 0);
    walk::Walk::new(visiting::Visitor::new(http, plan, wire, clock, stop, ids, tell), &board).run();
    Ok(())
}
