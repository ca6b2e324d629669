import { newTracker, trackPageView } from "@snowplow/browser-tracker";

newTracker("sp", "https://in.snowplow.test", { appId: "tastselv", contexts: { webPage: true } });
trackPageView();
