//! Text to a tree, as browsers read it, within bounds of nodes and time.

use html5ever::tendril::{StrTendril, TendrilSink as _};
use html5ever::tree_builder::TreeBuilderOpts;
use html5ever::{ParseOpts, parse_document};
use scraper::{Html, HtmlTreeSink};

/// How much is parsed before the bounds are looked at: so little that deep nesting cannot make one step long.
const PIECE: usize = 1 << 10;

/// Most nodes of a tree: twice what is looked at, since texts are nodes as well.
const MAX_TREE: usize = 400_000;

/// Most elements left open at one time. The parser looks through all of them at each new one, and opens all that format
/// text again in each paragraph (HTML standard, "reconstruct the active formatting elements"): some thousands make a tree
/// without end. Browsers stop at 512 levels.
const MAX_OPEN: usize = 1_000;

/// Elements that must be closed, and that pages are nested with. What their authors may leave open is not among them.
const NESTED: [&str; 41] = [
    "a",
    "abbr",
    "address",
    "article",
    "aside",
    "b",
    "big",
    "blockquote",
    "button",
    "center",
    "code",
    "dir",
    "div",
    "em",
    "fieldset",
    "font",
    "footer",
    "form",
    "header",
    "i",
    "label",
    "main",
    "menu",
    "nav",
    "nobr",
    "object",
    "ol",
    "pre",
    "s",
    "section",
    "select",
    "small",
    "span",
    "strike",
    "strong",
    "sub",
    "sup",
    "table",
    "tt",
    "u",
    "ul",
];

/// The tree of a page without scripts, so that what stands in `<noscript>` belongs to it; and whether it was cut short.
pub(super) fn parse(text: &str, is_over: &dyn Fn() -> bool) -> (Html, bool) {
    let tree_builder = TreeBuilderOpts { scripting_enabled: false, ..TreeBuilderOpts::default() };
    let options = ParseOpts { tree_builder, ..ParseOpts::default() };
    let mut parser = parse_document(HtmlTreeSink::new(Html::new_document()), options);
    let mut nesting = Nesting::default();
    let mut rest = text;
    let mut is_cut = false;
    while !rest.is_empty() {
        let nodes = parser.tokenizer.sink.sink.0.borrow().tree.values().len();
        if nodes > MAX_TREE || nesting.open > MAX_OPEN || is_over() {
            is_cut = true;
            break;
        }
        let (piece, after) = rest.split_at(end_of_piece(rest));
        nesting.take(piece);
        parser.process(StrTendril::from(piece));
        rest = after;
    }
    (parser.finish(), is_cut)
}

/// Where a piece ends: between two characters.
fn end_of_piece(text: &str) -> usize {
    (PIECE..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len())
}

/// How deep a page is nested, by its tags alone: one that a piece's end goes through is not counted.
#[derive(Default)]
struct Nesting {
    open: usize,
    /// In a script `i<b` is no tag.
    is_in_script: bool,
}

impl Nesting {
    fn take(&mut self, piece: &str) {
        for tag in piece.split('<').skip(1) {
            let (is_end, tag) = tag.strip_prefix('/').map_or((false, tag), |tag| (true, tag));
            let name = tag.split(|character: char| !character.is_ascii_alphanumeric()).next().unwrap_or_default();
            if name.eq_ignore_ascii_case("script") {
                self.is_in_script = !is_end;
            } else if !self.is_in_script && NESTED.iter().any(|known| name.eq_ignore_ascii_case(known)) {
                self.open = if is_end { self.open.saturating_sub(1) } else { self.open.saturating_add(1) };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nodes(text: &str) -> (usize, bool) {
        let (html, is_cut) = parse(text, &|| false);
        (html.tree.values().len(), is_cut)
    }

    #[test]
    fn what_stands_in_noscript_is_elements() {
        let (html, _) = parse("<body><noscript><img src=/x></noscript>", &|| false);
        let names: Vec<&str> = html.tree.values().filter_map(|node| Some(node.as_element()?.name())).collect();
        assert_eq!(names, ["html", "head", "body", "noscript", "img"]);
    }

    #[test]
    fn open_tags_without_end_are_bounded() {
        let many = (0..20_000).map(|at| format!("<b x={at}>")).collect::<Vec<_>>().concat();
        let bomb: String = (0..900).map(|at| format!("<b x={at}>")).chain(["<p>".repeat(20_000)]).collect();
        for text in ["<div>".repeat(20_000), many] {
            let (count, is_cut) = nodes(&text);
            assert!(is_cut && count < 3 * MAX_OPEN, "{count}");
        }
        assert!(nodes(&bomb).0 < 3 * MAX_TREE);
    }

    #[test]
    fn what_is_less_than_something_in_a_script_is_no_tag() {
        let (_, is_cut) = nodes(&format!("<script>{}</script><p>x", "if(i<b)".repeat(5_000)));
        assert!(!is_cut);
    }

    #[test]
    fn a_plain_page_is_whole_and_one_that_takes_too_long_is_cut() {
        assert!(!nodes(&"<p><b>a</b><i>b</i>".repeat(5_000)).1);
        assert!(parse("<p>x", &|| true).1);
    }

    #[test]
    fn a_piece_ends_between_characters() {
        let text = format!("{}å", "x".repeat(PIECE - 1));
        assert_eq!(end_of_piece(&text), text.len());
    }
}
