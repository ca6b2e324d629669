//! What the elements of a page ask for by themselves: pictures, scripts, sheets, frames, another page.

use std::borrow::Cow;

use model::Target;
use reqwest::Url;
use scraper::node::Element;

use super::client::Kind;
use super::document::{Reading, Resource};
use super::referrer::Policy;
use super::sheets;
use crate::page::MAX_FRAMES;

/// Longest delay of a `<meta http-equiv=refresh>` that a visit waits for in the browser.
const MAX_REFRESH: u32 = 10;

impl Reading {
    pub(super) fn take_meta(&mut self, element: &Element) {
        let attribute = |name: &str| element.attr(name).unwrap_or_default();
        if attribute("name").eq_ignore_ascii_case("referrer") {
            self.found.policy = Policy::of_word(attribute("content")).or(self.found.policy);
        } else if attribute("http-equiv").eq_ignore_ascii_case("refresh") && self.found.refresh.is_none() {
            let (delay, rest) = attribute("content").split_once([';', ',']).unwrap_or_default();
            let seconds = delay.trim().split('.').next().unwrap_or_default().parse::<u32>();
            let rest = rest.trim_start();
            let (name, after) = rest.split_at_checked(3).unwrap_or((rest, ""));
            let written =
                if name.eq_ignore_ascii_case("url") { after.trim_start().strip_prefix('=') } else { Some(rest) };
            let written = written.map(|written| written.trim().trim_matches(['"', '\'']));
            if let Some(written) = written.filter(|written| !written.is_empty())
                && seconds.is_ok_and(|seconds| seconds <= MAX_REFRESH)
            {
                self.found.refresh = self.target(written);
            }
        }
    }

    pub(super) fn take_resources(&mut self, element: &Element) {
        let attribute = |name: &str| element.attr(name).unwrap_or_default();
        let policy = element.attr("referrerpolicy").and_then(Policy::of_word);
        if let Some(style) = element.attr("style") {
            self.take_style(style);
        }
        match element.name() {
            "link" => {
                let rel = attribute("rel").to_ascii_lowercase();
                let kind = match rel.split_whitespace().find(|word| *word != "alternate" && *word != "shortcut") {
                    Some("stylesheet") => Kind::Style,
                    Some("icon") => Kind::Image,
                    Some("modulepreload") => Kind::Script,
                    Some("preload" | "prefetch" | "manifest") => Kind::Other,
                    _ => return,
                };
                self.ask_for(kind, attribute("href"), policy);
            }
            "script" => {
                let kind = attribute("type").trim().to_ascii_lowercase();
                if kind.is_empty() || kind == "module" || kind.contains("javascript") || kind.contains("ecmascript") {
                    self.found.has_scripts = true;
                    self.ask_for(Kind::Script, attribute("src"), policy);
                }
            }
            "img" => {
                let first = attribute("srcset").split_whitespace().next().unwrap_or_default();
                self.ask_for(Kind::Image, if attribute("src").is_empty() { first } else { attribute("src") }, policy);
            }
            "input" if attribute("type").eq_ignore_ascii_case("image") => {
                self.ask_for(Kind::Image, attribute("src"), policy);
            }
            "image" => self.ask_for(Kind::Image, attribute("href"), policy),
            "body" | "table" | "td" => self.ask_for(Kind::Image, attribute("background"), policy),
            "video" => {
                self.ask_for(Kind::Image, attribute("poster"), policy);
                self.ask_for(Kind::Media, attribute("src"), policy);
            }
            "audio" | "source" | "embed" => self.ask_for(Kind::Media, attribute("src"), policy),
            "object" => self.ask_for(Kind::Media, attribute("data"), policy),
            "iframe" | "frame" => self.take_frame(attribute("src"), policy),
            _ => {}
        }
    }

    fn take_frame(&mut self, written: &str, policy: Option<Policy>) {
        let Some(target) = self.target(written) else { return };
        if self.found.page.frames.len() >= usize::try_from(MAX_FRAMES).unwrap_or(usize::MAX) {
            self.found.page.frames_cut = self.found.page.frames_cut.saturating_add(1);
            return;
        }
        self.found.page.frames.push(target.to_string());
        self.found.resources.push(Resource { kind: Kind::Frame, target, policy });
    }

    pub(super) fn take_style(&mut self, style: &str) {
        for (kind, address) in sheets::addresses(style) {
            self.ask_for(kind, &address, None);
        }
    }

    fn ask_for(&mut self, kind: Kind, written: &str, policy: Option<Policy>) {
        if let Some(target) = self.target(written) {
            self.found.resources.push(Resource { kind, target, policy });
        }
    }

    /// An address as the page means it; its query in the page's own encoding. `None` for what is no address of the web.
    fn target(&self, written: &str) -> Option<Target> {
        let written = written.trim();
        if written.is_empty() {
            return None;
        }
        let encoding = self.encoding;
        let options = Url::options().base_url(Some(&self.base));
        let url = options
            .encoding_override(Some(&|text| Cow::Owned(encoding.encode(text).0.into_owned())))
            .parse(written)
            .ok()?;
        Target::parse(url.as_str()).ok().filter(|target| !target.scheme.as_str().starts_with("ws"))
    }
}
