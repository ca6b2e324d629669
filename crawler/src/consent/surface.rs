//! The documents of a tab in which a question for consent can stand, each with a world of our own beside the page's.
//!
//! What runs there sees the document and not the page's scripts, and they do not see it: neither its variables nor, in
//! their stacks, its calls.

use std::time::Duration;

use serde_json::{Value, json};

use crate::BrowserError;
use crate::devtools::DevTools;
use crate::tab::{Tab, tolerate};

/// Most frames looked into, the page itself among them: a question stands in the first few.
const MAX_FRAMES: usize = 8;

/// Most frames that the browser lists and that are asked for their size.
const MAX_LISTED: usize = 30;

/// How long a document may take to answer.
const ASK_DEADLINE: Duration = Duration::from_secs(3);

/// Whether the frame is large enough for a question and its answers.
const IS_LARGE: &str = "innerWidth >= 200 && innerHeight >= 60";

/// One document.
pub(super) struct Surface<'a> {
    devtools: &'a DevTools,
    session: String,
    /// Our world in it.
    world: Value,
    /// Whether the page's own world of this document is the one that its session asks by default.
    is_root: bool,
    /// Whether the session is ours to end.
    is_attached: bool,
}

impl<'a> Surface<'a> {
    /// The page in `tab`, then its frames; each with a fresh world called `name`.
    pub(super) fn all(tab: &Tab<'a>, context: &str, name: &str) -> Result<Vec<Self>, BrowserError> {
        let (devtools, session) = (tab.devtools(), tab.session());
        let mut surfaces = Vec::new();
        let tree = tolerate(devtools.call_within(Some(session), "Page.getFrameTree", &json!({}), ASK_DEADLINE))?;
        let mut waiting: Vec<Value> = tree.into_iter().filter_map(|tree| tree.get("frameTree").cloned()).collect();
        let mut listed = 0;
        while let Some(tree) = waiting.pop().filter(|_| listed < MAX_LISTED && surfaces.len() < MAX_FRAMES) {
            listed += 1;
            waiting.extend(tree.get("childFrames").and_then(Value::as_array).into_iter().flatten().cloned());
            let Some(frame) = tree.get("frame").and_then(|frame| frame.get("id")?.as_str()) else { continue };
            let is_root = surfaces.is_empty();
            let surface = Self::open(devtools, session, frame, name, is_root)?;
            if let Some(surface) = surface
                && (is_root || surface.is_large()?)
            {
                surfaces.push(surface);
            }
        }
        Self::far(devtools, context, name, &mut surfaces)?;
        Ok(surfaces)
    }

    /// Frames with a process of their own, which the browser lists beside the tabs.
    fn far(devtools: &'a DevTools, context: &str, name: &str, surfaces: &mut Vec<Self>) -> Result<(), BrowserError> {
        let targets = tolerate(devtools.call(None, "Target.getTargets", &json!({})))?.unwrap_or_default();
        let says = |target: &Value, key: &str, value: &str| target.get(key).and_then(Value::as_str) == Some(value);
        let targets = targets.get("targetInfos").and_then(Value::as_array).into_iter().flatten();
        let frames =
            targets.filter(|target| says(target, "type", "iframe") && says(target, "browserContextId", context));
        for target in frames.take(MAX_LISTED) {
            if surfaces.len() >= MAX_FRAMES {
                break;
            }
            let Some(frame) = target.get("targetId").and_then(Value::as_str) else { continue };
            let params = json!({"targetId": frame, "flatten": true});
            let attached = tolerate(devtools.call(None, "Target.attachToTarget", &params))?;
            let session = attached.as_ref().and_then(|attached| attached.get("sessionId")?.as_str());
            let Some(session) = session else { continue };
            if let Some(mut surface) = Self::open(devtools, session, frame, name, true)? {
                surface.is_attached = true;
                if surface.is_large()? {
                    surfaces.push(surface);
                }
            }
        }
        Ok(())
    }

    fn open(
        devtools: &'a DevTools,
        session: &str,
        frame: &str,
        name: &str,
        is_root: bool,
    ) -> Result<Option<Self>, BrowserError> {
        let params = json!({"frameId": frame, "worldName": name});
        let made = devtools.call_within(Some(session), "Page.createIsolatedWorld", &params, ASK_DEADLINE);
        let made = tolerate(made)?;
        let world = made.as_ref().and_then(|made| made.get("executionContextId")).cloned();
        let session = session.to_owned();
        Ok(world.map(|world| Self { devtools, session, world, is_root, is_attached: false }))
    }

    fn is_large(&self) -> Result<bool, BrowserError> {
        Ok(self.ask(IS_LARGE)?.is_some_and(|large| large == true))
    }

    /// Evaluates `expression` in our world; `None` when it fails or the document is gone.
    pub(super) fn ask(&self, expression: &str) -> Result<Option<Value>, BrowserError> {
        let question = json!({
            "expression": expression, "contextId": self.world, "returnByValue": true, "userGesture": true, "silent": true,
        });
        self.evaluate(&question)
    }

    /// Evaluates `expression` as a script of the page's own would; `None` as well where that world cannot be named.
    pub(super) fn ask_page(&self, expression: &str) -> Result<Option<Value>, BrowserError> {
        if !self.is_root {
            return Ok(None);
        }
        let question = json!({"expression": expression, "returnByValue": true, "userGesture": true, "silent": true});
        self.evaluate(&question)
    }

    fn evaluate(&self, question: &Value) -> Result<Option<Value>, BrowserError> {
        let answer = self.devtools.call_within(Some(&self.session), "Runtime.evaluate", question, ASK_DEADLINE);
        let Some(answer) = tolerate(answer)? else { return Ok(None) };
        if answer.get("exceptionDetails").is_some() {
            return Ok(None);
        }
        Ok(answer.get("result").map(|result| result.get("value").cloned().unwrap_or_default()))
    }
}

impl Drop for Surface<'_> {
    fn drop(&mut self) {
        if self.is_attached {
            // A frame that is gone has taken its session along.
            let _ = self.devtools.call(None, "Target.detachFromTarget", &json!({"sessionId": self.session}));
        }
    }
}
