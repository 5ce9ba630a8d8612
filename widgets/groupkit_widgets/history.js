// What a plot over time draws: the stretches and steps of a run, gathered row by row. Times in virtual seconds.

class History {
  constructor() {
    this.start = 0; // from here on it is complete
    this.steps = new Map(); // peer -> [[time, committed index]]
    this.reigns = []; // {peer, term, start, end}: end is Infinity while it lasts, likewise below
    this.downs = []; // {peer, start, end}
    this.cuts = []; // {start, end}
    this.failed = []; // {peer, start, end}: an election without a winner
    this.reverted = []; // {peer, time, from, to}
    this.stalls = []; // {time, wall}
    this.violations = []; // {time, property}
    this.campaigns = new Map(); // peer -> {start, pre}
  }

  // The base: what held when the rows begin.
  begin(time, moment) {
    this.start = time;
    for (const peer of moment.peers.values()) {
      this.steps.set(peer.name, [[time, peer.committed]]);
      if (peer.role === "leader") this.reigns.push({ peer: peer.name, term: peer.term, start: time, end: Infinity });
      if (peer.role === "down") this.downs.push({ peer: peer.name, start: time, end: Infinity });
    }
    if ([...moment.wires.values()].some((wire) => wire.cut)) this.cuts.push({ start: time, end: Infinity });
  }

  // `moment` is how things stood just before the row.
  take(row, moment) {
    const [time, kind, name] = row;
    const peer = moment.peers.get(name);
    if (kind === "state" && peer) this.state(row);
    else if (kind === "committed") this.committed(time, peer, row[3]);
    else if (kind === "election") this.election(time, name, row[4]);
    else if (kind === "defeated") this.lose(time, name);
    else if (kind === "stall") this.stalls.push({ time, wall: row[3] });
    else if (kind === "violation") this.violations.push({ time, property: row[3] });
    else if (kind === "wires") this.wires(time, row[3]);
  }

  state([time, , name, role, term, leader]) {
    const reign = lastOf(this.reigns, name);
    if (reign && reign.end === Infinity && (role !== "leader" || term !== reign.term)) reign.end = time;
    if (role === "leader" && (!reign || reign.end !== Infinity)) {
      this.reigns.push({ peer: name, term, start: time, end: Infinity });
    }
    const down = lastOf(this.downs, name);
    if (role === "down" && (!down || down.end !== Infinity)) this.downs.push({ peer: name, start: time, end: Infinity });
    if (role !== "down" && down && down.end === Infinity) down.end = time;
    if (role === "leader" || role === "down" || leader !== null) this.campaigns.delete(name);
  }

  committed(time, peer, index) {
    const steps = this.steps.get(peer.name);
    const before = steps[steps.length - 1][1];
    if (index === before) return;
    if (index < before && peer.role !== "down") this.reverted.push({ peer: peer.name, time, from: before, to: index });
    if (steps[steps.length - 1][0] === time && steps.length > 1) steps[steps.length - 1] = [time, index];
    else steps.push([time, index]);
  }

  election(time, name, pre) {
    const open = this.campaigns.get(name);
    if (open && (pre || !open.pre)) this.lose(time, name);
    const start = open && this.campaigns.has(name) ? open.start : time; // a pre-vote that went well goes on as the vote
    this.campaigns.set(name, { start, pre });
  }

  lose(time, name) {
    const open = this.campaigns.get(name);
    if (open) this.failed.push({ peer: name, start: open.start, end: time });
    this.campaigns.delete(name);
  }

  wires(time, wires) {
    const last = this.cuts[this.cuts.length - 1];
    const cut = wires.some((wire) => wire[2]);
    if (cut && (!last || last.end !== Infinity)) this.cuts.push({ start: time, end: Infinity });
    if (!cut && last && last.end === Infinity) last.end = time;
  }

  // The elections without a winner, as stretches that do not overlap.
  get lost() {
    const found = [];
    for (const { start, end } of [...this.failed].sort((a, b) => a.start - b.start)) {
      const last = found[found.length - 1];
      if (last && start <= last.end) last.end = Math.max(last.end, end);
      else found.push({ start, end });
    }
    return found;
  }

  // Forget what ended before `time`.
  trim(time) {
    this.start = Math.max(this.start, time);
    for (const name of ["reigns", "downs", "cuts", "failed"]) this[name] = this[name].filter((band) => band.end >= time);
    this.reverted = this.reverted.filter((one) => one.time >= time);
    this.stalls = this.stalls.filter((one) => one.time >= time);
    this.violations = this.violations.filter((one) => one.time >= time);
    for (const [name, steps] of this.steps) {
      const place = after(steps, time) - 1;
      if (place > 0) this.steps.set(name, steps.slice(place));
    }
  }

  // The committed index of a peer at `time`.
  at(name, time) {
    const steps = this.steps.get(name) ?? [];
    return steps[after(steps, time) - 1]?.[1] ?? 0;
  }
}

function lastOf(bands, name) {
  for (let place = bands.length - 1; place >= 0; place--) if (bands[place].peer === name) return bands[place];
  return null;
}
