"""The watchdog names property, peers, index and time when a rule is missing, and says nothing otherwise."""

from __future__ import annotations

import pytest

from groupkit import Cluster, ConsensusConfig, Rules, SafetyViolated
from tests.group.helpers import INC, led, others, virtual


async def two_leaders(strict: bool = False) -> Cluster:
    """Votes are given twice: two candidates of one term win."""
    cluster = Cluster(5, rules=Rules().without("one_vote_a_term"), strict=strict, seed=2)
    cluster.timeout_now("a")
    cluster.timeout_now("b")
    return cluster


@virtual
async def test_two_leaders_of_a_term_are_named() -> None:
    cluster = await two_leaders()
    await cluster.clock.advance(0.1)
    violation = cluster.violations[0]
    assert violation.property == "Election Safety" and set(violation.peers) == {"a", "b"} and violation.term == 1
    assert 0 < violation.time < 0.1
    assert str(violation).startswith(f"Election Safety violated at {violation.time:.3f} s by ")
    assert [row for row in cluster.recorder.rows if row[1] == "violation"]


@virtual
async def test_strict_raises_it_in_the_awaiting_cell() -> None:
    cluster = await two_leaders(strict=True)
    with pytest.raises(SafetyViolated, match="Election Safety violated at") as caught:
        await cluster.clock.advance(1)
    assert caught.value.violation is cluster.violations[0]


@virtual
async def test_a_leader_without_a_committed_entry_is_named() -> None:
    cluster, leader = await led(3, rules=Rules().without("log_up_to_date"))
    behind = others(cluster, leader)[0]
    cluster.isolate(behind)
    await cluster[leader].group.execute_many([INC()] * 3)
    cluster.heal()
    cluster.kill(leader)
    cluster.timeout_now(behind)
    await cluster.clock.advance(0.1)
    named = [v for v in cluster.violations if v.property == "Leader Completeness"]
    assert named and named[0].peers == (behind,) and named[0].index == 1


@virtual
async def test_with_all_rules_a_quiet_life_violates_nothing() -> None:
    cluster, leader = await led(5)
    await cluster[leader].group.execute_many([INC()] * 50)
    cluster.kill(leader)
    await cluster.when().leader_changed()
    cluster.restart(leader)
    await cluster.when().converged()
    assert cluster.violations == []


@virtual
async def test_a_snapshot_one_index_ahead_is_no_violation() -> None:
    """What it swallowed is not in the log: the watchdog must not look there."""
    cluster, leader = await led(3, config=ConsensusConfig(snapshot_every=1))
    far = others(cluster, leader)[0]
    await cluster[leader].group.execute(INC(1))
    await cluster.when().converged()
    cluster.cut(leader, far)
    await cluster[leader].group.execute(INC(1))
    cluster.heal()
    await cluster[far].group.when().committed().reaches(2, timeout=20)
    assert cluster.violations == []
