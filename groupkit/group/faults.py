"""The fault verbs of a network: what can be broken, at once or later."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final

from groupkit.group.handles import Dropping, Link
from groupkit.group.live import Near
from groupkit.raft.config import seconds
from groupkit.sim import checks, faults, mail, timings, weather
from groupkit.sim.links import Parcel

if TYPE_CHECKING:
    from groupkit.group.pump import Pump
    from groupkit.sim.world import World

BREAKS: Final = (
    "kill", "restart", "freeze", "thaw", "cut", "partition", "isolate", "heal", "drift", "timeout_now", "drop",
)  # fmt: skip
ON_MAIL: Final = tuple(mail.ARGUMENTS)
ON_TIME: Final = ("spread_timers", "align_timers", "set_latency")
AT_RANDOM: Final = tuple(weather.ARGUMENTS)
VERBS: Final = (*BREAKS, *ON_MAIL, *ON_TIME, *AT_RANDOM)
SWITCHES: Final = {"restart": "restart(peer, wipe)", "cut": "cut(a, b, one_way)"}  # that a verb takes behind its peers
DONE_BY: Final[dict[str, Callable[..., Any]]] = {
    verb: getattr(room, verb)
    for room, verbs in ((faults, BREAKS), (mail, ON_MAIL), (timings, ON_TIME), (weather, AT_RANDOM))
    for verb in verbs
}


class Faults(Near):
    """What ``Network`` and ``Cluster`` can break and mend. Every verb takes effect at once and is recorded.

    Peers are given by name, ``PeerId`` or ``Peer``. Doing twice what is done already is harmless; an unknown peer is
    ``UnknownPeer``, whose text lists those there are.
    """

    __slots__ = ()
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
        self._do("partition", [sorted(self._name(peer) for peer in side) for side in sides])  # a set has no order

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
        """Let the peer's own clock run ``rate`` times as fast as the world's, from 1/1000 to 1000."""
        self._do("drift", self._name(peer), rate)

    def timeout_now(self, peer: Any) -> None:
        """Let the peer stand for election now."""
        self._do("timeout_now", self._name(peer))

    def drop(self, predicate: Callable[[Parcel], object]) -> Dropping:
        """Drop every message for which ``predicate(message)`` is true; it has src, dst, kind, term and payload."""
        self._enter("drop(predicate)")
        checks.check_predicate(predicate)
        self._journal("drop", getattr(predicate, "__name__", "rule"))
        rule = Dropping(self, faults.drop(self._world, predicate))
        self._touched()
        return rule

    def in_flight(self) -> list[mail.InFlight]:
        """The messages on their way at this instant, those that arrive first first: each with its ``number``, ``src``,
        ``dst``, ``kind``, ``term``, ``sent`` and ``arrival`` (virtual seconds), ``brief`` and ``payload``. What waits
        for a frozen peer has arrived, and is not among them. Never waits, changes nothing."""
        self._pump.catch_up()
        return mail.in_flight(self._world)

    def drop_message(self, message: Any) -> None:
        """Let one message on its way be lost: ``message`` is its number, or one of ``in_flight()``. One that is not on
        its way (any more) is ``NotInFlight``, whose text says what became of it and which there are."""
        self._do("drop_message", message)

    def delay_message(self, message: Any, seconds: float) -> None:
        """Let one message arrive so many virtual seconds later than it would have; those sent behind it may overtake
        it. Twice is twice as late. Otherwise as ``drop_message``."""
        self._do("delay_message", message, seconds)

    def duplicate_message(self, message: Any, after: float = 0.0) -> None:
        """Let a copy of one message set out now; it arrives ``after`` virtual seconds behind the message itself, and
        has a number of its own. Otherwise as ``drop_message``."""
        self._do("duplicate_message", message, after)

    def align_timers(self) -> None:
        """Let all election timers that run now run out at one instant: a split vote, unless a leader is heard before.

        Those of leaders, observers, dead and frozen peers do not run. A heartbeat sets the timer of who hears it anew,
        as always, and so does one still on its way: align them when the leader is gone. The instant is the first at
        which one of them would have run out, or when the last of them gives its leader up, if that is later. Draws
        nothing. With pre-vote all hear yes before any of them stands, so the vote is split all the same; the next term
        draws new times."""
        self._do("align_timers")

    def spread_timers(self) -> None:
        """Let the election timers that run now run out as far apart as ``election_timeout_jitter`` allows, in the order
        in which they would have: whoever is first stands alone. Otherwise as ``align_timers``."""
        self._do("spread_timers")

    def set_latency(self, latency: float | tuple[float, float]) -> None:
        """Let every link take so many seconds, or (low, high), from now on; also links to peers that join later. It
        takes the place of what ``link(a, b).latency`` set. What is on its way keeps its arrival."""
        self._do("set_latency", checks.latency_range(latency))

    def random_faults(self, seed: int = 1) -> None:
        """From now on peers are killed, frozen, isolated and cut from each other at random, and each is mended again
        after 1 to 4 virtual seconds, until ``end_random_faults()``. ``seed``, a whole number, decides what is drawn and
        when; of the network's own randomness nothing is used up. With another seed those that go on end first."""
        self._do("random_faults", seed)

    def end_random_faults(self) -> None:
        """No more random faults; what they broke and is broken still is mended at once, and nothing else."""
        self._do("end_random_faults")

    def at(self, seconds_from_now: float, verb: str, *arguments: Any) -> None:
        """Do ``verb`` (its name) with these arguments after so many virtual seconds. Names are checked now.

        A message must be on its way still by then, as things stand now; if it is dropped before, nothing happens."""
        after = seconds(seconds_from_now, "at(seconds, ...)", zero=True)
        if verb not in VERBS:
            raise ValueError(f"at(...) knows no verb {verb!r}; it knows {', '.join(VERBS)}")
        settled = self._check_arguments(verb, arguments, after)
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
        if self._pump.closed:
            return
        with contextlib.suppress(mail.NotInFlight):  # it has arrived since it was asked for
            getattr(self, verb)(*arguments)

    def _later(self, verb: str, arguments: tuple[Any, ...]) -> None:
        if verb == "partition":
            faults.partition(self._world, arguments)
        else:
            DONE_BY[verb](self._world, *arguments)
        self._touched()

    def _check_arguments(self, verb: str, arguments: tuple[Any, ...], after: float = 0.0) -> tuple[Any, ...]:
        """Refuse now what would be refused later, ``after`` seconds from now."""
        if verb in ON_MAIL:
            return mail.checked(self._world, verb, arguments, after)
        if verb in ON_TIME:
            return timings.checked(self._world, verb, arguments)
        if verb in AT_RANDOM:
            return weather.checked(verb, arguments)
        peers = {"cut": 2, "heal": 2, "drop": 0, "partition": 0}.get(verb, 1)
        if verb == "partition":
            _check_sides(arguments)
            return tuple(faults.checked_sides(self._world, [[self._name(p) for p in side] for side in arguments]))
        least = {"cut": 2, "drift": 2, "drop": 1, "heal": 0}.get(verb, 1)
        most = {"cut": 3, "drift": 2, "heal": 2, "restart": 2}.get(verb, 1)
        checks.check_count(verb, arguments, least, most)
        settled = (*(self._name(peer) for peer in arguments[:peers]), *arguments[peers:])
        if verb == "cut" and settled[0] == settled[1]:
            raise ValueError(f"{settled[0]!r} cannot be cut from itself: name two peers")
        if verb == "heal":
            faults.check_ends(self._world, *(*settled, None, None)[:2])
        elif verb == "drift":
            settled = (settled[0], checks.check_rate(settled[1]))
        elif verb in SWITCHES:
            for value in settled[peers:]:
                checks.check_switch(value, SWITCHES[verb])
        elif verb == "drop":
            checks.check_predicate(settled[0])
        return settled

    def _do(self, verb: str, *arguments: Any) -> None:
        self._enter(verb)
        given = arguments[0] if verb == "partition" else arguments
        if verb == "heal":  # its peers may be left out
            given = tuple(a for a in arguments if a is not None)
        settled = self._check_arguments(verb, given)  # what is refused is not written down
        if verb in ON_MAIL or verb == "drift":
            arguments = settled
        self._journal(verb, *arguments)
        DONE_BY[verb](self._world, *arguments)
        self._touched()

    def _journal(self, verb: str, *arguments: Any) -> None:
        raise NotImplementedError

    def _touched(self) -> None:
        self._pump.touched()

    def _enter(self, what: str) -> None:
        self._pump.check_caller(what)

    def _name(self, peer: Any) -> str:
        name = getattr(peer, "id", peer)
        if callable(name) and callable(getattr(peer, "peer_id", None)) and not isinstance(peer, type):
            name = peer.peer_id()  # a Group: its peer
        if not isinstance(name, str):
            raise TypeError(f"a peer is given by its name, PeerId or Peer, not {peer!r}")
        return faults.find(self._world, name).id


def _check_sides(sides: Iterable[Any]) -> None:
    for side in sides:
        if isinstance(side, str | bytes | bytearray) or not isinstance(side, Iterable):
            raise TypeError(f"a side of a partition is a set of peers, such as {{'a', 'b'}}, not {side!r}")
