"""The two clocks: how virtual time hangs on the wall clock, and what becomes of time that was lost.

At a finite pace there is an anchor: one moment that is known by both clocks. From there, virtual time runs ``rate``
times as fast as the wall clock. A loop that was blocked for a second would have to make that second up at once; no
peer would hear from its leader meanwhile, and there would be elections that nobody has asked for. So at most 20 ms are
made up, and the rest is lost: the anchor moves by it, and the run gets a row, ``stall``, that says so.
"""

from __future__ import annotations

import math
from typing import Final

from groupkit.sim.world import World

# All in seconds of wall time.
MADE_UP: Final = 0.020  # a turn makes up at most so much after a hold-up
STALL_SHOWN: Final = 0.030  # what was lost and is less is not worth a row
TOO_SLOW: Final = 10 * MADE_UP  # whoever is so far behind will not catch up


class Pace:
    """``rate``: virtual seconds per wall second, or ``math.inf``: then ``free``, and no wall time reaches the world.

    Moments of the wall clock are those of the event loop's own clock.
    """

    __slots__ = ("_virtual", "_wall", "_world", "free", "rate")

    def __init__(self, world: World, rate: float) -> None:
        self._world = world
        self._wall = self._virtual = 0.0  # the anchor: both are the same moment
        self.set(rate)

    def set(self, rate: float) -> None:
        """So fast from the next anchor on."""
        self.rate = rate
        self.free = math.isinf(rate)

    # -- from one clock to the other -----------------------------------------------------------------------------

    def anchor(self, wall: float) -> None:
        """The world's present moment is ``wall``."""
        self._wall, self._virtual = wall, self._world.now

    def virtual(self, wall: float) -> float:
        """The virtual moment that ``wall`` is."""
        return self._virtual + (wall - self._wall) * self.rate

    def wall(self, virtual: float) -> float:
        """The moment of the wall clock that ``virtual`` is."""
        return self._wall + (virtual - self._virtual) / self.rate

    def catch_up(self, wall: float, planned: float) -> None:
        """Bring the world's clock to ``wall``, as far as no event is due before it.

        The pump's next turn should come at ``planned``. If that is past already, the loop is held up by whoever calls
        here, and as much is made up for it as for the turn itself.
        """
        world = self._world
        now = min(self.virtual(min(wall, planned + MADE_UP)), world.next_time())
        if now > world.now:
            world.now = now

    # -- time that was lost --------------------------------------------------------------------------------------

    def late(self, by: float) -> None:
        """The turn comes so much later than planned: something else, such as a cell, has held the loop up."""
        if by > MADE_UP:
            self._lose(by - MADE_UP)

    def slow(self, took: float) -> None:
        """The events of one turn took so long: an ``apply`` that computes is as a busy cell."""
        if took >= MADE_UP + STALL_SHOWN:
            self._lose(took - MADE_UP)

    def behind(self, by: float) -> None:
        """After its turn the world is so far behind: this computer may be too slow for the pace.

        Then it falls back now and again, instead of piling up what it will never make up.
        """
        if by > TOO_SLOW:
            self._lose(by - MADE_UP)

    def _lose(self, lost: float) -> None:
        self._wall += lost
        if lost >= STALL_SHOWN:
            self._world.note("stall", None, lost)
