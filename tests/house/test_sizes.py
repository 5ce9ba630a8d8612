"""A file and a function can be read in one sitting; the list of exceptions may only shrink."""

import ast

from tests.house import tree

FILE_LINES = 300
FUNCTION_LINES = 60  # without its docstring

# What is longer today, with its length. Never add a line; when one has become shorter, lower its number.
LONG_FILES: dict[str, int] = {}
LONG_FUNCTIONS: dict[str, int] = {}


def measured_files() -> dict[str, int]:
    found = tree.sources("groupkit", "widgets", "dev.py", suffixes=(".py", ".js", ".css"))
    return {tree.name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in found}


def measured_functions() -> dict[str, int]:
    lengths: dict[str, int] = {}
    for path in tree.sources("groupkit", "widgets", "dev.py"):
        for node in ast.walk(tree.parse(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lengths[f"{tree.name_of(path)}::{node.name}"] = body_lines(node)
    return lengths


def body_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    assert node.end_lineno
    lines = node.end_lineno - node.lineno + 1
    if ast.get_docstring(node, clean=False) is not None:
        docstring = node.body[0]
        assert docstring.end_lineno
        lines -= docstring.end_lineno - docstring.lineno + 1
    return lines


def complaints(measured: dict[str, int], limit: int, exceptions: dict[str, int]) -> list[str]:
    too_long = [
        f"{name}: {length} lines, {exceptions.get(name, limit)} allowed (which noun is hiding in it?)"
        for name, length in measured.items()
        if length > exceptions.get(name, limit)
    ]
    slack = [
        f"{name}: the exception allows {allowed} lines, it has {measured.get(name, 0)}: lower it or take it out"
        for name, allowed in exceptions.items()
        if measured.get(name, 0) < allowed
    ]
    return too_long + slack


def test_files_can_be_read_in_one_sitting():
    assert not complaints(measured_files(), FILE_LINES, LONG_FILES)


def test_functions_can_be_read_at_a_glance():
    assert not complaints(measured_functions(), FUNCTION_LINES, LONG_FUNCTIONS)


def test_the_list_of_exceptions_may_only_shrink():
    assert complaints({"a": 10}, 10, {}) == []
    assert len(complaints({"a": 11}, 10, {})) == 1
    assert complaints({"a": 12}, 10, {"a": 12}) == []
    assert len(complaints({"a": 13}, 10, {"a": 12})) == 1
    assert len(complaints({"a": 11}, 10, {"a": 12})) == 1
    assert len(complaints({}, 10, {"gone": 12})) == 1
