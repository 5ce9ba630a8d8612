"""Ballots of a run: what each candidate had heard when, told between the rows, so that the past shows them as the
present does."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from heapq import heappop, heappush
from typing import Any, NamedTuple

from groupkit.record.recorder import Recorder, Row


class Ballot(NamedTuple):
    """An election as its candidate knows it."""

    term: int
    pre: bool
    granted: set[str]
    refused: set[str]

    def counts(self, reply: Any) -> bool:
        """Whether the candidate counts this answer: a refusal carries the term in which the voter is."""
        asked = self.term if reply.granted or not self.pre else self.term - 1
        return bool(reply.pre == self.pre and reply.term == asked and not reply.abstains)

    def heard(self) -> list[Any]:
        """[pre-vote?, who granted, who refused]"""
        return [self.pre, sorted(self.granted), sorted(self.refused)]


def with_ballots(rows: Iterable[Row], recorder: Recorder, end: float) -> Iterator[Row]:
    """``rows`` (in order, up to ``end``, virtual seconds), and between them ``(time, "ballot", peer, heard)`` where a
    candidate stood or an answer reached it: see ``Ballot.heard``.

    Messages are read only while somebody stands. An election whose answers the recorder may have let go of is left out.
    """
    count = _Count(recorder)
    for row in rows:
        yield from count.up_to(row[0])
        yield row
        yield from count.take(row)
    yield from count.up_to(end)


class _Count:
    """Whose ballots are open, and the answers on their way to them."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._open: dict[str, Ballot] = {}
        self._coming: list[tuple[float, int, str, str, Any]] = []  # a heap: arrival, number, voter, candidate, answer
        self._frozen: dict[str, list[tuple[str, Any]]] = {}  # what waits for their thaw
        self._place = 0  # in the recorder's messages: those before it have been looked at

    def take(self, row: Row) -> Iterator[Row]:
        """One more row."""
        time, kind, peer = row[:3]
        if kind == "election" and self._known(time):
            if not self._open:
                self._place = bisect_left(self._recorder.messages, time, lo=self._place, key=lambda one: one[1])
            ballot = self._open[peer] = Ballot(int(row[3]), row[4], {str(peer)}, set())
            yield time, "ballot", peer, ballot.heard()
        elif kind == "state" and row[3] != "candidate":
            self._open.pop(peer, None)
        elif kind == "fault" and row[3] == "freeze":
            self._frozen[peer] = []
        elif kind == "fault" and row[3] in ("thaw", "kill"):
            held = self._frozen.pop(peer, ())
            for voter, reply in held if row[3] == "thaw" else ():
                yield from self._hear(time, voter, peer, reply)

    def up_to(self, time: float) -> Iterator[Row]:
        """The answers that came up to and at ``time``."""
        if self._open:
            self._read(time)
        while self._coming and self._coming[0][0] <= time:
            arrival, _, voter, candidate, reply = heappop(self._coming)
            if candidate in self._frozen:
                self._frozen[candidate].append((voter, reply))
            else:
                yield from self._hear(arrival, voter, candidate, reply)

    def _hear(self, time: float, voter: str, candidate: str, reply: Any) -> Iterator[Row]:
        ballot = self._open.get(candidate)
        if ballot is not None and ballot.counts(reply):
            (ballot.granted if reply.granted else ballot.refused).add(str(voter))
            yield time, "ballot", candidate, ballot.heard()

    def _read(self, time: float) -> None:
        sent, fates = self._recorder.messages, self._recorder.fates
        while self._place < len(sent) and sent[self._place][1] <= time:
            number, _, arrival, voter, candidate, message = sent[self._place]
            self._place += 1
            if message.kind != "vote_reply" or arrival is None or candidate not in self._open:
                continue
            if fates.get(number, ("duplicate",))[0] == "duplicate":  # a copy comes like any other
                heappush(self._coming, (arrival, number, voter, candidate, message))

    def _known(self, time: float) -> bool:
        recorder = self._recorder
        return not recorder.dropped_messages or any(one[1] <= time for one in recorder.messages[:1])
