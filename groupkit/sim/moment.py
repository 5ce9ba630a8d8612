"""What a host puts off to the end of the present moment, so that it is done once for all that happens in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupkit.raft.submissions import Submission

if TYPE_CHECKING:
    from groupkit.raft.desk import Desk
    from groupkit.raft.node import Node
    from groupkit.sim.host import Host


class Moment:
    """One event at the present time, behind everything that is already due at it."""

    __slots__ = ("_flushing", "_handed_in", "_host", "_spreading")

    def __init__(self, host: Host) -> None:
        self._host = host
        self._spreading = False
        self._flushing = False
        self._handed_in = (-1.0, 0)  # when commands were handed in last: (time, events so far)

    def spread(self) -> None:
        """Something was committed: say so at the end of the moment, unless a next append has said it by then."""
        if not self._spreading:
            self._spreading = True
            world = self._host.world
            world.at(world.now, self._spread, self._host.node)

    def _spread(self, node: Node) -> None:
        self._spreading = False
        host = self._host
        if node is host.node and not host.blocked:
            node.spread()
            if node.out:
                host.settle()

    def hand_in(self, submission: Submission) -> None:
        """Commands of this peer's own user. The first of a moment go at once, those that follow them together."""
        host = self._host
        world, desk = host.world, host.desk
        moment = (world.now, world.events)
        if host.blocked or moment == self._handed_in:
            desk.submit(submission, hold=True)
            if not host.blocked and not self._flushing:
                self._flushing = True
                world.at(world.now, self._flush, desk)
            return
        self._handed_in = moment
        desk.submit(submission)
        host.settle()

    def _flush(self, desk: Desk) -> None:
        self._flushing = False
        host = self._host
        if desk is host.desk and not host.blocked:
            desk.flush()
            host.settle()
