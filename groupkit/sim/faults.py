"""Everything a user can break on purpose, and mend. Each takes effect at once, is written down, and checks its names.

Doing twice what is done already changes nothing and writes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import permutations
from typing import TYPE_CHECKING, Any

from groupkit.sim import life
from groupkit.sim.checks import check_predicate, check_rate, fraction, latency_range
from groupkit.sim.links import DropRule, Link

if TYPE_CHECKING:
    from groupkit.sim.world import Process, World


class UnknownPeer(LookupError):
    """There is no peer of that name; the text lists those there are."""


def find(world: World, peer: str) -> Process:
    """The process of that name."""
    process = world.processes.get(peer)
    if process is None:
        known = ", ".join(sorted(world.processes)) or "none yet"
        raise UnknownPeer(f"there is no peer {peer!r} here; the peers are: {known}")
    return process


def kill(world: World, peer: str, why: str = "") -> None:
    """The process stops where it stands: memory is lost, the disk is kept."""
    process = find(world, peer)
    if not process.alive:
        return
    world.note("fault", peer, "kill", (why,) if why else ())
    process.alive = False
    process.frozen = False
    process.held.clear()
    for host in list(process.hosts.values()):
        life.crash(host, why or f"{peer} was killed")
        _disturb(host.pairs.values())


def restart(world: World, peer: str, wipe: bool = False) -> None:
    """Start a killed process again, with its disk as it was, or (``wipe``) an empty one."""
    process = find(world, peer)
    if process.alive:
        return
    world.note("fault", peer, "restart", ("wipe",) if wipe else ())
    process.alive = True
    process.boots += 1
    for host in list(process.hosts.values()):
        life.reboot(host, wipe=wipe)
        for pair in host.pairs.values():
            pair.refused = ""
            pair.disturbed()


def freeze(world: World, peer: str) -> None:
    """The process stands still; what is sent to it waits."""
    process = find(world, peer)
    if process.frozen or not process.alive:
        return
    world.note("fault", peer, "freeze", ())
    process.frozen = True
    for host in process.hosts.values():
        host.blocked = True
        _disturb(host.pairs.values())


def thaw(world: World, peer: str) -> None:
    """The process goes on: first with the messages that waited, then with what its clock missed."""
    process = find(world, peer)
    if not process.frozen:
        return
    world.note("fault", peer, "thaw", ())
    process.frozen = False
    for host in process.hosts.values():
        host.blocked = False
    held, process.held = process.held, []
    for action, arguments in held:
        world.at(world.now, action, *arguments)
    for host in process.hosts.values():
        host.timers.catch_up()
        world.at(world.now, life.resume, host)
        _disturb(host.pairs.values())


def cut(world: World, a: str, b: str, one_way: bool = False) -> None:
    """Nothing passes from ``a`` to ``b`` any more, nor (unless ``one_way``) back; what is on the wire is lost."""
    find(world, a), find(world, b)
    if a == b:
        raise ValueError(f"{a!r} cannot be cut from itself: name two peers")
    changed = _cut(world, [(a, b)] if one_way else [(a, b), (b, a)], "cut")
    if changed:
        world.note("fault", a, "cut", (b, "one way") if one_way else (b,))


def isolate(world: World, peer: str) -> None:
    """Cut ``peer`` from everybody else."""
    find(world, peer)
    others = [p for p in world.processes if p != peer]
    if _cut(world, [w for p in others for w in ((peer, p), (p, peer))], "cut"):
        world.note("fault", peer, "isolate", ())


def partition(world: World, sides: Iterable[Iterable[str]]) -> None:
    """Cut all wires between different sides; peers that are not named form one more side together.

    A later partition takes the place of an earlier one. Wires cut by ``cut`` or ``isolate`` stay cut.
    """
    named = checked_sides(world, sides)
    rest = sorted(set(world.processes) - {peer for side in named for peer in side})
    side_of = {peer: number for number, side in enumerate([*named, rest]) for peer in side}
    wires = list(permutations(sorted(world.processes), 2))
    healed = [w for w in wires if side_of[w[0]] == side_of[w[1]] and world.link(*w).cut == "partition"]
    cutting = [w for w in wires if side_of[w[0]] != side_of[w[1]]]
    changed = _heal(world, healed)
    if _cut(world, cutting, "partition") or changed:
        world.note("fault", None, "partition", tuple(tuple(side) for side in [*named, rest] if side))


def checked_sides(world: World, sides: Iterable[Iterable[str]]) -> list[list[str]]:
    """``sides`` as lists of known names, none of them empty, no name in two."""
    named: list[list[str]] = [sorted(side) for side in sides]
    everybody = [peer for side in named for peer in side]
    for peer in everybody:
        find(world, peer)
        if everybody.count(peer) > 1:
            raise ValueError(f"{peer!r} stands on two sides of the partition: name each peer once")
    if any(not side for side in named) or not named:
        raise ValueError("a side of the partition is empty: name at least one peer for each side")
    return named


def heal(world: World, a: str | None = None, b: str | None = None) -> None:
    """Mend the wires between ``a`` and ``b``, or all of them. Latency and loss set by ``link`` stay as they are."""
    check_ends(world, a, b)
    if a is None or b is None:
        if _heal(world, list(world.links)):
            world.note("fault", None, "heal", ())
        return
    if _heal(world, [(a, b), (b, a)]):
        world.note("fault", a, "heal", (b,))


def check_ends(world: World, a: str | None, b: str | None) -> None:
    """Refuse to heal one peer alone, or one with itself."""
    if (a is None) != (b is None):
        raise ValueError(f"heal({(a or b)!r}) names one peer: name two, or none to heal everything")
    if a is not None and b is not None:
        find(world, a), find(world, b)
        if a == b:
            raise ValueError(f"{a!r} cannot be healed with itself: name two peers")


def drift(world: World, peer: str, rate: float) -> None:
    """From its next deadline on, the peer's clock runs ``rate`` times as fast as the world's (1.0: in step)."""
    process = find(world, peer)
    rate = check_rate(rate)
    if process.rate != rate:
        process.rate = rate
        world.note("fault", peer, "drift", (rate,))


def timeout_now(world: World, peer: str) -> None:
    """Let the peer stand for election now, past pre-vote and leases (diss. 3.10). Down or frozen: nothing happens."""
    process = find(world, peer)
    world.note("fault", peer, "timeout_now", ())
    for host in process.hosts.values():
        if not host.blocked:
            host.node.timeout_now("told to stand now")
            host.settle()


def drop(world: World, predicate: Callable[[Any], object]) -> DropRule:
    """From now on, messages for which ``predicate`` is true are dropped when they are sent."""
    check_predicate(predicate)
    world.serial += 1
    rule = DropRule(predicate, world.serial)
    world.rules.append(rule)
    world.note("fault", None, "drop", (rule.name, rule.number))
    for process in world.processes.values():
        for host in process.hosts.values():
            _disturb(host.pairs.values())
    return rule


def undrop(world: World, rule: DropRule) -> None:
    """The rule no longer holds."""
    if rule in world.rules:
        world.rules.remove(rule)
        rule.active = False
        world.note("fault", None, "undrop", (rule.name, rule.number))


def tune(world: World, link: Link, name: str, value: Any) -> None:
    """Set ``latency`` (seconds, or (low, high)), ``loss``, ``duplicate`` or ``reorder`` of one direction."""
    if name == "latency":
        low, high = latency_range(value)
        link.low, link.span = low, high - low
        value = (low, high)
    else:
        value = fraction(value, name)
        setattr(link, name, value)
    link.settle()
    world.note("fault", link.src, "link", (link.dst, name, value))
    disturb_wire(world, link.src, link.dst)


def _cut(world: World, wires: list[tuple[str, str]], why: str) -> bool:
    changed = False
    for src, dst in wires:
        link = world.link(src, dst)
        if link.cut is None:
            link.cut = why
            link.settle()
            changed = True
            disturb_wire(world, src, dst)
    return changed


def _heal(world: World, wires: list[tuple[str, str]]) -> bool:
    changed = False
    for src, dst in wires:
        link = world.link(src, dst)
        if link.cut is not None:
            link.cut = None
            link.settle()
            changed = True
    for src, dst in wires if changed else ():
        disturb_wire(world, src, dst)
    return changed


def disturb_wire(world: World, src: str, dst: str) -> None:
    """Something about this wire has changed: the bonds over it are watched."""
    process = world.processes.get(src)
    for host in process.hosts.values() if process is not None else ():
        pair = host.pairs.get(dst)
        if pair is not None:
            pair.disturbed()


def _disturb(pairs: Iterable[Any]) -> None:
    for pair in pairs:
        pair.disturbed()
