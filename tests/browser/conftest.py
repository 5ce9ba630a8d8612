"""Fixtures that open notebooks in a real browser: see tests/browser/lab.py and notebook.py."""

import os
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Playwright, sync_playwright

from tests.browser.lab import Lab, find_chromium
from tests.browser.notebook import SCREENS, Notebook

# What JupyterLab itself prints on a healthy run; of its debugger, where a test ends a kernel so slow that it has not
# answered it yet.
HARMLESS = re.compile(r"/lsp/status|^Could not restore the debugger state: Canceled future for debug_request")

Opener = Callable[[Sequence[str] | Path], Notebook]


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """What drives all browsers: a process can have one only."""
    if find_chromium() is None:
        word = "no Chromium here; on Debian: apt install chromium; elsewhere set CHROMIUM to its path"
        if os.environ.get("CI"):
            pytest.fail(word)
        pytest.skip(word)
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def lab(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """One JupyterLab and one browser for all tests: starting them takes longer than most tests."""
    with Lab(tmp_path_factory.mktemp("lab"), playwright) as lab:
        yield lab


@pytest.fixture
def notebook(lab: Lab, request: pytest.FixtureRequest) -> Iterator[Opener]:
    """Call it with a list of code cells, or with the path of a notebook (a copy is opened)."""
    lab.console.clear()
    lab.requests_outside.clear()
    opened = 0

    def open_notebook(what: Sequence[str] | Path) -> Notebook:
        nonlocal opened
        opened += 1
        name = f"{re.sub(r'[^a-zA-Z0-9_]+', '-', request.node.name)}-{opened}.ipynb"
        if isinstance(what, Path):
            shutil.copyfile(what, lab.root / name)
        else:
            lab.write(name, what)
        return lab.open(name)

    yield open_notebook
    if opened:
        lab.shut()
    assert not lab.requests_outside, "the page asked for addresses outside this computer"
    assert not [line for line in lab.console if not HARMLESS.search(line)], "the page printed errors"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """After a failure, keep what the browser showed and what the server said."""
    report = yield
    lab = item.funcargs.get("lab") if isinstance(item, pytest.Function) else None
    if report.when == "call" and report.failed and isinstance(lab, Lab):
        SCREENS.mkdir(exist_ok=True)
        stem = SCREENS / f"failed-{item.name}"
        lab.page.screenshot(path=stem.with_suffix(".png"))
        stem.with_suffix(".log").write_text("\n".join([*lab.console, lab.server.log_text()]), encoding="utf-8")
        report.sections.append(("browser", f"see {stem}.png and .log"))
    return report
