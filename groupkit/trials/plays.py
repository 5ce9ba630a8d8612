"""What happens in each schedule, step by step. Each returns the harm in words, "" if the group took none."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from groupkit.check import CounterModel, linearizable
from groupkit.group.errors import QueryError
from groupkit.group.machines import Counter

if TYPE_CHECKING:
    from groupkit.group.cluster import Cluster
    from groupkit.group.group import Group

ADD = Counter.Increment


def _fallen(cluster: Cluster) -> str:
    return str(cluster.violations[0]) if cluster.violations else ""


def _group(cluster: Cluster, peer: str) -> Group:
    return cluster[peer].group


async def _lead(cluster: Cluster, peer: str) -> None:
    """Let ``peer`` stand, again if it was refused for its term; go on once it leads, or when it cannot."""
    for _ in range(4):
        cluster.timeout_now(peer)
        await _soon(cluster, 0.1)
        if cluster[peer].group.is_leader():
            return


async def _soon(cluster: Cluster, seconds: float = 1.0) -> None:
    await cluster.clock.sleep(seconds)


async def a_vote_is_forgotten(cluster: Cluster) -> str:
    """Raft 5.1: two leaders in one term, by one voter."""
    cluster.cut("a", "c")
    await _lead(cluster, "a")
    cluster.cut("a", "b")
    cluster.kill("b")
    cluster.restart("b")
    await _soon(cluster)
    await _lead(cluster, "c")
    return _fallen(cluster)


async def two_stand_at_once(cluster: Cluster) -> str:
    """Raft 5.2: two candidates of one term, and a voter that obliges both."""
    cluster.timeout_now("a")
    cluster.timeout_now("c")
    await _soon(cluster)
    return _fallen(cluster)


async def the_absent_one_wins(cluster: Cluster) -> str:
    """Raft 5.4.1: a leader that does not hold what is committed."""
    await _lead(cluster, "a")
    cluster.isolate("c")
    await _group(cluster, "a").execute(ADD(1))
    cluster.kill("a")
    cluster.heal()
    await _lead(cluster, "c")
    return _fallen(cluster)


async def figure_8(cluster: Cluster) -> str:
    """Raft 5.4.2, figure 8. More entries than one message holds, so that the old ones can be counted by themselves."""
    await _lead(cluster, "a")
    cluster.partition({"a", "b"}, {"c", "d", "e"})
    _group(cluster, "a").feed_many([ADD(1)] * 1500)
    await _soon(cluster)  # a, b hold 1500 entries of term 1
    cluster.kill("a")
    await _lead(cluster, "e")
    cluster.isolate("e")
    _group(cluster, "e").feed(ADD(100))
    await _soon(cluster)  # e alone holds another entry, of term 2
    cluster.kill("e")
    cluster.restart("a")
    cluster.heal()
    cluster.isolate("d")
    await _soon(cluster)
    watched = _group(cluster, "a").when().committed().advanced(timeout=0.4)
    for _ in range(2):  # c voted for e in term 2, so it takes a second try
        cluster.timeout_now("a")
        await _soon(cluster, 0.03)
    with suppress(TimeoutError):
        await watched  # by counting a, b, c: the first 1024, all of term 1
    cluster.isolate("a")
    cluster.isolate("b")
    cluster.restart("e")
    cluster.heal("d", "e")
    cluster.heal("c", "d")
    cluster.heal("c", "e")
    await _soon(cluster)
    await _lead(cluster, "e")  # its last entry is newer than theirs: c and d vote for it
    await _soon(cluster)
    await _settle(cluster, "e")
    return _fallen(cluster)


async def _settle(cluster: Cluster, peer: str) -> None:
    """Let the leader, if there is one, commit something of its own term."""
    group = _group(cluster, peer)
    if group.is_leader():
        group.feed(ADD(1))
        await _soon(cluster)


async def a_gap_is_taken(cluster: Cluster) -> str:
    """Raft 5.3: entries that hang in the air."""
    await _lead(cluster, "a")
    cluster.isolate("c")
    await _group(cluster, "a").execute_many([ADD(1), ADD(2)])
    await _soon(cluster)
    cluster.heal()
    cluster.cut("a", "c")
    cluster.timeout_now("b")
    cluster.drop(lambda message: message.dst == "c" and message.kind == "heartbeat")
    await _soon(cluster, 0.1)
    _group(cluster, "b").feed(ADD(10))
    await _soon(cluster, 3.0)
    return _fallen(cluster)


async def a_conflict_stays(cluster: Cluster) -> str:
    """Raft 5.3: an entry of a lost term in the way."""
    await _lead(cluster, "a")
    await _soon(cluster)
    cluster.isolate("a")
    _group(cluster, "a").feed(ADD(1))
    await _lead(cluster, "b")
    await _group(cluster, "b").execute(ADD(10))
    cluster.heal()
    await _soon(cluster, 2.0)
    return _fallen(cluster)


async def an_empty_promise(cluster: Cluster) -> str:
    """Raft 5.3: acknowledging what was never compared."""
    await _lead(cluster, "a")
    await _soon(cluster)
    cluster.isolate("a")
    _group(cluster, "a").feed_many([ADD(1)] * 3)
    await _lead(cluster, "b")
    cluster.isolate("b")
    _group(cluster, "b").feed_many([ADD(10)] * 3)
    await _soon(cluster, 0.1)
    cluster.heal("a", "b")
    await _ask(_group(cluster, "b"))  # a round of heartbeats that carries no entries
    await _soon(cluster)
    return _fallen(cluster)


async def committed_too_far(cluster: Cluster) -> str:
    """Raft figure 2: a committed index taken for entries that are not the leader's."""
    await _lead(cluster, "a")
    await _soon(cluster)
    cluster.isolate("a")
    _group(cluster, "a").feed(ADD(1))
    await _lead(cluster, "b")
    await _group(cluster, "b").execute(ADD(10))
    cluster.heal()
    await _group(cluster, "b").query(Counter.Value(), timeout=5)
    await _soon(cluster, 0.1)
    return _fallen(cluster)


async def two_terms_go_on(cluster: Cluster) -> str:
    """Raft 5.1: c votes in a higher term and goes on in its own."""
    await _lead(cluster, "a")
    await _soon(cluster)
    cluster.cut("a", "b")
    await _lead(cluster, "b")
    _group(cluster, "a").feed(ADD(1))
    await _soon(cluster)
    return _fallen(cluster)


async def an_old_answer(cluster: Cluster) -> str:
    """Raft 5.1: an answer of term 1 counted in term 3."""
    await _lead(cluster, "a")
    await _soon(cluster)
    cluster.link("c", "a").latency = 6.0  # c's answers to a take their time
    cluster.partition({"a", "c"}, {"b", "d", "e"})
    _group(cluster, "a").feed_many([ADD(1)] * 10)
    await _soon(cluster, 0.1)  # c holds ten entries of term 1; that it does is on its way
    cluster.link("c", "a").latency = (0.010, 0.015)
    await _lead(cluster, "b")
    cluster.heal()
    await _group(cluster, "b").execute(ADD(10))
    await _soon(cluster, 2.0)  # everybody has that one now, and nothing of term 1
    await _lead(cluster, "a")
    cluster.partition({"a", "b"}, {"c", "d", "e"})
    cluster.heal("c", "a")
    cluster.cut("a", "c", one_way=True)  # c hears nothing; its old answer still comes
    _group(cluster, "a").feed_many([ADD(100)] * 9)
    await _soon(cluster, 5.0)
    cluster.isolate("a")
    cluster.isolate("b")
    await _lead(cluster, "d")
    return _fallen(cluster)


async def the_one_who_was_away(cluster: Cluster) -> str:
    """Dissertation 9.6: a term raised in vain."""
    leader = await cluster.when().leader_elected()
    away = next(peer.id for peer in cluster if peer.id != leader)
    term = cluster[leader].group.term()
    cluster.isolate(away)
    await _soon(cluster, 20.0)
    cluster.heal()
    await _soon(cluster, 10.0)
    now = max(peer.group.term() for peer in cluster)
    if now > term:
        return f"{away} came back and ended the reign of {leader}: term {term} has become term {now}"
    return ""


async def the_last_to_know(cluster: Cluster) -> str:
    """Dissertation 6.2: a leader of nobody."""
    leader = await cluster.when().leader_elected()
    other = next(peer.group for peer in cluster if peer.id != leader)
    changed = other.when().leader_changed()
    cluster.isolate(leader)
    successor = await changed
    await _soon(cluster, 20.0)
    if cluster[leader].group.is_leader():
        return f"{leader} still takes itself for the leader, 20 s after {successor} has become it"
    return ""


async def yesterdays_news(cluster: Cluster) -> str:
    """Dissertation 6.4: a strong read that is not."""
    await _lead(cluster, "a")
    await _group(cluster, "a").execute(ADD(1))
    cluster.isolate("a")
    await _lead(cluster, "b")
    await _group(cluster, "b").execute(ADD(1))
    await _ask(_group(cluster, "a"))
    found = linearizable(cluster.history(), CounterModel())
    return "" if found else f"a strong read at a is stale: {str(found).splitlines()[1]}"


async def _ask(group: Group) -> None:
    with suppress(QueryError):  # as it should be: nobody confirms that it leads
        await group.query(Counter.Value(), timeout=3)


async def said_twice(cluster: Cluster) -> str:
    """Dissertation 6.3: one command, two entries."""
    await _lead(cluster, "a")
    await _soon(cluster)
    cluster.cut("a", "b", one_way=True)
    _group(cluster, "b").feed(ADD(1))
    await _soon(cluster, 3.0)
    cluster.heal()
    await _soon(cluster)
    value = (await _group(cluster, "a").query(Counter.Value())).result
    return f"b added 1 once, and the counter stands at {value}" if value != 1 else ""


async def everybody_at_once(cluster: Cluster) -> str:
    """Raft 5.2: split votes for ever."""
    await _soon(cluster, 60.0)
    term = max(peer.group.term() for peer in cluster)
    return "" if cluster.leader() else f"after 60 s and {term} terms there is still no leader"
