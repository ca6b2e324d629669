  // ---- asking

  async function ask(path, options) {
    const answer = await fetch(path, { cache: "no-store", ...options });
    // Logged off, or the program was started anew and knows no such cookie.
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
  function gone(event) {
    if (isGone) return;
    isGone = true;
    stream?.close();
    clearTimeout(again);
    findings.clear();
    requests.forget();
    const said = $(event?.type === "over" ? "over" : "gone").content.cloneNode(true);
    document.title = said.querySelector("h1").textContent;
    document.body.className = "gone";
    document.body.replaceChildren(said);
  }

