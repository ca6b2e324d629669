//! The words that stand before a field, where old pages put its name without tying them together.

use ego_tree::NodeRef;
use scraper::Node;

use super::controls::squeezed;

/// How far up the cell or box of a field is looked for.
const MAX_UP: usize = 5;

/// Nodes looked at for its text: a cell has some.
const MAX_NODES: usize = 100;

/// The text before `field`, or before the cell or box that it stands in.
pub(super) fn text_before(field: &NodeRef<'_, Node>) -> Option<String> {
    let previous =
        |node: &NodeRef<'_, Node>| node.prev_siblings().take(MAX_NODES).find(|other| other.value().is_element());
    let name = |node: &NodeRef<'_, Node>| {
        node.value().as_element().map(|element| element.name().to_owned()).unwrap_or_default()
    };
    let boxed = || field.ancestors().take(MAX_UP).find(|above| matches!(name(above).as_str(), "td" | "dd" | "div"));
    let before = previous(field).or_else(|| boxed().as_ref().and_then(previous))?;
    let mut text = String::new();
    for node in before.descendants().take(MAX_NODES) {
        if matches!(name(&node).as_str(), "input" | "select" | "textarea") {
            return None;
        }
        if let Some(piece) = node.value().as_text() {
            text.push_str(piece);
        }
    }
    Some(squeezed(&text)).filter(|text| !text.is_empty())
}
