//! What a page that was seen leads to: pages to visit, hosts outside, logins, and what is left aside.

use model::{BlindSpotKind, Host, Target};

use crate::BrowserError;
use crate::address::{canonical_key, is_same_place};
use crate::frontier::LeftOut;
use crate::links::{Leads, leads};
use crate::login::{Door, leads_to_login};
use crate::page::{Link, Page};
use crate::plan::Scope;
use crate::tab::Tab;
use crate::visit::{Seen, Step, Visitor};

impl Visitor<'_> {
    /// The host of a page that the system's hosts do not cover; such a page was not asked for.
    pub(crate) fn outside(&self, page: &Page) -> Option<Host> {
        Target::parse(&page.url).ok().map(|reached| reached.host).filter(|host| !self.plan.scope.covers(host))
    }

    /// Why a page outside was not taken in, and what to do about it.
    pub(crate) fn why_outside(&self, host: &Host) -> String {
        match &self.plan.scope {
            Scope::Hosts(_) => {
                format!("it leads to {host}, which is not among the system's hosts: add it to base_urls")
            }
            Scope::Site(_) => format!("it leads to {host}, which is another site: audit that by an address of its own"),
        }
    }

    /// Collects the links of a page that was seen; how many lead out of scope.
    pub(crate) fn harvest(
        &mut self,
        tab: &Tab<'_>,
        page: &Page,
        step: &Step,
        door: Door,
        seen: &mut Seen,
    ) -> Result<u32, BrowserError> {
        let Ok(reached) = Target::parse(&page.url) else { return Ok(0) };
        // Only a page that was really seen counts: a redirect counts for where it leads.
        if step.submitted_from.is_none() && door == Door::None {
            if is_same_place(&reached, &step.asked) {
                seen.reached.push(step.asked.clone());
            } else {
                seen.missed.get_or_insert_with(|| format!("it leads to another page, {reached}"));
            }
        }
        seen.reached.push(reached);
        let mut links_out = 0_u32;
        let bears_number = self.bears_number(&page.url);
        seen.is_numbered |= bears_number;
        seen.has_form |= page.forms.iter().any(|form| !form.search && form.fields.iter().any(|field| field.visible));
        seen.way_out = None;
        for link in &page.links {
            match leads(link, &self.plan.scope) {
                Leads::In(target) => seen.links.push(target),
                Leads::Out(target) => {
                    links_out = links_out.saturating_add(1);
                    if leads_to_login(&link.text, &target) {
                        self.tell_login_outside(&target.host, step);
                    }
                    if bears_number && seen.way_out.is_none() {
                        seen.way_out = self.way_out(page, link, &target);
                    }
                }
                Leads::Aside(reason) => seen.left_out.push((reason, key_of(link))),
                Leads::Nowhere => {}
            }
        }
        self.look_at_frames(tab, page, step, seen)?;
        seen.links_cut = seen.links_cut.saturating_add(page.links_cut);
        if page.nodes_cut {
            let detail = "the page has more elements than are read; forms and links after them were not seen";
            self.tell(BlindSpotKind::PagesLeftOut, &page.url, detail, Some(step.id));
        }
        Ok(links_out)
    }

    /// A window's or frame's address as a page to visit.
    pub(crate) fn in_scope(&self, url: &str) -> Option<Target> {
        match leads(&Link { href: url.to_owned(), ..Link::default() }, &self.plan.scope) {
            Leads::In(target) => Some(target),
            Leads::Out(_) | Leads::Aside(_) | Leads::Nowhere => None,
        }
    }

    /// The inside of another origin's frame cannot be read from its page. In scope it is a page of its own; elsewhere it
    /// is told when it has fields.
    fn look_at_frames(&mut self, tab: &Tab<'_>, page: &Page, step: &Step, seen: &mut Seen) -> Result<(), BrowserError> {
        let mut is_any_outside = false;
        for frame in &page.frames {
            match self.in_scope(frame) {
                Some(target) => seen.links.push(target),
                None => is_any_outside = true,
            }
        }
        for number in 0..page.frames_cut {
            seen.left_out.push((LeftOut::Frame, format!("{} {number}", page.url)));
        }
        if !is_any_outside {
            return Ok(());
        }
        for frame in tab.frames_with_fields()? {
            let Ok(target) = Target::parse(&frame) else {
                seen.left_out.push((LeftOut::Frame, format!("{} {frame}", page.url)));
                continue;
            };
            if leads_to_login("", &target) {
                self.tell_login_outside(&target.host, step);
            } else if !self.plan.scope.covers(&target.host) {
                seen.left_out.push((LeftOut::Frame, canonical_key(&target)));
            }
        }
        Ok(())
    }

    /// Tells once for each host that a login outside was not passed.
    fn tell_login_outside(&mut self, host: &Host, step: &Step) {
        if self.is_news(format!("login {host}")) {
            let detail = format!("a link leads to {host} to log in; what lies behind was not seen");
            self.tell(BlindSpotKind::LoginRequired, &step.asked.to_string(), detail, Some(step.id));
        }
    }
}

/// What tells a link that is left aside from others, wherever it is met.
pub(crate) fn key_of(link: &Link) -> String {
    Target::parse(&link.href).map_or_else(|_| link.href.clone(), |target| canonical_key(&target))
}
