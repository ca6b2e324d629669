  // ---- what is new

  // Every request changes who got what; a table is read more slowly.
  const RECIPIENTS_EVERY = 1000;
  let [lastRecipients, recipientsTimer] = [-RECIPIENTS_EVERY, 0];
  async function recipientsSoon() {
    const wait = lastRecipients + RECIPIENTS_EVERY - performance.now();
    if (recipientsTimer || isGone) return;
    if (wait > 0) {
      recipientsTimer = setTimeout(() => {
        recipientsTimer = 0;
        recipientsSoon();
      }, wait);
      return;
    }
    lastRecipients = performance.now();
    await lists.recipients().catch(() => {});
  }

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
    // The timeline tells when a finding was first seen, so it changes with new ones only.
    const names = new Set(news.parts);
    if (added.length > 0) names.add("timeline");
    const parts = [...names].map((name) => (name === "recipients" ? recipientsSoon() : lists[name]()));
    if (seen !== news.counts.exchanges || news.anew || wasCleared !== cleared) {
      seen = news.counts.exchanges;
      filtered();
      parts.push(requests.news());
    }
    if (opened.path?.startsWith("finding?") && news.findings.some((finding) => opened.path.endsWith(finding.id))) parts.push(recount().catch(() => {}));
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
    stream.addEventListener("over", gone);
    stream.addEventListener("error", () => {
      if (isGone) return;
      // Closed for good, or no stream was left: ask by ourselves, and find out whether we are still logged on.
      stream.close();
      clearTimeout(again);
      again = setTimeout(() => update().then(listen), ASK_EVERY);
    });
  }

