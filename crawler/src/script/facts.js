// Runs in a world of its own beside the page's, in every frame: what the frame tells of itself and keeps in the browser.
// It only gathers. Everything is bounded; what is over a bound is counted by its name in `cut`.
(async (limits) => {
  "use strict";
  const cut = {};
  const over = (what) => {
    cut[what] = (cut[what] ?? 0) + 1;
  };
  const some = (list, most, what) => {
    if (list.length > most) over(what);
    return list.slice(0, most);
  };
  let room = limits.total;
  const text = (value, what, most = limits.value) => {
    const whole = String(value ?? "");
    const length = Math.min(whole.length, most, room);
    if (length < whole.length) over(what);
    room -= length;
    return whole.slice(0, length);
  };
  const json = (value) => {
    try {
      return JSON.stringify(value, (_, inner) => (typeof inner === "bigint" ? String(inner) : inner)) ?? "";
    } catch {
      return String(value);
    }
  };

  const found = { mail: [], asked: [], meta: null, lines: [] };
  const addLine = (line) => {
    if (/\d.*\d.*\d.*\d/s.test(line)) found.lines.push(line.replace(/\s+/g, " ").trim());
  };
  let nodes = 0;
  const roots = [document];
  while (roots.length > 0) {
    const root = roots.shift();
    if (root !== document) for (const line of (root.textContent ?? "").split("\n")) addLine(line);
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT);
    for (let element = walker.nextNode(); element; element = walker.nextNode()) {
      nodes += 1;
      if (nodes > limits.nodes) {
        over("elements");
        break;
      }
      if (element.shadowRoot) roots.push(element.shadowRoot);
      const href = element.tagName === "A" || element.tagName === "AREA" ? element.getAttribute("href") : null;
      if (href && /^\s*mailto:/i.test(href)) found.mail.push(href.trim());
      if (element.tagName === "META" && /^referrer$/i.test(element.getAttribute("name") ?? "")) {
        found.meta = element.getAttribute("content") ?? "";
      }
      // What the server wrote into a field is shown as much as text is; what was typed is no attribute.
      if (element.tagName === "INPUT" && element.hasAttribute("value")) {
        addLine(`${element.labels?.[0]?.textContent ?? element.name}: ${element.getAttribute("value")}`);
      }
      const policy = element.getAttribute("referrerpolicy");
      if (policy) found.asked.push({ policy, url: element.href || element.src || element.currentSrc || "" });
    }
  }
  // A label stands on the line before its value.
  const lines = (document.body?.innerText ?? "").split("\n").map((line) => line.trim()).filter(Boolean);
  lines.forEach((line, at) => addLine(at > 0 && /\d/.test(line) ? `${lines[at - 1].slice(-100)} ${line}` : line));

  const entries = (get, what) => {
    try {
      const storage = get();
      return some(Object.keys(storage), limits.entries, what).map((key) => [text(key, what), text(storage.getItem(key), what)]);
    } catch {
      // A frame without an origin of its own has no storage.
      return [];
    }
  };
  const asked = (request) =>
    new Promise((done, failed) => {
      request.onsuccess = () => done(request.result);
      request.onerror = request.onblocked = () => failed(request.error);
      request.onupgradeneeded = () => request.transaction.abort();
    });
  const databases = async () => {
    const told = [];
    for (const { name } of some((await indexedDB.databases()) ?? [], limits.stores, "IndexedDB databases")) {
      const database = await asked(indexedDB.open(name));
      try {
        for (const store of some([...database.objectStoreNames], limits.stores, "IndexedDB stores")) {
          const place = database.transaction(store, "readonly").objectStore(store);
          const [keys, values] = await Promise.all([
            asked(place.getAllKeys(null, limits.entries + 1)),
            asked(place.getAll(null, limits.entries)),
          ]);
          if (keys.length > values.length) over("IndexedDB entries");
          values.forEach((value, at) => told.push([`${name}/${store}`, text(json([keys[at], value]), "IndexedDB values")]));
        }
      } finally {
        database.close();
      }
    }
    return told;
  };
  const cached = async () => {
    const told = [];
    for (const name of some(await caches.keys(), limits.stores, "caches")) {
      const cache = await caches.open(name);
      for (const request of some(await cache.keys(), limits.entries, "cached answers")) {
        const answer = await cache.match(request);
        const kind = answer?.headers.get("content-type") ?? "";
        // Scripts, styles and images are the site's, not a person's.
        const body = /json|text\/(plain|html|xml|csv)/.test(kind) ? await answer.text() : "";
        told.push([name, text(`${request.url}\n${body}`, "cached answers")]);
      }
    }
    return told;
  };
  // Storage that does not answer in time is told, and keeps nobody waiting.
  const within = (work, what) =>
    Promise.race([
      work().catch(() => []),
      new Promise((done) => setTimeout(() => (over(what), done([])), limits.patience)),
    ]);

  const url = document.URL;
  const body = text(found.lines.join("\n"), "text", limits.text);
  return {
    url,
    origin: self.origin ?? "null",
    title: text(document.title, "the title"),
    text: body,
    mail: some([...new Set(found.mail)], limits.links, "mail links").map((link) => text(link, "mail links")),
    asked: some(found.asked, limits.links, "referrerpolicy attributes"),
    meta: found.meta,
    local: entries(() => localStorage, "localStorage"),
    session: entries(() => sessionStorage, "sessionStorage"),
    databases: self.indexedDB?.databases ? await within(databases, "IndexedDB, which did not answer") : [],
    caches: self.caches ? await within(cached, "the Cache API, which did not answer") : [],
    cut: Object.keys(cut),
  };
})
