"""The first lesson as its reader meets it: in JupyterLab, with a hand on the picture."""

from pathlib import Path

import nbformat
import pytest

pytestmark = pytest.mark.browser

LESSON = Path(__file__).parents[2] / "notebooks" / "01_first_group.ipynb"
PLACE = {cell.id: place for place, cell in enumerate(nbformat.read(LESSON, as_version=4).cells)}


def changed(folder, **sources):
    """A copy of the lesson in which the cells named have been changed by a function of their source."""
    lesson = nbformat.read(LESSON, as_version=4)
    for name, change in sources.items():
        cell = lesson.cells[PLACE[name]]
        before, cell.source = cell.source, change(cell.source)
        assert cell.source != before
    path = folder / LESSON.name
    nbformat.write(lesson, path)
    return path


def with_pictures(source):
    """Tests draw without a window (see tests/conftest.py); a notebook draws into its cells."""
    return f"%matplotlib inline\n{source}"


def without_its_own_hand(source):
    """The cell does not kill the leader in its reader's place: only a click will do."""
    return source.replace("cluster.at(6.0, ", "cluster.at(100_000.0, ")


def output(nb, cell, css):
    """What `css` matches in the output of one cell, scrolled to: a picture that nobody sees stands still."""
    place = nb.page.locator(".jp-NotebookPanel .jp-Cell").nth(PLACE[cell])
    place.scroll_into_view_if_needed()
    return place.locator(f".jp-OutputArea-output {css}").first


def wait_for(nb, cell, css):
    output(nb, cell, css).wait_for(state="attached")


def named(text):
    """The peer in PeerId('d')."""
    return text.split("'")[1]


def test_the_lesson_runs_to_its_end(notebook, tmp_path):
    nb = notebook(changed(tmp_path, cluster=with_pictures))
    nb.run_all()
    told = dict(zip(PLACE, nb.outputs()))
    assert named(told["leader"]) == "d", "the text says so"
    assert told["execute"] == "Index(1)"
    assert told["query"].startswith("QueryResult(7, ")
    assert "d was killed" in told["events"].splitlines()[0]
    assert told["table"].startswith("5 peers at ")
    for pictured in ("committed", "first-kill", "plot-leadership"):
        wait_for(nb, pictured, "img")
    for picture in ("ring-again", "cluster"):
        wait_for(nb, picture, f".gk[data-leader={named(told['by-hand'])}]")
    nb.screenshot("lesson-01")


def test_a_click_on_the_leader_is_what_the_lesson_waits_for(notebook, tmp_path):
    nb = notebook(changed(tmp_path, **{"by-hand": without_its_own_hand}))
    for place in range(PLACE["by-hand"]):
        nb.run_cell(place)
    before = named(nb.outputs()[PLACE["changed"]])
    wait_for(nb, "ring-again", f".gk[data-leader={before}]")
    nb.run_cell(PLACE["by-hand"], wait=False)
    output(nb, "ring-again", f"[data-peer={before}][data-role=leader]").click()
    nb.wait_done()
    after = named(nb.outputs()[PLACE["by-hand"]])
    assert after != before
    for picture in ("ring-again", "cluster"):
        wait_for(nb, picture, f".gk[data-leader={after}]")
        wait_for(nb, picture, f"[data-peer={after}][data-role=leader]")
        wait_for(nb, picture, f"[data-peer={before}][data-role=down]")
    nb.screenshot("lesson-01-after-the-click", ".gk")
    output(nb, "ring-again", f"[data-peer={before}]").click()
    wait_for(nb, "ring-again", f"[data-peer={before}][data-role=follower]")
