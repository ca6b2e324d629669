// Boxes of a page that look like a question for consent to cookies: a dialog, something that stays in place while the
// page scrolls, or something whose name or heading says so, and whose text does. Kept at hand, so that a button in one can
// be pressed. What the buttons mean is judged elsewhere.
((limits) => {
  "use strict";
  const NAMED = /cookie|samtykke|consent|gdpr/i;
  const COOKIE = /cookie/i;
  const CONSENT = /samtykke|consent|privatliv|privacy/i;
  const TRACKING = /statisti|marketing|markedsføring|tracking|sporing|tredjepart|third.part|partner|analyse|analytics/i;
  const PRESSABLE = "button, [role=button], input[type=button], input[type=submit], a";
  const TYPED = "input:not([type]), input[type=text], input[type=email], input[type=tel], input[type=number], input[type=search], input[type=password], input[type=date], textarea, select";
  const PAGE = "main, nav, [role=main], [role=navigation]";
  const isSeen = (element) => {
    const box = element.getBoundingClientRect();
    return box.width > 0 && box.height > 0 && (element.checkVisibility?.({ visibilityProperty: true, opacityProperty: true }) ?? true);
  };
  const above = (element) => element.parentElement ?? element.getRootNode().host;
  const nameOf = (element) => `${element.id} ${element.getAttribute("class") ?? ""} ${element.getAttribute("aria-label") ?? ""}`.slice(0, limits.text);
  const textOf = (element) => (element.innerText ?? "").slice(0, limits.text + 1);
  const stays = (element) => {
    const style = getComputedStyle(element);
    return /fixed|sticky/.test(style.position) || (style.position === "absolute" && Number(style.zIndex) >= 100);
  };
  const isBanner = (element) => {
    if (element === document.body || element === document.documentElement) return false;
    const text = textOf(element);
    if (text.length > limits.text || !isSeen(element) && !stays(element)) return false;
    const all = `${nameOf(element)} ${text}`;
    if (!COOKIE.test(all) && !(CONSENT.test(all) && TRACKING.test(all))) return false;
    if (element.querySelector(TYPED) || element.querySelector(PAGE) || element.matches(PAGE)) return false;
    if (element.matches("dialog[open], [role=dialog], [role=alertdialog], [aria-modal=true]") || stays(element) || NAMED.test(nameOf(element))) return true;
    return [...element.querySelectorAll("h1, h2, h3, h4, h5, h6, [role=heading]")].slice(0, 5).some((heading) => NAMED.test(heading.innerText ?? ""));
  };
  // The widest box that is one: its switches may stand beside its buttons.
  const bannerOf = (button) => {
    let found = null;
    for (let element = above(button), depth = 0; element && depth < limits.depth; element = above(element), depth += 1) {
      if (isBanner(element)) found = element;
    }
    return found;
  };
  const everywhere = (root, selector, depth) => {
    const found = [...root.querySelectorAll(selector)];
    if (depth > 0) {
      for (const element of [...root.querySelectorAll("*")].slice(0, limits.nodes)) {
        if (element.shadowRoot) found.push(...everywhere(element.shadowRoot, selector, depth - 1));
      }
    }
    return found;
  };
  const leadsAway = (element) => element.localName === "a" && !/^(#|javascript:)/i.test(element.getAttribute("href") ?? "#");
  const labelOf = (element) => (element.innerText || element.value || element.getAttribute("aria-label") || "").trim().slice(0, limits.label);
  const banners = new Map();
  for (const button of everywhere(document, PRESSABLE, 3).slice(0, limits.buttons)) {
    if (leadsAway(button) || button.disabled || !labelOf(button) || !isSeen(button)) continue;
    const banner = bannerOf(button);
    if (banner && (banners.has(banner) || banners.size < limits.banners)) banners.set(banner, [...(banners.get(banner) ?? []), button]);
  }
  const switches = (banner) => everywhere(banner, "input[type=checkbox], [role=switch], [role=checkbox]", 2);
  const isOn = (element) => element.checked === true || element.getAttribute("aria-checked") === "true";
  const isFixed = (element) => element.disabled === true || element.getAttribute("aria-disabled") === "true";
  globalThis.consentBanners = [...banners];
  globalThis.consentPress = (at, button) => {
    const element = consentBanners[at]?.[1][button];
    if (!element?.isConnected) return false;
    setTimeout(() => element.click(), 0);
    return true;
  };
  // All that can be switched off; whether nothing that can be is left on.
  globalThis.consentAllOff = (at) => {
    const banner = consentBanners[at]?.[0];
    if (!banner) return false;
    const left = () => switches(banner).filter((element) => isOn(element) && !isFixed(element));
    for (const element of left().slice(0, limits.switches)) element.click();
    return left().length === 0;
  };
  const shown = (banner) => {
    if (banner.id) return `#${banner.id}`;
    const named = [...banner.classList].find((name) => NAMED.test(name));
    return named ? `.${named}` : (banner.querySelector("h1, h2, h3, h4, h5, h6, [role=heading]")?.innerText ?? banner.localName);
  };
  return consentBanners.map(([banner, buttons]) => ({
    name: shown(banner).trim().slice(0, limits.label),
    buttons: buttons.slice(0, limits.buttons).map(labelOf),
    switches: switches(banner).length,
  }));
})
