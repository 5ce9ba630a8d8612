"""Looking back further than a fresh page holds, in a real JupyterLab."""

import pytest

from tests.browser.dashboards import BUSY, LEADER, keep_busy, led_dashboard, let_go, value, wait_attribute

pytestmark = pytest.mark.browser

LONG = """
cluster.clock.pace = float("inf")
group = cluster["a"].group
for n in range(700): await group.execute(Counter.Increment(n))
print(len(cluster.recorder.rows), len(cluster.recorder.messages))
cluster.clock.pace = 1.0
print(len(cluster.recorder.rows), len(cluster.recorder.messages))
"""


def test_after_a_reload_one_can_look_back_to_the_beginning(notebook):
    nb = led_dashboard(notebook, LONG)
    nb.run_cell(1)
    nb.locator(".gk-reigns").press("Home")
    wait_attribute(nb, ".gk", "data-now", "0.000000")
    nb.click("Live")
    nb.reload()
    nb.wait_text(LEADER, "term [0-9]+")
    nb.click("Pause")
    wait_attribute(nb, ".gk", "data-state", "paused")
    nb.locator(".gk-reigns").press("Home")
    wait_attribute(nb, ".gk", "data-now", "0.000000")
    assert nb.text(LEADER) == "no leader"
    for _ in range(6):
        nb.locator(".gk-reigns").press("ArrowRight")
    nb.wait_text(LEADER, "term 1")
    nb.locator(".gk-reigns").press("End")
    wait_attribute(nb, ".gk", "data-state", "paused")
    assert value(nb, ".gk", "data-term") == "1"


def test_while_the_kernel_is_busy_looking_further_back_waits_and_says_so(notebook):
    nb = led_dashboard(notebook, LONG, BUSY)
    nb.run_cell(1)
    nb.reload()
    nb.wait_text(LEADER, "term [0-9]+")
    keep_busy(nb, 2)
    nb.locator(".gk-reigns").press("Home")
    nb.wait_text(".gk-badge", "the kernel is busy, what came before has to wait")
    let_go(nb)
    wait_attribute(nb, ".gk", "data-now", "0.000000")
