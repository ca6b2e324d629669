//! Logs of servers, CDNs and proxies: each line as what it tells of a request. One file a format, one row of `FORMATS`.
//!
//! A line is bytes from strangers: one that does not fit its format is a plain text, which is searched all the same, and a
//! fault that is told. What is kept of a line is raw: escapes of the log's own are undone, those of the URL are not.

mod akamai_datastream;
mod alb;
mod azure_front_door;
mod caddy;
mod cloudflare;
mod cloudfront;
mod combined;
mod common;
mod cri;
mod custom;
mod docker;
mod envoy;
mod envoy_json;
mod escapes;
mod exchange;
mod fastly;
mod faults;
mod fields;
mod format;
mod haproxy;
mod json;
mod json_lines;
mod line;
mod parser;
mod plain;
mod read;
#[cfg(test)]
mod samples;
mod squid;
mod stamp;
mod syslog;
#[cfg(test)]
mod tests;
mod time;
mod traefik;
mod traefik_json;
mod vhost_combined;
mod w3c;
mod wrapping;

pub use self::exchange::Assumed;
pub use self::faults::LogFaults;
pub use self::format::{Format, Guessed, UnknownFormat, detect_format};
pub use self::line::{LogLine, Text};
pub use self::parser::{Parsed, Parser, Setting};
pub use self::read::{LogSummary, ReadLine, read_log};

use self::format::{Reading, Row, Zone};

/// Every format, the more particular before those that its lines fit too.
const FORMATS: [Row; 20] = [
    cloudfront::ROW,
    w3c::ROW,
    traefik::ROW,
    vhost_combined::ROW,
    combined::ROW,
    common::ROW,
    haproxy::ROW,
    alb::ROW,
    squid::ROW,
    envoy::ROW,
    akamai_datastream::ROW,
    cloudflare::ROW,
    azure_front_door::ROW,
    traefik_json::ROW,
    caddy::ROW,
    envoy_json::ROW,
    fastly::ROW,
    json_lines::ROW,
    custom::ROW,
    plain::ROW,
];
