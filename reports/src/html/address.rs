//! An address in a table: without the origin where the table says it, and with places to break after each slash, so
//! that a narrow column does not break inside words.

use model::Redacted;

use crate::inert::Inert;

/// An address in pieces; a line may end after each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address(pub(super) Vec<String>);

impl Address {
    /// `address`, without `origin` where it begins with it.
    pub(super) fn new(address: &Redacted, origin: Option<&str>) -> Self {
        let shown = Inert::from(address);
        let rest = origin.and_then(|origin| shown.as_str().strip_prefix(origin)).filter(|rest| rest.starts_with('/'));
        Self::of_text(rest.unwrap_or(shown.as_str()))
    }

    /// Text that is inert already and may hold an address, `GET https://a.test/b`.
    pub(super) fn of_text(text: &str) -> Self {
        let mut pieces: Vec<String> = Vec::new();
        for piece in text.split_inclusive('/') {
            match pieces.last_mut().filter(|last| last.ends_with(":/") || last.ends_with("://")) {
                Some(last) => last.push_str(piece),
                None => pieces.push(piece.to_owned()),
            }
        }
        Self(pieces)
    }
}

/// `https://host` of an address.
pub(super) fn origin(address: &Redacted) -> Option<String> {
    let target = model::Target::parse(address.as_str()).ok()?;
    Some(Inert::new(&target.origin()).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::own;

    #[track_caller]
    fn case(address: &str, without: Option<&str>, pieces: &[&str]) {
        assert_eq!(Address::new(&own(address), without).0, pieces);
    }

    #[test]
    fn an_address_breaks_after_slashes_only() {
        case("https://a.test/b/c", None, &["https://a.test/", "b/", "c"]);
        case("https://a.test", None, &["https://a.test"]);
        case("GET https://a.test/b", None, &["GET https://a.test/", "b"]);
        case("no address", None, &["no address"]);
        case("", None, &[]);
    }

    #[test]
    fn an_origin_is_left_out_only_where_it_is_whole() {
        case("https://a.test/b", Some("https://a.test"), &["/", "b"]);
        case("https://a.testament/b", Some("https://a.test"), &["https://a.testament/", "b"]);
    }
}
