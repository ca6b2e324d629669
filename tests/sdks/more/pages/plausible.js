import { init } from "@plausible-analytics/tracker";

init({ domain: "www.tastselv.test", endpoint: "https://in.plausible.test/api/event", hashBasedRouting: true });
