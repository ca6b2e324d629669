//! The crawler in a real browser, against a site and a proxy on loopback.
//!
//! Where there is no browser each test says so and passes.

mod consent;
mod forms;
mod frontier;
mod initiators;
mod journeys;
mod kit;
mod lanes;
mod losses;
mod pages;
mod pictures;
mod process;
mod sessions;
