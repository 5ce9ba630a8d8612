"""The dashboard in Notebook 7, the other front end that `pip install notebook` brings. Skipped where it is missing."""

import importlib.util
import re
import sys

import pytest

from tests.browser.dashboards import BUILD, LEADER, SLOW, WAIT, wait_attribute
from tests.browser.lab import Lab
from tests.browser.notebook import Notebook
from tests.browser.server import Server

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        importlib.util.find_spec("notebook") is None, reason="Notebook 7 is not here: pip install notebook"
    ),
]

# What Notebook 7 itself prints on every page, also without any output: its keyboard shortcuts are told of settings
# before they are loaded.
HARMLESS = re.compile(r"/lsp/status|uncaught: Cannot read properties of undefined \(reading 'schema'\)")


class NotebookServer(Server):
    """As a Lab's, but for the application."""

    def _command(self):
        command = [sys.executable, "-m", "notebook", "--no-browser", "--allow-root"]
        command += ["--ServerApp.ip=127.0.0.1", f"--ServerApp.port={self.port}", "--ServerApp.port_retries=0"]
        command += [f"--ServerApp.root_dir={self.root}", "--LabApp.news_url=None"]
        return [*command, "--JupyterNotebookApp.expose_app_in_browser=True"]

    def _read_log(self):
        for line in self._process.stdout:
            self.log.append(line)
            if f"127.0.0.1:{self.port}/tree" in line:
                self._ready.set()
        self._ready.set()


class Seven(Lab):
    """A Notebook 7 server and a browser."""

    serve = NotebookServer

    def open(self, name):
        self.page.goto(f"{self.server.url}/notebooks/{name}?token={self.server.token}")
        notebook = Notebook(self, name)
        notebook.wait_open()
        self.theme("light")
        return notebook


@pytest.fixture
def lab(tmp_path, playwright):
    with Seven(tmp_path, playwright) as seven:
        yield seven
        assert not seven.requests_outside
        assert not [line for line in seven.console if not HARMLESS.search(line)], "the page printed errors"


def test_clicks_menus_reload_and_themes_in_notebook_7(lab):
    nb = lab.open(lab.write("seven.ipynb", [BUILD, WAIT, SLOW, "cluster.clock.resume()", "cluster.clock.paused"]))
    nb.run_cell(0)
    nb.wait_text(LEADER, "term 1")
    nb.run_cell(1, wait=False)
    nb.wait_output(1, "waiting")
    nb.click_on("[data-role=leader]")  # while the cell awaits
    nb.wait_output(1, "leader is now")
    nb.run_cell(2)
    nb.run_cell(3)
    wait_attribute(nb, ".gk", "data-state", "live")
    number = nb.outputs()[2]
    nb.locator(f"[data-message='{number}']").dispatch_event("click")
    nb.wait_text(".gk-menu-title", f"message {number}")
    wait_attribute(nb, ".gk", "data-state", "paused")
    nb.theme("dark")
    wait_attribute(nb, ".gk", "data-theme", "dark")
    nb.screenshot("notebook-7-dark")
    nb.reload()
    nb.wait_text(LEADER, "term [2-9]")
    wait_attribute(nb, ".gk", "data-state", "live")
    nb.run_cell(4)
    assert nb.outputs()[4] == "False", "with the page its menu is gone, and the group goes on"
