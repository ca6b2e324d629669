//! What a page is built of, worked out while it is walked; as the other engine's script does.

use std::collections::BTreeSet;

use scraper::node::Element;

use crate::skeleton::{MAX_CLASSES, MAX_NAME, MAX_NODES, Skeleton};

/// Beginning and factor of FNV-1a with 32 bits.
const START: u32 = 0x811c_9dc5;
const FACTOR: u32 = 0x0100_0193;

/// The paths met so far.
#[derive(Debug, Default)]
pub(super) struct Builder {
    open: Vec<u32>,
    paths: BTreeSet<u32>,
    nodes: u32,
}

impl Builder {
    /// An element begins.
    pub(super) fn open(&mut self, element: &Element) {
        let before = self.open.last().copied().unwrap_or(START);
        self.nodes = self.nodes.saturating_add(1);
        if self.nodes > MAX_NODES {
            self.open.push(before);
            return;
        }
        let bound = |count: u32| usize::try_from(count).unwrap_or(usize::MAX);
        let mut classes: Vec<String> =
            element.classes().take(bound(MAX_CLASSES)).map(|name| without_numbers(name, bound(MAX_NAME))).collect();
        classes.sort();
        let hash = mix(before, &format!(">{}.{}", element.name(), classes.join(".")));
        self.paths.insert(hash);
        self.open.push(hash);
    }

    /// It ends.
    pub(super) fn close(&mut self) {
        self.open.pop();
    }

    /// All of it.
    pub(super) fn finish(&self) -> Skeleton {
        Skeleton(self.paths.iter().fold(START, |hash, path| mix(hash, &format!("{path} "))).into())
    }
}

fn mix(hash: u32, text: &str) -> u32 {
    text.bytes().fold(hash, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(FACTOR))
}

fn without_numbers(name: &str, longest: usize) -> String {
    let mut plain = String::new();
    let mut in_number = false;
    for character in name.chars().take(longest) {
        let is_digit = character.is_ascii_digit();
        if !is_digit {
            plain.push(character);
        } else if !in_number {
            plain.push('n');
        }
        in_number = is_digit;
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn skeleton(text: &str) -> Skeleton {
        use ego_tree::iter::Edge;
        let html = scraper::Html::parse_document(text);
        let mut builder = Builder::default();
        for edge in html.tree.root().traverse() {
            match edge {
                Edge::Open(node) => node.value().as_element().into_iter().for_each(|element| builder.open(element)),
                Edge::Close(node) => node.value().as_element().into_iter().for_each(|_| builder.close()),
            }
        }
        builder.finish()
    }

    #[test]
    fn a_list_of_two_and_a_list_of_twenty_are_the_same() {
        let list = |rows: usize| format!("<ul class='b a'>{}</ul>", "<li class=row-1>x</li>".repeat(rows));
        assert_eq!(skeleton(&list(2)), skeleton(&list(20)));
        assert_eq!(skeleton("<p class='b a'>"), skeleton("<p class='a b'>andet"));
        assert_eq!(skeleton("<p class=row-12>"), skeleton("<p class=row-3>"));
        assert_ne!(skeleton(&list(2)), skeleton(&format!("{}<p>", list(2))));
    }
}
