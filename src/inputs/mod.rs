//! Recorded traffic of every format, as exchanges. One file a format.

mod har;

pub(crate) use har::{Recording, read as read_har};
