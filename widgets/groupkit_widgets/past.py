"""What a page asks for when somebody looks back: rows older than it holds, messages and ballots of a stretch."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from groupkit.record.ballots import with_ballots
from groupkit.record.recorder import delays
from groupkit.record.telling import SENT
from groupkit.record.waits import with_timers
from groupkit.record.wires import Wires
from groupkit_widgets.told import Base, message_told, row_told, watched

if TYPE_CHECKING:
    from groupkit import Network

ROWS_A_PIECE = 4000  # what one message holds: a kernel that sends it is back at the group soon
ROWS_BEFORE = 2000  # so many more than were asked for: who looks back looks a little further soon
MESSAGES_A_PIECE = 2000
ROWS_AROUND = 1000  # on either side of the moment whose ballots are told
MESSAGES_AROUND = 5000  # likewise: so many are looked through for answers to candidates
AROUND = 2.0  # virtual seconds of messages before the moment that is looked at


def rows(network: Network, wanted: float, until: float) -> Iterator[dict[str, Any]]:
    """All rows from before ``wanted`` up to and at ``until`` (virtual seconds), in pieces: the first with how things
    stood before it, the last marked so."""
    recorder = network.recorder
    kept = recorder.rows
    end = bisect_right(kept, round(until, 6), key=lambda row: round(row[0], 6))
    first = bisect_left(kept, wanted, hi=end, key=lambda row: row[0])
    first = max(0, first - ROWS_BEFORE)
    names = sorted(str(name) for name in recorder.meta["peers"])
    wires = Wires(names, recorder.meta["latency"])
    bases = {name: Base.unbonded(name, names) for name in names}
    for row in kept[:first]:
        if row[2] in bases:
            bases[row[2]].take(row)
        wires.take(row)
    piece: dict[str, Any] = {
        "k": "past",
        "base": {name: base.plain() for name, base in bases.items()},
        "wires": wires.told(),
        "since": 0.0 if first == 0 and not recorder.dropped_rows else kept[first][0] if first < len(kept) else 0.0,
        "until": until,
    }
    chosen = kept[first:end]  # of its own: the recorder may let go of some meanwhile
    since = chosen[0][0] if chosen else until
    timed = with_timers(chosen, recorder, since, until + 5e-7, watched(bases))  # it came rounded
    last = False
    while not last:
        told: list[Any] = []
        some = list(islice(timed, ROWS_A_PIECE))
        last = len(some) < ROWS_A_PIECE
        for row in some:
            if row[1] in SENT or row[1] == "timer":
                told.append(row_told(row))
            if wires.take(row):
                told.append([round(row[0], 6), "wires", None, wires.told()])
        yield {**piece, "rows": told, "last": last}
        piece = {"k": "past"}


def mail(network: Network, wanted: float) -> dict[str, Any]:
    """The messages about a moment: those sent from a little before it on, and what became of them."""
    recorder = network.recorder
    sent = recorder.messages
    first = bisect_left(sent, wanted - AROUND, key=lambda one: one[1])
    place = bisect_left(sent, wanted, key=lambda one: one[1])
    first = max(first, place - MESSAGES_A_PIECE // 2)
    chosen = sent[first : first + MESSAGES_A_PIECE]
    last = first + len(chosen)
    numbers = {one[0] for one in chosen}
    fates = [[one[0], *recorder.fates[one[0]]] for one in chosen if one[0] in recorder.fates]
    return {
        "k": "mail",
        "from": chosen[0][1] if chosen and (first or recorder.dropped_messages) else 0.0,
        "to": sent[last][1] if last < len(sent) else None,
        "msgs": [message_told(one, False) for one in chosen],
        "fates": fates,
        "late": [[number, time, *ends] for time, number, *ends in delays(recorder.rows) if number in numbers],
    }


def ballots(network: Network, wanted: float, peers: Iterable[str]) -> dict[str, Any]:
    """What candidates had heard when, about a moment: rows ``[time, "ballot", peer, [pre-vote?, for, against]]``.

    ``peers``: who stands at that moment; each of them has a row up to it, with None where the recorder no longer knows.
    """
    recorder = network.recorder
    rows, sent, now = recorder.rows, recorder.messages, network.clock.now
    place = bisect_right(rows, wanted + 5e-7, key=lambda row: row[0])  # it came rounded
    first, last, high = max(0, place - ROWS_AROUND), min(place + ROWS_AROUND, len(rows)), now
    middle = bisect_right(sent, wanted, key=lambda one: one[1])
    if middle > MESSAGES_AROUND:
        first = max(first, bisect_left(rows, sent[middle - MESSAGES_AROUND][1], hi=place, key=lambda row: row[0]))
    if middle + MESSAGES_AROUND < len(sent):
        high = sent[middle + MESSAGES_AROUND][1]
    if last < len(rows):
        high = min(high, rows[last][0])
    first = min(first, _standing_since(rows, place, set(peers)))
    stretch = [row for row in rows[first:last] if row[0] <= high]
    told = [[round(row[0], 6), *row[1:]] for row in with_ballots(stretch, recorder, high) if row[1] == "ballot"]
    low = min(wanted, round(stretch[0][0], 6)) if stretch else wanted
    known = {row[2] for row in told if row[0] <= wanted}
    unknown = [[low, "ballot", peer, None] for peer in peers if peer not in known]
    return {"k": "ballots", "from": low, "to": max(wanted, high), "rows": [*unknown, *told]}


def _standing_since(rows: list[Any], place: int, peers: set[str]) -> int:
    """The place from which on, up to ``place``, each of these peers has stood for election; 0 where it is forgotten."""
    while place and peers:
        place -= 1
        if rows[place][1] == "election":
            peers.discard(rows[place][2])
    return place


def oldest(network: Network) -> float:
    """How far back the recorder remembers, in virtual seconds."""
    recorder = network.recorder
    return float(recorder.rows[0][0]) if recorder.dropped_rows and recorder.rows else 0.0
