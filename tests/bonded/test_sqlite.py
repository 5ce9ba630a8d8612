"""SqliteLog: a real file that outlives its process, and is refused when something is wrong with it."""

from __future__ import annotations

import pickle
import random
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from groupkit import ConsensusConfig, Counter, DamagedLog, GroupKey, KeyValue, MemoryLog, Network, SqliteLog
from groupkit.raft.log import BLANK, Stamp
from groupkit.raft.messages import Snapshot
from tests.bonded.helpers import PATIENCE, items, join, put
from tests.group.helpers import virtual
from tests.house.tree import ROOT


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """The disk of a peer that has lived a little: terms, a vote, entries of all sorts, a snapshot."""
    path = tmp_path / "peer.db"
    disk = SqliteLog(path)
    for n in range(1, 40):
        disk.write(n // 10 + 1, "b", [(n, [(n // 10 + 1, ("command", n, "x" * n), ("a#1", n))])], None)
    disk.write(5, None, [(40, [(Stamp(5, "c"), BLANK, None)])], snapshot(7, 1))
    disk.close()
    return path


def snapshot(index: int, term: int) -> Snapshot:
    return Snapshot(term, index, term, pickle.dumps({"at": index}), {"a#1": (index, index, term)}, 0, ((index, term),))


def content(disk: SqliteLog | MemoryLog) -> str:
    """Everything on it, as text."""
    term, vote, base, entries, kept = disk.read()
    said = None if kept is None else (kept.index, repr(kept.index_term), kept.data, kept.latest, kept.past)
    return repr((term, vote, base, list(entries), said))


# -- in a group ------------------------------------------------------------------------------------------------------


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
    assert SqliteLog(tmp_path / "a.db").read()[3] == []


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
    values, lasts = zip(*[reopened(tmp_path / f"{name}.db") for name in "abc"])
    assert sum(last >= acknowledged for last in lasts) >= 2, "a majority holds the last one"
    assert max(values) >= acknowledged - 6, "all but the no-ops of leaders counted"


def reopened(path: Path) -> tuple[int, int]:
    """(what the counter on this disk stands at, the index of its last entry)."""
    disk = SqliteLog(path)
    _, _, base, entries, kept = disk.read()
    disk.close()
    value = 0 if kept is None or kept.data is None else pickle.loads(kept.data)["value"]
    return value + sum(isinstance(command, Counter.Increment) for _, command, _ in entries), base + len(entries)


# -- refused and left as it is ---------------------------------------------------------------------------------------


def cut_short(whole: bytes) -> bytes:
    return whole[: len(whole) * 2 // 3]


def within_a_page(whole: bytes) -> bytes:
    return whole[:-1000]


def header_gone(whole: bytes) -> bytes:
    return b"\0" * 16 + whole[16:]


def another_kind(whole: bytes) -> bytes:
    return b"an essay on consensus, in plain text, long enough for a header of an SQLite file or two"


def page_of_zeros(whole: bytes) -> bytes:
    return whole[:4096] + b"\0" * 4096 + whole[8192:]


def page_of_noise(whole: bytes) -> bytes:
    return whole[:8192] + random.Random(1).randbytes(4096) + whole[12288:]


def other_application(whole: bytes) -> bytes:
    return whole[:68] + b"abcd" + whole[72:]


def one_command_changed(whole: bytes) -> bytes:
    return whole.replace(b"xxxxxxxxxx", b"xxxxxyxxxx", 1)


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (cut_short, "it is damaged"),
        (within_a_page, "cut off in the middle of a page"),
        (header_gone, "not an SQLite file"),
        (another_kind, "not an SQLite file"),
        (page_of_zeros, "it is damaged"),
        (page_of_noise, "it is damaged"),
        (other_application, "SQLite file of something else"),
        (one_command_changed, "another checksum"),
    ],
)
def test_given_a_damaged_file_then_it_is_refused_with_path_and_reason_and_left_untouched(
    damage: Callable[[bytes], bytes], reason: str, written: Path
) -> None:
    harmed = damage(written.read_bytes())
    written.write_bytes(harmed)
    assert_refused(written, reason)
    assert written.read_bytes() == harmed
    assert [path.name for path in written.parent.iterdir()] == [written.name], "nothing is left beside it"


def assert_refused(path: Path, reason: str) -> None:
    with pytest.raises(DamagedLog) as refusal:
        SqliteLog(path)
    assert str(path) in str(refusal.value) and reason in str(refusal.value)


TAMPERING = {
    "an entry is missing": "DELETE FROM entries WHERE idx = 20",
    "the last entries are missing": "DELETE FROM entries WHERE idx >= 38",
    "the first entries are missing": "DELETE FROM entries WHERE idx < 12",
    "an older term": "UPDATE hard SET term = 1",
    "another vote": "UPDATE hard SET vote = 'z'",
    "no term and vote": "DELETE FROM hard",
    "a term of an entry": "UPDATE entries SET term = 9 WHERE idx = 30",
    "two entries swapped": "UPDATE entries SET command = (SELECT command FROM entries WHERE idx = 31) WHERE idx = 30",
    "no snapshot any more": "DELETE FROM snapshot",
    "another snapshot": "UPDATE snapshot SET data = x'00'",
    "a table is gone": "DROP TABLE snapshot",
    "a table more": "CREATE TABLE more (x)",
}


@pytest.mark.parametrize("what", TAMPERING)
def test_given_a_sound_sqlite_file_with_wrong_content_then_it_is_refused_and_left_untouched(
    what: str, written: Path
) -> None:
    db = sqlite3.connect(written)
    db.execute(TAMPERING[what])
    db.commit()
    db.close()
    harmed = written.read_bytes()
    assert_refused(written, "cannot be a peer's disk")
    assert written.read_bytes() == harmed


def test_given_any_flipped_bit_then_it_is_refused_or_what_is_read_is_what_was_written(written: Path) -> None:
    disk = SqliteLog(written)
    expected = content(disk)
    disk.close()
    whole, draw = written.read_bytes(), random.Random(7)
    refused = 0
    for _ in range(150):
        harmed = bytearray(whole)
        harmed[draw.randrange(len(whole))] ^= 1 << draw.randrange(8)
        written.write_bytes(harmed)
        try:
            disk = SqliteLog(written)
        except DamagedLog as refusal:
            assert str(written) in str(refusal) and written.read_bytes() == harmed
            refused += 1
            continue
        assert content(disk) == expected
        disk.close()
    assert refused > 20


def test_given_a_folder_or_a_missing_one_then_the_path_is_named(tmp_path: Path) -> None:
    assert_refused(tmp_path, "not a file")
    with pytest.raises(FileNotFoundError, match="nowhere"):
        SqliteLog(tmp_path / "nowhere" / "a.db")


def test_given_a_file_in_use_then_it_is_refused_here_and_in_other_processes(written: Path) -> None:
    holder = SqliteLog(written)
    assert_refused(written, "close that first")
    other = f"from groupkit import SqliteLog; SqliteLog({str(written)!r})"
    for _ in range(2):  # the attempt here must not have let go of the lock
        run = subprocess.run([sys.executable, "-c", other], capture_output=True, text=True, cwd=ROOT, timeout=60)
        assert run.returncode == 1 and "DamagedLog" in run.stderr and str(written) in run.stderr
        assert_refused(written, "close that first")
    holder.write(9, "c", [], None)
    holder.close()
    again = SqliteLog(written)
    assert again.read()[:2] == (9, "c")
    again.close()
    again.close()


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


# -- against a model -------------------------------------------------------------------------------------------------

Steps = list[tuple[str, int, int, bool]]
steps: st.SearchStrategy[Steps] = st.lists(
    st.tuples(
        st.sampled_from(["extend", "extend", "cut", "vote", "snapshot", "install", "wipe", "reopen"]),
        st.integers(0, 5),
        st.integers(1, 4),
        st.booleans(),
    ),
    max_size=25,
)


@settings(max_examples=40)
@given(steps)
def test_given_any_writes_then_the_file_holds_what_memory_would(
    tmp_path_factory: pytest.TempPathFactory, given: Steps
) -> None:
    path = tmp_path_factory.mktemp("disk") / "peer.db"
    model, disk = MemoryLog(), SqliteLog(path)
    for what, place, many, bonded in given:
        _, _, base, entries, _ = model.read()
        last = base + len(entries)
        term = 1 + max([int(entry[0]) for entry in entries], default=0) * (place > 2)
        stamp = Stamp(term, "ab"[many % 2]) if bonded else term
        new = [(stamp, KeyValue.Put(n, place), ("c#1", n) if n % 2 else None) for n in range(many)]
        change: tuple[int, str | None, list[tuple[int, list[object]]], Snapshot | None] = (term, None, [], None)
        if what == "extend":
            change = (term, "b", [(last + 1, [*new])], None)
        elif what == "cut":
            first = base + 1 + place % (len(entries) + 1)
            change = (term, None, [(first, [*new[: many - 1]]), (first + many - 1, [*new])], None)
        elif what == "vote":
            change = (term, "xyz"[place % 3], [], None)
        elif what == "snapshot" and entries:
            at = place % len(entries)
            change = (term, None, [], snapshot(base + 1 + at, entries[at][0]))
        elif what == "install":
            change = (term, "b", [], snapshot(last + place, term + 7))
        if what == "wipe":
            model.wipe(), disk.wipe()
        elif what == "reopen":
            disk.close()
            disk = SqliteLog(path)
        else:
            model.write(*change)  # type: ignore[arg-type]
            disk.write(*change)  # type: ignore[arg-type]
        assert content(disk) == content(model)
    disk.close()
    again = SqliteLog(path)
    assert content(again) == content(model)
    again.close()
