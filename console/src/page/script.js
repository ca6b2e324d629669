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

  // ---- asking

  async function ask(path, options) {
    const answer = await fetch(path, { cache: "no-store", ...options });
    // 404 on the folder itself cannot be: a program that was started anew knows no such cookie.
    if (answer.status === 401) gone();
    return answer;
  }

  async function part(path) {
    const answer = await ask(path);
    if (!answer.ok) throw new Error(await answer.text());
    return parsed(await answer.text());
  }

  function parsed(text) {
    const made = new DOMParser().parseFromString(policy.createHTML(text), "text/html");
    const nodes = document.createDocumentFragment();
    nodes.append(...made.body.childNodes);
    for (const time of nodes.querySelectorAll("time")) {
      const when = new Date(time.dateTime);
      time.textContent = clock.format(when);
      time.title = day.format(when);
    }
    return nodes;
  }

  async function post(path, fields) {
    const answer = await ask(path, { method: "POST", body: new URLSearchParams(fields) });
    if (!answer.ok) throw new Error((await answer.text()) || String(answer.status));
    return answer;
  }

  function fault(error) {
    if (isGone) return;
    $("fault").textContent = words.failed + error.message;
    $("fault").hidden = false;
  }

  /** Nothing of the session stays on the page. */
  function gone() {
    if (isGone) return;
    isGone = true;
    stream?.close();
    clearTimeout(again);
    findings.clear();
    requests.forget();
    const said = $("gone").content.cloneNode(true);
    document.title = words.gone;
    document.body.className = "gone";
    document.body.replaceChildren(said);
  }

  // ---- a long list: only what is seen is drawn

  function element(tag, className, text) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  }

  class List {
    /** `draw(node, index)` fills a row; `open(index)` is called for the one that is chosen. */
    constructor(view, headRows, draw, open) {
      Object.assign(this, { view, headRows, draw, open, count: 0, current: 0, nodes: [], waits: false });
      this.rows = view.querySelector(".rows");
      view.addEventListener("scroll", () => this.later(), { passive: true });
      view.addEventListener("keydown", (event) => this.key(event));
      view.addEventListener("click", (event) => {
        const row = event.target.closest("[data-index]");
        if (!row) return;
        this.choose(Number(row.dataset.index), false);
        this.open(this.current);
      });
      new ResizeObserver(() => this.later(true)).observe(view);
    }
    later(all) {
      this.stale ||= all;
      if (this.waits) return;
      this.waits = true;
      requestAnimationFrame(() => {
        this.waits = false;
        this.show();
      });
    }
    /** So many rows; `added` of them came in above. */
    set(count, added = 0) {
      const isDown = this.view.scrollTop > this.height();
      this.count = count;
      this.current = Math.max(0, Math.min(count - 1, this.current + (this.touched ? added : 0)));
      this.view.hidden = count === 0;
      this.view.setAttribute("aria-rowcount", count + this.headRows);
      if (added > 0 && isDown) {
        this.rows.style.height = `${count * this.height()}px`;
        this.view.scrollTop += added * this.height();
      }
      this.later(true);
    }
    height() {
      // Read once: asking the style makes the browser lay out.
      if (!this.rowHeight || this.forWidth !== innerWidth) {
        this.rowHeight = parseFloat(getComputedStyle(this.view).getPropertyValue("--row")) || 32;
        this.forWidth = innerWidth;
      }
      return this.rowHeight;
    }
    /** Draws what is seen. */
    show() {
      const [height, top] = [this.height(), this.view.scrollTop];
      this.rows.style.height = `${this.count * height}px`;
      const first = Math.max(0, Math.floor(top / height) - MARGIN);
      const last = Math.min(this.count, Math.ceil((top + this.view.clientHeight) / height) + MARGIN);
      const wanted = last - first;
      while (this.nodes.length < wanted) {
        const node = element("div", "row");
        node.setAttribute("role", "row");
        node.id = `${this.view.id}-${this.nodes.length}`;
        this.nodes.push(node);
        this.rows.append(node);
        this.stale = true;
      }
      for (const [place, node] of this.nodes.entries()) {
        // The row of this node: the one in the window that has its place, going round.
        const size = this.nodes.length;
        const index = first + ((place - (first % size) + size) % size);
        const isShown = index < last;
        node.hidden = !isShown;
        if (!isShown) {
          delete node.dataset.index;
          continue;
        }
        if (this.stale || node.dataset.index !== String(index)) {
          node.dataset.index = index;
          node.style.transform = `translateY(${index * height}px)`;
          node.setAttribute("aria-rowindex", index + 1 + this.headRows);
          this.draw(node, index);
        }
        const isCurrent = index === this.current && this.touched;
        node.classList.toggle("current", isCurrent);
        node.setAttribute("aria-selected", isCurrent);
        if (isCurrent) this.view.setAttribute("aria-activedescendant", node.id);
      }
      if (!(this.current >= first && this.current < last)) this.view.removeAttribute("aria-activedescendant");
      this.stale = false;
    }
    choose(index, scroll = true) {
      if (this.count === 0) return;
      this.touched = true;
      this.current = Math.max(0, Math.min(this.count - 1, index));
      const [height, head] = [this.height(), this.headRows ? this.rows.offsetTop : 0];
      const [top, bottom] = [this.current * height, (this.current + 1) * height];
      if (scroll && top < this.view.scrollTop) this.view.scrollTop = top;
      if (scroll && bottom + head > this.view.scrollTop + this.view.clientHeight) this.view.scrollTop = bottom + head - this.view.clientHeight;
      this.later();
    }
    key(event) {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const page = Math.max(1, Math.floor(this.view.clientHeight / this.height()) - 1);
      const step = this.touched ? 1 : 0;
      const to = { ArrowDown: this.current + step, ArrowUp: this.current - 1, PageDown: this.current + page, PageUp: this.current - page, Home: 0, End: this.count - 1 };
      if (singleKeys()) Object.assign(to, { j: this.current + step, k: this.current - 1 });
      if (event.key in to) this.choose(to[event.key]);
      else if (event.key === "Enter" && this.touched) this.open(this.current);
      else return;
      event.preventDefault();
    }
  }

  const SVG = "http://www.w3.org/2000/svg";
  function meter(bars, className) {
    const made = document.createElementNS(SVG, "svg");
    for (const [name, value] of [["class", `meter ${className}`], ["viewBox", "0 0 26 14"], ["width", "26"], ["height", "14"], ["aria-hidden", "true"]]) made.setAttribute(name, value);
    for (let bar = 1; bar <= 5; bar++) {
      const rect = document.createElementNS(SVG, "rect");
      const isFull = bar <= bars;
      const is = { x: bar * 5 - 4, y: 12 - bar * 2, width: 3.4, height: bar * 2 + 1, fill: isFull ? "currentColor" : "none", stroke: isFull ? "none" : "currentColor", "stroke-width": 0.7 };
      for (const [name, value] of Object.entries(is)) rect.setAttribute(name, value);
      made.append(rect);
    }
    return made;
  }

  function cell(className, ...content) {
    const made = element("span", className);
    made.setAttribute("role", "gridcell");
    made.append(...content);
    return made;
  }

  // ---- findings: all of them are here, the worst on top

  const findings = new Map();
  let shown = [];
  let [cleared, showsCleared] = [null, false];
  const fresh = new Map();

  const findingsList = new List($("findings-list"), 0, (node, index) => {
    const finding = shown[index];
    if (!finding) return;
    const isFresh = (fresh.get(finding.id) ?? 0) > Date.now();
    node.className = `row${isFresh ? " fresh" : ""}`;
    const severity = element("span", `severity ${finding.class}`);
    severity.append(meter(finding.bars, finding.class), ` ${finding.severity}`);
    const title = element("bdi", "", finding.title);
    const about = element("span", "about");
    about.append(element("bdi", "who", finding.recipient), " · ", element("bdi", "", finding.page));
    if (finding.step) about.append(" · ", `${words.step}: `, element("bdi", "", finding.step));
    const marks = element("span", "marks");
    if (finding.blocked) marks.append(element("b", "tag stopped", finding.blocked));
    if (finding.accepted) marks.append(element("b", "tag", words.accepted));
    node.replaceChildren(cell("level", severity), cell("title", title), cell("figure count", `${number.format(finding.count)} ×`), cell("figure when", clock.format(finding.last)), cell("second", marks, about));
  }, (index) => openFinding(shown[index]?.id));

  function sortFindings() {
    const chosen = shown[findingsList.current]?.id;
    const all = [...findings.values()];
    shown = all.filter((finding) => showsCleared || cleared === null || finding.last > cleared);
    shown.sort((a, b) => b.bars - a.bars || b.last - a.last || (a.id < b.id ? -1 : 1));
    const place = shown.findIndex((finding) => finding.id === chosen);
    if (findingsList.touched && place >= 0) findingsList.current = place;
    findingsList.set(shown.length);
    $("findings-empty").hidden = shown.length > 0;
    const hidden = cleared === null ? 0 : all.filter((finding) => finding.last <= cleared).length;
    $("cleared").hidden = cleared === null;
    $("cleared").firstElementChild.textContent = number.format(hidden);
    $("count-findings").textContent = number.format(shown.length);
    document.title = `${shown.length > 0 ? `(${shown.length}) ` : ""}${words.title}`;
    options($("filter-rule"), new Map(all.map((finding) => [finding.rule, finding.rule_name])));
  }

  function options(select, choices) {
    const known = new Set([...select.options].map((option) => option.value));
    for (const [value, text] of [...choices].sort()) {
      if (!known.has(value)) select.append(Object.assign(element("option", "", text), { value }));
    }
    if (select.closest("label").hidden && choices.size > 1) select.closest("label").hidden = false;
  }

  // ---- exchanges: windows are fetched as they are looked at

  const requests = { total: 0, chunks: new Map(), query: "", asked: new Set(), turn: 0,
    forget() {
      this.chunks.clear();
      this.asked.clear();
      this.turn++;
    },
    row(index) {
      const place = this.total - 1 - index;
      const chunk = Math.floor(place / CHUNK);
      const found = this.chunks.get(chunk)?.[place % CHUNK];
      if (!found) this.fetch(chunk);
      return found;
    },
    async fetch(chunk) {
      if (this.asked.has(chunk) || isGone) return;
      this.asked.add(chunk);
      const turn = this.turn;
      try {
        const answer = await ask(`exchanges?from=${chunk * CHUNK}&count=${CHUNK}${this.query}`);
        if (!answer.ok || turn !== this.turn) return;
        const { total, from, rows } = await answer.json();
        if (turn !== this.turn) return;
        // Fewer than there were: they were judged anew, or the oldest are no longer listed.
        if (total < this.total) this.chunks.clear();
        this.chunks.delete(chunk);
        if (from === chunk * CHUNK) this.chunks.set(chunk, rows);
        for (const old of this.chunks.keys()) {
          if (this.chunks.size <= MAX_CHUNKS) break;
          this.chunks.delete(old);
        }
        const added = total - this.total;
        this.total = total;
        exchangesList.set(total, Math.max(0, added));
        $("exchanges-total").textContent = this.query ? `${number.format(total)} ${words.of} ${$("count-exchanges").textContent}` : number.format(total);
        $("exchanges-empty").hidden = total > 0;
        $("exchanges-empty").textContent = this.query ? words.noMatch : words.none;
      } catch {
        // The stream says that the connection is lost.
      } finally {
        this.asked.delete(chunk);
      }
    },
    /** There is more. */
    news() {
      return this.fetch(Math.floor(this.total / CHUNK));
    },
  };

  const exchangesList = new List($("exchanges-list"), 1, (node, index) => {
    const row = requests.row(index);
    if (!row) {
      node.className = "row";
      return node.replaceChildren(cell("wait", "…"));
    }
    node.className = `row${row.blocked ? " is-stopped" : ""}${row.own ? " is-own" : ""}`;
    const level = cell("level");
    if (row.bars) level.append(meter(row.bars, row.class), " ");
    level.append(row.level);
    const status = row.blocked ? element("b", "tag stopped", words.stopped) : String(row.status ?? "–");
    const path = cell("path", element("bdi", "", row.path));
    if (row.tester) path.prepend(element("bdi", "tag", row.tester), " ");
    node.replaceChildren(cell("when", clock.format(row.t)), cell("method", row.method), cell("status", status), level, cell("host", element("bdi", "", row.host)), path, cell("figure size", size(row.size)), cell("figure ms", row.ms === null ? "" : `${number.format(row.ms)} ms`));
  }, (index) => openExchange(requests.row(index)?.n));

  function size(bytes) {
    return bytes < 1000 ? `${bytes} B` : `${number.format(Math.round(bytes / 1000))} kB`;
  }

  function filtered() {
    const query = new URLSearchParams([...new FormData($("filter"))].filter(([, value]) => value !== "")).toString();
    $("filter-reset").hidden = query === "";
    const after = cleared !== null && !showsCleared ? `&after=${cleared}` : "";
    const now = (query && `&${query}`) + after;
    if (now === requests.query) return;
    requests.query = now;
    requests.forget();
    requests.total = 0;
    exchangesList.touched = false;
    $("exchanges-list").scrollTop = 0;
    requests.fetch(0).then(() => requests.news());
  }

  let soon;
  $("filter").addEventListener("input", () => {
    clearTimeout(soon);
    soon = setTimeout(filtered, 150);
  });
  $("filter").addEventListener("submit", (event) => event.preventDefault());
  $("filter").addEventListener("reset", () => {
    $("only-finding").hidden = true;
    setTimeout(filtered);
  });

  function only(name, value) {
    const form = $("filter");
    form.reset();
    const input = form.elements[name];
    if (input.type === "checkbox") input.checked = true;
    if (name === "finding") $("only-finding").hidden = false;
    if (name === "finding" || input.type !== "checkbox") input.value = value;
    setTimeout(filtered);
    $("exchanges").scrollIntoView();
    $("exchanges-list").focus({ preventScroll: true });
  }

  // ---- one in full

  let opened = { path: null, back: null };
  async function open(path, back) {
    if (!path) return;
    opened = { path, back };
    try {
      const nodes = await part(path);
      if (opened.path !== path || isGone) return;
      $("detail-part").replaceChildren(nodes);
      $("detail").hidden = false;
      document.body.classList.add("has-detail");
      document.querySelector(".right").scrollTop = 0;
      $("detail-title")?.focus({ preventScroll: true });
      if (matchMedia("(min-width: 62rem)").matches) return;
      $("detail").scrollTop = 0;
    } catch (error) {
      fault(error);
    }
  }
  const openFinding = (id) => open(id && `finding?id=${encodeURIComponent(id)}`, $("findings-list"));
  const openExchange = (n) => open(n !== undefined && `exchange?number=${n}`, $("exchanges-list"));

  function closeDetail() {
    if ($("detail").hidden) return;
    $("detail").hidden = true;
    $("detail-part").replaceChildren();
    document.body.classList.remove("has-detail");
    const back = opened.back?.hidden === false ? opened.back : $("findings");
    opened = { path: null, back: null };
    back.focus();
  }

  async function copy(text, button) {
    try {
      await navigator.clipboard.writeText(text);
      const was = button.textContent;
      button.textContent = words.copied;
      announce(words.copied);
      setTimeout(() => (button.textContent = was), 1500);
    } catch {
      const area = $("copy-text").querySelector("textarea");
      area.value = text;
      $("copy-text").showModal();
      area.select();
    }
  }

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const { copyIssue, copy: copied, exchange, finding, onlyFinding, onlyRecipient, whole } = button.dataset;
    try {
      if (copyIssue) await copy(await (await ask(`issue?id=${encodeURIComponent(copyIssue)}`)).text(), button);
      else if (copied) await copy(button.parentElement.querySelector(copied).textContent, button);
      else if (exchange) await openExchange(exchange);
      else if (finding) await openFinding(finding);
      else if (onlyFinding) only("finding", onlyFinding);
      else if (onlyRecipient) only("host", onlyRecipient);
      else if (whole) await lists[whole](button.dataset.is === "true" ? "" : "?whole=1");
    } catch (error) {
      fault(error);
    }
  });

  // ---- the short lists

  const how = {};
  async function list(name, path, query) {
    how[name] = query ?? how[name] ?? "";
    const nodes = await part(path + how[name]);
    if (!isGone) $(`${name}-part`).replaceChildren(nodes);
  }
  const lists = {
    recipients: (query) => list("recipients", "recipients", query),
    "not-seen": (query) => list("not-seen", "not-seen", query),
    timeline: () => list("timeline", "timeline"),
  };

  // ---- what is new

  let [revision, run, isAsking, isWanted, seen] = [0, "", false, false, -1];
  async function update() {
    if (isGone) return;
    if (isAsking) {
      isWanted = true;
      return;
    }
    isAsking = true;
    try {
      do {
        isWanted = false;
        const answer = await ask(`changes?since=${revision}&run=${run}`);
        if (!answer.ok) break;
        await take(await answer.json());
        lost(false);
      } while (isWanted && !isGone);
    } catch {
      lost(true);
    } finally {
      isAsking = false;
    }
  }

  async function take(news) {
    const isFirst = run === "";
    if (news.anew) {
      findings.clear();
      requests.forget();
    }
    const before = new Set(findings.keys());
    for (const finding of news.findings) findings.set(finding.id, finding);
    const added = news.findings.filter((finding) => !before.has(finding.id));
    const wasCleared = cleared;
    cleared = news.cleared;
    if (wasCleared !== cleared) {
      showsCleared = false;
      $("show-cleared").setAttribute("aria-pressed", "false");
    }
    [revision, run] = [news.counts.revision, news.run];
    if (!isFirst && !news.anew && added.length > 0) tell(added);
    if (news.findings.length > 0 || news.anew || wasCleared !== cleared) sortFindings();
    told(news);
    const parts = [];
    if (news.timeline) parts.push(lists.timeline());
    if (news.not_seen) parts.push(lists["not-seen"]());
    if (news.recipients) parts.push(lists.recipients());
    if (seen !== news.counts.exchanges || news.anew || wasCleared !== cleared) {
      seen = news.counts.exchanges;
      filtered();
      parts.push(requests.news());
    }
    const open = opened.path?.startsWith("finding?") && news.findings.some((finding) => opened.path.endsWith(finding.id));
    $("detail").classList.toggle("is-old", Boolean(open) || $("detail").classList.contains("is-old"));
    await Promise.all(parts);
  }

  function told(news) {
    const { counts } = news;
    $("count-exchanges").textContent = number.format(counts.exchanges);
    $("count-numbers").textContent = number.format(counts.with_number);
    $("count-blocked").textContent = number.format(counts.blocked);
    $("go-blocked").hidden = counts.blocked === 0;
    $("count-recipients").textContent = number.format(counts.recipients);
    $("count-not-seen").textContent = number.format(counts.not_seen);
    $("go-not-seen").classList.toggle("gap", counts.not_seen > 0);
    $("left-out").hidden = counts.left_out === 0;
    $("left-out").firstElementChild.textContent = number.format(counts.left_out);
    $("under").textContent = news.under || words.nobody;
    $("guess").hidden = !news.is_guess;
    if (!news.is_guess) $("site-form").hidden = true;
    $("state").classList.toggle("paused", counts.paused);
    $("state-text").textContent = counts.paused ? words.paused : words.live;
    $("pause").textContent = counts.paused ? words.resume : words.pause;
    $("pause").value = counts.paused ? "resume" : "pause";
    options($("filter-system"), new Map(news.systems.map((system) => [system, system])));
    options($("filter-tester"), new Map(news.testers.map((tester) => [tester, tester])));
    options($("mark-tester").querySelector("select"), new Map(news.testers.map((tester) => [tester, tester])));
  }

  const announce = (text) => ($("announce").textContent = text);
  function tell(added) {
    const until = Date.now() + FRESH;
    for (const finding of added) fresh.set(finding.id, until);
    setTimeout(() => {
      for (const [id, end] of fresh) if (end <= Date.now()) fresh.delete(id);
      if (!isGone) findingsList.later(true);
    }, FRESH + 50);
    const worst = added.reduce((a, b) => (b.bars > a.bars ? b : a));
    announce(`${words.new}: ${worst.severity}: ${worst.title}${added.length > 1 ? ` (+${added.length - 1})` : ""}`);
  }

  let stream, again;
  function lost(is) {
    if (!isGone) $("lost").hidden = !is;
  }
  function listen() {
    if (isGone) return;
    stream = new EventSource("events");
    stream.addEventListener("news", update);
    stream.addEventListener("logged-off", gone);
    stream.addEventListener("error", () => {
      if (isGone) return;
      // Closed for good, or no stream was left: ask by ourselves, and find out whether we are still logged on.
      stream.close();
      clearTimeout(again);
      again = setTimeout(() => update().then(listen), ASK_EVERY);
    });
  }

  // ---- what a tester does

  let lastAlive = 0;
  function alive() {
    const now = Date.now();
    if (isGone || now - lastAlive < ALIVE_EVERY) return;
    lastAlive = now;
    post("alive", {}).catch(() => {});
  }
  for (const kind of ["keydown", "pointerdown", "pointermove", "wheel", "touchmove"]) addEventListener(kind, (event) => event.isTrusted && alive(), { passive: true, capture: true });

  async function mark(fields) {
    try {
      await post("mark", fields);
      $("fault").hidden = true;
      return true;
    } catch (error) {
      fault(error);
      return false;
    }
  }

  $("mark-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const form = event.currentTarget;
    const kind = event.submitter?.value ?? "step";
    if (!(await mark({ kind, text: form.elements.text.value, tester: form.elements.tester.value }))) return;
    form.elements.text.value = "";
    $("mark-said").textContent = words.written;
    setTimeout(() => ($("mark-said").textContent = ""), 2000);
  });
  $("site-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    if (await mark({ kind: "first-party", text: event.target.elements.text.value })) $("site-form").hidden = true;
  });
  $("choose-site").addEventListener("click", () => {
    $("site-form").hidden = !$("site-form").hidden;
    $("choose-site").setAttribute("aria-expanded", String(!$("site-form").hidden));
    if (!$("site-form").hidden) $("site-form").elements.text.focus();
  });
  $("pause").addEventListener("click", () => mark({ kind: $("pause").value || "pause" }));
  $("clear").addEventListener("click", () => mark({ kind: "clear" }));
  $("show-cleared").addEventListener("click", () => {
    showsCleared = !showsCleared;
    $("show-cleared").setAttribute("aria-pressed", String(showsCleared));
    sortFindings();
    filtered();
  });
  $("close-detail").addEventListener("click", closeDetail);
  $("log-off").addEventListener("click", () => post("log-off", {}).then(gone, gone));
  $("language").addEventListener("click", () => post("language", { lang: $("language").value }).then(() => location.reload(), fault));
  $("go-numbers").addEventListener("click", () => only("numbers", "1"));
  $("go-blocked").addEventListener("click", () => only("blocked", "1"));
  $("help").addEventListener("click", () => $("help-text").showModal());
  $("export-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    $("files").textContent = words.wait;
    try {
      const answer = await post("export", { kind: event.submitter?.value ?? "report", lang, since: $("earlier").value });
      $("files").replaceChildren(parsed(await answer.text()));
    } catch (error) {
      $("files").textContent = words.failed + error.message;
    }
  });
  $("earlier").addEventListener("focus", async () => {
    const was = $("earlier").value;
    const nodes = await part("earlier").catch(() => null);
    if (!nodes) return;
    for (const option of nodes.querySelectorAll("[data-time]")) option.textContent = option.textContent.replace(option.dataset.time, day.format(new Date(option.dataset.time)));
    $("earlier").replaceChildren(nodes);
    $("earlier").value = was;
  }, { once: true });

  const singleKeys = () => $("single-keys").checked;
  addEventListener("keydown", (event) => {
    if (isGone || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const isWriting = event.target.matches?.("input:not([type=checkbox]), textarea, select");
    if (event.key === "Escape") return isWriting ? event.target.blur() : closeDetail();
    if (isWriting || !singleKeys()) return;
    const to = { "/": $("filter-text"), n: $("mark-text") }[event.key];
    if (to) to.focus();
    else if (event.key === "?") $("help-text").showModal();
    else if ((event.key === "j" || event.key === "k") && !event.target.closest?.(".list") && shown.length > 0) {
      $("findings-list").focus();
      findingsList.key(event);
    } else return;
    event.preventDefault();
  });
  // A page that comes back out of the browser's own memory shows what was.
  addEventListener("pageshow", (event) => event.persisted && location.reload());

  update().then(listen);
})();
