"""When the pump has its next turn on the event loop: at once, at a moment of the wall clock, or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from groupkit.group.home import Home

LOOK_UP: Final = 0.25  # seconds of wall time that the loop sleeps at most while somebody waits


class NextTurn:
    """At most one turn is planned at a time, ``handle``, and ``call`` is what it runs.

    ``planned`` is when it should come, by the loop's own clock: whoever comes later has been held up. ``dozing``: it
    is planned only to look up, and nothing is due.
    """

    __slots__ = ("_call", "_closed", "_home", "dozing", "handle", "planned")

    def __init__(self, home: Home, call: Callable[[], None]) -> None:
        self._home = home
        self._call = call
        self._closed = False
        self.handle: asyncio.Handle | None = None
        self.planned = 0.0
        self.dozing = False

    def soon(self) -> None:
        """At once, behind those who are due on the loop. A turn that is planned already stays as it is."""
        loop = self._home.current
        if self.handle is None and not self._closed and loop is not None and not loop.is_closed():
            self.planned = loop.time()
            self.handle = loop.call_soon(self._call)

    def again(self) -> None:
        """This very turn once more, behind those who are due on the loop: what they take counts as its delay."""
        assert self._home.current is not None
        self.handle = self._home.current.call_soon(self._call)

    def now(self) -> None:
        """At once, whatever was planned."""
        self.cancel()
        self.soon()

    def at(self, wall: float) -> None:
        """At that moment, or at once if it is past, instead of what was planned.

        Never later than in ``LOOK_UP``: a loop that sleeps may not see an interrupt.
        """
        assert self._home.current is not None
        self.cancel()
        now = self._home.current.time()
        self.planned = min(max(wall, now), now + LOOK_UP)
        self.handle = self._home.current.call_at(self.planned, self._call)

    def look_up(self) -> None:
        """Nothing will happen by itself: look up in a while, unless a turn is planned."""
        loop = self._home.current
        if self.handle is None and loop is not None:
            self.dozing = True
            self.planned = loop.time() + LOOK_UP
            self.handle = loop.call_at(self.planned, self._call)

    def cancel(self) -> None:
        """Nothing is planned any more."""
        if self.handle is not None:
            self.handle.cancel()
            self.handle = None

    def close(self) -> None:
        """No turn is planned ever again."""
        self.cancel()
        self._closed = True
