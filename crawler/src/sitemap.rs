//! The pages that a site's sitemap names (sitemaps.org protocol 0.9): XML, an index of such, or a line for each.

use std::borrow::Cow;
use std::io::Read as _;

use flate2::read::MultiGzDecoder;

/// Most of a file that is fetched; the protocol allows 50 MB, which is a thousand crawls.
pub(crate) const MAX_BYTES: usize = 4 << 20;

/// Most of a file that is unpacked.
const MAX_UNPACKED: usize = 16 << 20;

/// Most files of one crawl that are read.
pub(crate) const MAX_FILES: usize = 20;

/// Most pages that are taken from one of them; far beyond any budget.
pub(crate) const MAX_PAGES: usize = 5_000;

/// Longest address (the protocol's own bound).
const MAX_ADDRESS: usize = 2_048;

/// What gzip files begin with (RFC 1952 §2.3.1).
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// What one file names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sitemap {
    /// Addresses of pages.
    pub(crate) pages: Vec<String>,
    /// Addresses of further files.
    pub(crate) files: Vec<String>,
    /// Whether there is more than was read.
    pub(crate) is_cut: bool,
}

impl Sitemap {
    /// Reads a file as it came, packed or not.
    pub(crate) fn read(bytes: &[u8]) -> Self {
        let (unpacked, mut is_cut) = unpacked(bytes);
        let text = String::from_utf8_lossy(&unpacked);
        let text = text.trim_start_matches('\u{feff}').trim_start();
        let mut sitemap = if text.starts_with('<') { Self::of_xml(text) } else { Self::of_lines(text) };
        is_cut |= sitemap.pages.len() > MAX_PAGES || sitemap.files.len() > MAX_PAGES;
        sitemap.pages.truncate(MAX_PAGES);
        sitemap.files.truncate(MAX_PAGES);
        sitemap.is_cut |= is_cut;
        sitemap
    }

    fn of_xml(text: &str) -> Self {
        let mut sitemap = Self::default();
        // `<x:urlset>` has `<x:loc>`; `<image:loc>` beside it is no page.
        let mut prefix: Option<(String, bool)> = None;
        let mut rest = text;
        while let Some((_, tag)) = rest.split_once('<') {
            let Some((name, inside)) = tag.split_once('>') else { break };
            rest = inside;
            let name = name.split_ascii_whitespace().next().unwrap_or_default().trim_end_matches('/');
            let Some((prefix, is_index)) = &prefix else {
                prefix = match name.rsplit_once(':').unwrap_or(("", name)) {
                    (prefix, "urlset") => Some((prefix.to_owned(), false)),
                    (prefix, "sitemapindex") => Some((prefix.to_owned(), true)),
                    _ => None,
                };
                continue;
            };
            if name.rsplit_once(':').unwrap_or(("", name)) != (prefix.as_str(), "loc") {
                continue;
            }
            let written = match rest.trim_start().strip_prefix("<![CDATA[") {
                Some(quoted) => quoted.split_once("]]>").map(|(quoted, _)| Cow::Borrowed(quoted)),
                None => rest.split_once('<').map(|(plain, _)| unescaped(plain)),
            };
            let Some(address) = written.map(|address| address.trim().to_owned()) else { break };
            sitemap.take(address, *is_index);
            if sitemap.pages.len().max(sitemap.files.len()) > MAX_PAGES {
                break;
            }
        }
        sitemap
    }

    fn of_lines(text: &str) -> Self {
        let mut sitemap = Self::default();
        let is_address = |line: &&str| line.starts_with("http://") || line.starts_with("https://");
        for line in text.lines().map(str::trim).filter(is_address).take(MAX_PAGES.saturating_add(1)) {
            sitemap.take(line.to_owned(), false);
        }
        sitemap
    }

    fn take(&mut self, address: String, is_file: bool) {
        if address.is_empty() || address.len() > MAX_ADDRESS {
            self.is_cut |= !address.is_empty();
        } else if is_file {
            self.files.push(address);
        } else {
            self.pages.push(address);
        }
    }
}

/// A file as it is read, and whether it goes on.
fn unpacked(bytes: &[u8]) -> (Cow<'_, [u8]>, bool) {
    if !bytes.starts_with(&GZIP) {
        return (Cow::Borrowed(bytes), false);
    }
    let mut unpacked = Vec::new();
    let bound = u64::try_from(MAX_UNPACKED).unwrap_or(u64::MAX);
    let end = MultiGzDecoder::new(bytes).take(bound).read_to_end(&mut unpacked);
    let is_cut = end.is_err() || unpacked.len() >= MAX_UNPACKED;
    (Cow::Owned(unpacked), is_cut)
}

/// A text of XML without its five names for signs, nor numbers for such.
fn unescaped(text: &str) -> Cow<'_, str> {
    let Some((plain, rest)) = text.split_once('&') else { return Cow::Borrowed(text) };
    let mut whole = plain.to_owned();
    for piece in rest.split('&') {
        let (name, after) = piece.split_once(';').unwrap_or(("", piece));
        let number = name.strip_prefix("#x").map(|hex| u32::from_str_radix(hex, 16));
        let number = number.or_else(|| name.strip_prefix('#').map(str::parse));
        let sign = match name {
            "amp" | "" => Some('&'),
            "lt" => Some('<'),
            "gt" => Some('>'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            _ => number.and_then(Result::ok).and_then(char::from_u32),
        };
        whole.extend(sign);
        whole.push_str(after);
    }
    Cow::Owned(whole)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    const PAGES: &str = r#"<?xml version="1.0"?><!-- kort --><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
        <url><loc> https://a.test/?a=1&amp;b=2&#38;c </loc><image:image><image:loc>https://a.test/x.png</image:loc></image:image></url>
        <url><loc><![CDATA[https://a.test/b?c&d]]></loc></url></urlset>"#;

    #[test]
    fn pages_are_read_and_pictures_are_not() {
        let sitemap = Sitemap::read(PAGES.as_bytes());
        assert_eq!(sitemap.pages, ["https://a.test/?a=1&b=2&c", "https://a.test/b?c&d"]);
        assert_eq!((sitemap.files.len(), sitemap.is_cut), (0, false));
    }

    #[test]
    fn an_index_names_files_whatever_its_prefix() {
        let text = "<s:sitemapindex><s:sitemap><s:loc>https://a.test/1.xml.gz</s:loc></s:sitemap></s:sitemapindex>";
        let sitemap = Sitemap::read(text.as_bytes());
        assert_eq!((sitemap.files, sitemap.pages), (vec!["https://a.test/1.xml.gz".to_owned()], Vec::new()));
    }

    #[test]
    fn a_packed_file_is_unpacked_and_a_broken_one_read_as_far_as_it_goes() {
        let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
        packer.write_all(PAGES.as_bytes()).unwrap();
        let packed = packer.finish().unwrap();
        assert_eq!(Sitemap::read(&packed), Sitemap::read(PAGES.as_bytes()));
        assert!(Sitemap::read(&packed[..packed.len() - 10]).is_cut);
    }

    #[test]
    fn a_file_that_unpacks_to_more_than_fits_is_cut() {
        let mut packer = GzEncoder::new(Vec::new(), Compression::best());
        packer.write_all(&vec![b' '; MAX_UNPACKED + 1]).unwrap();
        let sitemap = Sitemap::read(&packer.finish().unwrap());
        assert!(sitemap.is_cut && sitemap.pages.is_empty());
    }

    #[test]
    fn lines_are_pages_and_other_texts_are_none() {
        assert_eq!(Sitemap::read(b"https://a.test/1\r\nhttps://a.test/2\n").pages.len(), 2);
        for text in ["", "ikke fundet", "<html><loc>https://a.test/</loc></html>", "<urlset><loc>", "<urlset><loc>x"] {
            assert_eq!(Sitemap::read(text.as_bytes()), Sitemap::default(), "{text}");
        }
    }

    #[test]
    fn what_is_beyond_the_bounds_is_told() {
        let many: Vec<String> = (0..=MAX_PAGES).map(|number| format!("https://a.test/{number}")).collect();
        let sitemap = Sitemap::read(many.join("\n").as_bytes());
        assert_eq!((sitemap.pages.len(), sitemap.is_cut), (MAX_PAGES, true));
        let long = format!("https://a.test/{}", "x".repeat(MAX_ADDRESS));
        assert!(Sitemap::read(long.as_bytes()).is_cut);
    }

    #[test]
    fn signs_are_read_as_written() {
        for (text, expected) in [("a&amp;b", "a&b"), ("&#x41;&#66;", "AB"), ("a&b=c", "a&b=c"), ("&#x110000;", "")] {
            assert_eq!(unescaped(text), expected, "{text}");
        }
    }
}
