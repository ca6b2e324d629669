//! What the browser says stands where (`DOMSnapshot.captureSnapshot`), as shapes to draw.
//!
//! It is taken at one moment, between two steps of the page's scripts, and holds what is laid out whoever put it there:
//! closed shadow trees, `::before`, list marks, fields. Nothing of it is drawn but plain boxes and masked text.

use serde::Deserialize;
use serde_json::{Value, json};

use super::drawing::{Drawing, Ink, Rect, Shape};
use super::masked::{hidden, masked};

/// Most shapes drawn.
const MAX_SHAPES: usize = 20_000;

/// Frames in frames looked into; those below are covered.
const MAX_DEPTH: usize = 5;

/// A wide desktop; beyond it stands what nobody scrolls to.
const MAX_WIDTH: f64 = 2_000.0;

/// Some four screens.
const MAX_HEIGHT: f64 = 4_000.0;

/// No smaller than a line of text.
const MIN_SIDE: f64 = 50.0;

/// What is fainter is not seen.
const FAINT: f64 = 0.05;

/// The styles asked for, in the order of [`Style`].
const STYLES: [&str; 9] = [
    "background-color",
    "color",
    "font-size",
    "font-weight",
    "visibility",
    "opacity",
    "border-top-width",
    "border-top-color",
    "overflow-x",
];

/// Places in [`STYLES`].
#[derive(Clone, Copy)]
enum Style {
    Background,
    Color,
    FontSize,
    FontWeight,
    Visibility,
    Opacity,
    EdgeWidth,
    EdgeColor,
    Overflow,
}

/// The browser's answer.
#[derive(Deserialize)]
pub(super) struct Snapshot {
    documents: Vec<Document>,
    strings: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    nodes: Nodes,
    layout: Layout,
    text_boxes: TextBoxes,
    #[serde(default)]
    scroll_offset_x: f64,
    #[serde(default)]
    scroll_offset_y: f64,
    #[serde(default)]
    content_width: f64,
    #[serde(default)]
    content_height: f64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Nodes {
    parent_index: Vec<i64>,
    node_name: Vec<i64>,
    attributes: Vec<Vec<i64>>,
    #[serde(default)]
    content_document_index: Rare,
    #[serde(default)]
    input_checked: Rare,
}

/// Something that few nodes have.
#[derive(Default, Deserialize)]
struct Rare {
    index: Vec<usize>,
    #[serde(default)]
    value: Vec<usize>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Layout {
    node_index: Vec<usize>,
    styles: Vec<Vec<i64>>,
    bounds: Vec<Vec<f64>>,
    text: Vec<i64>,
    #[serde(default)]
    paint_orders: Vec<i64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TextBoxes {
    layout_index: Vec<usize>,
    bounds: Vec<Vec<f64>>,
    start: Vec<usize>,
    length: Vec<usize>,
}

/// What a node has of those above it.
#[derive(Clone, Copy)]
struct Above {
    opacity: f64,
    /// What is seen of what it holds.
    clip: Rect,
    /// The field it is part of.
    field: Option<usize>,
    /// Whether it is part of something covered.
    is_covered: bool,
}

/// Where a document is drawn.
#[derive(Clone, Copy)]
struct Frame {
    /// Where its upper left corner is in the picture, scrolled.
    corner: (f64, f64),
    clip: Rect,
    opacity: f64,
    depth: usize,
}

/// Draws what a snapshot holds.
struct Pen<'a> {
    snapshot: &'a Snapshot,
    is_secret: &'a dyn Fn(&str) -> bool,
    shapes: Vec<Shape>,
}

/// What to ask the browser for.
pub(super) fn question() -> Value {
    json!({"computedStyles": STYLES, "includePaintOrder": true})
}

impl Snapshot {
    pub(super) fn parse(answer: Value) -> Option<Self> {
        serde_json::from_value(answer).ok()
    }

    /// The page, drawn; `None` when there is more on it than is drawn. Text that `is_secret` is hidden whole.
    pub(super) fn drawing(&self, is_secret: &dyn Fn(&str) -> bool) -> Option<Drawing> {
        let page = self.documents.first()?;
        let width = page.content_width.clamp(MIN_SIDE, MAX_WIDTH);
        let height = page.content_height.clamp(MIN_SIDE, MAX_HEIGHT);
        // Of a long page what is in view, as far as there is more below.
        let top = page.scroll_offset_y.clamp(0.0, (page.content_height - height).max(0.0));
        let clip = Rect { x: 0.0, y: 0.0, width, height };
        let mut pen = Pen { snapshot: self, is_secret, shapes: Vec::new() };
        pen.document(page, Frame { corner: (0.0, -top), clip, opacity: 1.0, depth: 0 })?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "both are clamped above")]
        let (width, height) = (width as u32, height as u32);
        Some(Drawing { width, height, shapes: pen.shapes })
    }

    fn string(&self, index: i64) -> &str {
        usize::try_from(index).ok().and_then(|index| self.strings.get(index)).map_or("", String::as_str)
    }
}

impl<'a> Pen<'a> {
    /// Draws a document; `None` when it is too much.
    fn document(&mut self, document: &Document, frame: Frame) -> Option<()> {
        let layout = &document.layout;
        let above = self.above(document, frame);
        let mut lines: Vec<Vec<usize>> = vec![Vec::new(); layout.node_index.len()];
        for (at, index) in document.text_boxes.layout_index.iter().enumerate() {
            lines.get_mut(*index)?.push(at);
        }
        let mut order: Vec<usize> = (0..layout.node_index.len()).collect();
        order.sort_by_key(|at| layout.paint_orders.get(*at).copied().unwrap_or_default());
        for at in order {
            let node = *layout.node_index.get(at)?;
            let Some(above) = above.get(node).copied() else { continue };
            let style = |style| self.style(layout, at, style);
            if above.is_covered || above.opacity < FAINT || matches!(style(Style::Visibility), "hidden" | "collapse") {
                continue;
            }
            if layout.text.get(at).is_some_and(|text| *text >= 0) {
                self.text(document, at, above, frame, lines.get(at)?);
            } else {
                self.element(document, at, node, above, frame)?;
            }
            if self.shapes.len() > MAX_SHAPES {
                return None;
            }
        }
        Some(())
    }

    /// What each node has of those above it, itself among them as far as it is faint.
    fn above(&self, document: &Document, frame: Frame) -> Vec<Above> {
        let (nodes, layout) = (&document.nodes, &document.layout);
        let mut laid: Vec<Option<usize>> = vec![None; nodes.parent_index.len()];
        for (at, node) in layout.node_index.iter().enumerate() {
            if let Some(first @ None) = laid.get_mut(*node) {
                *first = Some(at);
            }
        }
        let whole = Above { opacity: frame.opacity, clip: frame.clip, field: None, is_covered: false };
        let mut all: Vec<Above> = Vec::with_capacity(laid.len());
        // What its children have: the same, clipped by it.
        let mut below: Vec<Above> = Vec::with_capacity(laid.len());
        for (node, parent) in nodes.parent_index.iter().enumerate() {
            // Nodes come after what they stand in.
            let parent = usize::try_from(*parent).ok().and_then(|parent| below.get(parent));
            let mut own = parent.copied().unwrap_or(whole);
            if own.field.is_none() && self.is_field(document, node) {
                own.field = Some(node);
            }
            let mut inner = own;
            inner.is_covered |= is_picture(self.name(document, node));
            if let Some(at) = laid.get(node).copied().flatten() {
                own.opacity *= self.style(layout, at, Style::Opacity).parse().unwrap_or(1.0);
                inner.opacity = own.opacity;
                if !matches!(self.style(layout, at, Style::Overflow), "visible" | "")
                    && !is_root(self.name(document, node))
                {
                    inner.clip = own.clip.within(bounds(&layout.bounds, at).moved(frame.corner));
                }
            }
            all.push(own);
            below.push(inner);
        }
        all
    }

    fn element(&mut self, document: &Document, at: usize, node: usize, above: Above, frame: Frame) -> Option<()> {
        let layout = &document.layout;
        let place = bounds(&layout.bounds, at).moved(frame.corner);
        let seen = place.within(above.clip);
        // What a field is built of may stand where its value puts it.
        if !seen.is_seen() || above.field.is_some_and(|field| field != node) {
            return Some(());
        }
        let ink = |style| Ink::parse(self.style(layout, at, style)).map(|ink| ink.faded(above.opacity));
        let fill = ink(Style::Background).filter(|ink| ink.alpha > FAINT);
        let width = pixels(self.style(layout, at, Style::EdgeWidth));
        let edge = ink(Style::EdgeColor).filter(|ink| ink.alpha > FAINT && width >= 0.5).map(|ink| (width, ink));
        let name = self.name(document, node);
        let is_checked = document.nodes.input_checked.index.contains(&node);
        if fill.is_some() || edge.is_some() {
            self.shapes.push(Shape::Box { at: seen, fill, edge });
        }
        if is_frame(name) {
            let inner = document.nodes.content_document_index.of(node);
            let inner = inner.and_then(|index| self.snapshot.documents.get(index)).filter(|_| frame.depth < MAX_DEPTH);
            let Some(inner) = inner else {
                self.shapes.push(Shape::Cover(seen));
                return Some(());
            };
            let corner = (place.x - inner.scroll_offset_x, place.y - inner.scroll_offset_y);
            let inside = Frame { corner, clip: seen, opacity: above.opacity, depth: frame.depth + 1 };
            return self.document(inner, inside);
        }
        // The texts of an SVG are drawn, its lines are not.
        if name == "INPUT" && above.field.is_none() {
            // The label of a button is no text of the page's.
            let text = masked(self.attribute(document, node, "value").unwrap_or_default());
            let size = pixels(self.style(layout, at, Style::FontSize));
            let at = Rect { x: place.x + size / 2.0, width: (place.width - size).max(1.0), ..place };
            self.shapes.push(Shape::Text { at, text, size, weight: 400, ink: Ink::BLACK });
        }
        if is_picture(name) || name == "svg" || is_checked {
            self.shapes.push(Shape::Cover(seen));
        } else if name == "INPUT" && fill.is_none() && edge.is_none() {
            // Drawn by the browser as its system does.
            self.shapes.push(Shape::Box { at: seen, fill: None, edge: Some((1.0, Ink::BLACK)) });
        }
        Some(())
    }

    fn text(&mut self, document: &Document, at: usize, above: Above, frame: Frame, lines: &[usize]) {
        let layout = &document.layout;
        let text = layout.text.get(at).map_or("", |text| self.snapshot.string(*text));
        let is_value = above.field.is_some_and(|field| self.attribute(document, field, "placeholder") != Some(text));
        let shown = if is_value || (self.is_secret)(text) { hidden(text) } else { masked(text) };
        let units: Vec<u16> = shown.encode_utf16().collect();
        let size = pixels(self.style(layout, at, Style::FontSize));
        let weight = self.style(layout, at, Style::FontWeight).parse().unwrap_or(400);
        let ink = Ink::parse(self.style(layout, at, Style::Color)).unwrap_or(Ink::BLACK).faded(above.opacity);
        for line in lines {
            let boxes = &document.text_boxes;
            let (Some(start), Some(length)) = (boxes.start.get(*line), boxes.length.get(*line)) else { continue };
            let Some(units) = units.get(*start..start.saturating_add(*length)) else { continue };
            let place = bounds(&boxes.bounds, *line).moved(frame.corner);
            let text = String::from_utf16_lossy(units);
            if place.within(above.clip).is_seen() && !text.trim().is_empty() {
                self.shapes.push(Shape::Text { at: place, text, size, weight, ink });
            }
        }
    }

    fn style(&self, layout: &Layout, at: usize, style: Style) -> &'a str {
        let index = layout.styles.get(at).and_then(|styles| styles.get(style as usize));
        index.map_or("", |index| self.snapshot.string(*index))
    }

    fn name(&self, document: &Document, node: usize) -> &'a str {
        document.nodes.node_name.get(node).map_or("", |name| self.snapshot.string(*name))
    }

    fn attribute(&self, document: &Document, node: usize, name: &str) -> Option<&'a str> {
        let attributes = document.nodes.attributes.get(node)?;
        let mut pairs = attributes.chunks_exact(2);
        pairs.find_map(|pair| match pair {
            [key, value] if self.snapshot.string(*key) == name => Some(self.snapshot.string(*value)),
            _ => None,
        })
    }

    /// Whether what it shows is a person's, and not the label of a button.
    fn is_field(&self, document: &Document, node: usize) -> bool {
        match self.name(document, node) {
            "TEXTAREA" | "SELECT" => true,
            "INPUT" => {
                let kind = self.attribute(document, node, "type").unwrap_or_default().to_ascii_lowercase();
                !matches!(kind.as_str(), "submit" | "button" | "reset")
            }
            _ => false,
        }
    }
}

impl Rare {
    fn of(&self, node: usize) -> Option<usize> {
        let place = self.index.iter().position(|index| *index == node)?;
        self.value.get(place).copied()
    }
}

fn bounds(all: &[Vec<f64>], at: usize) -> Rect {
    match all.get(at).map(Vec::as_slice) {
        Some([x, y, width, height]) => Rect { x: *x, y: *y, width: *width, height: *height },
        _ => Rect::default(),
    }
}

fn pixels(style: &str) -> f64 {
    style.strip_suffix("px").and_then(|number| number.parse().ok()).unwrap_or_default()
}

/// Whether what overflows it is scrolled to with the page.
fn is_root(name: &str) -> bool {
    matches!(name, "HTML" | "BODY" | "#document")
}

fn is_frame(name: &str) -> bool {
    matches!(name, "IFRAME" | "FRAME" | "FENCEDFRAME" | "OBJECT" | "EMBED")
}

fn is_picture(name: &str) -> bool {
    matches!(name, "IMG" | "CANVAS" | "VIDEO" | "AUDIO" | "METER" | "PROGRESS")
}
