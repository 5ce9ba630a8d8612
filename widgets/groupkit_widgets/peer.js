// One peer of the ring. Shape says role, colour says term; the number of the term is always written too.

function drawPeer(context, ring, theme, peer, time, look) {
  const { x, y, angle } = ring.spots.get(peer.name);
  const r = ring.radius;
  const down = peer.role === "down";
  const colour = down ? theme.down : termColour(theme, peer.term);
  context.lineWidth = 1.5;
  context.setLineDash([]);
  if (look.hot || look.picked) {
    shape(context, peer, x, y, r + 9);
    context.globalAlpha = 0.25;
    context.fillStyle = theme.accent;
    context.fill();
    context.globalAlpha = 1;
  }
  shape(context, peer, x, y, r);
  context.fillStyle = theme.paper;
  context.fill();
  context.globalAlpha = down ? 0.45 : 1;
  context.fillStyle = colour;
  context.fill();
  context.globalAlpha = 1;
  outline(context, theme, peer, x, y, r);
  if (peer.timer && !down) drawTimer(context, theme, peer, x, y, r, time);
  if (peer.role === "leader") drawCrown(context, theme, x, y - r - 3, clamp(r * 0.75, 5, 13));
  if (down) {
    context.globalAlpha = 0.75;
    drawCross(context, x, y, r * 0.8, theme.red);
    context.globalAlpha = 1;
  }
  if (r >= 5.5) label(context, String(peer.term), x, y + 0.5, `600 ${clamp(r * 0.85, 8, 17)}px ${theme.font}`, down || peer.term < 1 ? theme.ink : theme.onTerm);
  if (peer.frozen) drawPause(context, theme, x + r * 0.8, y - r * 0.8, Math.max(6, r * 0.42));
  if (ring.big || r >= 5 || look.hot || peer.role === "leader") drawName(context, ring, theme, peer, x, y, angle);
}

function shape(context, peer, x, y, r) {
  context.beginPath();
  if (peer.role === "observer") context.roundRect(x - r * 0.9, y - r * 0.9, r * 1.8, r * 1.8, r * 0.2);
  else context.arc(x, y, r, 0, TAU);
}

function outline(context, theme, peer, x, y, r) {
  shape(context, peer, x, y, r);
  context.strokeStyle = theme.dark ? "rgba(255,255,255,.35)" : "rgba(0,0,0,.35)";
  context.lineWidth = 1;
  if (peer.role === "leader") {
    context.strokeStyle = theme.gold;
    context.lineWidth = clamp(r * 0.2, 2, 4.5);
  } else if (peer.role === "candidate") {
    context.strokeStyle = theme.ink;
    context.lineWidth = 2;
    context.setLineDash([Math.max(3, r * 0.28), Math.max(2, r * 0.2)]);
  } else if (peer.role === "down") {
    context.strokeStyle = theme.faint;
  }
  context.stroke();
  context.setLineDash([]);
}

// Full at 12 o'clock, running out clockwise, scaled to the longest possible wait.
function drawTimer(context, theme, peer, x, y, r, time) {
  const [, due, longest] = peer.timer;
  const left = clamp((due - time) / longest, 0, 1);
  const radius = r + clamp(r * 0.24, 2, 5.5);
  context.lineWidth = clamp(r * 0.14, 1, 3);
  context.strokeStyle = theme.faint;
  context.globalAlpha = 0.22;
  context.beginPath();
  context.arc(x, y, radius, 0, TAU);
  context.stroke();
  context.globalAlpha = 1;
  context.strokeStyle = left < 0.2 ? theme.amber : theme.faint;
  context.beginPath();
  context.arc(x, y, radius, -Math.PI / 2 + (1 - left) * TAU, -Math.PI / 2 + TAU);
  context.stroke();
}

function drawCrown(context, theme, x, y, size) {
  context.beginPath();
  context.moveTo(x - size, y);
  context.lineTo(x - size * 1.1, y - size * 0.95);
  context.lineTo(x - size * 0.45, y - size * 0.42);
  context.lineTo(x, y - size * 1.15);
  context.lineTo(x + size * 0.45, y - size * 0.42);
  context.lineTo(x + size * 1.1, y - size * 0.95);
  context.lineTo(x + size, y);
  context.closePath();
  context.fillStyle = theme.gold;
  context.fill();
  context.lineWidth = 0.8;
  context.strokeStyle = theme.dark ? "#5c4a00" : "#7a5c00";
  context.stroke();
}

function drawCross(context, x, y, size, colour) {
  context.strokeStyle = colour;
  context.lineWidth = Math.max(1.5, size * 0.18);
  context.lineCap = "round";
  context.beginPath();
  context.moveTo(x - size, y - size);
  context.lineTo(x + size, y + size);
  context.moveTo(x + size, y - size);
  context.lineTo(x - size, y + size);
  context.stroke();
  context.lineCap = "butt";
}

function drawPause(context, theme, x, y, size) {
  context.beginPath();
  context.arc(x, y, size, 0, TAU);
  context.fillStyle = theme.accent;
  context.fill();
  context.fillStyle = "#fff";
  context.fillRect(x - size * 0.45, y - size * 0.5, size * 0.3, size);
  context.fillRect(x + size * 0.15, y - size * 0.5, size * 0.3, size);
}

// A small pip for each voter, at that voter's angle: filled granted, crossed refused, grey on its way, hollow not yet.
function drawPips(context, ring, theme, peer, voters, asked) {
  const { x, y } = ring.spots.get(peer.name);
  const [, granted, refused] = peer.ballot;
  const size = clamp(ring.radius * 0.22, 1.6, 4.5);
  const radius = ring.radius + clamp(ring.radius * 0.24, 2, 5.5) + size + 3;
  for (const voter of voters) {
    const spot = ring.spots.get(voter);
    if (!spot) continue;
    const turn = voter === peer.name ? Math.atan2(y - ring.cy, x - ring.cx) : Math.atan2(spot.y - y, spot.x - x);
    const [px, py] = [x + radius * Math.cos(turn), y + radius * Math.sin(turn)];
    context.beginPath();
    context.arc(px, py, size, 0, TAU);
    context.lineWidth = 1;
    context.fillStyle = theme.paper;
    if (granted.includes(voter)) context.fillStyle = theme.ink;
    else if (asked.has(voter)) context.fillStyle = theme.faint;
    context.fill();
    context.strokeStyle = refused.includes(voter) ? theme.red : theme.ink;
    context.stroke();
    if (refused.includes(voter)) drawCross(context, px, py, size * 0.6, theme.red);
  }
}

function drawName(context, ring, theme, peer, x, y, angle) {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const size = ring.big ? 14 : clamp(ring.radius * 1.1, 9, 13);
  const crowned = peer.role === "leader" ? Math.max(0, -sin) * clamp(ring.radius * 0.75, 5, 13) : 0;
  context.font = `600 ${size}px ${theme.font}`;
  const name = shortened(context, peer.name, ring.room);
  const half = context.measureText(name).width / 2;
  const out = ring.radius + (ring.big ? 17 : 10) + (peer.ballot ? 13 : 0);
  const far = out + crowned + Math.abs(cos) * Math.max(0, half - 4);
  let [nx, ny] = [x + far * cos, y + far * sin];
  const within = clamp(nx, half + 2, Math.max(half + 2, ring.width - half - 2));
  if (within !== nx) ny = sin < -0.1 ? y - out - (peer.role === "leader" ? 12 : 0) : y + out; // no room beside it: above or below
  nx = within;
  ny = clamp(ny, size * 0.6, ring.height - size * 0.6);
  label(context, name, nx, ny, context.font, peer.role === "down" ? theme.faint : theme.ink);
}

// With `paper` the text stands out from lines that it crosses.
function label(context, text, x, y, font, colour, align = "center", paper = null) {
  context.font = font;
  context.fillStyle = colour;
  context.textAlign = align;
  context.textBaseline = "middle";
  if (paper) {
    context.strokeStyle = paper;
    context.lineWidth = 3;
    context.lineJoin = "round";
    context.strokeText(text, x, y);
  }
  context.fillText(text, x, y);
}
