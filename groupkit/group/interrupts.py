"""An interrupt is heard while a call that does not await, such as a sweep, waits for work done elsewhere."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

LOOK = 0.05  # seconds of wall time between two looks at whether there was an interrupt


class Heard:
    """The interrupts that ``audible`` has heard."""

    def __init__(self, patience: int) -> None:
        self.presses = 0
        self._patience = patience

    def press(self, number: int, frame: FrameType | None) -> None:
        """The signal's handler."""
        self.presses += 1
        if self.presses > self._patience:
            raise KeyboardInterrupt

    def check(self) -> None:
        """Raise ``KeyboardInterrupt`` if there was one."""
        if self.presses:
            raise KeyboardInterrupt


@contextmanager
def audible(patience: int = 1) -> Iterator[Heard]:
    """Ctrl-C and the notebook's stop button are heard by this call, where a loop runs too.

    ``asyncio.run``, and a cell with an ``await`` in it, have a handler of their own, which leaves word for the loop;
    and a loop that is blocked hears nothing. Who ignores the signal goes on ignoring it.

    So many presses as ``patience`` only count, for ``check``, which whoever waits in here calls each ``LOOK``. Raised
    out of the handler, in whatever line that comes, ``KeyboardInterrupt`` would leave a lock of an executor locked for
    ever, or be dropped, as Python does where garbage is collected. Whoever presses on gets it raised at once.
    """
    heard = Heard(patience)
    if threading.current_thread() is not threading.main_thread():
        yield heard
        return
    before = signal.getsignal(signal.SIGINT)
    if before is None or before in (signal.SIG_IGN, signal.SIG_DFL):
        yield heard
        return
    signal.signal(signal.SIGINT, heard.press)
    try:
        yield heard
    finally:
        signal.signal(signal.SIGINT, before)
