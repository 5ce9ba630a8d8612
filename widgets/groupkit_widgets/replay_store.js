// A run that is over: the same store as a live one, filled at once from what was recorded, with a playhead of its own.

const SPEEDS = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50];
const WATCH = 40; // seconds of wall time that a whole run should take at first
const MICRO = 1e-6;

class ReplayStore extends Store {
  constructor(data) {
    super({ on() {} });
    const run = unpack(data);
    Object.assign(this, { meta: run.meta, messages: run.messages, fates: run.fates, told: run.says, time: run.end });
    this.head = run.start;
    this.playing = false;
    this.live = new Moment(run.meta.peers);
    for (const peer of this.live.peers.values()) peer.lost = new Set(run.meta.peers.filter((name) => name !== peer.name));
    this.base = this.live.clone();
    this.history.begin(run.start, this.live);
    for (const row of run.rows) this.row(row);
    for (const one of run.late) this.late(one);
    this.furthest = run.messages.reduce((most, one) => Math.max(most, one.arrival - one.sent), 0);
    const beats = [run.start, ...run.rows.filter(([, kind]) => kind !== "timer").map((row) => row[0]), ...run.says.map((one) => one[0]), run.end];
    this.beats = [...new Set(beats)].sort((a, b) => a - b);
    this.speed = Math.max(0, SPEEDS.findLastIndex((speed) => speed * WATCH <= run.end - run.start));
    this.pace = SPEEDS[this.speed];
  }

  // While it plays the pictures show "now", which is where the playhead is; at rest they look back.
  get at() {
    return this.playing ? null : this.head;
  }

  set at(time) {}

  get says() {
    return this.told.slice(0, after(this.told, this.head));
  }

  set says(list) {}

  get longest() {
    return this.furthest;
  }

  get flowing() {
    return this.playing;
  }

  get rate() {
    return this.playing ? this.pace : 0;
  }

  get over() {
    return this.head >= this.time;
  }

  now() {
    return this.time;
  }

  clock() {
    return this.head;
  }

  moment() {
    return this.momentAt(this.head);
  }

  look(time) {
    this.head = clamp(time ?? this.time, this.history.start, this.time);
    this.version += 1;
  }

  send() {}

  act() {}

  turn(wanted) {
    if (wanted && this.over) this.look(this.history.start);
    this.playing = wanted;
    this.version += 1;
  }

  faster(steps) {
    this.speed = clamp(this.speed + steps, 0, SPEEDS.length - 1);
    this.pace = SPEEDS[this.speed];
    this.version += 1;
  }

  // To the next moment, or the one before, at which something happened.
  step(way) {
    this.playing = false;
    const place = way > 0 ? after(this.beats, this.head, (time) => time) : this.beats.findLastIndex((time) => time < this.head);
    this.look(this.beats[clamp(place, 0, this.beats.length - 1)]);
  }

  flying(time, wake) {
    return flyingOf(this.messages, time, wake, this.longest);
  }
}

// The run as it was before it was packed (see groupkit/record/tape.py). Times in virtual seconds.
function unpack(data) {
  const { names, entries, what, messages: sent } = data;
  const clocked = (list, pick = (item) => item) => {
    let time = data.start;
    return list.map((item) => (time += pick(item)) * MICRO);
  };
  const first = (item) => item[0];
  const times = clocked(data.rows, first);
  const rows = data.rows.map(([, kind, peer, ...details], place) => {
    if (kind === "log") details[2] = details[2].map((entry) => entries[entry]);
    if (kind === "timer") details = [[null, times[place] + details[0] * MICRO, details[1] * MICRO]];
    return [times[place], kind, names[peer] ?? null, ...details];
  });
  const left = clocked(sent.sent);
  const messages = left.map((time, place) => {
    const arrival = sent.took[place] === null ? null : time + sent.took[place] * MICRO;
    const one = [place, time, arrival, names[sent.src[place]], names[sent.dst[place]], ...what[sent.what[place]]];
    return messageOf(one, data.meta.latency);
  });
  const fates = new Map();
  for (const [fate, places] of Object.entries(data.fates)) for (const place of places) fates.set(place, { fate });
  for (const [place, time] of data.dropped) fates.set(place, { fate: "dropped", time: time * MICRO });
  const late = data.late.map(([place, ...times]) => [place, ...times.map((time) => time * MICRO)]);
  const told = clocked(data.says, first);
  const says = data.says.map(([, kind, about, text, term], place) => [told[place], kind, about.map((name) => names[name]), text, term]);
  return { meta: data.meta, start: data.start * MICRO, end: data.end * MICRO, rows, messages, fates, late, says };
}
