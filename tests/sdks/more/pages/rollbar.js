import Rollbar from "rollbar";

const rollbar = new Rollbar({
  accessToken: "00000000000000000000000000000007",
  endpoint: "https://in.rollbar.test/api/1/item/",
  captureUncaught: true,
});
rollbar.error(new Error("Sagen kan ikke vises"));
addEventListener("pagehide", () => rollbar.info("left"));
