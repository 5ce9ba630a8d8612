// The time axis that the plots share, so that what is above each other happened at the same time.

const LEFT = 38;
const RIGHT = 78;

class Axis {
  constructor(store) {
    this.store = store;
    this.span = 20; // virtual seconds shown
  }

  // Where time begins and ends on a picture of this width.
  fit(width) {
    const { store } = this;
    const now = store.now();
    let end = Math.max(now, store.oldest + this.span);
    if (store.at !== null && store.at < end - this.span) {
      end = clamp(store.at + this.span * 0.4, store.oldest + this.span, end);
    }
    this.end = end;
    this.start = end - this.span;
    this.now = now;
    this.left = LEFT;
    this.right = Math.max(LEFT + 40, width - RIGHT);
    this.scale = (this.right - this.left) / this.span;
  }

  x(time) {
    return this.left + (time - this.start) * this.scale;
  }

  time(x) {
    return this.start + (x - this.left) / this.scale;
  }

  // The part of a stretch that is on the picture, in pixels, or null.
  clip(start, end) {
    const from = Math.max(start, this.start);
    const to = Math.min(end, this.now, this.end);
    return to < from ? null : [this.x(from), this.x(to)];
  }

  zoom(factor) {
    this.span = clamp(this.span * factor, 0.1, 3600);
    this.store.version += 1;
  }

  ticks() {
    const step = niceStep(this.span / Math.max(2, (this.right - this.left) / 90));
    const found = [];
    for (let at = Math.ceil(this.start / step) * step; at <= this.end; at += step) if (at >= 0) found.push(at);
    return { step, found };
  }
}

function niceStep(rough) {
  const ten = 10 ** Math.floor(Math.log10(rough));
  return ten * ([1, 2, 5, 10].find((one) => one * ten >= rough) ?? 10);
}

function tickText(time, step) {
  return `${time.toFixed(step >= 1 ? 0 : Math.min(4, Math.ceil(-Math.log10(step))))} s`;
}

// A click or a drag on a plot looks back; whoever handles it says where the pointer is.
function scrubbing(element, axis, store) {
  const look = (event) => {
    const time = axis.time(event.clientX - element.getBoundingClientRect().left);
    store.look(time >= axis.now ? null : time);
  };
  element.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    element.setPointerCapture(event.pointerId);
    look(event);
  });
  element.addEventListener("pointermove", (event) => event.buttons & 1 && look(event));
}

// A thin line where one looks back.
function drawCursor(context, axis, theme, height) {
  if (axis.store.at === null) return;
  const x = axis.x(axis.store.at);
  context.strokeStyle = theme.accent;
  context.lineWidth = 2;
  context.beginPath();
  context.moveTo(x, 0);
  context.lineTo(x, height);
  context.stroke();
}

// Slanted lines over a rectangle, for what should be seen without its colour.
function hatch(context, x, y, width, height, colour, gap = 7) {
  context.save();
  context.beginPath();
  context.rect(x, y, width, height);
  context.clip();
  context.strokeStyle = colour;
  context.lineWidth = 1;
  context.beginPath();
  const shift = x % gap;
  for (let at = -height - shift; at < width + gap; at += gap) {
    context.moveTo(x + at, y + height);
    context.lineTo(x + at + height, y);
  }
  context.stroke();
  context.restore();
}
