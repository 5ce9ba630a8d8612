"""``cluster.when()``: the cluster as a whole."""

from __future__ import annotations

import pytest

from groupkit import Cluster, ConsensusConfig
from tests.group.helpers import INC, led, others, virtual


@virtual
async def test_leader_elected_needs_a_majority_that_follows() -> None:
    cluster = Cluster(5)
    leader = await cluster.when().leader_elected()
    following = [peer.id for peer in cluster if peer.group.leader() == leader]
    assert len(following) >= 3 and cluster.leader() == leader
    assert cluster.when().leader_elected().done()


@virtual
async def test_the_leader_of_the_cluster_is_that_of_the_highest_term() -> None:
    cluster, leader = await led(5)
    cluster.isolate(leader)
    changed = cluster.when().leader_changed()
    new = await changed
    assert new != leader and cluster.leader() == new
    assert cluster[new].group.term() > 1


@virtual
async def test_leader_changed_is_edge() -> None:
    cluster, leader = await led()
    changed = cluster.when().leader_changed()
    await cluster.clock.advance(10)
    assert not changed.done()
    cluster.kill(leader)
    assert await changed == cluster.leader() != leader


@virtual
async def test_no_majority_no_leader() -> None:
    cluster, leader = await led()
    for name in others(cluster, leader):
        cluster.isolate(name)
    await cluster.clock.advance(10)
    assert cluster.leader() is None
    assert not cluster.when().leader_elected().done()


@virtual
async def test_converged_is_level_and_means_equal_committed() -> None:
    cluster, leader = await led()
    assert cluster.when().converged().done()
    await cluster[leader].group.execute(INC())
    wait = cluster.when().converged()
    assert not wait.done(), "the followers do not know yet"
    assert await wait is None
    assert {int(peer.group.committed()) for peer in cluster} == {1}


@virtual
async def test_converged_leaves_out_who_is_dead_or_cut_off() -> None:
    cluster, leader = await led(5)
    dead, away = others(cluster, leader)[:2]
    cluster.kill(dead)
    cluster.isolate(away)
    await cluster[leader].group.execute(INC())
    await cluster.when().converged(timeout=5)
    assert cluster[away].group.committed() == 0


@virtual
async def test_converged_waits_for_two_sides_to_agree_again() -> None:
    cluster, leader = await led(5)
    cluster.partition({leader, others(cluster, leader)[0]})
    await cluster.when().leader_changed()
    await cluster[cluster.leader()].group.execute(INC())  # type: ignore[index]
    assert not cluster.when().converged().done()
    cluster.heal()
    await cluster.when().converged(timeout=20)


@virtual
async def test_a_timeout_says_how_everybody_stands() -> None:
    cluster = Cluster(2, config=ConsensusConfig(election_timeout=50))
    with pytest.raises(TimeoutError) as caught:
        await cluster.when().leader_elected(timeout=1)
    text = str(caught.value)
    assert text.startswith("leader_elected() of the cluster: nothing within 1 virtual seconds; a follower of term 0")
    assert "b follower of term 0, leader None, committed 0" in text
