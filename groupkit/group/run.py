"""Ways to wait where there is no ``await``: a loop of its own, and the one place that uses nest-asyncio."""

from __future__ import annotations

import asyncio
import atexit
import gc
import sys
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from contextvars import Context, ContextVar, copy_context
from typing import Any, TypeVar

from groupkit.group.aside import Aside
from groupkit.group.home import SyncWait
from groupkit.group.interrupts import LOOK, audible

T = TypeVar("T")
_plain: asyncio.AbstractEventLoop | None = None
inside_run: ContextVar[int | None] = ContextVar("groupkit_run_seed", default=None)  # the seed given to run(), else None
# where rerun() collects networks
reopening: ContextVar[list[Any] | None] = ContextVar("groupkit_reopening", default=None)


def plain_loop() -> asyncio.AbstractEventLoop:
    """The loop for code that has none: ``run_sync`` drives it."""
    global _plain
    if _plain is None or _plain.is_closed():
        _plain = asyncio.new_event_loop()
        atexit.register(_plain.close)  # nobody else does, and Python would warn of it
    return _plain


def run(main: Callable[[], Coroutine[Any, Any, T]], *, seed: int = 0) -> T:
    """Run ``async def main()`` to its end on a loop of its own, and return its result.

    Works anywhere, in a running notebook too (there it blocks the cell). Inside, networks have pace ``inf``
    and this ``seed`` unless they name their own. An interrupt (the stop button) ends it.
    """
    if not callable(main) or isinstance(main, type):
        hint = ""
        if asyncio.iscoroutine(main):
            main.close()
            hint = " (leave out the brackets: run(main), not run(main()))"
        elif isinstance(main, asyncio.Future):
            hint = ": in a cell, write await in front of that; elsewhere run_sync(...) waits for it"
        raise TypeError(f"run takes a function made by 'async def', not {main!r}{hint}")
    context = copy_context()
    context.run(inside_run.set, seed)
    with _seldom_collecting():
        if asyncio._get_running_loop() is None:  # asks without raising: errors of ``main`` have no past of their own
            return _on_a_loop(main, context)
        return _beside(main, context)


def _on_a_loop(main: Callable[[], Coroutine[Any, Any, T]], context: Context) -> T:
    # Not asyncio.run: nest-asyncio, once applied by run_sync, puts one in its place that fails in other threads.
    with asyncio.Runner() as runner:
        return runner.run(main(), context=context)


def _beside(main: Callable[[], Coroutine[Any, Any, T]], context: Context) -> T:
    """On another thread. An interrupt, which only this thread sees, ends it there, too."""
    results: list[T] = []

    async def told(aside: Aside) -> T:
        aside.begun()
        return await main()

    aside = Aside(lambda aside: results.append(_on_a_loop(lambda: told(aside), context)), "run")
    try:
        with audible() as heard:
            aside.start()
            while not aside.over(LOOK):
                heard.check()
    except KeyboardInterrupt:
        aside.interrupted()
        raise
    if aside.failure is not None:
        raise aside.failure
    return results[0]


@contextmanager
def _seldom_collecting() -> Iterator[None]:
    """A run keeps much and leaves little in cycles: look for garbage every 10,000 new objects instead of every 700."""
    before = gc.get_threshold()
    if before[0]:
        gc.set_threshold(max(before[0], 10_000), *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def run_sync(awaitable: Awaitable[T]) -> T:
    """Wait for ``awaitable`` from plain, synchronous code, and return its result.

    Where no loop runs, it is driven by a loop of groupkit's own. Where one runs (a callback, ``%timeit``), this nests a
    second wait inside it with nest-asyncio, which is applied at the first such call and cannot be undone; nested waits
    end last-in-first-out. In a cell, plain ``await`` is better. Refused under uvloop and in the browser.
    """
    if not hasattr(awaitable, "__await__"):
        hint = ": call it, with brackets" if callable(awaitable) else ""
        raise TypeError(f"run_sync takes something that can be awaited, not {awaitable!r}{hint}")
    wait = SyncWait(awaitable)
    loop = asyncio._get_running_loop()
    if loop is None:
        own = awaitable.get_loop() if isinstance(awaitable, asyncio.Future) else None  # one that rests, as IPython's
        return wait.on(plain_loop() if own is None or own.is_closed() else own)
    if sys.platform == "emscripten":
        raise RuntimeError("run_sync cannot wait inside a browser: use await instead")
    if type(loop).__module__.split(".")[0] == "uvloop":
        raise RuntimeError("run_sync cannot nest in uvloop: use await, or run the notebook on asyncio's own loop")
    _nest().apply(loop)
    ready = getattr(loop, "_ready", ())
    due = len(ready)
    try:
        with audible(0):  # the handler of a cell with an await would cancel that cell, which cannot end before this
            return wait.on(loop)
    finally:
        # At the first call the turn that runs now began before nesting was known: it counts on what was due then, all
        # of which the nested wait has done.
        for _ in range(due - len(ready)):
            loop.call_soon(_nothing)


def _nothing() -> None:
    """Only to be there."""


def _nest() -> Any:
    try:
        import nest_asyncio2 as nest
    except ImportError:
        import nest_asyncio as nest
    return nest
