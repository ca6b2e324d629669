//! Walks a system as a citizen does: a real browser behind the proxy, in some tabs at the same time.
//!
//! It visits and types, and tells what it did and what it could not do. It judges nothing: what left the pages is on
//! the wire, and who records the wire is behind [`Wire`].
//!
//! ```no_run
//! use std::sync::atomic::AtomicBool;
//!
//! use crawler::{Browser, BrowserSettings, Plan, Progress, VisitCounter, Wires, crawl};
//!
//! fn audit(plan: &Plan, wires: &dyn Wires, clock: &model::Clock) -> Result<(), crawler::BrowserError> {
//!     let browser = Browser::launch(&BrowserSettings::default())?;
//!     let ids = VisitCounter::default();
//!     let stop = AtomicBool::new(false);
//!     crawl(&browser, plan, wires, clock, &stop, &ids, &|told| match told {
//!         Progress::VisitBegins(target) => drop(target),
//!         Progress::Visit(visit) => drop(visit),
//!         Progress::Requests(requests) => drop(requests),
//!         Progress::Left(_, _) => (),
//!         Progress::BlindSpot(blind_spot) => drop(blind_spot),
//!         Progress::Ahead(_) => (),
//!         Progress::Banner(name) => drop(name),
//!         Progress::PageBegins(page) => drop(page),
//!         Progress::PageDone { .. } => {}
//!     })
//! }
//! ```

mod address;
mod attach;
mod attended;
mod board;
mod browser;
mod canaries;
mod chromium;
mod consent;
mod cookie_file;
mod cookies;
mod crawl;
mod cut;
mod devtools;
mod errand;
mod error;
mod facts;
mod fetch;
mod fields;
mod filling;
mod forms;
mod frames;
mod frontier;
mod harvest;
mod initiator;
mod journey;
mod keys;
mod lane;
mod links;
mod locate;
mod login;
mod outward;
mod pace;
mod page;
mod persona;
mod picture;
mod plan;
mod presses;
mod print;
mod priority;
mod profile;
mod recorder;
mod robots;
mod routes;
mod sendable;
mod sending;
mod session;
mod sign_in;
mod sitemap;
mod skeleton;
mod static_engine;
mod supervisor;
mod tab;
mod telling;
mod templates;
mod trace;
mod visit;
mod watch;
mod window;

pub use attended::Attendant;
pub use browser::{Browser, BrowserSettings};
pub use canaries::Canaries;
pub use cookie_file::{CookieFileError, SessionCookies};
pub use crawl::crawl;
pub use error::BrowserError;
pub use journey::{Journey, JourneyError, JourneyProblem, Lookup, Placeholder, SECRETS};
pub use locate::{browser_version, find_browser, find_light_browser};
pub use plan::{Ahead, Limits, MAX_TABS, Manners, Plan, Progress, RobotsTxt, Scope, Tell, VisitCounter, Wire, Wires};
pub use print::print_pdf;
pub use profile::cookies_of_profile;
pub use recorder::BrowserRequest;
pub use static_engine::{StaticEngineError, crawl_static};
pub use trace::Before;
pub use window::{Window, WindowSettings};
