import { datadogRum } from "@datadog/browser-rum";

datadogRum.init({
  clientToken: "pub00000000000000000000000000000000",
  applicationId: "00000000-0000-4000-8000-000000000002",
  site: "datadoghq.eu",
  proxy: "https://in.datadog.test/rum",
  sessionSampleRate: 100,
  sessionReplaySampleRate: 100,
  compressIntakeRequests: true,
  defaultPrivacyLevel: "allow",
  trackUserInteractions: true,
});
