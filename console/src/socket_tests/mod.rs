//! The console as a socket meets it: a made session, and requests written by hand.

mod client;
mod live;
mod protection;
mod texts;

pub(crate) use client::Client;
