//! The detector: an exchange in, sightings and blind spots out.
//!
//! ```text
//! Exchange -> parts -> views (encodings undone, a tree) -> numbers -> evidence -> Sighting -> fold -> Finding
//! ```
//!
//! Pure: no file, clock, network or thread; time, key and test persons are arguments. It also owns the [`Redactor`], since
//! it alone knows what a number looks like.
//!
//! ```
//! use detect::{Inspector, Parties, Setup};
//! use model::{Body, Connection, Exchange, Headers, Host, RequestRecord, Target, TestPerson};
//!
//! let person = TestPerson { id: "da-01".into(), cpr: "010145-5001".parse().unwrap(), scope: vec![] };
//! let own = Host::parse("www.selvbetjening.test").unwrap().site();
//! let parties = Parties::first_party(vec![own]);
//! let today = jiff::civil::date(2026, 11, 22);
//! let mut inspector = Inspector::new(Setup { test_persons: vec![person], key: [7; 32], today, parties });
//! let exchange = Exchange {
//!     index: 0,
//!     started: jiff::Timestamp::UNIX_EPOCH,
//!     duration_ms: None,
//!     visit: None,
//!     request: RequestRecord {
//!         method: "GET".into(),
//!         target: Target::parse("https://maaling.test/c?dl=https%3A%2F%2Fx%2F%3Fcpr%3D010145-5001").unwrap(),
//!         version: "HTTP/1.1".into(),
//!         headers: Headers::default(),
//!         body: Body::default(),
//!     },
//!     response: None,
//!     failure: None,
//!     messages: vec![],
//!     connection: Connection::default(),
//!     page: None,
//!     initiator: None,
//!     blocked: false,
//!     continues: None,
//!     logged: None,
//!     blind_spots: vec![],
//! };
//! let sightings = inspector.inspect("live", &exchange, None).sightings;
//! assert_eq!(sightings[0].trail.to_string(), "query[dl] > percent > query[cpr]");
//! ```

mod along;
mod altered;
mod apart;
mod belongings;
mod browser_own;
mod candidate;
mod companies;
mod contacts;
mod decoders;
mod digests;
mod documents;
mod escapes;
mod evidence;
mod faults;
mod features;
mod fold;
mod found;
#[cfg(fuzzing)]
pub mod fuzzing;
mod glance;
mod harmless;
mod headers;
mod inspect;
mod letters;
mod logged;
mod lone;
mod loose;
mod memo;
mod names;
mod notes;
mod number;
mod opaque;
mod page_rules;
mod pages;
mod parties;
mod parts;
mod pending;
mod products;
mod reading;
mod recall;
mod redactor;
mod repeated;
mod rules;
mod seek;
mod sensitive;
mod separators;
mod severity;
mod shown;
mod siblings;
mod simd;
mod slots;
mod spans;
mod split;
mod suspects;
mod teller;
mod tokens;
mod tree;
mod unread;
mod views;
mod windows;

pub use candidate::{Candidate, find};
pub use contacts::{Contact, PersonToken, SensitiveContact};
pub use decoders::decoder_ids;
pub use digests::{Digest, Sweep, SweepDepth, SweepResult, Undone};
pub use faults::PageFault;
pub use features::feature_ids;
pub use fold::{Origins, Seen, fingerprint, fold, remedies};
pub use inspect::{Inspection, Inspector, Setup};
pub use logged::id_holds_number;
pub use memo::Memo;
pub use notes::{Notes, SightingRecord, UnknownWord};
pub use page_rules::PageInspection;
pub use parties::Parties;
pub use redactor::Redactor;
pub use simd::hash::Kernel;
pub use simd::line_ends;
pub use slots::Settled;
pub use spans::{Masked, Span};
pub use suspects::{Others, Suspects};
