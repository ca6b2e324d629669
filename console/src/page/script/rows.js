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
    if (finding.step) about.append(" · ", element("bdi", "", finding.step));
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
    $("findings-empty").hidden = shown.length > 0 || all.length > 0;
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
        const filters = [...new URLSearchParams(this.query).keys()];
        const isFiltered = filters.some((name) => name !== "after");
        $("exchanges-empty").textContent = isFiltered ? words.noMatch : filters.length > 0 ? words.noneSince : words.none;
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

