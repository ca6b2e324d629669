//! Everybody whom the town's pages call, and the town's own old archive.

use super::frame::page;
use super::{ARCHIVE, COUNTER, HELP_DESK, LETTERS, MAP, MIRROR, NEIGHBOUR, PAYMENTS, POSTER, SITE, leaks};
use crate::{HostedSite, Received, Reply};

/// One of each.
pub(super) fn sites() -> Vec<HostedSite> {
    vec![
        HostedSite::new(ARCHIVE, archive),
        HostedSite::new(COUNTER, |received| match received.path() {
            "/maal.js" => Reply::js(leaks::counter()),
            "/maal" => Reply::gif(),
            _ => Reply::no_content(),
        }),
        HostedSite::new(MIRROR, |received| match received.path() {
            "/spejl.js" => Reply::js(leaks::mirror()),
            _ => Reply::no_content(),
        }),
        HostedSite::new(PAYMENTS, |received| match received.path() {
            "/felt" => page(
                "Kort",
                "<form method=post action=/traek><label>Kortnummer <input name=kort></label>\
                <button>Gem</button></form>",
            ),
            _ => Reply::no_content(),
        }),
        HostedSite::new(MAP, |received| match received.path() {
            "/kort" => page("Bykort", "<p>Her er byen.</p>"),
            _ => Reply::gif(),
        }),
        HostedSite::new(POSTER, |received| match received.path() {
            "/billede" | "/stil" => Reply::gif(),
            _ => Reply::no_content(),
        }),
        HostedSite::new(HELP_DESK, |_| Reply::no_content()),
        HostedSite::new(LETTERS, |_| Reply::gif()),
        HostedSite::new(NEIGHBOUR, |_| page("Nabobyen", "<p>Velkommen.</p>")),
    ]
}

/// The archive takes its forms in clear text, and sends who sent one back.
fn archive(received: &Received) -> Reply {
    match (received.method.as_str(), received.path()) {
        ("POST", "/modtag") => Reply::redirect(format!("https://{SITE}/gammel/tak")),
        (_, "/ramme") => page("Arkivet", "<p>Åbent for alle.</p>"),
        _ => Reply::no_content(),
    }
}
