//! Links that lead nowhere but by a script: pressed, to see which states of the page they show.
//!
//! Nobody knows before what a script does, so this is for systems whose registry says that anything may be sent there.

use std::time::Duration;

use model::VisitOutcome;
use model::registry::Submit;
use serde::Deserialize;
use serde_json::{from_value, json};

use crate::BrowserError;
use crate::address::canonical_key;
use crate::forms::Filled;
use crate::frontier::LeftOut;
use crate::links::may_press;
use crate::login::Door;
use crate::page::{Button, Page};
use crate::tab::Tab;
use crate::visit::{Seen, Step, Visitor};

/// Most such links pressed on one page: a menu.
const MAX_PRESSES: usize = 20;

/// A script that shows another state does so at once, and asks for what it lacks then.
const SHOWS: Duration = Duration::from_millis(300);

/// Finds the links, and keeps them at hand for pressing.
const FIND: &str = "((limit) => { const shown = (link) => link.checkVisibility?.({ visibilityProperty: true }) ?? true; \
    const found = [...document.querySelectorAll('a[href^=\"javascript:\" i], a[href=\"#\"], a:not([href]), [role=link]:not([href])')]; \
    globalThis.scripted = found.filter((link) => !link.closest('form') && shown(link)).slice(0, limit + 1); \
    return scripted.map((link) => ({ href: (link.href ?? '').slice(0, 1000), \
        text: (link.innerText ?? '').trim().slice(0, 200) })); })";

/// Presses one, unless it is gone.
const PRESS: &str = "((at) => { const link = globalThis.scripted?.[at]; if (!link?.isConnected) return false; \
    setTimeout(() => link.click(), 0); return true; })";

/// A link that a script works.
#[derive(Debug, Deserialize)]
struct Scripted {
    href: String,
    text: String,
}

impl Visitor<'_> {
    /// Presses the links of a page that scripts work, each once a crawl, and tells the states that they show.
    pub(crate) fn press_links(&mut self, tab: &Tab<'_>, step: &Step, seen: &mut Seen) -> Result<(), BrowserError> {
        if self.plan.submit != Submit::TestSystem || seen.reached.is_empty() || !tab.is_still()? {
            return Ok(());
        }
        let found = tab.ask(&format!("{FIND}({MAX_PRESSES})"))?;
        let links: Vec<Scripted> = found.and_then(|found| from_value(found).ok()).unwrap_or_default();
        let mut is_left = false;
        for (at, link) in links.into_iter().enumerate() {
            let button = Button { text: link.text.clone(), visible: true, ..Button::default() };
            if self.is_stopped() || link.text.is_empty() || !may_press(&button) {
                continue;
            }
            if !self.is_news(format!("scripted {} {}", link.href, link.text)) {
                continue;
            }
            if is_left || at >= MAX_PRESSES {
                seen.left_out.push((LeftOut::Script, format!("{} {}", step.asked, link.text)));
                continue;
            }
            let (mark, before) = (tab.mark(), tab.routes().urls.len());
            if tab.ask(&format!("{PRESS}({})", json!(at)))?.is_none_or(|pressed| pressed != true) {
                seen.left_out.push((LeftOut::Script, format!("{} {}", step.asked, link.text)));
                continue;
            }
            if tab.wait_for_start(mark, SHOWS)? {
                tab.wait_for_load(mark, self.plan.limits.page_deadline, &|| self.is_stopped())?;
            }
            let (is_still, routes) = (tab.is_still()?, tab.routes());
            if let Some(url) = routes.urls.get(before).filter(|_| is_still) {
                seen.pressed.push(link.href);
                self.see_state(tab, step, url, seen)?;
            } else if !is_still {
                // It loads a page: that is visited by its address, like any other.
                seen.links.extend(tab.read()?.and_then(|page| self.in_scope(&page.url)));
                seen.pressed.push(link.href);
                is_left = true;
            }
        }
        Ok(())
    }

    /// Reads the state that the page shows now, and tells it as a visit.
    fn see_state(&mut self, tab: &Tab<'_>, step: &Step, url: &str, seen: &mut Seen) -> Result<(), BrowserError> {
        let Some(target) = self.in_scope(url) else { return Ok(()) };
        let key = canonical_key(&target);
        if key == canonical_key(&step.asked) || !self.is_news(format!("state {key}")) {
            return Ok(());
        }
        let state = self.begin(target.clone(), None);
        self.rest(&state);
        // The links found before live in the world of before; reading does not end it.
        let Some(page) = tab.ask(&Page::expression())?.and_then(Page::from_value) else {
            let outcome = VisitOutcome::Failed("it does not answer".to_owned());
            self.tell_visit(&state, None, outcome, Vec::new(), 0);
            return Ok(());
        };
        self.take_facts(tab, &state)?;
        let links_out = self.harvest(tab, &page, &state, Door::None, seen)?;
        let has_fields = page.forms.iter().any(|form| !form.fields.is_empty());
        self.tell_visit(&state, Some(&page), VisitOutcome::Loaded, Filled::untouched(&page).into_forms(), links_out);
        // Its fields are filled where it is visited by its address.
        if has_fields {
            seen.links.push(target);
        } else {
            seen.states.push(target);
        }
        Ok(())
    }
}
