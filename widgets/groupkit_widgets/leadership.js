// Who led when: one band a reign. It is also the scrubber: a click or an arrow key looks back.

class LeadershipPart {
  constructor(store, touched, axis) {
    Object.assign(this, { store, touched, axis });
    this.box = h("div", {
      class: "gk-reigns", role: "slider", tabindex: "0", "aria-label": "Leadership over time; arrow keys look back",
      "aria-valuemin": "0",
    });
    this.surface = new Surface(this.box, "gk-reigns-canvas", touched);
    this.element = h("div", { class: "gk-panel gk-reigns-panel" }, h("div", { class: "gk-title" }, "Leadership"), this.box);
    scrubbing(this.surface.canvas, axis, store);
    this.box.addEventListener("keydown", (event) => this.key(event));
  }

  key(event) {
    const { store, axis } = this;
    const step = axis.span / 50;
    const time = store.clock();
    if (event.key === "ArrowLeft") store.look(time - step);
    else if (event.key === "ArrowRight") store.look(time + step >= store.now() ? null : time + step);
    else if (event.key === "Escape" || event.key === "End") store.look(null);
    else if (event.key === "Home") store.look(store.oldest);
    else return;
    event.preventDefault();
  }

  draw(theme) {
    const { axis, surface, store } = this;
    const context = surface.begin();
    axis.fit(surface.width);
    const { height } = surface;
    const top = 10;
    const bottom = height - 3;
    const until = axis.x(Math.min(axis.now, axis.end));
    const since = axis.x(Math.max(axis.start, store.history.start));
    context.save();
    context.beginPath();
    context.rect(axis.left, 0, axis.right - axis.left + 1, height);
    context.clip();
    context.globalAlpha = 0.5;
    hatch(context, since, top, Math.max(0, until - since), bottom - top, theme.line, 6);
    context.globalAlpha = 1;
    const lanes = lanesOf(store.history.reigns, axis);
    const tall = (bottom - top) / lanes.count;
    for (const [reign, lane] of lanes.of) this.band(context, theme, reign, top + lane * tall, tall);
    for (const { start, end } of store.history.lost) {
      const place = axis.clip(start, end);
      if (!place) continue;
      context.fillStyle = theme.amber;
      context.fillRect(place[0], bottom - 4, Math.max(2, place[1] - place[0]), 4);
    }
    for (const { time } of store.history.stalls) {
      if (time < axis.start) continue;
      context.fillStyle = theme.faint;
      context.fillRect(axis.x(time) - 1, bottom - 6, 2, 6);
    }
    for (const [{ start }, lane] of lanes.of) {
      if (start < axis.start) continue;
      context.fillStyle = theme.gold;
      context.fillRect(axis.x(start) - 0.75, top + lane * tall, 1.5, tall - 1);
      if (!lane) drawCrown(context, theme, axis.x(start), top, 5);
    }
    for (const { time } of store.history.violations) if (time >= axis.start) drawViolation(context, theme, axis.x(time), height, axis.left);
    drawCursor(context, axis, theme, height);
    context.restore();
    this.tell();
  }

  band(context, theme, { peer, term, start, end }, y, tall) {
    const place = this.axis.clip(start, end);
    if (!place) return;
    const width = Math.max(1.5, place[1] - place[0]);
    context.fillStyle = theme.paper;
    context.fillRect(place[0], y, width, tall - 1);
    context.fillStyle = termColour(theme, term);
    context.fillRect(place[0], y, width, tall - 1);
    context.font = `600 ${Math.min(12, tall - 2)}px ${theme.font}`;
    const told = [`${peer} leads term ${term}`, `${peer} · ${term}`, `term ${term}`, String(term)];
    const text = told.find((one) => context.measureText(one).width + 12 < width);
    if (text && tall >= 10) label(context, text, place[0] + 7, y + tall / 2, context.font, theme.onTerm, "left");
  }

  tell() {
    const { store } = this;
    const leader = store.moment().leader();
    const last = store.history.reigns.slice(-20);
    put(this.box, "data-reigns", last.map(({ peer, term }) => `${peer}:${term}`).join(" "));
    put(this.box, "data-violations", store.history.violations.map(({ time, property }) => `${property}:${time.toFixed(3)}`).join(" "));
    put(this.box, "aria-valuemax", store.time.toFixed(1));
    put(this.box, "aria-valuenow", store.clock().toFixed(1));
    put(this.box, "aria-valuetext", `${inSeconds(store.clock())}: ${leader ? `${leader.name} leads term ${leader.term}` : "no leader"}`);
  }

  close() {
    this.surface.close();
  }
}

PARTS.leadership = LeadershipPart;

// A safety property fell: a red line with a "!" at its foot.
function drawViolation(context, theme, x, height, left) {
  context.fillStyle = theme.red;
  context.fillRect(x - 1, 0, 2, height);
  const middle = Math.max(x, left + 7); // whole, also where time begins
  context.beginPath();
  context.arc(middle, height - 8, 7, 0, TAU);
  context.fill();
  label(context, "!", middle, height - 8, `700 11px ${theme.font}`, theme.paper, "center");
}

// Reigns that overlap (both sides of a split network, say) get lanes of their own.
function lanesOf(reigns, axis) {
  const shown = reigns.filter(({ start, end }) => axis.clip(start, end));
  const free = [];
  const of = shown.map((reign) => {
    let lane = free.findIndex((end) => end <= reign.start);
    if (lane < 0) lane = free.push(0) - 1;
    free[lane] = reign.end;
    return [reign, lane];
  });
  return { of, count: Math.max(1, free.length) };
}
