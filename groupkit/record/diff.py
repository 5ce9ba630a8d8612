"""Where two runs part: the first thing that one recording says and the other does not."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from groupkit.record.digest import WALL, Texts
from groupkit.record.recorder import Recorder, delays
from groupkit.record.sentences import sentence


@dataclass(frozen=True, slots=True, repr=False)
class Difference:
    """The first difference of two runs, at ``time`` (virtual seconds); true if there is one.

    ``ours`` and ``theirs`` are sentences; empty where that run says nothing more.
    """

    time: float
    ours: str
    theirs: str

    def __bool__(self) -> bool:
        return bool(self.ours or self.theirs)

    def __repr__(self) -> str:
        return f"<Difference: {self}>"

    def __str__(self) -> str:
        if not self:
            return "the two runs do not differ"
        ours, theirs = self.ours or "nothing more", self.theirs or "nothing more"
        return f"from {self.time:.6g} s on the one says {ours!r}, the other {theirs!r}"


SAME = Difference(math.inf, "", "")
Step = tuple[float, str, Any]  # (time, canonical text, what to make a sentence of)


def difference(ours: Recorder, theirs: Recorder, *, until: float = math.inf) -> Difference:
    """The first difference up to and at ``until``. Rows about wall time do not count; what was let go of cannot."""
    rows = _first(_rows(ours, until), _rows(theirs, until), _row_text)
    messages = _first(_messages(ours, until), _messages(theirs, until), str)
    return min(rows, messages, key=lambda found: found.time)


def _first(ours: Iterable[Step], theirs: Iterable[Step], text: Any) -> Difference:
    for one, other in zip_longest(ours, theirs):
        if one is None or other is None or one[1] != other[1]:
            time = min(step[0] for step in (one, other) if step is not None)
            return Difference(time, "" if one is None else text(one[2]), "" if other is None else text(other[2]))
    return SAME


def _rows(recorder: Recorder, until: float) -> Iterator[Step]:
    texts = Texts()
    for row in recorder.rows:
        if row[0] <= until and row[1] not in WALL:
            yield row[0], texts.row(row), row


def _messages(recorder: Recorder, until: float) -> Iterator[Step]:
    texts, planned = Texts(), _planned(recorder)
    for number, sent, arrival, src, dst, message in recorder.messages:
        if sent <= until:
            arrival = planned.get(number, arrival)
            text = f"{number} {sent!r} {arrival!r} {src} {dst} {texts.message(message)}"
            yield sent, text, f"{src} to {dst} at {sent:.6f} s: {message.brief()}"


def _planned(recorder: Recorder) -> dict[int, float]:
    """When those that were delayed on their way would have arrived: that they were is a step of its own, later."""
    planned: dict[int, float] = {}
    for _, number, before, _ in delays(recorder.rows):
        planned.setdefault(number, before)
    return planned


def _row_text(row: tuple[Any, ...]) -> str:
    return str(sentence(row))
