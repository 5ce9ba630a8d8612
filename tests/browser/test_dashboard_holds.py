"""A message's menu makes time wait; when its page or its cell is gone, the group goes on."""

import pytest
from playwright.sync_api import TimeoutError

from tests.browser.dashboards import LEADER, SLOW, led_dashboard, value, wait_attribute
from tests.browser.notebook import PATIENCE

pytestmark = pytest.mark.browser

STATE = "print(cluster.clock.paused)"
AGAIN = "from groupkit_widgets import Topology\nTopology(cluster)"
ON = "while cluster.clock.paused: await asyncio.sleep(0.05)\nprint('goes on')"
STUCK = """
from groupkit import Cluster, NoOp
from groupkit_widgets import Dashboard
class Stuck(NoOp):
    def apply(self, command, ctx):
        print("it computes", flush=True)
        while True: pass
cluster = Cluster(5, machine=Stuck, seed=7)
Dashboard(cluster)
"""


def with_an_open_menu(notebook, *cells):
    """A dashboard with the menu of a moving message open; its second cell has messages on their way."""
    nb = led_dashboard(notebook, SLOW, "import asyncio\ncluster.clock.resume()", STATE, ON, *cells)
    nb.run_cell(1)
    number = nb.outputs()[1]
    nb.run_cell(2)
    wait_attribute(nb, ".gk", "data-state", "live")
    read(nb, number)
    return nb


def read(nb, number):
    nb.locator(f"[data-message='{number}']").dispatch_event("click")
    nb.wait_text(".gk-menu-title", f"message {number}")
    wait_attribute(nb, ".gk", "data-state", "paused")


def goes_on(nb):
    nb.run_cell(4)
    nb.wait_output(4, "goes on")


def press_until_paused(nb):
    """Two presses would do; on a busy computer two that come close together are one to the kernel."""
    nb.interrupt()
    for _ in range(PATIENCE // 10):
        nb.interrupt()
        try:
            return wait_attribute(nb, ".gk", "data-state", "paused", timeout=10)
        except TimeoutError:
            continue
    raise AssertionError("not paused, though the stop button was pressed again and again")


def test_after_a_reload_the_group_goes_on_unless_the_user_had_paused_it(notebook):
    nb = with_an_open_menu(notebook)
    nb.run_cell(3)
    assert nb.outputs()[3] == "True"
    nb.reload()
    nb.wait_text(LEADER, "term 1")
    wait_attribute(nb, ".gk", "data-state", "live")
    goes_on(nb)
    nb.run_cell(1)
    read(nb, nb.outputs()[1])
    nb.reload()
    nb.wait_text(LEADER, "term 1")
    wait_attribute(nb, ".gk", "data-state", "paused")
    nb.run_cell(3)
    assert nb.outputs()[3] == "True"


def test_after_its_cell_is_cleared_or_run_again_the_group_goes_on(notebook):
    nb = with_an_open_menu(notebook, AGAIN)
    nb.page.evaluate("() => { window.jupyterapp.shell.currentWidget.content.activeCellIndex = 0; }")
    nb.command("notebook:clear-cell-output")
    goes_on(nb)
    for _ in range(2):
        nb.run_cell(5)
        nb.locator(".gk [data-message]").first.dispatch_event("click")
        nb.wait_text(".gk-menu-title", "time waits while this is open")
        wait_attribute(nb, ".gk", "data-state", "paused")
    nb.run_cell(5)
    goes_on(nb)


def test_a_page_that_is_gone_without_a_word_holds_the_group_no_longer(notebook):
    nb = with_an_open_menu(notebook)
    nb.page.evaluate("() => { for (let id = setInterval(() => null); id > 0; id--) clearInterval(id); }")
    wait_attribute(nb, ".gk", "data-state", "live")
    goes_on(nb)


def test_a_cell_that_pauses_while_the_menu_is_open_has_paused(notebook):
    nb = with_an_open_menu(notebook, "cluster.clock.pause()")
    nb.run_cell(5)
    nb.locator(".gk-menu button").first.press("Escape")
    nb.locator(".gk-menu").wait_for(state="detached")
    nb.run_cell(3)
    assert nb.outputs()[3] == "True"
    wait_attribute(nb, ".gk", "data-state", "paused")
    assert nb.text("[data-do='pause']") == "Resume"
    nb.click("Resume")
    wait_attribute(nb, ".gk", "data-state", "live")
    goes_on(nb)


def test_when_time_goes_on_by_a_cell_the_menu_closes(notebook):
    nb = with_an_open_menu(notebook)
    nb.run_cell(2)
    nb.locator(".gk-menu").wait_for(state="detached")
    wait_attribute(nb, ".gk", "data-state", "live")


def test_a_menu_that_closes_does_not_undo_what_the_stop_button_paused(notebook):
    reply = "print(next(m.number for m in cluster.in_flight() if m.kind == 'append_reply'))"
    nb = led_dashboard(notebook, "await cluster['a'].group.execute(0)", STATE, reply, build=STUCK)
    nb.run_cell(1, wait=False)
    nb.wait_output(1, "it computes")
    press_until_paused(nb)
    nb.wait_done(check=False)  # a cell that is asked for before this one has failed would not run
    assert nb.text("[data-do='pause']") == "Resume"
    nb.run_cell(3)  # the leader applies as soon as a majority has answered: other answers are on their way
    nb.locator(f".gk [data-message='{nb.outputs()[3]}']").dispatch_event("click")
    nb.wait_text(".gk-menu-title", "append reply from")
    nb.locator(".gk-menu button").first.press("Escape")
    nb.locator(".gk-menu").wait_for(state="detached")
    nb.run_cell(2)
    assert nb.outputs()[2] == "True"
    assert value(nb, ".gk", "data-state") == "paused"
