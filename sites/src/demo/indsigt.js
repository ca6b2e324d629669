/* Reklamehus Indsigt (opdigtet): one image request, with the page's address as a segment of the path. */
(function () {
  "use strict";
  var page = document.currentScript.dataset.side || location.href;
  var pixel = new Image(1, 1);
  pixel.referrerPolicy = "no-referrer";
  pixel.src = "https://indsigt.reklamehus.test/b/ss/toldprod/1/JS-2.20.0/s4711/g/" + encodeURIComponent(page) +
    "?AQB=1&ndh=1&pageName=" + encodeURIComponent(document.title) + "&AQE=1";
})();
