"""What a user hands in at a peer's desk, and what is said of it in the end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class Submission:
    """Commands handed in together. ``end(outcome, why)`` is called once: committed, lost, unknown or offline;
    ``indexed(term, index)`` when a leader gave them their indexes."""

    __slots__ = ("commands", "index", "kept", "last", "last_sent", "number", "sent", "serial", "term")

    def __init__(self, number: int, commands: Sequence[Any]) -> None:
        self.number = number
        self.commands = commands
        self.serial = 0  # of the first command, among those of this client
        self.term = 0
        self.index = 0  # of the first command; 0: none yet
        self.last = 0  # of the last one
        self.sent = 0  # in how many terms a leader may have seen it
        self.last_sent = 0  # the newest of those terms
        self.kept = 0  # of a lost batch: so many of its first commands are committed nevertheless

    def end(self, outcome: str, why: str) -> None:
        """The fate is certain (or certainly unknown)."""

    def indexed(self, term: int, index: int) -> None:
        """A leader of ``term`` gave the commands their indexes, from ``index`` on."""
        self.term, self.index, self.last = term, index, index + len(self.commands) - 1


class Reading:
    """A strong query on its way to a read index (diss. 6.4)."""

    __slots__ = ("index", "number")

    def __init__(self, number: int) -> None:
        self.number = number
        self.index = -1

    def ready(self) -> None:
        """Everything up to the read index is applied: the query may run now."""

    def fail(self, why: str) -> None:
        """No leader would confirm it."""
