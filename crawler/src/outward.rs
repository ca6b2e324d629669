//! The one step outside: from a page with a declared number in its address to whom it links to.
//!
//! What the next page gets as `Referer` and `document.referrer` is seen only by going there, as a citizen does who
//! follows the link. Nothing is read, filled or followed there.

use std::time::Duration;

use model::{CprNumber, Target, VisitOutcome};
use serde_json::json;

use crate::BrowserError;
use crate::address::template_key;
use crate::links::is_harmless;
use crate::login::leads_to_login;
use crate::page::{Link, Page};
use crate::tab::{Load, Tab};
use crate::visit::Visitor;

/// A link that leads anywhere begins to load at once.
const STARTS: Duration = Duration::from_secs(2);

/// Follows a link of the page, here and not in a window of its own; whether there is such a link.
const FOLLOW: &str = "((href) => { const link = [...document.links].find((link) => link.href === href); \
    if (!link) return false; link.setAttribute('target', '_self'); setTimeout(() => link.click(), 0); return true; })";

/// How a step outside is remembered among what was told.
const STEP_OUTSIDE: &str = "outward ";

/// A link to another site, on a page with a declared number in its address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WayOut {
    href: String,
    /// What the page is one of.
    template: String,
}

impl Visitor<'_> {
    /// Whether the address of `url` holds the number of the person that is played, or of one of the fields' own.
    pub(crate) fn bears_number(&self, url: &str) -> bool {
        let person = self.plan.person.iter().map(|person| person.cpr);
        person.chain(self.plan.canaries.iter().copied()).any(|number| bears(url, number))
    }

    /// How a page with a number in its address is left, if `link` is a way that may be gone.
    pub(crate) fn way_out(&self, page: &Page, link: &Link, target: &Target) -> Option<WayOut> {
        let may_go = !self.plan.manners.loopback_only || target.host.is_loopback();
        if !may_go || !is_harmless(link, target) || leads_to_login(&link.text, target) {
            return None;
        }
        let template = Target::parse(&page.url).map(|reached| template_key(&reached)).ok()?;
        Some(WayOut { href: link.href.clone(), template })
    }

    /// Follows a link of the page in `tab` to another site, as a visit of its own that ends with its load.
    /// Once for each template of pages.
    pub(crate) fn go_outside(&mut self, tab: &Tab<'_>, way: &WayOut) -> Result<(), BrowserError> {
        let WayOut { href, template } = way;
        let Ok(target) = Target::parse(href) else { return Ok(()) };
        if self.is_stopped() || !self.is_news(format!("{STEP_OUTSIDE}{template}")) {
            return Ok(());
        }
        let mark = tab.mark();
        let step = self.begin(target, None);
        let is_there = tab.ask(&format!("{FOLLOW}({})", json!(href)))?.is_some_and(|found| found == true);
        let outcome = if !is_there || !tab.wait_for_start(mark, STARTS)? {
            VisitOutcome::Failed("the link leads nowhere".to_owned())
        } else {
            match tab.wait_for_load(mark, self.plan.limits.page_deadline, &|| self.is_stopped())? {
                Load::Complete => VisitOutcome::Loaded,
                Load::Unfinished => VisitOutcome::Failed("it did not load in time".to_owned()),
                Load::Stopped => VisitOutcome::Failed("stopped".to_owned()),
                Load::Failed(reason) => VisitOutcome::Failed(reason),
            }
        };
        self.tell_visit(&step, None, outcome, Vec::new(), 0);
        Ok(())
    }
}

/// Whether what was `told` is that a step outside was taken.
pub(crate) fn is_step_outside(told: &str) -> bool {
    told.starts_with(STEP_OUTSIDE)
}

/// Whether the digits of `number` stand in an address, with whatever between birth date and serial that forms write.
pub(crate) fn bears(url: &str, number: CprNumber) -> bool {
    // In clear to be compared with an address; kept nowhere.
    let digits: Vec<char> = number.reveal().chars().filter(char::is_ascii_digit).collect();
    let (date, serial) = digits.split_at(digits.len().min(6));
    let (date, serial): (String, String) = (date.iter().collect(), serial.iter().collect());
    ["", "-", "%2D", "%2d", "+", "%20", "."].iter().any(|between| url.contains(&format!("{date}{between}{serial}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_in_an_address_is_seen_however_it_is_written() {
        let number = CprNumber::parse("0707614285").unwrap();
        for (url, expected) in [
            ("https://a.test/?cpr=0707614285", true),
            ("https://a.test/070761-4285/sag", true),
            ("https://a.test/?cpr=070761%2D4285", true),
            ("https://a.test/?cpr=070761+4285", true),
            ("https://a.test/?fra=070761&til=4285", false),
            ("https://a.test/?cpr=0101901234", false),
        ] {
            assert_eq!(bears(url, number), expected, "{url}");
        }
    }
}
