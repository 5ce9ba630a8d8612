"""Catching up: in batches from several peers, the leader last, while the group goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from groupkit import Cluster, Counter, Group, KeyValue, Network
from tests.bonded.helpers import PATIENCE, groups_of, join, joined, leader_of, rows, settled
from tests.group.helpers import virtual

MANY = 3000  # several batches for each of several peers


def exchange(group: Group, peer: str) -> pd.DataFrame:
    """What ``peer`` asked for and got, in order of sending: requests, batches, and entries of the leader."""
    frame = group.timeline.messages()
    asked = (frame.src == peer) & (frame.kind == "fetch")
    got = (frame.dst == peer) & frame.kind.isin(["fetched", "append", "snapshot"])
    return frame[asked | got]


def fetched(group: Group) -> list[int]:
    """How many entries at a time have reached its log."""
    return [len(row[4]) for row in rows(group, "log", group.peer_id())]


async def write(group: Group, count: int) -> None:
    await group.execute_many([Counter.Increment(1)] * count, timeout=PATIENCE)


@virtual
async def test_given_a_long_log_when_a_peer_joins_then_it_fetches_from_several_peers_and_from_the_leader_last() -> None:
    network = Network(seed=1)
    groups = [join(network, name, Counter()) for name in "abcd"]
    await network.clock.advance(10)
    leader = leader_of(groups)
    await write(leader, MANY)
    await settled(groups)
    late = join(network, "late", Counter())
    await late.when().online(timeout=PATIENCE)
    assert late.committed() == MANY
    said = exchange(late, "late")
    batches = said[said.kind == "fetched"]
    followers = {group.peer_id() for group in groups if group is not leader}
    assert set(batches.src) == followers, "all of them share the work"
    assert leader.peer_id() not in set(said[said.kind == "fetch"].dst)
    sizes = fetched(late)
    assert sum(sizes) >= 0.9 * MANY and max(sizes) < MANY / 4
    from_leader = said[(said.kind == "append") & (said.src == leader.peer_id())]
    assert from_leader.empty or from_leader.sent.min() > batches.arrived.max()
    assert await late.query(Counter.Value(), "weak") == MANY


@virtual
async def test_given_a_peer_that_catches_up_then_it_is_offline_until_it_agrees_while_new_entries_go_on() -> None:
    network = Network(seed=2)
    groups = [join(network, name, Counter()) for name in "abc"]
    await network.clock.advance(10)
    await write(leader_of(groups), MANY)
    late = join(network, "late", Counter())
    following = late.when().leader_elected(timeout=PATIENCE)
    online = late.when().online(timeout=PATIENCE)
    await following
    behind = 0
    while not online.done():
        behind += int(late.log_position().index) < MANY and not late.is_online()
        await groups[0].execute(Counter.Increment(1), timeout=PATIENCE)
    assert behind >= 2, "commands went on meanwhile"
    await online
    assert late.log_position() >= MANY
    await settled([*groups, late])
    assert await late.query(Counter.Value(), "strong") == int(late.committed())


def cut_off(network: Any) -> None:
    network.isolate("c")


def wipe(network: Any) -> None:
    network.kill("c")


@pytest.mark.parametrize(("quorum", "absent"), [("members", cut_off), ("members", wipe), ("bonded", wipe)])
def test_given_a_peer_that_was_away_when_it_is_back_then_it_fetches_what_it_lacks(
    quorum: str, absent: Callable[[Any], None]
) -> None:
    @virtual
    async def check() -> None:
        cluster = Cluster(4, machine=Counter, quorum=quorum, seed=8)
        groups = groups_of(cluster)
        leader = await cluster.when().leader_elected()
        if leader == "c":
            cluster.kill("c")
            leader = await cluster.when().leader_changed()
            cluster.restart("c")
        await write(cluster[leader].group, 10)
        absent(cluster)
        await cluster.clock.advance(10)
        await write(cluster[leader].group, MANY)
        cluster.heal()
        cluster.restart("c", wipe=True)
        await cluster["c"].group.when().online(timeout=PATIENCE)
        await settled(groups)
        assert await cluster["c"].group.query(Counter.Value(), "weak") == MANY + 10
        said = exchange(cluster["c"].group, "c")
        batches = said[said.kind == "fetched"]
        assert cluster.leader() not in set(batches.src) and batches.src.nunique() == 2
        assert sum(fetched(cluster["c"].group)) >= 0.9 * MANY

    check()


@virtual
async def test_given_a_source_that_dies_on_the_way_then_another_one_is_asked() -> None:
    network = Network(seed=3)
    groups = [join(network, name, Counter()) for name in "abcd"]
    await network.clock.advance(10)
    leader = leader_of(groups)
    sources = [group for group in groups if group is not leader]
    await write(leader, MANY)
    await settled(groups)
    late = join(network, "late", Counter())
    await late.when().log().reaches(256, timeout=PATIENCE)
    network.kill(sources[0].peer_id())
    network.freeze(sources[1].peer_id())
    await late.when().committed().reaches(MANY, timeout=PATIENCE)
    assert await late.query(Counter.Value(), "weak") == MANY


@virtual
async def test_given_a_leader_alone_when_a_second_peer_joins_then_the_leader_gives_everything() -> None:
    network = Network(seed=4)
    one = join(network, "one", Counter())
    await one.when().online()
    await write(one, MANY)
    two = join(network, "two", Counter())
    await two.when().online(timeout=PATIENCE)
    assert await two.query(Counter.Value(), "weak") == MANY
    assert "fetch" not in set(exchange(two, "two").kind)


@virtual
async def test_given_lagging_peers_then_they_do_not_count_and_commits_go_on_without_them() -> None:
    network = Network(seed=5)
    groups = await joined(network, "ab")
    leader = leader_of(groups)
    await leader.execute_many([KeyValue.Put(n, n) for n in range(MANY)])
    network.drop(
        lambda message: message.kind in ("fetched", "snapshot") or (message.kind == "append" and is_late(message))
    )
    late = [join(network, name) for name in "cdef"]
    await network.clock.advance(5)
    assert [len(group.bonds()) for group in [*groups, *late]] == [5] * 6
    assert not any(group.is_online() for group in late)
    began = network.clock.now
    assert await leader.execute(KeyValue.Put("x", 1), timeout=5) == MANY + 1
    assert network.clock.now - began < 0.1, "two of two, not four of six"


def is_late(message: Any) -> bool:
    return message.dst in "cdef"
