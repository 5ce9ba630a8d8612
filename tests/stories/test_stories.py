"""What a group lives through, told as stories: given, when, then."""

from __future__ import annotations

import contextlib

import pytest

from groupkit import (
    Cluster,
    CommandLost,
    ConsensusConfig,
    Counter,
    Cursor,
    OutcomeUnknown,
    QueryError,
    StateMachine,
    reluctant,
)
from tests.group.helpers import INC, led, others, virtual
from tests.stories.storm import Ledger


async def same_everywhere(cluster: Cluster, value: float) -> None:
    await cluster.when().converged(timeout=30)
    for peer in cluster:
        if peer.alive:
            assert await peer.group.query(Counter.Value(), "weak") == value, peer
    assert cluster.violations == []


@virtual
async def test_elect_commit_kill_re_elect() -> None:
    # given five peers that agree on a leader and a command
    cluster, leader = await led(5)
    await cluster[leader].group.execute(INC(3))
    # when the leader is killed
    changed = cluster.when().leader_changed()
    cluster.kill(leader)
    new = await changed
    # then another one leads in a later term, holds the command, and commits more
    assert new != leader and cluster[new].group.term() > 1
    assert await cluster[new].group.query(Counter.Value()) == 3
    await cluster[new].group.execute(INC(4))
    # and the old one, back with its disk, follows and ends equal
    cluster.restart(leader)
    await same_everywhere(cluster, 7)
    assert cluster[leader].group.leader() == new


@virtual
async def test_the_minority_side_of_a_partition_commits_nothing() -> None:
    # given a leader that is left with one follower
    cluster, leader = await led(5)
    friend = others(cluster, leader)[0]
    cluster.partition({leader, friend})
    # when both sides are asked to work
    lost = cluster[leader].group.execute(INC(1000))
    new = cluster[await cluster.when().leader_changed()].group
    await new.execute(INC(1))
    assert cluster[leader].group.committed() == 0 and cluster[friend].group.committed() == 0
    with pytest.raises(QueryError):
        await cluster[friend].group.query(Counter.Value(), timeout=3)
    # then the majority's history holds after the heal
    cluster.heal()
    with pytest.raises(CommandLost):
        await lost
    await same_everywhere(cluster, 1)


@virtual
async def test_an_isolated_leader_steps_down_within_an_election_timeout() -> None:
    cluster, leader = await led(5)
    began = cluster.clock.now
    cluster.isolate(leader)
    await cluster[leader].group.when().is_follower()
    timeout = cluster[leader].group.config().election_timeout
    assert cluster.clock.now - began <= timeout + 0.1
    assert cluster[leader].group.leader() is None


@virtual
async def test_an_isolated_follower_comes_back_without_disturbing_anybody() -> None:
    cluster, leader = await led(3)
    away = others(cluster, leader)[0]
    cluster.isolate(away)
    await cluster.clock.advance(60)
    assert cluster[away].group.term() == 1, "pre-vote: its term did not run away"
    cluster.heal()
    await cluster.when().converged(timeout=10)
    assert (cluster.leader(), cluster[leader].group.term()) == (leader, 1)


@virtual
async def test_a_leader_that_hears_nobody_steps_down_although_it_is_heard() -> None:
    # given: everything the others send to the leader is lost
    cluster, leader = await led(3)
    for name in others(cluster, leader):
        cluster.cut(name, leader, one_way=True)
    # then it gives up, and the others, who can talk, elect anew
    new = await cluster.when().leader_changed(timeout=20)
    assert new != leader
    await cluster[new].group.execute(INC(2))
    cluster.heal()
    await same_everywhere(cluster, 2)


@virtual
async def test_a_leader_that_nobody_hears_is_replaced() -> None:
    cluster, leader = await led(5)
    for name in others(cluster, leader):
        cluster.cut(leader, name, one_way=True)
    new = await cluster.when().leader_changed(timeout=20)
    assert await cluster[new].group.execute(INC()) >= 1
    cluster.heal()
    await same_everywhere(cluster, 1)


@virtual
async def test_one_broken_wire_between_two_followers_matters_to_nobody() -> None:
    cluster, leader = await led(3)
    cluster.cut(*others(cluster, leader))
    await cluster.clock.advance(60)
    assert cluster.leader() == leader and cluster[leader].group.term() == 1
    assert await cluster[others(cluster, leader)[0]].group.execute(INC()) == 1


@virtual
async def test_a_frozen_leader_that_is_thawed_finds_itself_replaced() -> None:
    cluster, leader = await led(5)
    cluster.freeze(leader)
    new = await cluster.when().leader_changed(timeout=20)
    await cluster[new].group.execute(INC(5))
    assert cluster[leader].group.role() == "leader", "it stands still, and does not know"
    cluster.thaw(leader)
    stale = cluster[leader].group.query(Counter.Value())
    await same_everywhere(cluster, 5)
    assert cluster[leader].group.leader() == new
    with contextlib.suppress(QueryError):
        assert await stale == 5


@virtual
async def test_a_short_freeze_changes_no_leader() -> None:
    cluster, leader = await led(3)
    cluster.freeze(leader)
    await cluster.clock.advance(0.5)
    cluster.thaw(leader)
    await cluster.clock.advance(20)
    assert cluster.leader() == leader and cluster[leader].group.term() == 1


@virtual
async def test_a_restarted_peer_begins_at_committed_0_and_advances_again() -> None:
    cluster, leader = await led(3)
    victim = others(cluster, leader)[0]
    await cluster[leader].group.execute_many([INC()] * 5)
    await cluster.when().converged()
    cluster.kill(victim)
    cluster.restart(victim)
    group = cluster[victim].group
    assert (group.committed(), group.log_position()) == (0, Cursor(1, 5)), (
        "the log is on its disk, the rest is learnt anew"
    )
    assert await group.when().committed().reaches(5) == 5
    await same_everywhere(cluster, 5)


@virtual
async def test_all_peers_go_down_and_come_back_with_everything_acknowledged() -> None:
    cluster, leader = await led(5)
    await cluster[leader].group.execute_many([INC()] * 20)
    for peer in cluster:
        cluster.kill(peer)
    await cluster.clock.advance(10)
    assert cluster.leader() is None
    for peer in cluster:
        cluster.restart(peer)
    await cluster["a"].group.when().committed().reaches(20, timeout=20)
    await same_everywhere(cluster, 20)


@virtual
async def test_two_of_five_may_be_down_and_three_may_not() -> None:
    cluster, leader = await led(5)
    down = others(cluster, leader)[:3]
    for name in down[:2]:
        cluster.kill(name)
    await cluster[leader].group.execute(INC())
    cluster.kill(down[2])
    with pytest.raises(OutcomeUnknown):
        await cluster[leader].group.execute(INC(), timeout=1)
    await cluster[leader].group.when().offline()
    cluster.restart(down[0])
    await cluster.when().leader_elected(timeout=20)


@virtual
async def test_observers_follow_and_never_matter() -> None:
    cluster, leader = await led(5, config=ConsensusConfig(voters=("a", "b", "c")))
    assert {peer.id: peer.group.role() for peer in cluster if peer.id in "de"} == {"d": "observer", "e": "observer"}
    await cluster["d"].group.execute(INC(2))
    await same_everywhere(cluster, 2)
    for name in others(cluster, leader, "d", "e"):
        cluster.kill(name)
    with pytest.raises(OutcomeUnknown):
        await cluster[leader].group.execute(INC(), timeout=1)
    cluster.kill(leader)
    await cluster.clock.advance(20)
    assert cluster["d"].group.role() == cluster["e"].group.role() == "observer"
    assert not [row for row in cluster.recorder.rows if row[1] == "election" and row[2] in "de"]


@virtual
async def test_a_single_voter_with_observers_works_alone() -> None:
    cluster, leader = await led(3, config=ConsensusConfig(voters=("b",)))
    assert leader == "b"
    assert await cluster["a"].group.execute(INC(2)) == 1
    await same_everywhere(cluster, 2)


@virtual
async def test_reluctant_peers_let_others_lead() -> None:
    class Shy(Counter):
        signature = "Counter"
        leadership = reluctant(4)

    for seed in range(5):
        made: list[StateMachine] = []

        def make(made: list[StateMachine] = made) -> StateMachine:
            made.append(Counter() if len(made) == 1 else Shy())
            return made[-1]

        cluster, leader = await led(3, machine=make, seed=seed)
        assert leader == "b"
        cluster.kill("b")
        assert await cluster.when().leader_changed(timeout=30) in "ac", "reluctant, not unable"


@pytest.mark.parametrize("seed", range(4))
def test_lossy_doubling_and_disordered_wires_lose_and_double_nothing(seed: int) -> None:
    @virtual
    async def go() -> None:
        cluster, _leader = await led(5, machine=Ledger, seed=seed)
        for one in cluster:
            for other in cluster:
                if one != other:
                    link = cluster.link(one, other)
                    link.loss, link.duplicate, link.reorder, link.latency = 0.2, 0.3, 0.3, (0.005, 0.1)
        waits = [peer.group.execute((peer.id, n)) for n in range(20) for peer in cluster]
        for wait in waits:
            await wait
        for one in cluster:
            for other in cluster:
                if one != other:
                    link = cluster.link(one, other)
                    link.loss = link.duplicate = link.reorder = 0
        await cluster.when().converged(timeout=30)
        books = [peer.group._host.replica.machine.lines for peer in cluster]  # type: ignore[attr-defined]
        assert all(book == books[0] for book in books) and len(books[0]) == len(set(books[0])) == 100
        for name in "abcde":
            assert [n for who, n in books[0] if who == name] == list(range(20)), "in the order of each handle"
        assert cluster.violations == []

    go()


@virtual
async def test_who_was_away_for_long_with_entries_of_its_own_catches_up() -> None:
    # given a former leader with an entry that nobody else has, away until its bonds have fallen
    cluster, leader = await led(5)
    await cluster[leader].group.execute(INC())
    cluster.isolate(leader)
    lost = cluster[leader].group.execute(INC(1000))
    new = cluster[await cluster.when().leader_changed()].group
    await cluster.clock.advance(10)
    # when the others have gone on for hundreds of entries
    await new.execute_many([INC()] * 700)
    cluster.heal()
    # then it learns all of them, and its own is lost
    with pytest.raises(CommandLost):
        await lost
    await same_everywhere(cluster, 701)


@virtual
async def test_a_drifting_clock_costs_elections_and_never_safety() -> None:
    cluster, leader = await led(3)
    fast = others(cluster, leader)[0]
    cluster.drift(fast, 20.0)
    for n in range(10):
        with contextlib.suppress(CommandLost, OutcomeUnknown):
            await cluster[leader].group.execute(INC(n), timeout=5)
        await cluster.clock.advance(2)
    cluster.drift(fast, 1.0)
    await cluster.when().converged(timeout=30)
    assert cluster.violations == []


@virtual
async def test_leadership_is_handed_around_without_losing_anything() -> None:
    cluster, _ = await led(5, machine=Ledger)
    waits = []
    for n, peer in enumerate([*cluster] * 3):
        waits.append(cluster["a"].group.execute(n))
        cluster.timeout_now(peer)
        await cluster.clock.advance(0.3)
    fates = []
    for wait in waits:
        try:
            fates.append(("kept", await wait))
        except CommandLost:
            fates.append(("lost", 0))
    await cluster.when().converged(timeout=20)
    lines = (await cluster["a"].group.query("all")).result
    for n, (fate, _) in enumerate(fates):
        assert lines.count(n) == (fate == "kept")
    assert cluster.violations == []
