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
    async timeline() {
      await list("timeline", "timeline");
      const step = $("timeline-part").querySelector(".step-now");
      if (step) $("step-now").replaceChildren(...step.childNodes);
      step?.remove();
    },
  };

