// Time in one's hands: pause, step, pace, look back; and what concerns the whole group.

const PACES = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, Infinity];

class ControlsPart {
  constructor(store, touched) {
    Object.assign(this, { store, touched });
    const button = (name, text, does, title) => h("button", { type: "button", "data-do": name, title, onclick: does }, text);
    this.pause = button("pause", "Pause", () => togglePlay(store), "Stop time, or let it go on (space)");
    this.step = button("step", "Step", () => store.act({ do: "step" }), "The next event, while time stands still (.)");
    this.pace = h("input", { type: "range", min: "0", max: String(PACES.length - 1), step: "1", "aria-label": "Pace", "data-do": "pace", oninput: () => this.slide() });
    this.speed = h("output", { class: "gk-pace" });
    this.live = button("live", "Live", () => store.look(null), "Back to now (Escape)");
    this.write = button("write", "Write", () => store.act({ do: "write", peer: null }), "Submit a command to the leader");
    this.heal = button("heal", "Heal all", () => store.verb("heal"), "Mend every wire");
    this.split = button("split", "Split off", () => this.splitOff(), "Partition the picked peers from the rest");
    this.storm = button("storm", "Random faults", () => this.switchFaults(),
      "Peers are killed, frozen, isolated and cut off, and mended again, until you switch it off: then all of it is mended at once");
    put(this.storm, "role", "switch");
    this.seed = h("input", { type: "number", min: "0", step: "1", value: "1", "data-do": "seed", "aria-label": "Seed of the random faults",
      title: "What they are drawn from: the same seed, the same faults" });
    this.copy = button("copy", "Copy as cell", () => this.copyText(store.script.join("\n")), "What was done here by hand, as Python");
    this.timings = new TimingsRow(store, (text) => this.copyText(text));
    this.more = button("timings", "Timings", () => this.unfold(), "Election timers, latency of all links, and what is fixed");
    this.clock = h("span", { class: "gk-clock" });
    this.leader = h("span", { class: "gk-leader" });
    this.state = h("span", { class: "gk-badge", role: "status" });
    this.stable = h("span", { class: "gk-stable" });
    this.element = h("div", { class: "gk-controls", role: "toolbar", "aria-label": "Time and the group" },
      this.pause, this.step, h("label", { class: "gk-pacer" }, "pace ", this.pace, this.speed),
      this.write, h("span", { class: "gk-storm" }, this.storm, h("label", {}, "seed ", this.seed)),
      this.more, this.timings.element,
      // What comes and goes stands in a row that is there in any case: nothing moves under the pointer.
      h("div", { class: "gk-standing" },
        h("div", { class: "gk-now" }, this.clock, this.state, this.leader, this.live, this.heal, this.split, this.copy), this.stable));
  }

  slide() {
    const pace = PACES[Number(this.pace.value)];
    this.sliding = performance.now();
    put(this.speed, "text", inPace(pace));
    this.store.act({ do: "pace", pace: pace === Infinity ? -1 : pace });
  }

  splitOff() {
    const { store } = this;
    const picked = [...store.picked];
    store.picked.clear();
    store.verb("partition", picked);
  }

  switchFaults() {
    const { store, seed } = this;
    if (store.faults !== null) store.verb("end_random_faults");
    else store.verb("random_faults", Math.max(0, Math.round(Number(seed.value)) || 0));
  }

  unfold() {
    this.timings.element.hidden = !this.timings.element.hidden;
    this.touched();
  }

  // Shown to be seen and copied by hand as well: a page may not be allowed to write to the clipboard.
  copyText(text) {
    const done = () => put(this.copy, "text", "Copied");
    const area = h("textarea", { class: "gk-script", readonly: true, "aria-label": "Python, to paste into a cell", rows: String(clamp(text.split("\n").length, 3, 14)) });
    area.value = text;
    this.element.querySelector(".gk-script")?.remove();
    this.element.append(area);
    area.addEventListener("blur", () => {
      area.remove();
      put(this.copy, "text", "Copy as cell");
    });
    area.focus();
    area.select();
    if (navigator.clipboard) navigator.clipboard.writeText(text).then(done, () => document.execCommand("copy") && done());
    else if (document.execCommand("copy")) done();
  }

  draw() {
    const { store } = this;
    const over = Boolean(store.ended);
    const past = store.at !== null;
    const still = past ? !store.playing : store.paused;
    put(this.pause, "text", still ? (past ? "Play" : "Resume") : "Pause");
    put(this.pause, "aria-pressed", still && !past);
    for (const one of [this.pause, this.pace, this.write]) one.disabled = over && !past;
    this.step.disabled = over || !store.paused;
    if (!(performance.now() - this.sliding < 600)) {
      const shown = past ? store.playPace ?? Math.min(store.pace, 10) : store.pace;
      const place = PACES.findIndex((pace) => pace >= shown * 0.999);
      if (this.pace.value !== String(place)) this.pace.value = String(place);
      put(this.speed, "text", inPace(shown));
    }
    const moment = store.moment();
    const leader = moment.leader();
    this.show(this.live, past);
    this.show(this.step, !past);
    this.show(this.heal, [...store.live.wires.values()].some((wire) => wire.cut) && !over);
    this.show(this.split, store.picked.size > 0 && store.picked.size < store.live.peers.size && !over);
    this.show(this.write, store.meta.writes && !over);
    this.show(this.storm.parentElement, !over);
    put(this.storm, "aria-checked", store.faults !== null);
    this.seed.disabled = store.faults !== null;
    if (store.faults !== null && this.seed.value !== String(store.faults)) this.seed.value = String(store.faults);
    put(this.more, "aria-expanded", !this.timings.element.hidden);
    this.timings.draw();
    this.show(this.copy, store.script.length > 0);
    put(this.split, "text", `Split off ${someNames([...store.picked].sort())}`);
    put(this.clock, "text", inSeconds(store.clock()));
    put(this.leader, "text", moment.led());
    put(this.leader, "data-leader", leader ? leader.name : "");
    put(this.leader, "title", moment.led());
    put(this.pace, "aria-valuetext", this.speed.textContent);
    const { state, text } = stateOf(store);
    put(this.state, "data-state", state);
    put(this.state, "text", text);
    put(this.state, "title", text);
    put(this.stable, "text", store.meta.note || stability(store.meta, store.live.wires));
    put(this.stable, "title", this.stable.textContent);
  }

  show(element, wanted) {
    if (element.hidden === wanted) element.hidden = !wanted;
  }

  close() {}
}

PARTS.controls = ControlsPart;
