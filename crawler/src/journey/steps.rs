//! Makes the steps of a journey, one after the other, in the tab and the windows it opens.

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::assert::Before;
use super::pane::{Handle, Pane, Place};
use super::placeholders::Text;
use super::select::{Sought, Tally};
use super::{Action, Awaited, Journey, PaneName, Selectors, Step, StepFailed, Viewport};
use crate::BrowserError;
use crate::address::template_key;
use crate::cut::cut;
use crate::devtools::{CALL_DEADLINE, DevTools};
use crate::keys::Key;
use crate::picture;

/// How long an element is waited for when the recording does not say, as in the Recorder's own replay.
const TIMEOUT: Duration = Duration::from_secs(5);

/// How often a page is looked at in that time.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// Longest title or heading told of a page where a step failed.
const MAX_TOLD: usize = 100;

/// Longest selector or address told.
const MAX_SHOWN: usize = 300;

/// Makes the steps of one journey.
pub(super) struct Runner<'a> {
    devtools: &'a DevTools,
    journey: &'a Journey,
    main: Pane<'a>,
    main_target: String,
    popups: BTreeMap<String, Pane<'a>>,
    /// Keys held that change what others do.
    modifiers: u32,
    /// How long a page may take to load where the recording does not say.
    page_deadline: Duration,
    stopped: &'a dyn Fn() -> bool,
    /// Whether the tab itself was closed.
    pub(super) is_closed: bool,
}

/// Why a step ended before it was done.
pub(super) enum Stop {
    /// It did not work; why.
    Failed(String),
    /// The user wants no more.
    Stopped,
    /// The browser is gone.
    Browser(BrowserError),
}

impl From<BrowserError> for Stop {
    fn from(error: BrowserError) -> Self {
        Self::Browser(error)
    }
}

impl Stop {
    pub(super) fn failed(why: impl Into<String>) -> Self {
        Self::Failed(why.into())
    }

    /// Waits until the next look.
    pub(super) fn pause(stopped: &dyn Fn() -> bool) -> Result<(), Self> {
        if stopped() {
            return Err(Self::Stopped);
        }
        thread::sleep(LOOK_AGAIN);
        Ok(())
    }
}

impl<'a> Runner<'a> {
    pub(super) fn new(
        devtools: &'a DevTools,
        (target, session): (&str, &str),
        journey: &'a Journey,
        page_deadline: Duration,
        stopped: &'a dyn Fn() -> bool,
    ) -> Self {
        let (main, popups) = (Pane::new(devtools, target, session), BTreeMap::new());
        let main_target = target.to_owned();
        Self { devtools, journey, main, main_target, popups, modifiers: 0, page_deadline, stopped, is_closed: false }
    }

    /// Makes one step, and waits for what it leads to.
    pub(super) fn perform(&mut self, step: &Step) -> Result<(), Stop> {
        if (self.stopped)() {
            return Err(Stop::Stopped);
        }
        if self.is_closed && step.target == PaneName::Main {
            return Err(Stop::failed("the tab was closed by an earlier step"));
        }
        self.find_popup(step)?;
        let pane = self.pane(&step.target)?;
        pane.call("Page.bringToFront", &json!({}), CALL_DEADLINE)?;
        let before = Before::of(pane, step)?;
        self.act(step, &before)?;
        match &step.action {
            Action::KeyDown(key) => self.modifiers |= key.modifier(),
            Action::KeyUp(key) => self.modifiers &= !key.modifier(),
            Action::Close if step.target == PaneName::Main => self.is_closed = true,
            _ => {}
        }
        if matches!(step.action, Action::Close) {
            return Ok(());
        }
        let pane = self.pane(&step.target)?;
        before.wait(pane, step, step.timeout.unwrap_or(self.page_deadline), self.stopped)?;
        pane.let_go()?;
        Ok(())
    }

    fn act(&self, step: &Step, before: &Before) -> Result<(), Stop> {
        let pane = self.pane(&step.target)?;
        match &step.action {
            Action::SetViewport(viewport) => set_viewport(pane, viewport)?,
            Action::Navigate(url) => self.navigate(pane, step, url, before)?,
            Action::Click(selectors, click) => {
                let (place, element) = self.find(pane, step, selectors, true)?;
                let pressed = pane.click(&place, &element, click, 1, self.modifiers)?;
                has_place(pressed)?;
            }
            Action::DoubleClick(selectors, click) => {
                let (place, element) = self.find(pane, step, selectors, true)?;
                let pressed = pane.click(&place, &element, click, 2, self.modifiers)?;
                has_place(pressed)?;
            }
            Action::Hover(selectors) => {
                let (place, element) = self.find(pane, step, selectors, false)?;
                has_place(pane.hover(&place, &element, self.modifiers)?)?;
            }
            Action::Change(selectors, value) => {
                let (place, element) = self.find(pane, step, selectors, true)?;
                change(pane, &place, &element, value)?;
            }
            Action::KeyDown(key) => {
                pane.key(&key.down(self.modifiers | key.modifier()))?;
            }
            Action::KeyUp(key) => {
                pane.key(&key.up(self.modifiers & !key.modifier()))?;
            }
            Action::Scroll { element, x, y } => {
                let (place, element) = match element {
                    Some(selectors) => {
                        let (place, element) = self.find(pane, step, selectors, false)?;
                        (place, element.argument())
                    }
                    None => (self.place(pane, step)?, json!({"value": null})),
                };
                place.tell("scroll", &[element, json!({"value": x}), json!({"value": y})])?;
            }
            Action::Close => {
                pane.call("Page.close", &json!({}), CALL_DEADLINE)?;
            }
            Action::EmulateNetworkConditions { download, upload, latency } => {
                let conditions = json!({
                    "offline": false, "latency": latency, "downloadThroughput": download, "uploadThroughput": upload,
                });
                pane.call("Network.emulateNetworkConditions", &conditions, CALL_DEADLINE)?;
            }
            Action::WaitForElement(selectors, awaited) => self.wait_for_element(pane, step, selectors, awaited)?,
            Action::WaitForExpression(expression) => {
                self.wait(step, || {
                    let Some(place) = pane.place(&step.frame)? else { return Ok(None) };
                    Ok(place.holds(expression)?.then_some(()))
                })?
                .ok_or_else(|| Stop::failed(format!("its expression does not hold within {} ms", within(step))))?;
            }
            // The crawl does it, which knows the answer.
            Action::Consent => {}
            Action::ExpectPage(expected) => {
                let mut lacks = None;
                let met = self.wait(step, || {
                    let Some(place) = pane.place(&step.frame)? else { return Ok(None) };
                    lacks = expected.missing(&place)?;
                    Ok(lacks.is_none().then_some(()))
                })?;
                met.ok_or_else(|| Stop::Failed(lacks.unwrap_or_else(|| "the page does not answer".to_owned())))?;
            }
        }
        Ok(())
    }

    /// Goes to an address, and waits for its page.
    fn navigate(&self, pane: &Pane<'_>, step: &Step, url: &Text, before: &Before) -> Result<(), Stop> {
        let deadline = step.timeout.unwrap_or_default().max(self.page_deadline);
        let Some(answer) = pane.call("Page.navigate", &json!({"url": url.reveal()}), deadline)? else {
            return Err(Stop::failed(format!("the page did not answer within {} s", deadline.as_secs())));
        };
        if let Some(reason) = answer.get("errorText").and_then(Value::as_str) {
            return Err(Stop::failed(reason));
        }
        // Without one it is another place on the same page.
        if answer.get("loaderId").is_some() {
            before.wait_for_load(pane, deadline, self.stopped)?;
        }
        Ok(())
    }

    /// Looks until `found` finds something, for as long as the step may take; `None` when it does not.
    fn wait<T>(&self, step: &Step, mut found: impl FnMut() -> Result<Option<T>, Stop>) -> Result<Option<T>, Stop> {
        let begun = Instant::now();
        loop {
            if let Some(found) = found()? {
                return Ok(Some(found));
            }
            if begun.elapsed() > step.timeout.unwrap_or(TIMEOUT) {
                return Ok(None);
            }
            Stop::pause(self.stopped)?;
        }
    }

    fn place<'p>(&self, pane: &'p Pane<'_>, step: &Step) -> Result<Place<'p>, Stop> {
        let found = self.wait(step, || Ok(pane.place(&step.frame)?))?;
        found.ok_or_else(|| Stop::failed(no_document(step)))
    }

    fn find<'p>(
        &self,
        pane: &'p Pane<'_>,
        step: &Step,
        selectors: &Selectors,
        wants_enabled: bool,
    ) -> Result<(Place<'p>, Handle), Stop> {
        let mut best = None;
        let found = self.wait(step, || {
            let Some(place) = pane.place(&step.frame)? else { return Ok(None) };
            match place.find(selectors, wants_enabled)? {
                Sought::Found(element) => Ok(Some((place, element))),
                Sought::Missing(tally) => {
                    best = Some(tally);
                    Ok(None)
                }
            }
        })?;
        found.ok_or_else(|| Stop::Failed(best.map_or_else(|| no_document(step), |best| best.why(step))))
    }

    fn wait_for_element(
        &self,
        pane: &Pane<'_>,
        step: &Step,
        selectors: &Selectors,
        awaited: &Awaited,
    ) -> Result<(), Stop> {
        let mut last = 0;
        let met = self.wait(step, || {
            let Some(place) = pane.place(&step.frame)? else { return Ok(None) };
            let Some(elements) = place.find_all(selectors)? else { return Ok(None) };
            let wanted = [
                elements.argument(),
                json!({"value": awaited.visible}),
                json!({"value": awaited.attributes}),
                json!({"value": awaited.properties}),
            ];
            last = place.tell("count", &wanted)?.and_then(|count| count.as_u64()).unwrap_or_default();
            Ok(awaited.holds(last).then_some(()))
        })?;
        met.ok_or_else(|| {
            Stop::failed(format!(
                "{last} elements match within {} ms, and {} were waited for",
                within(step),
                awaited.shown()
            ))
        })
    }

    fn pane(&self, name: &PaneName) -> Result<&Pane<'a>, Stop> {
        match name {
            PaneName::Main => Ok(&self.main),
            PaneName::Popup(url) => {
                self.popups.get(url).ok_or_else(|| Stop::failed(format!("no window with {url} was opened")))
            }
        }
    }

    /// Waits for the window that a step is for.
    fn find_popup(&mut self, step: &Step) -> Result<(), Stop> {
        let PaneName::Popup(wanted) = &step.target else { return Ok(()) };
        let open: Vec<String> = self.popups.keys().cloned().collect();
        if open.contains(wanted) {
            return Ok(());
        }
        let devtools = self.devtools;
        let found = self.wait(step, || {
            let windows = devtools.with_watch(|watch| watch.tab(&self.main_target).map(|tab| tab.open_popups.clone()));
            for window in windows.into_iter().flatten() {
                let session = devtools.with_watch(|watch| watch.tab(&window)?.session.clone());
                let Some(session) = session else { continue };
                let pane = Pane::new(devtools, &window, &session);
                let Some(now) = pane.footing(&[])? else { continue };
                if is_same_kind(&now.url, wanted) {
                    return Ok(Some(pane));
                }
            }
            Ok(None)
        })?;
        if let Some(pane) = found {
            pane.call("Emulation.setFocusEmulationEnabled", &json!({"enabled": true}), CALL_DEADLINE)?;
            self.popups.insert(wanted.clone(), pane);
        }
        Ok(())
    }

    /// What the page of a step shows, to be drawn; `None` when it does not answer.
    pub(super) fn snapshot(&self, step: &Step) -> Result<Option<Value>, BrowserError> {
        let pane = self.pane(&step.target).unwrap_or(&self.main);
        pane.call(picture::ASK, &picture::question(), picture::DEADLINE)
    }

    /// What to tell of a step that did not work.
    pub(super) fn failure(&self, step: &Step, why: &str) -> Result<StepFailed, BrowserError> {
        let pane = self.pane(&step.target).unwrap_or(&self.main);
        let place = match pane.place(&step.frame)? {
            Some(place) => Some(place),
            None => pane.place(&[])?,
        };
        let page = pane.footing(&[])?.map(|footing| footing.url).unwrap_or_default();
        let about = match &place {
            Some(place) => place.tell("about", &[])?,
            None => None,
        };
        let shown = |text: &str| cut(&self.journey.conceal(text), MAX_SHOWN);
        Ok(StepFailed {
            number: step.number,
            kind: step.kind.clone(),
            selector: step.selectors().map(|selectors| shown(&selectors.shown())),
            page: self.journey.conceal(&page),
            why: shown(why),
            seen: self.journey.conceal(&about.as_ref().map_or_else(|| "nothing".to_owned(), seen)),
        })
    }
}

impl Tally {
    fn why(self, step: &Step) -> String {
        let within = within(step);
        match (self.found, self.seen) {
            (0, _) => format!("no element matches within {within} ms"),
            (found, 0) => format!("{found} elements match within {within} ms, and none is visible"),
            (_, seen) => format!("{seen} elements match within {within} ms, and none is enabled"),
        }
    }
}

/// How long a step is tried, in milliseconds.
fn within(step: &Step) -> u128 {
    step.timeout.unwrap_or(TIMEOUT).as_millis()
}

fn no_document(step: &Step) -> String {
    if step.frame.is_empty() {
        return "the page does not answer".to_owned();
    }
    let path: Vec<String> = step.frame.iter().map(usize::to_string).collect();
    format!("there is no frame {}", path.join("."))
}

fn has_place(pressed: bool) -> Result<(), Stop> {
    if pressed { Ok(()) } else { Err(Stop::failed("its element went away")) }
}

fn is_same_kind(one: &str, other: &str) -> bool {
    let kind = |url: &str| model::Target::parse(url).map(|target| template_key(&target)).ok();
    one == other || kind(one).is_some_and(|one| Some(one) == kind(other))
}

/// Changes a field as a person does.
fn change(pane: &Pane<'_>, place: &Place<'_>, element: &Handle, value: &Text) -> Result<(), Stop> {
    let text = value.reveal();
    let way = place.tell("approach", &[element.argument(), json!({"value": text})])?;
    let told = |name: &str| way.as_ref().and_then(|way| way.get(name)).cloned().unwrap_or_default();
    match told("way").as_str().unwrap_or_default() {
        "done" => Ok(()),
        "click" => {
            let click = super::Click {
                button: super::Button::Primary,
                device: super::Device::Mouse,
                duration: Duration::ZERO,
                offset: (-1.0, -1.0),
            };
            has_place(pane.click(place, element, &click, 1, 0)?)
        }
        "type" if told("secret") == true && value.is_literal && !text.is_empty() => Err(Stop::failed(
            "a password stands in the file, and was not typed: write {{env:CPRVAGT_NAME}} in its place",
        )),
        "type" => {
            let taken = if text.is_empty() && told("held") != 0 {
                let key = Key::parse("Delete").ok_or_else(|| Stop::failed("no such key"))?;
                pane.key(&key.down(0))? && pane.key(&key.up(0))?
            } else {
                pane.type_text(text)?
            };
            if taken { Ok(()) } else { Err(Stop::failed("the page did not take the keys in")) }
        }
        "no-option" => Err(Stop::failed("its list has no such choice")),
        "file" => Err(Stop::failed("it chooses a file, which a recording does not hold")),
        "read-only" => Err(Stop::failed("its field cannot be changed")),
        "no-field" => Err(Stop::failed("its element is no field")),
        "not-taken" => Err(Stop::failed("its field did not take the value")),
        _ => Err(Stop::failed("its element went away")),
    }
}

fn set_viewport(pane: &Pane<'_>, viewport: &Viewport) -> Result<(), BrowserError> {
    let Viewport { width, height, scale, is_mobile, has_touch, is_landscape } = viewport;
    let orientation = if *is_landscape {
        json!({"type": "landscapePrimary", "angle": 90})
    } else {
        json!({"type": "portraitPrimary", "angle": 0})
    };
    let metrics = json!({
        "width": width, "height": height, "deviceScaleFactor": scale, "mobile": is_mobile,
        "screenOrientation": orientation,
    });
    pane.call("Emulation.setDeviceMetricsOverride", &metrics, CALL_DEADLINE)?;
    pane.call("Emulation.setTouchEmulationEnabled", &json!({"enabled": has_touch}), CALL_DEADLINE)?;
    Ok(())
}

/// The title, headings and number of controls of a page, in one line.
fn seen(about: &Value) -> String {
    let short = |text: &Value| cut(text.as_str().unwrap_or_default(), MAX_TOLD);
    let title = about.get("title").map(short).unwrap_or_default();
    let headings: Vec<String> =
        about.get("headings").and_then(Value::as_array).into_iter().flatten().map(short).collect();
    let count = |name: &str| about.get(name).and_then(Value::as_u64).unwrap_or_default();
    let (fields, buttons, links) = (count("fields"), count("buttons"), count("links"));
    let headings = headings.join(", ");
    if headings.is_empty() {
        return format!("title {title}; {fields} fields, {buttons} buttons, {links} links");
    }
    format!("title {title}; headings {headings}; {fields} fields, {buttons} buttons, {links} links")
}
