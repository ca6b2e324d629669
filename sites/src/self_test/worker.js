"use strict";
/* A request that no page makes: the recorder must see it all the same. */
onmessage = async (message) => {
  const { collector, number } = message.data;
  await fetch(`${collector}/probe/worker?cpr=${number}`, { mode: "no-cors" });
  postMessage("sent");
};
