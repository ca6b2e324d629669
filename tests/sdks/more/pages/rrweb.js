// A library: what becomes of its events is the site's own doing. Here they are kept until the page is left.
import { pack } from "@rrweb/packer";
import { record } from "rrweb";

const events = [];
record({ emit: (event) => events.push(event), maskAllInputs: false, packFn: pack });
addEventListener("pagehide", () => navigator.sendBeacon("https://in.rrweb.test/events", JSON.stringify({ events })));
