//! The way to a number: from the request's places through encodings to where it stands.

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

use crate::Redacted;

/// A named place inside a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// A segment of a URL path, by number from 1.
    Path,
    /// A parameter of a query.
    Query,
    /// The part of a URL after `#`.
    Fragment,
    /// The host of a URL.
    Host,
    /// The `user:password` of a URL.
    Userinfo,
    /// A header by name.
    Header,
    /// A cookie by name.
    Cookie,
    /// The request's body.
    Body,
    /// A field of a form body.
    Form,
    /// A place in JSON, `events[0].url`.
    Json,
    /// A part of a multipart body by name.
    Part,
    /// An element or attribute of XML or HTML, `order/person@cpr`.
    Xml,
    /// A line of a text, by number from 1.
    Line,
    /// A WebSocket message, by number from 0.
    Message,
    /// The page's title.
    Title,
    /// A part of a `mailto:` link by name.
    Mailto,
    /// An entry of `localStorage` by key.
    Local,
    /// An entry of `sessionStorage` by key.
    Session,
    /// A store of an `IndexedDB` database, `database/store`.
    Database,
    /// A cache of the Cache API by name.
    Cache,
    /// A list that telemetry reads by name, `dataLayer`.
    DataLayer,
    /// A field of a log's line by its name there, or in a line of text the key before the number. Without a name: the line.
    Log,
}

/// One step from the wire to the number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// Into a named place.
    Into(Place, Redacted),
    /// An encoding undone, by the decoder's id.
    Undo(&'static str),
}

/// The steps from the wire to the number, outermost first, so that a person can redo them by hand.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Trail(pub Vec<Step>);

impl Place {
    /// Stable id, as in trails.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query => "query",
            Self::Fragment => "fragment",
            Self::Host => "host",
            Self::Userinfo => "userinfo",
            Self::Header => "header",
            Self::Cookie => "cookie",
            Self::Body => "body",
            Self::Form => "form",
            Self::Json => "json",
            Self::Part => "part",
            Self::Xml => "xml",
            Self::Line => "line",
            Self::Message => "message",
            Self::Title => "title",
            Self::Mailto => "mailto",
            Self::Local => "local-storage",
            Self::Session => "session-storage",
            Self::Database => "indexed-db",
            Self::Cache => "cache-storage",
            Self::DataLayer => "data-layer",
            Self::Log => "log",
        }
    }
}

impl Trail {
    /// The names on the way, outermost first, without numbering: `dl > cpr`, `events[].url`; a path segment is
    /// `path[2]`. What a developer must change.
    pub fn parameter(&self) -> String {
        let names: Vec<String> = self.0.iter().filter_map(Step::parameter).collect();
        names.join(" > ")
    }
}

impl Step {
    fn parameter(&self) -> Option<String> {
        match self {
            Self::Into(Place::Path | Place::Fragment | Place::Host | Place::Userinfo | Place::Title, _) => {
                Some(self.to_string())
            }
            Self::Into(
                Place::Header
                | Place::Query
                | Place::Cookie
                | Place::Form
                | Place::Part
                | Place::Xml
                | Place::Mailto
                | Place::Local
                | Place::Session
                | Place::Database
                | Place::Cache
                | Place::DataLayer,
                name,
            ) => Some(name.to_string()),
            Self::Into(Place::Log, name) => Some(name.to_string()).filter(|name| !name.is_empty()),
            Self::Into(Place::Json, name) => Some(without_indices(name.as_str())),
            Self::Into(Place::Body | Place::Line | Place::Message, _) | Self::Undo(_) => None,
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Into(place, name) if name.as_str().is_empty() => f.write_str(place.as_str()),
            Self::Into(place, name) => write!(f, "{}[{name}]", place.as_str()),
            Self::Undo(decoder) => f.write_str(decoder),
        }
    }
}

impl fmt::Display for Trail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str(" > ")?;
            }
            write!(f, "{step}")?;
        }
        Ok(())
    }
}

impl Serialize for Trail {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// `a[12].b` becomes `a[].b`.
fn without_indices(path: &str) -> String {
    let mut inside = false;
    path.chars()
        .filter(|c| {
            let keep = !(inside && c.is_ascii_digit());
            inside = *c == '[' || (inside && c.is_ascii_digit());
            keep
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn into(place: Place, name: &str) -> Step {
        Step::Into(place, Redacted::own_words(name))
    }

    #[test]
    fn a_trail_reads_from_the_wire_inwards() {
        let trail = Trail(vec![into(Place::Query, "dl"), Step::Undo("percent"), into(Place::Query, "cpr")]);
        assert_eq!(trail.to_string(), "query[dl] > percent > query[cpr]");
        assert_eq!(trail.parameter(), "dl > cpr");
    }

    #[test]
    fn a_parameter_has_no_counters() {
        let trail = Trail(vec![into(Place::Body, ""), Step::Undo("json"), into(Place::Json, "events[12].a1[0]")]);
        assert_eq!(trail.to_string(), "body > json > json[events[12].a1[0]]");
        assert_eq!(trail.parameter(), "events[].a1[]");
    }
}
