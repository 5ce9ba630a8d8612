"""The browser driver itself: what every other test in this folder relies on."""

import pytest

pytestmark = pytest.mark.browser

SETUP = """
import asyncio
import ipywidgets
loop, pressed = asyncio.get_running_loop(), asyncio.Event()
button, sign = ipywidgets.Button(description="Kill"), ipywidgets.HTML("<b class='sign'>leader: a</b>")
def kill(_):
    loop.call_soon_threadsafe(pressed.set)
    sign.value = "<b class='sign'>leader: b</b>"
button.on_click(kill)
ipywidgets.VBox([button, sign])
"""
WAIT = """
print("waiting")
await asyncio.wait_for(pressed.wait(), 300)
print("woken by the click")
"""


def test_a_cell_prints_and_a_click_arrives_while_a_cell_awaits(notebook):
    nb = notebook(["print('hello')", SETUP, WAIT])
    nb.run_all(wait=False)
    nb.wait_output(2, "waiting")
    assert nb.text(".sign") == "leader: a"
    nb.click("Kill")
    nb.wait_done()
    assert nb.outputs()[0] == "hello"
    assert nb.outputs()[2] == "waiting\nwoken by the click"
    assert nb.wait_text(".sign", "b$") == "leader: b"
    assert nb.screenshot("smoke").stat().st_size > 1000


def test_a_page_can_be_reloaded_while_a_cell_awaits(notebook):
    nb = notebook([SETUP, WAIT, "pressed.is_set()"])
    nb.run_cell(0)
    nb.run_cell(1, wait=False)
    nb.wait_output(1, "waiting")
    nb.reload()
    nb.wait_text(".sign", "leader: a")
    nb.click("Kill")
    nb.wait_text(".sign", "leader: b")
    nb.run_cell(2)
    assert nb.outputs()[2] == "True"
    nb.save()
    assert nb.saved().cells[2].outputs[0].data["text/plain"] == "True"


def test_a_dark_theme_and_back(notebook):
    nb = notebook(["1"])
    for name, is_light in (("dark", "false"), ("light", "true")):
        nb.theme(name)
        assert nb.page.evaluate("document.body.dataset.jpThemeLight") == is_light


def test_errors_are_reported_by_cell(notebook):
    nb = notebook(["1 / 0", "print('on')"])
    nb.run_cell(0, wait=False)
    nb.wait_done(check=False)
    assert nb.errors() == ["cell 0: ZeroDivisionError: division by zero"]
    with pytest.raises(AssertionError, match="division by zero"):
        nb.wait_done()
    nb.run_cell(1)
    assert nb.errors(1) == [] and nb.outputs()[1] == "on"
