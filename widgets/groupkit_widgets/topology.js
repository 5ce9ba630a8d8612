// The ring: who leads, whose timer runs out, what is on its way. A click breaks it, another one mends it.

class TopologyPart {
  constructor(store, touched) {
    this.store = store;
    this.touched = touched;
    this.box = h("div", { class: "gk-ring", role: "group", tabindex: "-1", "aria-label": "The peers of the group, their bonds and messages" });
    this.surface = new Surface(this.box, "gk-ring-canvas", touched);
    this.hint = h("div", { class: "gk-hint", "aria-hidden": "true" });
    this.box.append(this.hint);
    this.menu = new Menu(this.box);
    this.buttons = new RingButtons(this);
    this.hot = null; // {peer} or {bond: [a, b]} or {message, x, y}
    this.spots = []; // where messages were drawn
    this.lasso = null;
    this.calm = quiet();
    this.element = this.box;
    this.canvas = this.surface.canvas;
    this.canvas.addEventListener("pointermove", (event) => this.hover(event));
    this.canvas.addEventListener("pointerleave", () => this.heat(null));
    this.canvas.addEventListener("pointerdown", (event) => this.press(event));
    this.canvas.addEventListener("pointerup", (event) => this.release(event));
    this.canvas.addEventListener("contextmenu", (event) => this.context(event));
  }

  // -- drawing -----------------------------------------------------------------------------------------------------

  draw(theme) {
    const { store } = this;
    const context = this.surface.begin();
    const moment = store.moment();
    const time = store.clock();
    const names = [...moment.peers.keys()];
    const ring = ringOf(this.surface.width, this.surface.height, names, sidesOf(moment));
    this.ring = this.calm ? ring : this.glide(ring);
    drawWalls(context, this.ring, theme);
    this.drawBonds(context, theme, moment, names);
    this.spots = drawMessages(context, this.ring, theme, store, time, this.calm);
    for (const peer of moment.peers.values()) {
      drawPeer(context, this.ring, theme, peer, time, { hot: this.hot?.peer === peer.name, picked: store.picked.has(peer.name) });
    }
    const voters = store.meta.voters.length ? store.meta.voters : names;
    for (const peer of moment.peers.values()) {
      if (peer.ballot && this.ring.radius > 4) drawPips(context, this.ring, theme, peer, voters, this.asked(peer, time));
    }
    if (this.lasso) this.drawLasso(context, theme);
    this.drawHot(context, theme);
    this.place(moment, names);
    this.tell(moment);
  }

  // Peers walk to their new places instead of jumping there.
  glide(ring) {
    this.gliding = false;
    for (const [name, spot] of ring.spots) {
      const before = this.ring?.spots.get(name);
      if (!before || this.ring.cx !== ring.cx || this.ring.cy !== ring.cy) continue;
      const [dx, dy] = [spot.x - before.x, spot.y - before.y];
      if (Math.hypot(dx, dy) < 1) continue;
      this.gliding = true;
      spot.x = before.x + dx * 0.35;
      spot.y = before.y + dy * 0.35;
    }
    if (this.gliding) this.touched();
    return ring;
  }

  drawBonds(context, theme, moment, names) {
    const alpha = names.length > 40 ? 0.025 : names.length > 12 ? 0.14 : 0.55;
    names.forEach((a, place) => {
      for (const b of names.slice(place + 1)) {
        const hot = this.hot?.bond && this.hot.bond[0] === a && this.hot.bond[1] === b;
        const odd = isOdd(moment, a, b, this.store.meta.latency);
        drawBond(context, this.ring, theme, moment, a, b, { alpha, hot, odd });
      }
    });
  }

  // Whom a candidate's question is on its way to, or whose answer is on its way back.
  asked(peer, time) {
    const found = new Set();
    for (const { src, dst, kind, arrival } of this.store.flying(time, 0)) {
      if (time > arrival) continue;
      if (src === peer.name && (kind === "vote" || kind === "prevote")) found.add(dst);
      if (dst === peer.name && kind === "vote_reply") found.add(src);
    }
    return found;
  }

  drawHot(context, theme) {
    const spot = this.spots.find(({ message }) => message.number === this.hot?.message?.number);
    if (!spot) return;
    context.strokeStyle = theme.accent;
    context.lineWidth = 2;
    context.beginPath();
    context.arc(spot.x, spot.y, 10, 0, TAU);
    context.stroke();
  }

  drawLasso(context, theme) {
    context.beginPath();
    for (const point of this.lasso) context.lineTo(...point);
    context.closePath();
    context.globalAlpha = 0.12;
    context.fillStyle = theme.red;
    context.fill();
    context.globalAlpha = 1;
    context.strokeStyle = theme.red;
    context.setLineDash([5, 4]);
    context.stroke();
    context.setLineDash([]);
  }

  place(moment, names) {
    this.buttons.place(moment, names);
  }

  describe(peer) {
    if (peer.role === "down") return `${peer.name}: down. Enter restarts it, M opens its menu`;
    const follows = peer.role === "follower" ? (peer.leader ? ` of ${peer.leader}` : " without a leader") : "";
    const frozen = peer.frozen ? ", frozen" : "";
    const votes = heard(peer);
    return `${peer.name}: ${peer.role}${follows}${votes && ` (${votes})`}, term ${peer.term}, committed ${peer.committed}${frozen}. Enter kills it, M opens its menu`;
  }

  // -- gestures ----------------------------------------------------------------------------------------------------

  click(target, event, opener = null) {
    if (!target) return;
    if (target.message) this.context(event, target, opener);
    else if (target.peer && event.shiftKey) this.pick(target.peer);
    else if (target.peer) this.store.verb(this.store.live.peers.get(target.peer).role === "down" ? "restart" : "kill", target.peer);
    else if (target.bond) this.store.verb(cutWays(this.store.live, ...target.bond) ? "heal" : "cut", ...target.bond);
  }

  context(event, target = this.find(event), opener = null) {
    if (!target) return;
    event.preventDefault();
    event.stopPropagation();
    const box = this.box.getBoundingClientRect();
    const at = event.clientX ? [event.clientX - box.left, event.clientY - box.top] : this.middle(target);
    if (target.message) return openMessage(this, target.message, at, opener);
    const items = target.peer ? peerItems(this, target.peer) : bondItems(this.store, ...target.bond);
    const title = target.peer ? this.describe(this.store.live.peers.get(target.peer)).split(". ")[0] : `bond ${target.bond.join(" – ")}`;
    this.menu.open(title, ...at, items, opener);
  }

  middle({ peer, bond, message, x, y }) {
    if (message) return [x + 8, y + 8];
    const [a, b] = (bond ?? [peer, peer]).map((name) => this.ring.spots.get(name));
    return [(a.x + b.x) / 2 + 8, (a.y + b.y) / 2 + 8];
  }

  pick(name) {
    const { picked } = this.store;
    if (!picked.delete(name)) picked.add(name);
    this.store.version += 1;
  }

  // A press that moves is a lasso, one that does not is a click.
  press(event) {
    if (event.button !== 0) return;
    this.canvas.setPointerCapture(event.pointerId);
    this.lasso = [this.point(event)];
  }

  release(event) {
    const lasso = this.lasso ?? [];
    this.lasso = null;
    this.touched();
    const [x, y] = this.point(event);
    if (lasso.every(([px, py]) => Math.hypot(px - x, py - y) < 6)) {
      const target = this.find(event);
      if (event.button === 0) this.click(target, event);
      return;
    }
    const inside = [...this.ring.spots].filter(([, spot]) => encloses(lasso, spot.x, spot.y)).map(([name]) => name);
    if (inside.length && inside.length < this.ring.spots.size) this.store.verb("partition", inside);
  }

  hover(event) {
    if (this.lasso) {
      this.lasso.push(this.point(event));
      this.touched();
    } else this.heat(this.find(event));
  }

  point(event) {
    const box = this.box.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  find(event) {
    if (!this.ring) return null;
    const caught = this.spots.filter(({ message }) => catchable(message, this.store.rate));
    return nearest(this.ring, caught, this.store.moment(), ...this.point(event));
  }

  heat(target) {
    if (JSON.stringify(target?.message?.number ?? target) === JSON.stringify(this.hot?.message?.number ?? this.hot)) return;
    this.hot = target;
    this.canvas.style.cursor = target ? "pointer" : "default";
    this.touched();
  }

  says({ peer, bond, message }) {
    if (message) return `${message.src} → ${message.dst}: ${message.brief || message.kind} · click: read, drop, delay, copy`;
    if (bond) return `bond ${bond.join(" – ")}: click to ${cutWays(this.store.live, ...bond) ? "heal" : "cut"} · right click: more`;
    return `${peer}: click to ${this.store.live.peers.get(peer)?.role === "down" ? "restart" : "kill"} · right click: more`;
  }

  tell(moment) {
    const leader = moment.leader();
    put(this.hint, "text", this.hot ? this.says(this.hot) : "");
    put(this.box, "data-leader", leader ? leader.name : "");
    put(this.box, "data-sides", sidesOf(moment).map((side) => side.join(" ")).join(" | "));
  }

  close() {
    this.menu.close(false);
    this.surface.close();
  }
}

PARTS.topology = TopologyPart;

// A candidate's ballot in words: "votes of a, b; refused by c".
function heard({ ballot }) {
  if (!ballot) return "";
  const [pre, granted, refused] = ballot;
  const noes = refused.length ? `; refused by ${someNames(refused)}` : "";
  return `${pre ? "pre-votes" : "votes"} of ${someNames(granted)}${noes}`;
}
