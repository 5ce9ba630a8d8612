"""The future that everything in groupkit is awaited by."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextvars import Context
from reprlib import Repr
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from groupkit.group.pump import Pump

T = TypeVar("T")
_add = asyncio.Future.add_done_callback  # super() would take longer than the call itself
_make = asyncio.Future.__init__
_short = Repr()
_short.maxother = _short.maxstring = 60


class Wait(asyncio.Future, Generic[T]):  # type: ignore[type-arg]
    """An asyncio future that lets time move while somebody awaits it, and that may be dropped without a word."""

    __slots__ = ("_pump", "what")

    def __init__(self, pump: Pump, what: str) -> None:
        _make(self, loop=pump.home.loop())
        self._pump = pump
        self.what = what

    def add_done_callback(self, fn: Callable[[Any], object], *, context: Context | None = None) -> None:
        """As in asyncio; from now on somebody waits."""
        _add(self, fn, context=context)
        if not self.done():
            self._pump.attend(self)

    def remove_done_callback(self, fn: Callable[[Any], object]) -> int:
        """As in asyncio; with the last one nobody waits any more."""
        removed = super().remove_done_callback(fn)
        if not self._callbacks:
            self._pump.awaited.pop(self, None)
        return removed

    def cancel(self, msg: Any | None = None) -> bool:
        """As in asyncio; nobody waits any more. A cell that was interrupted here is told what it waited for."""
        self._pump.awaited.pop(self, None)
        return super().cancel(self._missed() if msg is None and not self.done() else msg)

    def resolve(self, value: T) -> None:
        """Give it its result, unless it has one."""
        if not self.done():
            self.set_result(value)
            self._pump.wake(self)

    def fail(self, error: BaseException) -> None:
        """Let it raise ``error``; nobody is warned if it is never awaited."""
        if not self.done():
            self.set_exception(error)
            self.exception()  # counts as looked at
            self._pump.wake(self)

    def _missed(self) -> str:
        pump = self._pump
        text = f"{self.what} was still to come at {pump.world.now:.3f} s"
        if pump.paused:
            return f"{text}, where the clock is paused: clock.resume() lets time go on"
        return f"{text} of virtual time, pace {pump.pace.rate:g}"

    def __repr__(self) -> str:
        if self.cancelled():
            return f"<Wait for {self.what}: cancelled>"
        if not self.done():
            paused = ", the clock is paused" if self._pump.paused else ""
            return f"<Wait for {self.what}: pending{paused}; await it>"
        outcome = self._exception if self._exception is not None else super().result()
        what = "" if outcome is None else f"; await it to get {_short.repr(outcome)}"
        return f"<Wait for {self.what}: done{what}>"
