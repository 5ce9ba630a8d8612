"""What a dashboard says when the kernel under it is gone."""

import pytest

from tests.browser.dashboards import LEADER, led_dashboard, wait_attribute

pytestmark = pytest.mark.browser
SESSION = "window.jupyterapp.shell.currentWidget.sessionContext"


def test_after_a_restart_it_says_that_its_kernel_is_gone(notebook):
    nb = led_dashboard(notebook)
    nb.page.evaluate(f"() => {SESSION}.restartKernel().then(() => null)")
    wait_attribute(nb, ".gk", "data-state", "ended")
    nb.wait_text(".gk .gk-badge", "ended: its kernel is gone, run the cell again")
    assert nb.locator(".gk button[data-do=pause]").first.is_disabled()
    nb.screenshot("dashboard-restarted")
    nb.run_cell(0)
    nb.wait_text(LEADER, "term 1")
    wait_attribute(nb, ".gk", "data-state", "live")


def test_after_a_shutdown_a_click_finds_out(notebook):
    nb = led_dashboard(notebook)
    nb.page.evaluate(f"() => {SESSION}.shutdown().then(() => null)")
    wait_attribute(nb, ".gk", "data-state", "busy")
    nb.locator(".gk button[data-do=pause]").first.click()
    wait_attribute(nb, ".gk", "data-state", "ended")
