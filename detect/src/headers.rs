//! Headers that need no look: names that every browser knows, and values that held nothing when they came before.

use std::collections::{BTreeMap, BTreeSet};

/// Names that could hold a number by their length, and are none: browsers send them, in sorted order.
const USUAL: [&str; 37] = [
    "accept-charset",
    "accept-encoding",
    "accept-language",
    "access-control-request-headers",
    "access-control-request-method",
    "authorization",
    "cache-control",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "device-memory",
    "idempotency-key",
    "if-modified-since",
    "if-none-match",
    "if-unmodified-since",
    "keep-alive",
    "last-event-id",
    "proxy-authorization",
    "sec-ch-prefers-color-scheme",
    "sec-ch-ua-arch",
    "sec-ch-ua-bitness",
    "sec-ch-ua-full-version-list",
    "sec-ch-ua-mobile",
    "sec-ch-ua-model",
    "sec-ch-ua-platform",
    "sec-ch-ua-platform-version",
    "sec-fetch-dest",
    "sec-fetch-mode",
    "sec-fetch-site",
    "sec-fetch-user",
    "sec-websocket-extensions",
    "sec-websocket-key",
    "sec-websocket-version",
    "upgrade-insecure-requests",
    "user-agent",
    "x-requested-with",
];

/// Values remembered: a browser has some ten that it sends with every request.
const MAX_REMEMBERED: usize = 512;

/// Longest value remembered, in bytes. A browser's name for itself has some hundred.
const MAX_LENGTH: usize = 512;

/// Whether `name`, in small letters, is one that every browser knows.
pub(crate) fn is_usual(name: &str) -> bool {
    USUAL.binary_search(&name).is_ok()
}

/// Headers that were searched and held nothing at all, by name. What is in the same header of the next request is nothing
/// again: a browser's name for itself, its languages and its encodings.
#[derive(Default)]
pub(crate) struct Empty {
    known: BTreeMap<String, BTreeSet<Vec<u8>>>,
    count: usize,
}

impl Empty {
    /// Whether the header held nothing before.
    pub(crate) fn has(&self, name: &str, value: &[u8]) -> bool {
        self.known.get(name).is_some_and(|values| values.contains(value))
    }

    /// Remembers a header that holds nothing. A full memory begins anew.
    pub(crate) fn keep(&mut self, name: &str, value: &[u8]) {
        if name.len() > MAX_LENGTH || value.len() > MAX_LENGTH {
            return;
        }
        if self.count >= MAX_REMEMBERED {
            *self = Self::default();
        }
        self.count += usize::from(self.known.entry(name.to_owned()).or_default().insert(value.to_vec()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decoders::{Piece, RawStep};
    use crate::views::Searcher;

    #[test]
    fn usual_names_hold_nothing() {
        assert!(USUAL.is_sorted());
        let searcher = Searcher::new(["0101901234".parse().unwrap()], jiff::civil::date(2026, 11, 22));
        for name in USUAL {
            let step = RawStep::Into(model::Place::Header, name.to_owned());
            assert!(searcher.search(Piece::new(vec![step], name.as_bytes().to_vec())).is_empty(), "{name}");
            assert!(is_usual(name));
        }
        assert!(!is_usual("x-0101901234") && !is_usual("Accept-Encoding"));
    }

    #[test]
    fn memory_is_bounded() {
        let mut empty = Empty::default();
        for at in 0..MAX_REMEMBERED * 3 {
            empty.keep("x", at.to_string().as_bytes());
            assert!(empty.has("x", at.to_string().as_bytes()) && !empty.has("y", at.to_string().as_bytes()));
            assert!(empty.known.values().map(BTreeSet::len).sum::<usize>() <= MAX_REMEMBERED);
        }
        let long = [b'a'; MAX_LENGTH + 1];
        empty.keep("x", &long);
        assert!(!empty.has("x", &long));
    }
}
