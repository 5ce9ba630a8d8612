"""The first lesson as its reader meets it: in JupyterLab, with a hand on the picture."""

from pathlib import Path

import nbformat
import pytest

pytestmark = pytest.mark.browser

LESSON = Path(__file__).parents[2] / "notebooks" / "01_first_group.ipynb"
CELLS = nbformat.read(LESSON, as_version=4).cells
PLACE = {cell.id: place for place, cell in enumerate(CELLS)}
LEADER = ".gk .gk-leader"


def without_its_own_hand(folder):
    """A copy of the lesson that never kills the leader in its reader's place: only a click will do."""
    lesson = nbformat.read(LESSON, as_version=4)
    cell = lesson.cells[PLACE["by-hand"]]
    assert "cluster.at(5.0, " in cell.source
    cell.source = cell.source.replace("cluster.at(5.0, ", "cluster.at(100_000.0, ")
    path = folder / LESSON.name
    nbformat.write(lesson, path)
    return path


def wait_role(nb, peer, role):
    nb.locator(f".gk [data-peer={peer}][data-role={role}]").first.wait_for(state="attached")


def test_the_lesson_runs_to_its_end(notebook):
    nb = notebook(LESSON)
    nb.run_all()
    told = dict(zip(PLACE, nb.outputs()))
    assert told["leader"] == "PeerId('d')", "the text says so"
    assert told["execute"] == "Index(1)"
    assert told["query"].startswith("QueryResult(7, ")
    assert "d was killed" in told["events"].splitlines()[0]
    assert told["table"].splitlines()[0].startswith("5 peers at ")
    last = told["by-hand"].split("'")[1]
    nb.wait_text(LEADER, f"{last} · term")
    for pictured in ("committed", "first-kill", "plot-leadership"):
        assert nb.page.locator(".jp-Cell").nth(PLACE[pictured]).locator("img").count() == 1
    nb.screenshot("lesson-01")


def test_a_click_on_the_leader_is_what_the_lesson_waits_for(notebook, tmp_path):
    nb = notebook(without_its_own_hand(tmp_path))
    for place in range(PLACE["by-hand"]):
        nb.run_cell(place)
    before = nb.outputs()[PLACE["changed"]].split("'")[1]
    nb.wait_text(LEADER, f"{before} · term")
    nb.run_cell(PLACE["by-hand"], wait=False)
    wait_role(nb, before, "leader")
    nb.screenshot("lesson-01-before-the-click", ".gk")
    nb.click_on(f"[data-peer={before}]")
    nb.wait_done()
    after = nb.outputs()[PLACE["by-hand"]].split("'")[1]
    assert after != before
    nb.wait_text(LEADER, f"{after} · term")
    wait_role(nb, before, "down")
    wait_role(nb, after, "leader")
    nb.screenshot("lesson-01-after-the-click", ".gk")
    nb.click_on(f"[data-peer={before}]")
    wait_role(nb, before, "follower")
