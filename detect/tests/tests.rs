//! The detector from outside: what it finds in exchanges, what it makes of it, and what it must not let through.
//!
//! `cfg(test)` goes without saying here; the linter wants it said.

#[cfg(test)]
mod corpus;
#[cfg(test)]
mod findings;
#[cfg(test)]
mod kit;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod parties;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod redaction;
#[cfg(test)]
mod synthetic;
#[cfg(test)]
mod text_encodings;
