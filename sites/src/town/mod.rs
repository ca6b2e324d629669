//! Byens Borgerservice: a made-up self-service with everything that a crawler meets, good and bad.
//!
//! There is a log-in, an application in five steps, routes that load nothing, frames, a service worker, a banner, traps,
//! and what must not be pressed. What goes wrong in it is data: [`planted()`]. Each run is as the one before. Pages that
//! break or never end are a site of their own, [`bad`].

mod app;
pub mod bad;
mod citizens;
mod frame;
mod leaks;
mod planted;
mod third_parties;
mod traps;
mod wizard;

pub use planted::{Planted, When, planted};

use std::sync::Arc;

use crate::{HostedSite, Received, Reply};
use citizens::Citizens;
use frame::{link, page};

/// Id of the system in [`registry`].
pub const SYSTEM: &str = "borgerservice";

/// The self-service's host.
pub const SITE: &str = "borgerservice.byen.test";

/// The password that opens it to every number.
pub const PASSWORD: &str = "sommerfugl";

/// An own host, in clear text.
const ARCHIVE: &str = "arkiv.byen.test";
/// Counts visits.
const COUNTER: &str = "maal.taelleren.test";
/// Mirrors what is typed.
const MIRROR: &str = "optag.sessionsspejl.test";
/// Takes payments, in a frame.
const PAYMENTS: &str = "ramme.betalingsporten.test";
/// Shows maps, in a frame.
const MAP: &str = "kort.bykortet.test";
/// Advertises.
const POSTER: &str = "spor.reklameplakaten.test";
/// Answers questions; nobody declared it.
const HELP_DESK: &str = "chat.svarboksen.test";
/// Has letters for signs; nobody declared it either.
const LETTERS: &str = "skrift.bogstavhuset.test";
/// A town that the own one links to.
const NEIGHBOUR: &str = "www.nabobyen.test";

/// Where the log-in is.
const LOG_IN: &str = "/log-ind";
/// The first page after it.
const HOME: &str = "/oversigt";
/// The page after the application.
const RECEIPT: &str = "/ansoegning/kvittering";

/// What the first page after the log-in links to.
const MENU: [(&str, &str); 23] = [
    ("/profil", "Din profil"),
    ("/ansoegning/trin-1", "Søg plads"),
    ("/adresse", "Meld flytning"),
    ("/tilmelding", "Tilmeld dig"),
    ("/gammel", "Den gamle blanket"),
    ("/klage", "Klag"),
    ("/postkasse", "Postkassen"),
    ("/app", "Sager"),
    ("/rude", "Ruden"),
    ("/rammer", "Gebyrer"),
    ("/tjeneste", "Beskeder om din sag"),
    ("/lager", "Seneste sager"),
    ("/attest", "Attest"),
    ("/kontakt", "Kontakt"),
    ("/ydelser/sygedagpenge", "Ydelser"),
    ("/initiativ", "Det sker"),
    ("/kalender/2026-11", "Kalender"),
    ("/nyheder", "Nyheder"),
    ("/vindue", "Hjælp i et vindue"),
    ("/hent", "Hent"),
    ("/langsom", "Langsom"),
    ("/fejl", "Fejl"),
    ("/beskeder", "Beskeder"),
];

/// How the town is set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Whether a link that nothing tells from others ends the session.
    pub farewell: bool,
}

/// The town's hosts: its own and the third parties that they call.
pub fn hosts(options: Options) -> Vec<HostedSite> {
    let citizens = Arc::new(Citizens::default());
    let mut hosts = vec![HostedSite::new(SITE, move |received| answer(options, &citizens, received))];
    hosts.extend(third_parties::sites());
    hosts
}

/// The town's registry. Its journey is a file beside it, `log-ind.json`.
pub fn registry() -> String {
    include_str!("registry.toml").to_owned()
}

/// Paths of [`SITE`] that must never be asked for: they end the session, destroy or pay.
pub fn destructive() -> &'static [&'static str] {
    &traps::DESTRUCTIVE
}

fn answer(options: Options, citizens: &Citizens, received: &Received) -> Reply {
    let Received { host, path_and_query, .. } = received;
    if !received.secure {
        return Reply::redirect(format!("https://{host}{path_and_query}")).with_status(308);
    }
    if let Some(reply) = open(citizens, received) {
        return reply;
    }
    let Some(citizen) = citizens.who(received) else { return Reply::redirect(LOG_IN) };
    if received.path().starts_with(wizard::STEPS) {
        return wizard::answer(citizens, &citizen, received);
    }
    leaks::answer(options, &citizen, received)
        .or_else(|| app::answer(&citizen, received))
        .or_else(|| traps::answer(citizens, &citizen, received))
        .unwrap_or_else(Reply::not_found)
}

/// What everybody sees.
fn open(citizens: &Citizens, received: &Received) -> Option<Reply> {
    Some(match received.path() {
        "/" => page("Velkommen til byen", &(link("/bestil", "Bestil et kort"))),
        LOG_IN => citizens.log_in(received),
        "/robots.txt" => Reply::text(200, format!("User-agent: *\nDisallow: /\nSitemap: https://{SITE}/sitemap.xml\n")),
        "/sitemap.xml" => Reply::text(
            200,
            format!(
                "<?xml version=\"1.0\"?><urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\
                 <url><loc>https://{SITE}/kun-i-kortet</loc></url></urlset>"
            ),
        ),
        "/kun-i-kortet" => page("Kun i kortet", ""),
        _ => return leaks::open(received),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn ask(site: &HostedSite, method: &str, path: &str, body: &str, session: Option<&str>) -> Reply {
        let cookie = session.map(|session| ("cookie".to_owned(), session.as_bytes().to_vec()));
        (site.handler)(&Received {
            host: SITE.to_owned(),
            method: method.to_owned(),
            path_and_query: path.to_owned(),
            headers: cookie.into_iter().collect(),
            body: body.as_bytes().to_vec(),
            body_is_whole: true,
            secure: true,
            version: "HTTP/2.0".to_owned(),
        })
    }

    fn header<'a>(reply: &'a Reply, name: &str) -> &'a str {
        reply.headers.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    fn site() -> HostedSite {
        hosts(Options::default()).remove(0)
    }

    fn signed_in(site: &HostedSite) -> String {
        let reply = ask(site, "POST", LOG_IN, "cpr=010145-5001&adgangskode=sommerfugl", None);
        assert_eq!(header(&reply, "Location"), HOME);
        header(&reply, "Set-Cookie").split(';').next().unwrap().to_owned()
    }

    #[test]
    fn the_registry_is_in_order_and_all_who_are_called_are_served() {
        let registry = model::Registry::parse(&registry()).unwrap();
        assert_eq!(registry.system(SYSTEM).unwrap().base_urls[0].host.as_str(), SITE);
        let served: BTreeSet<String> = hosts(Options::default()).into_iter().map(|site| site.host).collect();
        for planted in planted() {
            assert!(served.contains(planted.recipient), "{planted:?}");
        }
    }

    #[test]
    fn everything_in_the_menu_is_there_and_wants_a_log_in() {
        let site = site();
        let session = signed_in(&site);
        for (path, _) in MENU {
            assert_eq!(header(&ask(&site, "GET", path, "", None), "Location"), LOG_IN, "{path}");
            let reply = ask(&site, "GET", path, "", Some(&session));
            assert_eq!(reply.status, if path == "/fejl" { 500 } else { 200 }, "{path}");
        }
        assert_eq!(ask(&site, "POST", LOG_IN, "cpr=0101455001&adgangskode=forkert", None).status, 200);
    }

    #[test]
    fn what_destroys_ends_the_session() {
        for path in destructive() {
            let site = site();
            let session = signed_in(&site);
            assert_eq!(ask(&site, "GET", HOME, "", Some(&session)).status, 200);
            ask(&site, "GET", path, "", Some(&session));
            assert_eq!(header(&ask(&site, "GET", HOME, "", Some(&session)), "Location"), LOG_IN, "{path}");
        }
    }

    #[test]
    fn the_application_goes_on_from_step_to_step_and_says_what_it_misses() {
        let site = site();
        let session = signed_in(&site);
        let session = Some(session.as_str());
        assert_eq!(header(&ask(&site, "GET", "/ansoegning/trin-4", "", session), "Location"), "/ansoegning/trin-1");
        for (step, wrong, right, next) in [
            (
                1,
                "ansoeger_cpr=0101455001&barn_cpr=0101455001",
                "ansoeger_cpr=0101455001&barn_cpr=070761-4285",
                "trin-2",
            ),
            (2, "ordning=fuld", "ordning=fuld&institution=elle&start=2027-01-01&enig=ja", "trin-3"),
            (3, "medforaelder_cpr=x", "medforaelder_cpr=0101901234&telefon=12345678&mail=a@b", "trin-4"),
            (4, "", "", "trin-5"),
            (5, "", "bekraeft=ja", "kvittering?cpr=0707614285"),
        ] {
            let path = format!("/ansoegning/trin-{step}");
            if wrong != right {
                let refused = ask(&site, "POST", &path, wrong, session);
                assert!(String::from_utf8_lossy(&refused.body).contains("role=alert"), "{step}");
            }
            let reply = ask(&site, "POST", &path, right, session);
            assert_eq!(header(&reply, "Location"), format!("/ansoegning/{next}"));
        }
    }

    #[test]
    fn the_calendar_never_ends() {
        let site = site();
        let session = signed_in(&site);
        let december = ask(&site, "GET", "/kalender/2026-12", "", Some(&session));
        let page = String::from_utf8_lossy(&december.body).into_owned();
        assert!(page.contains("/kalender/2027-01") && page.contains("/kalender/2027-12"));
    }

    #[test]
    fn each_bad_page_is_linked_to() {
        let site = bad::site();
        let front = ask(&site, "GET", "/", "", None);
        let front = String::from_utf8_lossy(&front.body).into_owned();
        for (path, _) in bad::PAGES {
            assert!(front.contains(path) && ask(&site, "GET", path, "", None).status != 404, "{path}");
        }
    }
}
