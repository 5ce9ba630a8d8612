"""Storms: seeded bad weather over a group with clients. Safety is watched all along; then the faults end, and within a
stated time a majority must make progress and all peers must become equal."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Final

from groupkit.check import KeyValueModel, linearizable
from groupkit.group.cluster import Cluster
from groupkit.group.errors import CommandError, QueryError
from groupkit.group.machines import KeyValue
from groupkit.group.naming import MOST_PEERS
from groupkit.group.run import run
from groupkit.raft.config import seconds as checked_seconds
from groupkit.raft.ids import Quorum, choice, whole
from groupkit.raft.rules import Rules
from groupkit.record.sentences import sentence
from groupkit.trials.weather import KEYS, Act, Plan, drawn

CALM: Final = 30  # longest election timeouts within which a healed majority must make progress, and again become equal
SHRINKS: Final = 400  # plans tried to make a failing one smaller
LAST_EVENTS: Final = 12
LONGEST: Final = 3600  # virtual seconds of faults


@dataclass(frozen=True)
class Storm:
    """What came of a storm; true if the group held. ``plan`` is what was done, ``harm`` what fell, in words."""

    plan: Plan
    harm: str
    events: tuple[str, ...] = ()
    smallest: Plan | None = None
    cluster: Cluster | None = field(default=None, compare=False, repr=False)

    def __bool__(self) -> bool:
        return not self.harm

    @property
    def replay_line(self) -> str:
        """The line that plays it again."""
        plan = self.plan
        off = f", rules=Rules().without({', '.join(map(repr, plan.rules.off()))})" if plan.rules.off() else ""
        return f"groupkit.storm({plan.seed}, peers={plan.peers}, seconds={plan.length:g}, quorum={plan.quorum!r}{off})"

    @property
    def cell(self) -> str:
        """A cell that shows the failure, as small as was found; "" if there was none."""
        return "" if self else as_cell(self.smallest or self.plan)

    def __str__(self) -> str:
        if self:
            return f"{self.plan}: the group held"
        last = "\n".join(f"  {line}" for line in self.events)
        return (
            f"{self.plan}\nFAILED: {self.harm}\nagain: {self.replay_line}\nthe last events:\n{last}\n"
            f"as a cell:\n{self.cell}"
        )


def storm(
    seed: int,
    *,
    peers: int | None = None,
    seconds: float | None = None,
    quorum: Quorum | str = "members",
    rules: Rules | None = None,
    shrink: bool = True,
) -> Storm:
    """Let a storm over a group. Everything not named is drawn from ``seed``: size, timings, faults, clients.

    ``seconds`` is how long the faults last (virtual). A failure is shrunk (``shrink=False``: not), see ``Storm.cell``.
    Under members quorum the checks are: the five safety properties, every acknowledged command there once, strong reads
    linearizable; under bonded quorum: that all peers end equal. Both: progress once the faults have ended.
    """
    if seconds is not None and checked_seconds(seconds, "seconds") > LONGEST:
        raise ValueError(f"a storm lasts at most {LONGEST} virtual seconds, not {seconds!r}: let several seeds blow")
    if peers is not None and not 1 <= whole(peers, "peers") <= MOST_PEERS:
        raise ValueError(f"peers is a count from 1 to {MOST_PEERS}, not {peers!r}")
    plan = drawn(seed, peers=peers, seconds=seconds, quorum=choice(Quorum, quorum).value, rules=rules)
    return weathered(plan, shrink=shrink)


def weathered(plan: Plan, *, shrink: bool = True) -> Storm:
    """What comes of this very plan."""
    found = run(lambda: _play(plan), seed=plan.seed)
    if found or not shrink:
        return found
    return replace(found, smallest=_shrunk(plan))


def _shrunk(plan: Plan) -> Plan:
    """A smaller plan that fails too: shorter, with fewer acts, with fewer peers."""
    tries = SHRINKS

    def fails(smaller: Plan) -> bool:
        nonlocal tries
        tries -= 1
        return tries >= 0 and not run(lambda: _play(smaller), seed=smaller.seed)

    step = max(1, len(plan.acts) // 2)
    while step and tries > 0:
        start = 0
        while start < len(plan.acts) and tries > 0:
            smaller = replace(plan, acts=plan.acts[:start] + plan.acts[start + step :])
            if fails(smaller):
                plan = smaller
            else:
                start += step
        step //= 2
    shorter = replace(plan, length=round(plan.acts[-1][0] + 0.001, 3)) if plan.acts else plan
    if shorter.length < plan.length and fails(shorter):
        plan = shorter
    while plan.peers > 1 and tries > 0:
        gone = chr(ord("a") + plan.peers - 1)
        fewer = replace(plan, peers=plan.peers - 1, acts=tuple(act for act in plan.acts if not _names(act, gone)))
        if not fails(fewer):
            break
        plan = fewer
    return plan


def _names(act: Act, peer: str) -> bool:
    return any(part == peer or (isinstance(part, tuple) and peer in part) for part in act[2])


def _cluster(plan: Plan) -> Cluster:
    return Cluster(
        plan.peers,
        machine=KeyValue,
        seed=plan.seed,
        quorum=plan.quorum,
        rules=plan.rules,
        latency=plan.latency,
        config=plan.config,
    )


async def _play(plan: Plan) -> Storm:
    cluster = _cluster(plan)
    unforeseen: list[str] = []  # errors that no caller sees, since they happened inside an event
    asyncio.get_running_loop().set_exception_handler(
        lambda loop, context: unforeseen.append(repr(context.get("exception") or context["message"]))
    )
    try:
        for time, verb, arguments in plan.acts:
            if time > cluster.clock.now:
                await cluster.clock.advance(time - cluster.clock.now)
            do(cluster, verb, arguments, plan)
            if cluster.violations or unforeseen:
                break
        harm = str(cluster.violations[0]) if cluster.violations else await _calm(cluster, plan)
    except Exception as error:  # anything unforeseen is a finding, not the end of the search
        harm = f"{type(error).__name__}: {error}"
    harm = f"an event raised {unforeseen[0]}" if unforeseen else harm
    events = tuple(sentence_at(row) for row in cluster.recorder.rows[-LAST_EVENTS:]) if harm else ()
    return Storm(plan, harm, events, cluster=cluster)


def sentence_at(row: tuple[Any, ...]) -> str:
    """A row with its time."""
    return f"{row[0]:10.4f} s  {sentence(row)}"


def do(cluster: Cluster, verb: str, arguments: tuple[Any, ...], plan: Plan) -> None:
    """One act of a plan."""
    if verb == "append":
        peer, key, value = arguments
        cluster[peer].group.execute(KeyValue.Append(key, value))
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


async def _calm(cluster: Cluster, plan: Plan) -> str:
    """The faults end. Returns what is wrong after that."""
    await cluster.clock.advance(max(0.0, plan.length - cluster.clock.now))
    cluster.heal()
    for peer in cluster:
        cluster.thaw(peer)
        cluster.restart(peer)
        cluster.drift(peer, 1.0)
        for other in cluster:
            if other != peer:
                for name in ("latency", "loss", "duplicate", "reorder"):
                    do(cluster, "plain", (peer.id, other.id, name), plan)
    config = plan.config
    bonds = config.heartbeat_interval * (config.max_missed_heartbeats + 2)
    patience = CALM * (config.election_timeout + config.election_timeout_jitter) + config.forward_timeout + bonds
    if cluster.quorum is Quorum.BONDED:  # histories meet first, and one of them wins
        await cluster.clock.advance(3 * bonds)
    try:
        leader = await cluster.when().leader_elected(timeout=patience)
        await cluster[leader].group.execute(KeyValue.Put("calm", "again"), timeout=patience)
        await cluster.when().converged(timeout=patience)
    except (TimeoutError, CommandError) as error:
        return f"no progress within {patience:g} s after the faults ended: {error}"
    await cluster.clock.advance(2 * bonds if cluster.quorum is Quorum.BONDED else patience)
    try:
        await cluster.when().converged(timeout=patience)  # what clients had under way has come to its end
    except TimeoutError as error:
        return f"the peers do not become equal: {error}"
    return str(cluster.violations[0]) if cluster.violations else await _compare(cluster)


async def _compare(cluster: Cluster) -> str:
    states = {}
    for peer in cluster:
        items = await peer.group.query(KeyValue.Items(), "weak")
        states[peer.id] = (int(peer.group.committed()), sorted(items.result.items()))
    if len({repr(state) for state in states.values()}) > 1:
        return f"the peers are not equal: {states}"
    if cluster.quorum is Quorum.BONDED:
        return ""
    for key in range(KEYS):
        try:
            await cluster[cluster.leader()].group.query(KeyValue.Get(f"k{key}"), timeout=5)
        except QueryError as error:
            return f"a calm group does not answer: {error}"
    found = linearizable(cluster.history(weak=False), KeyValueModel())
    return "" if found else f"the history is not linearizable: {found}"


def as_cell(plan: Plan) -> str:
    """``plan`` as Python lines for a notebook."""
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
            lines.append(f"await c.clock.advance({round(time - now, 3)!r})")
            now = time
        lines.append(_LINES.get(verb, _plain_line)(verb, arguments, plan))
    lines.append(
        f"await c.clock.advance({round(max(0.0, plan.length - now), 3)!r}); c.heal(); await c.clock.advance(60.0)"
    )
    lines.append(
        "c.violations, [(p.id, p.group.committed(), await p.group.query(KeyValue.Items(), 'weak')) for p in c]"
    )
    return "\n".join(lines)


def _plain_line(verb: str, arguments: tuple[Any, ...], plan: Plan) -> str:
    return f"c.{verb}({', '.join(map(repr, arguments))})"


def _append_line(verb: str, arguments: tuple[Any, ...], plan: Plan) -> str:
    return f"c[{arguments[0]!r}].group.execute(KeyValue.Append({arguments[1]!r}, {arguments[2]!r}))"


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
    "get": _get_line,
    "link": _link_line,
    "plain": _link_line,
    "isolate_leader": _leader_line,
}
