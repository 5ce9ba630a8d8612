"""What a host puts off to the end of the present moment, so that it is done once for all that happens in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupkit.raft.news import SPREAD
from groupkit.raft.submissions import Submission

if TYPE_CHECKING:
    from groupkit.sim.host import Host


class Moment:
    """One event at the present time, behind everything that is already due at it."""

    __slots__ = ("_handed_in", "_held", "_host", "_planned")

    def __init__(self, host: Host) -> None:
        self._host = host
        self._planned = False
        self._held = False  # commands were handed in that the desk has not passed on yet
        self._handed_in = (-1.0, 0)  # when commands were handed in last: (time, events so far)

    def spread(self) -> None:
        """There are entries to send, or something was committed: both travel together when the moment is over."""
        if not self._planned:
            self._planned = True
            world = self._host.world
            world.at(world.now, self._end)

    def hand_in(self, submission: Submission) -> None:
        """Commands of this peer's own user. The first of a moment are placed at once, those that follow them together
        at its end."""
        host = self._host
        world, desk = host.world, host.desk
        moment = (world.now, world.events)
        if host.blocked:
            desk.submit(submission, hold=True)
        elif moment == self._handed_in:
            desk.submit(submission, hold=True)
            self._held = True
            self.spread()
        else:
            self._handed_in = moment
            desk.submit(submission)
            host.settle()

    def flush(self) -> None:
        """Place what is held now: something is to follow it."""
        if self._held:
            self._held = False
            self._host.desk.flush()

    def _end(self) -> None:
        self._planned = False
        host = self._host
        if host.blocked:
            return
        node = host.node
        self.flush()
        node.spread()
        node.news &= ~SPREAD
        if node.news or node.out:
            host.settle()
