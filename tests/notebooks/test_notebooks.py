"""Every lesson runs from its first cell to its last in a fresh kernel, without anybody's hand."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

pytestmark = pytest.mark.slow

CELL_SECONDS = 600  # deadlines only: a busy computer may stand still for long
LESSONS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_lesson_runs_to_its_end(path, tmp_path, monkeypatch):
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))  # nobody's own settings
    before = path.read_bytes()
    notebook = nbformat.reads(before.decode(), as_version=4)
    (tmp_path / "cwd").mkdir()
    client = NotebookClient(
        notebook,
        timeout=CELL_SECONDS,
        startup_timeout=CELL_SECONDS,
        iopub_timeout=CELL_SECONDS,  # no output is missed, however late it comes
        resources={"metadata": {"path": tmp_path / "cwd"}},
    )
    client.execute()
    assert not complaints(notebook)
    assert path.read_bytes() == before, "running a lesson must not write into it"


def complaints(notebook: nbformat.NotebookNode) -> list[str]:
    """What went to stderr and is no progress bar: warnings, and exceptions that nobody was there to catch."""
    return [
        f"cell {i}: {output.text}"
        for i, cell in enumerate(notebook.cells)
        for output in cell.get("outputs", [])
        if output.get("name") == "stderr" and ("Warning" in output.text or "Traceback" in output.text)
    ]
