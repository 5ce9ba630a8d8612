"""Random faults that go on until they are ended: drawn from a seed of their own, each mended again after a while.

The draws do not depend on what they find: the same seed names the same peers at the same distances in time, and what
is broken already is passed over. The world's own streams are not touched.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import TYPE_CHECKING, Any, Final

from groupkit.sim import faults
from groupkit.sim.seeds import Seeds

if TYPE_CHECKING:
    from groupkit.sim.world import World

FIRST: Final = 0.2  # virtual seconds to the first fault
BETWEEN: Final = (0.5, 2.5)  # from one to the next
LASTS: Final = (1.0, 4.0)  # until it is mended
ARGUMENTS: Final = {"random_faults": (0, 1), "end_random_faults": (0, 0)}
Wire = tuple[str, str]
Mending = tuple[str, tuple[str, ...]]  # a verb, and the peers it was done to


class Weather:
    """One stretch of random faults. ``seed``: what they are drawn from."""

    __slots__ = ("_broken", "_die", "_numbers", "_world", "seed")

    def __init__(self, world: World, seed: int) -> None:
        self.seed = seed
        self._world = world
        self._die = Seeds(seed).stream("weather")
        self._numbers = count()
        self._broken: dict[int, Callable[[], Mending | None]] = {}  # how to mend what is broken now
        world.at(world.now + FIRST, self._strike)

    def _strike(self) -> None:
        world, die = self._world, self._die
        if world.weather is not self:
            return
        kind = die.choice((self._kill, self._freeze, self._isolate, self._cut))
        names = die.sample(sorted(world.processes), min(2, len(world.processes)))
        lasts, pause = die.uniform(*LASTS), die.uniform(*BETWEEN)
        mend = kind(names)
        if mend is not None:
            number = next(self._numbers)
            self._broken[number] = mend
            world.at(world.now + lasts, self._mend, number)
        world.at(world.now + pause, self._strike)

    def _mend(self, number: int) -> None:
        mend = self._broken.pop(number, None)
        if mend is not None:
            mend()

    def end(self) -> list[Mending]:
        """Mend what is broken still; returns what was done for it."""
        broken, self._broken = list(self._broken.values()), {}
        done = [mend() for mend in broken]
        return [mending for mending in done if mending is not None]

    # -- each breaks what is whole, and returns how to mend it ---------------------------------------------------------

    def _kill(self, names: list[str]) -> Callable[[], Mending | None] | None:
        peer = names[0]
        if not self._runs(peer):
            return None
        faults.kill(self._world, peer)
        return lambda: self._undo("restart", peer, self._world.processes[peer].alive)

    def _freeze(self, names: list[str]) -> Callable[[], Mending | None] | None:
        peer = names[0]
        if not self._runs(peer):
            return None
        faults.freeze(self._world, peer)
        return lambda: self._undo("thaw", peer, not self._world.processes[peer].frozen)

    def _undo(self, verb: str, peer: str, done: bool) -> Mending | None:
        if done:  # somebody was faster
            return None
        getattr(faults, verb)(self._world, peer)
        return verb, (peer,)

    def _isolate(self, names: list[str]) -> Callable[[], Mending | None] | None:
        peer = names[0]
        wires = self._whole([w for other in self._world.processes if other != peer for w in _ways(peer, other)])
        if not wires:
            return None
        faults.isolate(self._world, peer)
        return lambda: self._heal(wires, (peer,))

    def _cut(self, names: list[str]) -> Callable[[], Mending | None] | None:
        wires = self._whole(_ways(*names)) if len(names) == 2 else []
        if not wires:
            return None
        faults.cut(self._world, names[0], names[1])
        return lambda: self._heal(wires, tuple(names))

    def _heal(self, wires: list[Wire], names: tuple[str, ...]) -> Mending | None:
        """Only what was cut here: what somebody else cut since, or split, stays so."""
        links = self._world.links
        cut = [wire for wire in wires if links[wire].cut == "cut"]
        if not cut:
            return None
        if all(link.cut is None or wire in cut for wire, link in links.items()):
            faults.heal(self._world)
        else:
            for a, b in sorted({(min(wire), max(wire)) for wire in cut}):
                faults.heal(self._world, a, b)
        return "heal", names

    def _runs(self, peer: str) -> bool:
        process = self._world.processes[peer]
        return process.alive and not process.frozen

    def _whole(self, wires: list[Wire]) -> list[Wire]:
        return [wire for wire in wires if self._world.link(*wire).cut is None]


def _ways(a: str, b: str) -> list[Wire]:
    return [(a, b), (b, a)]


def random_faults(world: World, seed: int = 1) -> None:
    """From now on peers are killed, frozen, isolated and cut from each other, and mended again. Those of another seed,
    if there are any, end."""
    if world.weather is not None and world.weather.seed == seed:
        return
    end_random_faults(world)
    world.note("fault", None, "random_faults", (seed,))
    world.weather = Weather(world, seed)


def end_random_faults(world: World) -> None:
    """No more of them; what they broke is mended now."""
    weather, world.weather = world.weather, None
    if weather is not None:
        world.note("fault", None, "end_random_faults", tuple(weather.end()))


def checked(verb: str, arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    """The arguments of one of these verbs; refused is what is no seed."""
    least, most = ARGUMENTS[verb]
    if not least <= len(arguments) <= most:
        takes = "no arguments" if most == 0 else "one argument at most, the seed"
        raise TypeError(f"{verb} takes {takes}, not {len(arguments)}: {arguments!r}")
    for seed in arguments:
        Seeds(seed)
    return arguments
