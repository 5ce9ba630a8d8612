// What can be done to a peer, a bond and a message, and what the pointer is on.

function peerItems(part, name) {
  const { store } = part;
  const peer = store.live.peers.get(name);
  const verb = (text, ...call) => [text, () => store.verb(...call)];
  const pick = [store.picked.has(name) ? "Unpick" : "Pick, to split off", () => part.pick(name)];
  if (peer.role === "down") {
    return [verb("Restart", "restart", name), verb("Restart with an empty disk", "restart", name, true), null, pick];
  }
  return [
    verb("Kill", "kill", name),
    peer.frozen ? verb("Thaw", "thaw", name) : verb("Freeze", "freeze", name),
    verb("Let its timer run out now", "timeout_now", name),
    null,
    verb("Isolate", "isolate", name),
    pick,
    ["Write a command here", () => store.act({ do: "write", peer: name })],
  ];
}

function bondItems(store, a, b) {
  const { live, meta } = store;
  const verb = (text, ...call) => [text, () => store.verb(...call)];
  const usual = usualLatency(live, meta.latency);
  const both = (name, value) => () => store.act({ do: "tune", a, b, name, value, latency: usual });
  return [
    cutWays(live, a, b) ? verb("Heal", "heal", a, b) : verb("Cut", "cut", a, b),
    verb(`Cut only from ${a} to ${b}`, "cut", a, b, true),
    verb(`Cut only from ${b} to ${a}`, "cut", b, a, true),
    null,
    ["Slow it: 10 times the latency", both("latency", usual.map((one) => one * 10))],
    ["Lose half of it", both("loss", 0.5)],
    ...(isOdd(live, a, b, meta.latency) ? [["As fast and sure as the others", both("plain", null)]] : []),
  ];
}

// "append from a to b, term 2"
function headOf({ kind, src, dst, term }) {
  return `${kind.replace("_", " ")} from ${src} to ${dst}, term ${term}`;
}

// What may befall a message, where it can befall it still.
function messageItems(store, message) {
  const fate = store.fates.get(message.number)?.fate ?? "duplicate";
  if (store.at !== null || store.ended || fate !== "duplicate" || message.arrival <= store.time) return [["Close", () => {}]];
  const { number } = message;
  const { election_timeout: patience, election_timeout_jitter: jitter } = store.meta.config;
  const little = Number((usualLatency(store.live, store.meta.latency)[1] * 4).toPrecision(1));
  const long = Number((patience + jitter).toPrecision(3));
  const verb = (text, ...call) => [text, () => store.verb(...call)];
  return [
    verb("Drop it", "drop_message", number),
    verb(`Delay it by ${inTime(little)}`, "delay_message", number, little),
    verb(`Delay it by ${inTime(long)}, past any timeout`, "delay_message", number, long),
    null,
    verb("Send it twice", "duplicate_message", number),
    verb(`Send a copy ${inTime(long)} later`, "duplicate_message", number, long),
  ];
}

// A message's menu. Time waits while it is open: nobody chooses as fast as messages travel.
function openMessage(part, message, at, opener) {
  const { store, menu } = part;
  const flowing = store.flowing && store.at === null;
  const flight = `sent ${message.sent.toFixed(4)} s, arrives ${message.arrival.toFixed(4)} s`;
  const head = [`${headOf(message)} (message ${message.number})`, flight];
  let hold = null;
  menu.open([...head, message.brief].filter(Boolean).join("\n"), ...at, messageItems(store, message), opener, () => hold?.end());
  if (store.at === null && !store.ended && store.pace !== Infinity) hold = new Hold(store, () => menu.close(false));
  const opened = menu.element;
  const notes = store.at !== null ? ["looking back: what has been cannot be changed"] : flowing ? ["time waits while this is open"] : [];
  store.ask({ do: "tell", number: message.number }, ({ lines }) => {
    if (menu.element === opened) menu.tell([...head, ...lines, ...notes].join("\n"));
  });
}

// The peer, message or bond that is nearest to a point, if any is near enough.
function nearest(ring, spots, moment, x, y) {
  for (const [name, spot] of ring.spots) if (Math.hypot(spot.x - x, spot.y - y) < ring.radius + 5) return { peer: name };
  let best = null;
  let least = 14;
  for (const spot of spots) {
    const far = Math.hypot(spot.x - x, spot.y - y);
    if (far < least) [least, best] = [far, spot];
  }
  if (best) return best;
  least = 6;
  const names = [...ring.spots.keys()].sort();
  names.forEach((a, place) => {
    for (const b of names.slice(place + 1)) {
      if (!moment.bonded(a, b) && !cutWays(moment, a, b)) continue;
      const far = distance(ring.spots.get(a), ring.spots.get(b), x, y);
      if (far < least) [least, best] = [far, { bond: [a, b] }];
    }
  });
  return best;
}

function distance(from, to, x, y) {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const part = clamp(((x - from.x) * dx + (y - from.y) * dy) / (dx * dx + dy * dy || 1), 0, 1);
  return Math.hypot(from.x + dx * part - x, from.y + dy * part - y);
}

function encloses(polygon, x, y) {
  let inside = false;
  polygon.forEach(([ax, ay], place) => {
    const [bx, by] = polygon.at(place - 1);
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  });
  return inside;
}
