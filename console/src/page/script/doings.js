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
