"""A disk that is a real file: SQLite, one transaction for everything that must be there before it is answered for."""

from __future__ import annotations

import os
import pickle
import shutil
import sqlite3
import tempfile
import weakref
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from groupkit.raft.log import Entry, Stamp
from groupkit.raft.messages import Snapshot

APPLICATION: Final = 0x67726B74  # "grkt": SQLite's own mark of whose file it is, at byte 68
MAGIC: Final = b"SQLite format 3\0"
SCHEMA: Final = """
CREATE TABLE hard (term INTEGER, vote TEXT, owner TEXT, last INTEGER, lives INTEGER, sum INTEGER);
CREATE TABLE entries (idx INTEGER PRIMARY KEY, term INTEGER, command BLOB, client TEXT, serial INTEGER, leader TEXT,
  sum INTEGER);
CREATE TABLE snapshot (idx INTEGER, stamp BLOB, data BLOB, latest BLOB, sum INTEGER);
"""  # every row ends with a checksum of the rest: SQLite itself keeps none


class DamagedLog(Exception):
    """A file cannot be used as a peer's disk. The text has its path and what is wrong; the file was left as it is."""


class SqliteLog:
    """A peer's disk in the file ``path``, made if it is not there. It outlives the process, even one killed in between.

    Term, vote, entries and snapshot that belong together are written in one transaction, and only then anything is
    answered for. A file that is damaged, of something else, or in use raises ``DamagedLog`` and is left untouched.
    Commands are kept as pickles: open only files that you or your peers wrote.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        if not isinstance(path, str | os.PathLike):
            raise TypeError(f"SqliteLog takes the path of a file, not {path!r}")
        if os.fspath(path) in ("", b"") or "\0" in str(path):
            raise ValueError(f"SqliteLog takes the path of a file, not {path!r}")
        self.path = Path(path)
        if self.path.exists() and self.path.stat().st_size > 0:
            self._inspect()
        elif not self.path.parent.is_dir():
            raise FileNotFoundError(f"the folder of {self.path} does not exist: make it first")
        self._db = self._open()
        hard = self._db.execute("SELECT * FROM hard").fetchone()
        self._term, self._vote, self._owner, self._last, self._lives, _ = hard
        self._identity = _identity(self.path)
        _in_use[self._identity] = self

    # -- what a disk does (see LogStorage) -----------------------------------------------------------------------

    def write(
        self,
        term: int,
        vote: str | None,
        changes: Sequence[tuple[int, Sequence[Entry]]],
        snapshot: Snapshot | None,
    ) -> None:
        """See ``LogStorage``."""
        db = self._db
        db.execute("BEGIN IMMEDIATE")
        try:
            last = self._last
            for first, entries in changes:
                db.execute("DELETE FROM entries WHERE idx >= ?", (first,))
                db.executemany("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?)", _rows(first, entries))
                last = first + len(entries) - 1
            if snapshot is not None and not self._keep(snapshot):
                last = snapshot.index
            self._set_hard(term, vote, last)
            db.execute("COMMIT")
        except BaseException:
            db.execute("ROLLBACK")
            raise
        self._term, self._vote, self._last = term, vote, last

    def _set_hard(self, term: int, vote: str | None, last: int) -> None:
        row = term, vote, self._owner, last, self._lives
        change = "UPDATE hard SET term = ?, vote = ?, owner = ?, last = ?, lives = ?, sum = ?"
        self._db.execute(change, (*row, _sum(row)))

    def _keep(self, snapshot: Snapshot) -> bool:
        """Put it in the place of the entries up to its index. Returns whether those behind it stay."""
        db = self._db
        there = db.execute("SELECT term, leader FROM entries WHERE idx = ?", (snapshot.index,)).fetchone()
        fits: bool = there == (int(snapshot.index_term), getattr(snapshot.index_term, "leader", None))
        db.execute("DELETE FROM entries WHERE idx <= ? OR NOT ?", (snapshot.index, fits))
        latest = pickle.dumps((snapshot.latest, 0, snapshot.past), protocol=5)
        row = (snapshot.index, pickle.dumps(snapshot.index_term, protocol=5), snapshot.data, latest)
        db.execute("DELETE FROM snapshot")
        db.execute("INSERT INTO snapshot VALUES (?, ?, ?, ?, ?)", (*row, _sum(row)))
        return fits

    def read(self) -> tuple[int, str | None, int, Sequence[Entry], Snapshot | None]:
        """See ``LogStorage``."""
        term, vote = self._db.execute("SELECT term, vote FROM hard").fetchone()
        kept = self._db.execute("SELECT idx, stamp, data, latest FROM snapshot").fetchone()
        snapshot = None
        if kept is not None:
            snapshot = Snapshot(term, kept[0], pickle.loads(kept[1]), kept[2], *pickle.loads(kept[3]))
        rows = self._db.execute("SELECT term, leader, command, client, serial FROM entries ORDER BY idx")
        entries: list[Entry] = [
            (t if of is None else Stamp(t, of), pickle.loads(c), None if who is None else (who, n))
            for t, of, c, who, n in rows
        ]
        return term, vote, 0 if snapshot is None else snapshot.index, entries, snapshot

    def wipe(self) -> None:
        """See ``LogStorage``. The owner stays, and so does the number of its lives."""
        self._db.execute("BEGIN IMMEDIATE")
        self._db.execute("DELETE FROM entries")
        self._db.execute("DELETE FROM snapshot")
        self._set_hard(0, None, 0)
        self._db.execute("COMMIT")
        self._term, self._vote, self._last = 0, None, 0

    def claim(self, owner: str) -> None:
        """Belong to this peer of this group from now on; a file that belongs to another one is refused."""
        if self._owner is None:
            self._owner = owner
            self._set_hard(self._term, self._vote, self._last)
        elif self._owner != owner:
            raise DamagedLog(
                f"{self.path} is the disk of {self._owner}, not of {owner}: give this peer a file of its own, or join "
                "with the same name, key (a Cluster's comes from its seed), configuration and machine as before"
            )

    def begin(self, least: int) -> int:
        """See ``LogStorage``."""
        number: int = max(self._lives, least) + 1
        self._lives = number
        self._set_hard(self._term, self._vote, self._last)
        return number

    def close(self) -> None:
        """Let go of the file. Twice is harmless."""
        self._db.close()
        if _in_use.get(self._identity) is self:
            del _in_use[self._identity]

    def __repr__(self) -> str:
        return f"SqliteLog({str(self.path)!r})"

    # -- opening -------------------------------------------------------------------------------------------------

    def _open(self) -> sqlite3.Connection:
        db = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False, timeout=0)
        try:
            db.execute("PRAGMA locking_mode = EXCLUSIVE")
            db.execute("PRAGMA synchronous = FULL")
            db.execute("BEGIN EXCLUSIVE")  # takes the lock now, and keeps it
            if db.execute("PRAGMA application_id").fetchone()[0] != APPLICATION:
                db.execute(f"PRAGMA application_id = {APPLICATION}")
                for statement in SCHEMA.split(";"):
                    db.execute(statement)
                row = (0, None, None, 0, 0)
                db.execute("INSERT INTO hard VALUES (?, ?, ?, ?, ?, ?)", (*row, _sum(row)))
            db.execute("COMMIT")
        except sqlite3.Error as error:
            db.close()
            raise DamagedLog(
                f"{self.path} cannot be used: {error}. Is another peer or another notebook using it?"
            ) from error
        return db

    def _inspect(self) -> None:
        """Look before anything is touched: whose file it is, and (on a copy) whether it is whole."""
        if not self.path.is_file():
            self._refuse("it is not a file")
        if _identity(self.path) in _in_use:  # merely to open and close it here would give up the lock on it
            raise DamagedLog(f"{self.path} cannot be used: another peer of this notebook is using it, close that first")
        with self.path.open("rb") as file:
            head = file.read(72)
        if head[:16] != MAGIC:
            self._refuse("it is not an SQLite file")
        if int.from_bytes(head[68:72], "big") != APPLICATION or head[18:20] != b"\1\1":
            self._refuse("it is an SQLite file of something else")
        page, journal = int.from_bytes(head[16:18], "big"), Path(f"{self.path}-journal")
        if not journal.exists() and (not page or self.path.stat().st_size % page):
            self._refuse("it is damaged (cut off in the middle of a page)")
        with tempfile.TemporaryDirectory(prefix="groupkit-") as folder:
            copy = Path(folder) / self.path.name
            for suffix in ("", "-journal"):
                beside = Path(f"{self.path}{suffix}")
                if beside.exists():
                    shutil.copyfile(beside, f"{copy}{suffix}")
            db = sqlite3.connect(copy)
            try:
                self._inspect_tables(db)
            except DamagedLog:
                raise
            except Exception as error:
                self._refuse(f"it is damaged ({error})")
            finally:
                db.close()

    def _inspect_tables(self, db: sqlite3.Connection) -> None:
        verdict = db.execute("PRAGMA quick_check").fetchone()[0]
        if verdict != "ok":
            self._refuse(f"it is damaged ({verdict})")
        tables = [sql for (sql,) in db.execute("SELECT sql FROM sqlite_master ORDER BY rowid")]
        if tables != [statement.strip() for statement in SCHEMA.split(";")[:-1]]:
            self._refuse("it is damaged (its tables are not those of a peer's disk)")
        rows = {table: list(db.execute(f"SELECT * FROM {table}")) for table in ("hard", "entries", "snapshot")}
        for table, found in rows.items():
            for row in found:
                if row[-1] != _sum(row[:-1]):
                    self._refuse(f"it is damaged (a row of {table!r} has another checksum than its content)")
        if len(rows["hard"]) != 1 or len(rows["snapshot"]) > 1:
            self._refuse("it is damaged (not one term and vote, and at most one snapshot)")
        base, last = max([row[0] for row in rows["snapshot"]], default=0), rows["hard"][0][3]
        if [row[0] for row in rows["entries"]] != list(range(base + 1, last + 1)):
            self._refuse(f"entries are missing: there are {len(rows['entries'])} of those from {base + 1} to {last}")
        for blob in [row[2] for row in rows["entries"]] + [row[3] for row in rows["snapshot"]]:
            try:
                pickle.loads(blob)
            except Exception as error:
                self._refuse(f"a command in it cannot be read ({error!r})")

    def _refuse(self, why: str) -> None:
        raise DamagedLog(
            f"{self.path} cannot be a peer's disk: {why}. "
            "It was left as it is; move it away to begin with an empty disk"
        )


_in_use: weakref.WeakValueDictionary[tuple[int, int], SqliteLog] = weakref.WeakValueDictionary()


def _identity(path: Path) -> tuple[int, int]:
    there = path.stat()
    return there.st_dev, there.st_ino


def _sum(row: Sequence[Any]) -> int:
    """A checksum of plain values."""
    total = 0
    for value in row:
        total = zlib.crc32(value if isinstance(value, bytes) else f"{value!r};".encode(), total)
    return total


def _rows(first: int, entries: Sequence[Entry]) -> list[tuple[Any, ...]]:
    rows = []
    for index, (term, command, ident) in enumerate(entries, first):
        packed = pickle.dumps(command, protocol=5)
        row = (index, int(term), packed, *(ident or (None, None)), getattr(term, "leader", None))
        rows.append((*row, _sum(row)))
    return rows
