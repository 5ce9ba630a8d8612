"""The acts of a storm: what each does to a cluster, and the line of Python that does the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from groupkit.group.cluster import Cluster
from groupkit.group.machines import KeyValue
from groupkit.trials.weather import Plan

AWAY: Final = 4  # longest election timeouts that a peer is cut off, to see what that does to the others


def do(cluster: Cluster, verb: str, arguments: tuple[Any, ...], plan: Plan) -> None:
    """One act of a plan."""
    if verb == "append":
        peer, key, value = arguments
        cluster[peer].group.execute(KeyValue.Append(key, value))
    elif verb == "flood":  # one key that nobody reads: there is nothing in it to judge
        peer, count = arguments
        cluster[peer].group.execute_many([KeyValue.Put("flood", n) for n in range(count)])
    elif verb == "get":
        cluster[arguments[0]].group.query(KeyValue.Get(arguments[1]))
    elif verb == "link":
        src, dst, name, value = arguments
        setattr(cluster.link(src, dst), name, value)
    elif verb == "plain":
        src, dst, name = arguments
        setattr(cluster.link(src, dst), name, plan.latency if name == "latency" else 0.0)
    elif verb == "isolate_leader":
        leader = cluster.leader()
        if leader is not None:
            cluster.isolate(leader)
    else:
        getattr(cluster, verb)(*arguments)


def as_cell(plan: Plan, *, away: bool = False) -> str:
    """``plan`` as Python lines for a notebook; with ``away``, what is seen when single peers are cut off after it."""
    config = plan.config
    off = f", rules=Rules().without({', '.join(map(repr, plan.rules.off()))})" if plan.rules.off() else ""
    lines = [
        "from groupkit import Cluster, ConsensusConfig, KeyValue, Rules",
        f"config = ConsensusConfig(heartbeat_interval={config.heartbeat_interval!r}, heartbeat_jitter="
        f"{config.heartbeat_jitter!r}, election_timeout={config.election_timeout!r}, election_timeout_jitter="
        f"{config.election_timeout_jitter!r}, forward_timeout={config.forward_timeout!r}, "
        f"snapshot_every={config.snapshot_every!r})",
        f"c = Cluster({plan.peers}, machine=KeyValue, seed={plan.seed}, quorum={plan.quorum!r}, pace=float('inf'), "
        f"config=config, latency={plan.latency!r}{off})",
    ]
    now = 0.0
    for time, verb, arguments in plan.acts:
        if time > now:
            lines.append(f"await c.clock.advance({round(time - now, 4)!r})")
            now = time
        lines.append(_LINES.get(verb, _plain_line)(verb, arguments, plan))
    lines.append(
        f"await c.clock.advance({round(max(0.0, plan.length - now), 4)!r}); c.heal(); await c.clock.advance(60.0)"
    )
    lines.append(
        "c.violations, [(p.id, p.group.committed(), await p.group.query(KeyValue.Items(), 'weak')) for p in c]"
    )
    if away:
        pause = AWAY * (config.election_timeout + config.election_timeout_jitter)
        lines[-1:] = [
            "leader, terms = c.leader(), [p.group.term() for p in c]",
            f"c.isolate(next(p.id for p in c if p.id != leader)); await c.clock.advance({pause:g})",
            f"c.heal(); await c.clock.advance({pause:g})",
            "print(terms, [p.group.term() for p in c])  # a follower came back: do the terms stay?",
            f"c.isolate(c.leader()); await c.clock.advance({pause:g})",
            "print([(p.id, p.group.role()) for p in c])  # the leader was cut off: does it step down?",
        ]
    return "\n".join(lines)


def _plain_line(verb: str, arguments: tuple[Any, ...], plan: Plan) -> str:
    return f"c.{verb}({', '.join(map(repr, arguments))})"


def _append_line(verb: str, arguments: tuple[Any, ...], plan: Plan) -> str:
    return f"c[{arguments[0]!r}].group.execute(KeyValue.Append({arguments[1]!r}, {arguments[2]!r}))"


def _flood_line(verb: str, arguments: tuple[Any, ...], plan: Plan) -> str:
    peer, count = arguments
    return f"c[{peer!r}].group.execute_many([KeyValue.Put('flood', n) for n in range({count})])"


def _get_line(verb: str, arguments: tuple[Any, ...], plan: Plan) -> str:
    return f"c[{arguments[0]!r}].group.query(KeyValue.Get({arguments[1]!r}))"


def _link_line(verb: str, arguments: tuple[Any, ...], plan: Plan) -> str:
    src, dst, name = arguments[:3]
    value = arguments[3] if verb == "link" else plan.latency if name == "latency" else 0.0
    return f"c.link({src!r}, {dst!r}).{name} = {value!r}"


def _leader_line(verb: str, arguments: tuple[Any, ...], plan: Plan) -> str:
    return "if c.leader(): c.isolate(c.leader())"


_LINES: Final[dict[str, Callable[[str, tuple[Any, ...], Plan], str]]] = {
    "append": _append_line,
    "flood": _flood_line,
    "get": _get_line,
    "link": _link_line,
    "plain": _link_line,
    "isolate_leader": _leader_line,
}
