//! A page that sends a canary by every channel a browser has, so that an audit can first see that it sees.
//!
//! A real browser visits [`start_url`] through the proxy. Each of [`probes`] must then be found, in its channel, in a
//! request to its host and path or in the page itself; one that is missed means that the instrument is blind there, and the run is void. The
//! collector is on another site than the page, since what a site sends itself is judged differently.

use askama::Template;

use crate::{HostedSite, Received, Reply};

/// The host of the page.
pub const HOST: &str = "selftest.cprvagt.test";

/// The host that most probes are sent to: another site.
pub const COLLECTOR_HOST: &str = "collector.cprvagt-collector.test";

/// The page's title once every probe has been sent, but for the one that is sent when the page is left.
pub const DONE_TITLE: &str = "cprvagt self-test: sent";

/// The path of the page that needs no script.
const PLAIN_PAGE: &str = "/plain";

/// The probes that it sends, by name: those that a page sends by how it is written.
const PLAIN: [&str; 9] =
    ["url-path", "url-query", "percent-twice", "referer", "cookie", "redirect", "after-redirect", "iframe", "style"];

/// The path of the page within the page whose URL holds the number.
const REFERRING_PAGE: &str = "/referring";

/// One way of sending the number, and where it must be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Probe {
    /// What is tried; unique.
    pub name: &'static str,
    /// The channel it must be found in, by the channel's id.
    pub channel: &'static str,
    /// The host it is sent to.
    pub host: &'static str,
    /// What the request's path begins with; no probe's begins with another's. Of what stands in the page, the name it
    /// stands under.
    pub path: &'static str,
    /// Whether it stands in the page and is not sent.
    pub is_in_page: bool,
}

/// Every probe. The page's script sends them.
const PROBES: [Probe; 26] = [
    probe("url-path", "url-path", "/probe/url-path/"),
    probe("url-query", "url-query", "/probe/url-query"),
    probe("percent-twice", "url-query", "/probe/percent-twice"),
    probe("base64", "url-query", "/probe/base64"),
    probe("referer", "referer", "/probe/referer"),
    own_probe("cookie", "cookie", "/probe/cookie"),
    probe("header", "header", "/probe/header"),
    own_probe("redirect", "redirect", "/probe/redirect"),
    probe("after-redirect", "url-query", "/probe/after-redirect"),
    probe("beacon", "body", "/probe/beacon"),
    probe("fetch-json", "body", "/probe/fetch-json"),
    probe("gzip-body", "body", "/probe/gzip-body"),
    probe("deflate-body", "body", "/probe/deflate-body"),
    probe("form-body", "body", "/probe/form-body"),
    probe("iframe", "url-query", "/probe/iframe"),
    probe("worker", "url-query", "/probe/worker"),
    probe("service-worker", "url-query", "/probe/service-worker"),
    probe("style", "url-query", "/probe/style"),
    probe("pagehide", "body", "/probe/pagehide"),
    probe("websocket", "websocket", "/probe/websocket-plain"),
    probe("websocket-compressed", "websocket", "/probe/websocket-compressed"),
    page_probe("title", "title", "title"),
    page_probe("local-storage", "storage", "probe-local"),
    page_probe("stored-cookie", "storage", "probe-cookie"),
    page_probe("data-layer", "storage", "dataLayer"),
    page_probe("mailto", "mailto", "subject"),
];

/// The page.
#[derive(Template)]
#[template(path = "self_test/page.html")]
struct Page<'a> {
    /// Ten digits.
    number: &'a str,
    collector: &'a str,
    done_title: &'a str,
    referring: &'a str,
}

/// The page that needs no script.
#[derive(Template)]
#[template(path = "self_test/plain.html")]
struct Plain<'a> {
    number: &'a str,
    /// `?cpr=` and the number, every character encoded, and its percent sign again.
    twice: &'a str,
    collector: &'a str,
    referring: &'a str,
}

/// The page within it, whose URL holds the number.
#[derive(Template)]
#[template(path = "self_test/referring.html")]
struct Referring<'a> {
    collector: &'a str,
}

/// The self-test's hosts; `canary_compact` is the ten digits to send, of a person who does not exist.
pub fn hosts(canary_compact: &str) -> Vec<HostedSite> {
    // Digits only, so that the number can stand in HTML, script and header lines as it is.
    let number: String = canary_compact.chars().filter(char::is_ascii_digit).collect();
    vec![HostedSite::new(HOST, move |received| page(received, &number)), HostedSite::new(COLLECTOR_HOST, collect)]
}

/// Where the browser is sent. The number is not in it.
pub fn start_url() -> String {
    format!("https://{HOST}/")
}

/// Where an engine that runs no script is sent.
pub fn plain_url() -> String {
    format!("https://{HOST}{PLAIN_PAGE}")
}

/// The ways the number is sent from there.
pub fn plain_probes() -> impl Iterator<Item = &'static Probe> {
    PROBES.iter().filter(|probe| PLAIN.contains(&probe.name))
}

/// Every way the number is sent. One of them, `pagehide`, only when the page is left.
pub fn probes() -> &'static [Probe] {
    &PROBES
}

const fn probe(name: &'static str, channel: &'static str, path: &'static str) -> Probe {
    Probe { name, channel, host: COLLECTOR_HOST, path, is_in_page: false }
}

const fn page_probe(name: &'static str, channel: &'static str, held_as: &'static str) -> Probe {
    Probe { is_in_page: true, ..own_probe(name, channel, held_as) }
}

const fn own_probe(name: &'static str, channel: &'static str, path: &'static str) -> Probe {
    Probe { host: HOST, ..probe(name, channel, path) }
}

fn page(received: &Received, number: &str) -> Reply {
    let collector = COLLECTOR_HOST;
    match received.path() {
        "/" => {
            let done_title = DONE_TITLE;
            rendered(&Page { number, collector, done_title, referring: REFERRING_PAGE })
        }
        PLAIN_PAGE => {
            let twice: Vec<String> = format!("?cpr={number}").bytes().map(|byte| format!("%25{byte:02x}")).collect();
            let twice = twice.concat();
            let cookie = format!("cpr={number}; Path=/probe/cookie; Secure; SameSite=Strict");
            rendered(&Plain { number, twice: &twice, collector, referring: REFERRING_PAGE })
                .with_header("Set-Cookie", cookie)
        }
        REFERRING_PAGE => rendered(&Referring { collector }).with_header("Referrer-Policy", "unsafe-url"),
        "/worker.js" => Reply::js(include_str!("worker.js")),
        "/service-worker.js" => Reply::js(include_str!("service-worker.js")),
        "/probe/cookie" | "/favicon.ico" => Reply::no_content(),
        "/probe/redirect" => {
            Reply::redirect(format!("https://{collector}/probe/after-redirect?cpr={number}")).with_status(302)
        }
        _ => Reply::not_found(),
    }
}

/// Answers each probe with what its sender expects, and lets the page send the headers and types it wants to.
fn collect(received: &Received) -> Reply {
    let reply = match received.path() {
        path if !path.starts_with("/probe/") => Reply::not_found(),
        _ if received.method == "OPTIONS" => Reply::no_content()
            .with_header("Access-Control-Allow-Methods", "POST")
            .with_header("Access-Control-Allow-Headers", "content-type, x-cpr")
            .with_header("Access-Control-Max-Age", "0"),
        "/probe/websocket-plain" => Reply::websocket(received, None),
        "/probe/websocket-compressed" => Reply::websocket(received, Some("permessage-deflate")),
        "/probe/iframe" | "/probe/form-body" => Reply::html("<!doctype html><title>cprvagt self-test</title>"),
        _ if received.method == "GET" => Reply::gif(),
        _ => Reply::no_content(),
    };
    reply.with_header("Access-Control-Allow-Origin", format!("https://{HOST}"))
}

fn rendered(template: &impl Template) -> Reply {
    match template.render() {
        Ok(html) => Reply::html(html),
        Err(error) => Reply::text(500, format!("this page does not render: {error}\n")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Born in 2045: nobody's.
    const NUMBER: &str = "0101455001";

    fn received(host: &str, method: &str, path_and_query: &str) -> Received {
        Received {
            host: host.to_owned(),
            method: method.to_owned(),
            path_and_query: path_and_query.to_owned(),
            headers: vec![("sec-websocket-key".to_owned(), b"k".to_vec())],
            body: Vec::new(),
            body_is_whole: true,
            secure: true,
            version: "HTTP/2.0".to_owned(),
        }
    }

    fn request(host: &str, method: &str, path_and_query: &str) -> Reply {
        let site = hosts(NUMBER).into_iter().find(|site| site.host == host).unwrap();
        (site.handler)(&received(host, method, path_and_query))
    }

    fn text(reply: &Reply) -> String {
        String::from_utf8(reply.body.to_vec()).unwrap()
    }

    #[test]
    fn every_probe_is_sent_by_the_page_or_what_it_loads() {
        let sources = ["/", "/referring", "/worker.js", "/service-worker.js"]
            .map(|path| text(&request(HOST, "GET", path)))
            .join("\n")
            + "/probe/after-redirect";
        for probe in probes() {
            assert!(sources.contains(probe.path), "{} is never sent", probe.name);
        }
    }

    #[test]
    fn the_plain_page_sends_its_probes_without_a_script() {
        let page = text(&request(HOST, "GET", "/plain"));
        assert!(!page.contains("<script"));
        let sources = page + &text(&request(HOST, "GET", "/referring")) + "/probe/after-redirect";
        assert_eq!(plain_probes().count(), PLAIN.len());
        for probe in plain_probes() {
            assert!(sources.contains(probe.path), "{} is never sent", probe.name);
        }
    }

    #[test]
    fn probes_are_told_apart_by_name_and_by_path() {
        for (at, probe) in probes().iter().enumerate() {
            for other in &probes()[at + 1..] {
                assert_ne!(probe.name, other.name);
                assert!(!probe.path.starts_with(other.path) && !other.path.starts_with(probe.path), "{}", probe.name);
            }
        }
    }

    #[test]
    fn every_probe_is_answered() {
        for probe in probes().iter().filter(|probe| !probe.is_in_page) {
            let reply = request(probe.host, "GET", probe.path);
            assert!([101, 200, 204, 302].contains(&reply.status), "{}: {}", probe.name, reply.status);
            let reply = request(COLLECTOR_HOST, "OPTIONS", probe.path);
            assert_eq!(reply.status, 204, "{}", probe.name);
        }
    }

    #[test]
    fn the_redirect_leads_to_the_collector_with_the_number() {
        let reply = request(HOST, "GET", "/probe/redirect");
        let location = reply.headers.iter().find(|(name, _)| name == "Location").unwrap();
        assert_eq!(location.1, format!("https://{COLLECTOR_HOST}/probe/after-redirect?cpr={NUMBER}"));
    }

    #[test]
    fn anything_but_digits_stays_out_of_the_page() {
        let page = text(&page(&received(HOST, "GET", "/"), "x"));
        assert!(page.contains("\"x\""), "the number stands in quotes: {page}");
        let handler = hosts("010145-5001<script>").remove(0).handler;
        let page = text(&handler(&received(HOST, "GET", "/")));
        assert!(page.contains(&format!("\"{NUMBER}\"")), "{page}");
    }
}
