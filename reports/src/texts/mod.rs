//! Every text of the reports in both languages: one table per noun, each a match without `_`, so that neither a
//! new variant nor a language can be forgotten.

mod behind_the_proxy;
pub(crate) mod blind_spots;
pub(crate) mod comparison;
pub(crate) mod countries;
pub(crate) mod details;
pub(crate) mod dossier;
mod in_logs;
pub(crate) mod initiators;
pub(crate) mod logs;
pub(crate) mod overview;
pub(crate) mod page;
mod page_rules;
pub(crate) mod persons;
pub(crate) mod phrases;
pub(crate) mod processors;
pub(crate) mod questions;
pub(crate) mod remedies;
pub(crate) mod rules;
pub(crate) mod scores;
mod sentences;
mod sentences_of_files;
pub(crate) mod session;
pub(crate) mod terms;
pub(crate) mod timeline;
pub(crate) mod trail;
mod ways_in;
