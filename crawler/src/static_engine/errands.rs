//! What a crawl asks a site for beside its pages: `robots.txt` and sitemaps. Without cookies and referrer.

use std::sync::Arc;

use model::Target;

use super::client::{Ask, Keep, Kind};
use super::loading::joined;
use super::visiting::Visitor;
use crate::errand::{DEADLINE, at};
use crate::frontier::LeftOut;
use crate::harvest::key_of;
use crate::links::{Leads, leads};
use crate::page::Link;
use crate::plan::RobotsTxt;
use crate::robots::{self, Rules};
use crate::sitemap::{self, Sitemap};
use crate::visit::Seen;

/// Redirects of such a file that are followed (RFC 9309 §2.3.1.2).
const MAX_REDIRECTS: usize = 5;

/// A file that came.
struct Fetched {
    status: u16,
    bytes: Vec<u8>,
    is_cut: bool,
}

impl Visitor<'_> {
    /// Asks the site of `target` what it wants of visitors and what pages it has, once a crawl.
    pub(super) fn learn(&mut self, target: &Target, seen: &mut Seen) {
        let is_of_use = self.plan.manners.robots != RobotsTxt::Unread && self.plan.scope.covers(&target.host);
        if !is_of_use || self.is_stopped() {
            return;
        }
        let robots = Arc::clone(&self.robots);
        let Some(asking) = robots.ask(target) else { return };
        let answer = self.fetch(&at(target, "/robots.txt"), robots::MAX_BYTES.saturating_add(1));
        let rules = Rules::read(answer.as_ref().map(|fetched| (fetched.status, fetched.bytes.as_slice())));
        if let Some(delay) = rules.delay().filter(|_| self.plan.obeys_robots()) {
            seen.delays.push((target.host.clone(), delay));
        }
        let mut files: Vec<String> = rules.sitemaps().map(str::to_owned).collect();
        // Nobody named it: it is asked for like a page.
        let usual = at(target, "/sitemap.xml");
        let may_ask = !self.plan.obeys_robots() || Target::parse(&usual).is_ok_and(|usual| rules.allow(&usual));
        if files.is_empty() && may_ask {
            files.push(usual);
        }
        if asking.learn(rules) {
            self.read_sitemaps(files, seen);
        }
    }

    /// The same for the other sites that links lead to.
    pub(super) fn learn_of_links(&mut self, seen: &mut Seen) {
        let others: Vec<Target> = seen.links.iter().filter(|link| !self.robots.knows(link)).cloned().collect();
        for other in others {
            self.learn(&other, seen);
        }
    }

    fn read_sitemaps(&mut self, named: Vec<String>, seen: &mut Seen) {
        let mut waiting: Vec<String> = named.into_iter().rev().collect();
        while let Some(file) = waiting.pop() {
            let Ok(target) = Target::parse(&file) else { continue };
            // What another site says of this one's pages is not asked for (sitemaps.org, "location").
            if !self.plan.scope.covers(&target.host) || !self.is_news(format!("sitemap {file}")) {
                continue;
            }
            if self.sitemaps_read >= sitemap::MAX_FILES || self.is_stopped() {
                seen.left_out.push((LeftOut::Sitemap, file));
                continue;
            }
            self.sitemaps_read = self.sitemaps_read.saturating_add(1);
            let Some(fetched) = self.fetch(&file, sitemap::MAX_BYTES) else { continue };
            if !(200..300).contains(&fetched.status) {
                continue;
            }
            let sitemap = Sitemap::read(&fetched.bytes);
            if sitemap.is_cut || fetched.is_cut {
                seen.left_out.push((LeftOut::Sitemap, file));
            }
            waiting.extend(sitemap.files.into_iter().rev());
            for page in sitemap.pages {
                let link = Link { href: page, ..Link::default() };
                match leads(&link, &self.plan.scope) {
                    Leads::In(target) => seen.mapped.push(target),
                    Leads::Aside(reason) => seen.left_out.push((reason, key_of(&link))),
                    Leads::Out(_) | Leads::Nowhere => {}
                }
            }
        }
    }

    fn fetch(&self, url: &str, longest: usize) -> Option<Fetched> {
        let mut target = Target::parse(url).ok()?;
        for _ in 0..=MAX_REDIRECTS {
            let ask = Ask { kind: Kind::Other, target: &target, from: None, referer: None, cookies: None, body: None };
            let answer = self.http.send(&ask, Keep::Bytes(longest), DEADLINE, &|| self.is_stopped()).ok()?;
            if !matches!(answer.status, 301 | 302 | 303 | 307 | 308) {
                let is_cut = answer.is_cut || answer.is_late;
                return Some(Fetched { status: answer.status, bytes: answer.bytes, is_cut });
            }
            target = joined(&target, &answer.header("location")?)?;
        }
        None
    }
}
