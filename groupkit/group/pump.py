"""The pump: the only place that knows both clocks. It moves the world's time along the event loop.

A finite pace ties virtual to wall time, also between cells; a loop that was blocked makes up 20 ms at most, the rest is
recorded as a stall. At pace ``inf`` time moves only while somebody awaits; whoever is woken runs before the next event.
"""

from __future__ import annotations

import asyncio
import math
import weakref
from typing import Any

from groupkit.group.button import Button
from groupkit.group.errands import SLICE, Errands
from groupkit.group.home import Home
from groupkit.group.reminder import Reminder
from groupkit.group.wait import Wait
from groupkit.sim.world import World

MADE_UP = 0.020  # seconds of wall time that a turn makes up at most after a hold-up
STALL_SHOWN = 0.030  # hold-ups below this, in seconds of wall time lost, are not worth a row
LOOK_UP = 0.25  # seconds of wall time that the loop sleeps at most while somebody waits
GRACE = 2  # turns of the loop left to those who were woken: enough for a gather of tasks


class Pump:
    """Drives one world. ``pace`` is virtual seconds per wall second, or ``math.inf``."""

    def __init__(self, world: World, pace: float) -> None:
        self.world = world
        self.awaited: dict[Wait[Any], None] = {}  # in order: those first asked are first told
        self.paused = self.closed = False
        self._ended: BaseException | None = None  # why it is closed
        self._pace = pace
        self._free = math.isinf(pace)
        self.home = Home(self._moved)
        self._handle: asyncio.Handle | None = None
        self._planned = 0.0  # when, by the loop's clock, the next turn should come
        self._anchor = (0.0, 0.0)  # (wall, virtual): both moments are the same
        self._dozing = False  # the next turn is planned only to look up
        self._grace = 0  # turns of the loop that those who were woken still have
        self._owed = 0  # how many of them have not come to their next wait yet
        self.errands = Errands(self.world)
        self.reminder = Reminder()
        self.button: Button | None = None
        self.sleeping: weakref.WeakSet[Wait[None]] = weakref.WeakSet()

    def _moved(self) -> None:
        """The world lives on another loop now: what waited on the former one is gone."""
        self._unplan()
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
        if not self._free:
            self.catch_up()

    # -- who waits -----------------------------------------------------------------------------------------------

    def attend(self, wait: Wait[Any]) -> None:
        """Somebody awaits ``wait``: time has a reason to move."""
        self.awaited[wait] = None
        if self._owed:  # who was woken has come to its next wait already
            self._owed -= 1
            if not self._owed:
                self._grace = min(self._grace, 1)  # one more for the tasks it may have made
        if self._handle is None:
            self._kick()

    def wake(self, wait: Wait[Any]) -> None:
        """``wait`` is done: whoever awaits it runs before the next event."""
        if wait in self.awaited:
            del self.awaited[wait]
            self.world.woken = True
            self._grace = GRACE
            self._owed += 1
            if self._handle is None:
                self._kick()

    def _kick(self) -> None:
        loop = self.home.current
        if self._handle is None and not self.closed and loop is not None and not loop.is_closed():
            self._planned = loop.time()
            self._handle = loop.call_soon(_turn, weakref.ref(self))

    # -- turns ---------------------------------------------------------------------------------------------------

    def turn(self) -> None:
        """One turn on the loop: run what is due, and plan the next turn."""
        self._handle = None
        self._dozing = False
        if self.closed or self.home.current is None:
            return
        if self._grace and getattr(self.home.current, "_ready", True):  # an asyncio loop says whether anybody is due
            self._grace -= 1
            planned = self._planned
            self._kick()
            self._planned = planned  # who was woken may hold the loop up: that is measured from here on
            return
        self._owed = self._grace = 0
        if self.errands:
            self.reminder.forget()
            if self.errands.run():
                self._start_clock()
            self._replan()
        elif self.paused:
            self.reminder.look(self.awaited)
            self._doze()
        elif self._free:
            self._run_free()
        else:
            self._run_paced()

    def _run_free(self) -> None:
        if not self.awaited:
            return
        ran = self.world.run(math.inf, SLICE)
        if ran or self._grace:
            self._kick()
        else:
            self._doze()

    def _run_paced(self) -> None:
        assert self.home.current is not None
        wall = self.home.current.time()
        late = wall - self._planned
        if late > MADE_UP:
            self._hold_up(late - MADE_UP)
        due = self._virtual(wall)
        self.world.run(due, SLICE)
        after = self.home.current.time()
        if after - wall >= MADE_UP + STALL_SHOWN:  # a slow event, such as an ``apply`` that computes: as a busy cell
            self._hold_up(after - wall - MADE_UP)
        if self._grace:  # somebody was woken, and runs first
            self._kick()
            return
        if self.world.next_time() <= due:  # more than fits into one slice, or somebody was woken
            behind = after - self._wall(self.world.now)  # the machine may be too slow for this pace:
            if behind > 10 * MADE_UP:  # fall back instead of piling up
                self._hold_up(behind - MADE_UP)
            self._kick()
            return
        self.world.now = max(self.world.now, due)
        self._plan_next()

    def _plan_next(self) -> None:
        assert self.home.current is not None
        self._unplan()
        following = self.world.next_time()
        if following < math.inf:
            now = self.home.current.time()
            self._planned = min(max(self._wall(following), now), now + LOOK_UP)
            self._handle = self.home.current.call_at(self._planned, _turn, weakref.ref(self))
        else:
            self._doze()

    def _doze(self) -> None:
        """Nothing will happen by itself, yet somebody waits: look up at times, or an interrupt would not be seen."""
        if self.awaited and self._handle is None and self.home.current is not None:
            self._dozing = True
            self._planned = self.home.current.time() + LOOK_UP
            self._handle = self.home.current.call_at(self._planned, _turn, weakref.ref(self))

    def _replan(self) -> None:
        if self.errands or self._grace:
            self._kick()
        elif not self.paused:
            self._kick() if self._free else self._plan_next()

    def _hold_up(self, lost: float) -> None:
        """The loop was blocked: so much wall time is not made up."""
        self._anchor = (self._anchor[0] + lost, self._anchor[1])
        if lost >= STALL_SHOWN:
            self.world.note("stall", None, lost)

    # -- the two clocks --------------------------------------------------------------------------------------------

    def _virtual(self, wall: float) -> float:
        return self._anchor[1] + (wall - self._anchor[0]) * self._pace

    def _wall(self, virtual: float) -> float:
        return self._anchor[0] + (virtual - self._anchor[1]) / self._pace

    def _start_clock(self) -> None:
        loop = self.home.current
        if loop is not None and not self._free:
            self._anchor = (loop.time(), self.world.now)
            if not self.paused and not loop.is_closed():
                self._kick() if self.errands else self._plan_next()

    def catch_up(self) -> None:
        """Bring the world's clock to this instant, as far as no event is due before it."""
        loop = self.home.current
        still = self.closed or self.paused or self.errands or self.world.busy or self._free
        if still or loop is None or loop.is_closed():
            return
        wall = min(loop.time(), self._planned + MADE_UP)
        now = min(self._virtual(wall), self.world.next_time())
        if now > self.world.now:
            self.world.now = now

    def touched(self) -> None:
        """Somebody has put new events into the world: the next turn may have to come earlier."""
        if self.home.current is None or self.closed or self.paused or self.world.busy:
            return
        if self._free:
            if self._dozing:
                self._kick_now()
        elif not (self.errands or self._grace):
            wall = self.home.current.time()
            if self._handle is not None and wall - self._planned > MADE_UP:  # called by what holds the loop up
                self._hold_up(wall - self._planned - MADE_UP)
            self._plan_next()

    # -- what the clock of a network offers --------------------------------------------------------------------

    @property
    def pace(self) -> float:
        """Virtual seconds per wall second."""
        return self._pace

    def set_pace(self, pace: float) -> None:
        """From now on time flows so fast."""
        self.catch_up()
        self._pace, self._free = pace, math.isinf(pace)
        self._flow()

    def _flow(self) -> None:
        self._unplan()
        self._start_clock()
        if self._free:
            self._kick()

    def pause(self) -> None:
        """Time stands still until ``resume``; what waits goes on waiting."""
        self.catch_up()
        self.reminder.forget()
        self.paused = True

    def resume(self) -> None:
        """Time flows on from where it stood."""
        self.paused = False
        self._flow()

    def advance(self, seconds: float) -> Wait[None]:
        """Run so many virtual seconds as fast as can be."""
        self.check_caller("advance")
        wait: Wait[None] = Wait(self, f"advance({seconds:g})")
        self.errands.reach(self.world.now + seconds, wait)
        self._kick_now()
        return wait

    def step(self, count: int) -> Wait[None]:
        """Run so many events, each followed by those it woke."""
        self.check_caller("step")
        wait: Wait[None] = Wait(self, f"step({count})")
        self.errands.steps.append((count, wait))
        self._kick_now()
        return wait

    def _kick_now(self) -> None:
        self._unplan()
        self._kick()

    def _unplan(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def close(self, error: BaseException) -> None:
        """Never move again: everything that is pending raises ``error``."""
        self.closed, self._ended = True, error
        self._unplan()
        self.home.leave()
        for wait in [*self.awaited, *self.errands.waits(), *list(self.sleeping)]:
            wait.fail(error)
        self.awaited.clear()


def _turn(ref: weakref.ref[Pump]) -> None:
    pump = ref()
    if pump is not None:
        try:
            pump.turn() if pump.button is None else pump.button.during(pump.turn, pump.pause)
        except BaseException:
            if pump._handle is None and not pump.closed:
                pump._kick()  # one bad event, or an interrupt, does not stop the world
            raise
