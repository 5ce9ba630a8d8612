"""How long it takes from a transition in the kernel to the page that shows it, in real Chromium on the same cores."""

import json
import statistics

import pytest

from tests.browser.dashboards import led_dashboard

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ALLOWED = 500  # milliseconds, for the middle one: promised are 100, yet a test must hold on a busy computer too
TIMES = 24
HAPPENS = """
import asyncio, time
happened = []
for n in range({times}):
    await asyncio.sleep(0.3 + 0.0137 * n % 0.05)  # at any place between two frames
    happened.append(time.time() * 1000)
    cluster.kill("a") if n % 2 == 0 else cluster.restart("a")
await asyncio.sleep(0.5)
print(happened)
"""
# The wall time of the frame that shows each change: what is written to the page is painted with the next frame.
WATCH = """() => {
  window.shown = [];
  const peer = document.querySelector("[data-peer=a]");
  let was = peer.dataset.role === "down";
  new MutationObserver(() => {
    const is = peer.dataset.role === "down";
    if (is === was) return;
    was = is;
    requestAnimationFrame(() => window.shown.push(performance.timeOrigin + performance.now()));
  }).observe(peer, { attributes: true });
}"""


def test_a_transition_is_on_the_screen_soon(notebook, record_property):
    nb = led_dashboard(notebook, HAPPENS.format(times=TIMES))
    nb.page.evaluate(WATCH)
    nb.run_cell(1)
    happened, shown = json.loads(nb.outputs()[1]), nb.page.evaluate("window.shown")
    assert len(shown) == len(happened) == TIMES
    delays = sorted(after - before for before, after in zip(happened, shown))
    told = f"median {statistics.median(delays):.0f} ms, most {delays[-1]:.0f} ms, least {delays[0]:.0f} ms"
    print(told)
    record_property("delay", told)
    assert statistics.median(delays) < ALLOWED, told
