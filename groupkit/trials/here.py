"""A sweep in this process, one run after the other; beside a running notebook on a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from contextvars import copy_context

from groupkit.trials.plan import Plan
from groupkit.trials.work import Outcome, one

Tell = Callable[[Outcome], None]
LOOK = 0.05  # seconds of wall time between two looks at what the thread has done: the progress bar's rate


def here(plan: Plan, tell: Tell) -> bool:
    """Do every run, and tell each outcome. Returns False if it was interrupted before the last."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return _in_this_thread(plan, tell)
    return _beside(plan, tell)


def _in_this_thread(plan: Plan, tell: Tell) -> bool:
    try:
        for number in range(plan.runs):
            tell(one(plan.scenario, (number, *plan.job(number)), plan.names))
    except KeyboardInterrupt:
        return False
    return True


class _Beside:
    """The runs of a plan on one worker thread: a thread that runs a loop cannot run another one inside it."""

    def __init__(self, plan: Plan) -> None:
        self.done: deque[Outcome] = deque()
        self.failure: BaseException | None = None
        self._plan = plan
        self._stopped = False
        self._now: tuple[asyncio.AbstractEventLoop, asyncio.Task[object]] | None = None
        self.thread = threading.Thread(
            target=copy_context().run, args=(self._work,), name="groupkit.sweep", daemon=True
        )

    def stop(self) -> None:
        """End the run at hand, and begin no other."""
        self._stopped = True
        now = self._now
        if now is not None and not now[0].is_closed():
            with suppress(RuntimeError):  # it has ended by itself meanwhile
                now[0].call_soon_threadsafe(now[1].cancel)

    def _begun(self) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._now = (asyncio.get_running_loop(), task)
        if self._stopped:
            task.cancel()

    def _work(self) -> None:
        plan = self._plan
        try:
            for number in range(plan.runs):
                if self._stopped:
                    return
                try:
                    outcome = one(plan.scenario, (number, *plan.job(number)), plan.names, self._begun)
                except asyncio.CancelledError:
                    if self._stopped:
                        return
                    outcome = Outcome(number, {}, "CancelledError: the scenario cancelled itself")
                self.done.append(outcome)
        except BaseException as error:
            self.failure = error


def _beside(plan: Plan, tell: Tell) -> bool:
    worker = _Beside(plan)
    worker.thread.start()
    interrupted = False
    while True:
        try:
            worker.thread.join(LOOK)
            alive = worker.thread.is_alive()
            while worker.done:
                tell(worker.done.popleft())
            if not alive:
                break
        except KeyboardInterrupt:
            if interrupted:
                break  # the second time: a run that does not let go is left to itself
            interrupted = True
            worker.stop()
        except BaseException:
            worker.stop()
            raise
    if worker.failure is not None:
        raise worker.failure
    return not interrupted
