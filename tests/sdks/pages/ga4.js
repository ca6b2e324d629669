import { track } from "@minimal-analytics/ga4";

window.minimalAnalytics = { trackingId: "G-CPRVAGT", analyticsEndpoint: "https://in.ga4.test/g/collect" };
track("G-CPRVAGT", { type: "page_view" });
