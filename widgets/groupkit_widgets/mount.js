// Puts the parts together, and draws them: at most 20 times a second, and only while something changes in sight.

const GONE = 30000; // milliseconds without word: a busy kernel may just as well be gone

// What the picture shows, in one word and in a sentence.
function stateOf(store) {
  if (store.ended) return { state: "ended", text: `ended: ${store.ended}` };
  if (store.reach.asking) return { state: "past", text: `looking back: ${store.busy ? "the kernel is busy, what came before has to wait" : "waiting for what came before"}` };
  if (store.busy) return { state: "busy", text: store.silence < GONE ? "kernel busy: the group waits" : "kernel busy, or gone: no word for long" };
  if (store.at !== null) return { state: "past", text: `looking back; the group ${store.paused ? "is paused" : "goes on"}` };
  if (store.paused) return { state: "paused", text: "paused" };
  return { state: "live", text: "live" };
}

const stores = new Map();

function storeOf(model) {
  const key = model.get("_uid");
  if (!stores.has(key)) stores.set(key, new Store(model));
  return stores.get(key);
}

// Time goes on or stands still: the group's, or that of the past one looks at.
function togglePlay(store) {
  if (store.at === null) return store.act({ do: store.paused ? "resume" : "pause" });
  store.playing = store.playing ? 0 : store.playPace ?? Math.min(store.pace, 10);
  store.version += 1;
}

class View {
  constructor(store, names, element) {
    this.store = store;
    this.drawn = -1;
    this.dirty = true;
    this.last = 0;
    this.seen = false;
    const axis = new Axis(store);
    const touched = () => (this.dirty = true);
    this.alt = h("div", { class: "gk-alt", role: "status", "aria-live": "polite" });
    this.error = h("div", { class: "gk-error", role: "alert" });
    this.state = h("div", { class: "gk-badge gk-corner" });
    const keys = { "data-lm-suppress-shortcuts": "true", "data-jp-suppress-context-menu": "true" };
    this.root = h("div", { class: "gk", "data-state": "empty", ...keys });
    this.parts = names.map((name) => new PARTS[name](store, touched, axis));
    const [body, left, right, low] = ["gk-body", "gk-left", "gk-right", "gk-low"].map((name) => h("div", { class: name }));
    const alone = names.length === 1;
    if (alone) body.className = "gk-alone"; // the styles of a dashboard in the same notebook are not for it
    names.forEach((name, place) => {
      const home = alone ? body : ({ controls: body, topology: left, feed: low, logs: low }[name] ?? right);
      home.append(this.parts[place].element);
    });
    body.append(...[left, right, low].filter((one) => one.childElementCount));
    this.rules = h("div", { class: "gk-rules", hidden: true }, h("strong", { class: "gk-off" }));
    this.root.append(this.rules, body, this.error, this.alt);
    if (!names.includes("controls")) this.root.append(this.state);
    this.root.addEventListener("keydown", (event) => this.key(event));
    keepKeys(this.root);
    element.append(this.root);
    this.watcher = new IntersectionObserver((entries) => this.sight(entries[entries.length - 1].isIntersecting));
    this.watcher.observe(this.root);
    this.hidden = () => this.sight(this.inView);
    document.addEventListener("visibilitychange", this.hidden);
  }

  sight(inView) {
    this.inView = inView;
    const seen = inView && !document.hidden;
    if (seen === this.seen) return;
    this.seen = seen;
    this.dirty = true;
    tellSight(this.store);
    cancelAnimationFrame(this.request); // out of sight and back within one frame is not to draw twice from then on
    if (seen) this.request = requestAnimationFrame((time) => this.frame(time));
  }

  frame(time) {
    if (!this.seen) return;
    this.request = requestAnimationFrame((next) => this.frame(next));
    const { store } = this;
    if (!store.live || (time - this.last < (this.slow ? 200 : FRAME) && !(store.urgent && this.drawn !== store.version))) return;
    this.dress(time);
    const moving = store.at === null ? store.flowing && store.silence < BUSY : store.playing > 0;
    const state = stateOf(store).state;
    const still = !moving && !this.dirty && this.drawn === store.version && this.was === state;
    if (still && time - this.last < REFRESH) return;
    store.play((time - this.last) / 1000);
    this.last = time;
    this.drawn = store.version;
    store.urgent = false;
    this.dirty = false;
    this.was = state;
    for (const part of this.parts) part.draw(this.theme);
    this.tell(state);
  }

  // The page may have changed its clothes.
  dress(time) {
    if (this.theme && time - this.themed < 400) return;
    const theme = themeOf(this.root);
    if (JSON.stringify(theme) !== JSON.stringify(this.theme)) this.dirty = true;
    this.theme = theme;
    this.themed = time;
    this.slow = quiet();
  }

  tell(state) {
    const { store } = this;
    const leader = store.moment().leader();
    const { rules } = store.meta;
    if (this.rules.hidden !== !rules.length) this.rules.hidden = !rules.length;
    put(this.rules.firstChild, "text", `rules off: ${rules.join(", ")}`);
    put(this.root, "data-state", state);
    put(this.root, "data-theme", this.theme.dark ? "dark" : "light");
    put(this.root, "data-now", store.clock().toFixed(6));
    put(this.root, "data-leader", leader ? leader.name : "");
    put(this.root, "data-term", leader ? leader.term : "");
    put(this.state, "text", state === "live" ? "" : stateOf(store).text);
    put(this.state, "data-state", state);
    put(this.alt, "text", leader ? `${leader.name} leads term ${leader.term}` : "no leader");
    const { error } = store;
    put(this.error, "text", error ? error.text : "");
    if (error && performance.now() - error.time > 12000) store.error = null;
  }

  key(event) {
    const { store } = this;
    if (event.target.closest("input, select, textarea, .gk-menu")) return;
    if (event.key === "Escape" && store.at !== null) store.look(null);
    else if (event.key === " " && !event.target.closest("button")) togglePlay(store);
    else if (event.key === "." && store.paused) store.act({ do: "step" });
    else return;
    event.preventDefault();
  }

  close() {
    this.seen = false;
    cancelAnimationFrame(this.request);
    this.watcher.disconnect();
    document.removeEventListener("visibilitychange", this.hidden);
    for (const part of this.parts) part.close();
    this.root.remove();
  }
}

const views = new Map(); // store -> its views on this page

function tellSight(store) {
  const seen = [...(views.get(store) ?? [])].some((view) => view.seen);
  if (seen === store.seen) return;
  store.seen = seen;
  store.heard = performance.now();
  store.send({ do: seen ? "show" : "hide", n: store.sequence ?? -1 });
}

function render({ model, el }) {
  const store = storeOf(model);
  const view = new View(store, model.get("_parts"), el);
  if (!views.has(store)) views.set(store, new Set());
  views.get(store).add(view);
  if (!store.live) store.send({ do: "open" });
  return () => {
    view.close();
    views.get(store).delete(view);
    store.seen = [...views.get(store)].some((one) => one.seen);
    if (!views.get(store).size) store.send({ do: "close" });
  };
}

export default { render };
