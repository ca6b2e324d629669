//! The products, a row for each shape of request. A row says who runs the product only where that is certain: what its
//! users run on machines of their own too is `Anyone`. Rows with more signs go before those with less.

use super::Operator::{Anyone, Vendor};
use super::Sign::{BodyBegins, BodyHolds, Header, Parameter, Post};
use super::Value::{Any, Begins, Digits, Is};
use super::{Product, Sign};

const ADOBE_EDGE: &str = "Adobe Experience Platform Web SDK";
const AMPLITUDE: &str = "Amplitude";
const APP_INSIGHTS: &str = "Azure Application Insights";
const CLARITY: &str = "Microsoft Clarity";
const COUNTLY: &str = "Countly";
const DATADOG: &str = "Datadog RUM";
const GA4: &str = "Google Analytics 4";
const GOOGLE_ADS: &str = "Google Ads";
const GTAG: &str = "Google tag (gtag.js)";
const GTM: &str = "Google Tag Manager";
const LINKEDIN: &str = "LinkedIn Insight Tag";
const MATOMO: &str = "Matomo";
const META_PIXEL: &str = "Meta Pixel";
const MIXPANEL: &str = "Mixpanel";
const PLAUSIBLE: &str = "Plausible";
const POSTHOG: &str = "PostHog";
const SENTRY: &str = "Sentry";
const SNOWPLOW: &str = "Snowplow";
const UMAMI: &str = "Umami";
const UNIVERSAL_ANALYTICS: &str = "Google Universal Analytics";

const GOOGLE_ANALYTICS_HOST: &str = "www.google-analytics.com";
const TAG_MANAGER_HOST: &str = "www.googletagmanager.com";
const GOOGLE_ADS_HOST: &str = "googleads.g.doubleclick.net";
const ADOBE_EDGE_HOST: &str = "edge.adobedc.net";
const FACEBOOK_HOST: &str = "www.facebook.com";
const LINKEDIN_HOST: &str = "px.ads.linkedin.com";
const CLARITY_HOST: &str = "www.clarity.ms";
const DATADOG_HOST: &str = "browser-intake-datadoghq.com";
const MIXPANEL_HOST: &str = "api.mixpanel.com";

const UA_SIGNS: &[Sign] = &[Parameter("v", Is("1")), Parameter("tid", Begins(&["UA-"]))];
const EDGE_SIGNS: &[Sign] = &[Parameter("configId", Any), Post];
const PIXEL_SIGNS: &[Sign] = &[Parameter("id", Digits(10)), Parameter("ev", Any)];
const MATOMO_SIGNS: &[Sign] = &[Parameter("idsite", Any), Parameter("rec", Any)];
const SENTRY_SIGNS: &[Sign] = &[Parameter("sentry_key", Any)];
const MIXPANEL_SIGNS: &[Sign] = &[Parameter("verbose", Any), Parameter("ip", Any), Parameter("_", Digits(10))];
const COUNTLY_SIGNS: &[Sign] = &[Parameter("app_key", Any), Parameter("device_id", Any)];

/// Every product that a request's shape tells.
pub(super) const PRODUCTS: &[Product] = &[
    // Google.
    row(
        GA4,
        Vendor(GOOGLE_ANALYTICS_HOST),
        "/g/collect",
        &[Parameter("v", Is("2")), Parameter("tid", Begins(&["G-"]))],
    ),
    row(GA4, Vendor(GOOGLE_ANALYTICS_HOST), "/mp/collect", &[Parameter("measurement_id", Begins(&["G-"]))]),
    row(UNIVERSAL_ANALYTICS, Vendor(GOOGLE_ANALYTICS_HOST), "/collect", UA_SIGNS),
    row(GTM, Vendor(TAG_MANAGER_HOST), "/gtm.js", &[Parameter("id", Begins(&["GTM-"]))]),
    row(GTM, Vendor(TAG_MANAGER_HOST), "/ns.html", &[Parameter("id", Begins(&["GTM-"]))]),
    row(GTAG, Vendor(TAG_MANAGER_HOST), "/gtag/js", &[Parameter("id", Begins(&["G-", "GT-", "AW-", "DC-", "UA-"]))]),
    row(GOOGLE_ADS, Vendor(GOOGLE_ADS_HOST), "/pagead/viewthroughconversion/{digits}", &[]),
    row(GOOGLE_ADS, Vendor(GOOGLE_ADS_HOST), "/pagead/1p-conversion/{digits}", &[]),
    row(GOOGLE_ADS, Vendor(GOOGLE_ADS_HOST), "/pagead/1p-user-list/{digits}", &[]),
    // Adobe.
    row("Adobe Analytics", Vendor("sc.omtrdc.net"), "/b/ss/{any}/{digits}/{rest}", &[]),
    row(ADOBE_EDGE, Vendor(ADOBE_EDGE_HOST), "/ee/v1/interact", EDGE_SIGNS),
    row(ADOBE_EDGE, Vendor(ADOBE_EDGE_HOST), "/ee/{any}/v1/interact", EDGE_SIGNS),
    row(ADOBE_EDGE, Vendor(ADOBE_EDGE_HOST), "/ee/v1/collect", EDGE_SIGNS),
    row(ADOBE_EDGE, Vendor(ADOBE_EDGE_HOST), "/ee/{any}/v1/collect", EDGE_SIGNS),
    // Meta. A gateway runs on somebody's machine and passes everything on.
    row(META_PIXEL, Vendor(FACEBOOK_HOST), "/tr", PIXEL_SIGNS),
    row(META_PIXEL, Vendor(FACEBOOK_HOST), "/tr", &[BodyHolds("name=\"id\""), BodyHolds("name=\"ev\"")]),
    row("Meta Conversions API Gateway", Vendor(FACEBOOK_HOST), "/events/{sha256}", &[Post]),
    // Microsoft, LinkedIn among it.
    row(CLARITY, Vendor(CLARITY_HOST), "/collect", &[Header("accept", "application/x-clarity-gzip")]),
    row(CLARITY, Vendor(CLARITY_HOST), "/collect", &[BodyBegins("{\"e\":[\"0.")]),
    row(
        LINKEDIN,
        Vendor(LINKEDIN_HOST),
        "/collect",
        &[Parameter("pid", Digits(1)), Parameter("fmt", Any), Parameter("time", Digits(10))],
    ),
    row(
        "Microsoft Advertising UET",
        Vendor("bat.bing.com"),
        "/action/0",
        &[Parameter("ti", Digits(5)), Parameter("Ver", Is("2"))],
    ),
    row(APP_INSIGHTS, Vendor("dc.applicationinsights.azure.com"), "/v2/track", &[Post, BodyHolds("\"iKey\"")]),
    // Others that only the vendor runs.
    row(AMPLITUDE, Vendor("api.amplitude.com"), "/2/httpapi", &[Post]),
    row("Cloudflare Web Analytics", Vendor("static.cloudflareinsights.com"), "/cdn-cgi/rum", &[Post]),
    row(
        DATADOG,
        Vendor(DATADOG_HOST),
        "/api/v2/{any}",
        &[Parameter("ddsource", Any), Parameter("dd-api-key", Begins(&["pub"]))],
    ),
    row(DATADOG, Vendor(DATADOG_HOST), "/{rest}", &[Parameter("ddforward", Begins(&["%2Fapi%2Fv2%2F", "/api/v2/"]))]),
    row(MIXPANEL, Vendor(MIXPANEL_HOST), "/track", MIXPANEL_SIGNS),
    row(MIXPANEL, Vendor(MIXPANEL_HOST), "/engage", MIXPANEL_SIGNS),
    row(
        "New Relic Browser",
        Vendor("bam.nr-data.net"),
        "/events/1/{any}",
        &[Parameter("a", Any), Parameter("v", Any), Parameter("rst", Digits(1)), Parameter("ref", Any)],
    ),
    row("Pendo", Vendor("app.pendo.io"), "/data/ptm.gif/{any}", &[Parameter("jzb", Any)]),
    // Those that their users run too. Dynatrace Managed is one of them.
    row(COUNTLY, Anyone, "/i", COUNTLY_SIGNS),
    row(COUNTLY, Anyone, "/o/sdk", COUNTLY_SIGNS),
    row("Dynatrace", Anyone, "/rb_*", &[Parameter("type", Begins(&["js"]))]),
    row("Elastic APM", Anyone, "/intake/v2/rum/events", &[Post]),
    row("Elastic APM", Anyone, "/intake/v3/rum/events", &[Post]),
    row(MATOMO, Anyone, "/matomo.php", MATOMO_SIGNS),
    row(MATOMO, Anyone, "/piwik.php", MATOMO_SIGNS),
    row("Piwik PRO", Anyone, "/ppms.php", MATOMO_SIGNS),
    row(PLAUSIBLE, Anyone, "/api/event", &[Post, BodyHolds("\"n\":"), BodyHolds("\"u\":"), BodyHolds("\"d\":")]),
    row(POSTHOG, Anyone, "/e", &[Parameter("ver", Begins(&["1."])), Parameter("_", Digits(10))]),
    row(POSTHOG, Anyone, "/i/v0/e", &[Post]),
    row(POSTHOG, Anyone, "/array/phc_*/{rest}", &[]),
    row(SENTRY, Anyone, "/api/{digits}/envelope", SENTRY_SIGNS),
    row(SENTRY, Anyone, "/api/{digits}/store", SENTRY_SIGNS),
    row(SNOWPLOW, Anyone, "/com.snowplowanalytics.snowplow/tp2", &[]),
    row(SNOWPLOW, Anyone, "/i", &[Parameter("tv", Begins(&["js-"])), Parameter("p", Any), Parameter("e", Any)]),
    row(UMAMI, Anyone, "/api/send", &[Post, BodyHolds("\"payload\":"), BodyHolds("\"website\":")]),
];

const fn row(name: &'static str, operator: super::Operator, path: &'static str, signs: &'static [Sign]) -> Product {
    Product { name, operator, path, signs }
}
