//! What must have happened after a step: the navigation that was recorded, the page that was expected.

use std::time::{Duration, Instant};

use model::Target;

use super::pane::{Footing, Pane, Place};
use super::steps::Stop;
use super::{Awaited, Expected, Navigation, Operator, Step};
use crate::address::template_key;

/// Where a browser is that could not go on.
const ERROR_PAGE: &str = "chrome-error:";

impl Operator {
    fn holds(self, count: u64, wanted: u64) -> bool {
        match self {
            Self::AtLeast => count >= wanted,
            Self::Exactly => count == wanted,
            Self::AtMost => count <= wanted,
        }
    }

    fn shown(self) -> &'static str {
        match self {
            Self::AtLeast => "at least",
            Self::Exactly => "exactly",
            Self::AtMost => "at most",
        }
    }
}

impl Awaited {
    /// Whether so many are there.
    pub(super) fn holds(&self, count: u64) -> bool {
        self.operator.holds(count, self.count)
    }

    /// What is waited for.
    pub(super) fn shown(&self) -> String {
        format!("{} {}", self.operator.shown(), self.count)
    }
}

/// The documents that a step may replace, as they were before it.
pub(super) struct Before {
    pane: Option<Footing>,
    frame: Option<Footing>,
}

impl Before {
    pub(super) fn of(pane: &Pane<'_>, step: &Step) -> Result<Self, Stop> {
        let frame = if step.frame.is_empty() { None } else { pane.footing(&step.frame)? };
        Ok(Self { pane: pane.footing(&[])?, frame })
    }

    /// Waits until the pane's own document was replaced by one that is complete.
    pub(super) fn wait_for_load(
        &self,
        pane: &Pane<'_>,
        deadline: Duration,
        stopped: &dyn Fn() -> bool,
    ) -> Result<(), Stop> {
        let begun = Instant::now();
        loop {
            let now = pane.footing(&[])?;
            if now.is_some_and(|now| now.is_ready && self.pane.as_ref().is_none_or(|before| now.is_other(before))) {
                return Ok(());
            }
            if begun.elapsed() > deadline {
                return Err(Stop::failed(format!("the page had not loaded after {} s", deadline.as_secs())));
            }
            Stop::pause(stopped)?;
        }
    }

    /// Waits until one of them was replaced by what the step must lead to, and that is complete.
    pub(super) fn wait(
        &self,
        pane: &Pane<'_>,
        step: &Step,
        deadline: Duration,
        stopped: &dyn Fn() -> bool,
    ) -> Result<(), Stop> {
        // Of a chain of redirects only the last page stays.
        let Some(wanted) = step.navigations.last() else { return Ok(()) };
        let begun = Instant::now();
        loop {
            let mut led_to = None;
            for (before, path) in [(&self.pane, &[][..]), (&self.frame, &step.frame)] {
                let Some(before) = before else { continue };
                let Some(now) = pane.footing(path)? else { continue };
                if now.is_other(before) && now.url.starts_with(ERROR_PAGE) {
                    return Err(Stop::failed("the page it leads to did not load"));
                }
                if now.is_new(before) && now.is_ready && wanted.is_met(&now.url) {
                    return Ok(());
                }
                if now.is_new(before) {
                    led_to = Some(now.url);
                }
            }
            if begun.elapsed() > deadline {
                let recorded = wanted.url.as_deref().unwrap_or("another page");
                return Err(Stop::failed(match led_to {
                    Some(url) => format!("it led to {url} and not to {recorded}"),
                    None => format!("it did not lead to {recorded}"),
                }));
            }
            Stop::pause(stopped)?;
        }
    }
}

impl Navigation {
    /// Whether `url` is of the kind recorded: what is made up anew each time, and the query, may differ.
    fn is_met(&self, url: &str) -> bool {
        let Some(wanted) = self.url.as_deref() else { return true };
        let kind = |url: &str| Target::parse(url).map(|target| template_key(&Target { query: None, ..target })).ok();
        match (kind(wanted), kind(url)) {
            (Some(wanted), Some(now)) => wanted == now,
            // An empty page or a file of the browser's own.
            (None, _) => true,
            (Some(_), None) => false,
        }
    }
}

impl Expected {
    /// What the page lacks; `None` when it is the one.
    pub(super) fn missing(&self, place: &Place<'_>) -> Result<Option<String>, Stop> {
        let url = place.footing()?.map(|footing| footing.url).unwrap_or_default();
        if let Some(wanted) = &self.url
            && !(Navigation { url: Some(wanted.clone()) }).is_met(&url)
        {
            return Ok(Some(format!("the page is {url} and not {wanted}")));
        }
        let says = |text: &str, of: &str| -> Result<bool, Stop> {
            let text = serde_json::Value::from(text);
            Ok(place.holds(&format!("({of}).includes({text})"))?)
        };
        if let Some(wanted) = &self.title
            && !says(wanted, "document.title")?
        {
            return Ok(Some(format!("the page's title does not say {wanted}")));
        }
        if let Some(wanted) = &self.text
            && !says(wanted, "document.body.innerText")?
        {
            return Ok(Some(format!("the page does not say {wanted}")));
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(wanted: &str, url: &str, expected: bool) {
        assert_eq!(Navigation { url: Some(wanted.to_owned()) }.is_met(url), expected, "{wanted} {url}");
    }

    #[test]
    fn a_navigation_may_differ_in_what_is_made_up() {
        case("https://a.test/sag/17?x=1", "https://a.test/sag/18?x=2", true);
        case("https://a.test/oversigt", "https://a.test/login", false);
        case("https://a.test/", "https://b.test/", false);
        case("https://a.test/", "chrome-error://chromewebdata/", false);
        case("about:blank", "https://a.test/", true);
        assert!(Navigation { url: None }.is_met("https://a.test/"));
    }

    #[test]
    fn a_count_is_held_against_its_operator() {
        let awaited = |operator| Awaited {
            operator,
            count: 2,
            visible: None,
            attributes: serde_json::Value::Null,
            properties: serde_json::Value::Null,
        };
        let holds = |operator| [1, 2, 3].map(|count| awaited(operator).holds(count));
        assert_eq!(holds(Operator::AtLeast), [false, true, true]);
        assert_eq!(holds(Operator::Exactly), [false, true, false]);
        assert_eq!(holds(Operator::AtMost), [true, true, false]);
    }
}
