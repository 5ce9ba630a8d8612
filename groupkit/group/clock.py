"""The clock of a network, as its user holds it."""

from __future__ import annotations

import math
import weakref
from types import TracebackType
from typing import Self

from groupkit.group.live import Live
from groupkit.group.pump import Pump
from groupkit.group.wait import Wait
from groupkit.raft.config import seconds
from groupkit.raft.ids import is_number, whole


def checked_pace(pace: object) -> float:
    """``pace`` as a number above 0, or ``math.inf``."""
    if not is_number(pace):
        raise TypeError(f"pace is a number above 0 (1.0: real time) or math.inf, not {pace!r}")
    try:
        rate = float(pace)
    except OverflowError:  # a whole number that no float holds
        rate = math.nan
    if math.isnan(rate) or rate <= 0:
        raise ValueError(f"pace is a number above 0 (1.0: real time) or math.inf, not {pace!r}; to stop time, pause()")
    return rate


class Clock(Live):
    """Virtual time: ``now`` in seconds since the world began, ``pace`` in virtual seconds per wall second."""

    __slots__ = ("__weakref__", "_holds", "_mine", "_pump")

    def __init__(self, pump: Pump) -> None:
        self._pump = pump
        self._mine = False  # whether its user has paused it, holds apart
        self._holds: set[Hold] = set()

    @property
    def now(self) -> float:
        """Virtual seconds since the world began."""
        self._pump.catch_up()
        return self._pump.world.now

    @property
    def pace(self) -> float:
        """1.0 is real time, 0.1 slow motion, ``math.inf`` as fast as it can."""
        return self._pump.pace.rate

    @pace.setter
    def pace(self, pace: float) -> None:
        value = checked_pace(pace)
        self._pump.home.check("pace = ...")
        if value != self._pump.pace.rate:
            self._pump.set_pace(value)
            self._pump.world.note("pace", None, value)

    @property
    def paused(self) -> bool:
        """Whether time stands still, be it by ``pause`` or by a ``hold``. The stop button that ends an event pauses."""
        return self._pump.paused

    def pause(self) -> None:
        """Stop time until ``resume``; verbs still take effect. Twice is harmless."""
        self._pump.home.check("pause()")
        self._mine = True
        self._stand()

    def resume(self) -> None:
        """Let time go on, whatever made it stand: a pause, and every hold there is. Twice is harmless."""
        self._pump.home.check("resume()")
        self._mine = False
        self._holds.clear()
        self._flow()

    def hold(self) -> Hold:
        """Stop time until the returned hold is released (``with clock.hold():`` does that at the end of the block).

        Holds are counted apart from ``pause``: time goes on after the last of them, unless somebody has called
        ``pause`` before or meanwhile. ``resume`` ends them all."""
        self._pump.home.check("hold()")
        hold = Hold(self)
        self._holds.add(hold)
        self._stand()
        return hold

    def _release(self, hold: Hold) -> None:
        if hold in self._holds:
            self._holds.remove(hold)
            if not (self._mine or self._holds or self._pump.closed):
                self._flow()

    def _stand(self) -> None:
        if not self._pump.paused:
            self._pump.pause()
            self._pump.world.note("pace", None, 0.0)

    def _flow(self) -> None:
        if self._pump.paused:
            self._pump.resume()
            self._pump.world.note("pace", None, self._pump.pace.rate)

    def step(self, n: int = 1) -> Wait[None]:
        """While paused: run the next ``n`` events, and those they wake. Resolves when they have run."""
        count = whole(n, "step(n)")
        if count == 0:
            raise ValueError("step(0) does nothing: step at least 1")
        self._pump.home.check(f"step({count})")
        if not self._pump.paused:
            raise RuntimeError(f"step({count}) needs a clock that stands still: call clock.pause() first")
        return self._pump.step(count)

    def advance(self, by: float) -> Wait[None]:
        """Let ``by`` virtual seconds pass as fast as can be, whatever the pace, also while paused."""
        return self._pump.advance(seconds(by, "advance(seconds)", zero=True))

    def sleep(self, by: float) -> Wait[None]:
        """Resolves after ``by`` virtual seconds; time flows as the pace says."""
        pause = seconds(by, "sleep(seconds)", zero=True)
        pump = self._pump
        pump.check_caller("sleep")
        wait: Wait[None] = Wait(pump, f"sleep({pause:g})")
        pump.sleeping.add(wait)
        pump.world.alarm(pump.world.now + pause, lambda: wait.resolve(None))
        pump.touched()
        return wait

    def __repr__(self) -> str:
        state = "closed" if self._pump.closed else "paused" if self.paused else f"pace {self.pace:g}"
        return f"<clock at {self.now:.3f} s, {state}>"


class Hold(Live):
    """Somebody's wish that time stands still for a while, from ``clock.hold()``. It keeps no network alive."""

    __slots__ = ("__weakref__", "_clock")

    def __init__(self, clock: Clock) -> None:
        self._clock = weakref.ref(clock)

    @property
    def holds(self) -> bool:
        """Whether time stands still for it: not after ``release``, nor after somebody called ``clock.resume()``."""
        clock = self._clock()
        return clock is not None and self in clock._holds

    def release(self) -> None:
        """No longer. Twice is harmless."""
        clock = self._clock()
        if clock is not None:
            clock._release(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.release()

    def __repr__(self) -> str:
        return f"<hold of a clock, {'time stands still for it' if self.holds else 'over'}>"
