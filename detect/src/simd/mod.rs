//! Code for processors with wide registers, the only place with `unsafe`. Each kernel has a portable twin that it is
//! tested against.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
pub(crate) mod hash;
mod line_ends;
mod signs;
mod starts;
mod stretches;

pub use line_ends::line_ends;
pub(crate) use signs::{Initials, Sign, signs};
pub(crate) use starts::starts;
pub(crate) use stretches::stretches;
