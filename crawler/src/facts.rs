//! What a page tells of itself beside what it sends: read in every frame that can be read, cookies from the browser.
//!
//! It judges nothing. What is over a bound is told as a blind spot by whoever asks for the facts.

use std::time::{Duration, Instant};

use model::{BlindSpotKind, PageFacts, ReferrerAttribute, StorageKind, Stored};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::BrowserError;
use crate::tab::{Tab, tolerate};
use crate::visit::{Step, Visitor};

/// The script that reads a frame.
const SCRIPT: &str = include_str!("script/facts.js");

/// The one that reads what is laid out for telemetry.
const LAYERS: &str = include_str!("script/layers.js");

/// Name of the world that the script lives in.
const WORLD: &str = "facts";

/// Most frames read on a page, as many as are looked into for fields.
const MAX_FRAMES: usize = 100;

/// How long all frames of a page may take together; a page of today has few, and each takes milliseconds.
const ALL_FRAMES: Duration = Duration::from_secs(10);

/// How long one frame may take, its databases among it.
const FRAME_DEADLINE: Duration = Duration::from_secs(5);

/// How long a database may take to answer, in milliseconds.
const PATIENCE_MS: u32 = 1_500;

/// Characters of text with digits in it: a long list of cases.
const MAX_TEXT: usize = 200_000;

/// Characters of one stored value; a draft of a long form has some thousand.
const MAX_VALUE: usize = 50_000;

/// Characters read in one frame.
const MAX_TOTAL: usize = 2_000_000;

/// Entries of one store, cache or list.
const MAX_ENTRIES: usize = 500;

/// Databases of an origin, stores of a database, and caches.
const MAX_STORES: usize = 50;

/// Mail links and attributes of a frame.
const MAX_LINKS: usize = 500;

/// Elements walked, as where pages are read.
const MAX_NODES: u32 = 200_000;

/// Values within one entry of a data layer.
const MAX_STEPS: u32 = 10_000;

/// Cookies of a browser; it keeps 180 for each site itself.
const MAX_COOKIES: usize = 1_000;

/// What was read, and what was not.
#[derive(Debug, Default)]
pub(crate) struct Read {
    pub(crate) facts: PageFacts,
    /// What was left out, in words.
    pub(crate) left_out: Vec<String>,
}

/// What the script tells of a frame.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct FrameFacts {
    url: String,
    origin: String,
    title: String,
    text: String,
    mail: Vec<String>,
    asked: Vec<Asked>,
    meta: Option<String>,
    local: Vec<(String, String)>,
    session: Vec<(String, String)>,
    databases: Vec<(String, String)>,
    caches: Vec<(String, String)>,
    cut: Vec<String>,
}

/// An element's own policy.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    policy: String,
    url: String,
}

/// What is laid out for telemetry.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Layers {
    layers: Vec<(String, String)>,
    cut: Vec<String>,
}

/// Reads the page in `tab`; `None` when it does not answer.
pub(crate) fn read(tab: &Tab<'_>) -> Result<Option<Read>, BrowserError> {
    let begun = Instant::now();
    let Some(main) = near(tab, tab.frame())? else { return Ok(None) };
    let mut read = Read::default();
    read.facts.url.clone_from(&main.url);
    read.facts.titles.push(main.title.clone());
    read.facts.meta_referrer.clone_from(&main.meta);
    let main_origin = main.origin.clone();
    read.take(main);
    let layers = tab.command("Runtime.evaluate", &question(LAYERS, None), FRAME_DEADLINE)?;
    if let Some(layers) =
        layers.as_ref().and_then(value_of).and_then(|value| serde_json::from_value::<Layers>(value).ok())
    {
        read.left_out.extend(layers.cut);
        read.keep(StorageKind::DataLayer, &main_origin, layers.layers);
    }
    let frames = frames(tab)?;
    let far = far_frames(tab)?;
    if frames.len() + far.len() > MAX_FRAMES {
        read.left_out.push("frames".to_owned());
    }
    for (count, frame) in frames.iter().map(Frame::Near).chain(far.iter().map(Frame::Far)).enumerate() {
        if count >= MAX_FRAMES {
            break;
        }
        if begun.elapsed() > ALL_FRAMES {
            read.left_out.push("frames, which took long".to_owned());
            break;
        }
        let told = match frame {
            Frame::Near(id) => near(tab, id)?,
            Frame::Far(target) => self::far(tab, target)?,
        };
        if let Some(told) = told {
            read.take(told);
        }
    }
    read.cookies(tab)?;
    Ok(Some(read))
}

impl Visitor<'_> {
    /// Reads what the page at hand tells of itself, once more if it was read before; the next visit told has it.
    pub(crate) fn take_facts(&mut self, tab: &Tab<'_>, step: &Step) -> Result<(), BrowserError> {
        // The proxy's own answer is no page of the site's.
        if tab.is_answered_by_proxy() {
            return Ok(());
        }
        let Some(Read { facts, left_out }) = read(tab)? else { return Ok(()) };
        for what in left_out {
            if self.is_news(format!("facts {} {what}", step.id.0)) {
                let detail = format!("more than is read of {what}");
                self.tell(BlindSpotKind::PageFactsLeftOut, &step.asked.to_string(), detail, Some(step.id));
            }
        }
        match &mut self.facts {
            Some(known) => known.add(facts),
            None => self.facts = Some(Box::new(facts)),
        }
        Ok(())
    }
}

/// A frame beside the main one.
enum Frame<'a> {
    /// In the page's process, by the frame's id.
    Near(&'a String),
    /// In a process of its own, by its target's id.
    Far(&'a String),
}

impl Read {
    fn take(&mut self, frame: FrameFacts) {
        let FrameFacts { url: _, origin, title: _, text, mail, asked, meta: _, local, session, databases, caches, cut } =
            frame;
        let facts = &mut self.facts;
        let room = MAX_TEXT.saturating_sub(facts.text.len());
        if text.len() > room {
            self.left_out.push("text of frames".to_owned());
        } else if !text.is_empty() {
            facts.text.push_str(&text);
            facts.text.push('\n');
        }
        facts.mail_links.extend(mail);
        let attribute = |Asked { policy, url }: Asked| ReferrerAttribute { policy, url };
        facts.referrer_attributes.extend(asked.into_iter().map(attribute));
        self.left_out.extend(cut);
        for (kind, entries) in [
            (StorageKind::Local, local),
            (StorageKind::Session, session),
            (StorageKind::Database, databases),
            (StorageKind::Cache, caches),
        ] {
            self.keep(kind, &origin, entries);
        }
    }

    fn keep(&mut self, kind: StorageKind, origin: &str, entries: Vec<(String, String)>) {
        let stored = |(key, value)| Stored { kind, origin: origin.to_owned(), key, value };
        for stored in entries.into_iter().map(stored) {
            // Frames of one origin share what they keep.
            if !self.facts.stored.contains(&stored) {
                self.facts.stored.push(stored);
            }
        }
    }

    /// The cookies of the tab's own context, those that scripts cannot see among them.
    fn cookies(&mut self, tab: &Tab<'_>) -> Result<(), BrowserError> {
        let params = json!({"browserContextId": tab.context()});
        let answer = tolerate(tab.devtools().call(None, "Storage.getCookies", &params))?;
        let cookies = answer.as_ref().and_then(|answer| answer.get("cookies")?.as_array());
        let cookies = cookies.map(Vec::as_slice).unwrap_or_default();
        if cookies.len() > MAX_COOKIES {
            self.left_out.push("cookies".to_owned());
        }
        for cookie in cookies.iter().take(MAX_COOKIES) {
            let text = |name: &str| cookie.get(name).and_then(Value::as_str).unwrap_or_default();
            let origin = format!("https://{}", text("domain").trim_start_matches('.'));
            self.keep(StorageKind::Cookie, &origin, vec![(text("name").to_owned(), text("value").to_owned())]);
        }
        Ok(())
    }
}

/// Asks a frame of the page's process.
fn near(tab: &Tab<'_>, frame: &str) -> Result<Option<FrameFacts>, BrowserError> {
    let params = json!({"frameId": frame, "worldName": WORLD});
    let made = tab.command("Page.createIsolatedWorld", &params, FRAME_DEADLINE)?;
    let Some(world) = made.as_ref().and_then(|made| made.get("executionContextId")?.as_i64()) else { return Ok(None) };
    Ok(of(tab.command("Runtime.evaluate", &question(SCRIPT, Some(world)), FRAME_DEADLINE)?))
}

/// Asks a frame with a process of its own.
fn far(tab: &Tab<'_>, target: &str) -> Result<Option<FrameFacts>, BrowserError> {
    let devtools = tab.devtools();
    let params = json!({"targetId": target, "flatten": true});
    let attached = tolerate(devtools.call(None, "Target.attachToTarget", &params))?;
    let session = attached.as_ref().and_then(|attached| attached.get("sessionId")?.as_str());
    let Some(session) = session else { return Ok(None) };
    let question = question(SCRIPT, None);
    let answer = tolerate(devtools.call_within(Some(session), "Runtime.evaluate", &question, FRAME_DEADLINE))?;
    tolerate(devtools.call(None, "Target.detachFromTarget", &json!({"sessionId": session})))?;
    Ok(of(answer))
}

fn of(answer: Option<Value>) -> Option<FrameFacts> {
    serde_json::from_value(value_of(&answer?)?).ok()
}

fn value_of(answer: &Value) -> Option<Value> {
    answer.get("result")?.get("value").cloned()
}

fn question(script: &str, world: Option<i64>) -> Value {
    let limits = json!({
        "text": MAX_TEXT, "value": MAX_VALUE, "total": MAX_TOTAL, "entries": MAX_ENTRIES, "stores": MAX_STORES,
        "links": MAX_LINKS, "nodes": MAX_NODES, "patience": PATIENCE_MS, "steps": MAX_STEPS,
    });
    let expression = format!("({})({limits})", script.trim_end());
    let mut question = json!({"expression": expression, "returnByValue": true, "awaitPromise": true, "silent": true});
    if let (Some(world), Some(fields)) = (world, question.as_object_mut()) {
        fields.insert("contextId".to_owned(), world.into());
    }
    question
}

/// The frames below the main one that share its process.
fn frames(tab: &Tab<'_>) -> Result<Vec<String>, BrowserError> {
    let tree = tab.command("Page.getFrameTree", &json!({}), FRAME_DEADLINE)?;
    let mut waiting: Vec<&Value> = tree.as_ref().and_then(|tree| tree.get("frameTree")).into_iter().collect();
    let mut found = Vec::new();
    while let Some(tree) = waiting.pop() {
        waiting.extend(tree.get("childFrames").and_then(Value::as_array).into_iter().flatten());
        let id = tree.get("frame").and_then(|frame| frame.get("id")?.as_str());
        found.extend(id.filter(|id| *id != tab.frame()).map(str::to_owned));
        if found.len() > MAX_FRAMES {
            break;
        }
    }
    Ok(found)
}

/// The frames of the tab's context that have a process of their own.
fn far_frames(tab: &Tab<'_>) -> Result<Vec<String>, BrowserError> {
    let listed = tolerate(tab.devtools().call(None, "Target.getTargets", &json!({})))?;
    let targets = listed.as_ref().and_then(|listed| listed.get("targetInfos")?.as_array());
    let says = |target: &Value, key: &str, value: &str| target.get(key).and_then(Value::as_str) == Some(value);
    let is_frame = |target: &&Value| says(target, "type", "iframe") && says(target, "browserContextId", tab.context());
    let frames = targets.into_iter().flatten().filter(is_frame).take(MAX_FRAMES + 1);
    Ok(frames.filter_map(|frame| Some(frame.get("targetId")?.as_str()?.to_owned())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_of_one_origin_keep_what_they_keep_once() {
        let frame = |text: &str| FrameFacts {
            origin: "https://a.test".to_owned(),
            local: vec![("k".to_owned(), "v".to_owned())],
            text: text.to_owned(),
            ..FrameFacts::default()
        };
        let mut read = Read::default();
        read.take(frame("a"));
        read.take(frame("b"));
        assert_eq!((read.facts.stored.len(), read.facts.text.as_str()), (1, "a\nb\n"));
        read.take(frame(&"x".repeat(MAX_TEXT)));
        assert_eq!(read.left_out, ["text of frames"]);
    }

    #[test]
    fn the_question_calls_the_script_with_its_bounds() {
        let question = question(SCRIPT, Some(7));
        assert!(question["expression"].as_str().unwrap().contains("\"links\":500"));
        assert_eq!(question["contextId"], 7);
    }
}
