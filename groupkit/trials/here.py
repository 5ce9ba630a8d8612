"""A sweep in this process, one run after the other; beside a running notebook on a thread of its own."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from groupkit.group.aside import Aside
from groupkit.group.interrupts import LOOK, Heard, audible
from groupkit.trials.plan import Plan
from groupkit.trials.work import Outcome, one

Tell = Callable[[Outcome], None]


def here(plan: Plan, tell: Tell) -> bool:
    """Do every run, and tell each outcome. Returns False if it was interrupted before the last."""
    if asyncio._get_running_loop() is None:
        return _in_this_thread(plan, tell)
    with audible() as heard:
        return _beside(plan, tell, heard)


def _in_this_thread(plan: Plan, tell: Tell) -> bool:
    try:
        for number in range(plan.runs):
            tell(one(plan.scenario, (number, *plan.job(number)), plan.names))
    except KeyboardInterrupt:
        return False
    return True


def _work(aside: Aside, plan: Plan, done: deque[Outcome]) -> None:
    for number in range(plan.runs):
        if aside.stopped:
            return
        try:
            outcome = one(plan.scenario, (number, *plan.job(number)), plan.names, aside.begun)
        except asyncio.CancelledError:
            if aside.stopped:
                return
            outcome = Outcome(number, {}, "CancelledError: the scenario cancelled itself")
        except KeyboardInterrupt:
            if aside.stopped:  # it was broken off
                return
            raise
        done.append(outcome)


def _beside(plan: Plan, tell: Tell, heard: Heard) -> bool:
    done: deque[Outcome] = deque()
    aside = Aside(lambda aside: _work(aside, plan, done), "sweep")
    aside.start()
    while True:
        try:
            over = aside.over(LOOK)
            while done:
                tell(done.popleft())
            if over:
                break
            if not aside.stopped:
                heard.check()
        except KeyboardInterrupt:
            if aside.stopped:
                break
            aside.interrupted()
        except BaseException:
            aside.stop()
            raise
    if aside.failure is not None:
        raise aside.failure
    return not aside.stopped
