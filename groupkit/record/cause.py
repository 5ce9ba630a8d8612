"""What led to a violation: of everything recorded, the few rows that tell how it came."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from groupkit.record.recorder import Row
from groupkit.record.sentences import sentence
from groupkit.sim.invariants import Breach

MOST, LEAST = 12, 5
MATTER, CAUSE, ASIDE = 3, 2, 1  # how much a row has to do with it


class Event(NamedTuple):
    """Something that happened: ``time`` (virtual seconds), ``kind`` of row, ``peer`` (None: the world), a sentence."""

    time: float
    kind: str
    peer: str | None
    text: str

    def __str__(self) -> str:
        return f"{self.time:.3f} s: {self.text}"


def cause(rows: Sequence[Row], breach: Breach) -> tuple[Event, ...]:
    """The events that led to ``breach``, in order; ``rows`` are those before it.

    Chosen are, of the peers concerned and of whoever committed that index first: who wrote and committed what at that
    index, the votes and reigns of that term, and the faults that befell them. At most 12; fewer than 5 are filled up
    with the latest other rows of these peers.
    """
    weighed = list(_weighed(rows, breach))
    found = [place for place, weight in weighed if weight == MATTER][-MOST:]
    found += [place for place, weight in weighed if weight == CAUSE][len(found) - MOST :] if len(found) < MOST else []
    if len(found) < LEAST:
        found += [place for place, weight in weighed if weight == ASIDE][len(found) - LEAST :]
    return tuple([Event(float(row[0]), row[1], row[2], sentence(row)) for row in map(rows.__getitem__, sorted(found))])


def _weighed(rows: Sequence[Row], breach: Breach) -> Iterator[tuple[int, int]]:
    who = {*breach.peers, *_first_to_commit(rows, breach.index)}
    reached: dict[str, int] = {}  # peer -> its committed index
    for place, row in enumerate(rows):
        if row[1] == "committed":
            before, reached[row[2]] = reached.get(row[2], 0), row[3]
            if row[2] in who:
                yield place, MATTER if before < breach.index <= row[3] else ASIDE
        else:
            weight = _weight(row, who, breach)
            if weight:
                yield place, weight


def _first_to_commit(rows: Sequence[Row], index: int) -> Iterator[str]:
    if index:
        first = next((row[2] for row in rows if row[1] == "committed" and row[3] >= index), None)
        if first is not None:
            yield first


def _weight(row: Row, who: set[str], breach: Breach) -> int:
    _, kind, peer, *details = row
    if kind == "fault":
        named = {peer, *(name for name in details[1] if isinstance(name, str))}
        return CAUSE if details[0] == "partition" or named & who else 0
    if kind == "vote" and details[0] in breach.peers and peer not in breach.peers:
        return MATTER if details[1] == breach.term and details[3] and not details[2] else 0  # who elected them
    if peer not in who:
        return 0
    if kind == "log":
        first, entries = details[:2]
        touched = first <= breach.index and (not entries or breach.index < first + len(entries))
        return MATTER if breach.index and touched else ASIDE
    if kind == "vote":
        return (MATTER if details[1] == breach.term else CAUSE) if details[3] and not details[2] else ASIDE
    if kind == "state":
        return MATTER if details[:2] == ["leader", breach.term] else CAUSE if details[0] == "leader" else ASIDE
    if kind == "election":
        return ASIDE if details[1] else CAUSE
    return {"unseated": CAUSE, "applied": CAUSE, "rivals": CAUSE, "online": 0, "query": 0, "answer": 0}.get(kind, ASIDE)
