"""The log: entries behind a base that a snapshot may have swallowed. Indexes count from 1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final


class Stamp(int):
    """The term of an entry under bonded quorum, where two leaders may have the same one: it knows whose term it is.

    Only then do equal stamps at equal indexes mean equal logs up to there. It orders as the plain term.
    """

    leader: str

    def __new__(cls, term: int, leader: str) -> Stamp:
        stamp = super().__new__(cls, term)
        stamp.leader = leader
        return stamp

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Stamp) and other.leader != self.leader:
            return False
        return isinstance(other, int) and int(self) == int(other)

    def __ne__(self, other: object) -> bool:  # int has one of its own, which knows no leader
        return not self == other

    __hash__ = int.__hash__

    def __repr__(self) -> str:
        return f"{int(self)}@{self.leader}"

    def __reduce__(self) -> tuple[Any, ...]:
        return Stamp, (int(self), self.leader)


Ident = tuple[str, int]  # (client, its serial number): the identity of a forwarded command (diss. 6.3)
Entry = tuple[int, Any, Ident | None]  # (term, command, identity)


class _Blank:
    """The no-op of a new leader: it is committed like a command and applied to nothing (Raft 8)."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "BLANK"

    def __reduce__(self) -> str:
        return "BLANK"


BLANK: Final = _Blank()
SLICE: Final = 1024  # entries in one message at most: a peer that is far behind catches up in visible steps


class Log:
    """The entries of one peer. ``last`` and ``last_term`` describe the newest; ``base`` is the last one pruned away."""

    __slots__ = ("_known", "_seen", "base", "base_term", "entries", "last", "last_term", "past", "pruned")

    def __init__(self) -> None:
        self.base = 0
        self.base_term = 0
        self.entries: list[Entry] = []
        self.last = 0
        self.last_term = 0
        self.pruned: dict[str, Known] = {}  # as ``latest``, but of the entries up to ``base`` alone
        self.past: Runs = ()  # as ``runs``, but of the entries up to ``base`` alone
        self._known: dict[str, Known] = {}  # what ``latest`` found up to the index ``_seen``
        self._seen = 0

    def term_at(self, index: int) -> int:
        """The term of the entry at ``index``; 0 at index 0; -1 where the log has nothing (or no longer)."""
        if self.base < index <= self.last:
            return self.entries[index - self.base - 1][0]
        return self.base_term if index == self.base else -1

    def entry(self, index: int) -> Entry:
        """The entry at ``index``, which must be there."""
        return self.entries[index - self.base - 1]

    def slice(self, first: int, most: int = SLICE) -> Sequence[Entry]:
        """Up to ``most`` entries from ``first`` on, by reference."""
        if first > self.last:
            return ()
        start = first - self.base - 1
        return tuple(self.entries[start : start + most])

    def extend(self, entries: Sequence[Entry]) -> None:
        """Put ``entries`` behind the last one."""
        if not entries:
            return
        self.entries.extend(entries)
        self.last += len(entries)
        self.last_term = entries[-1][0]

    def cut(self, first: int) -> None:
        """Remove the entry at ``first`` and all behind it."""
        del self.entries[first - self.base - 1 :]
        self.last = first - 1
        self.last_term = self.term_at(self.last)
        if self._seen > self.last:
            self._known = dict(self.pruned)
            self._seen = self.base

    @property
    def latest(self) -> dict[str, Known]:
        """Client -> (its last serial number in this log, index, term). Brought up to date only when looked at."""
        if self._seen < self.last:
            for place in range(self._seen - self.base, len(self.entries)):
                term, _, ident = self.entries[place]
                if ident is not None:
                    self._known[ident[0]] = (ident[1], self.base + place + 1, term)
            self._seen = self.last
        return self._known

    def first_of_term(self, index: int) -> int:
        """The first index of the run of entries with the same term that ends at ``index``."""
        term, entries, place = self.term_at(index), self.entries, index - self.base
        while place > 1 and entries[place - 2][0] == term:
            place -= 1
        return self.base + max(place, 1)

    def last_of_term(self, term: int, before: int) -> int:
        """The last index up to ``before`` whose entry has ``term``; 0 if there is none."""
        for index in range(min(before, self.last), self.base, -1):
            at = self.entries[index - self.base - 1][0]
            if at == term:
                return index
            if at < term:
                break
        return 0

    def up_to_date(self, last_term: int, last_index: int) -> bool:
        """Whether a log that ends so is at least as up to date as this one: by term, then by length (Raft 5.4.1)."""
        return (int(last_term), last_index) >= (int(self.last_term), self.last)

    def find(self, ident: Ident) -> tuple[int, int] | None:
        """(term, index) of the command with this identity, or None: it is not in this log."""
        newest = self.latest.get(ident[0])
        if newest is None or newest[0] < ident[1]:
            return None
        if newest[0] == ident[1]:
            return newest[2], newest[1]
        for place in range(len(self.entries) - 1, -1, -1):
            if self.entries[place][2] == ident:
                return self.entries[place][0], self.base + place + 1
        return None

    def runs(self, last: int) -> Runs:
        """The terms of all entries up to ``last``, those pruned away included."""
        found = list(upto(self.past, last))
        for place in range(min(last, self.last) - self.base):
            term = self.entries[place][0]
            if found and found[-1][1] == term:
                found.pop()
            found.append((self.base + place + 1, term))
        return tuple(found)

    def stamp_at(self, index: int) -> int:
        """As ``term_at``, for pruned entries too; -1 where nothing is known."""
        if index >= self.base or index <= 0:
            return self.term_at(index) if index else 0
        return next((term for end, term in self.past if index <= end), -1)

    def prune(self, index: int) -> None:
        """Forget the entries up to ``index``: a snapshot holds what they did (Raft 7)."""
        term = self.term_at(index)
        self.past = self.runs(index)
        self.latest  # noqa: B018 - up to date before entries go
        for place in range(index - self.base):
            at, _, ident = self.entries[place]
            if ident is not None:
                self.pruned[ident[0]] = (ident[1], self.base + place + 1, at)
        del self.entries[: index - self.base]
        self.base, self.base_term = index, term

    def restart_at(self, index: int, term: int, latest: dict[str, Known], past: Runs = ()) -> None:
        """Forget everything; the log goes on behind a snapshot of ``index`` and ``term``."""
        self.entries.clear()
        self.past = upto(past, index)
        self.base = self.last = index
        self.base_term = self.last_term = term
        self.pruned = dict(latest)
        self._known = dict(latest)
        self._seen = index


Known = tuple[int, int, int]  # (serial number, index, term)
Runs = tuple[tuple[int, int], ...]  # (index of the last entry of a run, its term), from index 1 on


def upto(runs: Runs, last: int) -> Runs:
    """The part of ``runs`` up to the index ``last``."""
    kept = tuple(run for run in runs if run[0] < last)
    return (*kept, (last, runs[len(kept)][1])) if len(kept) < len(runs) and last else kept


def shared(one: Runs, other: Runs) -> int:
    """Up to which index two logs are equal; 0: nowhere. Equal terms at an index mean equal logs to there (Raft 5.3)."""
    agreed = 0
    for (end, term), (other_end, other_term) in zip(one, other):
        if term != other_term:
            break
        agreed = min(end, other_end)
        if end != other_end:
            break
    return agreed
