// What the commit plot says in words: who is down, what fell back, who is where.

// Who is down, above its bar; where there is room for it, and nothing else is told already.
function tellDowns(part, context, theme) {
  const taken = [];
  part.store.history.downs.forEach(({ peer, start, end }, number) => {
    const place = part.axis.clip(start, end);
    if (!place) return;
    context.font = `600 11px ${theme.font}`;
    const text = [`${peer} down`, peer].find((one) => context.measureText(one).width + 8 < place[1] - place[0]);
    const y = part.bottom - 12 - (number % 5) * 4;
    const right = text ? place[0] + context.measureText(text).width + 6 : 0;
    if (!text || taken.some((box) => place[0] < box.right && box.left < right && Math.abs(box.y - y) < 13)) return;
    taken.push({ left: place[0], right, y });
    haloed(context, theme, text, place[0] + 4, y, theme.red);
  });
}

// What only a bonded quorum allows: a committed index that goes back.
function tellFalls(part, context, theme) {
  for (const { names, time, from, to } of fallsTogether(part.store.history.reverted, 6 / part.axis.scale)) {
    if (time < part.axis.start) continue;
    const x = part.axis.x(time);
    context.strokeStyle = theme.red;
    context.lineWidth = 3;
    context.beginPath();
    context.moveTo(x, part.y(from));
    context.lineTo(x, part.y(to));
    context.stroke();
    drawArrow(context, [x, part.y(to) - 4], Math.PI / 2, 6, theme.red);
    const text = `${someNames(names, 5)}: ${from} → ${to}`;
    context.font = `600 11px ${theme.font}`;
    const wide = context.measureText(text).width;
    const left = x + 7 + wide < part.axis.right ? x + 7 : Math.max(part.axis.left, x - 7 - wide);
    haloed(context, theme, text, left, (part.y(from) + part.y(to)) / 2, theme.red);
  }
}

// At the end of the lines: who is there.
function tellNames(part, context, theme) {
  const { store, axis } = part;
  const moment = store.live;
  const groups = new Map();
  for (const peer of moment.peers.values()) {
    const index = store.history.at(peer.name, axis.now);
    const key = `${index}/${peer.role === "down"}`;
    if (!groups.has(key)) groups.set(key, { index, down: peer.role === "down", names: [] });
    groups.get(key).names.push(peer.name);
  }
  const rows = [...groups.values()].sort((a, b) => b.index - a.index || a.down - b.down);
  let free = part.top - 20;
  const x = Math.min(axis.x(axis.now) + 7, axis.right + 7);
  for (const { index, down, names } of rows) {
    free = Math.max(free + 13, part.y(index));
    if (free > part.bottom + 6) break;
    context.font = `600 11px ${theme.font}`;
    const rest = down ? " ×" : "";
    const told = [`${index} ${someNames(names, 5).replaceAll(", ", " ")}${rest}`, `${index} ${plural(names.length, "peer")}${rest}`, `${index}${rest}`];
    const room = part.surface.width - x - 2;
    haloed(context, theme, told.find((one) => context.measureText(one).width <= room) ?? told.at(-1), x, free, down ? theme.red : theme.ink);
  }
}

// Text over lines, readable: a rim of paper round it.
function haloed(context, theme, text, x, y, colour) {
  label(context, text, x, y, `600 11px ${theme.font}`, colour, "left", theme.paper);
}

// Several peers that fall alike, at about the same time, are told together.
function fallsTogether(reverted, near) {
  const found = [];
  for (const { peer, time, from, to } of reverted) {
    const like = found.find((one) => one.from === from && one.to === to && time - one.time < near);
    if (like) like.names.push(peer);
    else found.push({ names: [peer], time, from, to });
  }
  return found;
}
