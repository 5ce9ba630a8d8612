"""The wire between two processes, one object for each direction."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappush
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from groupkit.sim.world import World

REORDERED_BY: Final = 3.0  # a reordered message takes up to so many times the longest latency more


class Link:
    """Latency between ``low`` and ``low + span`` seconds, in order; ``loss``, ``duplicate``, ``reorder``: fractions.

    ``cut`` is None, or why nothing passes: "cut" or "partition". ``odd`` says that the plain, fast way of sending
    will not do.
    """

    __slots__ = ("cut", "dst", "duplicate", "last", "loss", "low", "odd", "reorder", "span", "src")

    def __init__(self, src: str, dst: str, low: float, high: float) -> None:
        self.src = src
        self.dst = dst
        self.low = low
        self.span = high - low
        self.loss = 0.0
        self.duplicate = 0.0
        self.reorder = 0.0
        self.cut: str | None = None
        self.last = 0.0  # when the newest message on it arrives: nothing overtakes it
        self.odd = False

    def settle(self) -> None:
        """After a change: is this still a plain wire?"""
        self.odd = self.cut is not None or bool(self.loss or self.duplicate or self.reorder)

    def arrival(self, world: World) -> float:
        """When a message sent now arrives, in order behind all earlier ones."""
        time = world.now + self.low + self.span * world.latency_die()
        if time < self.last:
            time = self.last
        self.last = time
        return time


class DropRule:
    """A user's own rule over messages: those for which ``predicate`` is true are dropped."""

    __slots__ = ("active", "name", "number", "predicate")

    def __init__(self, predicate: Callable[[Parcel], object], number: int) -> None:
        self.predicate = predicate
        self.name = str(getattr(predicate, "__name__", "rule"))
        self.number = number
        self.active = True


class Parcel:
    """A message as a drop rule sees it: ``src``, ``dst``, ``kind``, ``term`` and ``payload`` (a dict)."""

    __slots__ = ("_message", "dst", "kind", "src", "term")

    def __init__(self, src: str, dst: str, message: Any) -> None:
        self._message = message
        self.src = src
        self.dst = dst
        self.term: int = message.term
        self.kind: str = "heartbeat" if message.kind == "append" and not message.entries else message.kind

    @property
    def payload(self) -> dict[str, Any]:
        """What the message says besides its term, by name."""
        return dict(self._message.payload)

    def __repr__(self) -> str:
        return f"<{self.kind} {self.src}→{self.dst}, term {self.term}>"


def carry(world: World, link: Link, action: Callable[..., None], to: Any, message: Any, tape: Any) -> None:
    """Send ``message`` the careful way: over a wire that is cut or faulty, or past the rules of users.

    ``action(to, message, link, number)`` runs at its arrival, ``number`` being its serial number.
    """
    die = world.seeds.stream("faults").random
    fate: str | None = None
    if link.cut is not None:
        fate = "cut"
    elif world.dropped(link.src, link.dst, message):
        fate = "dropped"
    elif link.loss and die() < link.loss:
        fate = "lost"
    if fate is not None:
        world.serial += 1
        if tape is not None:
            tape.sent.append((world.serial, world.now, None, link.src, link.dst, message.flat()))
            tape.fates[world.serial] = (fate, world.now)
        return
    _dispatch(world, link, action, to, message, tape, die)
    if link.duplicate and die() < link.duplicate:
        number = _dispatch(world, link, action, to, message, tape, die)
        if tape is not None:
            tape.fates[number] = ("duplicate", world.now)


def _dispatch(
    world: World, link: Link, action: Callable[..., None], to: Any, message: Any, tape: Any, die: Callable[[], float]
) -> int:
    if link.reorder and die() < link.reorder:
        longest = link.low + link.span
        time = world.now + link.low + link.span * die() + REORDERED_BY * longest * die()
    else:
        time = link.arrival(world)
    world.serial = number = world.serial + 1
    heappush(world.heap, (time, number, action, (to, message, link, number)))
    if tape is not None:
        tape.sent.append((number, world.now, time, link.src, link.dst, message.flat()))
    return number
