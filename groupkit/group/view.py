"""This moment of a group as plain data: what a live picture shows and the recorder does not write down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from groupkit.raft.news import CANDIDATE, LEADER, OBSERVER

if TYPE_CHECKING:
    from groupkit.group.network import Network
    from groupkit.sim.host import Host


def view(network: Network, *, wires: bool = True) -> dict[str, Any]:
    """Every peer of the network at this instant; of a network with several groups, each group's peers.

    ``now`` in virtual seconds, ``pace`` (virtual per wall seconds, maybe inf), ``paused``, ``ended`` (why, or "").
    ``random_faults``: the seed of those that go on, or None. ``peers``: name -> ``role`` (as ``group.role()``),
    ``term``, ``leader``, ``committed``, ``log`` (term, index of the last entry), ``base`` (the index up to which a
    snapshot has swallowed the log), ``online``, ``frozen``; ``timer``: (when its leader counts as silent, when it
    stands for election, the longest such wait in seconds), None for who never stands or leads; ``ballot``: of a
    candidate (pre-vote?, who granted, who refused), else None; ``progress``: of a leader, follower -> (next, match).
    ``wires``: those directions that are not as they were built, (src, dst) -> dict of ``cut`` (None, "cut" or
    "partition"), ``latency`` (low, high), ``loss``, ``duplicate``, ``reorder``; left out with ``wires=False``.
    """
    pump = network._pump
    pump.catch_up()
    picture: dict[str, Any] = {
        "now": network._world.now,
        "pace": pump.pace.rate,
        "paused": pump.paused,
        "ended": network._closed,
        "random_faults": None if network._world.weather is None else network._world.weather.seed,
        "peers": {name: _peer(group._host) for (name, _), group in sorted(network._groups.items())},
    }
    if wires:
        picture["wires"] = _wires(network)
    return picture


def _peer(host: Host) -> dict[str, Any]:
    node, alive = host.node, host.process.alive
    role = node.role if alive else "down"
    return {
        "role": role,
        "term": node.term,
        "leader": node.leader if alive else None,
        "committed": host.seen_commit if alive else 0,
        "log": (node.log.last_term, node.log.last),
        "base": node.log.base,
        "online": alive and host.seen_online,
        "frozen": host.process.frozen,
        "timer": None if role in ("down", LEADER, OBSERVER) else (host.timers.lapse, host.timers.due, _longest(host)),
        "ballot": (node.pre, sorted(node.granted), sorted(node.refused)) if role == CANDIDATE else None,
        "progress": {p: (at.next, at.match) for p, at in node.followers.items()} if role == LEADER else {},
    }


def _longest(host: Host) -> float:
    config = host.spec.config
    longest = (config.election_timeout + config.election_timeout_jitter) * host.replica.machine.leadership.factor
    return longest / host.process.rate


def _wires(network: Network) -> dict[tuple[str, str], dict[str, Any]]:
    plain = network._latency
    found = {}
    for ends, link in network._world.links.items():
        latency = (link.low, link.low + link.span)
        if link.odd or abs(latency[0] - plain[0]) > 1e-12 or abs(latency[1] - plain[1]) > 1e-12:
            found[ends] = {
                "cut": link.cut,
                "latency": latency,
                "loss": link.loss,
                "duplicate": link.duplicate,
                "reorder": link.reorder,
            }
    return found
