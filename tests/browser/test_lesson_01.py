"""The first lesson as its reader meets it: in JupyterLab, with a hand on the picture."""

import importlib.util
import sys
from pathlib import Path

import nbformat
import pytest

from tests.browser.notebook import Notebook
from tests.browser.server import Server

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
LESSON = ROOT / "notebooks" / "01_first_group.ipynb"
SOURCES = [cell.source if cell.cell_type == "code" else "" for cell in nbformat.read(LESSON, as_version=4).cells]


def place(fragment):
    """Where the one code cell with this fragment stands."""
    (found,) = [number for number, source in enumerate(SOURCES) if fragment in source]
    return found


DASHBOARD, RING = place("Dashboard(cluster)"), SOURCES.index("ring")
LED, CHANGED, BY_HAND = place(".leader_elected()\nleader"), place("await changed"), place("await next_leader")


def altered(folder, number, before, after):
    """A copy of the lesson with other words in one cell."""
    lesson = nbformat.read(LESSON, as_version=4)
    assert before in lesson.cells[number].source
    lesson.cells[number].source = lesson.cells[number].source.replace(before, after)
    path = folder / LESSON.name
    nbformat.write(lesson, path)
    return path


def output(nb, number, css):
    """What `css` matches in the output of one cell, scrolled to: a picture that nobody sees stands still."""
    cell = nb.page.locator(".jp-NotebookPanel .jp-Cell").nth(number)
    cell.scroll_into_view_if_needed()
    return cell.locator(f".jp-OutputArea-output {css}").first


def wait_for(nb, number, css):
    output(nb, number, css).wait_for(state="attached")


def named(text):
    """The peer in PeerId('d')."""
    return text.split("'")[1]


def test_the_lesson_runs_to_its_end(notebook, tmp_path):
    # Tests draw without a window (tests/conftest.py), and a notebook draws into its cells.
    nb = notebook(altered(tmp_path, DASHBOARD, "from groupkit import", "%matplotlib inline\nfrom groupkit import"))
    nb.run_all()
    told = nb.outputs()
    assert named(told[LED]) == "d", "the text says so"
    assert told[place("Increment(3)")] == "Index(1)"
    assert told[place("query(Counter.Value())")].startswith("QueryResult(7, ")
    assert told[SOURCES.index("cluster")].startswith("5 peers at ")
    assert "d was killed" in told[place("timeline.events()")].splitlines()[0]
    for pictured in ("timeline.committed()", "plot.committed(", "plot.leadership("):
        wait_for(nb, place(pictured), "img")
    for picture in (RING, DASHBOARD):
        wait_for(nb, picture, f".gk[data-leader={named(told[BY_HAND])}]")
    nb.screenshot("lesson-01")


def test_a_click_on_the_leader_is_what_the_lesson_waits_for(notebook, tmp_path):
    # Here the cell does not kill the leader in its reader's place: only the click will do.
    nb = notebook(altered(tmp_path, BY_HAND, "cluster.at(6.0, ", "print('waiting')\ncluster.at(100_000.0, "))
    for number in range(BY_HAND):
        nb.run_cell(number)
    before = named(nb.outputs()[CHANGED])
    wait_for(nb, RING, f".gk[data-leader={before}]")
    nb.run_cell(BY_HAND, wait=False)
    nb.wait_output(BY_HAND, "waiting")
    output(nb, RING, f"[data-peer={before}][data-role=leader]").click()
    nb.wait_done()
    after = named(nb.outputs()[BY_HAND])
    assert after != before
    for picture in (RING, DASHBOARD):
        wait_for(nb, picture, f".gk[data-leader={after}]")
        wait_for(nb, picture, f"[data-peer={after}][data-role=leader]")
        wait_for(nb, picture, f"[data-peer={before}][data-role=down]")
    nb.screenshot("lesson-01-after-the-click", ".gk")
    output(nb, RING, f"[data-peer={before}]").click()
    wait_for(nb, RING, f"[data-peer={before}][data-role=follower]")


class AsDevPyStartsIt(Server):
    """The JupyterLab that `python3 dev.py lab` starts, in the environment of the tests."""

    def _command(self):
        spec = importlib.util.spec_from_file_location("dev", ROOT / "dev.py")
        dev = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(dev)
        started = []
        dev.become = lambda *words: started.extend(words)
        dev.lab(["--no-browser", f"--ServerApp.port={self.port}", "--LabApp.expose_app_in_browser=True"])
        return [sys.executable, *started]


def test_dev_py_lab_opens_the_lesson(lab, tmp_path):
    server = AsDevPyStartsIt(LESSON.parent, tmp_path)
    try:
        lab.page.goto(f"{server.url}/?token={server.token}")
        nb = Notebook(lab, LESSON.name)
        nb.wait_open()
        assert lab.page.evaluate("window.jupyterapp.shell.currentWidget.context.path") == LESSON.name
        nb.run_cell(DASHBOARD)
        nb.run_cell(LED)
        assert named(nb.outputs()[LED]) == "d"
        wait_for(nb, DASHBOARD, ".gk[data-leader=d]")
        lab.page.goto("about:blank")
    finally:
        server.stop()
