"""An event loop whose wall clock is a number: it jumps over every wait, and a test can hold it up."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import Any


class _Selector(selectors.DefaultSelector):
    """Never sleeps: what would be slept is added to the clock."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = 1000.0

    def select(self, timeout: float | None = None) -> Any:
        if timeout is None:
            raise AssertionError("the loop would sleep for ever: nothing is planned on it")
        self.clock += max(timeout, 1e-6)  # a turn costs a little, as it does everywhere
        return super().select(0)


class WallLoop(asyncio.SelectorEventLoop):
    """``block(seconds)``: what a cell does that computes for so long."""

    def __init__(self) -> None:
        self._wall = _Selector()
        super().__init__(self._wall)

    def time(self) -> float:
        return self._wall.clock

    def block(self, seconds: float) -> None:
        self._wall.clock += seconds


def in_wall_time(main: Callable[[WallLoop], Coroutine[Any, Any, None]]) -> None:
    """Run ``main(loop)`` on such a loop; what the loop complains of fails the test."""
    loop = WallLoop()
    complaints: list[Any] = []
    loop.set_exception_handler(lambda _, told: complaints.append(told))
    try:
        loop.run_until_complete(main(loop))
    finally:
        loop.close()
    assert not complaints, complaints
