// A replay: the pictures put together, a clock of its own, and the keys. `startReplay(element, data)` returns its end.

class Replay {
  constructor(element, data) {
    const store = new ReplayStore(data);
    const touched = () => (this.dirty = true);
    const [axis, whole] = [new ReplayAxis(store), new ReplayAxis(store)];
    whole.zoom = () => {};
    Object.assign(this, { store, dirty: true, drawn: -1, last: 0, painted: 0, seen: false });
    const ring = new ReplayRing(store, touched);
    const plot = new ReplayPlot(store, touched, axis);
    const [feed, logs] = [new FeedPart(store, touched), new LogsPart(store, touched)];
    const deck = new DeckPart(store, touched, whole);
    this.parts = [ring, plot, feed, logs, deck];
    const home = (name, part) => h("div", { class: name }, part.element);
    const off = data.meta.off.length ? h("strong", { class: "gk-off" }, `rules off: ${data.meta.off.join(", ")}`) : null;
    this.alt = h("div", { class: "gk-alt", role: "status", "aria-live": "polite" });
    this.root = h("div", { class: "gk gk-replay", tabindex: "-1", "data-lm-suppress-shortcuts": "true" },
      h("div", { class: "gk-facts" }, off, h("span", {}, data.line), data.note ? h("em", {}, data.note) : null),
      h("div", { class: "gk-body" }, home("gk-left", ring), home("gk-right", plot),
        h("div", { class: "gk-low" }, home("gk-cell", feed), home("gk-cell", logs))),
      deck.element, this.alt);
    this.root.addEventListener("keydown", (event) => this.key(event));
    keepKeys(this.root);
    element.append(this.root);
    this.watcher = new IntersectionObserver((entries) => this.sight(entries[entries.length - 1].isIntersecting));
    this.watcher.observe(this.root);
  }

  sight(seen) {
    cancelAnimationFrame(this.request); // out of sight and back within one frame is not to draw twice from then on
    if (seen) this.request = requestAnimationFrame((time) => this.frame(time));
    this.seen = seen;
    this.dirty = true;
  }

  frame(time) {
    if (!this.seen) return;
    this.request = requestAnimationFrame((next) => this.frame(next));
    const { store } = this;
    const passed = time - this.last;
    if (passed < (this.slow ? 200 : FRAME / 2)) return;
    if (store.playing) this.advance(Math.min(passed, 250) / 1000);
    if (!this.theme || !(time - this.themed < 400)) this.dress(time);
    this.last = time;
    if (!this.dirty && this.drawn === store.version && time - this.painted < REFRESH) return;
    this.painted = time;
    this.drawn = store.version;
    this.dirty = false;
    for (const part of this.parts) part.draw(this.theme);
    this.tell();
  }

  dress(time) {
    const theme = themeOf(this.root);
    if (JSON.stringify(theme) !== JSON.stringify(this.theme)) this.dirty = true; // colours may come after their theme
    this.theme = theme;
    this.themed = time;
    this.slow = quiet();
  }

  advance(seconds) {
    const { store } = this;
    store.look(store.head + seconds * store.pace);
    if (store.over) store.playing = false;
  }

  tell() {
    const { store } = this;
    const leader = store.moment().leader();
    const state = store.playing ? "playing" : store.over ? "ended" : "paused";
    const facts = { state, now: store.head.toFixed(6), end: store.time.toFixed(6), speed: store.pace, theme: this.theme.dark ? "dark" : "light" };
    for (const [name, value] of Object.entries(facts)) put(this.root, `data-${name}`, value);
    put(this.root, "data-leader", leader ? leader.name : "");
    put(this.root, "data-term", leader ? leader.term : "");
    put(this.alt, "text", leader ? `${leader.name} leads term ${leader.term}` : "no leader");
  }

  // Space plays; arrows step, with Shift by a twentieth of the run; Page keys go from win to win.
  key(event) {
    const { store } = this;
    const inside = (css) => event.target.closest?.(css);
    if (event.ctrlKey || event.metaKey || event.altKey || inside("select, input, textarea")) return;
    if (event.key === " " && inside("button")) return;
    if (event.key.startsWith("Page") && inside(".gk-sentences, .gk-logs")) return;
    const leap = (store.time - store.history.start) / 20;
    const wins = store.history.reigns.map((reign) => reign.start);
    const keys = {
      " ": () => store.turn(!store.playing),
      ArrowRight: () => (event.shiftKey ? store.look(store.head + leap) : store.step(1)),
      ArrowLeft: () => (event.shiftKey ? store.look(store.head - leap) : store.step(-1)),
      ArrowUp: inside(".gk-sentences") ? null : () => store.faster(1),
      ArrowDown: inside(".gk-sentences") ? null : () => store.faster(-1),
      PageDown: () => store.look(wins.find((time) => time > store.head) ?? store.time),
      PageUp: () => store.look(wins.findLast((time) => time < store.head) ?? store.history.start),
      Home: () => store.look(store.history.start),
      End: () => store.look(store.time),
    };
    const does = keys[event.key];
    if (!does) return;
    does();
    event.preventDefault();
  }

  close() {
    this.seen = false;
    cancelAnimationFrame(this.request);
    this.watcher.disconnect();
    for (const part of this.parts) part.close();
    this.root.remove();
  }
}

function startReplay(element, data) {
  const replay = new Replay(element, data);
  return () => replay.close();
}
