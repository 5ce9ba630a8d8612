"""Snapshots: the log behind them is pruned, and who needs pruned entries gets the snapshot (Raft 7)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from groupkit import Cluster, ConsensusConfig, Group, KeyValue, MemoryLog, Network, SqliteLog
from tests.bonded.helpers import PATIENCE, groups_of, items, join, put, rows, settled
from tests.group.helpers import virtual

EVERY = ConsensusConfig(snapshot_every=10)
Disks = Callable[[str], Any]


@pytest.fixture(params=["memory", "sqlite"])
def disks(request: pytest.FixtureRequest, tmp_path: Path) -> Disks:
    """Makes a peer's disk."""
    return (
        (lambda name: MemoryLog()) if request.param == "memory" else (lambda name: SqliteLog(tmp_path / f"{name}.db"))
    )


def bases(cluster: Cluster) -> list[int]:
    """Up to which index each peer has pruned its log."""
    return [cluster.view()["peers"][peer.id]["base"] for peer in cluster]


async def fill(group: Group, keys: Iterable[int]) -> None:
    """Put them a few at a time: one write to each disk for those together."""
    commands = [KeyValue.Put(key, key) for key in keys]
    for place in range(0, len(commands), 4):
        await group.execute_many(commands[place : place + 4], timeout=PATIENCE)


async def equal(cluster: Cluster, keys: int) -> None:
    groups = groups_of(cluster)
    await settled(groups)
    for group in groups:
        assert len(await items(group)) == keys, group
    assert not cluster.violations


@pytest.mark.parametrize("quorum", ["members", "bonded"])
def test_given_snapshot_every_when_commands_are_applied_then_logs_are_pruned(quorum: str, disks: Disks) -> None:
    @virtual
    async def check() -> None:
        async with Cluster(3, machine=KeyValue, seed=1, quorum=quorum, config=EVERY, storage=disks) as cluster:
            await fill(cluster["a"].group, range(35))
            await equal(cluster, 35)
            assert all(25 <= base <= 35 for base in bases(cluster))

    check()


@virtual
async def test_given_no_snapshot_every_then_nothing_is_pruned() -> None:
    cluster = Cluster(3, machine=KeyValue, seed=1)
    await fill(cluster["a"].group, range(35))
    assert bases(cluster) == [0, 0, 0]


@pytest.mark.parametrize("quorum", ["members", "bonded"])
@pytest.mark.parametrize("wipe", [False, True])
def test_given_a_peer_that_needs_pruned_entries_then_it_gets_the_snapshot(
    quorum: str, wipe: bool, disks: Disks
) -> None:
    @virtual
    async def check() -> None:
        async with Cluster(3, machine=KeyValue, seed=2, quorum=quorum, config=EVERY, storage=disks) as cluster:
            await cluster.when().leader_elected()
            await fill(cluster["a"].group, range(5))
            cluster.kill("c")
            await cluster.clock.advance(10)
            await fill(cluster["a"].group, range(5, 40))
            assert min(bases(cluster)[:2]) > 5
            reverted = cluster["c"].group.when().committed().reverted()
            cluster.restart("c", wipe=wipe)
            await cluster["c"].group.when().online(timeout=PATIENCE)
            await equal(cluster, 40)
            frame = cluster.timeline.messages()
            assert len(frame[(frame.kind == "snapshot") & (frame.dst == "c")]) >= 1
            assert bases(cluster)[2] >= 10
            assert not reverted.done(), "it was behind, not on another history"
            assert not [row for row in rows(cluster["a"].group, "command") if row[4] == "reverted"]

    check()


@pytest.mark.parametrize("quorum", ["members", "bonded"])
def test_given_snapshots_when_all_are_killed_and_restarted_then_nothing_is_lost(quorum: str, disks: Disks) -> None:
    @virtual
    async def check() -> None:
        async with Cluster(3, machine=KeyValue, seed=3, quorum=quorum, config=EVERY, storage=disks) as cluster:
            await fill(cluster["a"].group, range(20))
            await equal(cluster, 20)
            for peer in cluster:
                cluster.kill(peer)
            for peer in cluster:
                cluster.restart(peer)
                assert peer.group.committed() >= 10, "what the snapshot holds is committed"
            await cluster.when().leader_elected(timeout=PATIENCE)
            await fill(cluster["b"].group, range(20, 50))
            await equal(cluster, 50)

    check()


@virtual
async def test_given_a_restarted_leader_with_pruned_log_then_it_sends_its_snapshot_from_disk() -> None:
    cluster = Cluster(3, machine=KeyValue, seed=4, config=EVERY)
    await cluster.when().leader_elected()
    cluster.kill("c")
    await fill(cluster["a"].group, range(40))
    await settled([cluster["a"].group, cluster["b"].group])
    for name in "ab":
        cluster.kill(name)
    cluster.restart("a")
    cluster.restart("c", wipe=True)
    await cluster["c"].group.when().online(timeout=PATIENCE)
    cluster.restart("b")
    await equal(cluster, 40)


@pytest.mark.parametrize("every", [1, 2, 5])
def test_given_a_bonded_split_with_pruned_histories_when_healed_then_the_losers_take_the_other_one(every: int) -> None:
    @virtual
    async def check() -> None:
        for seed in range(6):
            cluster = Cluster(
                5, machine=KeyValue, quorum="bonded", seed=seed, config=ConsensusConfig(snapshot_every=every)
            )
            groups = groups_of(cluster)
            await cluster.when().leader_elected()
            acknowledged = await put(groups[0], "before")
            await cluster.when().converged()
            cluster.partition({"a", "b", "c"}, {"d", "e"})
            await cluster.clock.advance(12)
            fired = {group.peer_id(): group.when().committed().reverted() for group in groups}
            acknowledged += await put(groups[1], *(f"l{n}" for n in range(7)))
            acknowledged += await put(groups[3], *(f"r{n}" for n in range(9 if seed % 2 else 4)))
            cluster.heal()
            await settled(groups)
            held = await items(groups[0])
            for group in groups:
                assert await items(group) == held
            losers = "abc" if "r0" in held else "de"
            assert {peer for peer, wait in fired.items() if wait.done()} == set(losers)
            assert {await fired[peer] for peer in losers} == {1}, "the last index that both sides share"
            last = {row[3]: row[4] for row in rows(groups[0], "command")}
            numbered = sorted(last)  # submitted in the order of ``acknowledged``
            lost = [key for key, number in zip(acknowledged, numbered) if last[number] == "reverted"]
            assert lost == [key for key in acknowledged if key not in held]
            await cluster.close()

    check()


@virtual
async def test_given_a_newcomer_to_a_pruned_group_then_it_gets_a_snapshot_and_then_the_rest() -> None:
    network = Network(seed=6)
    groups = [join(network, name, config=EVERY) for name in "ab"]
    await groups[0].when().online()
    await fill(groups[0], range(48))
    late = join(network, "late", config=EVERY)
    await late.when().online(timeout=PATIENCE)
    assert late.committed() == 48 and len(await items(late)) == 48
    assert rows(late, "applied", "late"), "a snapshot was put in the machine's place"
