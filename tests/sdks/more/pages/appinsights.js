import { ApplicationInsights } from "@microsoft/applicationinsights-web";

const insights = new ApplicationInsights({
  config: {
    connectionString: "InstrumentationKey=00000000-0000-4000-8000-000000000005;IngestionEndpoint=https://in.appinsights.test/",
    maxBatchInterval: 60_000,
    enableAutoRouteTracking: true,
  },
});
insights.loadAppInsights();
insights.trackPageView();
