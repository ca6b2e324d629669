// Runs among the page's own scripts, for what they lay out for telemetry is not visible from beside them.
((limits) => {
  "use strict";
  const told = [];
  const cut = [];
  for (const name of ["dataLayer", "digitalData", "utag_data"]) {
    try {
      const layer = globalThis[name];
      if (layer === undefined || layer === null || layer instanceof Node) continue;
      const list = Array.isArray(layer) ? layer : [layer];
      if (list.length > limits.entries) cut.push(`${name}, which is long`);
      for (const entry of list.slice(0, limits.entries)) {
        let steps = 0;
        // Elements of the page and what hangs on them are no data.
        const plain = (_, value) => {
          if (typeof value === "function" || (typeof value === "object" && value && (value instanceof Node || value === globalThis))) return undefined;
          return ++steps > limits.steps ? undefined : value;
        };
        const text = JSON.stringify(entry, plain) ?? "";
        if (text.length > limits.value || steps > limits.steps) cut.push(`${name}, which has a large entry`);
        told.push([name, text.slice(0, limits.value)]);
      }
    } catch {
      cut.push(`${name}, which cannot be written down`);
    }
  }
  return { layers: told, cut };
})
