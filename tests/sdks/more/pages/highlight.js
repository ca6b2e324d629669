import { H } from "highlight.run";

H.init("cprvagt", {
  backendUrl: "https://in.highlight.test/public",
  otlpEndpoint: "https://otel.highlight.test",
  privacySetting: "none",
  networkRecording: { enabled: true, recordHeadersAndBody: true },
});
