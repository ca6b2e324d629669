//! What a page tells of itself beside what it sends: titles, text, mail links, storage, and how it guards its address.
//!
//! Raw: all of it may hold numbers. It travels with the visit, lives in memory only and is dropped once it is judged.

/// What was read in one page, in every frame of it that could be read, when it had settled and before it was left.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageFacts {
    /// The page's address as it was shown.
    pub url: String,
    /// Each title that it had.
    pub titles: Vec<String>,
    /// The lines of its text that hold digits, each with the line before it, before anything was typed.
    pub text: String,
    /// The addresses of its `mailto:` links.
    pub mail_links: Vec<String>,
    /// What it keeps in the browser, and what it lays out for the scripts of others.
    pub stored: Vec<Stored>,
    /// The policy of its last `<meta name=referrer>`.
    pub meta_referrer: Option<String>,
    /// Elements that ask for another policy than the page's for their own request.
    pub referrer_attributes: Vec<ReferrerAttribute>,
}

/// One value that a page keeps.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stored {
    /// Where.
    pub kind: StorageKind,
    /// Whose: an origin, `https://host`.
    pub origin: String,
    /// Under which name; of a database `database/store`, of a cache the cache's name.
    pub key: String,
    /// What.
    pub value: String,
}

/// A place where a page keeps values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StorageKind {
    /// A cookie, `HttpOnly` ones too.
    Cookie,
    /// `localStorage`.
    Local,
    /// `sessionStorage`.
    Session,
    /// An `IndexedDB` database.
    Database,
    /// The Cache API.
    Cache,
    /// A list that telemetry reads, `window.dataLayer`. In memory only, and every script can read it.
    DataLayer,
}

/// A `referrerpolicy` attribute.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReferrerAttribute {
    /// The policy.
    pub policy: String,
    /// What the element leads to or fetches.
    pub url: String,
}

impl PageFacts {
    /// Forgets all but the address, once it is judged.
    pub fn forget(&mut self) {
        *self = Self { url: std::mem::take(&mut self.url), ..Self::default() };
    }

    /// Takes in what a later look at the same page told. The text stays that of the first.
    pub fn add(&mut self, later: Self) {
        add_new(&mut self.titles, later.titles);
        add_new(&mut self.mail_links, later.mail_links);
        add_new(&mut self.stored, later.stored);
        add_new(&mut self.referrer_attributes, later.referrer_attributes);
        self.meta_referrer = later.meta_referrer.or(self.meta_referrer.take());
    }
}

/// Both lists are bounded by whoever read them.
fn add_new<T: PartialEq>(known: &mut Vec<T>, later: Vec<T>) {
    for item in later {
        if !known.contains(&item) {
            known.push(item);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_look_adds_what_is_new_and_leaves_the_text() {
        let look = |title: &str, text: &str| PageFacts {
            titles: vec![title.to_owned()],
            text: text.to_owned(),
            ..PageFacts::default()
        };
        let mut facts = look("Sag", "a");
        facts.add(look("Sag", "typed"));
        facts.add(look("Kvittering", "typed"));
        assert_eq!((facts.titles.len(), facts.text.as_str()), (2, "a"));
    }
}
