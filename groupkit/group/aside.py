"""Work beside a loop that is running: on a thread of its own, for a thread that runs a loop cannot run another one."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from contextvars import copy_context

PATIENCE = 1.0  # seconds of wall time that what was stopped has to end by itself


class Aside:
    """Does ``work`` on a thread, once ``start`` was called. ``failure`` is what it raised.

    ``begun`` is called by the work, in the task that ``stop`` is to cancel.
    """

    def __init__(self, work: Callable[[Aside], object], name: str) -> None:
        self.failure: BaseException | None = None
        self.stopped = False
        self._over = threading.Event()  # an interrupted join() of Python 3.11 takes a thread for ended that is not
        self._now: tuple[asyncio.AbstractEventLoop, asyncio.Task[object]] | None = None
        self._thread = threading.Thread(
            target=copy_context().run, args=(self._do, work), name=f"groupkit.{name}", daemon=True
        )

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def over(self, within: float | None = None) -> bool:
        """Whether it has ended, or does within so many seconds of wall time; None: wait for it."""
        return self._over.wait(within)

    def begun(self) -> None:
        """The work tells that a task of its loop is what it does now."""
        task = asyncio.current_task()
        assert task is not None
        self._now = (asyncio.get_running_loop(), task)
        if self.stopped:
            task.cancel()

    def stop(self) -> None:
        """Cancel what it does now; ``stopped`` tells the work to begin nothing else."""
        self.stopped = True
        now = self._now
        if now is not None and not now[0].is_closed():
            with suppress(RuntimeError):  # it has ended by itself meanwhile
                now[0].call_soon_threadsafe(now[1].cancel)

    def break_off(self) -> None:
        """Raise ``KeyboardInterrupt`` where it computes: it does not come to its next await."""
        import ctypes  # an interrupt reaches the main thread only; CPython has this door and no other

        if not self._over.is_set() and self._thread.ident is not None:
            ctypes.pythonapi.PyThreadState_SetAsyncExc(
                ctypes.c_ulong(self._thread.ident), ctypes.py_object(KeyboardInterrupt)
            )

    def interrupted(self) -> None:
        """Somebody interrupted the wait for it: stop it, break it off if that is not enough; a second interrupt, or
        work that cannot be reached (a long sleep, say), leaves it to itself."""
        with suppress(KeyboardInterrupt):
            self.stop()
            if not self.over(PATIENCE):
                self.break_off()
                self.over(PATIENCE)

    def _do(self, work: Callable[[Aside], object]) -> None:
        try:
            work(self)
        except BaseException as error:
            self.failure = error
        finally:
            self._over.set()
