// Finds elements by the selectors of a recording. Runs in a world of its own; `this` is the list of places to look in,
// elements or documents, and the answer a list of elements.
({
  // Children of one part of a chain: css, xpath/, text/ or pierce/. The browser itself answers aria/.
  seek(scopes, selector, limit) {
    const inside = (scope) => scope.shadowRoot ?? scope;
    const found = new Set();
    const take = (elements) => {
      for (const element of elements) {
        if (found.size >= limit) return;
        found.add(element);
      }
    };
    for (const scope of scopes) {
      const root = inside(scope);
      if (selector.startsWith("xpath/")) take(this.xpath(root, selector.slice(6), limit));
      else if (selector.startsWith("text/")) take(this.text(root, selector.slice(5)));
      else if (selector.startsWith("pierce/")) take(this.pierce(root, selector.slice(7)));
      else take(root.querySelectorAll(selector));
    }
    return [...found];
  },

  *xpath(root, expression, limit) {
    const kind = XPathResult.ORDERED_NODE_SNAPSHOT_TYPE;
    const result = document.evaluate(expression, root, null, kind, null);
    for (let at = 0; at < result.snapshotLength && at < limit; at += 1) {
      const node = result.snapshotItem(at);
      if (node.nodeType === Node.ELEMENT_NODE) yield node;
    }
  },

  *pierce(root, selector) {
    yield* root.querySelectorAll(selector);
    for (const element of root.querySelectorAll("*")) {
      if (element.shadowRoot) yield* this.pierce(element.shadowRoot, selector);
    }
  },

  // The innermost elements that say it.
  *text(root, wanted) {
    const untold = new Set(["SCRIPT", "STYLE", "NOSCRIPT", "TEMPLATE", "HEAD"]);
    const shows = new Set(["submit", "button", "reset"]);
    const words = (node) => {
      if (node.nodeType === Node.TEXT_NODE) return node.nodeValue ?? "";
      if (untold.has(node.tagName)) return "";
      if (node.tagName === "INPUT") return shows.has(node.type) ? node.value : "";
      let text = "";
      for (const child of (node.shadowRoot ?? node).childNodes) text += words(child);
      return text;
    };
    // Answers whether anything inside says it, so that each element is read once on the way down.
    const walk = function* (node) {
      for (const child of node.children ?? []) {
        if (!words(child).includes(wanted)) continue;
        let deeper = false;
        for (const inner of walk(child.shadowRoot ?? child)) {
          deeper = true;
          yield inner;
        }
        if (!deeper) yield child;
      }
    };
    yield* walk(root);
  },

  shown(element) {
    const box = element.getBoundingClientRect();
    const seen = element.checkVisibility ? element.checkVisibility({ visibilityProperty: true }) : true;
    return seen && box.width > 0 && box.height > 0;
  },

  // What a list of elements is good for: how many there are, how many are seen, and which is the first to act on.
  judge(elements, wantsEnabled) {
    const seen = elements.filter((element) => this.shown(element));
    const chosen = seen.findIndex((element) => !wantsEnabled || !element.matches(":disabled"));
    return {
      found: elements.length,
      seen: seen.length,
      chosen: chosen < 0 ? null : elements.indexOf(seen[chosen]),
    };
  },

  count(elements, visible, attributes, properties) {
    const holds = (value, wanted) => {
      if (wanted === null || typeof wanted !== "object") return value === wanted;
      if (value === null || value === undefined) return false;
      return Object.entries(wanted).every(([name, inner]) => holds(value[name], inner));
    };
    return elements.filter(
      (element) =>
        (visible === null || this.shown(element) === visible) &&
        Object.entries(attributes).every(([name, value]) => element.getAttribute(name) === value) &&
        holds(element, properties),
    ).length;
  },

  // Frames in the order that the browser counts them, those in shadow roots after the others.
  frame(index) {
    const all = [...this.pierce(document, "iframe, frame, object, embed")];
    const counted = [];
    for (let at = 0; at < window.length; at += 1) {
      const holder = all.find((element) => element.contentWindow === window[at]);
      if (holder) counted.push(holder);
    }
    const others = all.filter((element) => element.contentWindow && !counted.includes(element));
    return [...counted, ...others][index] ?? null;
  },

  // Where the inside of a frame begins, in its parent's view.
  corner(element) {
    element.scrollIntoView({ block: "nearest", inline: "nearest", behavior: "instant" });
    const box = element.getBoundingClientRect();
    const style = getComputedStyle(element);
    const padding = (side) => Number.parseFloat(style[side]) || 0;
    return [box.left + element.clientLeft + padding("paddingLeft"), box.top + element.clientTop + padding("paddingTop")];
  },

  // Where to point at an element: the offset recorded, or its middle where the offset is not on it any more.
  point(element, offset) {
    const inView = (box) => box.top >= 0 && box.left >= 0 && box.bottom <= innerHeight && box.right <= innerWidth;
    if (!inView(element.getBoundingClientRect())) {
      element.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
    }
    const box = element.getBoundingClientRect();
    const isOn = offset && offset[0] >= 0 && offset[1] >= 0 && offset[0] < box.width && offset[1] < box.height;
    const [x, y] = isOn ? offset : [box.width / 2, box.height / 2];
    return [box.left + x, box.top + y];
  },

  // Makes a field ready for the keys to come; how it is to be changed.
  approach(element, value) {
    const kind = element.tagName === "INPUT" ? element.type : element.tagName.toLowerCase();
    const tell = (name) => element.dispatchEvent(new Event(name, { bubbles: true, composed: true }));
    if (kind === "select") {
      const options = [...element.options];
      const chosen = options.find((option) => option.value === value) ?? options.find((option) => option.label === value);
      if (!chosen) return { way: "no-option" };
      element.focus();
      if (element.multiple) chosen.selected = true;
      else element.value = chosen.value;
      tell("input");
      tell("change");
      return { way: "done" };
    }
    if (kind === "file") return { way: "file" };
    if (kind === "checkbox" || kind === "radio") {
      return { way: String(element.checked) === value || (value === element.value && element.checked) ? "done" : "click" };
    }
    const typed = ["text", "search", "tel", "url", "email", "password", "number", "textarea"].includes(kind);
    if (!typed && !element.isContentEditable) {
      if (!("value" in element)) return { way: "no-field" };
      element.focus();
      element.value = value;
      tell("input");
      tell("change");
      return { way: element.value === value ? "done" : "not-taken" };
    }
    if (element.readOnly) return { way: "read-only" };
    element.focus();
    if (element.isContentEditable) getSelection().selectAllChildren(element);
    else element.select();
    const held = element.isContentEditable ? element.textContent : element.value;
    return { way: "type", secret: kind === "password", held: held.length };
  },

  scroll(element, x, y) {
    (element ?? document.scrollingElement ?? document.documentElement).scrollTo({ left: x, top: y, behavior: "instant" });
  },

  // What a person would say is on the page.
  about() {
    const words = (element) => (element.textContent ?? "").replace(/\s+/g, " ").trim();
    const headings = [...this.pierce(document, "h1, h2, h3, legend, [role=alert]")].filter((e) => this.shown(e));
    const shown = (selector) => [...this.pierce(document, selector)].filter((element) => this.shown(element)).length;
    return {
      title: document.title,
      headings: headings.slice(0, 5).map(words).filter(Boolean),
      fields: shown("input:not([type=hidden]), select, textarea"),
      buttons: shown("button, input[type=submit], [role=button]"),
      links: shown("a[href]"),
    };
  },
})
