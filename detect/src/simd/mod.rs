//! Code for processors with wide registers, the only place with `unsafe`. Each kernel has a portable twin.

pub(crate) mod hash;
