"""Lessons are kept as they are handed out: numbered, without outputs, on public names only, ending with a question."""

import ast
import re
from pathlib import Path

import nbformat
import pytest

from tests.house import tree

LESSONS = sorted((tree.ROOT / "notebooks").glob("*.ipynb"))
ROOMS = re.compile(r"groupkit\.(raft|sim|record|group)\b|groupkit_widgets\.\w")
each_lesson = pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)


def read(path: Path) -> nbformat.NotebookNode:
    return nbformat.read(path, as_version=4)


def code_of(path: Path) -> list[ast.Module]:
    """Each code cell as a tree, without lines for IPython itself (%timeit and the like)."""
    trees = []
    for cell in read(path).cells:
        if cell.cell_type == "code":
            plain = "\n".join("" if line.lstrip().startswith(("%", "!")) else line for line in cell.source.splitlines())
            flags = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
            trees.append(compile(plain, path.name, "exec", flags=flags))
    return trees


def test_there_are_lessons_and_their_numbers_follow_each_other():
    assert LESSONS
    for number, path in enumerate(LESSONS, start=1):
        assert re.fullmatch(rf"{number:02}_[a-z0-9_]+\.ipynb", path.name), path.name


@each_lesson
def test_no_output_is_kept(path):
    kept = [i for i, cell in enumerate(read(path).cells) if cell.get("outputs") or cell.get("execution_count")]
    assert not kept, f"cells {kept} keep outputs: python3 dev.py check --fix"


@each_lesson
def test_a_lesson_opens_without_asking_for_a_kernel(path):
    notebook = read(path)
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "python3"
    assert "widgets" not in notebook.metadata


@each_lesson
def test_a_lesson_begins_with_its_title_and_ends_with_a_question(path):
    first, last = read(path).cells[0], read(path).cells[-1]
    assert first.cell_type == "markdown" and first.source.startswith("# ")
    assert last.cell_type == "markdown" and "?" in last.source


@each_lesson
def test_a_lesson_uses_public_names_only(path):
    for cell in code_of(path):
        rooms = [
            name for _, name in tree.imports(cell) if ROOMS.match(name) and not name.startswith("groupkit_widgets.")
        ]
        assert not rooms, f"{rooms}: take it from groupkit itself"
        private = [
            node.attr for node in ast.walk(cell) if isinstance(node, ast.Attribute) and node.attr.startswith("_")
        ]
        assert not private, f"private names in a lesson: {private}"


@each_lesson
def test_every_cell_is_small_enough_to_explain(path):
    long = [i for i, cell in enumerate(read(path).cells) if cell.cell_type == "code" and cell.source.count("\n") >= 25]
    assert not long, f"cells {long} are longer than 25 lines"


@each_lesson
def test_no_line_of_code_is_wider_than_a_laptop_shows(path):
    wide = [line for cell in read(path).cells if cell.cell_type == "code" for line in cell.source.split("\n")]
    assert not [line for line in wide if len(line) > 106], "wider than JupyterLab at 1280 pixels with its file list"


@each_lesson
def test_a_lesson_says_how_long_it_takes_and_both_lists_say_the_same(path):
    minutes = re.search(r"\*About (\d+) minutes", read(path).cells[0].source)
    assert minutes, "the first cell says *About … minutes*"
    for page, link in (("README.md", f"notebooks/{path.name}"), ("notebooks/README.md", path.name)):
        (row,) = [line for line in (tree.ROOT / page).read_text(encoding="utf-8").splitlines() if f"({link})" in line]
        assert f"| {minutes[1]} |" in row, page
