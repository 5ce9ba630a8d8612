"""What became of each submission. Plain Python, for frames, pictures and pages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from groupkit.record.recorder import Row
from groupkit.record.sentences import some

OUTCOMES = ("pending", "committed", "lost", "unknown", "offline", "reverted")


class Submission:
    """One ``execute`` or ``feed``, of one command or many, as its origin saw it. Virtual seconds, None: never."""

    __slots__ = (
        "command",
        "committed",
        "count",
        "ident",
        "index",
        "indexed",
        "origin",
        "outcome",
        "submitted",
        "term",
        "why",
    )

    def __init__(self, ident: int, origin: str, submitted: float | None, count: int, command: str) -> None:
        self.ident, self.origin, self.submitted, self.count, self.command = ident, origin, submitted, count, command
        self.indexed: float | None = None
        self.committed: float | None = None
        self.term = 0  # 0: it has no place in the log yet
        self.index = 0
        self.outcome = "pending"
        self.why = ""

    def take(self, time: float, what: str, info: Any) -> None:
        """The next thing that happened to it."""
        if what in ("indexed", "committed"):
            self.term, self.index, self.count = info
        if what == "indexed":
            self.indexed = time
        elif what == "committed":
            self.committed = time
            if self.indexed is None:
                self.indexed = time
        acknowledged = self.outcome == "committed"  # from then on only a bonded group can take it back
        if what in OUTCOMES and (what == "reverted" or not acknowledged):
            self.outcome = what
            self.why = "" if what == "committed" or info is None else str(info)


def submissions(rows: Iterable[Row]) -> list[Submission]:
    """Every submission, in order. Of one whose beginning the recorder let go of, ``submitted`` is None."""
    found: dict[int, Submission] = {}
    for row in rows:
        if row[1] != "command":
            continue
        time, _, peer, ident, what, info = row
        if what == "submitted":
            found[ident] = Submission(ident, peer, time, info[0], some(info[1]))
            continue
        if ident not in found:
            found[ident] = Submission(ident, peer, None, 1, "")
        found[ident].take(time, what, info)
    return list(found.values())
