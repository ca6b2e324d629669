//! The pages with the SDKs, and what the SDKs send to.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

use sites::{HostedSite, Received, Reply};

/// Whose pages they are.
pub(crate) const SITE: &str = "www.tastselv.test";

/// In the address of each page; declared nowhere.
pub(crate) const IN_ADDRESS: &str = "0707614285";

/// In the title of each page; declared nowhere, and without a check digit.
pub(crate) const IN_TITLE: &str = "010190-1234";

/// Before the name of a page without any number; the site links to none of these.
pub(crate) const CLEAN: &str = "uden/";

/// A header for every answer to another site's script: who asks may read it.
const CREDENTIALS: (&str, &str) = ("Access-Control-Allow-Credentials", "true");

/// What `PostHog`'s own servers say: the endpoint for events, and that it may record the session.
const POSTHOG: &str = r#"{"supportedCompression": ["gzip", "gzip-js"], "analytics": {"endpoint": "/i/v0/e/"},
    "sessionRecording": {"endpoint": "/s/", "recorderVersion": "v2"}, "featureFlags": {}}"#;

/// What Adobe's own servers say: who the visitor is, in a cookie too. Without it nothing is sent as a beacon.
const ADOBE: &str = r#"{"handle": [{"type": "identity:result", "payload": [{"id": "1", "namespace": {"code": "ECID"}}]},
    {"type": "state:store", "payload":
        [{"key": "kndctr_53A16ACB5CC1D3760A495C99_AdobeOrg_identity", "value": "1", "maxAge": 3600}]}]}"#;

/// Milliseconds since 1970, as New Relic's own server has them: without any it says no more.
const NEW_RELIC_TIME: u64 = 1_795_400_000_000;

/// Matomo's tracker comes from the server. A few lines do for it here: what it is asked to send, it sends.
const MATOMO: &str = "(() => {
  const sent = { url: location.href, action_name: document.title, urlref: document.referrer, rec: 1, apiv: 1 };
  let url = '';
  const calls = {
    setTrackerUrl: (to) => { url = to },
    setSiteId: (id) => { sent.idsite = id },
    trackPageView: () => navigator.sendBeacon(url + '?' + new URLSearchParams(sent)),
  };
  const run = ([name, ...values]) => calls[name]?.(...values);
  (window._paq ?? []).forEach(run);
  window._paq = { push: run };
})()";

/// A folder of pages, with the packages they are bundled from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Folder(pub(crate) &'static str);

impl Folder {
    fn path(self) -> PathBuf {
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(self.0)
    }

    /// Each page's script with its SDK in it.
    fn bundles(self, names: &[&str]) -> BTreeMap<String, String> {
        let out = tempfile::tempdir().expect("a temporary folder");
        // One compiler for all folders.
        let mut esbuild = Command::new(Self("tests/sdks").path().join("node_modules/.bin/esbuild"));
        esbuild.args(names.iter().map(|name| format!("pages/{name}.js"))).current_dir(self.path());
        esbuild.args(["--bundle", "--format=iife", "--target=chrome120", "--charset=utf8", "--log-level=error"]);
        esbuild.args(["--define:process.env.NODE_ENV=\"production\"", "--define:global=window"]);
        esbuild.arg(format!("--outdir={}", out.path().display()));
        let output = esbuild.output().expect("esbuild runs: ci/setup-clients installs it");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let read = |name: &&str| {
            let bundle = std::fs::read_to_string(out.path().join(format!("{name}.js"))).expect("a bundle");
            ((*name).to_owned(), bundle)
        };
        names.iter().map(read).collect()
    }
}

/// The site, with a page for each of `names`, and the hosts that they send to.
pub(crate) fn hosts(folder: Folder, names: &[&str], also: &[&str]) -> Vec<HostedSite> {
    let bundles = Arc::new(folder.bundles(names));
    let index: Vec<String> =
        names.iter().map(|name| format!("<li><a href='/{name}?cpr={IN_ADDRESS}'>{name}</a>")).collect();
    let site = HostedSite::new(SITE, move |received| {
        let name = received.path().trim_start_matches('/');
        match name.strip_suffix(".js") {
            Some(script) => bundles.get(script).map_or_else(Reply::not_found, |bundle| Reply::js(bundle.clone())),
            None if name.is_empty() => Reply::html(page("Sager", &format!("<ul>{}</ul>", index.concat()))),
            None if bundles.contains_key(name) => Reply::html(page(&format!("Sag {IN_TITLE}"), &form(name))),
            None => match name.strip_prefix(CLEAN) {
                Some(name) if bundles.contains_key(name) => Reply::html(page("Sag", &form(name))),
                Some(_) | None => Reply::not_found(),
            },
        }
    });
    let sinks = names.iter().map(|name| format!("in.{name}.test")).chain(also.iter().map(|host| (*host).to_owned()));
    [site].into_iter().chain(sinks.map(|host| HostedSite::new(host, sink))).collect()
}

fn page(title: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang=da><meta charset=utf-8><link rel=icon href='data:,'><title>{title}</title>\
         <h1>{title}</h1>{body}</html>"
    )
}

/// A form that is never sent, and the SDK of the page.
fn form(name: &str) -> String {
    format!(
        "<form id=ansoegning action=/send method=post><label>Ægtefælles CPR-nummer <input name=aegtefaelle></label>\
         <button>Send</button></form><script src=/{name}.js></script>"
    )
}

/// What each SDK wants to hear before it says more.
fn sink(received: &Received) -> Reply {
    if received.method == "OPTIONS" {
        let asked = received.header("access-control-request-headers").unwrap_or_default().into_owned();
        let methods = ("Access-Control-Allow-Methods", "GET, POST, PUT");
        return readable(Reply::no_content(), received)
            .with_header("Access-Control-Allow-Headers", asked)
            .with_header(methods.0, methods.1);
    }
    let path = received.path();
    let json = if path.starts_with("/ee/") {
        ADOBE
    } else if path.starts_with("/array/") || path.starts_with("/flags") {
        POSTHOG
    } else if path == "/track/" || path == "/engage/" {
        "1"
    } else if path == "/public" {
        r#"{"data":{"initializeSession":{"secure_id":"1","project_id":"1"}}}"#
    } else if path.starts_with("/1/NRJS-") {
        let flags = r#""st":1,"err":1,"ins":1,"spa":1,"loaded":1"#;
        let json = format!(r#"{{"app":{{"agents":[{{"entityGuid":"1"}}],"nrServerTime":{NEW_RELIC_TIME}}},{flags}}}"#);
        return readable(Reply::json(json), received);
    } else if received.header("sec-fetch-dest").is_some_and(|dest| dest == "script") {
        return readable(Reply::js(if path == "/matomo.js" { MATOMO } else { "" }), received);
    } else if received.header("sec-fetch-dest").is_some_and(|dest| dest == "image") {
        return Reply::gif();
    } else {
        "{}"
    };
    readable(Reply::json(json), received)
}

fn readable(reply: Reply, received: &Received) -> Reply {
    let origin = received.header("origin").unwrap_or_else(|| "*".into()).into_owned();
    reply.with_header("Access-Control-Allow-Origin", origin).with_header(CREDENTIALS.0, CREDENTIALS.1)
}
