"""The calm after a storm: the faults end, and the group must show that it is one again."""

from __future__ import annotations

from typing import Final

from groupkit.check import KeyValueModel, linearizable
from groupkit.group.cluster import Cluster
from groupkit.group.errors import CommandError, QueryError
from groupkit.group.machines import KeyValue
from groupkit.raft.ids import Quorum
from groupkit.trials.acts import AWAY, do
from groupkit.trials.weather import Plan
from groupkit.trials.winds import KEYS

CALM: Final = 30  # longest election timeouts within which a healed majority must make progress, and again become equal
CUT_OFF: Final = "cut off for"  # what is found by cutting off single peers says so


async def calm(cluster: Cluster, plan: Plan) -> str:
    """End the faults. Returns what is wrong after that, in words; "": nothing."""
    await cluster.clock.advance(max(0.0, plan.length - cluster.clock.now))
    _end_faults(cluster, plan)
    config = plan.config
    bonds = config.heartbeat_interval * (config.max_missed_heartbeats + 2)
    patience = CALM * (config.election_timeout + config.election_timeout_jitter) + config.forward_timeout + bonds
    bonded = cluster.quorum is Quorum.BONDED
    if bonded:  # histories meet first, and one of them wins
        await cluster.clock.advance(3 * bonds)
    try:
        await _write(cluster, patience)
        await cluster.when().converged(timeout=patience)
    except (TimeoutError, CommandError) as error:
        return f"no progress within {patience:g} s after the faults ended: {error}"
    await cluster.clock.advance(2 * bonds if bonded else patience)
    try:
        await cluster.when().converged(timeout=patience)  # what clients had under way has come to its end
    except TimeoutError as error:
        return f"the peers do not become equal: {error}"
    harm = str(cluster.violations[0]) if cluster.violations else await _compare(cluster)
    if harm or bonded or len(cluster) < 3:
        return harm
    return await _one_away(cluster, plan, patience)


def _end_faults(cluster: Cluster, plan: Plan) -> None:
    cluster.heal()
    for peer in cluster:
        cluster.thaw(peer)
        cluster.restart(peer)
        cluster.drift(peer, 1.0)
        for other in cluster:
            if other != peer:
                for name in ("latency", "loss", "duplicate", "reorder"):
                    do(cluster, "plain", (peer.id, other.id, name), plan)


async def _write(cluster: Cluster, patience: float) -> None:
    """A client that must be told of one write within ``patience`` (s). To put a value twice does no harm, so it tries
    again when it is told that a command was lost, or that nobody knows: this is honest, and no lack of progress."""
    end = cluster.clock.now + patience
    while True:
        leader = await cluster.when().leader_elected(timeout=end - cluster.clock.now)
        try:
            await cluster[leader].group.execute(KeyValue.Put("calm", "again"), timeout=end - cluster.clock.now)
            return
        except CommandError:
            pause = cluster[leader].group.config().heartbeat_interval
            if cluster.clock.now + pause >= end:
                raise
            await cluster.clock.advance(pause)


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
    read = {f"k{key}" for key in range(KEYS)}  # other keys are only written: there is nothing to judge
    asked = [operation for operation in cluster.history(weak=False) if operation.input[1] in read]
    found = linearizable(asked, KeyValueModel())
    return "" if found else f"the history is not linearizable: {found}"


async def _one_away(cluster: Cluster, plan: Plan, patience: float) -> str:
    """A follower that was away unseats nobody (diss. 9.6); a leader that is away forgets that it led (diss. 6.2)."""
    away = AWAY * (plan.config.election_timeout + plan.config.election_timeout_jitter)
    leader = await cluster.when().leader_elected(timeout=patience)
    term = cluster[leader].group.term()
    follower = next(peer.id for peer in cluster if peer.id != leader)
    cluster.isolate(follower)
    await cluster.clock.advance(away)
    cluster.heal()
    await cluster.clock.advance(away)
    now = max(peer.group.term() for peer in cluster)
    if now > term:
        return f"{follower} was {CUT_OFF} {away:g} s, came back, and term {term} of {leader} has become term {now}"
    cluster.isolate(leader)
    await cluster.clock.advance(away)
    if cluster[leader].group.is_leader():
        return f"{leader} has been {CUT_OFF} {away:g} s, and still takes itself for the leader"
    cluster.heal()
    try:
        await cluster.when().converged(timeout=patience)
    except TimeoutError as error:
        return f"the peers do not become equal: {error}"
    return str(cluster.violations[0]) if cluster.violations else ""
