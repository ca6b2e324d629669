//! Prints our own reports: a page that asks for nothing becomes a PDF with tags and an outline.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use data_encoding::BASE64;
use serde_json::{Value, json};

use crate::browser::{Context, odd_answer};
use crate::devtools::DevTools;
use crate::{Browser, BrowserError};

/// Where nobody listens: a report asks for nothing, and would get nothing.
const NOWHERE: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 9);

/// A report of a thousand findings is laid out in some ten seconds; a loaded machine takes a few times as long.
const DEADLINE: Duration = Duration::from_mins(3);

/// Largest PDF taken over: that of the largest report, 5 MB of HTML, has some 20 MB.
const MAX_PDF: usize = 256 << 20;

/// What is asked for at a time; larger answers are none that the connection takes.
const CHUNK: usize = 1 << 20;

/// Prints `page`, the text of an HTML document, on paper as its style says, tagged for screen readers and with an outline
/// of its headings.
pub fn print_pdf(browser: &Browser, page: &str) -> Result<Vec<u8>, BrowserError> {
    let running = browser.running()?;
    let devtools = running.devtools();
    let context = running.open_context(NOWHERE)?;
    let sheet = Sheet::open(devtools, &context)?;
    sheet.show(page)?;
    sheet.print()
}

/// A tab that a page is printed from; closed when dropped.
struct Sheet<'a> {
    devtools: &'a DevTools,
    target: String,
    session: String,
}

impl<'a> Sheet<'a> {
    fn open(devtools: &'a DevTools, context: &Context) -> Result<Self, BrowserError> {
        let params = json!({"url": "about:blank", "browserContextId": context.id});
        let target = told(&devtools.call(None, "Target.createTarget", &params)?, "targetId", "Target.createTarget")?;
        let params = json!({"targetId": target, "flatten": true});
        let session =
            told(&devtools.call(None, "Target.attachToTarget", &params)?, "sessionId", "Target.attachToTarget");
        let sheet = Self { devtools, target, session: session.unwrap_or_default() };
        sheet.call("Page.enable", &json!({})).map(|_| sheet)
    }

    fn show(&self, page: &str) -> Result<(), BrowserError> {
        let method = "Page.getFrameTree";
        let tree = self.call(method, &json!({}))?;
        let frame = tree.pointer("/frameTree/frame/id").and_then(Value::as_str).ok_or_else(|| odd_answer(method))?;
        self.call("Page.setDocumentContent", &json!({"frameId": frame, "html": page})).map(drop)
    }

    fn print(&self) -> Result<Vec<u8>, BrowserError> {
        let method = "Page.printToPDF";
        let order = json!({"printBackground": true, "preferCSSPageSize": true, "generateTaggedPDF": true,
            "generateDocumentOutline": true, "transferMode": "ReturnAsStream"});
        let stream = told(&self.call(method, &order)?, "stream", method)?;
        let mut pdf = Vec::new();
        loop {
            let method = "IO.read";
            let piece = self.call(method, &json!({"handle": stream, "size": CHUNK}))?;
            let data = piece.get("data").and_then(Value::as_str).unwrap_or_default().as_bytes();
            if piece.get("base64Encoded") == Some(&Value::Bool(true)) {
                pdf.extend(BASE64.decode(data).map_err(|_| odd_answer(method))?);
            } else {
                pdf.extend_from_slice(data);
            }
            if piece.get("eof") == Some(&Value::Bool(true)) {
                break;
            }
            if pdf.len() > MAX_PDF || data.is_empty() {
                return Err(odd_answer(method));
            }
        }
        self.call("IO.close", &json!({"handle": stream}))?;
        Ok(pdf)
    }

    fn call(&self, method: &str, params: &Value) -> Result<Value, BrowserError> {
        self.devtools.call_within(Some(&self.session), method, params, DEADLINE)
    }
}

impl Drop for Sheet<'_> {
    fn drop(&mut self) {
        let closed = self.devtools.call(None, "Target.closeTarget", &json!({"targetId": self.target}));
        if let Err(error) = closed {
            tracing::debug!(%error, "a printed page stays until the browser ends");
        }
    }
}

/// A text of an answer.
fn told(answer: &Value, name: &str, method: &str) -> Result<String, BrowserError> {
    answer.get(name).and_then(Value::as_str).map(str::to_owned).ok_or_else(|| odd_answer(method))
}
