//! Code for processors with wide registers, the only place with `unsafe`. Each kernel has a portable twin that it is
//! tested against.

pub(crate) mod hash;
mod signs;
mod starts;
mod stretches;

pub(crate) use signs::{Initials, Sign, signs};
pub(crate) use starts::starts;
pub(crate) use stretches::stretches;
