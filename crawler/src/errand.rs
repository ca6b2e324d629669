//! What a crawl asks a site for beside its pages: `robots.txt` and sitemaps.
//!
//! Fetched by the browser, through the context's own proxy port, so that the wire shows it like everything else; but
//! not by a page, so that none of its scripts, policies and workers has a part in it, and without its address as referrer.

use std::sync::atomic::Ordering;
use std::time::Duration;

use model::Target;

use crate::BrowserError;
use crate::frontier::LeftOut;
use crate::harvest::key_of;
use crate::links::{Leads, leads};
use crate::page::Link;
use crate::plan::RobotsTxt;
use crate::robots::{self, Rules};
use crate::sitemap::{self, Sitemap};
use crate::tab::Tab;
use crate::visit::{Seen, Visitor};

/// How long such a file may take.
pub(crate) const DEADLINE: Duration = Duration::from_secs(10);

impl Visitor<'_> {
    /// Asks the site of `target` what it wants of visitors and what pages it has, once a crawl.
    pub(crate) fn learn(&mut self, tab: &Tab<'_>, target: &Target, seen: &mut Seen) -> Result<(), BrowserError> {
        if self.plan.manners.robots == RobotsTxt::Unread
            || !self.plan.scope.covers(&target.host)
            || self.robots.knows(target)
            || self.is_stopped()
        {
            return Ok(());
        }
        let Some(asking) = self.robots.ask(target) else { return Ok(()) };
        let answer = tab.fetch(&at(target, "/robots.txt"), robots::MAX_BYTES.saturating_add(1), DEADLINE)?;
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
            self.read_sitemaps(tab, files, seen)?;
        }
        Ok(())
    }

    /// The same for the other sites that links lead to.
    pub(crate) fn learn_of_links(&mut self, tab: &Tab<'_>, seen: &mut Seen) -> Result<(), BrowserError> {
        let others: Vec<Target> = seen.links.iter().filter(|link| !self.robots.knows(link)).cloned().collect();
        for other in others {
            self.learn(tab, &other, seen)?;
        }
        Ok(())
    }

    /// Whether a page may be visited; those that the plan names may.
    pub(crate) fn is_open(&self, target: &Target) -> bool {
        !self.plan.obeys_robots() || self.robots.allows(target)
    }

    fn read_sitemaps(&mut self, tab: &Tab<'_>, named: Vec<String>, seen: &mut Seen) -> Result<(), BrowserError> {
        let mut waiting: Vec<String> = named.into_iter().rev().collect();
        while let Some(file) = waiting.pop() {
            let Ok(target) = Target::parse(&file) else { continue };
            // What another site says of this one's pages is not asked for (sitemaps.org, "location").
            if !self.plan.scope.covers(&target.host) || !self.is_news(format!("sitemap {file}")) {
                continue;
            }
            if self.sitemaps_read.load(Ordering::Relaxed) >= sitemap::MAX_FILES || self.is_stopped() {
                seen.left_out.push((LeftOut::Sitemap, file));
                continue;
            }
            self.sitemaps_read.fetch_add(1, Ordering::Relaxed);
            let Some(fetched) = tab.fetch(&file, sitemap::MAX_BYTES, DEADLINE)? else { continue };
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
        Ok(())
    }
}

pub(crate) fn at(target: &Target, path: &str) -> String {
    format!("{}{path}", target.origin())
}
