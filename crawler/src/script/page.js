// Runs in a world of its own beside the page's: same document, clean built-ins, invisible to the page's scripts.
// It only gathers; what a field or link means is decided by the crawler. Elements stay here under their numbers.
((limits) => {
  "use strict";
  // Half a number would no longer be known for what it is, and be shown: what a cut goes through is left out, and all
  // digits at the end with it.
  const cut = (text, length) => {
    const whole = String(text ?? "").replace(/\s+/g, " ").trim();
    if (whole.length <= length) return whole;
    const kept = whole.slice(0, length);
    const end = Math.max(...[..." &?=/;,:()<>[]{}\"'"].map((sign) => kept.lastIndexOf(sign)));
    return (end < 0 ? kept : kept.slice(0, end)).replace(/[^\p{L}]+$/u, "");
  };
  const attribute = (element, name, length = limits.text) => cut(element.getAttribute(name), length);
  const absolute = (reference, element) => {
    try {
      return new URL(reference, element.ownerDocument.baseURI).href;
    } catch {
      return null;
    }
  };
  const shown = (element) => {
    const box = element.getBoundingClientRect();
    const seen = element.checkVisibility ? element.checkVisibility({ visibilityProperty: true }) : true;
    return seen && box.width > 0 && box.height > 0;
  };

  const labelOf = (element) => {
    const parts = [];
    for (const label of element.labels ?? []) parts.push(label.textContent);
    parts.push(element.getAttribute("aria-label") ?? "");
    for (const id of (element.getAttribute("aria-labelledby") ?? "").split(/\s+/).filter(Boolean)) {
      parts.push(element.getRootNode().getElementById?.(id)?.textContent ?? "");
    }
    const label = cut(parts.join(" "), limits.text);
    if (label) return label;
    // Old pages put the words beside the field without tying them to it.
    const before = element.previousElementSibling ?? element.closest("td, dd, div")?.previousElementSibling;
    if (!before || before.querySelector?.("input, select, textarea")) return attribute(element, "title");
    return cut(before.textContent, limits.text) || attribute(element, "title");
  };

  const found = { links: [], headings: [], frames: [], forms: new Map() };
  const counted = { nodes: 0, links: 0, fields: 0, forms: 0, frames: 0, order: 0 };
  const formFor = (form) => {
    let group = found.forms.get(form);
    if (group) return group;
    if (found.forms.size >= limits.forms) {
      counted.forms += 1;
      return null;
    }
    group = { form, fields: [], buttons: [], told: { fields: [], buttons: [] } };
    found.forms.set(form, group);
    return group;
  };

  const takeLink = (element) => {
    if (found.links.length >= limits.links) {
      counted.links += 1;
      return;
    }
    const written = element.getAttribute("href");
    const href = absolute(written, element) ?? cut(written, limits.url);
    if (href.length > limits.url) {
      counted.links += 1;
      return;
    }
    const image = element.querySelector("img[alt]")?.getAttribute("alt") ?? "";
    const text = cut(element.textContent, limits.text) || attribute(element, "aria-label") || cut(image, limits.text);
    if (href) found.links.push({ href, text, download: element.hasAttribute("download") });
  };

  // What pages say of answers that they do not take: as ARIA has it, and as frameworks and Danish sites call it.
  const COMPLAINTS = `[role=alert], .error, .field-validation-error, .validation-summary-errors, .invalid-feedback,
    .fejl, .fejlbesked, .fejltekst, .error-message, .form-error, .form-error-message, .help-block-error`;
  const isWrong = (element) => {
    const { valid = true, valueMissing = false } = element.validity ?? {};
    if (element.getAttribute("aria-invalid") === "true" || (!valid && !valueMissing)) return true;
    // Words beside it, where no other field could be meant.
    const around = element.closest("label, p, li, td, dd, div, fieldset");
    if (!around || around.querySelectorAll("input:not([type=hidden]), select, textarea").length > 1) return false;
    return [...around.querySelectorAll(COMPLAINTS)].some((said) => shown(said) && said.textContent.trim() !== "");
  };

  const kindOf = ({ tagName, type }) => (tagName === "INPUT" || tagName === "BUTTON" ? type : tagName.toLowerCase());
  const isButton = (element) =>
    element.tagName === "BUTTON" || ["submit", "image", "button", "reset"].includes(kindOf(element));
  const isOff = (element) => element.matches(":disabled") || element.getAttribute("aria-disabled") === "true";
  const describeButton = (element, order) => ({
    kind: kindOf(element),
    text: cut(element.textContent, limits.text) || cut(element.value, limits.text) || labelOf(element),
    order,
    visible: shown(element),
    disabled: isOff(element),
    action: element.hasAttribute("formaction") ? cut(absolute(element.getAttribute("formaction"), element), limits.url) : "",
    method: attribute(element, "formmethod").toLowerCase(),
    command: /^(_?method|action|handling|cmd|command|op|do)$/i.test(element.name) ? cut(element.value, limits.text) : "",
  });
  const describeField = (element, order) => {
    const kind = kindOf(element);
    return {
      kind,
      order,
      visible: shown(element),
      name: attribute(element, "name"),
      id: attribute(element, "id"),
      label: labelOf(element),
      placeholder: attribute(element, "placeholder"),
      autocomplete: attribute(element, "autocomplete"),
      pattern: attribute(element, "pattern"),
      minimum: attribute(element, "min"),
      max_length: element.maxLength > 0 ? element.maxLength : null,
      required: element.required === true || element.getAttribute("aria-required") === "true",
      editable: !isOff(element) && element.readOnly !== true,
      has_value: kind === "checkbox" || kind === "radio" ? element.checked : (element.value ?? "") !== "",
      invalid: isWrong(element),
      // Frameworks send what browsers cannot, such as DELETE, in a field of its own.
      command:
        kind === "hidden" && /^(_?method|action|handling|cmd|command|op|do)$/i.test(element.name)
          ? cut(element.value, limits.text)
          : "",
    };
  };

  const takeControl = (element) => {
    const group = formFor(element.form ?? null);
    if (!group) return;
    const order = (counted.order += 1);
    if (isButton(element)) {
      group.buttons.push(element);
      group.told.buttons.push(describeButton(element, order));
      return;
    }
    if (group.fields.length >= limits.fields) {
      counted.fields += 1;
      return;
    }
    group.fields.push(element);
    group.told.fields.push(describeField(element, order));
  };

  const roots = [document];
  const known = [];
  while (roots.length > 0) {
    const root = roots.shift();
    known.push(root);
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT);
    for (let element = walker.nextNode(); element; element = walker.nextNode()) {
      counted.nodes += 1;
      if (counted.nodes > limits.nodes) break;
      if (element.shadowRoot) roots.push(element.shadowRoot);
      switch (element.tagName) {
        case "A":
        case "AREA":
          if (element.hasAttribute("href")) takeLink(element);
          break;
        case "FORM":
          formFor(element);
          break;
        case "INPUT":
        case "SELECT":
        case "TEXTAREA":
        case "BUTTON":
          takeControl(element);
          break;
        case "H1":
          if (found.headings.length < limits.headings) found.headings.push(cut(element.textContent, limits.text));
          break;
        case "IFRAME":
        case "FRAME": {
          let inner = null;
          try {
            inner = element.contentDocument;
          } catch {
            inner = null;
          }
          if (inner) roots.push(inner);
          else if (found.frames.length >= limits.frames) counted.frames += 1;
          else found.frames.push(cut(absolute(element.getAttribute("src") ?? "", element), limits.url));
          break;
        }
      }
    }
  }

  const complaints = [...document.querySelectorAll(`${COMPLAINTS}, [aria-invalid=true]`)].slice(0, limits.headings);
  const says = (element) => cut(element.innerText, limits.text) || labelOf(element);
  const complaint = complaints.filter(shown).map(says).find((text) => text) ?? "";

  // A form's own properties can be hidden behind fields of the same name, so only attributes are asked.
  const groups = [...found.forms.values()];
  const forms = groups.map(({ form, told }) => ({
    real: form !== null,
    search: form !== null && form.closest("search, [role=search]") !== null,
    name: form ? attribute(form, "id") || attribute(form, "name") : "",
    action: cut(form ? absolute(form.getAttribute("action") || form.ownerDocument.URL, form) : document.URL, limits.url),
    method: form ? attribute(form, "method").toLowerCase() : "",
    says_how: form !== null && (form.hasAttribute("method") || form.hasAttribute("action")),
    unchecked: form ? form.hasAttribute("novalidate") : true,
    fields: told.fields,
    buttons: told.buttons,
  }));

  const setter = (element) => {
    const view = element.ownerDocument.defaultView;
    const kind = { SELECT: "HTMLSelectElement", TEXTAREA: "HTMLTextAreaElement" }[element.tagName] ?? "HTMLInputElement";
    return Object.getOwnPropertyDescriptor(view[kind].prototype, "value").set;
  };
  const announce = (element) => {
    for (const kind of ["input", "change"]) element.dispatchEvent(new Event(kind, { bubbles: true }));
  };
  globalThis.crawled = {
    // Readies a field for typing; which of the spellings the field takes.
    focus(form, field, spellings) {
      const element = groups[form].fields[field];
      element.scrollIntoView({ block: "center" });
      element.focus();
      element.select?.();
      const fits = (spelling) => {
        const pattern = element.getAttribute("pattern");
        if (element.maxLength > 0 && spelling.length > element.maxLength) return false;
        try {
          return !pattern || new RegExp(`^(?:${pattern})$`, "v").test(spelling);
        } catch {
          return true;
        }
      };
      return Math.max(spellings.findIndex(fits), 0);
    },
    leave: (form, field) => groups[form].fields[field].blur(),
    digits: (form, field) => (groups[form].fields[field].value ?? "").replace(/\D/g, ""),
    set(form, field, value) {
      const element = groups[form].fields[field];
      setter(element).call(element, value);
      announce(element);
    },
    check(form, field) {
      const element = groups[form].fields[field];
      if (!element.checked) element.click();
    },
    pick(form, field) {
      const element = groups[form].fields[field];
      const option = [...element.options].find((option) => !option.disabled && option.value !== "");
      if (!option) return;
      setter(element).call(element, option.value);
      announce(element);
    },
    // The fields and buttons of a form as they are by now: those known keep their numbers, new ones come after them.
    grow(form) {
      const group = groups[form];
      const own = Object.getOwnPropertyDescriptor(HTMLFormElement.prototype, "elements").get;
      const walked = group.form
        ? [...own.call(group.form)]
        : known.flatMap((root) => [...root.querySelectorAll("input, select, textarea, button")]).filter((one) => !one.form);
      const isSame = (one, other) => one.name === other.name && one.id === other.id && kindOf(one) === kindOf(other);
      for (const element of walked) {
        if (!["INPUT", "SELECT", "TEXTAREA", "BUTTON"].includes(element.tagName)) continue;
        const list = isButton(element) ? group.buttons : group.fields;
        if (list.includes(element)) continue;
        // Frameworks build a field anew when something beside it changes.
        const gone = list.findIndex((one) => !one.isConnected && isSame(one, element));
        if (gone >= 0) list[gone] = element;
        else if (list.length < limits.fields) list.push(element);
      }
      const told = (describe, before) => (element, index) => describe(element, before[index]?.order ?? counted.order + index + 1);
      return {
        fields: group.fields.map(told(describeField, group.told.fields)),
        buttons: group.buttons.map(told(describeButton, group.told.buttons)),
      };
    },
    // Names of fields that the browser itself would refuse to send.
    refused(form) {
      const { form: element, fields } = groups[form];
      if (!element || element.hasAttribute("novalidate")) return [];
      return fields.filter((field) => !field.validity.valid).map((field) => attribute(field, "name") || attribute(field, "id"));
    },
    // Presses the button once this answer is out: a button may open windows, ask, or leave the page.
    send(form, button) {
      const { form: element, buttons } = groups[form];
      const view = (element ?? buttons[button]).ownerDocument;
      this.sent = { pressed: false, seen: false };
      view.addEventListener("submit", () => (this.sent.seen = true), { capture: true, once: true });
      setTimeout(() => {
        if (button === null) view.defaultView.HTMLFormElement.prototype.requestSubmit.call(element);
        else buttons[button].click();
        this.sent.pressed = true;
      }, 0);
      return true;
    },
  };

  return {
    url: document.URL,
    title: cut(document.title, limits.text),
    status: performance.getEntriesByType("navigation")[0]?.responseStatus ?? 0,
    ready: document.readyState !== "loading",
    headings: found.headings,
    links: found.links,
    frames: found.frames,
    frames_cut: counted.frames,
    forms,
    links_cut: counted.links,
    forms_cut: counted.forms + counted.fields,
    nodes_cut: counted.nodes > limits.nodes,
    complaint,
  };
})
