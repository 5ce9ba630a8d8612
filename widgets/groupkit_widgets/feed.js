// What happened and why, in sentences; the newest on top. A click on one looks back there.

const SENTENCES = 120;
const KINDS = { all: "everything", votes: "elections and votes", faults: "faults and violations", rest: "the rest" };
const KIND_OF = { vote: "votes", election: "votes", defeated: "votes", state: "votes", unseated: "votes", rivals: "votes", fault: "faults", violation: "faults" };

class FeedPart {
  constructor(store, touched) {
    Object.assign(this, { store, touched });
    this.peer = h("select", { "aria-label": "Which peer", onchange: () => this.filter() }, h("option", { value: "" }, "all peers"));
    this.kind = h("select", { "aria-label": "What kind", onchange: () => this.filter() },
      ...Object.entries(KINDS).map(([value, text]) => h("option", { value }, text)));
    this.list = h("ol", { class: "gk-sentences", role: "log", "aria-label": "What happened; arrow keys go through it, Enter looks there", tabindex: "0" });
    this.element = h("div", { class: "gk-panel gk-feed-panel" },
      h("div", { class: "gk-title" }, "What happened ", this.peer, this.kind), this.list);
    this.seen = null;
    this.list.addEventListener("click", (event) => this.look(event.target.closest("li")));
    this.list.addEventListener("keydown", (event) => this.key(event));
  }

  // Up and down go from sentence to sentence.
  key(event) {
    const item = event.target.closest("li");
    const next = { ArrowDown: item ? item.nextElementSibling : this.list.firstElementChild, ArrowUp: item?.previousElementSibling }[event.key];
    if (event.key === "Enter") this.look(item);
    else if (next) next.focus();
    else return;
    event.preventDefault();
  }

  look(item) {
    if (item) this.store.look(Number(item.dataset.time));
  }

  filter() {
    this.seen = null;
    this.touched();
  }

  draw(theme) {
    const { says, meta } = this.store;
    if (this.peer.options.length !== meta.peers.length + 1) {
      this.peer.replaceChildren(h("option", { value: "" }, "all peers"), ...meta.peers.map((name) => h("option", { value: name }, name)));
    }
    const newest = says[says.length - 1];
    if (this.seen === newest && this.dark === theme.dark) return;
    this.seen = newest;
    this.dark = theme.dark;
    const wanted = says.filter(({ 1: kind, 2: about }) =>
      (!this.peer.value || about.includes(this.peer.value)) && (this.kind.value === "all" || (KIND_OF[kind] ?? "rest") === this.kind.value));
    this.show(merged(wanted.slice(-SENTENCES * 2)).slice(-SENTENCES).reverse(), theme);
  }

  // Items that stay are kept and stay where they are: nothing flickers, a screen reader is not told twice, and what has
  // the focus keeps it, which it would lose if it were taken out for a moment.
  show(items, theme) {
    const old = new Map([...this.list.children].map((item) => [item.dataset.key, item]));
    const fresh = items.map((one) => {
      const key = `${one.time} ${one.text}`;
      const item = old.get(key) ?? this.item(one, key);
      put(item.children[0].firstChild, "style", `background:${one.kind === "fault" || one.kind === "violation" ? theme.red : one.term ? termColour(theme, one.term) : theme.faint}`);
      put(item.children[2], "text", one.count > 1 ? `×${one.count}` : "");
      return item;
    });
    const here = this.list.children;
    const kept = new Set(fresh);
    for (const item of [...here]) if (!kept.has(item)) item.remove();
    fresh.forEach((item, place) => here[place] === item || this.list.insertBefore(item, here[place] ?? null));
  }

  item({ time, text, kind }, key) {
    return h("li", { tabindex: "-1", "data-key": key, "data-time": time, "data-kind": kind },
      h("span", { class: "gk-when" }, h("i", { class: "gk-dot", "aria-hidden": "true" }), inSeconds(time)),
      h("span", { title: text }, text), h("b", {}));
  }

  close() {}
}

PARTS.feed = FeedPart;

// The same sentence again, with nothing else in between, is counted.
function merged(says) {
  const found = [];
  for (const [time, kind, , text, term] of says) {
    const last = found[found.length - 1];
    if (last && last.text === text) last.count += 1;
    else found.push({ time, kind, text, term, count: 1 });
  }
  return found;
}
