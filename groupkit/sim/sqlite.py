"""A disk that is a real file: SQLite, one transaction for everything that must be there before it is answered for."""

from __future__ import annotations

import os
import pickle
import shutil
import sqlite3
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from groupkit.raft.log import Entry, Stamp
from groupkit.raft.messages import Snapshot

APPLICATION: Final = 0x67726B74  # "grkt": SQLite's own mark of whose file it is, at byte 68
MAGIC: Final = b"SQLite format 3\0"
SCHEMA: Final = """
CREATE TABLE hard (one INTEGER PRIMARY KEY CHECK (one = 1), term INTEGER NOT NULL, vote TEXT, owner TEXT);
CREATE TABLE entries (idx INTEGER PRIMARY KEY, term INTEGER NOT NULL, command BLOB NOT NULL, client TEXT,
  serial INTEGER, leader TEXT);
CREATE TABLE snapshot (one INTEGER PRIMARY KEY CHECK (one = 1), idx INTEGER, stamp BLOB, data BLOB, latest BLOB);
INSERT INTO hard VALUES (1, 0, NULL, NULL);
"""


class DamagedLog(Exception):
    """A file cannot be used as a peer's disk. The text has its path and what is wrong; the file was left as it is."""


class SqliteLog:
    """A peer's disk in the file ``path``, made if it is not there. It outlives the process, even one killed in between.

    Term, vote, entries and snapshot that belong together are written in one transaction, and only then anything is
    answered for. A file that is damaged, of something else, or in use raises ``DamagedLog`` and is left untouched.
    Commands are kept as pickles: open only files that you or your peers wrote.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        if self.path.exists() and self.path.stat().st_size > 0:
            self._inspect()
        elif not self.path.parent.is_dir():
            raise FileNotFoundError(f"the folder of {self.path} does not exist: make it first")
        self._db = self._open()

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
            db.execute("UPDATE hard SET term = ?, vote = ?", (term, vote))
            for first, entries in changes:
                db.execute("DELETE FROM entries WHERE idx >= ?", (first,))
                db.executemany("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?)", _rows(first, entries))
            if snapshot is not None:
                self._keep(snapshot)
            db.execute("COMMIT")
        except BaseException:
            db.execute("ROLLBACK")
            raise

    def _keep(self, snapshot: Snapshot) -> None:
        db = self._db
        there = db.execute("SELECT term, leader FROM entries WHERE idx = ?", (snapshot.index,)).fetchone()
        if there == (int(snapshot.index_term), getattr(snapshot.index_term, "leader", None)):
            db.execute("DELETE FROM entries WHERE idx <= ?", (snapshot.index,))
        else:
            db.execute("DELETE FROM entries")
        latest = pickle.dumps((snapshot.latest, 0, snapshot.past), protocol=5)
        row = (snapshot.index, pickle.dumps(snapshot.index_term, protocol=5), snapshot.data, latest)
        db.execute("INSERT OR REPLACE INTO snapshot VALUES (1, ?, ?, ?, ?)", row)

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
        """See ``LogStorage``. The owner stays."""
        self._db.executescript("BEGIN; DELETE FROM entries; DELETE FROM snapshot; UPDATE hard SET term=0, vote=NULL; COMMIT")

    def claim(self, owner: str) -> None:
        """Belong to this peer of this group from now on; a file that belongs to another one is refused."""
        known = self._db.execute("SELECT owner FROM hard").fetchone()[0]
        if known is None:
            self._db.execute("UPDATE hard SET owner = ?", (owner,))
        elif known != owner:
            raise DamagedLog(
                f"{self.path} is the disk of {known}, not of {owner}: give this peer a file of its own, or join with "
                "the same name, key, configuration and machine as before"
            )

    def close(self) -> None:
        """Let go of the file. Twice is harmless."""
        self._db.close()

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
            db.execute("COMMIT")
        except sqlite3.OperationalError as error:
            db.close()
            raise DamagedLog(
                f"{self.path} cannot be used: {error}. Is another peer or another notebook using it?"
            ) from error
        return db

    def _inspect(self) -> None:
        """Look before anything is touched: whose file it is, and (on a copy) whether it is whole."""
        with self.path.open("rb") as file:
            head = file.read(72)
        if head[:16] != MAGIC:
            self._refuse("it is not an SQLite file")
        if int.from_bytes(head[68:72], "big") != APPLICATION:
            self._refuse("it is an SQLite file of something else")
        with tempfile.TemporaryDirectory(prefix="groupkit-") as folder:
            copy = Path(folder) / self.path.name
            for suffix in ("", "-journal"):
                beside = Path(f"{self.path}{suffix}")
                if beside.exists():
                    shutil.copyfile(beside, f"{copy}{suffix}")
            db = sqlite3.connect(copy)
            try:
                self._inspect_tables(db)
            except sqlite3.DatabaseError as error:
                self._refuse(f"it is damaged ({error})")
            finally:
                db.close()

    def _inspect_tables(self, db: sqlite3.Connection) -> None:
        verdict = db.execute("PRAGMA quick_check").fetchone()[0]
        if verdict != "ok":
            self._refuse(f"it is damaged ({verdict})")
        if db.execute("SELECT count(*) FROM hard").fetchone()[0] != 1:
            self._refuse("it has no term and vote")
        first, last, count = db.execute("SELECT min(idx), max(idx), count(*) FROM entries").fetchone()
        kept = db.execute("SELECT idx FROM snapshot").fetchone()
        base = 0 if kept is None else kept[0]
        if count and (first != base + 1 or last - first + 1 != count):
            self._refuse(f"entries are missing: {count} of those from index {base + 1} to {last}")
        for column, table in (("command", "entries"), ("latest", "snapshot")):
            for (blob,) in db.execute(f"SELECT {column} FROM {table}"):
                try:
                    pickle.loads(blob)
                except Exception as error:
                    self._refuse(f"a {column} in it cannot be read ({error!r})")

    def _refuse(self, why: str) -> None:
        raise DamagedLog(
            f"{self.path} cannot be a peer's disk: {why}. It was left as it is; move it away to begin with an empty disk"
        )


def _rows(first: int, entries: Sequence[Entry]) -> list[tuple[Any, ...]]:
    return [
        (first + place, int(term), pickle.dumps(command, protocol=5), *(ident or (None, None)), getattr(term, "leader", None))
        for place, (term, command, ident) in enumerate(entries)
    ]
