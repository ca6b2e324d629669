//! What a vendor's dossier works out of a scan and of what was declared: the leaks, the authority's questions about each, what is to
//! be done and when, what a notification could say, and what the whole rests on. Pure; `html` lays it out.

pub(crate) mod actions;
mod agreements;
pub(crate) mod answers;
pub(crate) mod breach;
mod cell;
pub(crate) mod cover;
mod given;
pub(crate) mod leaks;
mod seen;

pub(crate) use cell::{Source, State};
