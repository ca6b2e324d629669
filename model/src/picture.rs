//! A picture that goes with something told: a page where a step did not work.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What every PNG begins with, in base64.
const PNG: &str = "iVBORw0KGgo";

/// Longest picture taken, as base64: drawn pages come to a tenth of it.
const MAX_LENGTH: usize = 4 << 20;

/// A PNG, as base64. Safe to write: who makes one draws no digit of what it shows.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Raw")]
pub struct Picture {
    step: usize,
    png: String,
}

/// One from a file, not looked at yet.
#[derive(Deserialize)]
struct Raw {
    step: usize,
    png: String,
}

impl Picture {
    /// The picture of a journey's step, counted from 1; `None` when `png` is no PNG in base64, or too large.
    pub fn parse(step: usize, png: impl Into<String>) -> Option<Self> {
        let png = png.into();
        let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
        let is_png = png.starts_with(PNG) && png.len() <= MAX_LENGTH && png.bytes().all(is_base64);
        is_png.then_some(Self { step, png })
    }

    /// Which step of its journey it shows, from 1.
    pub fn step(&self) -> usize {
        self.step
    }

    /// It, as base64.
    pub fn as_base64(&self) -> &str {
        &self.png
    }
}

impl TryFrom<Raw> for Picture {
    type Error = &'static str;

    fn try_from(Raw { step, png }: Raw) -> Result<Self, Self::Error> {
        Self::parse(step, png).ok_or("no PNG in base64")
    }
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Picture(step {}, {} bytes of base64)", self.step, self.png.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_png_in_base64_is_a_picture() {
        assert!(Picture::parse(1, "iVBORw0KGgoAAA==").is_some());
        assert_eq!(Picture::parse(1, "iVBORw0KGgo\" onerror=alert(1)"), None);
        assert_eq!(Picture::parse(1, "R0lGODlh"), None);
        assert_eq!(Picture::parse(1, format!("{PNG}{}", "A".repeat(MAX_LENGTH))), None);
    }
}
