import { getWebInstrumentations, initializeFaro } from "@grafana/faro-web-sdk";

initializeFaro({
  url: "https://in.faro.test/collect/cprvagt",
  app: { name: "tastselv", version: "1" },
  instrumentations: getWebInstrumentations(),
});
