// The logs under each other, index below index: solid what is committed, dashed what is not, dotted what is missing.

const FLASH = 700; // milliseconds

class LogsPart {
  constructor(store, touched) {
    Object.assign(this, { store, touched });
    this.values = false;
    this.back = 0; // indexes scrolled back
    this.committed = new Map();
    this.flashes = new Map(); // peer -> [{from, to, time}]
    this.calm = quiet();
    this.tip = h("div", { class: "gk-tip", role: "status" });
    this.toggle = h("button", { type: "button", class: "gk-small", "aria-pressed": "false", title: "Show commands instead of terms", onclick: () => this.flip() }, "values");
    this.box = h("div", { class: "gk-logs", role: "img", tabindex: "0", "aria-label": "Logs" });
    this.surface = new Surface(this.box, "gk-logs-canvas", touched);
    this.box.append(this.tip);
    this.element = h("div", { class: "gk-panel gk-logs-panel" }, h("div", { class: "gk-title" }, "Logs ", this.toggle), this.box);
    this.box.addEventListener("pointermove", (event) => this.hover(event));
    this.box.addEventListener("pointerleave", () => this.hover(null));
    this.box.addEventListener("keydown", (event) => this.key(event));
  }

  flip() {
    this.values = !this.values;
    put(this.toggle, "aria-pressed", this.values);
    this.touched();
  }

  key(event) {
    const step = { ArrowLeft: 1, ArrowRight: -1, PageUp: 10, PageDown: -10 }[event.key];
    if (!step) return;
    this.back = Math.max(0, this.back + step);
    this.touched();
    event.preventDefault();
  }

  hover(event) {
    const box = this.box.getBoundingClientRect();
    this.pointer = event ? [event.clientX - box.left, event.clientY - box.top] : null;
    this.touched();
  }

  draw(theme) {
    const moment = this.store.moment();
    const peers = [...moment.peers.values()];
    const row = peers.length <= 9 ? 24 : peers.length <= 26 ? 13 : peers.length <= 50 ? 7 : 4;
    put(this.box, "style", `height:${peers.length * row + 20}px`);
    const context = this.surface.begin();
    const left = Math.min(24 + Math.max(...peers.map((peer) => peer.name.length)) * 8, Math.max(60, this.surface.width * 0.3));
    const cell = this.values ? 92 : row >= 13 ? 27 : 10;
    const room = Math.max(1, Math.floor((this.surface.width - left - 4) / cell));
    const last = Math.max(0, ...peers.map((peer) => peer.last));
    const end = Math.max(room, last + 1 - this.back);
    const first = end - room + 1;
    this.grid = { left, cell, row, first, peers };
    this.heads(context, theme, first, end, left, cell);
    const leader = moment.leader();
    peers.forEach((peer, place) => {
      this.flash(peer);
      this.peerRow(context, theme, peer, 18 + place * row, row, { left, cell, first, end, last });
      const progress = leader?.progress?.[peer.name];
      if (progress && row >= 20) this.marks(context, theme, progress, 18 + place * row, row, { left, cell, first, end });
    });
    if (!last) label(context, "nothing in any log yet", left + 14, 18 + (peers.length * row) / 2, `12px ${theme.font}`, theme.faint, "left");
    this.tooltip();
    const say = peers.map((peer) => `${peer.name}: ${plural(peer.last, "entry").replace("entrys", "entries")}, ${peer.committed} committed`);
    put(this.box, "aria-label", `Logs. ${say.slice(0, 12).join("; ")}. Arrow keys scroll`);
    put(this.box, "data-last", peers.map((peer) => `${peer.name}:${peer.last}`).join(" "));
  }

  heads(context, theme, first, end, left, cell) {
    const every = cell >= 27 && end < 1000 ? 1 : 5; // longer numbers would touch
    for (let index = first; index <= end; index++) {
      if (index % every === 0) label(context, String(index), left + (index - first + 0.5) * cell, 8, `10px ${theme.font}`, theme.faint);
    }
  }

  peerRow(context, theme, peer, y, row, { left, cell, first, end, last }) {
    const down = peer.role === "down";
    if (row >= 8) {
      context.font = `600 ${Math.min(13, row - 2)}px ${theme.font}`;
      const crown = peer.role === "leader" ? "♛ " : "";
      const name = shortened(context, peer.name, left - 12 - context.measureText(crown).width);
      label(context, `${crown}${name}`, left - 8, y + row / 2, context.font, down ? theme.faint : theme.ink, "right");
    }
    const tall = row - (row >= 20 ? 5 : 1);
    for (let index = first; index <= end; index++) {
      const x = left + (index - first) * cell;
      const entry = entryOf(peer, index);
      if (entry) this.entry(context, theme, peer, index, entry, x, y, cell, tall);
      else if (index <= last) this.ghost(context, theme, x, y, cell, tall, index <= peer.last);
    }
  }

  entry(context, theme, peer, index, [term, text], x, y, cell, tall) {
    const committed = index <= peer.committed;
    const down = peer.role === "down";
    const inset = tall > 6 ? 1.5 : 0.5;
    context.globalAlpha = down ? 0.4 : 1;
    context.fillStyle = termColour(theme, term);
    context.fillRect(x + 1.5, y + inset, cell - 3, tall - 2 * inset);
    const glow = this.glow(peer, index);
    if (glow > 0) {
      context.globalAlpha = glow * 0.8;
      context.fillStyle = "#fff";
      context.fillRect(x + 1.5, y + 1.5, cell - 3, tall - 3);
      context.globalAlpha = 1;
    }
    context.strokeStyle = theme.ink;
    context.lineWidth = committed ? (tall > 14 ? 1.8 : 1.2) : 1;
    context.setLineDash(committed ? [] : [3, 2.5]);
    if (cell > 12) context.strokeRect(x + 1.5, y + 1.5, cell - 3, tall - 3);
    else if (!committed) context.clearRect(x + 3.5, y, cell - 7, tall); // hollow: not committed
    context.setLineDash([]);
    const shown = this.values ? (text.length > 13 ? `${text.slice(0, 12)}…` : text) : String(term);
    context.globalAlpha = down ? 0.75 : 1;
    if (tall >= 12 && cell > 12) label(context, shown, x + cell / 2, y + tall / 2 + 0.5, `${Math.min(12, tall - 3)}px ${theme.font}`, down ? theme.ink : theme.onTerm);
    context.globalAlpha = 1;
  }

  // Missing, or too old for this picture to hold (then a plain line).
  ghost(context, theme, x, y, cell, tall, held) {
    context.strokeStyle = theme.faint;
    context.globalAlpha = 0.5;
    context.lineWidth = 1;
    context.setLineDash(held ? [] : [1.5, 3]);
    if (cell > 12 || (held && tall > 6)) context.strokeRect(x + 2, y + 2, cell - 4, tall - 4);
    context.setLineDash([]);
    context.globalAlpha = 1;
  }

  // Of the leader: up to where a follower is known to agree, and what it will be sent next.
  marks(context, theme, [next, match], y, row, { left, cell, first, end }) {
    context.fillStyle = theme.accent;
    if (match >= first && match <= end) context.fillRect(left + (match - first + 1) * cell - 3, y + row - 4, 3, 3);
    if (next >= first && next <= end) drawArrow(context, [left + (next - first) * cell + 4, y + row - 3], -Math.PI / 2, 3.5, theme.accent);
  }

  flash(peer) {
    const before = this.committed.get(peer.name) ?? peer.committed;
    if (peer.committed > before && this.store.at === null && !this.calm) {
      this.flashes.set(peer.name, { from: before, to: peer.committed, time: performance.now() });
    }
    this.committed.set(peer.name, peer.committed);
  }

  glow(peer, index) {
    const flash = this.flashes.get(peer.name);
    if (!flash || index <= flash.from || index > flash.to) return 0;
    const left = 1 - (performance.now() - flash.time) / FLASH;
    if (left > 0) this.touched();
    return Math.max(0, left);
  }

  tooltip() {
    const { left, cell, row, first, peers } = this.grid;
    const [x, y] = this.pointer ?? [-1, -1];
    const peer = peers[Math.floor((y - 18) / row)];
    const index = first + Math.floor((x - left) / cell);
    const entry = peer && x >= left && index > 0 ? entryOf(peer, index) : null;
    put(this.tip, "data-open", entry ? "yes" : "no");
    if (!entry) return;
    const state = index <= peer.committed ? "committed" : "not committed as far as it knows";
    put(this.tip, "text", `${peer.name}, index ${index}, term ${entry[0]}: ${entry[1]} (${state})`);
    put(this.tip, "style", `${x > this.surface.width / 2 ? `right:${this.surface.width - x + 8}px` : `left:${x + 8}px`};top:${y + 14}px`);
  }

  close() {
    this.surface.close();
  }
}

PARTS.logs = LogsPart;
