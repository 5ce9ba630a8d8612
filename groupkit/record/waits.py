"""Election timers as they ran: told between the rows of a run, so that the past shows them as the present does."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from heapq import merge
from typing import Any

from groupkit.record.recorder import Recorder, Row

STILL = frozenset({"leader", "observer", "down"})  # whose timer means nothing


class Watched:
    """One peer as far as its timer goes. ``role``: "" while it is not known yet; ``due``: when its timer runs out."""

    __slots__ = ("due", "rate", "role")

    def __init__(self, role: str = "", rate: float = 1.0) -> None:
        self.role, self.rate = role, rate
        self.due: float | None = None

    @property
    def runs(self) -> bool:
        """Whether its timer is to be shown."""
        return self.due is not None and self.role not in STILL and bool(self.role)


def with_timers(
    rows: Iterable[Row], recorder: Recorder, start: float, end: float, peers: Mapping[str, Watched] | None = None
) -> Iterator[Row]:
    """``rows`` (in order, from ``start`` to ``end``, virtual seconds), and between them
    ``(time, "timer", peer, (due, longest))`` where an election timer began anew, or begins to mean something: when it
    runs out, and how long it could be at most, in seconds. ``peers``: how they stood before the first row."""
    watched = {peer: Watched() for peer in recorder.waits} | dict(peers or {})
    for peer, (_, times) in recorder.waits.items():
        place = bisect_right(times[::2], start)
        watched[peer].due = times[2 * place - 1] if place else None
    for peer, one in watched.items():
        if one.runs:
            yield _told(recorder, start, peer, one)
    begun = [_begun(recorder, peer, start, end) for peer in recorder.waits]
    for row in merge(*begun, rows, key=lambda row: row[0]):  # of one moment: the timers first, as it happens
        if row[1] == "begun":
            one = watched[row[2]]
            one.due = row[3]
            if one.runs:
                yield _told(recorder, row[0], row[2], one)
            continue
        yield row
        if row[2] in watched and _changes(row, watched[row[2]]):
            yield _told(recorder, row[0], row[2], watched[row[2]])


def _changes(row: Row, one: Watched) -> bool:
    """Fold a row; whether the timer is to be told anew."""
    ran = one.runs
    if row[1] == "state":
        one.role = row[3]
        return one.runs and not ran
    if row[1] == "fault" and row[3] == "drift":
        one.rate = row[4][0]
        return one.runs
    return False


def _begun(recorder: Recorder, peer: str, start: float, end: float) -> Iterator[Row]:
    times = recorder.waits[peer].times
    began, dues = times[::2], times[1::2]
    for place in range(bisect_right(began, start), bisect_right(began, end)):
        yield began[place], "begun", peer, dues[place]


def _told(recorder: Recorder, time: float, peer: str, one: Watched) -> Row:
    config: dict[str, Any] = recorder.meta["config"]
    longest = config["election_timeout"] + config["election_timeout_jitter"]
    return time, "timer", peer, (one.due, longest * recorder.waits[peer].factor / one.rate)


def newest_from(recorder: Recorder, end: float, most: int) -> float:
    """The moment from which on at most ``most`` timers began anew up to ``end``."""
    found: list[float] = []
    for waits in recorder.waits.values():
        began = waits.times[::2]
        place = bisect_right(began, end)
        found += began[max(0, place - most - 1) : place]
    found.sort()
    return found[-most] if len(found) > most else 0.0
