// Time waits while something is read. The kernel is told again and again that it still is: where no page says so any
// more, it lets time go on.

const BEAT = 1000; // milliseconds

class Hold {
  constructor(store, lost) {
    this.store = store;
    this.lost = lost; // called when time goes on all the same
    this.stood = false; // whether time was seen to stand still
    this.gone = () => store.send({ do: "release" });
    window.addEventListener("pagehide", this.gone);
    this.timer = setInterval(() => store.send({ do: "holding" }), BEAT);
    store.hold = this;
    store.act({ do: "hold" });
  }

  // The kernel told how things stand now.
  told({ paused, ended }) {
    if (ended || (this.stood && !paused)) this.lost();
    this.stood ||= paused;
  }

  end() {
    if (this.store.hold === this) this.store.hold = null;
    clearInterval(this.timer);
    window.removeEventListener("pagehide", this.gone);
    this.store.act({ do: "release" });
  }
}
