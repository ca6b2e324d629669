import Tracker from "@jonkoops/matomo-tracker";

new (Tracker.default ?? Tracker)({ urlBase: "https://in.matomo.test", siteId: 7 }).trackPageView();
