//! Consent: a question for it that stands in a page is seen, and in a pass with an answer to give, answered.
//!
//! Rules that know the makers of such banners come first ([`autoconsent`]), then a list of our own ([`danish`]). Neither is
//! believed: an answer holds once the page is visited again and asks no more.

mod autoconsent;
mod danish;
mod messages;
mod surface;

use std::collections::BTreeMap;

use model::{BlindSpotKind, ConsentState, Site, Target};
use serde_json::{Value, json};

use self::danish::{Banner, Move};
use self::surface::Surface;
use crate::browser::Context;
use crate::tab::{Tab, tolerate};
use crate::visit::{Step, Visitor};
use crate::{BrowserError, Progress};

/// How often a site is given the same answer: one that asks again after that does not keep it.
const MAX_TRIES: u32 = 2;

/// Most stored things compared, and the most of each: what an answer leaves is small.
const MAX_STORED: usize = 500;

/// What the page's document stores for itself, as far as it is compared.
const STORED: &str = "(() => { const all = (store) => { try { return Object.entries(store).slice(0, 500)\
    .map(([key, value]) => [key.slice(0, 200), String(value).slice(0, 2000)]).sort(); } catch { return []; } }; \
    return [all(localStorage), all(sessionStorage)]; })()";

/// What the sites of a crawl asked and were answered, in one context of the browser.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    sites: BTreeMap<Site, Answer>,
    /// Whether any banner was told.
    is_told: bool,
    /// Looks so far: each has worlds of its own.
    looks: u32,
}

/// One site's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Answer {
    tries: u32,
    /// Whether something that looked like an answer was given.
    is_given: bool,
    /// Whether its question stood in the last page that was looked at.
    stands: bool,
    /// Whether it was told that it cannot be answered.
    is_told: bool,
}

/// What came of a look at a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Faced {
    /// Nothing stands in it, or nothing more is to be done about it.
    Settled,
    /// An answer was given just now: what the page sent was before it.
    Answered,
}

/// A banner that shows, and how it is worked.
struct Shown {
    name: String,
    /// The document it stands in.
    at: usize,
    way: Way,
}

enum Way {
    Rules,
    Own(usize, Banner),
}

impl Answers {
    /// What holds for a page of the site of `url`, where `wanted` is to be answered.
    pub(crate) fn state(&self, wanted: ConsentState, url: &str) -> ConsentState {
        let site = Target::parse(url).map(|target| target.host.site());
        let answer = site.ok().and_then(|site| self.sites.get(&site).copied()).unwrap_or_default();
        if answer.is_given && !answer.stands { wanted } else { ConsentState::Untouched }
    }

    /// The context is a new one, in which nobody has been asked.
    pub(crate) fn forget(&mut self) {
        for answer in self.sites.values_mut() {
            // What was told is not told again.
            *answer = Answer { is_told: answer.is_told, ..Answer::default() };
        }
    }

    fn of(&mut self, site: &Site) -> &mut Answer {
        self.sites.entry(site.clone()).or_default()
    }
}

impl Visitor<'_> {
    /// Looks whether a question for consent stands in the page of `step`, now at `url`, and gives the plan's answer if
    /// that may be done here.
    pub(crate) fn face_banner(
        &mut self,
        tab: &Tab<'_>,
        step: &Step,
        url: &str,
        may_answer: bool,
    ) -> Result<Faced, BrowserError> {
        let Ok(site) = Target::parse(url).map(|target| target.host.site()) else { return Ok(Faced::Settled) };
        let wanted = self.plan.consent;
        let is_watching = wanted == ConsentState::Untouched;
        if is_watching && self.answers.is_told {
            return Ok(Faced::Settled);
        }
        let surfaces = self.surfaces(tab)?;
        let Some(shown) = look(&surfaces)? else {
            self.answers.of(&site).stands = false;
            return Ok(Faced::Settled);
        };
        if !self.answers.is_told {
            self.answers.is_told = true;
            (self.tell)(Progress::Banner(shown.name.clone()));
        }
        let answer = self.answers.of(&site);
        answer.stands = true;
        if is_watching || answer.is_told || !may_answer {
            return Ok(Faced::Settled);
        }
        if answer.tries >= MAX_TRIES {
            let why = format!("it came back after it was answered {MAX_TRIES} times");
            self.tell_not_reached(step, &site, &shown.name, &why);
            return Ok(Faced::Settled);
        }
        answer.tries += 1;
        let before = stored(&self.context, &surfaces)?;
        if let Err(why) = self.press(&surfaces, &shown, wanted, step)? {
            self.tell_not_reached(step, &site, &shown.name, why);
            return Ok(Faced::Settled);
        }
        drop(surfaces);
        self.rest(step);
        // An answer may load the page anew, so the documents are others now.
        let surfaces = self.surfaces(tab)?;
        let is_gone = look(&surfaces)?.is_none();
        let is_kept = stored(&self.context, &surfaces)? != before;
        if is_gone || is_kept {
            self.answers.of(&site).is_given = true;
        } else if self.answers.of(&site).tries >= MAX_TRIES {
            self.tell_not_reached(step, &site, &shown.name, "it stands as before, and nothing was stored");
            return Ok(Faced::Settled);
        }
        Ok(Faced::Answered)
    }

    fn surfaces<'t>(&mut self, tab: &Tab<'t>) -> Result<Vec<Surface<'t>>, BrowserError> {
        self.answers.looks = self.answers.looks.wrapping_add(1);
        Surface::all(tab, &self.context.id, &format!("consent {}", self.answers.looks))
    }

    /// Gives the answer `wanted`; why there is no way to, if there is none.
    fn press(
        &mut self,
        surfaces: &[Surface<'_>],
        shown: &Shown,
        wanted: ConsentState,
        step: &Step,
    ) -> Result<Result<(), &'static str>, BrowserError> {
        let Some(surface) = surfaces.get(shown.at) else { return Ok(Err("its document is gone")) };
        let (at, banner) = match &shown.way {
            Way::Rules => {
                autoconsent::answer(surface, wanted, &|| self.is_stopped())?;
                return Ok(Ok(()));
            }
            Way::Own(at, banner) => (*at, banner),
        };
        let no_way = match wanted {
            ConsentState::Untouched | ConsentState::Accepted => "no button to accept was found",
            ConsentState::Refused => "no way to refuse was found",
        };
        let Some(first) = banner.way(wanted, true) else { return Ok(Err(no_way)) };
        if !danish::make(surface, at, first)? {
            return Ok(Err("its button could not be pressed"));
        }
        match first {
            Move::Press(_) | Move::AllOff(_) => return Ok(Ok(())),
            Move::Open(_) => {}
        }
        self.wire.settle(danish::SHOWS, danish::SHOWS * 4);
        self.rest(step);
        for (at, banner) in danish::look(surface)? {
            if let Some(second) = banner.way(wanted, false) {
                let is_made = danish::make(surface, at, second)?;
                return Ok(if is_made { Ok(()) } else { Err("its choices could not all be switched off") });
            }
        }
        Ok(Err("no way to refuse was found behind its settings"))
    }

    fn tell_not_reached(&mut self, step: &Step, site: &Site, name: &str, why: &str) {
        self.answers.of(site).is_told = true;
        // Each lane meets it; once a crawl is enough.
        if !self.is_news(format!("consent {} {why}", site.as_str())) {
            return;
        }
        let detail = match self.plan.consent {
            ConsentState::Untouched | ConsentState::Accepted => format!("could not accept what {name} asks: {why}"),
            ConsentState::Refused => format!("could not refuse what {name} asks: {why}"),
        };
        self.tell(BlindSpotKind::ConsentNotReached, &step.asked.to_string(), detail, Some(step.id));
    }
}

/// The banner that shows, by rules or else by our own list.
fn look(surfaces: &[Surface<'_>]) -> Result<Option<Shown>, BrowserError> {
    if let Some((name, at)) = autoconsent::look(surfaces)? {
        return Ok(Some(Shown { name, at, way: Way::Rules }));
    }
    for (at, surface) in surfaces.iter().enumerate() {
        if let Some((place, banner)) = danish::look(surface)?.into_iter().next() {
            return Ok(Some(Shown { name: banner.name.clone(), at, way: Way::Own(place, banner) }));
        }
    }
    Ok(None)
}

/// What browser and page have stored. Held only to be compared.
fn stored(context: &Context, surfaces: &[Surface<'_>]) -> Result<Vec<Value>, BrowserError> {
    let params = json!({"browserContextId": context.id});
    let cookies = tolerate(context.running.devtools().call(None, "Storage.getCookies", &params))?;
    let of =
        |cookie: &Value| ["name", "domain", "path", "value"].map(|key| cookie.get(key).cloned().unwrap_or_default());
    let cookies = cookies.as_ref().and_then(|cookies| cookies.get("cookies")?.as_array()).into_iter().flatten();
    let mut stored: Vec<Value> = cookies.take(MAX_STORED).map(|cookie| json!(of(cookie))).collect();
    stored.sort_by_key(Value::to_string);
    if let Some(page) = surfaces.first() {
        stored.extend(page.ask(STORED)?);
    }
    Ok(stored)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_holds_for_its_site_while_it_asks_no_more() {
        let mut answers = Answers::default();
        let site = Target::parse("https://www.a.test/").unwrap().host.site();
        let state = |answers: &Answers, url: &str| answers.state(ConsentState::Refused, url);
        assert_eq!(state(&answers, "https://a.test/x"), ConsentState::Untouched);
        *answers.of(&site) = Answer { tries: 1, is_given: true, stands: true, is_told: false };
        assert_eq!(state(&answers, "https://a.test/x"), ConsentState::Untouched);
        answers.of(&site).stands = false;
        assert_eq!(state(&answers, "https://sub.a.test/x"), ConsentState::Refused);
        assert_eq!(state(&answers, "https://b.test/"), ConsentState::Untouched);
        assert_eq!(state(&answers, "no address"), ConsentState::Untouched);
        answers.forget();
        assert_eq!(state(&answers, "https://a.test/x"), ConsentState::Untouched);
    }
}
