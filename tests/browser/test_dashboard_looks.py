"""What a dashboard looks like does not get in the way: nothing moves under the pointer, nothing is left out."""

import pytest

from tests.browser.dashboards import led_dashboard, let_go, wait_attribute

pytestmark = pytest.mark.browser

LONG = """
from groupkit import Cluster, Rules
from groupkit_widgets import CommitPlot, Dashboard
names = ["frankfurt-datacenter-1", "frankfurt-datacenter-2", "singapore-replica-of-the-west", "b", "x" * 40]
cluster = Cluster(names, seed=7, rules=Rules().without("one_vote_a_term"))
Dashboard(cluster)
"""
FREEZE = """
import asyncio, pathlib
print("waiting", flush=True)
while not pathlib.Path("go").exists(): await asyncio.sleep(0.01)
pathlib.Path("go").unlink()
cluster.freeze("a")
"""
ALONE = "cluster.clock.pause()\nCommitPlot(cluster)"
# The ring is drawn in the size that its box has now.
DRAWN = """() => {
  const ring = document.querySelector('.gk-ring');
  return ring.querySelector('canvas').width === Math.round(ring.clientWidth * devicePixelRatio);
}"""
# What sticks out of the picture to the left or right.
OUTSIDE = """picture => {
  const box = picture.getBoundingClientRect();
  return [...picture.querySelectorAll('*')].filter(e => {
    const { left, right, width } = e.getBoundingClientRect();
    return width && !e.closest('.gk-alt, .gk-menu') && (left < box.left - 1 || right > box.right + 1);
  }).map(e => e.className);
}"""


def place(nb):
    """Where the ring is, and how tall all of it."""
    return nb.locator(".gk-ring").bounding_box(), nb.locator(".gk").first.bounding_box()["height"]


@pytest.mark.parametrize("width", [760, 1280])
def test_what_comes_and_goes_moves_nothing(notebook, width):
    nb = led_dashboard(notebook)
    size = nb.page.viewport_size
    try:
        nb.command("application:toggle-left-area")
        nb.page.set_viewport_size({"width": width, "height": 1300})
        nb.page.wait_for_function(DRAWN)
        before = place(nb)
        nb.locator("[data-bond='a-b']").press("Enter")
        nb.locator("[data-do='heal']").wait_for()
        nb.locator("[data-do='copy']").wait_for()
        nb.locator("[data-peer='c']").click(modifiers=["Shift"])
        nb.locator("[data-do='split']").wait_for()
        assert place(nb) == before
        nb.locator(".gk-reigns").press("ArrowLeft")
        wait_attribute(nb, ".gk", "data-state", "past")
        assert place(nb) == before and nb.locator(".gk-leader").first.is_visible()
    finally:
        nb.page.set_viewport_size(size)


def test_long_names_and_rules_that_are_off_have_their_place(notebook):
    nb = led_dashboard(notebook, ALONE, build=LONG)
    nb.wait_text(".gk-off", "^rules off: one_vote_a_term$")
    assert nb.locator(".gk").first.evaluate(OUTSIDE) == []
    for select in nb.locator(".gk-feed-panel select").all():
        assert select.bounding_box()["y"] == nb.locator(".gk-feed-panel select").first.bounding_box()["y"]
    nb.run_cell(1)
    badge, zoom = (nb.locator(css).last for css in (".gk-corner[data-state='paused']", ".gk-zoom"))
    nb.locator(".gk").last.scroll_into_view_if_needed()
    badge.wait_for()
    alone, plot = nb.locator(".gk").last, nb.locator(".gk-commits").last
    assert plot.bounding_box()["width"] > 0.9 * alone.bounding_box()["width"], "a dashboard's columns are not for it"
    assert badge.bounding_box()["x"] + badge.bounding_box()["width"] <= zoom.bounding_box()["x"]


def test_the_feed_is_gone_through_with_the_keyboard(notebook):
    """Though sentences come meanwhile, on top: that a busy computer has held the kernel up is one of them."""
    nb = led_dashboard(notebook, FREEZE)
    nb.run_cell(1, wait=False)
    nb.wait_output(1, "waiting")
    focused = nb.locator(".gk-sentences li:focus")
    nb.locator(".gk-sentences").press("ArrowDown")
    newest = focused.get_attribute("data-key")
    focused.press("ArrowDown")
    time, key = focused.get_attribute("data-time"), focused.get_attribute("data-key")
    assert focused.evaluate("item => item.previousElementSibling.dataset.key") == newest
    let_go(nb)
    nb.wait_text(".gk-sentences li", "a was frozen")
    assert focused.get_attribute("data-key") == key
    focused.press("Enter")
    wait_attribute(nb, ".gk", "data-now", f"{float(time):.6f}")
    focused.press("Escape")
    wait_attribute(nb, ".gk", "data-state", "live")
