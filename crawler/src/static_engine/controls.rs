//! The fields and buttons of forms as they are written: what a person sees of them, and what is sent for them.

use scraper::node::Element;

use crate::cut::cut;
use crate::page::{Button, MAX_FIELDS, MAX_TEXT, PageField, PageForm};

/// Most choices of a list that are kept: municipalities, countries, years.
const MAX_CHOICES: usize = 1_000;

/// Whose a control is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    /// The form at this place among the page's.
    Form(usize),
    /// The form with this id.
    Named(String),
    /// None.
    Nobody,
}

/// A field or a button.
#[derive(Clone, Debug)]
pub(super) struct Gathered {
    pub(super) owner: Owner,
    /// As the crawl knows it. Its label is made of `labels` in the end.
    pub(super) field: PageField,
    pub(super) sent: Control,
    pub(super) is_button: bool,
    /// What stands before it, where no label belongs to it.
    pub(super) before: String,
    /// The label around it, by its place.
    pub(super) around: Option<usize>,
    pub(super) aria_label: String,
    /// A button's words.
    pub(super) text: String,
    pub(super) is_disabled: bool,
}

/// A label.
#[derive(Clone, Debug, Default)]
pub(super) struct Label {
    pub(super) of: Option<String>,
    pub(super) text: String,
}

/// What is sent for a field, or a button that is pressed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Control {
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) value: String,
    /// Whether it is checked, or a list of several.
    pub(super) is_checked: bool,
    pub(super) is_multiple: bool,
    pub(super) is_disabled: bool,
    pub(super) choices: Vec<Choice>,
}

/// One of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Choice {
    /// `None`: its text is its value.
    pub(super) value: Option<String>,
    pub(super) text: String,
    pub(super) is_selected: bool,
    pub(super) is_disabled: bool,
}

/// A form, beside what the crawl knows of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Sheet {
    pub(super) form: PageForm,
    pub(super) id: String,
    /// How its fields are packed (`enctype`).
    pub(super) packing: String,
    /// Whether a script has a hand in its sending.
    pub(super) is_scripted: bool,
    pub(super) fields: Vec<Control>,
    pub(super) buttons: Vec<Control>,
}

/// Whether a hidden field says what is done: frameworks send what browsers cannot, such as DELETE, in one.
fn names_action(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["_method", "method", "action", "handling", "cmd", "command", "op", "do"].contains(&name.as_str())
}

impl Gathered {
    /// What `element` is; `None` if it is no control.
    pub(super) fn of(element: &Element, owner: Owner, is_hidden: bool, is_disabled: bool, order: u32) -> Option<Self> {
        let raw = |name: &str| element.attr(name).unwrap_or_default();
        let attribute = |name: &str| cut(raw(name).trim(), text_bound());
        let has = |name: &str| element.attr(name).is_some();
        let tag = element.name();
        let kind = match tag {
            "input" if raw("type").is_empty() => "text".to_owned(),
            "input" => known_kind(raw("type")),
            "button" if ["button", "reset"].contains(&raw("type").to_ascii_lowercase().as_str()) => {
                raw("type").to_ascii_lowercase()
            }
            "button" => "submit".to_owned(),
            "select" if has("multiple") => "select-multiple".to_owned(),
            "select" | "textarea" => tag.to_owned(),
            _ => return None,
        };
        let is_disabled = is_disabled || has("disabled") || raw("aria-disabled") == "true";
        let is_ticked = matches!(kind.as_str(), "checkbox" | "radio");
        let value = element.attr("value").unwrap_or(if is_ticked { "on" } else { "" }).to_owned();
        let visible = !is_hidden && kind != "hidden";
        let field = PageField {
            // The script of the other engine tells a list by its element's name.
            kind: if tag == "select" { tag.to_owned() } else { kind.clone() },
            order,
            visible,
            name: attribute("name"),
            id: attribute("id"),
            label: String::new(),
            placeholder: attribute("placeholder"),
            autocomplete: attribute("autocomplete"),
            pattern: attribute("pattern"),
            minimum: attribute("min"),
            max_length: raw("maxlength").trim().parse().ok().filter(|length| *length > 0),
            required: has("required") || raw("aria-required") == "true",
            editable: !is_disabled && !has("readonly"),
            has_value: if is_ticked { has("checked") } else { !value.is_empty() },
            invalid: raw("aria-invalid") == "true",
            command: if kind == "hidden" && names_action(raw("name")) {
                cut(&value, text_bound())
            } else {
                String::new()
            },
        };
        let sent = Control {
            kind: kind.clone(),
            name: raw("name").to_owned(),
            value,
            is_checked: has("checked"),
            is_multiple: has("multiple"),
            is_disabled,
            choices: Vec::new(),
        };
        Some(Self {
            owner,
            is_button: matches!(kind.as_str(), "submit" | "image" | "button" | "reset"),
            field,
            sent,
            before: String::new(),
            around: None,
            aria_label: attribute("aria-label"),
            text: String::new(),
            is_disabled,
        })
    }

    /// Takes a choice of a list; its place there.
    pub(super) fn take_choice(&mut self, element: &Element) -> Option<usize> {
        if self.sent.choices.len() >= MAX_CHOICES {
            return None;
        }
        let has = |name: &str| element.attr(name).is_some();
        self.sent.choices.push(Choice {
            value: element.attr("value").map(str::to_owned),
            text: String::new(),
            is_selected: has("selected"),
            is_disabled: has("disabled"),
        });
        Some(self.sent.choices.len().saturating_sub(1))
    }

    /// Puts it into its form.
    pub(super) fn settle(mut self, labels: &[Label], sheet: &mut Sheet) -> bool {
        let own = labels.iter().filter(|label| label.of.as_ref().is_some_and(|of| *of == self.field.id));
        let around = self.around.and_then(|at| labels.get(at)).filter(|label| label.of.is_none());
        let texts: Vec<&str> =
            own.chain(around).map(|label| label.text.as_str()).chain([self.aria_label.as_str()]).collect();
        let label = squeezed(&texts.join(" "));
        if self.is_button {
            let words = [&self.text, &self.sent.value, &label].into_iter().map(|text| squeezed(text));
            let text = words.into_iter().find(|text| !text.is_empty()).unwrap_or_default();
            let (order, visible) = (self.field.order, self.field.visible);
            sheet.form.buttons.push(Button {
                kind: self.field.kind,
                text,
                order,
                visible,
                disabled: self.is_disabled,
                ..Button::default()
            });
            sheet.buttons.push(self.sent);
            return true;
        }
        let bound = usize::try_from(MAX_FIELDS).unwrap_or(usize::MAX);
        if sheet.fields.len() >= bound {
            return false;
        }
        self.field.label = if label.is_empty() { squeezed(&self.before) } else { label };
        if self.field.kind == "select" {
            self.field.has_value = chosen(&self.sent).is_some_and(|choice| !choice.sent().is_empty());
        } else if self.field.kind == "textarea" {
            self.field.has_value = !self.sent.value.is_empty();
        }
        sheet.form.fields.push(self.field);
        sheet.fields.push(self.sent);
        true
    }
}

impl Choice {
    /// What is sent for it.
    pub(super) fn sent(&self) -> String {
        self.value.clone().unwrap_or_else(|| squeezed(&self.text))
    }
}

/// The choice of a list that a browser begins with: the last marked, else the first that can be taken.
pub(super) fn chosen(control: &Control) -> Option<&Choice> {
    let marked = control.choices.iter().rfind(|choice| choice.is_selected);
    let first = || control.choices.iter().find(|choice| !choice.is_disabled).filter(|_| !control.is_multiple);
    marked.or_else(first)
}

/// A text as it is shown, cut to what is kept.
pub(super) fn squeezed(text: &str) -> String {
    cut(&text.split_whitespace().collect::<Vec<_>>().join(" "), text_bound())
}

fn text_bound() -> usize {
    usize::try_from(MAX_TEXT).unwrap_or(usize::MAX)
}

/// A kind that browsers do not know is a text.
fn known_kind(written: &str) -> String {
    const KNOWN: [&str; 21] = [
        "text",
        "hidden",
        "search",
        "tel",
        "url",
        "email",
        "password",
        "date",
        "month",
        "week",
        "time",
        "datetime-local",
        "number",
        "range",
        "color",
        "checkbox",
        "radio",
        "file",
        "submit",
        "image",
        "reset",
    ];
    let lower = written.trim().to_ascii_lowercase();
    if KNOWN.contains(&lower.as_str()) || lower == "button" { lower } else { "text".to_owned() }
}
