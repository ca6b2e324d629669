//! One request and its answer, through the proxy and trusting its authority alone. Redirects, cookies and referrers are
//! not the client's business: each request is seen by who asks.

use std::io::Read as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use flate2::read::{MultiGzDecoder, ZlibDecoder};
use model::Target;
use reqwest::blocking::{Client, Response};
use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap};
use reqwest::redirect::Policy;
use reqwest::{Method, Proxy};
use rustls::{ClientConfig, RootCertStore};

use super::StaticEngineError;
use super::referrer::is_same_site;

/// As the browser of this machine would call itself: sites answer strangers with less.
const USER_AGENT: &str =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36";

/// A Danish citizen's.
const LANGUAGES: &str = "da-DK,da;q=0.9,en-US;q=0.8,en;q=0.7";

/// What is unpacked here; sites answer with something else only if they may.
const ENCODINGS: &str = "gzip, deflate";

/// How much is read at a time: between two the time is looked at.
const PIECE: usize = 64 << 10;

/// Most of an answer that is read to its end though nobody looks at it, so that its connection can be used again.
const MAX_DISCARDED: usize = 4 << 20;

/// What is asked for, as browsers say it (Fetch standard, "destination").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Document,
    Frame,
    Image,
    Script,
    Style,
    Font,
    Media,
    Other,
}

/// A request.
#[derive(Clone, Debug)]
pub(super) struct Ask<'a> {
    pub(super) kind: Kind,
    pub(super) target: &'a Target,
    /// The page that it comes from, if it comes from one.
    pub(super) from: Option<&'a Target>,
    /// The whole `Referer`.
    pub(super) referer: Option<String>,
    /// The whole `Cookie`.
    pub(super) cookies: Option<String>,
    /// What is posted, and of what type it is.
    pub(super) body: Option<(&'a str, &'a [u8])>,
}

/// How much of an answer is of interest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keep {
    /// So many bytes, unpacked.
    Bytes(usize),
    /// That it came.
    Nothing,
}

/// An answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    /// As far as it was wanted, unpacked.
    pub(super) bytes: Vec<u8>,
    /// Whether it is longer than that.
    pub(super) is_cut: bool,
    /// Whether time ran out before its end.
    pub(super) is_late: bool,
}

/// Sends requests.
pub(super) struct Http {
    client: Client,
}

impl Http {
    /// One that sends all through the proxy at `proxy`, and trusts the authority of `trusted` (DER) alone.
    pub(super) fn new(proxy: SocketAddr, trusted: &[Vec<u8>]) -> Result<Self, StaticEngineError> {
        let unusable = |reason: String| StaticEngineError::Unusable(reason);
        let mut roots = RootCertStore::empty();
        for certificate in trusted {
            roots.add(certificate.clone().into()).map_err(|error| unusable(error.to_string()))?;
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| unusable(error.to_string()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let proxy = Proxy::all(format!("http://{proxy}")).map_err(|error| unusable(error.to_string()))?;
        let client = Client::builder()
            .use_preconfigured_tls(tls)
            .proxy(proxy)
            .redirect(Policy::none())
            .referer(false)
            .http1_only()
            .http1_ignore_invalid_headers_in_responses(true)
            .user_agent(USER_AGENT)
            .build()
            .map_err(|error| unusable(chain(&error)))?;
        Ok(Self { client })
    }

    /// Sends a request, and reads of its answer what is wanted within `deadline`; why there is none, if there is none.
    pub(super) fn send(
        &self,
        ask: &Ask<'_>,
        keep: Keep,
        deadline: Duration,
        is_stopped: &dyn Fn() -> bool,
    ) -> Result<Answer, String> {
        let begun = Instant::now();
        let without_fragment = Target { fragment: None, ..ask.target.clone() }.to_string();
        let method = if ask.body.is_some() { Method::POST } else { Method::GET };
        let mut request = self.client.request(method, without_fragment).timeout(deadline);
        for (name, value) in ask.headers() {
            request = request.header(name, value);
        }
        if let Some((kind, bytes)) = ask.body {
            request = request.header(CONTENT_TYPE, kind).body(bytes.to_vec());
        }
        let response = request.send().map_err(|error| {
            if error.is_timeout() {
                format!("it did not load within {} seconds", deadline.as_secs())
            } else {
                chain(&error)
            }
        })?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let (longest, wanted) = match keep {
            Keep::Bytes(longest) => (longest, true),
            Keep::Nothing => (MAX_DISCARDED, false),
        };
        let read = read(response, longest, wanted, &|| begun.elapsed() > deadline || is_stopped());
        let packing = headers.get(CONTENT_ENCODING).and_then(|packing| packing.to_str().ok()).unwrap_or_default();
        let (bytes, is_more) = unpacked(read.bytes, packing, longest);
        Ok(Answer { status, headers, bytes, is_cut: read.is_cut || is_more, is_late: read.is_late })
    }
}

impl Ask<'_> {
    /// What a browser says beside what is asked for (Fetch standard; Fetch Metadata).
    fn headers(&self) -> Vec<(&'static str, String)> {
        let (accept, mode) = match self.kind {
            Kind::Document | Kind::Frame => {
                ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "navigate")
            }
            Kind::Image => ("image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8", "no-cors"),
            Kind::Style => ("text/css,*/*;q=0.1", "no-cors"),
            Kind::Font => ("*/*", "cors"),
            Kind::Script | Kind::Media | Kind::Other => ("*/*", "no-cors"),
        };
        let site = match self.from {
            None => "none",
            Some(from) if from.origin() == self.target.origin() => "same-origin",
            Some(from) if is_same_site(from, self.target) => "same-site",
            Some(_) => "cross-site",
        };
        let mut headers = vec![
            ("Accept", accept.to_owned()),
            ("Accept-Language", LANGUAGES.to_owned()),
            ("Accept-Encoding", ENCODINGS.to_owned()),
            ("Sec-Fetch-Site", site.to_owned()),
            ("Sec-Fetch-Mode", mode.to_owned()),
            ("Sec-Fetch-Dest", self.kind.destination().to_owned()),
        ];
        if mode == "navigate" {
            headers.push(("Upgrade-Insecure-Requests", "1".to_owned()));
        }
        // A form's page, or that of a font.
        if let Some(from) = self.from.filter(|_| self.body.is_some() || mode == "cors") {
            headers.push(("Origin", from.origin()));
        }
        headers.extend(self.referer.iter().map(|referer| ("Referer", referer.clone())));
        headers.extend(self.cookies.iter().map(|cookies| ("Cookie", cookies.clone())));
        headers
    }
}

impl Kind {
    fn destination(self) -> &'static str {
        match self {
            Self::Document => "document",
            Self::Frame => "iframe",
            Self::Image => "image",
            Self::Script => "script",
            Self::Style => "style",
            Self::Font => "font",
            Self::Media => "video",
            Self::Other => "empty",
        }
    }
}

impl Answer {
    /// A header's text.
    pub(super) fn header(&self, name: &str) -> Option<String> {
        self.headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
    }
}

/// What was read of a body.
#[derive(Default)]
struct Body {
    bytes: Vec<u8>,
    is_cut: bool,
    is_late: bool,
}

fn read(mut response: Response, longest: usize, wanted: bool, is_over: &dyn Fn() -> bool) -> Body {
    let mut body = Body::default();
    let mut piece = vec![0; PIECE];
    let mut length = 0_usize;
    loop {
        if is_over() {
            body.is_late = true;
            return body;
        }
        match response.read(&mut piece) {
            Ok(0) => return body,
            Ok(count) => {
                length = length.saturating_add(count);
                if wanted {
                    body.bytes.extend_from_slice(piece.get(..count).unwrap_or_default());
                }
                if length > longest {
                    body.is_cut = true;
                    return body;
                }
            }
            // Broken off: what came is read as it is, as browsers do.
            Err(_) => {
                body.is_late = true;
                return body;
            }
        }
    }
}

/// At most `longest` bytes of a body without its packing; whether there are more.
fn unpacked(bytes: Vec<u8>, packing: &str, longest: usize) -> (Vec<u8>, bool) {
    let mut whole = Vec::new();
    let bound = u64::try_from(longest).unwrap_or(u64::MAX).saturating_add(1);
    // What comes before a fault in it is kept.
    let _ = match packing.trim().to_ascii_lowercase().as_str() {
        "gzip" | "x-gzip" => MultiGzDecoder::new(&*bytes).take(bound).read_to_end(&mut whole),
        "deflate" => ZlibDecoder::new(&*bytes).take(bound).read_to_end(&mut whole),
        _ => {
            whole = bytes;
            Ok(0)
        }
    };
    let is_more = whole.len() > longest;
    whole.truncate(longest);
    (whole, is_more)
}

/// An error with what caused it, without the address, which is told beside it.
fn chain(error: &reqwest::Error) -> String {
    let mut text = "nothing answered".to_owned();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    #[test]
    fn a_packed_body_is_unpacked_up_to_its_bound() {
        let mut packer = GzEncoder::new(Vec::new(), Compression::best());
        packer.write_all(&vec![b'x'; 1_000]).unwrap();
        let packed = packer.finish().unwrap();
        assert_eq!(unpacked(packed.clone(), "gzip", 2_000), (vec![b'x'; 1_000], false));
        assert_eq!(unpacked(packed, "GZIP", 10), (vec![b'x'; 10], true));
        assert_eq!(unpacked(b"abc".to_vec(), "", 10), (b"abc".to_vec(), false));
        assert_eq!(unpacked(b"abc".to_vec(), "gzip", 10), (Vec::new(), false));
    }

    #[test]
    fn a_request_says_where_it_comes_from_and_what_it_is_for() {
        let page = Target::parse("https://www.a.test/x").unwrap();
        let other = Target::parse("https://b.test/t.gif").unwrap();
        let ask =
            Ask { kind: Kind::Image, target: &other, from: Some(&page), referer: None, cookies: None, body: None };
        let headers = ask.headers();
        assert!(headers.contains(&("Sec-Fetch-Site", "cross-site".to_owned())));
        assert!(headers.contains(&("Sec-Fetch-Dest", "image".to_owned())));
        let typed = Ask { kind: Kind::Document, from: None, ..ask };
        assert!(typed.headers().contains(&("Sec-Fetch-Site", "none".to_owned())));
    }
}
