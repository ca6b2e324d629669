//! Members of one object that say what another is: `{"system":"urn:oid:1.2.208.176.1.2","value":".."}`.

use model::Place;

use crate::decoders::{Piece, RawStep};
use crate::names::{is_strong, last};

/// Members that say what a value is.
const NAMING: [&str; 14] = [
    "type",
    "system",
    "kind",
    "name",
    "key",
    "label",
    "code",
    "scheme",
    "idtype",
    "field",
    "identifiertype",
    "attribute",
    "namespace",
    "root",
];

/// Members whose name says nothing, so that another may say it.
const NAMED: [&str; 11] =
    ["value", "val", "text", "id", "identifier", "number", "nr", "content", "answer", "data", "extension"];

/// Naming members of one document; each is held against all its members.
const MAX_NAMING: usize = 100;

/// Longer texts talk about numbers and name none.
const LONGEST: usize = 60;

/// Gives a value the name that a member beside it says, as its context.
pub(crate) fn name_by_siblings(pieces: &mut [Piece]) {
    let mut names: Vec<(String, String)> = Vec::new();
    for piece in pieces.iter() {
        let Some((object, _)) = member(piece, &NAMING).filter(|_| piece.bytes.len() <= LONGEST) else { continue };
        let Ok(text) = std::str::from_utf8(&piece.bytes) else { continue };
        if names.len() < MAX_NAMING && is_strong(text) {
            names.push((object.to_owned(), text.to_owned()));
        }
    }
    for (object, name) in names {
        for piece in pieces.iter_mut() {
            if member(piece, &NAMED).is_some_and(|(of, _)| of == object) {
                piece.context.clone_from(&name);
            }
        }
    }
}

/// The object and the name of a member of JSON, if it is one of `names`.
fn member<'a>(piece: &'a Piece, names: &[&str]) -> Option<(&'a str, &'a str)> {
    match piece.steps.last()? {
        RawStep::Into(Place::Json, path) => {
            let (object, name) = path.rsplit_once('.').unwrap_or(("", path));
            let last = last(name);
            let is_one = names.iter().any(|known| known.eq_ignore_ascii_case(last));
            is_one.then_some((object, name))
        }
        RawStep::Into(..) | RawStep::Undo(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contexts(members: &[(&str, &str)]) -> Vec<String> {
        let piece = |(path, value): &(&str, &str)| {
            Piece::new(vec![RawStep::Into(Place::Json, (*path).to_owned())], value.as_bytes().to_vec())
        };
        let mut pieces: Vec<Piece> = members.iter().map(piece).collect();
        name_by_siblings(&mut pieces);
        pieces.into_iter().map(|piece| piece.context).collect()
    }

    #[test]
    fn a_member_names_the_value_beside_it() {
        assert_eq!(
            contexts(&[("a.system", "urn:oid:1.2.208.176.1.2"), ("a.value", "0101901234"), ("b.value", "1")]),
            ["", "urn:oid:1.2.208.176.1.2", ""]
        );
        assert_eq!(contexts(&[("value", "0101901234"), ("type", "CPR-nummer")]), ["CPR-nummer", ""]);
    }

    #[test]
    fn members_with_names_of_their_own_and_talk_are_left_alone() {
        assert_eq!(contexts(&[("type", "cpr"), ("ref", "0101901234")]), ["", ""]);
        assert_eq!(contexts(&[("message", "no cpr"), ("value", "0101901234")]), ["", ""]);
    }
}
