//! Six real telemetry SDKs on pages that a Playwright suite works on: each number that was planted is found at each of
//! them, and their pages without a number are clean.

use crate::kit::served::Served;
use crate::kit::{assert_absent, no_browser, one_browser};
use crate::sdk_site::{self, CLEAN, Folder, IN_ADDRESS, IN_TITLE, SITE};
use crate::site::NUMBER;
use crate::suite::{Leak, Suite, assert_found};

/// An SDK, and where it puts what it finds on the page.
struct Sdk {
    name: &'static str,
    /// The number in the page's address, in its title, and typed into its form; `None` where it sends no such thing.
    places: [Option<&'static str>; 3],
}

const SDKS: [Sdk; 6] = [
    Sdk {
        name: "alloy",
        places: [Some("events[].xdm.web.webPageDetails.URL > cpr"), Some("events[].xdm.web.webPageDetails.name"), None],
    },
    // What is typed it masks.
    Sdk { name: "clarity", places: [Some("e[] > cpr"), Some("p[][]"), None] },
    Sdk { name: "datadog", places: [Some("view.url > cpr"), None, Some("segment > records[].data[][][]")] },
    Sdk { name: "ga4", places: [Some("dl > cpr"), Some("dt"), None] },
    Sdk {
        name: "mixpanel",
        places: [
            Some("data > [].properties.$current_url > cpr"),
            Some("data > [].properties.current_page_title"),
            None,
        ],
    },
    Sdk {
        name: "posthog",
        places: [
            Some("batch[].properties.$current_url > cpr"),
            Some("batch[].properties.title"),
            Some("[].properties.$snapshot_data[].data.text"),
        ],
    },
];

/// Loads parts of one of them.
const ASSETS: &str = "in-assets.posthog.test";

fn pages() -> Served {
    let names = SDKS.map(|sdk| sdk.name);
    let served = Served::start(sdk_site::hosts(Folder("tests/sdks"), &names, &[ASSETS]));
    served.bench.write("cprvagt.toml", &registry());
    served
}

/// All of them are approved: what is still found is a number.
fn registry() -> String {
    let recipient = |sdk: &Sdk| {
        let name = sdk.name;
        format!(
            "[[recipient]]\nlegal_name = \"{name}\"\ndomains = [\"{name}.test\"]\nrole = \"processor\"\n\
             approved_for = [\"sager\"]\ndpa_ref = \"2026-1\"\ntransfer = {{ country = \"DK\" }}\nretention_days = 30\n"
        )
    };
    format!(
        "[controller]\nname = \"Toldhuset\"\n[[vendor]]\nid = \"havneborg\"\nname = \"Havneborg\"\n\
         [[system]]\nid = \"sager\"\nname = \"Sager\"\nvendor = \"havneborg\"\nbase_urls = [\"https://{SITE}/\"]\n\
         environment = \"test\"\n[[test_person]]\nid = \"ditte\"\ncpr = \"{NUMBER}\"\n{}",
        SDKS.iter().map(recipient).collect::<String>()
    )
}

#[test]
fn every_number_is_found_at_every_sdk_and_clean_pages_are_clean() {
    let _alone = one_browser();
    if no_browser() {
        return;
    }
    let suite = || Suite::playwright("playwright.config.js", "sdks");
    let served = pages();
    let leaking = suite().with("SUITE_QUERY", format!("?cpr={IN_ADDRESS}")).with("SUITE_TYPED", NUMBER);
    let ran = leaking.under_run(&served, &["--system", "sager"]);
    ran.ends_with(1).says("6 passed");
    let scan = served.bench.scan();
    for Sdk { name, places } in &SDKS {
        let (page, recipient) = (format!("https://{SITE}/{name}"), format!("{name}.test"));
        let leak = |parameter| Leak { page: &page, channel: "body", parameter, recipient: &recipient };
        let leak = |parameter| Leak { channel: if *name == "ga4" { "url-query" } else { "body" }, ..leak(parameter) };
        let leaks: Vec<Leak<'_>> = places.iter().copied().flatten().map(leak).collect();
        assert_found(&scan, &leaks, Some(&format!("ansøgning med {name}")));
    }
    for number in [IN_ADDRESS, &IN_TITLE.replace('-', "")] {
        for (path, bytes) in served.bench.files() {
            assert_absent(number, &bytes, &path.display().to_string());
        }
    }
    let served = pages();
    suite().with("SUITE_PAGES", format!("/{CLEAN}")).under_run(&served, &["--system", "sager"]).ends_with(0);
    for Sdk { name, .. } in SDKS {
        let said = served.received_by(&format!("in.{name}.test"));
        assert!(said.iter().any(|received| received.method == "POST"), "{name} was silent");
    }
}
