//! The drawing: boxes, texts and covers, as a document that asks for nothing and runs nothing.

use std::fmt::Write as _;

use super::masked::MASK;

/// What stands for an image, a film, a canvas, another site's frame.
const COVER: &str = "#d5d8dc";

/// Longest text drawn in one line: no line of a page is longer than the picture is wide.
const MAX_LINE: usize = 500;

/// Where something is, in the picture.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Rect {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// A colour, as much of it as is seen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Ink {
    pub(super) red: u8,
    pub(super) green: u8,
    pub(super) blue: u8,
    pub(super) alpha: f64,
}

/// One thing drawn.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Shape {
    /// A box: its fill, and the width and colour of its edge.
    Box { at: Rect, fill: Option<Ink>, edge: Option<(f64, Ink)> },
    /// A line of text, with nothing in it that may not be shown.
    Text { at: Rect, text: String, size: f64, weight: u16, ink: Ink },
    /// What is not looked into.
    Cover(Rect),
}

/// A page, drawn anew.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Drawing {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) shapes: Vec<Shape>,
}

impl Rect {
    pub(super) fn moved(self, (x, y): (f64, f64)) -> Self {
        Self { x: self.x + x, y: self.y + y, ..self }
    }

    /// What both have; nothing of it where they do not meet.
    pub(super) fn within(self, other: Self) -> Self {
        let (x, y) = (self.x.max(other.x), self.y.max(other.y));
        let right = (self.x + self.width).min(other.x + other.width);
        let bottom = (self.y + self.height).min(other.y + other.height);
        Self { x, y, width: (right - x).max(0.0), height: (bottom - y).max(0.0) }
    }

    /// Whether there is something to see of it.
    pub(super) fn is_seen(self) -> bool {
        self.width > 1.0 && self.height > 1.0
    }
}

impl Ink {
    pub(super) const BLACK: Self = Self { red: 0, green: 0, blue: 0, alpha: 1.0 };

    /// Of a computed style: `rgb(1, 2, 3)`, `rgba(1, 2, 3, 0.5)`; `None` for other ways to write one.
    pub(super) fn parse(style: &str) -> Option<Self> {
        let inner = style.strip_prefix("rgba(").or_else(|| style.strip_prefix("rgb("))?.strip_suffix(')')?;
        let mut parts = inner.split(',').map(str::trim);
        let (red, green, blue) = (parts.next()?, parts.next()?, parts.next()?);
        let alpha = parts.next().map_or(Some(1.0), |alpha| alpha.parse().ok())?;
        Some(Self { red: red.parse().ok()?, green: green.parse().ok()?, blue: blue.parse().ok()?, alpha })
    }

    pub(super) fn faded(self, by: f64) -> Self {
        Self { alpha: (self.alpha * by).clamp(0.0, 1.0), ..self }
    }

    fn as_fill(self) -> String {
        let Self { red, green, blue, alpha } = self;
        format!("fill=\"rgb({red},{green},{blue})\" fill-opacity=\"{alpha:.2}\"")
    }
}

impl Drawing {
    /// It as a document, for a browser to draw.
    pub(super) fn document(&self) -> String {
        let (width, height) = (self.width, self.height);
        let mut out = format!(
            "<!doctype html><html lang=da><meta charset=utf-8><style>html,body{{margin:0;background:#fff;overflow:hidden}}\
             svg{{display:block}}text{{font-family:sans-serif;white-space:pre;dominant-baseline:central}}</style>\
             <svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\">"
        );
        for shape in &self.shapes {
            shape.put(&mut out);
        }
        out.push_str("</svg></html>");
        out
    }
}

impl Shape {
    fn put(&self, out: &mut String) {
        // Writing to a string does not fail.
        let _ = match self {
            Self::Box { at, fill, edge } => {
                let fill = fill.map_or_else(|| "fill=\"none\"".to_owned(), Ink::as_fill);
                let edge = edge.map(|(width, Ink { red, green, blue, alpha })| {
                    format!(" stroke=\"rgb({red},{green},{blue})\" stroke-opacity=\"{alpha:.2}\" stroke-width=\"{width:.0}\"")
                });
                write!(out, "<rect {} {fill}{}/>", place(*at), edge.unwrap_or_default())
            }
            Self::Cover(at) => write!(out, "<rect {} fill=\"{COVER}\"/>", place(*at)),
            Self::Text { at, text, size, weight, ink } => {
                let middle = at.y + at.height / 2.0;
                // What was wide as it was written; a mask is not as wide as what it hides, and must not tell its width.
                let length = (!text.contains(MASK) && text.trim().len() > 1)
                    .then(|| format!(" textLength=\"{:.0}\" lengthAdjust=\"spacingAndGlyphs\"", at.width));
                write!(
                    out,
                    "<text x=\"{:.0}\" y=\"{middle:.0}\" font-size=\"{size:.1}\" font-weight=\"{weight}\" {}{}>{}</text>",
                    at.x,
                    ink.as_fill(),
                    length.unwrap_or_default(),
                    escaped(text)
                )
            }
        };
    }
}

fn place(at: Rect) -> String {
    let Rect { x, y, width, height } = at;
    format!("x=\"{x:.0}\" y=\"{y:.0}\" width=\"{width:.0}\" height=\"{height:.0}\"")
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for sign in text.chars().take(MAX_LINE) {
        match sign {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            sign if sign.is_control() => out.push(' '),
            sign => out.push(sign),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_a_page_stays_text() {
        let at = Rect { x: 1.0, y: 2.0, width: 30.0, height: 10.0 };
        let text = Shape::Text { at, text: "</text><script>\"&\0".into(), size: 10.0, weight: 400, ink: Ink::BLACK };
        let drawn = Drawing { width: 10, height: 10, shapes: vec![text] }.document();
        assert!(drawn.contains(">&lt;/text&gt;&lt;script&gt;&quot;&amp; </text>"), "{drawn}");
        assert!(!drawn.contains("<script"));
    }

    #[test]
    fn a_masked_text_does_not_tell_how_wide_it_was() {
        let at = |width| Rect { width, height: 10.0, ..Rect::default() };
        let text =
            |width| Shape::Text {
                at: at(width), text: "nr ••••".into(), size: 9.0, weight: 400, ink: Ink::BLACK
            };
        let drawn = |width| Drawing { width: 10, height: 10, shapes: vec![text(width)] }.document();
        assert_eq!(drawn(31.0), drawn(35.0));
    }

    #[test]
    fn colours_are_numbers_or_nothing() {
        assert_eq!(Ink::parse("rgb(1, 2, 3)"), Some(Ink { red: 1, green: 2, blue: 3, alpha: 1.0 }));
        assert_eq!(Ink::parse("rgba(0, 0, 0, 0)").map(|ink| ink.alpha), Some(0.0));
        for odd in ["oklch(0.5 0.1 20)", "rgb(1, 2)", "url(x)", "rgb(300, 2, 3)", "rgb(1,2,3)\"/>"] {
            assert_eq!(Ink::parse(odd), None, "{odd}");
        }
    }
}
