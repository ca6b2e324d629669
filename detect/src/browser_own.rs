//! What a browser sends of its own accord: updates, lists of dangerous sites, experiments, forms' signatures. It passes the
//! same proxy as the site's traffic, and is not the site's doing.
//!
//! The rows marked R were recorded from Chromium 156 in front of an empty profile (sdk-facts 1.13, `browser-own.*`), the
//! others are the addresses that Chromium's source names for these services (`chrome/`, `components/`, `google_apis/`),
//! and those of the components it then fetches.

use model::{Exchange, Headers};

/// Where a browser turns to by itself: a host, and how the path begins.
const PLACES: [(&str, &str); 27] = [
    // The accounts signed in to (R).
    ("accounts.google.com", "/ListAccounts"),
    ("accounts.google.com", "/GetCheckConnectionInfo"),
    // Push messages.
    ("android.clients.google.com", "/checkin"),
    ("android.clients.google.com", "/c2dm/register3"),
    // The time (R), extensions, crashes, and what could not be reached.
    ("clients2.google.com", "/time/1/current"),
    ("clients2.google.com", "/service/update2"),
    ("clients2.google.com", "/cr/report"),
    ("clients2.google.com", "/domainreliability/upload"),
    ("clients2.googleusercontent.com", "/crx/blobs/"),
    // Settings shared between devices, experiments, and how the browser is used.
    ("clients4.google.com", "/chrome-sync"),
    ("clients4.google.com", "/chrome-variations/seed"),
    ("clients4.google.com", "/uma/"),
    ("clientservices.googleapis.com", "/chrome-variations/seed"),
    ("clientservices.googleapis.com", "/uma/"),
    // What the fields of a form are (R).
    ("content-autofill.googleapis.com", "/v1/"),
    // Components and the browser itself: asked for (R) and fetched.
    ("update.googleapis.com", "/service/update2"),
    ("dl.google.com", "/release2/"),
    ("edgedl.me.gvt1.com", "/edgedl/release2/"),
    ("redirector.gvt1.com", "/edgedl/release2/"),
    // Dangerous sites, and passwords that have leaked.
    ("safebrowsing.googleapis.com", "/v4/"),
    ("safebrowsing.googleapis.com", "/v5/"),
    ("safebrowsing.google.com", "/safebrowsing/"),
    ("sb-ssl.google.com", "/safebrowsing/"),
    ("passwordsleakcheck-pa.googleapis.com", "/v1/leaks"),
    // Models and hints, and what the address bar offers.
    ("optimizationguide-pa.googleapis.com", "/v1"),
    ("optimizationguide-pa.googleapis.com", "/downloads"),
    ("www.google.com", "/async/folae"),
];

/// The page in whose name the accounts are asked for.
const OWN_ORIGIN: &[u8] = b"https://www.google.com";

/// Whether a browser sent `exchange` by itself: to such a place, and with none of the headers that a page's request has.
pub(crate) fn is_browsers_own(exchange: &Exchange) -> bool {
    let target = &exchange.request.target;
    let goes_to = |(host, path): &(&str, &str)| target.host.as_str() == *host && target.path.starts_with(path);
    PLACES.iter().any(goes_to) && comes_from_no_page(&exchange.request.headers)
}

/// Chromium sends `Sec-Fetch-Site: none` over TLS with what it asks for itself; with what a page asks for it tells whose.
fn comes_from_no_page(headers: &Headers) -> bool {
    let is_none_or = |name: &str, own: &[u8]| headers.get(name).is_none_or(|value| value == own);
    headers.get("referer").is_none()
        && is_none_or("origin", OWN_ORIGIN)
        && is_none_or("sec-fetch-site", b"none")
        && is_none_or("sec-fetch-dest", b"empty")
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use model::{Body, RequestRecord, Target};

    use super::*;

    #[track_caller]
    fn case(url: &str, headers: &[(&str, &str)], expected: bool) {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec())).collect();
        let request = RequestRecord {
            method: "POST".to_owned(),
            target: Target::parse(url).unwrap(),
            version: "HTTP/1.1".to_owned(),
            headers: Headers(headers),
            body: Body::default(),
        };
        let exchange = Exchange::begun(0, Timestamp::UNIX_EPOCH, request);
        assert_eq!(is_browsers_own(&exchange), expected, "{url}");
    }

    #[test]
    fn what_the_browser_sends_by_itself_is_known() {
        let own = [("Sec-Fetch-Site", "none"), ("Sec-Fetch-Mode", "no-cors"), ("Sec-Fetch-Dest", "empty")];
        case("https://update.googleapis.com/service/update2/json?cup2key=x", &own, true);
        case("http://clients2.google.com/time/1/current?cup2key=x", &[("User-Agent", "Mozilla/5.0")], true);
        case("https://content-autofill.googleapis.com/v1/pages/Ch?alt=proto", &own, true);
        let listing = [own.as_slice(), &[("Origin", "https://www.google.com")]].concat();
        case("https://accounts.google.com/ListAccounts?gpsia=1", &listing, true);
    }

    #[test]
    fn what_a_page_sends_to_the_same_host_is_the_pages() {
        let at = "https://safebrowsing.googleapis.com/v4/threatMatches:find";
        case(at, &[("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Dest", "empty")], false);
        case(at, &[("Origin", "https://www.tastselv.test")], false);
        case(at, &[("Referer", "https://www.tastselv.test/")], false);
        // Typed into the address bar.
        case(
            "https://accounts.google.com/ListAccounts",
            &[("Sec-Fetch-Site", "none"), ("Sec-Fetch-Dest", "document")],
            false,
        );
        case("https://accounts.google.com/signin", &[("Sec-Fetch-Site", "none")], false);
        case("https://x.accounts.google.com/ListAccounts", &[], false);
    }
}
