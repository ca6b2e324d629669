//! Those whom the demo's pages call: hosted libraries with their CDN, visitor statistics, advertising measurement.
//!
//! Each learns the page's URL by one channel only: the scripts of the last two switch `Referer` off for their requests.

use crate::{HostedSite, Received, Reply};

/// Where the hosted script comes from.
pub(super) const LIBRARY_SCRIPT: &str = "https://biblioteker.kodehus.test/bibliotek/1.11/bibliotek.min.js";

/// Where the hosted style sheet comes from: the same company's CDN.
pub(super) const LIBRARY_STYLE: &str = "https://cdn.kodehus.test/gitter/4.5/gitter.min.css";

/// The visitor statistics' script.
pub(super) const STATISTICS_SCRIPT: &str = "https://maaling.besoegstal.test/maal.js";

/// The advertising measurement's script.
pub(super) const ADVERTISING_SCRIPT: &str = "https://indsigt.reklamehus.test/indsigt.js";

/// The library, which a site may also serve itself.
pub(super) const LIBRARY_SCRIPT_TEXT: &str = include_str!("bibliotek.js");

/// The grid, which a site may also serve itself.
pub(super) const LIBRARY_STYLE_TEXT: &str = include_str!("gitter.css");

const LIBRARY_HOST: &str = "biblioteker.kodehus.test";
const CDN_HOST: &str = "cdn.kodehus.test";
const STATISTICS_HOST: &str = "maaling.besoegstal.test";
const ADVERTISING_HOST: &str = "indsigt.reklamehus.test";

/// How a recipient learns the number from a page that has it in its URL.
pub(super) struct Leak {
    pub(super) channel: &'static str,
    pub(super) recipient: &'static str,
    pub(super) hosts: &'static [&'static str],
}

/// One for each recipient.
pub(super) const LEAKS: [Leak; 3] = [
    Leak { channel: "referer", recipient: "kodehus.test", hosts: &[LIBRARY_HOST, CDN_HOST] },
    Leak { channel: "url-query", recipient: "besoegstal.test", hosts: &[STATISTICS_HOST] },
    Leak { channel: "url-path", recipient: "reklamehus.test", hosts: &[ADVERTISING_HOST] },
];

/// The third parties' hosts.
pub(super) fn sites() -> Vec<HostedSite> {
    vec![
        HostedSite::new(LIBRARY_HOST, |received| file(received, "/bibliotek/", || Reply::js(LIBRARY_SCRIPT_TEXT))),
        HostedSite::new(CDN_HOST, |received| file(received, "/gitter/", || Reply::css(LIBRARY_STYLE_TEXT))),
        HostedSite::new(STATISTICS_HOST, statistics),
        HostedSite::new(ADVERTISING_HOST, advertising),
    ]
}

fn file(received: &Received, folder: &str, reply: impl Fn() -> Reply) -> Reply {
    if received.path().starts_with(folder) { reply() } else { Reply::not_found() }
}

fn statistics(received: &Received) -> Reply {
    match received.path() {
        "/maal.js" => Reply::js(include_str!("maal.js")),
        "/collect" => Reply::gif(),
        _ => Reply::not_found(),
    }
}

fn advertising(received: &Received) -> Reply {
    match received.path() {
        "/indsigt.js" => Reply::js(include_str!("indsigt.js")),
        path if path.starts_with("/b/ss/") => Reply::gif(),
        _ => Reply::not_found(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host_of(url: &str) -> &str {
        url.trim_start_matches("https://").split('/').next().unwrap()
    }

    #[test]
    fn addresses_on_the_pages_are_those_served() {
        assert_eq!(host_of(LIBRARY_SCRIPT), LIBRARY_HOST);
        assert_eq!(host_of(LIBRARY_STYLE), CDN_HOST);
        assert_eq!(host_of(STATISTICS_SCRIPT), STATISTICS_HOST);
        assert_eq!(host_of(ADVERTISING_SCRIPT), ADVERTISING_HOST);
    }

    #[test]
    fn each_recipient_has_a_channel_of_its_own() {
        let mut channels: Vec<&str> = LEAKS.iter().map(|leak| leak.channel).collect();
        channels.sort_unstable();
        channels.dedup();
        assert_eq!(channels.len(), LEAKS.len());
    }

    #[test]
    fn telemetry_switches_its_referer_off() {
        for script in [include_str!("maal.js"), include_str!("indsigt.js")] {
            assert!(script.contains("referrerPolicy") && script.contains("no-referrer"), "{script}");
        }
    }
}
