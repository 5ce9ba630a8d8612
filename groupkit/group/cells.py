"""What only a notebook has: a kernel, and cells that are run again."""

from __future__ import annotations

import math
import sys
import weakref
from typing import TYPE_CHECKING, Any

from groupkit.group.run import inside_run

if TYPE_CHECKING:
    from groupkit.group.network import Network

_made_by: dict[str, tuple[int, weakref.WeakSet[Any]]] = {}  # cell -> (its last execution, what it made)


def _shell() -> Any:
    ipython = sys.modules.get("IPython")  # not imported here: without it there is no notebook
    shell = ipython.get_ipython() if ipython is not None else None
    return shell if shell is not None and hasattr(shell, "kernel") else None


def in_notebook() -> bool:
    """Whether this code runs in a Jupyter kernel."""
    return _shell() is not None


def end_former(network: Network) -> None:
    """A cell that is run again ends the networks that its former run made."""
    shell = _shell()
    if shell is None:
        return
    try:
        cell = shell.get_parent()["metadata"]["cellId"]
    except Exception:  # an older kernel, or a front end that does not name its cells
        return
    execution = int(shell.execution_count)
    known = _made_by.get(cell)
    if known is None or known[0] != execution:
        for former in list(known[1]) if known is not None else ():
            former._shut("the cell that made it was run again")
        known = _made_by[cell] = (execution, weakref.WeakSet())
    known[1].add(network)


def default_pace() -> float:
    """1.0 in a notebook; elsewhere, and inside ``groupkit.run``, as fast as it can."""
    return 1.0 if inside_run.get() is None and in_notebook() else math.inf
