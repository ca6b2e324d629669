// Its batches are not due before the page is left.
import mixpanel from "mixpanel-browser";

mixpanel.init("00000000000000000000000000000003", {
  api_host: "https://in.mixpanel.test",
  track_pageview: "full-url",
  autocapture: true,
  batch_flush_interval_ms: 60_000,
});
