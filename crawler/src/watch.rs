//! What the browser told of its tabs by itself: loads, dialogs, windows, downloads, ends.
//!
//! Kept as counts and first examples, never as a growing list: a page can make events without end.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::attach::NewTarget;
use crate::cut::cut;
use crate::routes::Routes;

/// More windows than this are only counted; each is a tab's worth of memory.
pub(crate) const MAX_POPUPS: usize = 20;

/// Targets whose events are kept: tabs and windows of one crawl that are open at once.
const MAX_WATCHED: usize = 1_000;

/// Frames whose tab is remembered: those of some tabs with as many as a page may have.
const MAX_FRAMES: usize = 4_000;

/// Longest text kept of a dialog or address.
const MAX_TEXT: usize = 2_000;

/// What our proxy calls itself in the answers it makes.
const PROXY: &str = "cprvagt";

/// Everything told of the browser's tabs so far.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    tabs: BTreeMap<String, TabWatch>,
    sessions: BTreeMap<String, String>,
    /// Whose tab a frame is in.
    frames: BTreeMap<String, String>,
}

/// What was told of one tab or window.
#[derive(Debug, Default)]
pub(crate) struct TabWatch {
    /// The session that our own connection has with it.
    pub(crate) session: Option<String>,
    /// Load events so far.
    pub(crate) loads: u32,
    /// Main-frame loads begun so far.
    pub(crate) starts: u32,
    /// Dialogs answered.
    pub(crate) dialogs: Interference,
    /// Windows it opened.
    pub(crate) popups: Interference,
    /// Those of them that are still open.
    pub(crate) open_popups: BTreeSet<String>,
    /// Downloads that began in it or in its windows.
    pub(crate) downloads: Interference,
    /// Who opened it, if it is a window.
    opener: Option<String>,
    /// It crashed.
    pub(crate) crashed: bool,
    /// It is closed.
    pub(crate) closed: bool,
    /// Its page is the proxy's own answer, since the site gave none.
    pub(crate) by_proxy: bool,
    /// The `Retry-After` of its page.
    pub(crate) retry_after: Option<String>,
    /// Addresses that it showed without loading them.
    pub(crate) routes: Routes,
}

/// Something a page did that a crawler answers or refuses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Interference {
    /// How often.
    pub(crate) count: u32,
    /// The first: a dialog's kind and text, an address.
    pub(crate) first: String,
}

/// A command the reader must send at once, whoever is waiting for what.
#[derive(Debug, PartialEq)]
pub(crate) enum Reaction {
    /// Answer the dialog of this session, or the page stays blocked.
    AcceptDialog(String),
    /// A new tab, window, frame or worker: look at it, and let it go on.
    Enable(NewTarget),
    /// One window too many: close it.
    Close(String),
}

impl Interference {
    fn add(&mut self, text: impl FnOnce() -> String) {
        if self.count == 0 && self.first.is_empty() {
            self.first = cut(&text(), MAX_TEXT);
        }
        self.count = self.count.saturating_add(1);
    }

    /// Whether it happened at all.
    pub(crate) fn happened(&self) -> bool {
        self.count > 0
    }
}

impl Watch {
    /// What was told of `target`.
    pub(crate) fn tab(&self, target: &str) -> Option<&TabWatch> {
        self.tabs.get(target)
    }

    /// Forgets a tab that is done with.
    pub(crate) fn forget(&mut self, target: &str) {
        self.tabs.remove(target);
        self.sessions.retain(|_, of| of != target);
        self.frames.retain(|_, of| of != target);
    }

    /// Takes in one event; what must be done about it at once.
    pub(crate) fn take_in(&mut self, event: &Value) -> Option<Reaction> {
        let params = event.get("params")?;
        let session = event.get("sessionId").and_then(Value::as_str);
        match event.get("method")?.as_str()? {
            "Target.targetCreated" => self.created(params.get("targetInfo")?),
            "Target.targetDestroyed" => {
                let target = text(params, "targetId")?;
                self.tab_mut(target)?.closed = true;
                for tab in self.tabs.values_mut() {
                    tab.open_popups.remove(target);
                }
                None
            }
            "Target.targetCrashed" => {
                self.tab_mut(text(params, "targetId")?)?.crashed = true;
                None
            }
            "Target.attachedToTarget" => {
                let info = params.get("targetInfo")?;
                let session = text(params, "sessionId")?.to_owned();
                if text(info, "type") == Some("page") {
                    let target = text(info, "targetId")?.to_owned();
                    // One target too many is not watched, and still must not be kept waiting.
                    if let Some(tab) = self.tab_mut(&target) {
                        // Attached to by its opener as well, it has two, and tells everything twice.
                        if tab.session.is_none() {
                            tab.session = Some(session.clone());
                            self.sessions.insert(session.clone(), target);
                        }
                    }
                }
                Some(Reaction::Enable(NewTarget {
                    session,
                    kind: text(info, "type").unwrap_or_default().to_owned(),
                    url: cut(text(info, "url").unwrap_or_default(), MAX_TEXT),
                }))
            }
            "Target.detachedFromTarget" => {
                self.sessions.remove(text(params, "sessionId")?);
                None
            }
            "Page.loadEventFired" => {
                let tab = self.of_session(session?)?;
                tab.loads = tab.loads.saturating_add(1);
                None
            }
            "Page.frameStartedLoading" => {
                let target = self.sessions.get(session?)?.clone();
                if text(params, "frameId") == Some(target.as_str()) {
                    let tab = self.tab_mut(&target)?;
                    tab.starts = tab.starts.saturating_add(1);
                }
                None
            }
            "Network.responseReceived" if text(params, "type") == Some("Document") => {
                let target = self.sessions.get(session?)?.clone();
                if text(params, "frameId") == Some(target.as_str()) {
                    let response = params.get("response")?;
                    let tab = self.tab_mut(&target)?;
                    tab.by_proxy = is_by_proxy(response);
                    tab.retry_after = header(response, "retry-after").next().map(|value| cut(value, MAX_TEXT));
                }
                None
            }
            "Page.navigatedWithinDocument" => {
                let target = self.sessions.get(session?)?.clone();
                if text(params, "frameId") == Some(target.as_str()) {
                    self.tab_mut(&target)?.routes.add(text(params, "url")?);
                }
                None
            }
            "Page.javascriptDialogOpening" => {
                if let Some(tab) = self.of_session(session?) {
                    tab.dialogs.add(|| {
                        let kind = text(params, "type").unwrap_or("dialog");
                        format!("{kind}: {}", text(params, "message").unwrap_or_default())
                    });
                }
                Some(Reaction::AcceptDialog(session?.to_owned()))
            }
            "Page.windowOpen" => {
                // The window itself is told before it has an address.
                let tab = self.of_session(session?)?;
                if tab.popups.first.is_empty() {
                    tab.popups.first = cut(text(params, "url").unwrap_or_default(), MAX_TEXT);
                }
                None
            }
            "Page.frameAttached" => {
                let target = self.sessions.get(session?)?.clone();
                if self.frames.len() < MAX_FRAMES {
                    self.frames.insert(text(params, "frameId")?.to_owned(), target);
                }
                None
            }
            "Browser.downloadWillBegin" => {
                let url = text(params, "url").unwrap_or_default();
                for tab in self.downloaders(text(params, "frameId").unwrap_or_default()) {
                    tab.downloads.add(|| url.to_owned());
                }
                None
            }
            _ => None,
        }
    }

    /// A tab of ours, or a window that a page opened.
    fn created(&mut self, info: &Value) -> Option<Reaction> {
        if text(info, "type") != Some("page") {
            return None;
        }
        let target = text(info, "targetId")?.to_owned();
        let opened_by = text(info, "openerId").map(str::to_owned);
        self.tab_mut(&target)?.opener.clone_from(&opened_by);
        let opener = self.tabs.get_mut(&opened_by?)?;
        opener.popups.add(|| text(info, "url").unwrap_or_default().to_owned());
        if opener.open_popups.len() >= MAX_POPUPS {
            return Some(Reaction::Close(target));
        }
        opener.open_popups.insert(target);
        None
    }

    /// The tab with this frame and those that opened it, so that a window's download is its opener's too. A frame that was
    /// never told may be anybody's: then no tab is without it.
    fn downloaders(&mut self, frame: &str) -> Vec<&mut TabWatch> {
        let mut of = self.frames.get(frame).map_or(frame, String::as_str).to_owned();
        let mut named = BTreeSet::new();
        while let Some(tab) = self.tabs.get(&of).filter(|_| named.insert(of.clone())) {
            let Some(opener) = tab.opener.clone() else { break };
            of = opener;
        }
        let tabs = self.tabs.iter_mut();
        tabs.filter(|(name, _)| named.is_empty() || named.contains(*name)).map(|(_, tab)| tab).collect()
    }

    fn of_session(&mut self, session: &str) -> Option<&mut TabWatch> {
        let target = self.sessions.get(session)?;
        self.tabs.get_mut(target)
    }

    fn tab_mut(&mut self, target: &str) -> Option<&mut TabWatch> {
        if self.tabs.len() >= MAX_WATCHED && !self.tabs.contains_key(target) {
            return None;
        }
        Some(self.tabs.entry(target.to_owned()).or_default())
    }
}

/// Whether a response says that our proxy made it (RFC 9209 §2); other intermediaries are the site's.
fn is_by_proxy(response: &Value) -> bool {
    header(response, "proxy-status").any(|value| value.split([';', ',']).any(|part| part.trim() == PROXY))
}

/// What a response says in the header `name`.
fn header<'a>(response: &'a Value, name: &'a str) -> impl Iterator<Item = &'a str> {
    let headers = response.get("headers").and_then(Value::as_object).into_iter().flatten();
    headers.filter(move |(other, _)| other.eq_ignore_ascii_case(name)).filter_map(|(_, value)| value.as_str())
}

fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key)?.as_str()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn opened(watch: &mut Watch, target: &str, opener: Option<&str>) -> Option<Reaction> {
        watch.take_in(&json!({"method": "Target.targetCreated", "params": {"targetInfo":
            {"targetId": target, "type": "page", "url": "https://a.test/", "openerId": opener}}}))
    }

    fn attached(watch: &mut Watch, target: &str, session: &str) -> Option<Reaction> {
        watch.take_in(&json!({"method": "Target.attachedToTarget", "params": {"sessionId": session,
            "targetInfo": {"targetId": target, "type": "page"}}}))
    }

    #[test]
    fn a_load_counts_for_its_tab_and_only_the_main_frame_starts() {
        let mut watch = Watch::default();
        assert_eq!(opened(&mut watch, "T", None), None);
        let new = NewTarget { session: "s".into(), kind: "page".into(), url: String::new() };
        assert_eq!(attached(&mut watch, "T", "s"), Some(Reaction::Enable(new)));
        for frame in ["T", "inner"] {
            watch.take_in(
                &json!({"method": "Page.frameStartedLoading", "sessionId": "s", "params": {"frameId": frame}}),
            );
        }
        watch.take_in(&json!({"method": "Page.loadEventFired", "sessionId": "s", "params": {"timestamp": 1}}));
        let tab = watch.tab("T").unwrap();
        assert_eq!((tab.starts, tab.loads), (1, 1));
    }

    #[test]
    fn every_dialog_is_answered_and_the_first_is_kept() {
        let mut watch = Watch::default();
        opened(&mut watch, "T", None);
        attached(&mut watch, "T", "s");
        for message in ["one", "two"] {
            let event = json!({"method": "Page.javascriptDialogOpening", "sessionId": "s",
                "params": {"type": "alert", "message": message}});
            assert_eq!(watch.take_in(&event), Some(Reaction::AcceptDialog("s".into())));
        }
        assert_eq!(watch.tab("T").unwrap().dialogs, Interference { count: 2, first: "alert: one".into() });
    }

    #[test]
    fn a_storm_of_windows_is_counted_and_closed() {
        let mut watch = Watch::default();
        opened(&mut watch, "T", None);
        for index in 0..MAX_POPUPS {
            assert_eq!(opened(&mut watch, &format!("P{index}"), Some("T")), None);
        }
        assert_eq!(opened(&mut watch, "last", Some("T")), Some(Reaction::Close("last".into())));
        let tab = watch.tab("T").unwrap();
        assert_eq!((tab.open_popups.len(), tab.popups.count), (MAX_POPUPS, 21));
    }

    #[test]
    fn a_window_is_told_by_the_address_it_was_opened_with() {
        let mut watch = Watch::default();
        opened(&mut watch, "T", None);
        attached(&mut watch, "T", "s");
        watch.take_in(&json!({"method": "Page.windowOpen", "sessionId": "s", "params": {"url": "https://b.test/"}}));
        opened(&mut watch, "P", Some("T"));
        assert_eq!(watch.tab("T").unwrap().popups, Interference { count: 1, first: "https://b.test/".into() });
    }

    #[test]
    fn a_closed_window_is_no_longer_open() {
        let mut watch = Watch::default();
        opened(&mut watch, "T", None);
        opened(&mut watch, "P", Some("T"));
        watch.take_in(&json!({"method": "Target.targetDestroyed", "params": {"targetId": "P"}}));
        assert!(watch.tab("T").unwrap().open_popups.is_empty());
        assert!(watch.tab("P").unwrap().closed);
        watch.forget("P");
        assert!(watch.tab("P").is_none());
    }

    #[test]
    fn an_answer_of_our_proxy_is_told_from_one_of_the_site() {
        let mut watch = Watch::default();
        opened(&mut watch, "T", None);
        attached(&mut watch, "T", "s");
        for (frame, name, value, expected) in [
            ("T", "Proxy-Status", "cprvagt; error=dns_error", true),
            ("inner", "x", "y", true),
            ("T", "proxy-status", "ExampleCDN; error=dns_error", false),
            ("T", "proxy-status", "ExampleCDN, cprvagt; error=x", true),
            ("T", "server", "cprvagt", false),
        ] {
            watch.take_in(&json!({"method": "Network.responseReceived", "sessionId": "s", "params":
                {"type": "Document", "frameId": frame, "response": {"headers": {name: value}}}}));
            assert_eq!(watch.tab("T").unwrap().by_proxy, expected, "{frame} {value}");
        }
    }

    #[test]
    fn a_state_of_the_main_frame_is_kept_and_a_busy_answer_with_its_wish() {
        let mut watch = Watch::default();
        opened(&mut watch, "T", None);
        attached(&mut watch, "T", "s");
        for (frame, url) in [("T", "https://a.test/#/x"), ("inner", "https://a.test/#/y")] {
            watch.take_in(&json!({"method": "Page.navigatedWithinDocument", "sessionId": "s",
                "params": {"frameId": frame, "url": url}}));
        }
        watch.take_in(&json!({"method": "Network.responseReceived", "sessionId": "s", "params":
            {"type": "Document", "frameId": "T", "response": {"headers": {"Retry-After": "7"}}}}));
        let tab = watch.tab("T").unwrap();
        assert_eq!(
            (tab.routes.urls.as_slice(), tab.retry_after.as_deref()),
            (&["https://a.test/#/x".to_owned()][..], Some("7"))
        );
    }

    #[test]
    fn odd_events_change_nothing() {
        let mut watch = Watch::default();
        for event in
            [json!(null), json!({"method": 1, "params": {}}), json!({"method": "Target.targetCreated", "params": {}})]
        {
            assert_eq!(watch.take_in(&event), None);
        }
    }
}
