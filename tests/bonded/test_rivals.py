"""Bonded quorum when a group falls apart and meets again: one history wins everywhere, and what it cost is told."""

from __future__ import annotations

import random

import pytest

from groupkit import Cluster, ConsensusConfig, Group, KeyValue, Network, Quorum
from tests.bonded.helpers import (
    PATIENCE,
    assert_equal,
    groups_of,
    items,
    join,
    joined,
    key_of,
    log_of,
    put,
    replayed,
    rows,
    settled,
)
from tests.group.helpers import virtual


async def assert_told(groups: list[Group], acknowledged: list[str]) -> list[str]:
    """What was acknowledged and is gone is listed as reverted, nothing else is. Returns those keys."""
    held = await items(groups[0])
    frame = groups[0].timeline.commands()
    outcome = {key_of(row.command): row.outcome for row in frame.itertuples()}
    lost = [key for key in acknowledged if key not in held]
    assert [key for key in acknowledged if outcome[key] == "reverted"] == lost
    assert all(outcome[key] == "committed" for key in acknowledged if key in held)
    last = {row[3]: row[4] for row in rows(groups[0], "command")}  # a history that lost may win later on
    told = {ident for ident, verdict in last.items() if verdict == "reverted"}
    assert told == {row.ident for row in frame.itertuples() if row.outcome == "reverted"}
    return lost


@pytest.mark.parametrize("seed", range(100))
def test_given_a_split_three_to_two_with_writes_on_both_sides_when_healed_then_one_history_wins(seed: int) -> None:
    @virtual
    async def check() -> None:
        draw = random.Random(seed)
        cluster = Cluster(5, machine=KeyValue, quorum="bonded", seed=seed)
        groups = groups_of(cluster)
        await cluster.when().leader_elected()
        acknowledged = await put(groups[0], "before")
        await cluster.when().converged()
        draw.shuffle(groups)
        three, two = groups[:3], groups[3:]
        cluster.partition([g.peer_id() for g in three], [g.peer_id() for g in two])
        await cluster.clock.advance(12)
        assert {g.leader() in {h.peer_id() for h in side} for side in (three, two) for g in side} == {True}
        fired = {group.peer_id(): group.when().committed().reverted() for group in groups}
        for name, side in (("three", three), ("two", two)):
            for n in range(draw.randint(1, 6)):
                acknowledged += await put(draw.choice(side), f"{name}{n}")
        cluster.heal()
        await assert_equal(groups)
        lost = await assert_told(groups, acknowledged)
        losers = three if lost[0].startswith("three") else two
        assert lost == [key for key in acknowledged if key.startswith(lost[0][:-1])], "one side lost all it wrote"
        assert {peer for peer, wait in fired.items() if wait.done()} == {group.peer_id() for group in losers}
        assert {await fired[group.peer_id()] for group in losers} == {1}, "back to what both sides share"
        assert not cluster.violations

    check()


@virtual
async def test_given_three_that_never_met_when_they_meet_then_one_leads_and_the_losers_revert() -> None:
    network = Network(seed=9)
    for name in "abc":
        network.peer(name)
    network.partition({"a"}, {"b"}, {"c"})
    groups = [join(network, name) for name in "abc"]
    for group in groups:
        assert await group.when().leader_elected(timeout=PATIENCE) == group.peer_id()
    acknowledged = []
    for group, count in zip(groups, (1, 3, 2)):
        acknowledged += await put(group, *(f"{group.peer_id()}{n}" for n in range(count)))
    assert [int(group.committed()) for group in groups] == [1, 3, 2]
    fired = [group.when().committed().reverted() for group in groups]
    network.heal()
    await assert_equal(groups)
    assert await items(groups[0]) == {"b0": "b", "b1": "b", "b2": "b"}, "equal terms: the longest log wins"
    assert [wait.done() for wait in fired] == [True, False, True]
    assert await assert_told(groups, acknowledged) == ["a0", "c0", "c1"]
    assert len({group.leader() for group in groups}) == 1


@virtual
async def test_given_one_of_five_that_leads_itself_when_it_comes_back_then_no_machine_contradicts_the_log() -> None:
    network = Network(seed=12)
    groups = await joined(network, "abcde")
    await put(groups[0], "before")
    await settled(groups)
    network.isolate("e")
    await groups[4].when().leader_is("e", timeout=PATIENCE)
    await put(groups[0], "one", "two", "three")
    assert groups[4].is_leader() and groups[4].committed() == 1
    network.heal()
    await assert_equal(groups)
    agreed = log_of(groups[0])
    for group in groups:
        assert await items(group) == replayed(agreed)
    assert set(await items(groups[4])) == {"before", "one", "two", "three"}, "who led itself had nothing of its own"


@virtual
async def test_given_a_bridge_that_alone_sees_both_sides_then_one_history_remains_on_both() -> None:
    for seed in range(5):
        cluster = Cluster(["a", "b", "bridge", "c", "d"], machine=KeyValue, quorum="bonded", seed=seed)
        groups = groups_of(cluster)
        await cluster.when().leader_elected()
        for x in "ab":
            for y in "cd":
                cluster.cut(x, y)
        for n, group in enumerate(groups):
            group.feed(KeyValue.Put(f"{group.peer_id()}{n}", n))
        await cluster.clock.advance(60)
        await settled(groups)
        assert cluster.leader() == "bridge", "the only one whom all can follow"
        cluster.heal()
        await assert_equal(groups)
        await cluster.close()


@virtual
async def test_given_two_leaders_that_only_a_bridge_sees_when_it_appears_then_a_new_election_decides() -> None:
    network = Network(seed=14)
    for name in ("a", "b", "bridge", "c", "d"):
        network.peer(name)
    for x in "ab":
        for y in "cd":
            network.cut(x, y)
    left, right = await joined(network, "ab"), await joined(network, "cd")
    acknowledged = await put(left[0], "l0", "l1", "l2") + await put(right[0], "r0")
    fired = [group.when().committed().reverted() for group in right]
    bridge = join(network, "bridge")
    await network.clock.advance(60)
    groups = [*left, bridge, *right]
    await assert_equal(groups)
    assert await assert_told(groups, acknowledged) == ["r0"]
    assert all(wait.done() for wait in fired)
    assert rows(bridge, "rivals"), "it says what it saw"


@virtual
async def test_given_a_loser_that_is_killed_before_the_heal_then_its_lost_command_is_listed_after_its_restart() -> None:
    cluster = Cluster(3, machine=KeyValue, quorum="bonded", seed=4)
    groups = groups_of(cluster)
    await cluster.when().leader_elected()
    cluster.partition({"a"}, {"b", "c"})
    await cluster.clock.advance(15)
    acknowledged = await put(groups[0], "alone")
    for _ in range(3):  # a later term than that of "alone"
        cluster.timeout_now("b")
        await cluster.clock.advance(1)
    acknowledged += await put(groups[1], "b0", "b1", "b2")
    cluster.kill("a")
    cluster.heal()
    await cluster.clock.advance(5)
    cluster.restart("a")
    await assert_equal(groups)
    assert await assert_told(groups, acknowledged) == ["alone"]


@virtual
async def test_given_a_history_that_loses_and_wins_again_then_its_commands_are_listed_as_committed() -> None:
    cluster = Cluster(3, machine=KeyValue, quorum="bonded", seed=5)
    groups = groups_of(cluster)
    await cluster.when().leader_elected()
    cluster.partition({"a", "b"}, {"c"})
    await cluster.clock.advance(15)
    await put(groups[0], "ab")
    cluster.kill("b")  # it keeps this history on its disk
    await cluster.clock.advance(15)
    await put(groups[2], "c0", "c1")
    cluster.heal()
    await settled([groups[0], groups[2]])
    lost = {row[3] for row in rows(groups[0], "command") if row[4] == "reverted"}
    cluster.isolate("b")
    cluster.restart("b")
    await groups[1].when().leader_is("b", timeout=PATIENCE)
    for _ in range(3):
        cluster.timeout_now("b")
        await cluster.clock.advance(1)
    await put(groups[1], "b0", "b1", "b2")
    cluster.heal()
    await assert_equal(groups)
    held = await items(groups[0])
    assert lost and "ab" in held
    await assert_told(groups, ["ab", "c0", "c1", "b0", "b1", "b2"])


@virtual
async def test_given_a_tail_that_nobody_else_holds_when_its_peer_comes_back_then_it_goes_at_once() -> None:
    for quorum in Quorum:
        cluster = Cluster(3, machine=KeyValue, quorum=quorum, seed=3)
        leader = await cluster.when().leader_elected()
        groups = groups_of(cluster)
        cut_off = cluster[leader].group
        cluster.isolate(leader)
        waiting = cut_off.execute(KeyValue.Put("nobody else has it", 1))
        await cluster.clock.advance(3)
        cluster.heal()
        await assert_equal(groups)
        assert waiting.done(), "its caller is told, though nothing else was written"
        if quorum is Quorum.MEMBERS:
            with pytest.raises(Exception, match="is lost: a leader of term"):
                await waiting
        else:
            waiting.exception()
        await cluster.close()


def test_given_storms_of_faults_when_all_is_healed_then_all_peers_end_equal() -> None:
    for seed in range(12):
        for every in (None, 3):
            virtual(storm)(seed, every)


async def storm(seed: int, every: int | None) -> None:
    draw = random.Random(seed)
    cluster = Cluster(4, machine=KeyValue, quorum="bonded", seed=seed, config=ConsensusConfig(snapshot_every=every))
    groups = groups_of(cluster)
    names = [group.peer_id() for group in groups]
    waits = []
    for _ in range(8):
        names = draw.sample(names, 4)
        fault = draw.choice(["partition", "isolate", "heal", "kill", "restart", "cut"])
        if fault == "partition":
            cluster.partition(names[:2], names[2:])
        elif fault == "heal":
            cluster.heal()
        elif fault == "cut":
            cluster.cut(names[0], names[1], one_way=draw.random() < 0.5)
        else:
            getattr(cluster, fault)(names[0])
        for _ in range(draw.randint(0, 4)):
            key = f"k{len(waits)}"
            waits.append((key, draw.choice(groups).execute(KeyValue.Put(key, 1))))
        await cluster.clock.advance(draw.choice([0.1, 1, 4, 10]))
    cluster.heal()
    for name in names:
        cluster.restart(name)
    await settled(groups)
    held = await items(groups[0])
    assert all([await items(group) == held for group in groups]), f"seed {seed}"
    acknowledged = [key for key, wait in waits if wait.done() and wait.exception() is None]
    if every is None:
        await assert_equal(groups)
    await assert_told(groups, acknowledged)
