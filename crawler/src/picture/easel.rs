//! Where a drawing is photographed: an empty tab of our own, beside the crawl's, in which nothing runs.

use std::time::Duration;

use serde_json::{Value, json};

use super::drawing::Drawing;
use crate::BrowserError;
use crate::devtools::DevTools;
use crate::tab::tolerate;

/// How long each step of making a picture may take.
const DEADLINE: Duration = Duration::from_secs(10);

/// An empty tab in a context of its own: it shares nothing with the pages, and reaches nobody.
pub(super) struct Easel<'a> {
    devtools: &'a DevTools,
    context: String,
    target: String,
    session: String,
}

impl<'a> Easel<'a> {
    /// Sets one up; `None` when the browser does not.
    pub(super) fn set_up(devtools: &'a DevTools) -> Result<Option<Self>, BrowserError> {
        let text = |answer: &Value, name: &str| answer.get(name).and_then(Value::as_str).map(str::to_owned);
        // No proxy is named, so that it has the browser's own: a dead port.
        let params = json!({"disposeOnDetach": true});
        let made = tolerate(devtools.call_within(None, "Target.createBrowserContext", &params, DEADLINE))?;
        let Some(context) = made.and_then(|made| text(&made, "browserContextId")) else { return Ok(None) };
        let mut easel = Self { devtools, context, target: String::new(), session: String::new() };
        let params = json!({"url": "about:blank", "browserContextId": easel.context});
        let made = tolerate(devtools.call_within(None, "Target.createTarget", &params, DEADLINE))?;
        let Some(target) = made.and_then(|made| text(&made, "targetId")) else { return Ok(None) };
        easel.target = target;
        let look = |watch: &crate::watch::Watch| watch.tab(&easel.target)?.session.clone();
        let Some(session) = devtools.wait_for(DEADLINE, &|| false, look)? else { return Ok(None) };
        easel.session = session;
        Ok(Some(easel))
    }

    /// The drawing as a PNG in base64.
    pub(super) fn photograph(&self, drawing: &Drawing) -> Result<Option<String>, BrowserError> {
        let (width, height) = (drawing.width, drawing.height);
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        let document = json!({"frameId": self.target, "html": drawing.document()});
        for (method, params) in [
            // Nothing in a drawing can run. Should there be a hole in that, nothing runs all the same.
            ("Emulation.setScriptExecutionDisabled", &json!({"value": true})),
            ("Emulation.setDeviceMetricsOverride", &size),
            ("Page.setDocumentContent", &document),
            ("Page.bringToFront", &json!({})),
        ] {
            if self.command(method, params)?.is_none() {
                return Ok(None);
            }
        }
        let answer = self.command("Page.captureScreenshot", &json!({"format": "png"}))?;
        Ok(answer.and_then(|answer| Some(answer.get("data")?.as_str()?.to_owned())))
    }

    fn command(&self, method: &str, params: &Value) -> Result<Option<Value>, BrowserError> {
        tolerate(self.devtools.call_within(Some(&self.session), method, params, DEADLINE))
    }
}

impl Drop for Easel<'_> {
    fn drop(&mut self) {
        // A browser that is gone is told by whoever asks it next.
        let params = json!({"browserContextId": self.context});
        let _ = self.devtools.call_within(None, "Target.disposeBrowserContext", &params, DEADLINE);
        self.devtools.with_watch(|watch| watch.forget(&self.target));
    }
}
