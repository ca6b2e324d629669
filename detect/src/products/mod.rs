//! Products told by the shape of their requests, so that a vendor is known behind a host of the system's own, behind
//! a gateway, or behind a name that nobody has heard of (sdk-facts 1.8). The rows are in `table`.

mod table;

use std::sync::LazyLock;

use model::{Host, RequestRecord, Target};

use table::PRODUCTS;

/// How much of a body is looked at: shapes are told by its beginning.
const MAX_BODY: usize = 64 * 1024;

/// Segments of a path looked at; paths of telemetry are short.
const MAX_SEGMENTS: usize = 64;

/// Parameters looked at in a query or a form.
const MAX_PARAMETERS: usize = 500;

/// How much of a body tells whether it is text.
const MAX_LOOKED_AT: usize = 256;

/// A product and what tells it.
#[derive(Debug)]
pub(crate) struct Product {
    /// What it is called.
    pub(crate) name: &'static str,
    operator: Operator,
    /// The last segments of the path: `{any}`, `{digits}`, `{sha256}`, `x*` for a beginning, and `{rest}` at the end for
    /// whatever follows.
    path: &'static str,
    signs: &'static [Sign],
}

/// The path of a product, cut into segments.
struct Pattern {
    parts: Vec<&'static str>,
    /// Whether anything may follow.
    is_open: bool,
}

/// Who runs a product.
#[derive(Clone, Copy, Debug)]
enum Operator {
    /// The vendor alone, or somebody who passes on to it; known by a host of the vendor's.
    Vendor(&'static str),
    /// Also those who use it, on machines of their own.
    Anyone,
}

/// What must be there beside the path.
#[derive(Clone, Copy, Debug)]
enum Sign {
    /// A parameter of the query, or of a body that is a form.
    Parameter(&'static str, Value),
    /// A header with this in its value.
    Header(&'static str, &'static str),
    /// The body's beginning.
    BodyBegins(&'static str),
    /// Something in the body's first bytes.
    BodyHolds(&'static str),
    /// The request is a `POST`.
    Post,
}

/// What a parameter's value must be.
#[derive(Clone, Copy, Debug)]
enum Value {
    Any,
    Is(&'static str),
    /// One of these beginnings.
    Begins(&'static [&'static str]),
    /// Nothing but so many digits or more.
    Digits(usize),
}

/// The product that a request to `target` is of, as far as its shape tells. Of a redirect only the target is known.
pub(crate) fn product(target: &Target, request: Option<&RequestRecord>) -> Option<&'static Product> {
    let segments = segments(target);
    let is_it = |product: &&Product| product.signs.iter().all(|sign| sign.is_given(target, request));
    rows().filter(|(_, pattern)| pattern.fits(&segments)).map(|(product, _)| product).find(is_it)
}

/// Whether the path of `target` is one that a vendor's product is told by.
pub(crate) fn may_be_product(target: &Target) -> bool {
    let segments = segments(target);
    rows().any(|(product, pattern)| product.vendor().is_some() && pattern.fits(&segments))
}

/// Every product with the pattern of its path, read once: each request is held against all of them.
fn rows() -> impl Iterator<Item = (&'static Product, &'static Pattern)> {
    static PATTERNS: LazyLock<Vec<Pattern>> =
        LazyLock::new(|| PRODUCTS.iter().map(|product| Pattern::new(product.path)).collect());
    PRODUCTS.iter().zip(PATTERNS.iter())
}

fn segments(target: &Target) -> Vec<&str> {
    target.path.split('/').filter(|segment| !segment.is_empty()).take(MAX_SEGMENTS).collect()
}

/// Every product's name.
pub(crate) fn product_names() -> impl Iterator<Item = &'static str> {
    PRODUCTS.iter().map(|product| product.name)
}

/// The product of this name.
pub(crate) fn named(name: &str) -> Option<&'static Product> {
    PRODUCTS.iter().find(|product| product.name == name)
}

impl Product {
    /// A host of the vendor that gets what is sent, when nobody else runs the product.
    pub(crate) fn vendor(&self) -> Option<Host> {
        match self.operator {
            Operator::Vendor(host) => Host::parse(host),
            Operator::Anyone => None,
        }
    }
}

impl Sign {
    fn is_given(self, target: &Target, request: Option<&RequestRecord>) -> bool {
        let body = || {
            let bytes = request.map(|request| request.body.bytes.as_slice()).unwrap_or_default();
            bytes.get(..MAX_BODY).unwrap_or(bytes)
        };
        match self {
            Self::Parameter(name, value) => {
                let query = target.query.as_deref().unwrap_or_default().as_bytes();
                has_parameter(query, name, value) || has_parameter(body(), name, value)
            }
            Self::Header(name, part) => {
                let text = request.and_then(|request| request.headers.text(name));
                text.is_some_and(|text| text.contains(part))
            }
            Self::BodyBegins(start) => body().starts_with(start.as_bytes()),
            Self::BodyHolds(part) => body().windows(part.len()).any(|window| window == part.as_bytes()),
            Self::Post => request.is_some_and(|request| request.method == "POST"),
        }
    }
}

impl Value {
    fn fits(self, value: &[u8]) -> bool {
        match self {
            Self::Any => true,
            Self::Is(text) => value == text.as_bytes(),
            Self::Begins(starts) => starts.iter().any(|start| value.starts_with(start.as_bytes())),
            Self::Digits(least) => value.len() >= least && value.iter().all(u8::is_ascii_digit),
        }
    }
}

fn has_parameter(pairs: &[u8], name: &str, value: Value) -> bool {
    // Pairs are text: an archive or a picture is not cut into them.
    let is_control = |byte: &u8| matches!(byte, 0..=8 | 0x0e..=0x1f);
    if pairs.iter().take(MAX_LOOKED_AT).any(is_control) {
        return false;
    }
    let mut pairs = pairs.split(|byte| matches!(byte, b'&' | b'\n')).take(MAX_PARAMETERS);
    pairs.any(|pair| {
        let rest = pair.strip_prefix(name.as_bytes()).and_then(|rest| rest.strip_prefix(b"="));
        rest.is_some_and(|rest| value.fits(rest))
    })
}

impl Pattern {
    /// That of a row's path.
    fn new(path: &'static str) -> Self {
        let is_open = path.ends_with("{rest}");
        let parts = path.split('/').filter(|part| !part.is_empty() && *part != "{rest}").collect();
        Self { parts, is_open }
    }

    fn fits(&self, segments: &[&str]) -> bool {
        let Self { parts, is_open } = self;
        let fits = |window: &[&str]| window.iter().zip(parts).all(|(segment, part)| is_segment(segment, part));
        if parts.is_empty() {
            return true;
        }
        if *is_open {
            return segments.windows(parts.len()).any(fits);
        }
        let tail = segments.len().checked_sub(parts.len()).and_then(|from| segments.get(from..));
        tail.is_some_and(fits)
    }
}

fn is_segment(segment: &str, pattern: &str) -> bool {
    match pattern {
        "{any}" => true,
        "{digits}" => segment.bytes().all(|byte| byte.is_ascii_digit()),
        "{sha256}" => segment.len() == 64 && segment.bytes().all(|byte| byte.is_ascii_hexdigit()),
        _ => match pattern.strip_suffix('*') {
            Some(start) => segment.starts_with(start) && segment.len() > start.len(),
            None => segment == pattern,
        },
    }
}

#[cfg(test)]
mod tests {
    use model::{Body, Headers};

    use super::*;
    use crate::companies::company;

    fn request(url: &str, headers: &[(&str, &str)], body: &str) -> RequestRecord {
        RequestRecord {
            method: if body.is_empty() { "GET" } else { "POST" }.to_owned(),
            target: Target::parse(url).unwrap(),
            version: "HTTP/1.1".to_owned(),
            headers: Headers(
                headers.iter().map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec())).collect(),
            ),
            body: Body::whole(body),
        }
    }

    fn told(url: &str, headers: &[(&str, &str)], body: &str) -> Option<&'static str> {
        let request = request(url, headers, body);
        product(&request.target, Some(&request)).map(|product| product.name)
    }

    #[track_caller]
    fn case(path: &str, body: &str, expected: Option<&str>) {
        assert_eq!(told(&format!("https://www.selvbetjening.test{path}"), &[], body), expected, "{path}");
    }

    #[test]
    fn pairs_are_text() {
        let has = |text: &[u8]| has_parameter(text, "tid", Value::Any);
        assert!(has(b"v=1&t=a\tb\r\ntid=UA-1-1") && has("navn=\u{f8}&tid=x".as_bytes()) && has(b"a=\xf8\ntid=x"));
        assert!(!has(b"v=1\0&tid=UA-1-1") && !has(b"\x1f\x8b\x08\ntid=x"));
        assert!(has(&[&b"a=1&tid=x&b=".repeat(MAX_LOOKED_AT)[..], b"\0"].concat()));
    }

    #[test]
    fn vendors_are_told_by_path_and_parameters() {
        case("/g/collect?v=2&tid=G-ABC123&dl=x", "", Some("Google Analytics 4"));
        case("/metrics/g/collect?v=2&tid=G-ABC123", "en=scroll&ep.x=1", Some("Google Analytics 4"));
        case("/j/collect?v=1&tid=UA-1-1", "", Some("Google Universal Analytics"));
        case("/collect", "v=1&t=pageview&tid=UA-1-1", Some("Google Universal Analytics"));
        case("/b/ss/skatprod/1/JS-2.20.0/s95512345678901?AQB=1", "", Some("Adobe Analytics"));
        case("/ee/irl1/v1/interact?configId=1f8b&requestId=2", "{}", Some("Adobe Experience Platform Web SDK"));
        case("/tr/?id=123456789012345&ev=PageView", "", Some("Meta Pixel"));
        case(&format!("/events/{}", "a1".repeat(32)), "{}", Some("Meta Conversions API Gateway"));
        case("/gtm.js?id=GTM-ABC12", "", Some("Google Tag Manager"));
        case("/gtag/js?id=G-ABC123&l=dataLayer", "", Some("Google tag (gtag.js)"));
        case("/collect/?v=2&fmt=js&pid=12345&time=1795324092", "", Some("LinkedIn Insight Tag"));
        case("/collect", "{\"e\":[\"0.8.70\",1,2]}", Some("Microsoft Clarity"));
        case("/matomo.php?idsite=7&rec=1", "", Some("Matomo"));
        case("/piwik.php", "idsite=7&rec=1&url=x", Some("Matomo"));
        case("/api/7/envelope/?sentry_key=ab", "{}", Some("Sentry"));
        case("/rb_bf12345?type=js3&sn=v_4", "x", Some("Dynatrace"));
        case("/i/v0/e/", "x", Some("PostHog"));
        case("/array/phc_AbC/config.js", "", Some("PostHog"));
        case(
            "/tr",
            "--x\r\nContent-Disposition: form-data; name=\"id\"\r\n\r\n1\r\n--x name=\"ev\"",
            Some("Meta Pixel"),
        );
    }

    #[test]
    fn what_merely_resembles_them_is_none() {
        case("/collect", "v=1&x=2", None);
        case("/collect?pid=7", "", None);
        case("/g/collect?v=2&tid=42", "", None);
        case("/events/2026", "{}", None);
        case(&format!("/events/{}", "a1".repeat(32)), "", None);
        case("/tr?id=7&ev=x", "", None);
        case("/b/ss/x", "", None);
        case("/gtm.js", "", None);
        case("/gtag/js?id=7", "", None);
        case("/matomo.php", "", None);
        case("/rb_side", "", None);
        case("/array/liste", "", None);
        case("/proxy?forward=%2Fapi%2Fv2%2Frum", "x", None);
        case("/", "", None);
    }

    #[test]
    fn a_header_tells_a_compressed_body() {
        let url = "https://www.selvbetjening.test/collect";
        assert_eq!(told(url, &[("Accept", "application/x-clarity-gzip")], "\u{1f}x"), Some("Microsoft Clarity"));
        assert_eq!(told(url, &[("Accept", "*/*")], "\u{1f}x"), None);
    }

    #[test]
    fn a_vendor_is_in_the_list_of_companies_and_a_name_tells_its_row() {
        for product in PRODUCTS {
            if let Operator::Vendor(host) = product.operator {
                let host = Host::parse(host).unwrap();
                assert!(company(&host).is_some(), "{}", product.name);
                assert!(company(&host).unwrap().legal_entity.is_some(), "{}", product.name);
            }
            let same = named(product.name).unwrap();
            assert_eq!(same.vendor(), product.vendor(), "one name, one operator: {}", product.name);
        }
    }
}
