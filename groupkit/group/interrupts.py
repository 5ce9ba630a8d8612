"""An interrupt is heard while a call that does not await, such as a sweep, blocks a running loop."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def audible() -> Iterator[None]:
    """Ctrl-C and the notebook's stop button raise ``KeyboardInterrupt`` at once, where a loop runs too.

    ``asyncio.run``, and a cell with an ``await`` in it, have a handler of their own, which leaves word for the loop;
    and a loop that is blocked hears nothing. Who ignores the signal goes on ignoring it.
    """
    if threading.current_thread() is not threading.main_thread() or asyncio._get_running_loop() is None:
        yield
        return
    before = signal.getsignal(signal.SIGINT)
    if before is None or before in (signal.SIG_IGN, signal.SIG_DFL, signal.default_int_handler):
        yield
        return
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
