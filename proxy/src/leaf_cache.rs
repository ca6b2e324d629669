//! Leaf certificates already made, so that a second connection to a host can resume the first one's session.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use rustls::ServerConfig;

/// A page names some hundred hosts at most; a client that names more gets its certificates made anew (some 50 us
/// each), and memory stays at a few MiB.
const MOST_LEAVES: usize = 512;

/// A host's name and the protocol spoken with it.
pub(crate) type Key = (String, Option<Vec<u8>>);

/// What was made, by host and protocol; the oldest goes first.
#[derive(Default)]
pub(crate) struct LeafCache {
    leaves: BTreeMap<Key, Leaf>,
    made: u64,
}

struct Leaf {
    config: Arc<ServerConfig>,
    number: u64,
    dies: Timestamp,
}

impl LeafCache {
    /// What was made for `key`, if it is still good at `now`.
    pub(crate) fn find(&self, key: &Key, now: Timestamp) -> Option<Arc<ServerConfig>> {
        self.leaves.get(key).filter(|leaf| now < leaf.dies).map(|leaf| Arc::clone(&leaf.config))
    }

    /// Keeps `config` until `dies`.
    pub(crate) fn keep(&mut self, key: Key, config: Arc<ServerConfig>, dies: Timestamp) {
        if self.leaves.len() >= MOST_LEAVES && !self.leaves.contains_key(&key) {
            let oldest = self.leaves.iter().min_by_key(|(_, leaf)| leaf.number).map(|(key, _)| key.clone());
            oldest.and_then(|key| self.leaves.remove(&key));
        }
        self.made += 1;
        self.leaves.insert(key, Leaf { config, number: self.made, dies });
    }
}

#[cfg(test)]
mod tests {
    use rustls::server::ResolvesServerCertUsingSni;

    use super::*;
    use crate::roots::crypto;

    fn config() -> Arc<ServerConfig> {
        let resolver = Arc::new(ResolvesServerCertUsingSni::new());
        let builder = ServerConfig::builder_with_provider(crypto()).with_safe_default_protocol_versions().unwrap();
        Arc::new(builder.with_no_client_auth().with_cert_resolver(resolver))
    }

    fn key(number: usize) -> Key {
        (format!("{number}.test"), None)
    }

    #[test]
    fn the_oldest_makes_room() {
        let (mut cache, config) = (LeafCache::default(), config());
        for number in 0..=MOST_LEAVES {
            cache.keep(key(number), Arc::clone(&config), Timestamp::MAX);
        }
        assert_eq!(cache.leaves.len(), MOST_LEAVES);
        assert!(cache.find(&key(0), Timestamp::UNIX_EPOCH).is_none());
        assert!(cache.find(&key(1), Timestamp::UNIX_EPOCH).is_some());
    }

    #[test]
    fn what_is_past_its_time_is_made_anew() {
        let mut cache = LeafCache::default();
        cache.keep(key(0), config(), Timestamp::UNIX_EPOCH);
        assert!(cache.find(&key(0), Timestamp::UNIX_EPOCH).is_none());
        assert!(cache.find(&key(0), Timestamp::MIN).is_some());
    }
}
