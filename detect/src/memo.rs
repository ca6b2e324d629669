//! What a redactor made of the last pages, hosts and texts: within a visit they come again by the hundred.

use std::collections::BTreeMap;
use std::fmt;

use model::{Host, Redacted, Target};

use crate::redactor::Redactor;

/// Texts of one kind that are remembered: a visit has some tens of hosts and some hundred pages and scripts.
const MAX_REMEMBERED: usize = 512;

/// Longest text remembered, in bytes, so that all of them stay within a megabyte or two. Longer ones are seldom the same.
const MAX_LENGTH: usize = 512;

/// A redactor that remembers. What it remembers is as it was on the wire, so nothing of it is ever shown.
#[derive(Clone)]
pub struct Memo {
    redactor: Redactor,
    pages: Remembered,
    hosts: Remembered,
    /// What owns a host, by the host.
    sites: Remembered,
    texts: Remembered,
    /// A page's key, kept for its room.
    key: String,
}

/// Texts as they were, and as they are shown.
#[derive(Clone, Default)]
struct Remembered(BTreeMap<String, Redacted>);

impl Memo {
    pub(crate) fn new(redactor: Redactor) -> Self {
        let [pages, hosts, sites, texts] = [const { Remembered(BTreeMap::new()) }; 4];
        Self { redactor, pages, hosts, sites, texts, key: String::new() }
    }

    /// The redactor behind it.
    pub fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    /// As [`Redactor::page`].
    pub fn page(&mut self, url: &str) -> Redacted {
        match Target::parse(url) {
            Ok(target) => self.page_of(&target),
            Err(_) => self.text(url),
        }
    }

    /// As [`Redactor::page_of`].
    pub fn page_of(&mut self, target: &Target) -> Redacted {
        let Self { redactor, pages, key, .. } = self;
        // All that a page is made of, and no query: that is never the same twice.
        key.clear();
        key.push_str(target.scheme.as_str());
        key.push_str("://");
        key.push_str(target.host.as_str());
        key.push('\0');
        for byte in target.port.to_be_bytes() {
            key.push(char::from(byte));
        }
        key.push_str(&target.path);
        pages.or_else(key, || redactor.page_of(target))
    }

    /// As [`Redactor::host`].
    pub fn host(&mut self, host: &str) -> Redacted {
        let Self { redactor, hosts, .. } = self;
        hosts.or_else(host, || redactor.host(host))
    }

    /// As [`Redactor::host`] of the host's [`Host::site`].
    pub(crate) fn site(&mut self, host: &Host) -> Redacted {
        let Self { redactor, sites, .. } = self;
        sites.or_else(host.as_str(), || redactor.host(host.site().as_str()))
    }

    /// Any other text, such as a parameter's name.
    pub fn text(&mut self, text: &str) -> Redacted {
        let Self { redactor, texts, .. } = self;
        texts.or_else(text, || Redacted::new(text, redactor))
    }
}

impl fmt::Debug for Memo {
    /// How much is remembered, and nothing of it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { redactor: _, pages, hosts, sites, texts, key: _ } = self;
        f.debug_struct("Memo")
            .field("pages", &pages.0.len())
            .field("hosts", &hosts.0.len())
            .field("sites", &sites.0.len())
            .field("texts", &texts.0.len())
            .finish_non_exhaustive()
    }
}

impl Remembered {
    /// What `text` is shown as; found by `redact` when it is new. A full memory begins anew.
    fn or_else(&mut self, text: &str, redact: impl FnOnce() -> Redacted) -> Redacted {
        if let Some(known) = self.0.get(text) {
            return known.clone();
        }
        let redacted = redact();
        if text.len() <= MAX_LENGTH {
            if self.0.len() >= MAX_REMEMBERED {
                self.0.clear();
            }
            self.0.insert(text.to_owned(), redacted.clone());
        }
        redacted
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::views::Searcher;

    fn memo() -> Memo {
        let searcher = Searcher::new(["0101901234".parse().unwrap()], jiff::civil::date(2026, 11, 22));
        Redactor::new(Arc::new(searcher)).memo()
    }

    #[test]
    fn what_is_remembered_is_what_the_redactor_says() {
        let mut memo = memo();
        let redactor = memo.redactor().clone();
        for url in [
            "https://a.test/x?cpr=0707614285#y",
            "https://a.test/x?cpr=1",
            "https://a.test:444/x",
            "http://a.test/x",
            "ws://a.test/x",
            "https://a.test/borger/070761-4285/sag",
            "https://0707614285.a.test:444/",
            "not a url 0707614285",
        ] {
            for _ in 0..2 {
                assert_eq!(memo.page(url), redactor.page(url), "{url}");
                assert_eq!(memo.host(url), redactor.host(url), "{url}");
                assert_eq!(memo.text(url), Redacted::new(url, &redactor), "{url}");
                if let Ok(target) = Target::parse(url) {
                    assert_eq!(memo.site(&target.host), redactor.host(target.host.site().as_str()), "{url}");
                }
            }
        }
    }

    #[test]
    fn a_query_makes_no_new_page() {
        let mut memo = memo();
        for query in 0..10 {
            memo.page(&format!("https://a.test/x?{query}"));
        }
        assert_eq!(memo.pages.0.len(), 1);
    }

    #[test]
    fn memory_is_bounded() {
        let mut memo = memo();
        for at in 0..MAX_REMEMBERED * 3 {
            memo.text(&format!("name {at}"));
            assert!(memo.texts.0.len() <= MAX_REMEMBERED);
        }
        let before = memo.texts.0.len();
        memo.text(&"a ".repeat(MAX_LENGTH));
        assert_eq!(memo.texts.0.len(), before);
    }

    #[test]
    fn nothing_remembered_is_printed() {
        let mut memo = memo();
        memo.page("https://0707614285.a.test/070761-4285");
        memo.host("0707614285.a.test");
        memo.text("cpr 0707614285");
        assert_eq!(format!("{memo:?}"), "Memo { pages: 1, hosts: 1, sites: 0, texts: 1, .. }");
    }
}
