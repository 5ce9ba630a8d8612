// A moment: who is what, folded from the recorder's rows. Rows are [time, kind, peer, ...details].

const ENTRIES_KEPT = 200; // of each log: what a screen can show

class Moment {
  constructor(names) {
    this.peers = new Map(names.map((name) => [name, newPeer(name)]));
    this.wires = new Map(); // "a>b" -> {cut, latency, loss, duplicate, reorder}: the directions that are not plain
  }

  clone() {
    const copy = new Moment([]);
    for (const [name, peer] of this.peers) copy.peers.set(name, { ...peer, lost: new Set(peer.lost) });
    copy.wires = this.wires;
    return copy;
  }

  apply(row) {
    const peer = this.peers.get(row[2]);
    const fold = FOLD[row[1]];
    if (fold) fold(this, peer, row);
  }

  // The leader of the highest term that a majority of the live peers follows, as cluster.leader() has it.
  leader() {
    const live = [...this.peers.values()].filter((peer) => peer.role !== "down");
    const count = new Map();
    for (const { leader, term } of live) {
      if (leader !== null) count.set(`${term}>${leader}`, (count.get(`${term}>${leader}`) ?? 0) + 1);
    }
    let best = null;
    for (const peer of live) {
      const followers = count.get(`${peer.term}>${peer.name}`) ?? 0;
      if (peer.role === "leader" && followers * 2 > live.length && (!best || peer.term > best.term)) best = peer;
    }
    return best;
  }

  // Who leads, in a few words; whoever does so without a majority is named too.
  led() {
    const leader = this.leader();
    const others = [...this.peers.values()].filter((peer) => peer.role === "leader" && peer !== leader);
    const text = (leader ? [leader, ...others] : others).map(({ name, term }) => `${name} · term ${term}`).join(" and ");
    if (!text) return "no leader";
    return leader ? `♛ ${text}` : `♛ ${text}, without a majority`;
  }

  bonded(a, b) {
    return !this.peers.get(a).lost.has(b) && !this.peers.get(b).lost.has(a);
  }

  cut(src, dst) {
    return this.wires.get(`${src}>${dst}`)?.cut ?? null;
  }
}

function newPeer(name) {
  return {
    name, role: "follower", term: 0, leader: null, committed: 0, online: false, frozen: false,
    base: 0, entries: [], last: 0, // entries: [term, text] from index base + 1 on
    lost: new Set(), timer: null, ballot: null, progress: null,
  };
}

const FOLD = {
  state(moment, peer, [, , , role, term, leader]) {
    if (!peer) return;
    Object.assign(peer, { role, term, leader });
    if (role !== "candidate") peer.ballot = null;
    if (role !== "leader") peer.progress = null;
    if (role === "leader" || role === "down" || role === "observer") peer.timer = null;
    if (role === "down") peer.online = peer.frozen = false;
    if (role === "down") peer.committed = 0;
  },
  committed(moment, peer, row) {
    peer.committed = row[3];
  },
  online(moment, peer, row) {
    peer.online = row[3];
  },
  // start, how many entries are left out, the others, term (not shown) and index of the last
  log(moment, peer, [, , , start, skipped, entries, , last]) {
    const first = start + skipped;
    let kept = start > peer.base && !skipped ? peer.entries.slice(0, start - 1 - peer.base) : [];
    let base = kept.length ? peer.base : first - 1;
    kept = kept.concat(entries);
    if (kept.length > ENTRIES_KEPT) {
      base += kept.length - ENTRIES_KEPT;
      kept = kept.slice(-ENTRIES_KEPT);
    }
    Object.assign(peer, { base, entries: kept, last });
  },
  bond(moment, peer, [, , , other, up]) {
    if (!peer) return;
    if (up) peer.lost.delete(other);
    else peer.lost.add(other);
  },
  fault(moment, peer, [, , , verb]) {
    if (!peer) return;
    if (verb === "freeze") peer.frozen = true;
    if (verb === "thaw" || verb === "kill") peer.frozen = false;
  },
  timer(moment, peer, [, , , timer]) {
    peer.timer = timer;
  },
  ballot(moment, peer, [, , , ballot]) {
    peer.ballot = ballot;
  },
  progress(moment, peer, [, , , progress]) {
    peer.progress = progress;
  },
  wires(moment, peer, [, , , wires]) {
    moment.wires = new Map(
      wires.map(([src, dst, cut, latency = null, loss = 0, duplicate = 0, reorder = 0]) => [
        `${src}>${dst}`, { src, dst, cut, latency, loss, duplicate, reorder },
      ]),
    );
  },
};

// The text of a log's entry, or null where this picture does not hold it.
function entryOf(peer, index) {
  return index > peer.base && index <= peer.base + peer.entries.length ? peer.entries[index - peer.base - 1] : null;
}

// Whether every wire between the two is cut, one of them, or none: 2, 1, 0.
function cutWays(moment, a, b) {
  return (moment.cut(a, b) ? 1 : 0) + (moment.cut(b, a) ? 1 : 0);
}

// How a direction is tuned, as text that can be compared; `built` is the latency that all had at first.
function settingOf(wire, built) {
  return JSON.stringify(wire?.latency ? [wire.latency, wire.loss, wire.duplicate, wire.reorder] : [built, 0, 0, 0]);
}

const norms = new WeakMap(); // wires -> the setting that most directions have

function normOf(moment, built) {
  let norm = norms.get(moment.wires);
  if (!norm) {
    const plain = settingOf(null, built);
    const count = new Map([[plain, moment.peers.size * (moment.peers.size - 1) - moment.wires.size]]);
    for (const wire of moment.wires.values()) {
      const setting = settingOf(wire, built);
      count.set(setting, (count.get(setting) ?? 0) + 1);
    }
    norm = [...count].reduce((best, one) => (one[1] > best[1] ? one : best))[0];
    norms.set(moment.wires, norm);
  }
  return norm;
}

// The latency of most links now: [low, high].
const usualLatency = (moment, built) => JSON.parse(normOf(moment, built))[0];

// Whether a bond is not like the others, in either direction.
function isOdd(moment, a, b, built) {
  if (!moment.wires.size) return false;
  return [`${a}>${b}`, `${b}>${a}`].some((way) => settingOf(moment.wires.get(way), built) !== normOf(moment, built));
}

// The sides of a partition, each a list of names in order; one side only: there is none.
function sidesOf(moment) {
  const split = [...moment.wires.values()].filter((wire) => wire.cut === "partition");
  if (!split.length) return [[...moment.peers.keys()]];
  const apart = new Set(split.map((wire) => `${wire.src}>${wire.dst}`));
  const sides = [];
  for (const name of moment.peers.keys()) {
    const side = sides.find((names) => !apart.has(`${names[0]}>${name}`));
    if (side) side.push(name);
    else sides.push([name]);
  }
  return sides;
}
