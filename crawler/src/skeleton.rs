//! What a page is built of, without what it says: pages of one template that are built alike tell the same story.

use serde_json::{Value, json};

/// The script that walks the document.
const SCRIPT: &str = include_str!("script/skeleton.js");

/// Most elements walked: what lies after them repeats what came before.
pub(crate) const MAX_NODES: u32 = 20_000;

/// Most classes of one element that count; utility classes come by the dozen.
pub(crate) const MAX_CLASSES: u32 = 16;

/// Longest name of a class that counts.
pub(crate) const MAX_NAME: u32 = 64;

/// A hash of the paths of elements and classes that occur in a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Skeleton(pub(crate) u64);

impl Skeleton {
    /// The expression that works it out in the page.
    pub(crate) fn expression() -> String {
        let limits = json!({"nodes": MAX_NODES, "classes": MAX_CLASSES, "name": MAX_NAME});
        format!("({})({limits})", SCRIPT.trim_end())
    }

    /// Takes what the expression returned; `None` if the page did not answer.
    pub(crate) fn from_value(value: &Value) -> Option<Self> {
        value.as_u64().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_number_is_no_skeleton() {
        assert_eq!(Skeleton::from_value(&json!(7)), Some(Skeleton(7)));
        for value in [json!(null), json!("7"), json!(-1), json!({})] {
            assert_eq!(Skeleton::from_value(&value), None);
        }
    }

    #[test]
    fn the_expression_calls_the_script_with_its_limits() {
        assert!(Skeleton::expression().ends_with("\"nodes\":20000})"));
    }
}
