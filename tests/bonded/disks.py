"""What tests of disks share: a snapshot to write, and everything on a disk as text."""

from __future__ import annotations

import pickle

from groupkit import MemoryLog, SqliteLog
from groupkit.raft.messages import Snapshot


def snapshot(index: int, term: int) -> Snapshot:
    return Snapshot(term, index, term, pickle.dumps({"at": index}), {"a#1": (index, index, term)}, 0, ((index, term),))


def content(disk: SqliteLog | MemoryLog) -> str:
    """Everything on it, as text."""
    term, vote, base, entries, kept = disk.read()
    said = None if kept is None else (kept.index, repr(kept.index_term), kept.data, kept.latest, kept.past)
    return repr((term, vote, base, list(entries), said))
