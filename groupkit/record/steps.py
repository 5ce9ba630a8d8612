"""Numbers that change in steps: a peer's committed index or log length. Plain Python, for frames and plots."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from groupkit.record.recorder import Row


class Steps(NamedTuple):
    """A step line: ``values[i]`` holds from ``times[i]`` (virtual seconds, strictly rising) until ``times[i + 1]``."""

    times: list[float]
    values: list[int]

    def at(self, time: float) -> int:
        """The value at ``time``; 0 before the first."""
        place = bisect_right(self.times, time)
        return self.values[place - 1] if place else 0

    def put(self, time: float, value: int) -> None:
        """Go to ``value`` at ``time``. Of several changes at one instant the last counts, but a step down is never
        swallowed by what follows it: the later change moves on by the smallest time there is."""
        times, values = self.times, self.values
        if values[-1] == value:
            return
        if time > times[-1]:
            times.append(time)
            values.append(value)
        elif len(values) > 1 and values[-1] < values[-2] and value > values[-1]:
            times.append(math.nextafter(times[-1], math.inf))
            values.append(value)
        else:
            values[-1] = value
            if len(values) > 1 and values[-2] == value:
                del times[-1], values[-1]


def _fresh(peers: Sequence[str], start: float) -> dict[str, Steps]:
    return {peer: Steps([start], [0]) for peer in peers}


def committed_steps(rows: Iterable[Row], peers: Sequence[str], start: float = 0.0) -> dict[str, Steps]:
    """Each peer's committed index. A peer that is down keeps its last one; after its restart it begins again at 0."""
    lines = _fresh(peers, start)
    down: set[str] = set()
    for row in rows:
        kind = row[1]
        if kind == "committed":
            if row[2] not in down:
                lines[row[2]].put(row[0], row[3])
        elif kind == "state":
            if row[3] == "down":
                down.add(row[2])
            elif row[2] in down:
                down.discard(row[2])
                lines[row[2]].put(row[0], 0)
    return lines


def log_steps(
    rows: Iterable[Row], peers: Sequence[str], start: float = 0.0, *, terms: bool = False
) -> dict[str, Steps]:
    """Each peer's last log index (``terms``: the term of that entry instead). A log is a disk: it outlives a kill."""
    lines = _fresh(peers, start)
    place = 5 if terms else 6
    for row in rows:
        if row[1] == "log":
            lines[row[2]].put(row[0], int(row[place]))
    return lines


def steps_down(line: Steps, resets: Iterable[float] = ()) -> list[tuple[float, int, int]]:
    """(time, from, to) of every step down, but for those at the times ``resets`` (a restart's beginning at 0)."""
    skipped = set(resets)
    return [
        (time, before, after)
        for time, before, after in zip(line.times[1:], line.values, line.values[1:])
        if after < before and time not in skipped
    ]


def entries_at(rows: Iterable[Row], peers: Sequence[str], time: float) -> dict[str, list[Any]]:
    """Each peer's log at ``time`` (virtual seconds), from index 1 on: the entries as recorded, (term, command,
    identity), None where the recorder forgot one. Nothing is made for each, as there may be millions."""
    logs: dict[str, list[Any]] = {peer: [] for peer in peers}
    for row in rows:
        if row[0] > time:
            break
        if row[1] != "log":
            continue
        log, first, last = logs[row[2]], row[3] - 1, row[6]
        del log[max(0, first) :]
        log.extend([None] * (first - len(log)))
        log.extend(row[4])
        log.extend([None] * (last - len(log)))
    return logs
