// Committed index over time, a step line for each peer, and behind it why it looks so.

const MANY = 12; // lines, from which on each is drawn pale

class CommitPlotPart {
  constructor(store, touched, axis) {
    Object.assign(this, { store, touched, axis });
    this.tip = h("div", { class: "gk-tip", role: "status" });
    this.box = h("div", { class: "gk-commits", role: "img", tabindex: "0", "aria-label": "Committed index over time" });
    this.zoomer = h("div", { class: "gk-zoom" },
      h("button", { type: "button", title: "Show less time (+)", "aria-label": "Show less time", onclick: () => axis.zoom(0.5) }, "+"),
      h("button", { type: "button", title: "Show more time (−)", "aria-label": "Show more time", onclick: () => axis.zoom(2) }, "−"));
    this.surface = new Surface(this.box, "gk-commits-canvas", touched);
    this.box.append(this.tip);
    this.element = h("div", { class: "gk-panel gk-commits-panel" }, h("div", { class: "gk-title" }, "Committed index"), this.zoomer, this.box);
    this.calm = quiet();
    this.pointer = null;
    scrubbing(this.surface.canvas, axis, store);
    this.box.addEventListener("pointermove", (event) => this.hover(event));
    this.box.addEventListener("pointerleave", () => this.hover(null));
    this.box.addEventListener("keydown", (event) => this.key(event));
  }

  key(event) {
    if (event.key === "+") this.axis.zoom(0.5);
    else if (event.key === "-") this.axis.zoom(2);
  }

  hover(event) {
    this.pointer = event ? event.clientX - this.box.getBoundingClientRect().left : null;
    this.touched();
  }

  draw(theme) {
    const { axis, surface, store } = this;
    const context = surface.begin();
    axis.fit(surface.width);
    this.top = 18;
    this.bottom = surface.height - 20;
    this.scaleUp();
    context.save();
    context.beginPath();
    context.rect(axis.left, 0, axis.right - axis.left + 1, surface.height);
    context.clip();
    this.background(context, theme);
    context.restore();
    this.grid(context, theme);
    context.save();
    context.beginPath();
    context.rect(axis.left, 0, axis.right - axis.left + 2, surface.height);
    context.clip();
    const many = store.history.steps.size > MANY;
    if (!many) this.leaders(context, theme, 7);
    this.lines(context, theme);
    if (many) this.leaders(context, theme, 3); // among many lines, one below them is not seen
    tellFalls(this, context, theme);
    tellDowns(this, context, theme);
    drawCursor(context, axis, theme, this.bottom);
    context.restore();
    tellNames(this, context, theme);
    this.tooltip(context, theme);
    this.tell(store.moment());
  }

  // The window of indexes, moved gently.
  scaleUp() {
    const { axis, store } = this;
    let [low, high] = [Infinity, 0];
    for (const steps of store.history.steps.values()) {
      const first = Math.max(0, after(steps, axis.start) - 1);
      for (let place = first; place < steps.length && steps[place][0] <= axis.end; place++) {
        low = Math.min(low, steps[place][1]);
        high = Math.max(high, steps[place][1]);
      }
    }
    low = Math.min(low, high);
    if (high - low < 4) [low, high] = [Math.max(0, low - 1), Math.max(high + 1, low + 4)];
    const room = (high - low) * 0.08;
    const aim = [low === 0 ? -room * 0.6 : low - room, high + room];
    const soft = this.range && !this.calm && store.flowing ? 0.25 : 1;
    this.range = (this.range ?? aim).map((now, i) => now + (aim[i] - now) * soft);
  }

  y(index) {
    return this.bottom - ((index - this.range[0]) / (this.range[1] - this.range[0])) * (this.bottom - this.top);
  }

  background(context, theme) {
    const { history } = this.store;
    const { top, bottom, axis } = this;
    const band = (from, to, colour, alpha) => {
      const place = axis.clip(from, to);
      if (!place) return null;
      context.globalAlpha = alpha;
      context.fillStyle = colour;
      context.fillRect(place[0], top, Math.max(1.5, place[1] - place[0]), bottom - top);
      context.globalAlpha = 1;
      return place;
    };
    for (const { term, start, end } of [...history.reigns].sort((a, b) => a.term - b.term)) {
      band(start, end, theme.paper, 1); // of leaders at the same time the later term shows: colours that mix mean nothing
      band(start, end, termColour(theme, term), theme.dark ? 0.2 : 0.22);
    }
    for (const { start, end } of history.lost) {
      const place = band(start, end, theme.amber, 0.2);
      context.globalAlpha = 0.6;
      if (place) hatch(context, place[0], top, Math.max(1.5, place[1] - place[0]), bottom - top, theme.amber, 6);
      context.globalAlpha = 1;
    }
    for (const { start, end } of history.cuts) {
      const place = axis.clip(start, end);
      context.globalAlpha = 0.28;
      if (place) hatch(context, place[0], top, place[1] - place[0], bottom - top, theme.faint, 8);
      context.globalAlpha = 1;
    }
    history.downs.forEach(({ start, end }, number) => {
      const place = band(start, end, theme.red, 0.07);
      if (!place) return;
      const y = bottom - 4 - (number % 5) * 4;
      context.fillStyle = theme.red;
      context.fillRect(place[0], y, Math.max(2, place[1] - place[0]), 2.5);
    });
    for (const { start } of history.reigns) this.win(context, theme, start);
  }

  win(context, theme, time) {
    if (time < this.axis.start) return;
    const x = this.axis.x(time);
    context.strokeStyle = theme.gold;
    context.lineWidth = 1.5;
    context.beginPath();
    context.moveTo(x, this.top - 2);
    context.lineTo(x, this.bottom);
    context.stroke();
    drawCrown(context, theme, x, this.top - 3, 6);
  }

  grid(context, theme) {
    const { axis, top, bottom } = this;
    const font = `11px ${theme.font}`;
    context.strokeStyle = theme.line;
    context.lineWidth = 1;
    const step = Math.max(1, niceStep((this.range[1] - this.range[0]) / Math.max(2, (bottom - top) / 34)));
    context.beginPath();
    for (let index = Math.max(0, Math.ceil(this.range[0] / step) * step); index <= this.range[1]; index += step) {
      const y = Math.round(this.y(index)) + 0.5;
      context.moveTo(axis.left, y);
      context.lineTo(axis.right, y);
      label(context, String(index), axis.left - 6, y, font, theme.faint, "right");
    }
    context.stroke();
    const ticks = axis.ticks();
    for (const time of ticks.found) {
      const x = axis.x(time);
      if (x >= axis.left - 1 && x <= axis.right - 12) label(context, tickText(time, ticks.step), x, bottom + 11, font, theme.faint);
    }
  }

  // Lines that say the same are drawn side by side.
  aside(place, count) {
    return (place - (count - 1) / 2) * Math.min(2.4, 12 / count);
  }

  leaders(context, theme, width) {
    const names = [...this.store.history.steps.keys()];
    for (const { peer, term, start, end } of this.store.history.reigns) {
      const clipped = this.axis.clip(start, end);
      if (!clipped) continue;
      context.strokeStyle = termColour(theme, term);
      context.lineWidth = width;
      context.lineJoin = "round";
      this.stairs(context, peer, Math.max(start, this.axis.start), Math.min(end, this.axis.now), this.aside(names.indexOf(peer), names.length));
    }
  }

  lines(context, theme) {
    const { store, axis } = this;
    const names = [...store.history.steps.keys()];
    context.lineJoin = "miter";
    names.forEach((name, place) => {
      context.strokeStyle = theme.ink;
      context.lineWidth = names.length > MANY ? 0.8 : 1.1;
      const strong = names.length > MANY ? clamp(5 / names.length, 0.05, 0.8) : 0.8;
      const aside = this.aside(place, names.length);
      let from = axis.start;
      for (const down of store.history.downs) {
        if (down.peer !== name || down.end < axis.start) continue;
        context.globalAlpha = strong;
        this.stairs(context, name, from, down.start, aside);
        context.globalAlpha = Math.min(strong, 0.45);
        context.setLineDash([2, 3]);
        this.stairs(context, name, Math.max(from, down.start), Math.min(axis.now, down.end - 1e-9), aside);
        context.setLineDash([]);
        from = Math.max(from, down.end);
      }
      context.globalAlpha = strong;
      if (from < axis.now) this.stairs(context, name, from, axis.now, aside);
      context.globalAlpha = 1;
    });
  }

  stairs(context, name, start, end, aside) {
    if (end < start) return;
    const steps = this.store.history.steps.get(name) ?? [];
    const { axis } = this;
    let place = Math.max(0, after(steps, start) - 1);
    if (!steps.length || steps[place][0] > end) return;
    context.beginPath();
    let last = steps[place][1];
    let pixel = axis.x(Math.max(start, steps[place][0]));
    context.moveTo(pixel, this.y(last) + aside);
    for (place += 1; place < steps.length && steps[place][0] <= end; place++) {
      const x = axis.x(steps[place][0]);
      const [, index] = steps[place];
      if (x - pixel > 0.7) context.lineTo(x, this.y(last) + aside);
      if (index < last) context.moveTo(x, this.y(index) + aside);
      else context.lineTo(x, this.y(index) + aside);
      [pixel, last] = [x, index];
    }
    context.lineTo(axis.x(end), this.y(last) + aside);
    context.stroke();
  }

  tooltip(context, theme) {
    const { axis, pointer } = this;
    const inside = pointer !== null && pointer >= axis.left && pointer <= Math.min(axis.right, axis.x(axis.now));
    put(this.tip, "data-open", inside ? "yes" : "no");
    if (!inside) return;
    context.strokeStyle = theme.accent;
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(pointer, this.top);
    context.lineTo(pointer, this.bottom);
    context.stroke();
    put(this.tip, "text", storyAt(this.store, axis.time(pointer)));
    const left = pointer > axis.right * 0.6 ? `right:${this.surface.width - pointer + 8}px` : `left:${pointer + 8}px`;
    put(this.tip, "style", left);
  }

  tell(moment) {
    const all = [...moment.peers.values()];
    put(this.box, "data-committed", all.slice(0, 100).map((peer) => `${peer.name}:${peer.committed}`).join(" "));
    const most = Math.max(0, ...all.map((peer) => peer.committed));
    const there = all.filter((peer) => peer.committed === most).map((peer) => peer.name);
    put(this.box, "aria-label", `Committed index over time: ${most} on ${someNames(there)}. Plus and minus zoom`);
  }

  close() {
    this.surface.close();
  }
}

PARTS.commits = CommitPlotPart;
