//! The `TastSelv` case on a made-up authority: one self-service that leaks, one mended, one behind a login.
//!
//! The authority, the vendors, the recipients and the citizen exist nowhere but here; every host is under `.test`.
//! Numbers go wrong in system 1 as they did in 2015-2020: the log-in puts the number in the URL, and whatever the page
//! loads learns the URL, each third party by a channel of its own.

mod archive;
mod leaking;
mod mended;
mod pages;
mod sessions;
mod third_parties;

use crate::HostedSite;

/// Id of the system that leaks, in [`registry`].
pub const LEAKING_SYSTEM: &str = "selvbetjening";

/// Id of the mended system.
pub const MENDED_SYSTEM: &str = "selvbetjening-ny";

/// Id of the system behind a login that the crawler does not have.
pub const CLOSED_SYSTEM: &str = "arkiv";

pub(crate) const LEAKING_HOST: &str = "selvbetjening.toldhuset.test";
pub(crate) const MENDED_HOST: &str = "ny.toldhuset.test";
pub(crate) const CLOSED_HOST: &str = "arkiv.toldhuset.test";

/// The page after the log-in.
const STATEMENT: &str = "/aarsopgoerelse";

/// The page with the second form.
const CONTACT: &str = "/kontaktoplysninger";

/// The page after that form.
const RECEIPT: &str = "/kvittering";

/// How the demo is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Whether system 1 leaks. If not, it is built as the mended one, on its own host, and asks nobody whom its registry
    /// entry does not name: the same audit then finds nothing.
    pub leaking: bool,
}

/// One leak of the leaking demo: a number that a third party is sent on each visit to a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Planted {
    /// The system, by its id in [`registry`].
    pub system: &'static str,
    /// The page it is sent from, as a path.
    pub page: &'static str,
    /// What carries it, by the channel's id.
    pub channel: &'static str,
    /// The recipient's registrable domain.
    pub recipient: &'static str,
    /// The recipient's hosts that get it, sorted.
    pub hosts: &'static [&'static str],
}

/// The demo's hosts: three systems and the third parties they call.
pub fn hosts(options: Options) -> Vec<HostedSite> {
    let first = if options.leaking { leaking::site() } else { mended::site(LEAKING_HOST, mended::Libraries::Own) };
    let mut hosts = vec![first, mended::site(MENDED_HOST, mended::Libraries::Hosted), archive::site()];
    hosts.extend(third_parties::sites());
    hosts
}

/// The authority's registry, as commented TOML: what a supervisor would write.
pub fn registry() -> String {
    include_str!("registry.toml").to_owned()
}

/// Every number that the leaking demo sends to third parties, and nothing else: the demo checks itself against it.
pub fn planted() -> Vec<Planted> {
    let pages = [STATEMENT, CONTACT];
    let leaks = pages.into_iter().flat_map(|page| {
        third_parties::LEAKS.iter().map(move |leak| Planted {
            system: LEAKING_SYSTEM,
            page,
            channel: leak.channel,
            recipient: leak.recipient,
            hosts: leak.hosts,
        })
    });
    let mut planted: Vec<Planted> = leaks.collect();
    planted.sort();
    planted
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use model::{Host, Registry, Standing, SystemId};

    use super::*;
    use crate::{Received, Reply};

    const NUMBER: &str = "010145-5001";

    fn registry() -> Registry {
        Registry::parse(&super::registry()).unwrap()
    }

    /// Asks the demo as a browser would, with a session if there is one.
    fn ask(options: Options, method: &str, url: &str, body: &str, session: Option<&str>) -> Reply {
        let (host, path) = url.strip_prefix("https://").unwrap().split_once('/').unwrap();
        let site = hosts(options).into_iter().find(|site| site.host == host);
        let cookie = session.map(|session| ("cookie".to_owned(), format!("session={session}").into_bytes()));
        let received = Received {
            host: host.to_owned(),
            method: method.to_owned(),
            path_and_query: format!("/{path}"),
            headers: cookie.into_iter().collect(),
            body: body.as_bytes().to_vec(),
            body_is_whole: true,
            secure: true,
            version: "HTTP/2.0".to_owned(),
        };
        (site.unwrap_or_else(|| panic!("no host {host}")).handler)(&received)
    }

    fn get(url: &str) -> Reply {
        ask(Options { leaking: true }, "GET", url, "", None)
    }

    fn header<'a>(reply: &'a Reply, name: &str) -> &'a str {
        reply.headers.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    fn text(reply: &Reply) -> &str {
        std::str::from_utf8(&reply.body).unwrap()
    }

    fn leaking_pages() -> Vec<(&'static str, Reply)> {
        let with_number = |path| format!("https://{LEAKING_HOST}{path}?cpr={NUMBER}");
        vec![
            ("/", get(&format!("https://{LEAKING_HOST}/"))),
            (STATEMENT, get(&with_number(STATEMENT))),
            (CONTACT, get(&with_number(CONTACT))),
            (RECEIPT, get(&format!("https://{LEAKING_HOST}{RECEIPT}"))),
        ]
    }

    /// The absolute addresses that a page loads or links to.
    fn addresses(page: &str) -> BTreeSet<String> {
        let after = ["src=\"", "href=\""].into_iter().flat_map(|attribute| page.split(attribute).skip(1));
        let values = after.filter_map(|rest| rest.split('"').next());
        values.filter(|value| value.starts_with("https://")).map(str::to_owned).collect()
    }

    #[test]
    fn the_registry_is_in_order_and_names_what_is_served() {
        let registry = registry();
        let served: Vec<String> = hosts(Options { leaking: true }).into_iter().map(|site| site.host).collect();
        for id in [LEAKING_SYSTEM, MENDED_SYSTEM, CLOSED_SYSTEM] {
            let system = registry.system(id).unwrap();
            assert_eq!(system.environment, model::registry::Environment::Test, "{id}");
            assert!(system.base_urls.iter().all(|url| served.contains(&url.host.as_str().to_owned())), "{id}");
        }
        assert_eq!((registry.vendors.len(), registry.systems.len()), (2, 3));
        let vendor = |id: &str| registry.system(id).unwrap().vendor.clone();
        assert_ne!(vendor(LEAKING_SYSTEM), vendor(MENDED_SYSTEM));
        assert_eq!(vendor(MENDED_SYSTEM), vendor(CLOSED_SYSTEM));
    }

    #[test]
    fn the_hosted_libraries_are_approved_for_the_mended_system_only() {
        let registry = registry();
        let standing = |host: &str, system: &str| {
            registry.standing(&Host::parse(host).unwrap(), Some(&SystemId(system.to_owned())))
        };
        for host in ["biblioteker.kodehus.test", "cdn.kodehus.test"] {
            assert_eq!(standing(host, LEAKING_SYSTEM), Standing::Unlisted);
            assert_eq!(standing(host, MENDED_SYSTEM), Standing::Approved);
        }
        for host in ["maaling.besoegstal.test", "indsigt.reklamehus.test"] {
            assert_eq!(standing(host, LEAKING_SYSTEM), Standing::Approved);
            assert_eq!(standing(host, MENDED_SYSTEM), Standing::Approved);
        }
        let without_basis: Vec<_> = registry.recipients.iter().filter_map(|one| one.transfer_without_basis()).collect();
        assert_eq!(without_basis, ["US"]);
    }

    #[test]
    fn the_test_person_can_be_nobody() {
        let [person] = registry().test_persons.try_into().unwrap();
        let model::registry::NumberSource::Number(number) = person.number else { panic!("no number") };
        assert!(number.is_unassignable());
    }

    #[test]
    fn three_recipients_are_planted_on_two_pages_each() {
        let planted = planted();
        let recipients: BTreeSet<_> = planted.iter().map(|leak| (leak.recipient, leak.channel)).collect();
        let pages: BTreeSet<_> = planted.iter().map(|leak| leak.page).collect();
        assert_eq!((planted.len(), recipients.len(), pages.len()), (6, 3, 2));
        assert!(planted.is_sorted() && planted.iter().all(|leak| leak.hosts.is_sorted()));
        for leak in planted {
            for host in leak.hosts {
                assert_eq!(Host::parse(host).unwrap().site().as_str(), leak.recipient);
            }
        }
    }

    #[test]
    fn leaking_pages_are_whole_and_say_that_they_are_made_up() {
        for (path, page) in leaking_pages() {
            assert_eq!(page.status, 200, "{path}");
            assert!(text(&page).contains("Toldhuset er en opdigtet myndighed"), "{path}");
            assert_eq!(header(&page, "Referrer-Policy"), "no-referrer-when-downgrade", "{path}");
            for address in addresses(text(&page)) {
                let reply = get(&address);
                assert_eq!((reply.status, header(&reply, "Cache-Control")), (200, "no-store"), "{address}");
            }
        }
    }

    #[test]
    fn leaking_pages_carry_the_number_on_and_call_all_three() {
        for (path, page) in leaking_pages() {
            let page = text(&page);
            let planted: Vec<Planted> = planted().into_iter().filter(|leak| leak.page == path).collect();
            assert_eq!(page.contains(&format!("{CONTACT}?cpr={NUMBER}")), !planted.is_empty(), "{path}");
            assert!(!page.contains("data-side"), "the telemetry takes the browser's URL");
            let called = addresses(page);
            for host in planted.iter().flat_map(|leak| leak.hosts) {
                assert!(called.iter().any(|address| address.contains(host)), "{path} does not call {host}");
            }
            if planted.is_empty() {
                assert!(called.iter().all(|address| !address.contains("kodehus")), "{path}: {called:?}");
            }
        }
    }

    #[test]
    fn without_a_number_there_is_nothing_to_see() {
        for path in [STATEMENT, CONTACT] {
            assert_eq!(header(&get(&format!("https://{LEAKING_HOST}{path}")), "Location"), "/");
            let refused = get(&format!("https://{LEAKING_HOST}{path}?cpr=x"));
            assert_eq!(header(&refused, "Location"), "/?fejl=cpr");
        }
        assert!(text(&get(&format!("https://{LEAKING_HOST}/?fejl=cpr"))).contains("Det er ikke et CPR-nummer"));
    }

    #[test]
    fn the_contact_form_leads_to_a_receipt_without_number() {
        let url = format!("https://{LEAKING_HOST}{CONTACT}");
        let reply = ask(Options { leaking: true }, "POST", &url, &format!("email=x&cpr={NUMBER}"), None);
        assert_eq!((reply.status, header(&reply, "Location")), (303, RECEIPT));
    }

    #[test]
    fn clear_text_is_sent_on_to_tls() {
        for site in [leaking::site(), archive::site()] {
            let received = Received {
                host: site.host.clone(),
                method: "GET".to_owned(),
                path_and_query: "/x".to_owned(),
                headers: Vec::new(),
                body: Vec::new(),
                body_is_whole: true,
                secure: false,
                version: "HTTP/1.1".to_owned(),
            };
            let reply = (site.handler)(&received);
            assert_eq!((reply.status, header(&reply, "Location")), (308, &*format!("https://{}/x", site.host)));
        }
    }

    #[test]
    fn the_archive_shows_its_login_and_nothing_else() {
        for path in ["/", "/sager", "/sager?id=1"] {
            assert_eq!(header(&get(&format!("https://{CLOSED_HOST}{path}")), "Location"), "/log-paa");
        }
        let url = format!("https://{CLOSED_HOST}/log-paa");
        for reply in [get(&url), ask(Options { leaking: true }, "POST", &url, "brugernavn=a&adgangskode=b", None)] {
            assert_eq!(reply.status, 200);
            let page = text(&reply);
            assert!(page.contains("type=\"password\"") && !page.contains("name=\"cpr\""));
            assert!(addresses(page).is_empty(), "it calls nobody");
        }
    }

    /// Walks a mended site as a citizen does; returns every page and redirect.
    fn walk_mended(host: &str, libraries: mended::Libraries) -> Vec<Reply> {
        let host: &'static str = if host == MENDED_HOST { MENDED_HOST } else { LEAKING_HOST };
        let site = mended::site(host, libraries);
        let ask = |method: &str, path: &str, body: &str, session: &str| {
            (site.handler)(&Received {
                host: host.to_owned(),
                method: method.to_owned(),
                path_and_query: path.to_owned(),
                headers: vec![("cookie".to_owned(), format!("session={session}").into_bytes())],
                body: body.as_bytes().to_vec(),
                body_is_whole: true,
                secure: true,
                version: "HTTP/2.0".to_owned(),
            })
        };
        let form = format!("cpr={NUMBER}");
        let entered = ask("POST", "/log-paa", &form, "");
        let cookie = header(&entered, "Set-Cookie").to_owned();
        let session = cookie.strip_prefix("session=").unwrap().split(';').next().unwrap();
        for closed in [STATEMENT, CONTACT, RECEIPT] {
            assert_eq!(header(&ask("GET", closed, "", "x"), "Location"), "/", "{closed} is open to all");
        }
        vec![
            ask("GET", "/", "", ""),
            ask("GET", STATEMENT, "", session),
            ask("GET", CONTACT, "", session),
            ask("POST", CONTACT, &form, session),
            ask("GET", RECEIPT, "", session),
            entered,
        ]
    }

    #[test]
    fn mended_pages_hold_no_number_and_hand_none_on() {
        for (host, libraries) in [(MENDED_HOST, mended::Libraries::Hosted), (LEAKING_HOST, mended::Libraries::Own)] {
            let replies = walk_mended(host, libraries);
            let statuses: Vec<u16> = replies.iter().map(|reply| reply.status).collect();
            assert_eq!(statuses, [200, 200, 200, 303, 200, 303], "{host}");
            for reply in replies {
                assert_eq!(header(&reply, "Referrer-Policy"), "strict-origin-when-cross-origin");
                let all = format!("{:?} {}", reply.headers, text(&reply));
                assert!(!all.contains(NUMBER) && !all.contains("0101455001"), "{all}");
                assert!(reply.status != 200 || all.contains("data-side=\"https://"), "{all}");
                assert!(reply.status != 200 || all.contains("Toldhuset er en opdigtet myndighed"), "{all}");
            }
        }
    }

    #[test]
    fn with_the_leak_off_nobody_is_called_who_is_not_approved() {
        let registry = registry();
        let system = SystemId(LEAKING_SYSTEM.to_owned());
        for page in walk_mended(LEAKING_HOST, mended::Libraries::Own) {
            for address in addresses(text(&page)) {
                let host = model::Target::parse(&address).unwrap().host;
                assert_eq!(registry.standing(&host, Some(&system)), Standing::Approved, "{address}");
            }
        }
        let options = Options { leaking: false };
        assert!(text(&ask(options, "GET", &format!("https://{LEAKING_HOST}/"), "", None)).contains("method=\"post\""));
        for path in ["statisk/bibliotek.min.js", "statisk/gitter.min.css", "statisk/stil.css"] {
            assert_eq!(ask(options, "GET", &format!("https://{LEAKING_HOST}/{path}"), "", None).status, 200);
        }
    }

    #[test]
    fn the_mended_system_calls_the_same_third_parties() {
        let called = |replies: Vec<Reply>| -> BTreeSet<String> {
            replies.iter().flat_map(|reply| addresses(text(reply))).collect()
        };
        let leaking = called(leaking_pages().into_iter().map(|(_, reply)| reply).collect());
        assert_eq!(called(walk_mended(MENDED_HOST, mended::Libraries::Hosted)), leaking);
    }
}
