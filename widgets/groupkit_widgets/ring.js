// The ring of peers: where everybody stands, and how peers, bonds and walls are drawn. All lengths in CSS pixels.

// Where the peers stand. The sides of a partition stand apart, each in the order of its names.
function ringOf(width, height, names, sides) {
  const count = names.length;
  const order = contiguous(names, sides) ? rotated(names, sides) : sides.flat();
  const gap = sides.length > 1 ? Math.min(0.8, 2.4 / count) : 0; // of one peer's place, between two sides
  const places = count + gap * (sides.length > 1 ? sides.length : 0);
  const big = count <= 12;
  const margin = big ? 54 : count <= 40 ? 42 : 22; // room for a name behind the pips of a candidate
  const room = count <= 7 ? width * 0.44 : count <= 12 ? width * 0.26 : 64; // for a name
  const cx = width / 2;
  const cy = height / 2 + (big ? 4 : 0);
  const rx = Math.max(40, Math.min(width / 2 - margin - 10, (height / 2 - margin) * 1.25));
  const ry = Math.max(40, Math.min(height / 2 - margin, rx * 1.25));
  const near = count > 1 ? Math.min(rx, ry) * Math.sin(Math.PI / places) * 2 : 60;
  const radius = clamp(near * 0.3, 3, 23);
  const spots = new Map();
  const walls = [];
  let place = 0;
  order.forEach((name, number) => {
    const angle = (place / places) * TAU - Math.PI / 2;
    const far = count > 1 ? 1 : 0; // who is alone stands in the middle
    spots.set(name, { angle, x: cx + far * rx * Math.cos(angle), y: cy + far * ry * Math.sin(angle) });
    const next = order[(number + 1) % count];
    place += 1;
    if (sides.length > 1 && sideOf(sides, name) !== sideOf(sides, next)) {
      walls.push(((place - 0.5 + gap / 2) / places) * TAU - Math.PI / 2);
      place += gap;
    }
  });
  return { cx, cy, rx, ry, radius, spots, walls, big, room, width, height };
}

const sideOf = (sides, name) => sides.findIndex((side) => side.includes(name));

function contiguous(names, sides) {
  if (sides.length < 2) return true;
  const changes = names.filter((name, i) => sideOf(sides, name) !== sideOf(sides, names[(i + 1) % names.length]));
  return changes.length === sides.length;
}

// With several sides the order stays, yet begins where a side begins.
function rotated(names, sides) {
  if (sides.length < 2) return names;
  const first = names.findIndex((name, i) => sideOf(sides, name) !== sideOf(sides, names.at(i - 1)));
  return [...names.slice(first), ...names.slice(0, first)];
}

function drawWalls(context, ring, theme) {
  if (ring.walls.length < 2) return;
  context.save();
  context.lineCap = "round";
  context.strokeStyle = theme.red;
  for (const [width, alpha] of [[14, 0.16], [3, 0.5]]) {
    context.lineWidth = width;
    context.globalAlpha = alpha;
    context.beginPath();
    const ends = ring.walls.map((angle) => [
      ring.cx + (ring.rx + 26) * Math.cos(angle), ring.cy + (ring.ry + 26) * Math.sin(angle),
    ]);
    if (ends.length === 2) {
      // Straight across where it can; in any case it passes between the two neighbours at either end.
      const inwards = ([x, y]) => [x + (ring.cx - x) * 0.75, y + (ring.cy - y) * 0.75];
      context.moveTo(...ends[0]);
      context.bezierCurveTo(...inwards(ends[0]), ...inwards(ends[1]), ...ends[1]);
    } else {
      for (const end of ends) {
        context.moveTo(ring.cx, ring.cy);
        context.lineTo(...end);
      }
    }
    context.stroke();
  }
  context.restore();
}

// A bond: a hairline, dashed where it is not like the others; cut: a gap in the middle; cut one way: half faded, with an arrowhead where messages still go.
function drawBond(context, ring, theme, moment, a, b, look) {
  const [from, to] = [ring.spots.get(a), ring.spots.get(b)];
  const ways = cutWays(moment, a, b);
  const up = moment.bonded(a, b);
  if (!ways && !up) return;
  const split = ways && moment.cut(a, b) === "partition";
  context.strokeStyle = look.hot ? theme.accent : ways ? theme.red : theme.faint;
  context.lineWidth = look.hot ? 2.5 : ways && !split ? 1.4 : 1;
  context.globalAlpha = look.hot ? 1 : split ? look.alpha * 0.5 : ways ? Math.max(look.alpha, 0.75) * (up ? 1 : 0.6) : look.alpha;
  context.setLineDash(look.odd && !ways ? [6, 4] : []);
  context.beginPath();
  const at = (part) => [from.x + (to.x - from.x) * part, from.y + (to.y - from.y) * part];
  if (ways === 2) {
    context.moveTo(...at(0));
    context.lineTo(...at(0.42));
    context.moveTo(...at(0.58));
    context.lineTo(...at(1));
    context.stroke();
    if (!split) for (const part of [0.42, 0.58]) drawTick(context, at(part), Math.atan2(to.y - from.y, to.x - from.x));
  } else if (ways === 1) {
    const open = moment.cut(a, b) ? [1, 0] : [0, 1]; // where messages still go: from open[0] to open[1]
    context.moveTo(...at(open[0]));
    context.lineTo(...at(0.5));
    context.stroke();
    context.globalAlpha *= 0.3;
    context.beginPath();
    context.moveTo(...at(0.5));
    context.lineTo(...at(open[1]));
    context.stroke();
    context.globalAlpha = Math.max(look.alpha, 0.75);
    const turn = Math.atan2(at(open[1])[1] - at(open[0])[1], at(open[1])[0] - at(open[0])[0]);
    drawArrow(context, at(0.5), turn, 7, context.strokeStyle);
  } else {
    context.moveTo(...at(0));
    context.lineTo(...at(1));
    context.stroke();
  }
  context.setLineDash([]);
  context.globalAlpha = 1;
}

function drawTick(context, [x, y], turn) {
  context.beginPath();
  context.moveTo(x - 4 * Math.sin(turn), y + 4 * Math.cos(turn));
  context.lineTo(x + 4 * Math.sin(turn), y - 4 * Math.cos(turn));
  context.stroke();
}

function drawArrow(context, [x, y], turn, size, colour) {
  context.save();
  context.translate(x, y);
  context.rotate(turn);
  context.fillStyle = colour;
  context.beginPath();
  context.moveTo(size, 0);
  context.lineTo(-size * 0.7, size * 0.7);
  context.lineTo(-size * 0.7, -size * 0.7);
  context.fill();
  context.restore();
}
