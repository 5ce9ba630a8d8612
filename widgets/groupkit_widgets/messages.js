// Messages on their way. Each direction of a bond has its own lane; the place is exactly (now - sent) / (arrival - sent);
// one that was delayed on its way goes on from where it was then.

const REQUESTS = new Set(["vote", "prevote", "append", "snapshot", "forward", "read", "knock", "hello"]);
const SEEN = 0.12; // seconds of wall time: what crosses faster leaves a fading trace instead of a dot
const TRACE = 0.35; // seconds of wall time that a trace takes to fade
const BURST = 0.45; // likewise for the burst of a lost message

// Virtual seconds that a trace stays, at this pace.
function wakeOf(store) {
  return Math.max(TRACE, BURST) * store.rate;
}

function drawMessages(context, ring, theme, store, time, calm) {
  const flying = store.flying(time, wakeOf(store));
  const dense = flying.length > 400;
  const pace = store.rate || 1;
  const spots = [];
  for (const message of flying) {
    const [from, to] = [ring.spots.get(message.src), ring.spots.get(message.dst)];
    if (!from || !to) continue;
    const lane = laneOf(from, to, ring.radius);
    const fate = store.fates.get(message.number);
    const lost = fate && fate.fate !== "duplicate";
    const took = message.arrival - message.sent;
    const part = partOf(message, time);
    const inFlight = lost && fate.fate === "dropped" && fate.time > message.sent; // by hand, at a place of its own
    const middle = inFlight ? partOf(message, fate.time) : lost && fate.fate !== "down" ? 0.5 : 1;
    const end = inFlight ? fate.time : message.sent + took * middle;
    if (lost && time > end - 1e-6) { // times arrive rounded: what was dropped while time stands bursts where it is
      if (!calm) drawBurst(context, theme, lane, middle, Math.max(0, time - end) / pace / BURST);
    } else if (time > message.arrival) {
      if (!calm && !dense && took / pace < SEEN) {
        drawTrace(context, theme, lane, message, (time - message.arrival) / pace / TRACE);
      }
    } else {
      const at = lane(part);
      drawDot(context, theme, message, at, lost ? part / middle : 0, lane);
      if (!store.rate) drawArrow(context, lane(Math.min(1, part + 0.06)), lane.turn, 4, termColour(theme, message.term));
      spots.push({ x: at[0], y: at[1], message });
    }
  }
  return spots;
}

// From edge to edge, a little to the right of the line between the two.
function laneOf(from, to, radius) {
  const turn = Math.atan2(to.y - from.y, to.x - from.x);
  const far = Math.hypot(to.x - from.x, to.y - from.y);
  const aside = clamp(radius * 0.2, 1.5, 4);
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  const lane = (part) => {
    const along = radius + (far - 2 * radius) * part;
    return [from.x + along * cos - aside * sin, from.y + along * sin + aside * cos];
  };
  lane.turn = turn;
  return lane;
}

function drawDot(context, theme, message, [x, y], doom, lane) {
  const colour = doom > 0.5 ? theme.red : termColour(theme, message.term);
  context.lineWidth = 1.6;
  context.strokeStyle = colour;
  context.fillStyle = colour;
  context.beginPath();
  if (message.kind === "heartbeat") {
    context.arc(x, y, 3, 0, TAU);
    context.stroke();
  } else if (message.entries > 0) {
    beads(context, theme, message, lane, x, y);
  } else if (REQUESTS.has(message.kind)) {
    context.arc(x, y, 5, 0, TAU);
    context.fill();
    rim(context, theme);
  } else {
    context.arc(x, y, 5, 0, TAU);
    context.fillStyle = theme.paper;
    context.fill();
    context.stroke();
    sign(context, message.good, x, y, colour);
  }
}

function rim(context, theme) {
  context.lineWidth = 0.8;
  context.strokeStyle = theme.dark ? "rgba(0,0,0,.5)" : "rgba(0,0,0,.4)";
  context.stroke();
}

function beads(context, theme, message, lane, x, y) {
  const [cos, sin] = [Math.cos(lane.turn), Math.sin(lane.turn)];
  for (let number = Math.min(5, message.entries) - 1; number >= 0; number--) {
    context.beginPath();
    context.arc(x - number * 7 * cos, y - number * 7 * sin, 3.8, 0, TAU);
    context.fill();
    rim(context, theme);
  }
}

function sign(context, good, x, y, colour) {
  if (good === null) return;
  context.strokeStyle = colour;
  context.lineWidth = 1.4;
  context.beginPath();
  context.moveTo(x - 2.5, y);
  context.lineTo(x + 2.5, y);
  if (good) {
    context.moveTo(x, y - 2.5);
    context.lineTo(x, y + 2.5);
  }
  context.stroke();
}

function drawTrace(context, theme, lane, message, age) {
  if (age >= 1) return;
  const faint = message.kind === "heartbeat" || message.kind === "append_reply" ? 0.35 : 0.8;
  context.globalAlpha = (1 - age) * faint;
  context.strokeStyle = termColour(theme, message.term);
  context.lineWidth = message.entries > 0 ? 3 : 1.8;
  context.beginPath();
  context.moveTo(...lane(Math.min(0.9, age)));
  context.lineTo(...lane(1));
  context.stroke();
  context.globalAlpha = 1;
}

function drawBurst(context, theme, lane, part, age) {
  if (age < 0 || age >= 1) return;
  const [x, y] = lane(part);
  context.globalAlpha = 1 - age;
  context.strokeStyle = theme.red;
  context.lineWidth = 1.6;
  context.beginPath();
  for (let ray = 0; ray < 6; ray++) {
    const turn = (ray / 6) * TAU + 0.4;
    context.moveTo(x + (2 + 5 * age) * Math.cos(turn), y + (2 + 5 * age) * Math.sin(turn));
    context.lineTo(x + (4 + 9 * age) * Math.cos(turn), y + (4 + 9 * age) * Math.sin(turn));
  }
  context.stroke();
  context.globalAlpha = 1;
}
