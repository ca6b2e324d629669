//! The pictures of pages where steps did not work: which are kept, and what their files are called.

use std::collections::BTreeMap;

use model::{Picture, SystemId};

/// Pictures kept: some hundred kilobytes each at most, and the last of so many shows nothing that the first do not.
pub(super) const MAX_PICTURES: usize = 100;

/// Longest system id taken into a file's name; file systems allow 255 bytes.
const MAX_ID: usize = 80;

/// What stands for a system without id.
const NO_SYSTEM: &str = "site";

/// Gives `picture` a name that none of `named` has, and puts it there: `journey-tastselv-step-7.png`.
pub(super) fn name(picture: &Picture, system: Option<&SystemId>, named: &mut BTreeMap<String, Picture>) -> String {
    let plain = |c: char| if c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_' { c } else { '-' };
    let id = system.map_or(NO_SYSTEM, |system| &system.0);
    let id: String = id.chars().take(MAX_ID).map(plain).collect();
    let stem = format!("journey-{id}-step-{}", picture.step());
    let mut name = format!("{stem}.png");
    let mut turn = 1;
    while named.contains_key(&name) {
        turn += 1;
        name = format!("{stem}-{turn}.png");
    }
    named.insert(name.clone(), picture.clone());
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain_and_of_one_picture_each() {
        let picture = Picture::parse(7, "iVBORw0KGgo=").expect("a PNG");
        let mut named = BTreeMap::new();
        let system = SystemId("../Tast".to_owned());
        let names = [Some(&system), Some(&system), None].map(|system| name(&picture, system, &mut named));
        assert_eq!(names, ["journey-----ast-step-7.png", "journey-----ast-step-7-2.png", "journey-site-step-7.png"]);
        assert_eq!(named.len(), 3);
    }
}
