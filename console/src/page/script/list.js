  // ---- a long list: only what is seen is drawn

  function element(tag, className, text) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  }

  class List {
    /** `draw(node, index)` fills a row; `open(index)` is called for the one that is chosen. */
    constructor(view, headRows, draw, open) {
      Object.assign(this, { view, headRows, draw, open, count: 0, current: 0, nodes: [], waits: false, stale: true, touched: false });
      this.rows = view.querySelector(".rows");
      view.addEventListener("scroll", () => this.later(), { passive: true });
      view.addEventListener("keydown", (event) => this.key(event));
      view.addEventListener("click", (event) => {
        const row = event.target.closest("[data-index]");
        if (!row) return;
        this.choose(Number(row.dataset.index), false);
        this.open(this.current);
      });
      new ResizeObserver(() => this.later(true)).observe(view);
    }
    later(all) {
      this.stale ||= Boolean(all);
      if (this.waits) return;
      this.waits = true;
      requestAnimationFrame(() => {
        this.waits = false;
        this.show();
      });
    }
    /** So many rows; `added` of them came in above. */
    set(count, added = 0) {
      const isDown = this.view.scrollTop > this.height();
      this.count = count;
      this.current = Math.max(0, Math.min(count - 1, this.current + (this.touched ? added : 0)));
      this.view.hidden = count === 0;
      this.view.setAttribute("aria-rowcount", count + this.headRows);
      if (added > 0 && isDown) {
        this.rows.style.height = `${count * this.height()}px`;
        this.view.scrollTop += added * this.height();
      }
      this.later(true);
    }
    height() {
      // Read once: asking the style makes the browser lay out.
      if (!this.rowHeight || this.forWidth !== innerWidth) {
        this.rowHeight = parseFloat(getComputedStyle(this.view).getPropertyValue("--row")) || 32;
        this.forWidth = innerWidth;
      }
      return this.rowHeight;
    }
    /** Draws what is seen. */
    show() {
      const [height, top] = [this.height(), this.view.scrollTop];
      this.rows.style.height = `${this.count * height}px`;
      const first = Math.max(0, Math.floor(top / height) - MARGIN);
      const last = Math.min(this.count, Math.ceil((top + this.view.clientHeight) / height) + MARGIN);
      const wanted = last - first;
      while (this.nodes.length < wanted) {
        const node = element("div", "row");
        node.setAttribute("role", "row");
        node.id = `${this.view.id}-${this.nodes.length}`;
        this.nodes.push(node);
        this.rows.append(node);
        this.stale = true;
      }
      for (const [place, node] of this.nodes.entries()) {
        // The row of this node: the one in the window that has its place, going round.
        const size = this.nodes.length;
        const index = first + ((place - (first % size) + size) % size);
        const isShown = index < last;
        node.hidden = !isShown;
        if (!isShown) {
          delete node.dataset.index;
          continue;
        }
        if (this.stale || node.dataset.index !== String(index)) {
          node.dataset.index = index;
          node.style.transform = `translateY(${index * height}px)`;
          node.setAttribute("aria-rowindex", index + 1 + this.headRows);
          this.draw(node, index);
        }
        const isCurrent = this.touched && index === this.current;
        node.classList.toggle("current", isCurrent);
        node.setAttribute("aria-selected", isCurrent);
        if (isCurrent) this.view.setAttribute("aria-activedescendant", node.id);
      }
      if (!(this.current >= first && this.current < last)) this.view.removeAttribute("aria-activedescendant");
      this.stale = false;
    }
    choose(index, scroll = true) {
      if (this.count === 0) return;
      this.touched = true;
      this.current = Math.max(0, Math.min(this.count - 1, index));
      const [height, head] = [this.height(), this.headRows ? this.rows.offsetTop : 0];
      const [top, bottom] = [this.current * height, (this.current + 1) * height];
      if (scroll && top < this.view.scrollTop) this.view.scrollTop = top;
      if (scroll && bottom + head > this.view.scrollTop + this.view.clientHeight) this.view.scrollTop = bottom + head - this.view.clientHeight;
      this.later();
    }
    key(event) {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const page = Math.max(1, Math.floor(this.view.clientHeight / this.height()) - 1);
      const step = this.touched ? 1 : 0;
      const to = { ArrowDown: this.current + step, ArrowUp: this.current - 1, PageDown: this.current + page, PageUp: this.current - page, Home: 0, End: this.count - 1 };
      if (singleKeys()) Object.assign(to, { j: this.current + step, k: this.current - 1 });
      if (event.key in to) this.choose(to[event.key]);
      else if (event.key === "Enter" && this.touched) this.open(this.current);
      else return;
      event.preventDefault();
    }
  }

  const SVG = "http://www.w3.org/2000/svg";
  const meters = new Map();
  function meter(bars, className) {
    const key = `${bars} ${className}`;
    if (!meters.has(key)) meters.set(key, drawnMeter(bars, className));
    return meters.get(key).cloneNode(true);
  }
  function drawnMeter(bars, className) {
    const made = document.createElementNS(SVG, "svg");
    for (const [name, value] of [["class", `meter ${className}`], ["viewBox", "0 0 26 14"], ["width", "26"], ["height", "14"], ["aria-hidden", "true"]]) made.setAttribute(name, value);
    for (let bar = 1; bar <= 5; bar++) {
      const rect = document.createElementNS(SVG, "rect");
      const isFull = bar <= bars;
      const is = { x: bar * 5 - 4, y: 12 - bar * 2, width: 3.4, height: bar * 2 + 1, fill: isFull ? "currentColor" : "none", stroke: isFull ? "none" : "currentColor", "stroke-width": 0.7 };
      for (const [name, value] of Object.entries(is)) rect.setAttribute(name, value);
      made.append(rect);
    }
    return made;
  }

  function cell(className, ...content) {
    const made = element("span", className);
    made.setAttribute("role", "gridcell");
    made.append(...content);
    return made;
  }

