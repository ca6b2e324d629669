import { BrowserAgent } from "@newrelic/browser-agent/loaders/browser-agent";

new BrowserAgent({
  init: { ajax: { deny_list: [] }, session: { enabled: true } },
  info: {
    beacon: "in.newrelic.test", errorBeacon: "in.newrelic.test", licenseKey: "NRJS-cprvagt", applicationID: "6", sa: 1,
  },
  loader_config: { accountID: "6", trustKey: "6", agentID: "6", licenseKey: "NRJS-cprvagt", applicationID: "6" },
});
