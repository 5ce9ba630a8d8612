// A small menu at a place in a box. It takes the focus and gives it back; Escape and a click elsewhere close it.

class Menu {
  constructor(box) {
    this.box = box;
    this.element = null;
    this.outside = (event) => {
      if (this.element && !event.composedPath().includes(this.element)) this.close(false);
    };
  }

  // items: [text, what to do], or null for a line between two groups
  open(title, x, y, items, opener) {
    this.close(false);
    this.opener = opener;
    const rows = items.map((item) =>
      item === null
        ? h("hr", { role: "separator" })
        : h("button", { type: "button", role: "menuitem", onclick: () => this.choose(item[1]) }, item[0]),
    );
    this.element = h("div", { class: "gk-menu", role: "menu", "aria-label": title }, h("div", { class: "gk-menu-title" }, title), ...rows);
    this.element.addEventListener("keydown", (event) => this.key(event));
    this.box.append(this.element);
    const { offsetWidth, offsetHeight } = this.element;
    this.element.style.left = `${clamp(x, 4, Math.max(4, this.box.clientWidth - offsetWidth - 4))}px`;
    this.element.style.top = `${clamp(y, 4, Math.max(4, this.box.clientHeight - offsetHeight - 4))}px`;
    document.addEventListener("pointerdown", this.outside, true);
    this.buttons()[0]?.focus({ preventScroll: true });
  }

  buttons() {
    return [...this.element.querySelectorAll("button")];
  }

  choose(action) {
    this.close(true);
    action();
  }

  key(event) {
    const buttons = this.buttons();
    const place = buttons.indexOf(event.target.getRootNode().activeElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) buttons[(place + step + buttons.length) % buttons.length].focus();
    else if (event.key === "Escape") this.close(true);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  close(back) {
    if (!this.element) return;
    document.removeEventListener("pointerdown", this.outside, true);
    this.element.remove();
    this.element = null;
    if (back) this.opener?.focus({ preventScroll: true });
  }
}
