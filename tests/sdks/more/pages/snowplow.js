import { newTracker, trackPageView, trackStructEvent } from "@snowplow/browser-tracker";

newTracker("sp", "https://in.snowplow.test", { appId: "tastselv", contexts: { webPage: true }, keepalive: true });
trackPageView();
addEventListener("pagehide", () => trackStructEvent({ category: "side", action: "left" }));
