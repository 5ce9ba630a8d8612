"""How things stand after rows that are about to be forgotten, said in a few rows that stay."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from groupkit.record.faults import faults
from groupkit.record.recorder import Row
from groupkit.record.wires import Wires

ORDER = ("log", "committed", "state", "online", "bond")  # an index is told before a fall: who is down moves no more


def standing(rows: Sequence[Row], peers: Sequence[str], time: float) -> list[Row]:
    """What still holds after ``rows``, as rows of the moment ``time`` (virtual seconds): each peer's state, committed
    index, log position and bonds, the faults that are not undone, and how links and clocks are set. Of a log only its
    end is told: the entries themselves are forgotten."""
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
    mended = _mended(rows, broken, peers, time)
    return [*held, *broken, *mended, *((time, *row[1:]) for row in _settings(rows))]


def _mended(rows: Sequence[Row], broken: Sequence[Row], peers: Sequence[str], time: float) -> Iterator[Row]:
    """Of faults that hold in part: the links of them that were healed, one by one."""
    truly, told = Wires(peers, (0.0, 0.0)), Wires(peers, (0.0, 0.0))
    for row in rows:
        truly.take(row)
    for row in broken:
        told.take(row)
    for a, b in sorted({(min(pair), max(pair)) for pair in told.cut.keys() - truly.cut.keys()}):
        yield time, "fault", a, "heal", (b,)
        for src, dst in ((a, b), (b, a)):
            if (src, dst) in truly.cut:
                yield time, "fault", src, "cut", (dst, "one way")


def _settings(rows: Sequence[Row]) -> list[Row]:
    """How links and clocks were set last: a later latency of all links takes the place of earlier ones of some."""
    newest: dict[tuple[Any, ...], Row] = {}
    for row in rows:
        if row[1] != "fault":
            continue
        peer, verb, args = row[2:5]
        if verb == "set_latency":
            newest = {key: other for key, other in newest.items() if key[-1] != "latency"}
            newest["latency",] = row
        elif verb == "link" or verb == "drift":
            key = (peer, *args[:2]) if verb == "link" else (peer, verb)
            newest.pop(key, None)  # the newest comes last
            if args[-1] != (1.0 if verb == "drift" else 0.0):
                newest[key] = row
    return list(newest.values())
