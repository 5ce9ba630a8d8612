// The ring: who leads, whose timer runs out, what is on its way. A click breaks it, another one mends it.

class TopologyPart {
  constructor(store, touched) {
    this.store = store;
    this.touched = touched;
    this.box = h("div", { class: "gk-ring", role: "group", "aria-label": "The peers of the group and their bonds" });
    this.surface = new Surface(this.box, "gk-ring-canvas", touched);
    this.hint = h("div", { class: "gk-hint", "aria-hidden": "true" });
    this.box.append(this.hint);
    this.menu = new Menu(this.box);
    this.buttons = new Map(); // "a" a peer, "a-b" a bond -> its button
    this.hot = null; // {peer} or {bond: [a, b]} or {message}
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
    const alpha = names.length > 40 ? 0.06 : names.length > 12 ? 0.14 : 0.55;
    names.forEach((a, place) => {
      for (const b of names.slice(place + 1)) {
        const hot = this.hot?.bond && this.hot.bond[0] === a && this.hot.bond[1] === b;
        drawBond(context, this.ring, theme, moment, a, b, { alpha, hot });
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

  // -- buttons: the same picture for keyboard, screen reader and test ------------------------------------------------

  place(moment, names) {
    for (const [name, { x, y }] of this.ring.spots) {
      const peer = moment.peers.get(name);
      const button = this.button({ peer: name }, { class: "gk-peer", "data-peer": name });
      const size = Math.max(14, this.ring.radius * 2 + 8);
      put(button, "style", `left:${x.toFixed(1)}px;top:${y.toFixed(1)}px;width:${size}px;height:${size}px`);
      put(button, "data-role", peer.role);
      put(button, "data-term", peer.term);
      put(button, "data-committed", peer.committed);
      put(button, "data-leader", peer.leader ?? "");
      put(button, "aria-label", this.describe(peer));
    }
    if (names.length > 12) return;
    names.forEach((a, place) => {
      for (const b of names.slice(place + 1)) {
        const ways = cutWays(moment, a, b);
        const state = ways === 2 ? "cut" : ways === 1 ? "cut one way" : moment.bonded(a, b) ? "up" : "down";
        const [from, to] = [this.ring.spots.get(a), this.ring.spots.get(b)];
        const button = this.button({ bond: [a, b] }, { class: "gk-bond", "data-bond": `${a}-${b}` });
        const [x, y] = [from.x + (to.x - from.x) * 0.4, from.y + (to.y - from.y) * 0.4];
        put(button, "style", `left:${x.toFixed(1)}px;top:${y.toFixed(1)}px`);
        put(button, "data-state", state);
        put(button, "aria-label", `bond of ${a} and ${b}: ${state}. Enter ${ways ? "heals" : "cuts"} it`);
      }
    });
  }

  describe(peer) {
    if (peer.role === "down") return `${peer.name}: down. Enter restarts it, M opens its menu`;
    const follows = peer.role === "follower" ? (peer.leader ? ` of ${peer.leader}` : " without a leader") : "";
    const frozen = peer.frozen ? ", frozen" : "";
    return `${peer.name}: ${peer.role}${follows}, term ${peer.term}, committed ${peer.committed}${frozen}. Enter kills it, M opens its menu`;
  }

  button(target, attributes) {
    const key = JSON.stringify(target);
    let button = this.buttons.get(key);
    if (!button) {
      button = h("button", { type: "button", "aria-keyshortcuts": "M", ...attributes });
      this.buttons.set(key, button);
      button.addEventListener("click", (event) => this.click(target, event));
      button.addEventListener("contextmenu", (event) => this.context(event, target, button));
      button.addEventListener("keydown", (event) => {
        if (["m", "M", "ContextMenu"].includes(event.key)) this.context(event, target, button);
      });
      for (const [on, heat] of [["pointerenter", target], ["focus", target], ["pointerleave", null], ["blur", null]]) {
        button.addEventListener(on, () => this.heat(heat));
      }
      this.box.append(button);
    }
    return button;
  }

  // -- gestures ----------------------------------------------------------------------------------------------------

  click(target, event) {
    if (target.peer && event.shiftKey) this.pick(target.peer);
    else if (target.peer) this.store.verb(this.store.live.peers.get(target.peer).role === "down" ? "restart" : "kill", target.peer);
    else if (target.bond) this.store.verb(cutWays(this.store.live, ...target.bond) ? "heal" : "cut", ...target.bond);
  }

  context(event, target = this.find(event), opener = null) {
    if (!target || target.message) return;
    event.preventDefault();
    event.stopPropagation();
    const box = this.box.getBoundingClientRect();
    const at = event.clientX ? [event.clientX - box.left, event.clientY - box.top] : this.middle(target);
    const items = target.peer ? peerItems(this, target.peer) : bondItems(this.store, ...target.bond);
    const title = target.peer ? this.describe(this.store.live.peers.get(target.peer)).split(". ")[0] : `bond ${target.bond.join(" – ")}`;
    this.menu.open(title, ...at, items, opener);
  }

  middle({ peer, bond }) {
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
      if (event.button === 0 && target && !target.message) this.click(target, event);
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
    return nearest(this.ring, this.spots, this.store.moment(), ...this.point(event));
  }

  heat(target) {
    if (JSON.stringify(target?.message?.number ?? target) === JSON.stringify(this.hot?.message?.number ?? this.hot)) return;
    this.hot = target;
    this.canvas.style.cursor = target ? "pointer" : "default";
    this.touched();
  }

  says({ peer, bond, message }) {
    if (message) return `${message.src} → ${message.dst}: ${message.brief || message.kind}`;
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
