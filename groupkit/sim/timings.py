"""What can be changed about the times of a living group: when its election timers run out, how long its links take.

The configured times cannot: they are part of what a group is (its id is made of them), and all its peers agree on them.
"""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING, Any

from groupkit.raft.news import LEADER
from groupkit.sim.checks import check_count, latency_range
from groupkit.sim.faults import disturb_wire

if TYPE_CHECKING:
    from groupkit.sim.host import Host
    from groupkit.sim.world import World


def running(world: World) -> list[list[Host]]:
    """Of each group, the peers whose election timer runs: not leaders, observers, dead and frozen ones. In id order."""
    groups: dict[str, list[Host]] = {}
    for name in sorted(world.processes):
        for host in world.processes[name].hosts.values():
            if not host.blocked and not host.left and not host.node.observer and host.node.role != LEADER:
                groups.setdefault(host.group, []).append(host)
    return list(groups.values())


def align_timers(world: World) -> None:
    """All election timers that run now run out at one instant: the first at which one would have, unless some peer
    still has to listen for its leader then. A vote is split by it, if nobody hears from a leader before."""
    for hosts in running(world):
        instant = max(min(host.timers.due for host in hosts), max(host.timers.lapse for host in hosts))
        _set(world, "align_timers", [(host, instant) for host in hosts])


def spread_timers(world: World) -> None:
    """The election timers that run now run out as far apart as their jitter allows, in the order in which they would
    have, the first as soon as nobody has to listen for a leader any more: so that it stands alone."""
    for hosts in running(world):
        first = max(world.now, *(host.timers.lapse for host in hosts))
        gap = hosts[0].spec.config.election_timeout_jitter / max(1, len(hosts) - 1)
        hosts.sort(key=lambda host: (host.timers.due, host.id))
        _set(world, "spread_timers", [(host, first + gap * place) for place, host in enumerate(hosts)])


def checked(world: World, verb: str, arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    """The arguments of one of these verbs; refused are wrong ones, and to spread timers that may not differ."""
    takes = 1 if verb == "set_latency" else 0
    check_count(verb, arguments, takes, takes)
    if verb == "set_latency":
        return (latency_range(arguments[0]),)
    for hosts in running(world) if verb == "spread_timers" else ():
        if len(hosts) > 1 and hosts[0].spec.config.election_timeout_jitter == 0:
            raise ValueError(
                "spread_timers() spreads them over election_timeout_jitter, which is 0 s in this group: make one with "
                "ConsensusConfig(election_timeout_jitter=...) above 0"
            )
    return ()


def _set(world: World, verb: str, dues: list[tuple[Host, float]]) -> None:
    """A single timer is neither aligned nor spread; what stands so already is not written down."""
    if len(dues) > 1 and any(host.timers.due != due for host, due in dues):
        for host, due in dues:
            host.timers.set(due)
        world.note("fault", None, verb, tuple((host.id, due) for host, due in dues))


def set_latency(world: World, latency: tuple[float, float]) -> None:
    """All links take from ``low`` to ``high`` seconds from now on, those of peers yet to come as well."""
    low, high = latency
    world.latency = low, high
    links = [world.link(*wire) for wire in permutations(sorted(world.processes), 2)]
    changed = [link for link in links if (link.low, link.span) != (low, high - low)]
    if not changed:
        return
    for link in changed:
        link.low, link.span = low, high - low
    world.note("fault", None, "set_latency", (low, high))
    for link in changed:
        disturb_wire(world, link.src, link.dst)
