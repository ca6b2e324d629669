//! A tab or a window of it, as a journey's steps reach into it: its frames, whoever they belong to, and its input.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use crate::BrowserError;
use crate::devtools::DevTools;
use crate::tab::tolerate;

/// The script that finds elements.
const SCRIPT: &str = include_str!("../script/select.js");

/// Name of the world that it lives in.
const WORLD: &str = "journey";

/// Name for all that is held of a page, so that it is let go together.
const HELD: &str = "journey";

/// How long a page may take to answer a question; one that is being replaced does not answer at all.
const ASK_DEADLINE: Duration = Duration::from_secs(5);

/// A tab, or a window that it opened.
pub(super) struct Pane<'a> {
    devtools: &'a DevTools,
    /// The browser's name for it and for its main frame.
    target: String,
    session: String,
    /// Sessions with frames that have a process of their own.
    frames: RefCell<BTreeMap<String, String>>,
}

/// A document: the one of a frame, or of the pane itself.
pub(super) struct Place<'p> {
    pane: &'p Pane<'p>,
    session: String,
    /// The world that the finding script lives in.
    world: Value,
    /// The finding script in it.
    seeker: String,
    /// Where it begins in the pane's view.
    pub(super) corner: (f64, f64),
}

/// Something in a page that is held on to, by the browser's name for it.
#[derive(Clone, Debug)]
pub(super) struct Handle(pub(super) String);

/// Whether a document was replaced since.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Footing {
    pub(super) url: String,
    /// When its document began, which tells it from the next of the same address.
    began: f64,
    pub(super) is_ready: bool,
}

impl<'a> Pane<'a> {
    pub(super) fn new(devtools: &'a DevTools, target: &str, session: &str) -> Self {
        Self { devtools, target: target.to_owned(), session: session.to_owned(), frames: RefCell::default() }
    }

    /// Sends a command to it; `None` when it does not answer.
    pub(super) fn call(&self, method: &str, params: &Value, within: Duration) -> Result<Option<Value>, BrowserError> {
        tolerate(self.devtools.call_within(Some(&self.session), method, params, within))
    }

    /// The document at the end of `path`; `None` while there is none.
    pub(super) fn place(&self, path: &[usize]) -> Result<Option<Place<'_>>, BrowserError> {
        let Some(mut place) = self.enter(&self.session, &self.target, (0.0, 0.0))? else { return Ok(None) };
        for index in path {
            let Some(holder) = place.hold("frame", &[json!({"value": index})])? else { return Ok(None) };
            let corner = place.tell("corner", &[holder.argument()])?;
            let Some((x, y)) = corner.as_ref().and_then(pair) else { return Ok(None) };
            let corner = (place.corner.0 + x, place.corner.1 + y);
            let params = json!({"objectId": holder.0});
            let node = tolerate(self.ask(&place.session, "DOM.describeNode", &params))?;
            let frame = node.as_ref().and_then(|node| node.get("node")?.get("frameId")?.as_str());
            let Some(frame) = frame else { return Ok(None) };
            let inner = match self.enter(&place.session, frame, corner)? {
                Some(inner) => Some(inner),
                None => match self.far_session(frame)? {
                    Some(session) => self.enter(&session, frame, corner)?,
                    None => None,
                },
            };
            let Some(inner) = inner else { return Ok(None) };
            place = inner;
        }
        Ok(Some(place))
    }

    /// Which document is at the end of `path` now.
    pub(super) fn footing(&self, path: &[usize]) -> Result<Option<Footing>, BrowserError> {
        let Some(place) = self.place(path)? else { return Ok(None) };
        place.footing()
    }

    /// Lets go of all that was held.
    pub(super) fn let_go(&self) -> Result<(), BrowserError> {
        let params = json!({"objectGroup": HELD});
        tolerate(self.ask(&self.session, "Runtime.releaseObjectGroup", &params))?;
        for session in self.frames.borrow().values() {
            tolerate(self.ask(session, "Runtime.releaseObjectGroup", &params))?;
        }
        Ok(())
    }

    fn ask(&self, session: &str, method: &str, params: &Value) -> Result<Value, BrowserError> {
        self.devtools.call_within(Some(session), method, params, ASK_DEADLINE)
    }

    /// The document of `frame`, if `session` has it.
    fn enter(&self, session: &str, frame: &str, corner: (f64, f64)) -> Result<Option<Place<'_>>, BrowserError> {
        let params = json!({"frameId": frame, "worldName": WORLD});
        let made = tolerate(self.ask(session, "Page.createIsolatedWorld", &params))?;
        let Some(world) = made.as_ref().and_then(|made| made.get("executionContextId")) else { return Ok(None) };
        let params = json!({"expression": SCRIPT, "contextId": world, "objectGroup": HELD, "silent": true});
        let made = tolerate(self.ask(session, "Runtime.evaluate", &params))?;
        let seeker = made.as_ref().and_then(|made| made.get("result")?.get("objectId")?.as_str());
        Ok(seeker.map(|seeker| {
            let (session, seeker) = (session.to_owned(), seeker.to_owned());
            Place { pane: self, session, world: world.clone(), seeker, corner }
        }))
    }

    /// A session with a frame that has a process of its own.
    fn far_session(&self, frame: &str) -> Result<Option<String>, BrowserError> {
        if let Some(session) = self.frames.borrow().get(frame) {
            return Ok(Some(session.clone()));
        }
        let params = json!({"targetId": frame, "flatten": true});
        let attached = tolerate(self.devtools.call(None, "Target.attachToTarget", &params))?;
        let session = attached.as_ref().and_then(|attached| attached.get("sessionId")?.as_str()).map(str::to_owned);
        if let Some(session) = &session {
            self.frames.borrow_mut().insert(frame.to_owned(), session.clone());
        }
        Ok(session)
    }
}

impl Place<'_> {
    /// What the finding script's `function` answers, as data; `None` when it fails or nothing answers.
    pub(super) fn tell(&self, function: &str, arguments: &[Value]) -> Result<Option<Value>, BrowserError> {
        let result = self.run(function, arguments, true)?;
        Ok(result.and_then(|result| result.get("value").cloned()))
    }

    /// The same, held on to; `None` besides when the answer is nothing.
    pub(super) fn hold(&self, function: &str, arguments: &[Value]) -> Result<Option<Handle>, BrowserError> {
        let result = self.run(function, arguments, false)?;
        Ok(result.and_then(|result| Some(Handle(result.get("objectId")?.as_str()?.to_owned()))))
    }

    /// Runs a function of its own beside the page's scripts, `this` being the finding script.
    fn run(&self, function: &str, arguments: &[Value], by_value: bool) -> Result<Option<Value>, BrowserError> {
        let declaration = format!("function (...given) {{ return this.{function}(...given) }}");
        self.call_function(&self.seeker, &declaration, arguments, by_value)
    }

    /// Calls `declaration` on something that is held.
    pub(super) fn call_function(
        &self,
        of: &str,
        declaration: &str,
        arguments: &[Value],
        by_value: bool,
    ) -> Result<Option<Value>, BrowserError> {
        let params = json!({
            "objectId": of, "functionDeclaration": declaration, "arguments": arguments, "returnByValue": by_value,
            "objectGroup": HELD, "silent": true, "userGesture": true, "awaitPromise": true,
        });
        let answer = tolerate(self.pane.ask(&self.session, "Runtime.callFunctionOn", &params))?;
        Ok(answer
            .filter(|answer| answer.get("exceptionDetails").is_none())
            .and_then(|answer| answer.get("result").cloned()))
    }

    /// Elements below `scope` with this accessible name and role, as the browser itself computes them.
    pub(super) fn accessible(
        &self,
        scope: &Handle,
        name: Option<&str>,
        role: Option<&str>,
        most: usize,
    ) -> Result<Vec<Handle>, BrowserError> {
        let mut params = json!({"objectId": scope.0});
        for (key, value) in [("accessibleName", name), ("role", role)] {
            if let (Some(value), Some(fields)) = (value, params.as_object_mut()) {
                fields.insert(key.to_owned(), value.into());
            }
        }
        let Some(answer) = tolerate(self.pane.ask(&self.session, "Accessibility.queryAXTree", &params))? else {
            return Ok(Vec::new());
        };
        let mut found = Vec::new();
        for node in answer.get("nodes").and_then(Value::as_array).into_iter().flatten() {
            let role = node.get("role").and_then(|role| role.get("value")?.as_str()).unwrap_or_default();
            let is_ignored = node.get("ignored").and_then(Value::as_bool).unwrap_or(false);
            // Pieces of text have the name of what holds them, and a page that of its title, often that of its button.
            if is_ignored || matches!(role, "StaticText" | "InlineTextBox" | "RootWebArea" | "") {
                continue;
            }
            if found.len() >= most {
                break;
            }
            let Some(backend) = node.get("backendDOMNodeId") else { continue };
            found.extend(self.resolve(backend, Some(&self.world))?);
        }
        Ok(found)
    }

    /// A node by the number that the whole browser knows it by, in our world or in the page's own.
    fn resolve(&self, backend: &Value, world: Option<&Value>) -> Result<Option<Handle>, BrowserError> {
        let mut params = json!({"backendNodeId": backend, "objectGroup": HELD});
        if let (Some(world), Some(fields)) = (world, params.as_object_mut()) {
            fields.insert("executionContextId".to_owned(), world.clone());
        }
        let node = tolerate(self.pane.ask(&self.session, "DOM.resolveNode", &params))?;
        Ok(node.and_then(|node| Some(Handle(node.get("object")?.get("objectId")?.as_str()?.to_owned()))))
    }

    /// The document itself.
    pub(super) fn document(&self) -> Result<Option<Handle>, BrowserError> {
        let result = self.call_function(&self.seeker, "function () { return document }", &[], false)?;
        Ok(result.and_then(|result| Some(Handle(result.get("objectId")?.as_str()?.to_owned()))))
    }

    /// Whether `expression` holds in the page's own world, where its scripts live.
    pub(super) fn holds(&self, expression: &str) -> Result<bool, BrowserError> {
        let Some(document) = self.document()? else { return Ok(false) };
        let node = tolerate(self.pane.ask(&self.session, "DOM.describeNode", &json!({"objectId": document.0})))?;
        let backend = node.as_ref().and_then(|node| node.get("node")?.get("backendNodeId"));
        let Some(backend) = backend else { return Ok(false) };
        let Some(theirs) = self.resolve(backend, None)? else { return Ok(false) };
        // On a line of its own: it may end in a comment.
        let declaration = format!("async function () {{ return Boolean(await (\n{expression}\n)) }}");
        let answer = self.call_function(&theirs.0, &declaration, &[], true)?;
        Ok(answer.and_then(|answer| answer.get("value")?.as_bool()).unwrap_or(false))
    }

    /// Which document this is.
    pub(super) fn footing(&self) -> Result<Option<Footing>, BrowserError> {
        let declaration =
            "function () { return [location.href, performance.timeOrigin, document.readyState === 'complete'] }";
        let answer = self.call_function(&self.seeker, declaration, &[], true)?;
        Ok(answer.and_then(|answer| {
            let told = answer.get("value")?;
            let (url, began, is_ready) = (told.get(0)?.as_str()?, told.get(1)?.as_f64()?, told.get(2)?.as_bool()?);
            Some(Footing { url: url.to_owned(), began, is_ready })
        }))
    }
}

impl Footing {
    /// Whether it is another document, or the same at another address.
    pub(super) fn is_new(&self, before: &Self) -> bool {
        self.url != before.url || self.is_other(before)
    }

    /// Whether it is another document.
    pub(super) fn is_other(&self, before: &Self) -> bool {
        (self.began - before.began).abs() > f64::EPSILON
    }
}

impl Handle {
    /// It, as an argument.
    pub(super) fn argument(&self) -> Value {
        json!({"objectId": self.0})
    }
}

/// Two numbers.
pub(super) fn pair(value: &Value) -> Option<(f64, f64)> {
    Some((value.get(0)?.as_f64()?, value.get(1)?.as_f64()?))
}
