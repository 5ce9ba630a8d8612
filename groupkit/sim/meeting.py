"""Who meets whom: a host that joins tries everybody, and asks again whom it may trust."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupkit.sim.bonds import Pair

if TYPE_CHECKING:
    from groupkit.sim.host import Host


def meet(host: Host) -> None:
    """``host`` has joined: it tries to bond with every other member, and takes note of those who can be none."""
    world = host.world
    for process in world.processes.values():
        other = process.hosts.get(host.group)
        if other is not None:
            if other is not host and other.id not in host.pairs:
                Pair(host, other).try_later(world.now)
        elif process.hosts and not any(group in host.process.hosts for group in process.hosts):
            for stranger in process.hosts.values():
                why = _difference(host, stranger)
                host.tell("bond", stranger.id, False, f"{stranger.id} is in another group: {why}")
                stranger.tell("bond", host.id, False, f"{host.id} is in another group: {why}")
    if host.spec.authorize is not None:
        world.at(world.now + host.spec.config.heartbeat_interval, _audit, host)


def _difference(one: Host, other: Host) -> str:
    if one.spec.key != other.spec.key:
        return "they know different keys"
    mine, theirs = one.replica.machine.signature, other.replica.machine.signature
    if mine != theirs:
        return f"their machines differ, {mine} and {theirs}"
    return "their consensus configurations differ"


def _audit(host: Host) -> None:
    """Ask the predicate again: bonds end when it stops being true, and may begin when it becomes true."""
    allowed = host.spec.authorize
    if host.left or allowed is None:
        return
    world = host.world
    if not host.blocked:
        for peer, pair in list(host.pairs.items()):
            if not allowed(peer):
                pair.part(host, f"{host.id} no longer authorizes {peer}")
                pair.refused = pair.refused or f"{host.id} does not authorize {peer}"
            elif pair.refused.startswith(f"{host.id} does not"):
                pair.refused = ""
                pair.try_later(world.now)
    world.at(world.now + host.spec.config.heartbeat_interval, _audit, host)
