//! A page as it was read: address, links, forms. Data only; the script beside it gathers, other files judge.

use serde::Deserialize;
use serde_json::{Value, json};

/// The script that gathers a page and keeps its fields at hand for filling.
const SCRIPT: &str = include_str!("script/page.js");

/// Longest label, name or title kept: longer ones are text that was put in the wrong place.
pub(crate) const MAX_TEXT: u32 = 300;

/// Longest address taken; browsers and servers refuse far shorter ones.
pub(crate) const MAX_URL: u32 = 16_000;

/// Most links read of a page: a sitemap has some thousand.
pub(crate) const MAX_LINKS: u32 = 5_000;

/// Most forms read of a page.
pub(crate) const MAX_FORMS: u32 = 100;

/// Most fields read of a form: the longest tax return has some hundred.
pub(crate) const MAX_FIELDS: u32 = 500;

/// Most elements looked at: ten times a large page.
pub(crate) const MAX_NODES: u32 = 200_000;

/// Most frames named.
pub(crate) const MAX_FRAMES: u32 = 100;

/// Most main headings kept; pages have one.
pub(crate) const MAX_HEADINGS: u32 = 5;

/// What was read of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Page {
    /// Where it is now, after redirects.
    pub(crate) url: String,
    /// Its title.
    pub(crate) title: String,
    /// Its status; 0 when nothing answered.
    pub(crate) status: u16,
    /// Whether its document is complete.
    pub(crate) ready: bool,
    /// Its main headings.
    pub(crate) headings: Vec<String>,
    /// Its links, absolute.
    pub(crate) links: Vec<Link>,
    /// Addresses of frames whose inside could not be read, since they are another party's.
    pub(crate) frames: Vec<String>,
    /// Such frames beyond the bound.
    pub(crate) frames_cut: u32,
    /// Its forms; fields outside of any form make one that is not `real`.
    pub(crate) forms: Vec<PageForm>,
    /// Links beyond the bound.
    pub(crate) links_cut: u32,
    /// Forms and fields beyond the bounds.
    pub(crate) forms_cut: u32,
    /// Whether the page has more elements than were looked at.
    pub(crate) nodes_cut: bool,
    /// What it says of something that was filled in wrongly; empty if nothing.
    pub(crate) complaint: String,
}

/// A link.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Link {
    /// Where it leads, absolute.
    pub(crate) href: String,
    /// What it says.
    pub(crate) text: String,
    /// Whether it says of itself that it is a download.
    pub(crate) download: bool,
}

/// A form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct PageForm {
    /// Whether there is a form element.
    pub(crate) real: bool,
    /// Whether it says of itself that it searches.
    pub(crate) search: bool,
    /// Its `id` or `name`.
    pub(crate) name: String,
    /// Where it sends to, absolute.
    pub(crate) action: String,
    /// As written; empty is `get`.
    pub(crate) method: String,
    /// Whether a method or an action is written.
    pub(crate) says_how: bool,
    /// Its fields, buttons left out.
    pub(crate) fields: Vec<PageField>,
    /// Its buttons.
    pub(crate) buttons: Vec<Button>,
}

/// A field of a form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "each is an attribute of the element, as the script tells it")]
pub(crate) struct PageField {
    /// `text`, `password`, `select` ...
    pub(crate) kind: String,
    /// Its place in the document.
    pub(crate) order: u32,
    /// Whether a person sees it.
    pub(crate) visible: bool,
    /// Its `name`.
    pub(crate) name: String,
    /// Its `id`.
    pub(crate) id: String,
    /// What stands beside it.
    pub(crate) label: String,
    /// The example in it.
    pub(crate) placeholder: String,
    /// Its `autocomplete`.
    pub(crate) autocomplete: String,
    /// Its `pattern`.
    pub(crate) pattern: String,
    /// Its `min`.
    pub(crate) minimum: String,
    /// Its `maxlength`.
    pub(crate) max_length: Option<u32>,
    /// Whether it must be filled.
    pub(crate) required: bool,
    /// Whether it can be.
    pub(crate) editable: bool,
    /// Whether it has a value, or is checked.
    pub(crate) has_value: bool,
    /// Whether the page or the browser says that what it holds will not do.
    pub(crate) invalid: bool,
    /// What a hidden field that names an action says: `delete`.
    pub(crate) command: String,
}

/// A button of a form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Button {
    /// `submit`, `button`, `reset` or `image`.
    pub(crate) kind: String,
    /// What it says.
    pub(crate) text: String,
    /// Its place in the document.
    pub(crate) order: u32,
    /// Whether a person sees it.
    pub(crate) visible: bool,
    /// Whether it can not be pressed.
    pub(crate) disabled: bool,
    /// Where it sends to, absolute, if not where its form does.
    pub(crate) action: String,
    /// How, if not as its form does.
    pub(crate) method: String,
    /// The action that it names in a field of its own.
    pub(crate) command: String,
}

impl Page {
    /// The expression that gathers a page.
    pub(crate) fn expression() -> String {
        let limits = json!({
            "text": MAX_TEXT, "url": MAX_URL, "links": MAX_LINKS, "forms": MAX_FORMS, "fields": MAX_FIELDS,
            "nodes": MAX_NODES, "frames": MAX_FRAMES, "headings": MAX_HEADINGS,
        });
        format!("({})({limits})", SCRIPT.trim_end())
    }

    /// Takes what the expression returned; `None` if it is no page.
    pub(crate) fn from_value(value: Value) -> Option<Self> {
        serde_json::from_value(value).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_script_leaves_out_is_empty() {
        let page = Page::from_value(json!({"url": "https://a.test/", "forms": [{"fields": [{"max_length": null}]}]}));
        assert_eq!(page.unwrap().forms[0].fields[0], PageField::default());
    }

    #[test]
    fn what_is_no_page_is_none() {
        for value in [json!(null), json!({"status": "x"}), json!({"links": [1]})] {
            assert_eq!(Page::from_value(value), None);
        }
    }

    #[test]
    fn the_expression_calls_the_script_with_its_limits() {
        let expression = Page::expression();
        assert!(expression.ends_with("})") && expression.contains("\"links\":5000"));
    }
}
