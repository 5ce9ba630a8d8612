"""What a picture still has to be told, cut from a group's recorder as plain lists that are cheap to send."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from groupkit.record.recorder import Recorder, Row, delays
from groupkit.record.telling import SENT, worth_saying
from groupkit.record.waits import newest_from, with_timers
from groupkit.record.wires import Wires
from groupkit_widgets.past import oldest
from groupkit_widgets.told import Base, Told, message_told, row_told, sentence_told, watched

if TYPE_CHECKING:
    from groupkit import Network

ROWS_AT_ONCE = 1500  # more than that in one frame: a fresh start is cheaper
ROWS_AT_START = 4000  # how far back a fresh picture can look
TIMERS_AT_START = 4000  # likewise, with its election timers
MESSAGES_AT_ONCE = 200
SENTENCES_AT_START = 150
SLOW = 0.1  # seconds of wall time: a message that takes longer can be pointed at, and is described


class Reel:
    """Reads one network's recorder. ``full()`` tells everything, ``delta()`` what is new since either.

    It holds neither the network nor its recorder: a picture keeps no cluster alive.
    """

    def __init__(self, network: Network, *, says: bool, messages: bool) -> None:
        network.recorder  # noqa: B018 - refuses a network without exactly one group, or without a record
        self._says = says
        self._messages = messages
        self._mark = self._message_mark = 0
        self._base: dict[str, Base] = {}
        self._base_mark = self._base_dropped = 0
        self._flying: dict[int, float] = {}  # number -> arrival, of what is on its way
        self._copies: set[int] = set()  # those of them that are told to be extra copies
        self._live: dict[str, tuple[Any, ...]] = {}
        self._base_wires: Wires | None = None
        self._wires = Wires([], [0.0, 0.0])
        self._told: tuple[Any, ...] = ()  # time, pace, paused, ended, random faults of the last frame that was sent

    def full(self, network: Network) -> Told:
        """Everything a fresh picture needs."""
        view, recorder = network.view(), network.recorder
        first = _first_shown(recorder, ROWS_AT_START)
        self._fold(recorder, first, sorted(view["peers"]))
        kept = recorder.rows[first - recorder.dropped_rows :]
        self._mark = recorder.count
        self._message_mark = recorder.dropped_messages + len(recorder.messages)
        self._live, self._flying, self._copies = {}, {}, set()
        wires = self._wires.told()
        since = kept[0][0] if kept else view["now"]
        timed = newest_from(recorder, view["now"], TIMERS_AT_START)
        timers = with_timers(kept, recorder, since, view["now"], watched(self._base))
        rows = [row for row in timers if row[1] != "timer" or row[0] >= timed]
        told = self._frame(recorder, view, rows, self._newest(network), fresh=True)
        told["k"] = "full"
        told["news"] = True
        told["meta"] = _meta(network, view)
        told["base"] = {name: base.plain() for name, base in self._base.items()}
        told["wires"] = wires
        told["since"] = since if kept and first else 0.0
        told["oldest"] = oldest(network)
        newest = recorder.messages[-MESSAGES_AT_ONCE:]
        told["mail"] = newest[0][1] if len(newest) == MESSAGES_AT_ONCE else 0.0
        return told

    def delta(self, network: Network) -> Told | None:
        """What is new, or None. ``news`` is false where only time has passed. Much, or other peers: as ``full()``."""
        view, recorder = network.view(wires=False), network.recorder
        self._mark, rows = recorder.since(self._mark)
        if len(rows) > ROWS_AT_ONCE or view["peers"].keys() != self._base.keys():
            return self.full(network)
        self._message_mark, sent = recorder.messages_since(self._message_mark)
        told = self._frame(recorder, view, rows, sent[-MESSAGES_AT_ONCE:], fresh=False)
        if len(sent) > MESSAGES_AT_ONCE:
            told["mail"] = sent[-MESSAGES_AT_ONCE][1]  # only from here on are the messages complete
        flags = (told["pace"], told["paused"], told["ended"], told["faults"])
        told["news"] = flags != self._told[1:] or any(told[part] for part in ("rows", "msgs", "fates", "says"))
        return told if told["news"] or told["t"] != self._told[0] else None

    def told(self, frame: Told) -> None:
        """``frame`` was sent."""
        self._told = (frame["t"], frame["pace"], frame["paused"], frame["ended"], frame["faults"])

    def _newest(self, network: Network) -> list[Any]:
        """The last messages, and those before them that are on their way still: one may have been delayed for long."""
        sent = network.recorder.messages if self._messages else []
        first = max(0, len(sent) - MESSAGES_AT_ONCE)
        flying = {one.number for one in network.in_flight()} if first else set()
        oldest = bisect_left(sent, min(flying), hi=first, key=lambda one: one[0]) if flying else first
        return [*(one for one in sent[oldest:first] if one[0] in flying), *sent[first:]]

    # -- inner workings ------------------------------------------------------------------------------------------

    def _fold(self, recorder: Recorder, until: int, names: list[str]) -> None:
        if recorder.dropped_rows != self._base_dropped:  # what was let go of is told anew, in a few rows
            self._base, self._base_wires = {}, None
            self._base_mark, self._base_dropped = 0, recorder.dropped_rows
        if self._base_wires is None or self._base_wires.peers != names:
            self._base_wires = Wires(names, recorder.meta["latency"])
        for name in names:
            if name not in self._base:
                self._base[name] = Base.unbonded(name, names)
        for row in recorder.rows[
            max(0, self._base_mark - recorder.dropped_rows) : max(0, until - recorder.dropped_rows)
        ]:
            if row[2] in self._base:
                self._base[row[2]].take(row)
            self._base_wires.take(row)
        self._base_mark = max(self._base_mark, until)
        self._wires = self._base_wires.copy()

    def _frame(self, recorder: Recorder, view: Told, rows: Iterable[Row], sent: Iterable[Any], *, fresh: bool) -> Told:
        rows = list(rows)
        pace = view["pace"]
        told = [row for row in rows if worth_saying(row)] if self._says else []
        return {
            "k": "delta",
            "t": round(view["now"], 6),
            "pace": -1 if math.isinf(pace) else pace,
            "paused": view["paused"],
            "ended": view["ended"],
            "faults": view["random_faults"],
            "rows": [*self._rows(rows), *self._news(view)],
            "msgs": self._posted(recorder, sent, view["now"], pace) if self._messages else [],
            "late": self._late(rows) if self._messages else [],
            "fates": self._fates(recorder, view["now"]),
            "says": [sentence_told(row) for row in (told[-SENTENCES_AT_START:] if fresh else told)],
        }

    def _rows(self, rows: Iterable[Row]) -> Iterator[list[Any]]:
        for row in rows:
            if row[1] in SENT or row[1] == "timer":
                yield row_told(row)
            if self._wires.take(row):
                yield [round(row[0], 6), "wires", None, self._wires.told()]

    def _news(self, view: Told) -> list[Any]:
        """What the recorder does not write down, where it has changed."""
        found: list[Any] = []
        now = round(view["now"], 6)
        for name, peer in view["peers"].items():
            was = self._live.get(name, (None, None, {}))
            is_now = (peer["timer"], peer["ballot"], peer["progress"])
            if was == is_now:
                continue
            self._live[name] = is_now
            for kind, before, after in zip(("timer", "ballot", "progress"), was, is_now):
                if before != after:
                    found.append([now, kind, name, _rounded(after) if kind == "timer" else after])
        return found

    def _posted(self, recorder: Recorder, sent: Iterable[Any], now: float, pace: float) -> list[Any]:
        found = []
        for one in sent:
            number, time, arrival = one[:3]
            fate = recorder.fates.get(number)
            found.append(message_told(one, arrival is None or (arrival - time) / pace > SLOW))
            if (fate is None or fate[0] == "duplicate") and arrival is not None and arrival > now:
                self._flying[number] = arrival
            elif fate is not None:
                self._flying[number] = -1.0
        return found

    def _late(self, rows: Iterable[Row]) -> list[list[Any]]:
        """Messages that were delayed on their way: [number, when, arrival before, arrival now]."""
        found = []
        for time, number, before, after in delays(rows):
            if number in self._flying:
                self._flying[number] = max(after, self._flying[number])
            found.append([number, time, before, after])
        return found

    def _fates(self, recorder: Recorder, now: float) -> list[Any]:
        found = []
        for number, arrival in list(self._flying.items()):
            fate = recorder.fates.get(number)
            copy = fate is not None and fate[0] == "duplicate"
            if fate is not None and not (copy and number in self._copies):
                found.append([number, *fate])
            if copy and arrival > now:  # more may be told of it: it may be lost as well
                self._copies.add(number)
            elif fate is not None or arrival <= now:
                del self._flying[number]
                self._copies.discard(number)
        return found


def _first_shown(recorder: Recorder, left: int) -> int:
    rows, place = recorder.rows, len(recorder.rows)
    while place and left:
        place -= 1
        left -= rows[place][1] in SENT
    return place + recorder.dropped_rows


def _rounded(timer: Sequence[float] | None) -> list[float] | None:
    return None if timer is None else [round(time, 4) for time in timer]


def _meta(network: Network, view: Told) -> Told:
    meta = network.recorder.meta
    return {
        "peers": sorted(view["peers"]),
        "voters": meta["voters"],
        "bonded": meta["quorum"] == "bonded",
        "rules": sorted(meta["rules"]),
        "seed": meta["seed"],
        "machine": meta["machine"],
        "latency": meta["latency"],
        "config": {name: value for name, value in meta["config"].items() if isinstance(value, int | float)},
    }
