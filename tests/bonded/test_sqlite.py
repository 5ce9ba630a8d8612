"""SqliteLog: a real file that outlives its process, even one that is killed in the middle of a run."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from groupkit import Cluster, ConsensusConfig, Counter, DamagedLog, GroupKey, MemoryLog, Network, SqliteLog
from tests.bonded.helpers import PATIENCE, items, join, put
from tests.group.helpers import virtual
from tests.house.tree import ROOT


@virtual
async def live(folder: Path, seed: int, keys: list[str], held: dict[str, str]) -> None:
    """A group on files: what is there at first is ``held``, then the keys are put."""
    network = Network(seed=seed)
    groups = [join(network, name, storage=SqliteLog(folder / f"{name}.db")) for name in "abc"]
    for group in groups:
        await group.when().online(timeout=PATIENCE)
    if held:
        await put(groups[0], "wake")  # commits what the logs hold
    assert {key: by for key, by in (await items(groups[0])).items() if key != "wake"} == held
    await put(groups[1], *keys)
    await network.close()


def test_given_a_group_on_files_when_a_later_program_opens_them_then_everything_is_there(tmp_path: Path) -> None:
    live(tmp_path, 1, ["x", "y"], {})
    live(tmp_path, 2, ["z"], {"x": "b", "y": "b"})
    live(tmp_path, 3, ["u", "v", "w"], {"x": "b", "y": "b", "z": "b"})
    live(tmp_path, 3, [], dict.fromkeys("xyzuvw", "b"))


@virtual
async def test_given_a_kill_and_a_restart_then_the_file_was_the_disk_and_a_wipe_empties_it(tmp_path: Path) -> None:
    network = Network(seed=1)
    disk = SqliteLog(tmp_path / "a.db")
    group = join(network, "a", storage=disk)
    await put(group, "x")
    network.kill("a")
    assert group.log_position() == 1
    network.restart("a")
    await group.when().leader_elected(timeout=PATIENCE)
    await put(group, "y")
    assert await items(group) == {"x": "a", "y": "a"}
    network.kill("a")
    network.restart("a", wipe=True)
    assert group.log_position() == 0
    assert await items(group) == {}
    await network.close()
    assert reopened(tmp_path / "a.db") == (0, 0)


PROGRAM = """
import asyncio, sys
import groupkit
from groupkit import Cluster, ConsensusConfig, Counter, SqliteLog

async def main():
    cluster = Cluster(3, machine=Counter, seed=int(sys.argv[2]), quorum=sys.argv[3],
        config=ConsensusConfig(snapshot_every=7), storage=lambda name: SqliteLog(f"{sys.argv[1]}/{name}.db"))
    await cluster.when().leader_elected()
    while True:
        print(int(await cluster["a"].group.execute(Counter.Increment(1))), flush=True)

groupkit.run(main)
"""


@pytest.mark.parametrize("quorum", ["members", "bonded"])
def test_given_a_process_killed_in_the_middle_of_a_run_then_nothing_it_acknowledged_is_lost(
    quorum: str, tmp_path: Path
) -> None:
    acknowledged = 0
    for lines in (11, 4, 17):
        command = [sys.executable, "-c", PROGRAM, str(tmp_path), "7", quorum]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as child:
            assert child.stdout is not None
            told = [int(child.stdout.readline()) for _ in range(lines)]
            child.kill()  # SIGKILL: it runs no handler, flushes nothing, closes nothing
            told += [int(line) for line in child.stdout if line.endswith("\n")]
        assert child.returncode == -9
        assert told == list(range(told[0], told[0] + len(told))) and told[0] > acknowledged
        acknowledged = told[-1]
    terms = sorted(last_term(tmp_path / f"{name}.db") for name in "abc")
    values, lasts = zip(*[reopened(tmp_path / f"{name}.db") for name in "abc"])
    # Under bonded quorum who lags does not count. After a kill between two writes all followers may lag, and
    # the next leader, alone and so quick that no virtual time passes, leaves them none to catch up: they have
    # nothing of its term.
    alone = quorum == "bonded" and terms[1] < terms[2]
    held = sum(last >= acknowledged for last in lasts)
    assert held >= (1 if alone else 2), "a majority of those who count holds the last one"
    assert max(values) >= acknowledged - 6, "all but the no-ops of leaders counted"
    caught_up(tmp_path, quorum)
    values, lasts = zip(*[reopened(tmp_path / f"{name}.db") for name in "abc"])
    assert min(lasts) > acknowledged, "given time, all hold it"
    assert len(set(values)) == 1 and values[0] >= acknowledged - 6


@virtual
async def caught_up(folder: Path, quorum: str) -> None:
    """The same group once more, until all its peers have the same."""
    config = ConsensusConfig(snapshot_every=7)
    disks = {"storage": lambda name: SqliteLog(folder / f"{name}.db"), "config": config, "quorum": quorum}
    async with Cluster(3, machine=Counter, seed=7, **disks) as cluster:  # type: ignore[arg-type]
        index = await cluster["a"].group.execute(Counter.Increment(1))
        for peer in cluster:
            await peer.group.when().committed().reaches(index, timeout=PATIENCE)


def last_term(path: Path) -> int:
    """The term of the last entry on this disk."""
    disk = SqliteLog(path)
    _, _, _, entries, kept = disk.read()
    disk.close()
    return int(entries[-1][0] if entries or kept is None else kept.index_term)


def reopened(path: Path) -> tuple[int, int]:
    """(what the counter on this disk stands at, the index of its last entry)."""
    disk = SqliteLog(path)
    _, _, base, entries, kept = disk.read()
    disk.close()
    value = 0 if kept is None or kept.data is None else pickle.loads(kept.data)["value"]
    return value + sum(isinstance(command, Counter.Increment) for _, command, _ in entries), base + len(entries)


@virtual
async def test_given_the_file_of_another_peer_or_group_then_joining_is_refused_and_it_is_untouched(
    tmp_path: Path,
) -> None:
    network = Network(seed=1)
    group = join(network, "alice", storage=SqliteLog(tmp_path / "alice.db"))
    await put(group, "x")
    await group.leave()
    before = (tmp_path / "alice.db").read_bytes()
    for name, options in (
        ("bob", {}),
        ("alice", {"key": GroupKey.from_secret("another")}),
        ("alice", {"config": ConsensusConfig(election_timeout=3)}),
        ("alice", {"machine": Counter()}),
    ):
        disk = SqliteLog(tmp_path / "alice.db")
        with pytest.raises(DamagedLog, match="is the disk of alice in group"):
            join(network, name, storage=disk, **options)  # type: ignore[arg-type]
        disk.close()
        assert (tmp_path / "alice.db").read_bytes() == before
    again = join(network, "alice", storage=SqliteLog(tmp_path / "alice.db"))
    await again.when().leader_elected(timeout=PATIENCE)
    await put(again, "y")
    assert await items(again) == {"x": "alice", "y": "alice"}
    await network.close()


@virtual
async def test_given_one_disk_for_two_peers_then_the_second_is_refused(tmp_path: Path) -> None:
    network = Network(seed=1)
    for disk in (MemoryLog(), SqliteLog(tmp_path / "one.db")):
        join(network, f"first of {type(disk).__name__}", storage=disk)
        with pytest.raises(ValueError, match="give each peer its own"):
            join(network, f"second of {type(disk).__name__}", storage=disk)
    await network.close()


def test_given_a_cluster_that_was_refused_for_a_disk_then_the_others_are_free_again(tmp_path: Path) -> None:
    def file(name: str) -> SqliteLog:
        return SqliteLog(tmp_path / f"{name}.db")

    (tmp_path / "c.db").write_text("no disk at all")
    with pytest.raises(
        DamagedLog, match=r"c\.db cannot be a peer's disk"
    ) as kept:  # as a notebook keeps the last error
        Cluster(3, seed=1, storage=file)
    (tmp_path / "c.db").unlink()
    Cluster(3, seed=1, storage=file).close()
    with pytest.raises(DamagedLog, match=r"a\.db is the disk of a in group .* comes from its seed"):
        Cluster(3, seed=2, storage=file)
    Cluster(3, seed=1, storage=file).close()
    assert kept.value is not None


@pytest.mark.parametrize("wrong", [3, None, b"x.db", True])
def test_given_no_path_then_it_is_named(wrong: object) -> None:
    with pytest.raises(TypeError, match=f"SqliteLog takes the path of a file, not {wrong!r}"):
        SqliteLog(wrong)  # type: ignore[arg-type]
