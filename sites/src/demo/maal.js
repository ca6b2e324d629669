/* Besøgstal (opdigtet): one page view. The page's address goes in a parameter, as with the tools of 2015. */
(function () {
  "use strict";
  var tag = document.currentScript;
  var hit = new URLSearchParams({
    v: "1",
    _v: "j96",
    t: "pageview",
    tid: tag.dataset.konto,
    /* A visitor's id as these tools make them: it looks like a date and a serial, and is nobody's number. */
    cid: "1412218985.1764000000",
    dl: tag.dataset.side || location.href,
    dt: document.title,
    ul: "da-dk"
  });
  /* Not sendBeacon, which cannot be told to leave the Referer out. */
  fetch("https://maaling.besoegstal.test/collect?" + hit, {
    method: "POST",
    mode: "no-cors",
    keepalive: true,
    referrerPolicy: "no-referrer"
  }).then(function (answer) {
    /* Unread, the request would count as under way until the page is left. */
    return answer.text();
  });
})();
