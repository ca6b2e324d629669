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
    let boxed = || field.ancestors().take(MAX_UP).find(|above| matches!(name(above), "td" | "dd" | "div"));
    let before = previous(*field).or_else(|| boxed().and_then(previous))?;
    let mut text = String::new();
    for node in before.descendants().take(MAX_NODES) {
        if matches!(name(&node), "input" | "select" | "textarea") {
            return None;
        }
        if let Some(piece) = node.value().as_text() {
            text.push_str(piece);
        }
    }
    Some(squeezed(&text)).filter(|text| !text.is_empty())
}

/// The element before.
fn previous(node: NodeRef<'_, Node>) -> Option<NodeRef<'_, Node>> {
    node.prev_siblings().take(MAX_NODES).find(|other| other.value().is_element())
}

fn name<'a>(node: &NodeRef<'a, Node>) -> &'a str {
    node.value().as_element().map(scraper::node::Element::name).unwrap_or_default()
}
