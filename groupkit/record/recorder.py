"""What is remembered of a group's run: two plain lists, appended to by the world and read by everybody else.

The world appends bare tuples, because this is the hot path: a row costs about 150 bytes and 0.1 µs. Everything
that is comfortable (frames, plots, pictures) is made from them later, when somebody asks.
"""

from __future__ import annotations

import pickle
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any, NamedTuple

from groupkit.raft.messages import opened

Row = tuple[Any, ...]  # (time, kind, peer, *details), see ARCHITECTURE.md, "What the recorder keeps"
Sent = tuple[int, float, float | None, str, str, Any]  # (number, sent, arrival, source, destination, message)
Input = tuple[Any, ...]  # (events run before it, time, verb, *arguments)


class Waits(NamedTuple):
    """The election timer of one peer. ``times``: when it began anew and when it was to run out then, in turns (virtual
    seconds); ``factor``: how many times as long as others' its waits are."""

    factor: float
    times: array[float]


ROWS_KEPT = 1_000_000
MESSAGES_KEPT = 500_000


class Recorder:
    """The memory of one group: ``rows`` (what peers did), ``messages`` (what they sent), ``fates`` (what was lost).

    Bounded: past ``keep_rows`` rows or ``keep_messages`` messages the older half is let go of and counted in
    ``dropped_rows`` and ``dropped_messages``. ``meta`` is plain JSON data about the run (seed, peers, configuration).
    """

    __slots__ = (
        "__weakref__",
        "_clock",
        "_opened",
        "dropped_messages",
        "dropped_rows",
        "events",
        "fates",
        "inputs",
        "keep_messages",
        "keep_rows",
        "machine",
        "meta",
        "rows",
        "sent",
        "waits",
    )

    def __init__(
        self,
        clock: Callable[[], float],
        meta: dict[str, Any] | None = None,
        *,
        keep_rows: int = ROWS_KEPT,
        keep_messages: int = MESSAGES_KEPT,
        events: Callable[[], int] = int,
    ) -> None:
        self._clock = clock
        self.meta: dict[str, Any] = meta if meta is not None else {}
        self.rows: list[Row] = []
        self.sent: list[Sent] = []  # as the world appends them: the frequent messages flat
        self._opened = 0
        self.fates: dict[int, tuple[str, float]] = {}
        self.waits: dict[str, Waits] = {}  # of each peer, how its election timer ran
        self.inputs: list[Input] = []  # what came from outside: with the seed, the whole run
        self.machine: Any = None  # what makes a machine, while it is known; not written to files
        self.events = events  # how many events of the world have run
        self.dropped_rows = 0
        self.dropped_messages = 0
        self.keep_rows = keep_rows
        self.keep_messages = keep_messages

    def waits_of(self, peer: str, factor: float) -> Callable[[float], None]:
        """Where the election timer of ``peer`` is told: twice each time it begins anew, now and when it will run out.
        ``factor``: how many times as long as others' its waits are."""
        told = self.waits.setdefault(peer, Waits(factor, array("d")))
        return told.times.append

    def now(self) -> float:
        """The world's time in virtual seconds."""
        return self._clock()

    def stop(self) -> None:
        """The run is over: the world is not asked any more."""
        now, events = self._clock(), self.events()
        self._clock, self.events = lambda: now, lambda: events

    def __getstate__(self) -> dict[str, Any]:
        """As it stands now: a copy, or what is pickled, does not grow any more. What makes a machine may be a function
        that cannot be pickled; without it ``replay`` asks for one."""
        state = {name: getattr(self, name) for name in self.__slots__ if name not in ("__weakref__", "machine")}
        with suppress(Exception):
            pickle.dumps(self.machine)
            state["machine"] = self.machine
        return {**state, "_clock": self._clock(), "events": self.events()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        now, events = state["_clock"], state["events"]
        for name, value in {"machine": None, **state, "_clock": lambda: now, "events": lambda: events}.items():
            setattr(self, name, value)

    def __repr__(self) -> str:
        return f"<recorder of {self.count:,} rows and {len(self.sent) + self.dropped_messages:,} messages>"

    @property
    def count(self) -> int:
        """Rows ever written, those let go of included."""
        return self.dropped_rows + len(self.rows)

    def since(self, mark: int) -> tuple[int, list[Row]]:
        """The rows written after ``mark`` (a number this method returned; 0: all that is kept), and a new mark."""
        return self.count, self.rows[max(0, mark - self.dropped_rows) :]

    @property
    def messages(self) -> list[Sent]:
        """All that was sent and is kept, in order. Flat messages are opened when they are first looked at."""
        sent = self.sent
        for place in range(self._opened, len(sent)):
            row = sent[place]
            if type(row[5]) is tuple:
                sent[place] = (*row[:5], opened(row[5]))
        self._opened = len(sent)
        return sent

    def messages_since(self, mark: int) -> tuple[int, list[Sent]]:
        """The messages sent after ``mark``, and a new mark, as in ``since``."""
        messages = self.messages
        return self.dropped_messages + len(messages), messages[max(0, mark - self.dropped_messages) :]

    def trim(self) -> None:
        """Let go of the older half of a list that has outgrown its bound."""
        if len(self.rows) > self.keep_rows:
            from groupkit.record.standing import standing  # it needs the rows' meaning, which needs this module

            gone = len(self.rows) - self.keep_rows // 2
            kept = standing(self.rows[:gone], self.meta.get("peers", ()), self.rows[gone][0])
            self._trim_waits(self.rows[gone][0])
            self.rows[:gone] = kept  # what still holds is not forgotten
            self.dropped_rows += gone - len(kept)
        if len(self.sent) > self.keep_messages:
            gone = len(self.sent) - self.keep_messages // 2
            first_kept = self.sent[gone][0]
            self._trim_waits(self.sent[gone][1])
            del self.sent[:gone]
            self._opened = max(0, self._opened - gone)
            self.dropped_messages += gone
            for number in [n for n in self.fates if n < first_kept]:
                del self.fates[number]

    def _trim_waits(self, before: float) -> None:
        """Timers that began anew before ``before`` (virtual seconds) are forgotten, but for the newest of each peer."""
        for _, times in self.waits.values():
            del times[: 2 * max(0, bisect_left(times[::2], before) - 1)]


def kind_of(message: Any) -> str:
    """The kind of a message as frames and pictures name it: an append without entries is a heartbeat."""
    if message.kind == "append" and not message.entries:
        return "heartbeat"
    return str(message.kind)


def delays(rows: Iterable[Row]) -> Iterator[tuple[float, int, float, float]]:
    """Messages that were delayed on their way: when, number, arrival before and after (virtual seconds)."""
    for row in rows:
        if row[1] == "fault" and row[3] == "delay_message":
            _, _, number, _, before, after = row[4]
            yield row[0], number, before, after


CARRYING = {"append": "entries", "fetched": "entries", "forward": "commands"}


def carried(message: Any) -> int:
    """How many entries a message carries: of a log, or commands on their way to the leader's."""
    field = CARRYING.get(message.kind)
    return len(getattr(message, field)) if field else 0
