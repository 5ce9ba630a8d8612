// What every picture uses: colours, a canvas that fits its box, small makers of elements.

const TERMS_LIGHT = ["#66c2a5", "#fc8d62", "#8da0cb", "#e78ac3", "#a6d854", "#ffd92f"];
const TERMS_DARK = ["#c77dff", "#ff7a45", "#ffc24b", "#7be0ad", "#ff8fa3", "#9da8ff"];
const TAU = 2 * Math.PI;
const PARTS = {}; // name -> class: each part adds itself
const FRAME = 48; // milliseconds between two drawings at least: 20 a second
const REFRESH = 2000; // milliseconds between two drawings at most: a browser may drop what a canvas held

function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

// Writes only what differs: the page has nothing to do while nothing changes.
function put(element, name, value) {
  const text = String(value);
  if (name === "text") {
    if (element.textContent !== text) element.textContent = text;
  } else if (element.getAttribute(name) !== text) element.setAttribute(name, text);
}

// Plain keys stay with whoever has the focus in here. JupyterLab's attribute for that covers only the element itself:
// on a button inside, M would make the cell Markdown and D, D delete it.
function keepKeys(root) {
  root.addEventListener("keydown", (event) => {
    if (!event.ctrlKey && !event.metaKey && !event.altKey) event.stopPropagation();
  });
}

function isDark() {
  const light = document.body.dataset.jpThemeLight;
  if (light !== undefined) return light === "false";
  if (document.body.classList.contains("vscode-dark")) return true;
  if (document.body.classList.contains("vscode-light")) return false;
  return matchMedia("(prefers-color-scheme: dark)").matches;
}

const quiet = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

// The colours a canvas needs; the page's own where it has them.
function themeOf(element) {
  const dark = isDark();
  const style = getComputedStyle(element);
  const of = (name, otherwise) => style.getPropertyValue(name).trim() || otherwise;
  return {
    dark,
    ink: of("--gk-ink", dark ? "#eee" : "#222"),
    faint: of("--gk-faint", dark ? "#9a9a9a" : "#757575"),
    line: of("--gk-line", dark ? "#444" : "#ddd"),
    paper: of("--gk-paper", dark ? "#111" : "#fff"),
    none: dark ? "#555" : "#d4d4d4",
    down: dark ? "#4a4a4a" : "#bdbdbd",
    onTerm: "#1c1c1c",
    accent: "#4fb6d8",
    gold: dark ? "#ffd700" : "#d9a400",
    red: dark ? "#ff4d5e" : "#c8102e",
    amber: dark ? "#ffb000" : "#e08a00",
    terms: dark ? TERMS_DARK : TERMS_LIGHT,
    font: style.fontFamily || "sans-serif",
  };
}

const termColour = (theme, term) => (term > 0 ? theme.terms[(term - 1) % 6] : theme.none);

// A canvas that fills its box, sharp on any screen. `draw` is given its context and its size in CSS pixels.
class Surface {
  constructor(box, name, touched) {
    this.box = box;
    this.canvas = h("canvas", { class: name, "aria-hidden": "true" });
    box.append(this.canvas);
    this.width = this.height = 0;
    this.observer = new ResizeObserver(() => touched());
    this.observer.observe(box);
    this.canvas.addEventListener("contextrestored", touched);
  }

  begin() {
    const { clientWidth: width, clientHeight: height } = this.box;
    const ratio = window.devicePixelRatio || 1;
    const pixels = [Math.round(width * ratio), Math.round(height * ratio)];
    if (this.canvas.width !== pixels[0] || this.canvas.height !== pixels[1]) [this.canvas.width, this.canvas.height] = pixels;
    this.width = width;
    this.height = height;
    const context = this.canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    return context;
  }

  close() {
    this.observer.disconnect();
  }
}

const clamp = (value, low, high) => Math.min(high, Math.max(low, value));
const plural = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;

function inSeconds(time) {
  return `${time.toFixed(time < 10 ? 2 : 1)} s`;
}

// A stretch of time: "12 ms", "1.6 s".
function inTime(time) {
  return time < 1 ? `${Number((time * 1000).toPrecision(3))} ms` : `${Number(time.toPrecision(3))} s`;
}

function inPace(pace) {
  if (pace === Infinity) return "as fast as it can";
  if (pace >= 1) return `${Number(pace.toPrecision(2))}×`;
  return `1/${Number((1 / pace).toPrecision(2))}`;
}

// A text that is too long for so many pixels, without its middle: names that begin alike often differ in their end.
// The context has its font already.
function shortened(context, text, room) {
  if (context.measureText(text).width <= room) return text;
  for (let kept = text.length - 2; kept > 1; kept--) {
    const half = Math.ceil(kept / 2);
    const shown = `${text.slice(0, half)}…${text.slice(text.length - kept + half)}`;
    if (context.measureText(shown).width <= room) return shown;
  }
  return text.length > 2 ? `${text[0]}…` : text;
}

// "a, b, c" for a few, "25 peers" for many.
function someNames(names, most = 6) {
  return names.length <= most ? names.join(", ") : plural(names.length, "peer");
}

// The first place in `list` (sorted by `key`) whose key is above `value`.
function after(list, value, key = (item) => item[0]) {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (key(list[middle]) <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}
