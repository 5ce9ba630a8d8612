"""A peer's disk: term, vote, entries and snapshot, there again after a crash."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from groupkit.raft.log import Entry
from groupkit.raft.messages import Snapshot


class LogStorage(Protocol):
    """What a peer asks of its disk. ``write`` is done when it returns: only then anything is answered."""

    def write(
        self,
        term: int,
        vote: str | None,
        changes: Sequence[tuple[int, Sequence[Entry]]],
        snapshot: Snapshot | None,
    ) -> None:
        """In one go: term and vote; for each change, cut the entries from its first index on and put its entries there;
        and a snapshot, if there is a new one, which takes the place of the entries up to its index."""

    def read(self) -> tuple[int, str | None, int, Sequence[Entry], Snapshot | None]:
        """(term, vote, index before the first entry, entries, snapshot)."""

    def wipe(self) -> None:
        """Lose everything."""

    def claim(self, owner: str) -> None:
        """Belong to this peer of this group from now on; raises where it belongs to another one."""

    def begin(self, least: int) -> int:
        """Another life of its peer begins: its number, above ``least`` and above all former ones, a wipe or not.

        Commands carry it in their identity, so that those of a former life are not taken for them (diss. 6.3)."""

    def close(self) -> None:
        """Let go of it."""


_DISK = [name for name in vars(LogStorage) if not name.startswith("_")]


def checked_disk(disk: Any, taken: str) -> LogStorage:
    """``disk``, if it has all that a peer asks of it; ``taken`` says where it was given, and what is taken there."""
    if isinstance(disk, type):
        raise TypeError(f"{taken}, not the class {disk.__name__}: write {disk.__name__}(...), with brackets")
    if not all(callable(getattr(disk, name, None)) for name in _DISK):
        raise TypeError(f"{taken}, not {disk!r}")
    return disk  # type: ignore[no-any-return]


class MemoryLog:
    """The default disk: in memory, so it is as fast as the simulation, and it outlives a kill but not the notebook."""

    __slots__ = ("_base", "_entries", "_lives", "_owner", "_snapshot", "_term", "_vote")

    def __init__(self) -> None:
        self._term = 0
        self._vote: str | None = None
        self._base = 0
        self._entries: list[Entry] = []
        self._snapshot: Snapshot | None = None
        self._owner: str | None = None
        self._lives = 0

    def write(
        self,
        term: int,
        vote: str | None,
        changes: Sequence[tuple[int, Sequence[Entry]]],
        snapshot: Snapshot | None,
    ) -> None:
        """See ``LogStorage``."""
        self._term, self._vote = term, vote
        entries = self._entries
        for first, new in changes:
            place = first - self._base - 1
            if place < len(entries):
                del entries[place:]
            entries.extend(new)
        if snapshot is not None:
            keep = snapshot.index - self._base
            if 0 < keep <= len(entries) and entries[keep - 1][0] == snapshot.index_term:
                del entries[:keep]
            else:
                entries.clear()
            self._snapshot, self._base = snapshot, snapshot.index

    def read(self) -> tuple[int, str | None, int, Sequence[Entry], Snapshot | None]:
        """See ``LogStorage``."""
        return self._term, self._vote, self._base, list(self._entries), self._snapshot

    def wipe(self) -> None:
        """See ``LogStorage``."""
        self._term, self._vote, self._base, self._entries, self._snapshot = 0, None, 0, [], None

    def claim(self, owner: str) -> None:
        """See ``LogStorage``."""
        if self._owner not in (None, owner):
            raise ValueError(f"{self!r} is the disk of {self._owner}, not of {owner}: give this peer one of its own")
        self._owner = owner

    def begin(self, least: int) -> int:
        """See ``LogStorage``."""
        self._lives = max(self._lives, least) + 1
        return self._lives

    def close(self) -> None:
        """Nothing is held open."""

    def __repr__(self) -> str:
        return f"MemoryLog({len(self._entries)} entries, term {self._term})"
