//! The way through a file to `log.entries` and `log.pages`, and what is read of an entry. All else is passed over.

use std::fmt;

use jiff::Timestamp;
use serde::Deserialize as _;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::Log;

/// Where in the file we are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Root,
    Log,
}

/// Walks the objects on the way to `log.entries` and `log.pages`.
pub(super) struct Object<'a> {
    log: &'a mut Log,
    level: Level,
    now: Timestamp,
}

/// Takes the elements of `log.entries`.
struct Entries<'a> {
    log: &'a mut Log,
    now: Timestamp,
}

impl<'a> Object<'a> {
    /// A file from its start. Entries without a time get `now`.
    pub(super) fn root(log: &'a mut Log, now: Timestamp) -> Self {
        Self { log, level: Level::Root, now }
    }
}

impl<'de> DeserializeSeed<'de> for Object<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Object<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            let now = self.now;
            match (self.level, key.as_str()) {
                (Level::Root, "log") => {
                    map.next_value_seed(Object { log: &mut *self.log, level: Level::Log, now })?;
                }
                (Level::Log, "entries") => map.next_value_seed(Entries { log: &mut *self.log, now })?,
                (Level::Log, "pages") => {
                    let pages = map.next_value::<Value>()?;
                    self.log.take_pages(&pages);
                }
                (Level::Root | Level::Log, _) => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Entries<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Entries<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of entries")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        while let Some(entry) = entries.next_element_seed(Known(&ENTRY))? {
            self.log.take_entry(&entry, self.now);
        }
        Ok(())
    }
}

/// A member of an object that is read: whole, or only some members of the object it is.
struct Field {
    name: &'static str,
    within: &'static [Self],
}

/// What is read of an entry. All else is passed over unread, however large or deep it is.
const ENTRY: [Field; 7] = [
    whole("pageref"),
    whole("startedDateTime"),
    whole("time"),
    whole("serverIPAddress"),
    whole("_webSocketMessages"),
    Field { name: "request", within: &REQUEST },
    Field { name: "response", within: &RESPONSE },
];

const REQUEST: [Field; 7] = [
    whole("method"),
    whole("url"),
    whole("httpVersion"),
    whole("headers"),
    whole("cookies"),
    whole("postData"),
    whole("bodySize"),
];

const RESPONSE: [Field; 4] = [whole("status"), whole("headers"), whole("redirectURL"), whole("bodySize")];

const fn whole(name: &'static str) -> Field {
    Field { name, within: &[] }
}

/// Reads an object's known members; anything but an object is null.
struct Known(&'static [Field]);

impl<'de> DeserializeSeed<'de> for Known {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        if self.0.is_empty() { Value::deserialize(deserializer) } else { deserializer.deserialize_any(self) }
    }
}

impl<'de> Visitor<'de> for Known {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut members = serde_json::Map::new();
        while let Some(key) = map.next_key::<String>()? {
            match self.0.iter().find(|field| field.name == key) {
                Some(field) => {
                    members.insert(key, map.next_value_seed(Self(field.within))?);
                }
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(Value::Object(members))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Value, A::Error> {
        while values.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Value::Null)
    }

    fn visit_str<E>(self, _: &str) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
}
