// The times of the group: when election timers run out, how long links take; and what cannot be changed while it lives.

const FASTEST = 0.0001; // seconds: the low end of the slider, which goes up to 1 s in even steps of its logarithm
const DECADES = 4;
const SPREAD = 1.5; // high latency over low, where only one of them was chosen

class TimingsRow {
  constructor(store, show) {
    Object.assign(this, { store });
    const button = (name, text, does, title) => h("button", { type: "button", "data-do": name, title, onclick: does }, text);
    const number = (name, label) =>
      h("input", { type: "number", min: "0", step: "any", "data-do": name, "aria-label": label, onchange: () => this.typed(name) });
    this.slider = h("input", {
      type: "range", min: "0", max: "100", step: "1", "data-do": "latency", "aria-label": "Latency of all links",
      oninput: () => this.preview(), onchange: () => this.slid(),
    });
    this.low = number("latency-low", "Latency of all links, at least, in milliseconds");
    this.high = number("latency-high", "Latency of all links, at most, in milliseconds");
    this.built = button("latency-built", "as built", () => store.verb("set_latency", store.meta.latency), "The latency that the links had at first");
    this.fixed = h("span", { class: "gk-fixed" });
    const group = (label, ...inside) => h("div", { class: "gk-times", role: "group", "aria-label": label }, h("span", { class: "gk-faint" }, label), ...inside);
    this.element = h("div", { class: "gk-timings", hidden: true },
      group("election timers",
        button("align", "Align", () => store.verb("align_timers"),
          "All run out at one instant. Look for: all of them stand at once, each votes for itself, nobody wins. " +
          "While there is a leader its next heartbeat sets them anew: kill or cut off the leader first"),
        button("spread", "Spread", () => store.verb("spread_timers"),
          "They run out as far apart as can be. Look for: the first one stands alone, and wins before the next is ready")),
      group("latency of all links", this.slider, this.low, "–", this.high, "ms", this.built),
      group("fixed", this.fixed,
        button("recipe", "Cell with other times", () => store.ask({ do: "recipe" }, ({ text }) => show(text)),
          "A group's id is made of these times, so a running group cannot change them: this cell makes another group")));
  }

  preview() {
    const low = FASTEST * 10 ** ((Number(this.slider.value) / 100) * DECADES);
    this.sliding = performance.now();
    this.low.value = inMs(low);
    this.high.value = inMs(low * SPREAD);
  }

  slid() {
    this.preview();
    this.send();
  }

  typed(name) {
    const [low, high] = [Number(this.low.value), Number(this.high.value)];
    if (low > high && name === "latency-low") this.high.value = inMs((low / 1000) * SPREAD);
    else if (low > high) this.low.value = inMs(high / 1000 / SPREAD);
    this.sliding = performance.now();
    this.slider.value = placeOf(Number(this.low.value) / 1000);
    this.send();
  }

  send() {
    this.store.verb("set_latency", [this.low, this.high].map((input) => Number((Number(input.value) / 1000).toPrecision(6))));
  }

  draw() {
    const { store, element } = this;
    if (element.hidden) return;
    const over = Boolean(store.ended);
    for (const one of element.querySelectorAll("button, input")) if (one.disabled !== over) one.disabled = over;
    const [low, high] = usualLatency(store.live, store.meta.latency);
    const { activeElement } = element.getRootNode();
    if (![this.low, this.high].includes(activeElement) && !(performance.now() - this.sliding < 800)) {
      for (const [input, value] of [[this.low, low], [this.high, high]]) if (input.value !== inMs(value)) input.value = inMs(value);
      this.slider.value = placeOf(low);
    }
    put(this.slider, "aria-valuetext", `${inTime(low)} to ${inTime(high)}`);
    const [wasLow, wasHigh] = store.meta.latency;
    this.built.hidden = low === wasLow && high === wasHigh;
    const { heartbeat_interval: beat, election_timeout: least, election_timeout_jitter: jitter } = store.meta.config;
    put(this.fixed, "text", `heartbeat ${inTime(beat)}, election after ${inTime(least)} to ${inTime(least + jitter)}`);
  }
}

// Where a latency is on the slider.
const placeOf = (low) => String(clamp(Math.round((Math.log10(Math.max(low, FASTEST) / FASTEST) / DECADES) * 100), 0, 100));
const inMs = (seconds) => String(Number((seconds * 1000).toPrecision(3)));

// Whether the timings can work, in words.
function stability({ latency, config, peers }, wires) {
  if (peers.length < 2) return "one peer alone: it has nobody to wait for";
  const tuned = [...wires.values()].filter((wire) => wire.latency);
  const back = ({ src, dst }) => (wires.get(`${dst}>${src}`)?.latency ?? latency)[1];
  const plain = tuned.length < peers.length * (peers.length - 1) ? latency[1] * 2 : 0;
  const trip = Math.max(plain, ...tuned.map((wire) => wire.latency[1] + back(wire)));
  const [least, most] = [config.election_timeout, config.election_timeout + config.election_timeout_jitter];
  const facts = `slowest round trip ${inTime(trip)}, election after ${inTime(least)} to ${inTime(most)}`;
  if (trip >= least) return `${facts}: messages can outlive the election timer, expect re-elections`;
  if (config.heartbeat_interval + trip >= least) return `${facts}: a heartbeat can come too late, expect re-elections`;
  if (config.election_timeout_jitter < trip) return `${facts}: timers lie close together, expect split votes`;
  return `${facts}: stable`;
}
