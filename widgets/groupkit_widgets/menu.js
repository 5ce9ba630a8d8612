// A small menu at a place in a box. It takes the focus and gives it back; Escape and a click elsewhere close it.

class Menu {
  constructor(box) {
    this.box = box;
    this.element = null;
    this.done = null;
    this.outside = (event) => {
      if (this.element && !event.composedPath().includes(this.element)) this.close(false);
    };
  }

  // items: [text, what to do], or null for a line between two groups. `done` is called when it is closed, at last.
  open(title, x, y, items, opener, done = null) {
    this.close(false);
    this.opener = opener;
    this.done = done;
    const rows = items.map((item) =>
      item === null
        ? h("hr", { role: "separator" })
        : h("button", { type: "button", role: "menuitem", onclick: () => this.choose(item[1]) }, item[0]),
    );
    this.title = h("div", { class: "gk-menu-title", role: "presentation" }, title);
    this.element = h("div", { class: "gk-menu", role: "menu", "aria-label": title }, this.title, ...rows);
    this.element.addEventListener("keydown", (event) => this.key(event));
    this.box.append(this.element);
    this.at = [x, y];
    this.settle();
    document.addEventListener("pointerdown", this.outside, true);
    this.buttons()[0]?.focus({ preventScroll: true });
  }

  // Inside the picture, beside what it is about: to its right, where there is room, else to its left.
  settle() {
    const { offsetWidth: width, offsetHeight: height } = this.element;
    const [box, root] = [this.box, this.box.closest(".gk")].map((one) => one.getBoundingClientRect());
    const [x, y] = this.at;
    const [least, most] = [root.left - box.left + 4, root.right - box.left - width - 4];
    const left = x + 10 <= most || x - width - 10 < least ? x + 10 : x - width - 10;
    this.element.style.left = `${clamp(left, least, Math.max(least, most))}px`;
    this.element.style.top = `${clamp(y, root.top - box.top + 4, Math.max(4, root.bottom - box.top - height - 4))}px`;
  }

  // Another title, with more to read.
  tell(title) {
    put(this.title, "text", title);
    put(this.element, "aria-label", title);
    this.settle();
  }

  buttons() {
    return [...this.element.querySelectorAll("button")];
  }

  choose(action) {
    const { done } = this;
    this.done = null;
    this.close(true);
    action();
    done?.();
  }

  key(event) {
    const buttons = this.buttons();
    const place = buttons.indexOf(event.target.getRootNode().activeElement);
    const next = { ArrowDown: place + 1, ArrowUp: place - 1, Home: 0, End: -1 }[event.key];
    if (next !== undefined) buttons.at(next % buttons.length).focus();
    else if (event.key === "Escape" || event.key === "Tab") this.close(true);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  close(back) {
    if (!this.element) return;
    document.removeEventListener("pointerdown", this.outside, true);
    this.element.remove();
    this.element = null;
    const { done } = this;
    this.done = null;
    done?.();
    if (back) (this.opener?.isConnected ? this.opener : this.opener && this.box)?.focus({ preventScroll: true });
  }
}
