//! The detector from outside: what it finds in exchanges, what it makes of it, and what it must not let through.
//!
//! `cfg(test)` goes without saying here; the linter wants it said.

#[cfg(test)]
mod bombs;
#[cfg(test)]
mod chains;
#[cfg(test)]
mod continuations;
#[cfg(test)]
mod corpus;
#[cfg(test)]
mod encoders;
#[cfg(test)]
mod findings;
#[cfg(test)]
mod kit;
#[cfg(test)]
mod page_rules;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod parties;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod random;
#[cfg(test)]
mod redaction;
#[cfg(test)]
mod synthetic;
