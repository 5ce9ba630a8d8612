"""A real JupyterLab in a real headless Chromium, for tests.

    def test_something(notebook):
        nb = notebook(["print('hello')"])      # a notebook with these code cells, open in the browser
        nb.run_all()
        assert nb.outputs() == ["hello"]

`nb.run_all(wait=False)` starts the cells and returns, so that the test can act while a cell awaits; then
`nb.wait_done()`. Assert on text in the page, not on pixels; `nb.screenshot("name")` leaves a picture to look at.
The environment variable CHROMIUM names another browser than the one on the path.
"""

import os
import re
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

import nbformat
from playwright.sync_api import ConsoleMessage, Page, Playwright

from tests.browser.notebook import PATIENCE, Notebook
from tests.browser.server import Server

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
HERE = re.compile(r"^(data:|blob:|about:|(https?|wss?)://127\.0\.0\.1[:/])")
KERNELSPEC = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}


def find_chromium() -> str | None:
    """The path of a Chromium on this computer, or None."""
    if named := os.environ.get("CHROMIUM"):
        return named
    return next((path for name in CHROMIUM_NAMES if (path := shutil.which(name))), None)


class Lab:
    """A server and a browser; a context manager. `root` is the folder that Lab shows."""

    page: Page
    serve: type[Server] = Server

    def __init__(self, root: Path, playwright: Playwright):
        self.root = root
        self.console: list[str] = []  # errors the page printed or raised
        self.requests_outside: list[str] = []  # addresses that are not on this computer
        self._home = Path(tempfile.mkdtemp(prefix="groupkit-lab-"))
        self._server: Server | None = None
        self._playwright = playwright

    def __enter__(self) -> Self:
        try:
            self._server = self.serve(self.root, self._home)
            context = self._playwright.chromium.launch_persistent_context(
                self._home / "profile",
                executable_path=find_chromium(),
                args=CHROMIUM_FLAGS,
                viewport={"width": 1280, "height": 900},
            )
            self.page = context.pages[0]
            self.page.set_default_timeout(PATIENCE * 1000)
            self.page.on("console", self._on_console)
            self.page.on("pageerror", lambda error: self.console.append(f"uncaught: {error}"))
            self.page.on("request", lambda request: self._on_address(request.url))
            self.page.on("websocket", lambda socket: self._on_address(socket.url))
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    @property
    def server(self) -> Server:
        assert self._server, "use Lab as a context manager"
        return self._server

    def close(self) -> None:
        """End browser, server and kernels, and remove the private folders."""
        try:
            if hasattr(self, "page"):
                self.page.context.close()
        finally:
            if self._server:
                self._server.stop()
            shutil.rmtree(self._home, ignore_errors=True)

    def write(self, name: str, cells: Sequence[str]) -> str:
        """Write a notebook with these code cells below the root; its name."""
        nb = nbformat.v4.new_notebook(metadata={"kernelspec": KERNELSPEC})
        nb.cells = [nbformat.v4.new_code_cell(source.strip("\n"), id=f"cell-{i}") for i, source in enumerate(cells)]
        nbformat.write(nb, self.root / name)
        return name

    def open(self, name: str) -> Notebook:
        """Open a notebook below the root and wait for its kernel."""
        # The token is handed over once and lives on as a cookie.
        self.page.goto(f"{self.server.url}/lab/tree/{name}?token={self.server.token}&reset")
        notebook = Notebook(self, name)
        notebook.wait_open()
        self.theme("light")  # a theme outlives the test that chose it
        return notebook

    def shut(self) -> None:
        """Leave the open notebook and end its kernel."""
        self.page.goto("about:blank")
        self.server.end_kernels()

    def theme(self, name: Literal["light", "dark"]) -> None:
        """Change Lab's theme and wait until the page wears it."""
        title = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}[name]
        if self.page.evaluate("document.body.dataset.jpThemeName") == title:
            return
        self.page.evaluate("name => window.jupyterapp.commands.execute('apputils:change-theme', {theme: name})", title)
        self.page.wait_for_function("name => document.body.dataset.jpThemeName === name", arg=title)

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.console.append(f"{message.text} ({message.location.get('url', '')})")

    def _on_address(self, url: str) -> None:
        if not HERE.match(url):
            self.requests_outside.append(url)
