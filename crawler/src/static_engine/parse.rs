//! Text to a tree, as browsers read it, within bounds of nodes and time.

use html5ever::tendril::{StrTendril, TendrilSink as _};
use html5ever::tree_builder::TreeBuilderOpts;
use html5ever::{ParseOpts, parse_document};
use scraper::{Html, HtmlTreeSink};

/// How much is parsed before the bounds are looked at: so little that deep nesting cannot make one step long.
const PIECE: usize = 1 << 10;

/// Most nodes of a tree: twice what is looked at, since texts are nodes as well.
const MAX_TREE: usize = 400_000;

/// Most formatting elements left open. Each paragraph opens all of them again (HTML standard, "reconstruct the active
/// formatting elements"), so that some thousands make a tree without end; browsers stop at 512 levels.
const MAX_UNCLOSED: usize = 1_000;

/// The formatting elements.
const FORMATTING: [&str; 14] =
    ["a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"];

/// The tree of a page without scripts, so that what stands in `<noscript>` belongs to it; and whether it was cut short.
pub(super) fn parse(text: &str, is_over: &dyn Fn() -> bool) -> (Html, bool) {
    let tree_builder = TreeBuilderOpts { scripting_enabled: false, ..TreeBuilderOpts::default() };
    let options = ParseOpts { tree_builder, ..ParseOpts::default() };
    let mut parser = parse_document(HtmlTreeSink::new(Html::new_document()), options);
    let mut open = 0_usize;
    let mut rest = text;
    let mut is_cut = false;
    while !rest.is_empty() {
        let nodes = parser.tokenizer.sink.sink.0.borrow().tree.values().len();
        if nodes > MAX_TREE || open > MAX_UNCLOSED || is_over() {
            is_cut = true;
            break;
        }
        let (piece, after) = rest.split_at(end_of_piece(rest));
        open = still_open(open, piece);
        parser.process(StrTendril::from(piece));
        rest = after;
    }
    (parser.finish(), is_cut)
}

/// Where a piece ends: between two characters.
fn end_of_piece(text: &str) -> usize {
    (PIECE..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len())
}

/// Formatting elements open after `piece`, by its tags alone: one that a piece's end goes through is not counted.
fn still_open(before: usize, piece: &str) -> usize {
    let mut open = before;
    for tag in piece.split('<').skip(1) {
        let (is_end, tag) = tag.strip_prefix('/').map_or((false, tag), |tag| (true, tag));
        let name = tag.split(|character: char| !character.is_ascii_alphanumeric()).next().unwrap_or_default();
        if FORMATTING.iter().any(|known| name.eq_ignore_ascii_case(known)) {
            open = if is_end { open.saturating_sub(1) } else { open.saturating_add(1) };
        }
    }
    open
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
        for text in
            ["<div>".repeat(500_000), (0..50_000).map(|at| format!("<b x={at}>")).collect(), "<p>".repeat(900_000)]
        {
            let (count, is_cut) = nodes(&text);
            assert!(is_cut && count < 2 * MAX_TREE, "{count}");
        }
        let bomb: String = (0..900).map(|at| format!("<b x={at}>")).chain(["<p>".repeat(100_000)]).collect();
        let (count, is_cut) = nodes(&bomb);
        assert!(is_cut && count < 3 * MAX_TREE, "{count}");
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
