//! The static engine against a site and proxy in one, on loopback.

#[path = "../browser/kit.rs"]
#[expect(dead_code, reason = "made for the browser's tests as well")]
mod kit;

mod pages;
