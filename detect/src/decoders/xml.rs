//! XML and HTML: text, attributes, comments and declarations, each with the path of its element. Read leniently, as
//! browsers do; character references are a decoder of their own.
//!
//! Only documents and fragments that begin with a tag: in text with a tag here and there, the text is what counts.

use model::Place;

use super::xml_split::Split;
use super::xml_tag::{Attribute, Tag, tag};
use super::{Decoded, Decoder, Piece, RawStep, is_worth, without_mark};
use crate::glance::{Glance, LESS};

/// Pieces taken from one document; a session replay's page has some thousands.
const MAX_LEAVES: usize = 100_000;

/// Open elements. What is deeper counts as the innermost of them; HTML may leave elements open without end.
const MAX_NESTING: usize = 1_000;

/// How many open elements a closing tag may close at once.
const MAX_CLOSED: usize = 64;

/// Paths are cut here: deep documents would make them quadratic.
const MAX_PATH: usize = 512;

/// Of the text before a leaf, and of the attributes beside it, the last characters may name it.
const LONGEST_NAME: usize = 40;

/// Attributes of one element that may name another, and how many are asked: all, for all, would be quadratic.
const MAX_NAMES: usize = 8;
const MAX_NEIGHBOURS: usize = 32;

/// Digits in a name that make it a number; ids have fewer.
const DIGITS: usize = 9;

/// Elements of HTML that have no end.
const VOID: [&str; 13] =
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"];

/// Elements that do not part what stands on both sides of their tags.
const INLINE: [&str; 11] = ["a", "b", "em", "font", "i", "mark", "small", "span", "strong", "u", "wbr"];

/// Elements whose content is no markup.
const RAW: [(&str, &[u8]); 2] = [("script", b"</script"), ("style", b"</style")];

pub(crate) struct Xml;

impl Decoder for Xml {
    fn id(&self) -> &'static str {
        "xml"
    }

    fn decode(&self, view: &Glance<'_>) -> Option<Decoded> {
        let text = without_mark(view.bytes).trim_ascii_start();
        let is_begun = matches!(text, [b'<', b'!' | b'?' | b'_' | b'a'..=b'z' | b'A'..=b'Z', ..]);
        if !view.has(LESS) || !is_begun {
            return None;
        }
        let mut document = Document { is_whole: true, ..Document::default() };
        document.read(text);
        let Document { pieces, is_whole, is_sure, left_out, open, .. } = document;
        let problem = (left_out > 0).then(|| format!("XML with {left_out} texts more than {MAX_LEAVES}"));
        let is_all = is_whole && open.is_empty() && problem.is_none();
        (is_sure && !pieces.is_empty()).then_some(Decoded { pieces, is_all, problem })
    }
}

/// What was read of a document.
#[derive(Default)]
struct Document {
    pieces: Vec<Piece>,
    left_out: usize,
    path: String,
    /// The open elements, each with the length of the path around it.
    open: Vec<(String, usize)>,
    /// The last text, which may name what follows.
    before: String,
    /// The innermost element's attributes, which may name its text.
    names: String,
    /// A number that tags may have cut apart, so far.
    split: Split,
    /// Whether all of it was as it should be.
    is_whole: bool,
    /// Whether something was there that text does not have.
    is_sure: bool,
}

impl Document {
    fn read(&mut self, text: &[u8]) {
        let mut rest = text;
        while !rest.is_empty() {
            let at = rest.iter().position(|byte| *byte == b'<').unwrap_or(rest.len());
            let (text, markup) = rest.split_at_checked(at).unwrap_or((rest, &[]));
            self.text(text);
            rest = self.markup(markup);
        }
        self.end_of_line();
    }

    /// Reads what `<` begins, and says what stands behind it.
    fn markup<'a>(&mut self, markup: &'a [u8]) -> &'a [u8] {
        for (opening, closing) in
            [(&b"<!--"[..], &b"-->"[..]), (b"<![CDATA[", b"]]>"), (b"<?", b"?>"), (b"<!", b">"), (b"</", b">")]
        {
            let Some(inside) = markup.strip_prefix(opening) else { continue };
            self.is_sure = true;
            let Some((inside, rest)) = split_once(inside, closing) else {
                // Cut off.
                self.is_whole = false;
                self.leaf(inside, None, "");
                return &[];
            };
            match opening {
                b"</" => self.close(inside),
                b"<![CDATA[" => self.text(inside),
                _ => self.leaf(inside, None, ""),
            }
            return rest;
        }
        let Some((tag, rest)) = tag(markup) else {
            // A sign of less, or nothing.
            self.is_whole &= markup.is_empty();
            return markup.get(1..).unwrap_or_default();
        };
        self.open(&tag);
        match RAW.iter().find(|(name, _)| tag.name.eq_ignore_ascii_case(name) && !tag.is_closed) {
            Some((_, end)) => self.raw(rest, end),
            None => rest,
        }
    }

    /// The content of a script or a style sheet.
    fn raw<'a>(&mut self, text: &'a [u8], end: &[u8]) -> &'a [u8] {
        let at = text.windows(end.len()).position(|window| window.eq_ignore_ascii_case(end)).unwrap_or(text.len());
        let (inside, rest) = text.split_at_checked(at).unwrap_or((text, &[]));
        self.leaf(inside.trim_ascii(), None, "");
        rest
    }

    fn open(&mut self, tag: &Tag<'_>) {
        self.is_whole &= tag.is_whole;
        self.is_sure |= tag.is_closed || tag.attributes.iter().any(|attribute| attribute.is_quoted);
        if !is_one_of(&INLINE, &tag.name) {
            self.end_of_line();
        }
        let outside = self.path.len();
        let step = if self.path.is_empty() { tag.name.clone().into_owned() } else { format!("/{}", tag.name) };
        if self.path.len() + step.len() <= MAX_PATH {
            self.path.push_str(&step);
        }
        self.odd_name(tag.name.as_bytes());
        self.attributes(&tag.attributes);
        if tag.is_closed || is_one_of(&VOID, &tag.name) {
            self.path.truncate(outside);
        } else if self.open.len() < MAX_NESTING {
            self.open.push((tag.name.clone().into_owned(), outside));
            self.names = names(&tag.attributes, None);
        } else {
            self.path.truncate(outside);
            self.is_whole = false;
        }
    }

    fn attributes(&mut self, attributes: &[Attribute<'_>]) {
        for (at, attribute) in attributes.iter().enumerate() {
            let names = format!("{} {}", self.before, names(attributes, Some(at)));
            self.leaf(attribute.value, Some(&attribute.name), &names);
            self.odd_name(attribute.name.as_bytes());
        }
        // A label names one field.
        if attributes.iter().any(|attribute| attribute.name == "value") {
            self.before.clear();
        }
    }

    fn close(&mut self, name: &[u8]) {
        let name = String::from_utf8_lossy(name.trim_ascii());
        if !is_one_of(&INLINE, &name) {
            self.end_of_line();
        }
        self.names.clear();
        let depth = self.open.iter().rev().take(MAX_CLOSED).position(|(open, _)| open.eq_ignore_ascii_case(&name));
        self.is_whole &= depth == Some(0);
        for _ in 0..depth.map_or(0, |depth| depth + 1) {
            if let Some((_, outside)) = self.open.pop() {
                self.path.truncate(outside);
            }
        }
    }

    fn text(&mut self, text: &[u8]) {
        let number = self.split.text(text);
        self.split_number(number);
        let text = text.trim_ascii();
        if text.is_empty() {
            return;
        }
        let names = format!("{} {}", self.before, self.names);
        self.leaf(text, None, &names);
        self.before = end_of(text);
    }

    /// No number goes on from here.
    fn end_of_line(&mut self) {
        let number = self.split.end();
        self.split_number(number);
    }

    fn split_number(&mut self, number: Option<Vec<u8>>) {
        if let Some(number) = number {
            let names = format!("{} {}", self.before, self.names);
            self.leaf(&number, None, &names);
        }
    }

    /// A name of an element or attribute that is none, but a number.
    fn odd_name(&mut self, name: &[u8]) {
        if name.iter().filter(|byte| byte.is_ascii_digit()).count() >= DIGITS {
            self.leaf(name, None, "");
        }
    }

    fn leaf(&mut self, bytes: &[u8], attribute: Option<&str>, names: &str) {
        if !is_worth(bytes) {
            return;
        }
        if self.pieces.len() >= MAX_LEAVES {
            self.left_out += 1;
            return;
        }
        let path = attribute.map_or_else(|| self.path.clone(), |name| format!("{}@{name}", self.path));
        let steps = vec![RawStep::Into(Place::Xml, path)];
        self.pieces.push(Piece { context: names.trim().to_owned(), ..Piece::new(steps, bytes.to_vec()) });
    }
}

/// The values of `attributes` but the one at `except`, as far as they are short enough to be names.
fn names(attributes: &[Attribute<'_>], except: Option<usize>) -> String {
    let others = attributes.iter().enumerate().filter(|(at, _)| Some(*at) != except);
    let values = others.take(MAX_NEIGHBOURS).map(|(_, attribute)| attribute.value);
    let values = values.filter(|value| value.len() <= LONGEST_NAME);
    let names: Vec<_> = values.take(MAX_NAMES).map(String::from_utf8_lossy).collect();
    names.join(" ")
}

/// The last characters of `text`.
fn end_of(text: &[u8]) -> String {
    let end = text.get(text.len().saturating_sub(LONGEST_NAME)..).unwrap_or_default();
    String::from_utf8_lossy(end).into_owned()
}

fn is_one_of(elements: &[&str], name: &str) -> bool {
    elements.iter().any(|element| element.eq_ignore_ascii_case(name))
}

fn split_once<'a>(text: &'a [u8], sign: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = text.windows(sign.len()).position(|window| window == sign)?;
    Some((text.get(..at)?, text.get(at + sign.len()..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(text: &str) -> Option<Decoded> {
        Xml.decode(&Glance::new(text.as_bytes()))
    }

    #[track_caller]
    fn case(text: &str, expected: &[(&str, &str)]) {
        let leaf = |piece: &Piece| match &piece.steps[..] {
            [RawStep::Into(Place::Xml, path)] => (path.clone(), String::from_utf8(piece.bytes.clone()).unwrap()),
            other => panic!("{other:?}"),
        };
        let found: Vec<_> = decoded(text).unwrap().pieces.iter().map(leaf).collect();
        let expected: Vec<_> = expected.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn texts_and_attributes_have_their_path() {
        case(
            "<?xml version=\"1.0\"?><order id=\"0101901234\"><person cpr='010190-1234'/>\
             <a><![CDATA[0707614285]]></a> <!-- 251248-9996 --></order>",
            &[
                ("", "xml version=\"1.0\""),
                ("order@id", "0101901234"),
                ("order/person@cpr", "010190-1234"),
                ("order/a", "0707614285"),
                ("order", " 251248-9996 "),
            ],
        );
    }

    #[test]
    fn all_is_said_only_where_all_is_well_formed() {
        for text in ["<a><b>0101901234</b></a>", "<p>0101901234<br><img src=\"a\"></p>\n", "<!DOCTYPE html><p>x</p>"] {
            assert!(decoded(text).unwrap().is_all, "{text}");
        }
        for text in [
            "<ul><li>0101901234<li>010190-1234</ul>",
            "<input value=0101901234 />",
            "<a>0101901234 < 1</a>",
            "<a>0101901234<b/>",
            "<a b=\"0101901234",
            "<!-- 0101901234",
            "<b>0101901234</i></b>",
        ] {
            let decoded = decoded(text).unwrap();
            assert!(!decoded.is_all, "{text}");
            assert!(decoded.pieces.iter().any(|piece| piece.bytes.trim_ascii() == b"0101901234"), "{text}");
        }
    }

    #[test]
    fn elements_left_open_are_closed_with_those_around_them() {
        case("<ul><li><p>010190-1234</ul><b>0101901234</b>", &[("ul/li/p", "010190-1234"), ("b", "0101901234")]);
    }

    #[test]
    fn scripts_are_no_markup() {
        case("<script>if (a<b) x = '0101901234'</SCRIPT><b>y</b>", &[("script", "if (a<b) x = '0101901234'")]);
    }

    #[test]
    fn what_stands_beside_a_number_may_name_it() {
        let context = |text: &str| decoded(text).unwrap().pieces.last().unwrap().context.clone();
        assert_eq!(context("<tr><td>CPR-nr.</td><td>0101901234</td></tr>"), "CPR-nr.");
        assert_eq!(context("<input name=\"cpr\" value=\"0101901234\">"), "cpr");
        assert_eq!(context("<field key=\"cpr\">0101901234</field>"), "cpr");
        assert_eq!(context("<label>cpr</label><input value=\"12\"><input value=\"0101901234\">"), "");
    }

    #[test]
    fn a_number_cut_apart_by_tags_is_put_together() {
        let spans: Vec<String> = "0101901234".chars().map(|digit| format!("<span>{digit}</span>")).collect();
        case(&format!("<p>{}</p>", spans.concat()), &[("p", "0101901234")]);
        case("<p><b>010190</b>-<i>1234</i></p>", &[("p/b", "010190"), ("p/i", "1234"), ("p", "010190-1234")]);
        case("<td>010190</td><td>1234</td>", &[("td", "010190"), ("td", "1234")]);
        case("<p>0101901234<b>5</b></p>", &[("p", "0101901234")]);
    }

    #[test]
    fn text_is_no_document() {
        for text in ["<3 0101901234", "a <b>0101901234</b>", "<unknown> 0101901234", "<>", "< a"] {
            assert!(decoded(text).is_none(), "{text}");
        }
    }

    #[test]
    fn depth_and_number_have_bounds() {
        let deep = format!("{}0101901234", "<a>".repeat(100_000));
        assert!(decoded(&format!("{deep}</a>")).unwrap().pieces[0].bytes == b"0101901234");
        let many = decoded(&format!("<a>{}</a>", "<b>some text</b>".repeat(MAX_LEAVES + 1))).unwrap();
        assert!(many.problem.is_some() && !many.is_all);
    }
}
