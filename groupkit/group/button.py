"""The stop button while an event computes. A kernel cancels the cell, which takes effect at the next await; an
``apply`` that never ends does not let it come, and between cells nobody listens. So: pressed twice, it ends that event.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

from groupkit.group.cells import in_notebook

_HOUSE = os.path.dirname(os.path.dirname(__file__))
_log = logging.getLogger("groupkit")


class Stopped(BaseException):
    """Raised where somebody else's code computes within an event."""


class Button:
    """Listens during one turn of a pump."""

    __slots__ = ("_before", "_presses")

    def __init__(self) -> None:
        self._before: Any = None
        self._presses = 0

    def during(self, turn: Callable[[], None], pause: Callable[[], None]) -> None:
        """``turn()``; if the button ends it, time is paused, or the same would begin again."""
        if threading.current_thread() is not threading.main_thread():
            turn()
            return
        self._presses, self._before = 0, signal.signal(signal.SIGINT, self.pressed)
        try:
            turn()
        except Stopped:
            pause()
            _log.warning(
                "the stop button ended an event in the midst of a state machine's apply, and the clock is paused: "
                "close this cluster, mend that code, and build another one"
            )
        finally:
            signal.signal(signal.SIGINT, self._before)

    def pressed(self, number: int, frame: FrameType | None) -> None:
        """The first time it means what it meant before: the cell is to end."""
        self._presses += 1
        if self._presses > 1 and _of_a_user(frame):
            raise Stopped
        if callable(self._before):
            self._before(number, frame)


def _of_a_user(frame: FrameType | None) -> bool:
    """Whether code that is not groupkit's computes within the world's event."""
    inner = False
    while frame is not None:
        if frame.f_code.co_filename.startswith(_HOUSE):
            return inner
        inner, frame = True, frame.f_back
    return False


def button_for(machine: object) -> Button | None:
    """One where there is such a button, and a machine of somebody's own: to listen costs about 8 µs a turn."""
    own = not type(machine).__module__.startswith("groupkit.")
    return Button() if own and in_notebook() else None
