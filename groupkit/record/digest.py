"""One number for a whole run: equal runs have equal digests, in any process, under any hash seed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from groupkit.record.recorder import Recorder, Row
from groupkit.record.saved import said
from groupkit.record.values import PLAIN, show

WALL = frozenset({"stall", "pace"})  # rows about the notebook's clock: the run itself does not depend on them
BATCH = 4096


def digest(recorder: Recorder) -> str:
    """SHA-256 of all rows, messages and fates in their canonical text, 64 hex digits.

    Left out is what speaks of wall time (stalls, changes of pace): a run that was watched live and the same run
    played again as fast as possible have one digest.
    """
    total = hashlib.sha256()
    for piece in in_pieces(lines(recorder)):
        total.update(piece)
    return total.hexdigest()


def in_pieces(lines: Iterable[str]) -> Iterator[bytes]:
    """Many lines at a time, as bytes: one by one they would cost more than what is done with them."""
    lines = iter(lines)
    while batch := list(islice(lines, BATCH)):
        yield "".join(batch).encode()


def lines(recorder: Recorder) -> Iterator[str]:
    """The canonical text, a line for each row, message and fate, in this order."""
    texts = Texts()
    for row in recorder.rows:
        if row[1] not in WALL:
            yield f"row {texts.row(row)}\n"
    for number, sent, arrival, src, dst, message in recorder.messages:
        yield f"message {number} {sent!r} {arrival!r} {str(src)!r} {str(dst)!r} {texts.message(message)}\n"
    for number, (fate, time) in sorted(recorder.fates.items()):
        yield f"fate {number} {fate} {time!r}\n"


class Texts:
    """``show`` with a memory: one entry, one message travels in many rows. Objects are alive here, so ids are names."""

    def __init__(self) -> None:
        self._known: dict[int, str] = {}
        self._last: tuple[Any, str] = (None, "")  # messages that share one object were sent one after another

    def show(self, value: Any) -> str:
        kind = type(value)
        if kind is tuple or kind is list:
            return f"({self.join(value)})"
        text = self._known.get(id(value))
        if text is None:
            text = self._known[id(value)] = show(value)
        return text

    def join(self, values: Iterable[Any]) -> str:
        return ", ".join([repr(v) if type(v) in PLAIN else self.show(v) for v in values])

    def row(self, row: Row) -> str:
        """As ``join``. Entries of a log are the same objects in the rows of all peers: each is shown once."""
        if row[1] != "log":
            return self.join(row)
        return ", ".join([self.join(row[:4]), self._once(row[4], self._entries), self.join(row[5:])])

    def _entries(self, entries: Iterable[Any]) -> str:
        return f"({', '.join([self._once(entry, self.show) for entry in entries])})"

    def _once(self, value: Any, text_of: Callable[[Any], str]) -> str:
        text = self._known.get(id(value))
        if text is None:
            text = self._known[id(value)] = text_of(value)
        return text

    def message(self, message: Any) -> str:
        last, text = self._last
        if message is not last:
            fields = said(message)
            text = f"{message.kind} {message.term} {','.join(fields)}={self.join(fields.values())}"
            self._last = (message, text)
        return text
