// Adobe's own SDK: it asks for the page's full address as Referer, and says more when the page is left.
import { createInstance } from "@adobe/alloy";

const alloy = createInstance({ name: "alloy" });
alloy("configure", {
  datastreamId: "00000000-0000-4000-8000-000000000001",
  orgId: "53A16ACB5CC1D3760A495C99@AdobeOrg",
  edgeDomain: "in.alloy.test",
  thirdPartyCookiesEnabled: false,
});
const page = () => ({ web: { webPageDetails: { name: document.title, URL: location.href } } });
alloy("sendEvent", { xdm: page() });
addEventListener("pagehide", () => alloy("sendEvent", { documentUnloading: true, xdm: { ...page(), eventType: "left" } }));
