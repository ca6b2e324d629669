//! What a browser asks for by itself: updates, the time, whose accounts it has, what forms are for. No page sends it, and
//! suites do not switch it off, so that it comes through the proxy with what they test. It is counted, and not judged.

use std::collections::BTreeMap;

use model::{BlindSpot, BlindSpotKind, Exchange, Host, Target};

/// Blind spots that wait for the end of a run; what is beyond is told as it comes.
const MAX_HELD: usize = 2_000;

/// Hosts that the services of Chromium and Firefox are at, with the beginning of the paths that clear-text requests have there: they say
/// nothing of who asks. Pages talk to some of these hosts as well.
const SERVICES: [(&str, Option<&str>); 27] = [
    ("accounts.google.com", None),
    ("android.clients.google.com", None),
    ("aus5.mozilla.org", Some("/update/")),
    ("clients1.google.com", None),
    ("clients2.google.com", Some("/time/1/")),
    ("clients2.google.com", Some("/service/update2/")),
    ("clients4.google.com", None),
    ("clientservices.googleapis.com", None),
    ("content-autofill.googleapis.com", None),
    ("content-signature-2.cdn.mozilla.net", Some("/")),
    ("contile.services.mozilla.com", Some("/")),
    ("detectportal.firefox.com", Some("/")),
    ("edge.microsoft.com", None),
    ("edgedl.me.gvt1.com", Some("/edgedl/")),
    ("firefox-settings-attachments.cdn.mozilla.net", Some("/")),
    ("firefox.settings.services.mozilla.com", Some("/")),
    ("incoming.telemetry.mozilla.org", Some("/")),
    ("location.services.mozilla.com", Some("/")),
    ("normandy.cdn.mozilla.net", Some("/")),
    ("optimizationguide-pa.googleapis.com", None),
    ("push.services.mozilla.com", Some("/")),
    ("redirector.gvt1.com", Some("/edgedl/")),
    ("safebrowsing.googleapis.com", None),
    ("shavar.services.mozilla.com", Some("/")),
    ("update.googleapis.com", Some("/service/update2")),
    ("www.google.com", None),
    ("www.googleapis.com", None),
];

/// The browser's own requests of a run.
#[derive(Default)]
pub(crate) struct BrowserOwn {
    /// Those that got no answer, by host.
    failed: BTreeMap<String, u64>,
    held: Vec<BlindSpot>,
}

impl BrowserOwn {
    /// Whether `exchange` is one.
    pub(crate) fn hear(&mut self, exchange: &Exchange) -> bool {
        let is_own = is_own(exchange);
        if is_own && exchange.failure.is_some() {
            *self.failed.entry(exchange.request.target.host.as_str().to_owned()).or_default() += 1;
        }
        is_own
    }

    /// Keeps a blind spot that may be about one of them, until it is known; hands others back.
    pub(crate) fn hold(&mut self, blind_spot: BlindSpot) -> Option<BlindSpot> {
        let is_loss = matches!(
            blind_spot.kind,
            BlindSpotKind::HostUnreachable | BlindSpotKind::ConnectionBroken | BlindSpotKind::UpstreamRefused
        );
        let is_theirs = is_loss && host_of(&blind_spot).is_some_and(|host| is_service(&host));
        if !is_theirs || self.held.len() >= MAX_HELD {
            return Some(blind_spot);
        }
        self.held.push(blind_spot);
        None
    }

    /// At the end: what was kept, but for as many as there were requests of the browser's own to that host.
    pub(crate) fn left(mut self) -> Vec<BlindSpot> {
        let failed = &mut self.failed;
        self.held.retain(|spot| {
            let count = host_of(spot).and_then(|host| failed.get_mut(host.as_str()));
            let is_own = count.as_deref().is_some_and(|count| *count > 0);
            if let Some(count) = count {
                *count = count.saturating_sub(1);
            }
            !is_own
        });
        self.held
    }
}

/// A page cannot send it: only what nobody's page asked for has no site, and of that only what a person opens has a
/// destination (Fetch Metadata §2). In clear text these headers are missing, and the path has to tell.
fn is_own(exchange: &Exchange) -> bool {
    let request = &exchange.request;
    let headers = &request.headers;
    let is_browser = headers.text("user-agent").is_some_and(|agent| agent.starts_with("Mozilla/"));
    if !is_browser || !is_service(&request.target.host) {
        return false;
    }
    match headers.get("sec-fetch-site") {
        Some(site) => site == b"none" && headers.get("sec-fetch-dest") == Some(b"empty"),
        None => SERVICES.iter().any(|(host, path)| {
            *host == request.target.host.as_str() && path.is_some_and(|path| request.target.path.starts_with(path))
        }),
    }
}

fn is_service(host: &Host) -> bool {
    SERVICES.iter().any(|(service, _)| *service == host.as_str())
}

fn host_of(blind_spot: &BlindSpot) -> Option<Host> {
    Target::parse(&blind_spot.place).ok().map(|target| target.host)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use model::{Body, Headers, RequestRecord};

    use super::*;

    fn exchange(url: &str, headers: &[(&str, &str)]) -> Exchange {
        let mut all = vec![("user-agent".to_owned(), b"Mozilla/5.0 (X11)".to_vec())];
        all.extend(headers.iter().map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec())));
        let request = RequestRecord {
            method: "GET".to_owned(),
            target: Target::parse(url).unwrap(),
            version: "HTTP/1.1".to_owned(),
            headers: Headers(all),
            body: Body::default(),
        };
        Exchange::begun(0, Timestamp::UNIX_EPOCH, request)
    }

    #[track_caller]
    fn case(url: &str, headers: &[(&str, &str)], expected: bool) {
        assert_eq!(is_own(&exchange(url, headers)), expected);
    }

    #[test]
    fn what_no_page_can_send_is_the_browsers_own() {
        let own = [("sec-fetch-site", "none"), ("sec-fetch-mode", "no-cors"), ("sec-fetch-dest", "empty")];
        case("https://accounts.google.com/ListAccounts", &own, true);
        case("https://maaling.test/", &own, false);
        let by_page = [("sec-fetch-site", "cross-site"), ("sec-fetch-dest", "empty")];
        case("https://accounts.google.com/gsi/log?cpr=1", &by_page, false);
        case("https://accounts.google.com/", &[("sec-fetch-site", "none"), ("sec-fetch-dest", "document")], false);
    }

    #[test]
    fn in_clear_text_the_path_tells() {
        case("http://update.googleapis.com/service/update2/json?x=1", &[], true);
        case("http://clients2.google.com/time/1/current", &[], true);
        case("http://clients2.google.com/other", &[], false);
        case("http://www.google.com/", &[], false);
    }

    #[test]
    fn a_loss_is_told_unless_the_browser_alone_was_refused() {
        let spot = |url: &str| BlindSpot::new(BlindSpotKind::HostUnreachable, url, "");
        let mut own = BrowserOwn::default();
        let mut lost = exchange("http://update.googleapis.com/service/update2/json", &[]);
        lost.failure = Some(model::Failure::Refused(String::new()));
        assert!(own.hear(&lost));
        assert!(own.hold(spot("https://www.borger.test/")).is_some());
        for _ in 0..2 {
            assert!(own.hold(spot("http://update.googleapis.com/")).is_none());
        }
        assert_eq!(own.left().len(), 1, "one more than the browser's own");
    }
}
