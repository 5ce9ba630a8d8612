"""How things stand after rows that are about to be forgotten, said in a few rows that stay."""

from __future__ import annotations

from collections.abc import Sequence

from groupkit.record.faults import faults
from groupkit.record.recorder import Row

ORDER = ("log", "committed", "state", "online", "bond")  # an index is told before a fall: who is down moves no more


def standing(rows: Sequence[Row], peers: Sequence[str], time: float) -> list[Row]:
    """What still holds after ``rows``, as rows of the moment ``time`` (virtual seconds): each peer's state, committed
    index, log position and bonds, and the faults that are not undone. Of a log only its end is told: the entries
    themselves are forgotten."""
    newest: dict[tuple[str, ...], Row] = {}
    for row in rows:
        kind = row[1]
        if kind == "log":
            newest[kind, row[2]] = (time, kind, row[2], row[6] + 1, (), row[5], row[6])
        elif kind == "bond":
            newest[kind, row[2], row[3]] = (time, *row[1:])
        elif kind in ORDER:
            before = newest.get((kind, row[2]))
            if kind == "state" and before is not None and before[3] == "down" != row[3]:
                newest["committed", row[2]] = (time, "committed", row[2], 0)  # a restarted peer begins again
            newest[kind, row[2]] = (time, *row[1:])
    held = sorted(newest.values(), key=lambda row: ORDER.index(row[1]))
    broken: list[Row] = [(time, "fault", f.peer, f.verb, f.args) for f in faults(rows, peers, time) if f.open]
    return held + broken
