// The ring once more as buttons, for keyboard, screen reader and test: peers, bonds, and messages on their way.

const MESSAGES_LISTED = 60;
const CATCHABLE = 0.25; // seconds of wall time: what crosses faster cannot be caught with a pointer

// Whether there is time to point at a message: always, while time stands still.
function catchable({ sent, arrival }, rate) {
  return !rate || (arrival - sent) / rate > CATCHABLE;
}

class RingButtons {
  constructor(part) {
    this.part = part;
    this.all = new Map(); // what it is for, as JSON -> button
  }

  place(moment, names) {
    const { ring } = this.part;
    for (const [name, spot] of ring.spots) this.peer(moment.peers.get(name), spot);
    if (names.length <= 12) {
      names.forEach((a, place) => names.slice(place + 1).forEach((b) => this.bond(moment, a, b)));
    }
    this.messages();
  }

  peer(peer, { x, y }) {
    const button = this.button({ peer: peer.name }, { class: "gk-peer", "data-peer": peer.name });
    const size = Math.max(14, this.part.ring.radius * 2 + 8);
    put(button, "style", `left:${x.toFixed(1)}px;top:${y.toFixed(1)}px;width:${size}px;height:${size}px`);
    put(button, "data-role", peer.role);
    put(button, "data-term", peer.term);
    put(button, "data-committed", peer.committed);
    put(button, "data-leader", peer.leader ?? "");
    put(button, "aria-label", this.part.describe(peer));
  }

  bond(moment, a, b) {
    const ways = cutWays(moment, a, b);
    const state = ways === 2 ? "cut" : ways === 1 ? "cut one way" : moment.bonded(a, b) ? "up" : "down";
    const [from, to] = [this.part.ring.spots.get(a), this.part.ring.spots.get(b)];
    const button = this.button({ bond: [a, b] }, { class: "gk-bond", "data-bond": `${a}-${b}` });
    const [x, y] = [from.x + (to.x - from.x) * 0.4, from.y + (to.y - from.y) * 0.4];
    const odd = isOdd(moment, a, b, this.part.store.meta.latency);
    put(button, "style", `left:${x.toFixed(1)}px;top:${y.toFixed(1)}px`);
    put(button, "data-state", state);
    put(button, "data-odd", odd);
    put(button, "aria-label", `bond of ${a} and ${b}: ${state}${odd ? ", not like the others" : ""}. Enter ${ways ? "heals" : "cuts"} it`);
  }

  // Those on their way, in the order of sending. They come and go: the focus does not fall off the page with one.
  messages() {
    const { part } = this;
    const caught = part.spots.filter(({ message }) => catchable(message, part.store.rate)).slice(0, MESSAGES_LISTED);
    const here = new Set();
    for (const { x, y, message } of caught) {
      const key = { message: message.number };
      const button = this.button(key, { class: "gk-message", "data-message": message.number, "data-src": message.src, "data-dst": message.dst });
      put(button, "style", `left:${x.toFixed(1)}px;top:${y.toFixed(1)}px`);
      put(button, "data-kind", message.kind);
      put(button, "aria-label", `${headOf(message)}, arrives at ${message.arrival.toFixed(4)} s. Enter opens its menu`);
      here.add(JSON.stringify(key));
    }
    for (const [key, button] of this.all) {
      if (!button.dataset.message || here.has(key)) continue;
      this.all.delete(key);
      const focused = button.getRootNode().activeElement === button;
      button.remove();
      if (focused) (this.part.box.querySelector(".gk-message") ?? this.part.box).focus({ preventScroll: true });
    }
  }

  button(target, attributes) {
    const key = JSON.stringify(target);
    let button = this.all.get(key);
    if (!button) {
      button = h("button", { type: "button", "aria-keyshortcuts": "M", ...attributes });
      this.all.set(key, button);
      const { part } = this;
      const now = () => (target.message === undefined ? target : part.spots.find((spot) => spot.message.number === target.message));
      // Messages lie close together where they set out: a pointer means the nearest one.
      const meant = (event) => (event.detail && target.message !== undefined ? part.find(event) : null) ?? now();
      button.addEventListener("click", (event) => part.click(meant(event), event, button));
      button.addEventListener("contextmenu", (event) => part.context(event, now(), button));
      button.addEventListener("keydown", (event) => {
        if (["m", "M", "ContextMenu"].includes(event.key)) part.context(event, now(), button);
      });
      for (const [on, hot] of [["pointerenter", true], ["focus", true], ["pointerleave", false], ["blur", false]]) {
        button.addEventListener(on, () => part.heat(hot ? now() : null));
      }
      part.box.append(button);
    }
    return button;
  }
}
