"""A whole run as one piece of plain JSON data, for pictures that play it again without a kernel.

Times are whole microseconds of virtual time; in columns and rows each is written as the difference to the one before.
Peers are places in ``names``. Repeated things (log entries, what messages say) stand in tables and are named by their
place. The reader is ``unpack`` in ``replay_store.js``.

| key | meaning |
|---|---|
| ``rows`` | ``[time, kind, peer, …]`` in order; a log row has ``start, left out, [entries], term, index`` |
|  | a timer row has how long the peer's election timer still runs, and how long it could at most |
| ``messages`` | five columns: ``sent``, ``took`` (null: lost when sent), ``src``, ``dst``, ``what`` |
| ``what`` | ``[kind, term, good, entries, text]``: what a message says |
| ``fates`` | fate → places of the messages that met it |
| ``dropped`` | ``[place, when]``: messages that were dropped on their way, and when |
| ``late`` | ``[place, when, before, after]``: messages that were delayed on their way, when, and their two arrivals |
| ``says`` | ``[time, kind, [peers], sentence, term]`` |
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from groupkit.record import glance
from groupkit.record.ballots import with_ballots
from groupkit.record.recorder import Row, Sent, carried, delays, kind_of
from groupkit.record.standing import standing
from groupkit.record.telling import ENTRIES_SENT, SENT, entry_of, said, worth_saying
from groupkit.record.waits import newest_from, with_timers
from groupkit.record.wires import Wires

if TYPE_CHECKING:
    from groupkit.record.timeline import Timeline

ROWS = 60_000  # of a longer run the newest
MESSAGES = 40_000  # of more than that, heartbeats and their answers are left out, then the oldest
TIMERS = 30_000  # of more election timers the newest
SAYS = 6_000

Told = dict[str, Any]
Fates = dict[int, tuple[str, float]]


def tape(timeline: Timeline) -> Told:
    """The run, up to this moment. What was left out for size is said in ``note``."""
    recorder, peers = timeline.recorder, timeline.peers
    facts = glance.glance(recorder, peers, timeline.start, timeline.end, timeline.note)
    rows: Sequence[Row] = recorder.rows
    start, notes = timeline.start, [timeline.note] if timeline.note else []
    if len(rows) > ROWS:
        cut = len(rows) - ROWS
        start = float(rows[cut][0])
        rows = [*standing(rows[:cut], peers, start), *rows[cut:]]
        notes.append(f"To stay small, this picture begins at {start:.4g} s.")
    sent, left_out = _kept([one for one in recorder.messages if one[1] >= start])
    if left_out:
        notes.append(left_out)
    timed = newest_from(recorder, timeline.end, TIMERS)
    if timed > start:
        notes.append(f"To stay small, it shows election timers from {timed:.4g} s on.")
    packed = _Packed(peers, start)
    return {
        "meta": _meta(timeline),
        "start": packed.micros(start),
        "end": packed.micros(timeline.end),
        "line": facts.line(),
        "note": " ".join(notes),
        "rows": packed.rows(rows, timed, timeline),
        "messages": packed.messages(sent),
        "fates": packed.fates(sent, recorder.fates),
        "dropped": packed.dropped(sent, recorder.fates),
        "late": packed.late(sent, rows),
        "says": packed.says(rows),
        "names": packed.names,
        "entries": list(packed.entries),
        "what": list(packed.what),
    }


def _meta(timeline: Timeline) -> Told:
    meta = timeline.meta
    config = meta.get("config") or {}
    return {
        "peers": list(timeline.peers),
        "voters": [str(name) for name in meta.get("voters") or ()],
        "bonded": meta.get("quorum") == "bonded",
        "off": list(glance.rules_off(meta)),
        "seed": meta.get("seed"),
        "machine": str(meta.get("machine", "")),
        "latency": _latency(timeline),
        "config": {name: value for name, value in config.items() if isinstance(value, int | float)},
    }


def _latency(timeline: Timeline) -> list[float]:
    low, high = timeline.meta.get("latency") or (0.01, 0.01)
    return [float(low), float(high)]


def _kept(sent: list[Sent]) -> tuple[list[Sent], str]:
    """Those that a picture of bearable size can show, and in words what is missing."""
    if len(sent) <= MESSAGES:
        return sent, ""
    told = [one for one in sent if kind_of(one[5]) not in ("heartbeat", "append_reply", "commit")]
    gone = len(sent) - len(told)
    text = f"To stay small, {gone:,} heartbeats and answers to the leader are not drawn"
    if len(told) > MESSAGES:
        told = told[-MESSAGES:]
        text += f", and no messages before {told[0][1]:.4g} s"
    return told, f"{text}."


class _Packed:
    """The tables that grow while a run is packed."""

    def __init__(self, peers: Sequence[str], start: float) -> None:
        self.names = list(peers)
        self.start = start
        self.entries: dict[tuple[int, str], int] = {}
        self.what: dict[tuple[Any, ...], int] = {}
        self._place = {name: place for place, name in enumerate(peers)}

    def name(self, peer: str | None) -> int:
        """The place of a name; -1: the whole world."""
        if peer is None:
            return -1
        if peer not in self._place:  # somebody of another group, greeted in passing
            self._place[str(peer)] = len(self.names)
            self.names.append(str(peer))
        return self._place[peer]

    def micros(self, time: float) -> int:
        return round(time * 1e6)

    def stamp(self) -> Callable[[float], int]:
        """A function of rising times that gives their differences."""
        last = self.micros(self.start)

        def since(time: float) -> int:
            nonlocal last
            passed, last = self.micros(time) - last, self.micros(time)
            return passed

        return since

    # -- rows --------------------------------------------------------------------------------------------------

    def rows(self, rows: Iterable[Row], timed: float, timeline: Timeline) -> list[Any]:
        recorder = timeline.recorder
        wires = Wires(list(timeline.peers), _latency(timeline))
        stamp, found = self.stamp(), []
        told = with_ballots(rows, recorder, timeline.end)
        for row in with_timers(told, recorder, self.start, timeline.end):
            if row[1] in SENT or row[1] == "ballot" or (row[1] == "timer" and row[0] >= timed):
                found.append([stamp(row[0]), row[1], self.name(row[2]), *self._details(row)])
            if wires.take(row):
                found.append([stamp(row[0]), "wires", -1, wires.told()])
        return found

    def _details(self, row: Row) -> Iterable[Any]:
        kind, details = row[1], row[3:]
        if kind == "log":
            start, entries, term, index = details
            left_out = max(0, len(entries) - ENTRIES_SENT)
            places = [self._entry(entry_of(entry)) for entry in entries[left_out:]]
            return start, left_out, places, int(term), index
        if kind == "timer":
            ((due, longest),) = details
            return self.micros(due) - self.micros(row[0]), self.micros(longest)
        if kind == "state":
            return details[0], int(details[1]), details[2]
        if kind == "fault" or kind == "bond":
            return details[:2] if kind == "bond" else details[:1]
        return details[:1] if kind == "defeated" or kind == "violation" else details

    def _entry(self, entry: tuple[int, str]) -> int:
        return self.entries.setdefault(entry, len(self.entries))

    def says(self, rows: Iterable[Row]) -> list[Any]:
        told = [row for row in rows if worth_saying(row)][-SAYS:]
        stamp, found = self.stamp(), []
        for row in told:
            about, text, term = said(row)
            found.append([stamp(row[0]), row[1], [self.name(name) for name in about], text, term])
        return found

    # -- messages ------------------------------------------------------------------------------------------------

    def messages(self, sent: Iterable[Sent]) -> Told:
        stamp = self.stamp()
        columns: dict[str, list[Any]] = {"sent": [], "took": [], "src": [], "dst": [], "what": []}
        for _, time, arrival, src, dst, message in sent:
            columns["sent"].append(stamp(time))
            columns["took"].append(None if arrival is None else self.micros(arrival) - self.micros(time))
            columns["src"].append(self.name(src))
            columns["dst"].append(self.name(dst))
            good = getattr(message, "granted", getattr(message, "ok", None))
            text = message.brief()
            what = (kind_of(message), int(message.term), good, carried(message), text)
            columns["what"].append(self.what.setdefault(what, len(self.what)))
        return columns

    def fates(self, sent: Iterable[Sent], fates: Fates) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for place, one in enumerate(sent):
            if one[0] in fates:
                found.setdefault(fates[one[0]][0], []).append(place)
        return found

    def dropped(self, sent: Iterable[Sent], fates: Fates) -> list[list[int]]:
        found = []
        for place, one in enumerate(sent):
            fate, time = fates.get(one[0], ("", 0.0))
            if fate == "dropped" and time > one[1]:
                found.append([place, self.micros(time)])
        return found

    def late(self, sent: Iterable[Sent], rows: Iterable[Row]) -> list[list[int]]:
        place_of = {one[0]: place for place, one in enumerate(sent)}
        found = []
        for time, number, before, after in delays(rows):
            if number in place_of:
                found.append([place_of[number], *map(self.micros, (time, before, after))])
        return found
