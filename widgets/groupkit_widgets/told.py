"""A peer, a row, a message as the plain lists that a page is told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from groupkit.record.recorder import Row, Sent, carried, kind_of
from groupkit.record.telling import ENTRIES_SENT, entry_of, said
from groupkit.record.waits import Watched

Told = dict[str, Any]


class Base:
    """One peer as it was when the rows of a fresh picture begin."""

    __slots__ = (
        "committed", "entries", "frozen", "last", "leader", "lost", "online", "rate", "role", "term",
    )  # fmt: skip

    def __init__(self) -> None:
        self.role, self.term, self.leader = "follower", 0, None
        self.committed = self.last = 0
        self.online = self.frozen = False
        self.rate = 1.0  # of its clock
        self.lost: set[str] = set()
        self.entries: list[Any] = []

    @classmethod
    def unbonded(cls, name: str, names: Iterable[str]) -> Base:
        """At the beginning, when it is bonded with nobody."""
        base = cls()
        base.lost = {other for other in names if other != name}
        return base

    def take(self, row: Row) -> None:
        """Fold one more row."""
        kind = row[1]
        if kind == "state":
            self.role, self.term, self.leader = row[3], row[4], row[5]
        elif kind == "committed":
            self.committed = row[3]
        elif kind == "log":
            self._log(row[3], row[4], row[6])
        elif kind == "bond":
            self.lost.discard(row[3]) if row[4] else self.lost.add(row[3])
        elif kind == "online":
            self.online = row[3]
        elif kind == "fault" and row[3] in ("freeze", "thaw", "kill"):
            self.frozen = row[3] == "freeze"
        elif kind == "fault" and row[3] == "drift":
            self.rate = row[4][0]

    def _log(self, start: int, entries: Sequence[Any], last: int) -> None:
        gone = self.last + 1 - start
        if gone > 0:
            del self.entries[-gone:]
        self.entries = [*self.entries, *entries][-ENTRIES_SENT:]
        self.last = last

    def plain(self) -> Told:
        """As the picture's own peer."""
        return {
            "role": self.role,
            "term": self.term,
            "leader": self.leader,
            "committed": 0 if self.role == "down" else self.committed,
            "online": self.online,
            "frozen": self.frozen,
            "base": self.last - len(self.entries),
            "entries": entries_told(self.entries),
            "last": self.last,
            "lost": sorted(self.lost),
        }


def watched(bases: Mapping[str, Base]) -> dict[str, Watched]:
    """How the peers stand, as far as their election timers go."""
    return {name: Watched(base.role, base.rate) for name, base in bases.items()}


def row_told(row: Row) -> list[Any]:
    """A row of a kind that pictures are told; of a long batch of entries its end."""
    if row[1] == "timer":
        due, longest = row[3]
        return [round(row[0], 6), "timer", row[2], [None, round(due, 4), round(longest, 4)]]
    if row[1] != "log":
        return [round(row[0], 6), *row[1:]]
    time, kind, peer, start, entries, term, index = row
    skipped = max(0, len(entries) - ENTRIES_SENT)
    return [round(time, 6), kind, peer, start, skipped, entries_told(entries[skipped:]), term, index]


def entries_told(entries: Iterable[Any]) -> list[Any]:
    """Entries of a log as [term, text]."""
    return [list(entry_of(entry)) for entry in entries]


def sentence_told(row: Row) -> list[Any]:
    """[time, kind, whom it is about, sentence, term]."""
    about, text, term = said(row)
    return [round(row[0], 6), row[1], about, text, term]  # as its row: a click on it looks at that very moment


def message_told(one: Sent, brief: bool) -> list[Any]:
    """[number, sent, arrival, source, destination, kind, term, answer, entries, what it says (if ``brief``)]."""
    number, time, arrival, src, dst, message = one
    good = getattr(message, "granted", getattr(message, "ok", None))
    says = message.brief() if brief else ""
    return [number, time, arrival, src, dst, kind_of(message), message.term, good, carried(message), says]
