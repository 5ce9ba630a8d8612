"""Timers aligned and spread: how many stand, and who wins, with and without pre-vote."""

from __future__ import annotations

from typing import Any

import pytest

from groupkit import Cluster, Counter, Rules
from tests.group.helpers import INC, led, others, virtual


async def orphans(count: int, pre_vote: bool, verb: str, **options: Any) -> tuple[Cluster, Any]:
    """A leader is killed, the timers of those who are left are set: the elections that follow, until one leads."""
    cluster, leader = await led(count, rules=Rules(pre_vote=pre_vote), **options)
    await cluster.clock.advance(1.3)
    while cluster.in_flight():  # a heartbeat that is on its way would set the timer of who hears it anew
        await cluster.clock.advance(0.002)
    changed = cluster.when().leader_changed()
    cluster.kill(leader)
    term = cluster[others(cluster, leader)[0]].group.term()
    getattr(cluster, verb)()
    await changed
    await cluster.when().converged()
    assert cluster.violations == []
    held = cluster.timeline.elections()
    return cluster, held[held.term > term]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("pre_vote", [False, True])
@pytest.mark.parametrize("count", [4, 5])
def test_aligned_timers_split_the_vote_with_and_without_pre_vote(count: int, pre_vote: bool, seed: int) -> None:
    @virtual
    async def test() -> None:
        # given a group whose leader was killed, and timers that run out at one instant
        cluster, held = await orphans(count, pre_vote, "align_timers", seed=seed)
        first = held[held.term == held.term.min()]
        stood = first[~first.pre]
        # then all stand at once, each votes for itself, and nobody wins that term
        assert sorted(stood.peer) == sorted(p.id for p in cluster if p.alive)
        assert set(stood.votes_for) == {1} and "won" not in set(stood.outcome)
        # pre-vote helps nobody here: all are asked before any has stood, so all hear yes
        asked = first[first.pre]
        assert len(asked) == (count - 1 if pre_vote else 0) and set(asked.outcome) <= {"won"}
        # and the next term, whose timers are drawn anew, has a leader
        assert held[(held.term > held.term.min()) & ~held.pre].outcome.eq("won").sum() == 1

    test()


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("pre_vote", [False, True])
@pytest.mark.parametrize("count", [4, 5])
def test_spread_timers_have_one_candidate(count: int, pre_vote: bool, seed: int) -> None:
    @virtual
    async def test() -> None:
        cluster, held = await orphans(count, pre_vote, "spread_timers", seed=seed)
        assert len(set(held.term)) == 1 and list(held[~held.pre].outcome) == ["won"]
        assert len(held) == (2 if pre_vote else 1)
        first = next(row[4][0][0] for row in cluster.recorder.rows if row[1] == "fault" and row[3] == "spread_timers")
        assert cluster.leader() == first, "the one whose timer ran out first"

    test()


@virtual
async def test_a_late_vote_request_of_an_old_term_changes_nothing() -> None:
    # given a candidate whose request to one peer is held back on the wire
    cluster, leader = await led(5)
    cluster.timeout_now(others(cluster, leader)[0])
    vote = next(m for m in cluster.in_flight() if m.kind == "vote")
    cluster.delay_message(vote, 5.0)
    new = await cluster.when().leader_changed()
    assert new == vote.src
    await cluster[new].group.execute(INC(3))
    # when it arrives long after that election, in the term that has a leader
    await cluster.clock.advance(6)
    # then it is refused, and nobody stands
    assert cluster.leader() == new and cluster[new].group.term() == vote.term
    told = [
        row for row in cluster.recorder.rows if row[1] == "vote" and row[2] == vote.dst and row[0] >= vote.arrival + 5
    ]
    assert [row[6] for row in told] in ([False], [True]) and cluster.violations == []


@virtual
async def test_one_lost_acknowledgement_delays_nothing_where_a_majority_answers() -> None:
    cluster, leader = await led(5)
    cluster.clock.pause()
    done = cluster[leader].group.execute(INC(2))
    lost = 0
    while lost < 2:
        await cluster.clock.step()
        for message in cluster.in_flight():
            if message.kind == "append_reply" and message.payload["index"] == 1 and lost < 2:
                cluster.drop_message(message)
                lost += 1
    cluster.clock.resume()
    assert await done == 1
    assert cluster.clock.now - cluster.timeline.faults().time.min() < 0.05
    assert await cluster[leader].group.query(Counter.Value()) == 2
