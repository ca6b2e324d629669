//! An opening tag of XML or HTML: its name and its attributes, read as browsers do.

use std::borrow::Cow;

/// Longest name; what is longer is text between signs.
const LONGEST_NAME: usize = 128;

/// An opening tag.
pub(super) struct Tag<'a> {
    pub(super) name: Cow<'a, str>,
    pub(super) attributes: Vec<Attribute<'a>>,
    /// Whether it closes itself.
    pub(super) is_closed: bool,
    /// Whether it is as XML wants it.
    pub(super) is_whole: bool,
}

/// An attribute; without a value it has an empty one.
pub(super) struct Attribute<'a> {
    pub(super) name: Cow<'a, str>,
    pub(super) value: &'a [u8],
    pub(super) is_quoted: bool,
}

/// The tag that `markup` begins with, and what stands behind it; `None` where `<` is a sign like any other. A tag that is
/// cut off, or runs into the next, ends there.
pub(super) fn tag(markup: &[u8]) -> Option<(Tag<'_>, &[u8])> {
    let inside = markup.strip_prefix(b"<")?;
    let first = inside.first()?;
    if !first.is_ascii_alphabetic() && *first != b'_' {
        return None;
    }
    let (name, mut rest) = split_at(inside, is_end_of_name);
    if name.len() > LONGEST_NAME {
        return None;
    }
    let name = String::from_utf8_lossy(name);
    let mut tag = Tag { name, attributes: Vec::new(), is_closed: false, is_whole: true };
    loop {
        rest = rest.trim_ascii_start();
        match rest {
            [b'>', behind @ ..] => return Some((tag, behind)),
            [b'/', b'>', behind @ ..] => {
                tag.is_closed = true;
                return Some((tag, behind));
            }
            [] | [b'<', ..] => {
                tag.is_whole = false;
                return Some((tag, rest));
            }
            [b'/', behind @ ..] => {
                tag.is_whole = false;
                rest = behind;
            }
            _ => {
                let (attribute, behind) = attribute(rest);
                tag.is_whole &= attribute.is_quoted;
                tag.attributes.push(attribute);
                rest = behind;
            }
        }
    }
}

/// The attribute that `text`, which is not empty, begins with: at least one byte of it.
fn attribute(text: &[u8]) -> (Attribute<'_>, &[u8]) {
    let name = text.iter().skip(1).position(|byte| is_end_of_name(*byte) || *byte == b'=');
    let (name, rest) = text.split_at_checked(name.map_or(text.len(), |at| at + 1)).unwrap_or((text, &[]));
    let name = String::from_utf8_lossy(name);
    let Some(value) = rest.trim_ascii_start().strip_prefix(b"=").map(<[u8]>::trim_ascii_start) else {
        return (Attribute { name, value: &[], is_quoted: false }, rest);
    };
    if let [quote @ (b'"' | b'\''), inside @ ..] = value {
        let (value, behind) = split_at(inside, |byte| byte == *quote);
        return (Attribute { name, value, is_quoted: true }, behind.get(1..).unwrap_or_default());
    }
    let (value, rest) = split_at(value, |byte| byte.is_ascii_whitespace() || byte == b'>');
    (Attribute { name, value, is_quoted: false }, rest)
}

fn is_end_of_name(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/' | b'<')
}

/// `text` up to the first byte that is an end, and from there on.
fn split_at(text: &[u8], is_end: impl Fn(u8) -> bool) -> (&[u8], &[u8]) {
    let at = text.iter().position(|byte| is_end(*byte)).unwrap_or(text.len());
    text.split_at_checked(at).unwrap_or((text, &[]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(text: &str, name: &str, attributes: &[(&str, &str)], is_whole: bool, behind: &str) {
        let (tag, rest) = tag(text.as_bytes()).unwrap();
        let pair = |attribute: &Attribute<'_>| {
            (attribute.name.clone().into_owned(), String::from_utf8_lossy(attribute.value).into_owned())
        };
        let found: Vec<_> = tag.attributes.iter().map(pair).collect();
        let attributes: Vec<_> = attributes.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        assert_eq!((&*tag.name, found, tag.is_whole), (name, attributes, is_whole), "{text}");
        assert_eq!(rest, behind.as_bytes(), "{text}");
    }

    #[test]
    fn names_and_values_are_read_however_they_are_quoted() {
        case("<a b=\"1\" c = '2>'>x", "a", &[("b", "1"), ("c", "2>")], true, "x");
        case("<ns:a/>x", "ns:a", &[], true, "x");
        case("<input value=0101901234 disabled>x", "input", &[("value", "0101901234"), ("disabled", "")], false, "x");
    }

    #[test]
    fn broken_tags_end_somewhere() {
        case("<a b=\"1", "a", &[("b", "1")], false, "");
        case("<a <b>", "a", &[], false, "<b>");
        case("<a =\"\" / '>", "a", &[("=\"\"", ""), ("'", "")], false, "");
        case("<a", "a", &[], false, "");
        assert!(tag(b"< a>").is_none() && tag(b"<1>").is_none() && tag(b"<").is_none());
    }
}
