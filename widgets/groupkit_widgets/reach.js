// How far back a page can look: it holds the newest, and asks the kernel for what came before when somebody looks there.

class Reach {
  constructor(store) {
    this.store = store;
    this.kept = Infinity; // how far back the recorder remembers
    this.wanted = null; // the time somebody looks at that is not here yet
    this.pieces = [];
    this.asking = false;
    this.mail = null; // {low, high, messages}: those of a stretch of the past
    this.mailSince = 0; // from here on the store's own messages are complete
    this.asked = null; // the time that messages were asked for, until they are here
    this.ballots = null; // {low, high, rows}: what candidates heard in a stretch of the past
    this.counting = false; // whether they were asked for
  }

  // Older rows, up to the first one that is here.
  ask(time) {
    const { store } = this;
    this.wanted = time;
    if (this.asking) return;
    this.asking = true;
    this.pieces = [];
    const until = store.rows.length ? store.rows[0][0] : store.history.start;
    store.ask({ do: "past", time, until }, (piece) => this.take(piece));
  }

  take(piece) {
    const { store } = this;
    if (store.reach !== this) return; // all of it was told afresh meanwhile
    this.pieces.push(piece);
    if (!piece.last) return;
    this.asking = false;
    store.prepend(this.pieces[0], this.pieces.flatMap(({ rows }) => rows));
    const { wanted } = this;
    this.wanted = null;
    if (store.at !== null && wanted !== null) store.look(wanted);
  }

  // The messages about a time of the past.
  messagesAt(time) {
    const { store, mail } = this;
    if (time >= this.mailSince + store.longest) return store.messages;
    if (mail && time >= mail.low && time < mail.high) return mail.messages;
    if (this.asked === null) {
      this.asked = time;
      store.ask({ do: "mail", time }, (answer) => this.open(answer));
    }
    return mail?.messages ?? [];
  }

  open({ from, to, msgs, fates, late }) {
    const { store, asked } = this;
    if (store.reach !== this) return;
    for (const { number } of this.mail?.messages ?? []) if (number < (store.messages[0]?.number ?? 0)) store.fates.delete(number);
    const messages = msgs.map((one) => messageOf(one, store.meta.latency));
    for (const one of late) store.late(one, messages);
    for (const [number, fate, time] of fates) store.fates.set(number, { fate, time });
    const low = from ? Math.min(asked, from + store.longest) : 0;
    this.mail = { low, high: Math.max(to ?? Infinity, asked + 1e-9), messages };
    this.asked = null;
    store.version += 1;
  }

  // What the candidates of a moment of the past had heard by then; asked for only where somebody stands for election.
  count(moment, time) {
    const { ballots, store } = this;
    const inside = ballots && time >= ballots.low && time <= ballots.high;
    const place = inside ? after(ballots.rows, time) : 0;
    const unknown = [];
    for (const peer of moment.peers.values()) {
      if (peer.role !== "candidate") continue;
      const row = inside && ballots.rows.findLast((one, at) => at < place && one[2] === peer.name);
      if (row) moment.apply(row);
      else unknown.push(peer.name);
    }
    if (!unknown.length || this.counting) return;
    this.counting = true;
    store.ask({ do: "ballots", time, peers: unknown }, (answer) => this.counted(answer));
  }

  counted({ from, to, rows }) {
    if (this.store.reach !== this) return;
    this.counting = false;
    this.ballots = { low: from, high: to, rows };
    this.store.version += 1;
  }
}
