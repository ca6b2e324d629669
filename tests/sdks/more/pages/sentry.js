import * as Sentry from "@sentry/browser";

Sentry.init({
  dsn: "https://00000000000000000000000000000008@in.sentry.test/8",
  sendDefaultPii: true,
  integrations: [Sentry.browserTracingIntegration()],
  tracesSampleRate: 1,
});
Sentry.captureException(new Error("Sagen kan ikke vises"));
addEventListener("pagehide", () => Sentry.captureMessage("left"));
