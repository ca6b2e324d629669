//! One tab: load, read, type, leave. Nothing a page does keeps it longer than its deadlines.

use std::cell::{Cell, RefCell};
use std::sync::mpsc::TryRecvError;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::BrowserError;
use crate::browser::{Context, DrivenTab, Refusal, Running, odd_answer, window_size};
use crate::devtools::DevTools;
use crate::keys::Key;
use crate::page::Page;
use crate::routes::Routes;
use crate::watch::{Interference, Watch};

/// How long a page may take to answer a question; a busy one takes seconds.
const ASK_DEADLINE: Duration = Duration::from_secs(10);

/// How long one key may take to be taken in.
const KEY_DEADLINE: Duration = Duration::from_secs(5);

/// How long a page may take to close, its `beforeunload` dialog answered.
const CLOSE_DEADLINE: Duration = Duration::from_secs(5);

/// How long after a failed load its reason may take.
const REASON_DEADLINE: Duration = Duration::from_secs(1);

/// What the browser says when a navigation ends without a page.
const ABORTED: &str = "ERR_ABORTED";

/// How long to wait between two looks at a document that is still being parsed.
const READ_AGAIN: Duration = Duration::from_millis(200);

/// How long a frame may take to tell whether it shows fields.
const FRAME_DEADLINE: Duration = Duration::from_secs(2);

/// Most frames asked on a page, as many as are named.
const MAX_FRAMES: usize = 100;

/// Whether a frame that the page's own script cannot have read shows a field that a person types into or chooses with.
const SHOWS_FIELDS: &str = "(() => { try { return !top.document } catch { return true } })() \
    && innerWidth > 50 && innerHeight > 20 && [...document.querySelectorAll('input, textarea, select')].some(field => \
    !/^(hidden|submit|button|image|reset|checkbox|radio|range)$/.test(field.type) && field.getClientRects().length > 0)";

/// Name of the world that the reading script lives in.
const WORLD: &str = "crawl";

/// An open tab.
pub(crate) struct Tab<'a> {
    running: &'a Running,
    devtools: &'a DevTools,
    driven: DrivenTab,
    context: String,
    target: String,
    session: String,
    world: Cell<Option<i64>>,
    failure: RefCell<Option<Refusal>>,
}

/// How a load ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Load {
    /// The load event came.
    Complete,
    /// It did not, within the deadline; the page was stopped as it was.
    Unfinished,
    /// There will be no page; why.
    Failed(String),
    /// The crawl was stopped.
    Stopped,
}

/// How much had happened in a tab at one moment, to tell what happens after it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    loads: u32,
    starts: u32,
    downloads: u32,
    routes: u32,
}

/// What a page did, over its whole life, that was answered or refused.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Interferences {
    /// Dialogs.
    pub(crate) dialogs: Interference,
    /// Windows.
    pub(crate) popups: Interference,
    /// Downloads.
    pub(crate) downloads: Interference,
    /// It could not be closed.
    pub(crate) stuck: bool,
}

impl<'a> Tab<'a> {
    /// Opens an empty tab in `context`.
    pub(crate) fn open(running: &'a Running, context: &Context) -> Result<Self, BrowserError> {
        let devtools = running.devtools();
        let driven = running.open_tab(context)?;
        let target = driven.target_id().to_owned();
        let session = devtools
            .wait_for(ASK_DEADLINE, &|| false, |watch| watch.tab(&target)?.session.clone())?
            .ok_or_else(|| BrowserError::Silent { method: "Target.attachToTarget".to_owned() })?;
        let (width, height) = window_size();
        let metrics = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        devtools.call(Some(&session), "Emulation.setDeviceMetricsOverride", &metrics)?;
        devtools.call(Some(&session), "Emulation.setFocusEmulationEnabled", &json!({"enabled": true}))?;
        let (world, failure, context) = (Cell::new(None), RefCell::new(None), context.id.clone());
        Ok(Self { running, devtools, driven, context, target, session, world, failure })
    }

    /// Our own connection to the browser.
    pub(crate) fn devtools(&self) -> &'a DevTools {
        self.devtools
    }

    /// The browser's name for it.
    pub(crate) fn target(&self) -> &str {
        &self.target
    }

    /// The session that our own connection has with it.
    pub(crate) fn session(&self) -> &str {
        &self.session
    }

    /// Goes to `url` and waits for its load event.
    pub(crate) fn load(&self, url: &str, deadline: Duration, stopped: &dyn Fn() -> bool) -> Result<Load, BrowserError> {
        let begun = Instant::now();
        let mark = self.mark();
        let answer = self.driven.navigate(url);
        let refused = || match answer.try_recv() {
            Ok(Err(refusal)) => {
                *self.failure.borrow_mut() = Some(refusal);
                true
            }
            Ok(Ok(())) | Err(TryRecvError::Empty | TryRecvError::Disconnected) => false,
        };
        let load = self.wait_for_end(mark, deadline, &|| stopped() || refused(), |_| false)?;
        if load == Load::Complete {
            // An error page loads as well; its reason comes by the other way.
            let left = REASON_DEADLINE.min(deadline.saturating_sub(begun.elapsed()));
            if let Ok(Err(refusal)) = answer.recv_timeout(left) {
                return self.refused(refusal).map(Load::Failed);
            }
        }
        let Some(refusal) = self.failure.take() else { return Ok(load) };
        let reason = self.refused(refusal)?;
        if reason.contains(ABORTED) {
            // A page that turns out to be a download is told as one a moment later.
            self.devtools.wait_for(REASON_DEADLINE, stopped, |watch| {
                watch.tab(&self.target)?.downloads.happened().then_some(())
            })?;
        }
        Ok(Load::Failed(reason))
    }

    /// Why there will be no page; an error if it is none of the page's doing.
    fn refused(&self, refusal: Refusal) -> Result<String, BrowserError> {
        match refusal {
            Refusal::Page(reason) => Ok(reason),
            Refusal::Unsent(reason) => Err(self.running.gone(&reason)),
        }
    }

    /// What has happened so far.
    pub(crate) fn mark(&self) -> Mark {
        self.devtools.with_watch(|watch| self.mark_in(watch))
    }

    /// Waits until a further main-frame load begins; whether one did.
    pub(crate) fn wait_for_start(&self, since: Mark, at_most: Duration) -> Result<bool, BrowserError> {
        let look =
            |watch: &Watch| watch.tab(&self.target).filter(|tab| tab.starts > since.starts || tab.crashed).map(drop);
        Ok(self.devtools.wait_for(at_most, &|| false, look)?.is_some())
    }

    /// Waits for a load event after `since`, or for a script to show another address instead: that begins like a load,
    /// and has no such event.
    pub(crate) fn wait_for_load(
        &self,
        since: Mark,
        deadline: Duration,
        give_up: &dyn Fn() -> bool,
    ) -> Result<Load, BrowserError> {
        self.wait_for_end(since, deadline, give_up, |now| now.routes > since.routes)
    }

    fn wait_for_end(
        &self,
        since: Mark,
        deadline: Duration,
        give_up: &dyn Fn() -> bool,
        is_end: impl Fn(&Mark) -> bool,
    ) -> Result<Load, BrowserError> {
        let begun = Instant::now();
        let look = |watch: &Watch| {
            let tab = watch.tab(&self.target)?;
            if tab.crashed || tab.closed {
                return Some(Load::Failed(
                    if tab.crashed { "the tab crashed" } else { "the page closed itself" }.to_owned(),
                ));
            }
            let now = self.mark_in(watch);
            // A page that begins a download while it loads has no load event any more.
            (now.loads > since.loads || now.downloads > since.downloads || is_end(&now)).then_some(Load::Complete)
        };
        // Nothing comes any more then.
        let give_up = || give_up() || self.running.has_lost_network();
        if let Some(load) = self.devtools.wait_for(deadline, &give_up, look)? {
            return Ok(load);
        }
        self.running.check_network()?;
        if begun.elapsed() < deadline {
            return Ok(Load::Stopped);
        }
        tolerate(self.devtools.call(Some(&self.session), "Page.stopLoading", &json!({})))?;
        Ok(Load::Unfinished)
    }

    /// Reads the page; `None` when it does not answer.
    pub(crate) fn read(&self) -> Result<Option<Page>, BrowserError> {
        let begun = Instant::now();
        loop {
            self.world.set(None);
            let page = self.ask(&Page::expression())?.and_then(Page::from_value);
            match page {
                // A page that has just been replaced by the next answers with nothing.
                Some(page) if page.ready => return Ok(Some(page)),
                page if begun.elapsed() > ASK_DEADLINE || self.is_lost() => return Ok(page),
                _ => thread::sleep(READ_AGAIN),
            }
        }
    }

    /// Evaluates `expression` beside the page's own scripts; `None` when it fails or the page does not answer.
    pub(crate) fn ask(&self, expression: &str) -> Result<Option<Value>, BrowserError> {
        let Some(world) = self.world()? else { return Ok(None) };
        let question = json!({
            "expression": expression, "contextId": world, "returnByValue": true, "userGesture": true, "silent": true,
        });
        let answer = self.devtools.call_within(Some(&self.session), "Runtime.evaluate", &question, ASK_DEADLINE);
        let Some(answer) = tolerate(answer)? else { return Ok(None) };
        if answer.get("exceptionDetails").is_some() {
            return Ok(None);
        }
        Ok(answer.get("result").and_then(|result| result.get("value")).cloned())
    }

    /// Types `text` into what has the focus, key by key; whether the page took all keys in.
    pub(crate) fn type_text(&self, text: &str) -> Result<bool, BrowserError> {
        for character in text.chars() {
            let key = Key::of(character);
            for event in [key.down(0), key.up(0)] {
                let sent =
                    self.devtools.call_within(Some(&self.session), "Input.dispatchKeyEvent", &event, KEY_DEADLINE);
                if tolerate(sent)?.is_none() {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    /// Sends a command for this tab; `None` when it fails or is not answered in time.
    pub(crate) fn command(
        &self,
        method: &str,
        params: &Value,
        deadline: Duration,
    ) -> Result<Option<Value>, BrowserError> {
        tolerate(self.devtools.call_within(Some(&self.session), method, params, deadline))
    }

    /// The browser's name for its context.
    pub(crate) fn context(&self) -> &str {
        &self.context
    }

    /// The id of its main frame.
    pub(crate) fn frame(&self) -> &str {
        &self.target
    }

    /// The addresses that it showed without loading them.
    pub(crate) fn routes(&self) -> Routes {
        self.devtools.with_watch(|watch| watch.tab(&self.target).map(|tab| tab.routes.clone()).unwrap_or_default())
    }

    /// Whether the process behind it ended.
    pub(crate) fn has_crashed(&self) -> bool {
        self.devtools.with_watch(|watch| watch.tab(&self.target).is_some_and(|tab| tab.crashed))
    }

    /// Whether it crashed or was closed.
    pub(crate) fn is_gone(&self) -> bool {
        self.devtools.with_watch(|watch| watch.tab(&self.target).is_none_or(|tab| tab.crashed || tab.closed))
    }

    /// When the page wants to be asked again, as it says.
    pub(crate) fn retry_after(&self) -> Option<String> {
        self.devtools.with_watch(|watch| watch.tab(&self.target)?.retry_after.clone())
    }

    /// Closes the windows that the page opened; their addresses.
    pub(crate) fn close_popups(&self) -> Result<Vec<String>, BrowserError> {
        let open = self
            .devtools
            .with_watch(|watch| watch.tab(&self.target).map(|tab| tab.open_popups.clone()).unwrap_or_default());
        let mut addresses = Vec::new();
        for popup in open {
            let params = json!({"targetId": popup});
            let info = tolerate(self.devtools.call(None, "Target.getTargetInfo", &params))?;
            let address = info.as_ref().and_then(|info| info.get("targetInfo")?.get("url")?.as_str());
            addresses.extend(address.map(str::to_owned));
            tolerate(self.devtools.call(None, "Target.closeTarget", &params))?;
        }
        Ok(addresses)
    }

    /// Leaves the page, so that it sends what it sends at its end, and tells what it did in its life.
    pub(crate) fn close(self) -> Result<Interferences, BrowserError> {
        let answer = self.driven.close();
        let mut is_closed = self.wait_until_closed()?;
        if !is_closed {
            tracing::debug!("a page did not close when asked");
            tolerate(self.devtools.call(None, "Target.closeTarget", &json!({"targetId": self.target})))?;
            is_closed = self.wait_until_closed()?;
        }
        drop(answer);
        Ok(self.devtools.with_watch(|watch| {
            let tab = watch.tab(&self.target);
            let told = Interferences {
                dialogs: tab.map(|tab| tab.dialogs.clone()).unwrap_or_default(),
                popups: tab.map(|tab| tab.popups.clone()).unwrap_or_default(),
                downloads: tab.map(|tab| tab.downloads.clone()).unwrap_or_default(),
                stuck: !is_closed,
            };
            watch.forget(&self.target);
            told
        }))
    }

    /// Whether the page is the proxy's own, since the site did not answer.
    pub(crate) fn is_answered_by_proxy(&self) -> bool {
        self.devtools.with_watch(|watch| watch.tab(&self.target).is_some_and(|tab| tab.by_proxy))
    }

    /// Addresses of frames of other origins that show fields.
    pub(crate) fn frames_with_fields(&self) -> Result<Vec<String>, BrowserError> {
        let mut found = self.near_frames_with_fields()?;
        found.extend(self.far_frames_with_fields()?);
        Ok(found)
    }

    /// Frames that share the page's process: of another origin, of the same site.
    fn near_frames_with_fields(&self) -> Result<Vec<String>, BrowserError> {
        let Some(tree) = tolerate(self.devtools.call(Some(&self.session), "Page.getFrameTree", &json!({})))? else {
            return Ok(Vec::new());
        };
        let mut waiting: Vec<&Value> = tree.get("frameTree").into_iter().collect();
        let (mut found, mut looked_at) = (Vec::new(), 0);
        while let Some(tree) = waiting.pop() {
            waiting.extend(tree.get("childFrames").and_then(Value::as_array).into_iter().flatten());
            let Some(frame) = tree.get("frame") else { continue };
            looked_at += 1;
            if looked_at > MAX_FRAMES {
                break;
            }
            let params = json!({"frameId": frame.get("id"), "worldName": WORLD});
            let made = tolerate(self.devtools.call(Some(&self.session), "Page.createIsolatedWorld", &params))?;
            let Some(world) = made.as_ref().and_then(|made| made.get("executionContextId")) else { continue };
            let question = json!({"expression": SHOWS_FIELDS, "contextId": world, "returnByValue": true});
            found.extend(self.is_answered_yes(&self.session, &question)?.then(|| address_of(frame)));
        }
        Ok(found)
    }

    /// Frames with a process of their own, which the browser lists beside the tabs.
    fn far_frames_with_fields(&self) -> Result<Vec<String>, BrowserError> {
        let Some(listed) = tolerate(self.devtools.call(None, "Target.getTargets", &json!({})))? else {
            return Ok(Vec::new());
        };
        let says = |target: &Value, key: &str, value: &str| target.get(key).and_then(Value::as_str) == Some(value);
        let targets = listed.get("targetInfos").and_then(Value::as_array).into_iter().flatten();
        let frames =
            targets.filter(|target| says(target, "type", "iframe") && says(target, "browserContextId", &self.context));
        let mut found = Vec::new();
        for frame in frames.take(MAX_FRAMES) {
            let params = json!({"targetId": frame.get("targetId"), "flatten": true});
            let attached = tolerate(self.devtools.call(None, "Target.attachToTarget", &params))?;
            let session = attached.as_ref().and_then(|attached| attached.get("sessionId")?.as_str());
            let Some(session) = session else { continue };
            let question = json!({"expression": SHOWS_FIELDS, "returnByValue": true, "silent": true});
            found.extend(self.is_answered_yes(session, &question)?.then(|| address_of(frame)));
            tolerate(self.devtools.call(None, "Target.detachFromTarget", &json!({"sessionId": session})))?;
        }
        Ok(found)
    }

    fn is_answered_yes(&self, session: &str, question: &Value) -> Result<bool, BrowserError> {
        let answer = tolerate(self.devtools.call_within(Some(session), "Runtime.evaluate", question, FRAME_DEADLINE))?;
        let value = answer.as_ref().and_then(|answer| answer.get("result")?.get("value")?.as_bool());
        // A frame that does not answer may have fields.
        Ok(value.unwrap_or(true))
    }

    /// Whether a download began in this tab.
    pub(crate) fn began_download(&self) -> bool {
        self.devtools.with_watch(|watch| watch.tab(&self.target).is_some_and(|tab| tab.downloads.happened()))
    }

    fn wait_until_closed(&self) -> Result<bool, BrowserError> {
        let look = |watch: &Watch| watch.tab(&self.target).is_none_or(|tab| tab.closed).then_some(());
        Ok(self.devtools.wait_for(CLOSE_DEADLINE, &|| false, look)?.is_some())
    }

    /// The reading script's world in the document of now.
    fn world(&self) -> Result<Option<i64>, BrowserError> {
        if let Some(world) = self.world.get() {
            return Ok(Some(world));
        }
        let method = "Page.createIsolatedWorld";
        let params = json!({"frameId": self.target, "worldName": WORLD});
        let Some(made) = tolerate(self.devtools.call(Some(&self.session), method, &params))? else {
            return Ok(None);
        };
        let world = made.get("executionContextId").and_then(Value::as_i64).ok_or_else(|| odd_answer(method))?;
        self.world.set(Some(world));
        Ok(Some(world))
    }

    fn mark_in(&self, watch: &Watch) -> Mark {
        let tab = watch.tab(&self.target);
        Mark {
            loads: tab.map(|tab| tab.loads).unwrap_or_default(),
            starts: tab.map(|tab| tab.starts).unwrap_or_default(),
            downloads: tab.map(|tab| tab.downloads.count).unwrap_or_default(),
            routes: tab.map(|tab| tab.routes.count).unwrap_or_default(),
        }
    }

    /// Whether the document that was read is still the one in the tab.
    pub(crate) fn is_still(&self) -> Result<bool, BrowserError> {
        Ok(self.ask("typeof crawled")?.is_some_and(|kind| kind == "object"))
    }

    fn is_lost(&self) -> bool {
        self.devtools.with_watch(|watch| watch.tab(&self.target).is_none_or(|tab| tab.crashed || tab.closed))
    }
}

/// A page that is busy, replaced or crashed costs its answer; a browser that is gone ends the crawl.
pub(crate) fn tolerate<T>(result: Result<T, BrowserError>) -> Result<Option<T>, BrowserError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error @ (BrowserError::Protocol { .. } | BrowserError::Silent { .. })) => {
            tracing::debug!(%error, "a page did not answer");
            Ok(None)
        }
        Err(
            error @ (BrowserError::Gone(_)
            | BrowserError::NotFound
            | BrowserError::NoLightBrowser
            | BrowserError::NotRun { .. }
            | BrowserError::Launch { .. }
            | BrowserError::NoSandbox { .. }
            | BrowserError::NoRoom(_)
            | BrowserError::NoProfile { .. }
            | BrowserError::Profile { .. }),
        ) => Err(error),
    }
}

fn address_of(frame: &Value) -> String {
    frame.get("url").and_then(Value::as_str).unwrap_or_default().to_owned()
}
