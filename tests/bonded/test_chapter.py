"""The *Group Status* chapter, line by line: join one by one, a leader, its successor, commands, watchers."""

from __future__ import annotations

import asyncio

from groupkit import Counter, IndexRange, KeyValue, Network
from tests.bonded.helpers import (
    PATIENCE,
    assert_equal,
    co_members,
    items,
    join,
    joined,
    leader_of,
    log_of,
    put,
    rows,
    settled,
)
from tests.group.helpers import virtual


@virtual
async def test_given_a_lone_peer_when_others_join_and_its_leader_dies_then_all_see_the_same_leaders() -> None:
    network = Network(seed=11)
    one = join(network, "p1")
    assert one.leader() is None and not one.is_leader() and not one.is_online()
    assert await one.when().leader_elected() == "p1"
    assert 5.0 <= network.clock.now <= 5.5, "bootstrap delay, election timeout and its jitter"
    assert one.is_leader() and one.is_online() and one.term() == 1
    elections = len(rows(one, "election"))

    two = join(network, "p2")
    assert two.leader() is None
    assert await two.when().leader_elected() == "p1"
    three = join(network, "p3")
    assert await three.when().leader_elected() == "p1"
    await network.clock.advance(10)
    assert len(rows(one, "election")) == elections, "newcomers recognise the present leader"
    assert {group.term() for group in (one, two, three)} == {1}
    assert two.is_online() and two.role() == "follower"

    changes = [two.when().leader_changed(), three.when().leader_changed()]
    network.kill("p1")
    first, second = await asyncio.gather(*changes)
    assert first == second and first in ("p2", "p3")

    four = join(network, "p4")
    assert await four.when().leader_elected() == first
    await four.when().online()
    assert two.leader() == three.leader() == first


@virtual
async def test_given_three_peers_when_commands_go_to_all_and_the_leader_dies_then_indexes_have_no_gap() -> None:
    network = Network(seed=3)
    groups = await joined(network, ["p1", "p2", "p3"], machine=None)
    leader = leader_of(groups)
    followers = [group for group in groups if group is not leader]
    indexes = [await leader.execute(KeyValue.Put("k1", 1)), await followers[0].execute(KeyValue.Put("k2", 2))]
    indexes += list(await leader.execute_many([KeyValue.Put("k3", 3), KeyValue.Put("k4", 4)]))
    indexes.append(await followers[1].execute(KeyValue.Put("k5", 5)))
    for group in groups:
        await group.when().committed().reaches(5)
        assert await group.query(KeyValue.Get("k5"), "weak") == 5
        strong = await group.query(KeyValue.Items(), "strong")
        assert strong == {f"k{n}": n for n in range(1, 6)} and strong.at_position == 5

    changed = followers[0].when().leader_changed()
    network.kill(leader.peer_id())
    await changed
    for n in range(6, 10):
        indexes.append(await followers[n % 2].execute(KeyValue.Put(f"k{n}", n), timeout=PATIENCE))
    assert indexes == list(range(1, 10))
    network.restart(leader.peer_id())
    await assert_equal(groups)
    assert len(log_of(leader)) == 9


@virtual
async def test_given_a_follower_when_commands_are_fed_then_they_get_their_indexes_in_order() -> None:
    network = Network(seed=4)
    groups = await joined(network, "abc")
    follower = next(group for group in groups if not group.is_leader())
    assert await follower.feed(KeyValue.Put("x", 1)) == 1
    assert await follower.feed(KeyValue.Put("x", 2)) == 2
    assert await follower.feed_many([KeyValue.Put("x", n) for n in (3, 4, 5)]) == IndexRange(3, 5)
    await follower.when().committed().reaches(IndexRange(3, 5))
    await settled(groups)
    assert {await group.query(KeyValue.Get("x"), "weak") for group in groups} == {5}


@virtual
async def test_given_four_commands_when_a_peer_joins_then_it_reaches_four_and_follows_live() -> None:
    network = Network(seed=5)
    alice = join(network, "alice", Counter())
    await alice.when().online()
    for n in range(1, 5):
        assert await alice.execute(Counter.Increment(n)) == n
    bob = join(network, "bob", Counter())
    assert bob.committed() == 0 and not bob.is_online()
    assert await bob.when().committed().reaches(4, timeout=PATIENCE) == 4
    await bob.when().online(timeout=PATIENCE)
    assert await bob.query(Counter.Value(), "weak") == 10

    live: list[int] = []

    async def watch() -> None:
        async for index in bob.when().committed():
            live.append(int(index))

    watcher = asyncio.create_task(watch())
    await asyncio.sleep(0)
    for n in (5, 6):
        advanced = bob.when().committed().advanced()
        assert await alice.execute(Counter.Increment(n)) == n
        assert await advanced == n
    await network.clock.advance(0.1)
    watcher.cancel()
    assert live == [5, 6]
    assert await bob.query(Counter.Value(), "weak") == 21


@virtual
async def test_given_a_majority_that_dies_when_it_is_missed_then_the_bonded_rest_is_a_quorum_again() -> None:
    network = Network(seed=6)
    groups = await joined(network, "abcde")
    survivors = [group for group in groups if not group.is_leader()][:2]
    for group in groups:
        if group not in survivors:
            network.kill(group.peer_id())
    await network.clock.advance(20)
    await put(survivors[0], "x")
    assert [len(group.bonds()) for group in survivors] == [1, 1]
    await settled(survivors)
    assert await items(survivors[1]) == {"x": survivors[0].peer_id()}
    for group in groups:
        network.restart(group.peer_id())
    await assert_equal(groups)
    assert co_members(groups[0]) == ["b", "c", "d", "e"]
