// What can be done to a peer and to a bond, and what the pointer is on.

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
  const { live } = store;
  const verb = (text, ...call) => [text, () => store.verb(...call)];
  const odd = [`${a}>${b}`, `${b}>${a}`].some((key) => {
    const wire = live.wires.get(key);
    return wire?.latency;
  });
  const both = (name, value) => () => store.act({ do: "tune", a, b, name, value });
  return [
    cutWays(live, a, b) ? verb("Heal", "heal", a, b) : verb("Cut", "cut", a, b),
    verb(`Cut only from ${a} to ${b}`, "cut", a, b, true),
    verb(`Cut only from ${b} to ${a}`, "cut", b, a, true),
    null,
    ["Slow it: 10 times the latency", both("latency", store.meta.latency.map((one) => one * 10))],
    ["Lose half of it", both("loss", 0.5)],
    ...(odd ? [["As fast and sure as before", both("plain", null)]] : []),
  ];
}

// The peer, message or bond that is nearest to a point, if any is near enough.
function nearest(ring, spots, moment, x, y) {
  for (const [name, spot] of ring.spots) if (Math.hypot(spot.x - x, spot.y - y) < ring.radius + 5) return { peer: name };
  for (const { x: mx, y: my, message } of spots) if (Math.hypot(mx - x, my - y) < 9) return { message };
  let best = null;
  let least = 6;
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
