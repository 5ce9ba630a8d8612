"""A notebook that is open in a browser: run it, look at it, act on it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import nbformat
from playwright.sync_api import Locator

if TYPE_CHECKING:
    from tests.browser.lab import Lab

SCREENS = Path(__file__).parents[2] / ".screens"
PANEL = "window.jupyterapp.shell.currentWidget"
PATIENCE = 60  # seconds that a page gets for what it shows sooner or later: a busy computer may stand still for many
# Lab draws outputs a little after it has them. Plain text is compared; of other things, something has to be there.
DRAWN = f"""() => {PANEL}.content.widgets.every(cell => {{
  const plain = text => text.replace(/\\u001b\\[[0-9;]*m/g, '').replace(/\\s/g, '');
  const told = cell.model.outputs?.toJSON() ?? [];
  const drawn = [...cell.node.querySelectorAll('.jp-OutputArea-output')];
  return told.length === drawn.length && told.every((one, place) => {{
    const kinds = Object.keys(one.data ?? {{}});
    const text = one.text ?? (kinds.length === 1 ? one.data['text/plain'] : undefined);
    if (text === undefined) return drawn[place].childNodes.length > 0;
    const whole = [text].flat().join('');
    return /[\\r\\b]/.test(whole) || plain(drawn[place].innerText) === plain(whole);
  }});
}})"""


class Notebook:
    """The notebook that is open in a Lab. Cells count from 0, markdown cells included; times are in seconds."""

    def __init__(self, lab: Lab, name: str):
        self.lab, self.page, self.name = lab, lab.page, name

    def wait_open(self) -> None:
        """Wait until Lab has restored itself and the notebook's kernel is connected."""
        self.page.wait_for_function("() => window.jupyterapp && window.jupyterapp.restored")
        self.page.evaluate("() => window.jupyterapp.restored.then(() => null)")
        self.page.wait_for_selector(".jp-NotebookPanel .jp-Cell")
        self.page.wait_for_function(
            f"() => {PANEL}?.sessionContext?.session?.kernel?.connectionStatus === 'connected'",
            timeout=2 * PATIENCE * 1000,
        )

    # ------------------------------------------------------------------------------------------------- running

    def command(self, name: str, **arguments: Any) -> None:
        """Carry out one of JupyterLab's commands, `docmanager:save` say, and wait for its end."""
        self.page.evaluate(
            "([name, args]) => window.jupyterapp.commands.execute(name, args).then(() => null)", [name, arguments]
        )

    def run_all(self, wait: bool = True, timeout: float = 300) -> None:
        """Run every cell; with wait=False only start them."""
        self._start("notebook:run-all-cells")
        if wait:
            self.wait_done(timeout)

    def run_cell(self, index: int, wait: bool = True, timeout: float = 120) -> None:
        """Run one cell; with wait=False only start it. A click in an output makes no difference to which."""
        self.page.evaluate(f"i => {{ const n = {PANEL}.content; n.deselectAll(); n.activeCellIndex = i; }}", index)
        self._start("notebook:run-cell")
        if wait:
            self.wait_done(timeout, check=False)
            assert not self.errors(index), "\n".join(self.errors(index))

    def _start(self, command: str) -> None:
        # Lab's promise ends when the cells have: counting those still open is surer than looking at [*].
        self.page.evaluate(
            "name => { window.running = (window.running ?? 0) + 1;"
            " window.jupyterapp.commands.execute(name).catch(() => null).finally(() => window.running--); }",
            command,
        )

    def wait_done(self, timeout: float = 120, check: bool = True) -> None:
        """Wait until nothing runs any more; with `check`, an error in a cell's output is an AssertionError."""
        self.page.wait_for_function(
            f"() => !window.running && {PANEL}.sessionContext.session.kernel.status === 'idle'"
            f" && {PANEL}.content.widgets.every(c => (c.model.executionState ?? 'idle') === 'idle')",
            timeout=timeout * 1000,
        )
        if check:
            assert not self.errors(), "\n".join(self.errors())

    # ------------------------------------------------------------------------------------------------- looking

    def errors(self, index: int | None = None) -> list[str]:
        """One line for each error in the outputs, of one cell or of all: cell, name, text."""
        found: list[str] = self.page.evaluate(
            f"only => {PANEL}.content.widgets.flatMap((c, i) => (c.model.outputs?.toJSON() ?? [])"
            ".filter(o => o.output_type === 'error' && (only === null || only === i))"
            ".map(o => `cell ${i}: ${o.ename}: ${o.evalue}`))",
            index,
        )
        return found

    def outputs(self) -> list[str]:
        """The text of each cell's outputs, as the page shows it once all is drawn; "" where there is none."""
        self.page.wait_for_function(DRAWN, timeout=PATIENCE * 1000)
        texts: list[str] = self.page.evaluate(
            f"() => {PANEL}.content.widgets.map(c => [...c.node.querySelectorAll('.jp-OutputArea-output')]"
            ".map(o => o.innerText.trim()).filter(t => t).join('\\n'))"
        )
        return texts

    def locator(self, css: str) -> Locator:
        """What `css` matches inside the notebook's outputs."""
        return self.page.locator(f".jp-NotebookPanel .jp-OutputArea-output {css}")

    def text(self, css: str, nth: int = 0) -> str:
        """The text of an element in an output; works for SVG as well."""
        found: str = self.locator(css).nth(nth).evaluate("e => e.innerText ?? e.textContent")
        return found

    def wait_text(self, css: str, pattern: str, timeout: float = PATIENCE) -> str:
        """Wait until an element in an output shows text that `pattern` (a regular expression) is found in."""
        match = self.locator(css).filter(has_text=re.compile(pattern)).first
        match.wait_for(timeout=timeout * 1000)
        found: str = match.evaluate("e => e.innerText ?? e.textContent")
        return found

    def wait_output(self, index: int, pattern: str, timeout: float = PATIENCE) -> str:
        """Wait until the outputs of one cell show text that `pattern` is found in; that text."""
        self.page.wait_for_function(
            f"([i, p]) => new RegExp(p).test([...{PANEL}.content.widgets[i].node"
            ".querySelectorAll('.jp-OutputArea-output')].map(o => o.innerText).join('\\n'))",
            arg=[index, pattern],
            timeout=timeout * 1000,
        )
        return self.outputs()[index]

    def screenshot(self, name: str | Path, css: str | None = None) -> Path:
        """A PNG of the whole notebook, or of one element. A bare name goes to .screens in the repository."""
        path = SCREENS / Path(name).with_suffix(".png")
        path.parent.mkdir(parents=True, exist_ok=True)
        if css:
            self.page.locator(css).first.screenshot(path=path)
            return path
        size = self.page.viewport_size
        assert size
        hidden = self.page.evaluate(
            "() => { const cells = [...document.querySelectorAll('.jp-NotebookPanel .jp-Cell')];"
            " const view = document.querySelector('.jp-NotebookPanel .jp-WindowedPanel-outer');"
            " const last = cells.at(-1).getBoundingClientRect().bottom + view.scrollTop;"
            " return Math.ceil(last + 20 - view.getBoundingClientRect().bottom); }"
        )
        self.page.set_viewport_size({"width": size["width"], "height": min(6000, size["height"] + max(0, hidden))})
        self.page.screenshot(path=path)
        self.page.set_viewport_size(size)
        return path

    # -------------------------------------------------------------------------------------------------- acting

    def click(self, text: str, nth: int = 0) -> None:
        """Click a button in an output by the text on it."""
        self.locator("button").filter(has_text=text).nth(nth).click()

    def click_on(self, css: str, nth: int = 0) -> None:
        """Click any element in an output."""
        self.locator(css).nth(nth).click()

    def interrupt(self) -> None:
        """Interrupt the kernel, as the stop button does."""
        self.command("notebook:interrupt-kernel")

    def save(self) -> None:
        """Save the notebook, outputs and widget state included."""
        self.command("docmanager:save")

    def saved(self) -> Any:
        """The notebook as it stands on the disk."""
        return nbformat.read(self.lab.root / self.name, as_version=4)

    def reload(self) -> None:
        """Save, then load the page again; the kernel lives on."""
        self.save()
        self.page.reload()
        self.wait_open()

    def theme(self, name: Literal["light", "dark"]) -> None:
        """Change Lab's theme and wait until the page wears it."""
        self.lab.theme(name)
