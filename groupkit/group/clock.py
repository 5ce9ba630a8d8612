"""The clock of a network, as its user holds it."""

from __future__ import annotations

import math

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

    __slots__ = ("_pump",)

    def __init__(self, pump: Pump) -> None:
        self._pump = pump

    @property
    def now(self) -> float:
        """Virtual seconds since the world began."""
        self._pump.catch_up()
        return self._pump.world.now

    @property
    def pace(self) -> float:
        """1.0 is real time, 0.1 slow motion, ``math.inf`` as fast as it can."""
        return self._pump.pace

    @pace.setter
    def pace(self, pace: float) -> None:
        value = checked_pace(pace)
        self._pump.home.check("pace = ...")
        if value != self._pump.pace:
            self._pump.set_pace(value)
            self._pump.world.note("pace", None, value)

    @property
    def paused(self) -> bool:
        """Whether time stands still."""
        return self._pump.paused

    def pause(self) -> None:
        """Stop time; verbs still take effect. Twice is harmless."""
        self._pump.home.check("pause()")
        if not self._pump.paused:
            self._pump.pause()
            self._pump.world.note("pace", None, 0.0)

    def resume(self) -> None:
        """Let time go on. Twice is harmless."""
        self._pump.home.check("resume()")
        if self._pump.paused:
            self._pump.resume()
            self._pump.world.note("pace", None, self._pump.pace)

    def step(self, n: int = 1) -> Wait[None]:
        """While paused: run the next ``n`` events, and those they wake. Resolves when they have run."""
        count = whole(n, "step(n)")
        if count == 0:
            raise ValueError("step(0) does nothing: step at least 1")
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
