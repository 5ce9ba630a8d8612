"""A word to whoever waits in vain: a cell that awaits while the clock is paused would only hang."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any, Final

LOOKS: Final = 8  # so often the pump looks up, about two seconds of wall time: a menu that holds time is shorter
_log = logging.getLogger("groupkit")


class Reminder:
    """Speaks once a pause."""

    __slots__ = ("_looks",)

    def __init__(self) -> None:
        self._looks = 0

    def look(self, awaited: Iterable[Any]) -> None:
        """The pump has looked up, time stands still, and these are awaited."""
        first = next(iter(awaited), None)
        if first is None:
            return
        self._looks += 1
        if self._looks == LOOKS:
            _log.warning(
                "still waiting for %s, and the clock is paused: clock.resume(), clock.step() or clock.advance(seconds) "
                "lets time go on",
                first.what,
            )

    def forget(self) -> None:
        """Time stands still from now on, or has moved."""
        self._looks = 0
