window.BOOMR_config = { beacon_url: "https://in.boomerang.test/beacon", autorun: true };
import "boomerangjs/boomerang.js";
import "boomerangjs/plugins/rt.js";

BOOMR.init({ beacon_url: "https://in.boomerang.test/beacon", beacon_type: "POST", log: null });
