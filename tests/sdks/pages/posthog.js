import posthog from "posthog-js/dist/module.full.no-external";

posthog.init("phc_cprvagt", {
  api_host: "https://in.posthog.test",
  session_recording: { maskAllInputs: false },
});
