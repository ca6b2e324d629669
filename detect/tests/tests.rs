//! The detector from outside: what it finds in exchanges, what it makes of it, and what it must not let through.

mod corpus;

mod kit;

mod properties;
mod redaction;
