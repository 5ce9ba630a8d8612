// What the kernel has told so far. One store for each widget, shared by its views; nothing is computed twice.
//
// From the kernel: {k: "full"} everything, {k: "delta"} what is new, {k: "done"} an action was carried out,
// {k: "error"} one was refused. To the kernel: {do: ...}, always as a message, never as a trait.

const AHEAD = 0.25; // seconds of wall time that the picture's clock runs on without word from the kernel
const BUSY = 900; // milliseconds without word while time should flow: the kernel is busy
const ROWS_KEPT = 20000;
const MESSAGES_KEPT = 4000;
const KEYFRAME = 250; // rows between two moments that are kept, for going back

// What comes all the time, in a kernel that is often held up too; anything else is to be seen at once.
const STEADY = new Set(["timer", "progress", "stall"]);

class Store {
  constructor(model) {
    this.model = model;
    this.page = Math.random().toString(36).slice(2); // tells this page from others that show the same widget
    this.meta = null;
    this.live = null; // the moment that the kernel told last
    this.time = 0; // its time
    this.shown = 0;
    this.heard = performance.now();
    this.pace = 1;
    this.paused = false;
    this.ended = "";
    this.version = 0; // goes up with everything that may change a picture
    this.at = null; // the time that is looked at, or null: now
    this.playing = 0; // how fast the past is played: virtual per wall seconds, 0: it stands still
    this.picked = new Set();
    this.waiting = new Map(); // actions on their way to the kernel: number -> when they left
    this.asked = new Map(); // number -> who waits for the answer
    this.script = []; // what was done by hand, as lines of Python
    this.hold = null; // what makes time wait, while it does
    this.faults = null; // the seed of the random faults that go on
    this.error = null; // {text, time}
    this.number = 0;
    this.acked = 0;
    this.forget();
    model.on("msg:custom", (message) => this.take(message));
    model.on("comm_live_update", () => this.lose());
  }

  forget() {
    this.rows = [];
    this.keys = []; // [place in rows, moment before that row]
    this.messages = []; // in order of sending
    this.furthest = 0; // the longest that a delayed message takes
    this.fates = new Map();
    this.says = [];
    this.history = new History();
    this.past = null;
    this.reach = new Reach(this);
  }

  // -- from the kernel -------------------------------------------------------------------------------------------

  take(message) {
    this.version += 1;
    if (message.k === "full") this.load(message);
    else if (message.k === "delta") this.add(message);
    else if (message.k === "done") this.done(message);
    else if (message.page === this.page) {
      this.waiting.delete(message.id);
      if (message.k === "error") this.error = { text: message.text, time: performance.now() };
      else this.asked.get(message.id)?.(message);
      if (message.last !== false) this.asked.delete(message.id);
    }
  }

  load(message) {
    this.forget();
    this.meta = message.meta;
    this.script = [...message.script];
    this.begin(message.base, message.since, message.wires);
    this.shown = 0;
    this.sequence = message.n;
    this.reach.kept = message.oldest;
    this.add(message);
  }

  // How things stood when the rows begin.
  begin(base, since, wires) {
    this.live = new Moment(this.meta.peers);
    for (const [name, facts] of Object.entries(base)) {
      Object.assign(this.live.peers.get(name), facts, { lost: new Set(facts.lost) });
    }
    this.live.apply([since, "wires", null, wires]);
    this.base = this.live.clone();
    this.history.begin(since, this.live);
  }

  add(message) {
    if (!this.live || (message.k === "delta" && message.n !== this.sequence + 1)) {
      this.send({ do: "open" }); // something was missed
      return;
    }
    this.sequence = message.n;
    for (const row of message.rows) this.row(row);
    this.urgent ||= message.rows.some(([, kind]) => !STEADY.has(kind));
    for (const one of message.msgs) this.messages.push(messageOf(one, this.meta.latency));
    for (const one of message.late) this.late(one);
    this.reach.mailSince = message.mail ?? this.reach.mailSince;
    for (const [number, fate, time] of message.fates) this.fates.set(number, { fate, time });
    this.says.push(...message.says);
    this.time = message.t;
    this.pace = message.pace < 0 ? Infinity : message.pace;
    this.paused = message.paused;
    this.ended = message.ended;
    this.faults = message.faults ?? null;
    this.heard = performance.now();
    this.hold?.told(message);
    this.trim();
    if (message.n - this.acked >= 40 || message.k === "full") {
      this.acked = message.n;
      this.send({ do: "ack", n: message.n });
    }
  }

  // A message was delayed at `time`: from the place that it had reached it goes on more slowly.
  late([number, time, before, after], messages = this.messages) {
    const message = messages.findLast((one) => one.number === number);
    if (!message) return;
    message.bends = [...message.bends, [time, partOf({ ...message, arrival: before }, time)]];
    message.arrival = after;
    this.furthest = Math.max(this.furthest, after - message.sent);
  }

  row(row) {
    if (this.rows.length % KEYFRAME === 0) this.keys.push([this.rows.length, this.live.clone()]);
    this.history.take(row, this.live);
    this.live.apply(row);
    this.rows.push(row);
  }

  // Rows from before those that are here: how things stood before them, and they themselves. They tell of the whole
  // first instant that is here, so what is here of it gives way. The present stays as it is.
  prepend({ base, wires, since, until }, rows) {
    const { live } = this;
    const all = [...rows, ...this.rows.filter((row) => row[0] > until)];
    this.rows = [];
    this.keys = [];
    this.history = new History();
    this.begin(base, since, wires);
    for (const row of all) this.row(row);
    this.live = live;
    this.past = null;
    this.version += 1;
  }

  trim() {
    if (this.rows.length > ROWS_KEPT && this.at === null) {
      const key = this.keys.find(([place]) => place >= this.rows.length - ROWS_KEPT * 0.75);
      this.rows = this.rows.slice(key[0]);
      this.keys = this.keys.filter(([place]) => place >= key[0]).map(([place, moment]) => [place - key[0], moment]);
      this.history.trim(this.rows[0][0]);
      this.past = null;
    }
    if (this.messages.length > MESSAGES_KEPT) {
      for (const gone of this.messages.splice(0, MESSAGES_KEPT / 4)) this.fates.delete(gone.number);
      this.reach.mailSince = Math.max(this.reach.mailSince, this.messages[0].sent);
    }
    if (this.says.length > 600) this.says.splice(0, 200);
  }

  // What one page does is in the script of all.
  done({ id, line, page }) {
    if (page === this.page) this.waiting.delete(id);
    if (line) this.script.push(line);
  }

  // -- to the kernel ---------------------------------------------------------------------------------------------

  send(content) {
    try {
      this.model?.send({ page: this.page, ...content });
    } catch {
      this.lose();
    }
  }

  // The kernel was restarted or shut down, and the group went with it: the picture stays as it was.
  lose() {
    this.model = null;
    this.ended ||= "its kernel is gone, run the cell again";
    this.version += 1;
  }

  act(content) {
    const id = ++this.number;
    this.waiting.set(id, performance.now());
    this.version += 1;
    this.error = null;
    this.send({ ...content, id });
  }

  // A question that changes nothing; `then` is called with the answer.
  ask(content, then) {
    this.act(content);
    this.asked.set(this.number, then);
  }

  verb(name, ...args) {
    this.act({ do: "verb", verb: name, args });
  }

  // -- time ------------------------------------------------------------------------------------------------------

  get flowing() {
    return !this.paused && !this.ended && this.pace !== Infinity && this.live !== null;
  }

  // How long nothing was heard, in milliseconds.
  get silence() {
    return performance.now() - this.heard;
  }

  get busy() {
    const oldest = Math.min(...this.waiting.values());
    return (this.flowing && this.silence > BUSY) || performance.now() - oldest > BUSY;
  }

  // The time of the live group, as well as it is known here.
  now() {
    if (!this.flowing) return (this.shown = this.time);
    const ahead = (Math.min(this.silence, AHEAD * 1000) / 1000) * this.pace;
    if (this.shown - this.time > AHEAD * this.pace * 2) this.shown = this.time;
    this.shown = Math.max(this.shown, this.time + ahead);
    return this.shown;
  }

  // The time that is looked at.
  clock() {
    return this.at ?? this.now();
  }

  // The moment that is looked at.
  moment() {
    if (this.at === null) return this.live;
    const moment = this.momentAt(this.at);
    this.reach.count(moment, this.at);
    return moment;
  }

  // How fast the time that is looked at moves, in virtual per wall seconds.
  get rate() {
    if (this.at !== null) return this.playing;
    return this.flowing ? this.pace : 0;
  }

  // The first moment that can be looked at.
  get oldest() {
    return Math.min(this.reach.kept, this.history.start);
  }

  look(time) {
    this.at = time === null ? null : clamp(time, this.history.start, this.time);
    this.reach.wanted = null;
    if (time !== null && time < this.history.start && this.oldest < this.history.start) this.reach.ask(Math.max(time, this.oldest));
    if (this.at === null) this.playing = 0;
    this.version += 1;
  }

  // The past goes on by so many seconds of wall time.
  play(seconds) {
    if (!this.playing || this.at === null) return;
    this.at += Math.min(seconds, 0.25) * this.playing;
    this.version += 1;
    if (this.at < this.time) return;
    this.playing = 0;
    this.look(null);
  }

  momentAt(time) {
    const place = after(this.rows, time);
    if (this.past && this.past.place === place && this.past.rows === this.rows) return this.past.moment;
    const key = this.keys[after(this.keys, place) - 1];
    const moment = key ? key[1].clone() : this.base.clone();
    for (let next = key ? key[0] : 0; next < place; next++) moment.apply(this.rows[next]);
    this.past = { place, rows: this.rows, moment };
    return moment;
  }

  // The messages that are on their way at `time`, or were `wake` seconds before.
  flying(time, wake) {
    return flyingOf(this.at === null ? this.messages : this.reach.messagesAt(time), time, wake, this.longest);
  }

  get longest() {
    let longest = Math.max(this.meta.latency[1] * 4, this.furthest);
    for (const wire of this.live.wires.values()) if (wire.latency) longest = Math.max(longest, wire.latency[1] * 4);
    return longest;
  }
}
