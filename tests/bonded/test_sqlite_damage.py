"""A file that is no sound disk of this peer is refused with its path and what is wrong, and left as it is."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from groupkit import DamagedLog, SqliteLog
from groupkit.raft.log import BLANK, Stamp
from tests.bonded.disks import content, snapshot
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
        run = subprocess.run([sys.executable, "-c", other], capture_output=True, text=True, cwd=ROOT, timeout=600)
        assert run.returncode == 1 and "DamagedLog" in run.stderr and str(written) in run.stderr
        assert_refused(written, "close that first")
    holder.write(9, "c", [], None)
    holder.close()
    again = SqliteLog(written)
    assert again.read()[:2] == (9, "c")
    again.close()
    again.close()
