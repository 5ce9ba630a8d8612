"""What was asked of the clock by name, and is done as fast as can be: to advance to a moment, to step some events."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

from groupkit.group.wait import Wait
from groupkit.sim.world import World

SLICE: Final = 1000  # events in one turn at most: the loop stays responsive


class Errands:
    """True while there is any. Steps come first; of several moments, the nearest."""

    __slots__ = ("_asked", "_targets", "_world", "steps")

    def __init__(self, world: World) -> None:
        self._world = world
        self._asked = 0
        self._targets: list[tuple[float, int, Wait[None]]] = []
        self.steps: list[tuple[int, Wait[None]]] = []

    def __bool__(self) -> bool:
        return bool(self.steps or self._targets)

    def reach(self, time: float, wait: Wait[None]) -> None:
        """``wait`` is done at ``time`` (virtual seconds)."""
        self._asked += 1
        self._targets.append((time, self._asked, wait))
        self._targets.sort(key=lambda target: target[:2])

    def run(self) -> bool:
        """One slice of the first errand. Returns whether the last moment was reached by it."""
        if self.steps:
            self._step()
            return False
        world = self._world
        time, _, wait = self._targets[0]
        if wait.done():
            self._targets.pop(0)
        else:
            world.run(time, SLICE)
            if not world.woken and world.next_time() > time:
                world.now = max(world.now, time)
                self._targets.pop(0)
                wait.resolve(None)
        return not self._targets

    def _step(self) -> None:
        left, wait = self.steps[0]
        ran = self._world.run(math.inf, 1)
        if left <= 1 or not ran or wait.done():
            self.steps.pop(0)
            wait.resolve(None)
        else:
            self.steps[0] = (left - 1, wait)

    def waits(self) -> Iterator[Wait[None]]:
        """Who waits for an errand."""
        yield from (wait for _, _, wait in self._targets)
        yield from (wait for _, wait in self.steps)

    def forget(self) -> None:
        """Nobody waits any more."""
        self._targets.clear()
        self.steps.clear()
