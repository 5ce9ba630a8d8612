// The parts of a replay: the live ones, told to look only, and the deck with the tape that one scrubs.

// All of the run unless zoomed in; then the piece round the playhead.
class ReplayAxis extends Axis {
  constructor(store) {
    super(store);
    this.whole = Math.max(1e-3, store.time - store.history.start);
    this.span = this.whole;
  }

  fit(width) {
    const { store } = this;
    this.span = Math.min(this.span, this.whole);
    const first = store.history.start;
    this.start = clamp(store.head - this.span / 2, first, first + this.whole - this.span);
    this.end = this.start + this.span;
    this.now = store.time;
    this.left = LEFT;
    this.right = Math.max(LEFT + 40, width - (width < 480 ? 84 : 94));
    this.scale = (this.right - this.left) / this.span;
  }
}

class ReplayRing extends TopologyPart {
  marks = new Map(); // peer -> its element

  click() {}

  press() {}

  release() {}

  context() {}

  place(moment) {
    for (const [name, { x, y }] of this.ring.spots) {
      const peer = moment.peers.get(name);
      const mark = this.mark(name);
      const size = Math.max(14, this.ring.radius * 2 + 8);
      put(mark, "style", `left:${x.toFixed(1)}px;top:${y.toFixed(1)}px;width:${size}px;height:${size}px`);
      for (const fact of ["role", "term", "committed"]) put(mark, `data-${fact}`, peer[fact]);
      put(mark, "data-leader", peer.leader ?? "");
      put(mark, "aria-label", super.describe(peer).split(". ")[0]);
    }
  }

  mark(name) {
    let mark = this.marks.get(name);
    if (!mark) {
      mark = h("div", { class: "gk-peer", role: "img", "data-peer": name });
      mark.addEventListener("pointerenter", () => this.heat({ peer: name }));
      mark.addEventListener("pointerleave", () => this.heat(null));
      this.marks.set(name, mark);
      this.box.append(mark);
    }
    return mark;
  }

  says({ peer, bond, message }) {
    const moment = this.store.moment();
    if (peer) return super.describe(moment.peers.get(peer)).split(". ")[0];
    if (bond) return `bond ${bond.join(" – ")}: ${cutWays(moment, ...bond) ? "cut" : "up"}`;
    const fate = this.store.fates.get(message.number)?.fate;
    return `${message.src} → ${message.dst}: ${message.brief || message.kind}${fate ? ` (${fate})` : ""}`;
  }
}

// What is still to come is there, but pale.
class ReplayPlot extends CommitPlotPart {
  draw(theme) {
    super.draw(theme);
    drawFuture(this.surface, this.axis, theme, this.top, this.bottom);
  }
}

function drawFuture(surface, axis, theme, top, bottom) {
  const context = surface.canvas.getContext("2d");
  const x = clamp(axis.x(axis.store.head) + 1, axis.left, axis.right);
  context.fillStyle = theme.paper;
  context.globalAlpha = 0.5;
  context.fillRect(x, top, axis.right - x + 2, bottom - top);
  context.globalAlpha = 1;
}

// The term tape: who led, who was down, when links were cut; and the playhead.
class TapePart extends LeadershipPart {
  constructor(store, touched, axis) {
    super(store, touched, axis);
    put(this.box, "aria-label", "Time in the run: arrow keys step, Page keys jump to the next win, Home and End");
    this.element = this.box;
  }

  key() {} // the whole replay listens to the same keys

  draw(theme) {
    super.draw(theme);
    const { axis, surface, store } = this;
    const context = surface.canvas.getContext("2d");
    const bar = (start, end, colour, y, tall) => {
      const place = axis.clip(start, end);
      context.fillStyle = colour;
      if (place) context.fillRect(place[0], y, Math.max(2, place[1] - place[0]), tall);
    };
    for (const { start, end } of store.history.downs) bar(start, end, theme.red, surface.height - 4, 4);
    for (const { start, end } of store.history.cuts) {
      const place = axis.clip(start, end);
      if (place) hatch(context, place[0], 10, place[1] - place[0], surface.height - 13, theme.dark ? "rgba(0,0,0,.6)" : "rgba(0,0,0,.35)", 6);
    }
    drawFuture(surface, axis, theme, 0, surface.height);
    this.handle(context, theme, clamp(axis.x(store.head), axis.left, axis.right));
  }

  handle(context, theme, x) {
    const { height } = this.surface;
    context.fillStyle = theme.accent;
    context.fillRect(x - 1.5, 4, 3, height - 4);
    context.beginPath();
    context.arc(x, 7, 6, 0, TAU);
    context.fill();
    context.strokeStyle = theme.paper;
    context.lineWidth = 2;
    context.stroke();
  }
}

// Play, step, speed; where we are and who leads there.
class DeckPart {
  constructor(store, touched, axis) {
    Object.assign(this, { store, touched });
    this.tape = new TapePart(store, touched, axis);
    const button = (name, text, label, does) =>
      h("button", { type: "button", "data-do": name, title: label, "aria-label": label.replace(/ \(.*/, ""), onclick: does }, text);
    this.playing = button("play", "", "Play (space)", () => store.turn(!store.playing));
    this.clock = h("span", { class: "gk-clock" });
    this.leader = h("span", { class: "gk-leader" });
    this.speed = h("select", { "aria-label": "Speed", "data-do": "speed", onchange: () => store.faster(Number(this.speed.value) - store.speed) },
      ...SPEEDS.map((speed, place) => h("option", { value: place }, inPace(speed))));
    this.element = h("div", { class: "gk-deck" },
      h("div", { class: "gk-buttons", role: "toolbar", "aria-label": "Playing" },
        button("home", "⇤", "To the beginning (Home)", () => store.look(store.history.start)),
        button("back", "‹", "One step back (←)", () => store.step(-1)),
        this.playing,
        button("step", "›", "One step on (→)", () => store.step(1)),
        button("end", "⇥", "To the end (End)", () => store.look(store.time)),
        h("label", { class: "gk-pacer" }, "speed ", this.speed),
        this.clock, this.leader),
      this.tape.element);
  }

  draw(theme) {
    const { store } = this;
    put(this.playing, "text", store.playing ? "❚❚" : "▶");
    put(this.playing, "aria-label", store.playing ? "Pause" : "Play");
    if (this.speed.value !== String(store.speed)) this.speed.value = String(store.speed);
    put(this.clock, "text", `${exactly(store.head, store.pace)} of ${inSeconds(store.time)}`);
    put(this.leader, "text", store.moment().led());
    this.tape.draw(theme);
  }

  close() {
    this.tape.close();
  }
}

// Slow motion shows milliseconds.
function exactly(time, pace) {
  return `${time.toFixed(pace < 0.5 ? 3 : 2)} s`;
}
