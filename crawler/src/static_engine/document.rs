//! A page as it is written: what the other engine's script gathers in the browser, and what is asked for with the page.

use std::collections::BTreeMap;

use encoding_rs::Encoding;
use model::Target;
use reqwest::Url;
use scraper::node::Element;

use super::client::Kind;
use super::controls::{Gathered, Label, Owner, Sheet, squeezed};
use super::nearby::text_before;
use super::parse::parse;
use super::referrer::Policy;
use super::skeleton::Builder;
use crate::page::{Link, MAX_FORMS, MAX_HEADINGS, MAX_LINKS, MAX_NODES, MAX_URL, Page, PageForm};
use crate::skeleton::Skeleton;

/// Elements whose texts are gathered at one time, innermost first: links in links in links say nothing more.
const MAX_NESTED: usize = 8;

/// Longest text gathered of one element; style sheets within pages are the longest of use.
const MAX_GATHERED: usize = 256 << 10;

/// Something that a page asks for by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Resource {
    pub(super) kind: Kind,
    pub(super) target: Target,
    /// What its element says of the referrer.
    pub(super) policy: Option<Policy>,
}

/// A page, read.
#[derive(Debug, Default)]
pub(super) struct Document {
    pub(super) page: Page,
    /// Beside each of the page's forms, what is sent with it.
    pub(super) sheets: Vec<Sheet>,
    /// In the page's order, frames among them.
    pub(super) resources: Vec<Resource>,
    /// Links that say themselves what they tell of the page, by their address.
    pub(super) link_policies: BTreeMap<String, Policy>,
    /// What the page says that it tells.
    pub(super) policy: Option<Policy>,
    pub(super) refresh: Option<Target>,
    pub(super) skeleton: Option<Skeleton>,
    pub(super) has_scripts: bool,
    /// Forms that only a script sends.
    pub(super) scripted_forms: u32,
    /// Whether its end was not read: too much of it, or too little time.
    pub(super) is_cut: bool,
}

/// What the text of an element becomes.
#[derive(Clone, Copy)]
enum Use {
    Link(usize),
    Heading,
    Title,
    Style,
    Label(usize),
    /// A button's words, or what stands in a text field of several lines.
    Control(usize),
    Choice(usize, usize),
}

/// An element that is open.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, and they come in all combinations")]
struct Open {
    text: Option<(Use, String)>,
    hides: bool,
    disables: bool,
    is_form: bool,
    is_label: bool,
    is_list: bool,
    has_children: bool,
}

/// A page that is being read.
pub(super) struct Reading {
    pub(super) base: Url,
    pub(super) encoding: &'static Encoding,
    pub(super) found: Document,
    skeleton: Builder,
    open: Vec<Open>,
    /// Those of them whose text is gathered, by their place.
    gathering: Vec<usize>,
    title: Option<String>,
    sheets: Vec<Sheet>,
    forms: Vec<usize>,
    /// A form that the parser closed at once, since it stands where none may: what comes after is its.
    lost_form: Option<usize>,
    labels: Vec<Label>,
    around: Vec<usize>,
    controls: Vec<Gathered>,
    list: Option<usize>,
    hidden: usize,
    disabled: usize,
}

impl Document {
    /// Reads the page at `url`; what its scripts would add is not there. `is_over` ends it early.
    pub(super) fn read(
        text: &str,
        url: &Target,
        encoding: &'static Encoding,
        is_over: &dyn Fn() -> bool,
    ) -> Option<Self> {
        let (html, is_cut) = parse(text, is_over);
        let elements = || html.tree.values().filter_map(|node| node.as_element());
        let base = Url::parse(&url.to_string()).ok()?;
        let written = elements().filter(|element| element.name() == "base").find_map(|element| element.attr("href"));
        let base = written.and_then(|written| base.join(written.trim()).ok()).unwrap_or(base);
        let mut reading = Reading {
            base,
            encoding,
            found: Self { is_cut, ..Self::default() },
            skeleton: Builder::default(),
            open: Vec::new(),
            gathering: Vec::new(),
            title: None,
            sheets: Vec::new(),
            forms: Vec::new(),
            lost_form: None,
            labels: Vec::new(),
            around: Vec::new(),
            controls: Vec::new(),
            list: None,
            hidden: 0,
            disabled: 0,
        };
        reading.walk(&html, is_over);
        Some(reading.finish(url))
    }
}

impl Reading {
    fn walk(&mut self, html: &scraper::Html, is_over: &dyn Fn() -> bool) {
        use ego_tree::iter::Edge;
        let mut nodes = 0_u32;
        // What stands in a template is there for scripts to use.
        let mut in_template = 0_usize;
        for edge in html.tree.root().traverse() {
            match edge {
                Edge::Open(node) => {
                    if let Some(text) = node.value().as_text().filter(|_| in_template == 0) {
                        self.take_text(text);
                    }
                    let Some(element) = node.value().as_element() else { continue };
                    in_template = in_template.saturating_add(usize::from(element.name() == "template"));
                    if in_template > 0 {
                        continue;
                    }
                    nodes = nodes.saturating_add(1);
                    if nodes > MAX_NODES || (nodes.is_multiple_of(1_000) && is_over()) {
                        self.found.page.nodes_cut = true;
                        break;
                    }
                    self.skeleton.open(element);
                    self.enter(element, &node);
                }
                Edge::Close(node) => {
                    let Some(element) = node.value().as_element() else { continue };
                    if in_template == 0 {
                        self.skeleton.close();
                        self.leave();
                    }
                    in_template = in_template.saturating_sub(usize::from(element.name() == "template"));
                }
            }
        }
        while !self.open.is_empty() {
            self.leave();
        }
    }

    fn take_text(&mut self, text: &str) {
        for place in self.gathering.iter().rev().take(MAX_NESTED) {
            let Some((_, gathered)) = self.open.get_mut(*place).and_then(|open| open.text.as_mut()) else { continue };
            if gathered.len() < MAX_GATHERED {
                gathered.push_str(text);
            }
        }
    }

    fn enter(&mut self, element: &Element, node: &ego_tree::NodeRef<'_, scraper::Node>) {
        let attribute = |name: &str| element.attr(name).unwrap_or_default();
        let name = element.name();
        if let Some(parent) = self.open.last_mut() {
            parent.has_children = true;
        }
        let style = attribute("style").to_ascii_lowercase().replace(' ', "");
        let hides = element.attr("hidden").is_some()
            || ["display:none", "visibility:hidden"].iter().any(|off| style.contains(off));
        let disables = name == "fieldset" && element.attr("disabled").is_some();
        self.hidden = self.hidden.saturating_add(usize::from(hides));
        self.disabled = self.disabled.saturating_add(usize::from(disables));
        self.found.has_scripts |= element.attrs().any(|(name, _)| name.len() > 2 && name.starts_with("on"));
        let used = self.used(element, node);
        self.take_resources(element);
        if used.is_some() {
            self.gathering.push(self.open.len());
        }
        self.open.push(Open {
            text: used.map(|used| (used, String::new())),
            hides,
            disables,
            is_form: name == "form",
            is_label: name == "label",
            is_list: name == "select",
            has_children: false,
        });
        if name == "img" {
            // A picture is what a link says that has no words.
            self.take_text(&format!(" {} ", attribute("alt")));
        }
    }

    /// Takes an element in; what its text becomes.
    fn used(&mut self, element: &Element, node: &ego_tree::NodeRef<'_, scraper::Node>) -> Option<Use> {
        let attribute = |name: &str| element.attr(name).unwrap_or_default();
        match element.name() {
            "a" | "area" => element.attr("href").and_then(|written| self.take_link(element, written)),
            "h1" => Some(Use::Heading),
            "title" => self.title.is_none().then_some(Use::Title),
            "style" => Some(Use::Style),
            "meta" => {
                self.take_meta(element);
                None
            }
            "form" => {
                self.take_form(element, node);
                None
            }
            "label" => {
                self.labels.push(Label { of: element.attr("for").map(str::to_owned), text: String::new() });
                let at = self.labels.len().saturating_sub(1);
                self.around.push(at);
                Some(Use::Label(at))
            }
            "option" => {
                let list = self.list?;
                let choice = self.controls.get_mut(list)?.take_choice(element)?;
                Some(Use::Choice(list, choice))
            }
            "input" | "button" | "select" | "textarea" => {
                let owner = match (element.attr("form"), self.forms.last().copied().or(self.lost_form)) {
                    (Some(id), _) => Owner::Named(id.to_owned()),
                    (None, Some(form)) => Owner::Form(form),
                    (None, None) => Owner::Nobody,
                };
                let order = u32::try_from(self.controls.len()).unwrap_or(u32::MAX).saturating_add(1);
                let mut control = Gathered::of(element, owner, self.hidden > 0, self.disabled > 0, order)?;
                control.around = self.around.last().copied();
                control.before = text_before(node).unwrap_or_else(|| squeezed(attribute("title")));
                self.controls.push(control);
                let at = self.controls.len().saturating_sub(1);
                if element.name() == "select" {
                    self.list = Some(at);
                }
                matches!(element.name(), "button" | "textarea").then_some(Use::Control(at))
            }
            _ => None,
        }
    }

    fn leave(&mut self) {
        let Some(open) = self.open.pop() else { return };
        self.hidden = self.hidden.saturating_sub(usize::from(open.hides));
        self.disabled = self.disabled.saturating_sub(usize::from(open.disables));
        if open.is_form {
            self.lost_form = self.forms.pop().filter(|_| !open.has_children);
        }
        if open.is_label {
            self.around.pop();
        }
        if open.is_list {
            self.list = None;
        }
        let Some((used, text)) = open.text else { return };
        self.gathering.pop();
        match used {
            Use::Link(at) => {
                if let Some(link) =
                    self.found.page.links.get_mut(at).filter(|link| link.text.is_empty() || !text.trim().is_empty())
                {
                    link.text = squeezed(&text);
                }
            }
            Use::Heading => {
                if self.found.page.headings.len() < usize::try_from(MAX_HEADINGS).unwrap_or(usize::MAX) {
                    self.found.page.headings.push(squeezed(&text));
                }
            }
            Use::Title => self.title = Some(squeezed(&text)),
            Use::Style => self.take_style(&text),
            Use::Label(at) => {
                if let Some(label) = self.labels.get_mut(at) {
                    label.text = text;
                }
            }
            Use::Control(at) => {
                if let Some(control) = self.controls.get_mut(at) {
                    if control.is_button {
                        control.text = text;
                    } else {
                        // The line break right after the tag is none of its text.
                        text.strip_prefix('\n').unwrap_or(&text).clone_into(&mut control.sent.value);
                    }
                }
            }
            Use::Choice(list, choice) => {
                let choices = self.controls.get_mut(list).map(|list| &mut list.sent.choices);
                if let Some(choice) = choices.and_then(|choices| choices.get_mut(choice)) {
                    choice.text = text;
                }
            }
        }
    }

    fn take_link(&mut self, element: &Element, written: &str) -> Option<Use> {
        let page = &mut self.found.page;
        let href = self.base.join(written.trim()).map_or_else(|_| written.trim().to_owned(), String::from);
        let bound = |count: u32| usize::try_from(count).unwrap_or(usize::MAX);
        if page.links.len() >= bound(MAX_LINKS) || href.len() > bound(MAX_URL) {
            page.links_cut = page.links_cut.saturating_add(1);
            return None;
        }
        if href.is_empty() {
            return None;
        }
        self.found.has_scripts |= href.starts_with("javascript:");
        let is_silent = element
            .attr("rel")
            .is_some_and(|rel| rel.to_ascii_lowercase().split_whitespace().any(|word| word == "noreferrer"));
        let said = element.attr("referrerpolicy").and_then(Policy::of_word);
        if let Some(policy) = is_silent.then_some(Policy::NoReferrer).or(said) {
            self.found.link_policies.entry(href.clone()).or_insert(policy);
        }
        let text = squeezed(element.attr("aria-label").unwrap_or_default());
        page.links.push(Link { href, text, download: element.attr("download").is_some() });
        Some(Use::Link(page.links.len().saturating_sub(1)))
    }

    fn take_form(&mut self, element: &Element, node: &ego_tree::NodeRef<'_, scraper::Node>) {
        let attribute = |name: &str| element.attr(name).unwrap_or_default();
        self.lost_form = None;
        self.forms.push(self.sheets.len());
        if self.sheets.len() >= usize::try_from(MAX_FORMS).unwrap_or(usize::MAX) {
            self.found.page.forms_cut = self.found.page.forms_cut.saturating_add(1);
        }
        let written = attribute("action").trim();
        let action = if written.is_empty() { None } else { self.base.join(written).ok().map(String::from) };
        let search = node.ancestors().take(MAX_NESTED).any(|above| {
            above
                .value()
                .as_element()
                .is_some_and(|above| above.name() == "search" || above.attr("role") == Some("search"))
        });
        let id = attribute("id").to_owned();
        let name = if id.is_empty() { attribute("name") } else { &id };
        let handler = attribute("onsubmit");
        let is_scripted = handler.contains("return false")
            || handler.contains("preventDefault")
            || written.starts_with("javascript:")
            || attribute("method").eq_ignore_ascii_case("dialog");
        let form = PageForm {
            real: true,
            says_how: element.attr("method").is_some() || element.attr("action").is_some(),
            search: search || element.attr("role") == Some("search"),
            name: squeezed(name),
            action: action.unwrap_or_default(),
            method: attribute("method").trim().to_ascii_lowercase(),
            fields: Vec::new(),
            buttons: Vec::new(),
        };
        let packing = attribute("enctype").trim().to_ascii_lowercase();
        self.sheets.push(Sheet { form, id, packing, is_scripted, fields: Vec::new(), buttons: Vec::new() });
    }

    fn finish(mut self, url: &Target) -> Document {
        let mut loose = Sheet { form: PageForm { action: url.to_string(), ..PageForm::default() }, ..Sheet::default() };
        for control in std::mem::take(&mut self.controls) {
            let at = match &control.owner {
                Owner::Form(at) => Some(*at),
                Owner::Named(id) => self.sheets.iter().position(|sheet| sheet.id == *id),
                Owner::Nobody => None,
            };
            let sheet = at.and_then(|at| self.sheets.get_mut(at)).unwrap_or(&mut loose);
            if !control.settle(&self.labels, sheet) {
                self.found.page.forms_cut = self.found.page.forms_cut.saturating_add(1);
            }
        }
        self.sheets.truncate(usize::try_from(MAX_FORMS).unwrap_or(usize::MAX));
        if !loose.form.fields.is_empty() || !loose.form.buttons.is_empty() {
            loose.is_scripted = loose.form.fields.iter().any(|field| field.visible && field.editable);
            self.sheets.push(loose);
        }
        for sheet in &mut self.sheets {
            if sheet.form.action.is_empty() {
                sheet.form.action = url.to_string();
            }
            let sends = |button: &crate::page::Button| matches!(button.kind.as_str(), "submit" | "image");
            let has_button = sheet.form.buttons.iter().any(sends);
            sheet.is_scripted |=
                sheet.form.real && !has_button && sheet.form.buttons.iter().any(|button| button.kind == "button");
            self.found.scripted_forms = self.found.scripted_forms.saturating_add(u32::from(sheet.is_scripted));
        }
        let mut found = self.found;
        found.page.url = url.to_string();
        found.page.title = self.title.unwrap_or_default();
        found.page.ready = true;
        found.page.nodes_cut |= found.is_cut;
        found.page.forms = self.sheets.iter().map(|sheet| sheet.form.clone()).collect();
        found.sheets = self.sheets;
        found.skeleton = Some(self.skeleton.finish());
        found
    }
}
