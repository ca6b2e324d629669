//! What style sheets ask for: `@import` and `url(..)`.

use super::client::Kind;

/// Most addresses taken from one sheet.
const MAX_ADDRESSES: usize = 200;

/// Longest address; a picture that is written into the sheet itself is longer.
const LONGEST: usize = 2_048;

/// Endings of fonts, which are asked for in another way than pictures.
const FONTS: [&str; 5] = [".woff2", ".woff", ".ttf", ".otf", ".eot"];

/// The addresses in a sheet, as they are written.
pub(super) fn addresses(sheet: &str) -> Vec<(Kind, String)> {
    let sheet = without_comments(sheet);
    let mut found: Vec<(Kind, String)> = Vec::new();
    let mut rest = sheet.as_str();
    while let Some((is_import, after)) = next(rest) {
        let after = after.trim_start();
        // `@import "x"` and `@import url(x)` are the same.
        let inside = if is_import { strip(after, "url(").unwrap_or(after) } else { after }.trim_start();
        let (address, left) = match inside.chars().next() {
            Some(sign @ ('"' | '\'')) => inside.get(1..).and_then(|inside| inside.split_once(sign)).unwrap_or_default(),
            _ => inside.split_once([')', ';']).unwrap_or_default(),
        };
        rest = left;
        let address = address.trim();
        if address.is_empty() || address.len() > LONGEST || found.iter().any(|(_, known)| known == address) {
            continue;
        }
        let path = address.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
        let is_font = FONTS.iter().any(|ending| path.ends_with(ending));
        let kind = if is_import {
            Kind::Style
        } else if is_font {
            Kind::Font
        } else {
            Kind::Image
        };
        found.push((kind, address.to_owned()));
        if found.len() >= MAX_ADDRESSES {
            break;
        }
    }
    found
}

/// What comes after the next `@import` or `url(`, and whether it is the first.
fn next(text: &str) -> Option<(bool, &str)> {
    let mut rest = text;
    while let Some(at) = rest.find(['@', 'u', 'U']) {
        let here = rest.get(at..)?;
        if let Some(after) = strip(here, "@import") {
            return Some((true, after));
        }
        if let Some(after) = strip(here, "url(") {
            return Some((false, after));
        }
        rest = here.get(1..)?;
    }
    None
}

/// `text` after a word in any case.
fn strip<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let (start, after) = text.split_at_checked(word.len())?;
    start.eq_ignore_ascii_case(word).then_some(after)
}

fn without_comments(sheet: &str) -> String {
    let mut plain = String::new();
    let mut rest = sheet;
    while let Some((before, comment)) = rest.split_once("/*") {
        plain.push_str(before);
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(sheet: &str, expected: &[(Kind, &str)]) {
        let found = addresses(sheet);
        let found: Vec<(Kind, &str)> = found.iter().map(|(kind, address)| (*kind, address.as_str())).collect();
        assert_eq!(found, expected, "{sheet}");
    }

    #[test]
    fn imports_pictures_and_fonts_are_told_apart() {
        case("@import 'a.css'; @IMPORT url(\"b.css\") screen;", &[(Kind::Style, "a.css"), (Kind::Style, "b.css")]);
        case(
            "p { background: URL( 'x.png' ) } q { background: url(y.gif?a=1) }",
            &[(Kind::Image, "x.png"), (Kind::Image, "y.gif?a=1")],
        );
        case("@font-face { src: url(f.woff2) format('woff2') }", &[(Kind::Font, "f.woff2")]);
        case("@import url(c.css); a { b: url(c.css) }", &[(Kind::Style, "c.css")]);
    }

    #[test]
    fn what_is_no_address_is_none() {
        for sheet in ["", "url(", "url()", "@import", "@import ;", "/* url(x) */", "url('x", "ü url", "@import url("] {
            case(sheet, &[]);
        }
        case(&format!("url({})", "x".repeat(LONGEST + 1)), &[]);
    }
}
