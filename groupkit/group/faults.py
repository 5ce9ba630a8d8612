"""The fault verbs of a network: what can be broken, at once or later."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final

from groupkit.raft.config import seconds
from groupkit.raft.ids import PeerId
from groupkit.sim import faults
from groupkit.sim.links import DropRule, Parcel
from groupkit.sim.links import Link as Wire

if TYPE_CHECKING:
    from groupkit.group.pump import Pump
    from groupkit.sim.world import World

VERBS: Final = (
    "kill", "restart", "freeze", "thaw", "cut", "partition", "isolate", "heal", "drift", "timeout_now", "drop",
)  # fmt: skip


class Link:
    """The wire from one peer to another, in that direction only. Setting an attribute takes effect at once.

    ``latency``: seconds, or (low, high); ``loss``, ``duplicate``, ``reorder``: fractions from 0 to 1.
    """

    __slots__ = ("_network", "_wire")

    def __init__(self, network: Faults, wire: Wire) -> None:
        self._network = network
        self._wire = wire

    @property
    def src(self) -> PeerId:
        """Where it begins."""
        return PeerId(self._wire.src)

    @property
    def dst(self) -> PeerId:
        """Where it ends."""
        return PeerId(self._wire.dst)

    @property
    def is_cut(self) -> bool:
        """Whether nothing passes."""
        return self._wire.cut is not None

    @property
    def latency(self) -> tuple[float, float]:
        """(low, high) in seconds: each message takes a time drawn evenly from between them."""
        return self._wire.low, self._wire.low + self._wire.span

    @latency.setter
    def latency(self, value: float | tuple[float, float]) -> None:
        self._tune("latency", value)

    @property
    def loss(self) -> float:
        """The fraction of messages that is lost."""
        return self._wire.loss

    @loss.setter
    def loss(self, value: float) -> None:
        self._tune("loss", value)

    @property
    def duplicate(self) -> float:
        """The fraction of messages that arrives twice."""
        return self._wire.duplicate

    @duplicate.setter
    def duplicate(self, value: float) -> None:
        self._tune("duplicate", value)

    @property
    def reorder(self) -> float:
        """The fraction of messages that is held up and may be overtaken."""
        return self._wire.reorder

    @reorder.setter
    def reorder(self, value: float) -> None:
        self._tune("reorder", value)

    def _tune(self, name: str, value: Any) -> None:
        self._network._enter(f"link({self.src!r}, {self.dst!r})")
        faults.latency_range(value) if name == "latency" else faults.fraction(value, name)
        self._network._journal("link", self._wire.src, self._wire.dst, name, value)
        faults.tune(self._network._world, self._wire, name, value)
        self._network._touched()

    def __repr__(self) -> str:
        low, high = self.latency
        cut = ", cut" if self.is_cut else ""
        return (
            f"<link {self.src}→{self.dst}: {low * 1000:g}–{high * 1000:g} ms, loss {self.loss:g}, "
            f"duplicate {self.duplicate:g}, reorder {self.reorder:g}{cut}>"
        )


class Dropping:
    """A rule that drops messages; ``remove()`` ends it."""

    __slots__ = ("_network", "_rule")

    def __init__(self, network: Faults, rule: DropRule) -> None:
        self._network = network
        self._rule = rule

    @property
    def active(self) -> bool:
        """Whether it still drops; a predicate that raised was switched off."""
        return self._rule.active

    def remove(self) -> None:
        """Drop nothing more. Twice is harmless."""
        self._network._enter("remove()")
        self._network._journal("undrop", getattr(self._rule.predicate, "__name__", "rule"))
        faults.undrop(self._network._world, self._rule)


class Faults:
    """What ``Network`` and ``Cluster`` can break and mend. Every verb takes effect at once and is recorded.

    Peers are given by name, ``PeerId`` or ``Peer``. Doing twice what is done already is harmless; an unknown peer is
    ``UnknownPeer``, whose text lists those there are.
    """

    _world: World
    _pump: Pump

    def kill(self, peer: Any) -> None:
        """The process stops where it stands; its disk is kept."""
        self._do("kill", self._name(peer))

    def restart(self, peer: Any, wipe: bool = False) -> None:
        """Start a killed peer again. ``wipe=True``: with an empty disk, which Raft's promises do not cover."""
        self._do("restart", self._name(peer), wipe)

    def freeze(self, peer: Any) -> None:
        """The process stands still; what is sent to it waits."""
        self._do("freeze", self._name(peer))

    def thaw(self, peer: Any) -> None:
        """A frozen process goes on."""
        self._do("thaw", self._name(peer))

    def cut(self, a: Any, b: Any, one_way: bool = False) -> None:
        """Cut the wire between ``a`` and ``b``; with ``one_way`` only from ``a`` to ``b``."""
        self._do("cut", self._name(a), self._name(b), one_way)

    def partition(self, *sides: Iterable[Any]) -> None:
        """Cut everything between the sides; peers not named form one more. Replaces an earlier partition."""
        _check_sides(sides)
        self._do("partition", [[self._name(peer) for peer in side] for side in sides])

    def isolate(self, peer: Any) -> None:
        """Cut ``peer`` from everybody."""
        self._do("isolate", self._name(peer))

    def heal(self, a: Any = None, b: Any = None) -> None:
        """Mend all wires, or those between ``a`` and ``b``. What ``link`` set stays."""
        self._do("heal", None if a is None else self._name(a), None if b is None else self._name(b))

    def link(self, a: Any, b: Any) -> Link:
        """The wire from ``a`` to ``b``, to set its latency, loss, duplication and reordering."""
        src, dst = self._name(a), self._name(b)
        if src == dst:
            raise ValueError(f"{src!r} has no link to itself: name two peers")
        return Link(self, self._world.link(src, dst))

    def drift(self, peer: Any, rate: float) -> None:
        """Let the peer's own clock run ``rate`` times as fast as the world's."""
        self._do("drift", self._name(peer), rate)

    def timeout_now(self, peer: Any) -> None:
        """Let the peer stand for election now."""
        self._do("timeout_now", self._name(peer))

    def drop(self, predicate: Callable[[Parcel], object]) -> Dropping:
        """Drop every message for which ``predicate(message)`` is true; it has src, dst, kind, term and payload."""
        self._enter("drop(predicate)")
        faults.check_predicate(predicate)
        self._journal("drop", getattr(predicate, "__name__", "rule"))
        rule = Dropping(self, faults.drop(self._world, predicate))
        self._touched()
        return rule

    def at(self, seconds_from_now: float, verb: str, *arguments: Any) -> None:
        """Do ``verb`` (its name) with these arguments after so many virtual seconds. Names are checked now."""
        after = seconds(seconds_from_now, "at(seconds, ...)", zero=True)
        if verb not in VERBS:
            raise ValueError(f"at(...) knows no verb {verb!r}; it knows {', '.join(VERBS)}")
        settled = self._check_arguments(verb, arguments)
        self._enter(f"at({after:g}, {verb!r})")
        self._journal("at", after, verb, *settled)
        self._world.at(self._world.now + after, self._later, verb, settled)
        self._touched()

    def post(self, verb: str | Callable[..., object], *arguments: Any) -> None:
        """As calling ``verb`` at once, from any thread or callback: it is done on the group's own event loop.

        ``verb`` is the name of a fault verb, or any function, which is called on that loop with these arguments.
        """
        loop = self._pump.home.for_others()
        if callable(verb):
            loop.call_soon_threadsafe(verb, *arguments)
            return
        if verb not in VERBS:
            raise ValueError(f"post(...) knows no verb {verb!r}; it knows {', '.join(VERBS)}")
        loop.call_soon_threadsafe(self._posted, verb, self._check_arguments(verb, arguments))

    def _posted(self, verb: str, arguments: tuple[Any, ...]) -> None:
        if not self._pump.closed:
            getattr(self, verb)(*arguments)

    def _later(self, verb: str, arguments: tuple[Any, ...]) -> None:
        if verb == "partition":
            faults.partition(self._world, arguments)
        else:
            getattr(faults, verb)(self._world, *arguments)
        self._touched()

    def _check_arguments(self, verb: str, arguments: tuple[Any, ...]) -> tuple[Any, ...]:
        """Refuse now what would be refused later."""
        peers = {"cut": 2, "heal": 2, "drop": 0, "partition": 0}.get(verb, 1)
        if verb == "partition":
            _check_sides(arguments)
            return tuple(faults.checked_sides(self._world, [[self._name(p) for p in side] for side in arguments]))
        least = {"cut": 2, "drift": 2, "drop": 1, "heal": 0}.get(verb, 1)
        most = {"cut": 3, "drift": 2, "heal": 2, "restart": 2}.get(verb, 1)
        if not least <= len(arguments) <= most:
            raise TypeError(f"{verb} takes {least} to {most} arguments, not {len(arguments)}: {arguments!r}")
        settled = (*(self._name(peer) for peer in arguments[:peers]), *arguments[peers:])
        if verb == "cut" and settled[0] == settled[1]:
            raise ValueError(f"{settled[0]!r} cannot be cut from itself: name two peers")
        if verb == "heal":
            faults.check_ends(self._world, *(*settled, None, None)[:2])
        elif verb == "drift":
            faults.check_rate(settled[1])
        elif verb == "drop":
            faults.check_predicate(settled[0])
        return settled

    def _do(self, verb: str, *arguments: Any) -> None:
        self._enter(verb)
        given = arguments[0] if verb == "partition" else tuple(a for a in arguments if a is not None)
        self._check_arguments(verb, given)  # what is refused is not written down
        self._journal(verb, *arguments)
        getattr(faults, verb)(self._world, *arguments)
        self._touched()

    def _journal(self, verb: str, *arguments: Any) -> None:
        raise NotImplementedError

    def _touched(self) -> None:
        self._pump.touched()

    def _enter(self, what: str) -> None:
        self._pump.check_caller(what)

    def _name(self, peer: Any) -> str:
        name = getattr(peer, "id", peer)
        if callable(name):  # a Group: its peer
            name = peer.peer_id()
        if not isinstance(name, str):
            raise TypeError(f"a peer is given by its name, PeerId or Peer, not {peer!r}")
        return faults.find(self._world, name).id


def _check_sides(sides: Iterable[Any]) -> None:
    for side in sides:
        if isinstance(side, str) or not isinstance(side, Iterable):
            raise TypeError(f"a side of a partition is a set of peers, such as {{'a', 'b'}}, not {side!r}")
