// What a page is built of, without its texts: every path of elements and classes that occurs, once. A list of two and
// a list of twenty are the same; numbers in names of classes are none of the page's own.
((limits) => {
  "use strict";
  const mix = (hash, text) => {
    for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193) >>> 0;
    return hash;
  };
  const nameOf = (element) => {
    const classes = [...element.classList].slice(0, limits.classes).map((name) => name.slice(0, limits.name).replace(/\d+/g, "n"));
    return `>${element.localName}.${classes.sort().join(".")}`;
  };
  const hashes = new Map();
  const paths = new Set();
  const walker = document.createTreeWalker(document, NodeFilter.SHOW_ELEMENT);
  for (let element = walker.nextNode(), seen = 0; element && seen < limits.nodes; element = walker.nextNode(), seen += 1) {
    const hash = mix(hashes.get(element.parentElement) ?? 0x811c9dc5, nameOf(element));
    hashes.set(element, hash);
    paths.add(hash);
  }
  return [...paths].sort((one, other) => one - other).reduce((hash, path) => mix(hash, `${path} `), 0x811c9dc5);
})
