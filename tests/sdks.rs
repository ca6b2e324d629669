//! Real telemetry SDKs on pages that show numbers, in the real browser: none is silent, and what they send when a page is
//! left is caught and judged.
//!
//! Half a dozen by default, installed by `ci/setup-clients`; `ci/sdks` installs the others and asks for them too
//! (`CPRVAGT_SDKS=all`). What they are and how they are set up is in `tests/sdks/pages`; their hosts are made up, so that an SDK is told by its requests alone.
#![expect(clippy::indexing_slicing, reason = "these are tests")]

mod kit;
#[path = "sdks/site.rs"]
mod site;

use kit::served::Served;
use kit::{assert_absent, no_browser, one_browser};
use serde_json::Value;
use site::{Folder, IN_ADDRESS, IN_TITLE, SITE};
use sites::Received;

/// The field of each page that the crawler types a number into; no form is sent.
const FIELD: &str = "aegtefaelle";

/// An SDK and what is expected of it.
struct Sdk {
    /// Its page and script; it sends to `in.NAME.test`.
    name: &'static str,
    /// As the detector calls it, where its requests tell.
    product: Option<&'static str>,
    /// Where it keeps the page's address, or the like, with the number of the address in it; `None` where the SDK drops
    /// the query itself.
    address: Option<&'static str>,
    /// Where it keeps the page's title.
    title: Option<&'static str>,
    /// Where it keeps what is typed into fields.
    typed: Option<&'static str>,
    /// Tells what it sends when the page is left, where it sends anything then.
    left: Option<fn(&Received) -> bool>,
}

/// An SDK of which nothing is expected yet.
const fn sdk(name: &'static str) -> Sdk {
    Sdk { name, product: None, address: None, title: None, typed: None, left: None }
}

/// What browsers send by `sendBeacon`: other POST requests of scripts here ask to read the answer.
fn beacon(received: &Received) -> bool {
    received.method == "POST" && received.header("sec-fetch-mode").is_some_and(|mode| mode == "no-cors")
}

fn holds(received: &Received, text: &str) -> bool {
    String::from_utf8_lossy(&received.body).contains(text)
}

/// The set that every run of the tests has: between them they use every layer of encoding that was recorded.
const USUAL: &[Sdk] = &[
    Sdk {
        product: Some("Adobe Experience Platform Web SDK"),
        address: Some("events[].xdm.web.webPageDetails.URL > cpr"),
        title: Some("events[].xdm.web.webPageDetails.name"),
        left: Some(|received| holds(received, "\"eventType\":\"left\"")),
        ..sdk("alloy")
    },
    // What is typed it masks, with a checksum of its own beside the dots.
    Sdk {
        product: Some("Microsoft Clarity"),
        address: Some("e[] > cpr"),
        title: Some("p[][]"),
        left: Some(|received| beacon(received) && holds(received, "\"pagehide\"")),
        ..sdk("clarity")
    },
    // Its batches are due after half a minute: all of them are sent because the page is left.
    Sdk {
        product: Some("Datadog RUM"),
        address: Some("view.url > cpr"),
        typed: Some("segment > records[].data[][][]"),
        left: Some(beacon),
        ..sdk("datadog")
    },
    Sdk {
        product: Some("Google Analytics 4"),
        address: Some("dl > cpr"),
        title: Some("dt"),
        left: Some(|received| received.parameter("en").as_deref() == Some("user_engagement")),
        ..sdk("ga4")
    },
    Sdk {
        product: Some("Mixpanel"),
        address: Some("data > [].properties.$current_url > cpr"),
        title: Some("data > [].properties.current_page_title"),
        left: Some(beacon),
        ..sdk("mixpanel")
    },
    Sdk {
        product: Some("PostHog"),
        address: Some("batch[].properties.$current_url > cpr"),
        title: Some("batch[].properties.title"),
        typed: Some("[].properties.$snapshot_data[].data.text"),
        left: Some(beacon),
        ..sdk("posthog")
    },
];

/// Those that take long to install.
const MORE: &[Sdk] = &[
    Sdk {
        product: Some("Amplitude"),
        address: Some("events[].event_properties.[Amplitude] Page Location > cpr"),
        left: Some(beacon),
        ..sdk("amplitude")
    },
    // Its batch is due after a minute, and it leaves the page by `fetch`.
    Sdk {
        product: Some("Azure Application Insights"),
        address: Some("[].data.baseData.url > cpr"),
        title: Some("[].data.baseData.name"),
        left: Some(|received| received.method == "POST"),
        ..sdk("appinsights")
    },
    Sdk { address: Some("u > cpr"), left: Some(|received| received.field("rt.quit").is_some()), ..sdk("boomerang") },
    Sdk { address: Some("meta.page.url > cpr"), left: Some(|received| received.method == "POST"), ..sdk("faro") },
    // It sends every two seconds, and nothing on leaving.
    Sdk {
        address: Some("variables.data > events.events[].data.href > cpr"),
        typed: Some("variables.data > events.events[].data.text"),
        ..sdk("highlight")
    },
    // The package loads the real script from the host, which is not in it.
    Sdk { product: Some("Matomo"), address: Some("url > cpr"), title: Some("action_name"), ..sdk("matomo") },
    // It drops the query of the page's address, and keeps the path.
    Sdk {
        product: Some("New Relic Browser"),
        left: Some(|received| beacon(received) && received.path().starts_with("/events/")),
        ..sdk("newrelic")
    },
    Sdk {
        product: Some("Plausible"),
        address: Some("u > cpr"),
        left: Some(|received| holds(received, "\"engagement\"")),
        ..sdk("plausible")
    },
    Sdk {
        address: Some("data.request.url > cpr"),
        left: Some(|received| holds(received, "\"left\"")),
        ..sdk("rollbar")
    },
    Sdk {
        address: Some("events[] > data.href > cpr"),
        typed: Some("events[] > data.text"),
        left: Some(beacon),
        ..sdk("rrweb")
    },
    Sdk {
        product: Some("Sentry"),
        address: Some("request.url > cpr"),
        left: Some(|received| holds(received, "\"left\"")),
        ..sdk("sentry")
    },
    Sdk {
        product: Some("Snowplow"),
        address: Some("data[].url > cpr"),
        title: Some("data[].page"),
        left: Some(|received| holds(received, "\"left\"")),
        ..sdk("snowplow")
    },
];

/// Audits the pages of `folder` and says of each SDK what is not as expected; all at once, so that one run tells all.
fn audit(folder: Folder, sdks: &[Sdk], also: &[&str]) -> Vec<String> {
    let _alone = one_browser();
    if no_browser() {
        return Vec::new();
    }
    let names: Vec<&str> = sdks.iter().map(|sdk| sdk.name).collect();
    let served = Served::start(site::hosts(folder, &names, also));
    let ran = served.bench.run(&served.arguments(&["audit", &format!("https://{SITE}/"), "--lang", "en"]));
    ran.ends_with(1).says("self-test passed");
    let scan = served.bench.scan();
    // However deep they were hidden, they are masked in all that is written.
    for number in [IN_ADDRESS, &IN_TITLE.replace('-', "")] {
        assert_absent(number, ran.stdout.as_bytes(), "standard output");
        for (path, bytes) in served.bench.files() {
            assert_absent(number, &bytes, &path.display().to_string());
        }
    }
    sdks.iter().flat_map(|sdk| faults(sdk, &served, &scan)).collect()
}

fn faults(sdk: &Sdk, served: &Served, scan: &Value) -> Vec<String> {
    let name = sdk.name;
    let domain = format!("{name}.test");
    let received = served.received_by(&format!("in.{domain}"));
    let mut faults = Vec::new();
    if !received.iter().any(|received| received.method == "POST") {
        faults.push(format!("{name} is silent"));
    }
    if sdk.left.is_some_and(|left| !received.iter().any(left)) {
        faults.push(format!("{name} sent nothing when its page was left"));
    }
    // What arrived was judged, all of it.
    let recipients = scan["systems"][0]["coverage"]["recipients"].as_array().map(Vec::as_slice).unwrap_or_default();
    let told = recipients.iter().find(|recipient| recipient["domain"] == domain.as_str()).unwrap_or(&Value::Null);
    let arrived = served.received().iter().filter(|received| is_below(&received.host, &domain)).count();
    if told["requests"] != arrived {
        faults.push(format!("{name}: {arrived} requests arrived, and the scan tells of {}", told["requests"]));
    }
    if told["product"].as_str() != sdk.product {
        faults.push(format!("{name} is called {}", told["product"]));
    }
    let page = format!("https://{SITE}/{name}");
    let findings: Vec<&Value> = scan["findings"].as_array().into_iter().flatten().collect();
    let found = |place: &str| {
        let fits = |finding: &&&Value| {
            let (recipient, parameter) = (&finding["recipient"]["domain"], &finding["parameter"]);
            *recipient == domain.as_str() && finding["page"] == page.as_str() && parameter == place
        };
        findings.iter().find(fits)
    };
    for place in [sdk.address, sdk.title].into_iter().flatten() {
        if found(place).is_none() {
            faults.push(format!("{name}: no number was found in {place}"));
        }
    }
    if let Some(place) = sdk.typed {
        match found(place) {
            Some(finding) if finding["form"]["field"] == FIELD => {}
            Some(finding) => faults.push(format!("{name}: what was typed came from {}", finding["form"])),
            None => faults.push(format!("{name}: what was typed was not found in {place}")),
        }
    }
    faults
}

fn is_below(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
}

#[test]
fn every_sdk_speaks_and_what_it_sends_on_leaving_is_judged() {
    let mut faults = audit(Folder("tests/sdks"), USUAL, &["in-assets.posthog.test"]);
    if std::env::var_os("CPRVAGT_SDKS").is_some_and(|which| which == "all") {
        faults.extend(audit(Folder("tests/sdks/more"), MORE, &["otel.highlight.test", "js.monitor.azure.com"]));
    }
    assert!(faults.is_empty(), "{faults:#?}");
}
