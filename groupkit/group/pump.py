"""The pump: the only place that knows both clocks. It moves the world's time along the event loop.

A finite pace ties virtual to wall time, also between cells; a loop that was blocked makes up 20 ms at most, the rest is
recorded as a stall. At pace ``inf`` time moves only while somebody awaits; whoever is woken runs before the next event.
"""

from __future__ import annotations

import asyncio
import math
import threading
import weakref
from collections.abc import Callable
from contextvars import Context
from typing import Any, Generic, TypeVar

from groupkit.sim.world import World

MADE_UP = 0.020  # seconds of wall time that a turn makes up at most after a hold-up
STALL_SHOWN = 0.030  # hold-ups below this, in seconds of wall time lost, are not worth a row
SLICE = 1000  # events in one turn at most: the loop stays responsive
LOOK_UP = 0.25  # seconds of wall time that the loop sleeps at most while somebody waits
GRACE = 2  # turns of the loop left to those who were woken: enough for a gather of tasks
T = TypeVar("T")


class Wait(asyncio.Future, Generic[T]):  # type: ignore[type-arg]
    """An asyncio future that lets time move while somebody awaits it, and that may be dropped without a word."""

    def __init__(self, pump: Pump, what: str) -> None:
        super().__init__(loop=pump.loop())
        self._pump = pump
        self.what = what

    def add_done_callback(self, fn: Callable[[Any], object], *, context: Context | None = None) -> None:
        """As in asyncio; from now on somebody waits."""
        super().add_done_callback(fn, context=context)
        if not self.done():
            self._pump.attend(self)

    def remove_done_callback(self, fn: Callable[[Any], object]) -> int:
        """As in asyncio; with the last one nobody waits any more."""
        removed = super().remove_done_callback(fn)
        if not self._callbacks:
            self._pump.awaited.pop(self, None)
        return removed

    def cancel(self, msg: Any | None = None) -> bool:
        """As in asyncio; nobody waits any more."""
        self._pump.awaited.pop(self, None)
        return super().cancel(msg)

    def resolve(self, value: T) -> None:
        """Give it its result, unless it has one."""
        if not self.done():
            self.set_result(value)
            self._pump.wake(self)

    def fail(self, error: BaseException) -> None:
        """Let it raise ``error``; nobody is warned if it is never awaited."""
        if not self.done():
            self.set_exception(error)
            self.exception()  # counts as looked at
            self._pump.wake(self)


class Pump:
    """Drives one world. ``pace`` is virtual seconds per wall second, or ``math.inf``."""

    def __init__(self, world: World, pace: float) -> None:
        self.world = world
        self.awaited: dict[Wait[Any], None] = {}  # in order: those first asked are first told
        self.paused = False
        self.closed = False
        self._ended: BaseException | None = None  # why it is closed
        self._pace = pace
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = 0
        self._handle: asyncio.Handle | None = None
        self._planned = 0.0  # when, by the loop's clock, the next turn should come
        self._anchor = (0.0, 0.0)  # (wall, virtual): both moments are the same
        self._dozing = False  # the next turn is planned only to look up
        self._grace = 0
        self._targets: list[tuple[float, int, Wait[None]]] = []  # of advance(), the nearest first
        self._steps: list[tuple[int, Wait[None]]] = []
        self.sleeping: weakref.WeakSet[Wait[None]] = weakref.WeakSet()

    # -- the loop ------------------------------------------------------------------------------------------------

    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop this world lives on: the running one at first use; else groupkit's own (see ``run_sync``)."""
        try:
            running: asyncio.AbstractEventLoop | None = asyncio.get_running_loop()
        except RuntimeError:
            running = None
        if self._loop is None or self._loop.is_closed() or (running is not None and self._loop is not running):
            self._bind(running)
        assert self._loop is not None
        return self._loop

    def _bind(self, running: asyncio.AbstractEventLoop | None) -> None:
        if self._loop is not None and self._loop.is_running():
            raise RuntimeError(
                "this group lives on another event loop, which is still running: call it from there, for instance by "
                "loop.call_soon_threadsafe(...), or use network.post(verb, ...) from any thread"
            )
        if running is None:
            from groupkit.group.run import plain_loop

            running = plain_loop()
        if self._handle is not None:
            self._handle.cancel()  # or it would turn this world on the loop it has left
        self._loop = running
        self._thread = threading.get_ident()
        self._handle = None
        self.awaited.clear()
        self._targets.clear()
        self._steps.clear()
        if math.isfinite(self._pace):
            self._start_clock()

    def start(self) -> None:
        """Begin to move, where a loop is running; elsewhere the first await will do it."""
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return
        self.loop()

    def loop_for_others(self) -> asyncio.AbstractEventLoop:
        """The loop this world lives on, as another thread may ask for it."""
        if self._loop is None or self._loop.is_closed():
            raise RuntimeError("this network has not started yet: await something of it first, on its own loop")
        return self._loop

    def check_caller(self, what: str) -> None:
        """Refuse calls from another thread, and from inside an event (``apply``, a drop rule)."""
        if self._thread and threading.get_ident() != self._thread and self._loop and self._loop.is_running():
            raise RuntimeError(
                f"{what} was called from another thread: use network.post({what.partition('(')[0]!r}, ...), which "
                "may be called from anywhere, or loop.call_soon_threadsafe(...)"
            )
        if self._ended is not None:
            raise type(self._ended)(f"{what}: {self._ended}")
        if self.world.busy:
            raise RuntimeError(
                f"{what} was called from inside an event (a state machine's apply or query, or a predicate): what "
                "happens there must depend on the command alone; call it from a task or a cell instead"
            )
        if self._loop is not None and self._loop.is_closed():
            self.start()
        self.catch_up()

    # -- who waits -----------------------------------------------------------------------------------------------

    def attend(self, wait: Wait[Any]) -> None:
        """Somebody awaits ``wait``: time has a reason to move."""
        self.awaited[wait] = None
        self._kick()

    def wake(self, wait: Wait[Any]) -> None:
        """``wait`` is done: whoever awaits it runs before the next event."""
        if wait in self.awaited:
            del self.awaited[wait]
            self.world.woken = True
            self._grace = GRACE
            self._kick()

    def _kick(self) -> None:
        if self._handle is None and not self.closed and self._loop is not None and not self._loop.is_closed():
            self._planned = self._loop.time()
            self._handle = self._loop.call_soon(_turn, weakref.ref(self))

    # -- turns ---------------------------------------------------------------------------------------------------

    def turn(self) -> None:
        """One turn on the loop: run what is due, and plan the next turn."""
        self._handle = None
        self._dozing = False
        if self.closed or self._loop is None:
            return
        if self._grace:
            self._grace -= 1
            planned = self._planned
            self._kick()
            self._planned = planned  # who was woken may hold the loop up: that is measured from here on
            return
        if self._steps:
            self._run_steps()
        elif self._targets:
            self._run_to_target()
        elif self.paused:
            self._doze()
        elif math.isinf(self._pace):
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

    def _run_to_target(self) -> None:
        target, _, wait = self._targets[0]
        if wait.done():
            self._targets.pop(0)
        else:
            self.world.run(target, SLICE)
            if not self.world.woken and self.world.next_time() > target:
                self.world.now = max(self.world.now, target)
                self._targets.pop(0)
                wait.resolve(None)
        if not self._targets:
            self._start_clock()
        self._replan()

    def _run_steps(self) -> None:
        left, wait = self._steps[0]
        ran = self.world.run(math.inf, 1)
        if left <= 1 or not ran or wait.done():
            self._steps.pop(0)
            wait.resolve(None)
        else:
            self._steps[0] = (left - 1, wait)
        self._replan()

    def _run_paced(self) -> None:
        assert self._loop is not None
        wall = self._loop.time()
        late = wall - self._planned
        if late > MADE_UP:
            self._hold_up(late - MADE_UP, wall)
        due = self._virtual(wall)
        self.world.run(due, SLICE)
        if self._grace:  # somebody was woken, and runs first
            self._kick()
            return
        if self.world.next_time() <= due:  # more than fits into one slice, or somebody was woken
            behind = self._loop.time() - self._wall(self.world.now)
            if behind > 10 * MADE_UP:  # the machine is too slow for this pace: fall back instead of piling up
                self._hold_up(behind - MADE_UP, self._loop.time())
            self._kick()
            return
        self.world.now = max(self.world.now, due)
        self._plan_next()

    def _plan_next(self) -> None:
        assert self._loop is not None
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None
        following = self.world.next_time()
        if following < math.inf:
            now = self._loop.time()
            self._planned = min(max(self._wall(following), now), now + LOOK_UP)
            self._handle = self._loop.call_at(self._planned, _turn, weakref.ref(self))
        else:
            self._doze()

    def _doze(self) -> None:
        """Nothing will happen by itself, yet somebody waits: look up now and then, or an interrupt would not be seen."""
        if self.awaited and self._handle is None and self._loop is not None:
            self._dozing = True
            self._planned = self._loop.time() + LOOK_UP
            self._handle = self._loop.call_at(self._planned, _turn, weakref.ref(self))

    def _replan(self) -> None:
        if self._steps or self._targets or self._grace:
            self._kick()
        elif not self.paused:
            if math.isinf(self._pace):
                self._kick()
            else:
                self._plan_next()

    def _hold_up(self, lost: float, wall: float) -> None:
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
        if self._loop is not None and math.isfinite(self._pace):
            self._anchor = (self._loop.time(), self.world.now)
            if not self.paused and not self._loop.is_closed():
                self._plan_next() if not (self._steps or self._targets) else self._kick()

    def catch_up(self) -> None:
        """Bring the world's clock to this instant, as far as no event is due before it."""
        if self.closed or self.paused or self._loop is None or math.isinf(self._pace) or self._targets or self._steps:
            return
        if self.world.busy or self._loop.is_closed():
            return
        wall = min(self._loop.time(), self._planned + MADE_UP)
        now = self._virtual(wall)
        now = min(now, self.world.next_time())
        if now > self.world.now:
            self.world.now = now

    def touched(self) -> None:
        """Somebody has put new events into the world from outside: the next turn may have to come earlier."""
        if self._loop is None or self.closed or self.paused or self.world.busy:
            return
        if math.isinf(self._pace):
            if self._dozing:
                self._kick_now()
        elif not (self._targets or self._steps or self._grace):
            wall = self._loop.time()
            if self._handle is not None and wall - self._planned > MADE_UP:  # called by what holds the loop up
                self._hold_up(wall - self._planned - MADE_UP, wall)
            self._plan_next()

    # -- what the clock of a network offers --------------------------------------------------------------------

    @property
    def pace(self) -> float:
        """Virtual seconds per wall second."""
        return self._pace

    def set_pace(self, pace: float) -> None:
        """From now on time flows so fast."""
        self.catch_up()
        self._pace = pace
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None
        self._start_clock()
        if math.isinf(pace):
            self._kick()

    def pause(self) -> None:
        """Time stands still until ``resume``; what waits goes on waiting."""
        self.catch_up()
        self.paused = True

    def resume(self) -> None:
        """Time flows on from where it stood."""
        self.paused = False
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None
        self._start_clock()
        if math.isinf(self._pace):
            self._kick()

    def advance(self, seconds: float) -> Wait[None]:
        """Run so many virtual seconds as fast as can be."""
        self.check_caller("advance")
        self.loop()
        wait: Wait[None] = Wait(self, f"advance({seconds:g})")
        self.world.serial += 1
        self._targets.append((self.world.now + seconds, self.world.serial, wait))
        self._targets.sort(key=lambda t: t[:2])
        self._kick_now()
        return wait

    def step(self, count: int) -> Wait[None]:
        """Run so many events, each followed by those it woke."""
        self.check_caller("step")
        self.loop()
        wait: Wait[None] = Wait(self, f"step({count})")
        self._steps.append((count, wait))
        self._kick_now()
        return wait

    def _kick_now(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None
        self._kick()

    def close(self, error: BaseException) -> None:
        """Never move again: everything that is pending raises ``error``."""
        self.closed = True
        self._ended = error
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None
        sleeps = list(self.sleeping)
        self.world.heap.clear()
        self.world.alarms.clear()
        for wait in [*self.awaited, *(w for _, _, w in self._targets), *(w for _, w in self._steps), *sleeps]:
            wait.fail(error)
        self.awaited.clear()


def _turn(ref: weakref.ref[Pump]) -> None:
    pump = ref()
    if pump is not None:
        try:
            pump.turn()
        except BaseException:
            if pump._handle is None and not pump.closed:
                pump._kick()  # one bad event, or an interrupt, does not stop the world
            raise
