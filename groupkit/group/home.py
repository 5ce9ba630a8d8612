"""Where a world lives: one event loop, and the thread that runs it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any, Final, Generic, TypeVar

T = TypeVar("T")
sync_waits: Final[dict[asyncio.AbstractEventLoop, list[SyncWait[Any]]]] = {}  # the innermost last


class SyncWait(Generic[T]):
    """Somebody who waits without ``await``, for ``awaitable``. ``runs``: it is their turn, and not the world's."""

    __slots__ = ("_awaitable", "runs")

    def __init__(self, awaitable: Awaitable[T]) -> None:
        self._awaitable = awaitable
        self.runs = True  # nobody knows yet what is awaited

    async def __call__(self) -> T:
        """The result, on the loop."""
        self.runs = False
        try:
            return await self._awaitable
        finally:
            self.runs = True  # as of here the caller is about to go on

    def on(self, loop: asyncio.AbstractEventLoop) -> T:
        """The result, at the end of a wait that may be nested in others, which end last-in-first-out.

        Who is interrupted here waits no more: at pace ``inf``, time would run on for nobody."""
        waits = sync_waits.setdefault(loop, [])
        task = loop.create_task(self())
        waits.append(self)
        try:
            return loop.run_until_complete(task)
        except BaseException:
            task.cancel()
            raise
        finally:
            waits.remove(self)
            if not waits:
                del sync_waits[loop]


class Home:
    """``current`` is the loop, once there is one; ``moved`` is called when it is another one from now on."""

    __slots__ = ("_moved", "_thread", "current")

    def __init__(self, moved: Callable[[], None]) -> None:
        self.current: asyncio.AbstractEventLoop | None = None
        self._moved = moved
        self._thread = 0

    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop this world lives on: the running one at first use; else groupkit's own (see ``run_sync``)."""
        if self.current is not None and asyncio._get_running_loop() is self.current:
            return self.current
        try:
            running: asyncio.AbstractEventLoop | None = asyncio.get_running_loop()
        except RuntimeError:
            running = None
        if self.current is None or self.current.is_closed() or (running is not None and self.current is not running):
            self._move(running)
        assert self.current is not None
        return self.current

    def _move(self, running: asyncio.AbstractEventLoop | None) -> None:
        if self.current is not None and self.current.is_running():
            raise RuntimeError(
                "this group lives on another event loop, which is still running: call it from there, for instance by "
                "loop.call_soon_threadsafe(...), or use network.post(verb, ...) from any thread"
            )
        if running is None:
            from groupkit.group.run import plain_loop

            running = plain_loop()
        self.current = running
        self._thread = threading.get_ident()
        self._moved()

    def sync_runs(self) -> bool:
        """Whether somebody who waits here without ``await`` is about to run: see ``SyncWait``."""
        waits = sync_waits.get(self.current) if self.current is not None else None
        return waits is not None and waits[-1].runs

    def leave(self) -> None:
        """Nothing moves any more."""
        self._moved = _nothing

    def settle(self) -> None:
        """Move in where a loop is running; elsewhere the first await will do it."""
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return
        self.loop()

    def for_others(self) -> asyncio.AbstractEventLoop:
        """The loop this world lives on, as another thread may ask for it."""
        if self.current is None or self.current.is_closed():
            raise RuntimeError("this network has not started yet: await something of it first, on its own loop")
        return self.current

    def check(self, what: str) -> None:
        """Refuse a call from another thread; move out of a loop that was closed."""
        loop = self.current
        if loop is None:
            return
        if threading.get_ident() != self._thread and loop.is_running():
            raise RuntimeError(f"{what} was called from another thread: {_way_out(what)}")
        if loop.is_closed():
            self.settle()


def _way_out(what: str) -> str:
    from groupkit.group.faults import VERBS  # which knows who lives here
    from groupkit.group.run import inside_run

    if inside_run.get() is not None and asyncio._get_running_loop() is not None:
        return "groupkit.run and sweep have a thread and a loop of their own, so make the cluster inside, too"
    verb = what.partition("(")[0]
    post = f"network.post({verb!r}, ...)" if verb in VERBS else "network.post(function, ...)"
    return f"use {post}, which may be called from anywhere, or loop.call_soon_threadsafe(...)"


def _nothing() -> None:
    """Who has left has nothing to move."""
