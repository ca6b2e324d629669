// The page of cprvagt's console. It is told when something is new, fetches what it has not got, and sets text as text; parts
// that the server made (escaped there) are parsed without running anything in them. It keeps nothing anywhere.
"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const words = $("words").dataset;
  const lang = document.documentElement.lang;
  const number = new Intl.NumberFormat(lang);
  const clock = new Intl.DateTimeFormat(lang === "da" ? "da" : "en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
  const day = new Intl.DateTimeFormat(lang === "da" ? "da" : "en-GB", { dateStyle: "medium", timeStyle: "short" });
  const policy = window.trustedTypes ? trustedTypes.createPolicy("console", { createHTML: (text) => text }) : { createHTML: (text) => text };
  // Rows drawn above and below what is seen.
  const MARGIN = 6;
  // Rows of one answer, and answers kept.
  const [CHUNK, MAX_CHUNKS] = [100, 40];
  // Without a stream the page asks by itself so often, and tries a stream again after so many.
  const ASK_EVERY = 2000;
  // Doings are told at most so often.
  const ALIVE_EVERY = 30_000;
  // How long a new finding stands out.
  const FRESH = 6000;

  let isGone = false;

