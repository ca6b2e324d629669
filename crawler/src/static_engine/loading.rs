//! What a browser does to show a page: asks for it, goes where it is sent, and asks for all that the page names.

use std::collections::{BTreeSet, VecDeque};
use std::time::{Duration, Instant};

use encoding_rs::{Encoding, UTF_8};
use model::{BlindSpotKind, Target};

use super::charset::decode;
use super::client::{Answer, Ask, Keep, Kind};
use super::cookies::Errand;
use super::document::{Document, Resource};
use super::referrer::{Policy, is_same_site};
use super::sheets;
use super::visiting::{Step, Visitor};

/// Most of a page that is read; what a browser shows of more nobody reads.
pub(super) const MAX_PAGE_MIB: usize = 8;

/// The same of a style sheet or a frame.
const MAX_PART: usize = 1 << 20;

/// Redirects in a row, as browsers follow them.
const MAX_REDIRECTS: usize = 20;

/// Most things asked for with one page; large pages ask for some two hundred.
const MAX_RESOURCES: usize = 400;

/// How deep frames stand in frames, and sheets import sheets.
const MAX_DEPTH: usize = 3;

/// How long one of them may take.
const PART_DEADLINE: Duration = Duration::from_secs(10);

/// How long all of them may take.
const PARTS_DEADLINE: Duration = Duration::from_secs(30);

/// How long reading a page may take once it is here.
const PARSE_DEADLINE: Duration = Duration::from_secs(10);

/// Where a page is asked for from.
#[derive(Clone, Debug)]
pub(super) struct Origin {
    pub(super) page: Target,
    pub(super) policy: Policy,
}

/// A page that came.
#[derive(Debug)]
pub(super) struct Loaded {
    pub(super) document: Document,
    pub(super) policy: Policy,
    pub(super) encoding: &'static Encoding,
    /// Where it is, after redirects.
    pub(super) at: Target,
    pub(super) retry_after: Option<String>,
    /// Whether the proxy answered in the site's stead.
    pub(super) is_by_proxy: bool,
}

/// What came of asking for a page.
#[derive(Debug)]
pub(super) enum Load {
    Page(Box<Loaded>),
    Download(Target),
    Failed(String),
    Stopped,
}

impl Visitor<'_> {
    /// Asks for a page, by a link of `from` if there is one, posting `body` if there is one.
    pub(super) fn load(
        &mut self,
        step: &Step,
        target: &Target,
        from: Option<&Origin>,
        body: Option<&(String, Vec<u8>)>,
    ) -> Load {
        let policy = from.map(|from| from.policy).unwrap_or_default();
        let page = from.map(|from| &from.page);
        let bytes = MAX_PAGE_MIB << 20;
        let deadline = self.plan.limits.page_deadline;
        let (at, answer) = match self.follow(Kind::Document, target, page, policy, body, Keep::Bytes(bytes), deadline) {
            Ok(came) => came,
            Err(_) if self.is_stopped() => return Load::Stopped,
            Err(reason) => return Load::Failed(reason),
        };
        if self.is_stopped() {
            return Load::Stopped;
        }
        let kind = answer.header("content-type").unwrap_or_default();
        let essence = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let is_html = matches!(essence.as_str(), "" | "text/html" | "application/xhtml+xml");
        let is_shown = is_html
            || ["text/", "image/", "audio/", "video/"].iter().any(|family| essence.starts_with(family))
            || matches!(essence.as_str(), "application/xml" | "application/json" | "application/pdf");
        let how = answer.header("content-disposition").unwrap_or_default();
        let is_saved = !is_shown || how.trim().to_ascii_lowercase().starts_with("attachment");
        if is_saved && answer.status < 400 {
            return Load::Download(at);
        }
        let place = step.asked.to_string();
        if answer.is_late {
            let seconds = deadline.as_secs();
            let detail = format!("it had not loaded after {seconds} seconds and was read as it was");
            self.tell(BlindSpotKind::PageFailed, &place, detail, Some(step.id));
        }
        if answer.is_cut {
            let detail = format!("it is larger than {MAX_PAGE_MIB} MiB and was read so far");
            self.tell(BlindSpotKind::PageFailed, &place, detail, Some(step.id));
        }
        let Some(document) = self.read(if is_html { &answer.bytes } else { &[] }, &kind, &at) else {
            return Load::Failed("it does not answer".to_owned());
        };
        let (mut document, encoding) = document;
        document.page.status = answer.status;
        let said = answer.header("referrer-policy").and_then(|value| Policy::of_header(&value));
        let is_by_proxy = answer
            .header("proxy-status")
            .is_some_and(|value| value.split([';', ',']).any(|part| part.trim() == "cprvagt"));
        Load::Page(Box::new(Loaded {
            policy: document.policy.or(said).unwrap_or_default(),
            document,
            encoding,
            at,
            retry_after: answer.header("retry-after"),
            is_by_proxy,
        }))
    }

    /// Asks for all that a page names: pictures, scripts, sheets, and what its frames and sheets name in turn.
    pub(super) fn load_parts(&mut self, step: &Step, loaded: &Loaded) -> Vec<Target> {
        let begun = Instant::now();
        let mut asked = BTreeSet::new();
        let mut frames_with_fields = Vec::new();
        let mut waiting: VecDeque<(Resource, Origin, usize)> = VecDeque::new();
        let origin = Origin { page: loaded.at.clone(), policy: loaded.policy };
        waiting.extend(loaded.document.resources.iter().map(|part| (part.clone(), origin.clone(), 0)));
        while let Some((part, from, depth)) = waiting.pop_front() {
            // An element of its own is asked for anew where it says something else of the referrer.
            let key = format!("{:?} {} {}", part.policy, from.page, part.target);
            if self.is_stopped() || !asked.insert(key) {
                continue;
            }
            if asked.len() > MAX_RESOURCES {
                let detail =
                    format!("more than {MAX_RESOURCES} images, scripts and styles; the others were not asked for");
                self.tell_restless(step, detail);
                break;
            }
            let left = PARTS_DEADLINE.saturating_sub(begun.elapsed());
            if left.is_zero() {
                self.tell_restless(step, format!("still loading after {} s", PARTS_DEADLINE.as_secs()));
                break;
            }
            let is_read = matches!(part.kind, Kind::Frame | Kind::Style) && depth < MAX_DEPTH;
            let keep = if is_read { Keep::Bytes(MAX_PART) } else { Keep::Nothing };
            let policy = part.policy.unwrap_or(from.policy);
            let came =
                self.follow(part.kind, &part.target, Some(&from.page), policy, None, keep, PART_DEADLINE.min(left));
            let Some((at, answer)) = came.ok().filter(|_| is_read) else { continue };
            if answer.is_cut || answer.is_late {
                self.tell_restless(step, format!("{at} was not read to its end"));
            }
            let said = answer.header("referrer-policy").and_then(|value| Policy::of_header(&value));
            let kind = answer.header("content-type").unwrap_or_default();
            if part.kind == Kind::Style {
                let origin = Origin { page: at, policy: said.unwrap_or_default() };
                let (text, _) = decode(&answer.bytes, &kind);
                let found = sheets::addresses(&text).into_iter().filter_map(|(kind, address)| {
                    let target = joined(&origin.page, &address)?;
                    Some((Resource { kind, target, policy: None }, origin.clone(), depth.saturating_add(1)))
                });
                waiting.extend(found);
            } else if let Some((document, _)) = self.read(&answer.bytes, &kind, &at) {
                let fields = document.page.forms.iter().flat_map(|form| &form.fields);
                if fields.into_iter().any(crate::fields::is_typed) {
                    frames_with_fields.push(at.clone());
                }
                let origin = Origin { page: at, policy: document.policy.or(said).unwrap_or_default() };
                let found = document.resources.into_iter();
                waiting.extend(found.map(|part| (part, origin.clone(), depth.saturating_add(1))));
            }
        }
        frames_with_fields
    }

    fn read(&self, bytes: &[u8], content_type: &str, at: &Target) -> Option<(Document, &'static Encoding)> {
        let begun = Instant::now();
        let (text, encoding) = if bytes.is_empty() { ("".into(), UTF_8) } else { decode(bytes, content_type) };
        let document = Document::read(&text, at, encoding, &|| begun.elapsed() > PARSE_DEADLINE || self.is_stopped())?;
        Some((document, encoding))
    }

    /// Asks, and goes where the answer sends, one request after the other; where it ended, and with what.
    #[expect(clippy::too_many_arguments, reason = "each says one thing of the request")]
    pub(super) fn follow(
        &mut self,
        kind: Kind,
        target: &Target,
        from: Option<&Target>,
        mut policy: Policy,
        body: Option<&(String, Vec<u8>)>,
        keep: Keep,
        deadline: Duration,
    ) -> Result<(Target, Answer), String> {
        let begun = Instant::now();
        let mut at = target.clone();
        let mut body = body;
        let mut is_same_site_so_far = true;
        let late = || format!("it did not load within {} seconds", deadline.as_secs());
        for _ in 0..=MAX_REDIRECTS {
            let left = deadline.saturating_sub(begun.elapsed());
            if left.is_zero() || self.is_stopped() {
                return Err(late());
            }
            is_same_site_so_far &= from.is_none_or(|from| is_same_site(from, &at));
            let errand = Errand {
                is_same_site: is_same_site_so_far,
                is_safe_navigation: kind == Kind::Document && body.is_none(),
            };
            let ask = Ask {
                kind,
                target: &at,
                from,
                referer: from.and_then(|from| policy.referer(from, &at)),
                cookies: self.jar.line(&at, errand),
                body: body.map(|(kind, bytes)| (kind.as_str(), bytes.as_slice())),
            };
            let answer = self
                .http
                .send(&ask, keep, left, &|| self.is_stopped())
                .map_err(|reason| if begun.elapsed() >= deadline { late() } else { reason })?;
            for cookie in answer.headers.get_all("set-cookie") {
                self.jar.take(&at, &String::from_utf8_lossy(cookie.as_bytes()), self.clock.now());
            }
            let Some(next) = redirect(&at, &answer) else { return Ok((at, answer)) };
            if let Some(said) = answer.header("referrer-policy").and_then(|value| Policy::of_header(&value)) {
                policy = said;
            }
            // Others than 307 and 308 make a GET of it (Fetch standard, "HTTP-redirect fetch").
            if !matches!(answer.status, 307 | 308) {
                body = None;
            }
            at = next;
        }
        Err(format!("it redirects more than {MAX_REDIRECTS} times"))
    }
}

/// Where an answer sends.
fn redirect(at: &Target, answer: &Answer) -> Option<Target> {
    if !matches!(answer.status, 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let next = joined(at, answer.header("location")?.trim())?;
    Some(Target { fragment: next.fragment.or_else(|| at.fragment.clone()), ..next })
}

/// `reference` as seen from `base`, as browsers read it.
pub(super) fn joined(base: &Target, reference: &str) -> Option<Target> {
    let url = reqwest::Url::parse(&base.to_string()).ok()?.join(reference).ok()?;
    Target::parse(url.as_str()).ok().filter(|target| !target.scheme.as_str().starts_with("ws"))
}
