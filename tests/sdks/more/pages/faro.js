import { getWebInstrumentations, initializeFaro } from "@grafana/faro-web-sdk";

initializeFaro({
  url: "https://in.faro.test/collect/cprvagt",
  app: { name: "tastselv", version: "1" },
  instrumentations: getWebInstrumentations(),
  // What is due then is sent because the page is left.
  batching: { sendTimeout: 600_000, itemLimit: 1000 },
});
