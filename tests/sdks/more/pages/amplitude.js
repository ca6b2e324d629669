import { flush, init, setTransport } from "@amplitude/analytics-browser";

init("00000000000000000000000000000004", undefined, {
  serverUrl: "https://in.amplitude.test/2/httpapi",
  fetchRemoteConfig: false,
  autocapture: true,
});
// As its documentation has it.
addEventListener("pagehide", () => {
  setTransport("beacon");
  flush();
});
