"""The pump: it moves the world's time along the event loop, and is the only place that knows both clocks.

A finite pace ties virtual to wall time, also between cells: ``pace.py`` says how. At pace ``inf`` time moves only while
somebody awaits something. At any pace, whoever is woken by an event runs before the next event.

It works in turns, each a call by the loop that runs what is due, at most a slice of it, and plans the next turn
(``turns.py``). A turn that is planned keeps no network alive: if the pump is gone when it comes, it does nothing.
"""

from __future__ import annotations

import asyncio
import math
import weakref
from functools import partial
from typing import Any, Final

from groupkit.group.button import Button
from groupkit.group.errands import SLICE, Errands
from groupkit.group.home import Home, sync_waits
from groupkit.group.pace import Pace
from groupkit.group.reminder import Reminder
from groupkit.group.turns import NextTurn
from groupkit.group.wait import Wait
from groupkit.sim.world import World

GRACE: Final = 2  # turns of the loop left to those who were woken: enough for a gather of tasks


class Pump:
    """Drives one world. ``pace`` is virtual seconds per wall second, or ``math.inf``."""

    def __init__(self, world: World, pace: float) -> None:
        self.world = world
        self.pace = Pace(world, pace)
        self.home = Home(self._moved)
        self.next = NextTurn(self.home, partial(_turn, weakref.ref(self)))
        self.errands = Errands(world)
        self.reminder = Reminder()
        self.button: Button | None = None  # listens for the stop button, where that may be needed

        self.awaited: dict[Wait[Any], None] = {}  # in order: those first asked are first told
        self.sleeping: weakref.WeakSet[Wait[None]] = weakref.WeakSet()
        self._grace = 0  # turns of the loop that those who were woken still have
        self._owed = 0  # how many of them have not come to their next wait yet

        self.paused = self.closed = False
        self._ended: BaseException | None = None  # why it is closed

    def _moved(self) -> None:
        """The world lives on another loop now: what waited on the former one is gone."""
        self.next.cancel()
        self.awaited.clear()
        self.errands.forget()
        self._start_clock()

    def check_caller(self, what: str) -> None:
        """Refuse calls from another thread, and from inside an event (``apply``, a drop rule)."""
        if self.home.current is not asyncio._get_running_loop() or self.home.current is None:
            self.home.check(what)
        if self._ended is not None:
            raise type(self._ended)(f"{what}: {self._ended}")
        if self.world.busy:
            raise RuntimeError(
                f"{what} was called from inside an event (a state machine's apply or query, or a predicate): what "
                "happens there must depend on the command alone; call it from a task or a cell instead"
            )
        if not self.pace.free:
            self.catch_up()

    # -- who waits -----------------------------------------------------------------------------------------------

    def attend(self, wait: Wait[Any]) -> None:
        """Somebody awaits ``wait``: time has a reason to move."""
        self.awaited[wait] = None
        if self._owed:  # who was woken has come to its next wait already
            self._owed -= 1
            if not self._owed:
                self._grace = min(self._grace, 1)  # one more for the tasks it may have made
        if self.next.handle is None:
            self.next.soon()

    def wake(self, wait: Wait[Any]) -> None:
        """``wait`` is done: whoever awaits it runs before the next event."""
        if wait in self.awaited:
            del self.awaited[wait]
            self.world.woken = True
            self._grace = GRACE
            self._owed += 1
            if self.next.handle is None:
                self.next.soon()

    # -- turns ---------------------------------------------------------------------------------------------------

    def turn(self) -> None:
        """One turn on the loop: run what is due, and plan the next turn."""
        self.next.handle, self.next.dozing = None, False
        if self.closed or self.home.current is None:
            return
        if sync_waits and self.home.sync_runs():  # whoever waits by ``run_sync`` runs before the next event, too
            self.next.again()
            return
        if self._grace and getattr(self.home.current, "_ready", True):  # an asyncio loop says whether anybody is due
            self._grace -= 1
            self.next.again()
            return
        self._owed = self._grace = 0
        if self.errands:
            self._run_errand()
        elif self.paused:
            self.reminder.look(self.awaited)
            self._doze()
        elif self.pace.free:
            self._run_free()
        else:
            self._run_paced()

    def _run_errand(self) -> None:
        self.reminder.forget()
        if self.errands.run():
            self._start_clock()
        if self.errands or self._grace:
            self.next.soon()
        elif not self.paused:
            self.next.soon() if self.pace.free else self._plan()

    def _run_free(self) -> None:
        if not self.awaited:
            return
        ran = self.world.run(math.inf, SLICE)
        if ran or self._grace:
            self.next.soon()
        else:
            self._doze()

    def _run_paced(self) -> None:
        assert self.home.current is not None
        began = self.home.current.time()
        self.pace.late(began - self.next.planned)
        due = self.pace.virtual(began)
        self.world.run(due, SLICE)
        ended = self.home.current.time()
        self.pace.slow(ended - began)
        if self._grace:  # somebody was woken, and runs first
            self.next.soon()
        elif self.world.next_time() <= due:  # more than fits into one slice
            self.pace.behind(ended - self.pace.wall(self.world.now))
            self.next.soon()
        else:
            self.world.now = max(self.world.now, due)
            self._plan()

    def _plan(self) -> None:
        """At a finite pace: the next turn comes when the next event is due."""
        due = self.world.next_time()
        if due < math.inf:
            self.next.at(self.pace.wall(due))
        else:
            self.next.cancel()
            self._doze()

    def _doze(self) -> None:
        """Nothing will happen by itself, yet somebody waits: look up at times, or an interrupt would not be seen."""
        if self.awaited:
            self.next.look_up()

    # -- the flow of time ----------------------------------------------------------------------------------------

    def _start_clock(self) -> None:
        """At a finite pace: from this instant on virtual time follows the wall clock."""
        loop = self.home.current
        if loop is not None and not self.pace.free:
            self.pace.anchor(loop.time())
            if not self.paused and not loop.is_closed():
                self.next.soon() if self.errands else self._plan()

    def catch_up(self) -> None:
        """Bring the world's clock to this instant, as far as no event is due before it."""
        loop = self.home.current
        still = self.closed or self.paused or self.errands or self.world.busy or self.pace.free
        if not still and loop is not None and not loop.is_closed():
            self.pace.catch_up(loop.time(), self.next.planned)

    def touched(self) -> None:
        """Somebody has put new events into the world: the next turn may have to come earlier."""
        if self.home.current is None or self.closed or self.paused or self.world.busy:
            return
        if self.pace.free:
            if self.next.dozing:
                self.next.now()
        elif not (self.errands or self._grace):
            if self.next.handle is not None:  # a turn that should have come was held up by whoever calls here
                self.pace.late(self.home.current.time() - self.next.planned)
            self._plan()

    # -- what the clock of a network offers --------------------------------------------------------------------

    def set_pace(self, rate: float) -> None:
        """From now on time flows so fast."""
        self.catch_up()
        self.pace.set(rate)
        self._flow()

    def pause(self) -> None:
        """Time stands still until ``resume``; what waits goes on waiting."""
        self.catch_up()
        self.reminder.forget()
        self.paused = True

    def resume(self) -> None:
        """Time flows on from where it stood."""
        self.paused = False
        self._flow()

    def _flow(self) -> None:
        self.next.cancel()
        self._start_clock()
        if self.pace.free:
            self.next.soon()

    def advance(self, seconds: float) -> Wait[None]:
        """Run so many virtual seconds as fast as can be."""
        self.check_caller("advance")
        wait: Wait[None] = Wait(self, f"advance({seconds:g})")
        self.errands.reach(self.world.now + seconds, wait)
        self.next.now()
        return wait

    def step(self, count: int) -> Wait[None]:
        """Run so many events, each followed by those it woke."""
        self.check_caller("step")
        wait: Wait[None] = Wait(self, f"step({count})")
        self.errands.steps.append((count, wait))
        self.next.now()
        return wait

    def stopped(self) -> None:
        """The stop button has ended an event. Who asked for more of them by name is told to ask no longer: an advance
        goes on while the clock is paused, and would soon be at the next ``apply`` that never ends."""
        for wait in self.errands.waits():
            wait.cancel()
        self.errands.forget()
        self.next.soon()

    def close(self, error: BaseException) -> None:
        """Never move again: everything that is pending raises ``error``."""
        self.closed, self._ended = True, error
        self.button = None  # it knows the clock, which knows this pump
        self.next.close()
        self.home.leave()
        for wait in [*self.awaited, *self.errands.waits(), *list(self.sleeping)]:
            wait.fail(error)
        self.awaited.clear()


def _turn(ref: weakref.ref[Pump]) -> None:
    pump = ref()
    if pump is not None:
        try:
            pump.turn() if pump.button is None else pump.button.during(pump.turn, pump.stopped)
        except BaseException:
            pump.next.soon()  # one bad event, or an interrupt, does not stop the world
            raise
