//! A URL, whole or from its path on, cut into its parts. No encoding and no step of its own: `query[cpr]` says enough.

use model::{Place, Target};

use super::form::split as split_query;
use super::{Decoded, Decoder, Piece, RawStep};
use crate::glance::{Glance, SLASH};

/// Segments looked at one by one; the rest of a longer path is one piece.
const MAX_SEGMENTS: usize = 256;

/// Longest scheme of the web with what ends it: `https://`.
const LONGEST_SCHEME: usize = 8;

pub(crate) struct UrlInValue;

impl Decoder for UrlInValue {
    fn id(&self) -> &'static str {
        "url"
    }

    fn decode(&self, view: &Glance<'_>) -> Option<Decoded> {
        let begins = view.bytes.trim_ascii_start();
        let is_likely = view.has(SLASH)
            && (begins.starts_with(b"/")
                || begins.get(..LONGEST_SCHEME).unwrap_or(begins).windows(3).any(|three| three == b"://"));
        if !is_likely {
            return None;
        }
        let text = view.text()?.trim();
        if text.contains(char::is_whitespace) {
            return None;
        }
        if let Ok(target) = Target::parse(text) {
            return Some(Decoded::parts(split(&target, true)));
        }
        // From the path on, as in `/page?cpr=..`.
        let (path, rest) = text.find(['?', '#']).map(|at| text.split_at(at))?;
        if !path.starts_with('/') || rest.len() < 2 {
            return None;
        }
        let target = Target::parse(&format!("https://same.invalid{text}")).ok()?;
        Some(Decoded::parts(split(&target, false)))
    }
}

/// The parts of a URL: host and user on request, path segments, parameters, fragment.
pub(crate) fn split(target: &Target, with_host: bool) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut into = |place, name: String, bytes: &str, context: &str| {
        let steps = vec![RawStep::Into(place, name)];
        pieces.push(Piece { steps, bytes: bytes.as_bytes().to_vec(), context: context.to_owned() });
    };
    if with_host {
        into(Place::Host, String::new(), target.host.as_str(), "");
    }
    if let Some(userinfo) = &target.userinfo {
        into(Place::Userinfo, String::new(), userinfo, "");
    }
    let mut before = "";
    for (at, segment) in target.path.splitn(MAX_SEGMENTS, '/').enumerate().skip(1) {
        into(Place::Path, at.to_string(), segment, before);
        before = segment;
    }
    if let Some(query) = &target.query {
        split_query(query.as_bytes(), Place::Query, &mut pieces);
    }
    if let Some(fragment) = &target.fragment {
        let steps = vec![RawStep::Into(Place::Fragment, String::new())];
        pieces.push(Piece::new(steps, fragment.as_bytes().to_vec()));
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(text: &str, expected: &[(Place, &str, &str)]) {
        let decoded =
            UrlInValue.decode(&Glance::new(text.as_bytes())).map(|decoded| decoded.pieces).unwrap_or_default();
        let expected: Vec<(Vec<RawStep>, Vec<u8>)> = expected
            .iter()
            .map(|(place, name, value)| (vec![RawStep::Into(*place, (*name).to_owned())], value.as_bytes().to_vec()))
            .collect();
        assert_eq!(decoded.into_iter().map(|piece| (piece.steps, piece.bytes)).collect::<Vec<_>>(), expected, "{text}");
    }

    #[test]
    fn a_url_falls_into_its_parts() {
        case(
            "https://a.test/x/070761-4285?cpr=1&b=2#/sag",
            &[
                (Place::Host, "", "a.test"),
                (Place::Path, "1", "x"),
                (Place::Path, "2", "070761-4285"),
                (Place::Query, "cpr", "1"),
                (Place::Query, "b", "2"),
                (Place::Fragment, "", "/sag"),
            ],
        );
        case("/side?cpr=1", &[(Place::Path, "1", "side"), (Place::Query, "cpr", "1")]);
    }

    #[test]
    fn text_is_no_url() {
        case("see https://a.test/ for more", &[]);
        case("and/or?", &[]);
        case("mailto:a@b.test", &[]);
    }
}
