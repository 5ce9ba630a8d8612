"""The stop button while an event computes. A kernel cancels the cell, which takes effect at the next await; an
``apply`` that never ends does not let it come, and between cells nobody listens. So: pressed twice, it ends that event.

The event is not taken back. Its peer may have written and sent what belongs to it; its machine has done a part of the
command, which counts as applied all the same; what would have followed at that peer never comes, so who waits for it
may wait for ever. Such a world is no group that keeps its promises, nor can its run be played again: it is to be
closed. Until then its clock is paused, as if its user had called ``clock.pause()``, or the next peer's ``apply`` would
be as endless. What was recorded up to that event is true, and can be looked at.
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
    """Raised where somebody else's code computes within an event; its text says in which function."""


class Button:
    """Listens during each turn of a pump. ``pause`` is that of the network's clock."""

    __slots__ = ("_before", "_over", "_pause", "_presses")

    def __init__(self, pause: Callable[[], None]) -> None:
        self._before: Any = None
        self._over = False
        self._pause = pause
        self._presses = 0

    def during(self, turn: Callable[[], None], stopped: Callable[[], None]) -> None:
        """``turn()``; if the button ends it, time is paused, and ``stopped()`` is called. The event is over by then."""
        if threading.current_thread() is not threading.main_thread():
            turn()
            return
        self._presses, self._over, self._before = 0, False, signal.signal(signal.SIGINT, self.pressed)
        try:
            turn()
        except Stopped as where:
            self._over = True
            self._pause()
            stopped()
            _log.warning(
                "the stop button ended an event in the midst of %s, and the clock is paused. What that event had done "
                "stays half done, so this group can no longer keep its promises: close this cluster, mend that code, "
                "and build another one",
                str(where),  # not the error itself: whoever keeps the log would keep all that its traceback holds
            )
        finally:
            signal.signal(signal.SIGINT, self._before)

    def pressed(self, number: int, frame: FrameType | None) -> None:
        """The first time it means what it meant before: the cell is to end."""
        if self._over:
            return  # what is asked for once more is being done
        self._presses += 1
        if self._presses > 1 and (where := _of_a_user(frame)):
            raise Stopped(where)
        if callable(self._before):
            self._before(number, frame)


def _of_a_user(frame: FrameType | None) -> str:
    """What computes within the world's event and is not groupkit's; empty if nothing does."""
    called = ""
    while frame is not None:
        if frame.f_code.co_filename.startswith(_HOUSE):
            return "a state machine's apply" if called == "apply" else called
        called, frame = frame.f_code.co_name, frame.f_back
    return ""


def button_for(machine: object, pause: Callable[[], None]) -> Button | None:
    """One where there is such a button, and a machine of somebody's own: to listen costs about 8 µs a turn."""
    own = not type(machine).__module__.startswith("groupkit.")
    return Button(pause) if own and in_notebook() else None
